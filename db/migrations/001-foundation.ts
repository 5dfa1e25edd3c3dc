import type { Migration } from './migration.ts';

/*
 * The whole house in one first migration. `int` and `text` become each engine's own types (see migration.ts).
 * Every tenant-owned table is keyed by (tenant_id, …), and every foreign key carries tenant_id, so that a row
 * cannot point into another tenant. Customer-owned tables carry customer_id besides.
 */

const TENANTS = `
create table tenants (
  id int not null primary key,
  username text not null unique,
  name text not null,
  currency text not null,
  time_zone text not null,
  language text not null,
  country text,
  mode text not null check (mode in ('test','live')),
  email text, phone text, website text, tax_id text,
  address1 text, address2 text, city text, region text, postal_code text,
  test_clock_at int,
  created_at int not null,
  closed_at int
);
create table domains (
  host text not null primary key,
  tenant_id int not null references tenants (id),
  state text not null check (state in ('pending','verified')),
  token text not null,
  verified_at int,
  created_at int not null
);
create index domains_tenant on domains (tenant_id);
create table settings (
  tenant_id int not null references tenants (id),
  key text not null,
  value text not null,
  updated_at int not null,
  primary key (tenant_id, key)
);
create table brand_files (
  tenant_id int not null references tenants (id),
  kind text not null check (kind in ('css','js','logo','icon')),
  content_type text not null,
  hash text not null,
  body text not null,
  updated_at int not null,
  primary key (tenant_id, kind)
);
create table trusted_sites (
  tenant_id int not null references tenants (id),
  id int not null,
  kind text not null check (kind in ('image','script','stylesheet','font','frame','connect')),
  source text not null,
  created_at int not null,
  primary key (tenant_id, id),
  unique (tenant_id, kind, source)
);
create table keys (
  tenant_id int not null references tenants (id),
  id int not null,
  purpose text not null check (purpose in ('magic_link','api','webhook','gateway')),
  name text not null,
  sealed text,
  hash text,
  hint text not null,
  state text not null check (state in ('active','retiring','revoked')),
  not_after int,
  last_used_at int,
  created_at int not null,
  primary key (tenant_id, id)
);
create index keys_purpose on keys (tenant_id, purpose, state);
create index keys_hash on keys (hash);
create table counters (
  tenant_id int not null references tenants (id),
  name text not null,
  value int not null,
  primary key (tenant_id, name)
);
`;

const CUSTOMERS = `
create table customers (
  tenant_id int not null references tenants (id),
  id int not null,
  client_id text not null,
  number text not null,
  type text not null check (type in ('company','person')),
  name text not null,
  attention_to text,
  email text, email_canonical text, phone text,
  currency text not null,
  language text,
  address1 text, address2 text, city text, region text, postal_code text, country text,
  tax_id text,
  notes text,
  payment_terms text,
  autopay int not null default 0 check (autopay in (0,1)),
  autopay_delay_days int,
  parent_id int,
  bill_to_parent int not null default 0 check (bill_to_parent in (0,1)),
  taxable int not null default 1 check (taxable in (0,1)),
  credit_hold int not null default 0 check (credit_hold in (0,1)),
  credit_limit_minor int,
  metadata text not null default '{}',
  created_at int not null,
  updated_at int not null,
  closed_at int,
  primary key (tenant_id, id),
  unique (tenant_id, number),
  unique (tenant_id, client_id),
  foreign key (tenant_id, parent_id) references customers (tenant_id, id)
);
create index customers_email on customers (tenant_id, email_canonical);
create table contacts (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  name text not null,
  title text,
  email text, email_canonical text, phone text,
  role text not null check (role in ('owner','payer','viewer')),
  is_primary int not null default 0 check (is_primary in (0,1)),
  created_at int not null,
  updated_at int not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);
create index contacts_customer on contacts (tenant_id, customer_id);
create index contacts_email on contacts (tenant_id, email_canonical);
`;

