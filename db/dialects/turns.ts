import { setTimeout as sleep } from 'node:timers/promises';
import { refuse } from '#src/kernel/errors.ts';

/** How long a write waits for another process before it is refused as `busy`. */
const PATIENCE_MS = 10_000;
/** Looks are this far apart at first, later further: a lock that is held for long is not gone within a moment. */
const FIRST_LOOK_MS = 1;
const LATEST_LOOK_MS = 25;
const BUSY = /^SQLITE_BUSY/;

export interface Waiting {
  /** Whether the work needs the write lock: writers are served in the order in which they came. */
  readonly writes: boolean;
  /** Milliseconds until it is refused. */
  readonly patienceMs?: number | undefined;
}

/** Whether somebody else has what is needed of the database now. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && BUSY.test(String(error.code));
}

/**
 * Who may use the one connection of a process. SQLite would wait for other processes on the thread; here whoever finds the database
 * busy hands the turn on, so that others read meanwhile, and looks again later.
 */
export class Turns {
  readonly #connection = new Queue();
  readonly #writers = new Queue();

  take(): Promise<void> {
    return this.#connection.take();
  }

  give(): void {
    this.#connection.give();
  }

  /** Takes a turn for the work and gives it back, again and again while the database is busy. Refuses `busy`. */
  async run<Answer>(work: () => Answer | Promise<Answer>, waiting: Waiting): Promise<Answer> {
    await this.take();
    try {
      return await this.patiently(work, waiting);
    } finally {
      this.give();
    }
  }

  /**
   * Runs the work of whoever has the turn. While the database is busy the turn is handed on, so the work must not be in a transaction.
   * Refuses `busy` when patience ends.
   */
  async patiently<Answer>(work: () => Answer | Promise<Answer>, waiting: Waiting): Promise<Answer> {
    if (!waiting.writes || this.#writers.isFree) {
      try {
        return await work();
      } catch (error) {
        if (!isBusy(error)) throw error;
      }
    }
    return this.#waitFor(work, waiting);
  }

  async #waitFor<Answer>(
    work: () => Answer | Promise<Answer>,
    { writes, patienceMs = PATIENCE_MS }: Waiting,
  ): Promise<Answer> {
    const until = performance.now() + patienceMs;
    const leave = writes ? await this.#inLine() : () => {};
    try {
      for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 1.2, LATEST_LOOK_MS)) {
        try {
          return await work();
        } catch (error) {
          if (!isBusy(error)) throw error;
        }
        if (performance.now() >= until) refuse('busy');
        await this.#without(() => sleep(pause));
      }
    } finally {
      leave();
    }
  }

  /** Only the first of those who wait to write looks; the others wait for it. */
  async #inLine(): Promise<() => void> {
    if (this.#writers.isFree) await this.#writers.take();
    else await this.#without(() => this.#writers.take());
    return () => this.#writers.give();
  }

  async #without(wait: () => Promise<unknown>): Promise<void> {
    this.give();
    try {
      await wait();
    } finally {
      await this.take();
    }
  }
}

/** One at a time, in the order in which they came. */
class Queue {
  #isTaken = false;
  readonly #waiting: Array<() => void> = [];

  get isFree(): boolean {
    return !this.#isTaken;
  }

  take(): Promise<void> {
    if (!this.#isTaken) {
      this.#isTaken = true;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  give(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#isTaken = false;
  }
}
