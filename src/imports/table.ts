import { Refusal } from '#src/kernel/errors.ts';
import { isStorable, storablePart } from '#src/kernel/text.ts';
import type { CsvRecord } from './csv-scanner.ts';
import { CsvScanner } from './csv-scanner.ts';
import { doubtIn } from './doubts.ts';
import { readerOf } from './encodings.ts';
import type { ImportProblem } from './problems.ts';
import { quotable } from './problems.ts';

/** A file that can be read more than once: first to find its encoding, then for its rows. `name` is what problems carry. */
export interface TableSource {
  readonly name: string;
  open(): AsyncIterable<Uint8Array>;
}

export interface TableOptions {
  /** One character; otherwise the comma, semicolon, tab or bar that the header line has most of. */
  readonly delimiter?: string;
  /** As `encodingNamed` answers it. */
  readonly encoding?: string | undefined;
  /** Whether cells name the columns; the first row that does is the header, else the first row of all. */
  readonly isHeader?: (cells: readonly string[]) => boolean;
}

export interface TableRow {
  /** Physical line on which the row starts, counted from 1. */
  readonly line: number;
  /** As many cells as the header has; a cell that the row does not have is empty. */
  readonly cells: readonly string[];
  /** How much of the file has been read so far, for progress. */
  readonly bytes: number;
}

export type TableItem =
  { readonly ok: true; readonly row: TableRow } | { readonly ok: false; readonly problem: ImportProblem };

export interface Table {
  readonly file: string;
  readonly header: readonly string[];
  readonly headerLine: number;
  readonly delimiter: string;
  readonly encoding: string;
  /** Size of the whole file. */
  readonly bytes: number;
  /** Streams the rows below the header, empty ones left out; each call starts again. A quote that is never closed ends the stream. */
  rows(): AsyncGenerator<TableItem>;
}

export type TableResult =
  { readonly ok: true; readonly table: Table } | { readonly ok: false; readonly problem: ImportProblem };

interface Settings {
  readonly delimiter: string;
  readonly encoding: string;
  /** Excel's `sep=;` line comes before the header. */
  readonly separatorLine: boolean;
}

const LONGEST_RECORD = 1024 * 1024;
const HEAD_CHARACTERS = 64 * 1024;
/** Rows above the header: a title, a date, a company. */
const MOST_ABOVE = 20;
const DELIMITERS = [',', ';', '\t', '|'];

/**
 * Opens a CSV file (RFC 4180, with or without byte order mark, any line ending, quoted fields may span lines).
 * Memory does not grow with the file. The encoding is UTF-8 when all bytes are, else Windows-1252, unless that makes words that nobody writes:
 * then it must be told.
 */
export async function openTable(source: TableSource, options: TableOptions = {}): Promise<TableResult> {
  const scan = await scanBytes(source);
  const encoding = options.encoding ?? scan.encoding;
  const doubt =
    options.encoding === undefined && encoding === 'windows-1252' ? await findDoubt(source) : undefined;
  if (doubt) return { ok: false, problem: doubt };
  const head = await readHead(source, encoding);
  const separator = /^sep=([^\r\n])\r?\n/i.exec(head)?.[1];
  const shape = {
    delimiter: options.delimiter ?? separator,
    separatorLine: separator !== undefined,
    isHeader: options.isHeader ?? (() => false),
  };
  const { delimiter, found } = findHeader(head, shape);
  const settings = { delimiter, encoding, separatorLine: shape.separatorLine };
  const first = found
    ? { ok: true as const, row: found }
    : await firstItem(items(source, settings, undefined));
  if (first && !first.ok) return first;
  if (!first) return { ok: false, problem: emptyFile(source.name) };
  const header = first.row.cells.map((cell) => cell.trim());
  const headerLine = first.row.line;
  const rows = () => items(source, settings, { header, headerLine });
  return {
    ok: true,
    table: { file: source.name, header, headerLine, delimiter, encoding, bytes: scan.bytes, rows },
  };
}

async function scanBytes(source: TableSource): Promise<{ encoding: string; bytes: number }> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let encoding = 'utf-8';
  let bytes = 0;
  for await (const chunk of source.open()) {
    if (bytes === 0 && chunk[0] === 0xff && chunk[1] === 0xfe) encoding = 'utf-16le';
    if (bytes === 0 && chunk[0] === 0xfe && chunk[1] === 0xff) encoding = 'utf-16be';
    bytes += chunk.byteLength;
    if (encoding === 'utf-8' && !decodes(decoder, chunk)) encoding = 'windows-1252';
  }
  if (encoding === 'utf-8' && !decodes(decoder, undefined)) encoding = 'windows-1252';
  return { encoding, bytes };
}

function decodes(decoder: TextDecoder, chunk: Uint8Array | undefined): boolean {
  try {
    decoder.decode(chunk, { stream: chunk !== undefined });
    return true;
  } catch {
    return false;
  }
}

/** The first word of the file that Windows-1252 would make a wrong one, as a problem. */
async function findDoubt(source: TableSource): Promise<ImportProblem | undefined> {
  let rest = '';
  let line = 1;
  for await (const text of texts(source, 'windows-1252', { bytes: 0 })) {
    const lines = (rest + text).split('\n');
    // A line without end is as long as a file: its words are looked at as they come.
    rest = (lines.pop() ?? '').slice(-LONGEST_RECORD);
    const found = doubtIn(source.name, lines, line);
    if (found) return found;
    line += lines.length;
  }
  return doubtIn(source.name, [rest], line);
}

async function readHead(source: TableSource, encoding: string): Promise<string> {
  let head = '';
  for await (const text of texts(source, encoding, { bytes: 0 })) {
    head += text;
    if (head.length >= HEAD_CHARACTERS) break;
  }
  return head;
}

