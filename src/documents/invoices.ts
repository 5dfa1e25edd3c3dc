import { refuse } from '../kernel/errors.ts';
import { type Money, money } from '../kernel/money.ts';
import { daysBetween, todayIn } from '../kernel/time.ts';
import type { ScopedRow } from '#db/scoped.ts';
import { found, type List, type ListQuery, pageOf } from '#db/lists.ts';
import type { CustomerScope } from '../scope.ts';
import { type InvoiceStatus, statusOf } from './invoice-status.ts';

/** An invoice as lists show it. */
export interface InvoiceSummary {
  readonly id: number;
  readonly clientId: string;
  readonly number: string;
  /** Civil dates `YYYY-MM-DD`. */
  readonly date: string;
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
}

export type InvoiceFilter = 'all' | 'open' | 'past_due' | 'processing' | 'paid';
export const INVOICE_SORTS = ['date', 'due_date', 'number', 'total'] as const;
export type InvoiceSort = (typeof INVOICE_SORTS)[number];

/** `search` is part of the number, or of the purchase order. */
export interface InvoiceQuery extends ListQuery<InvoiceFilter> {
  readonly sort?: InvoiceSort | undefined;
  readonly descending?: boolean | undefined;
}

export interface InvoiceList extends List<InvoiceSummary> {
  /** Of everything that matches, not of this page alone; one row a currency. */
  readonly totals: ReadonlyArray<{ readonly count: number; readonly total: Money; readonly balance: Money }>;
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
  const today = todayIn(scope.clock, scope.tenant.timeZone).toString();
  const matching = matchingInvoices(scope, query, today);
  const order = { ...SORTS[query.sort ?? 'date'], descending: query.descending ?? true };
  const page = await pageOf(matching.select(LIST_COLUMNS), query, order);
  const totals = await matching
    .select((eb) => [
      'currency',
      eb.fn.countAll<number>().as('count'),
      eb.fn.sum<number>('total_minor').as('total'),
      eb.fn.sum<number>('balance_minor').as('balance'),
    ])
    .groupBy('currency')
    .execute();
  return {
    ...page,
    rows: page.rows.map((row) => summaryOf(row, today)),
    count: totals.reduce((sum, row) => sum + Number(row.count), 0),
    totals: totals.map((row) => ({
      count: Number(row.count),
      total: money(Number(row.total), row.currency),
      balance: money(Number(row.balance), row.currency),
    })),
  };
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
  const today = todayIn(scope.clock, scope.tenant.timeZone).toString();
  const rows = await scope.db
    .from('invoices')
    .select(LIST_COLUMNS)
    .where('balance_minor', '>', 0)
    .where('state', '=', 'issued')
    .where('closed', '=', 0)
    .execute();
  return rows.map((row) => summaryOf(row, today)).toSorted(byDue);
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
  const today = todayIn(scope.clock, scope.tenant.timeZone).toString();
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
  return rows.map((row) => summaryOf(row, today));
}

type ListRow = Pick<ScopedRow<'invoices'>, (typeof LIST_COLUMNS)[number]>;

export function summaryOf(row: ListRow, today: string): InvoiceSummary {
  const status = statusOf(row, today);
  return {
    id: row.id,
    clientId: row.client_id,
    number: row.number,
    date: row.date,
    dueDate: row.due_date ?? undefined,
    status,
    daysLate: status === 'past_due' && row.due_date !== null ? daysBetween(row.due_date, today) : 0,
    total: money(row.total_minor, row.currency),
    balance: money(row.balance_minor, row.currency),
    pending: money(row.pending_minor, row.currency),
    payable: (status === 'open' || status === 'past_due') && row.pending_minor === 0,
    purchaseOrder: row.purchase_order ?? undefined,
  };
}

/** By what lists are sorted. Without a due date an invoice comes after every real one, on both engines alike. */
const SORTS = {
  date: { column: 'date' },
  due_date: { column: 'due_date', absent: '9999-12-31' },
  number: { column: 'number' },
  total: { column: 'total_minor' },
} as const;

function matchingInvoices(scope: CustomerScope, query: InvoiceQuery, today: string) {
  const matching = found(scope.db.from('invoices').where('state', '=', 'issued'), query, SEARCHED);
  switch (query.status ?? 'all') {
    case 'open':
      return matching
        .where('balance_minor', '>', 0)
        .where('closed', '=', 0)
        .whereRef('pending_minor', '<', 'balance_minor');
    case 'past_due':
      return matching
        .where('balance_minor', '>', 0)
        .where('closed', '=', 0)
        .whereRef('pending_minor', '<', 'balance_minor')
        .where('due_date', '<', today);
    case 'paid':
      return matching.where('balance_minor', '=', 0);
    case 'processing':
      return matching.where('pending_minor', '>', 0);
    case 'all':
      return matching;
  }
}
