import type { ScopedRow } from '#db/scoped.ts';
import { everyRecord, type RecordQuery } from '#src/documents/records.ts';
import { refuse } from '#src/kernel/errors.ts';
import { type Money, money } from '#src/kernel/money.ts';
import { findNamed } from '#src/kernel/named.ts';
import type { MerchantScope } from '#src/scope.ts';
import { type PaymentStatus, paymentStatus } from './payment-status.ts';

/** A payment as its merchant sees it. */
export interface PaymentRecord {
  readonly id: number;
  readonly clientId: string;
  /** The receipt's number. */
  readonly number: string;
  readonly customerId: number;
  readonly customerNumber: string;
  readonly customerName: string;
  /** Civil date. */
  readonly date: string;
  readonly amount: Money;
  readonly fee: Money;
  readonly refunded: Money;
  readonly method: ScopedRow<'payments'>['method'];
  readonly methodLabel: string;
  readonly status: PaymentStatus;
  readonly source: ScopedRow<'payments'>['source'];
  /** Who took it; nobody for one that was recorded. */
  readonly gateway: string | undefined;
  readonly gatewayPaymentId: string | undefined;
  readonly reference: string | undefined;
  readonly notes: string | undefined;
  readonly disputed: boolean;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly voidedAt: number | undefined;
  readonly applied: readonly AppliedRecord[];
  readonly refunds: readonly RefundRecord[];
}

export interface AppliedRecord {
  readonly kind: ScopedRow<'payment_applications'>['kind'];
  /** The invoice or estimate. */
  readonly documentId: number | undefined;
  readonly number: string | undefined;
  readonly amount: Money;
}

export interface RefundRecord {
  readonly id: number;
  readonly amount: Money;
  readonly state: ScopedRow<'refunds'>['state'];
  readonly reason: string | undefined;
  readonly failure: string | undefined;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** The tenant's payments in the order they were made. */
export function everyPayment(
  merchant: MerchantScope,
  query: RecordQuery<PaymentRecord['status']> = {},
): AsyncGenerator<PaymentRecord> {
  return everyRecord(
    query,
    (id, most) => readAfter(merchant, id, most, query),
    (rows) => recordsOf(merchant, rows),
  );
}

/** One payment by its number (in any case), or by its id when no number fits. Refuses `unknown_payment`. */
export async function findMerchantPayment(
  merchant: MerchantScope,
  numberOrId: string,
): Promise<PaymentRecord> {
  const row = await findNamed(numberOrId, {
    exactly: (number, id) =>
      selectPayments(merchant)
        .where((eb) => eb.or([eb('payments.number', '=', number), eb('payments.id', '=', id)]))
        .execute(),
    anyCase: (numbers) =>
      selectPayments(merchant)
        .where((eb) => eb(eb.fn<string>('lower', ['payments.number']), 'in', numbers))
        .limit(2)
        .execute(),
  });
  const [record] = row ? await recordsOf(merchant, [row]) : [];
  return record ?? refuse('unknown_payment', { payment: numberOrId, tenant: merchant.tenant.username });
}

function selectPayments(merchant: MerchantScope) {
  return merchant.db
    .from('payments')
    .innerJoin(merchant.db.rows('customers'), 'customers.id', 'payments.customer_id')
    .selectAll('payments')
    .select(['customers.number as customer_number', 'customers.name as customer_name']);
}

type PaymentRow = Awaited<ReturnType<ReturnType<typeof selectPayments>['execute']>>[number];

function readAfter(
  merchant: MerchantScope,
  after: number,
  most: number,
  { customerId }: RecordQuery<PaymentRecord['status']>,
) {
  const rows = selectPayments(merchant).where('payments.id', '>', after).orderBy('payments.id').limit(most);
  return (customerId === undefined ? rows : rows.where('payments.customer_id', '=', customerId)).execute();
}

async function recordsOf(merchant: MerchantScope, rows: readonly PaymentRow[]): Promise<PaymentRecord[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const applied = Map.groupBy(await applicationsOf(merchant, ids), (row) => row.payment_id);
  const refunds = await merchant.db
    .from('refunds')
    .selectAll()
    .where('payment_id', 'in', ids)
    .orderBy('id')
    .execute();
  const refundsById = Map.groupBy(refunds, (row) => row.payment_id);
  return rows.map((row) => ({
    ...recordOf(row),
    applied: (applied.get(row.id) ?? []).map((part) => ({
      kind: part.kind,
      documentId: part.invoice_id ?? part.estimate_id ?? undefined,
      number: part.invoice_number ?? part.estimate_number ?? undefined,
      amount: money(part.amount_minor, row.currency),
    })),
    refunds: (refundsById.get(row.id) ?? []).map((refund) => ({
      id: refund.id,
      amount: money(refund.amount_minor, refund.currency),
      state: refund.state,
      reason: refund.reason ?? undefined,
      failure: refund.failure_message ?? undefined,
      createdAt: refund.created_at,
    })),
  }));
}

function applicationsOf(merchant: MerchantScope, ids: readonly number[]) {
  return merchant.db
    .from('payment_applications')
    .leftJoin(merchant.db.rows('invoices'), 'invoices.id', 'payment_applications.invoice_id')
    .leftJoin(merchant.db.rows('estimates'), 'estimates.id', 'payment_applications.estimate_id')
    .select([
      'payment_applications.payment_id',
      'payment_applications.kind',
      'payment_applications.invoice_id',
      'payment_applications.estimate_id',
      'payment_applications.amount_minor',
      'invoices.number as invoice_number',
      'estimates.number as estimate_number',
    ])
    .where('payment_applications.payment_id', 'in', ids)
    .orderBy('payment_applications.id')
    .execute();
}

function recordOf(row: PaymentRow): Omit<PaymentRecord, 'applied' | 'refunds'> {
  const { currency } = row;
  return {
    id: row.id,
    clientId: row.client_id,
    number: row.number,
    customerId: row.customer_id,
    customerNumber: row.customer_number,
    customerName: row.customer_name,
    date: row.date,
    amount: money(row.amount_minor, currency),
    fee: money(row.fee_minor, currency),
    refunded: money(row.refunded_minor, currency),
    method: row.method,
    methodLabel: row.method_label,
    status: paymentStatus(row),
    source: row.source,
    gateway: row.gateway ?? undefined,
    gatewayPaymentId: row.gateway_payment_id ?? undefined,
    reference: row.reference ?? undefined,
    notes: row.notes ?? undefined,
    disputed: row.disputed === 1,
    createdAt: row.created_at,
    voidedAt: row.voided_at ?? undefined,
  };
}