interface HeadShape {
  readonly delimiter: string | undefined;
  readonly separatorLine: boolean;
  readonly isHeader: (cells: readonly string[]) => boolean;
}

/** The delimiter, and the row near the top whose cells name the columns: there may be a title above it, without or with other delimiters. */
function findHeader(
  head: string,
  { delimiter, separatorLine, isHeader }: HeadShape,
): { delimiter: string; found: TableRow | undefined } {
  const guessed = guessDelimiter(head);
  const tries =
    delimiter === undefined ? [guessed, ...DELIMITERS.filter((one) => one !== guessed)] : [delimiter];
  for (const one of tries) {
    const records = new CsvScanner(one, LONGEST_RECORD).push(head);
    const full = records.filter(
      ({ fault, cells, line }) => !fault && isFilled(cells) && !(separatorLine && line === 1),
    );
    const found = full.slice(0, MOST_ABOVE).find(({ cells }) => isHeader(cells.map((cell) => cell.trim())));
    if (found) return { delimiter: one, found: { line: found.line, cells: found.cells, bytes: 0 } };
  }
  return { delimiter: delimiter ?? guessed, found: undefined };
}

function isFilled(cells: readonly string[]): boolean {
  return cells.some((cell) => cell.trim() !== '');
}

async function* texts(
  source: TableSource,
  encoding: string,
  read: { bytes: number },
): AsyncGenerator<string> {
  const decoder = readerOf(encoding);
  for await (const chunk of source.open()) {
    read.bytes += chunk.byteLength;
    const text = decoder.decode(chunk, { stream: true });
    if (text !== '') yield text;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}

/** The candidate that the first line has most of, outside quotes; a comma when there is none. */
function guessDelimiter(head: string): string {
  const counts = new Map(DELIMITERS.map((delimiter) => [delimiter, 0]));
  let quoted = false;
  for (const character of head.trimStart()) {
    if (character === '"') quoted = !quoted;
    if (!quoted && (character === '\n' || character === '\r')) break;
    const count = counts.get(character);
    if (!quoted && count !== undefined) counts.set(character, count + 1);
  }
  return DELIMITERS.reduce(
    (best, one) => ((counts.get(one) ?? 0) > (counts.get(best) ?? 0) ? one : best),
    ',',
  );
}

/** Without `below`, every record from the top; with it, the rows below that header, checked against it. */
async function* items(
  source: TableSource,
  settings: Settings,
  below: { header: readonly string[]; headerLine: number } | undefined,
): AsyncGenerator<TableItem> {
  const read = { bytes: 0 };
  const scanner = new CsvScanner(settings.delimiter, LONGEST_RECORD);
  const wanted = (record: CsvRecord) => {
    if (settings.separatorLine && record.line === 1) return false;
    if (below && record.line <= below.headerLine) return false;
    return record.fault !== undefined || isFilled(record.cells);
  };
  const item = (record: CsvRecord): TableItem => {
    if (record.fault) return { ok: false, problem: broken(source.name, record.line, record.fault) };
    const odd = record.cells.find((cell) => !isStorable(cell));
    if (odd !== undefined) return { ok: false, problem: unstorable(source.name, record.line, odd) };
    return below
      ? fit(source.name, below.header, record, read.bytes)
      : ok(record.line, record.cells, read.bytes);
  };
  for await (const text of texts(source, settings.encoding, read)) {
    for (const record of scanner.push(text)) if (wanted(record)) yield item(record);
  }
  for (const record of scanner.end()) if (wanted(record)) yield item(record);
}

function ok(line: number, cells: readonly string[], bytes: number): TableItem {
  return { ok: true, row: { line, cells, bytes } };
}

/** A row with more cells than the header has shifted columns: nobody can say which cell is which. */
function fit(file: string, header: readonly string[], record: CsvRecord, bytes: number): TableItem {
  const { line, cells } = record;
  if (cells.length === header.length) return ok(line, cells, bytes);
  if (cells.length < header.length)
    return ok(
      line,
      header.map((_, i) => cells[i] ?? ''),
      bytes,
    );
  const extra = cells.slice(header.length);
  if (extra.every((cell) => cell.trim() === '')) return ok(line, cells.slice(0, header.length), bytes);
  const problem = {
    file,
    line,
    value: quotable(extra.join(' ')),
    reason: `The row has ${cells.length} cells, but the header has ${header.length}.`,
    hint: 'Put a cell that contains the delimiter in double quotes.',
  };
  return { ok: false, problem };
}

async function firstItem(all: AsyncGenerator<TableItem>): Promise<TableItem | undefined> {
  for await (const item of all) return item;
  return undefined;
}

function broken(file: string, line: number, fault: NonNullable<CsvRecord['fault']>): ImportProblem {
  return {
    file,
    line,
    reason: FAULTS[fault],
    hint: 'Close every quote, and write a quote inside a quoted cell twice ("").',
  };
}

function unstorable(file: string, line: number, cell: string): ImportProblem {
  const { message: reason } = new Refusal('bad_text');
  return {
    file,
    line,
    value: quotable(storablePart(cell)),
    reason,
    hint: 'Remove it and save the file again.',
  };
}

const FAULTS = {
  stray: 'There is text behind the closing quote of a cell.',
  open: 'A double quote that opens in the row starting here is never closed; nothing below could be read.',
  long: 'The row starting here is longer than a million characters; nothing below could be read.',
};

function emptyFile(file: string): ImportProblem {
  return { file, line: 1, reason: 'The file is empty.', hint: 'The first line must name the columns.' };
}