const CATALOGUE = `
create table items (
  tenant_id int not null references tenants (id),
  id text not null,
  name text not null, description text, type text,
  currency text not null,
  unit_cost text not null,
  taxable int not null default 1 check (taxable in (0,1)),
  discountable int not null default 1 check (discountable in (0,1)),
  archived int not null default 0 check (archived in (0,1)),
  metadata text not null default '{}',
  created_at int not null,
  primary key (tenant_id, id)
);
create table tax_rates (
  tenant_id int not null references tenants (id),
  id text not null,
  name text not null,
  percent text, amount_minor int, currency text,
  inclusive int not null default 0 check (inclusive in (0,1)),
  category text,
  created_at int not null,
  primary key (tenant_id, id)
);
create table coupons (
  tenant_id int not null references tenants (id),
  id text not null,
  name text not null,
  percent text, amount_minor int, currency text,
  duration_cycles int,
  exclusive int not null default 0 check (exclusive in (0,1)),
  expires_at int,
  redemptions int not null default 0,
  max_redemptions int,
  created_at int not null,
  primary key (tenant_id, id)
);
create table plans (
  tenant_id int not null references tenants (id),
  id text not null,
  item_id text,
  name text not null, description text,
  currency text not null,
  amount text,
  pricing_mode text not null check (pricing_mode in ('per_unit','volume','tiered','custom')),
  quantity_type text not null default 'constant' check (quantity_type in ('constant','usage')),
  interval text not null check (interval in ('day','week','month','year')),
  interval_count int not null,
  tiers text,
  archived int not null default 0 check (archived in (0,1)),
  metadata text not null default '{}',
  created_at int not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, item_id) references items (tenant_id, id)
);
create table sign_up_pages (
  tenant_id int not null references tenants (id),
  id int not null,
  client_id text not null,
  name text not null,
  definition text not null,
  created_at int not null,
  primary key (tenant_id, id),
  unique (tenant_id, client_id)
);
create table subscriptions (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  client_id text not null,
  plan_id text not null,
  currency text not null,
  amount text,
  quantity text not null,
  description text,
  state text not null check (state in ('not_started','active','past_due','finished','canceled')),
  paused int not null default 0 check (paused in (0,1)),
  bill_in text not null default 'advance' check (bill_in in ('advance','arrears')),
  bill_in_advance_days int not null default 0,
  snap_to_nth_day int,
  cycles int,
  start_date text not null,
  period_start text, period_end text, renews_next text, renewed_last text,
  contract_start text, contract_end text, contract_renewal_mode text, contract_renewal_cycles int,
  cancel_at_period_end int not null default 0 check (cancel_at_period_end in (0,1)),
  canceled_at int,
  discounts text not null default '[]',
  taxes text not null default '[]',
  metadata text not null default '{}',
  created_at int not null,
  updated_at int not null,
  primary key (tenant_id, id),
  unique (tenant_id, client_id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, plan_id) references plans (tenant_id, id)
);
create index subscriptions_customer on subscriptions (tenant_id, customer_id);
create index subscriptions_renewal on subscriptions (tenant_id, renews_next);
create table subscription_addons (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  subscription_id int not null,
  plan_id text not null,
  quantity text not null,
  amount text, description text,
  created_at int not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, subscription_id) references subscriptions (tenant_id, id),
  foreign key (tenant_id, plan_id) references plans (tenant_id, id)
);
create index subscription_addons_of on subscription_addons (tenant_id, subscription_id);
`;

