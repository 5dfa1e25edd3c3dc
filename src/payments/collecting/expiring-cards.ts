import { nowMs } from '../../kernel/time.ts';
import { recordEvent } from '../../outbox/events.ts';
import { queueMail } from '../../outbox/outbox.ts';
import { customerScope, type CustomerScope, type MerchantScope, transact } from '../../scope.ts';
import { expiryOf, type PaymentMethod } from '../methods/methods.ts';
import { upcomingCollections } from './collections.ts';

/** Ids of the cards that have come to their last month and were not looked at since. */
export async function dueExpiryWarnings({ db, clock }: MerchantScope, most: number): Promise<string[]> {
  const due = db.from('payment_methods').select('id').where('warn_at', '<=', nowMs(clock));
  return (await due.orderBy('warn_at').limit(most).execute()).map(({ id }) => String(id));
}

/** Tells the customer by mail that the card their invoices are collected from has come to its last month, once. Answers whether a mail was queued. */
export function warnOfExpiry(merchant: MerchantScope, methodId: string): Promise<boolean> {
  return transact(merchant, async (within) => {
    const method = await within.db
      .from('payment_methods')
      .selectAll()
      .where('id', '=', Number(methodId))
      .where('warn_at', '<=', nowMs(within.clock))
      .executeTakeFirst();
    if (!method) return false;
    const scope = customerScope(within, method.customer_id);
    await scope.db.update('payment_methods').set({ warn_at: null }).where('id', '=', method.id).execute();
    return (await isMissedSoon(scope, method)) && (await tell(scope, method)) > 0;
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
