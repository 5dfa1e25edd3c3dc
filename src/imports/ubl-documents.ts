import { type NewLine, type NewRate, totalsOf } from '#src/documents/document.ts';
import type { NewInvoice } from '#src/documents/issue.ts';
import { sha256 } from '#src/kernel/digest.ts';
import { money, toDecimal } from '#src/kernel/money.ts';
import { optional } from './optional.ts';
import type { ImportProblem } from './problems.ts';
import { quotable } from './problems.ts';
import type { UblDocument, UblLine, UblLineAllowance } from './ubl-model.ts';

/** What an invoice and a credit note are issued from alike. */
export type ImportedDocument = NewInvoice & { readonly number: string };

/** The same document again has the same hash, however its XML is written. */
export function documentHash(ubl: UblDocument): string {
  return sha256(JSON.stringify(ubl));
}

/**
 * A UBL document in our terms. Amounts of lines are net of their own allowances, which are kept as rates of the line; allowances and charges of
 * the document and each VAT category are rates of the document.
 */
export function documentOf(ubl: UblDocument, tenantName: string, customerId: number): ImportedDocument {
  return {
    customerId,
    number: ubl.number,
    currency: ubl.currency,
    date: ubl.issueDate,
    dueDate: ubl.dueDate,
    purchaseOrder: ubl.orderReference,
    buyerReference: ubl.buyerReference,
    paymentTerms: ubl.paymentTerms,
    notes: ubl.notes.length > 0 ? ubl.notes.join('\n') : undefined,
    lines: ubl.lines.map(lineOf),
    rates: ratesOf(ubl),
    roundingMinor: ubl.totals.roundingMinor,
    paymentMeans: ubl.paymentMeans.length > 0 ? ubl.paymentMeans : undefined,
    references: referencesOf(ubl, tenantName),
    source: 'ubl',
    sourceHash: documentHash(ubl),
  };
}

/**
 * Why a document whose figures tie out can still not be taken in: what was paid before makes no sense on it, or it is not what our arithmetic makes
 * of it. The document is one `asOwed` answered.
 */
export function payableProblem(ubl: UblDocument, file: string): ImportProblem | undefined {
  const { payableMinor, prepaidMinor } = ubl.totals;
  const write = (minor: number) => amountText(ubl, minor);
  const say = (name: string, minor: number, reason: string, hint: string): ImportProblem => ({
    file,
    element: `${rootOf(ubl)}/LegalMonetaryTotal/${name}`,
    value: write(minor),
    reason,
    hint,
  });
  const total = totalMinor(ubl);
  if (prepaidMinor < 0 || (prepaidMinor > total && ubl.kind === 'credit_note')) {
    const reason = `The amount paid before, ${write(prepaidMinor)}, makes no sense on a document of ${write(total)}.`;
    return say('PrepaidAmount', prepaidMinor, reason, 'Ask for a document without it.');
  }
  const ours = total - prepaidMinor;
  if (ours === payableMinor) return undefined;
  const reason = `The payable amount is ${write(payableMinor)}, but its parts come to ${write(ours)}.`;
  const problem = say('PayableAmount', payableMinor, reason, 'Ask for a corrected document.');
  return { ...problem, expected: write(ours), found: write(payableMinor) };
}

/** What is worth telling of a document that is not quite what it calls itself, or that was paid beyond its total. */
export function owedNotices(ubl: UblDocument, file: string): ImportProblem[] {
  const { statedAs, kind, totals } = ubl;
  const notices: ImportProblem[] = [];
  const total = totals.taxInclusiveMinor + totals.roundingMinor;
  const element = `${rootOf(ubl)}/LegalMonetaryTotal/PayableAmount`;
  if (statedAs) {
    const value = amountText(ubl, -total);
    const reason = `The ${NOUNS[statedAs]} comes to ${value}: it is the ${NOUNS[kind]} ${quotable(ubl.number)} of ${amountText(ubl, total)}.`;
    notices.push({ file, element, value, reason, hint: 'There is nothing to do.' });
  }
  if (kind === 'invoice' && totals.prepaidMinor > total) {
    const value = amountText(ubl, totals.prepaidMinor - total);
    const reason = `${value} more was paid than the invoice comes to.`;
    notices.push({ file, element, value, reason, hint: 'It is kept as the customer’s credit.' });
  }
  return notices;
}

