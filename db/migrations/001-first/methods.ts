/** Instruments that customers pay with. */
export const METHODS = `
-- Cards and bank accounts that a gateway keeps for a customer.
create table payment_methods (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  kind text not null check (kind in ('card','bank_account')),
  label text,
  brand text,
  last4 text,
  exp_month int,
  exp_year int,
  warn_at int, -- epoch ms at which the customer is told that it ends; null: nothing to tell, or it was told
  bank_name text,
  bank_country text,
  gateway text not null,
  gateway_id text not null,
  gateway_customer_id text,
  gateway_account text, -- an earlier account that it was left at; null: the connected one
  state text not null check (state in ('verifying','usable','failed','removed')),
  is_default int not null default 0 check (is_default in (0,1)),
  failure_reason text,
  mandate text, -- what was agreed to by giving a bank account
  created_at int not null,
  updated_at int not null,
  removed_at int,
  primary key (tenant_id, id),
  unique (tenant_id, gateway, gateway_id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);
create index payment_methods_customer on payment_methods (tenant_id, customer_id);
create index payment_methods_warn on payment_methods (tenant_id, warn_at) where warn_at is not null;

-- Instruments that are being kept, from before the gateway hears of them until it says what became of them.
create table method_setups (
  tenant_id int not null references tenants (id),
  id text not null,
  customer_id int not null,
  gateway text not null,
  state text not null check (state in ('submitted','action_required','saved','declined','given_up')),
  wishes text not null, -- JSON; what else was asked for with it
  challenge text, -- where the bank asks
  payment_method_id int,
  failure_code text,
  failure_message text,
  created_at int not null,
  settled_at int,
  look_at int, -- epoch ms at which the gateway is asked again; null: it ended
  looks int not null default 0, -- how often it was asked
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, payment_method_id) references payment_methods (tenant_id, id)
);
create index method_setups_look on method_setups (tenant_id, look_at) where look_at is not null;
create index method_setups_customer on method_setups (tenant_id, customer_id);
`;
