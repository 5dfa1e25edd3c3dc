import { setTimeout as sleep } from 'node:timers/promises';
import { discardAbandoned } from '#db/staging.ts';
import type { App } from './app.ts';
import { reviveItem } from './jobs/dead-letters.ts';
import type { JobItem } from './jobs/leases.ts';
import { nowMs } from './kernel/time.ts';
import { type MerchantScope, transact } from './scope.ts';
import { sweepSignIn } from './signin/sign-in-mail.ts';
import { findTasks, keyOf, tenantsOf } from './work/finding.ts';
import type { Job, LaneName } from './work/job.ts';
import { Lane } from './work/lane.ts';
import { jobsOf } from './work/registry.ts';
import { runItem } from './work/running.ts';

/** What runs beside the requests: sign-in mails, the outbox, payments that nobody answered for, what AutoPay and plans collect, sweeping up. */
export interface Work {
  /**
   * Looks for something to do a moment from now instead of at the next tick: once the answer of whoever kicks has left. How long an answer
   * takes must not tell what there was to do, nor wait for it.
   */
  kick(): void;
  /** Takes nothing new, and ends when what is under way has ended; what has not within seconds is cut off. */
  stop(): Promise<void>;
}

export interface WorkOptions {
  /** Deletes what has ended, every ten minutes. */
  readonly sessions?: { sweep(): Promise<void> } | undefined;
  /** Milliseconds between two looks. */
  readonly everyMs?: number;
  /** What is under way when it is stopped has so long (ms) to end. */
  readonly graceMs?: number;
}

const EVERY_MS = 500;
const GRACE_MS = 5000;
const ANSWER_LEAVES_MS = 100;
const SWEEP_EVERY_MS = 10 * 60_000;

/** How many items of a lane run at once in one process. What only writes to the database gains nothing by more. */
const SLOTS: Readonly<Record<LaneName, number>> = {
  'sign-in': 2,
  'urgent mail': 4,
  mail: 4,
  gateways: 4,
  collecting: 4,
  records: 1,
};
/** Collections begin with a day: seconds do not matter, and looking for them reads more than looking for mail. */
const SLOWER: Partial<Record<LaneName, number>> = { collecting: 20 };

/**
 * Starts the background work of this process: each lane by itself. Several processes may run it on one database: an item is leased by one of them.
 */
export function startWork(
  app: App,
  { everyMs = EVERY_MS, graceMs = GRACE_MS, sessions }: WorkOptions = {},
): Work {
  const jobs = Map.groupBy(jobsOf(app), ({ lane }) => lane);
  const lanes = [...jobs].map(([name, ofLane]) => {
    const options = { slots: SLOTS[name], everyMs: everyMs * (SLOWER[name] ?? 1), graceMs };
    return { name, lane: new Lane(app, ofLane, options) };
  });
  const stopping = new AbortController();
  const swept = sweepUntil(app, stopping.signal, sessions);
  const kick = async (): Promise<void> => {
    await sleep(ANSWER_LEAVES_MS, undefined, { signal: stopping.signal });
    for (const { name, lane } of lanes) if (SLOWER[name] === undefined) lane.kick();
  };
  return {
    kick: () => void kick().catch(() => {}),
    stop: async () => {
      stopping.abort();
      await Promise.all([swept, ...lanes.map(({ lane }) => lane.stop())]);
    },
  };
}

/** Deletes what has ended, now and every ten minutes. */
async function sweepUntil(app: App, stop: AbortSignal, sessions: WorkOptions['sessions']): Promise<void> {
  while (!stop.aborted) {
    await attempt(app, () => sweepSignIn(app.operator('sweeper')));
    await attempt(app, async () => sessions?.sweep());
    await attempt(app, () => app.ports.store.tune());
    await attempt(app, () => discardAbandoned(app.ports.store));
    await sleep(SWEEP_EVERY_MS, undefined, { signal: stop }).catch(() => {});
  }
}

/** What one round did: mails that left, payments that were settled, tries of AutoPay and payment plans. */
export interface WorkDone {
  readonly sent: number;
  readonly settled: number;
  readonly collected: number;
}

/** What is fetched of one tenant at once. */
const BATCH = 50;

/** Does everything that is due now, one after the other; mails last, those included that the rest brought about. */
export async function workOnce(app: App): Promise<WorkDone> {
  const done = { sent: 0, settled: 0, collected: 0 };
  for (const job of jobsOf(app)) {
    for (const tenantId of (await attempt(app, () => tenantsOf(app, job))) ?? []) {
      const count = await attempt(app, () => workThrough(app, job, tenantId));
      if (job.counts) done[job.counts] += count ?? 0;
    }
  }
  return done;
}

async function workThrough(app: App, job: Job, tenantId: number): Promise<number> {
  const cameToNothing = new Set<string>();
  let count = 0;
  for (;;) {
    const found = await findTasks(app, job, tenantId, BATCH + cameToNothing.size);
    const tasks = found.filter((task) => !cameToNothing.has(keyOf(task)));
    if (tasks.length === 0) return count;
    for (const task of tasks) {
      const ran = await runItem(app.ports, task.merchant, job, task.due);
      if (typeof ran === 'object' && ran.done > 0) count += ran.done;
      else cameToNothing.add(keyOf(task));
    }
  }
}

/** Lets something that failed be tried again from now on. Refuses `unknown_job`. */
export async function retryJob(app: App, merchant: MerchantScope, item: JobItem): Promise<void> {
  const job = jobsOf(app).find(({ name }) => name === item.name);
  await transact(merchant, async (within) => {
    await reviveItem(within, item, nowMs(app.ports.clock));
    await job?.keeping?.revive(within, item.item);
  });
}

/** One tenant's trouble must not stop the others' work. */
async function attempt<Answer>(app: App, work: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    app.ports.log.error('background work failed', { reason });
    return undefined;
  }
}
