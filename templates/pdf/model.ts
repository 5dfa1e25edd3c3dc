/**
 * What the PDF writer draws: plain data, every text ready-made. Amounts are formatted, dates are written out,
 * labels are translated; nothing is computed here but where things stand on the page.
 */

/** A picture, its bytes as stored. One that cannot be read is left out and the name stands in its place. */
export interface Picture {
  readonly kind: 'png' | 'jpeg';
  readonly bytes: Uint8Array;
}

/** Who sends the document. */
export interface MerchantParty {
  readonly name: string;
  readonly addressLines: readonly string[];
  readonly taxId?: string | undefined;
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
  readonly website?: string | undefined;
  /** The brand's colour, `#rrggbb`; anything else becomes a dark grey. */
  readonly accent: string;
  readonly logo?: Picture | undefined;
}

/** Who receives it. */
export interface CustomerParty {
  readonly name: string;
  readonly addressLines: readonly string[];
  readonly taxId?: string | undefined;
}

/** A label and what stands under or beside it. */
export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** A mark beside the title: Paid, Voided, Draft… The tone colours it; the text says it. */
export interface Stamp {
  readonly text: string;
  readonly tone: 'good' | 'bad' | 'calm';
}

/** The one large figure of the page, and what is to be known about it: `€1,234.50`, `due 30 November 2026`. */
export interface Headline {
  readonly value: string;
  readonly note?: string | undefined;
}

/** One line of an invoice. `details` are further small lines: its discounts, taxes, periods. */
export interface PaperLine {
  readonly name: string;
  readonly description?: string | undefined;
  readonly quantity: string;
  readonly unit?: string | undefined;
  readonly unitPrice: string;
  readonly amount: string;
  readonly details?: readonly string[] | undefined;
}

/** One row below the lines. The strong one is what counts (the total, the balance due). */
export interface TotalRow {
  readonly label: string;
  readonly value: string;
  readonly strong?: boolean | undefined;
}

/** What every PDF carries. */
export interface Sheet {
  readonly paper: 'A4' | 'Letter';
  /** BCP 47 tag of the text, for people who have it read aloud; one that is not becomes `en`. */
  readonly language: string;
  /** BCP 47 tag of who reads it: whose forms of Chinese characters are drawn where the text does not tell. Plain `en` when absent. */
  readonly reader?: string | undefined;
  /** Moment of making, epoch milliseconds; the only date in the file, so equal models give equal bytes. */
  readonly createdAt: number;
  readonly merchant: MerchantParty;
  readonly customer: CustomerParty;
  /** `Invoice`, `Credit note`, `Estimate`, `Receipt`. */
  readonly title: string;
  readonly number: string;
  readonly stamp?: Stamp | undefined;
  /** Small print at the foot of every page (company register, bank); at most five lines are shown. */
  readonly footer?: string | undefined;
  /** Words that stand in for `defaultLabels`, in the language of the document. */
  readonly labels?: Partial<Labels> | undefined;
}

/** An invoice, a credit note or an estimate. */
export interface DocumentPdf extends Sheet {
  readonly headline?: Headline | undefined;
  /** Date, due date, purchase order, terms… in the order of reading. */
  readonly facts: readonly Fact[];
  readonly lines: readonly PaperLine[];
  readonly totals: readonly TotalRow[];
  /** The instalments of a payment plan, a line each. */
  readonly schedule?: string | undefined;
  readonly paymentInstructions?: string | undefined;
  readonly notes?: string | undefined;
}

/** A payment and the documents it was applied to. */
export interface ReceiptPdf extends Sheet {
  readonly paidOn: string;
  readonly method: string;
  readonly amount: string;
  /** Further facts: reference, authorisation code… */
  readonly facts?: readonly Fact[] | undefined;
  readonly applied: readonly AppliedRow[];
  readonly fee?: string | undefined;
  readonly notes?: string | undefined;
}

/** A document that a payment was applied to. */
export interface AppliedRow {
  readonly number: string;
  readonly description?: string | undefined;
  readonly amount: string;
}

/** Every word the writer itself brings; `{page}` and `{pages}` are replaced. */
export interface Labels {
  readonly billedTo: string;
  readonly from: string;
  readonly taxId: string;
  readonly description: string;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly amount: string;
  readonly schedule: string;
  readonly howToPay: string;
  readonly notes: string;
  readonly pageOf: string;
  readonly paidOn: string;
  readonly paidWith: string;
  readonly appliedTo: string;
  readonly fee: string;
  readonly totalPaid: string;
}

export const defaultLabels: Labels = {
  billedTo: 'Billed to',
  from: 'From',
  taxId: 'Tax ID',
  description: 'Description',
  quantity: 'Qty',
  unitPrice: 'Unit price',
  amount: 'Amount',
  schedule: 'Payment plan',
  howToPay: 'How to pay',
  notes: 'Notes',
  pageOf: 'Page {page} of {pages}',
  paidOn: 'Paid on',
  paidWith: 'Paid with',
  appliedTo: 'Applied to',
  fee: 'Fee',
  totalPaid: 'Total paid',
};