const DOCUMENTS = `
create table invoices (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  client_id text not null,
  number text not null,
  name text,
  currency text not null,
  date text not null,
  due_date text,
  payment_terms text, purchase_order text, buyer_reference text, notes text,
  state text not null check (state in ('draft','issued','voided')),
  closed int not null default 0 check (closed in (0,1)),
  subtotal_minor int not null,
  discount_minor int not null default 0,
  charge_minor int not null default 0,
  tax_minor int not null default 0,
  rounding_minor int not null default 0,
  total_minor int not null,
  balance_minor int not null check (balance_minor >= 0),
  pending_minor int not null default 0 check (pending_minor >= 0),
  autopay int not null default 0 check (autopay in (0,1)),
  attempt_count int not null default 0,
  next_attempt_at int,
  subscription_id int,
  estimate_id int,
  needs_attention int not null default 0 check (needs_attention in (0,1)),
  payment_means text,
  ship_to text,
  document_references text,
  disabled_methods text,
  source text not null default 'manual',
  source_hash text,
  version int not null default 1,
  sent_at int, viewed_at int, paid_at int, voided_at int,
  metadata text not null default '{}',
  created_at int not null,
  updated_at int not null,
  primary key (tenant_id, id),
  unique (tenant_id, number),
  unique (tenant_id, client_id),
  unique (tenant_id, id, currency),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, subscription_id) references subscriptions (tenant_id, id)
);
create index invoices_by_date on invoices (tenant_id, customer_id, date, id);
create index invoices_by_due on invoices (tenant_id, customer_id, due_date, id);
create index invoices_by_number on invoices (tenant_id, customer_id, number, id);
create index invoices_open on invoices (tenant_id, customer_id, currency, due_date) where balance_minor > 0;
create index invoices_collect on invoices (tenant_id, next_attempt_at) where next_attempt_at is not null;
create table estimates (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  client_id text not null,
  number text not null,
  name text,
  currency text not null,
  date text not null,
  expiration_date text,
  payment_terms text, purchase_order text, buyer_reference text, notes text,
  state text not null check (state in ('draft','issued','voided')),
  closed int not null default 0 check (closed in (0,1)),
  subtotal_minor int not null,
  discount_minor int not null default 0,
  charge_minor int not null default 0,
  tax_minor int not null default 0,
  rounding_minor int not null default 0,
  total_minor int not null,
  deposit_minor int not null default 0,
  deposit_paid_minor int not null default 0,
  invoice_id int,
  declined_at int, decline_reason text,
  needs_attention int not null default 0 check (needs_attention in (0,1)),
  ship_to text,
  document_references text,
  source text not null default 'manual',
  source_hash text,
  version int not null default 1,
  sent_at int, viewed_at int, voided_at int,
  metadata text not null default '{}',
  created_at int not null,
  updated_at int not null,
  primary key (tenant_id, id),
  unique (tenant_id, number),
  unique (tenant_id, client_id),
  unique (tenant_id, id, currency),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, invoice_id, currency) references invoices (tenant_id, id, currency)
);
create index estimates_by_date on estimates (tenant_id, customer_id, date, id);
create table credit_notes (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  client_id text not null,
  number text not null,
  name text,
  currency text not null,
  date text not null,
  payment_terms text, purchase_order text, buyer_reference text, notes text,
  state text not null check (state in ('draft','issued','voided')),
  closed int not null default 0 check (closed in (0,1)),
  subtotal_minor int not null,
  discount_minor int not null default 0,
  charge_minor int not null default 0,
  tax_minor int not null default 0,
  rounding_minor int not null default 0,
  total_minor int not null,
  balance_minor int not null check (balance_minor >= 0),
  invoice_id int,
  ship_to text,
  document_references text,
  source text not null default 'manual',
  source_hash text,
  version int not null default 1,
  sent_at int, viewed_at int, voided_at int,
  metadata text not null default '{}',
  created_at int not null,
  updated_at int not null,
  primary key (tenant_id, id),
  unique (tenant_id, number),
  unique (tenant_id, client_id),
  unique (tenant_id, id, currency),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, invoice_id, currency) references invoices (tenant_id, id, currency)
);
create index credit_notes_by_date on credit_notes (tenant_id, customer_id, date, id);
create table lines (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  invoice_id int, estimate_id int, credit_note_id int,
  position int not null,
  item_code text, type text,
  name text not null,
  description text,
  quantity text not null,
  unit text,
  unit_cost text not null,
  base_quantity text,
  amount_minor int not null,
  discountable int not null default 1 check (discountable in (0,1)),
  taxable int not null default 1 check (taxable in (0,1)),
  tax_category text, tax_percent text,
  plan_id text, period_start text, period_end text,
  prorated int not null default 0 check (prorated in (0,1)),
  metadata text not null default '{}',
  primary key (tenant_id, id),
  check ((invoice_id is null) + (estimate_id is null) + (credit_note_id is null) = 2),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id),
  foreign key (tenant_id, estimate_id) references estimates (tenant_id, id),
  foreign key (tenant_id, credit_note_id) references credit_notes (tenant_id, id)
);
create index lines_invoice on lines (tenant_id, invoice_id, position) where invoice_id is not null;
create index lines_estimate on lines (tenant_id, estimate_id, position) where estimate_id is not null;
create index lines_credit_note on lines (tenant_id, credit_note_id, position) where credit_note_id is not null;
create table applied_rates (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  invoice_id int, estimate_id int, credit_note_id int,
  line_id int,
  kind text not null check (kind in ('discount','charge','tax','shipping')),
  position int not null,
  name text not null,
  percent text,
  base_minor int,
  amount_minor int not null,
  inclusive int not null default 0 check (inclusive in (0,1)),
  category text, reason_code text, exemption_reason text,
  coupon_id text, tax_rate_id text,
  expires_at int,
  primary key (tenant_id, id),
  check ((invoice_id is null) + (estimate_id is null) + (credit_note_id is null) = 2),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, line_id) references lines (tenant_id, id),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id),
  foreign key (tenant_id, estimate_id) references estimates (tenant_id, id),
  foreign key (tenant_id, credit_note_id) references credit_notes (tenant_id, id)
);
create index applied_rates_invoice on applied_rates (tenant_id, invoice_id, position) where invoice_id is not null;
create index applied_rates_estimate on applied_rates (tenant_id, estimate_id, position) where estimate_id is not null;
create index applied_rates_credit_note on applied_rates (tenant_id, credit_note_id, position) where credit_note_id is not null;
create table files (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int,
  name text not null,
  type text not null,
  size_bytes int not null,
  hash text not null,
  storage_key text not null,
  on_account int not null default 0 check (on_account in (0,1)),
  created_at int not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);
create index files_customer on files (tenant_id, customer_id);
create table comments (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  invoice_id int, estimate_id int, credit_note_id int,
  author text not null check (author in ('customer','merchant')),
  author_name text not null,
  author_email text,
  body text not null,
  nonce text,
  created_at int not null,
  primary key (tenant_id, id),
  unique (tenant_id, nonce),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id),
  foreign key (tenant_id, estimate_id) references estimates (tenant_id, id),
  foreign key (tenant_id, credit_note_id) references credit_notes (tenant_id, id)
);
create index comments_invoice on comments (tenant_id, invoice_id, id);
create index comments_estimate on comments (tenant_id, estimate_id, id);
create table attachments (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  file_id int not null,
  invoice_id int, estimate_id int, credit_note_id int, comment_id int,
  created_at int not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, file_id) references files (tenant_id, id),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id),
  foreign key (tenant_id, estimate_id) references estimates (tenant_id, id),
  foreign key (tenant_id, credit_note_id) references credit_notes (tenant_id, id),
  foreign key (tenant_id, comment_id) references comments (tenant_id, id)
);
create index attachments_customer on attachments (tenant_id, customer_id);
`;

