import { Stripe } from 'stripe';
import type { ChargeRequest, Gateway, GatewayReply } from '../payments/gateways/gateway.ts';
import {
  accountId,
  accountsAt,
  asRefused,
  customerOf,
  type StripeAccount,
  type StripeOptions,
} from './stripe-account.ts';
import {
  cancelIntent,
  currentIntent,
  findIntent,
  keyOf,
  markOf,
  olderIntent,
  placeholderIntent,
  takenPlace,
  toldBy,
} from './stripe-intents.ts';
import {
  answerSetup,
  bankTerms,
  forgetMethod,
  isGone,
  lookUpSetup,
  setUpMethod,
  type Token,
  tokenOf,
  typeFor,
  verifyMethod,
} from './stripe-methods.ts';
import { lookUpRefund, refundPayment } from './stripe-refunds.ts';
import { declined, declinedFor, idOf, stripeAmount } from './stripe-replies.ts';
import { stripeStep } from './stripe-steps.ts';
import { readStripeWebhook } from './stripe-webhooks.ts';

const NOT_TAKEN = 'This cannot be paid this way. Choose another way to pay, or ask us.';

/**
 * Stripe. An attempt is one PaymentIntent that tells its id in its metadata for ever: it is created without being confirmed, older ones are
 * looked for (Stripe forgets idempotency keys after a day), and only then it is confirmed. Stripe charges an intent once at most; one that was
 * declined is canceled, so that nobody can try it again.
 */
export function stripeGateway(options: StripeOptions): Gateway {
  const open = accountsAt(options);
  return {
    name: 'stripe',
    identify: async (account) => accountId(await open(account)),
    kinds: ['card', 'bank_account'],
    stepOf: stripeStep,
    charge: async (request) => charge(await open(request.account), request),
    answerChallenge: async (account, attemptId, passed) =>
      answerChallenge(await open(account), attemptId, passed),
    lookup: async (account, attemptId) => {
      const opened = await open(account);
      const intent = await findIntent(opened, attemptId);
      return intent && toldBy(opened, intent);
    },
    close: async (account, attemptId) => close(await open(account), attemptId),
    setup: async (request) => setUpMethod(await open(request.account), request),
    answerSetup: async (reference, passed) => answerSetup(await open(reference.account), reference, passed),
    lookupSetup: async (reference) => lookUpSetup(await open(reference.account), reference),
    verify: async (account, gatewayId, amounts) => verifyMethod(await open(account), gatewayId, amounts),
    forget: async (account, gatewayId) => forgetMethod(await open(account), gatewayId),
    refund: async (request) => refundPayment(await open(request.account), request),
    lookupRefund: async (request) => lookUpRefund(await open(request.account), request),
    readWebhook: async (request) => readStripeWebhook(await open(request.account), request),
  };
}

async function charge(account: StripeAccount, request: ChargeRequest): Promise<GatewayReply> {
  const amount = stripeAmount(request.amount);
  const token = tokenOf(request.source);
  if (amount === undefined || token === undefined) return declined('card_declined', NOT_TAKEN);
  const older = await olderIntent(account, request.attemptId);
  const intent = older ?? (await create(account, request, amount, token));
  if (intent === undefined) return declined('card_declined', NOT_TAKEN);
  return (await toldBy(account, intent)) ?? confirm(account, intent, request, token);
}

/** The attempt's intent, not confirmed yet; undefined where Stripe does not take such a payment (too small, a way to pay that is off). */
async function create(
  account: StripeAccount,
  request: ChargeRequest,
  amount: number,
  token: Token,
): Promise<Stripe.PaymentIntent | undefined> {
  const { attemptId, save, description } = request;
  const currency = request.amount.currency;
  const keeps = save && !token.isSaved;
  const customer = await customerFor(account, request, token);
  try {
    return await account.stripe.paymentIntents.create(
      {
        amount,
        currency: currency.toLowerCase(),
        description,
        metadata: markOf(account, attemptId),
        allowed_payment_method_types: [typeFor(token.kind, currency)],
        ...(customer ? { customer } : {}),
        ...(keeps ? { setup_future_usage: 'off_session' as const } : {}),
      },
      { idempotencyKey: keyOf(attemptId) },
    );
  } catch (error) {
    if (error instanceof Stripe.errors.StripeInvalidRequestError) return undefined;
    // The attempt was closed before, or sent with other words: what stands in its place counts.
    return takenPlace(account, attemptId, error);
  }
}

async function confirm(
  account: StripeAccount,
  { id }: Stripe.PaymentIntent,
  { attemptId, amount, offSession, returnUrl, acceptance }: ChargeRequest,
  token: Token,
): Promise<GatewayReply> {
  const type = typeFor(token.kind, amount.currency);
  try {
    await account.stripe.paymentIntents.confirm(
      id,
      {
        payment_method: token.id,
        ...(offSession ? { off_session: true } : returnUrl ? { return_url: returnUrl } : {}),
        ...(token.isSaved ? {} : bankTerms(type, acceptance, 'instant')),
      },
      { idempotencyKey: `confirm-${attemptId}` },
    );
  } catch (error) {
    const refused = asRefused(error);
    const reply = await toldBy(account, await currentIntent(account, id));
    if (reply) return reply;
    if (error instanceof Stripe.errors.StripeIdempotencyError) throw error;
    // The instrument was refused before anything was tried with it.
    await cancelIntent(account, id, 'abandoned');
    return (await isGone(account, token)) ? declined('method_gone') : declinedFor(refused, type !== 'card');
  }
  // The answer to a repeated request is as old as the first one: what counts is what the intent is now.
  return told(account, await currentIntent(account, id));
}

async function answerChallenge(
  account: StripeAccount,
  attemptId: string,
  passed: boolean,
): Promise<GatewayReply> {
  const intent = await findIntent(account, attemptId);
  if (!intent) return close(account, attemptId);
  // Whether the bank is content, Stripe alone knows; a payer who gives up is believed.
  const givesUp = intent.status === 'requires_action' && !passed;
  return told(account, givesUp ? await cancelIntent(account, intent.id, 'requested_by_customer') : intent);
}

async function close(account: StripeAccount, attemptId: string): Promise<GatewayReply> {
  const intent = (await findIntent(account, attemptId)) ?? (await placeholderIntent(account, attemptId));
  const isOver = ['succeeded', 'processing', 'canceled'].includes(intent.status);
  return told(account, isOver ? intent : await cancelIntent(account, intent.id, 'abandoned'));
}

async function told(account: StripeAccount, intent: Stripe.PaymentIntent): Promise<GatewayReply> {
  const reply = await toldBy(account, intent);
  if (!reply) throw new Error(`nothing was tried with ${intent.id} yet`);
  return reply;
}

/** Whose instrument it is at Stripe; somebody who pays once with nothing saved needs no customer there. */
async function customerFor(
  account: StripeAccount,
  { save, source, customerRef }: ChargeRequest,
  { id, isSaved }: Token,
): Promise<string | undefined> {
  if (!isSaved) return save ? customerOf(account, customerRef) : undefined;
  if (source.kind === 'saved' && source.gatewayCustomerId) return source.gatewayCustomerId;
  return idOf((await account.stripe.paymentMethods.retrieve(id)).customer);
}
