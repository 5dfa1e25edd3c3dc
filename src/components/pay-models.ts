import type { IconName } from './icons.ts';
import type { Fact, FieldState, Hidden, Link, NoticeModel, PayFields, PayItem, Status } from './models.ts';

/* What the views of paying and of payment methods show; see models.ts for what holds of every model. */

/** Which of the totals goes with a way to pay: the one with the convenience fee, or the plain one. */
export type Terms = 'fee' | 'plain';

/** A card is charged at once, a bank debit takes days. */
export type Arrival = 'at_once' | 'later';

/** A way to pay, to be chosen. */
export interface PayChoice {
  readonly value: string;
  readonly label: string;
  readonly note?: string | undefined;
  readonly icon: IconName;
  readonly checked: boolean;
  readonly terms: Terms;
  /** When money that is paid this way has arrived, and its receipt can be seen. */
  readonly arrives: Arrival;
  /** The fields that belong to it; absent for what is saved already. */
  readonly panel?: 'card' | 'iban' | 'us_account' | undefined;
  /** What is agreed to by giving this account. */
  readonly mandate?: string | undefined;
}
export interface BankFieldsModel {
  readonly holder: FieldState;
  /** `individual` or `company`. */
  readonly holderType: string;
  readonly routing: FieldState;
  readonly account: FieldState;
  readonly accountAgain: FieldState;
  readonly iban: FieldState;
}
export interface Tick {
  readonly checked: boolean;
  readonly hint?: string | undefined;
}
/** What Stripe's own fields in the browser need. */
export interface StripeForm {
  readonly publishableKey: string;
}
/** How to pay, with the fields of whatever is new. */
export interface PayWithModel {
  /** Never empty; a single one is not asked. */
  readonly choices: readonly PayChoice[];
  readonly error?: string | undefined;
  /** The cursor is here when the page opens. */
  readonly focus?: boolean | undefined;
  readonly card: Omit<PayFields, 'email'>;
  readonly bank: BankFieldsModel;
  /** Present where Stripe's own fields stand in the place of ours. */
  readonly stripe?: StripeForm | undefined;
  /** Keep what is new. */
  readonly save?: Tick | undefined;
  readonly autopay?: (Omit<Tick, 'hint'> & { readonly hints: readonly Said[] }) | undefined;
}
/** Words for one kind of what is paid with; without `when` for all. */
export interface Said {
  readonly when?: PayChoice['arrives'] | undefined;
  readonly text: string;
}
/** What is charged, under the terms of a way to pay. */
export interface PayTotal {
  readonly terms: Terms;
  readonly fee?: { readonly label: string; readonly amount: string } | undefined;
  /** What is charged beyond it and kept as credit, where amounts go in steps. */
  readonly credit?: { readonly label: string; readonly amount: string } | undefined;
  readonly total: string;
  /** "Pay €15,473.20". */
  readonly button: string;
}
/** A line of what is paid; where a part may be paid, its amount is a field. */
export interface PayLine extends PayItem {
  readonly part?: (FieldState & { readonly label: string }) | undefined;
  /** The amount as it is sent beside the fields of others, where this one has none. */
  readonly whole?: string | undefined;
  /** Leaves this one out, where others stay. */
  readonly leave?: { readonly value: string; readonly label: string } | undefined;
}
export interface TestNumber {
  readonly number: string;
  readonly what: string;
}
export interface LiveTotal {
  readonly currency: string;
  /** Decimals of the currency. */
  readonly digits: number;
  /** Hundredths of a percent. */
  readonly feePoints: number;
  /** What is charged is a multiple of so many minor units. */
  readonly step: number;
  /** The most that may be typed where no document bounds it, in minor units. */
  readonly most: number;
}
export interface PayModel {
  readonly back: Link;
  readonly title: string;
  readonly text?: string | undefined;
  readonly action: string;
  readonly hidden: readonly Hidden[];
  /** What the payer sees as the whole charge, under each terms. */
  readonly charges: readonly Hidden[];
  readonly notice?: NoticeModel | undefined;
  readonly items: readonly PayLine[];
  /** The form that shows the page without a line; present where there are several. */
  readonly leave?:
    { readonly action: string; readonly name: string; readonly hidden: readonly Hidden[] } | undefined;
  /** What holds of every part that may be paid. */
  readonly partsHint?: string | undefined;
  /** The amount that is paid in advance. */
  readonly amount?: (FieldState & { readonly currency: string }) | undefined;
  /** One, or two where a fee depends on how one pays. */
  readonly totals: readonly PayTotal[];
  /** Why a fee is added. */
  readonly feeNote?: string | undefined;
  readonly with: PayWithModel;
  readonly email: FieldState;
  /** For the script that adds up while somebody types. */
  readonly live?: LiveTotal | undefined;
  /** Present with the test gateway alone. */
  readonly testNumbers?: readonly TestNumber[] | undefined;
  /** Shown instead of the form where nothing can be paid online. */
  readonly offline?: NoticeModel | undefined;
  /** Paying outside the portal, where that is offered. */
  readonly outside?: Link | undefined;
}

