import { refuse } from '../../kernel/errors.ts';
import { allocate, type Money, money, refuseAmount } from '../../kernel/money.ts';
import { sha256 } from '../../kernel/digest.ts';

/** One instalment of a plan that is being made. */
export interface NewInstallment {
  /** Civil date. */
  readonly date: string;
  /** Minor units, positive. */
  readonly minor: number;
}

/** How far instalments are apart. */
export type Spacing = 'day' | 'week' | 'month' | 'year';

/** What a schedule is computed from: how many instalments, or how much each. */
export type ScheduleWish = {
  /** Civil date of the first. */
  readonly first: string;
  readonly every: Spacing;
} & ({ readonly count: number } | { readonly minor: number });

/** The most instalments that a plan has. */
export const MOST_INSTALLMENTS = 120;

/**
 * Splits an amount into instalments that add up to it exactly: by a count, so that they differ by a minor unit at most, the larger ones first;
 * or by an amount, the last being the rest. The thirty-first becomes the last day of shorter months. Refuses `bad_amount` and `bad_input`.
 */
export function scheduleOf(total: Money, wish: ScheduleWish): NewInstallment[] {
  const minors = 'count' in wish ? evenly(total, wish.count) : by(total, wish.minor);
  const first = Temporal.PlainDate.from(wish.first);
  return minors.map((minor, i) => ({ date: first.add({ [`${wish.every}s`]: i }).toString(), minor }));
}

/** What a customer agrees to: changes with every date and amount. */
export function scheduleHash(currency: string, installments: readonly NewInstallment[]): string {
  return sha256([currency, ...installments.map(({ date, minor }) => `${date}=${minor}`)].join('|'));
}

function evenly(total: Money, count: number): number[] {
  if (!Number.isSafeInteger(count) || count < 1 || count > MOST_INSTALLMENTS || count > total.minor)
    refuse('bad_input', { count: `must be from 1 to ${Math.min(MOST_INSTALLMENTS, total.minor)}` });
  return allocate(
    total,
    Array.from({ length: count }, () => 1),
  ).map(({ minor }) => minor);
}

function by(total: Money, minor: number): number[] {
  if (!Number.isSafeInteger(minor) || minor <= 0) refuseAmount(minor, total.currency);
  const whole = Math.floor(total.minor / minor);
  const rest = money(total.minor - whole * minor, total.currency).minor;
  const count = whole + (rest > 0 ? 1 : 0);
  if (count > MOST_INSTALLMENTS)
    refuse('bad_input', { amount: `must make at most ${MOST_INSTALLMENTS} instalments` });
  return Array.from({ length: count }, (_, i) => (i < whole ? minor : rest));
}
