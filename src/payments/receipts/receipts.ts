import type { ScopedRow } from '#db/scoped.ts';
import { dueToday, openInvoiceOf, openPlans, type PlannedDue, plannedDue } from '../../documents/due.ts';
import { refuse } from '../../kernel/errors.ts';
import { type Money, money } from '../../kernel/money.ts';
import type { CustomerScope } from '../../scope.ts';
import { type PaymentStatus, paymentStatus } from './payment-status.ts';

/** A payment as lists show it. */
export interface PaymentSummary {
  readonly id: number;
  readonly clientId: string;
  /** The receipt's number. */
  readonly number: string;
  /** Civil date. */
  readonly date: string;
  readonly amount: Money;
  /** What came on top as a convenience fee. */
  readonly fee: Money;
  /** What was given back of both so far. */
  readonly refunded: Money;
  readonly methodLabel: string;
  readonly state: 'pending' | 'succeeded' | 'failed' | 'voided';
  readonly status: PaymentStatus;
}

export interface Receipt extends PaymentSummary {
  readonly email: string | undefined;
  readonly applied: ReadonlyArray<{
    readonly number: string;
    readonly clientId: string;
    readonly amount: Money;
    readonly balance: Money;
    /** What is to be paid next, where the rest is paid by an agreed plan. */
    readonly planned: PlannedDue | undefined;
  }>;
  /** Deposits of estimates: credit that waits for their invoices. */
  readonly deposits: ReadonlyArray<{
    readonly number: string;
    readonly clientId: string;
    readonly amount: Money;
  }>;
  /** What no document needed and is now credit. */
  readonly credited: Money;
  /** What was given back, or is on its way back, the oldest first. */
  readonly refunds: ReadonlyArray<{
    readonly amount: Money;
    readonly state: 'created' | 'submitted' | 'succeeded';
    readonly at: number;
  }>;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** What a summary is made of. */
export const PAYMENT_COLUMNS = [
  'id',
  'client_id',
  'number',
  'date',
  'currency',
  'amount_minor',
  'method_label',
  'state',
  'fee_minor',
  'refunded_minor',
  'disputed',
] as const;

/** The newest payments of the account. */
export async function recentPayments(scope: CustomerScope, most: number): Promise<PaymentSummary[]> {
  const rows = await scope.db
    .from('payments')
    .select(PAYMENT_COLUMNS)
    .where('state', '=', 'succeeded')
    .orderBy('date', 'desc')
    .orderBy('id', 'desc')
    .limit(most)
    .execute();
  return rows.map(summaryOfPayment);
}

/** The payments that went against one invoice, newest first. */
export async function invoicePayments(scope: CustomerScope, invoiceId: number): Promise<PaymentSummary[]> {
  const rows = await scope.db
    .from('payments')
    .select(PAYMENT_COLUMNS.map((column) => `payments.${column}` as const))
    .innerJoin(scope.db.rows('payment_applications'), 'payment_applications.payment_id', 'payments.id')
    .where('payment_applications.invoice_id', '=', invoiceId)
    .orderBy('payments.id', 'desc')
    .execute();
  return rows.map(summaryOfPayment);
}

/** One payment with what it paid. Refuses `not_found`. */
export function findReceipt(scope: CustomerScope, clientId: string): Promise<Receipt> {
  return receiptWhere(scope, 'client_id', clientId);
}

/** The same by the payment's id, for letters. Refuses `not_found`. */
export function receiptOfPayment(scope: CustomerScope, paymentId: number): Promise<Receipt> {
  return receiptWhere(scope, 'id', paymentId);
}

async function receiptWhere(
  scope: CustomerScope,
  column: 'client_id' | 'id',
  value: string | number,
): Promise<Receipt> {
  const payment = await scope.db
    .from('payments')
    .select([...PAYMENT_COLUMNS, 'receipt_email', 'created_at'])
    .where(column, '=', value)
    .executeTakeFirst();
  if (!payment) return refuse('not_found', { what: 'receipt' });
  const { currency } = payment;
  const applied = await scope.db
    .from('payment_applications')
    .innerJoin(scope.db.rows('invoices'), 'invoices.id', 'payment_applications.invoice_id')
    .select([
      ...(['invoices.id', 'invoices.number', 'invoices.client_id', 'invoices.due_date'] as const),
      ...(['invoices.balance_minor', 'invoices.pending_minor'] as const),
      'payment_applications.amount_minor',
    ])
    .where('payment_applications.payment_id', '=', payment.id)
    .orderBy('payment_applications.id')
    .execute();
  const plans = await openPlans(
    scope,
    applied.map(({ id }) => id),
  );
  const today = dueToday(scope);
  const deposits = await depositsOf(scope, payment.id);
  const appliedMinor = [...applied, ...deposits].reduce((sum, row) => sum + row.amount_minor, 0);
  return {
    ...summaryOfPayment(payment),
    email: payment.receipt_email ?? undefined,
    applied: applied.map((row) => ({
      number: row.number,
      clientId: row.client_id,
      amount: money(row.amount_minor, currency),
      balance: money(row.balance_minor, currency),
      planned: plannedDue({ ...openInvoiceOf(row), currency }, plans.get(row.id), today),
    })),
    deposits: deposits.map((row) => ({
      number: row.number,
      clientId: row.client_id,
      amount: money(row.amount_minor, currency),
    })),
    credited: money(payment.amount_minor - appliedMinor, currency),
    refunds: await refundsOf(scope, payment.id),
    createdAt: payment.created_at,
  };
}

async function refundsOf(scope: CustomerScope, paymentId: number): Promise<Receipt['refunds']> {
  const rows = await scope.db
    .from('refunds')
    .select(['amount_minor', 'currency', 'state', 'created_at'])
    .where('payment_id', '=', paymentId)
    .orderBy('id')
    .execute();
  return rows.flatMap(({ amount_minor: minor, currency, state, created_at: at }) =>
    state === 'failed' ? [] : [{ amount: money(minor, currency), state, at }],
  );
}

function depositsOf(scope: CustomerScope, paymentId: number) {
  return scope.db
    .from('payment_applications')
    .innerJoin(scope.db.rows('estimates'), 'estimates.id', 'payment_applications.estimate_id')
    .select(['estimates.number', 'estimates.client_id', 'payment_applications.amount_minor'])
    .where('payment_applications.payment_id', '=', paymentId)
    .where('payment_applications.kind', '=', 'estimate')
    .orderBy('payment_applications.id')
    .execute();
}

type SummaryRow = Pick<ScopedRow<'payments'>, (typeof PAYMENT_COLUMNS)[number]>;

/** A payment as lists show it. */
export function summaryOfPayment(row: SummaryRow): PaymentSummary {
  return {
    id: row.id,
    clientId: row.client_id,
    number: row.number,
    date: row.date,
    amount: money(row.amount_minor, row.currency),
    methodLabel: row.method_label,
    fee: money(row.fee_minor, row.currency),
    refunded: money(row.refunded_minor, row.currency),
    state: row.state,
    status: paymentStatus(row),
  };
}
