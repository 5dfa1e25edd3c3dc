import { refuse } from '../kernel/errors.ts';
import { nowMs, todayIn } from '../kernel/time.ts';
import { post } from '../ledger/ledger.ts';
import { recordEvent } from '../outbox/events.ts';
import { customerScope, type CustomerScope, type MerchantScope, transact } from '../scope.ts';

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

/* What can be done instead. */
const TAKE_BACK = 'Take back what was paid first.';
const WAIT = 'Wait until the payment has ended.';
const UNUSED = 'Only a credit note of which nothing was used can be voided.';

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
