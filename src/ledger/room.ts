import { refuse } from '../kernel/errors.ts';
import { type Money, money, toDecimal } from '../kernel/money.ts';
import type { CustomerScope } from '../scope.ts';
import { creditBalances } from './ledger.ts';

/*
 * How much an account can hold, so that whatever is added up over a customer's documents stays an exact number. It is asked before something
 * new is issued or becomes credit; what pays, gives back or takes back what is there need not ask.
 */

/** The most (minor units) that a customer's invoices, credit notes and credit balance come to, each, in one currency. */
const MOST_HELD = 4 * 10 ** 15;
/** From here on (minor units) an amount counts; of smaller ones, not even a million come near the rest of what is exact. */
const COUNTS_FROM = 10 ** 9;

/** Refuses `account_full` where the customer's documents of this kind would come to more than an account can hold. */
export async function assertRoomFor(
  scope: CustomerScope,
  documents: 'invoices' | 'credit_notes',
  { minor, currency }: Money,
): Promise<void> {
  if (minor < COUNTS_FROM) return;
  const { held } = await scope.db
    .from(documents)
    .select((eb) => eb.fn.sum<number | null>('total_minor').as('held'))
    .where('currency', '=', currency)
    .where('state', '=', 'issued')
    .where('total_minor', '>=', COUNTS_FROM)
    .executeTakeFirstOrThrow();
  assertHolds(Number(held ?? 0) + minor, currency);
}

/** Refuses `account_full` where the credit balance would come to more than an account can hold. */
export async function assertRoomForCredit(scope: CustomerScope, { minor, currency }: Money): Promise<void> {
  if (minor < COUNTS_FROM) return;
  const balance = (await creditBalances(scope)).get(currency) ?? 0;
  assertHolds(balance + minor, currency);
}

function assertHolds(minor: number, currency: string): void {
  if (minor <= MOST_HELD) return;
  refuse('account_full', { most: `${toDecimal(money(MOST_HELD, currency))} ${currency}` });
}
