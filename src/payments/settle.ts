import { clientId } from '../kernel/ids.ts';
import { nowMs, todayIn } from '../kernel/time.ts';
import { post } from '../ledger/ledger.ts';
import { recordEvent } from '../outbox/events.ts';
import { queueMail } from '../outbox/outbox.ts';
import { type CustomerScope, transact } from '../scope.ts';
import { type Attempt, findAttempt } from './attempt.ts';
import type { GatewayReply } from './gateway.ts';

/** How long (ms) a payer may take to answer a challenge before the attempt is closed. */
export const CHALLENGE_MS = 15 * 60_000;
const PROCESSING_LOOK_MS = 60 * 60_000;

/**
 * The one place where an attempt becomes money. The gateway's answer, its webhook and the reconciler all come here, in any order and any
 * number of times: the first final word is written, everything after it changes nothing. Answers the attempt as it then stands.
 */
export function settle(scope: CustomerScope, attemptId: string, reply: GatewayReply): Promise<Attempt> {
  return transact(scope, async (within) => {
    const attempt = await findAttempt(within, attemptId);
    if (isFinal(attempt.state)) return attempt;
    switch (reply.state) {
      case 'succeeded':
        await takePayment(within, attempt, reply.gatewayPaymentId, reply.methodLabel);
        break;
      case 'processing':
        await markProcessing(within, attempt, reply.gatewayPaymentId, reply.methodLabel);
        break;
      case 'action_required':
        await update(within, attempt, {
          state: 'action_required',
          challenge: reply.challenge,
          method_label: reply.methodLabel,
          look_at: nowMs(within.clock) + CHALLENGE_MS,
        });
        break;
      case 'declined':
        await giveUp(within, attempt, reply.code, reply.message);
        break;
    }
    return findAttempt(within, attemptId);
  });
}

/** Whether nothing can happen to an attempt any more. */
export function isFinal(state: Attempt['state']): boolean {
  return state === 'succeeded' || state === 'declined' || state === 'abandoned';
}

async function takePayment(
  scope: CustomerScope,
  attempt: Attempt,
  gatewayPaymentId: string,
  label: string,
): Promise<void> {
  const now = nowMs(scope.clock);
  const date = todayIn(scope.clock, scope.tenant.timeZone).toString();
  const paymentId = await scope.db.nextId('payments');
  await scope.db.insert('payments', {
    id: paymentId,
    client_id: clientId(scope.tokens),
    number: `R-${String(await scope.db.nextNumber('payments')).padStart(5, '0')}`,
    currency: attempt.currency,
    amount_minor: attempt.amount_minor,
    fee_minor: attempt.fee_minor,
    date,
    method: 'credit_card',
    method_label: label,
    state: 'succeeded',
    source: attempt.source,
    gateway: attempt.gateway,
    gateway_payment_id: gatewayPaymentId,
    attempt_id: attempt.id,
    receipt_email: attempt.receipt_email,
    created_at: now,
    settled_at: now,
  });
  await applyToInvoices(scope, attempt, paymentId, date);
  await closeAllocations(scope, attempt.id);
  await update(scope, attempt, {
    state: 'succeeded',
    payment_id: paymentId,
    gateway_payment_id: gatewayPaymentId,
    method_label: label,
    settled_at: now,
    look_at: null,
  });
  await recordEvent(
    scope,
    'payment.created',
    { paymentId },
    { amount: attempt.amount_minor, currency: attempt.currency },
  );
  if (attempt.receipt_email) {
    await queueMail(scope, { topic: 'receipt', recipient: attempt.receipt_email, payload: { paymentId } });
  }
}

/** Puts the money against the invoices it was meant for; what an invoice no longer needs becomes the customer's credit. */
async function applyToInvoices(
  scope: CustomerScope,
  attempt: Attempt,
  paymentId: number,
  date: string,
): Promise<void> {
  const wanted = await scope.db
    .from('attempt_allocations')
    .select(['invoice_id', 'amount_minor'])
    .where('attempt_id', '=', attempt.id)
    .orderBy('position')
    .execute();
  const applied: Array<{ invoiceId: number; minor: number }> = [];
  for (const { invoice_id: invoiceId, amount_minor: minor } of wanted) {
    if (invoiceId === null) continue;
    const taken = await takeFromBalance(scope, invoiceId, minor, attempt.state === 'processing' ? minor : 0);
    if (taken > 0) applied.push({ invoiceId, minor: taken });
  }
  const toInvoices = applied.reduce((sum, { minor }) => sum + minor, 0);
  const toCredit = attempt.amount_minor - toInvoices;
  await recordApplications(scope, attempt, paymentId, applied, toCredit);
  await post(scope, {
    kind: 'payment',
    currency: attempt.currency,
    date,
    paymentId,
    postings: [
      { account: 'cash', minor: attempt.amount_minor + attempt.fee_minor },
      ...applied.map(({ invoiceId, minor }) => ({
        account: 'receivable' as const,
        minor: -minor,
        invoiceId,
      })),
      { account: 'credit_balance', minor: -toCredit },
      { account: 'fees', minor: -attempt.fee_minor },
    ],
  });
}

