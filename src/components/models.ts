import type { IconName } from './icons.ts';

/**
 * What the views show. Every text is ready to be read: amounts with their currency, dates and counts in the
 * reader's language. Every `href` and `action` is complete. Views neither compute nor format.
 */

/** A colour that says how things stand; always shown with words. `plain` has no colour. */
export type Tone = 'good' | 'warn' | 'bad' | 'calm' | 'accent' | 'plain';

export interface Status {
  readonly tone: Tone;
  readonly label: string;
}
export interface Link {
  readonly label: string;
  readonly href: string;
}
/** A value that travels with a form unseen. */
export interface Hidden {
  readonly name: string;
  readonly value: string;
}
export interface Option {
  readonly value: string;
  readonly label: string;
}
/** What was typed into a field and what is wrong with it, to be shown beside the field. */
export interface FieldState {
  readonly value?: string | undefined;
  readonly error?: string | undefined;
  /** The cursor is here when the page opens: the first field in error. */
  readonly focus?: boolean | undefined;
}
/** A moment or day: `machine` for `<time datetime>`, `text` to read. */
export interface When {
  readonly machine: string;
  readonly text: string;
}
export interface NoticeModel {
  readonly tone: Exclude<Tone, 'plain'>;
  readonly title: string;
  readonly text?: string | undefined;
  /** What was agreed, where the notice confirms it: with whom, what, how much, what happens next. */
  readonly facts?: readonly Fact[] | undefined;
  readonly link?: Link | undefined;
  /** The page opens here: something was agreed, or a form was not accepted and no field of it is to blame. */
  readonly focus?: boolean | undefined;
}

export interface BrandModel {
  readonly name: string;
  /** One or two letters for the mark when there is no logo. */
  readonly initial: string;
  readonly logoHref?: string | undefined;
  readonly homeHref: string;
}
/** What every page has in its head. */
export interface HeadModel {
  readonly title: string;
  /** The customer's language tag: amounts are written so, in the browser as well. */
  readonly language: string;
  /** The merchant's accent: a same-origin stylesheet that sets `--portal-accent`. */
  readonly themeHref?: string | undefined;
  /** The merchant's icon for tabs and bookmarks; ours when absent. */
  readonly iconHref?: string | undefined;
  /** The merchant's own stylesheets and scripts, same origin, after ours. */
  readonly stylesheets?: readonly string[] | undefined;
  readonly scripts?: readonly string[] | undefined;
}
export interface NavItem {
  readonly label: string;
  /** A shorter label for the tab bar of a phone. */
  readonly short?: string | undefined;
  readonly href: string;
  readonly icon: IconName;
  readonly current?: boolean | undefined;
  /** Shown as a number beside the label, with `countLabel` for those who do not see it ("3 past due"). */
  readonly count?: number | undefined;
  readonly countLabel?: string | undefined;
}
export interface AccountChoice {
  readonly id: string;
  readonly name: string;
  readonly note?: string | undefined;
  readonly current?: boolean | undefined;
}
export interface SignedIn {
  /** Empty when somebody came by a link that names no address. */
  readonly email: string;
  readonly account: string;
  /** One or two letters of the account's name. */
  readonly initials: string;
  /** Every account of this person; shown when there are two or more. Posts `customer` to `switchAction`. */
  readonly accounts: readonly AccountChoice[];
  readonly switchAction: string;
  readonly accessHref: string;
  readonly signOutAction: string;
}
export interface ShellModel extends HeadModel {
  readonly brand: BrandModel;
  readonly nav: readonly NavItem[];
  readonly signedIn: SignedIn;
  readonly footer?: readonly Link[] | undefined;
}
export interface PlainModel extends HeadModel {
  readonly brand: BrandModel;
  readonly footer?: readonly Link[] | undefined;
}

