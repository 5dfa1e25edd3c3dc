import { setTimeout as sleep } from 'node:timers/promises';
import type { App } from '../app.ts';
import { findTasks, keyOf, type Task, tenantsOf } from './finding.ts';
import type { Job } from './job.ts';
import { FairQueue } from './queue.ts';
import { type Ran, runItem } from './running.ts';

export interface LaneOptions {
  /** How many items run at once; where there are several, all but one may be of one tenant. */
  readonly slots: number;
  /** Milliseconds between two looks. */
  readonly everyMs: number;
  /** What runs when the lane is stopped has so long (ms) to end. */
  readonly graceMs: number;
}

/** What is fetched of one tenant at once, and of how many tenants: a look is short, whatever waits. */
const BATCH = 10;
const TENANTS_AT_ONCE = 50;

/**
 * Works on what some jobs have due, several items at once, going round between the tenants. It looks while it works, so that a tenant who comes later is
 * served next. A look that fails is logged and tried again.
 */
export class Lane {
  readonly #app: App;
  readonly #jobs: readonly Job[];
  readonly #options: LaneOptions;
  readonly #queue = new FairQueue<Task>();
  /** Keys of the tasks that wait here or run. */
  readonly #busy = new Set<string>();
  /** When (ms of this process) a task that came to nothing may be looked at again, by key. */
  readonly #resting = new Map<string, number>();
  readonly #running = new Map<number, Set<Promise<void>>>();
  readonly #served = new Map<Job, number>();
  readonly #stopping = new AbortController();
  readonly #hurry = new AbortController();
  readonly #ended: Promise<void>;
  #woken = Promise.withResolvers<void>();
  #lookAt = 0;

  constructor(app: App, jobs: readonly Job[], options: LaneOptions) {
    this.#app = app;
    this.#jobs = jobs;
    this.#options = options;
    this.#ended = this.#work();
  }

  /** Looks now. */
  kick(): void {
    this.#lookAt = 0;
    this.#woken.resolve();
  }

  /** Takes nothing new, and ends when what runs has ended or was cut off. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#woken.resolve();
    const hurry = setTimeout(() => this.#hurry.abort(), this.#options.graceMs);
    await this.#ended;
    clearTimeout(hurry);
  }

  async #work(): Promise<void> {
    let hasMore = false;
    while (!this.#stopping.signal.aborted) {
      if (performance.now() >= this.#lookAt || (hasMore && this.#queue.isEmpty)) {
        this.#lookAt = performance.now() + this.#options.everyMs;
        hasMore = await this.#look();
      }
      this.#fill();
      if (!hasMore || !this.#queue.isEmpty || this.#isFull()) await this.#somethingNew();
    }
    await Promise.all([...this.#running.values()].flatMap((ended) => [...ended]));
  }

  /** Waits for a kick, the end of an item, or the time of the next look. */
  async #somethingNew(): Promise<void> {
    const over = new AbortController();
    const pause = Math.max(this.#lookAt - performance.now(), 0);
    const waited = sleep(pause, undefined, { signal: over.signal }).catch(() => {});
    await Promise.race([waited, this.#woken.promise]);
    over.abort();
    this.#woken = Promise.withResolvers();
  }

  /** Fetches what is due. Answers whether there was something. */
  async #look(): Promise<boolean> {
    const now = performance.now();
    for (const [key, until] of this.#resting) if (until <= now) this.#resting.delete(key);
    let found = 0;
    for (const job of this.#jobs) {
      try {
        found += await this.#lookFor(job);
      } catch (error) {
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
        this.#app.ports.log.error('background work failed', { job: job.name, reason });
      }
    }
    return found > 0;
  }

  async #lookFor(job: Job): Promise<number> {
    let found = 0;
    const tenants = await tenantsOf(this.#app, job, this.#served.get(job));
    for (const tenantId of tenants.slice(0, TENANTS_AT_ONCE)) {
      this.#served.set(job, tenantId);
      if (this.#queue.of(tenantId) >= BATCH) continue;
      const busy = this.#queue.of(tenantId) + (this.#running.get(tenantId)?.size ?? 0);
      const batch = job.batch ?? BATCH;
      // Those that run, wait here, or came to nothing a moment ago may stand before the others.
      const tasks = await findTasks(this.#app, job, tenantId, batch + busy + this.#resting.size);
      const fresh = tasks.filter((task) => this.#isNew(keyOf(task))).slice(0, batch);
      for (const task of fresh) this.#busy.add(keyOf(task));
      this.#queue.add(tenantId, fresh);
      found += fresh.length;
    }
    return found;
  }

  #isNew(key: string): boolean {
    return !this.#busy.has(key) && !this.#resting.has(key);
  }

  #fill(): void {
    while (!this.#isFull()) {
      const task = this.#queue.next((tenantId) => this.#mayHaveAnother(tenantId));
      if (!task) return;
      this.#start(task);
    }
  }

  #isFull(): boolean {
    return [...this.#running.values()].reduce((sum, { size }) => sum + size, 0) >= this.#options.slots;
  }

  #mayHaveAnother(tenantId: number): boolean {
    const most = Math.max(this.#options.slots - 1, 1);
    return (this.#running.get(tenantId)?.size ?? 0) < most;
  }

  #start(task: Task): void {
    const { job, merchant, due } = task;
    const tenantId = merchant.tenant.id;
    const ofTenant = this.#running.get(tenantId) ?? new Set();
    this.#running.set(tenantId, ofTenant);
    const run = async (): Promise<void> => {
      const ran = await runItem(this.#app.ports, merchant, job, due, this.#hurry.signal);
      ofTenant.delete(ended);
      if (ofTenant.size === 0) this.#running.delete(tenantId);
      this.#leave(keyOf(task), ran);
    };
    const ended = run();
    ofTenant.add(ended);
  }

  #leave(key: string, ran: Ran): void {
    this.#busy.delete(key);
    const cameToSomething = typeof ran === 'object' && ran.done > 0;
    if (!cameToSomething) this.#resting.set(key, performance.now() + this.#options.everyMs);
    this.#woken.resolve();
  }
}