const PAYMENTS = `
create table payment_methods (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  kind text not null check (kind in ('card','bank_account')),
  label text,
  brand text, last4 text, exp_month int, exp_year int, funding text,
  bank_name text, bank_country text,
  gateway text not null,
  gateway_id text not null,
  gateway_customer_id text,
  state text not null check (state in ('verifying','usable','failed','removed')),
  is_default int not null default 0 check (is_default in (0,1)),
  failure_reason text,
  mandate text,
  created_at int not null,
  updated_at int not null,
  removed_at int,
  primary key (tenant_id, id),
  unique (tenant_id, gateway, gateway_id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);
create index payment_methods_customer on payment_methods (tenant_id, customer_id);
create table payment_plans (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  invoice_id int not null,
  state text not null check (state in ('pending_signup','active','finished','canceled')),
  currency text not null,
  total_minor int not null,
  schedule_hash text not null,
  created_at int not null,
  updated_at int not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, invoice_id, currency) references invoices (tenant_id, id, currency)
);
create unique index payment_plans_one on payment_plans (tenant_id, invoice_id) where state in ('pending_signup','active');
create table installments (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  plan_id int not null,
  position int not null,
  date text not null,
  amount_minor int not null check (amount_minor > 0),
  balance_minor int not null check (balance_minor >= 0),
  attempt_count int not null default 0,
  next_attempt_at int,
  primary key (tenant_id, id),
  unique (tenant_id, plan_id, position),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, plan_id) references payment_plans (tenant_id, id)
);
create table approvals (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  estimate_id int, plan_id int,
  initials text, name text,
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
create table payments (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  client_id text not null,
  number text not null,
  currency text not null,
  amount_minor int not null check (amount_minor > 0),
  fee_minor int not null default 0 check (fee_minor >= 0),
  refunded_minor int not null default 0 check (refunded_minor >= 0),
  date text not null,
  method text not null check (method in ('ach','cash','check','credit_card','direct_debit','eft','other','paypal','wire_transfer')),
  method_label text not null,
  state text not null check (state in ('pending','succeeded','failed','voided')),
  source text not null check (source in ('portal','autopay','installment','operator','api','import')),
  gateway text, gateway_payment_id text,
  attempt_id text,
  payment_method_id int,
  reference text, notes text,
  receipt_email text,
  disputed int not null default 0 check (disputed in (0,1)),
  created_at int not null,
  settled_at int, voided_at int,
  primary key (tenant_id, id),
  unique (tenant_id, client_id),
  unique (tenant_id, number),
  unique (tenant_id, attempt_id),
  unique (tenant_id, gateway, gateway_payment_id),
  unique (tenant_id, id, currency),
  check (refunded_minor <= amount_minor + fee_minor),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, payment_method_id) references payment_methods (tenant_id, id)
);
create index payments_by_date on payments (tenant_id, customer_id, date, id);
create table payment_applications (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  payment_id int,
  kind text not null check (kind in ('invoice','estimate','credit_note','credit','applied_credit','convenience_fee')),
  invoice_id int, estimate_id int, credit_note_id int,
  currency text not null,
  amount_minor int not null check (amount_minor > 0),
  voided_at int,
  created_at int not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, payment_id, currency) references payments (tenant_id, id, currency),
  foreign key (tenant_id, invoice_id, currency) references invoices (tenant_id, id, currency),
  foreign key (tenant_id, estimate_id, currency) references estimates (tenant_id, id, currency),
  foreign key (tenant_id, credit_note_id, currency) references credit_notes (tenant_id, id, currency)
);
create index payment_applications_payment on payment_applications (tenant_id, payment_id);
create index payment_applications_invoice on payment_applications (tenant_id, invoice_id);
create table payment_attempts (
  tenant_id int not null references tenants (id),
  id text not null,
  customer_id int not null,
  nonce text not null,
  fingerprint text not null,
  currency text not null,
  amount_minor int not null check (amount_minor > 0),
  fee_minor int not null default 0 check (fee_minor >= 0),
  state text not null check (state in ('created','submitted','action_required','processing','succeeded','declined','abandoned','parked')),
  source text not null check (source in ('portal','autopay','installment','operator','api')),
  gateway text not null,
  gateway_payment_id text,
  method text not null,
  method_label text,
  payment_method_id int,
  challenge text,
  failure_code text, failure_message text,
  receipt_email text,
  payment_id int,
  actor text not null,
  created_at int not null,
  submitted_at int, settled_at int,
  look_at int,
  looks int not null default 0,
  primary key (tenant_id, id),
  unique (tenant_id, nonce),
  unique (tenant_id, gateway, gateway_payment_id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, payment_id) references payments (tenant_id, id),
  foreign key (tenant_id, payment_method_id) references payment_methods (tenant_id, id)
);
create index payment_attempts_look on payment_attempts (look_at) where look_at is not null;
create index payment_attempts_customer on payment_attempts (tenant_id, customer_id, created_at);
create table attempt_allocations (
  tenant_id int not null references tenants (id),
  attempt_id text not null,
  position int not null,
  customer_id int not null,
  invoice_id int, estimate_id int,
  amount_minor int not null check (amount_minor > 0),
  invoice_version int,
  is_open int not null check (is_open in (0,1)),
  primary key (tenant_id, attempt_id, position),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, attempt_id) references payment_attempts (tenant_id, id),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id),
  foreign key (tenant_id, estimate_id) references estimates (tenant_id, id)
);
create unique index attempt_allocations_one_open on attempt_allocations (tenant_id, invoice_id) where is_open = 1 and invoice_id is not null;
create table refunds (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  payment_id int not null,
  nonce text not null,
  currency text not null,
  amount_minor int not null check (amount_minor > 0),
  state text not null check (state in ('created','submitted','succeeded','failed')),
  gateway text, gateway_refund_id text, failure_message text, reason text,
  actor text not null,
  created_at int not null,
  settled_at int,
  primary key (tenant_id, id),
  unique (tenant_id, nonce),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, payment_id, currency) references payments (tenant_id, id, currency)
);
create table disputes (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  payment_id int not null,
  gateway_dispute_id text not null,
  currency text not null,
  amount_minor int not null check (amount_minor > 0),
  state text not null check (state in ('open','won','lost')),
  reason text,
  opened_at int not null,
  closed_at int,
  primary key (tenant_id, id),
  unique (tenant_id, gateway_dispute_id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, payment_id, currency) references payments (tenant_id, id, currency)
);
create table promises (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  invoice_id int not null,
  method text not null,
  expected_date text not null,
  reference text, notes text,
  made_by text not null check (made_by in ('customer','merchant')),
  state text not null check (state in ('open','kept','broken','withdrawn')),
  created_at int not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id)
);
create index promises_invoice on promises (tenant_id, invoice_id);
create table credit_adjustments (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  currency text not null,
  amount_minor int not null,
  date text not null,
  notes text,
  actor text not null,
  created_at int not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);
create table slots (
  tenant_id int not null references tenants (id),
  job text not null,
  slot text not null,
  claimed_at int not null,
  done_at int,
  primary key (tenant_id, job, slot)
);
create table journal (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  currency text not null,
  date text not null,
  kind text not null check (kind in ('invoice','invoice_void','credit_note','credit_note_void','payment','payment_void','refund','dispute','dispute_won','credit_applied','credit_adjustment','write_off')),
  invoice_id int, credit_note_id int, payment_id int, refund_id int,
  memo text,
  actor text not null,
  at int not null,
  primary key (tenant_id, id),
  unique (tenant_id, id, currency),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id),
  foreign key (tenant_id, credit_note_id) references credit_notes (tenant_id, id),
  foreign key (tenant_id, payment_id) references payments (tenant_id, id),
  foreign key (tenant_id, refund_id) references refunds (tenant_id, id)
);
create index journal_customer on journal (tenant_id, customer_id, currency, date, id);
create index journal_payment on journal (tenant_id, payment_id) where payment_id is not null;
create table postings (
  tenant_id int not null references tenants (id),
  journal_id int not null,
  position int not null,
  customer_id int not null,
  account text not null check (account in ('receivable','credit_note','credit_balance','sales','cash','fees','adjustments','disputed','bad_debt')),
  currency text not null,
  amount_minor int not null check (amount_minor <> 0),
  invoice_id int, credit_note_id int,
  primary key (tenant_id, journal_id, position),
  check ((account = 'receivable' and invoice_id is not null) or (account <> 'receivable' and invoice_id is null)),
  check ((account = 'credit_note' and credit_note_id is not null) or (account <> 'credit_note' and credit_note_id is null)),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, journal_id, currency) references journal (tenant_id, id, currency),
  foreign key (tenant_id, invoice_id, currency) references invoices (tenant_id, id, currency),
  foreign key (tenant_id, credit_note_id, currency) references credit_notes (tenant_id, id, currency)
);
create index postings_invoice on postings (tenant_id, invoice_id) where invoice_id is not null;
create index postings_credit_note on postings (tenant_id, credit_note_id) where credit_note_id is not null;
create index postings_account on postings (tenant_id, customer_id, currency, account);
`;

