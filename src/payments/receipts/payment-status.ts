import type { ScopedRow } from '#db/scoped.ts';

/** How a payment stands, as people speak of it. */
export type PaymentStatus =
  'pending' | 'paid' | 'failed' | 'voided' | 'disputed' | 'refunded' | 'part_refunded';

type StatusFacts = Pick<
  ScopedRow<'payments'>,
  'state' | 'disputed' | 'refunded_minor' | 'amount_minor' | 'fee_minor'
>;

/** What of all that happened to a payment matters most. */
export function paymentStatus(row: StatusFacts): PaymentStatus {
  if (row.state !== 'succeeded') return row.state;
  if (row.disputed) return 'disputed';
  if (row.refunded_minor === 0) return 'paid';
  return row.refunded_minor < row.amount_minor + row.fee_minor ? 'part_refunded' : 'refunded';
}
