import { refuse } from '../../kernel/errors.ts';
import { formatMoney, money, type Money, refuseAmount } from '../../kernel/money.ts';
import { nowMs, parseDate, startOfDayMs } from '../../kernel/time.ts';
import { recordEvent } from '../../outbox/events.ts';
import { customerScope, type CustomerScope, type MerchantScope, transact } from '../../scope.ts';
import { moveFirstMoments } from '../../tenants/first-collection.ts';
import { makeDefault } from '../methods/enrolment.ts';
import { findPlan, type PaymentPlan } from './plan.ts';
import { hasDefault } from '../methods/methods.ts';
import { MOST_INSTALLMENTS, type NewInstallment, scheduleHash } from './plan-schedule.ts';

export interface PlanApproval {
  readonly invoiceId: number;
  /** What was on the page. */
  readonly hash: string;
  /** The instrument that the instalments are collected from; without one the customer pays each by hand. */
  readonly methodId?: number | undefined;
  readonly ip: string;
  readonly userAgent: string;
}

/** The instalments of a plan, or how they are computed from what is open. */
export type Schedule = readonly NewInstallment[] | ((balance: Money) => readonly NewInstallment[]);

/**
 * Puts an open invoice under a payment plan. Where AutoPay is on with a usable instrument it is active at once, otherwise it waits for the
 * customer's approval. Refuses `not_found`, `plan_not_possible`, `plan_not_matching` unless the instalments add up to the balance, `bad_date`
 * unless their dates grow, `bad_amount`, and what computing them refuses.
 */
export function attachPlan(
  merchant: MerchantScope,
  invoiceId: number,
  schedule: Schedule,
): Promise<PaymentPlan> {
  return transact(merchant, async (within) => {
    const invoice = await planableInvoice(within, invoiceId);
    const balance = money(invoice.balance_minor, invoice.currency);
    const installments = typeof schedule === 'function' ? schedule(balance) : schedule;
    const scope = customerScope(within, invoice.customer_id);
    assertSchedule(scope, invoice, installments);
    const { autopay } = await scope.db.from('customers').select('autopay').executeTakeFirstOrThrow();
    const starts = (autopay === 1 || invoice.autopay === 1) && (await hasDefault(scope));
    await insertPlan(scope, invoice, installments, starts ? 'active' : 'pending_signup');
    // What the due date was, for the day on which the plan is taken back.
    const before = { dueDate: invoice.due_date };
    await recordEvent(scope, 'payment_plan.attached', { invoiceId }, before);
    if (starts) await startPlan(scope, invoiceId, installments[0]!.date);
    return (await findPlan(scope, invoiceId))!;
  });
}

/**
 * Agrees to a plan, with the evidence of when the form was sent; from then on it is active, and with an instrument AutoPay is on for the
 * invoice. Approving twice is one approval. Refuses `not_found`, `plan_changed` for another schedule than was shown, and `plan_not_possible` for
 * a plan that was taken back.
 */
export function approvePlan(scope: CustomerScope, approval: PlanApproval): Promise<void> {
  return transact(scope, async (within) => {
    const plan = await findPlan(within, approval.invoiceId);
    if (!plan) return refuse('not_found', { what: 'payment plan' });
    if (plan.hash !== approval.hash) refuse('plan_changed');
    if (plan.approval && plan.state !== 'canceled') return;
    if (plan.state !== 'pending_signup') await refusePlan(within, approval.invoiceId, REASONS[plan.state]);
    await within.db.insert('approvals', {
      id: await within.db.nextId('approvals'),
      plan_id: plan.id,
      terms_hash: plan.hash,
      ip: approval.ip,
      user_agent: approval.userAgent,
      at: nowMs(within.clock),
    });
    if (approval.methodId !== undefined) {
      await makeDefault(within, approval.methodId);
      await setCollected(within, approval.invoiceId, { autopay: 1 });
    }
    const next = plan.installments.find(({ balance }) => balance.minor > 0);
    await startPlan(within, approval.invoiceId, next?.date);
  });
}

/**
 * Takes a plan back: nothing of it is collected any more, AutoPay leaves the invoice to be paid by hand, also where the customer is enrolled,
 * and what is open is due as it was before. Refuses
 * `not_found` and `no_plan`, and `payment_in_progress` while an instalment is being paid.
 */
export function cancelPlan(merchant: MerchantScope, invoiceId: number): Promise<void> {
  return transact(merchant, async (within) => {
    const invoice = await invoiceRow(within, invoiceId);
    const scope = customerScope(within, invoice.customer_id);
    const plan = await findPlan(scope, invoiceId);
    if (!plan || (plan.state !== 'active' && plan.state !== 'pending_signup'))
      return refuse('no_plan', { number: invoice.number });
    await assertNothingUnderWay(scope, invoice);
    await scope.db
      .update('payment_plans')
      .set({ state: 'canceled', updated_at: nowMs(scope.clock) })
      .where('id', '=', plan.id)
      .execute();
    await scope.db
      .update('installments')
      .set({ next_attempt_at: null })
      .where('plan_id', '=', plan.id)
      .execute();
    await setCollected(scope, invoiceId, { autopay: 0, by_hand: 1 });
    if (plan.state === 'active') await setDueDate(scope, invoiceId, await dueDateBefore(scope, invoiceId));
    await moveFirstMoments(within, { invoiceId });
    await recordEvent(scope, 'payment_plan.canceled', { invoiceId });
  });
}

