import { refuse } from '../../kernel/errors.ts';
import { add, boundOf, compare, formatMoney, type Money, money } from '../../kernel/money.ts';
import { startOfDayMs, todayIn } from '../../kernel/time.ts';
import type { CustomerScope } from '../../scope.ts';
import type { Intent } from '../attempts/attempt.ts';
import type { Collection } from './collections.ts';

/** More tries than that of one invoice or instalment are no retries any more. */
const MOST_ATTEMPTS = 20;

/** Refuses `autopay_too_often`, `autopay_above_limit` and `autopay_day_full`. */
export async function assertWithinBounds(
  scope: CustomerScope,
  due: Collection,
  intent: Intent,
): Promise<void> {
  if (due.attempt > MOST_ATTEMPTS) refuse('autopay_too_often', { number: due.number, most: MOST_ATTEMPTS });
  const limit = dailyLimit(scope, intent.total.currency);
  if (!limit) return;
  const wanted = add(intent.total, money(intent.feeMinor, limit.currency));
  assertBelowLimit(scope, due.number, wanted);
  if (compare(add(await takenToday(scope, limit.currency), wanted), limit) > 0)
    refuse('autopay_day_full', { limit: formatMoney(limit, scope.tenant.language) });
}

/** What is more than a whole day's limit is never taken by itself. Refuses `autopay_above_limit`. */
export function assertBelowLimit(scope: CustomerScope, number: string, wanted: Money): void {
  const limit = dailyLimit(scope, wanted.currency);
  if (!limit || compare(wanted, limit) <= 0) return;
  const show = (amount: Money): string => formatMoney(amount, scope.tenant.language);
  refuse('autopay_above_limit', { number, amount: show(wanted), limit: show(limit) });
}

function dailyLimit({ settings }: CustomerScope, currency: string): Money | undefined {
  const text = settings['autopay.daily_limit'];
  return text === '' ? undefined : boundOf(text, currency, 'down');
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
