import { Stripe } from 'stripe';
import type { GatewayReply } from '../payments/gateways/gateway.ts';
import { asRefused, type StripeAccount } from './stripe-account.ts';
import { replyTo } from './stripe-replies.ts';

type Intent = Stripe.PaymentIntent;

/** Stripe's search may be an hour behind; what is younger than this (s) is looked for in the list, which is always current. */
const RECENT_S = 6 * 3600;
/** An idempotency key counts for a day at least: what it hides is no older than this (s). */
const KEY_S = 25 * 3600;
const EXPANDED = ['payment_method', 'latest_charge'];

/** The intent of an attempt as it stands; undefined when there is none. */
export async function findIntent(account: StripeAccount, attemptId: string): Promise<Intent | undefined> {
  return (await olderIntent(account, attemptId)) ?? listedIntent(account, attemptId, RECENT_S);
}

/** The same, as far as the search knows it: enough for what is older than an idempotency key. */
export async function olderIntent(account: StripeAccount, attemptId: string): Promise<Intent | undefined> {
  const query = `metadata['attempt_id']:'${attemptId}'`;
  const { data } = await account.stripe.paymentIntents.search({ query, limit: 10 });
  // What the search shows of an intent may be out of date.
  return theOne(await Promise.all(data.map(({ id }) => currentIntent(account, id))));
}

export function currentIntent({ stripe }: StripeAccount, id: string): Promise<Intent> {
  return stripe.paymentIntents.retrieve(id, { expand: EXPANDED });
}

/**
 * An intent for an attempt that Stripe never heard of, so that a late request with the same attempt id finds its place taken: for a day by the
 * idempotency key, after that by the search. Where the request has just arrived, its intent is the answer.
 */
export async function placeholderIntent(account: StripeAccount, attemptId: string): Promise<Intent> {
  try {
    const { id } = await account.stripe.paymentIntents.create(
      {
        amount: 100,
        currency: 'usd',
        allowed_payment_method_types: ['card'],
        description: 'Closed before anything was charged',
        metadata: markOf(account, attemptId),
      },
      { idempotencyKey: keyOf(attemptId) },
    );
    return await currentIntent(account, id);
  } catch (error) {
    return takenPlace(account, attemptId, error);
  }
}

/** The intent whose idempotency key is in use for other words. Anything else than that is thrown on. */
export async function takenPlace(account: StripeAccount, attemptId: string, error: unknown): Promise<Intent> {
  const isTaken = error instanceof Stripe.errors.StripeIdempotencyError;
  const there = isTaken ? await listedIntent(account, attemptId, KEY_S) : undefined;
  if (!there) throw error;
  return there;
}

/** Cancels, and answers the intent as it then stands: perhaps it was paid in the very moment. */
export async function cancelIntent(
  account: StripeAccount,
  id: string,
  reason: 'abandoned' | 'requested_by_customer',
): Promise<Intent> {
  try {
    const change = { cancellation_reason: reason, expand: EXPANDED };
    return await account.stripe.paymentIntents.cancel(id, change);
  } catch (error) {
    if (asRefused(error).code !== 'payment_intent_unexpected_state') throw error;
    return currentIntent(account, id);
  }
}

/** What an intent means, after making sure that nobody can try a declined one again; undefined when nothing was tried with it yet. */
export async function toldBy(account: StripeAccount, intent: Intent): Promise<GatewayReply | undefined> {
  const reply = replyTo(intent);
  if (reply?.state !== 'declined' || intent.status === 'canceled') return reply;
  // A canceled intent may forget its error; the reason of its end tells a payer who failed at their bank from one who never came back.
  const reason = reply.code === 'authentication_failed' ? 'requested_by_customer' : 'abandoned';
  const after = await cancelIntent(account, intent.id, reason);
  return after.status === 'canceled' ? reply : replyTo(after);
}

export function markOf({ tenantId }: StripeAccount, attemptId: string): Record<string, string> {
  return { attempt_id: attemptId, tenant_id: String(tenantId) };
}

export function keyOf(attemptId: string): string {
  return `attempt-${attemptId}`;
}

async function listedIntent(
  { stripe, now }: StripeAccount,
  attemptId: string,
  seconds: number,
): Promise<Intent | undefined> {
  const since = Math.floor(now() / 1000) - seconds;
  const recent = { created: { gte: since }, limit: 100, expand: EXPANDED.map((name) => `data.${name}`) };
  for await (const intent of stripe.paymentIntents.list(recent))
    if (intent.metadata['attempt_id'] === attemptId) return intent;
  return undefined;
}

/** There should never be two. If there are, the one that took money counts, then the oldest. */
function theOne(intents: readonly Intent[]): Intent | undefined {
  const paid = intents.find(({ status }) => status === 'succeeded' || status === 'processing');
  return paid ?? intents.toSorted((a, b) => a.created - b.created)[0];
}
