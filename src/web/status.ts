import type { Status } from '#src/components/models.ts';
import type { PlannedDue } from '#src/documents/due.ts';
import type { InvoiceSummary } from '#src/documents/invoices.ts';
import { longDate } from '#src/kernel/format.ts';
import { amount } from './formatting.ts';
import { isPositive } from '#src/kernel/money.ts';

/** How an invoice stands, in the words of its badge; `expected` is the day on which its money was promised, as it is shown. */
export function invoiceBadge(invoice: InvoiceSummary, expected?: string | undefined): Status {
  if (invoice.status === 'payment_plan') return planBadge(invoice, expected);
  if (expected !== undefined && invoice.payable) return { tone: 'calm', label: `Expected ${expected}` };
  switch (invoice.status) {
    case 'paid':
      return { tone: 'good', label: 'Paid' };
    case 'processing':
      return { tone: 'calm', label: 'Processing' };
    case 'past_due':
      return { tone: 'bad', label: lateText(invoice.daysLate) };
    case 'bad_debt':
      return { tone: 'plain', label: 'Closed' };
    case 'open':
      if (isPositive(invoice.pending)) return { tone: 'calm', label: 'Part on its way' };
      return { tone: 'calm', label: isPartPaid(invoice) ? 'Partly paid' : 'Open' };
    default:
      return { tone: 'plain', label: invoice.status };
  }
}

/** It is paid by an agreed plan: that, and what of it somebody should know. */
function planBadge({ daysLate, pending }: InvoiceSummary, expected: string | undefined): Status {
  if (expected !== undefined) return { tone: 'calm', label: `Payment plan, expected ${expected}` };
  if (daysLate > 0) return { tone: 'bad', label: `Payment plan, ${lateText(daysLate)}` };
  return { tone: 'calm', label: isPositive(pending) ? 'Payment plan, part on its way' : 'Payment plan' };
}

function lateText(days: number): string {
  return days === 1 ? '1 day late' : `${days} days late`;
}

/** The line under an invoice's amount: when it is due, or that nothing is left. With an agreed plan a part of it is due before the rest. */
export function dueNote(invoice: InvoiceSummary, language: string): string {
  if (invoice.status === 'paid') return 'is paid. Thank you.';
  if (invoice.status === 'processing') return 'is on its way';
  const { planned } = invoice;
  if (planned) {
    const when = `due on ${longDate(planned.date, language)}`;
    return `${amount(planned.amount, language)} of it ${isPositive(planned.late) ? 'was' : 'is'} ${when}`;
  }
  if (invoice.dueDate === undefined) return 'is due now';
  const date = longDate(invoice.dueDate, language);
  return invoice.status === 'past_due' ? `was due on ${date}` : `is due on ${date}`;
}

/** What is to be paid next: `Instalment 2 of 3, due on 25 December 2026`, `Instalments 1–2 of 3, past due since 25 November 2026`. */
export function installmentText(
  { date: day, position, last, of, late }: PlannedDue,
  language: string,
): string {
  const date = longDate(day, language);
  const which = last > position ? `Instalments ${position}–${last}` : `Instalment ${position}`;
  return `${which} of ${of}, ${isPositive(late) ? 'past due since' : 'due on'} ${date}`;
}

function isPartPaid(invoice: InvoiceSummary): boolean {
  return invoice.balance.minor < invoice.total.minor;
}
