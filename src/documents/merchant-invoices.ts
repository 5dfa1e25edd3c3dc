import { refuse } from '#src/kernel/errors.ts';
import { type Money, money } from '#src/kernel/money.ts';
import { findNamed } from '#src/kernel/named.ts';
import type { MerchantScope } from '#src/scope.ts';
import { waysIn, type WayToPay } from '#src/tenants/ways-to-pay.ts';
import { dueToday, openInvoiceOf, openPlans, type PlannedDue, plannedDue } from './due.ts';
import { type InvoiceStatus, statusOf } from './invoice-status.ts';
import {
  type DocumentRecord,
  everyRecord,
  partsOfRecords,
  type RecordParts,
  type RecordQuery,
  sharedPart,
} from './records.ts';

/** An invoice as its merchant sees it, whatever its state. */
export interface InvoiceRecord extends DocumentRecord {
  /** Civil date; with an agreed plan that of the next instalment. */
  readonly dueDate: string | undefined;
  /** What is to be paid next, where it is paid by an agreed plan. */
  readonly planned: PlannedDue | undefined;
  readonly status: InvoiceStatus;
  readonly isAutopay: boolean;
  readonly attemptCount: number;
  readonly paymentTerms: string | undefined;
  /** The ways to pay that are off for it, beside those that are off for its customer. */
  readonly disabledMethods: readonly WayToPay[];
  readonly balance: Money;
  readonly pending: Money;
  /** Epoch ms. */
  readonly nextAttemptAt: number | undefined;
  readonly sentAt: number | undefined;
  readonly viewedAt: number | undefined;
}

/** The tenant's invoices in the order they were made. */
export function everyInvoice(
  merchant: MerchantScope,
  query: RecordQuery<InvoiceStatus> = {},
): AsyncGenerator<InvoiceRecord> {
  return everyRecord(
    query,
    (id, most) => readAfter(merchant, id, most, query),
    (rows) => recordsOf(merchant, rows),
  );
}

/** One invoice by its number (in any case), or by its id when no number fits. Refuses `unknown_invoice`. */
export async function findMerchantInvoice(
  merchant: MerchantScope,
  numberOrId: string,
): Promise<InvoiceRecord> {
  const row = await findNamed(numberOrId, {
    exactly: (number, id) =>
      selectInvoices(merchant)
        .where((eb) => eb.or([eb('invoices.number', '=', number), eb('invoices.id', '=', id)]))
        .execute(),
    anyCase: (numbers) =>
      selectInvoices(merchant)
        .where((eb) => eb(eb.fn<string>('lower', ['invoices.number']), 'in', numbers))
        .limit(2)
        .execute(),
  });
  const [record] = row ? await recordsOf(merchant, [row]) : [];
  return record ?? refuse('unknown_invoice', { invoice: numberOrId, tenant: merchant.tenant.username });
}

function selectInvoices(merchant: MerchantScope) {
  return merchant.db
    .from('invoices')
    .innerJoin(merchant.db.rows('customers'), 'customers.id', 'invoices.customer_id')
    .selectAll('invoices')
    .select(['customers.number as customer_number', 'customers.name as customer_name']);
}

type InvoiceRow = Awaited<ReturnType<ReturnType<typeof selectInvoices>['execute']>>[number];

function readAfter(
  merchant: MerchantScope,
  after: number,
  most: number,
  { customerId }: RecordQuery<InvoiceStatus>,
) {
  const rows = selectInvoices(merchant).where('invoices.id', '>', after).orderBy('invoices.id').limit(most);
  return (customerId === undefined ? rows : rows.where('invoices.customer_id', '=', customerId)).execute();
}

async function recordsOf(merchant: MerchantScope, rows: readonly InvoiceRow[]): Promise<InvoiceRecord[]> {
  if (rows.length === 0) return [];
  const partsOf = await partsOfRecords(merchant, 'invoice_id', rows);
  const today = dueToday(merchant);
  const plans = await openPlans(
    merchant,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => {
    const planned = plannedDue({ ...openInvoiceOf(row), currency: row.currency }, plans.get(row.id), today);
    return { ...recordOf(row, today, planned), ...partsOf(row) };
  });
}

function recordOf(
  row: InvoiceRow,
  today: string,
  planned: PlannedDue | undefined,
): Omit<InvoiceRecord, keyof RecordParts> {
  const { currency } = row;
  return {
    ...sharedPart(row),
    dueDate: planned?.date ?? row.due_date ?? undefined,
    planned,
    status: statusOf(row, today, planned !== undefined),
    isAutopay: row.autopay === 1,
    attemptCount: row.attempt_count,
    paymentTerms: row.payment_terms ?? undefined,
    disabledMethods: waysIn(row.disabled_methods),
    balance: money(row.balance_minor, currency),
    pending: money(row.pending_minor, currency),
    nextAttemptAt: row.next_attempt_at ?? undefined,
    sentAt: row.sent_at ?? undefined,
    viewedAt: row.viewed_at ?? undefined,
  };
}
