import { refuse } from '../kernel/errors.ts';
import { amountText, money, percentOf, refuseAmount } from '../kernel/money.ts';
import { nowMs } from '../kernel/time.ts';
import { postAll } from '../ledger/ledger.ts';
import { assertRoomFor } from '../ledger/room.ts';
import { recordEvents } from '../outbox/events.ts';
import { customerScope, type MerchantScope, transact } from '../scope.ts';
import { readFirstMoment } from '../tenants/first-collection.ts';
import { keptWays, type WayToPay } from '../tenants/ways-to-pay.ts';
import {
  type DocumentParts,
  insertParts,
  type NewLine,
  type NewRate,
  type Totals,
  totalsOf,
} from './document.ts';
import { assertDocument } from './limits.ts';
import { identify, type IssuedDocument } from './numbering.ts';

export interface NewDocument {
  readonly customerId: number;
  /** Given by the tenant's own numbering when absent. */
  readonly number?: string | undefined;
  readonly name?: string | undefined;
  /** ISO 4217, upper case. */
  readonly currency: string;
  /** Civil dates `YYYY-MM-DD`. */
  readonly date: string;
  readonly purchaseOrder?: string | undefined;
  readonly buyerReference?: string | undefined;
  readonly paymentTerms?: string | undefined;
  readonly notes?: string | undefined;
  readonly lines: readonly NewLine[];
  readonly rates?: readonly NewRate[] | undefined;
  /** Minor units, signed. */
  readonly roundingMinor?: number | undefined;
  /** What the document refers to (contract, order, preceding invoices), as plain data. */
  readonly references?: object | undefined;
  /** Where it came from: `manual`, `csv`, `ubl`; with the hash of that source, so that the same one is known again. */
  readonly source?: string | undefined;
  readonly sourceHash?: string | undefined;
}

export interface NewInvoice extends NewDocument {
  /** Civil date; absent means due at once. */
  readonly dueDate?: string | undefined;
  readonly autopay?: boolean | undefined;
  /** How the supplier wants to be paid outside the portal, as plain data. */
  readonly paymentMeans?: object | undefined;
  /** The estimate that it was made from. */
  readonly estimateId?: number | undefined;
  /** The ways to pay that are off for it. */
  readonly disabledMethods?: readonly WayToPay[] | undefined;
}

export interface NewEstimate extends NewDocument {
  /** Civil date of the last day on which it can be approved; absent means any time. */
  readonly expirationDate?: string | undefined;
  /** What is to be paid with the approval: minor units, or decimal text in percent of the total. */
  readonly deposit?: { readonly minor: number } | { readonly percent: string } | undefined;
  /** The ways to pay that are off for its deposit, and for the invoice that it becomes. */
  readonly disabledMethods?: readonly WayToPay[] | undefined;
}

export interface NewCreditNote extends NewDocument {
  readonly invoiceId?: number | undefined;
}

/**
 * Issues an invoice: its rows, its ledger entry (receivable against sales) and its event, in one transaction. Refuses `number_taken`,
 * `bad_amount`, `discount_too_large`, `total_below_zero`, `amount_too_large`, `customer_closed`, `account_full` for more than can be
 * added up, and `bad_input` for what
 * is longer than a document may be.
 */
export async function issueInvoice(merchant: MerchantScope, invoice: NewInvoice): Promise<IssuedDocument> {
  const [issued] = await issueInvoices(merchant, [invoice]);
  return issued!;
}

/** Like `issueInvoice`, for many at once, in one set of inserts: all of them or none. Answers in the order given. */
export function issueInvoices(
  merchant: MerchantScope,
  invoices: readonly NewInvoice[],
): Promise<IssuedDocument[]> {
  return transact(merchant, (within) => insertInvoices(within, invoices));
}

/** Issues a credit note: an amount the customer may put against invoices. Refuses what `issueInvoice` does. */
export function issueCreditNote(merchant: MerchantScope, note: NewCreditNote): Promise<IssuedDocument> {
  return transact(merchant, (within) => insertCreditNote(within, note));
}

