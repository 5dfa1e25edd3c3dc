import type { ColumnMap } from './columns.ts';
import { type InvoiceGroup, keyOf, type MappedTable } from './grouping.ts';
import type { ImportProblem } from './problems.ts';
import { quotable } from './problems.ts';
import type { Table, TableItem, TableRow } from './table.ts';

/*
 * Exports with one row a line: the invoice is repeated beside each of its lines, or stands beside the first alone. They are read as the two tables
 * that they are: once for the invoices, once for the lines.
 */

export interface OneFile {
  readonly invoices: MappedTable<'invoices'>;
  readonly lines: MappedTable<'lines'>;
}

/** The two tables of a file: rows without a number belong to the one above, and each number is one invoice. */
export function bothTables(
  table: Table,
  invoices: ColumnMap<'invoices'>,
  lines: ColumnMap<'lines'>,
): OneFile {
  const place = invoices.at.get('number') ?? -1;
  return {
    invoices: { table: { ...table, rows: () => heads(filledDown(table, place), place) }, columns: invoices },
    lines: {
      table: { ...table, rows: () => filledDown(table, lines.at.get('invoice') ?? place) },
      columns: lines,
    },
  };
}

/** The invoice that all rows of a group tell of, an empty cell telling nothing; or what they contradict each other in. */
export function mergedHead(
  { row, lines = [] }: InvoiceGroup,
  { invoices, lines: { columns } }: OneFile,
): { readonly row: TableRow } | { readonly problems: readonly ImportProblem[] } {
  const ofLines = new Set([...columns.at.values(), ...[...columns.also.values()].flat()]);
  const cells = [...row.cells];
  const problems: ImportProblem[] = [];
  for (const place of placesOf(invoices.columns)) {
    if (ofLines.has(place)) continue;
    for (const line of lines) {
      const [here, there] = [(line.cells[place] ?? '').trim(), (cells[place] ?? '').trim()];
      if (there === '') cells[place] = here;
      else if (here !== '' && here !== there) problems.push(contradiction(invoices, row, line, place));
    }
  }
  return problems.length > 0 ? { problems } : { row: { ...row, cells } };
}

function placesOf({ at, also }: ColumnMap<'invoices'>): Set<number> {
  return new Set([...at.values(), ...[...also.values()].flat()]);
}

async function* filledDown(table: Table, place: number): AsyncGenerator<TableItem> {
  let above = '';
  for await (const item of table.rows()) {
    if (!item.ok) {
      yield item;
      continue;
    }
    const key = keyOf(item.row, place);
    if (key !== '') above = key;
    yield key === '' && above !== ''
      ? { ok: true, row: { ...item.row, cells: item.row.cells.with(place, above) } }
      : item;
  }
}

async function* heads(rows: AsyncGenerator<TableItem>, place: number): AsyncGenerator<TableItem> {
  const seen = new Set<string>();
  for await (const item of rows) {
    const key = item.ok ? keyOf(item.row, place) : '';
    if (key !== '' && seen.has(key)) continue;
    if (key !== '') seen.add(key);
    // A row that cannot be read is told by the lines.
    if (item.ok) yield item;
  }
}

function contradiction(
  { table, columns }: MappedTable<'invoices'>,
  first: TableRow,
  line: TableRow,
  place: number,
): ImportProblem {
  const [here, there] = [line, first].map(({ cells }) => quotable(cells[place] ?? ''));
  return {
    file: table.file,
    line: line.line,
    column: columns.header[place] ?? '',
    value: here!,
    reason: `The rows of one invoice say “${here}” here and “${there}” on line ${first.line}.`,
    hint: 'Make them agree, or give the invoices different numbers.',
  };
}
