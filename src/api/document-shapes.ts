import type { CreditNoteRecord } from '#src/documents/merchant-credit-notes.ts';
import type { EstimateRecord } from '#src/documents/merchant-estimates.ts';
import type { RecordParts } from '#src/documents/records.ts';
import type { Money } from '#src/kernel/money.ts';
import type { AdjustedCredit, CreditMovement, CustomerCredit } from '#src/payments/credit/credits.ts';
import type { Tenant } from '#src/tenants/tenant.ts';
import { amountOf, dayOf, lineShape, rateShapes, secondsOf } from './shapes.ts';

/* Estimates, credit notes and credit as merchants' programs see them; see shapes.ts for what holds of every object. */

export function estimateShape(estimate: EstimateRecord, tenant: Tenant) {
  const url = `${tenant.origin}/estimates/${estimate.clientId}`;
  const { approval } = estimate;
  const day = (date: string): number => dayOf(date, tenant.timeZone);
  return {
    id: estimate.id,
    object: 'estimate',
    customer: estimate.customerId,
    invoice: estimate.invoiceId ?? null,
    number: estimate.number,
    name: estimate.name ?? null,
    currency: estimate.currency.toLowerCase(),
    status: estimate.status,
    draft: estimate.status === 'draft',
    closed: estimate.isClosed,
    approved: approval?.initials ?? null,
    approval: approval
      ? {
          id: approval.id,
          initials: approval.initials,
          ip: approval.ip,
          user_agent: approval.userAgent,
          terms_hash: approval.termsHash ?? null,
          timestamp: secondsOf(approval.at),
        }
      : null,
    decline_reason: estimate.declineReason ?? null,
    date: day(estimate.date),
    expiration_date: estimate.expirationDate === undefined ? null : day(estimate.expirationDate),
    payment_terms: estimate.paymentTerms ?? null,
    purchase_order: estimate.purchaseOrder ?? null,
    notes: estimate.notes ?? null,
    ...sumsOf(estimate),
    disabled_methods: estimate.disabledMethods,
    deposit: amountOf(estimate.deposit),
    deposit_paid: estimate.deposit.minor > 0 && estimate.depositPaid.minor >= estimate.deposit.minor,
    amount_paid: amountOf(estimate.depositPaid),
    url,
    pdf_url: `${url}/pdf`,
    metadata: estimate.metadata,
    created_at: secondsOf(estimate.createdAt),
    updated_at: secondsOf(estimate.updatedAt),
  };
}

export function creditNoteShape(note: CreditNoteRecord, tenant: Tenant) {
  const url = `${tenant.origin}/credit_notes/${note.clientId}`;
  return {
    id: note.id,
    object: 'credit_note',
    customer: note.customerId,
    invoice: note.invoiceId ?? null,
    number: note.number,
    name: note.name ?? null,
    currency: note.currency.toLowerCase(),
    status: note.status,
    draft: note.status === 'draft',
    closed: note.isClosed,
    paid: note.status === 'paid',
    date: dayOf(note.date, tenant.timeZone),
    purchase_order: note.purchaseOrder ?? null,
    notes: note.notes ?? null,
    ...sumsOf(note),
    balance: amountOf(note.balance),
    url,
    pdf_url: `${url}/pdf`,
    metadata: note.metadata,
    created_at: secondsOf(note.createdAt),
    updated_at: secondsOf(note.updatedAt),
  };
}

export function creditAdjustmentShape(adjusted: AdjustedCredit, tenant: Tenant) {
  return {
    id: adjusted.id,
    object: 'credit_balance_adjustment',
    customer: adjusted.customerId,
    currency: adjusted.amount.currency.toLowerCase(),
    amount: amountOf(adjusted.amount),
    balance: amountOf(adjusted.balance),
    date: dayOf(adjusted.date, tenant.timeZone),
    notes: adjusted.notes ?? null,
    created_at: secondsOf(adjusted.createdAt),
    updated_at: secondsOf(adjusted.createdAt),
  };
}

export function creditShape(
  customer: number,
  credits: readonly CustomerCredit[],
  movements: readonly CreditMovement[],
  tenant: Tenant,
) {
  return {
    object: 'credit',
    customer,
    balances: credits.map((credit) => ({
      currency: credit.currency.toLowerCase(),
      available_credits: amountOf(credit.usable),
      credit_balance: amountOf(credit.balance),
      held_deposits: amountOf(credit.held),
      being_returned: amountOf(credit.returning),
      open_credit_notes: credit.notes.map(({ id, number, balance }) => ({
        id,
        number,
        balance: amountOf(balance),
      })),
    })),
    history: movements.map(({ date, kind, amount, invoices, creditNotes, notes }) => ({
      date: dayOf(date, tenant.timeZone),
      type: kind,
      currency: amount.currency.toLowerCase(),
      amount: amountOf(amount),
      invoices,
      credit_notes: creditNotes,
      notes: notes ?? null,
    })),
  };
}

function sumsOf(document: RecordParts & { readonly subtotal: Money; readonly total: Money }) {
  return {
    items: document.lines.map(lineShape),
    subtotal: amountOf(document.subtotal),
    discounts: rateShapes(document, 'discount'),
    taxes: rateShapes(document, 'tax'),
    shipping: rateShapes(document, 'shipping'),
    charges: rateShapes(document, 'charge'),
    total: amountOf(document.total),
  };
}
