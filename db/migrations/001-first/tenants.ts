/** Merchants, their settings, hosts and keys. */
export const TENANTS = `
-- A merchant: the business whose portal it is.
create table tenants (
  id int not null primary key,
  username text not null unique, -- the first label of its portal’s host
  name text not null,
  currency text not null, -- ISO 4217; of what names none
  time_zone text not null, -- IANA; its days begin there
  language text not null, -- BCP 47
  country text, -- ISO 3166, two letters
  mode text not null check (mode in ('test','live')),
  email text,
  phone text,
  website text,
  tax_id text,
  address1 text,
  address2 text,
  city text,
  region text,
  postal_code text,
  test_clock_at int, -- epoch ms at which a test tenant’s time stands still; null: real time
  created_at int not null,
  closed_at int
);

-- Hosts of their own that tenants ask for.
create table domains (
  host text not null primary key,
  tenant_id int not null references tenants (id),
  state text not null check (state in ('pending','verified')),
  token text not null,
  created_at int not null
);
create index domains_tenant on domains (tenant_id);

-- What a tenant set; what is not here is as in the catalogue of settings.
create table settings (
  tenant_id int not null references tenants (id),
  key text not null,
  value text not null,
  updated_at int not null,
  primary key (tenant_id, key)
);

-- Secrets of a tenant: of magic links, API keys, and what opens its account at a gateway.
create table keys (
  tenant_id int not null references tenants (id),
  id int not null,
  purpose text not null check (purpose in ('magic_link','api','webhook','gateway')),
  name text not null,
  sealed text, -- encrypted with the installation’s secret
  hash text, -- of what is only compared
  hint text not null, -- the last characters, to be shown
  state text not null check (state in ('active','retiring','revoked')),
  not_after int, -- epoch ms until which a retiring key works
  account text, -- the account at the gateway that it opens
  created_at int not null,
  primary key (tenant_id, id)
);
create index keys_purpose on keys (tenant_id, purpose, state);
create index keys_hash on keys (hash);

-- The last number of each sequence that people see; on SQLite also the last id of each table.
create table counters (
  tenant_id int not null references tenants (id),
  name text not null,
  value int not null,
  primary key (tenant_id, name)
);
`;
