import { type Money, money } from '../../kernel/money.ts';
import { nowMs, dateOf, startOfDayMs } from '../../kernel/time.ts';
import { recordEvent } from '../../outbox/events.ts';
import { queueMail } from '../../outbox/outbox.ts';
import type { CustomerScope } from '../../scope.ts';
import type { Attempt } from './attempt.ts';
import { readSlot, type Slot, slotName, slotsOf } from './slot.ts';

/**
 * What follows from a collection that failed, in the transaction that settles it: when the next try is, or that there is none, and a mail to the
 * customer, unless they saw it fail themselves. Attempts that a person made are none of its business.
 */
export async function planRetry(scope: CustomerScope, attempt: Attempt): Promise<void> {
  const slots = await slotsOf(scope, attempt.id);
  if (slots.length === 0) return;
  for (const slot of slots) {
    const next = nextTry(scope, await triesSoFar(scope, slot), attempt.submitted_at ?? attempt.created_at);
    await setNextTry(scope, slot, next);
    const { invoiceId } = slot;
    await recordEvent(scope, 'autopay.failed', { invoiceId }, { attempt: slot.attempt, next: next ?? null });
  }
  if (attempt.actor.startsWith('customer:')) return;
  const { email } = await scope.db.from('customers').select('email').executeTakeFirstOrThrow();
  if (email) {
    await queueMail(scope, { topic: 'autopay_failed', recipient: email, payload: { attemptId: attempt.id } });
  }
}

