import type BetterSqlite from 'better-sqlite3';
import { CompiledQuery, Kysely, sql, type Transaction } from 'kysely';
import type { Pool } from 'pg';
import { refuse } from '#src/kernel/errors.ts';
import type { Lane } from './dialects/lanes.ts';
import type { Waiting } from './dialects/turns.ts';
import type { Engine } from './migrations/migration.ts';
import type { Database } from './schema.ts';
import { throwUnusable } from './unusable.ts';

const SERIALIZATION_TRIES = 12;
/** The first key of the advisory locks on tenants' lanes: nothing else of ours takes such locks. */
const TENANT_LOCKS = 7_301_855;
/** The lock of a customer's lane is one number, with the tenant's in its upper half. */
const CUSTOMERS_OF_A_TENANT = 2n ** 40n;
const CONNECTIONS = 10;
/** How long (ms) work waits for its lane, within the process and between processes each, until it is refused. */
const LANE_PATIENCE_MS = 10_000;
/** SQLSTATE of a lock that was not to be had in time. */
const LOCK_TIMEOUT = '55P03';
/** Every table, not only those that this connection has read. */
const OPTIMIZE_ALL = 'pragma optimize = 0x10002';

/** The open database of one process. Only the ground floor and the composition root hold it; everybody else gets a scoped handle. */
export interface Store {
  readonly engine: Engine;
  readonly kysely: Kysely<Database>;
  /** The SQLite connection itself, for lucia's adapter and for backups; absent on PostgreSQL. */
  readonly file?: BetterSqlite.Database;
  readonly pool?: Pool;
  /**
   * Runs the work in one durable write transaction and answers what it answers. SQLite takes the write lock at once; PostgreSQL runs
   * SERIALIZABLE and repeats the work when it asks for that, so the work must touch nothing but its transaction. There work in a `lane` waits for
   * whoever has its rows, over all processes, instead of colliding. In a customer's lane the work touches that customer's rows alone, which nobody
   * else writes meanwhile: it runs READ COMMITTED, so that it may count up a number that all customers count up, and should do so last.
   * Refuses `busy` when others write for longer than anybody should wait.
   */
  transaction<Answer>(work: (tx: Transaction<Database>) => Promise<Answer>, lane?: Lane): Promise<Answer>;
  /**
   * Runs work that uses `file` or `pool` itself, again while the database is busy: on SQLite it never lands in somebody's transaction. Refuses
   * `busy` when patience ends.
   */
  directly<Answer>(work: () => Promise<Answer>, waiting: Waiting): Promise<Answer>;
  /**
   * Learns how the data is spread where it has grown tenfold, so that queries take the index that finds least: without that SQLite reads all rows
   * of a tenant for "those of this invoice, in order". PostgreSQL does so by itself. https://sqlite.org/lang_analyze.html
   */
  tune(): Promise<void>;
  close(): Promise<void>;
}

/** Where the database is: a file path for SQLite, or a `postgres://` address. */
export interface StoreAddress {
  readonly file?: string;
  readonly url?: string | undefined;
  readonly connections?: number;
}

/** Opens the database and sees that it answers. It does not migrate; `migrate` in db/migrate.ts does. Refuses `database_unusable`. */
export async function openStore(address: StoreAddress): Promise<Store> {
  if (address.url) return openPostgres(address.url, address.connections).catch(throwUnusable);
  if (address.file) return openSqlite(address.file).catch(throwUnusable);
  return refuse('database_unusable', {
    reason: 'no database is named',
    todo: 'Set PORTAL_DATA or PORTAL_DATABASE_URL.',
  });
}

async function openSqlite(path: string): Promise<Store> {
  const [{ openSqliteFile, sqliteDialect }, { Turns }] = await Promise.all([
    import('./dialects/sqlite.ts'),
    import('./dialects/turns.ts'),
  ]);
  const file = openSqliteFile(path);
  const turns = new Turns();
  const kysely = new Kysely<Database>({ dialect: sqliteDialect(file, turns) });
  return {
    engine: 'sqlite',
    kysely,
    file,
    transaction: (work) => kysely.transaction().execute(work),
    directly: (work, waiting) => turns.run(work, waiting),
    tune: async () => void (await sql.raw(OPTIMIZE_ALL).execute(kysely)),
    close: async () => {
      if (file.open) file.pragma('wal_checkpoint(truncate)');
      await kysely.destroy();
    },
  };
}

