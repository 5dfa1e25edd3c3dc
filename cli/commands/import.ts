import { createReadStream } from 'node:fs';
import { basename, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { refuse } from '#src/kernel/errors.ts';
import { type ColumnChoices, columnNames, REQUIRED_COLUMNS, TABLE_COLUMNS } from '#src/imports/columns.ts';
import { encodingNamed } from '#src/imports/encodings.ts';
import { PRESETS, type PresetName } from '#src/imports/presets.ts';
import type { TableSource } from '#src/imports/table.ts';
import type { DecimalMark } from '#src/kernel/amount-text.ts';
import type { DateOrder } from '#src/imports/dates.ts';
import { assertReadable, readText } from '../files.ts';
import { reportImport, sayFile } from '../import-report.ts';
import { wrongUsage } from '../errors.ts';
import { withMerchant } from '../installation.ts';
import { currencyCode, type JsonOption, examples, json, oneOf } from '../options.ts';

interface CsvCommandOptions extends JsonOption {
  readonly customers?: string;
  readonly invoices?: string;
  readonly lines?: string;
  readonly currency?: string;
  readonly map?: string;
  readonly dates?: DateOrder;
  readonly decimal?: DecimalMark;
  readonly from?: PresetName;
  readonly encoding?: string;
  readonly preview?: true;
  readonly skipBad?: true;
}

interface UblCommandOptions extends JsonOption {
  readonly preview?: true;
  readonly skipBad?: true;
}

export function setup(group: Command): void {
  const csv = group
    .command('csv')
    .description('Import CSV files; importing the same files again changes nothing')
    .argument('<tenant>')
    .option('--customers <file>', 'customers, one a row')
    .option('--invoices <file>', 'invoices, one a row, or with each of their lines in a row')
    .option('--lines <file>', 'lines of those invoices, where they are in a file of their own')
    .addOption(
      oneOf(
        '--from <program>',
        'the program that wrote the files; found by their headers without it',
        PRESETS,
      ),
    )
    .option('--currency <code>', 'ISO 4217 code for rows that name none', currencyCode)
    .option('--map <file>', 'lines like “customers.number=Kd-Nr”: which of your columns is which of ours')
    .addOption(oneOf('--dates <order>', 'how 03/04/2026 is meant', ['ymd', 'dmy', 'mdy']))
    .option('--decimal <mark>', 'the decimal mark of amounts: "." or ","', readMark)
    .option('--encoding <name>', 'how the files are saved, for example windows-1251 or cp850', readEncoding)
    .option('--preview', 'show what would be kept, and keep nothing')
    .option('--skip-bad', 'import the good rows when others are bad')
    .action(importTables);
  json(
    examples(
      csv,
      'portal import csv acme --customers Customer.csv --invoices Invoice.csv --lines InvoiceLine.csv --currency USD',
      'portal import csv acme --customers Kunden.csv --map columns.txt --skip-bad',
      'portal import csv acme --from xero --customers Contacts.csv --invoices Invoices.csv --preview',
    ),
  );
  csv.addHelpText('after', columnsText);
  const ubl = group
    .command('ubl')
    .description('Import UBL 2.1 invoices and credit notes (Peppol BIS Billing 3.0)')
    .argument('<tenant>')
    .argument('<files...>')
    .option('--preview', 'show what would be kept, and keep nothing')
    .option('--skip-bad', 'import the good documents when others are bad')
    .action(importDocuments);
  json(examples(ubl, 'portal import ubl acme invoices/*.xml'));
}

async function importTables(username: string, options: CsvCommandOptions): Promise<void> {
  const { customers, invoices, lines } = options;
  if (!customers && !invoices && !lines) {
    wrongUsage('Name at least one file with --customers, --invoices or --lines.');
  }
  const ofInvoices = sourceOf(invoices);
  const isOneFile = invoices !== undefined && lines !== undefined && resolve(invoices) === resolve(lines);
  const sources = {
    customers: sourceOf(customers),
    invoices: ofInvoices,
    lines: isOneFile ? ofInvoices : sourceOf(lines),
  };
  const choices = options.map === undefined ? undefined : await readMap(options.map);
  const { importCsv } = await import('#src/imports/csv.ts');
  await withMerchant(username, (merchant) =>
    reportImport(options, (onProgress) =>
      importCsv(merchant, sources, {
        currency: options.currency,
        choices,
        dateOrder: options.dates,
        decimalMark: options.decimal,
        from: options.from,
        encoding: options.encoding,
        skipBad: options.skipBad ?? false,
        preview: options.preview,
        onFile: (file) => {
          if (options.preview || file.preset) sayFile(file);
        },
        onProgress,
      }),
    ),
  );
}

async function importDocuments(
  username: string,
  files: readonly string[],
  options: UblCommandOptions,
): Promise<void> {
  const sources = files.map(fileSource);
  const { importUbl } = await import('#src/imports/ubl-import.ts');
  await withMerchant(username, (merchant) =>
    reportImport(options, (onProgress) =>
      importUbl(merchant, sources, {
        skipBad: options.skipBad ?? false,
        preview: options.preview,
        onProgress,
      }),
    ),
  );
}

/** Our columns, for the help: the README leaves them to it. */
function columnsText(): string {
  const kinds = (['customers', 'invoices', 'lines'] as const).map((kind) => {
    const width = Math.max(...columnNames(kind).map((name) => name.length));
    const rows = Object.entries(TABLE_COLUMNS[kind]).map(
      ([name, { about }]) => `    ${name.padEnd(width)}  ${about}`,
    );
    const needed = REQUIRED_COLUMNS[kind].map((group) => group.join(' or ')).join(', ');
    return `  ${kind} (needed: ${needed})\n${rows.join('\n')}`;
  });
  return `\nColumns, in any order; names that other programs give them are understood as well:\n${kinds.join('\n')}`;
}

async function readMap(path: string): Promise<ColumnChoices> {
  const [{ readColumnChoices }, { describeProblem }] = await Promise.all([
    import('#src/imports/column-choices.ts'),
    import('#src/imports/problems.ts'),
  ]);
  const read = readColumnChoices(await readText(path), basename(path));
  return read.ok ? read.choices : refuse('file_unreadable', { path, reason: describeProblem(read.problem) });
}

function sourceOf(path: string | undefined): TableSource | undefined {
  return path === undefined ? undefined : fileSource(path);
}

function fileSource(path: string): TableSource {
  assertReadable(path);
  return { name: basename(path), open: () => createReadStream(path) };
}

function readEncoding(label: string): string {
  const example = 'Give one such as utf-8, windows-1252, windows-1251, iso-8859-2, cp850 or macintosh.';
  return encodingNamed(label) ?? fail(example);
}

function fail(message: string): never {
  throw new InvalidArgumentError(message);
}

function readMark(text: string): string {
  if (text !== '.' && text !== ',') throw new InvalidArgumentError('It must be "." or ",".');
  return text;
}
