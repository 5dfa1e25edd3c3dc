import type { ScopedRow } from '#db/scoped.ts';
import { refuse } from '#src/kernel/errors.ts';
import { nowMs } from '#src/kernel/time.ts';
import type { CustomerScope, MerchantScope } from '#src/scope.ts';
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

/** Adds a contact to a customer. Refuses `unknown_customer`, `bad_email` and `bad_input`; nothing is written then. */
export async function createContact(merchant: MerchantScope, fresh: NewContact): Promise<Contact> {
  const name = fresh.name.trim();
  if (name === '') refuse('bad_input', { name: 'is missing' });
  const email = fresh.email?.trim() || undefined;
  const email_canonical = email && canonicalEmail(email);
  const { id: customer_id } = await findCustomerById(merchant, fresh.customerId);
  const now = nowMs(merchant.clock);
  const row = {
    id: await merchant.db.nextId('contacts'),
    customer_id,
    name,
    email,
    email_canonical,
    title: fresh.title,
    phone: fresh.phone,
    role: fresh.role ?? ('payer' as const),
    is_primary: fresh.isPrimary ? (1 as const) : (0 as const),
    created_at: now,
    updated_at: now,
  };
  await merchant.db.insert('contacts', row);
  return asContact({ ...row, title: row.title ?? null, email: email ?? null, phone: row.phone ?? null });
}

/** The customer's contacts in the order they were added. */
export async function listContacts(scope: CustomerScope): Promise<Contact[]> {
  const rows = await scope.db.from('contacts').select(COLUMNS).orderBy('id').execute();
  return rows.map(asContact);
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