async function openPostgres(url: string, connections = CONNECTIONS): Promise<Store> {
  const [{ isRetryable, openPostgresPool, postgresDialect }, { Lanes }] = await Promise.all([
    import('./dialects/postgres.ts'),
    import('./dialects/lanes.ts'),
  ]);
  const pool = openPostgresPool(url, connections);
  await pool.query('select 1').catch(async (error: unknown) => {
    await pool.end();
    throw error;
  });
  const kysely = new Kysely<Database>({ dialect: postgresDialect(pool) });
  const customersAtOnce = Math.ceil(connections / 2);
  const lanes = new Lanes({ patienceMs: LANE_PATIENCE_MS, customersAtOnce });
  const repeat = async <Answer>(run: () => Promise<Answer>): Promise<Answer> => {
    for (let tries = 1; ; tries++) {
      try {
        return await run();
      } catch (error) {
        if (!isRetryable(error, tries) || tries === SERIALIZATION_TRIES) throw error;
        await pause(tries);
      }
    }
  };
  return {
    engine: 'postgres',
    kysely,
    pool,
    transaction: (work, lane) =>
      lane === undefined
        ? repeat(() => serializable(kysely, work))
        : lanes.run(lane, () => repeat(() => inLane(kysely, lane, work))),
    directly: (work) => work(),
    tune: () => Promise.resolve(),
    close: () => kysely.destroy(),
  };
}

type Work<Answer> = (tx: Transaction<Database>) => Promise<Answer>;

function serializable<Answer>(kysely: Kysely<Database>, work: Work<Answer>): Promise<Answer> {
  return kysely.transaction().setIsolationLevel('serializable').execute(work);
}

function inLane<Answer>(
  kysely: Kysely<Database>,
  { tenant, customer }: Lane,
  work: Work<Answer>,
): Promise<Answer> {
  return customer === undefined
    ? forTenant(kysely, tenant, work)
    : forCustomer(kysely, tenant, customer, work);
}

/**
 * Holds the tenant's lock over all processes, on one connection: taken before the transaction, whose one snapshot then shows what those before it did.
 */
function forTenant<Answer>(kysely: Kysely<Database>, tenant: number, work: Work<Answer>): Promise<Answer> {
  return kysely.connection().execute(async (one) => {
    await waitPatiently(one, [`pg_advisory_lock(${TENANT_LOCKS}, ${tenant})`]);
    try {
      return await serializable(one, work);
    } finally {
      // A connection that cannot give its lock back must not live on with it; one that does not answer any more is gone already.
      await sql`select pg_advisory_unlock(${TENANT_LOCKS}, ${tenant})`
        .execute(one)
        .catch(() => sql`select pg_terminate_backend(pg_backend_pid())`.execute(one))
        .catch(() => undefined);
    }
  });
}

/**
 * Shares the tenant's lock with other customers and holds the customer's. Locks are taken in this order and end with the transaction, so nobody waits
 * in a circle; each statement sees what was committed before it, which for the customer's rows is what it would see alone.
 */
function forCustomer<Answer>(
  kysely: Kysely<Database>,
  tenant: number,
  customer: number,
  work: Work<Answer>,
): Promise<Answer> {
  const ofCustomer = BigInt(tenant) * CUSTOMERS_OF_A_TENANT + BigInt(customer);
  return kysely
    .transaction()
    .setIsolationLevel('read committed')
    .execute(async (tx) => {
      await waitPatiently(tx, [
        `pg_advisory_xact_lock_shared(${TENANT_LOCKS}, ${tenant})`,
        `pg_advisory_xact_lock(${ofCustomer})`,
      ]);
      return work(tx);
    });
}

/** Waiting is not working: it has its own patience, not the statement's time. */
async function waitPatiently(one: Kysely<Database>, locks: readonly string[]): Promise<void> {
  const text = `set local statement_timeout = 0;
    set local lock_timeout = ${LANE_PATIENCE_MS};
    ${locks.map((lock) => `select ${lock};`).join('\n    ')}
    set local statement_timeout = default;
    set local lock_timeout = default`;
  try {
    await one.executeQuery(CompiledQuery.raw(text));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === LOCK_TIMEOUT) refuse('busy');
    throw error;
  }
}

/** Waits a random while that grows with the tries, so that two colliding transactions do not collide again. */
function pause(tries: number): Promise<void> {
  const most = Math.min(2 ** tries, 128);
  const [random = 0] = crypto.getRandomValues(new Uint8Array(1));
  return new Promise((resolve) => setTimeout(resolve, 1 + (random / 255) * most));
}
