import type { ScopedRow } from '#db/scoped.ts';
import { refuse } from '#src/kernel/errors.ts';
import { type Money, money } from '#src/kernel/money.ts';
import { todayIn } from '#src/kernel/time.ts';
import type { MerchantScope } from '#src/scope.ts';
import { type InvoiceStatus, statusOf } from './invoice-status.ts';

/** An invoice as its merchant sees it, whatever its state. */
export interface InvoiceRecord {
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
  readonly lines: readonly LineRecord[];
  readonly rates: readonly RateRecord[];
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
  readonly planId: string | undefined;
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
  const ids = rows.map(({ id }) => id);
  const lines = await merchant.db
    .from('lines')
    .selectAll()
    .where('invoice_id', 'in', ids)
    .orderBy('position')
    .execute();
  const rates = await merchant.db
    .from('applied_rates')
    .selectAll()
    .where('invoice_id', 'in', ids)
    .where('line_id', 'is', null)
    .orderBy('position')
    .execute();
  const linesById = Map.groupBy(lines, (line) => line.invoice_id);
  const ratesById = Map.groupBy(rates, (rate) => rate.invoice_id);
  const today = todayIn(merchant.clock, merchant.tenant.timeZone).toString();
  return rows.map((row) => ({
    ...recordOf(row, today),
    lines: (linesById.get(row.id) ?? []).map((line) => lineOf(line, row.currency)),
    rates: (ratesById.get(row.id) ?? []).map((rate) => rateOf(rate, row.currency)),
  }));
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
    planId: row.plan_id ?? undefined,
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

function readMetadata(text: string): Readonly<Record<string, unknown>> {
  const read: unknown = JSON.parse(text);
  return typeof read === 'object' && read !== null && !Array.isArray(read) ? { ...read } : {};
}
