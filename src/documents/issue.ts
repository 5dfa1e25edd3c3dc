import { refuse } from '../kernel/errors.ts';
import { clientId } from '../kernel/ids.ts';
import { nowMs } from '../kernel/time.ts';
import { postAll } from '../ledger/ledger.ts';
import { recordEvents } from '../outbox/events.ts';
import { type MerchantScope, transact } from '../scope.ts';
import {
  type DocumentParts,
  insertParts,
  type NewLine,
  type NewRate,
  type Totals,
  totalsOf,
} from './document.ts';

interface NewDocument {
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
}

export interface NewCreditNote extends NewDocument {
  readonly invoiceId?: number | undefined;
}

export interface IssuedDocument {
  readonly id: number;
  readonly clientId: string;
  readonly number: string;
  readonly totalMinor: number;
}

/**
 * Issues an invoice: its rows, its ledger entry (receivable against sales) and its event, in one transaction. Refuses `number_taken`,
 * `bad_amount`.
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

/** Issues a credit note: an amount the customer may put against invoices. Refuses `number_taken`, `bad_amount`. */
export function issueCreditNote(merchant: MerchantScope, note: NewCreditNote): Promise<IssuedDocument> {
  return transact(merchant, (within) => insertCreditNote(within, note));
}

async function insertInvoices(
  merchant: MerchantScope,
  invoices: readonly NewInvoice[],
): Promise<IssuedDocument[]> {
  if (invoices.length === 0) return [];
  const totals = invoices.map((invoice) => addUp(invoice));
  const issued = await identify(merchant, 'invoices', invoices, totals);
  const each = invoices.map((invoice, i) => ({ invoice, issued: issued[i]!, totals: totals[i]! }));
  await merchant.db.insert(
    'invoices',
    each.map((one) => invoiceRow(merchant, one.invoice, one.issued, one.totals)),
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

function addUp(document: NewDocument): Totals {
  return totalsOf(document.lines, document.rates ?? [], document.currency, document.roundingMinor);
}

function partsOf({ customerId, currency, lines, rates = [] }: NewDocument, id: number): DocumentParts {
  return { id, customerId, currency, lines, rates };
}

const PREFIX = { invoices: 'INV', credit_notes: 'CN' } as const;
const NOUN = { invoices: 'an invoice with the', credit_notes: 'a credit note with the' } as const;

async function identify(
  scope: MerchantScope,
  table: 'invoices' | 'credit_notes',
  documents: readonly NewDocument[],
  totals: readonly Totals[],
): Promise<IssuedDocument[]> {
  const taken = await takenOf(scope, table, given(documents));
  const numbers: string[] = [];
  for (const document of documents) {
    const number = document.number ?? (await freeNumber(scope, table));
    if (taken.has(number)) refuse('number_taken', { what: NOUN[table], number });
    taken.add(number);
    numbers.push(number);
  }
  const ids = await scope.db.nextIds(table, documents.length);
  return numbers.map((number, i) => ({
    id: ids[i]!,
    clientId: clientId(scope.tokens),
    number,
    totalMinor: totals[i]!.totalMinor,
  }));
}

function given(documents: readonly NewDocument[]): string[] {
  return documents.flatMap(({ number }) => number ?? []);
}

/** Those of the numbers that the tenant has already, whoever the customer is. */
async function takenOf(
  scope: MerchantScope,
  table: 'invoices' | 'credit_notes',
  numbers: readonly string[],
): Promise<Set<string>> {
  if (numbers.length === 0) return new Set();
  const rows = await scope.db.from(table).select('number').where('number', 'in', numbers).execute();
  return new Set(rows.map(({ number }) => number));
}

async function freeNumber(scope: MerchantScope, table: 'invoices' | 'credit_notes'): Promise<string> {
  for (;;) {
    const count = await scope.db.nextNumber(table);
    const number = `${PREFIX[table]}-${String(count).padStart(4, '0')}`;
    if ((await takenOf(scope, table, [number])).size === 0) return number;
  }
}

function invoiceRow(scope: MerchantScope, invoice: NewInvoice, issued: IssuedDocument, totals: Totals) {
  return {
    ...commonRow(scope, invoice, issued, totals),
    due_date: invoice.dueDate ?? null,
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
