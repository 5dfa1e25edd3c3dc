import type { ScopedRow } from '#db/scoped.ts';
import { type Money, money } from '#src/kernel/money.ts';
import type { MerchantScope } from '#src/scope.ts';
import type { DocumentColumn } from './document.ts';

/* Invoices, estimates and credit notes as their merchant sees them: what they share, their lines and rates, and how they are found. */

/** What every document is, whatever its kind and state. */
export interface DocumentRecord extends RecordParts {
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
  readonly isClosed: boolean;
  readonly purchaseOrder: string | undefined;
  readonly notes: string | undefined;
  readonly subtotal: Money;
  readonly total: Money;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Which documents of a kind are meant. */
export interface RecordQuery<Status> {
  readonly customerId?: number | undefined;
  readonly status?: Status | undefined;
  /** The most to answer; all of them without it. */
  readonly limit?: number | undefined;
}

export interface LineRecord {
  readonly id: number;
  readonly itemCode: string | undefined;
  readonly type: string | undefined;
  readonly name: string;
  readonly description: string | undefined;
  /** Decimal texts. */
  readonly quantity: string;
  readonly unitCost: string;
  readonly amount: Money;
  readonly isDiscountable: boolean;
  readonly isTaxable: boolean;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface RateRecord {
  readonly id: number;
  readonly kind: 'discount' | 'charge' | 'tax' | 'shipping';
  readonly name: string;
  readonly amount: Money;
  readonly couponId: string | undefined;
  readonly taxRateId: string | undefined;
  /** Epoch ms. */
  readonly expiresAt: number | undefined;
}

export interface RecordParts {
  readonly lines: readonly LineRecord[];
  /** Those on the whole document. */
  readonly rates: readonly RateRecord[];
}

/** The lines and rates of documents of one kind, read at once; the function answers those of one of them. */
export async function partsOfRecords(
  merchant: MerchantScope,
  column: DocumentColumn,
  documents: ReadonlyArray<{ readonly id: number; readonly currency: string }>,
): Promise<(document: { readonly id: number; readonly currency: string }) => RecordParts> {
  const ids = documents.map(({ id }) => id);
  const lines = await merchant.db
    .from('lines')
    .selectAll()
    .where(column, 'in', ids)
    .orderBy('position')
    .execute();
  const rates = await merchant.db
    .from('applied_rates')
    .selectAll()
    .where(column, 'in', ids)
    .where('line_id', 'is', null)
    .orderBy('position')
    .execute();
  const linesById = Map.groupBy(lines, (line) => line[column]);
  const ratesById = Map.groupBy(rates, (rate) => rate[column]);
  return ({ id, currency }) => ({
    lines: (linesById.get(id) ?? []).map((line) => lineOf(line, currency)),
    rates: (ratesById.get(id) ?? []).map((rate) => rateOf(rate, currency)),
  });
}

/** So many are read at once. */
const BATCH = 200;

/** Records in the order of their ids, read in batches: memory does not grow with their number. `readAfter` answers at most so many. */
export async function* everyRecord<
  Row extends { readonly id: number },
  One extends { readonly status: string },
>(
  { status, limit = Number.POSITIVE_INFINITY }: RecordQuery<One['status']>,
  readAfter: (id: number, most: number) => Promise<readonly Row[]>,
  recordsOf: (rows: readonly Row[]) => Promise<readonly One[]>,
): AsyncGenerator<One> {
  let left = limit;
  let after = 0;
  while (left > 0) {
    const most = status === undefined ? Math.min(BATCH, left) : BATCH;
    const rows = await readAfter(after, most);
    for (const record of await recordsOf(rows)) {
      if (status !== undefined && record.status !== status) continue;
      yield record;
      if (--left <= 0) return;
    }
    if (rows.length < most) return;
    after = rows.at(-1)?.id ?? after;
  }
}

/** What a row says that every kind of document has. */
export function sharedPart(
  row: Pick<ScopedRow<'invoices'> & ScopedRow<'estimates'> & ScopedRow<'credit_notes'>, SharedColumn> & {
    readonly customer_number: string;
    readonly customer_name: string;
  },
): Omit<DocumentRecord, keyof RecordParts> {
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
    isClosed: row.closed === 1,
    purchaseOrder: row.purchase_order ?? undefined,
    notes: row.notes ?? undefined,
    subtotal: money(row.subtotal_minor, currency),
    total: money(row.total_minor, currency),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    metadata: readMetadata(row.metadata),
  };
}

type SharedColumn =
  | 'id'
  | 'client_id'
  | 'customer_id'
  | 'number'
  | 'name'
  | 'currency'
  | 'date'
  | 'closed'
  | 'purchase_order'
  | 'notes'
  | 'subtotal_minor'
  | 'total_minor'
  | 'created_at'
  | 'updated_at'
  | 'metadata';

/** What a merchant keeps with a document: an object of anything. */
export function readMetadata(text: string): Readonly<Record<string, unknown>> {
  const read: unknown = JSON.parse(text);
  return typeof read === 'object' && read !== null && !Array.isArray(read) ? { ...read } : {};
}

function lineOf(row: ScopedRow<'lines'>, currency: string): LineRecord {
  return {
    id: row.id,
    itemCode: row.item_code ?? undefined,
    type: row.type ?? undefined,
    name: row.name,
    description: row.description ?? undefined,
    quantity: row.quantity,
    unitCost: row.unit_cost,
    amount: money(row.amount_minor, currency),
    isDiscountable: row.discountable === 1,
    isTaxable: row.taxable === 1,
    metadata: readMetadata(row.metadata),
  };
}

function rateOf(row: ScopedRow<'applied_rates'>, currency: string): RateRecord {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    amount: money(row.amount_minor, currency),
    couponId: row.coupon_id ?? undefined,
    taxRateId: row.tax_rate_id ?? undefined,
    expiresAt: row.expires_at ?? undefined,
  };
}
