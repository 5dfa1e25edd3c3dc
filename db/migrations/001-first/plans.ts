/** What was agreed or announced: instalments, approvals, promises. */
export const PLANS = `
-- An invoice that is paid in instalments.
create table payment_plans (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  invoice_id int not null,
  state text not null check (state in ('pending_signup','active','finished','canceled')),
  currency text not null,
  total_minor int not null,
  schedule_hash text not null, -- of what was agreed to
  started_at int, -- epoch ms; null: it waits for its approval
  created_at int not null,
  updated_at int not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, invoice_id, currency) references invoices (tenant_id, id, currency)
);
create unique index payment_plans_one on payment_plans (tenant_id, invoice_id) where state in ('pending_signup','active');
create index payment_plans_invoice on payment_plans (tenant_id, invoice_id);

-- The parts of a payment plan.
create table installments (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  plan_id int not null,
  position int not null, -- from 1
  date text not null,
  amount_minor int not null check (amount_minor > 0),
  balance_minor int not null check (balance_minor >= 0),
  attempt_count int not null default 0, -- as of invoices
  next_attempt_at int, -- as of invoices
  first_at int, -- epoch ms at which its day begins
  collect_at int, -- as of invoices
  primary key (tenant_id, id),
  unique (tenant_id, plan_id, position),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, plan_id) references payment_plans (tenant_id, id)
);
create index installments_collect on installments (tenant_id, collect_at, customer_id) where collect_at is not null;

-- Who agreed to an estimate or a plan, with the evidence.
create table approvals (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  estimate_id int,
  plan_id int,
  initials text,
  name text,
  terms_hash text,
  ip text not null,
  user_agent text not null,
  at int not null,
  primary key (tenant_id, id),
  unique (tenant_id, estimate_id),
  unique (tenant_id, plan_id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, estimate_id) references estimates (tenant_id, id),
  foreign key (tenant_id, plan_id) references payment_plans (tenant_id, id)
);

-- Payments that were announced to come outside the portal.
create table promises (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  invoice_id int not null,
  method text not null,
  expected_date text not null,
  reference text,
  notes text,
  made_by text not null check (made_by in ('customer','merchant')),
  state text not null check (state in ('open','kept','broken','withdrawn')),
  breaks_at int, -- epoch ms from which it is broken; null: it ended
  left_minor int not null default 0 check (left_minor >= 0), -- of the invoice, once it has been kept
  created_at int not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id)
);
create index promises_invoice on promises (tenant_id, invoice_id);
create index promises_break on promises (tenant_id, breaks_at) where breaks_at is not null;
`;
