/** Who is billed, and their people. */
export const CUSTOMERS = `
-- Whom a tenant bills.
create table customers (
  tenant_id int not null references tenants (id),
  id int not null,
  client_id text not null, -- what URLs name
  number text not null,
  type text not null check (type in ('company','person')),
  name text not null,
  attention_to text,
  email text,
  email_canonical text, -- as addresses are compared
  phone text,
  currency text not null,
  language text,
  address1 text,
  address2 text,
  city text,
  region text,
  postal_code text,
  country text,
  tax_id text,
  notes text,
  payment_terms text,
  autopay int not null default 0 check (autopay in (0,1)),
  autopay_delay_days int, -- days after the due date; null or below zero: the tenant’s setting
  disabled_methods text, -- JSON list; payment methods that are off for them
  parent_id int,
  taxable int not null default 1 check (taxable in (0,1)),
  metadata text not null default '{}', -- JSON object
  created_at int not null,
  updated_at int not null,
  closed_at int,
  import_id int,
  primary key (tenant_id, id),
  unique (tenant_id, number),
  unique (tenant_id, client_id),
  foreign key (tenant_id, parent_id) references customers (tenant_id, id)
);
create index customers_email on customers (tenant_id, email_canonical);

-- People of a customer, who may sign in by their role.
create table contacts (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  name text not null,
  title text,
  email text,
  email_canonical text,
  phone text,
  role text not null check (role in ('owner','payer','viewer')),
  is_primary int not null default 0 check (is_primary in (0,1)),
  created_at int not null,
  updated_at int not null,
  import_id int,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);
create index contacts_customer on contacts (tenant_id, customer_id);
create index contacts_email on contacts (tenant_id, email_canonical);
`;