/** Issues an estimate: an offer that the customer may approve. Nothing is owed yet. Refuses what `issueInvoice` does, and a deposit that is more than its total. */
export function issueEstimate(merchant: MerchantScope, estimate: NewEstimate): Promise<IssuedDocument> {
  return transact(merchant, (within) => insertEstimate(within, estimate));
}

async function insertInvoices(
  merchant: MerchantScope,
  invoices: readonly NewInvoice[],
): Promise<IssuedDocument[]> {
  if (invoices.length === 0) return [];
  const totals = invoices.map((invoice) => addUp(invoice));
  await assertBillable(merchant, 'invoices', invoices, totals);
  const issued = await identify(merchant, 'invoices', invoices, totals);
  const each = invoices.map((invoice, i) => ({ invoice, issued: issued[i]!, totals: totals[i]! }));
  const firstMoment = await readFirstMoment(merchant, [
    ...new Set(invoices.map(({ customerId }) => customerId)),
  ]);
  const rows = each.map((one) => invoiceRow(merchant, one.invoice, one.issued, one.totals));
  await merchant.db.insert(
    'invoices',
    rows.map((row) => ({ ...row, first_at: firstMoment(row.customer_id, row) })),
  );
  await insertParts(
    merchant,
    'invoice_id',
    each.map(({ invoice, issued: { id } }) => partsOf(invoice, id)),
  );
  await postAll(
    merchant,
    each.map(({ invoice, issued: { id, totalMinor } }) => ({
      kind: 'invoice' as const,
      customerId: invoice.customerId,
      currency: invoice.currency,
      date: invoice.date,
      invoiceId: id,
      postings: [
        { account: 'receivable' as const, minor: totalMinor, invoiceId: id },
        { account: 'sales' as const, minor: -totalMinor },
      ],
    })),
  );
  await recordEvents(
    merchant,
    each.map(({ invoice: { customerId }, issued: { id, number } }) => ({
      type: 'invoice.created',
      subject: { customerId, invoiceId: id },
      data: { number },
    })),
  );
  return issued;
}

async function insertCreditNote(merchant: MerchantScope, note: NewCreditNote): Promise<IssuedDocument> {
  const { customerId, currency } = note;
  const totals = addUp(note);
  await assertBillable(merchant, 'credit_notes', [note], [totals]);
  const [issued] = await identify(merchant, 'credit_notes', [note], [totals]);
  const { id, number } = issued!;
  await merchant.db.insert('credit_notes', {
    ...commonRow(merchant, note, issued!, totals),
    balance_minor: totals.totalMinor,
    invoice_id: note.invoiceId ?? null,
  });
  await insertParts(merchant, 'credit_note_id', [partsOf(note, id)]);
  await postAll(merchant, [
    {
      kind: 'credit_note',
      customerId,
      currency,
      date: note.date,
      creditNoteId: id,
      postings: [
        { account: 'sales', minor: totals.totalMinor },
        { account: 'credit_note', minor: -totals.totalMinor, creditNoteId: id },
      ],
    },
  ]);
  const subject = { customerId, creditNoteId: id };
  await recordEvents(merchant, [{ type: 'credit_note.created', subject, data: { number } }]);
  return issued!;
}

async function insertEstimate(merchant: MerchantScope, estimate: NewEstimate): Promise<IssuedDocument> {
  const { customerId } = estimate;
  const totals = addUp(estimate);
  const [issued] = await identify(merchant, 'estimates', [estimate], [totals]);
  const { id, number } = issued!;
  await merchant.db.insert('estimates', {
    ...commonRow(merchant, estimate, issued!, totals),
    expiration_date: estimate.expirationDate ?? null,
    disabled_methods: keptWays(estimate.disabledMethods),
    deposit_minor: depositOf(estimate, totals),
  });
  await insertParts(merchant, 'estimate_id', [partsOf(estimate, id)]);
  const subject = { customerId, estimateId: id };
  await recordEvents(merchant, [{ type: 'estimate.created', subject, data: { number } }]);
  return issued!;
}

