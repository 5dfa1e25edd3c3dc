import type { ScopedRow } from '#db/scoped.ts';
import { sha256 } from '../../kernel/digest.ts';
import { refuse } from '../../kernel/errors.ts';
import { secretToken } from '../../kernel/ids.ts';
import { formatMoney, type Money, money } from '../../kernel/money.ts';
import { nowMs } from '../../kernel/time.ts';
import { recordEvent } from '../../outbox/events.ts';
import { queueMail } from '../../outbox/outbox.ts';
import { customerScope, type CustomerScope, type MerchantScope, transact } from '../../scope.ts';
import type { Gateway, RefundReply, RefundRequest } from '../gateways/gateway.ts';
import { accountAt, gatewayNamed } from '../gateways/gateways.ts';
import { FIRST_LOOK_MS } from '../attempts/looks.ts';
import { bookRefund } from './refund-books.ts';
import {
  assertAmount,
  assertRefundable,
  committedRefunds,
  disputedParts,
  paymentOf,
  sumOf,
} from './refundable.ts';

/** Money given back, as it is committed before the gateway hears of it. */
export type Refund = ScopedRow<'refunds'>;

export interface RefundOrder {
  /**
   * Minted once with the form or the command, as `refundNonce` gives it: the gateway knows the refund by it for ever, and the same nonce never
   * gives back twice.
   */
  readonly nonce: string;
  /** What the merchant calls it, for them to recognise. */
  readonly key?: string | undefined;
  readonly paymentId: number;
  /** All that is left of the payment, its fee included, when absent. */
  readonly amount?: Money | undefined;
  readonly reason?: string | undefined;
}

/** What became of a refund. `unknown` means that the gateway's answer was lost: it is found out in the background, and never given back twice. */
export interface RefundOutcome {
  readonly id: number;
  readonly state: 'succeeded' | 'submitted' | 'unknown' | 'failed';
  readonly amount: Money;
  /** Why it failed. */
  readonly message: string | undefined;
}

/** How the nonces of refunds begin that were begun at the gateway itself. */
export const ELSEWHERE = 'elsewhere:';

/** A debit on its way back takes days; asking every hour is enough. */
const SUBMITTED_LOOK_MS = 60 * 60_000;

/** States in the order in which they follow one another: news of an earlier one changes nothing. A bank may return a refund that had succeeded. */
const RANK = { created: 0, submitted: 1, succeeded: 2, failed: 3 } as const;

/** What a refund is known by: from a key of the merchant's own always the same, and nobody else's at the gateway. Without one it is a new refund. */
export function refundNonce({ tenant, tokens }: MerchantScope, key?: string | undefined): string {
  return key === undefined ? secretToken(tokens) : sha256(`refund|${tenant.id}|${key}`);
}

/**
 * Gives a payment back, wholly or in part. The refund is committed before the gateway is asked, and settled by whatever says first what
 * became of it: the answer, a webhook, or the reconciler. A payment that was taken outside the portal is refunded by recording it. No invoice
 * opens again; to take a payment back as if it had never been, void it. Refuses `not_refundable`, `bad_amount`, `mixed_currencies`,
 * `amount_in_steps`, `key_reused` and `not_found`.
 */
export async function refundPayment(merchant: MerchantScope, order: RefundOrder): Promise<RefundOutcome> {
  const { refund, isNew } = await transact(merchant, async (within) => {
    const earlier = await refundOfNonce(within, order);
    return earlier
      ? { refund: earlier, isNew: false }
      : { refund: await commitRefund(within, order), isNew: true };
  });
  if (!isOpen(refund)) return outcomeOf(refund);
  if (!isNew) return outcomeOf(await pursueRefund(merchant, refund));
  return outcomeOf(await settleWith(merchant, refund, (gateway, request) => gateway.refund(request)));
}

/**
 * Finds out what became of a refund that is not settled, and settles it; where the gateway never heard of it, gives the money back now under
 * the same id, unless the payer's bank has taken it back meanwhile: then it fails, and while the bank has not decided it waits. Answers the
 * refund as it then stands; a lost answer leaves it as it is.
 */
