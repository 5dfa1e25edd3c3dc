import { nowMs } from '#src/kernel/time.ts';
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
  const stage = await merchant.db.stage(nowMs(merchant.clock));
  const tally = new Tally(skipBad);
  try {
    return await transact(merchant, async (within) => {
      const tally = new Tally(skipBad);
      await work(within, tally);
      const report = { ...tally.report(), ...(preview ? { kept: false } : {}) };
      if (!report.kept) throw new Undo(report);
      return report;
    });
  } catch (error) {
    await stage.discard();
    throw error;
  }
  const report = tally.report();
  await (report.kept ? stage.keep(nowMs(merchant.clock)) : stage.discard());
  return report;
}

/** One short transaction of an import. PostgreSQL may run it again from the start, so it counts for itself and is added up once it is through. */
export async function inBatch(
  within: MerchantScope,
  tally: Tally,
  work: (within: MerchantScope, counted: Tally) => Promise<void>,
): Promise<void> {
  const counted = await transact(within, async (batch) => {
    const own = tally.fork();
    await work(batch, own);
    return own;
  });
  tally.add(counted);
}
