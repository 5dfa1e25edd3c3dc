import { nowMs } from '../../kernel/time.ts';
import { recordEvent } from '../../outbox/events.ts';
import { queueMail } from '../../outbox/outbox.ts';
import { customerScope, type CustomerScope, type MerchantScope, transact } from '../../scope.ts';
import { expiryOf, type PaymentMethod } from '../methods/methods.ts';
import { upcomingCollections } from './collections.ts';

/**
 * Tells customers by mail that the card their invoices are collected from has come to its last month. Each card is told of once, however often
 * and on however many processes this runs. Answers how many mails were queued.
 */
export function warnOfExpiry(merchant: MerchantScope): Promise<number> {
  return transact(merchant, async (within) => {
    const due = await within.db
      .from('payment_methods')
      .selectAll()
      .where('warn_at', 'is not', null)
      .where('warn_at', '<=', nowMs(within.clock))
      .execute();
    let told = 0;
    for (const method of due) {
      const scope = customerScope(within, method.customer_id);
      await scope.db.update('payment_methods').set({ warn_at: null }).where('id', '=', method.id).execute();
      if (await isMissedSoon(scope, method)) told += await tell(scope, method);
    }
    return told;
  });
}

/** Whether something is to be collected from a card that will soon be no good. */
export async function isMissedSoon(scope: CustomerScope, method: PaymentMethod): Promise<boolean> {
  const isCharged = method.state === 'usable' && method.is_default === 1;
  if (!isCharged || expiryOf(scope, method) !== 'soon') return false;
  const { autopay } = await scope.db.from('customers').select('autopay').executeTakeFirstOrThrow();
  return autopay === 1 || (await upcomingCollections(scope)).length > 0;
}

async function tell(scope: CustomerScope, { id: methodId }: PaymentMethod): Promise<number> {
  const { email } = await scope.db.from('customers').select('email').executeTakeFirstOrThrow();
  if (!email) return 0;
  await queueMail(scope, { topic: 'card_expiring', recipient: email, payload: { methodId } });
  await recordEvent(scope, 'payment_method.expiring', {}, { method: methodId });
  return 1;
}
