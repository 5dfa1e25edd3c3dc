import { found, type List, type ListQuery, pagerOf, type PreparedQuery } from '#db/lists.ts';
import type { CustomerDb } from '#db/scoped.ts';
import { type Money, money } from '../kernel/money.ts';
import type { CustomerScope } from '../scope.ts';
import { dueToday } from './due.ts';
import { type InvoiceSummary, LIST_COLUMNS, type ListRow, plannedSummary, plansOf } from './invoices.ts';

/** `open` is everything that something is to be paid of, `past_due` everything that something is late of. */
export type InvoiceFilter = 'all' | 'open' | 'past_due' | 'payment_plan' | 'processing' | 'paid';
export const INVOICE_SORTS = ['date', 'due_date', 'number', 'total'] as const;
export type InvoiceSort = (typeof INVOICE_SORTS)[number];

/** `search` is part of the number, or of the purchase order. */
export interface InvoiceQuery extends ListQuery<InvoiceFilter> {
  readonly sort?: InvoiceSort | undefined;
  readonly descending?: boolean | undefined;
}

/** With what is said of an invoice elsewhere. */
export interface ListedInvoice extends InvoiceSummary {
  /** The day by which it is to be paid outside the portal, as somebody said. */
  readonly promised: string | undefined;
  /** Whether it is collected by itself although the customer is not enrolled: it demands that, or has an agreed plan. */
  readonly collectsItself: boolean;
}

export interface InvoiceList extends List<ListedInvoice> {
  /** Of everything that matches, not of this page alone; one row a currency. */
  readonly totals: ReadonlyArray<{
    readonly count: number;
    readonly total: Money;
    readonly balance: Money;
    /** What of the balance is to be paid in instalments after today. */
    readonly later: Money;
  }>;
}

const SEARCHED = ['number', 'purchase_order'];

/** The customer's invoices, newest first unless told otherwise. Drafts and voided ones are never listed. Refuses `bad_page`. */
export async function listInvoices(scope: CustomerScope, query: InvoiceQuery = {}): Promise<InvoiceList> {
  const { sort = 'date', descending = true, size } = query;
  const today = dueToday(scope);
  const pager = pagerOf<Pick<ListRow, 'id' | 'date' | 'due_date' | 'number' | 'total_minor'>>(query, {
    ...SORTS[sort],
    descending,
  });
  const read = readerOf(scope, query, today);
  const page = pager.cut(
    await read(`page of ${size} by ${sort} ${descending ? 'down' : 'up'}`, (db, day) =>
      pager.query(listedRows(db, matchingInvoices(db, query, day))),
    ),
  );
  const totals = await read('totals', (db, day) => totalsOf(db, matchingInvoices(db, query, day), day));
  const planned = page.rows.filter(({ plan_id }) => plan_id !== null);
  const plans = await plansOf(scope, planned);
  return {
    ...page,
    rows: page.rows.map((row) => ({
      ...plannedSummary(row, today, plans),
      promised: row.promised ?? undefined,
      collectsItself: row.autopay === 1 || row.plan_id !== null,
    })),
    count: totals.reduce((sum, { count }) => sum + Number(count), 0),
    totals: totals.map((row) => ({
      count: Number(row.count),
      total: money(Number(row.total), row.currency),
      balance: money(Number(row.balance), row.currency),
      later: money(Number(row.later ?? 0), row.currency),
    })),
  };
}

/** A list as it is mostly asked for is compiled once; one that is searched or turned is made for the occasion. */
function readerOf({ db }: CustomerScope, query: InvoiceQuery, today: string) {
  const { search, from, to, cursor, status = 'all' } = query;
  const isUsual = !search && !from && !to && cursor === undefined;
  return <Row>(what: string, build: (own: CustomerDb, day: string) => PreparedQuery<Row>): Promise<Row[]> =>
    isUsual
      ? db.prepared(`invoices, ${status}: ${what}`, { today }, (own, values) => build(own, values.today))
      : build(db, today).execute();
}

type Matching = ReturnType<typeof matchingInvoices>;

/** With what is said of the invoice elsewhere: its agreed plan, and the last promise to pay it outside the portal. */
function listedRows(db: CustomerDb, matching: Matching) {
  const promised = db
    .from('promises')
    .select('expected_date')
    .where('state', '=', 'open')
    .where((eb) => eb('promises.invoice_id', '=', eb.ref('invoices.id' as never)))
    .orderBy('id', 'desc')
    .limit(1);
  return matching
    .select(LIST_COLUMNS)
    .select([
      'autopay',
      agreedPlan(db).select('payment_plans.id').limit(1).as('plan_id'),
      promised.as('promised'),
    ]);
}

/** One row a currency. */
function totalsOf(db: CustomerDb, matching: Matching, today: string) {
  const later = db
    .from('installments')
    .innerJoin(db.rows('payment_plans'), 'payment_plans.id', 'installments.plan_id')
    .select((eb) => ['payment_plans.invoice_id', eb.fn.sum<number>('installments.balance_minor').as('minor')])
    .where('payment_plans.state', '=', 'active')
    .where('installments.date', '>', today)
    .groupBy('payment_plans.invoice_id')
    .as('later');
  return matching
    .leftJoin(later, 'later.invoice_id', 'invoices.id')
    .select((eb) => [
      'currency',
      eb.fn.countAll<number>().as('count'),
      eb.fn.sum<number>('total_minor').as('total'),
      eb.fn.sum<number>('balance_minor').as('balance'),
      eb.fn.sum<number | null>('later.minor').as('later'),
    ])
    .groupBy('currency');
}

/** By what lists are sorted. Without a due date an invoice comes after every real one, on both engines alike. */
const SORTS = {
  date: { column: 'date' },
  due_date: { column: 'due_date', absent: '9999-12-31' },
  number: { column: 'number' },
  total: { column: 'total_minor' },
} as const;

function matchingInvoices(db: CustomerDb, query: InvoiceQuery, today: string) {
  const matching = found(db.from('invoices').where('state', '=', 'issued'), query, SEARCHED);
  const toPay = () =>
    matching
      .where('balance_minor', '>', 0)
      .where('closed', '=', 0)
      .whereRef('pending_minor', '<', 'balance_minor');
  switch (query.status ?? 'all') {
    case 'open':
      return toPay();
    case 'past_due':
      return toPay()
        .where('due_date', '<', today)
        .where((eb) =>
          eb(eb.fn.coalesce(lateOfPlan(db, today), 'balance_minor'), '>', eb.ref('pending_minor')),
        );
    case 'payment_plan':
      return toPay().where((eb) => eb.exists(agreedPlan(db).select('payment_plans.id')));
    case 'paid':
      return matching.where('balance_minor', '=', 0);
    case 'processing':
      return matching.where('pending_minor', '>', 0);
    case 'all':
      return matching;
  }
}

/** The agreed plan of the invoice at hand. */
function agreedPlan(db: CustomerDb) {
  return db
    .from('payment_plans')
    .where('payment_plans.state', '=', 'active')
    .where((eb) => eb('payment_plans.invoice_id', '=', eb.ref('invoices.id' as never)));
}

/** What of the plan of the invoice at hand is late; null without a plan, or where nothing is. */
function lateOfPlan(db: CustomerDb, today: string) {
  return agreedPlan(db)
    .innerJoin(db.rows('installments'), 'installments.plan_id', 'payment_plans.id')
    .select((eb) => eb.fn.sum<number>('installments.balance_minor').as('minor'))
    .where('installments.date', '<', today);
}