/** A way to pay outside the portal, with the merchant's instructions. */
export interface OutsideMethod {
  readonly value: string;
  readonly label: string;
  readonly instructions: string;
  readonly icon: IconName;
  readonly checked: boolean;
}
export interface PromiseModel {
  readonly back: Link;
  readonly title: string;
  readonly text: string;
  readonly notice?: NoticeModel | undefined;
  readonly action: string;
  readonly hidden: readonly Hidden[];
  readonly methods: readonly OutsideMethod[];
  readonly methodError?: string | undefined;
  /** The amount. */
  readonly facts: readonly Fact[];
  /** What to give as reference: to be typed off or copied, so none of them is broken apart. */
  readonly references: readonly string[];
  readonly expected: FieldState & { readonly min: string; readonly max: string };
  readonly ownReference: FieldState;
  readonly note: FieldState;
  /** Whether there is a promise, to be changed or taken back. */
  /** Asked where AutoPay would collect it. */
  readonly instead?: (Tick & { readonly label: string; readonly error?: string | undefined }) | undefined;
  /** The button that takes the promise back. */
  readonly withdraw: string;
  readonly promised: boolean;
  readonly items: readonly PayItem[];
  /** Said where no such way is open. */
  readonly none: string;
}

export interface MethodRow {
  readonly icon: IconName;
  /** The customer's own name, else what it is. */
  readonly title: string;
  readonly text: string;
  readonly badges: readonly Status[];
  readonly warning?: string | undefined;
  /** What is charged to it at once when it becomes the default. */
  readonly charged?: string | undefined;
  /** Goes with the form that makes it the default. */
  readonly hidden: readonly Hidden[];
  /** Posts `default` with this value; absent for the default itself and for what cannot be used. */
  readonly makeDefault?: string | undefined;
  readonly verifyHref?: string | undefined;
  readonly nameHref: string;
  readonly removeHref: string;
}
export interface MethodsModel {
  readonly notice?: NoticeModel | undefined;
  readonly methods: readonly MethodRow[];
  readonly action: string;
  /** Absent where nothing can be added. */
  readonly addHref?: string | undefined;
  readonly empty: { readonly title: string; readonly text: string; readonly link?: Link | undefined };
}
export interface NewMethodModel {
  readonly back: Link;
  readonly action: string;
  readonly hidden: readonly Hidden[];
  readonly notice?: NoticeModel | undefined;
  readonly with: PayWithModel;
  readonly label: FieldState;
  /** Whether adding it charges nothing: nothing is due that AutoPay would collect at once. */
  readonly isFree: boolean;
  /** What is tried at once when it becomes the default. */
  readonly tried: readonly Said[];
  /** How an American account is verified. */
  readonly deposits: { readonly checked: boolean };
  readonly makeDefault?: Tick | undefined;
  readonly testNumbers?: readonly TestNumber[] | undefined;
}
/** A page with one question about one instrument. */
interface MethodPage {
  readonly back: Link;
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly notice?: NoticeModel | undefined;
}
export interface NameMethodModel extends MethodPage {
  readonly label: FieldState;
}
export interface VerifyMethodModel extends MethodPage {
  readonly first: FieldState;
  readonly second: FieldState;
  /** Says what to type with the test gateway. */
  readonly hint?: string | undefined;
  /** There are no tries left, or nothing to verify. */
  readonly over: boolean;
}
export interface RemoveMethodModel extends MethodPage {
  readonly hidden: readonly Hidden[];
  /** What happens, one sentence each. */
  readonly effects: readonly string[];
}
