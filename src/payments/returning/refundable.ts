import { refuse } from '../../kernel/errors.ts';
import { formatMoney, type Money, money, refuseAmount } from '../../kernel/money.ts';
import type { CustomerScope, MerchantScope } from '../../scope.ts';

/* How much of a payment can still be given back, and why not more. */

type PaymentRow = Awaited<ReturnType<typeof paymentOf>>;

/** Refuses `not_found`. */
export async function paymentOf(merchant: MerchantScope, paymentId: number) {
  const payment = await merchant.db
    .from('payments')
    .select(['id', 'customer_id', 'number', 'currency', 'amount_minor', 'fee_minor', 'state'])
    .select(['gateway', 'gateway_account'])
    .where('id', '=', paymentId)
    .executeTakeFirst();
  return payment ?? refuse('not_found', { what: 'payment' });
}

/** What could still be given back. Refuses `not_refundable`. */
export async function assertRefundable(scope: CustomerScope, payment: PaymentRow): Promise<Money> {
  const { number, state, currency } = payment;
  if (state === 'voided') refuse('not_refundable', { number, reason: 'was voided' });
  if (state !== 'succeeded') refuse('not_refundable', { number, reason: 'was not taken' });
  if (payment.gateway_account !== null)
    refuse('not_refundable', {
      number,
      reason: `was taken by ${payment.gateway_account}, and another account is connected now`,
    });
  const disputes = await disputedParts(scope, payment.id);
  if (disputes.some((dispute) => dispute.state === 'open'))
    refuse('not_refundable', { number, reason: 'is disputed, and the bank decides over it' });
  const gone = sumOf(disputes) + sumOf(await committedRefunds(scope, payment.id));
  const left = Math.max(0, payment.amount_minor + payment.fee_minor - gone);
  if (left === 0) refuse('not_refundable', { number, reason: 'was given back already' });
  return money(left, currency);
}

/** Refuses `mixed_currencies`, `bad_amount` and `not_refundable`. */
export function assertAmount({ tenant }: MerchantScope, number: string, amount: Money, left: Money): void {
  if (amount.currency !== left.currency) refuse('mixed_currencies');
  if (!Number.isSafeInteger(amount.minor) || amount.minor <= 0) refuseAmount(amount.minor, amount.currency);
  if (amount.minor <= left.minor) return;
  refuse('not_refundable', {
    number,
    reason: `has only ${formatMoney(left, tenant.language)} left to give back`,
  });
}

/** Refunds that took, or may yet take, money from a payment. */
export function committedRefunds(scope: CustomerScope, paymentId: number) {
  return scope.db
    .from('refunds')
    .select('amount_minor')
    .where('payment_id', '=', paymentId)
    .where('state', '!=', 'failed')
    .execute();
}

/** What the payer's bank holds or has taken back of a payment. */
export function disputedParts(scope: CustomerScope, paymentId: number) {
  return scope.db
    .from('disputes')
    .select(['amount_minor', 'state'])
    .where('payment_id', '=', paymentId)
    .where('state', '!=', 'won')
    .execute();
}

/** Minor units. */
export function sumOf(rows: ReadonlyArray<{ readonly amount_minor: number }>): number {
  return rows.reduce((sum, row) => sum + row.amount_minor, 0);
}
