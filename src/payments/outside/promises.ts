import type { ScopedRow } from '#db/scoped.ts';
import { findCustomerById } from '../../customers/customers.ts';
import { type InvoiceSummary, invoicesByClientId } from '../../documents/invoices.ts';
import { refuse } from '../../kernel/errors.ts';
import { longDate } from '../../kernel/format.ts';
import { nowMs, parseDate, startOfDayMs, todayIn } from '../../kernel/time.ts';
import { recordEvent } from '../../outbox/events.ts';
import { customerScope, type CustomerScope, type MerchantScope, transact } from '../../scope.ts';
import { upcomingCollections } from '../collecting/collections.ts';
import { isUnderAutopay, leaveByHand, leaveToAutopay } from '../methods/enrolment.ts';
import { type OfflineMethod, offlineMethods } from '../attempts/terms.ts';
import { dueNow } from '../taking/parts.ts';

/** A promise to pay an invoice outside the portal: whoever made it, both sides see it. */
export interface PaymentPromise {
  readonly id: number;
  readonly invoiceId: number;
  readonly method: OfflineMethod;
  /** Civil date on which the money is expected. */
  readonly expectedDate: string;
  readonly reference: string | undefined;
  readonly notes: string | undefined;
  readonly madeBy: 'customer' | 'merchant';
  /** `kept` once the invoice is paid, or what was promised of its plan, `broken` when the day passed without that. */
  readonly state: 'open' | 'kept' | 'broken' | 'withdrawn';
  /** Epoch ms. */
  readonly createdAt: number;
}

/** The same for the merchant, with whose it is. */
export interface PromiseRecord extends PaymentPromise {
  readonly invoice: string;
  readonly customerNumber: string;
  readonly customerName: string;
}

export interface PromiseOrder {
  /** Client ids of the invoices that will be paid together. */
  readonly invoices: readonly string[];
  readonly method: OfflineMethod;
  /** Civil date `YYYY-MM-DD`, today or later, within a year. */
  readonly expectedDate: string;
  readonly reference?: string | undefined;
  readonly notes?: string | undefined;
}

/** Of one invoice, within a day. */
const MOST_PROMISES = 10;
const DAY_MS = 86_400_000;

/** A customer's own promise. */
export interface OwnPromiseOrder extends PromiseOrder {
  /** They know that AutoPay would collect it, and pay it themselves instead. */
  readonly insteadOfAutopay?: boolean | undefined;
}

/**
 * The customer says when they will pay invoices outside the portal; of an agreed plan, what is asked for now. A newer promise takes the place of
 * an open one; the same again changes nothing. AutoPay leaves what is promised alone, also when the day has passed. Refuses `autopay_collects`
 * where AutoPay would collect it and the customer did not say that they pay it themselves, `not_found`, `invoice_not_payable`,
 * `method_not_offered`, `bad_date`, `bad_promise_date`, and `too_many_requests` for an invoice of which ten were made within a day.
 */
export function promiseToPay(scope: CustomerScope, order: OwnPromiseOrder): Promise<void> {
  return transact(scope, async (within) => {
    const invoices = await invoicesByClientId(within, order.invoices);
    await assertOffered(within, invoices, order.method);
    if (!order.insteadOfAutopay) await assertNotCollected(within, invoices);
    await writePromises(within, invoices, order, 'customer');
  });
}

/** The merchant notes what a customer said: AutoPay leaves it alone then. Refuses `unknown_customer` and what `promiseToPay` does, but for the method. */
export function notePromise(merchant: MerchantScope, customerId: number, order: PromiseOrder): Promise<void> {
  return transact(merchant, async (within) => {
    const { id } = await findCustomerById(within, customerId);
    const scope = customerScope(within, id);
    await writePromises(scope, await invoicesByClientId(scope, order.invoices), order, 'merchant');
  });
}

