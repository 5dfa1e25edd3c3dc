import type { Migration } from './migration.ts';

/**
 * Which tries of invoices and instalments an attempt of AutoPay is for: one attempt may collect several, each slot belongs to one attempt at
 * most. What was collected so far was one slot each, named by the attempt's nonce.
 */
export const collectedTogether: Migration = {
  name: '010-collected-together',
  tables: [
    `create table attempt_slots (
  tenant_id int not null references tenants (id),
  slot text not null,
  customer_id int not null,
  attempt_id text not null,
  invoice_id int not null,
  amount_minor int not null check (amount_minor > 0),
  primary key (tenant_id, slot),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, attempt_id) references payment_attempts (tenant_id, id),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id)
);
create index attempt_slots_attempt on attempt_slots (tenant_id, attempt_id);
insert into attempt_slots (tenant_id, slot, customer_id, attempt_id, invoice_id, amount_minor)
  select a.tenant_id, a.nonce, a.customer_id, a.id, l.invoice_id, l.amount_minor from payment_attempts a
  join attempt_allocations l on l.tenant_id = a.tenant_id and l.attempt_id = a.id
  where a.source in ('autopay', 'installment') and l.position = 0 and l.invoice_id is not null;
`,
  ],
  sqlite: [],
  postgres: [],
};
