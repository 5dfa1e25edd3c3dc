import type { Refusal } from './kernel/errors.ts';
import type { Entrance } from './portal/page.ts';
import type { MerchantScope } from './scope.ts';
import type { Session, Sessions } from './signin/session.ts';
import type { Words } from './words/words.ts';

/** What travels with a request to the pages. The front fixes the first group; the middleware adds who is signed in. */
export interface PortalLocals {
  readonly merchant: MerchantScope;
  readonly sessions: Sessions;
  readonly requestId: string;
  readonly clientAddress: string;
  /** The tenant's accent, as a same-origin stylesheet. */
  readonly stylesheet?: string | undefined;
  /** Has the work in the background (mail, reconciling) done now instead of in a moment. */
  readonly kick: () => void;
  /** Opens the pages of the local mailbox; absent where mail is sent. */
  readonly mailboxKey?: string | undefined;

  /** What the page is said in: the browser's language until it is known who looks, then theirs. */
  words: Words;
  /** Whom the page that was asked for lets in for this method, as it declares. */
  entrance?: Entrance | undefined;
  session?: Session | undefined;
  /** Set-Cookie values of the answer. */
  readonly cookies: string[];
  /** What the page /problem shows. */
  problem?: Refusal;
}
