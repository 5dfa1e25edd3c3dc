import { refuse } from '#src/kernel/errors.ts';
import { type Money, money } from '#src/kernel/money.ts';
import type { MerchantScope } from '#src/scope.ts';
import { type CreditNoteStatus, creditNoteStatus } from './credit-notes.ts';
import { partsOfRecords, readMetadata, type RecordParts } from './records.ts';

/** A credit note as its merchant sees it, whatever its state. */
export interface CreditNoteRecord extends RecordParts {
  readonly id: number;
  readonly clientId: string;
  readonly customerId: number;
  readonly customerNumber: string;
  readonly customerName: string;
  readonly number: string;
  readonly name: string | undefined;
  /** ISO 4217. */
  readonly currency: string;
  /** Civil date. */
  readonly date: string;
  readonly status: CreditNoteStatus;
  readonly isClosed: boolean;
  readonly purchaseOrder: string | undefined;
  readonly notes: string | undefined;
  readonly subtotal: Money;
  readonly total: Money;
  readonly balance: Money;
  readonly invoiceId: number | undefined;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface MerchantCreditNoteQuery {
  readonly customerId?: number | undefined;
  readonly status?: CreditNoteStatus | undefined;
  /** The most to answer; all of them without it. */
  readonly limit?: number | undefined;
}

const BATCH = 200;

/** The tenant's credit notes in the order they were made, read in batches: memory does not grow with their number. */
export async function* everyCreditNote(
  merchant: MerchantScope,
  query: MerchantCreditNoteQuery = {},
): AsyncGenerator<CreditNoteRecord> {
  let left = query.limit ?? Number.POSITIVE_INFINITY;
  let after = 0;
  while (left > 0) {
    const rows = await batchAfter(merchant, after, query);
    for (const record of await recordsOf(merchant, rows)) {
      if (query.status !== undefined && record.status !== query.status) continue;
      yield record;
      if (--left <= 0) return;
    }
    if (rows.length < BATCH) return;
    after = rows.at(-1)?.id ?? after;
  }
}

/** One credit note by its number, or by its id when no number fits. Refuses `unknown_credit_note`. */
export async function findMerchantCreditNote(
  merchant: MerchantScope,
  numberOrId: string,
): Promise<CreditNoteRecord> {
  const wanted = numberOrId.trim();
  const id = /^[1-9]\d{0,14}$/.test(wanted) ? Number(wanted) : -1;
  const rows = await selectNotes(merchant)
    .where((eb) => eb.or([eb('credit_notes.number', '=', wanted), eb('credit_notes.id', '=', id)]))
    .execute();
  const row = rows.find(({ number }) => number === wanted) ?? rows[0];
  const [record] = row ? await recordsOf(merchant, [row]) : [];
  if (record) return record;
  return refuse('unknown_credit_note', { creditNote: numberOrId, tenant: merchant.tenant.username });
}

function selectNotes(merchant: MerchantScope) {
  return merchant.db
    .from('credit_notes')
    .innerJoin(merchant.db.rows('customers'), 'customers.id', 'credit_notes.customer_id')
    .selectAll('credit_notes')
    .select(['customers.number as customer_number', 'customers.name as customer_name']);
}

type NoteRow = Awaited<ReturnType<ReturnType<typeof selectNotes>['execute']>>[number];

function batchAfter(merchant: MerchantScope, after: number, { customerId }: MerchantCreditNoteQuery) {
  const rows = selectNotes(merchant)
    .where('credit_notes.id', '>', after)
    .orderBy('credit_notes.id')
    .limit(BATCH);
  if (customerId === undefined) return rows.execute();
  return rows.where('credit_notes.customer_id', '=', customerId).execute();
}

async function recordsOf(merchant: MerchantScope, rows: readonly NoteRow[]): Promise<CreditNoteRecord[]> {
  if (rows.length === 0) return [];
  const partsOf = await partsOfRecords(merchant, 'credit_note_id', rows);
  return rows.map((row) => ({ ...recordOf(row), ...partsOf(row) }));
}

function recordOf(row: NoteRow): Omit<CreditNoteRecord, keyof RecordParts> {
  const { currency } = row;
  return {
    id: row.id,
    clientId: row.client_id,
    customerId: row.customer_id,
    customerNumber: row.customer_number,
    customerName: row.customer_name,
    number: row.number,
    name: row.name ?? undefined,
    currency,
    date: row.date,
    status: creditNoteStatus(row),
    isClosed: row.closed === 1,
    purchaseOrder: row.purchase_order ?? undefined,
    notes: row.notes ?? undefined,
    subtotal: money(row.subtotal_minor, currency),
    total: money(row.total_minor, currency),
    balance: money(row.balance_minor, currency),
    invoiceId: row.invoice_id ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    metadata: readMetadata(row.metadata),
  };
}
