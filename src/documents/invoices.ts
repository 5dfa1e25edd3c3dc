import { refuse } from '../kernel/errors.ts';
import { isPositive, type Money, money } from '../kernel/money.ts';
import { daysBetween } from '../kernel/time.ts';
import type { ScopedRow } from '#db/scoped.ts';
import { found, type List, type ListQuery, pageOf } from '#db/lists.ts';
import type { CustomerScope } from '../scope.ts';
import { dueToday, openInvoiceOf, openPlans, type PlannedDue, plannedDue } from './due.ts';
import { type InvoiceStatus, statusOf } from './invoice-status.ts';

/** An invoice as lists show it. */
export interface InvoiceSummary {
  readonly id: number;
  readonly clientId: string;
  readonly number: string;
  /** Civil dates `YYYY-MM-DD`. */
  readonly date: string;
  /** With an agreed plan the day of the next instalment. */
  readonly dueDate: string | undefined;
  readonly status: InvoiceStatus;
  /** Days past the due date; 0 when it is not late. */
  readonly daysLate: number;
  readonly total: Money;
  readonly balance: Money;
  /** On its way: charged, not settled yet. */
  readonly pending: Money;
  /** Whether the Pay action is offered: it is open, and no debit is on its way to a part of it. */
  readonly payable: boolean;
  readonly purchaseOrder: string | undefined;
  /** What is to be paid next, where it is paid by an agreed plan. */
  readonly planned: PlannedDue | undefined;
}

/** `open` is everything that something is to be paid of, `past_due` everything that something is late of. */
export type InvoiceFilter = 'all' | 'open' | 'past_due' | 'payment_plan' | 'processing' | 'paid';
export const INVOICE_SORTS = ['date', 'due_date', 'number', 'total'] as const;
export type InvoiceSort = (typeof INVOICE_SORTS)[number];

/** `search` is part of the number, or of the purchase order. */
export interface InvoiceQuery extends ListQuery<InvoiceFilter> {
  readonly sort?: InvoiceSort | undefined;
  readonly descending?: boolean | undefined;
}

export interface InvoiceList extends List<InvoiceSummary> {
  /** Of everything that matches, not of this page alone; one row a currency. */
  readonly totals: ReadonlyArray<{
    readonly count: number;
    readonly total: Money;
    readonly balance: Money;
    /** What of the balance is to be paid in instalments after today. */
    readonly later: Money;
  }>;
}

const LIST_COLUMNS = [
  'id',
  'client_id',
  'number',
  'date',
  'due_date',
  'state',
  'closed',
  'currency',
  'total_minor',
  'balance_minor',
  'pending_minor',
  'purchase_order',
] as const;

const SEARCHED = ['number', 'purchase_order'];

/** The customer's invoices, newest first unless told otherwise. Drafts and voided ones are never listed. Refuses `bad_page`. */
export async function listInvoices(scope: CustomerScope, query: InvoiceQuery = {}): Promise<InvoiceList> {
  const today = dueToday(scope);
  const matching = matchingInvoices(scope, query, today);
  const order = { ...SORTS[query.sort ?? 'date'], descending: query.descending ?? true };
  const page = await pageOf(matching.select(LIST_COLUMNS), query, order);
  const totals = await totalsOf(scope, matching, today);
  return {
    ...page,
    rows: await summariesOf(scope, page.rows),
    count: totals.reduce((sum, { count }) => sum + count, 0),
    totals,
  };
}

/** One row a currency. */
async function totalsOf(
  scope: CustomerScope,
  matching: ReturnType<typeof matchingInvoices>,
  today: string,
): Promise<InvoiceList['totals']> {
  const later = scope.db
    .from('installments')
    .innerJoin(scope.db.rows('payment_plans'), 'payment_plans.id', 'installments.plan_id')
    .select((eb) => ['payment_plans.invoice_id', eb.fn.sum<number>('installments.balance_minor').as('minor')])
    .where('payment_plans.state', '=', 'active')
    .where('installments.date', '>', today)
    .groupBy('payment_plans.invoice_id')
    .as('later');
  const rows = await matching
    .leftJoin(later, 'later.invoice_id', 'invoices.id')
    .select((eb) => [
      'currency',
      eb.fn.countAll<number>().as('count'),
      eb.fn.sum<number>('total_minor').as('total'),
      eb.fn.sum<number>('balance_minor').as('balance'),
      eb.fn.sum<number | null>('later.minor').as('later'),
    ])
    .groupBy('currency')
    .execute();
  return rows.map((row) => ({
    count: Number(row.count),
    total: money(Number(row.total), row.currency),
    balance: money(Number(row.balance), row.currency),
    later: money(Number(row.later ?? 0), row.currency),
  }));
}

/**
 * The order in which money goes to invoices where nobody says otherwise: the earliest due first. Without a due date an invoice is due on its
 * own date.
 */
export function byDue(
  a: Pick<InvoiceSummary, 'id' | 'date' | 'dueDate'>,
  b: Pick<InvoiceSummary, 'id' | 'date' | 'dueDate'>,
): number {
  return (a.dueDate ?? a.date).localeCompare(b.dueDate ?? b.date) || a.id - b.id;
}

