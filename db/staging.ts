import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { CompiledQuery, type Kysely, type Transaction } from 'kysely';
import { refuse } from '#src/kernel/errors.ts';
import type { Store } from './open.ts';
import type { MerchantTable } from './ownership.ts';
import type { Database } from './schema.ts';

/*
 * Imports are written in many short transactions, so that others write between them, and are seen all at once. Until an import is kept its
 * rows name it, and no handle but its own finds them; keeping it changes one row. One that is given up, or whose process died, is taken back
 * as it was written: in short transactions that nobody sees.
 */

/** The tables that an import may write, what points to others first: in this order they are taken back. */
export const STAGED_TABLES = [
  'events',
  'postings',
  'journal',
  'payment_applications',
  'applied_rates',
  'lines',
  'payments',
  'credit_notes',
  'invoices',
  'contacts',
  'customers',
] as const satisfies readonly MerchantTable[];

export type StagedTable = (typeof STAGED_TABLES)[number];

/** An import under way, and the process that writes it. */
export interface OpenImport {
  readonly id: number;
  readonly holder: string;
}

const STAGED: ReadonlySet<string> = new Set(STAGED_TABLES);
const LEASE_MS = 60_000;
const RENEW_EVERY_MS = 15_000;
/** Others look for the write lock about this often: see dialects/turns.ts. */
const OTHERS_TURN_MS = 3;
const TAKEN_BACK_AT_ONCE = 200;
/** Imports of this process. */
const held = new Map<string, { renewAt: number }>();

export function isStaged(table: string): table is StagedTable {
  return STAGED.has(table);
}

/** Begins an import of a tenant; takes back what a dead one left. Refuses `import_under_way` while another one is written. */
export async function openImport(store: Store, tenantId: number, nowMs: number): Promise<OpenImport> {
  const before = await importUnderWay(store.kysely, tenantId);
  if (before && !isAbandoned(before)) refuse('import_under_way');
  if (before) await discardImport(store, tenantId, before);
  const holder = `${hostname()}:${process.pid}:${randomUUID()}`;
  const id = await store.transaction(
    async (tx) => {
      if (await importUnderWay(tx, tenantId)) refuse('import_under_way');
      const taken = await nextImportId(store, tx, tenantId);
      const marks = JSON.stringify(await greatestIds(tx, tenantId));
      const row = { tenant_id: tenantId, id: taken, state: 'open' as const, holder, began_at: nowMs };
      await tx
        .insertInto('imports')
        .values({ ...row, lease_until: Date.now() + LEASE_MS, after_ids: marks })
        .execute();
      return taken;
    },
    { tenant: tenantId },
  );
  held.set(holder, { renewAt: performance.now() + RENEW_EVERY_MS });
  return { id, holder };
}

/**
 * One of the transactions of an import. Refuses `import_ended` when the import was taken for dead meanwhile: what it would write now, nobody
 * would take back.
 */
export async function inImport<Answer>(
  store: Store,
  tenantId: number,
  open: OpenImport,
  work: (tx: Transaction<Database>) => Promise<Answer>,
): Promise<Answer> {
  await renewLease(store, tenantId, open);
  const answer = await store.transaction(
    async (tx) => {
      const own = await importUnderWay(tx, tenantId);
      if (own?.holder !== open.holder) refuse('import_ended');
      return work(tx);
    },
    { tenant: tenantId },
  );
  await sleep(OTHERS_TURN_MS);
  return answer;
}

/** From here on everybody sees all of it. */
export async function keepImport(
  store: Store,
  tenantId: number,
  open: OpenImport,
  nowMs: number,
): Promise<void> {
  await inImport(store, tenantId, open, (tx) =>
    tx
      .updateTable('imports')
      .set({ state: 'kept', kept_at: nowMs })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', open.id)
      .execute(),
  );
  held.delete(open.holder);
}

/** Takes back every row of an import, and then the import. */
export async function discardImport(
  store: Store,
  tenantId: number,
  { id, holder }: OpenImport,
): Promise<void> {
  const marks = await marksOf(store.kysely, tenantId, id);
  await withoutForeignKeys(store, async (bare) => {
    for (const table of STAGED_TABLES) {
      let after: number | undefined = marks[table] ?? 0;
      while ((after = await takeBackSome(bare, table, tenantId, id, after)) !== undefined)
        await sleep(OTHERS_TURN_MS);
    }
  });
  await store.transaction(
    (tx) => tx.deleteFrom('imports').where('tenant_id', '=', tenantId).where('id', '=', id).execute(),
    { tenant: tenantId },
  );
  held.delete(holder);
}

/** Takes back what imports left whose process died or fell silent. Answers how many there were. */
export async function discardAbandoned(store: Store): Promise<number> {
  const open = await store.kysely.selectFrom('imports').selectAll().where('state', '=', 'open').execute();
  const dead = open.filter(isAbandoned);
  for (const one of dead) await discardImport(store, one.tenant_id, one);
  return dead.length;
}

