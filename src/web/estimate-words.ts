import type { Estimate } from '#src/documents/estimates.ts';
import { isPositive } from '#src/kernel/money.ts';
import { amount } from './formatting.ts';

/** What happens after an approval: a deposit that is still to be paid, the invoice, what is left on it. */
export function whatFollows(
  { deposit, depositPaid, total, invoice }: Estimate,
  merchant: string,
  language: string,
): string {
  if (invoice) return `Invoice ${invoice.number} was made of it.`;
  const show = (minor: number): string => amount({ ...total, minor }, language);
  const missing = deposit.minor - depositPaid.minor;
  if (missing > 0)
    return `A deposit of ${show(missing)} is due: ${merchant} tells you how to pay it. The invoice follows.`;
  if (!isPositive(depositPaid)) return `${merchant} sends you an invoice.`;
  const left = total.minor - depositPaid.minor;
  if (left <= 0) return `${merchant} sends you an invoice. What you paid covers all of it.`;
  return `${merchant} sends you an invoice. Your deposit pays ${show(depositPaid.minor)} of it, and ${show(left)} is left.`;
}
