import type { ImportProblem } from './problems.ts';

/** A UBL 2.1 Invoice or CreditNote in the terms of EN 16931; BT- and BG- numbers name the standard's terms. */
export interface UblDocument {
  readonly kind: 'invoice' | 'credit_note';
  /** The kind it calls itself, where it came to less than zero and is the other one: see `asOwed`. */
  readonly statedAs?: 'invoice' | 'credit_note';
  /** BT-1 */
  readonly number: string;
  /** BT-3, UNTDID 1001: 380 commercial invoice, 381 credit note, 384 corrected invoice … */
  readonly typeCode: string;
  /** BT-2, `YYYY-MM-DD` as are all dates here. */
  readonly issueDate: string;
  /** BT-9 */
  readonly dueDate?: string;
  /** BT-7 */
  readonly taxPointDate?: string;
  /** BG-14 */
  readonly period?: UblPeriod;
  /** BT-5, ISO 4217; every `…Minor` here is in minor units of it. */
  readonly currency: string;
  /** BT-6, with BT-111 the total VAT in that currency's minor units. */
  readonly taxCurrency?: string;
  readonly taxTotalInTaxCurrencyMinor?: number;
  /** BT-22 */
  readonly notes: readonly string[];
  /** BT-10 */
  readonly buyerReference?: string;
  /** BT-19 */
  readonly accountingCost?: string;
  /** BT-13 */
  readonly orderReference?: string;
  /** BT-14 */
  readonly salesOrderReference?: string;
  /** BT-12 */
  readonly contractReference?: string;
  /** BT-11 */
  readonly projectReference?: string;
  /** BT-16 */
  readonly despatchReference?: string;
  /** BT-15 */
  readonly receiptReference?: string;
  /** BT-17 */
  readonly tenderReference?: string;
  /** BT-18 */
  readonly objectReference?: string;
  /** BG-3 */
  readonly precedingInvoices: readonly UblPrecedingInvoice[];
  /** BT-20 */
  readonly paymentTerms?: string;
  /** BG-16 */
  readonly paymentMeans: readonly UblPaymentMeans[];
  /** BG-4 */
  readonly supplier: UblParty;
  /** BG-7 */
  readonly customer: UblParty;
  /** BG-10 */
  readonly payee?: UblParty;
  /** BG-11 */
  readonly taxRepresentative?: UblParty;
  /** BG-13 */
  readonly delivery?: UblDelivery;
  /** BG-25 */
  readonly lines: readonly UblLine[];
  /** BG-20 and BG-21 */
  readonly allowances: readonly UblDocumentAllowance[];
  /** BG-23 */
  readonly taxes: readonly UblTax[];
  /** BG-22 */
  readonly totals: UblTotals;
  /** BG-24 */
  readonly attachments: readonly UblAttachment[];
}

export interface UblPeriod {
  readonly start?: string;
  readonly end?: string;
}

export interface UblPrecedingInvoice {
  readonly number: string;
  readonly issueDate?: string;
}

export interface UblPaymentMeans {
  /** BT-81, UNTDID 4461: 30 credit transfer, 48 card, 58 SEPA credit transfer, 59 SEPA direct debit … */
  readonly code: string;
  readonly name?: string;
  /** BT-83, what the payer should write on the payment. */
  readonly paymentId?: string;
  /** BT-84 when it is a valid IBAN, without spaces; any other account number is in `account`. */
  readonly iban?: string;
  readonly account?: string;
  readonly accountName?: string;
  readonly bic?: string;
  /** BT-87, the last digits of the card's number as the sender masked it. */
  readonly cardMask?: string;
  readonly cardHolder?: string;
  /** BT-89 */
  readonly mandate?: string;
  /** BT-91 */
  readonly debitedAccount?: string;
}

export interface UblIdentifier {
  readonly id: string;
  readonly scheme?: string;
}

export interface UblParty {
  /** The registered name, or the trading name where there is no other. */
  readonly name: string;
  readonly tradingName?: string;
  readonly legalName?: string;
  /** VAT identifier, or the first tax registration where there is no VAT one. */
  readonly taxId?: string;
  /** Legal registration. */
  readonly companyId?: UblIdentifier;
  /** Electronic address. */
  readonly endpoint?: UblIdentifier;
  readonly identifiers: readonly UblIdentifier[];
  readonly address?: UblAddress;
  readonly contact?: { readonly name?: string; readonly phone?: string; readonly email?: string };
}

export interface UblAddress {
  readonly lines: readonly string[];
  readonly city?: string;
  readonly region?: string;
  readonly postalCode?: string;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string;
}

export interface UblDelivery {
  readonly date?: string;
  readonly name?: string;
  readonly locationId?: UblIdentifier;
  readonly address?: UblAddress;
}

export interface UblVat {
  /** S, Z, E, AE, K, G, O, L, M or B. */
  readonly category: string;
  /** Decimal text without trailing zeros; `0` for category O. */
  readonly percent: string;
}

export interface UblLineAllowance {
  readonly charge: boolean;
  readonly reason?: string;
  readonly reasonCode?: string;
  readonly percent?: string;
  readonly baseMinor?: number;
  readonly amountMinor: number;
}

export interface UblDocumentAllowance extends UblLineAllowance {
  readonly vat: UblVat;
}

export interface UblLine {
  readonly id: string;
  readonly note?: string;
  /** Decimal text; on a credit note the credited quantity. */
  readonly quantity: string;
  readonly unitCode?: string;
  readonly name: string;
  readonly description?: string;
  readonly sellerItemId?: string;
  readonly buyerItemId?: string;
  readonly standardItemId?: UblIdentifier;
  readonly attributes: readonly { readonly name: string; readonly value: string }[];
  /** BT-146 net price for `baseQuantity` units, decimal text in major units. */
  readonly price: string;
  readonly baseQuantity: string;
  readonly allowances: readonly UblLineAllowance[];
  readonly vat: UblVat;
  /** BT-131 */
  readonly amountMinor: number;
  readonly period?: UblPeriod;
  readonly orderLine?: string;
  readonly accountingCost?: string;
  readonly objectId?: string;
}

export interface UblTax {
  readonly category: string;
  readonly percent: string;
  readonly taxableMinor: number;
  readonly taxMinor: number;
  readonly exemptionReason?: string;
  readonly exemptionCode?: string;
}

export interface UblTotals {
  readonly lineExtensionMinor: number;
  readonly allowanceTotalMinor: number;
  readonly chargeTotalMinor: number;
  readonly taxExclusiveMinor: number;
  readonly taxMinor: number;
  readonly taxInclusiveMinor: number;
  readonly prepaidMinor: number;
  readonly roundingMinor: number;
  readonly payableMinor: number;
}

export interface UblAttachment {
  readonly id: string;
  readonly description?: string;
  readonly uri?: string;
  readonly fileName?: string;
  readonly mimeCode?: string;
  readonly embedded: boolean;
}

/** `notices`: figures within the tolerance that a rule grants, taken as the document states them. */
export type UblResult =
  | { readonly ok: true; readonly document: UblDocument; readonly notices: readonly ImportProblem[] }
  | { readonly ok: false; readonly problems: readonly ImportProblem[] };
