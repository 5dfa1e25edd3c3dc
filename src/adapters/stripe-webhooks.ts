import { Stripe } from 'stripe';
import { refuse } from '../kernel/errors.ts';
import type { GatewayEvent, WebhookRequest } from '../payments/gateways/gateway.ts';
import type { StripeAccount } from './stripe-account.ts';
import { currentIntent, toldBy } from './stripe-intents.ts';
import { setupReplyOf } from './stripe-methods.ts';
import { idOf, moneyOf, refundReplyOf } from './stripe-replies.ts';

const TOLERANCE_S = 300;
type News = GatewayEvent extends infer Event
  ? Event extends { id: string }
    ? Omit<Event, 'id'>
    : never
  : never;
const NOTHING: News = { about: 'nothing' };

/**
 * Reads a webhook after checking its signature, its age and its mode. It is a hint that something changed: the object is read again from
 * Stripe, so that late and reordered webhooks tell what is true now.
 */
export async function readStripeWebhook(
  account: StripeAccount,
  request: WebhookRequest,
): Promise<GatewayEvent[]> {
  const keys = (await request.account.credentials?.('stripe')) ?? refuse('no_gateway');
  const event = signedEvent(account.stripe, keys.webhookSecret, request);
  if (event.livemode !== /_live_/.test(keys.secretKey))
    return refuse('bad_webhook', { reason: 'it is of the other mode' });
  return [{ id: event.id, ...(await newsOf(account, event)) } as GatewayEvent];
}

function signedEvent(stripe: Stripe, secret: string, { headers, body, now }: WebhookRequest): Stripe.Event {
  const header = headers['stripe-signature'] ?? '';
  const sentAt = Number(/(?:^|,)t=(\d+)/.exec(header)?.[1] ?? 0);
  try {
    const event = stripe.webhooks.constructEvent(body, header, secret, TOLERANCE_S, undefined, now);
    if (sentAt - now / 1000 > TOLERANCE_S) return refuse('bad_webhook', { reason: 'it is from the future' });
    return event;
  } catch (error) {
    if (error instanceof SyntaxError) return refuse('bad_webhook', { reason: 'it is not readable' });
    if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) throw error;
    const isStale = error.message.includes('Timestamp outside');
    return refuse('bad_webhook', { reason: isStale ? 'it is too old' : 'its signature is not right' });
  }
}

async function newsOf(account: StripeAccount, event: Stripe.Event): Promise<News> {
  switch (event.type) {
    case 'payment_intent.succeeded':
    case 'payment_intent.processing':
    case 'payment_intent.payment_failed':
    case 'payment_intent.requires_action':
    case 'payment_intent.canceled':
      return newsOfIntent(account, event.data.object);
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed':
      return newsOfRefund(account, event.data.object);
    case 'charge.dispute.created':
    case 'charge.dispute.updated':
    case 'charge.dispute.closed':
      return newsOfDispute(account, event.data.object);
    case 'setup_intent.succeeded':
    case 'setup_intent.canceled':
    case 'setup_intent.setup_failed':
      return newsOfSetup(account, event.data.object);
    case 'payment_method.detached':
      return { about: 'instrument', gatewayId: event.data.object.id, state: 'removed', reason: undefined };
    default:
      return NOTHING;
  }
}

async function newsOfIntent(account: StripeAccount, { id, metadata }: Stripe.PaymentIntent): Promise<News> {
  const attemptId = metadata['attempt_id'];
  if (!attemptId || !isOurs(account, metadata)) return NOTHING;
  const reply = await toldBy(account, await currentIntent(account, id));
  return reply ? { about: 'attempt', attemptId, reply } : NOTHING;
}

async function newsOfRefund(account: StripeAccount, { id, metadata }: Stripe.Refund): Promise<News> {
  const refundId = metadata?.['refund_id'];
  const refund = await account.stripe.refunds.retrieve(id);
  const reply = refundReplyOf(refund);
  if (refundId) return isOurs(account, metadata) ? { about: 'refund', refundId, reply } : NOTHING;
  const gatewayPaymentId = idOf(refund.payment_intent);
  if (!gatewayPaymentId) return NOTHING;
  const paid = await account.stripe.paymentIntents.retrieve(gatewayPaymentId);
  if (!isOurs(account, paid.metadata)) return NOTHING;
  const amount = moneyOf(refund.amount, refund.currency);
  return { about: 'refund_elsewhere', gatewayPaymentId, gatewayRefundId: id, amount, reply };
}

/** An inquiry (`warning_…`) takes no money away, so it is no dispute yet. */
async function newsOfDispute({ stripe }: StripeAccount, { id }: Stripe.Dispute): Promise<News> {
  const dispute = await stripe.disputes.retrieve(id);
  const gatewayPaymentId = idOf(dispute.payment_intent);
  if (!gatewayPaymentId || /^(warning_|prevented)/.test(dispute.status)) return NOTHING;
  const state = dispute.status === 'won' ? 'won' : dispute.status === 'lost' ? 'lost' : 'open';
  return {
    about: 'dispute',
    gatewayPaymentId,
    gatewayDisputeId: id,
    amount: moneyOf(dispute.amount, dispute.currency),
    state,
    reason: dispute.reason,
  };
}

/** A card whose payer answered their bank, or a bank account that was verified on Stripe's own page; or why that failed. */
async function newsOfSetup(account: StripeAccount, { id, metadata }: Stripe.SetupIntent): Promise<News> {
  const setupId = metadata?.['setup_id'];
  if (!setupId || !isOurs(account, metadata)) return NOTHING;
  const intent = await account.stripe.setupIntents.retrieve(id, { expand: ['payment_method'] });
  const gatewayId = idOf(intent.payment_method) ?? idOf(intent.last_setup_error?.payment_method);
  return { about: 'setup', setupId, gatewayId, reply: setupReplyOf(intent) };
}

/** Two tenants may share an account at Stripe. */
function isOurs({ tenantId }: StripeAccount, metadata: Stripe.Metadata | null): boolean {
  return metadata?.['tenant_id'] === String(tenantId);
}
