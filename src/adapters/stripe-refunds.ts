import { Stripe } from 'stripe';
import type { RefundReply, RefundRequest } from '../payments/gateways/gateway.ts';
import type { StripeAccount } from './stripe-account.ts';
import { refundReplyOf, stripeAmount } from './stripe-replies.ts';

/** Gives money back. The refunds of a payment are always listed as they are, so the same refund is found again however old it is. */
export async function refundPayment(account: StripeAccount, request: RefundRequest): Promise<RefundReply> {
  const known = await lookUpRefund(account, request);
  if (known) return known;
  const amount = stripeAmount(request.amount);
  if (amount === undefined) return { state: 'failed', message: 'This currency cannot be given back online.' };
  try {
    const refund = await account.stripe.refunds.create(
      {
        payment_intent: request.gatewayPaymentId,
        amount,
        metadata: { refund_id: request.refundId, tenant_id: String(account.tenantId) },
      },
      { idempotencyKey: `refund-${request.refundId}` },
    );
    return refundReplyOf(refund);
  } catch (error) {
    if (error instanceof Stripe.errors.StripeInvalidRequestError)
      return { state: 'failed', message: error.message };
    throw error;
  }
}

export async function lookUpRefund(
  { stripe }: StripeAccount,
  { refundId, gatewayRefundId, gatewayPaymentId }: RefundRequest,
): Promise<RefundReply | undefined> {
  try {
    for await (const refund of stripe.refunds.list({ payment_intent: gatewayPaymentId, limit: 100 }))
      if (refund.metadata?.['refund_id'] === refundId || refund.id === gatewayRefundId)
        return refundReplyOf(refund);
  } catch (error) {
    // A payment that Stripe does not know has no refunds.
    if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error;
  }
  return undefined;
}
