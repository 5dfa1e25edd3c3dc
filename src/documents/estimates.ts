import { refuse } from '../kernel/errors.ts';
import { type Money, money } from '../kernel/money.ts';
import { todayIn } from '../kernel/time.ts';
import type { ScopedRow } from '#db/scoped.ts';
import { found, type List, type ListQuery, newestOf } from '#db/lists.ts';
import type { CustomerScope } from '../scope.ts';
import { type DocumentLine, type DocumentRate, linesOf, ratesOf } from './content.ts';
import { type EstimateStatus, estimateStatus, isOpenEstimate } from './estimate-status.ts';

/** An estimate as lists show it. */
export interface EstimateSummary {
  readonly id: number;
  readonly clientId: string;
  readonly number: string;
  /** Civil dates `YYYY-MM-DD`. */
  readonly date: string;
  /** The last day on which it can be approved. */
  readonly expires: string | undefined;
  readonly status: EstimateStatus;
  readonly total: Money;
  /** What is to be paid with the approval, and what was paid so far. */
  readonly deposit: Money;
  readonly depositPaid: Money;
  /** Whether the customer may approve or decline it. */
  readonly isOpen: boolean;
}

/** An estimate with everything its page and its PDF show. */
export interface Estimate extends EstimateSummary {
  readonly name: string | undefined;
  readonly currency: string;
  readonly purchaseOrder: string | undefined;
  readonly buyerReference: string | undefined;
  readonly paymentTerms: string | undefined;
  readonly notes: string | undefined;
  readonly subtotal: Money;
  readonly rounding: Money;
  readonly lines: readonly DocumentLine[];
  readonly rates: readonly DocumentRate[];
  readonly approval: EstimateApproval | undefined;
  readonly declineReason: string | undefined;
  /** The invoice that it became. */
  readonly invoice: { readonly clientId: string; readonly number: string } | undefined;
  /** Comma list of methods that are off for its deposit. */
  readonly disabledMethods: string | null;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** Who approved, and how we know. */
export interface EstimateApproval {
  readonly initials: string;
  readonly termsHash: string | undefined;
  readonly ip: string;
  readonly userAgent: string;
  /** Epoch ms. */
  readonly at: number;
}

export type EstimateFilter = 'all' | 'open' | 'approved' | 'invoiced' | 'declined' | 'expired';

/** `search` is part of the number, or of the purchase order. */
export type EstimateQuery = ListQuery<EstimateFilter>;

const SEARCHED = ['number', 'purchase_order'];
const LIST_COLUMNS = [
  ...(['id', 'client_id', 'number', 'date', 'expiration_date', 'state', 'closed', 'currency'] as const),
  ...(['total_minor', 'deposit_minor', 'deposit_paid_minor'] as const),
  ...(['invoice_id', 'declined_at', 'viewed_at'] as const),
] as const;

/** The customer's estimates, the newest first. Drafts and voided ones are never listed. Refuses `bad_page`. */
export async function listEstimates(
  scope: CustomerScope,
  query: EstimateQuery = {},
): Promise<List<EstimateSummary>> {
  const today = todayIn(scope.clock, scope.tenant.timeZone).toString();
  const list = await newestOf(matchingEstimates(scope, query, today).select(LIST_COLUMNS), query);
  return { ...list, rows: list.rows.map((row) => summaryOf(row, today)) };
}

/** Those that wait for an answer, the first to expire first. */
export async function openEstimates(scope: CustomerScope): Promise<EstimateSummary[]> {
  const today = todayIn(scope.clock, scope.tenant.timeZone).toString();
  const rows = await matchingEstimates(scope, { status: 'open' }, today)
    .select(LIST_COLUMNS)
    .orderBy('id')
    .execute();
  return rows.map((row) => summaryOf(row, today)).toSorted(byExpiry);
}

/** One estimate. Refuses `not_found` for drafts, voided ones and everybody else's. */
export async function findEstimate(scope: CustomerScope, clientId: string): Promise<Estimate> {
  return (await estimateWith(scope, clientId)) ?? refuse('not_found', { what: 'estimate' });
}

/** The same; undefined where `findEstimate` refuses. */
export async function estimateWith(scope: CustomerScope, clientId: string): Promise<Estimate | undefined> {
  const row = await scope.db
    .from('estimates')
    .selectAll()
    .where('client_id', '=', clientId)
    .executeTakeFirst();
  if (row?.state !== 'issued') return undefined;
  return {
    ...summaryOf(row, todayIn(scope.clock, scope.tenant.timeZone).toString()),
    name: row.name ?? undefined,
    currency: row.currency,
    purchaseOrder: row.purchase_order ?? undefined,
    buyerReference: row.buyer_reference ?? undefined,
    paymentTerms: row.payment_terms ?? undefined,
    notes: row.notes ?? undefined,
    subtotal: money(row.subtotal_minor, row.currency),
    rounding: money(row.rounding_minor, row.currency),
    lines: await linesOf(scope, 'estimate_id', row.id, row.currency),
    rates: await ratesOf(scope, 'estimate_id', row.id, row.currency),
    approval: await approvalOf(scope, row.id),
    declineReason: row.decline_reason ?? undefined,
    invoice: row.invoice_id === null ? undefined : await invoiceOf(scope, row.invoice_id),
    disabledMethods: row.disabled_methods,
    createdAt: row.created_at,
  };
}

function byExpiry(a: EstimateSummary, b: EstimateSummary): number {
  const [one = '9999-12-31', other = '9999-12-31'] = [a.expires, b.expires];
  return one < other ? -1 : one > other ? 1 : a.id - b.id;
}

async function approvalOf(scope: CustomerScope, estimateId: number): Promise<EstimateApproval | undefined> {
  const row = await scope.db
    .from('approvals')
    .select(['initials', 'terms_hash', 'ip', 'user_agent', 'at'])
    .where('estimate_id', '=', estimateId)
    .executeTakeFirst();
  return (
    row && {
      initials: row.initials ?? '',
      termsHash: row.terms_hash ?? undefined,
      ip: row.ip,
      userAgent: row.user_agent,
      at: row.at,
    }
  );
}

async function invoiceOf(scope: CustomerScope, invoiceId: number): Promise<Estimate['invoice']> {
  const row = await scope.db
    .from('invoices')
    .select(['client_id', 'number'])
    .where('id', '=', invoiceId)
    .where('state', '=', 'issued')
    .executeTakeFirst();
  return row && { clientId: row.client_id, number: row.number };
}

type ListRow = Pick<ScopedRow<'estimates'>, (typeof LIST_COLUMNS)[number]>;

function summaryOf(row: ListRow, today: string): EstimateSummary {
  const status = estimateStatus(row, today);
  return {
    id: row.id,
    clientId: row.client_id,
    number: row.number,
    date: row.date,
    expires: row.expiration_date ?? undefined,
    status,
    total: money(row.total_minor, row.currency),
    deposit: money(row.deposit_minor, row.currency),
    depositPaid: money(row.deposit_paid_minor, row.currency),
    isOpen: isOpenEstimate(status),
  };
}

type Matching = ReturnType<typeof issuedEstimates>;

function issuedEstimates(scope: CustomerScope) {
  return scope.db.from('estimates').where('state', '=', 'issued');
}

function matchingEstimates(scope: CustomerScope, query: EstimateQuery, today: string): Matching {
  return found(inStatus(issuedEstimates(scope), query.status ?? 'all', today), query, SEARCHED);
}

function inStatus(matching: Matching, status: EstimateFilter, today: string): Matching {
  const unanswered = matching.where('closed', '=', 0).where('invoice_id', 'is', null);
  switch (status) {
    case 'open':
      return unanswered.where((eb) =>
        eb.or([eb('expiration_date', 'is', null), eb('expiration_date', '>=', today)]),
      );
    case 'expired':
      return unanswered.where('expiration_date', '<', today);
    case 'approved':
      return matching
        .where('closed', '=', 1)
        .where('declined_at', 'is', null)
        .where('invoice_id', 'is', null);
    case 'declined':
      return matching.where('declined_at', 'is not', null).where('invoice_id', 'is', null);
    case 'invoiced':
      return matching.where('invoice_id', 'is not', null);
    case 'all':
      return matching;
  }
}
