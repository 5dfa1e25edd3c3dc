import type { DecimalMark } from '#src/kernel/amount-text.ts';
import type { ColumnChoices, ColumnMap, ColumnName, ColumnResult, Knowledge, TableKind } from './columns.ts';
import { mapColumns, repeatedColumns } from './columns.ts';
import type { DateOrder } from './dates.ts';
import { type MappedTable, placesOf } from './grouping.ts';
import type { InvoiceFiles } from './invoice-reading.ts';
import { bothTables } from './one-file.ts';
import { optional } from './optional.ts';
import { type Preset, type PresetName, presetOf } from './presets.ts';
import type { ImportProblem } from './problems.ts';
import { quotable } from './problems.ts';
import type { ImportedFile, Tally } from './report.ts';
import type { RowSettings } from './row-reader.ts';
import { type Survey, surveyTable } from './survey.ts';
import { openTable, type Table, type TableSource } from './table.ts';

export interface CsvSources {
  readonly customers?: TableSource | undefined;
  /** With its lines, where it has one a row and there is no file of lines, or the same. */
  readonly invoices?: TableSource | undefined;
  readonly lines?: TableSource | undefined;
}

/** What is told of the files. */
export interface ReadingOptions {
  /** ISO 4217; for customers whose row names none. An invoice without one takes its customer's. */
  readonly currency?: string | undefined;
  readonly choices?: ColumnChoices | undefined;
  /** The program that wrote the files; found by their headers without it. */
  readonly from?: PresetName | undefined;
  /** As `encodingNamed` answers it; found without it. */
  readonly encoding?: string | undefined;
  readonly dateOrder?: DateOrder | undefined;
  readonly decimalMark?: DecimalMark | undefined;
  /** Told how each file is understood, before anything of it is written. */
  readonly onFile?: ((file: ImportedFile) => void) | undefined;
}

/** A file whose columns are known, with how its cells are read. */
export interface Ready<K extends TableKind> {
  readonly mapped: MappedTable<K>;
  readonly settings: RowSettings;
}

/** The file of customers, ready to be read; undefined where it cannot be. */
export async function openCustomers(
  source: TableSource | undefined,
  options: ReadingOptions,
  tally: Tally,
): Promise<Ready<'customers'> | undefined> {
  const found = source && (await openFile('customers', source, options, tally));
  if (!found) return undefined;
  const { table, preset } = found;
  const columns = mapped(mapColumns('customers', table, knowledge(options, preset?.columns)), tally);
  if (!columns) return undefined;
  tellFile(found, 'customers', [columns], options, tally);
  if (!columns.at.has('number') && !preset) tally.notice(numberless(table, columns.unused));
  return { mapped: { table, columns }, settings: settingsFor(table, preset, undefined, options) };
}

/**
 * The invoices and their lines, from one file or two, ready to be read. Undefined where a file cannot be: without the lines that were meant to be
 * there, every invoice would be another one.
 */
export async function openInvoices(
  sources: CsvSources,
  options: ReadingOptions,
  tally: Tally,
): Promise<InvoiceFiles | undefined> {
  const source = sources.invoices ?? sources.lines;
  const found = source && (await openFile('invoices', source, options, tally));
  if (!found) return undefined;
  if (!sources.lines || sources.lines === source) {
    const both = linesWithin(found, options, sources.lines !== undefined);
    if (both) return oneFile(found, both, options, tally);
  }
  if (!sources.invoices) return void tally.problem(linesAlone(source.name));
  const { table, preset } = found;
  const columns = mapped(mapColumns('invoices', table, knowledge(options, preset?.columns)), tally);
  if (columns) tellFile(found, 'invoices', [columns], options, tally);
  const opened = sources.lines && (await openFile('lines', sources.lines, options, tally));
  const ofLines = opened && mapped(mapColumns('lines', opened.table, knowledge(options)), tally);
  if (opened && ofLines) tellFile(opened, 'lines', [ofLines], options, tally);
  if (!columns || (sources.lines && !ofLines)) return undefined;
  const settings = settingsFor(table, preset, await surveyed(table, [columns], preset, options), options);
  const lines = opened && ofLines && { table: opened.table, columns: ofLines };
  const lineSettings = lines
    ? settingsFor(
        lines.table,
        undefined,
        await surveyed(lines.table, [lines.columns], undefined, options),
        options,
      )
    : { file: '' };
  return { invoices: { table, columns }, lines, isOneFile: false, invoiceSettings: settings, lineSettings };
}

