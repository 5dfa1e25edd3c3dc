import { type Money, money } from '../kernel/money.ts';
import { recordEvent } from '../outbox/events.ts';
import { nowMs } from '../kernel/time.ts';
import { type CustomerScope, transact } from '../scope.ts';
import type { DocumentColumn } from './document.ts';

/* What the pages and PDFs of invoices, estimates and credit notes show alike: lines, rates, and what happened. */

export interface DocumentLine {
  readonly name: string;
  readonly description: string | undefined;
  /** Decimal text. */
  readonly quantity: string;
  readonly unit: string | undefined;
  /** Decimal text in major units, with as many decimals as the merchant priced with. */
  readonly unitCost: string;
  readonly amount: Money;
  readonly taxPercent: string | undefined;
}

export interface DocumentRate {
  readonly kind: 'discount' | 'charge' | 'tax' | 'shipping';
  readonly name: string;
  readonly percent: string | undefined;
  readonly amount: Money;
}

export interface TrailEntry {
  readonly type: string;
  /** Epoch ms. */
  readonly at: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The lines of one document, in their order. */
export async function linesOf(
  scope: CustomerScope,
  column: DocumentColumn,
  id: number,
  currency: string,
): Promise<DocumentLine[]> {
  const rows = await scope.db
    .from('lines')
    .select(['name', 'description', 'quantity', 'unit', 'unit_cost', 'amount_minor', 'tax_percent'])
    .where(column, '=', id)
    .orderBy('position')
    .execute();
  return rows.map((row) => ({
    name: row.name,
    description: row.description ?? undefined,
    quantity: row.quantity,
    unit: row.unit ?? undefined,
    unitCost: row.unit_cost,
    amount: money(row.amount_minor, currency),
    taxPercent: row.tax_percent ?? undefined,
  }));
}

/** The discounts, charges and taxes on the whole of one document, in their order. */
export async function ratesOf(
  scope: CustomerScope,
  column: DocumentColumn,
  id: number,
  currency: string,
): Promise<DocumentRate[]> {
  const rows = await scope.db
    .from('applied_rates')
    .select(['kind', 'name', 'percent', 'amount_minor'])
    .where(column, '=', id)
    .where('line_id', 'is', null)
    .orderBy('position')
    .execute();
  return rows.map((row) => ({
    kind: row.kind,
    name: row.name,
    percent: row.percent ?? undefined,
    amount: money(row.amount_minor, currency),
  }));
}

/** What happened to a document, newest first. */
export async function trailOf(
  scope: CustomerScope,
  column: DocumentColumn,
  id: number,
): Promise<TrailEntry[]> {
  const rows = await scope.db
    .from('events')
    .select(['type', 'at', 'data'])
    .where(column, '=', id)
    .orderBy('id', 'desc')
    .limit(20)
    .execute();
  return rows.map((row) => ({
    type: row.type,
    at: row.at,
    data: JSON.parse(row.data) as Record<string, unknown>,
  }));
}

const KINDS = {
  invoices: { event: 'invoice.viewed', subject: (id: number) => ({ invoiceId: id }) },
  estimates: { event: 'estimate.viewed', subject: (id: number) => ({ estimateId: id }) },
  credit_notes: { event: 'credit_note.viewed', subject: (id: number) => ({ creditNoteId: id }) },
} as const;

/** Notes that the customer has looked at a document; only the first time counts. */
export async function markSeen(scope: CustomerScope, table: keyof typeof KINDS, id: number): Promise<void> {
  const unseen = await scope.db
    .from(table)
    .select('id')
    .where('id', '=', id)
    .where('viewed_at', 'is', null)
    .executeTakeFirst();
  if (!unseen) return;
  await transact(scope, async (within) => {
    const { numUpdatedRows } = await within.db
      .update(table)
      .set({ viewed_at: nowMs(within.clock) })
      .where('id', '=', id)
      .where('viewed_at', 'is', null)
      .executeTakeFirst();
    const { event, subject } = KINDS[table];
    if (numUpdatedRows === 1n) await recordEvent(within, event, subject(id));
  });
}
