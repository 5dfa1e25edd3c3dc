import { refuse } from '../../kernel/errors.ts';
import { nowMs } from '../../kernel/time.ts';
import { recordEvent } from '../../outbox/events.ts';
import { type CustomerScope, transact } from '../../scope.ts';
import { hasDefault } from './methods.ts';
import { wishesOf } from '../attempts/attempt.ts';
import { reopenFailed } from '../attempts/retries.ts';

const ENROLLED = 'customer.autopay_enrolled';
const MOST_ENROLMENTS = 10;
const DAY_MS = 86_400_000;

/**
 * Enrols the customer in AutoPay with one of their instruments, which becomes the default. What is promised to be paid outside the portal stays
 * to be paid by hand. Enrolling twice changes nothing. Refuses `not_found` for an instrument that is not usable or not theirs.
 */
export function enrol(scope: CustomerScope, methodId: number): Promise<void> {
  return transact(scope, async (within) => {
    await makeDefault(within, methodId);
    const { numUpdatedRows } = await within.db
      .update('customers')
      .set({ autopay: 1, updated_at: nowMs(within.clock) })
      .where('autopay', '=', 0)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 0n) return;
    await within.db.update('invoices').set({ by_hand: 0 }).where('by_hand', '=', 1).execute();
    await keepPromises(within);
    await reopenFailed(within);
    await recordEvent(within, ENROLLED, {}, { method: methodId });
  });
}

/** Each enrolment collects what is due and is told of: it is not for turning on and off. Refuses `too_many_requests` after ten within a day. */
export async function assertSeldomEnrolled({ db, clock }: CustomerScope): Promise<void> {
  const enrolled = await db
    .from('events')
    .select('id')
    .where('type', '=', ENROLLED)
    .where('at', '>', nowMs(clock) - DAY_MS)
    .limit(MOST_ENROLMENTS)
    .execute();
  if (enrolled.length >= MOST_ENROLMENTS) refuse('too_many_requests');
}

/** What becomes of the plans that were agreed and are collected, when AutoPay ends. */
export interface Leaving {
  /** `keep` goes on collecting them from the default instrument, as was agreed; `stop` leaves them to be paid by hand. */
  readonly plans: 'keep' | 'stop';
}

/**
 * Leaves AutoPay. It is off at once: for open invoices, for paid ones that may open again, and for payments under way that were to enrol.
 * Agreed payment plans go on unless they are to stop as well. Leaving twice changes nothing.
 */
export function leaveAutopay(scope: CustomerScope, { plans }: Leaving): Promise<void> {
  return transact(scope, async (within) => {
    const now = nowMs(within.clock);
    const kept = plans === 'keep' ? await collectedPlans(within) : [];
    const { numUpdatedRows } = await within.db
      .update('customers')
      .set({ autopay: 0, updated_at: now })
      .where('autopay', '=', 1)
      .executeTakeFirstOrThrow();
    const invoices = await within.db
      .update('invoices')
      .set({ autopay: 0, next_attempt_at: null, updated_at: now })
      .where('autopay', '=', 1)
      .where('id', 'not in', [-1, ...kept.map(({ id }) => id)])
      .executeTakeFirstOrThrow();
    await keepCollecting(within, kept);
    await withdrawWishes(within);
    if (numUpdatedRows + invoices.numUpdatedRows > 0n) await recordEvent(within, 'customer.autopay_left', {});
  });
}

async function keepPromises(scope: CustomerScope): Promise<void> {
  const promised = await scope.db.from('promises').select('invoice_id').where('state', '=', 'open').execute();
  for (const { invoice_id: invoiceId } of promised) await leaveByHand(scope, invoiceId);
}

/** AutoPay leaves an invoice to be paid by hand, until the customer enrols anew or `leaveToAutopay`. */
export async function leaveByHand(scope: CustomerScope, invoiceId: number): Promise<void> {
  await scope.db.update('invoices').set({ by_hand: 1 }).where('id', '=', invoiceId).execute();
}

/** AutoPay collects an invoice again that was left to be paid by hand, unless that was because its payment plan was taken back. */
export async function leaveToAutopay(scope: CustomerScope, invoiceId: number): Promise<void> {
  const latestPlan = await scope.db
    .from('payment_plans')
    .select('state')
    .where('invoice_id', '=', invoiceId)
    .orderBy('id', 'desc')
    .executeTakeFirst();
  if (latestPlan?.state === 'canceled') return;
  await scope.db.update('invoices').set({ by_hand: 0 }).where('id', '=', invoiceId).execute();
}

