import { startOfDayMs } from '#src/kernel/time.ts';
import type { Collected } from '#src/payments/collecting/autopay.ts';
import type { Previewed } from '#src/payments/collecting/charges.ts';
import type { Collection } from '#src/payments/collecting/collections.ts';
import type { ParkedCollection } from '#src/payments/collecting/parking.ts';
import type { PaymentPlan } from '#src/payments/plans/plan.ts';
import type { Tenant } from '#src/tenants/tenant.ts';
import { amountOf, secondsOf } from './shapes.ts';

/** Something that AutoPay or a payment plan will collect. */
export function collectionShape(collection: Collection) {
  return {
    object: 'collection',
    kind: collection.kind,
    customer: collection.customerId,
    invoice: collection.invoiceId,
    number: collection.number,
    installment: collection.position ?? null,
    attempt: collection.attempt,
    currency: collection.amount.currency.toLowerCase(),
    amount: amountOf(collection.amount),
    date: collection.date,
    at: secondsOf(collection.at),
  };
}

/** The same with what would be charged: everything that one charge takes, a fee included, and how many it collects. */
export function previewShape({ collection, charge, reason }: Previewed) {
  return {
    ...collectionShape(collection),
    charged: charge ? amountOf(charge.total) : null,
    fee: charge ? amountOf(charge.fee) : null,
    together: charge?.collections.length ?? 0,
    reason: reason ?? null,
  };
}

/** The same with what became of it: what one charge collected has one attempt. */
export function collectedShape({ collection, outcome }: Collected) {
  return {
    ...collectionShape(collection),
    charge: 'attemptId' in outcome ? outcome.attemptId : null,
    state: outcome.state,
    reason: 'reason' in outcome ? outcome.reason : 'message' in outcome ? outcome.message : null,
  };
}

export function parkedShape(parked: ParkedCollection) {
  return {
    object: 'parked_collection',
    customer: parked.customerId,
    customer_name: parked.customer,
    invoice: parked.invoiceId,
    number: parked.number,
    currency: parked.amount.currency.toLowerCase(),
    amount: amountOf(parked.amount),
    reason: parked.reason,
    at: secondsOf(parked.at),
  };
}

/** A payment plan as Invoiced's API has it. */
export function planShape(plan: PaymentPlan, { timeZone }: Tenant) {
  const { approval } = plan;
  return {
    id: plan.id,
    object: 'payment_plan',
    status: plan.state,
    currency: plan.total.currency.toLowerCase(),
    total: amountOf(plan.total),
    balance: amountOf(plan.balance),
    installments: plan.installments.map((installment) => ({
      id: installment.id,
      date: secondsOf(startOfDayMs(installment.date, timeZone)),
      amount: amountOf(installment.amount),
      balance: amountOf(installment.balance),
    })),
    approval: approval
      ? { ip: approval.ip, user_agent: approval.userAgent, timestamp: secondsOf(approval.at) }
      : null,
  };
}