const TRAIL = `
create table events (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int,
  type text not null,
  invoice_id int, estimate_id int, credit_note_id int, payment_id int,
  data text not null,
  actor text not null,
  at int not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);
create index events_invoice on events (tenant_id, invoice_id) where invoice_id is not null;
create index events_customer on events (tenant_id, customer_id, id);
create table outbox (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int,
  channel text not null check (channel in ('mail','webhook')),
  topic text not null,
  recipient text not null,
  payload text not null,
  state text not null check (state in ('waiting','sending','sent','failed')),
  tries int not null default 0,
  due_at int not null,
  lease_until int,
  provider_id text,
  last_error text,
  created_at int not null,
  sent_at int,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);
create index outbox_due on outbox (due_at) where state in ('waiting','sending');
create table mailbox (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int,
  message_id text not null,
  sender text not null,
  recipient text not null,
  subject text not null,
  text_body text not null,
  html_body text not null,
  attachments text not null default '[]',
  at int not null,
  primary key (tenant_id, id),
  unique (tenant_id, message_id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);
create table webhook_endpoints (
  tenant_id int not null references tenants (id),
  id int not null,
  url text not null,
  events text not null,
  sealed_secret text not null,
  state text not null check (state in ('active','disabled')),
  failures int not null default 0,
  created_at int not null,
  primary key (tenant_id, id)
);
create table gateway_events (
  tenant_id int not null references tenants (id),
  gateway text not null,
  id text not null,
  type text not null,
  received_at int not null,
  handled_at int,
  outcome text,
  primary key (tenant_id, gateway, id)
);
create table idempotency_keys (
  tenant_id int not null references tenants (id),
  key text not null,
  request_hash text not null,
  status int,
  response text,
  created_at int not null,
  primary key (tenant_id, key)
);
`;

