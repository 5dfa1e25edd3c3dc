import { safeJson } from '#src/kernel/safe-json.ts';
import { plain } from '#src/kernel/terminal-line.ts';
import { fitted, widthOf } from './text.ts';

/** A column of a table for people. */
export interface Column<Row> {
  readonly title: string;
  readonly align?: 'right';
  /** Cut to this many characters. */
  readonly most?: number;
  readonly value: (row: Row) => string | number | undefined;
}

const GAP = '  ';

/** Writes data to stdout. */
export function write(text: string): void {
  process.stdout.write(text);
}

/** Writes something to know, not data, to stderr. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** One JSON value, indented, with a line break at the end; nothing in it commands a terminal. */
export function printJson(value: unknown): void {
  write(`${safeJson(value, 2)}\n`);
}

/** A JSON array, one object a line, written as the objects come: memory does not grow with the list. */
export async function printJsonList(items: AsyncIterable<object> | Iterable<object>): Promise<void> {
  let before = '[\n';
  for await (const item of items) {
    write(`${before}${safeJson(item)}`);
    before = ',\n';
  }
  write(before === '[\n' ? '[]\n' : '\n]\n');
}

/** A table for people; `empty` is said on stderr when there is nothing to show. */
export function printTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[], empty: string): void {
  if (rows.length === 0) return say(empty);
  const cells = rows.map((row) => columns.map((column) => cellOf(row, column)));
  const widths = columns.map(({ title }, i) => {
    return cells.reduce((most, row) => Math.max(most, widthOf(row[i] ?? '')), widthOf(title));
  });
  const lineOf = (texts: readonly string[]): string =>
    texts
      .map((text, i) => padded(text, widths[i] ?? 0, columns[i]?.align))
      .join(GAP)
      .trimEnd();
  const titles = columns.map(({ title }) => title.toUpperCase());
  write(`${[titles, ...cells].map(lineOf).join('\n')}\n`);
}

/** Label and value, one a line; what has no value is left out. */
export function printFacts(
  facts: ReadonlyArray<readonly [label: string, value: string | number | undefined]>,
): void {
  const shown = facts.filter(([, value]) => value !== undefined && value !== '');
  const width = Math.max(...shown.map(([label]) => widthOf(label)));
  for (const [label, value] of shown) write(`${padded(label, width)}${GAP}${plain(String(value))}\n`);
}

/** `portal invoice list acme | head` closes the pipe early: that is no mistake. */
export function leaveQuietlyOnClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

function cellOf<Row>(row: Row, { value, most }: Column<Row>): string {
  const text = plain(String(value(row) ?? ''));
  return most === undefined ? text : fitted(text, most);
}

function padded(text: string, width: number, align?: 'right'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'right' ? space + text : text + space;
}