export function pursueRefund(merchant: MerchantScope, refund: Refund): Promise<Refund> {
  return settleWith(merchant, refund, async (gateway, request) => {
    const known = await gateway.lookupRefund(request);
    if (known) return known;
    // What was begun elsewhere is never begun here.
    if (refund.nonce.startsWith(ELSEWHERE)) return 'undecided';
    const obstacle = await obstacleTo(merchant, refund);
    return obstacle === 'none' ? gateway.refund(request) : obstacle;
  });
}

/** What keeps money from being given back that the gateway has not heard of: a dispute. */
async function obstacleTo(
  merchant: MerchantScope,
  { payment_id: paymentId, customer_id: customerId }: Refund,
): Promise<'none' | 'undecided' | RefundReply> {
  const scope = customerScope(merchant, customerId);
  const payment = await paymentOf(merchant, paymentId);
  const disputes = await disputedParts(scope, paymentId);
  if (disputes.some(({ state }) => state === 'open')) return 'undecided';
  const gone = sumOf(disputes) + sumOf(await committedRefunds(scope, paymentId));
  if (gone <= payment.amount_minor + payment.fee_minor) return 'none';
  return { state: 'failed', message: 'The payer’s bank has taken the money back already.' };
}

async function settleWith(
  merchant: MerchantScope,
  refund: Refund,
  ask: (gateway: Gateway, request: RefundRequest) => Promise<RefundReply | 'undecided'>,
): Promise<Refund> {
  let reply: RefundReply | 'undecided';
  try {
    const gateway = gatewayNamed(merchant, refund.gateway ?? '');
    reply = await ask(gateway, await requestOf(merchant, refund));
  } catch (error) {
    merchant.log.warn('a gateway did not answer for a refund', { refund: refund.id, reason: String(error) });
    return refund;
  }
  if (reply === 'undecided') return refund;
  return settleRefund(customerScope(merchant, refund.customer_id), refund.nonce, reply);
}

async function requestOf(merchant: MerchantScope, refund: Refund): Promise<RefundRequest> {
  const payment = await merchant.db
    .from('payments')
    .select('gateway_payment_id')
    .where('id', '=', refund.payment_id)
    .executeTakeFirstOrThrow();
  return {
    account: accountAt(merchant),
    refundId: refund.nonce,
    gatewayRefundId: refund.gateway_refund_id ?? undefined,
    gatewayPaymentId: payment.gateway_payment_id ?? '',
    amount: money(refund.amount_minor, refund.currency),
  };
}

/**
 * The one place where a refund becomes money given back: the gateway's answer, its webhook and the reconciler come here, in any order and any
 * number of times. Answers the refund as it then stands. Refuses `not_found`.
 */
export function settleRefund(scope: CustomerScope, nonce: string, reply: RefundReply): Promise<Refund> {
  return transact(scope, async (within) => {
    const refund = await findRefund(within, nonce);
    if (RANK[reply.state] <= RANK[refund.state]) return refund;
    if (reply.state === 'succeeded') await giveBack(within, refund);
    if (reply.state === 'failed') await giveUp(within, refund, reply.message);
    const isSubmitted = reply.state === 'submitted';
    const now = nowMs(within.clock);
    await within.db
      .update('refunds')
      .set({
        state: reply.state,
        look_at: isSubmitted ? now + SUBMITTED_LOOK_MS : null,
        settled_at: isSubmitted ? null : now,
        ...(reply.state === 'failed'
          ? { failure_message: reply.message }
          : { gateway_refund_id: reply.gatewayRefundId }),
      })
      .where('id', '=', refund.id)
      .execute();
    return findRefund(within, nonce);
  });
}