/** Lowers an invoice's balance by at most `minor` and answers by how much. */
async function takeFromBalance(
  scope: CustomerScope,
  invoiceId: number,
  minor: number,
  pending: number,
): Promise<number> {
  const now = nowMs(scope.clock);
  const invoice = await scope.db
    .from('invoices')
    .select(['balance_minor', 'pending_minor', 'version'])
    .where('id', '=', invoiceId)
    .executeTakeFirstOrThrow();
  const taken = Math.min(minor, invoice.balance_minor);
  const balance = invoice.balance_minor - taken;
  await scope.db
    .update('invoices')
    .set({
      balance_minor: balance,
      pending_minor: Math.max(0, invoice.pending_minor - pending),
      version: invoice.version + 1,
      updated_at: now,
      ...(balance === 0 && taken > 0 ? { paid_at: now } : {}),
    })
    .where('id', '=', invoiceId)
    .execute();
  if (balance === 0 && taken > 0) await recordEvent(scope, 'invoice.paid', { invoiceId });
  return taken;
}

async function recordApplications(
  scope: CustomerScope,
  attempt: Attempt,
  paymentId: number,
  applied: ReadonlyArray<{ invoiceId: number; minor: number }>,
  toCredit: number,
): Promise<void> {
  const rows = [
    ...applied.map(({ invoiceId, minor }) => ({
      kind: 'invoice' as const,
      invoice_id: invoiceId,
      amount_minor: minor,
    })),
    { kind: 'credit' as const, invoice_id: null, amount_minor: toCredit },
    { kind: 'convenience_fee' as const, invoice_id: null, amount_minor: attempt.fee_minor },
  ].filter((row) => row.amount_minor > 0);
  const ids = await scope.db.nextIds('payment_applications', rows.length);
  const shared = { payment_id: paymentId, currency: attempt.currency, created_at: nowMs(scope.clock) };
  await scope.db.insert(
    'payment_applications',
    rows.map((row, i) => ({ ...row, ...shared, id: ids[i]! })),
  );
}

async function markProcessing(
  scope: CustomerScope,
  attempt: Attempt,
  gatewayPaymentId: string,
  label: string,
): Promise<void> {
  if (attempt.state === 'processing') return;
  const allocations = await scope.db
    .from('attempt_allocations')
    .select(['invoice_id', 'amount_minor'])
    .where('attempt_id', '=', attempt.id)
    .execute();
  for (const { invoice_id: invoiceId, amount_minor: minor } of allocations) {
    if (invoiceId === null) continue;
    await scope.db
      .update('invoices')
      .set((eb) => ({ pending_minor: eb('pending_minor', '+', minor), version: eb('version', '+', 1) }))
      .where('id', '=', invoiceId)
      .execute();
  }
  await update(scope, attempt, {
    state: 'processing',
    gateway_payment_id: gatewayPaymentId,
    method_label: label,
    look_at: nowMs(scope.clock) + PROCESSING_LOOK_MS,
  });
}

async function giveUp(scope: CustomerScope, attempt: Attempt, code: string, message: string): Promise<void> {
  if (attempt.state === 'processing') await releasePending(scope, attempt);
  await closeAllocations(scope, attempt.id);
  await update(scope, attempt, {
    state: code === 'canceled' ? 'abandoned' : 'declined',
    failure_code: code,
    failure_message: message,
    settled_at: nowMs(scope.clock),
    look_at: null,
  });
  await recordEvent(scope, 'charge.failed', {}, { attempt: attempt.id, code });
}

async function releasePending(scope: CustomerScope, attempt: Attempt): Promise<void> {
  const held = await scope.db
    .from('attempt_allocations')
    .select(['invoice_id', 'amount_minor'])
    .where('attempt_id', '=', attempt.id)
    .where('invoice_id', 'is not', null)
    .execute();
  for (const { invoice_id: invoiceId, amount_minor: minor } of held) {
    await scope.db
      .update('invoices')
      .set((eb) => ({ pending_minor: eb('pending_minor', '-', minor), version: eb('version', '+', 1) }))
      .where('id', '=', invoiceId!)
      .execute();
  }
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
    | 'challenge'
    | 'failure_code'
    | 'failure_message'
    | 'settled_at'
    | 'look_at'
  >
>;

async function update(scope: CustomerScope, attempt: Attempt, change: AttemptChange): Promise<void> {
  await scope.db.update('payment_attempts').set(change).where('id', '=', attempt.id).execute();
}
