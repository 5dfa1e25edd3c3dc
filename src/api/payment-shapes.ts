import { startOfDayMs } from '#src/kernel/time.ts';
import type { DisputeRecord } from '#src/payments/returning/disputes.ts';
import type { AppliedRecord, PaymentRecord, RefundRecord } from '#src/payments/receipts/merchant-payments.ts';
import type { PromiseRecord } from '#src/payments/outside/promises.ts';
import type { RefundOutcome } from '#src/payments/returning/refunds.ts';
import type { Tenant } from '#src/tenants/tenant.ts';
import { amountOf, secondsOf } from './shapes.ts';

/* Payments and what becomes of them, as merchants' programs see them; `shapes.ts` says how values are written. */

export function paymentShape(payment: PaymentRecord, tenant: Tenant) {
  const url = `${tenant.origin}/payments/${payment.clientId}`;
  return {
    id: payment.id,
    object: 'payment',
    number: payment.number,
    customer: payment.customerId,
    currency: payment.amount.currency.toLowerCase(),
    amount: amountOf(payment.amount),
    convenience_fee: amountOf(payment.fee),
    amount_refunded: amountOf(payment.refunded),
    date: dayOf(payment.date, tenant),
    method: payment.method,
    method_label: payment.methodLabel,
    status: payment.status,
    source: payment.source,
    gateway: payment.gateway ?? null,
    gateway_id: payment.gatewayPaymentId ?? null,
    reference: payment.reference ?? null,
    notes: payment.notes ?? null,
    voided: payment.status === 'voided',
    disputed: payment.disputed,
    applied_to: payment.applied.map(appliedShape),
    refunds: payment.refunds.map(refundShape),
    url,
    pdf_url: `${url}/pdf`,
    created_at: secondsOf(payment.createdAt),
    voided_at: payment.voidedAt === undefined ? null : secondsOf(payment.voidedAt),
  };
}

function appliedShape({ kind, documentId, amount }: AppliedRecord) {
  return {
    type: kind,
    ...(kind === 'invoice' ? { invoice: documentId } : {}),
    ...(kind === 'estimate' ? { estimate: documentId } : {}),
    amount: amountOf(amount),
  };
}

function refundShape(refund: RefundRecord) {
  return {
    id: refund.id,
    object: 'refund',
    currency: refund.amount.currency.toLowerCase(),
    amount: amountOf(refund.amount),
    status: refund.state,
    reason: refund.reason ?? null,
    failure_message: refund.failure ?? null,
    created_at: secondsOf(refund.createdAt),
  };
}

/** What a refund came to at once. */
export function refundOutcomeShape({ id, state, amount, message }: RefundOutcome) {
  return {
    id,
    object: 'refund',
    currency: amount.currency.toLowerCase(),
    amount: amountOf(amount),
    status: state,
    failure_message: message ?? null,
  };
}

export function disputeShape(dispute: DisputeRecord) {
  return {
    id: dispute.id,
    object: 'dispute',
    gateway_id: dispute.gatewayId,
    payment: dispute.payment,
    currency: dispute.amount.currency.toLowerCase(),
    amount: amountOf(dispute.amount),
    status: dispute.state,
    reason: dispute.reason ?? null,
    opened_at: secondsOf(dispute.openedAt),
    closed_at: dispute.closedAt === undefined ? null : secondsOf(dispute.closedAt),
  };
}

export function promiseShape(promise: PromiseRecord, tenant: Tenant) {
  return {
    id: promise.id,
    object: 'promise',
    invoice: promise.invoiceId,
    invoice_number: promise.invoice,
    customer_number: promise.customerNumber,
    method: promise.method,
    expected_date: dayOf(promise.expectedDate, tenant),
    reference: promise.reference ?? null,
    notes: promise.notes ?? null,
    made_by: promise.madeBy,
    status: promise.state,
    created_at: secondsOf(promise.createdAt),
  };
}

function dayOf(date: string, { timeZone }: Tenant): number {
  return secondsOf(startOfDayMs(date, timeZone));
}
