import {
  buryItem,
  finishItem,
  type Lease,
  LEASE_MS,
  postponeItem,
  renewLease,
  returnItem,
  takeItem,
} from '../jobs/leases.ts';
import { GivenUp } from '../jobs/turn.ts';
import { backoff } from '../kernel/backoff.ts';
import { secretToken } from '../kernel/ids.ts';
import { nowMs } from '../kernel/time.ts';
import { type MerchantScope, type Ports, transact } from '../scope.ts';
import type { DueItem, Job } from './job.ts';

/** With the pauses below this spans two to three days. */
const MOST_TRIES = 20;
const PAUSES = { firstMs: 30_000, longestMs: 6 * 3_600_000 };
/** How long (ms) a job may take to end once its turn was aborted. What does not end then is left alone, and its lease runs out. */
const LAST_WORDS_MS = 3000;

/** What became of an item: how much came to an end, or that nothing was done by this process. */
export type Ran = { readonly done: number } | 'failed' | 'not ours';

/** The installation's clock, and chance. */
type Means = Pick<Ports, 'clock' | 'tokens' | 'log'>;

/** One turn: the job, whose item, under which lease, and what cuts it off. */
interface Running {
  readonly means: Means;
  readonly merchant: MerchantScope;
  readonly job: Job;
  readonly lease: Lease;
  readonly tries: number;
  readonly cut: AbortController;
  readonly stopping: AbortSignal | undefined;
}

/** Runs a job over one item, under a lease that is renewed while it runs. What goes wrong is logged and kept for the operator; it never throws. */
export async function runItem(
  means: Means,
  merchant: MerchantScope,
  job: Job,
  due: DueItem,
  stopping?: AbortSignal,
): Promise<Ran> {
  const lease = { name: job.name, item: due.item, token: secretToken(means.tokens) };
  try {
    const tries = await takeItem(merchant, lease, due.about, nowMs(means.clock));
    if (tries === undefined) return 'not ours';
    return await runTurn({ means, merchant, job, lease, tries, cut: new AbortController(), stopping });
  } catch (error) {
    // Not even the failure could be written down: the lease runs out, and somebody else finds the item.
    means.log.error('background work failed', { ...namesOf(merchant, lease), reason: reasonOf(error, true) });
    return 'failed';
  }
}

async function runTurn(running: Running): Promise<Ran> {
  const { means, merchant, job, lease, tries, cut, stopping } = running;
  const stop = (): void => cut.abort(new Stopped());
  stopping?.addEventListener('abort', stop);
  const renewal = setInterval(() => void renew(running), LEASE_MS / 3);
  const holds = (within: MerchantScope) => renewLease(within, lease, nowMs(means.clock));
  try {
    if (tries > MOST_TRIES && !job.isEndless)
      throw new GivenUp(`The portal ended ${MOST_TRIES} times while it worked on this.`);
    const done = await inTime(job, cut, job.run(merchant, lease.item, { signal: cut.signal, holds }));
    await finishItem(merchant, lease);
    return { done };
  } catch (error) {
    if (error instanceof Abandoned) throw error;
    await writeFailure(running, error);
    return 'failed';
  } finally {
    clearInterval(renewal);
    stopping?.removeEventListener('abort', stop);
  }
}

/** Waits for the job for as long as it may take, and a little longer for it to end when it is told to. */
async function inTime(job: Job, cut: AbortController, run: Promise<number>): Promise<number> {
  const late = new Error(`It took longer than ${job.timeoutMs / 1000} seconds`);
  const timers = [setTimeout(() => cut.abort(late), job.timeoutMs)];
  const abandoned = Promise.withResolvers<never>();
  cut.signal.addEventListener('abort', () =>
    timers.push(setTimeout(() => abandoned.reject(new Abandoned(cut.signal.reason)), LAST_WORDS_MS)),
  );
  try {
    return await Promise.race([run, abandoned.promise]);
  } finally {
    for (const timer of timers) clearTimeout(timer);
    run.catch(() => {});
  }
}

/** A lease that cannot be renewed may be somebody else's; one whose database does not answer may still be ours. */
async function renew({ means, merchant, lease, cut }: Running): Promise<void> {
  const isOurs = await renewLease(merchant, lease, nowMs(means.clock)).catch(() => true);
  if (!isOurs) cut.abort(new Error('Somebody else works on it'));
}

async function writeFailure(running: Running, error: unknown): Promise<void> {
  const { means, merchant, job, lease, tries, cut } = running;
  const now = nowMs(means.clock);
  const isOver = error instanceof GivenUp || (tries >= MOST_TRIES && !job.isEndless);
  if (cut.signal.reason instanceof Stopped && !isOver) return returnItem(merchant, lease, now);
  const failure = { error: reasonOf(error).slice(0, 500), isKept: job.keeping === undefined };
  const pause = backoff(tries, PAUSES, means.tokens);
  await transact(merchant, async (within) => {
    if (isOver && (await buryItem(within, lease, failure, now)))
      await job.keeping?.giveUp(within, lease.item);
    if (isOver) return;
    await postponeItem(within, lease, { ...failure, nextAt: now + pause }, now);
    await job.keeping?.postpone(within, lease.item, pause);
  });
  const words = isOver ? 'background work was given up' : 'background work will be tried again';
  means.log.warn(words, { ...namesOf(merchant, lease), tries, reason: failure.error });
}

function namesOf({ tenant }: MerchantScope, { name, item }: Lease) {
  return { tenant: tenant.username, job: name, item };
}

function reasonOf(error: unknown, inFull = false): string {
  if (!(error instanceof Error)) return String(error);
  return inFull ? (error.stack ?? error.message) : error.message;
}

/** The process is about to end. */
class Stopped extends Error {
  override readonly message = 'The portal stops';
}

/** The job went on after its turn was over: nothing is known of it, and nothing is written. */
class Abandoned extends Error {
  override readonly message = 'It did not end when its time was over';
  constructor(cause: unknown) {
    super(undefined, { cause });
  }
}
