import type { Migration } from './migration.ts';

/**
 * Instruments that are being kept, from before the gateway hears of them until it says what became of them: a bank may ask first. And whose
 * account at a gateway something belongs to: `keys.account` is the account that keys open, `gateway_account` an earlier one that payments and
 * instruments were left at; null while it is the one that is connected.
 */
export const gatewayAccounts: Migration = {
  name: '007-gateway-accounts',
  tables: [
    `create table method_setups (
  tenant_id int not null references tenants (id),
  id text not null,
  customer_id int not null,
  gateway text not null,
  state text not null check (state in ('submitted','action_required','saved','declined','given_up')),
  wishes text not null,
  challenge text,
  payment_method_id int,
  failure_code text, failure_message text,
  created_at int not null,
  settled_at int,
  look_at int,
  looks int not null default 0,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, payment_method_id) references payment_methods (tenant_id, id)
);
create index method_setups_look on method_setups (look_at) where look_at is not null;
create index method_setups_customer on method_setups (tenant_id, customer_id);
alter table keys add column account text null;
alter table payments add column gateway_account text null;
alter table payment_methods add column gateway_account text null;
`,
  ],
  sqlite: [],
  postgres: [],
};
