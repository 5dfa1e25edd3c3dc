import type { ScopedRow } from '#db/scoped.ts';
import { type Money, money } from '../kernel/money.ts';

/** One instalment of a payment plan. */
export interface Installment {
  readonly id: number;
  /** From 1. */
  readonly position: number;
  /** Civil date. */
  readonly date: string;
  readonly amount: Money;
  readonly balance: Money;
  /** `due` today or earlier, and still open. */
  readonly state: 'paid' | 'due' | 'upcoming';
  /** How often it was tried to collect it. */
  readonly attempts: number;
}

export function installmentOf(row: ScopedRow<'installments'>, currency: string, today: string): Installment {
  const open = row.balance_minor > 0;
  return {
    id: row.id,
    position: row.position,
    date: row.date,
    amount: money(row.amount_minor, currency),
    balance: money(row.balance_minor, currency),
    state: open ? (row.date <= today ? 'due' : 'upcoming') : 'paid',
    attempts: row.attempt_count,
  };
}
