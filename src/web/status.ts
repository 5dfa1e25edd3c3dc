import type { Status } from '#src/components/models.ts';
import type { InvoiceSummary } from '#src/documents/invoices.ts';
import { longDate } from '#src/kernel/format.ts';

/** How an invoice stands, in the words of its badge. */
export function invoiceBadge(invoice: InvoiceSummary): Status {
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
      return isPartPaid(invoice) ? { tone: 'warn', label: 'Partly paid' } : { tone: 'warn', label: 'Open' };
    default:
      return { tone: 'plain', label: invoice.status };
  }
}

/** The line under an invoice's amount: when it is due, or that nothing is left. */
export function dueNote(invoice: InvoiceSummary, language: string): string {
  if (invoice.status === 'paid') return 'is paid. Thank you.';
  if (invoice.status === 'processing') return 'is on its way';
  if (invoice.dueDate === undefined) return 'is due now';
  const date = longDate(invoice.dueDate, language);
  return invoice.status === 'past_due' ? `was due on ${date}` : `is due on ${date}`;
}

function isPartPaid(invoice: InvoiceSummary): boolean {
  return invoice.balance.minor < invoice.total.minor;
}
