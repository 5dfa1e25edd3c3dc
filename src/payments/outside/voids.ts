import { takeDeposit } from '../../documents/estimate-approval.ts';
import { refuse } from '../../kernel/errors.ts';
import { nowMs, todayIn } from '../../kernel/time.ts';
import { post, type Posting } from '../../ledger/ledger.ts';
import { recordEvent } from '../../outbox/events.ts';
import { customerScope, type CustomerScope, type MerchantScope, transact } from '../../scope.ts';
import { freeBalance } from '../credit/holds.ts';
import { giveBackToInvoice } from '../taking/allocation.ts';

/**
 * Voids a payment that was recorded here, as if it had never been: its invoices are open again and what it left as credit is gone. Voiding
 * twice changes nothing. Refuses `not_found`, and `not_voidable` for a payment that a gateway took (refund that one), that was given back,
 * wholly or in part, or whose credit was used already.
 */
export function voidPayment(merchant: MerchantScope, paymentId: number): Promise<void> {
  return transact(merchant, async (within) => {
    const payment = await within.db
      .from('payments')
      .selectAll()
      .where('id', '=', paymentId)
      .executeTakeFirst();
    if (!payment) return refuse('not_found', { what: 'payment' });
    if (payment.state === 'voided') return;
    const scope = customerScope(within, payment.customer_id);
    const what = `Payment ${payment.number}`;
    if (payment.gateway !== null)
      refuse('not_voidable', {
        what,
        reason: 'was taken by a gateway, so it can only be refunded',
        todo: GIVE_BACK,
      });
    const { currency, refunded_minor: refunded } = payment;
    const minor = payment.amount_minor + payment.fee_minor;
    if (refunded >= minor) refuse('not_voidable', { what, reason: 'was given back already', todo: NOTHING });
    if (refunded > 0)
      refuse('not_voidable', { what, reason: 'was given back in part', todo: GIVE_BACK_REST });
    const undone = await undoApplications(scope, paymentId, what, currency);
    await post(scope, {
      kind: 'payment_void',
      currency,
      date: todayIn(scope.clock, scope.tenant.timeZone).toString(),
      paymentId,
      postings: [{ account: 'cash', minor: -minor }, ...undone],
    });
    await scope.db
      .update('payments')
      .set({ state: 'voided', voided_at: nowMs(scope.clock) })
      .where('id', '=', paymentId)
      .execute();
    await recordEvent(scope, 'payment.voided', { paymentId }, { amount: minor, currency });
  });
}

/**
 * Voids an invoice that nothing was paid on: it is owed no more, and a payment plan on it ends. Voiding twice changes nothing. Refuses
 * `not_found`, and `not_voidable` while money is on it or on its way to it.
 */
export function voidInvoice(merchant: MerchantScope, invoiceId: number): Promise<void> {
  return transact(merchant, async (within) => {
    const invoice = await within.db
      .from('invoices')
      .selectAll()
      .where('id', '=', invoiceId)
      .executeTakeFirst();
    if (!invoice || invoice.state === 'draft') return refuse('not_found', { what: 'invoice' });
    if (invoice.state === 'voided') return;
    const scope = customerScope(within, invoice.customer_id);
    const what = `Invoice ${invoice.number}`;
    if (invoice.balance_minor !== invoice.total_minor)
      refuse('not_voidable', { what, reason: 'is paid, wholly or in part', todo: TAKE_BACK });
    if (await isHeld(scope, invoiceId))
      refuse('not_voidable', { what, reason: 'is being paid at this moment', todo: WAIT });
    const now = nowMs(scope.clock);
    await scope.db
      .update('invoices')
      .set({
        state: 'voided',
        balance_minor: 0,
        voided_at: now,
        next_attempt_at: null,
        version: invoice.version + 1,
        updated_at: now,
      })
      .where('id', '=', invoiceId)
      .execute();
    await endPlanAndPromises(scope, invoiceId);
    await post(scope, {
      kind: 'invoice_void',
      currency: invoice.currency,
      date: todayIn(scope.clock, scope.tenant.timeZone).toString(),
      invoiceId,
      postings: [
        { account: 'receivable', minor: -invoice.balance_minor, invoiceId },
        { account: 'sales', minor: invoice.balance_minor },
      ],
    });
    await recordEvent(scope, 'invoice.voided', { invoiceId }, { number: invoice.number });
  });
}

/**
 * Voids a credit note of which nothing was used. Voiding twice changes nothing. Refuses `not_found`, and `not_voidable` when some of it was
 * used.
 */
