import { refuse, type Refusal } from '../../kernel/errors.ts';
import { type Money, money } from '../../kernel/money.ts';
import { clientId } from '../../kernel/ids.ts';
import { nowMs } from '../../kernel/time.ts';
import { recordEvent } from '../../outbox/events.ts';
import { customerScope, type CustomerScope, type MerchantScope, transact } from '../../scope.ts';
import type { Intent } from '../attempts/attempt.ts';
import { type Collection, stillDue } from './collections.ts';
import { claimSlot, setNextTry } from '../attempts/retries.ts';
import { slotOf } from '../attempts/slot.ts';

/** A collection that was not tried because it looked wrong: it waits for the operator. */
export interface ParkedCollection {
  readonly attemptId: string;
  readonly customerId: number;
  readonly customer: string;
  readonly invoiceId: number;
  readonly number: string;
  readonly amount: Money;
  /** A sentence. */
  readonly reason: string;
  /** Epoch ms. */
  readonly at: number;
}

/**
 * Puts a collection aside instead of charging it: nothing is taken for it any more until the operator releases it. The reason stays with the
 * attempt, in the trail and in the log. It does nothing when the collection was changed meanwhile.
 */
export function park(
  scope: CustomerScope,
  collection: Collection,
  intent: Intent,
  reason: Refusal,
): Promise<void> {
  return transact(scope, async (within) => {
    if (!(await stillDue(within, collection)) || !(await claimSlot(within, collection))) return;
    const id = clientId(within.tokens);
    const now = nowMs(within.clock);
    await within.db.insert('payment_attempts', {
      id,
      nonce: intent.nonce,
      fingerprint: intent.fingerprint,
      currency: intent.total.currency,
      amount_minor: intent.total.minor,
      fee_minor: intent.feeMinor,
      state: 'parked',
      source: intent.source,
      gateway: intent.gateway,
      method: intent.method,
      payment_method_id: intent.methodId ?? null,
      failure_code: reason.code,
      failure_message: reason.message,
      actor: within.actor,
      created_at: now,
    });
    await within.db.insert('attempt_allocations', {
      attempt_id: id,
      position: 0,
      invoice_id: collection.invoiceId,
      amount_minor: intent.total.minor,
      is_open: 0,
    });
    await recordEvent(
      within,
      'autopay.parked',
      { invoiceId: collection.invoiceId },
      { reason: reason.message },
    );
    within.log.warn('a collection was parked', {
      tenant: within.tenant.username,
      invoice: collection.number,
      reason: reason.message,
    });
  });
}

/** What is parked of invoices that are still open, the oldest first. */
export async function listParked(merchant: MerchantScope): Promise<ParkedCollection[]> {
  const rows = await parkedRows(merchant);
  return rows.map((row) => ({
    attemptId: row.id,
    customerId: row.customer_id,
    customer: row.customer,
    invoiceId: row.invoice_id,
    number: row.number,
    amount: money(row.amount_minor, row.currency),
    reason: row.failure_message ?? '',
    at: row.created_at,
  }));
}

/** Lets what was parked of an invoice be collected again, from now on. Refuses `nothing_parked`. */
export function releaseParked(
  merchant: MerchantScope,
  invoice: { id: number; number: string },
): Promise<void> {
  return transact(merchant, async (within) => {
    const parked = (await parkedRows(within)).filter((row) => row.invoice_id === invoice.id);
    if (parked.length === 0) refuse('nothing_parked', { number: invoice.number });
    const now = nowMs(within.clock);
    for (const row of parked) {
      const scope = customerScope(within, row.customer_id);
      await scope.db
        .update('payment_attempts')
        .set({ state: 'abandoned', settled_at: now })
        .where('id', '=', row.id)
        .execute();
      const slot = slotOf(row);
      if (slot) await setNextTry(scope, slot, now);
      await recordEvent(scope, 'autopay.released', { invoiceId: invoice.id });
    }
  });
}

function parkedRows({ db }: MerchantScope) {
  return db
    .from('payment_attempts')
    .innerJoin(db.rows('attempt_allocations'), 'attempt_allocations.attempt_id', 'payment_attempts.id')
    .innerJoin(db.rows('invoices'), 'invoices.id', 'attempt_allocations.invoice_id')
    .innerJoin(db.rows('customers'), 'customers.id', 'payment_attempts.customer_id')
    .select([
      ...(['payment_attempts.id', 'payment_attempts.nonce', 'payment_attempts.source'] as const),
      ...(['payment_attempts.customer_id', 'payment_attempts.amount_minor'] as const),
      ...(['payment_attempts.currency', 'payment_attempts.failure_message'] as const),
      ...(['payment_attempts.created_at', 'invoices.id as invoice_id', 'invoices.number'] as const),
      'customers.name as customer',
    ])
    .where('payment_attempts.state', '=', 'parked')
    .where('invoices.balance_minor', '>', 0)
    .where('invoices.state', '=', 'issued')
    .orderBy('payment_attempts.created_at')
    .orderBy('payment_attempts.id')
    .execute();
}
