import { refuse } from '../kernel/errors.ts';
import { isPositive, type Money, money } from '../kernel/money.ts';
import { daysBetween } from '../kernel/time.ts';
import type { ScopedRow } from '#db/scoped.ts';
import type { CustomerScope } from '../scope.ts';
import { dueToday, openInvoiceOf, type OpenPlans, openPlans, type PlannedDue, plannedDue } from './due.ts';
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

/** What `summariesOf` makes summaries of. */
export const LIST_COLUMNS = [
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

export type ListRow = Pick<ScopedRow<'invoices'>, (typeof LIST_COLUMNS)[number]>;

/** Rows as lists show them, with what is to be paid next of those that have an agreed plan. */
export async function summariesOf(scope: CustomerScope, rows: readonly ListRow[]): Promise<InvoiceSummary[]> {
  const plans = await plansOf(scope, rows);
  const today = dueToday(scope);
  return rows.map((row) => plannedSummary(row, today, plans));
}

/** The agreed plans of those of the invoices that are open. */
export function plansOf(scope: CustomerScope, rows: readonly ListRow[]): Promise<OpenPlans> {
  const open = rows.filter(({ balance_minor: balance }) => balance > 0);
  // So many ids are as quick as none, and more of them are nearly all.
  return openPlans(scope, open.length > MOST_NAMED ? undefined : open.map(({ id }) => id));
}

/** An invoice in a list, as of `today`, with what the plans ask for. */
export function plannedSummary(row: ListRow, today: string, plans: OpenPlans): InvoiceSummary {
  const planned = plannedDue({ ...openInvoiceOf(row), currency: row.currency }, plans.get(row.id), today);
  return summaryOf(row, today, planned);
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
