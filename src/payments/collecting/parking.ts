import { refuse, type Refusal } from '../../kernel/errors.ts';
import { type Money, money } from '../../kernel/money.ts';
import { clientId } from '../../kernel/ids.ts';
import { nowMs } from '../../kernel/time.ts';
import { recordEvent } from '../../outbox/events.ts';
import { customerScope, type CustomerScope, type MerchantScope, transact } from '../../scope.ts';
import { insertSlots, type Intent } from '../attempts/attempt.ts';
import type { Collection } from './collections.ts';
import { claimSlot, setNextTry } from '../attempts/retries.ts';
import { readSlot } from '../attempts/slot.ts';

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
 * Puts a collection aside instead of charging it, in the caller's transaction: nothing is taken for it any more until the operator releases it.
 * The reason stays with the attempt, in the trail and in the log. It does nothing when the slot was begun meanwhile.
 */
export async function park(
  scope: CustomerScope,
  collection: Collection,
  intent: Intent,
  reason: Refusal,
): Promise<void> {
  if (!(await claimSlot(scope, collection))) return;
  const id = clientId(scope.tokens);
  await scope.db.insert('payment_attempts', {
    id,
    nonce: intent.nonce,
    fingerprint: intent.fingerprint,
    currency: intent.total.currency,
    amount_minor: collection.amount.minor,
    fee_minor: intent.feeMinor,
    state: 'parked',
    source: intent.source,
    gateway: intent.gateway,
    method: intent.method,
    payment_method_id: intent.methodId ?? null,
    failure_code: reason.code,
    failure_message: reason.message,
    actor: scope.actor,
    created_at: nowMs(scope.clock),
  });
  const { invoiceId } = collection;
  await scope.db.insert('attempt_allocations', {
    attempt_id: id,
    position: 0,
    invoice_id: invoiceId,
    amount_minor: collection.amount.minor,
    is_open: 0,
  });
  await insertSlots(scope, id, intent.slots ?? []);
  await recordEvent(scope, 'autopay.parked', { invoiceId }, { reason: reason.message });
  scope.log.warn('a collection was parked', {
    tenant: scope.tenant.username,
    invoice: collection.number,
    reason: reason.message,
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
      const slot = readSlot(row.slot);
      if (slot) await setNextTry(scope, slot, now);
      await recordEvent(scope, 'autopay.released', { invoiceId: invoice.id });
    }
  });
}

function parkedRows({ db }: MerchantScope) {
  return db
    .from('payment_attempts')
    .innerJoin(db.rows('attempt_slots'), 'attempt_slots.attempt_id', 'payment_attempts.id')
    .innerJoin(db.rows('invoices'), 'invoices.id', 'attempt_slots.invoice_id')
    .innerJoin(db.rows('customers'), 'customers.id', 'payment_attempts.customer_id')
    .select([
      ...(['payment_attempts.id', 'attempt_slots.slot'] as const),
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
