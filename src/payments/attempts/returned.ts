import type { CustomerScope } from '../../scope.ts';
import { money, type Money } from '../../kernel/money.ts';

/** A debit of an open invoice that came back, where nothing was tried since. */
export interface ReturnedDebit {
  readonly attemptId: string;
  readonly invoiceId: number;
  readonly clientId: string;
  readonly number: string;
  /** What was asked for. */
  readonly amount: Money;
  /** Why, as a sentence. */
  readonly reason: string | undefined;
  /** When it was known, epoch ms. */
  readonly at: number;
}

/** The customer's own debits that their bank returned and whose invoices are still open, the newest first. */
export async function returnedDebits(scope: CustomerScope): Promise<ReturnedDebit[]> {
  const { db } = scope;
  const rows = await db
    .from('payment_attempts')
    .innerJoin(db.rows('attempt_allocations'), 'attempt_allocations.attempt_id', 'payment_attempts.id')
    .innerJoin(db.rows('invoices'), 'invoices.id', 'attempt_allocations.invoice_id')
    .select(['payment_attempts.id as attempt', 'payment_attempts.state', 'failure_code', 'failure_message'])
    .select(['payment_attempts.created_at', 'payment_attempts.settled_at', 'payment_attempts.currency'])
    .select(['attempt_allocations.amount_minor', 'invoices.id', 'invoices.client_id', 'invoices.number'])
    .where('payment_attempts.source', '=', 'portal')
    .where('invoices.balance_minor', '>', 0)
    .where('invoices.state', '=', 'issued')
    .where('invoices.closed', '=', 0)
    .orderBy('payment_attempts.created_at', 'desc')
    .orderBy('payment_attempts.id')
    .execute();
  const latest = [...Map.groupBy(rows, ({ id }) => id).values()].flatMap(([newest]) => newest ?? []);
  return latest
    .filter(({ state, failure_code: code }) => state === 'declined' && code === 'bank_debit_failed')
    .map((row) => ({
      attemptId: row.attempt,
      invoiceId: row.id,
      clientId: row.client_id,
      number: row.number,
      amount: money(row.amount_minor, row.currency),
      reason: row.failure_message ?? undefined,
      at: row.settled_at ?? row.created_at,
    }));
}
