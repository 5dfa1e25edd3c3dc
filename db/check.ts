import { CompiledQuery, type Kysely, sql } from 'kysely';
import { checkFirstMoments } from './collection-invariants.ts';
import type { CheckResult, InvariantCheck } from './invariant.ts';
import { CHECKS } from './invariants.ts';
import type { Store } from './open.ts';
import { ownership } from './ownership.ts';
import { type Database, schema, type TableName } from './schema.ts';

/**
 * Verifies every money invariant, and the database itself, from what is stored alone: none of it uses the code that wrote. It reads one
 * consistent snapshot, and may run while the portal serves.
 */
export async function checkDatabase(store: Store): Promise<CheckResult[]> {
  const results = await snapshot(store, async (db) => {
    const found: CheckResult[] = [];
    for (const check of CHECKS) found.push(await runCheck(db, check));
    return [...found, await checkFirstMoments(db)];
  });
  const integrity = store.engine === 'sqlite' ? await sqliteIntegrity(store) : [];
  return [...results, ...integrity, ...(await tenantsExist(store))];
}

type Reader = Pick<Kysely<Database>, 'executeQuery'>;

async function runCheck(db: Reader, check: InvariantCheck): Promise<CheckResult> {
  const { rows: counts } = await db.executeQuery<{ n: number }>(raw(check.count));
  const { rows } = await db.executeQuery<Record<string, unknown>>(raw(check.violations));
  const violations = rows.map((row) =>
    Object.entries(row)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(', '),
  );
  return { name: check.name, promise: check.promise, checked: Number(counts[0]?.n ?? 0), violations };
}

/** One read transaction over all checks: a payment that settles meanwhile is seen whole or not at all. */
function snapshot<Answer>(store: Store, work: (db: Reader) => Promise<Answer>): Promise<Answer> {
  if (store.engine === 'postgres') {
    return store.kysely
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (tx) => {
        await tx.executeQuery(raw('set local statement_timeout = 0'));
        return work(tx);
      });
  }
  return store.kysely.connection().execute(async (connection) => {
    await connection.executeQuery(raw('begin'));
    try {
      return await work(connection);
    } finally {
      await connection.executeQuery(raw('rollback'));
    }
  });
}

async function sqliteIntegrity(store: Store): Promise<CheckResult[]> {
  const tables = Object.keys(schema).length;
  const { rows: references } = await store.kysely.executeQuery<{
    table: string;
    rowid: number;
    parent: string;
  }>(raw('pragma foreign_key_check'));
  const { rows: integrity } = await store.kysely.executeQuery<{ integrity_check: string }>(
    raw('pragma integrity_check'),
  );
  return [
    {
      name: 'foreign_keys',
      promise: 'Every reference points to a row that exists, within its own tenant',
      checked: tables,
      violations: references.map((row) => `${row.table} row ${row.rowid} points to no row of ${row.parent}`),
    },
    {
      name: 'file_integrity',
      promise:
        'The database file is sound: pages, indexes, unique keys and constraints (SQLite integrity_check)',
      checked: tables,
      violations: integrity.map((row) => row.integrity_check).filter((text) => text !== 'ok'),
    },
  ];
}

/** Tables of a tenant do not refer to `tenants` (it may live in another database), so the database itself does not see to this. */
async function tenantsExist(store: Store): Promise<CheckResult[]> {
  const tables = (Object.keys(ownership) as TableName[]).filter((table) => ownership[table] !== 'directory');
  const violations: string[] = [];
  for (const table of tables) {
    const { rows } = await sql<{ tenant_id: number }>`
      select distinct tenant_id from ${sql.table(table)} where tenant_id not in (select id from tenants)
    `.execute(store.kysely);
    violations.push(
      ...rows.map((row) => `${table} has rows of tenant ${row.tenant_id}, which does not exist`),
    );
  }
  const promise = 'Every row belongs to a tenant that exists';
  return [{ name: 'tenants_exist', promise, checked: tables.length, violations }];
}

function raw(text: string): CompiledQuery {
  return CompiledQuery.raw(text);
}
