import { refuse } from '#src/kernel/errors.ts';
import { type Money, money } from '#src/kernel/money.ts';
import { findNamed } from '#src/kernel/named.ts';
import type { MerchantScope } from '#src/scope.ts';
import { type CreditNoteStatus, creditNoteStatus } from './credit-notes.ts';
import {
  type DocumentRecord,
  everyRecord,
  partsOfRecords,
  type RecordParts,
  type RecordQuery,
  sharedPart,
} from './records.ts';

/** A credit note as its merchant sees it, whatever its state. */
export interface CreditNoteRecord extends DocumentRecord {
  readonly status: CreditNoteStatus;
  readonly balance: Money;
  readonly invoiceId: number | undefined;
  /** Epoch ms. */
}

/** The tenant's credit notes in the order they were made. */
export function everyCreditNote(
  merchant: MerchantScope,
  query: RecordQuery<CreditNoteStatus> = {},
): AsyncGenerator<CreditNoteRecord> {
  return everyRecord(
    query,
    (id, most) => readAfter(merchant, id, most, query),
    (rows) => recordsOf(merchant, rows),
  );
}

/** One credit note by its number (in any case), or by its id when no number fits. Refuses `unknown_credit_note`. */
export async function findMerchantCreditNote(
  merchant: MerchantScope,
  numberOrId: string,
): Promise<CreditNoteRecord> {
  const row = await findNamed(numberOrId, {
    exactly: (number, id) =>
      selectNotes(merchant)
        .where((eb) => eb.or([eb('credit_notes.number', '=', number), eb('credit_notes.id', '=', id)]))
        .execute(),
    anyCase: (numbers) =>
      selectNotes(merchant)
        .where((eb) => eb(eb.fn<string>('lower', ['credit_notes.number']), 'in', numbers))
        .limit(2)
        .execute(),
  });
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

function readAfter(
  merchant: MerchantScope,
  after: number,
  most: number,
  { customerId }: RecordQuery<CreditNoteStatus>,
) {
  const rows = selectNotes(merchant)
    .where('credit_notes.id', '>', after)
    .orderBy('credit_notes.id')
    .limit(most);
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
    ...sharedPart(row),
    status: creditNoteStatus(row),
    balance: money(row.balance_minor, currency),
    invoiceId: row.invoice_id ?? undefined,
  };
}