/** Counts a slot as begun, in the caller's transaction. Answers false when it was begun before: it must not be charged then. */
export async function claimSlot(scope: CustomerScope, slot: Slot): Promise<boolean> {
  const { numUpdatedRows } = await triesOf(scope, slot)
    .set({ attempt_count: slot.attempt, next_attempt_at: null })
    .where('attempt_count', '=', slot.attempt - 1)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** Sets (epoch ms) or, with nothing, ends the tries of what a slot collects; only while that slot is the latest and something is open. */
export async function setNextTry(scope: CustomerScope, slot: Slot, next: number | undefined): Promise<void> {
  await triesOf(scope, slot)
    .set({ next_attempt_at: next ?? null })
    .where('attempt_count', '=', slot.attempt)
    .where('balance_minor', '>', 0)
    .execute();
}

/** Invoices and instalments count their tries in columns of the same names. */
function triesOf(scope: CustomerScope, { kind, id }: Slot) {
  const table = (kind === 'autopay' ? 'invoices' : 'installments') as 'invoices';
  return scope.db.update(table).where('id', '=', id);
}

/**
 * Makes every open collection whose last try failed due at once, in the caller's transaction: there is a new instrument. What was parked stays
 * parked, unless it was for the sake of the instrument.
 */
export async function reopenFailed(scope: CustomerScope): Promise<void> {
  const now = nowMs(scope.clock);
  for (const { slot } of await failedTries(scope)) await setNextTry(scope, slot, now);
}

/** The last try of what is open and could not be collected, with its invoice. */
export interface FailedTry {
  readonly slot: Slot;
  readonly invoiceId: number;
  readonly clientId: string;
  readonly number: string;
  /** What was asked for, the fee included, and what was to be collected together with it. */
  readonly amount: Money;
  /** How many other invoices were to be collected by the same charge. */
  readonly others: number;
  /** Why nothing was taken, as a sentence. */
  readonly reason: string | undefined;
  /** Epoch ms. */
  readonly at: number;
}

/**
 * What is open of the customer's and could not be collected the last time; `asIfEnrolled` also what was tried before they left AutoPay.
 */
export async function failedTries(
  scope: CustomerScope,
  { asIfEnrolled = false }: { readonly asIfEnrolled?: boolean | undefined } = {},
): Promise<FailedTry[]> {
  const tried = [...(await triedInvoices(scope, asIfEnrolled)), ...(await triedInstallments(scope))];
  if (tried.length === 0) return [];
  const { db } = scope;
  const attempts = await db
    .from('attempt_slots')
    .innerJoin(db.rows('payment_attempts'), 'payment_attempts.id', 'attempt_slots.attempt_id')
    .innerJoin(db.rows('invoices'), 'invoices.id', 'attempt_slots.invoice_id')
    .select([
      ...(['attempt_slots.slot', 'attempt_slots.attempt_id'] as const),
      ...(['payment_attempts.state', 'payment_attempts.failure_code'] as const),
      ...(['payment_attempts.currency', 'payment_attempts.created_at'] as const),
      ...(['payment_attempts.amount_minor', 'payment_attempts.fee_minor'] as const),
      ...(['payment_attempts.failure_message', 'invoices.id', 'invoices.client_id'] as const),
      'invoices.number',
    ])
    .where('attempt_slots.slot', 'in', tried.map(slotName))
    .orderBy('payment_attempts.created_at')
    .orderBy('invoices.id')
    .execute();
  const failed = attempts.filter(hasFailed);
  const together = await invoicesTogether(scope, [...new Set(failed.map((row) => row.attempt_id))]);
  return failed.map((attempt) => ({
    slot: readSlot(attempt.slot)!,
    invoiceId: attempt.id,
    clientId: attempt.client_id,
    number: attempt.number,
    amount: money(attempt.amount_minor + attempt.fee_minor, attempt.currency),
    others: (together.get(attempt.attempt_id) ?? 1) - 1,
    reason: attempt.failure_message ?? undefined,
    at: attempt.created_at,
  }));
}

/** How many invoices attempts were to collect, by attempt. */
async function invoicesTogether(
  { db }: CustomerScope,
  attemptIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (attemptIds.length === 0) return new Map();
  const rows = await db
    .from('attempt_slots')
    .select(['attempt_id', 'invoice_id'])
    .where('attempt_id', 'in', attemptIds)
    .execute();
  const byAttempt = Map.groupBy(rows, (row) => row.attempt_id);
  return new Map([...byAttempt].map(([id, own]) => [id, new Set(own.map((row) => row.invoice_id)).size]));
}

function hasFailed({ state, failure_code: code }: Pick<Attempt, 'state' | 'failure_code'>): boolean {
  if (state === 'parked') return code !== null && OF_THE_INSTRUMENT.has(code);
  return state === 'declined' || state === 'abandoned';
}

const OF_THE_INSTRUMENT = new Set(['method_not_offered', 'below_minimum', 'above_maximum']);

/** Invoices of a customer who has left AutoPay are theirs to pay: nobody tries them again. */
async function triedInvoices(scope: CustomerScope, asIfEnrolled: boolean): Promise<Slot[]> {
  const rows = await scope.db
    .from('invoices')
    .innerJoin(scope.db.rows('customers'), 'customers.id', 'invoices.customer_id')
    .select(['invoices.id', 'attempt_count'])
    .where((eb) =>
      asIfEnrolled ? eb.lit(true) : eb.or([eb('customers.autopay', '=', 1), eb('invoices.autopay', '=', 1)]),
    )
    .where('attempt_count', '>', 0)
    .where('balance_minor', '>', 0)
    .where('invoices.state', '=', 'issued')
    .where('closed', '=', 0)
    .execute();
  return rows.map(({ id, attempt_count: attempt }) => ({ kind: 'autopay', id, attempt }));
}

async function triedInstallments(scope: CustomerScope): Promise<Slot[]> {
  const rows = await scope.db
    .from('installments')
    .select(['id', 'attempt_count'])
    .where('attempt_count', '>', 0)
    .where('balance_minor', '>', 0)
    .execute();
  return rows.map(({ id, attempt_count: attempt }) => ({ kind: 'installment', id, attempt }));
}

/**
 * The start of the day that the merchant's setting counts from the day of the failed try; tomorrow at the earliest, where the bank took longer
 * than that to say no. Undefined after the last retry.
 */
function nextTry(
  { clock, settings, tenant }: CustomerScope,
  tries: number,
  triedAt: number,
): number | undefined {
  const pauses = settings['autopay.retry_days'].split(',').filter((text) => text !== '');
  const pause = pauses[tries - 1];
  if (pause === undefined) return undefined;
  const after = (date: string, days: number): number =>
    startOfDayMs(Temporal.PlainDate.from(date).add({ days }).toString(), tenant.timeZone);
  const today = dateOf(nowMs(clock), tenant.timeZone);
  return Math.max(after(dateOf(triedAt, tenant.timeZone), Number(pause)), after(today, 1));
}

/** How often it was tried, this slot included. What was parked was not tried. */
async function triesSoFar(scope: CustomerScope, slot: Slot): Promise<number> {
  const names = Array.from({ length: slot.attempt }, (_, i) => slotName({ ...slot, attempt: i + 1 }));
  const { count } = await scope.db
    .from('attempt_slots')
    .innerJoin(scope.db.rows('payment_attempts'), 'payment_attempts.id', 'attempt_slots.attempt_id')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('slot', 'in', names)
    .where('submitted_at', 'is not', null)
    .executeTakeFirstOrThrow();
  return Number(count);
}