/** Whether AutoPay is on for an invoice, whatever stands in its way. */
export async function isUnderAutopay(scope: CustomerScope, invoiceId: number): Promise<boolean> {
  const row = await scope.db
    .from('invoices')
    .innerJoin(scope.db.rows('customers'), 'customers.id', 'invoices.customer_id')
    .select(['customers.autopay', 'invoices.autopay as demanded'])
    .where('invoices.id', '=', invoiceId)
    .executeTakeFirst();
  return row?.autopay === 1 || row?.demanded === 1;
}

/** The open invoices whose agreed plans are collected: by AutoPay, or because it was agreed so. */
export async function collectedPlans(
  scope: CustomerScope,
): Promise<ReadonlyArray<{ readonly id: number; readonly clientId: string; readonly number: string }>> {
  if (!(await hasDefault(scope))) return [];
  const { autopay } = await scope.db.from('customers').select('autopay').executeTakeFirstOrThrow();
  const rows = await scope.db
    .from('invoices')
    .innerJoin(scope.db.rows('payment_plans'), 'payment_plans.invoice_id', 'invoices.id')
    .select(['invoices.id', 'invoices.client_id', 'invoices.number', 'invoices.autopay'])
    .where('payment_plans.state', '=', 'active')
    .where('invoices.state', '=', 'issued')
    .where('invoices.closed', '=', 0)
    .orderBy('invoices.id')
    .execute();
  return rows
    .filter((row) => autopay === 1 || row.autopay === 1)
    .map((row) => ({ id: row.id, clientId: row.client_id, number: row.number }));
}

/** Their plans go on though the customer is not enrolled any more. */
async function keepCollecting(
  scope: CustomerScope,
  invoices: ReadonlyArray<{ readonly id: number }>,
): Promise<void> {
  if (invoices.length === 0) return;
  await scope.db
    .update('invoices')
    .set({ autopay: 1, updated_at: nowMs(scope.clock) })
    .where('autopay', '=', 0)
    .where(
      'id',
      'in',
      invoices.map(({ id }) => id),
    )
    .execute();
}

/** Payments whose end is not known yet do not enrol any more when they arrive. */
async function withdrawWishes(scope: CustomerScope): Promise<void> {
  const open = await scope.db.from('payment_attempts').selectAll().where('settled_at', 'is', null).execute();
  for (const attempt of open) {
    const { autopay, ...others } = wishesOf(attempt);
    if (!autopay) continue;
    await scope.db
      .update('payment_attempts')
      .set({ wishes: JSON.stringify(others) })
      .where('id', '=', attempt.id)
      .execute();
  }
}

/**
 * The instrument that is charged when nothing else is said; with a new one, what AutoPay failed to collect is due again. Refuses `not_found` for
 * one that is not usable or not theirs.
 */
export function makeDefault(scope: CustomerScope, methodId: number): Promise<void> {
  return transact(scope, async (within) => {
    const method = await within.db
      .from('payment_methods')
      .select(['id', 'is_default'])
      .where('id', '=', methodId)
      .where('state', '=', 'usable')
      .executeTakeFirst();
    if (!method) return refuse('not_found', { what: 'payment method' });
    if (method.is_default) return;
    const updated_at = nowMs(within.clock);
    await within.db
      .update('payment_methods')
      .set({ is_default: 0, updated_at })
      .where('is_default', '=', 1)
      .execute();
    await within.db
      .update('payment_methods')
      .set({ is_default: 1, updated_at })
      .where('id', '=', methodId)
      .execute();
    await reopenFailed(within);
  });
}

/** Whether AutoPay leaves an invoice to be paid by hand, though the customer is enrolled: its payment plan was taken back, or it was promised. */
export async function isPaidByHand(scope: CustomerScope, invoiceId: number): Promise<boolean> {
  const invoice = await scope.db
    .from('invoices')
    .select('by_hand')
    .where('id', '=', invoiceId)
    .executeTakeFirst();
  return invoice?.by_hand === 1;
}

/**
 * Whether one of these invoices wants to be collected by AutoPay and there is nothing to collect it from: what it is paid with is kept then,
 * though the customer is not enrolled.
 */
export async function demandsAutopay(
  scope: CustomerScope,
  invoices: ReadonlyArray<{ readonly id: number }>,
): Promise<boolean> {
  if (invoices.length === 0) return false;
  const demanding = await scope.db
    .from('invoices')
    .select('id')
    .where('autopay', '=', 1)
    .where(
      'id',
      'in',
      invoices.map(({ id }) => id),
    )
    .limit(1)
    .executeTakeFirst();
  return demanding !== undefined && !(await hasDefault(scope));
}
