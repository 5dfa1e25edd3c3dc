import { refuse } from '../kernel/errors.ts';
import { clientId, secretToken } from '../kernel/ids.ts';
import { type Money, sum } from '../kernel/money.ts';
import { type InvoiceSummary, invoicesByClientId, openInvoices } from '../documents/invoices.ts';
import { type CustomerScope, transact } from '../scope.ts';
import {
  type Attempt,
  assertUnchanged,
  attemptOfNonce,
  commitIntent,
  findAttempt,
  fingerprintOf,
  type Intent,
  leftToPay,
} from './attempt.ts';
import { fieldOfDecline, hasValidCheckDigit } from './card.ts';
import type { CardDetails, DeclineCode, Gateway, GatewayReply } from './gateway.ts';
import { isFinal, settle } from './settle.ts';

/** What a payment page shows before anything is paid. */
export interface PaymentDraft {
  /** Goes into the form: sending the form again is the same payment. */
  readonly nonce: string;
  readonly invoices: ReadonlyArray<InvoiceSummary & { readonly left: Money }>;
  readonly total: Money;
  /** Chosen invoices that cannot be paid, and are left out. */
  readonly leftOut: readonly InvoiceSummary[];
}

export interface PaymentOrder {
  readonly nonce: string;
  /** Client ids with what the customer saw as left to pay (minor units): a difference is shown and asked again. */
  readonly seen: ReadonlyMap<string, number>;
  readonly card: CardDetails;
  readonly receiptEmail?: string | undefined;
}

/** What became of a payment. `unknown` means that the gateway's answer was lost: it is found out in the background, and never charged twice. */
export type PaymentOutcome =
  | { readonly state: 'succeeded'; readonly attemptId: string; readonly receipt: string }
  | { readonly state: 'processing' | 'unknown'; readonly attemptId: string }
  | { readonly state: 'action_required'; readonly attemptId: string }
  | {
      readonly state: 'declined';
      readonly attemptId: string;
      readonly code: string;
      readonly message: string;
      /** The card field that the reason belongs beside. */
      readonly field: keyof CardDetails | undefined;
    };

/**
 * What paying these invoices would mean; everything open when none is named. Refuses `not_found`, `nothing_to_pay`, `mixed_currencies`,
 * `too_many_invoices`.
 */
export async function preparePayment(
  scope: CustomerScope,
  clientIds: readonly string[],
): Promise<PaymentDraft> {
  const chosen =
    clientIds.length === 0 ? await openInvoices(scope) : await invoicesByClientId(scope, clientIds);
  const payable = chosen.filter((invoice) => invoice.payable);
  const first = payable[0];
  if (!first) return refuse('nothing_to_pay');
  const sameCurrency =
    clientIds.length > 0 ? payable : payable.filter((i) => i.total.currency === first.total.currency);
  assertOnePayment(scope, sameCurrency);
  const invoices = sameCurrency.map((invoice) => ({ ...invoice, left: leftToPay(invoice) }));
  return {
    nonce: secretToken(scope.tokens),
    invoices,
    total: sum(
      invoices.map(({ left }) => left),
      first.total.currency,
    ),
    leftOut: chosen.filter((invoice) => !invoice.payable),
  };
}

/**
 * Pays invoices with a card, all of them or none. The intent is committed before the gateway is asked, its attempt's id is the idempotency key
 * for ever, and sending the same form again answers what the first sending did. Refuses `invoice_changed`, `invoice_not_payable`,
 * `payment_in_progress`, `form_reused`, `no_gateway`, `test_gateway_live` and what `preparePayment` refuses; a declined card is an outcome.
 */
export async function payInvoices(scope: CustomerScope, order: PaymentOrder): Promise<PaymentOutcome> {
  const gateway = gatewayOf(scope);
  const begun = await transact(scope, (within) => begin(within, order, gateway.name));
  if (!begun.isNew) return resume(scope, begun.attempt);
  return charge(scope, gateway, begun, order.card);
}

/** Goes on after the payer answered a challenge. Answering twice changes nothing. */
export async function answerChallenge(
  scope: CustomerScope,
  attemptId: string,
  passed: boolean,
): Promise<PaymentOutcome> {
  const attempt = await findAttempt(scope, attemptId);
  if (attempt.state !== 'action_required') return outcomeOf(scope, attempt);
  return settleWith(scope, attempt, () =>
    gatewayNamed(scope, attempt.gateway).answerChallenge(attempt.id, passed),
  );
}

/** What became of an attempt so far; asks the gateway when that is not known yet. Refuses `not_found`. */
export async function paymentOutcome(scope: CustomerScope, attemptId: string): Promise<PaymentOutcome> {
  return resume(scope, await findAttempt(scope, attemptId));
}

/** The gateway that takes this tenant's card payments. Refuses `no_gateway`, `test_gateway_live`. */
export function gatewayOf(scope: CustomerScope): Gateway {
  const name = scope.settings['payments.gateway'];
  if (name === 'test' && scope.tenant.mode !== 'test') refuse('test_gateway_live');
  return gatewayNamed(scope, name);
}

