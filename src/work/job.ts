import type { Store } from '#db/open.ts';
import type { Turn } from '../jobs/turn.ts';
import type { MerchantScope } from '../scope.ts';

/** Lanes do not wait for one another: what is slow in one leaves the others as they are. */
export type LaneName = 'sign-in' | 'urgent mail' | 'mail' | 'gateways' | 'collecting' | 'records';

/** An item that a job has to do. */
export interface DueItem {
  /** Which one, for the job: an id of its table. */
  readonly item: string;
  /** For the operator. */
  readonly about?: string;
}

/** A kind of work in the background, over the items of a tenant. */
export interface Job {
  /** Permanent: it stands in the database and on the command line. */
  readonly name: string;
  readonly lane: LaneName;
  /** How long (ms) one item may take; then its turn is aborted. */
  readonly timeoutMs: number;
  /** What `portal work --once` counts the answers of `run` as. */
  readonly counts?: 'sent' | 'settled' | 'collected';
  /** How many items are fetched of one tenant at once, where finding them costs much. */
  readonly batch?: number;
  /** It is never given up: what fails is tried again for ever. */
  readonly isEndless?: true;
  /** Ids of the tenants that may have something due at a moment (epoch ms). */
  tenants(store: Store, nowMs: number): Promise<readonly number[]>;
  /** What the tenant has due, the oldest first, at most so many. */
  due(merchant: MerchantScope, most: number): Promise<readonly DueItem[]>;
  /**
   * Does one item, or finds that it was done. Answers how much came to an end. What it throws is tried again later, a `GivenUp` never by itself. It may be cut
   * off anywhere by the end of its process, and run again after that.
   */
  run(merchant: MerchantScope, item: string, turn: Turn): Promise<number>;
  /** How the job's own table keeps what failed from being due; without it the book of jobs does. */
  readonly keeping?: Keeping;
}

/** Each in the caller's transaction. */
export interface Keeping {
  /** For so many ms. */
  postpone(merchant: MerchantScope, item: string, ms: number): Promise<void>;
  giveUp(merchant: MerchantScope, item: string): Promise<void>;
  revive(merchant: MerchantScope, item: string): Promise<void>;
}