/** Everything that can be paid now, the earliest due first. */
export async function openInvoices(scope: CustomerScope): Promise<InvoiceSummary[]> {
  const rows = await scope.db
    .from('invoices')
    .select(LIST_COLUMNS)
    .where('balance_minor', '>', 0)
    .where('state', '=', 'issued')
    .where('closed', '=', 0)
    .execute();
  return (await summariesOf(scope, rows)).toSorted(byDue);
}

/** Whether anything was ever invoiced, paid or not. */
export async function hasInvoices(scope: CustomerScope): Promise<boolean> {
  const row = await scope.db
    .from('invoices')
    .select('id')
    .where('state', '=', 'issued')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The named invoices in the order of their dates. Refuses `not_found` when one of them is not this customer's to see. */
export async function invoicesByClientId(
  scope: CustomerScope,
  clientIds: readonly string[],
): Promise<InvoiceSummary[]> {
  const wanted = [...new Set(clientIds)];
  if (wanted.length === 0) return [];
  const rows = await scope.db
    .from('invoices')
    .select(LIST_COLUMNS)
    .where('client_id', 'in', wanted)
    .where('state', '=', 'issued')
    .orderBy('date')
    .orderBy('id')
    .execute();
  if (rows.length !== wanted.length) refuse('not_found', { what: 'invoice' });
  return summariesOf(scope, rows);
}

type ListRow = Pick<ScopedRow<'invoices'>, (typeof LIST_COLUMNS)[number]>;

/** Rows as lists show them, with what is to be paid next of those that have an agreed plan. */
export async function summariesOf(scope: CustomerScope, rows: readonly ListRow[]): Promise<InvoiceSummary[]> {
  const today = dueToday(scope);
  const open = rows.filter(({ balance_minor: balance }) => balance > 0);
  // So many ids are as quick as none, and more of them are nearly all.
  const plans = await openPlans(scope, open.length > MOST_NAMED ? undefined : open.map(({ id }) => id));
  return rows.map((row) =>
    summaryOf(
      row,
      today,
      plannedDue({ ...openInvoiceOf(row), currency: row.currency }, plans.get(row.id), today),
    ),
  );
}

const MOST_NAMED = 500;

/** An invoice in a list, as of `today`; `planned` is what its agreed plan asks for. */
export function summaryOf(row: ListRow, today: string, planned: PlannedDue | undefined): InvoiceSummary {
  const status = statusOf(row, today, planned !== undefined);
  const dueDate = planned?.date ?? row.due_date ?? undefined;
  const isLate =
    status === 'past_due' || (status === 'payment_plan' && planned !== undefined && isPositive(planned.late));
  return {
    id: row.id,
    clientId: row.client_id,
    number: row.number,
    date: row.date,
    dueDate,
    status,
    daysLate: isLate && dueDate !== undefined ? daysBetween(dueDate, today) : 0,
    total: money(row.total_minor, row.currency),
    balance: money(row.balance_minor, row.currency),
    pending: money(row.pending_minor, row.currency),
    payable: PAYABLE.has(status) && row.pending_minor === 0,
    purchaseOrder: row.purchase_order ?? undefined,
    planned: status === 'payment_plan' ? planned : undefined,
  };
}

const PAYABLE: ReadonlySet<InvoiceStatus> = new Set(['open', 'past_due', 'payment_plan']);

/** By what lists are sorted. Without a due date an invoice comes after every real one, on both engines alike. */
const SORTS = {
  date: { column: 'date' },
  due_date: { column: 'due_date', absent: '9999-12-31' },
  number: { column: 'number' },
  total: { column: 'total_minor' },
} as const;

function matchingInvoices(scope: CustomerScope, query: InvoiceQuery, today: string) {
  const matching = found(scope.db.from('invoices').where('state', '=', 'issued'), query, SEARCHED);
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
          eb(eb.fn.coalesce(lateOfPlan(scope, today), 'balance_minor'), '>', eb.ref('pending_minor')),
        );
    case 'payment_plan':
      return toPay().where((eb) => eb.exists(agreedPlan(scope).select('payment_plans.id')));
    case 'paid':
      return matching.where('balance_minor', '=', 0);
    case 'processing':
      return matching.where('pending_minor', '>', 0);
    case 'all':
      return matching;
  }
}

/** The agreed plan of the invoice at hand. */
function agreedPlan({ db }: CustomerScope) {
  return db
    .from('payment_plans')
    .where('payment_plans.state', '=', 'active')
    .where((eb) => eb('payment_plans.invoice_id', '=', eb.ref('invoices.id' as never)));
}

/** What of the plan of the invoice at hand is late; null without a plan, or where nothing is. */
function lateOfPlan(scope: CustomerScope, today: string) {
  return agreedPlan(scope)
    .innerJoin(scope.db.rows('installments'), 'installments.plan_id', 'payment_plans.id')
    .select((eb) => eb.fn.sum<number>('installments.balance_minor').as('minor'))
    .where('installments.date', '<', today);
}
