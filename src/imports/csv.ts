import type { MerchantScope } from '#src/scope.ts';
import type { ColumnChoices, TableKind } from './columns.ts';
import { mapColumns } from './columns.ts';
import { importCustomers } from './csv-customers.ts';
import { importInvoices } from './csv-invoices.ts';
import { groupInvoices, type MappedTable } from './grouping.ts';
import { optional } from './optional.ts';
import type { ImportProgress, ImportReport, Tally } from './report.ts';
import type { RowSettings } from './row-reader.ts';
import { openTable, type TableSource } from './table.ts';
import { allOrNothing } from './undo.ts';
import type { DecimalMark } from '#src/kernel/amount-text.ts';
import type { DateOrder } from './values.ts';

export interface CsvSources {
  readonly customers?: TableSource | undefined;
  readonly invoices?: TableSource | undefined;
  readonly lines?: TableSource | undefined;
}

export interface CsvOptions {
  /** ISO 4217; for customers whose row names none. An invoice without one takes its customer's. */
  readonly currency?: string | undefined;
  readonly choices?: ColumnChoices | undefined;
  readonly dateOrder?: DateOrder | undefined;
  readonly decimalMark?: DecimalMark | undefined;
  /** Keeps the good rows when others are bad; otherwise a single problem undoes everything. */
  readonly skipBad: boolean;
  /** Invoices whose lines are held at once when the lines are not in the invoices' order, counted in lines. */
  readonly linesInWindow?: number | undefined;
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined;
}

/**
 * Imports customers, invoices and their lines from CSV files, any of the three (lines need invoices), in one transaction. What is there
 * already with the same content is left alone and counted as unchanged; the same number with other content is a problem, and nothing
 * is overwritten. Never throws for what a file contains: see the report. Memory does not grow with the files.
 */
export function importCsv(
  merchant: MerchantScope,
  sources: CsvSources,
  options: CsvOptions,
): Promise<ImportReport> {
  return allOrNothing(merchant, options.skipBad, async (within, tally) => {
    if (sources.lines && !sources.invoices) tally.problem(linesAlone(sources.lines.name));
    const customers = await open('customers', sources.customers, options, tally);
    const invoices = await open('invoices', sources.invoices, options, tally);
    const lines = await open('lines', sources.lines, options, tally);
    if (customers) {
      await importCustomers(within, customers, settingsFor(customers, options), tally, options.onProgress);
    }
    // Without the file of lines that was meant to be there, every invoice would be another one.
    if (!invoices || (sources.lines && !lines)) return;
    const report = tally.problem.bind(tally);
    const groups = groupInvoices(invoices, lines, report, options.linesInWindow);
    const files = {
      invoices,
      lines,
      invoiceSettings: settingsFor(invoices, options),
      lineSettings: lines ? settingsFor(lines, options) : { file: '' },
    };
    await importInvoices(within, files, groups, tally, options.onProgress);
  });
}

async function open<K extends TableKind>(
  kind: K,
  source: TableSource | undefined,
  options: CsvOptions,
  tally: Tally,
): Promise<MappedTable<K> | undefined> {
  if (!source) return undefined;
  const opened = await openTable(source);
  if (!opened.ok) {
    tally.problem(opened.problem);
    return undefined;
  }
  const mapped = mapColumns(kind, opened.table, options.choices);
  if (mapped.ok) return { table: opened.table, columns: mapped.columns };
  tally.problem(...mapped.problems);
  return undefined;
}

function settingsFor({ table }: { table: { file: string } }, options: CsvOptions): RowSettings {
  return {
    file: table.file,
    ...optional('currency', options.currency),
    ...optional('dateOrder', options.dateOrder),
    ...optional('decimalMark', options.decimalMark),
  };
}

function linesAlone(file: string) {
  return {
    file,
    reason: 'Lines belong to invoices, but there is no file of invoices.',
    hint: 'Name it with --invoices.',
  };
}
