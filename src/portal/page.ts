/** What a page may do: `core`, the usual, gets nothing from strangers; `content` what the merchant trusts; `file` and `letter` run nothing. */
export type PageClass = 'core' | 'content' | 'file' | 'letter' | 'pdf';

/** How often something may happen: `burst` at once, refilled evenly over `seconds`. */
export interface LimitRule {
  readonly burst: number;
  readonly seconds: number;
}

/** What a session may be for, as sessions have it in `scope`. */
export type SessionKind = 'portal' | 'temporary' | 'document' | 'manage';

/** Who may enter: everybody, whoever is signed in, or of those only who may pay (owners and payers). */
export type Entrance = 'anyone' | 'viewer' | 'payer';

/** How magic links and sign-in name a page: as itself, by one document, or by up to ten chosen invoices. */
export type Naming =
  | { readonly as: 'page'; readonly id: string }
  | { readonly as: 'document' }
  | { readonly as: 'chosen'; readonly id: string };

/** A setting that takes a page away while it has the value `off`. */
export interface Switch {
  readonly setting: string;
  readonly off: string | false;
}

/** The entries of the main navigation, and the tabs of Activity. What they are called stands with the frame that shows them. */
export type MainEntry = 'account' | 'activity' | 'methods';
export type ActivityTab = 'invoices' | 'estimates' | 'credit_notes' | 'payments';

/** A page's place in the main navigation. */
export interface MainPlace {
  readonly entry: MainEntry;
  /** Left out where the tenant takes no payments: the page stays, as what is kept can be removed still. */
  readonly needs?: 'payments';
}

/** All that is held of a page. What a page does not say is as in `STRICT`. */
export interface Page {
  readonly pageClass: PageClass;
  /** For each client address. A method without one is not limited. */
  readonly limits: Readonly<Partial<Record<'GET' | 'POST', LimitRule>>>;
  /** Bytes that a form of the page may have. */
  readonly bodyCap: number;
  /** By method; one that is missing the page does not take. */
  readonly for: Readonly<Partial<Record<'GET' | 'POST', Entrance>>>;
  readonly sessions: readonly SessionKind[];
  readonly names: readonly Naming[];
  readonly switch?: Switch;
  readonly main?: MainPlace;
  readonly tab?: ActivityTab;
  /** How much of its address other sites learn. */
  readonly referrer: 'strict-origin-when-cross-origin' | 'same-origin' | 'no-referrer';
  /** What varies in its address is a secret: logs leave it out. */
  readonly secret: boolean;
}

/** Cards can be tried wherever one is typed, so every form is limited. */
const FORMS: LimitRule = { burst: 60, seconds: 600 };

/** What holds for a page that says nothing, and where no page is. */
export const STRICT: Page = {
  pageClass: 'core',
  limits: { POST: FORMS },
  bodyCap: 65_536,
  for: { GET: 'payer', POST: 'payer' },
  sessions: ['portal'],
  names: [],
  referrer: 'strict-origin-when-cross-origin',
  secret: false,
};
