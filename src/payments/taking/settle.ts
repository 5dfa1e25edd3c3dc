import { clientId } from '../../kernel/ids.ts';
import { nowMs, todayIn } from '../../kernel/time.ts';
import { approveEstimate, takeDeposit } from '../../documents/estimate-approval.ts';
import { post } from '../../ledger/ledger.ts';
import { recordEvent } from '../../outbox/events.ts';
import { queueMail } from '../../outbox/outbox.ts';
import { type CustomerScope, transact } from '../../scope.ts';
import { type Application, followDebit, recordApplications, takeFromInvoice } from './allocation.ts';
import { type Attempt, findAttempt, wishesOf } from '../attempts/attempt.ts';
import { ACH_COUNTRY } from '../gateways/bank.ts';
import { enrol } from '../methods/enrolment.ts';
import type { GatewayReply } from '../gateways/gateway.ts';
import { keepInstrument, listMethods } from '../methods/methods.ts';
import { numberReceipt } from './receipt-number.ts';
import { planRetry } from '../attempts/retries.ts';
import { isCollected, slotsOf } from '../attempts/slot.ts';

/** How long (ms) a payer may take to answer a challenge before the attempt is closed. */
export const CHALLENGE_MS = 15 * 60_000;
const PROCESSING_LOOK_MS = 60 * 60_000;

type Taken = Extract<GatewayReply, { readonly gatewayPaymentId: string }>;

/**
 * The one place where an attempt becomes money. The gateway's answer, its webhook and the reconciler all come here, in any order and any
 * number of times: whatever the order, the attempt ends in the same state. Money that was taken stays taken; a decline stands unless the
 * gateway took the money after all (what the invoices no longer need is credit then). Answers the attempt as it then stands.
 */
export function settle(scope: CustomerScope, attemptId: string, reply: GatewayReply): Promise<Attempt> {
  return transact(scope, async (within) => {
    const attempt = await findAttempt(within, attemptId);
    if (attempt.state === 'succeeded') return attempt;
    if (isFinal(attempt.state)) {
      if (reply.state !== 'succeeded') return attempt;
      within.log.warn('an attempt that had ended was charged after all', { attempt: attemptId });
    }
    switch (reply.state) {
      case 'succeeded':
        return takePayment(within, attempt, reply);
      case 'processing':
        return markProcessing(within, attempt, reply);
      case 'action_required':
        return askPayer(within, attempt, reply);
      case 'declined':
        return giveUp(within, attempt, reply.code, reply.message);
    }
  });
}

/** Whether nothing can happen to an attempt any more. */
export function isFinal(state: Attempt['state']): boolean {
  return state === 'succeeded' || state === 'declined' || state === 'abandoned';
}

async function takePayment(scope: CustomerScope, attempt: Attempt, reply: Taken): Promise<Attempt> {
  const now = nowMs(scope.clock);
  const date = todayIn(scope.clock, scope.tenant.timeZone).toString();
  const methodId = await keptInstrument(scope, attempt, reply);
  const paymentId = await scope.db.nextId('payments');
  const paymentClientId = clientId(scope.tokens);
  await scope.db.insert('payments', {
    id: paymentId,
    client_id: paymentClientId,
    number: paymentClientId,
    currency: attempt.currency,
    amount_minor: attempt.amount_minor,
    fee_minor: attempt.fee_minor,
    date,
    method: paymentMethod(attempt),
    method_label: reply.methodLabel,
    state: 'succeeded',
    source: attempt.source,
    gateway: attempt.gateway,
    gateway_payment_id: reply.gatewayPaymentId,
    attempt_id: attempt.id,
    payment_method_id: methodId ?? null,
    receipt_email: attempt.receipt_email,
    created_at: now,
    settled_at: now,
  });
  await applyMoney(scope, attempt, paymentId, date);
  await closeAllocations(scope, attempt.id);
  const succeeded = await update(scope, attempt, {
    state: 'succeeded',
    payment_id: paymentId,
    gateway_payment_id: reply.gatewayPaymentId,
    method_label: reply.methodLabel,
    payment_method_id: methodId ?? null,
    failure_code: null,
    failure_message: null,
    settled_at: now,
    look_at: null,
  });
  await recordEvent(
    scope,
    'payment.created',
    { paymentId },
    { amount: attempt.amount_minor, currency: attempt.currency },
  );
  await fulfilWishes(scope, attempt, methodId);
  if (attempt.receipt_email) {
    await queueMail(scope, { topic: 'receipt', recipient: attempt.receipt_email, payload: { paymentId } });
  }
  await numberReceipt(scope, paymentId);
  return succeeded;
}