interface Both {
  readonly invoices: ColumnMap<'invoices'>;
  readonly lines: ColumnMap<'lines'>;
}

/**
 * How a file is read that has the lines beside their invoices; undefined where it has none. What a program is not known for is a line where it has
 * a price, or a quantity and an amount, besides what the invoice is read from.
 */
function linesWithin(
  { table, preset }: OpenFile,
  options: ReadingOptions,
  isMeant: boolean,
): Both | undefined {
  if (preset && !preset.lines) return undefined;
  const lines = mapColumns('lines', table, {
    ...knowledge(options, preset?.lines),
    choices: { ...options.choices, lines: numbered(table, options) },
  });
  if (!lines.ok) return undefined;
  const { at } = lines.columns;
  if (!preset && !isMeant && !(at.has('unit_cost') || (at.has('quantity') && at.has('amount'))))
    return undefined;
  const shared = at.get('invoice');
  const ofLines = new Set([...at.values()].filter((place) => place !== shared));
  const known = knowledge(options, preset?.columns);
  const invoices = mapColumns('invoices', table, preset ? known : { ...known, without: ofLines });
  return invoices.ok ? { invoices: invoices.columns, lines: lines.columns } : undefined;
}

/** The choices for lines, which are their invoice's by its own number where nothing else says so. */
function numbered(table: Table, { choices }: ReadingOptions): ReadonlyMap<string, string> {
  const chosen = choices?.lines ?? new Map<string, string>();
  const invoices = mapColumns('invoices', table, { choices });
  const place = invoices.ok ? invoices.columns.at.get('number') : undefined;
  const isNamed = chosen.has('invoice') || mapColumns('lines', table, { choices }).ok;
  return isNamed || place === undefined
    ? chosen
    : new Map([...chosen, ['invoice', table.header[place] ?? '']]);
}

async function oneFile(
  found: OpenFile,
  { invoices, lines }: Both,
  options: ReadingOptions,
  tally: Tally,
): Promise<InvoiceFiles> {
  const { table, preset } = found;
  tellFile(found, 'invoices and lines', [invoices, lines], options, tally);
  const settings = settingsFor(
    table,
    preset,
    await surveyed(table, [invoices, lines], preset, options),
    options,
  );
  const both = bothTables(table, invoices, lines);
  return { ...both, isOneFile: true, invoiceSettings: settings, lineSettings: settings };
}

interface OpenFile {
  readonly table: Table;
  readonly preset: Preset | undefined;
}

async function openFile(
  kind: TableKind,
  source: TableSource,
  options: ReadingOptions,
  tally: Tally,
): Promise<OpenFile | undefined> {
  const isHeader = (header: readonly string[]): boolean => {
    const preset = presetOf(kind, header, options.from);
    const table = { file: source.name, header, headerLine: 1 };
    return mapColumns(kind, table, knowledge(options, preset?.columns)).ok;
  };
  const opened = await openTable(source, { encoding: options.encoding, isHeader });
  if (!opened.ok) return void tally.problem(opened.problem);
  const { table } = opened;
  tally.notice(...repeatedColumns(table));
  const preset = presetOf(kind, table.header, options.from);
  if (options.from && !preset && kind !== 'lines') tally.notice(notFrom(table, options.from));
  return { table, preset };
}

function mapped<K extends TableKind>(result: ColumnResult<K>, tally: Tally): ColumnMap<K> | undefined {
  return result.ok ? result.columns : void tally.problem(...result.problems);
}

function knowledge({ choices }: ReadingOptions, known?: Knowledge['known']): Knowledge {
  return { choices, known };
}