/** One stretch of age that something is in, in order. `share` is 0..1 of the whole. */
export interface AgeBucket {
  /** Which of all stretches it is, for its colour; 0 is what is not yet due. */
  readonly place: number;
  readonly label: string;
  readonly count: string;
  readonly amount: string;
  readonly share: number;
}
export interface BalanceModel {
  readonly amount: string;
  /** "3 invoices are past due. Next: INV-2041 on 3 December." */
  readonly note: string;
  readonly payHref?: string | undefined;
  readonly payLabel?: string | undefined;
  /** It is collected by itself: paying is not what is asked for. */
  readonly payQuiet?: boolean | undefined;
  /** Where money is paid that nothing is owed for yet. */
  readonly advanceHref?: string | undefined;
  /** Empty when nothing is owed. */
  readonly ageing: readonly AgeBucket[];
}
export interface Step {
  readonly icon: IconName;
  readonly tone: Tone;
  readonly title: string;
  readonly text?: string | undefined;
  readonly action?: Link | undefined;
}
export interface PaymentRow {
  readonly when: When;
  readonly method: string;
  readonly amount: string;
  readonly status?: Status | undefined;
  readonly receiptHref?: string | undefined;
  /** Says which receipt it is, for those who hear the link alone. */
  readonly receiptLabel: string;
}
/** A small card beside the balance. */
export interface AccountCard {
  readonly title: string;
  readonly status?: Status | undefined;
  readonly figure?: string | undefined;
  readonly text?: string | undefined;
  readonly rows?:
    | readonly { readonly icon: IconName; readonly label: string; readonly note?: string | undefined }[]
    | undefined;
  readonly link?: Link | undefined;
}
export interface AccountModel {
  readonly notices?: readonly NoticeModel[] | undefined;
  /** One per currency, the largest first; never empty. */
  readonly balances: readonly BalanceModel[];
  readonly steps: readonly Step[];
  readonly cards: readonly AccountCard[];
  readonly payments: readonly PaymentRow[];
  readonly paymentsHref?: string | undefined;
  readonly billing: {
    readonly name: string;
    readonly lines: readonly string[];
    readonly facts: readonly string[];
    readonly changeHref?: string | undefined;
  };
  /** Whom to ask: mail and telephone links of the merchant. */
  readonly help?:
    { readonly text: string; readonly links: readonly (Link & { readonly icon: IconName })[] } | undefined;
}

export interface Tab extends Link {
  readonly count?: string | undefined;
  readonly current?: boolean | undefined;
}
export interface SortLink {
  readonly href: string;
  readonly sorted?: 'ascending' | 'descending' | undefined;
}
export interface InvoiceRow {
  /** The value of the tick box; without it the row cannot be ticked. */
  readonly tick?:
    | { readonly value: string; readonly minor: number; readonly currency: string; readonly digits: number }
    | undefined;
  readonly ticked?: boolean | undefined;
  readonly number: string;
  readonly href: string;
  readonly date: When;
  readonly due?: When | undefined;
  readonly status: Status;
  readonly total: string;
  readonly balance: string;
  /** How much of the total is no longer open; absent where all of it is. */
  readonly paid?: 'part' | 'all' | undefined;
  /** What of it is asked for now, where that is not all. */
  readonly balanceNote?: string | undefined;
  readonly payHref?: string | undefined;
  readonly pdfHref: string;
}
export interface TotalsRow {
  /** "Total of 128". */
  readonly label: string;
  readonly total: string;
  readonly balance: string;
  /** What of it is to be paid later. */
  readonly balanceNote?: string | undefined;
}
export interface PagingModel {
  /** "1–25 of 128". */
  readonly text: string;
  readonly previousHref?: string | undefined;
  readonly nextHref?: string | undefined;
  readonly action: string;
  /** Name of the query parameter of the per-page choice. */
  readonly name: string;
  readonly perPage: string;
  readonly choices: readonly Option[];
  readonly keep: readonly Hidden[];
}
export interface FilterModel {
  readonly action: string;
  readonly number: FieldState;
  readonly status: string;
  readonly statuses: readonly Option[];
  readonly from: FieldState;
  readonly until: FieldState;
  /** What else is in the address and has to stay (sort, per page). */
  readonly keep: readonly Hidden[];
  /** Present when a filter is set. */
  readonly clearHref?: string | undefined;
  /** True when status or dates are set: the phone shows them opened. */
  readonly open: boolean;
}
export interface InvoicesModel {
  readonly tabs: readonly Tab[];
  readonly csvHref?: string | undefined;
  readonly pdfHref?: string | undefined;
  readonly notice?: NoticeModel | undefined;
  readonly filter: FilterModel;
  readonly sort: Partial<Record<'number' | 'date' | 'due' | 'total' | 'balance', SortLink>>;
  readonly rows: readonly InvoiceRow[];
  /** One per currency. */
  readonly totals: readonly TotalsRow[];
  readonly paging?: PagingModel | undefined;
  readonly pay: {
    readonly action: string;
    readonly name: string;
    readonly keep?: readonly Hidden[] | undefined;
  };
  /** Shown instead of rows. */
  readonly empty: { readonly title: string; readonly text: string; readonly link?: Link | undefined };
}

