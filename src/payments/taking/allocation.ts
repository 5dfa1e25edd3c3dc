import { refuse } from '../../kernel/errors.ts';
import { nowMs, startOfTomorrowMs } from '../../kernel/time.ts';
import { recordEvent } from '../../outbox/events.ts';
import type { CustomerScope } from '../../scope.ts';
import { leaveToAutopay } from '../methods/enrolment.ts';

/*
 * The only place where an invoice's balance moves because of money. Everything here runs in the caller's transaction, beside the ledger
 * entry that explains it. An invoice under a payment plan has its instalments moved with it, the earliest first, and while the plan is
 * active it is due when its next instalment is.
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

/**
 * Lowers an invoice's balance by at most `most` and answers by how much. What a debit on its way holds of it stays untouched, unless the money
 * is that debit's (`holder`). `installmentIds` are the instalments that the money was collected for.
 */
export async function takeFromInvoice(
  scope: CustomerScope,
  invoiceId: number,
  most: number,
  {
    holder = false,
    installmentIds = new Set(),
  }: { readonly holder?: boolean; readonly installmentIds?: ReadonlySet<number> | undefined } = {},
): Promise<number> {
  const invoice = await invoiceOf(scope, invoiceId);
  const held = holder ? 0 : invoice.pending_minor;
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
  if (taken > 0) await lowerInstallments(scope, invoiceId, taken, installmentIds);
  if (taken > 0) await keepPromises(scope, invoiceId, balance);
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

/**
 * Raises an invoice's balance again, because what paid it was taken back. What had been paid whole and was tried by AutoPay before is tried
 * again, from tomorrow on. Answers how much of that (minor units) no instalment of its payment
 * plan takes: what was paid before there was the plan.
 */
export async function giveBackToInvoice(
  scope: CustomerScope,
  invoiceId: number,
  minor: number,
): Promise<number> {
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
      ...(invoice.balance_minor === 0 && invoice.attempt_count > 0
        ? { next_attempt_at: startOfTomorrowMs(scope.clock, scope.tenant.timeZone) }
        : {}),
    })
    .where('id', '=', invoiceId)
    .execute();
  await followDebit(scope, invoiceId);
  return raiseInstallments(scope, invoiceId, minor);
}

/**
 * Brings what is on its way to an invoice up to date: what a debit under way was meant to pay of it, as far as that is still open. Other money
 * may have come while nobody knew what had become of the debit.
 */