const NOUNS = { invoice: 'invoice', credit_note: 'credit note' } as const;

/** The document's root element, by what it calls itself. */
export function rootOf({ kind, statedAs }: UblDocument): 'Invoice' | 'CreditNote' {
  return (statedAs ?? kind) === 'invoice' ? 'Invoice' : 'CreditNote';
}

function amountText({ currency }: UblDocument, minor: number): string {
  return `${toDecimal(money(minor, currency))} ${currency}`;
}

function totalMinor(ubl: UblDocument): number {
  return totalsOf(ubl.lines.map(lineOf), ratesOf(ubl), ubl.currency, ubl.totals.roundingMinor).totalMinor;
}

function lineOf(line: UblLine): NewLine {
  const about = [line.description, line.note].filter((text) => text !== undefined);
  return {
    name: line.name,
    description: about.length > 0 ? about.join('\n') : undefined,
    quantity: line.quantity,
    unit: line.unitCode,
    unitCost: line.price,
    baseQuantity: line.baseQuantity === '1' ? undefined : line.baseQuantity,
    amountMinor: line.amountMinor,
    itemCode: line.sellerItemId ?? line.standardItemId?.id,
    taxCategory: line.vat.category,
    taxPercent: line.vat.percent,
    periodStart: line.period?.start,
    periodEnd: line.period?.end,
  };
}

function ratesOf(ubl: UblDocument): NewRate[] {
  return [
    ...ubl.lines.flatMap((line, i) =>
      line.allowances.map((allowance) => ({ ...allowanceRate(allowance), line: i })),
    ),
    ...ubl.allowances.map((allowance) => ({ ...allowanceRate(allowance), category: allowance.vat.category })),
    ...ubl.taxes.map((tax) => ({
      kind: 'tax' as const,
      name: 'VAT',
      percent: tax.percent,
      baseMinor: tax.taxableMinor,
      amountMinor: tax.taxMinor,
      category: tax.category,
      reasonCode: tax.exemptionCode,
      exemptionReason: tax.exemptionReason,
    })),
  ];
}

function allowanceRate(allowance: UblLineAllowance): NewRate {
  return {
    kind: allowance.charge ? 'charge' : 'discount',
    name: allowance.reason ?? (allowance.charge ? 'Charge' : 'Discount'),
    percent: allowance.percent,
    baseMinor: allowance.baseMinor,
    amountMinor: allowance.amountMinor,
    reasonCode: allowance.reasonCode,
  };
}

const REFERENCES = [
  ...(['orderReference', 'salesOrderReference', 'contractReference', 'projectReference'] as const),
  ...(['despatchReference', 'receiptReference', 'tenderReference', 'objectReference'] as const),
  ...(['statedAs', 'accountingCost', 'typeCode', 'taxPointDate', 'period', 'taxCurrency'] as const),
  ...(['taxTotalInTaxCurrencyMinor', 'payee', 'taxRepresentative', 'delivery'] as const),
];

function referencesOf(ubl: UblDocument, tenantName: string): object {
  const { precedingInvoices, attachments, supplier } = ubl;
  return {
    ...Object.fromEntries(REFERENCES.flatMap((key) => (ubl[key] === undefined ? [] : [[key, ubl[key]]]))),
    ...optional('precedingInvoices', precedingInvoices.length > 0 ? precedingInvoices : undefined),
    ...optional('attachments', attachments.length > 0 ? attachments : undefined),
    ...optional('supplier', supplier.name === tenantName ? undefined : supplier),
  };
}
