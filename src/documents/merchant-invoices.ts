import { refuse } from '#src/kernel/errors.ts';
import { type Money, money } from '#src/kernel/money.ts';
import { todayIn } from '#src/kernel/time.ts';
import type { MerchantScope } from '#src/scope.ts';
import { waysIn, type WayToPay } from '#src/tenants/ways-to-pay.ts';
import { type InvoiceStatus, statusOf } from './invoice-status.ts';
import { partsOfRecords, readMetadata, type RecordParts } from './records.ts';

/** An invoice as its merchant sees it, whatever its state. */
export interface InvoiceRecord extends RecordParts {
  readonly id: number;
  readonly clientId: string;
  readonly customerId: number;
  readonly customerNumber: string;
  readonly customerName: string;
  readonly number: string;
  readonly name: string | undefined;
  /** ISO 4217. */
  readonly currency: string;
  /** Civil dates. */
  readonly date: string;
  readonly dueDate: string | undefined;
  readonly status: InvoiceStatus;
  readonly isClosed: boolean;
  readonly isAutopay: boolean;
  readonly attemptCount: number;
  readonly subscriptionId: number | undefined;
  readonly paymentTerms: string | undefined;
  readonly purchaseOrder: string | undefined;
  /** The ways to pay that are off for it, beside those that are off for its customer. */
  readonly disabledMethods: readonly WayToPay[];
  readonly notes: string | undefined;
  readonly subtotal: Money;
  readonly total: Money;
  readonly balance: Money;
  readonly pending: Money;
  /** Epoch ms. */
  readonly nextAttemptAt: number | undefined;
  readonly sentAt: number | undefined;
  readonly viewedAt: number | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface MerchantInvoiceQuery {
  readonly customerId?: number | undefined;
  readonly status?: InvoiceStatus | undefined;
  /** The most to answer; all of them without it. */
  readonly limit?: number | undefined;
}

const BATCH = 200;

/** The tenant's invoices in the order they were made, read in batches: memory does not grow with their number. */
export async function* everyInvoice(
  merchant: MerchantScope,
  query: MerchantInvoiceQuery = {},
): AsyncGenerator<InvoiceRecord> {
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

/** One invoice by its number, or by its id when no number fits. Refuses `unknown_invoice`. */
export async function findMerchantInvoice(
  merchant: MerchantScope,
  numberOrId: string,
): Promise<InvoiceRecord> {
  const wanted = numberOrId.trim();
  const id = /^[1-9]\d{0,14}$/.test(wanted) ? Number(wanted) : -1;
  const rows = await selectInvoices(merchant)
    .where((eb) => eb.or([eb('invoices.number', '=', wanted), eb('invoices.id', '=', id)]))
    .execute();
  const row = rows.find(({ number }) => number === wanted) ?? rows[0];
  const [record] = row ? await recordsOf(merchant, [row]) : [];
  return record ?? refuse('unknown_invoice', { invoice: numberOrId, tenant: merchant.tenant.username });
}

function selectInvoices(merchant: MerchantScope) {
  return merchant.db
    .from('invoices')
    .innerJoin(merchant.db.rows('customers'), 'customers.id', 'invoices.customer_id')
    .selectAll('invoices')
    .select(['customers.number as customer_number', 'customers.name as customer_name']);
}

type InvoiceRow = Awaited<ReturnType<ReturnType<typeof selectInvoices>['execute']>>[number];

function batchAfter(merchant: MerchantScope, after: number, { customerId }: MerchantInvoiceQuery) {
  const rows = selectInvoices(merchant).where('invoices.id', '>', after).orderBy('invoices.id').limit(BATCH);
  return (customerId === undefined ? rows : rows.where('invoices.customer_id', '=', customerId)).execute();
}

async function recordsOf(merchant: MerchantScope, rows: readonly InvoiceRow[]): Promise<InvoiceRecord[]> {
  if (rows.length === 0) return [];
  const partsOf = await partsOfRecords(merchant, 'invoice_id', rows);
  const today = todayIn(merchant.clock, merchant.tenant.timeZone).toString();
  return rows.map((row) => ({ ...recordOf(row, today), ...partsOf(row) }));
}

function recordOf(row: InvoiceRow, today: string): Omit<InvoiceRecord, 'lines' | 'rates'> {
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
    dueDate: row.due_date ?? undefined,
    status: statusOf(row, today),
    isClosed: row.closed === 1,
    isAutopay: row.autopay === 1,
    attemptCount: row.attempt_count,
    subscriptionId: row.subscription_id ?? undefined,
    paymentTerms: row.payment_terms ?? undefined,
    purchaseOrder: row.purchase_order ?? undefined,
    disabledMethods: waysIn(row.disabled_methods),
    notes: row.notes ?? undefined,
    subtotal: money(row.subtotal_minor, currency),
    total: money(row.total_minor, currency),
    balance: money(row.balance_minor, currency),
    pending: money(row.pending_minor, currency),
    nextAttemptAt: row.next_attempt_at ?? undefined,
    sentAt: row.sent_at ?? undefined,
    viewedAt: row.viewed_at ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    metadata: readMetadata(row.metadata),
  };
}