interface Lease {
  readonly holder: string;
  readonly lease_until: number;
}

/** Of a process of this machine one can say whether it lives; of others, that they did not renew their lease. */
function isAbandoned({ holder, lease_until }: Lease): boolean {
  const [host, pid] = holder.split(':');
  if (held.has(holder)) return false;
  if (host === hostname() && !isAlive(Number(pid))) return true;
  return lease_until < Date.now();
}

function isAlive(pid: number): boolean {
  // Whatever this process imports is known to it: an earlier one had the same number.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** By itself and not within the transaction: on PostgreSQL everybody's transactions read that row, and would collide. */
async function renewLease({ kysely }: Store, tenantId: number, { id, holder }: OpenImport): Promise<void> {
  const mine = held.get(holder);
  if (!mine || performance.now() < mine.renewAt) return;
  mine.renewAt = performance.now() + RENEW_EVERY_MS;
  await kysely
    .updateTable('imports')
    .set({ lease_until: Date.now() + LEASE_MS })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .execute();
}

function importUnderWay(db: Kysely<Database>, tenantId: number) {
  return db
    .selectFrom('imports')
    .select(['id', 'holder', 'lease_until'])
    .where('tenant_id', '=', tenantId)
    .where('state', '=', 'open')
    .executeTakeFirst();
}

/** Never one that was used before: rows of an import that was taken back must not pass for those of another. */
async function nextImportId({ engine }: Store, tx: Transaction<Database>, tenantId: number): Promise<number> {
  const query =
    engine === 'postgres'
      ? CompiledQuery.raw(`select nextval('imports_ids') as value`)
      : CompiledQuery.raw(
          `insert into counters (tenant_id, name, value) values (?, 'id:imports', 1)
            on conflict (tenant_id, name) do update set value = counters.value + 1 returning value`,
          [tenantId],
        );
  const { rows } = await tx.executeQuery<{ value: number }>(query);
  return Number(rows[0]!.value);
}

type Marks = Readonly<Partial<Record<StagedTable, number>>>;

/** What an import writes has greater ids: there its rows are looked for when they are taken back. */
async function greatestIds(tx: Transaction<Database>, tenantId: number): Promise<Marks> {
  const marks: Partial<Record<StagedTable, number>> = {};
  for (const table of STAGED_TABLES) {
    const column = idColumn(table);
    const text = `select coalesce(max(${column}), 0) as greatest from ${table} where tenant_id = ${tenantId}`;
    const { rows } = await tx.executeQuery<{ greatest: number }>(CompiledQuery.raw(text));
    marks[table] = Number(rows[0]!.greatest);
  }
  return marks;
}

async function marksOf(db: Kysely<Database>, tenantId: number, id: number): Promise<Marks> {
  const query = db.selectFrom('imports').select('after_ids').where('tenant_id', '=', tenantId);
  const row = await query.where('id', '=', id).executeTakeFirst();
  return row ? (JSON.parse(row.after_ids) as Marks) : {};
}

/** Takes back rows of a table whose ids come next after one. Answers the last id that it took back; undefined when there is none left. */
async function takeBackSome(
  bare: Store,
  table: StagedTable,
  tenantId: number,
  id: number,
  after: number,
): Promise<number | undefined> {
  const column = idColumn(table);
  const own = `tenant_id = ${tenantId} and import_id = ${id} and ${column} > ${after}`;
  return bare.transaction(
    async (tx) => {
      // The last id first: deleting "those among the next few" by a sub-select, PostgreSQL reads these few again for every row there is.
      const next = `select ${column} as id from ${table} where ${own} order by ${column} limit ${TAKEN_BACK_AT_ONCE}`;
      const last = CompiledQuery.raw(`select max(id) as last from (${next}) as next_rows`);
      const { rows } = await tx.executeQuery<{ last: number | null }>(last);
      const upTo = rows[0]!.last ?? undefined;
      if (upTo !== undefined)
        await tx.executeQuery(
          CompiledQuery.raw(`delete from ${table} where ${own} and ${column} <= ${upTo}`),
        );
      return upTo;
    },
    { tenant: tenantId },
  );
}

function idColumn(table: StagedTable): string {
  return table === 'postings' ? 'journal_id' : 'id';
}

/**
 * Nothing points to rows that nobody saw but rows of the same import, which go before them. SQLite would read whole tables to find that
 * out for each row, so it is not asked, on a connection of its own; PostgreSQL has indexes for it.
 */
async function withoutForeignKeys(store: Store, work: (bare: Store) => Promise<void>): Promise<void> {
  if (!store.file) return work(store);
  const { openStore } = await import('./open.ts');
  const bare = await openStore({ file: store.file.name });
  try {
    bare.file!.pragma('foreign_keys = off');
    await work(bare);
  } finally {
    await bare.close();
  }
}
