/*
 * What demo data is made of. Days are relative to today: `-12` is twelve days ago. Amounts are decimal text in major units; VAT and discounts
 * are percentages of the whole document.
 */

export interface MerchantPlan {
  readonly username: string;
  readonly name: string;
  readonly currency: string;
  readonly timeZone: string;
  readonly language: string;
  readonly country: string;
  readonly email: string;
  readonly phone: string;
  readonly website: string;
  readonly taxId: string;
  readonly address1: string;
  readonly city: string;
  readonly region?: string;
  readonly postalCode: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Number of the first invoice: `INV-1001`. */
  readonly prefix: string;
  readonly tax: TaxPlan;
  readonly customers: readonly CustomerPlan[];
  /** Days in the past on which what AutoPay and plans have due is collected. */
  readonly collected: readonly number[];
}

export interface TaxPlan {
  readonly name: string;
  readonly percent: string;
}

export interface CustomerPlan {
  readonly number: string;
  /** What it is there to show. */
  readonly shows: string;
  readonly name: string;
  readonly attentionTo?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly currency?: string;
  readonly language?: string;
  readonly address1?: string;
  readonly address2?: string;
  readonly city?: string;
  readonly region?: string;
  readonly postalCode?: string;
  readonly country?: string;
  readonly taxId?: string;
  readonly paymentTerms?: string;
  readonly contacts?: readonly ContactPlan[];
  readonly invoices: readonly InvoicePlan[];
  readonly payments?: readonly PaymentPlan[];
  readonly creditNotes?: readonly CreditNotePlan[];
  readonly estimates?: readonly EstimatePlan[];
  /** Kept in this order: the first is the default. */
  readonly methods?: readonly MethodPlan[];
  /** Enrolled with the default method, some days from today. */
  readonly autopay?: { readonly day: number };
  readonly plans?: readonly InstallmentPlan[];
  readonly promises?: readonly PromisePlan[];
  readonly refunds?: readonly RefundPlan[];
}

export interface ContactPlan {
  readonly name: string;
  readonly email: string;
  readonly title?: string;
  readonly role?: 'owner' | 'payer' | 'viewer';
}

export interface DocumentPlan {
  readonly number: string;
  readonly day: number;
  readonly currency?: string;
  readonly purchaseOrder?: string;
  readonly notes?: string;
  readonly lines: readonly LinePlan[];
  /** Instead of the merchant's own tax. */
  readonly tax?: TaxPlan | 'none';
  readonly discountPercent?: string;
  readonly shipping?: string;
}

export interface InvoicePlan extends DocumentPlan {
  /** Days from today; absent means due at once. */
  readonly due?: number;
}

export type CreditNotePlan = DocumentPlan;

export interface LinePlan {
  readonly name: string;
  readonly description?: string;
  readonly quantity: string;
  readonly unit?: string;
  readonly unitCost: string;
}

/** A payment in the past. */
export type PaymentPlan = CardPaymentPlan | TransferPlan;

/** Through the portal, by one of the documented test cards; each invoice in full. */
export interface CardPaymentPlan {
  readonly day: number;
  /** Numbers of the invoices. */
  readonly invoices: readonly string[];
  readonly card: 'visa' | 'mastercard' | 'slow';
  readonly holder: string;
  readonly receiptEmail?: string;
}

/** By bank transfer: a part of one invoice, in major units. */
export interface TransferPlan {
  readonly day: number;
  readonly invoice: string;
  readonly transfer: string;
  readonly reference: string;
}

export interface EstimatePlan extends DocumentPlan {
  /** Days from today of the last day for an answer. */
  readonly expires?: number;
  /** Percent of the total. */
  readonly deposit?: string;
  readonly answer?: { readonly day: number } & ({ readonly initials: string } | { readonly reason: string });
}

/** Something that is kept for later payments, by a documented test number. */
export interface MethodPlan {
  readonly kind: 'visa' | 'mastercard' | 'declining card' | 'iban' | 'account';
  readonly holder: string;
  readonly name?: string;
  /** Of a card: its last month, in months from today; five years without it. */
  readonly expiresIn?: number;
  /** Of an account: two small deposits are on their way to be confirmed. */
  readonly waits?: boolean;
}

/** Instalments of all that is open on an invoice. */
export interface InstallmentPlan {
  readonly invoice: string;
  readonly count: number;
  readonly every: 'week' | 'month';
  /** Days from today: of the first instalment, and of the approval where there was one. */
  readonly first: number;
  readonly approved?: number;
}

export interface PromisePlan {
  readonly invoice: string;
  readonly method: 'wire_transfer' | 'check';
  /** Days from today on which the money is expected. */
  readonly expected: number;
  readonly reference?: string;
  readonly notes?: string;
}

/** A part of the payment of some invoices that was given back. */
export interface RefundPlan {
  readonly day: number;
  readonly invoice: string;
  readonly amount: string;
  readonly reason: string;
}