const SIGN_IN = `
create table portal_users (
  tenant_id int not null references tenants (id),
  id text not null,
  email_canonical text not null,
  created_at int not null,
  primary key (tenant_id, id),
  unique (tenant_id, email_canonical)
);
create index portal_users_id on portal_users (id);
create table sessions (
  tenant_id int not null references tenants (id),
  id text not null,
  user_id text not null,
  customer_id int,
  expires_at int not null,
  absolute_expires_at int not null,
  idle_seconds int not null,
  scope text not null check (scope in ('portal','temporary','document','manage')),
  document text,
  method text not null check (method in ('magic_link','email_link','email_code','view_link','sign_up')),
  key_id int,
  issuer text,
  address text not null,
  browser text not null,
  fresh_until int,
  created_at int not null,
  seen_at int not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, user_id) references portal_users (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, key_id) references keys (tenant_id, id)
);
create index sessions_id on sessions (id);
create index sessions_user on sessions (user_id);
create index sessions_expiry on sessions (expires_at);
create table signin_requests (
  tenant_id int not null references tenants (id),
  id int not null,
  email_canonical text not null,
  browser_hash text not null,
  redirect_to text,
  address text not null,
  language text,
  state text not null check (state in ('requested','handled')),
  requested_at int not null,
  primary key (tenant_id, id)
);
create index signin_requests_waiting on signin_requests (requested_at) where state = 'requested';
create table email_links (
  tenant_id int not null references tenants (id),
  token_hash text not null,
  request_id int not null,
  email_canonical text not null,
  browser_hash text not null,
  code_hash text not null,
  tries int not null default 0,
  redirect_to text,
  expires_at int not null,
  used_at int,
  created_at int not null,
  primary key (tenant_id, token_hash),
  foreign key (tenant_id, request_id) references signin_requests (tenant_id, id)
);
create index email_links_browser on email_links (tenant_id, browser_hash);
create index email_links_expiry on email_links (expires_at);
create table used_links (
  tenant_id int not null references tenants (id),
  link_hash text not null,
  used_at int not null,
  expires_at int not null,
  primary key (tenant_id, link_hash)
);
create table rate_limits (
  tenant_id int not null references tenants (id),
  action text not null,
  subject text not null,
  window_start int not null,
  hits int not null,
  primary key (tenant_id, action, subject)
);
`;

