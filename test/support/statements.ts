import type BetterSqlite from 'better-sqlite3';
import { onTestFinished } from 'vitest';

/** Runs work and answers how many statements it made the SQLite connection run, of whoever ran them. */
export async function statementsOf(
  file: BetterSqlite.Database,
  work: () => Promise<unknown>,
): Promise<string[]> {
  const shape = Object.getPrototypeOf(file.prepare('select 1')) as Record<string, unknown>;
  const ran: string[] = [];
  const before = new Map<string, unknown>();
  for (const name of ['all', 'get', 'run']) {
    const original = shape[name] as (this: BetterSqlite.Statement, ...given: unknown[]) => unknown;
    before.set(name, original);
    shape[name] = function (this: BetterSqlite.Statement, ...given: unknown[]): unknown {
      ran.push(this.source);
      return original.apply(this, given);
    };
  }
  const restore = (): void => before.forEach((original, name) => (shape[name] = original));
  onTestFinished(restore);
  await work();
  restore();
  return ran;
}
