import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { RefundWish, RefundWord } from './clerk.ts';
import type { Orders } from './orders.ts';

const SERVE = fileURLToPath(new URL('serve.ts', import.meta.url));
const BANK = fileURLToPath(new URL('bank.ts', import.meta.url));
const MOST_STARTS = 5;
const START_MS = 30_000;

/** What the gateway is told: its clock, whether the network behaves, and who hears of its news. */
export interface BankOrder {
  readonly offset: number;
  readonly calm: boolean;
  readonly portals: readonly number[];
  readonly host: string;
}

/** The gateway's process. Killed and started again it keeps its book and its port changes. */
export class Bank {
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;
  #order: BankOrder = { offset: 0, calm: false, portals: [], host: '' };
  #starts = 0;
  port = 0;

  constructor(folder: string, seed: number, faulty: number) {
    this.#args = [BANK, folder, String(seed), String(faulty)];
  }

  async start(): Promise<void> {
    const [script, folder, seed, faulty] = this.#args;
    const args = [script!, folder!, String(Number(seed) + this.#starts++), faulty!];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#child = child;
    const [{ port }] = (await firstWord(child)) as [{ port: number }];
    this.port = port;
    this.tell({});
  }

  async kill(): Promise<void> {
    if (this.#child) await end(this.#child, 'SIGKILL');
  }

  /** Changes its clock, or makes it work without mishaps from now on. */
  tell(change: Partial<BankOrder>): void {
    this.#order = { ...this.#order, ...change };
    if (this.#child?.connected) this.#child.send(this.#order);
  }
}

/** A process that serves, and dies as it is told. */
export class Portal {
  readonly #environment: Record<string, string>;
  readonly #logFile: string;
  #orders: Orders;
  #child: ChildProcess | undefined;
  #hears: (word: RefundWord) => void = () => {};

  constructor(environment: Record<string, string>, logFile: string, orders: Orders) {
    this.#environment = environment;
    this.#logFile = logFile;
    this.#orders = orders;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get isDead(): boolean {
    return this.#child === undefined || isGone(this.#child);
  }

  /** Starts it, again and again as whoever supervises it would: a database may hang up while it starts. */
  async start(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#startOnce();
      } catch (error) {
        if (tries === MOST_STARTS) throw error;
      }
    }
  }

  async #startOnce(): Promise<void> {
    const env = {
      PATH: process.env['PATH'] ?? '',
      NODE_COMPILE_CACHE: `${this.#environment['PORTAL_DATA']}/cache`,
      ...this.#environment,
      DRILL_ORDERS: JSON.stringify(this.#orders),
    };
    const said = openSync(this.#logFile, 'a');
    this.#child = spawn(process.execPath, [SERVE], { env, stdio: ['ignore', 'ignore', said, 'ipc'] });
    closeSync(said);
    await firstWord(this.#child);
    this.#child.on('message', (word) => this.#hears(word as RefundWord));
  }

  /** Who hears what becomes of refunds. */
  hear(listener: (word: RefundWord) => void): void {
    this.#hears = listener;
  }

  /** Asks it to give money back; one that is dead or being killed says nothing. */
  ask(refund: RefundWish): void {
    if (this.#child?.connected) this.#child.send({ refund }, () => {});
  }

  tell(change: Partial<Omit<Orders, 'die'>>): void {
    this.#orders = { ...this.#orders, ...change };
    // One that is being killed hears nothing any more; the next one starts with these orders.
    if (this.#child?.connected) this.#child.send(change, () => {});
  }

  /** Kills at once, or at the n-th passage of a place; when nobody comes by in time, then too. Answers whether it died at that place. */
  async kill(die?: Orders['die'], patienceMs = 3000): Promise<boolean> {
    if (!this.#child) return false;
    if (die && this.#child.connected) this.#child.send({ die }, () => {});
    const diedThere = die !== undefined && (await this.gone(patienceMs));
    await end(this.#child, 'SIGKILL');
    return diedThere;
  }

  /** Whether it ends by itself within so many milliseconds, or before something else is done. */
  async gone(withinMs: number, other?: Promise<unknown>): Promise<boolean> {
    const child = this.#child!;
    if (isGone(child)) return true;
    const stop = new AbortController();
    const ended = once(child, 'exit', { signal: stop.signal }).then(
      () => true,
      () => false,
    );
    const waited = sleep(withinMs, false, { signal: stop.signal }).catch(() => false);
    const elsewhere = other ? [other.then(() => false)] : [];
    const answer = await Promise.race([ended, waited, ...elsewhere]);
    stop.abort();
    return answer;
  }
}

function isGone(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function firstWord(child: ChildProcess): Promise<unknown[]> {
  const stop = new AbortController();
  const { signal } = stop;
  try {
    return await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(() =>
        Promise.reject(new Error('a process of the drill ended at its start')),
      ),
      sleep(START_MS, undefined, { signal }).then(() =>
        Promise.reject(new Error('a process of the drill does not start')),
      ),
    ]);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    stop.abort();
  }
}

/** Ends a process and answers when it is gone. */
export async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (isGone(child)) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}