/** Tables whose ids count up from 1: sequences on PostgreSQL, rows of `counters` on SQLite. */
const NUMBERED = `
  trusted_sites keys customers contacts sign_up_pages subscriptions subscription_addons
  invoices estimates credit_notes lines applied_rates files comments attachments
  payment_methods payment_plans installments approvals payments payment_applications
  refunds disputes promises credit_adjustments journal events outbox mailbox webhook_endpoints signin_requests
`
  .trim()
  .split(/\s+/);

const FROZEN = ['journal', 'postings'];

export const foundation: Migration = {
  name: '001-foundation',
  tables: [TENANTS, CUSTOMERS, CATALOGUE, DOCUMENTS, PAYMENTS, TRAIL, SIGN_IN],
  sqlite: FROZEN.flatMap((table) =>
    ['update', 'delete'].map(
      (verb) =>
        `create trigger ${table}_no_${verb} before ${verb} on ${table}
         begin select raise(abort, 'the ledger is append-only: no ${verb} of ${table}'); end`,
    ),
  ),
  postgres: [
    `create function refuse_change() returns trigger language plpgsql as $$
     begin raise exception 'the ledger is append-only: no % of %', lower(tg_op), tg_table_name; end $$`,
    ...FROZEN.map(
      (table) =>
        `create trigger ${table}_frozen before update or delete on ${table} for each row execute function refuse_change()`,
    ),
    ...NUMBERED.map((table) => `create sequence ${table}_ids as bigint`),
    `create sequence tenants_ids as bigint`,
  ],
};
