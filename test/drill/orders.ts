import type { RefundWish } from './clerk.ts';

/** Where a portal under drill can be told to die: at the n-th passage of one of its ports. */
export type Place = 'clock' | 'token' | 'before the charge' | 'after the charge';

export const PLACES: readonly Place[] = ['clock', 'token', 'before the charge', 'after the charge'];

/** A message to a portal under drill: other orders, or a refund to make. */
export type Message = Partial<Orders> & { readonly refund?: RefundWish };

/** What a portal under drill is told, in its environment at the start and as messages later. */
export interface Orders {
  /** How far (ms) its clock is from the machine's. */
  readonly offset: number;
  /** The gateway's port. */
  readonly bank: number;
  readonly port: number;
  /** Asks a silent gateway again under a fresh key: the mistake that a control must show. */
  readonly unsafe: boolean;
  /** Sends mail again until it is answered, whatever became of it: another such mistake. */
  readonly insistent?: boolean | undefined;
  readonly die?: { readonly at: Place; passages: number } | undefined;
}