const REASONS = {
  active: 'has a plan that runs already',
  finished: 'is paid already',
  canceled: 'has no plan any more',
} as const;

type Invoice = Awaited<ReturnType<typeof invoiceRow>>;

async function invoiceRow(scope: CustomerScope | MerchantScope, invoiceId: number) {
  const row = await (scope as MerchantScope).db
    .from('invoices')
    .select([
      ...(['id', 'customer_id', 'number', 'state', 'closed', 'currency', 'due_date'] as const),
      ...(['balance_minor', 'pending_minor', 'autopay'] as const),
    ])
    .where('id', '=', invoiceId)
    .executeTakeFirst();
  return row ?? refuse('not_found', { what: 'invoice' });
}

async function planableInvoice(merchant: MerchantScope, invoiceId: number): Promise<Invoice> {
  const invoice = await invoiceRow(merchant, invoiceId);
  const no = (reason: string): never => refuse('plan_not_possible', { number: invoice.number, reason });
  if (invoice.state !== 'issued') no('is not issued');
  if (invoice.balance_minor === 0) no('has nothing open');
  if (invoice.closed === 1) no('is closed');
  const scope = customerScope(merchant, invoice.customer_id);
  const plan = await findPlan(scope, invoiceId);
  if (plan?.state === 'active' || plan?.state === 'pending_signup') no('has a payment plan already');
  await assertNothingUnderWay(scope, invoice);
  return invoice;
}

/** Refuses `payment_in_progress` while money for the invoice is on its way. */
async function assertNothingUnderWay(scope: CustomerScope, { id, number }: Invoice): Promise<void> {
  const held = await scope.db
    .from('attempt_allocations')
    .select('attempt_id')
    .where('invoice_id', '=', id)
    .where('is_open', '=', 1)
    .executeTakeFirst();
  if (held) refuse('payment_in_progress', { number });
}

function assertSchedule(
  scope: CustomerScope,
  { number, currency, balance_minor: balance }: Invoice,
  installments: readonly NewInstallment[],
): void {
  if (installments.length > MOST_INSTALLMENTS)
    refuse('plan_not_possible', { number, reason: `takes at most ${MOST_INSTALLMENTS} instalments` });
  for (const [i, { date, minor }] of installments.entries()) {
    parseDate(date);
    if (i > 0 && date <= installments[i - 1]!.date) refuse('bad_date', { value: date });
    if (!Number.isSafeInteger(minor) || minor <= 0) refuseAmount(minor, currency);
  }
  const planned = installments.reduce((sum, { minor }) => sum + minor, 0);
  if (planned === balance) return;
  const show = (minor: number): string => formatMoney(money(minor, currency), scope.tenant.language);
  refuse('plan_not_matching', { number, planned: show(planned), balance: show(balance) });
}

async function insertPlan(
  scope: CustomerScope,
  { id, currency, balance_minor }: Invoice,
  installments: readonly NewInstallment[],
  state: 'active' | 'pending_signup',
): Promise<void> {
  const planId = await scope.db.nextId('payment_plans');
  const now = nowMs(scope.clock);
  await scope.db.insert('payment_plans', {
    id: planId,
    invoice_id: id,
    state,
    currency,
    total_minor: balance_minor,
    schedule_hash: scheduleHash(currency, installments),
    created_at: now,
    updated_at: now,
  });
  const ids = await scope.db.nextIds('installments', installments.length);
  await scope.db.insert(
    'installments',
    installments.map(({ date, minor }, i) => ({
      id: ids[i]!,
      plan_id: planId,
      position: i + 1,
      date,
      amount_minor: minor,
      balance_minor: minor,
      first_at: startOfDayMs(date, scope.tenant.timeZone),
    })),
  );
}

/** From now on the invoice is due when its next instalment is. */
async function startPlan(scope: CustomerScope, invoiceId: number, due: string | undefined): Promise<void> {
  const now = nowMs(scope.clock);
  await scope.db
    .update('payment_plans')
    .set({ state: 'active', started_at: now, updated_at: now })
    .where('invoice_id', '=', invoiceId)
    .where('state', 'in', ['pending_signup', 'active'])
    .execute();
  await setCollected(scope, invoiceId, { by_hand: 0 });
  if (due !== undefined) await setDueDate(scope, invoiceId, due);
  await recordEvent(scope, 'payment_plan.started', { invoiceId });
}

async function setDueDate(scope: CustomerScope, invoiceId: number, due: string | null): Promise<void> {
  await scope.db
    .update('invoices')
    .set((eb) => ({ due_date: due, version: eb('version', '+', 1), updated_at: nowMs(scope.clock) }))
    .where('id', '=', invoiceId)
    .execute();
}

async function setCollected(
  scope: CustomerScope,
  invoiceId: number,
  how: { readonly autopay?: 0 | 1; readonly by_hand?: 0 | 1 },
): Promise<void> {
  await scope.db.update('invoices').set(how).where('id', '=', invoiceId).execute();
}

async function dueDateBefore(scope: CustomerScope, invoiceId: number): Promise<string | null> {
  const event = await scope.db
    .from('events')
    .select('data')
    .where('invoice_id', '=', invoiceId)
    .where('type', '=', 'payment_plan.attached')
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow();
  const { dueDate }: { dueDate: string | null } = JSON.parse(event.data);
  return dueDate;
}

async function refusePlan(scope: CustomerScope, invoiceId: number, reason: string): Promise<never> {
  const { number } = await invoiceRow(scope, invoiceId);
  return refuse('plan_not_possible', { number, reason });
}
