import { PostgresDialect } from 'kysely';
import pg from 'pg';
import { GatedPostgresCompiler } from './compilers.ts';

const INT8 = 20;
const NUMERIC = 1700;

/**
 * A pool on a PostgreSQL-compatible server. 64-bit integers arrive as numbers and throw beyond 2^53 - 1; durable commits are asserted by
 * the connection's own settings, and a statement or an idle transaction is cut after 15 seconds.
 */
export function openPostgresPool(url: string, connections: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    options: '-c synchronous_commit=on -c idle_in_transaction_session_timeout=15000 -c timezone=UTC',
    statement_timeout: 15_000,
    types: { getTypeParser: (oid: number, format?: 'text' | 'binary') => parserFor(oid, format) },
  });
  // A server that hangs up must not end the process: a query under way fails by itself, and the pool opens another connection.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

export function postgresDialect(pool: pg.Pool): PostgresDialect {
  return new GatedDialect({ pool });
}

class GatedDialect extends PostgresDialect {
  override createQueryCompiler(): GatedPostgresCompiler {
    return new GatedPostgresCompiler();
  }
}

const TRIES_OF_DUPLICATES = 3;

/**
 * Whether running the transaction again can help: serialization failure, deadlock (SQLSTATE 40001, 40P01), or a unique key that another
 * transaction took meanwhile (23505): run again, the work sees that row.
 */
export function isRetryable(error: unknown, tries: number): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === '40001' || code === '40P01' || (code === '23505' && tries < TRIES_OF_DUPLICATES);
}

function parserFor(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === INT8 || oid === NUMERIC) return toSafeInteger;
  return pg.types.getTypeParser(oid, format as 'text') as (value: string) => unknown;
}

function toSafeInteger(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`beyond the integers of this house: ${value}`);
  return number;
}