function depositOf({ deposit, currency }: NewEstimate, { totalMinor }: Totals): number {
  if (!deposit) return 0;
  const minor =
    'minor' in deposit ? deposit.minor : percentOf(money(totalMinor, currency), deposit.percent).minor;
  if (!Number.isSafeInteger(minor)) refuseAmount(minor, currency);
  const said = {
    deposit: amountText(money(minor, currency)),
    total: amountText(money(totalMinor, currency)),
  };
  if (minor < 0) refuse('deposit_negative', said);
  if (minor > totalMinor) refuse('deposit_too_large', said);
  return minor;
}

/** Refuses `bad_input` for what is longer than a document may be. */
function addUp(document: NewDocument): Totals {
  assertDocument(document);
  return totalsOf(document.lines, document.rates ?? [], document.currency, document.roundingMinor);
}

/** The account of every customer must have room for all of their documents. Refuses `account_full`. */
/** Customers that are closed are billed no more, and an account holds no more than can be added up. */
async function assertBillable(
  merchant: MerchantScope,
  kind: Parameters<typeof assertRoomFor>[1],
  documents: readonly NewDocument[],
  totals: readonly Totals[],
): Promise<void> {
  const customerIds = [...new Set(documents.map(({ customerId }) => customerId))];
  const closed = await merchant.db
    .from('customers')
    .select('number')
    .where('id', 'in', customerIds)
    .where('closed_at', 'is not', null)
    .executeTakeFirst();
  if (closed) refuse('customer_closed', { number: closed.number, tenant: merchant.tenant.username });
  const sums = new Map<string, { customerId: number; currency: string; minor: number }>();
  for (const [i, { customerId, currency }] of documents.entries()) {
    const key = `${customerId} ${currency}`;
    const before = sums.get(key)?.minor ?? 0;
    sums.set(key, { customerId, currency, minor: before + totals[i]!.totalMinor });
  }
  for (const { customerId, ...sum } of sums.values())
    await assertRoomFor(customerScope(merchant, customerId), kind, sum);
}

function partsOf({ customerId, currency, lines, rates = [] }: NewDocument, id: number): DocumentParts {
  return { id, customerId, currency, lines, rates };
}

function invoiceRow(scope: MerchantScope, invoice: NewInvoice, issued: IssuedDocument, totals: Totals) {
  return {
    ...commonRow(scope, invoice, issued, totals),
    due_date: invoice.dueDate ?? null,
    estimate_id: invoice.estimateId ?? null,
    disabled_methods: keptWays(invoice.disabledMethods),
    balance_minor: totals.totalMinor,
    autopay: invoice.autopay ? (1 as const) : (0 as const),
    paid_at: totals.totalMinor === 0 ? nowMs(scope.clock) : null,
    payment_means: invoice.paymentMeans ? JSON.stringify(invoice.paymentMeans) : null,
  };
}

function commonRow(scope: MerchantScope, document: NewDocument, issued: IssuedDocument, totals: Totals) {
  const now = nowMs(scope.clock);
  return {
    id: issued.id,
    customer_id: document.customerId,
    client_id: issued.clientId,
    number: issued.number,
    name: document.name ?? null,
    currency: document.currency,
    date: document.date,
    payment_terms: document.paymentTerms ?? null,
    purchase_order: document.purchaseOrder ?? null,
    buyer_reference: document.buyerReference ?? null,
    notes: document.notes ?? null,
    state: 'issued' as const,
    subtotal_minor: totals.subtotalMinor,
    discount_minor: totals.discountMinor,
    charge_minor: totals.chargeMinor,
    tax_minor: totals.taxMinor,
    rounding_minor: totals.roundingMinor,
    total_minor: totals.totalMinor,
    document_references: document.references ? JSON.stringify(document.references) : null,
    source: document.source ?? 'manual',
    source_hash: document.sourceHash ?? null,
    sent_at: now,
    created_at: now,
    updated_at: now,
  };
}
