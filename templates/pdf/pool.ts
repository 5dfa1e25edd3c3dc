import { Worker } from 'node:worker_threads';
import { refuse, Refusal } from '#src/kernel/errors.ts';
import type { Paper } from './papers.ts';

/** How much a pool may take. */
export interface PoolLimits {
  /** Threads at the same time. */
  readonly atOnce: number;
  /** Papers that may wait for a thread. */
  readonly waiting: number;
  /** Milliseconds that one paper may take. */
  readonly longestMs: number;
  /** Megabytes that one thread may hold. */
  readonly memoryMb: number;
}

interface Job {
  readonly paper: Paper;
  done(bytes: Uint8Array): void;
  failed(why: unknown): void;
}

const usual: PoolLimits = { atOnce: 2, waiting: 32, longestMs: 60_000, memoryMb: 768 };

/**
 * Draws papers in threads of their own, so that a long one stops nobody. A thread is started when it is needed and kept for the next paper;
 * an idle one keeps no process alive. One that takes too long or too much memory is ended, and its paper refused.
 */
export class PdfPool {
  readonly #limits: PoolLimits;
  readonly #waiting: Job[] = [];
  readonly #idle: Worker[] = [];
  #busy = 0;

  constructor(limits: Partial<PoolLimits> = {}) {
    this.#limits = { ...usual, ...limits };
  }

  /** The file. Refuses `pdf_busy` when too many wait already, `pdf_too_large` when the paper takes more than the limits. */
  draw(paper: Paper): Promise<Uint8Array> {
    if (this.#busy >= this.#limits.atOnce && this.#waiting.length >= this.#limits.waiting) refuse('pdf_busy');
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    this.#waiting.push({ paper, done: resolve, failed: reject });
    this.#next();
    return promise;
  }

  #next(): void {
    if (this.#busy >= this.#limits.atOnce) return;
    const job = this.#waiting.shift();
    if (!job) return;
    this.#busy += 1;
    this.#run(this.#idle.pop() ?? this.#start(), job);
  }

  #start(): Worker {
    const resourceLimits = { maxOldGenerationSizeMb: this.#limits.memoryMb };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { resourceLimits, execArgv: [] });
    // What an ended thread still has to say concerns nobody; unheard, it would end the process.
    worker.on('error', () => {});
    return worker;
  }

  #run(worker: Worker, { paper, done, failed }: Job): void {
    const settle = () => {
      clearTimeout(timer);
      worker.off('message', made).off('error', broke);
      this.#busy -= 1;
      this.#next();
    };
    const end = (why: unknown) => {
      void worker.terminate();
      settle();
      failed(why);
    };
    const made = (bytes: Uint8Array) => {
      worker.unref();
      this.#idle.push(worker);
      settle();
      done(bytes);
    };
    const broke = (error: NodeJS.ErrnoException) => {
      end(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new Refusal('pdf_too_large') : error);
    };
    const timer = setTimeout(() => end(new Refusal('pdf_too_large')), this.#limits.longestMs);
    worker.ref();
    worker.on('message', made).on('error', broke);
    worker.postMessage(paper, []);
  }
}
