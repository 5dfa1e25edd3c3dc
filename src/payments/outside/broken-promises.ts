import type { CustomerScope } from '../../scope.ts';
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
