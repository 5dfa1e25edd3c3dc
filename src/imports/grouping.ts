import type { ColumnMap, ColumnName, TableKind } from './columns.ts';
import type { ImportProblem } from './problems.ts';
import { quotable } from './problems.ts';
import type { Table, TableRow } from './table.ts';

/*
 * Brings invoices and their lines together without holding either file in memory. A look at the keys decides how: where the lines come in the
 * invoices' order (every export that we know), the two files are read side by side, once. Otherwise the invoices are taken in windows whose
 * lines are a bounded number, and the file of lines is read again for each window; then only the invoice numbers are held.
 * Nothing is written anywhere, so a file that turns out bad leaves no trace, and no temporary space is needed.
 */

export interface MappedTable<K extends TableKind> {
  readonly table: Table;
  readonly columns: ColumnMap<K>;
}

/** One row of invoices as it stands, with its lines; `lines` is undefined where there is no file of lines. */
export interface InvoiceGroup {
  readonly number: string;
  readonly row: TableRow;
  readonly lines: readonly TableRow[] | undefined;
}

type Report = (problem: ImportProblem) => void;

const LINES_IN_WINDOW = 20_000;

/** Every row of the invoices with its lines, in the file's order. Lines of no invoice and rows that cannot be read are reported. */
export async function* groupInvoices(
  invoices: MappedTable<'invoices'>,
  lines: MappedTable<'lines'> | undefined,
  report: Report,
  linesInWindow: number = LINES_IN_WINDOW,
): AsyncGenerator<InvoiceGroup> {
  if (!lines) {
    for await (const { row, key } of keyed(invoices, 'number', report))
      yield { number: key, row, lines: undefined };
  } else if (await inOrder(invoices, lines)) {
    yield* sideBySide(invoices, lines, report);
  } else {
    yield* inWindows(invoices, lines, report, linesInWindow);
  }
}

/** The cell that a row is known by, or the empty text. */
export function keyOf(row: TableRow, place: number | undefined): string {
  return place === undefined ? '' : (row.cells[place] ?? '').trim();
}

/** The places of a column, the first to be looked at first. */
export function placesOf<K extends TableKind>(
  { at, also }: ColumnMap<K>,
  column: ColumnName<K>,
): readonly number[] {
  const place = at.get(column);
  return place === undefined ? [] : [place, ...(also.get(column) ?? [])];
}

/** The first of the cells that says something, or the empty text. */
export function firstCell(row: TableRow, places: readonly number[]): string {
  return places.map((place) => keyOf(row, place)).find((cell) => cell !== '') ?? '';
}

async function* keyed<K extends TableKind>(
  { table, columns }: MappedTable<K>,
  column: 'number' | 'invoice',
  report: Report,
): AsyncGenerator<{ row: TableRow; key: string }> {
  const place = [...columns.at].find(([name]) => name === column)?.[1];
  for await (const item of table.rows()) {
    if (item.ok) yield { row: item.row, key: keyOf(item.row, place) };
    else report(item.problem);
  }
}

/** The rows of the lines that name an invoice; the others are reported. */
async function* namedLines(
  lines: MappedTable<'lines'>,
  report: Report,
): AsyncGenerator<{ row: TableRow; key: string }> {
  for await (const line of keyed(lines, 'invoice', report)) {
    if (line.key !== '') yield line;
    else report(nameless(lines, line.row));
  }
}

const silent: Report = () => undefined;

async function inOrder(invoices: MappedTable<'invoices'>, lines: MappedTable<'lines'>): Promise<boolean> {
  const rest = namedLines(lines, silent);
  let next = await rest.next();
  for await (const { key } of keyed(invoices, 'number', silent)) {
    while (!next.done && next.value.key === key) next = await rest.next();
  }
  await rest.return(undefined);
  return next.done === true;
}

async function* sideBySide(
  invoices: MappedTable<'invoices'>,
  lines: MappedTable<'lines'>,
  report: Report,
): AsyncGenerator<InvoiceGroup> {
  const rest = namedLines(lines, report);
  let next = await rest.next();
  for await (const { row, key } of keyed(invoices, 'number', report)) {
    const own: TableRow[] = [];
    while (!next.done && next.value.key === key) {
      own.push(next.value.row);
      next = await rest.next();
    }
    yield { number: key, row, lines: own };
  }
}

interface Windowed extends InvoiceGroup {
  readonly lines: TableRow[];
  readonly first: boolean;
}

async function* inWindows(
  invoices: MappedTable<'invoices'>,
  lines: MappedTable<'lines'>,
  report: Report,
  linesInWindow: number,
): AsyncGenerator<InvoiceGroup> {
  const counts = await countLines(invoices, lines, report);
  let window: Windowed[] = [];
  let held = 0;
  for await (const { row, key } of keyed(invoices, 'number', report)) {
    // A second row of the same number gets no lines: they are the first one's.
    window.push({ number: key, row, lines: [], first: counts.has(key) });
    held += 1 + (counts.get(key) ?? 0);
    counts.delete(key);
    if (held < linesInWindow) continue;
    yield* filled(window, lines);
    window = [];
    held = 0;
  }
  yield* filled(window, lines);
}

async function countLines(
  invoices: MappedTable<'invoices'>,
  lines: MappedTable<'lines'>,
  report: Report,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const { key } of keyed(invoices, 'number', silent)) counts.set(key, 0);
  for await (const { key, row } of namedLines(lines, report)) {
    const count = counts.get(key);
    if (count === undefined) report(stray(lines, row, key));
    else counts.set(key, count + 1);
  }
  return counts;
}

async function* filled(
  window: readonly Windowed[],
  lines: MappedTable<'lines'>,
): AsyncGenerator<InvoiceGroup> {
  if (window.length === 0) return;
  const places = new Map<string, TableRow[]>();
  for (const group of window) if (group.first) places.set(group.number, group.lines);
  for await (const { row, key } of namedLines(lines, silent)) places.get(key)?.push(row);
  yield* window;
}

function nameless({ table, columns }: MappedTable<'lines'>, row: TableRow): ImportProblem {
  const column = columns.header[columns.at.get('invoice') ?? -1] ?? 'invoice';
  const reason = 'The line does not say which invoice it belongs to.';
  return {
    file: table.file,
    line: row.line,
    column,
    reason,
    hint: 'Fill in the invoice, or leave the row out.',
  };
}

function stray({ table, columns }: MappedTable<'lines'>, row: TableRow, key: string): ImportProblem {
  const column = columns.header[columns.at.get('invoice') ?? -1] ?? 'invoice';
  return {
    file: table.file,
    line: row.line,
    column,
    value: quotable(key),
    reason: `“${quotable(key)}” is not a number in the file of invoices.`,
    hint: 'Correct it, or add the invoice.',
  };
}