export function voidCreditNote(merchant: MerchantScope, creditNoteId: number): Promise<void> {
  return transact(merchant, async (within) => {
    const note = await within.db
      .from('credit_notes')
      .selectAll()
      .where('id', '=', creditNoteId)
      .executeTakeFirst();
    if (!note || note.state === 'draft') return refuse('not_found', { what: 'credit note' });
    if (note.state === 'voided') return;
    const scope = customerScope(within, note.customer_id);
    if (note.balance_minor !== note.total_minor)
      refuse('not_voidable', {
        what: `Credit note ${note.number}`,
        reason: 'was used, wholly or in part',
        todo: UNUSED,
      });
    const now = nowMs(scope.clock);
    await scope.db
      .update('credit_notes')
      .set({
        state: 'voided',
        balance_minor: 0,
        voided_at: now,
        version: note.version + 1,
        updated_at: now,
      })
      .where('id', '=', creditNoteId)
      .execute();
    await post(scope, {
      kind: 'credit_note_void',
      currency: note.currency,
      date: todayIn(scope.clock, scope.tenant.timeZone).toString(),
      creditNoteId,
      postings: [
        { account: 'credit_note', minor: note.balance_minor, creditNoteId },
        { account: 'sales', minor: -note.balance_minor },
      ],
    });
    await recordEvent(scope, 'credit_note.voided', { creditNoteId }, { number: note.number });
  });
}

/** Takes everything that a payment was put against back from it, and answers what that is in the books. Refuses `not_voidable`. */
async function undoApplications(
  scope: CustomerScope,
  paymentId: number,
  what: string,
  currency: string,
): Promise<Posting[]> {
  const applied = await scope.db
    .from('payment_applications')
    .select(['id', 'kind', 'invoice_id', 'estimate_id', 'amount_minor'])
    .where('payment_id', '=', paymentId)
    .orderBy('id')
    .execute();
  const toCredit = applied.filter(({ kind }) => kind === 'credit' || kind === 'estimate');
  const credited = toCredit.reduce((sum, { amount_minor }) => sum + amount_minor, 0);
  if (credited > 0 && credited > (await freeBalance(scope, currency, paymentId)))
    refuse('not_voidable', { what, reason: 'left credit that was used already', todo: KEPT });
  const postings: Posting[] = [];
  for (const { kind, invoice_id: invoiceId, estimate_id: estimateId, amount_minor: minor } of applied) {
    if (invoiceId !== null) {
      if ((await giveBackToInvoice(scope, invoiceId, minor)) > 0)
        refuse('not_voidable', { what, reason: PLANNED, todo: CANCEL_PLAN });
      postings.push({ account: 'receivable', minor, invoiceId });
    } else {
      if (estimateId !== null) await takeDeposit(scope, estimateId, -minor);
      postings.push({ account: kind === 'convenience_fee' ? 'fees' : 'credit_balance', minor });
    }
  }
  await scope.db
    .update('payment_applications')
    .set({ voided_at: nowMs(scope.clock) })
    .where('payment_id', '=', paymentId)
    .execute();
  return postings;
}

const PLANNED = 'paid an invoice that was put under a payment plan since';

/* What can be done instead. */
const GIVE_BACK = 'Give it back with “portal payment refund”.';
const GIVE_BACK_REST = 'Give back the rest with “portal payment refund”.';
const NOTHING = 'Nothing is left of it to be voided.';
const TAKE_BACK = 'Take back what was paid first.';
const WAIT = 'Wait until the payment has ended.';
const UNUSED = 'Only a credit note of which nothing was used can be voided.';
const KEPT = 'Give back what is left with “portal payment refund”.';
const CANCEL_PLAN = 'Take the plan back first, with “portal plan cancel”.';

async function endPlanAndPromises(scope: CustomerScope, invoiceId: number): Promise<void> {
  await scope.db
    .update('payment_plans')
    .set({ state: 'canceled', updated_at: nowMs(scope.clock) })
    .where('invoice_id', '=', invoiceId)
    .where('state', 'in', ['pending_signup', 'active'])
    .execute();
  await scope.db
    .update('promises')
    .set({ state: 'withdrawn', breaks_at: null })
    .where('invoice_id', '=', invoiceId)
    .where('state', '=', 'open')
    .execute();
}

async function isHeld(scope: CustomerScope, invoiceId: number): Promise<boolean> {
  const held = await scope.db
    .from('attempt_allocations')
    .select('attempt_id')
    .where('invoice_id', '=', invoiceId)
    .where('is_open', '=', 1)
    .executeTakeFirst();
  return held !== undefined;
}
