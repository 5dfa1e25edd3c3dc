/** Invoices, estimates and credit notes, with their lines and what was taken off or added. */
export const DOCUMENTS = `
-- What a customer owes.
create table invoices (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  client_id text not null,
  number text not null,
  name text,
  currency text not null,
  date text not null, -- civil, as in all documents
  due_date text, -- null: no day is set
  payment_terms text,
  purchase_order text,
  buyer_reference text,
  notes text,
  state text not null check (state in ('draft','issued','voided')),
  closed int not null default 0 check (closed in (0,1)), -- nobody is asked to pay it any more
  subtotal_minor int not null,
  discount_minor int not null default 0,
  charge_minor int not null default 0,
  tax_minor int not null default 0,
  rounding_minor int not null default 0,
  total_minor int not null,
  balance_minor int not null check (balance_minor >= 0), -- what is open, as the ledger has it
  pending_minor int not null default 0 check (pending_minor >= 0), -- of the balance, what is on its way
  autopay int not null default 0 check (autopay in (0,1)), -- collected by itself whether the customer is enrolled or not
  by_hand int not null default 0 check (by_hand in (0,1)), -- paid by hand although AutoPay is on: its plan was taken back
  attempt_count int not null default 0, -- tries of AutoPay that were begun
  next_attempt_at int, -- epoch ms of the next try, once one was made
  first_at int, -- epoch ms at which AutoPay collects it first, if it does: see first-collection.ts
  collect_at int, -- epoch ms at which it is collected by itself next; null: it is not. Triggers keep it
  estimate_id int,
  payment_means text, -- JSON; how the paper says to pay
  document_references text, -- JSON; other documents that it names
  disabled_methods text, -- JSON list; payment methods that are off for it
  source text not null default 'manual', -- where it came from
  source_hash text, -- of the file it was imported from
  version int not null default 1, -- counted up by each change
  sent_at int,
  viewed_at int,
  paid_at int,
  voided_at int,
  metadata text not null default '{}', -- JSON object
  created_at int not null,
  updated_at int not null,
  import_id int,
  primary key (tenant_id, id),
  unique (tenant_id, number),
  unique (tenant_id, client_id),
  unique (tenant_id, id, currency),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);
create index invoices_by_date on invoices (tenant_id, customer_id, date, id);
create index invoices_by_due on invoices (tenant_id, customer_id, due_date, id);
create index invoices_by_number on invoices (tenant_id, customer_id, number, id);
create index invoices_open on invoices (tenant_id, customer_id, currency, due_date) where balance_minor > 0;
create index invoices_collect on invoices (tenant_id, collect_at, customer_id) where collect_at is not null;
-- The totals under a list of invoices, from the index alone.
create index invoices_totals on invoices (tenant_id, customer_id, state, currency, total_minor, balance_minor, import_id);

-- Offers that a customer approves or declines, some with a deposit.
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
  payment_terms text,
  purchase_order text,
  buyer_reference text,
  notes text,
  state text not null check (state in ('draft','issued','voided')),
  closed int not null default 0 check (closed in (0,1)),
  subtotal_minor int not null,
  discount_minor int not null default 0,
  charge_minor int not null default 0,
  tax_minor int not null default 0,
  rounding_minor int not null default 0,
  total_minor int not null,
  deposit_minor int not null default 0, -- asked for on approval
  deposit_paid_minor int not null default 0,
  invoice_id int,
  declined_at int,
  decline_reason text,
  document_references text,
  disabled_methods text,
  source text not null default 'manual',
  source_hash text,
  version int not null default 1,
  sent_at int,
  viewed_at int,
  voided_at int,
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

-- What a tenant owes back, to be put against invoices.
create table credit_notes (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  client_id text not null,
  number text not null,
  name text,
  currency text not null,
  date text not null,
  payment_terms text,
  purchase_order text,
  buyer_reference text,
  notes text,
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
  document_references text,
  source text not null default 'manual',
  source_hash text,
  version int not null default 1,
  sent_at int,
  viewed_at int,
  voided_at int,
  metadata text not null default '{}',
  created_at int not null,
  updated_at int not null,
  import_id int,
  primary key (tenant_id, id),
  unique (tenant_id, number),
  unique (tenant_id, client_id),
  unique (tenant_id, id, currency),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, invoice_id, currency) references invoices (tenant_id, id, currency)
);
create index credit_notes_by_date on credit_notes (tenant_id, customer_id, date, id);

-- What a document is for. Each belongs to one document.
create table lines (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  invoice_id int,
  estimate_id int,
  credit_note_id int,
  position int not null,
  item_code text,
  type text,
  name text not null,
  description text,
  quantity text not null, -- decimal text
  unit text,
  unit_cost text not null, -- decimal text, major units
  base_quantity text, -- decimal text; what the unit cost is for, if not one
  amount_minor int not null, -- before taxes, after rounding
  discountable int not null default 1 check (discountable in (0,1)),
  taxable int not null default 1 check (taxable in (0,1)),
  tax_category text,
  tax_percent text, -- decimal text
  period_start text,
  period_end text,
  metadata text not null default '{}',
  import_id int,
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

-- Discounts, charges and taxes, of a whole document or of one line.
create table applied_rates (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  invoice_id int,
  estimate_id int,
  credit_note_id int,
  line_id int, -- null: of the whole document
  kind text not null check (kind in ('discount','charge','tax','shipping')),
  position int not null,
  name text not null,
  percent text, -- decimal text
  base_minor int, -- what the percentage is of
  amount_minor int not null,
  inclusive int not null default 0 check (inclusive in (0,1)),
  category text,
  reason_code text,
  exemption_reason text,
  coupon_id text,
  tax_rate_id text,
  expires_at int,
  import_id int,
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
`;
