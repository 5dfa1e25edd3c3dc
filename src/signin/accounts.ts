import type { MerchantDb } from '#db/scoped.ts';
import type { ContactRole } from '#src/customers/contacts.ts';
import { asCustomer, type Customer, CUSTOMER_COLUMNS, type CustomerRow } from '#src/customers/customers.ts';
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
  return strongest(await customersOf(merchant, email));
}

/** Their customers as rows, and what makes them theirs. */
async function customersOf({ db }: MerchantScope, email: string): Promise<Reached[]> {
  const stands = STANDS_FOR.exec(email)?.[1];
  // No contact can have such an identity as an address.
  if (stands) {
    const rows = await db.prepared('the customer of an id', { id: Number(stands) }, (all, { id }) =>
      all.from('customers').select(CUSTOMER_COLUMNS).where('id', '=', id).where('closed_at', 'is', null),
    );
    return rows.map((row) => ({ ...row, role: 'owner' }));
  }
  return db.prepared('the customers of an address', { email, owner: 'owner' as const }, customersOfAddress);
}

function customersOfAddress(
  db: MerchantDb,
  { email, owner }: { readonly email: string; readonly owner: ContactRole },
) {
  return db
    .from('customers')
    .select(CUSTOMER_COLUMNS.map((column) => `customers.${column}` as const))
    .select((eb) => eb.val<ContactRole>(owner).as('role'))
    .where('customers.email_canonical', '=', email)
    .where('customers.closed_at', 'is', null)
    .unionAll(
      db
        .from('customers')
        .innerJoin(db.rows('contacts'), 'contacts.customer_id', 'customers.id')
        .select(CUSTOMER_COLUMNS.map((column) => `customers.${column}` as const))
        .select('contacts.role')
        .where('contacts.email_canonical', '=', email)
        .where('customers.closed_at', 'is', null),
    );
}

/**
 * The customers that a session may act for now. Whoever proved an address has all of that address's; a link that the merchant made
 * vouches for one customer and no other.
 */
export async function accountsOfSession(merchant: MerchantScope, session: Identity): Promise<Account[]> {
  return strongest(await customersOfSession(merchant, session));
}

/** The same, with the details of the present customer, if that is one of them: one read for what every page of an account begins with. */
export async function presentCustomer(
  merchant: MerchantScope,
  session: Identity,
): Promise<{ readonly accounts: Account[]; readonly customer: Customer | undefined }> {
  const reached = await customersOfSession(merchant, session);
  const present = reached.find(({ id }) => id === session.customerId);
  return { accounts: strongest(reached), customer: present && asCustomer(merchant, present) };
}

async function customersOfSession(
  merchant: MerchantScope,
  { method, email, customerId }: Identity,
): Promise<Reached[]> {
  if (method === 'email_link' || method === 'email_code') return customersOf(merchant, email);
  return customerId === undefined ? [] : customersOf(merchant, identityOfCustomer(customerId));
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

type Reached = CustomerRow & { readonly role: ContactRole };

function strongest(found: readonly Reached[]): Account[] {
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
