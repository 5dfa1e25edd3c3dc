import { refuse } from '../kernel/errors.ts';
import type { MerchantScope } from '../scope.ts';
import type { JobItem } from './leases.ts';

/** Work that failed: it is tried again by itself, or was given up. */
export interface FailedItem extends JobItem {
  /** What it is about, where the item alone does not say. */
  readonly about: string | undefined;
  readonly state: 'waiting' | 'given up';
  readonly tries: number;
  /** A sentence. */
  readonly error: string;
  /** Epoch ms of the next try; undefined for what was given up. */
  readonly nextAt: number | undefined;
  /** Epoch ms of the first try. */
  readonly since: number;
}

/** What failed of the tenant's work in the background, the newest first. */
export async function listFailed(
  { db }: MerchantScope,
  { limit }: { readonly limit?: number | undefined } = {},
): Promise<FailedItem[]> {
  const all = db
    .from('jobs')
    .selectAll()
    .where('error', 'is not', null)
    .orderBy('updated_at', 'desc')
    .orderBy('name')
    .orderBy('item');
  const rows = await (limit === undefined ? all : all.limit(limit)).execute();
  return rows.map((row) => ({
    name: row.name,
    item: row.item,
    about: row.about ?? undefined,
    state: row.state === 'dead' ? 'given up' : 'waiting',
    tries: row.tries,
    error: row.error ?? '',
    nextAt: row.next_at ?? undefined,
    since: row.created_at,
  }));
}

/** Lets what failed be tried again from now on, as if for the first time, in the caller's transaction. Refuses `unknown_job`. */
export async function reviveItem(within: MerchantScope, { name, item }: JobItem, now: number): Promise<void> {
  const { numUpdatedRows } = await within.db
    .update('jobs')
    .set({ state: 'alive', tries: 0, held_until: null, next_at: now, updated_at: now })
    .where('name', '=', name)
    .where('item', '=', item)
    .where('token', 'is', null)
    .where('error', 'is not', null)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) refuse('unknown_job', { job: name, item, tenant: within.tenant.username });
}
