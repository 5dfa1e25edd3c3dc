import type { MerchantScope } from '#src/scope.ts';
import type { SessionOwner } from './session.ts';

/* Which sessions are whose. By the scoped handle and not by lucia, whose statements know neither tenants nor customers. */

/** Of one address for one customer. */
const MOST_SESSIONS = 50;
const ENDED_AT_ONCE = 500;

type SessionOfCustomer = { readonly id: string; readonly customer_id: number | null };

/** Whether a session is among those that the owner may see and end. */
export function isOwn({ id, customerId, method }: SessionOwner, session: SessionOfCustomer): boolean {
  if (session.id === id) return true;
  if (customerId === undefined) return false;
  const hasProven = method === 'email_link' || method === 'email_code';
  return session.customer_id === customerId || (hasProven && session.customer_id === null);
}

/** Ends those of the owner's sessions that are meant, and answers how many. */
export async function removeOwn(
  { db }: MerchantScope,
  owner: SessionOwner,
  isMeant: (session: SessionOfCustomer) => boolean,
): Promise<number> {
  const find = db.from('sessions').select(['id', 'customer_id']).where('user_id', '=', owner.userId);
  const meant = (await find.execute()).filter((session) => isOwn(owner, session) && isMeant(session));
  return removeSessions(
    { db },
    meant.map(({ id }) => id),
  );
}

/** Ends those of one address and customer that were seen longest ago, when there are more than an account holds. */
export async function endSurplus(
  { db }: MerchantScope,
  userId: string,
  customerId: number | null,
): Promise<void> {
  const all = db.from('sessions').select('id').where('user_id', '=', userId);
  const alike = all.where('customer_id', customerId === null ? 'is' : '=', customerId);
  const surplus = alike
    .orderBy('seen_at', 'desc')
    .orderBy('created_at', 'desc')
    .offset(MOST_SESSIONS)
    .limit(ENDED_AT_ONCE);
  await removeSessions(
    { db },
    (await surplus.execute()).map(({ id }) => id),
  );
}

/** Ends sessions of the tenant, and answers how many there were. */
export async function removeSessions(
  { db }: Pick<MerchantScope, 'db'>,
  ids: readonly string[],
): Promise<number> {
  if (ids.length === 0) return 0;
  return Number(
    (await db.remove('sessions').where('id', 'in', ids).executeTakeFirstOrThrow()).numDeletedRows,
  );
}