/** Takes a promise back that was not kept so far: AutoPay collects the invoice again, where it is on. Doing it twice changes nothing. Refuses `not_found`. */
export function withdrawPromise(scope: CustomerScope, promiseId: number): Promise<void> {
  return transact(scope, async (within) => {
    const promise = await within.db
      .from('promises')
      .select(['id', 'state', 'invoice_id'])
      .where('id', '=', promiseId)
      .executeTakeFirst();
    if (!promise) return refuse('not_found', { what: 'promise' });
    if (promise.state !== 'open' && promise.state !== 'broken') return;
    await withdraw(within, promise.invoice_id, ['open', 'broken']);
    await leaveToAutopay(within, promise.invoice_id);
  });
}

/** What is promised for an invoice and still open. */
export async function openPromise(
  scope: CustomerScope,
  invoiceId: number,
): Promise<PaymentPromise | undefined> {
  const row = await scope.db
    .from('promises')
    .selectAll()
    .where('invoice_id', '=', invoiceId)
    .where('state', '=', 'open')
    .orderBy('id', 'desc')
    .executeTakeFirst();
  return row && promiseOf(row);
}

/** The latest promise for an invoice that was not kept so far: open, or its day has passed. */
export async function unkeptPromise(
  scope: CustomerScope,
  invoiceId: number,
): Promise<PaymentPromise | undefined> {
  const row = await scope.db
    .from('promises')
    .selectAll()
    .where('invoice_id', '=', invoiceId)
    .orderBy('id', 'desc')
    .executeTakeFirst();
  return row?.state === 'open' || row?.state === 'broken' ? promiseOf(row) : undefined;
}

/** The days on which money was promised, of every open promise: civil dates by invoice id. */
export async function promisedDays(scope: CustomerScope): Promise<ReadonlyMap<number, string>> {
  const rows = await scope.db
    .from('promises')
    .select(['invoice_id', 'expected_date'])
    .where('state', '=', 'open')
    .orderBy('id')
    .execute();
  return new Map(rows.map((row) => [row.invoice_id, row.expected_date]));
}

/** The promises of the tenant, the newest first. */
export async function listPromises(
  merchant: MerchantScope,
  {
    state,
    limit,
  }: { readonly state?: PaymentPromise['state'] | undefined; readonly limit?: number | undefined },
): Promise<PromiseRecord[]> {
  const all = merchant.db
    .from('promises')
    .innerJoin(merchant.db.rows('invoices'), 'invoices.id', 'promises.invoice_id')
    .innerJoin(merchant.db.rows('customers'), 'customers.id', 'promises.customer_id')
    .selectAll('promises')
    .select([
      'invoices.number as invoice',
      'customers.number as customer_number',
      'customers.name as customer_name',
    ])
    .orderBy('promises.id', 'desc');
  const some = state === undefined ? all : all.where('promises.state', '=', state);
  const rows = await (limit === undefined ? some : some.limit(limit)).execute();
  return rows.map((row) => ({
    ...promiseOf(row),
    invoice: row.invoice,
    customerNumber: row.customer_number,
    customerName: row.customer_name,
  }));
}

async function writePromises(
  scope: CustomerScope,
  invoices: readonly InvoiceSummary[],
  order: PromiseOrder,
  madeBy: PaymentPromise['madeBy'],
): Promise<void> {
  const expectedDate = expectedDay(scope, order.expectedDate);
  for (const invoice of invoices) {
    if (!invoice.payable)
      refuse('invoice_not_payable', { number: invoice.number, reason: 'is not open for payment' });
    await writePromise(scope, invoice, { ...order, expectedDate }, madeBy);
  }
}

