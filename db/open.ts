import type BetterSqlite from 'better-sqlite3';
import { Kysely, type Transaction } from 'kysely';
import type { Pool } from 'pg';
import { refuse } from '#src/kernel/errors.ts';
import type { Engine } from './migrations/migration.ts';
import type { Database } from './schema.ts';

const SERIALIZATION_TRIES = 12;
/** From this try on a transaction that collides queues behind the others that do, over all processes: one of them always gets through. */
const QUEUED_FROM = 4;

/** The open database of one process. Only the ground floor and the composition root hold it; everybody else gets a scoped handle. */
export interface Store {
  readonly engine: Engine;
  readonly kysely: Kysely<Database>;
  /** The SQLite connection itself, for lucia's adapter and for backups; absent on PostgreSQL. */
  readonly file?: BetterSqlite.Database;
  readonly pool?: Pool;
  /**
   * Runs the work in one durable write transaction and answers what it answers. SQLite takes the write lock at once; PostgreSQL runs
   * SERIALIZABLE and repeats the work when it asks for that, so the work must touch nothing but its transaction.
   */
  transaction<Answer>(work: (tx: Transaction<Database>) => Promise<Answer>): Promise<Answer>;
  close(): Promise<void>;
}

/** Where the database is: a file path for SQLite, or a `postgres://` address. */
export interface StoreAddress {
  readonly file?: string;
  readonly url?: string | undefined;
  readonly connections?: number;
}

/** Opens the database. It does not migrate; `migrate` in db/migrate.ts does. */
export async function openStore(address: StoreAddress): Promise<Store> {
  if (address.url) return openPostgres(address.url, address.connections);
  if (address.file) return openSqlite(address.file);
  return refuse('database_unusable', {
    reason: 'no database is named',
    todo: 'Set PORTAL_DATA or PORTAL_DATABASE_URL.',
  });
}

async function openSqlite(path: string): Promise<Store> {
  const { openSqliteFile, sqliteDialect } = await import('./dialects/sqlite.ts');
  const file = openSqliteFile(path);
  const kysely = new Kysely<Database>({ dialect: sqliteDialect(file) });
  return {
    engine: 'sqlite',
    kysely,
    file,
    transaction: (work) => kysely.transaction().execute(work),
    close: async () => {
      if (file.open) file.pragma('wal_checkpoint(truncate)');
      await kysely.destroy();
    },
  };
}

async function openPostgres(url: string, connections?: number): Promise<Store> {
  const { isRetryable, openPostgresPool, postgresDialect, queueOfRetries } =
    await import('./dialects/postgres.ts');
  const inLine = queueOfRetries();
  const pool = openPostgresPool(url, connections);
  const kysely = new Kysely<Database>({ dialect: postgresDialect(pool) });
  return {
    engine: 'postgres',
    kysely,
    pool,
    transaction: async (work) => {
      const run = () => kysely.transaction().setIsolationLevel('serializable').execute(work);
      for (let tries = 1; ; tries++) {
        try {
          return await (tries < QUEUED_FROM ? run() : inLine(pool, run));
        } catch (error) {
          if (!isRetryable(error, tries) || tries === SERIALIZATION_TRIES) throw error;
          await pause(tries);
        }
      }
    },
    close: () => kysely.destroy(),
  };
}

/** Waits a random while that grows with the tries, so that two colliding transactions do not collide again. */
function pause(tries: number): Promise<void> {
  const most = Math.min(2 ** tries, 128);
  const [random = 0] = crypto.getRandomValues(new Uint8Array(1));
  return new Promise((resolve) => setTimeout(resolve, 1 + (random / 255) * most));
}
