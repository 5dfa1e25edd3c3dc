import { findCustomerById } from '#src/customers/customers.ts';
import { recordEvent } from '#src/outbox/events.ts';
import { type MerchantScope, transact } from '#src/scope.ts';
import { identityOfCustomer } from './accounts.ts';
import type { Session } from './session.ts';

/** A session as the merchant sees it. */
export interface SessionRecord extends Pick<
  Session,
  'scope' | 'method' | 'address' | 'browser' | 'customerId'
> {
  /** Who signed in; none for a link that stands for a customer. */
  readonly email: string | undefined;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly seenAt: number;
  readonly expiresAt: number;
}

/** The sessions that act for a customer or could, those used last first. */
export async function sessionsOfCustomer(
  merchant: MerchantScope,
  customerId: number,
  { limit }: { readonly limit?: number | undefined } = {},
): Promise<SessionRecord[]> {
  const users = await usersOf(merchant, customerId);
  const ids = [...users.keys()];
  const found = merchant.db
    .from('sessions')
    .selectAll()
    .where((eb) =>
      eb.or([eb('customer_id', '=', customerId), ...(ids.length > 0 ? [eb('user_id', 'in', ids)] : [])]),
    )
    .orderBy('seen_at', 'desc')
    .orderBy('id');
  const rows = await (limit === undefined ? found : found.limit(limit)).execute();
  return rows.map((row) => ({
    scope: row.scope,
    method: row.method,
    address: row.address,
    browser: row.browser,
    customerId: row.customer_id ?? undefined,
    email: users.get(row.user_id),
    createdAt: row.created_at,
    seenAt: row.seen_at,
    expiresAt: row.expires_at * 1000,
  }));
}

/**
 * Ends every session that acts for a customer or could: those of its links, of its own address and of its contacts' addresses. Links that were
 * sent work on until they expire. Answers how many ended. Refuses `unknown_customer`.
 */
export function endSessionsOf(merchant: MerchantScope, customerId: number): Promise<number> {
  return transact(merchant, async (within) => {
    await findCustomerById(within, customerId);
    const ended = await endSessions(within, customerId);
    await recordEvent(within, 'customer.signed_out', { customerId }, { sessions: ended });
    return ended;
  });
}

/** The same, within the caller's transaction and without an event. */
export async function endSessions(merchant: MerchantScope, customerId: number): Promise<number> {
  const ids = [...(await usersOf(merchant, customerId)).keys()];
  const { numDeletedRows } = await merchant.db
    .remove('sessions')
    .where((eb) =>
      eb.or([eb('customer_id', '=', customerId), ...(ids.length > 0 ? [eb('user_id', 'in', ids)] : [])]),
    )
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

/** Who may sign in for a customer: the ids of their users, with the address of each that has one. */
async function usersOf({ db }: MerchantScope, customerId: number): Promise<Map<string, string | undefined>> {
  const own = await db.from('customers').select('email_canonical').where('id', '=', customerId).execute();
  const others = await db
    .from('contacts')
    .select('email_canonical')
    .where('customer_id', '=', customerId)
    .execute();
  const identity = identityOfCustomer(customerId);
  const addresses = [...own, ...others].flatMap((row) => row.email_canonical ?? []);
  const users = await db
    .from('portal_users')
    .select(['id', 'email_canonical'])
    .where('email_canonical', 'in', [identity, ...addresses])
    .execute();
  return new Map(
    users.map((user) => [user.id, user.email_canonical === identity ? undefined : user.email_canonical]),
  );
}
