import { minorDigits } from '../kernel/money.ts';

/** What Stripe charges is a multiple of so many minor units: the third decimal of a currency that has three must be 0. */
export function stripeStep(currency: string): number {
  return minorDigits(currency) === 3 ? 10 : 1;
}
