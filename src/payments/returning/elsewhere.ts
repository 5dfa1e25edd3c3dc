import type { Money } from '../../kernel/money.ts';
import { customerScope, type MerchantScope, transact } from '../../scope.ts';
import type { RefundReply } from '../gateways/gateway.ts';
import { committedRefunds, sumOf } from './refundable.ts';
import { ELSEWHERE, insertRefund, settleRefund } from './refunds.ts';

/** What a gateway says of money that somebody gave back there, not through us. */
export interface RefundElsewhere {
  readonly gatewayPaymentId: string;
  readonly gatewayRefundId: string;
  readonly amount: Money;
  readonly reply: RefundReply;
}

/**
 * Takes in money that somebody gave back at the gateway itself, in any order and any number of times: it stands in the books like a refund of
 * ours. Answers whether its payment is here and has so much left; news of it comes again later otherwise.
 */
export function settleRefundElsewhere(
  merchant: MerchantScope,
  gateway: string,
  { gatewayPaymentId, gatewayRefundId, amount, reply }: RefundElsewhere,
): Promise<boolean> {
  return transact(merchant, async (within) => {
    const payment = await within.db
      .from('payments')
      .select(['id', 'customer_id', 'amount_minor', 'fee_minor'])
      .where('gateway', '=', gateway)
      .where('gateway_payment_id', '=', gatewayPaymentId)
      .where('currency', '=', amount.currency)
      .executeTakeFirst();
    if (!payment) return false;
    const scope = customerScope(within, payment.customer_id);
    const nonce = `${ELSEWHERE}${gatewayRefundId}`;
    const known = await scope.db.from('refunds').select('id').where('nonce', '=', nonce).executeTakeFirst();
    if (!known) {
      const before = sumOf(await committedRefunds(scope, payment.id));
      if (before + amount.minor > payment.amount_minor + payment.fee_minor) return false;
      const reason = 'Given back at the gateway itself';
      await insertRefund(scope, { nonce, paymentId: payment.id, amount, gateway, reason });
    }
    await settleRefund(scope, nonce, reply);
    return true;
  });
}
