import type { TableName } from './schema.ts';

/**
 * Who owns the rows of a table: everybody's directory, one tenant, or one customer of a tenant. The scoped handle, its types,
 * the schema test, a tenant's export and its erasure all read this one list.
 *
 * A customer-owned table may hold rows without a customer (a mail to nobody's account); those the merchant's scope sees alone.
 */
export const ownership = {
  tenants: 'directory',
  domains: 'directory',

  settings: 'tenant',
  keys: 'tenant',
  counters: 'tenant',
  imports: 'tenant',
  gateway_events: 'tenant',
  idempotency_keys: 'tenant',
  portal_users: 'tenant',
  sessions: 'tenant',
  signin_requests: 'tenant',
  email_links: 'tenant',
  used_links: 'tenant',
  rate_limits: 'tenant',
  jobs: 'tenant',

  customers: 'customer',
  contacts: 'customer',
  invoices: 'customer',
  estimates: 'customer',
  credit_notes: 'customer',
  lines: 'customer',
  applied_rates: 'customer',
  payment_methods: 'customer',
  method_setups: 'customer',
  payment_plans: 'customer',
  installments: 'customer',
  approvals: 'customer',
  payments: 'customer',
  payment_applications: 'customer',
  payment_attempts: 'customer',
  attempt_allocations: 'customer',
  attempt_slots: 'customer',
  refunds: 'customer',
  disputes: 'customer',
  promises: 'customer',
  credit_adjustments: 'customer',
  journal: 'customer',
  postings: 'customer',
  events: 'customer',
  outbox: 'customer',
  mailbox: 'customer',
} as const satisfies Record<TableName, Owner>;

export type Owner = 'directory' | 'tenant' | 'customer';

type OwnedBy<O extends Owner> = { [T in TableName]: (typeof ownership)[T] extends O ? T : never }[TableName];

export type DirectoryTable = OwnedBy<'directory'>;
/** What an API key's scope reaches: one tenant's rows. */
export type MerchantTable = OwnedBy<'tenant' | 'customer'>;
/** What a portal session's scope reaches: one customer's rows. */
export type CustomerTable = OwnedBy<'customer'>;

/** The column that says which customer a row belongs to. */
export function customerColumn(table: CustomerTable): 'id' | 'customer_id' {
  return table === 'customers' ? 'id' : 'customer_id';
}
