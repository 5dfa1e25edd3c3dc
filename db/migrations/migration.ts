/** The two engines that the house runs on. */
export type Engine = 'sqlite' | 'postgres';

/** One step of the schema, never edited once it has landed. */
export interface Migration {
  readonly name: string;
  /** DDL both engines share: `create …;` statements in which `int` and `text` stand for the engine's own types. Comments (`-- …`) are not part of it. */
  readonly tables: readonly string[];
  /** Statements of one engine alone, run after the tables. */
  readonly sqlite: readonly string[];
  readonly postgres: readonly string[];
}

/** The statements of a migration as an engine takes them. */
export function statementsFor(migration: Migration, engine: Engine): string[] {
  const shared = migration.tables.flatMap(splitStatements).map((statement) => translate(statement, engine));
  return [...shared, ...migration[engine]];
}

function splitStatements(ddl: string): string[] {
  return ddl
    .replace(/ *-- .*$/gm, '')
    .split(/;\s*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

function translate(statement: string, engine: Engine): string {
  if (engine === 'sqlite') return statement.startsWith('create table') ? `${statement} strict` : statement;
  // Byte order everywhere: the two engines must sort and compare alike.
  return statement
    .replace(/(^|[\s,(])int(?=[\s,])/g, '$1bigint')
    .replace(/(\w+) text(?=[\s,])/g, '$1 text collate "C"')
    .replace(
      /\((\w+) is null\) \+ \((\w+) is null\) \+ \((\w+) is null\) = 2/,
      'num_nonnulls($1, $2, $3) = 1',
    );
}
