import { type Customer, findCustomerById } from '#src/customers/customers.ts';
import { refuse } from '#src/kernel/errors.ts';
import { nowMs } from '#src/kernel/time.ts';
import { recordEvent } from '#src/outbox/events.ts';
import { type MerchantScope, transact } from '#src/scope.ts';
import { endSessions } from './customer-sessions.ts';

/** Attempts in these states may still take money. */
const UNDER_WAY = ['created', 'submitted', 'action_required', 'processing', 'parked'] as const;

/**
 * Closes a customer: nobody signs in for it, AutoPay is off, and it is billed no more. What there is stays for the books. Answers how many sessions
 * ended. Refuses `unknown_customer`, and `customer_in_use` while an invoice is open or a payment is on its way; nothing is written then.
 */
export function closeCustomer(merchant: MerchantScope, id: number): Promise<number> {
  return transact(merchant, async (within) => {
    const customer = await findCustomerById(within, id);
    if (customer.isClosed) return 0;
    await assertSettled(within, customer);
    const now = nowMs(within.clock);
    await within.db
      .update('customers')
      .set({ closed_at: now, updated_at: now, autopay: 0 })
      .where('id', '=', id)
      .execute();
    await recordEvent(within, 'customer.closed', { customerId: id });
    return endSessions(within, id);
  });
}

/** Opens a closed customer again; AutoPay stays off. Refuses `unknown_customer`. */
export function reopenCustomer(merchant: MerchantScope, id: number): Promise<void> {
  return transact(merchant, async (within) => {
    if (!(await findCustomerById(within, id)).isClosed) return;
    await within.db
      .update('customers')
      .set({ closed_at: null, updated_at: nowMs(within.clock) })
      .where('id', '=', id)
      .execute();
    await recordEvent(within, 'customer.reopened', { customerId: id });
  });
}

async function assertSettled(merchant: MerchantScope, { id, number }: Customer): Promise<void> {
  const { db } = merchant;
  const open = await db
    .from('invoices')
    .select('number')
    .where('customer_id', '=', id)
    .where('state', '!=', 'voided')
    .where('closed', '=', 0)
    .where((eb) => eb.or([eb('state', '=', 'draft'), eb('balance_minor', '>', 0)]))
    .limit(1)
    .executeTakeFirst();
  if (open) refuse('customer_in_use', { number, reason: `invoice ${open.number} is not settled` });
  const attempt = await db
    .from('payment_attempts')
    .select('id')
    .where('customer_id', '=', id)
    .where('state', 'in', UNDER_WAY)
    .limit(1)
    .executeTakeFirst();
  if (attempt) refuse('customer_in_use', { number, reason: 'a payment is on its way' });
}
