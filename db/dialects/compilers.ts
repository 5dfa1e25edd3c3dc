import { PostgresQueryCompiler, SqliteQueryCompiler } from 'kysely';
import { isStorable } from '#src/kernel/text.ts';
import { refuse } from '#src/kernel/errors.ts';

/*
 * The last gate for text, behind those of the doors. SQLite would take what PostgreSQL refuses, cut at U+0000 when it compares it, and write
 * other letters for halves of a surrogate pair: on both, a query with such text is refused as `bad_text` before it runs.
 */

export class GatedSqliteCompiler extends SqliteQueryCompiler {
  protected override addParameter(parameter: unknown): void {
    assertParameter(parameter);
    super.addParameter(parameter);
  }
}

export class GatedPostgresCompiler extends PostgresQueryCompiler {
  protected override addParameter(parameter: unknown): void {
    assertParameter(parameter);
    super.addParameter(parameter);
  }
}

/** Refuses `bad_text`. */
export function assertParameter(parameter: unknown): void {
  if (typeof parameter === 'string' && !isStorable(parameter)) refuse('bad_text');
}
