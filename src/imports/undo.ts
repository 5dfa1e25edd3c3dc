import { type MerchantScope, transact } from '#src/scope.ts';
import { type ImportReport, Tally } from './report.ts';

class Undo extends Error {
  readonly report: ImportReport;
  constructor(report: ImportReport) {
    super('the import is undone');
    this.report = report;
  }
}

/**
 * Runs an import in one transaction. When it has met a problem that is not to be skipped, the transaction is rolled back and
 * nothing of it is kept. PostgreSQL may run the work again from the start, so it begins with a tally of its own.
 */
export async function allOrNothing(
  merchant: MerchantScope,
  skipBad: boolean,
  work: (within: MerchantScope, tally: Tally) => Promise<void>,
): Promise<ImportReport> {
  try {
    return await transact(merchant, async (within) => {
      const tally = new Tally(skipBad);
      await work(within, tally);
      const report = tally.report();
      if (!report.kept) throw new Undo(report);
      return report;
    });
  } catch (error) {
    if (error instanceof Undo) return error.report;
    throw error;
  }
}
