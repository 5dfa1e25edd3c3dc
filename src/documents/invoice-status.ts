/** What an invoice is, as people speak of it. */
export type InvoiceStatus =
  'draft' | 'open' | 'past_due' | 'payment_plan' | 'processing' | 'paid' | 'bad_debt' | 'voided';

/** The facts that a status follows from. Dates are civil `YYYY-MM-DD`; amounts minor units. */
export interface StatusFacts {
  readonly state: 'draft' | 'issued' | 'voided';
  readonly closed: 0 | 1;
  readonly balance_minor: number;
  readonly pending_minor: number;
  readonly due_date: string | null;
}

/**
 * An invoice is late from the day after its due date, counted in the tenant's time zone. One with a payment plan that was agreed (`isPlanned`) is
 * due by its instalments, late or not.
 */
export function statusOf(invoice: StatusFacts, today: string, isPlanned: boolean): InvoiceStatus {
  if (invoice.state !== 'issued') return invoice.state;
  if (invoice.balance_minor === 0) return 'paid';
  if (invoice.closed) return 'bad_debt';
  if (invoice.pending_minor >= invoice.balance_minor) return 'processing';
  if (isPlanned) return 'payment_plan';
  return invoice.due_date !== null && invoice.due_date < today ? 'past_due' : 'open';
}
