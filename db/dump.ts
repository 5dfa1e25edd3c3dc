import { closeSync, createReadStream, openSync, readFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { CompiledQuery, type Kysely, sql } from 'kysely';
import { refuse } from '#src/kernel/errors.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/all.ts';
import type { Store } from './open.ts';
import { type Database, schema, type TableName } from './schema.ts';
import { endSignIns } from './sign-ins.ts';

export interface RestoreOptions {
  /** Replace what is there. */
  readonly force: boolean;
  /** Epoch ms. */
  readonly nowMs: number;
}

/*
 * A PostgreSQL backup: JSON lines. The first names the format and the migrations, then come the rows table by table as
 * `["customers", {…}]`, then the sequences as `["", {"customers_ids": 12, …}]`, and at last `["end", <rows>]`.
 */

const FORMAT = 'billing-portal-dump-1';
const FETCH = 2000;
const TABLES = Object.keys(schema) as TableName[];

/** Writes every row of one repeatable-read snapshot to a new file. */
export async function dumpPostgres(store: Store, path: string): Promise<void> {
  const file = openSync(path, 'wx', 0o600);
  const write = (value: unknown): void => void writeSync(file, `${JSON.stringify(value)}\n`);
  try {
    write({ format: FORMAT, migrations: migrations.map(({ name }) => name) });
    let rows = 0;
    await store.kysely
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (tx) => {
        await run(tx, 'set local statement_timeout = 0');
        for (const table of TABLES) {
          await run(tx, `declare dump_rows cursor for select * from ${table}`);
          for (let batch = await fetchRows(tx); batch.length > 0; batch = await fetchRows(tx)) {
            for (const row of batch) write([table, row]);
            rows += batch.length;
          }
          await run(tx, 'close dump_rows');
        }
        write(['', await sequences(tx)]);
      });
    write(['end', rows]);
  } finally {
    closeSync(file);
  }
}

/** Loads a dump into a database in one transaction. Refuses `bad_backup` and, without force, `would_overwrite` when there are tenants. */
export async function loadPostgres(store: Store, path: string, options: RestoreOptions): Promise<number> {
  assertDump(path);
  await migrate(store, options.nowMs);
  return store.kysely.transaction().execute(async (tx) => {
    await run(tx, 'set local statement_timeout = 0');
    await run(tx, `lock table ${TABLES.join(', ')} in access exclusive mode`);
    const there = await tx.selectFrom('tenants').select('id').limit(1).executeTakeFirst();
    if (there && !options.force)
      refuse('would_overwrite', { path: 'A portal with tenants in that database' });
    // Rows come table by table, whatever points where; the keys are checked by the database again when they are back.
    const keys = await dropForeignKeys(tx);
    await run(tx, `truncate ${TABLES.join(', ')}`);
    await insertAll(tx, path);
    for (const key of keys) await run(tx, key);
    return endSignIns(tx, options.nowMs);
  });
}

function assertDump(path: string): void {
  const known = migrations.map(({ name }) => name);
  const header = readHeader(path);
  if (header?.format !== FORMAT)
    refuse('bad_backup', { path, reason: 'it is no dump of “portal db backup”' });
  if (JSON.stringify(header?.migrations) !== JSON.stringify(known)) {
    refuse('bad_backup', { path, reason: 'it was made by another version of the portal' });
  }
}

function readHeader(path: string): { format?: unknown; migrations?: unknown } | undefined {
  try {
    const [line = ''] = readFileSync(path, { encoding: 'utf8' }).split('\n', 1);
    const header: unknown = JSON.parse(line);
    return typeof header === 'object' && header !== null ? header : undefined;
  } catch {
    return undefined;
  }
}

async function insertAll(tx: Kysely<Database>, path: string): Promise<void> {
  let waiting: object[] = [];
  let current = '';
  let rows = 0;
  let isWhole = false;
  const flush = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    await sql`insert into ${sql.table(current)} select * from json_populate_recordset(null::${sql.table(current)}, ${JSON.stringify(batch)}::json)`.execute(
      tx,
    );
  };
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const entry: unknown = JSON.parse(line);
    if (!Array.isArray(entry)) continue;
    const [table, value]: unknown[] = entry;
    if (table !== current || waiting.length >= FETCH) await flush();
    current = String(table);
    if (table === 'end') isWhole = value === rows;
    else if (table === '') await setSequences(tx, value);
    else if (isTable(table) && typeof value === 'object' && value !== null)
      rows += waiting.push(value) > 0 ? 1 : 0;
    else refuse('bad_backup', { path, reason: 'it has rows of a table that is not known' });
  }
  if (!isWhole) refuse('bad_backup', { path, reason: 'its end is missing' });
}

function isTable(name: unknown): name is TableName {
  return typeof name === 'string' && Object.hasOwn(schema, name);
}

async function dropForeignKeys(tx: Kysely<Database>): Promise<string[]> {
  const { rows } = await sql<{ owner: string; name: string; definition: string }>`
    select conrelid::regclass::text as owner, conname as name, pg_get_constraintdef(oid) as definition
    from pg_constraint where contype = 'f' and connamespace = current_schema()::regnamespace
  `.execute(tx);
  for (const { owner, name } of rows) await run(tx, `alter table ${owner} drop constraint "${name}"`);
  return rows.map(
    ({ owner, name, definition }) => `alter table ${owner} add constraint "${name}" ${definition}`,
  );
}

async function sequences(tx: Kysely<Database>): Promise<Record<string, number>> {
  const { rows } = await sql<{ name: string; value: number }>`
    select sequencename::text as name, coalesce(last_value, 0) as value from pg_sequences where schemaname = current_schema()
  `.execute(tx);
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

async function setSequences(tx: Kysely<Database>, values: unknown): Promise<void> {
  for (const [name, value] of Object.entries(Object(values))) {
    if (typeof value !== 'number' || value < 1) continue;
    await sql`select setval(${name}::regclass, ${value})`.execute(tx);
  }
}

async function fetchRows(tx: Kysely<Database>): Promise<object[]> {
  const { rows } = await tx.executeQuery<object>(CompiledQuery.raw(`fetch ${FETCH} from dump_rows`));
  return rows;
}

async function run(tx: Kysely<Database>, text: string): Promise<void> {
  await tx.executeQuery(CompiledQuery.raw(text));
}