export function gatewayNamed(scope: CustomerScope, name: string): Gateway {
  return scope.gateways[name] ?? refuse('no_gateway');
}

interface Begun {
  readonly isNew: boolean;
  readonly attempt: Attempt;
  readonly total: Money;
  readonly description: string;
}

async function begin(scope: CustomerScope, order: PaymentOrder, gateway: string): Promise<Begun> {
  const invoices = await invoicesByClientId(scope, [...order.seen.keys()]);
  const first = invoices[0] ?? refuse('nothing_to_pay');
  assertOnePayment(scope, invoices);
  const allocations = invoices.map((invoice) => ({
    invoice,
    amount: { minor: order.seen.get(invoice.clientId)!, currency: invoice.balance.currency },
  }));
  const intent: Intent = {
    nonce: order.nonce,
    allocations,
    total: sum(
      allocations.map(({ amount }) => amount),
      first.balance.currency,
    ),
    gateway,
    method: `card:${order.card.number.slice(-4)}:${order.card.expMonth}/${order.card.expYear}`,
    receiptEmail: order.receiptEmail,
  };
  const description = invoices
    .map(({ number }) => number)
    .join(', ')
    .slice(0, 200);
  const earlier = await attemptOfNonce(scope, order.nonce, fingerprintOf(intent));
  if (earlier) return { isNew: false, attempt: earlier, total: intent.total, description };
  assertUnchanged(scope, invoices, order.seen);
  const attempt = await commitIntent(scope, intent, clientId(scope.tokens));
  return { isNew: true, attempt, total: intent.total, description };
}

async function charge(
  scope: CustomerScope,
  gateway: Gateway,
  begun: Begun,
  card: CardDetails,
): Promise<PaymentOutcome> {
  const { attempt, total, description } = begun;
  const invalid = formDecline(card);
  if (invalid) return outcomeOf(scope, await settle(scope, attempt.id, invalid));
  const request = { attemptId: attempt.id, tenantId: scope.tenant.id, amount: total, card, description };
  return settleWith(scope, attempt, () => gateway.charge(request));
}

/** A number that fails its own check digit never leaves the house, whatever the gateway. */
function formDecline(card: CardDetails): GatewayReply | undefined {
  if (hasValidCheckDigit(card.number)) return undefined;
  return {
    state: 'declined',
    code: 'card_number_invalid',
    message: 'This card number is not complete or has a typing mistake.',
  };
}

async function settleWith(
  scope: CustomerScope,
  attempt: Attempt,
  ask: () => Promise<GatewayReply>,
): Promise<PaymentOutcome> {
  let reply: GatewayReply;
  try {
    reply = await ask();
  } catch (error) {
    // The answer is lost, not the payment: the reconciler asks what became of it.
    scope.log.warn('a gateway did not answer', {
      attempt: attempt.id,
      gateway: attempt.gateway,
      reason: String(error),
    });
    return { state: 'unknown', attemptId: attempt.id };
  }
  return outcomeOf(scope, await settle(scope, attempt.id, reply));
}

async function resume(scope: CustomerScope, attempt: Attempt): Promise<PaymentOutcome> {
  if (isFinal(attempt.state) || attempt.state === 'action_required' || attempt.state === 'processing')
    return outcomeOf(scope, attempt);
  const reply = await gatewayNamed(scope, attempt.gateway)
    .lookup(attempt.id)
    .catch(() => undefined);
  if (!reply) return { state: 'unknown', attemptId: attempt.id };
  return outcomeOf(scope, await settle(scope, attempt.id, reply));
}

async function outcomeOf(scope: CustomerScope, attempt: Attempt): Promise<PaymentOutcome> {
  switch (attempt.state) {
    case 'succeeded':
      return { state: 'succeeded', attemptId: attempt.id, receipt: await receiptOf(scope, attempt) };
    case 'declined':
    case 'abandoned':
      return {
        state: 'declined',
        attemptId: attempt.id,
        code: attempt.failure_code ?? 'card_declined',
        message: attempt.failure_message ?? 'The payment was not taken.',
        field: fieldOfDecline((attempt.failure_code ?? 'card_declined') as DeclineCode),
      };
    case 'action_required':
      return { state: 'action_required', attemptId: attempt.id };
    case 'processing':
      return { state: 'processing', attemptId: attempt.id };
    default:
      return { state: 'unknown', attemptId: attempt.id };
  }
}

async function receiptOf(scope: CustomerScope, attempt: Attempt): Promise<string> {
  const payment = await scope.db
    .from('payments')
    .select('client_id')
    .where('id', '=', attempt.payment_id ?? 0)
    .executeTakeFirstOrThrow();
  return payment.client_id;
}

function assertOnePayment(scope: CustomerScope, invoices: readonly InvoiceSummary[]): void {
  const most = scope.settings['payments.most_invoices'];
  if (invoices.length > most) refuse('too_many_invoices', { most });
  if (new Set(invoices.map(({ total }) => total.currency)).size > 1) refuse('mixed_currencies');
}