/** `credit_card`, `ach` or `direct_debit`: what stands before the colon of the attempt's method. */
function paymentMethod(attempt: Attempt): 'credit_card' | 'ach' | 'direct_debit' {
  const [kind] = attempt.method.split(':');
  return kind === 'ach' || kind === 'direct_debit' ? kind : 'credit_card';
}

/** The saved instrument of this payment: the one it was charged to, or the one that the gateway has just kept. */
async function keptInstrument(
  scope: CustomerScope,
  attempt: Attempt,
  reply: Taken,
): Promise<number | undefined> {
  if (attempt.payment_method_id !== null) return attempt.payment_method_id;
  const bankCountry = paymentMethod(attempt) === 'ach' ? ACH_COUNTRY : undefined;
  const { mandate } = wishesOf(attempt);
  return reply.saved && keepInstrument(scope, attempt.gateway, reply.saved, { bankCountry, mandate });
}

/** What the payer asked for besides paying, now that it is certain that they pay. */
async function fulfilWishes(
  scope: CustomerScope,
  attempt: Attempt,
  methodId: number | undefined,
): Promise<void> {
  const { autopay, approval } = wishesOf(attempt);
  if (approval) await approveEstimate(scope, approval);
  // Money that was taken is settled, whatever became of the instrument since.
  if (autopay && methodId !== undefined && (await isUsable(scope, methodId))) await enrol(scope, methodId);
}

async function isUsable(scope: CustomerScope, methodId: number): Promise<boolean> {
  return (await listMethods(scope)).some(({ id, state }) => id === methodId && state === 'usable');
}

/** Puts the money against what it was meant for; what an invoice no longer needs becomes the customer's credit. */
async function applyMoney(
  scope: CustomerScope,
  attempt: Attempt,
  paymentId: number,
  date: string,
): Promise<void> {
  const applied = await applyAllocations(scope, attempt);
  const toCredit = attempt.amount_minor - applied.reduce((sum, { minor }) => sum + minor, 0);
  const deposits = applied.filter(({ kind }) => kind === 'estimate');
  await recordApplications(scope, paymentId, attempt.currency, [
    ...applied,
    { kind: 'credit', minor: toCredit },
    { kind: 'convenience_fee', minor: attempt.fee_minor },
  ]);
  await post(scope, {
    kind: 'payment',
    currency: attempt.currency,
    date,
    paymentId,
    postings: [
      { account: 'cash', minor: attempt.amount_minor + attempt.fee_minor },
      ...applied
        .filter((part) => part.kind === 'invoice')
        .map(({ invoiceId, minor }) => ({ account: 'receivable' as const, minor: -minor, invoiceId })),
      // A deposit is the customer's credit until there is an invoice for it to pay.
      { account: 'credit_balance', minor: -toCredit - deposits.reduce((sum, { minor }) => sum + minor, 0) },
      { account: 'fees', minor: -attempt.fee_minor },
    ],
  });
}

async function applyAllocations(scope: CustomerScope, attempt: Attempt): Promise<Application[]> {
  const applied: Application[] = [];
  const installmentIds = await installmentsOf(scope, attempt);
  for (const { invoice_id: invoiceId, estimate_id: estimateId, amount_minor: minor } of await allocationsOf(
    scope,
    attempt,
  )) {
    if (invoiceId !== null) {
      const taken = await takeFromInvoice(scope, invoiceId, minor, {
        holder: attempt.state === 'processing',
        installmentIds,
      });
      if (taken > 0) applied.push({ kind: 'invoice', invoiceId, minor: taken });
    } else if (estimateId !== null) {
      await takeDeposit(scope, estimateId, minor);
      applied.push({ kind: 'estimate', estimateId, minor });
    }
  }
  return applied;
}

