import { refuse } from '../kernel/errors.ts';
import { clientId } from '../kernel/ids.ts';
import { nowMs } from '../kernel/time.ts';
import { post } from '../ledger/ledger.ts';
import { recordEvent } from '../outbox/events.ts';
import { customerScope, type CustomerScope, type MerchantScope, transact } from '../scope.ts';
import { insertParts, type NewLine, type NewRate, type Totals, totalsOf } from './document.ts';

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
export function issueInvoice(merchant: MerchantScope, invoice: NewInvoice): Promise<IssuedDocument> {
  return transact(merchant, (within) => insertInvoice(within, invoice));
}

/** Issues a credit note: an amount the customer may put against invoices. Refuses `number_taken`, `bad_amount`. */
export function issueCreditNote(merchant: MerchantScope, note: NewCreditNote): Promise<IssuedDocument> {
  return transact(merchant, (within) => insertCreditNote(within, note));
}

async function insertInvoice(merchant: MerchantScope, invoice: NewInvoice): Promise<IssuedDocument> {
  const totals = totalsOf(invoice.lines, invoice.rates ?? [], invoice.currency, invoice.roundingMinor);
  const issued = await identify(merchant, 'invoices', invoice, totals);
  const scope = customerScope(merchant, invoice.customerId);
  await scope.db.insert('invoices', {
    ...commonRow(scope, invoice, issued, totals),
    due_date: invoice.dueDate ?? null,
    balance_minor: totals.totalMinor,
    autopay: invoice.autopay ? 1 : 0,
    paid_at: totals.totalMinor === 0 ? nowMs(scope.clock) : null,
    payment_means: invoice.paymentMeans ? JSON.stringify(invoice.paymentMeans) : null,
  });
  const document = { column: 'invoice_id', id: issued.id, currency: invoice.currency } as const;
  await insertParts(scope, document, invoice.lines, invoice.rates ?? []);
  await post(scope, {
    kind: 'invoice',
    currency: invoice.currency,
    date: invoice.date,
    invoiceId: issued.id,
    postings: [
      { account: 'receivable', minor: totals.totalMinor, invoiceId: issued.id },
      { account: 'sales', minor: -totals.totalMinor },
    ],
  });
  await recordEvent(scope, 'invoice.created', { invoiceId: issued.id }, { number: issued.number });
  return issued;
}

async function insertCreditNote(merchant: MerchantScope, note: NewCreditNote): Promise<IssuedDocument> {
  const totals = totalsOf(note.lines, note.rates ?? [], note.currency, note.roundingMinor);
  const issued = await identify(merchant, 'credit_notes', note, totals);
  const scope = customerScope(merchant, note.customerId);
  await scope.db.insert('credit_notes', {
    ...commonRow(scope, note, issued, totals),
    balance_minor: totals.totalMinor,
    invoice_id: note.invoiceId ?? null,
  });
  const document = { column: 'credit_note_id', id: issued.id, currency: note.currency } as const;
  await insertParts(scope, document, note.lines, note.rates ?? []);
  await post(scope, {
    kind: 'credit_note',
    currency: note.currency,
    date: note.date,
    creditNoteId: issued.id,
    postings: [
      { account: 'sales', minor: totals.totalMinor },
      { account: 'credit_note', minor: -totals.totalMinor, creditNoteId: issued.id },
    ],
  });
  await recordEvent(scope, 'credit_note.created', { creditNoteId: issued.id }, { number: issued.number });
  return issued;
}

const PREFIX = { invoices: 'INV', credit_notes: 'CN' } as const;
const NOUN = { invoices: 'an invoice with the', credit_notes: 'a credit note with the' } as const;

async function identify(
  scope: MerchantScope,
  table: 'invoices' | 'credit_notes',
  document: NewDocument,
  totals: Totals,
): Promise<IssuedDocument> {
  const number = document.number ?? (await freeNumber(scope, table));
  if (document.number !== undefined && (await isTaken(scope, table, number))) {
    refuse('number_taken', { what: NOUN[table], number });
  }
  const id = await scope.db.nextId(table);
  return { id, clientId: clientId(scope.tokens), number, totalMinor: totals.totalMinor };
}

/** Numbers are the tenant's, not the customer's: asked in the merchant's scope. */
async function isTaken(
  scope: MerchantScope,
  table: 'invoices' | 'credit_notes',
  number: string,
): Promise<boolean> {
  const found = await scope.db.from(table).select('id').where('number', '=', number).executeTakeFirst();
  return found !== undefined;
}

async function freeNumber(scope: MerchantScope, table: 'invoices' | 'credit_notes'): Promise<string> {
  for (;;) {
    const count = await scope.db.nextNumber(table);
    const number = `${PREFIX[table]}-${String(count).padStart(4, '0')}`;
    if (!(await isTaken(scope, table, number))) return number;
  }
}

function commonRow(scope: CustomerScope, document: NewDocument, issued: IssuedDocument, totals: Totals) {
  const now = nowMs(scope.clock);
  return {
    id: issued.id,
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
