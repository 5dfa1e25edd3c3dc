import { refuse } from '../../kernel/errors.ts';
import {
  boundOf,
  compare,
  formatMoney,
  type Money,
  money,
  most,
  subtract,
  zero,
} from '../../kernel/money.ts';
import { startOfDayMs, todayIn } from '../../kernel/time.ts';
import type { CustomerScope } from '../../scope.ts';
import type { Collection } from './collections.ts';

/** More tries than that of one invoice or instalment are no retries any more. */
const MOST_ATTEMPTS = 20;

/** Refuses `autopay_too_often`. */
export function assertFewTries({ attempt, number }: Collection): void {
  if (attempt > MOST_ATTEMPTS) refuse('autopay_too_often', { number, most: MOST_ATTEMPTS });
}

/** What is more than a whole day's limit is never taken by itself. Refuses `autopay_above_limit`. */
export function assertBelowLimit(scope: CustomerScope, number: string, wanted: Money): void {
  const limit = mostADay(scope, wanted.currency);
  if (!limit || compare(wanted, limit) <= 0) return;
  const show = (amount: Money): string => formatMoney(amount, scope.tenant.language);
  refuse('autopay_above_limit', { number, amount: show(wanted), limit: show(limit) });
}

/** The most that may be taken by itself from a customer on one day, fees included; undefined where there is no limit. */
export function mostADay({ settings }: CustomerScope, currency: string): Money | undefined {
  const text = settings['autopay.daily_limit'];
  return text === '' ? undefined : boundOf(text, currency, 'down');
}

/** What may still be taken today; undefined where there is no limit. */
export async function leftToday(scope: CustomerScope, currency: string): Promise<Money | undefined> {
  const limit = mostADay(scope, currency);
  return limit && most(subtract(limit, await takenToday(scope, currency)), zero(currency));
}

/** What was taken by itself from this customer since the day began, or may still turn out to have been. */
async function takenToday(scope: CustomerScope, currency: string): Promise<Money> {
  const today = todayIn(scope.clock, scope.tenant.timeZone).toString();
  const { amounts, fees } = await scope.db
    .from('payment_attempts')
    .select((eb) => [
      eb.fn.sum<number | null>('amount_minor').as('amounts'),
      eb.fn.sum<number | null>('fee_minor').as('fees'),
    ])
    .where('source', 'in', ['autopay', 'installment'])
    .where('currency', '=', currency)
    .where('state', 'not in', ['declined', 'abandoned', 'parked'])
    .where('created_at', '>=', startOfDayMs(today, scope.tenant.timeZone))
    .executeTakeFirstOrThrow();
  return money(Number(amounts ?? 0) + Number(fees ?? 0), currency);
}
