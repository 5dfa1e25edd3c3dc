import type { MerchantScope } from '../scope.ts';

/** One run of a job over one item, by the only process that holds its lease. */
export interface Turn {
  /** Aborted when the time is over, the process stops, or the lease is lost. */
  readonly signal: AbortSignal;
  /**
   * Renews the lease in the caller's transaction, just before an effect on the outside. False when another process may have the item by now: then there
   * must be no effect.
   */
  holds(within: MerchantScope): Promise<boolean>;
}

/** Thrown by a job that must not be tried again by itself. Its message is a sentence for the operator, who may ask for it again. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';
}