export async function followDebit(scope: CustomerScope, invoiceId: number): Promise<void> {
  const debit = await scope.db
    .from('attempt_allocations')
    .innerJoin(scope.db.rows('payment_attempts'), 'payment_attempts.id', 'attempt_allocations.attempt_id')
    .select('attempt_allocations.amount_minor')
    .where('invoice_id', '=', invoiceId)
    .where('is_open', '=', 1)
    .where('payment_attempts.state', '=', 'processing')
    .executeTakeFirst();
  const invoice = await invoiceOf(scope, invoiceId);
  const pending = Math.min(debit?.amount_minor ?? 0, invoice.balance_minor);
  if (pending === invoice.pending_minor) return;
  await scope.db
    .update('invoices')
    .set({ pending_minor: pending, version: invoice.version + 1 })
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

/**
 * Somebody said that the invoice would be paid, or what its plan asked for, and it is: on the day or late. AutoPay then goes on with what is left
 * of the plan.
 */
async function keepPromises(scope: CustomerScope, invoiceId: number, balance: number): Promise<void> {
  const latest = await scope.db
    .from('promises')
    .select(['id', 'state', 'left_minor'])
    .where('invoice_id', '=', invoiceId)
    .orderBy('id', 'desc')
    .executeTakeFirst();
  if (!latest || (latest.state !== 'open' && latest.state !== 'broken')) return;
  if (latest.left_minor < balance) return;
  await scope.db
    .update('promises')
    .set({ state: 'kept', breaks_at: null })
    .where('id', '=', latest.id)
    .execute();
  if (balance > 0) await leaveToAutopay(scope, invoiceId);
}

async function invoiceOf(scope: CustomerScope, invoiceId: number) {
  const invoice = await scope.db
    .from('invoices')
    .select(['number', 'state', 'total_minor', 'balance_minor', 'pending_minor', 'version', 'attempt_count'])
    .where('id', '=', invoiceId)
    .executeTakeFirst();
  return invoice ?? refuse('not_found', { what: 'invoice' });
}

/** The plan that an invoice is paid by, with its instalments in order. */
async function planOf(scope: CustomerScope, invoiceId: number) {
  const plan = await scope.db
    .from('payment_plans')
    .select(['id', 'state', 'started_at'])
    .where('invoice_id', '=', invoiceId)
    .where('state', '!=', 'canceled')
    .orderBy('id', 'desc')
    .executeTakeFirst();
  if (!plan) return undefined;
  const installments = await scope.db
    .from('installments')
    .select(['id', 'date', 'amount_minor', 'balance_minor', 'attempt_count'])
    .where('plan_id', '=', plan.id)
    .orderBy('position')
    .execute();
  return { ...plan, invoiceId, installments };
}

type Plan = NonNullable<Awaited<ReturnType<typeof planOf>>>;

async function lowerInstallments(
  scope: CustomerScope,
  invoiceId: number,
  minor: number,
  first: ReadonlySet<number>,
): Promise<void> {
  const plan = await planOf(scope, invoiceId);
  if (!plan || plan.state === 'finished') return;
  const order = plan.installments.toSorted((a, b) => Number(first.has(b.id)) - Number(first.has(a.id)));
  let left = minor;
  for (const { id, balance_minor: open } of order) {
    const taken = Math.min(left, open);
    await setOpen(scope, plan, id, open - taken);
    left -= taken;
  }
  await followInstallments(scope, plan);
}

async function raiseInstallments(scope: CustomerScope, invoiceId: number, minor: number): Promise<number> {
  const plan = await planOf(scope, invoiceId);
  if (!plan) return 0;
  let left = minor;
  for (const { id, amount_minor: amount, balance_minor: open } of plan.installments.toReversed()) {
    const raised = Math.min(left, amount - open);
    await setOpen(scope, plan, id, open + raised);
    left -= raised;
  }
  await followInstallments(scope, plan);
  return left;
}

/** Sets what is open of an instalment, in the plan at hand too. */
async function setOpen(scope: CustomerScope, plan: Plan, id: number, minor: number): Promise<void> {
  const installment = plan.installments.find((one) => one.id === id)!;
  if (installment.balance_minor === minor) return;
  const opensAgain = installment.balance_minor === 0 && installment.attempt_count > 0;
  installment.balance_minor = minor;
  await scope.db
    .update('installments')
    .set({
      balance_minor: minor,
      ...(minor === 0 ? { next_attempt_at: null } : {}),
      ...(opensAgain ? { next_attempt_at: startOfTomorrowMs(scope.clock, scope.tenant.timeZone) } : {}),
    })
    .where('id', '=', id)
    .execute();
}

/**
 * A plan with nothing open is finished; one that opens again runs again, or waits for its approval where nobody had given it. The invoice is
 * due when the next instalment is.
 */
async function followInstallments(scope: CustomerScope, plan: Plan): Promise<void> {
  const next = plan.installments.find(({ balance_minor: open }) => open > 0);
  const unfinished = plan.started_at === null ? 'pending_signup' : 'active';
  const state = next ? (plan.state === 'finished' ? unfinished : plan.state) : 'finished';
  const now = nowMs(scope.clock);
  if (state !== plan.state) {
    await scope.db
      .update('payment_plans')
      .set({ state, updated_at: now })
      .where('id', '=', plan.id)
      .execute();
  }
  if (next && state === 'active') {
    await scope.db.update('invoices').set({ due_date: next.date }).where('id', '=', plan.invoiceId).execute();
  }
}
