import { refuse } from '../kernel/errors.ts';
import { nowMs } from '../kernel/time.ts';
import { recordEvent } from '../outbox/events.ts';
import type { CustomerScope } from '../scope.ts';

/*
 * The only place where an invoice's balance moves because of money. Everything here runs in the caller's transaction, beside the ledger
 * entry that explains it. An invoice under a payment plan has its instalments moved with it, the earliest first.
 */

/** Something an amount was put against. Amounts are minor units, positive. */
export type Application =
  | { readonly kind: 'invoice'; readonly invoiceId: number; readonly minor: number }
  | { readonly kind: 'estimate'; readonly estimateId: number; readonly minor: number }
  | { readonly kind: 'credit'; readonly minor: number }
  /** From the customer's credit balance, and from a credit note: no payment is behind these. */
  | { readonly kind: 'applied_credit'; readonly invoiceId: number; readonly minor: number }
  | {
      readonly kind: 'credit_note';
      readonly creditNoteId: number;
      readonly invoiceId: number;
      readonly minor: number;
    }
  | { readonly kind: 'convenience_fee'; readonly minor: number };

/** Lowers an invoice's balance by at most `most` and answers by how much. `pending` is what an attempt held of it and gives up now. */
export async function takeFromInvoice(
  scope: CustomerScope,
  invoiceId: number,
  most: number,
  pending = 0,
): Promise<number> {
  const invoice = await invoiceOf(scope, invoiceId);
  const held = Math.max(0, invoice.pending_minor - pending);
  // An invoice that was voided meanwhile takes nothing; the money becomes credit.
  const open = invoice.state === 'issued' ? invoice.balance_minor - held : 0;
  const taken = Math.max(0, Math.min(most, open));
  const balance = invoice.balance_minor - taken;
  const now = nowMs(scope.clock);
  await scope.db
    .update('invoices')
    .set({
      balance_minor: balance,
      pending_minor: held,
      version: invoice.version + 1,
      updated_at: now,
      ...(balance === 0 && taken > 0 ? { paid_at: now, next_attempt_at: null } : {}),
    })
    .where('id', '=', invoiceId)
    .execute();
  if (taken > 0) await lowerInstallments(scope, invoiceId, taken, balance === 0);
  if (balance === 0 && taken > 0) await recordEvent(scope, 'invoice.paid', { invoiceId });
  return taken;
}

/** Like `takeFromInvoice`, for exactly this amount. Refuses `allocation_impossible` when the invoice has less open. */
export async function takeExactly(scope: CustomerScope, invoiceId: number, minor: number): Promise<void> {
  const taken = await takeFromInvoice(scope, invoiceId, minor);
  if (taken === minor) return;
  const { number } = await invoiceOf(scope, invoiceId);
  refuse('allocation_impossible', { what: `invoice ${number}` });
}

/** Raises an invoice's balance again, because what paid it was taken back. */
export async function giveBackToInvoice(
  scope: CustomerScope,
  invoiceId: number,
  minor: number,
): Promise<void> {
  const invoice = await invoiceOf(scope, invoiceId);
  if (invoice.balance_minor + minor > invoice.total_minor)
    refuse('allocation_impossible', { what: `invoice ${invoice.number}` });
  await scope.db
    .update('invoices')
    .set({
      balance_minor: invoice.balance_minor + minor,
      version: invoice.version + 1,
      updated_at: nowMs(scope.clock),
      paid_at: null,
    })
    .where('id', '=', invoiceId)
    .execute();
  await raiseInstallments(scope, invoiceId, minor);
}

/** Holds (or, negative, releases) part of an invoice for money that is on its way. */
export async function holdPending(scope: CustomerScope, invoiceId: number, minor: number): Promise<void> {
  await scope.db
    .update('invoices')
    .set((eb) => ({ pending_minor: eb('pending_minor', '+', minor), version: eb('version', '+', 1) }))
    .where('id', '=', invoiceId)
    .execute();
}

/** Writes what a payment, or with no payment the customer's own credit, was put against. */
export async function recordApplications(
  scope: CustomerScope,
  paymentId: number | undefined,
  currency: string,
  applications: readonly Application[],
): Promise<void> {
  const written = applications.filter(({ minor }) => minor > 0);
  if (written.length === 0) return;
  const ids = await scope.db.nextIds('payment_applications', written.length);
  const shared = { payment_id: paymentId ?? null, currency, created_at: nowMs(scope.clock) };
  await scope.db.insert(
    'payment_applications',
    written.map((application, i) => ({
      ...shared,
      id: ids[i]!,
      kind: application.kind,
      invoice_id: 'invoiceId' in application ? application.invoiceId : null,
      estimate_id: 'estimateId' in application ? application.estimateId : null,
      credit_note_id: 'creditNoteId' in application ? application.creditNoteId : null,
      amount_minor: application.minor,
    })),
  );
}

async function invoiceOf(scope: CustomerScope, invoiceId: number) {
  const invoice = await scope.db
    .from('invoices')
    .select(['number', 'state', 'total_minor', 'balance_minor', 'pending_minor', 'version'])
    .where('id', '=', invoiceId)
    .executeTakeFirst();
  return invoice ?? refuse('not_found', { what: 'invoice' });
}

/** The plan that an invoice is paid by, with its instalments in order. */
async function planOf(scope: CustomerScope, invoiceId: number) {
  const plan = await scope.db
    .from('payment_plans')
    .select(['id', 'state'])
    .where('invoice_id', '=', invoiceId)
    .where('state', '!=', 'canceled')
    .orderBy('id', 'desc')
    .executeTakeFirst();
  if (!plan) return undefined;
  const installments = await scope.db
    .from('installments')
    .select(['id', 'amount_minor', 'balance_minor'])
    .where('plan_id', '=', plan.id)
    .orderBy('position')
    .execute();
  return { ...plan, installments };
}

async function lowerInstallments(
  scope: CustomerScope,
  invoiceId: number,
  minor: number,
  isPaid: boolean,
): Promise<void> {
  const plan = await planOf(scope, invoiceId);
  if (!plan || plan.state === 'finished') return;
  let left = minor;
  for (const { id, balance_minor: open } of plan.installments) {
    const taken = Math.min(left, open);
    if (taken === 0) continue;
    const balance = open - taken;
    await scope.db
      .update('installments')
      .set({ balance_minor: balance, ...(balance === 0 ? { next_attempt_at: null } : {}) })
      .where('id', '=', id)
      .execute();
    left -= taken;
  }
  if (isPaid) await setPlanState(scope, plan.id, 'finished');
}

async function raiseInstallments(scope: CustomerScope, invoiceId: number, minor: number): Promise<void> {
  const plan = await planOf(scope, invoiceId);
  if (!plan) return;
  let left = minor;
  for (const { id, amount_minor: amount, balance_minor: open } of plan.installments.toReversed()) {
    const raised = Math.min(left, amount - open);
    if (raised === 0) continue;
    await scope.db
      .update('installments')
      .set({ balance_minor: open + raised })
      .where('id', '=', id)
      .execute();
    left -= raised;
  }
  if (plan.state === 'finished') await setPlanState(scope, plan.id, 'active');
}

async function setPlanState(
  scope: CustomerScope,
  planId: number,
  state: 'active' | 'finished',
): Promise<void> {
  await scope.db
    .update('payment_plans')
    .set({ state, updated_at: nowMs(scope.clock) })
    .where('id', '=', planId)
    .execute();
}