/** The instalments that an attempt was to collect. */
async function installmentsOf(scope: CustomerScope, { id }: Attempt): Promise<ReadonlySet<number>> {
  const slots = await slotsOf(scope, id);
  return new Set(slots.flatMap((slot) => (slot.kind === 'installment' ? [slot.id] : [])));
}

async function markProcessing(scope: CustomerScope, attempt: Attempt, reply: Taken): Promise<Attempt> {
  if (attempt.state === 'processing') return attempt;
  const methodId = await keptInstrument(scope, attempt, reply);
  const processing = await update(scope, attempt, {
    state: 'processing',
    gateway_payment_id: reply.gatewayPaymentId,
    method_label: reply.methodLabel,
    payment_method_id: methodId ?? null,
    look_at: nowMs(scope.clock) + PROCESSING_LOOK_MS,
  });
  await followDebits(scope, attempt);
  return processing;
}

/** What is on its way to the attempt's invoices, now that it began or ended. */
async function followDebits(scope: CustomerScope, attempt: Attempt): Promise<void> {
  for (const { invoice_id: invoiceId } of await allocationsOf(scope, attempt)) {
    if (invoiceId !== null) await followDebit(scope, invoiceId);
  }
}

async function askPayer(
  scope: CustomerScope,
  attempt: Attempt,
  reply: Extract<GatewayReply, { state: 'action_required' }>,
): Promise<Attempt> {
  if (attempt.state === 'processing') return attempt;
  return update(scope, attempt, {
    state: 'action_required',
    challenge: reply.challenge,
    method_label: reply.methodLabel,
    look_at: nowMs(scope.clock) + CHALLENGE_MS,
  });
}

async function giveUp(
  scope: CustomerScope,
  attempt: Attempt,
  code: string,
  message: string,
): Promise<Attempt> {
  await closeAllocations(scope, attempt.id);
  if (attempt.state === 'processing') await followDebits(scope, attempt);
  const ended = await update(scope, attempt, {
    state: code === 'canceled' ? 'abandoned' : 'declined',
    failure_code: code,
    failure_message: message,
    settled_at: nowMs(scope.clock),
    look_at: null,
  });
  await recordEvent(scope, 'charge.failed', {}, { attempt: attempt.id, code });
  await planRetry(scope, attempt);
  await tellOfReturn(scope, attempt);
  return ended;
}

/** Who paid by a debit that seemed on its way has left the page long ago. Of what is collected by itself, AutoPay's own mail tells. */
async function tellOfReturn(scope: CustomerScope, attempt: Attempt): Promise<void> {
  const recipient = attempt.receipt_email;
  if (attempt.state !== 'processing' || !recipient || isCollected(attempt)) return;
  await queueMail(scope, { topic: 'debit_returned', recipient, payload: { attemptId: attempt.id } });
}

function allocationsOf(scope: CustomerScope, attempt: Attempt) {
  return scope.db
    .from('attempt_allocations')
    .select(['invoice_id', 'estimate_id', 'amount_minor'])
    .where('attempt_id', '=', attempt.id)
    .orderBy('position')
    .execute();
}

async function closeAllocations(scope: CustomerScope, attemptId: string): Promise<void> {
  await scope.db
    .update('attempt_allocations')
    .set({ is_open: 0 })
    .where('attempt_id', '=', attemptId)
    .execute();
}

type AttemptChange = Partial<
  Pick<
    Attempt,
    | 'state'
    | 'payment_id'
    | 'gateway_payment_id'
    | 'method_label'
    | 'payment_method_id'
    | 'challenge'
    | 'failure_code'
    | 'failure_message'
    | 'settled_at'
    | 'look_at'
  >
>;

async function update(scope: CustomerScope, attempt: Attempt, change: AttemptChange): Promise<Attempt> {
  await scope.db.update('payment_attempts').set(change).where('id', '=', attempt.id).execute();
  return { ...attempt, ...change };
}
