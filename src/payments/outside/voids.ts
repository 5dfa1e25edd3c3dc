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
const KEPT = 'Give back what is left with “portal payment refund”.';
const CANCEL_PLAN = 'Take the plan back first, with “portal plan cancel”.';
