import type { Status } from '#src/components/models.ts';
import type { PlannedDue } from '#src/documents/due.ts';
import type { InvoiceSummary } from '#src/documents/invoices.ts';
import { longDate } from '#src/kernel/format.ts';
import { amount } from './formatting.ts';
import { isPositive } from '#src/kernel/money.ts';

/** How an invoice stands, in the words of its badge; `expected` is the day on which its money was promised, as it is shown. */
export function invoiceBadge(invoice: InvoiceSummary, expected?: string | undefined): Status {
  if (expected !== undefined && invoice.payable) return { tone: 'calm', label: `Expected ${expected}` };
  switch (invoice.status) {
    case 'paid':
      return { tone: 'good', label: 'Paid' };
    case 'processing':
      return { tone: 'calm', label: 'Processing' };
    case 'past_due':
      return { tone: 'bad', label: invoice.daysLate === 1 ? '1 day late' : `${invoice.daysLate} days late` };
    case 'bad_debt':
      return { tone: 'plain', label: 'Closed' };
    case 'open':
      if (isPositive(invoice.pending)) return { tone: 'calm', label: 'Part on its way' };
      return isPartPaid(invoice) ? { tone: 'warn', label: 'Partly paid' } : { tone: 'warn', label: 'Open' };
    default:
      return { tone: 'plain', label: invoice.status };
  }
}

/**
 * The line under an invoice's amount: when it is due, or that nothing is left. With a running payment plan (`planned`) a part of it is due
 * before the rest.
 */
export function dueNote(invoice: InvoiceSummary, language: string, planned?: PlannedDue | undefined): string {
  if (invoice.status === 'paid') return 'is paid. Thank you.';
  if (invoice.status === 'processing') return 'is on its way';
  if (planned) {
    const when = `due on ${longDate(planned.date, language)}`;
    return `${amount(planned.amount, language)} of it ${planned.isLate ? 'was' : 'is'} ${when}`;
  }
  if (invoice.dueDate === undefined) return 'is due now';
  const date = longDate(invoice.dueDate, language);
  return invoice.status === 'past_due' ? `was due on ${date}` : `is due on ${date}`;
}

function isPartPaid(invoice: InvoiceSummary): boolean {
  return invoice.balance.minor < invoice.total.minor;
}
