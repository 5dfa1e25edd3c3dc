import type {
  EventLine,
  FieldState,
  Hidden,
  FilterModel,
  InvoiceModel,
  Link,
  NoticeModel,
  PagingModel,
  PayItem,
  Status,
  Tab,
  When,
} from './models.ts';
import type { PayTotal, PayWithModel, TestNumber } from './pay-models.ts';

/* What the views of estimates, credit notes and credit show; see models.ts for what holds of every model. */

/** A document as paper. */
export type PaperModel = Pick<
  InvoiceModel,
  'title' | 'from' | 'to' | 'shipTo' | 'facts' | 'lines' | 'sums' | 'schedule' | 'notes'
>;

/** A row of Activity → Estimates or Credit notes. */
export interface DocumentRow {
  readonly number: string;
  readonly href: string;
  readonly date: When;
  /** What the second column of dates or amounts says: when an estimate expires. */
  readonly until?: When | undefined;
  readonly status: Status;
  readonly total: string;
  /** What counts: the deposit of an estimate, what is left of a credit note. */
  readonly rest: string;
  /** What it is about, where there is a column for that. */
  readonly about?: string | undefined;
  readonly action?: Link | undefined;
  /** Absent for what has no paper yet. */
  readonly pdfHref?: string | undefined;
}
export interface DocumentsModel {
  readonly title: string;
  readonly tabs: readonly Tab[];
  readonly searchLabel: string;
  readonly filter: FilterModel;
  /** Heads of the columns; `until` only where rows have it. */
  readonly columns: {
    readonly number: string;
    readonly until?: string | undefined;
    readonly about?: string | undefined;
    readonly rest: string;
    /** “Total” without it. */
    readonly total?: string | undefined;
  };
  readonly rows: readonly DocumentRow[];
  readonly paging?: PagingModel | undefined;
  /** Shown instead of rows. */
  readonly empty: { readonly title: string; readonly text: string; readonly link?: Link | undefined };
}

/** An estimate or a credit note on its page. */
export interface DocumentModel extends PaperModel {
  readonly back: Link;
  readonly title: string;
  readonly number: string;
  readonly notice?: NoticeModel | undefined;
  readonly status: Status;
  readonly amount: string;
  readonly amountNote: string;
  /** The one main action. */
  readonly go?: Link | undefined;
  readonly more: readonly Link[];
  /** Why nothing can be done here, or what happens next. */
  readonly note?: string | undefined;
  readonly pdfHref: string;
  /** Lists beside the paper: what it paid, how it was approved. */
  readonly lists: ReadonlyArray<{ readonly title: string; readonly items: readonly PayItem[] }>;
  readonly events: readonly EventLine[];
}

/** How the deposit of an estimate, or the whole of it, is paid with the approval. */
export interface ApprovalPayment {
  /** The deposit, or everything; the totals of each show when it is chosen. */
  readonly choices: ReadonlyArray<{
    readonly value: 'deposit' | 'whole';
    readonly label: string;
    readonly note: string;
    readonly checked: boolean;
    /** One, or two where a fee depends on how one pays. */
    readonly totals: readonly PayTotal[];
  }>;
  readonly charges: readonly Hidden[];
  readonly with: PayWithModel;
  readonly feeNote?: string | undefined;
  readonly email: FieldState;
  readonly testNumbers?: readonly TestNumber[] | undefined;
}
/** The page on which an estimate is approved. */
export interface ApprovalModel {
  readonly back: Link;
  readonly title: string;
  readonly action: string;
  readonly hidden: readonly Hidden[];
  readonly notice?: NoticeModel | undefined;
  readonly items: readonly PayItem[];
  /** The estimate's total. */
  readonly total: string;
  readonly terms?: string | undefined;
  readonly agree: FieldState & { readonly checked: boolean };
  readonly initials: FieldState;
  /** Absent where approving takes no payment. */
  readonly payment?: ApprovalPayment | undefined;
  /** Instead of the payment: how a deposit is paid that cannot be paid here. */
  readonly depositNote?: string | undefined;
}

export interface DeclineModel {
  readonly back: Link;
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly notice?: NoticeModel | undefined;
  readonly reason: FieldState;
}

/** The customer's credit in one currency. */
export interface CreditModel {
  readonly back: Link;
  readonly title: string;
  readonly notice?: NoticeModel | undefined;
  readonly balances: ReadonlyArray<{
    readonly usable: string;
    readonly note: string;
    readonly items: readonly PayItem[];
  }>;
  /** Absent where there is nothing that credit could pay here. */
  readonly use?:
    | {
        readonly action: string;
        readonly hidden: readonly Hidden[];
        readonly items: readonly PayItem[];
        readonly total: string;
        readonly button: string;
      }
    | undefined;
  /** Which invoices the form is about: ticking others shows the form for them. Absent where there is no choice. */
  readonly choose?:
    | {
        readonly action: string;
        readonly name: string;
        readonly invoices: ReadonlyArray<{
          readonly value: string;
          readonly label: string;
          readonly note: string;
          readonly checked: boolean;
        }>;
      }
    | undefined;
  /** Why credit cannot be used here. */
  readonly why?: string | undefined;
  readonly history: ReadonlyArray<{ readonly when: When; readonly text: string; readonly amount: string }>;
  readonly empty: { readonly title: string; readonly text: string; readonly link?: Link | undefined };
}
