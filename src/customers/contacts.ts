import type { ScopedRow } from '#db/scoped.ts';
import { refuse } from '#src/kernel/errors.ts';
import { LONGEST, refuseFaults, tooLong } from '#src/kernel/limits.ts';
import { nowMs } from '#src/kernel/time.ts';
import { type CustomerScope, type MerchantScope, transact } from '#src/scope.ts';
import { findCustomerById } from './customers.ts';
import { canonicalEmail } from './email.ts';

/** `owner` may do everything, `payer` sees and pays, `viewer` only sees. */
export type ContactRole = 'owner' | 'payer' | 'viewer';

/** A person of a customer's who may sign in. */
export interface Contact {
  readonly id: number;
  readonly customerId: number;
  readonly name: string;
  readonly title: string | undefined;
  readonly email: string | undefined;
  readonly phone: string | undefined;
  readonly role: ContactRole;
  readonly isPrimary: boolean;
}

export interface NewContact {
  readonly customerId: number;
  readonly name: string;
  readonly title?: string | undefined;
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
  /** Default `payer`. */
  readonly role?: ContactRole | undefined;
  readonly isPrimary?: boolean | undefined;
}

const COLUMNS = ['id', 'customer_id', 'name', 'title', 'email', 'phone', 'role', 'is_primary'] as const;

/** What is to change of a contact. What is not named stays as it is; null empties what may be empty. */
export type ContactChanges = {
  readonly [Name in keyof Omit<NewContact, 'customerId'>]?: NewContact[Name] | null;
};

/** Adds a contact to a customer. Refuses `unknown_customer`, `bad_email` and `bad_input`; nothing is written then. */
export async function createContact(merchant: MerchantScope, fresh: NewContact): Promise<Contact> {
  const fields = contactFields(fresh);
  const { id: customer_id } = await findCustomerById(merchant, fresh.customerId);
  const now = nowMs(merchant.clock);
  const row = {
    id: await merchant.db.nextId('contacts'),
    customer_id,
    ...fields,
    created_at: now,
    updated_at: now,
  };
  await merchant.db.insert('contacts', row);
  return asContact(row);
}

/** Changes a contact and answers it as it is now. Refuses `unknown_contact`, `bad_email` and `bad_input`; nothing is written then. */
export function updateContact(
  merchant: MerchantScope,
  id: number,
  changes: ContactChanges,
): Promise<Contact> {
  return transact(merchant, async (within) => {
    const before = await findContact(within, String(id));
    const given = Object.entries(changes).filter(([, value]) => value !== undefined);
    const fields = contactFields({ ...before, ...Object.fromEntries(given) });
    await within.db
      .update('contacts')
      .set({ ...fields, updated_at: nowMs(within.clock) })
      .where('id', '=', id)
      .execute();
    return findContact(within, String(id));
  });
}

/** Removes a contact, who signs in for the customer no more from their next request on. Refuses `unknown_contact`. */
export async function removeContact(merchant: MerchantScope, id: number): Promise<void> {
  const { numDeletedRows } = await merchant.db
    .remove('contacts')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  if (numDeletedRows === 0n) unknown(merchant, String(id));
}

/** One contact by its id, or by an e-mail address that no other contact has. Refuses `unknown_contact`. */
export async function findContact(merchant: MerchantScope, idOrEmail: string): Promise<Contact> {
  const wanted = idOrEmail.trim();
  const contacts = merchant.db.from('contacts').select(COLUMNS).limit(2);
  const named = wanted.includes('@')
    ? contacts.where('email_canonical', '=', canonicalEmail(wanted))
    : contacts.where('id', '=', /^[1-9]\d{0,14}$/.test(wanted) ? Number(wanted) : -1);
  const [only, ...more] = await named.execute();
  return only && more.length === 0 ? asContact(only) : unknown(merchant, idOrEmail);
}

/** The contacts of all customers in the order they were added. */
export async function listAllContacts(merchant: MerchantScope): Promise<Contact[]> {
  const rows = await merchant.db.from('contacts').select(COLUMNS).orderBy('id').execute();
  return rows.map(asContact);
}

/** The customer's contacts in the order they were added. */
export async function listContacts(scope: CustomerScope): Promise<Contact[]> {
  const rows = await scope.db.from('contacts').select(COLUMNS).orderBy('id').execute();
  return rows.map(asContact);
}

/** The columns of a contact, checked: a rule that holds for a new one holds for a changed one. */
function contactFields(fresh: {
  readonly [Name in keyof Omit<NewContact, 'customerId'>]: NewContact[Name] | null;
}) {
  const name = fresh.name?.trim() ?? '';
  if (name === '') refuse('bad_input', { name: 'is missing' });
  refuseFaults({
    ...tooLong({ name, title: fresh.title }, LONGEST.name),
    ...tooLong({ phone: fresh.phone }, LONGEST.short),
  });
  const email = fresh.email?.trim() || null;
  return {
    name,
    email,
    email_canonical: email && canonicalEmail(email),
    title: fresh.title ?? null,
    phone: fresh.phone ?? null,
    role: fresh.role ?? ('payer' as const),
    is_primary: fresh.isPrimary ? (1 as const) : (0 as const),
  };
}

function unknown({ tenant }: MerchantScope, contact: string): never {
  return refuse('unknown_contact', { contact, tenant: tenant.username });
}

type ContactRow = Pick<ScopedRow<'contacts'>, (typeof COLUMNS)[number]>;

function asContact(row: ContactRow): Contact {
  return {
    id: row.id,
    customerId: row.customer_id,
    name: row.name,
    role: row.role,
    title: row.title ?? undefined,
    email: row.email ?? undefined,
    phone: row.phone ?? undefined,
    isPrimary: row.is_primary === 1,
  };
}
