import { contains, during, type List, type ListQuery, newestOf, wordsOf } from '#db/lists.ts';
import { type Money, money } from '../../kernel/money.ts';
import { dateOf } from '../../kernel/time.ts';
import type { CustomerScope } from '../../scope.ts';
import { PAYMENT_COLUMNS, type PaymentSummary, summaryOfPayment } from './receipts.ts';

export type PaymentFilter = 'all' | 'paid' | 'refunded' | 'disputed' | 'voided';

/** `search` is part of the receipt's number, or of the number of an invoice that it paid. */
export type PaymentQuery = ListQuery<PaymentFilter>;

/** A payment in a list, with the numbers of what it paid in the order in which it paid it. */
export interface ListedPayment extends PaymentSummary {
  readonly paidFor: readonly string[];
}

/** Money that a bank has not confirmed yet: there is no receipt before it has. */
export interface PendingPayment {
  readonly attemptId: string;
  /** Civil date on which it was begun. */
  readonly date: string;
  /** With the convenience fee. */
  readonly amount: Money;
  readonly methodLabel: string;
  readonly paidFor: readonly string[];
}

/** The customer's payments, the newest first. Refuses `bad_page`. */
export async function listPayments(
  scope: CustomerScope,
  query: PaymentQuery = {},
): Promise<List<ListedPayment>> {
  const list = await newestOf(matchingPayments(scope, query).select(PAYMENT_COLUMNS), query);
  const numbers = await paidBy(
    scope,
    list.rows.map(({ id }) => id),
  );
  const rows = list.rows.map((row) => ({ ...summaryOfPayment(row), paidFor: numbers.get(row.id) ?? [] }));
  return { ...list, rows };
}

/** What is on its way, the newest first. */
export async function pendingPayments(scope: CustomerScope): Promise<PendingPayment[]> {
  const attempts = await scope.db
    .from('payment_attempts')
    .select(['id', 'created_at', 'currency', 'amount_minor', 'fee_minor', 'method_label'])
    .where('state', '=', 'processing')
    .orderBy('created_at', 'desc')
    .execute();
  if (attempts.length === 0) return [];
  const parts = await scope.db
    .from('attempt_allocations')
    .leftJoin(scope.db.rows('invoices'), 'invoices.id', 'attempt_allocations.invoice_id')
    .leftJoin(scope.db.rows('estimates'), 'estimates.id', 'attempt_allocations.estimate_id')
    .select(['attempt_id', 'invoices.number as invoice', 'estimates.number as estimate'])
    .where(
      'attempt_id',
      'in',
      attempts.map(({ id }) => id),
    )
    .orderBy('position')
    .execute();
  const numbers = Map.groupBy(parts, (part) => part.attempt_id);
  return attempts.map((row) => ({
    attemptId: row.id,
    date: dateOf(row.created_at, scope.tenant.timeZone),
    amount: money(row.amount_minor + row.fee_minor, row.currency),
    methodLabel: row.method_label ?? 'Bank account',
    paidFor: (numbers.get(row.id) ?? []).flatMap((part) => part.invoice ?? part.estimate ?? []),
  }));
}

type Matching = ReturnType<typeof everyPayment>;

function everyPayment(scope: CustomerScope) {
  return scope.db.from('payments');
}

function matchingPayments(scope: CustomerScope, query: PaymentQuery): Matching {
  const matching = during(inStatus(everyPayment(scope), query.status ?? 'all'), query);
  const words = wordsOf(query);
  if (!words) return matching;
  const paying = scope.db
    .from('payment_applications')
    .innerJoin(scope.db.rows('invoices'), 'invoices.id', 'payment_applications.invoice_id')
    .select('payment_applications.payment_id')
    .where(contains('invoices.number', words));
  return matching.where((eb) => eb.or([contains('number', words), eb('id', 'in', paying)]));
}

function inStatus(matching: Matching, status: PaymentFilter): Matching {
  switch (status) {
    case 'paid':
      return matching
        .where('state', '=', 'succeeded')
        .where('refunded_minor', '=', 0)
        .where('disputed', '=', 0);
    case 'refunded':
      return matching.where('state', '=', 'succeeded').where('refunded_minor', '>', 0);
    case 'disputed':
      return matching.where('disputed', '=', 1);
    case 'voided':
      return matching.where('state', '=', 'voided');
    case 'all':
      return matching;
  }
}

async function paidBy(
  scope: CustomerScope,
  ids: readonly number[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  if (ids.length === 0) return new Map();
  const rows = await scope.db
    .from('payment_applications')
    .leftJoin(scope.db.rows('invoices'), 'invoices.id', 'payment_applications.invoice_id')
    .leftJoin(scope.db.rows('estimates'), 'estimates.id', 'payment_applications.estimate_id')
    .select(['payment_id', 'invoices.number as invoice', 'estimates.number as estimate'])
    .where('payment_id', 'in', [...ids])
    .orderBy('payment_applications.id')
    .execute();
  const numbers = new Map<number, string[]>();
  for (const { payment_id: id, invoice, estimate } of rows) {
    const number = invoice ?? estimate;
    if (id !== null && number !== null) numbers.set(id, [...(numbers.get(id) ?? []), number]);
  }
  return numbers;
}
