import { nowMs } from '#src/kernel/time.ts';
import { type MerchantScope, transact } from '#src/scope.ts';
import { type ImportReport, Tally } from './report.ts';

/** Whether the good rows are kept beside bad ones, and whether anything is at all. */
export interface Keeping {
  readonly skipBad: boolean;
  /** Does everything and keeps nothing: the report says what would have been. */
  readonly preview?: boolean | undefined;
}

/**
 * Runs an import whose rows are written in short transactions (`inBatch`) and seen all at once when the work has ended. When it has met a
 * problem that is not to be skipped, is a preview, or is broken off, all of it is taken back. Refuses `import_under_way`.
 */
export async function allOrNothing(
  merchant: MerchantScope,
  { skipBad, preview = false }: Keeping,
  work: (within: MerchantScope, tally: Tally) => Promise<void>,
): Promise<ImportReport> {
  const stage = await merchant.db.stage(nowMs(merchant.clock));
  const tally = new Tally(skipBad);
  try {
    await work({ ...merchant, db: stage.db }, tally);
  } catch (error) {
    await stage.discard();
    throw error;
  }
  const told = tally.report();
  const report = { ...told, kept: told.kept && !preview };
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
