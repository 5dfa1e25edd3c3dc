import { clientId } from '../../kernel/ids.ts';
import { add, money } from '../../kernel/money.ts';
import { type CustomerScope, transact } from '../../scope.ts';
import {
  type Attempt,
  attemptOf,
  bankPageOf,
  commitIntent,
  findAttempt,
  type Intent,
  type Sending,
} from '../attempts/attempt.ts';
import { fieldOfDecline } from '../gateways/card.ts';
import type { Acceptance, CardDetails, DeclineCode, GatewayReply, Source } from '../gateways/gateway.ts';
import { accountAt, gatewayNamed } from '../gateways/gateways.ts';
import { mistypedIn } from '../gateways/mistyped.ts';
import { isFinal, settle } from './settle.ts';
import { urls } from '#src/portal/urls.ts';

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

export interface ChargeOptions {
  readonly source: Source;
  /** Keep the instrument at the gateway. */
  readonly save?: boolean | undefined;
  /** Nobody is there to answer a challenge. */
  readonly offSession?: boolean | undefined;
  readonly acceptance?: Acceptance | undefined;
}

/**
 * Takes money: commits the intent that `prepare` makes in a transaction, asks the gateway with the attempt's id as idempotency key, and settles
 * its answer. The same sending answers what it did the first time: only a new one is prepared, and checked. Refuses what `prepare` refuses,
 * `form_reused` and `payment_in_progress`; a declined instrument is an outcome.
 */
export async function takeMoney(
  scope: CustomerScope,
  sending: Sending,
  prepare: (within: CustomerScope) => Promise<Intent>,
  options: ChargeOptions,
): Promise<PaymentOutcome> {
  const begun = await transact(scope, async (within) => {
    const earlier = await attemptOf(within, sending);
    if (earlier) return { earlier };
    const intent = await prepare(within);
    return { intent, attempt: await begin(within, intent) };
  });
  if (begun.earlier) return resume(scope, begun.earlier);
  return charge(scope, begun.attempt, begun.intent, options);
}

/**
 * The same for what needs no form to be told by when it comes again, because what it is for can be begun once only, which `prepare` claims in its
 * transaction. Undefined where `prepare` finds nothing to take.
 */
export async function takeOnce(
  scope: CustomerScope,
  prepare: (within: CustomerScope) => Promise<Intent | undefined>,
  options: ChargeOptions,
): Promise<PaymentOutcome | undefined> {
  const begun = await transact(scope, async (within) => {
    const intent = await prepare(within);
    return intent && { intent, attempt: await begin(within, intent) };
  });
  return begun && charge(scope, begun.attempt, begun.intent, options);
}

/** What the first sending of a form came to; undefined for a new one. Refuses `form_reused` when something else was sent with its nonce. */
export async function outcomeOfSending(
  scope: CustomerScope,
  sending: Sending,
): Promise<PaymentOutcome | undefined> {
  const earlier = await attemptOf(scope, sending);
  return earlier && resume(scope, earlier);
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
    gatewayNamed(scope, attempt.gateway).answerChallenge(accountAt(scope), attempt.id, passed),
  );
}

/** What became of an attempt so far; asks the gateway when that is not known yet. Refuses `not_found`. */
export async function paymentOutcome(scope: CustomerScope, attemptId: string): Promise<PaymentOutcome> {
  return resume(scope, await findAttempt(scope, attemptId));
}

/** The same, as far as it is known here: the gateway is not asked. Refuses `not_found`. */
export async function knownOutcome(scope: CustomerScope, attemptId: string): Promise<PaymentOutcome> {
  return outcomeOf(scope, await findAttempt(scope, attemptId));
}

async function begin(scope: CustomerScope, intent: Intent): Promise<Pick<Attempt, 'id' | 'gateway'>> {
  const id = clientId(scope.tokens);
  await commitIntent(scope, intent, id);
  return { id, gateway: intent.gateway };
}

async function charge(
  scope: CustomerScope,
  attempt: Pick<Attempt, 'id' | 'gateway'>,
  intent: Intent,
  { source, save = false, offSession = false, acceptance }: ChargeOptions,
): Promise<PaymentOutcome> {
  const invalid = mistypedIn(source);
  if (invalid) return outcomeOf(scope, await settle(scope, attempt.id, { state: 'declined', ...invalid }));
  const request = {
    account: accountAt(scope),
    attemptId: attempt.id,
    amount: add(intent.total, money(intent.feeMinor, intent.total.currency)),
    source,
    save: save || intent.wishes?.autopay === true,
    customerRef: String(scope.customerId),
    offSession,
    acceptance,
    description: descriptionOf(intent),
    returnUrl: new URL(urls.attempt(attempt.id), scope.tenant.origin).href,
  };
  return settleWith(scope, attempt, () => gatewayNamed(scope, attempt.gateway).charge(request));
}

function descriptionOf({ allocations }: Intent): string {
  const numbers = allocations.flatMap((part) => (part.to === 'credit' ? [] : [part.number]));
  return numbers.length === 0 ? 'Payment in advance' : [...new Set(numbers)].join(', ').slice(0, 200);
}

async function settleWith(
  scope: CustomerScope,
  attempt: Pick<Attempt, 'id' | 'gateway'>,
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
  // Who was sent to their bank has perhaps come back; every other answer arrives by itself.
  const mayHaveAnswered = bankPageOf(attempt) !== undefined;
  if (isFinal(attempt.state) || attempt.state === 'processing') return outcomeOf(scope, attempt);
  if (attempt.state === 'action_required' && !mayHaveAnswered) return outcomeOf(scope, attempt);
  const reply = await gatewayNamed(scope, attempt.gateway)
    .lookup(accountAt(scope), attempt.id)
    .catch(() => undefined);
  if (!reply) return outcomeOf(scope, attempt);
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
