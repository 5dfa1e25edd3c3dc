import { contains } from '#db/text.ts';
import { type Money, money } from '../../kernel/money.ts';
import { type Cursor, cutPage, decodeCursor, type Page } from '../../kernel/page.ts';
import { dateOf } from '../../kernel/time.ts';
import type { CustomerScope } from '../../scope.ts';
import { PAYMENT_COLUMNS, type PaymentSummary, summaryOfPayment } from './receipts.ts';

export const PAYMENT_FILTERS = ['all', 'paid', 'refunded', 'disputed', 'voided'] as const;
export type PaymentFilter = (typeof PAYMENT_FILTERS)[number];

export interface PaymentQuery {
  /** Part of the receipt's number, or of the number of an invoice that it paid. */
  readonly search?: string | undefined;
  readonly status?: PaymentFilter | undefined;
  /** Civil dates, both inclusive, of the payment's date. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly size?: number | undefined;
  /** A cursor of an earlier page. */
  readonly cursor?: string | undefined;
}

/** A payment in a list, with the numbers of what it paid in the order in which it paid it. */
export interface ListedPayment extends PaymentSummary {
  readonly paidFor: readonly string[];
}

export interface PaymentList extends Page<ListedPayment> {
  /** How many match, on all pages. */
  readonly count: number;
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

const MOST_ROWS = 100;

/** The customer's payments, the newest first. Refuses `bad_page`. */
export async function listPayments(scope: CustomerScope, query: PaymentQuery = {}): Promise<PaymentList> {
  const size = Math.min(Math.max(query.size ?? 25, 1), MOST_ROWS);
  const cursor = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const matching = matchingPayments(scope, query);
  const found = await newestFirst(matching, cursor)
    .select(PAYMENT_COLUMNS)
    .limit(size + 1)
    .execute();
  const { count } = await matching
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  const page = cutPage(found, size, cursor, (row) => ({ value: row.date, id: row.id }));
  const numbers = await paidBy(
    scope,
    page.rows.map(({ id }) => id),
  );
  return {
    ...page,
    rows: page.rows.map((row) => ({ ...summaryOfPayment(row), paidFor: numbers.get(row.id) ?? [] })),
    count: Number(count),
  };
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
  let matching = inStatus(everyPayment(scope), query.status ?? 'all');
  if (query.from) matching = matching.where('date', '>=', query.from);
  if (query.to) matching = matching.where('date', '<=', query.to);
  const search = query.search?.trim().slice(0, 100);
  if (!search) return matching;
  const paying = scope.db
    .from('payment_applications')
    .innerJoin(scope.db.rows('invoices'), 'invoices.id', 'payment_applications.invoice_id')
    .select('payment_applications.payment_id')
    .where(contains('invoices.number', search));
  return matching.where((eb) => eb.or([contains('number', search), eb('id', 'in', paying)]));
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

function newestFirst(matching: Matching, cursor: Cursor | undefined): Matching {
  const backwards = cursor?.direction === 'before';
  const sign = backwards ? '>' : '<';
  const direction = backwards ? 'asc' : 'desc';
  const value = String(cursor?.value);
  const from = cursor
    ? matching.where((eb) =>
        eb.or([eb('date', sign, value), eb.and([eb('date', '=', value), eb('id', sign, cursor.id)])]),
      )
    : matching;
  return from.orderBy('date', direction).orderBy('id', direction);
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
