import { refuse } from '../kernel/errors.ts';
import { type Money, money } from '../kernel/money.ts';
import type { CustomerScope } from '../scope.ts';

/** A payment as lists show it. */
export interface PaymentSummary {
  readonly id: number;
  readonly clientId: string;
  /** The receipt's number. */
  readonly number: string;
  /** Civil date. */
  readonly date: string;
  readonly amount: Money;
  readonly methodLabel: string;
  readonly state: 'pending' | 'succeeded' | 'failed' | 'voided';
}

export interface Receipt extends PaymentSummary {
  /** On top of the amount. */
  readonly fee: Money;
  readonly email: string | undefined;
  readonly applied: ReadonlyArray<{
    readonly number: string;
    readonly clientId: string;
    readonly amount: Money;
    readonly balance: Money;
  }>;
  /** Deposits of estimates: credit that waits for their invoices. */
  readonly deposits: ReadonlyArray<{
    readonly number: string;
    readonly clientId: string;
    readonly amount: Money;
  }>;
  /** What no document needed and is now credit. */
  readonly credited: Money;
  /** Epoch ms. */
  readonly createdAt: number;
}

const COLUMNS = [
  'id',
  'client_id',
  'number',
  'date',
  'currency',
  'amount_minor',
  'method_label',
  'state',
] as const;

/** The newest payments of the account. */
export async function recentPayments(scope: CustomerScope, most: number): Promise<PaymentSummary[]> {
  const rows = await scope.db
    .from('payments')
    .select(COLUMNS)
    .where('state', 'in', ['pending', 'succeeded'])
    .orderBy('date', 'desc')
    .orderBy('id', 'desc')
    .limit(most)
    .execute();
  return rows.map(summaryOf);
}

/** The payments that went against one invoice, newest first. */
export async function invoicePayments(scope: CustomerScope, invoiceId: number): Promise<PaymentSummary[]> {
  const rows = await scope.db
    .from('payments')
    .select(COLUMNS.map((column) => `payments.${column}` as const))
    .innerJoin(scope.db.rows('payment_applications'), 'payment_applications.payment_id', 'payments.id')
    .where('payment_applications.invoice_id', '=', invoiceId)
    .orderBy('payments.id', 'desc')
    .execute();
  return rows.map(summaryOf);
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
    .select([...COLUMNS, 'fee_minor', 'receipt_email', 'created_at'])
    .where(column, '=', value)
    .executeTakeFirst();
  if (!payment) return refuse('not_found', { what: 'receipt' });
  const { currency } = payment;
  const applied = await scope.db
    .from('payment_applications')
    .innerJoin(scope.db.rows('invoices'), 'invoices.id', 'payment_applications.invoice_id')
    .select([
      'invoices.number',
      'invoices.client_id',
      'invoices.balance_minor',
      'payment_applications.amount_minor',
    ])
    .where('payment_applications.payment_id', '=', payment.id)
    .orderBy('payment_applications.id')
    .execute();
  const deposits = await depositsOf(scope, payment.id);
  const appliedMinor = [...applied, ...deposits].reduce((sum, row) => sum + row.amount_minor, 0);
  return {
    ...summaryOf(payment),
    fee: money(payment.fee_minor, currency),
    email: payment.receipt_email ?? undefined,
    applied: applied.map((row) => ({
      number: row.number,
      clientId: row.client_id,
      amount: money(row.amount_minor, currency),
      balance: money(row.balance_minor, currency),
    })),
    deposits: deposits.map((row) => ({
      number: row.number,
      clientId: row.client_id,
      amount: money(row.amount_minor, currency),
    })),
    credited: money(payment.amount_minor - appliedMinor, currency),
    createdAt: payment.created_at,
  };
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

interface SummaryRow {
  readonly id: number;
  readonly client_id: string;
  readonly number: string;
  readonly date: string;
  readonly currency: string;
  readonly amount_minor: number;
  readonly method_label: string;
  readonly state: PaymentSummary['state'];
}

function summaryOf(row: SummaryRow): PaymentSummary {
  return {
    id: row.id,
    clientId: row.client_id,
    number: row.number,
    date: row.date,
    amount: money(row.amount_minor, row.currency),
    methodLabel: row.method_label,
    state: row.state,
  };
}
