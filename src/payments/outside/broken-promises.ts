import { nowMs } from '../../kernel/time.ts';
import { recordEvent } from '../../outbox/events.ts';
import { customerScope, type CustomerScope, type MerchantScope, transact } from '../../scope.ts';
import type { OfflineMethod } from '../attempts/terms.ts';
import type { PaymentPromise } from './promises.ts';

/** An invoice that is still open although the day that was promised last is over. */
export interface BrokenPromise extends Pick<PaymentPromise, 'method' | 'expectedDate'> {
  readonly clientId: string;
  readonly number: string;
  readonly currency: string;
}

/** The promises that were not kept, of invoices that can still be paid and for which nothing newer was said. */
export async function brokenPromises(scope: CustomerScope): Promise<BrokenPromise[]> {
  const rows = await scope.db
    .from('promises')
    .innerJoin(scope.db.rows('invoices'), 'invoices.id', 'promises.invoice_id')
    .select(['promises.state', 'promises.method', 'promises.expected_date', 'promises.invoice_id'])
    .select(['invoices.client_id', 'invoices.number', 'invoices.currency'])
    .where('invoices.state', '=', 'issued')
    .where('invoices.closed', '=', 0)
    .whereRef('invoices.pending_minor', '<', 'invoices.balance_minor')
    .orderBy('promises.id', 'desc')
    .execute();
  const latest = [...Map.groupBy(rows, (row) => row.invoice_id).values()].map(([newest]) => newest!);
  return latest
    .filter(({ state }) => state === 'broken')
    .map((row) => ({
      method: row.method as OfflineMethod,
      expectedDate: row.expected_date,
      clientId: row.client_id,
      number: row.number,
      currency: row.currency,
    }));
}

/** Ids of the open promises whose day is over. */
export async function overduePromises({ db, clock }: MerchantScope, most: number): Promise<string[]> {
  const over = db.from('promises').select('id').where('breaks_at', '<=', nowMs(clock));
  return (await over.orderBy('breaks_at').limit(most).execute()).map(({ id }) => String(id));
}

/** Marks a promise whose day is over as broken. Answers whether it was. */
export function breakPromise(merchant: MerchantScope, id: string): Promise<boolean> {
  return transact(merchant, async (within) => {
    const over = await within.db
      .update('promises')
      .set({ state: 'broken', breaks_at: null })
      .where('id', '=', Number(id))
      .where('breaks_at', '<=', nowMs(within.clock))
      .returning(['customer_id', 'invoice_id', 'expected_date'])
      .executeTakeFirst();
    if (!over) return false;
    const { customer_id, invoice_id: invoiceId, expected_date: date } = over;
    await recordEvent(customerScope(within, customer_id), 'invoice.promise_broken', { invoiceId }, { date });
    return true;
  });
}
