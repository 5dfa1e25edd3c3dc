import type { MerchantScope } from '../scope.ts';

/*
 * The book of the work in the background: a row for each item of a job that is being worked on, failed, or was given up. Its moments are epoch ms of the
 * installation, whatever a tenant's test clock says.
 */

/** An item of a job: of `mail`, a row of the outbox. */
export interface JobItem {
  /** The job's name. */
  readonly name: string;
  readonly item: string;
}

/** How long (ms) a process has an item without renewing its lease. */
export const LEASE_MS = 60_000;

/** A lease is known by its token. */
export interface Lease extends JobItem {
  readonly token: string;
}

/**
 * Takes an item, at a moment, for as long as a lease lasts. Answers how often it was tried, this time included; undefined while somebody else has it, it waits
 * for its next try, or it was given up.
 */
export async function takeItem(
  { db }: MerchantScope,
  { name, item, token }: Lease,
  about: string | undefined,
  now: number,
): Promise<number | undefined> {
  const row = { name, item, about: about ?? null, state: 'alive' as const, created_at: now, updated_at: now };
  const held_until = now + LEASE_MS;
  if (await db.insertNew('jobs', { ...row, token, held_until, tries: 1 })) return 1;
  const taken = await db
    .update('jobs')
    .set((eb) => ({ token, held_until, tries: eb('tries', '+', 1), updated_at: now }))
    .where('name', '=', name)
    .where('item', '=', item)
    .where('state', '=', 'alive')
    .where((eb) => eb.or([eb('held_until', 'is', null), eb('held_until', '<=', now)]))
    .returning('tries')
    .executeTakeFirst();
  return taken?.tries;
}

/** Renews a lease. False when it is not ours any more. */
export async function renewLease({ db }: MerchantScope, lease: Lease, now: number): Promise<boolean> {
  const { numUpdatedRows } = await ofLease(db, lease)
    .set({ held_until: now + LEASE_MS, updated_at: now })
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** The item is done with: nothing of it stays in the book, not even that it had been given up meanwhile. */
export async function finishItem({ db }: MerchantScope, { name, item, token }: Lease): Promise<void> {
  await db
    .remove('jobs')
    .where('name', '=', name)
    .where('item', '=', item)
    .where((eb) => eb.or([eb('token', '=', token), eb('state', '=', 'dead')]))
    .execute();
}

/** Gives the item back untouched: this was no try. */
export async function returnItem({ db }: MerchantScope, lease: Lease, now: number): Promise<void> {
  await ofLease(db, lease)
    .set((eb) => ({ token: null, held_until: null, tries: eb('tries', '-', 1), updated_at: now }))
    .execute();
}

/** What is written of a try that failed. */
export interface Failure {
  /** A sentence. */
  readonly error: string;
  readonly nextAt: number;
  /** Whether the item is kept from being found until then by the book alone. */
  readonly isKept: boolean;
}

/** The item is tried again later. */
export async function postponeItem({ db }: MerchantScope, lease: Lease, failure: Failure, now: number) {
  const { error, nextAt, isKept } = failure;
  await ofLease(db, lease)
    .set({ token: null, held_until: isKept ? nextAt : null, next_at: nextAt, error, updated_at: now })
    .execute();
}

/** The item is not tried again unless the operator asks for it. Answers whether the lease was still ours. */
export async function buryItem(
  { db }: MerchantScope,
  lease: Lease,
  { error, isKept }: Omit<Failure, 'nextAt'>,
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await ofLease(db, lease)
    .set({
      state: 'dead',
      token: null,
      held_until: isKept ? FOR_EVER : null,
      next_at: null,
      error,
      updated_at: now,
    })
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** The items of a job that must not be taken at a moment. */
export async function itemsKept({ db }: MerchantScope, name: string, now: number): Promise<Set<string>> {
  const rows = await db
    .from('jobs')
    .select('item')
    .where('name', '=', name)
    .where('held_until', '>', now)
    .execute();
  return new Set(rows.map(({ item }) => item));
}

const FOR_EVER = Number.MAX_SAFE_INTEGER;

function ofLease(db: MerchantScope['db'], { name, item, token }: Lease) {
  return db.update('jobs').where('name', '=', name).where('item', '=', item).where('token', '=', token);
}