async function writePromise(
  scope: CustomerScope,
  invoice: InvoiceSummary,
  { method, expectedDate, reference, notes }: PromiseOrder,
  madeBy: PaymentPromise['madeBy'],
): Promise<void> {
  const { id: invoiceId, balance } = invoice;
  const before = await openPromise(scope, invoiceId);
  const isSame =
    before?.method === method &&
    before.expectedDate === expectedDate &&
    before.reference === reference &&
    before.notes === notes;
  if (isSame) return;
  if (madeBy === 'customer') await assertFewPromises(scope, invoiceId);
  if (before) await withdraw(scope, invoiceId, ['open']);
  if (await isUnderAutopay(scope, invoiceId)) await leaveByHand(scope, invoiceId);
  const { timeZone } = scope.tenant;
  const dayAfter = Temporal.PlainDate.from(expectedDate).add({ days: 1 }).toString();
  await scope.db.insert('promises', {
    id: await scope.db.nextId('promises'),
    invoice_id: invoiceId,
    method,
    expected_date: expectedDate,
    reference: reference ?? null,
    notes: notes ?? null,
    made_by: madeBy,
    state: 'open',
    created_at: nowMs(scope.clock),
    breaks_at: startOfDayMs(dayAfter, timeZone),
    left_minor: balance.minor - dueNow(invoice).minor,
  });
  const data = { date: expectedDate, method, reference };
  await recordEvent(scope, 'invoice.payment_expected', { invoiceId }, data);
}

async function assertFewPromises({ db, clock }: CustomerScope, invoiceId: number): Promise<void> {
  const all = db.from('promises').select('id').where('invoice_id', '=', invoiceId);
  const made = await all.where('created_at', '>', nowMs(clock) - DAY_MS).execute();
  if (made.length >= MOST_PROMISES) refuse('too_many_requests');
}

async function withdraw(
  scope: CustomerScope,
  invoiceId: number,
  states: ReadonlyArray<'open' | 'broken'>,
): Promise<void> {
  await scope.db
    .update('promises')
    .set({ state: 'withdrawn', breaks_at: null })
    .where('invoice_id', '=', invoiceId)
    .where('state', 'in', states)
    .execute();
  await recordEvent(scope, 'invoice.promise_withdrawn', { invoiceId });
}

/** Refuses `bad_date`, and `bad_promise_date` for a day that is past or more than a year ahead. */
function expectedDay({ clock, tenant }: CustomerScope, text: string): string {
  const date = parseDate(text);
  const today = todayIn(clock, tenant.timeZone);
  if (date < today.toString() || date > today.add({ years: 1 }).toString()) refuse('bad_promise_date');
  return date;
}

/** Refuses `method_not_offered` for a method that is off, or off for one of the invoices. */
async function assertOffered(
  scope: CustomerScope,
  invoices: readonly InvoiceSummary[],
  method: OfflineMethod,
): Promise<void> {
  const offered = await offlineMethodsFor(scope, invoices);
  if (!offered.some(({ name }) => name === method)) refuse('method_not_offered');
}

/** Refuses `autopay_collects` for an invoice that will be collected by itself. */
async function assertNotCollected(scope: CustomerScope, invoices: readonly InvoiceSummary[]): Promise<void> {
  const ids = new Set(invoices.map(({ id }) => id));
  const collected = (await upcomingCollections(scope)).find(({ invoiceId }) => ids.has(invoiceId));
  if (collected)
    refuse('autopay_collects', { number: collected.number, date: longDate(collected.date, scope.language) });
}

/** The ways to pay these invoices outside the portal, with instructions for the customer's country. */
export async function offlineMethodsFor(scope: CustomerScope, invoices: readonly InvoiceSummary[]) {
  const { country } = await scope.db.from('customers').select('country').executeTakeFirstOrThrow();
  const ids = invoices.map(({ id }) => id);
  const rows =
    ids.length === 0
      ? []
      : await scope.db.from('invoices').select('disabled_methods').where('id', 'in', ids).execute();
  return offlineMethods(
    scope,
    country ?? undefined,
    rows.map((row) => row.disabled_methods),
  );
}

function promiseOf(row: ScopedRow<'promises'>): PaymentPromise {
  return {
    id: row.id,
    invoiceId: row.invoice_id,
    method: row.method as OfflineMethod,
    expectedDate: row.expected_date,
    reference: row.reference ?? undefined,
    notes: row.notes ?? undefined,
    madeBy: row.made_by,
    state: row.state,
    createdAt: row.created_at,
  };
}