export interface Party {
  readonly name: string;
  /** Address and further lines, in order. */
  readonly lines: readonly string[];
  /** Tax and register numbers, e-mail, phone. */
  readonly facts?: readonly string[] | undefined;
}
export interface Fact {
  readonly label: string;
  readonly value: string;
}
export interface LineModel {
  readonly name: string;
  readonly text?: string | undefined;
  readonly quantity: string;
  readonly price: string;
  readonly amount: string;
  /** Discounts and taxes of this line alone. */
  readonly adjustments?: readonly Fact[] | undefined;
}
export interface SumLine extends Fact {
  readonly note?: string | undefined;
  readonly strong?: boolean | undefined;
}
export interface EventLine {
  readonly when: When;
  readonly text: string;
}
/** One instalment of a schedule. */
export interface ScheduleRow {
  readonly position: string;
  readonly when: When;
  readonly amount: string;
  /** What is left of it where a part is paid. */
  readonly left?: string | undefined;
  readonly status: Status;
}
/** The instalments of a payment plan, with their sum. */
export interface ScheduleModel {
  readonly rows: readonly ScheduleRow[];
  readonly total: string;
}
export interface InvoiceModel {
  readonly back: Link;
  readonly title: string;
  readonly number: string;
  readonly notice?: NoticeModel | undefined;
  readonly from: Party;
  readonly to: Party;
  readonly shipTo?: Party | undefined;
  readonly facts: readonly Fact[];
  readonly lines: readonly LineModel[];
  readonly sums: readonly SumLine[];
  readonly schedule?: ScheduleModel | undefined;
  readonly notes: readonly { readonly title: string; readonly text: string }[];
  readonly status: Status;
  readonly amount: string;
  /** "was due on 15 November 2026". */
  readonly amountNote: string;
  readonly pay?: Link | undefined;
  /** Why it cannot, or need not, be paid here ("Your payment of 14 November is on its way."). */
  readonly payNote?: string | undefined;
  /** What else can be done: paying all the same, looking at the payment plan. */
  readonly quiet?: readonly Link[] | undefined;
  readonly pdfHref: string;
  readonly payments: readonly PaymentRow[];
  readonly events: readonly EventLine[];
}

export interface PayItem {
  readonly label: string;
  readonly note?: string | undefined;
  readonly amount: string;
  readonly href?: string | undefined;
}
export interface PayFields {
  readonly number: FieldState;
  readonly expiry: FieldState;
  readonly cvc: FieldState;
  readonly name: FieldState;
  /** Where the receipt goes; absent where the page asks for it elsewhere. */
  readonly email?: FieldState | undefined;
}
export interface ChallengeModel {
  readonly title: string;
  readonly text: string;
  readonly facts: readonly SumLine[];
  /** The bank's own page, where the question is answered; absent where it is answered here. */
  readonly bank?: Link | undefined;
  readonly action: string;
  /** Says yes; absent where that cannot be said here. */
  readonly approve?: string | undefined;
  readonly reject: string;
  /** Says that this is the test gateway. */
  readonly hint?: string | undefined;
}
/** Asks the bank what became of something: sent by itself where scripts run. */
export interface LookModel {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly hidden: readonly Hidden[];
  readonly button: string;
}
export interface ReceiptModel {
  readonly back: Link;
  /** "Thank you. Your payment arrived." or what else happened. */
  readonly title: string;
  readonly state: 'paid' | 'processing' | 'failed';
  readonly amount: string;
  readonly text?: string | undefined;
  readonly facts: readonly Fact[];
  readonly items: readonly PayItem[];
  /** “Paid for” without it. */
  readonly itemsTitle?: string | undefined;
  readonly pdfHref?: string | undefined;
  readonly retry?: Link | undefined;
  readonly homeHref: string;
}

export interface LoginModel {
  readonly action: string;
  readonly hidden?: readonly Hidden[] | undefined;
  readonly email: FieldState;
  readonly notice?: NoticeModel | undefined;
}
export interface CheckMailModel {
  /** The link was opened in another browser than the one that asked for it: the code is needed besides. */
  readonly otherBrowser?: boolean;
  readonly email: string;
  readonly minutes: number;
  readonly action: string;
  readonly hidden: readonly Hidden[];
  readonly code: FieldState;
  readonly loginHref: string;
  readonly notice?: NoticeModel | undefined;
}
export interface ConfirmSignInModel {
  readonly merchant: string;
  /** Where the link was mailed to, or else whose account it opens. */
  readonly email?: string | undefined;
  readonly account?: string | undefined;
  readonly action: string;
  readonly hidden: readonly Hidden[];
}
export interface ChooseAccountModel {
  readonly email: string;
  readonly action: string;
  readonly hidden?: readonly Hidden[] | undefined;
  readonly accounts: readonly AccountChoice[];
}
export interface SwitchQuestionModel {
  readonly current: string;
  readonly next: string;
  readonly action: string;
  readonly hidden: readonly Hidden[];
  readonly stayHref: string;
}
export interface SessionRow {
  readonly id: string;
  /** "Firefox on Windows". */
  readonly device: string;
  readonly phone?: boolean | undefined;
  /** "Signed in 3 November by e-mail, last seen 10 minutes ago". */
  readonly text: string;
  readonly current?: boolean | undefined;
}
export interface SessionsModel {
  readonly notice?: NoticeModel | undefined;
  readonly sessions: readonly SessionRow[];
  /** Posts `session` with the row's id. */
  readonly endAction: string;
  readonly endAllAction: string;
}
/** Error, expired link, not found, over capacity: one page that says what happened and what to do. */
export interface MessageModel {
  readonly tone: Exclude<Tone, 'plain'>;
  readonly icon: IconName;
  readonly title: string;
  readonly text: string;
  readonly hint?: string | undefined;
  readonly primary?: Link | undefined;
  readonly secondary?: Link | undefined;
}
