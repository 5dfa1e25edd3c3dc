import type { MerchantDb } from '#db/scoped.ts';
import { nowMs } from '../../kernel/time.ts';
import type { CustomerScope, MerchantScope } from '../../scope.ts';

/* What is due to be collected, found by `collect_at` and its index: it costs as much as is due, however much is open. */

const READ_AT_ONCE = 1_000;

/** Ids of what is due, so many at once: `collect_at` finds them by its index. */
export async function dueIds(
  { db }: CustomerScope | MerchantScope,
  table: 'invoices' | 'installments',
  until: number,
): Promise<ReadonlyArray<readonly number[]>> {
  // Selects are alike on both handles, and the two tables have these columns in common.
  const query = (db as MerchantDb)
    .from(table as 'invoices')
    .select('id')
    .where('collect_at', '<=', until);
  const ids = (await query.execute()).map(({ id }) => id);
  return Array.from({ length: Math.ceil(ids.length / READ_AT_ONCE) }, (_, i) =>
    ids.slice(i * READ_AT_ONCE, (i + 1) * READ_AT_ONCE),
  );
}

/** Ids of the merchant's customers whom something is due of now, the longest waiting first, at most so many: read from an index alone. */
export async function customersDue({ db, clock }: MerchantScope, most: number): Promise<number[]> {
  const now = nowMs(clock);
  const waiting = await Promise.all(
    (['invoices', 'installments'] as const).map((table) =>
      db
        .from(table as 'invoices')
        .select((eb) => ['customer_id', eb.fn.min<number>('collect_at').as('at')])
        .where('collect_at', '<=', now)
        .groupBy('customer_id')
        .orderBy('at')
        .orderBy('customer_id')
        .limit(most)
        .execute(),
    ),
  );
  const rows = waiting.flat().toSorted((a, b) => a.at - b.at || a.customer_id - b.customer_id);
  return [...new Set(rows.map((row) => row.customer_id))].slice(0, most);
}
