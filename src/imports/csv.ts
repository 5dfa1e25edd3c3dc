import type { MerchantScope } from '#src/scope.ts';
import { importCustomers } from './csv-customers.ts';
import { type CsvSources, openCustomers, openInvoices, type ReadingOptions } from './csv-files.ts';
import { importInvoices } from './csv-invoices.ts';
import { groupInvoices } from './grouping.ts';
import type { ImportProgress, ImportReport } from './report.ts';
import { allOrNothing, type Keeping } from './undo.ts';

export interface CsvOptions extends ReadingOptions, Keeping {
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
  return allOrNothing(merchant, options, async (within, tally) => {
    const customers = await openCustomers(sources.customers, options, tally);
    const files = await openInvoices(sources, options, tally);
    if (customers) {
      await importCustomers(within, customers.mapped, customers.settings, tally, options.onProgress);
    }
    if (!files) return;
    const report = tally.problem.bind(tally);
    const groups = groupInvoices(files.invoices, files.lines, report, options.linesInWindow);
    await importInvoices(within, files, groups, tally, options.onProgress);
  });
}