async function commitRefund(merchant: MerchantScope, order: RefundOrder): Promise<Refund> {
  const payment = await paymentOf(merchant, order.paymentId);
  const scope = customerScope(merchant, payment.customer_id);
  const left = await assertRefundable(scope, payment);
  const amount = order.amount ?? left;
  assertAmount(merchant, payment.number, amount, left);
  if (payment.gateway !== null) assertWholeSteps(merchant, gatewayNamed(merchant, payment.gateway), amount);
  const refund = await insertRefund(scope, { ...order, amount, gateway: payment.gateway });
  if (payment.gateway === null) await giveBack(scope, refund);
  return refund;
}

/** Refuses `amount_in_steps`, with the nearest amounts, for what the gateway cannot move. */
function assertWholeSteps({ tenant }: MerchantScope, { stepOf }: Gateway, { minor, currency }: Money): void {
  const step = stepOf(currency);
  if (minor % step === 0) return;
  const lower = Math.floor(minor / step) * step;
  const show = (some: number): string => formatMoney(money(some, currency), tenant.language);
  refuse('amount_in_steps', { lower: show(lower), upper: show(lower + step) });
}

/** Commits a refund of a payment that this gateway took, or that came another way: that one is over at once. */
export async function insertRefund(
  scope: CustomerScope,
  {
    nonce,
    paymentId,
    amount,
    gateway,
    reason,
  }: RefundOrder & { readonly amount: Money; readonly gateway: string | null },
): Promise<Refund> {
  const now = nowMs(scope.clock);
  await scope.db.insert('refunds', {
    id: await scope.db.nextId('refunds'),
    payment_id: paymentId,
    nonce,
    currency: amount.currency,
    amount_minor: amount.minor,
    state: gateway === null ? 'succeeded' : 'created',
    gateway,
    reason: reason ?? null,
    actor: scope.actor,
    created_at: now,
    settled_at: gateway === null ? now : null,
    look_at: gateway === null ? null : now + FIRST_LOOK_MS,
  });
  return findRefund(scope, nonce);
}

async function giveBack(scope: CustomerScope, refund: Refund): Promise<void> {
  await bookRefund(scope, refund, refund.amount_minor);
  const { payment_id: paymentId, amount_minor: amount, currency } = refund;
  await recordEvent(scope, 'payment.refunded', { paymentId }, { refund: refund.id, amount, currency });
  const { receipt_email: recipient } = await scope.db
    .from('payments')
    .select('receipt_email')
    .where('id', '=', paymentId)
    .executeTakeFirstOrThrow();
  if (recipient)
    await queueMail(scope, { topic: 'refund', recipient, payload: { paymentId, minor: amount } });
}

async function giveUp(scope: CustomerScope, refund: Refund, message: string): Promise<void> {
  if (refund.state === 'succeeded') await bookRefund(scope, refund, -refund.amount_minor);
  const { payment_id: paymentId } = refund;
  await recordEvent(scope, 'refund.failed', { paymentId }, { refund: refund.id, message });
}

/** What the nonce has begun before, if it has. Refuses `key_reused` when that was another refund. */
async function refundOfNonce(merchant: MerchantScope, order: RefundOrder): Promise<Refund | undefined> {
  const earlier = await merchant.db
    .from('refunds')
    .selectAll()
    .where('nonce', '=', order.nonce)
    .executeTakeFirst();
  if (!earlier) return undefined;
  const { amount = money(earlier.amount_minor, earlier.currency) } = order;
  const isSame =
    earlier.payment_id === order.paymentId &&
    earlier.amount_minor === amount.minor &&
    earlier.currency === amount.currency;
  return isSame ? earlier : refuse('key_reused', { key: order.key ?? order.nonce });
}

async function findRefund(scope: CustomerScope, nonce: string): Promise<Refund> {
  const refund = await scope.db.from('refunds').selectAll().where('nonce', '=', nonce).executeTakeFirst();
  return refund ?? refuse('not_found', { what: 'refund' });
}

function isOpen({ state }: Refund): boolean {
  return state === 'created' || state === 'submitted';
}

function outcomeOf(refund: Refund): RefundOutcome {
  return {
    id: refund.id,
    state: refund.state === 'created' ? 'unknown' : refund.state,
    amount: money(refund.amount_minor, refund.currency),
    message: refund.failure_message ?? undefined,
  };
}
