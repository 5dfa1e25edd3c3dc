import type { ScopedRow } from '#db/scoped.ts';

/** What people call the ways to pay. */
export const METHOD_NAMES: Readonly<Record<ScopedRow<'payments'>['method'], string>> = {
  ach: 'Bank debit (ACH)',
  cash: 'Cash',
  check: 'Check',
  credit_card: 'Card',
  direct_debit: 'Direct debit',
  eft: 'Electronic transfer',
  other: 'Other',
  paypal: 'PayPal',
  wire_transfer: 'Bank transfer',
};
