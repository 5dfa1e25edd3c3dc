import { createHash } from 'node:crypto';
import { CompiledQuery, type Kysely } from 'kysely';
import { refuse } from '#src/kernel/errors.ts';
import { migrations } from './migrations/all.ts';
import { type Engine, type Migration, statementsFor } from './migrations/migration.ts';
import type { Store } from './open.ts';
import type { Database, MigrationBook } from './schema.ts';

type Book = Kysely<Database & MigrationBook>;

export interface MigrationState {
  readonly name: string;
  readonly applied: boolean;
}

/**
 * Brings the schema up to date, one transaction a migration, and answers the names of those that ran now. Two processes may
 * call it at once: the second waits and finds nothing to do. The steps are the program's own unless a test brings others. Refuses `database_unusable` when the database is newer than this program,
 * or when a migration that ran was edited since.
 */
export async function migrate(
  store: Store,
  nowMs: number,
  steps: readonly Migration[] = migrations,
): Promise<string[]> {
  await createBook(store);
  const done: string[] = [];
  for (const migration of steps) {
    const ran = await store.transaction(async (tx) => {
      const book = tx as unknown as Book;
      if (store.engine === 'postgres')
        await book.executeQuery(CompiledQuery.raw('lock table portal_migrations'));
      const applied = await book.selectFrom('portal_migrations').selectAll().execute();
      assertKnown(applied, steps, store.engine);
      if (applied.some((row) => row.name === migration.name)) return false;
      for (const statement of statementsFor(migration, store.engine))
        await book.executeQuery(CompiledQuery.raw(statement));
      const row = { name: migration.name, hash: hashOf(migration, store.engine), applied_at: nowMs };
      await book.insertInto('portal_migrations').values(row).execute();
      return true;
    });
    if (ran) done.push(migration.name);
  }
  return done;
}

/** Every migration this program knows and whether the database has it. */
export async function migrationStates(store: Store): Promise<MigrationState[]> {
  await createBook(store);
  const applied = await (store.kysely as unknown as Book)
    .selectFrom('portal_migrations')
    .selectAll()
    .execute();
  assertKnown(applied, migrations, store.engine);
  return migrations.map(({ name }) => ({ name, applied: applied.some((row) => row.name === name) }));
}

async function createBook(store: Store): Promise<void> {
  const int = store.engine === 'sqlite' ? 'integer' : 'bigint';
  const strict = store.engine === 'sqlite' ? ' strict' : '';
  const columns = `name text not null primary key, hash text not null, applied_at ${int} not null`;
  try {
    await store.kysely.executeQuery(
      CompiledQuery.raw(`create table if not exists portal_migrations (${columns})${strict}`),
    );
  } catch (error) {
    // PostgreSQL: two processes that create it in the same instant collide in its catalogue; the table is there then.
    if (!(error instanceof Error && 'code' in error && ['23505', '42P07'].includes(String(error.code))))
      throw error;
  }
}

function assertKnown(
  applied: ReadonlyArray<{ name: string; hash: string }>,
  steps: readonly Migration[],
  engine: Engine,
): void {
  for (const row of applied) {
    const known = steps.find((migration) => migration.name === row.name);
    if (!known) {
      refuse('database_unusable', {
        reason: `the database has migration ${row.name}, which this program does not know`,
        todo: 'Run the newest version of the portal on it.',
      });
    }
    if (known && hashOf(known, engine) !== row.hash) {
      refuse('database_unusable', {
        reason: `migration ${row.name} is not the one this database was made with`,
        todo: 'Run the version of the portal that made it, or restore a backup.',
      });
    }
  }
}

function hashOf(migration: Migration, engine: Engine): string {
  return createHash('sha256').update(statementsFor(migration, engine).join(';\n')).digest('hex');
}
