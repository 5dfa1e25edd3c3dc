import { setTimeout as sleep } from 'node:timers/promises';
import type { Town } from './customer.ts';
import type { Portal } from './processes.ts';

/** What a process is asked to give back: a part (minor units) of what a receipt shows. */
export interface RefundWish {
  readonly nonce: string;
  readonly receipt: string;
  readonly minor: number;
}

/** What a process says of a wish: the refund's state, or the code of a refusal. */
export interface RefundWord {
  readonly refunded: string;
  readonly state: string;
}

const ASKS_AGAIN_MS = 400;

/** Somebody at the merchant's who gives money back: asks one of the processes, or two at once, and again under the same nonce until one knows. */
export class Clerk {
  readonly #town: Town;
  readonly #portals: readonly Portal[];
  readonly #waiting = new Map<string, { readonly wish: RefundWish; askedAt: number }>();
  readonly #given = new Map<string, number>();
  /** Refunds that were acknowledged: by nonce, minor units. */
  readonly journal = new Map<string, number>();

  constructor(town: Town, portals: readonly Portal[]) {
    this.#town = town;
    this.#portals = portals;
    for (const portal of portals) portal.hear((word) => this.#listen(word));
  }

  async work(): Promise<void> {
    while (!this.#town.over) {
      await sleep(30 + this.#town.dice(120));
      this.#wishForMore();
      for (const entry of this.#waiting.values())
        if (Date.now() - entry.askedAt > ASKS_AGAIN_MS) this.#ask(entry);
    }
  }

  /** A part of a payment, or all that is left of it. */
  #wishForMore(): void {
    const seen = [...this.#town.journal.values()];
    const chosen = seen[this.#town.dice(Math.max(1, seen.length))];
    if (!chosen || this.#waiting.size > 5) return;
    const { receipt, minor: paid } = chosen;
    const left = paid - (this.#given.get(receipt) ?? 0);
    if (left <= 0) return;
    const minor = this.#town.dice(2) === 0 ? left : 1 + this.#town.dice(left);
    this.#given.set(receipt, paid - left + minor);
    const nonce = `refund_${receipt}_${left}`;
    const entry = { wish: { nonce, receipt, minor }, askedAt: 0 };
    this.#waiting.set(nonce, entry);
    this.#ask(entry);
  }

  #ask(entry: { readonly wish: RefundWish; askedAt: number }): void {
    entry.askedAt = Date.now();
    const first = this.#town.dice(this.#portals.length);
    const atOnce = this.#town.dice(4) === 0 ? 2 : 1;
    for (let i = 0; i < atOnce; i++) this.#portals[(first + i) % this.#portals.length]!.ask(entry.wish);
  }

  #listen({ refunded, state }: RefundWord): void {
    const entry = this.#waiting.get(refunded);
    if (!entry || state === 'unknown' || state === 'created') return;
    this.#waiting.delete(refunded);
    if (state === 'succeeded') this.journal.set(refunded, entry.wish.minor);
    else this.#town.complaints.push(`a refund of ${entry.wish.minor} came to ${state}`);
  }
}
