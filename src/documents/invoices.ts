import { refuse } from '../kernel/errors.ts';
import { type Money, money } from '../kernel/money.ts';
import { type Cursor, cutPage, decodeCursor, type Page } from '../kernel/page.ts';
import { daysBetween, todayIn } from '../kernel/time.ts';
import type { ScopedRow } from '#db/scoped.ts';
import { contains } from '#db/text.ts';
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
  /** Whether the Pay action is offered. */
  readonly payable: boolean;
  readonly purchaseOrder: string | undefined;
}

export const INVOICE_FILTERS = ['all', 'open', 'past_due', 'paid', 'processing'] as const;
export type InvoiceFilter = (typeof INVOICE_FILTERS)[number];
export const INVOICE_SORTS = ['date', 'due_date', 'number', 'total'] as const;
export type InvoiceSort = (typeof INVOICE_SORTS)[number];

export interface InvoiceQuery {
  /** Part of the number, or of the purchase order. */
  readonly search?: string | undefined;
  readonly status?: InvoiceFilter | undefined;
  /** Civil dates, both inclusive, of the invoice date. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly sort?: InvoiceSort | undefined;
  readonly descending?: boolean | undefined;
  readonly size?: number | undefined;
  /** A cursor of an earlier page. */
  readonly cursor?: string | undefined;
}

export interface InvoiceList extends Page<InvoiceSummary> {
  /** Of everything that matches, not of this page alone; one row a currency. */
  readonly totals: ReadonlyArray<{ readonly count: number; readonly total: Money; readonly balance: Money }>;
  readonly count: number;
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

const MOST_ROWS = 100;

/** The customer's invoices, newest first unless told otherwise. Drafts and voided ones are never listed. Refuses `bad_page`. */
export async function listInvoices(scope: CustomerScope, query: InvoiceQuery = {}): Promise<InvoiceList> {
  const size = Math.min(Math.max(query.size ?? 25, 1), MOST_ROWS);
  const cursor = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const today = todayIn(scope.clock, scope.tenant.timeZone).toString();
  const sort = SORT_COLUMN[query.sort ?? 'date'];
  const matching = matchingInvoices(scope, query, today);
  const found = await inOrder(matching, sort, query.descending ?? true, cursor)
    .select(LIST_COLUMNS)
    .limit(size + 1)
    .execute();
  const totals = await matching
    .select((eb) => [
      'currency',
      eb.fn.countAll<number>().as('count'),
      eb.fn.sum<number>('total_minor').as('total'),
      eb.fn.sum<number>('balance_minor').as('balance'),
    ])
    .groupBy('currency')
    .execute();
  const page = cutPage(found, size, cursor, (row) => ({ value: sortValue(row, sort), id: row.id }));
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

/** Everything that can be paid now, oldest due first. */
export async function openInvoices(scope: CustomerScope): Promise<InvoiceSummary[]> {
  const today = todayIn(scope.clock, scope.tenant.timeZone).toString();
  const rows = await scope.db
    .from('invoices')
    .select(LIST_COLUMNS)
    .where('balance_minor', '>', 0)
    .where('state', '=', 'issued')
    .where('closed', '=', 0)
    .orderBy('due_date')
    .orderBy('id')
    .execute();
  return rows.map((row) => summaryOf(row, today));
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
    payable: status === 'open' || status === 'past_due',
    purchaseOrder: row.purchase_order ?? undefined,
  };
}

type SortColumn = 'date' | 'due_date' | 'number' | 'total_minor';
const SORT_COLUMN: Record<InvoiceSort, SortColumn> = {
  date: 'date',
  due_date: 'due_date',
  number: 'number',
  total: 'total_minor',
};
/** Stands in for “no due date” when sorting, on both engines alike: after every real date. */
const NO_DATE = '9999-12-31';

type Matching = ReturnType<typeof matchingInvoices>;

function matchingInvoices(scope: CustomerScope, query: InvoiceQuery, today: string) {
  let matching = scope.db.from('invoices').where('state', '=', 'issued');
  if (query.from) matching = matching.where('date', '>=', query.from);
  if (query.to) matching = matching.where('date', '<=', query.to);
  const search = query.search?.trim().slice(0, 100);
  if (search) {
    matching = matching.where((eb) =>
      eb.or([contains('number', search), contains('purchase_order', search)]),
    );
  }
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

function inOrder(
  matching: Matching,
  column: SortColumn,
  descending: boolean,
  cursor: Cursor | undefined,
): Matching {
  const backwards = cursor?.direction === 'before';
  const down = descending !== backwards;
  const direction = down ? 'desc' : 'asc';
  let ordered = matching;
  if (cursor) {
    const sign = down ? '<' : '>';
    const value = cursor.value as string;
    ordered = ordered.where((eb) => {
      const key = column === 'due_date' ? eb.fn.coalesce('due_date', eb.val(NO_DATE)) : eb.ref(column);
      return eb.or([eb(key, sign, value), eb.and([eb(key, '=', value), eb('id', sign, cursor.id)])]);
    });
  }
  if (column !== 'due_date') return ordered.orderBy(column, direction).orderBy('id', direction);
  return ordered
    .orderBy((eb) => eb.fn.coalesce('due_date', eb.val(NO_DATE)), direction)
    .orderBy('id', direction);
}

function sortValue(row: ListRow, column: SortColumn): string | number {
  return column === 'due_date' ? (row.due_date ?? NO_DATE) : row[column];
}