const NUMBERS: { readonly [K in TableKind]: readonly ColumnName<K>[] } = {
  customers: [],
  invoices: ['total', 'discount', 'shipping', 'adjustment', 'rounding', 'tax', 'paid', 'balance'],
  lines: ['quantity', 'unit_cost', 'amount', 'discount', 'discount_percent', 'tax', 'tax2'],
};
const DATES = ['date', 'due_date', 'paid_date'] as const;

/** Nothing is looked for that the person or the program has told. */
async function surveyed(
  table: Table,
  maps: ReadonlyArray<ColumnMap<'invoices'> | ColumnMap<'lines'>>,
  preset: Preset | undefined,
  options: ReadingOptions,
): Promise<Survey | undefined> {
  const isTold = (options.decimalMark !== undefined || preset?.hasPoint) && options.dateOrder !== undefined;
  if (isTold) return undefined;
  const numbers = maps.flatMap((map) =>
    map.kind === 'invoices'
      ? NUMBERS.invoices.flatMap((column) => placesOf(map, column))
      : NUMBERS.lines.flatMap((column) => placesOf(map, column)),
  );
  const dates = maps.flatMap((map) =>
    map.kind === 'invoices' ? DATES.flatMap((column) => placesOf(map, column)) : [],
  );
  return surveyTable(table, { numbers: [...new Set(numbers)], dates });
}

function settingsFor(
  { file }: Table,
  preset: Preset | undefined,
  survey: Survey | undefined,
  options: ReadingOptions,
): RowSettings {
  return {
    file,
    ...optional('currency', options.currency),
    ...optional('dateOrder', options.dateOrder),
    ...optional('decimalMark', options.decimalMark ?? (preset?.hasPoint ? '.' : undefined)),
    ...optional('survey', survey),
  };
}

/** Says how a file is understood, before anything of it is read. */
function tellFile(
  { table, preset }: OpenFile,
  kind: ImportedFile['kind'],
  maps: readonly AnyColumns[],
  options: ReadingOptions,
  tally: Tally,
): void {
  const unused = maps.map((map) => new Set(map.unused));
  const file = {
    file: table.file,
    kind,
    preset: preset?.title,
    encoding: table.encoding,
    delimiter: table.delimiter,
    headerLine: table.headerLine,
    columns: maps.flatMap((map) => columnsOf(map, maps.length > 1)),
    unused: (maps[0]?.unused ?? []).filter((name) => unused.every((names) => names.has(name))),
  };
  tally.file(file);
  options.onFile?.(file);
}

/** A table's columns, whichever table it is. */
interface AnyColumns {
  readonly kind: TableKind;
  readonly header: readonly string[];
  readonly at: ReadonlyMap<string, number>;
  readonly also: ReadonlyMap<string, readonly number[]>;
  readonly unused: readonly string[];
}

function columnsOf({ kind, header, at, also }: AnyColumns, isOneOfTwo: boolean): ImportedFile['columns'] {
  return [...at].map(([column, place]) => {
    const theirs = [place, ...(also.get(column) ?? [])].map((one) => header[one] ?? '');
    return { ours: isOneOfTwo ? `${kind}.${column}` : column, theirs: theirs.join(', else ') };
  });
}

function notFrom({ file, headerLine }: Table, from: PresetName): ImportProblem {
  return {
    file,
    line: headerLine,
    reason: `The file does not look like one from ${from}.`,
    hint: 'Its columns were found by their names.',
  };
}

function numberless({ file, headerLine }: Table, unused: readonly string[]): ImportProblem {
  const others = unused.map((name) => quotable(name)).join(', ');
  return {
    file,
    line: headerLine,
    reason: 'No column has the numbers of the customers: their names are taken instead.',
    hint: others === '' ? 'There is nothing to do.' : `If it is one of ${others}, name it with --map.`,
  };
}

function linesAlone(file: string): ImportProblem {
  return {
    file,
    reason: 'Lines belong to invoices, but there is no file of invoices.',
    hint: 'Name it with --invoices.',
  };
}
