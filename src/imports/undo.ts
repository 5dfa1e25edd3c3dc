import { type MerchantScope, transact } from '#src/scope.ts';
import { type ImportReport, Tally } from './report.ts';

class Undo extends Error {
  readonly report: ImportReport;
  constructor(report: ImportReport) {
    super('the import is undone');
    this.report = report;
  }
}

/** Whether the good rows are kept beside bad ones, and whether anything is at all. */
export interface Keeping {
  readonly skipBad: boolean;
  /** Does everything and keeps nothing: the report says what would have been. */
  readonly preview?: boolean | undefined;
}

/**
 * Runs an import in one transaction. When it has met a problem that is not to be skipped, or is a preview, the transaction is rolled back and
 * nothing of it is kept. PostgreSQL may run the work again from the start, so it begins with a tally of its own.
 */
export async function allOrNothing(
  merchant: MerchantScope,
  { skipBad, preview = false }: Keeping,
  work: (within: MerchantScope, tally: Tally) => Promise<void>,
): Promise<ImportReport> {
  try {
    return await transact(merchant, async (within) => {
      const tally = new Tally(skipBad);
      await work(within, tally);
      const report = { ...tally.report(), ...(preview ? { kept: false } : {}) };
      if (!report.kept) throw new Undo(report);
      return report;
    });
  } catch (error) {
    if (error instanceof Undo) return error.report;
    throw error;
  }
}
