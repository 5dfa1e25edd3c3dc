import { refuse } from '../kernel/errors.ts';
import { type Money, money } from '../kernel/money.ts';
import type { ScopedRow } from '#db/scoped.ts';
import { found, type List, type ListQuery, newestOf } from '#db/lists.ts';
import type { CustomerScope } from '../scope.ts';
import { type DocumentLine, type DocumentRate, linesOf, ratesOf } from './content.ts';

/** What a credit note is, as people speak of it: `paid` is one that is used up. */
export type CreditNoteStatus = 'draft' | 'open' | 'paid' | 'closed' | 'voided';

/** A credit note as lists show it. */
export interface CreditNoteSummary {
  readonly id: number;
  readonly clientId: string;
  readonly number: string;
  /** Civil date `YYYY-MM-DD`. */
  readonly date: string;
  readonly status: CreditNoteStatus;
  readonly total: Money;
  /** What is left of it. */
  readonly balance: Money;
}

/** A credit note with everything its page and its PDF show. */
export interface CreditNote extends CreditNoteSummary {
  readonly name: string | undefined;
  readonly currency: string;
  readonly purchaseOrder: string | undefined;
  readonly buyerReference: string | undefined;
  readonly notes: string | undefined;
  readonly subtotal: Money;
  readonly rounding: Money;
  /** What was put against invoices or paid back so far. */
  readonly used: Money;
  readonly lines: readonly DocumentLine[];
  readonly rates: readonly DocumentRate[];
  /** The invoice that it corrects. */
  readonly invoice: { readonly clientId: string; readonly number: string } | undefined;
  /** The invoices that it paid, in the order it did. */
  readonly applied: ReadonlyArray<{
    readonly clientId: string;
    readonly number: string;
    readonly amount: Money;
    /** Epoch ms. */
    readonly at: number;
  }>;
  /** Epoch ms. */
  readonly createdAt: number;
}

export type CreditNoteFilter = 'all' | 'open' | 'paid';

/** `search` is part of the number, or of the purchase order. */
export type CreditNoteQuery = ListQuery<CreditNoteFilter>;

const SEARCHED = ['number', 'purchase_order'];
const LIST_COLUMNS = [
  ...(['id', 'client_id', 'number', 'date', 'state', 'closed', 'currency'] as const),
  ...(['total_minor', 'balance_minor'] as const),
] as const;

/** The customer's credit notes, the newest first. Drafts and voided ones are never listed. Refuses `bad_page`. */
export async function listCreditNotes(
  scope: CustomerScope,
  query: CreditNoteQuery = {},
): Promise<List<CreditNoteSummary>> {
  const list = await newestOf(matchingNotes(scope, query).select(LIST_COLUMNS), query);
  return { ...list, rows: list.rows.map(summaryOf) };
}

/** One credit note. Refuses `not_found` for drafts, voided ones and everybody else's. */
export async function findCreditNote(scope: CustomerScope, clientId: string): Promise<CreditNote> {
  const row = await scope.db
    .from('credit_notes')
    .selectAll()
    .where('client_id', '=', clientId)
    .executeTakeFirst();
  if (!row || row.state !== 'issued') return refuse('not_found', { what: 'credit note' });
  return {
    ...summaryOf(row),
    name: row.name ?? undefined,
    currency: row.currency,
    purchaseOrder: row.purchase_order ?? undefined,
    buyerReference: row.buyer_reference ?? undefined,
    notes: row.notes ?? undefined,
    subtotal: money(row.subtotal_minor, row.currency),
    rounding: money(row.rounding_minor, row.currency),
    used: money(row.total_minor - row.balance_minor, row.currency),
    lines: await linesOf(scope, 'credit_note_id', row.id, row.currency),
    rates: await ratesOf(scope, 'credit_note_id', row.id, row.currency),
    invoice: row.invoice_id === null ? undefined : await invoiceOf(scope, row.invoice_id),
    applied: await appliedOf(scope, row.id, row.currency),
    createdAt: row.created_at,
  };
}

/** What a credit note is. */
export function creditNoteStatus(
  row: Pick<ScopedRow<'credit_notes'>, 'state' | 'closed' | 'balance_minor'>,
): CreditNoteStatus {
  if (row.state !== 'issued') return row.state;
  if (row.balance_minor === 0) return 'paid';
  return row.closed ? 'closed' : 'open';
}

async function invoiceOf(scope: CustomerScope, invoiceId: number): Promise<CreditNote['invoice']> {
  const row = await scope.db
    .from('invoices')
    .select(['client_id', 'number'])
    .where('id', '=', invoiceId)
    .where('state', '=', 'issued')
    .executeTakeFirst();
  return row && { clientId: row.client_id, number: row.number };
}

async function appliedOf(
  scope: CustomerScope,
  creditNoteId: number,
  currency: string,
): Promise<CreditNote['applied']> {
  const rows = await scope.db
    .from('payment_applications')
    .innerJoin(scope.db.rows('invoices'), 'invoices.id', 'payment_applications.invoice_id')
    .select([
      'invoices.client_id',
      'invoices.number',
      'payment_applications.amount_minor',
      'payment_applications.created_at',
    ])
    .where('payment_applications.credit_note_id', '=', creditNoteId)
    .where('payment_applications.voided_at', 'is', null)
    .orderBy('payment_applications.id')
    .execute();
  return rows.map((row) => ({
    clientId: row.client_id,
    number: row.number,
    amount: money(row.amount_minor, currency),
    at: row.created_at,
  }));
}

type ListRow = Pick<ScopedRow<'credit_notes'>, (typeof LIST_COLUMNS)[number]>;

function summaryOf(row: ListRow): CreditNoteSummary {
  return {
    id: row.id,
    clientId: row.client_id,
    number: row.number,
    date: row.date,
    status: creditNoteStatus(row),
    total: money(row.total_minor, row.currency),
    balance: money(row.balance_minor, row.currency),
  };
}

type Matching = ReturnType<typeof issuedNotes>;

function issuedNotes(scope: CustomerScope) {
  return scope.db.from('credit_notes').where('state', '=', 'issued');
}

function matchingNotes(scope: CustomerScope, query: CreditNoteQuery): Matching {
  const matching = found(issuedNotes(scope), query, SEARCHED);
  switch (query.status ?? 'all') {
    case 'open':
      return matching.where('balance_minor', '>', 0).where('closed', '=', 0);
    case 'paid':
      return matching.where('balance_minor', '=', 0);
    case 'all':
      return matching;
  }
}
