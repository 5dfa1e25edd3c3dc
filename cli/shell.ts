import { createInterface } from 'node:readline';
import { CompiledQuery, type Kysely } from 'kysely';
import type { Store } from '#db/open.ts';
import type { Database } from '#db/schema.ts';
import { printJsonList, printTable, say } from './output.ts';
import { plain } from '#src/kernel/terminal-line.ts';

export interface ShellOptions {
  readonly mayWrite: boolean;
  readonly asJson: boolean;
}

type Row = Readonly<Record<string, unknown>>;

/**
 * Runs the statements of standard input, one a line, and prints their rows. Without `mayWrite` the database itself refuses to change anything.
 * From a pipe the first mistake ends it with exit code 1; a person at a terminal may go on.
 */
export async function openShell(store: Store, options: ShellOptions): Promise<void> {
  const interactive = process.stdin.isTTY;
  if (interactive)
    say(`${store.engine}, ${options.mayWrite ? 'changes are allowed' : 'reading only'}. Ctrl+D ends.`);
  await store.kysely.connection().execute(async (connection) => {
    await connection.executeQuery(CompiledQuery.raw(readOnlyStatement(store, !options.mayWrite)));
    const lines = createInterface({
      input: process.stdin,
      output: process.stderr,
      prompt: 'sql> ',
      terminal: interactive,
    });
    if (interactive) lines.prompt();
    for await (const line of lines) {
      const done = await runLine(connection, line, options);
      if (!done && !interactive) break;
      if (interactive) lines.prompt();
    }
  });
}

async function runLine(db: Kysely<Database>, line: string, { asJson }: ShellOptions): Promise<boolean> {
  const text = line.trim().replace(/;$/, '');
  if (text === '' || text.startsWith('--')) return true;
  try {
    const { rows, numAffectedRows } = await db.executeQuery<Row>(CompiledQuery.raw(text));
    if (asJson) await printJsonList(rows);
    else if (rows.length > 0) printRows(rows);
    else say(numAffectedRows === undefined ? 'No rows.' : `${numAffectedRows} rows changed.`);
    return true;
  } catch (error) {
    say(plain(error instanceof Error ? error.message : String(error)));
    process.exitCode = 1;
    return false;
  }
}

function printRows(rows: readonly Row[]): void {
  const names = Object.keys(rows[0] ?? {});
  const columns = names.map((title) => ({ title, value: (row: Row) => shown(row[title]) }));
  printTable(rows, columns, 'No rows.');
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function readOnlyStatement(store: Store, readOnly: boolean): string {
  if (store.engine === 'sqlite') return `pragma query_only = ${readOnly ? 'on' : 'off'}`;
  return `set session characteristics as transaction ${readOnly ? 'read only' : 'read write'}`;
}
