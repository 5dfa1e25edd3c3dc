import type { ContactRole } from '#src/customers/contacts.ts';
import type { MerchantScope } from '#src/scope.ts';

/** A customer that somebody may act for, and as what. */
export interface Account {
  readonly customerId: number;
  readonly name: string;
  readonly number: string;
  readonly role: ContactRole;
}

/** Who is asked about: the part of a session that says what it may reach. */
export interface Identity {
  readonly email: string;
  readonly customerId: number | undefined;
  readonly method: 'magic_link' | 'email_link' | 'email_code' | 'view_link' | 'sign_up';
}

const STANDS_FOR = /^customer:([1-9]\d{0,15})$/;

/** The identity of a customer who has no e-mail address. It can be nobody's address: it has no @. */
export function identityOfCustomer(customerId: number): string {
  return `customer:${customerId}`;
}

/**
 * The customers an address belongs to (a canonical one, see `canonicalEmail`): as a customer's main address, which makes an owner,
 * or as a contact's. Closed customers are left out. By name.
 */
export async function accountsOf(merchant: MerchantScope, email: string): Promise<Account[]> {
  const { db } = merchant;
  const stands = STANDS_FOR.exec(email)?.[1];
  const owned = await db
    .from('customers')
    .select(['id', 'name', 'number'])
    .where((eb) => (stands ? eb('id', '=', Number(stands)) : eb('email_canonical', '=', email)))
    .where('closed_at', 'is', null)
    .execute();
  // No contact can have such an identity as an address.
  if (stands) return strongest(owned.map((row) => ({ ...row, role: 'owner' })));
  const shared = await db
    .from('contacts')
    .innerJoin(db.rows('customers'), 'customers.id', 'contacts.customer_id')
    .select(['customers.id', 'customers.name', 'customers.number', 'contacts.role'])
    .where('contacts.email_canonical', '=', email)
    .where('customers.closed_at', 'is', null)
    .execute();
  return strongest([...owned.map((row) => ({ ...row, role: 'owner' as const })), ...shared]);
}

/**
 * The customers that a session may act for now. Whoever proved an address has all of that address's; a link that the merchant made
 * vouches for one customer and no other.
 */
export async function accountsOfSession(merchant: MerchantScope, session: Identity): Promise<Account[]> {
  if (session.method === 'email_link' || session.method === 'email_code')
    return accountsOf(merchant, session.email);
  if (session.customerId === undefined) return [];
  return accountsOf(merchant, identityOfCustomer(session.customerId));
}

/** What the session may do for its present customer; nothing once the address was taken off it. */
export async function roleOfSession(
  merchant: MerchantScope,
  session: Identity,
): Promise<ContactRole | undefined> {
  const accounts = await accountsOfSession(merchant, session);
  return accounts.find(({ customerId }) => customerId === session.customerId)?.role;
}

const STRENGTH: Readonly<Record<ContactRole, number>> = { owner: 2, payer: 1, viewer: 0 };

type Found = {
  readonly id: number;
  readonly name: string;
  readonly number: string;
  readonly role: ContactRole;
};

function strongest(found: readonly Found[]): Account[] {
  const accounts = new Map<number, Account>();
  for (const { id, name, number, role } of found) {
    const known = accounts.get(id);
    if (!known || STRENGTH[role] > STRENGTH[known.role])
      accounts.set(id, { customerId: id, name, number, role });
  }
  return [...accounts.values()].toSorted(
    (a, b) => a.name.localeCompare(b.name) || a.customerId - b.customerId,
  );
}
