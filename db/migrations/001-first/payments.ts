/** Payments and their attempts, refunds, disputes, and credit given by hand. */
export const PAYMENTS = `
-- Money that came in, or is certain to.
create table payments (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  client_id text not null,
  number text not null, -- of the receipt, without gaps
  currency text not null,
  amount_minor int not null check (amount_minor > 0), -- without the fee
  fee_minor int not null default 0 check (fee_minor >= 0), -- convenience fee on top
  refunded_minor int not null default 0 check (refunded_minor >= 0),
  date text not null,
  method text not null check (method in ('ach','cash','check','credit_card','direct_debit','eft','other','paypal','wire_transfer')),
  method_label text not null,
  state text not null check (state in ('pending','succeeded','failed','voided')),
  source text not null check (source in ('portal','autopay','installment','operator','api','import')),
  gateway text,
  gateway_payment_id text,
  gateway_account text, -- an earlier account that it was taken by; null: the connected one
  attempt_id text,
  payment_method_id int,
  reference text,
  notes text,
  receipt_email text,
  disputed int not null default 0 check (disputed in (0,1)),
  created_at int not null,
  settled_at int,
  voided_at int,
  import_id int,
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

-- What a payment, or credit, paid.
create table payment_applications (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  payment_id int, -- null: credit paid it
  kind text not null check (kind in ('invoice','estimate','credit_note','credit','applied_credit','convenience_fee')),
  invoice_id int,
  estimate_id int,
  credit_note_id int,
  currency text not null,
  amount_minor int not null check (amount_minor > 0),
  voided_at int,
  created_at int not null,
  import_id int,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, payment_id, currency) references payments (tenant_id, id, currency),
  foreign key (tenant_id, invoice_id, currency) references invoices (tenant_id, id, currency),
  foreign key (tenant_id, estimate_id, currency) references estimates (tenant_id, id, currency),
  foreign key (tenant_id, credit_note_id, currency) references credit_notes (tenant_id, id, currency)
);
create index payment_applications_payment on payment_applications (tenant_id, payment_id);
create index payment_applications_invoice on payment_applications (tenant_id, invoice_id);

-- Each try to take money by a gateway, written before the gateway is asked.
create table payment_attempts (
  tenant_id int not null references tenants (id),
  id text not null,
  customer_id int not null,
  nonce text not null, -- of the form or slots: the same never charges twice
  fingerprint text not null, -- hash of what was sent with the nonce
  currency text not null,
  amount_minor int not null check (amount_minor > 0),
  fee_minor int not null default 0 check (fee_minor >= 0),
  state text not null check (state in ('created','submitted','action_required','processing','succeeded','declined','abandoned','parked')),
  source text not null check (source in ('portal','autopay','installment','operator','api')),
  gateway text not null,
  gateway_payment_id text,
  method text not null, -- what is paid with, nothing secret: credit_card:4242:12/2030
  method_label text,
  payment_method_id int,
  challenge text,
  failure_code text,
  failure_message text,
  receipt_email text,
  wishes text not null default '{}', -- JSON; what else was asked for with it (keep the card, AutoPay, an approval)
  payment_id int,
  actor text not null,
  created_at int not null,
  submitted_at int,
  settled_at int,
  look_at int, -- epoch ms at which the gateway is asked again; null: it ended
  looks int not null default 0, -- how often it was asked
  primary key (tenant_id, id),
  unique (tenant_id, nonce),
  unique (tenant_id, gateway, gateway_payment_id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, payment_id) references payments (tenant_id, id),
  foreign key (tenant_id, payment_method_id) references payment_methods (tenant_id, id)
);
create index payment_attempts_look on payment_attempts (tenant_id, look_at) where look_at is not null;
create index payment_attempts_customer on payment_attempts (tenant_id, customer_id, created_at);

-- What an attempt is for. While one is open nobody else pays its invoice.
create table attempt_allocations (
  tenant_id int not null references tenants (id),
  attempt_id text not null,
  position int not null,
  customer_id int not null,
  invoice_id int,
  estimate_id int,
  amount_minor int not null check (amount_minor > 0),
  is_open int not null check (is_open in (0,1)),
  primary key (tenant_id, attempt_id, position),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, attempt_id) references payment_attempts (tenant_id, id),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id),
  foreign key (tenant_id, estimate_id) references estimates (tenant_id, id)
);
create unique index attempt_allocations_one_open on attempt_allocations (tenant_id, invoice_id) where is_open = 1 and invoice_id is not null;

-- Which tries of invoices and instalments an attempt of AutoPay is for; each slot belongs to one attempt at most.
create table attempt_slots (
  tenant_id int not null references tenants (id),
  slot text not null, -- autopay:invoice:try or installment:id:try
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

-- Money that went back.
create table refunds (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  payment_id int not null,
  nonce text not null,
  currency text not null,
  amount_minor int not null check (amount_minor > 0),
  state text not null check (state in ('created','submitted','succeeded','failed')),
  gateway text,
  gateway_refund_id text,
  failure_message text,
  reason text,
  actor text not null,
  created_at int not null,
  settled_at int,
  look_at int, -- epoch ms at which the gateway is asked again; null: it ended
  looks int not null default 0, -- how often it was asked
  primary key (tenant_id, id),
  unique (tenant_id, nonce),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, payment_id, currency) references payments (tenant_id, id, currency)
);
create index refunds_look on refunds (tenant_id, look_at) where look_at is not null;
create index refunds_payment on refunds (tenant_id, payment_id);

-- Payments that a bank asks back.
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
create index disputes_payment on disputes (tenant_id, payment_id);

-- Credit balance that was given or taken by hand.
create table credit_adjustments (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  currency text not null,
  amount_minor int not null, -- below zero: taken
  date text not null,
  notes text,
  actor text not null,
  created_at int not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);
`;
