import { refuse } from '../kernel/errors.ts';
import { type Money, money } from '../kernel/money.ts';
import { nowMs, todayIn } from '../kernel/time.ts';
import { recordEvent } from '../outbox/events.ts';
import { type CustomerScope, transact } from '../scope.ts';
import { type InvoiceSummary, summaryOf } from './invoices.ts';

export interface InvoiceLine {
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

export interface InvoiceRate {
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

/** An invoice with everything its page and its PDF show. */
export interface Invoice extends InvoiceSummary {
  readonly name: string | undefined;
  readonly currency: string;
  readonly paymentTerms: string | undefined;
  readonly buyerReference: string | undefined;
  readonly notes: string | undefined;
  readonly subtotal: Money;
  readonly rounding: Money;
  /** What was paid or credited so far. */
  readonly settled: Money;
  readonly lines: readonly InvoiceLine[];
  readonly rates: readonly InvoiceRate[];
  /** How the supplier wants to be paid outside the portal, as the document says it. */
  readonly paymentMeans: unknown;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** One invoice. Refuses `not_found` for drafts, voided ones and everybody else's. */
export async function findInvoice(scope: CustomerScope, clientId: string): Promise<Invoice> {
  const row = await scope.db
    .from('invoices')
    .selectAll()
    .where('client_id', '=', clientId)
    .executeTakeFirst();
  if (!row || row.state !== 'issued') return refuse('not_found', { what: 'invoice' });
  const today = todayIn(scope.clock, scope.tenant.timeZone).toString();
  return {
    ...summaryOf(row, today),
    name: row.name ?? undefined,
    currency: row.currency,
    paymentTerms: row.payment_terms ?? undefined,
    buyerReference: row.buyer_reference ?? undefined,
    notes: row.notes ?? undefined,
    subtotal: money(row.subtotal_minor, row.currency),
    rounding: money(row.rounding_minor, row.currency),
    settled: money(row.total_minor - row.balance_minor, row.currency),
    lines: await linesOf(scope, row.id, row.currency),
    rates: await ratesOf(scope, row.id, row.currency),
    paymentMeans: row.payment_means === null ? undefined : (JSON.parse(row.payment_means) as unknown),
    createdAt: row.created_at,
  };
}

/** What happened to an invoice, newest first. */
export async function invoiceTrail(scope: CustomerScope, invoiceId: number): Promise<TrailEntry[]> {
  const rows = await scope.db
    .from('events')
    .select(['type', 'at', 'data'])
    .where('invoice_id', '=', invoiceId)
    .orderBy('id', 'desc')
    .limit(20)
    .execute();
  return rows.map((row) => ({
    type: row.type,
    at: row.at,
    data: JSON.parse(row.data) as Record<string, unknown>,
  }));
}

/** Notes that the customer has looked at the invoice; only the first time counts. */
export async function markViewed(scope: CustomerScope, invoiceId: number): Promise<void> {
  const unseen = await scope.db
    .from('invoices')
    .select('id')
    .where('id', '=', invoiceId)
    .where('viewed_at', 'is', null)
    .executeTakeFirst();
  if (!unseen) return;
  await transact(scope, async (within) => {
    const { numUpdatedRows } = await within.db
      .update('invoices')
      .set({ viewed_at: nowMs(within.clock) })
      .where('id', '=', invoiceId)
      .where('viewed_at', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows === 1n) await recordEvent(within, 'invoice.viewed', { invoiceId });
  });
}

async function linesOf(scope: CustomerScope, invoiceId: number, currency: string): Promise<InvoiceLine[]> {
  const rows = await scope.db
    .from('lines')
    .select(['name', 'description', 'quantity', 'unit', 'unit_cost', 'amount_minor', 'tax_percent'])
    .where('invoice_id', '=', invoiceId)
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

async function ratesOf(scope: CustomerScope, invoiceId: number, currency: string): Promise<InvoiceRate[]> {
  const rows = await scope.db
    .from('applied_rates')
    .select(['kind', 'name', 'percent', 'amount_minor'])
    .where('invoice_id', '=', invoiceId)
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
