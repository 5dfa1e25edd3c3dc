/** What happened, what is to be sent, what gateways said, and the work that is under way. */
export const TRAIL = `
-- The trail of a customer and their documents.
create table events (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int,
  type text not null,
  invoice_id int,
  estimate_id int,
  credit_note_id int,
  payment_id int,
  data text not null, -- JSON object
  actor text not null,
  at int not null,
  import_id int,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);
create index events_invoice on events (tenant_id, invoice_id) where invoice_id is not null;
create index events_customer on events (tenant_id, customer_id, id);

-- Mail that was asked for in the transaction of its cause, and leaves after it.
create table outbox (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int,
  channel text not null check (channel in ('mail','webhook')),
  topic text not null,
  recipient text not null,
  payload text not null, -- JSON object
  state text not null check (state in ('waiting','sending','sent','failed')),
  urgent int not null default 0, -- 1: somebody waits for it
  send_at int, -- epoch ms from which it leaves; null: it left, or was given up
  provider_id text, -- as the mail server named it
  created_at int not null,
  sent_at int,
  primary key (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);
create index outbox_send on outbox (urgent, tenant_id, send_at, id) where send_at is not null;

-- Mail of tenants in test mode, kept instead of sent.
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
  attachments text not null default '[]', -- JSON list
  at int not null,
  primary key (tenant_id, id),
  unique (tenant_id, message_id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id)
);

-- What gateways told by webhook, once each.
create table gateway_events (
  tenant_id int not null references tenants (id),
  gateway text not null,
  id text not null,
  type text not null,
  received_at int not null,
  handled_at int,
  outcome text,
  payload text, -- JSON; what is tried again
  look_at int, -- epoch ms of the next try; null: it was handled or given up
  looks int not null default 0, -- how often it was tried
  primary key (tenant_id, gateway, id)
);
create index gateway_events_look on gateway_events (tenant_id, look_at) where look_at is not null;

-- Answers of operations that may be asked for again with the same key.
create table idempotency_keys (
  tenant_id int not null references tenants (id),
  key text not null,
  request_hash text not null,
  response text, -- JSON
  created_at int not null,
  primary key (tenant_id, key)
);

-- Work in the background that is under way, failed or was given up. What is due stands in the tables of its subject.
create table jobs (
  tenant_id int not null references tenants (id),
  name text not null,
  item text not null, -- the row or customer it is about
  about text,
  state text not null check (state in ('alive','dead')),
  token text, -- of who works on it
  held_until int, -- epoch ms at which the lease runs out
  tries int not null default 0,
  next_at int, -- epoch ms of the next try
  error text,
  created_at int not null,
  updated_at int not null,
  primary key (tenant_id, name, item)
);
create index jobs_held on jobs (tenant_id, name, held_until) where held_until is not null;

-- Imports under way, whose rows nobody sees, and those that were kept.
create table imports (
  tenant_id int not null references tenants (id),
  id int not null,
  state text not null check (state in ('open','kept')),
  holder text not null, -- the process that writes it
  lease_until int not null, -- epoch ms; it renews that while it is alive
  after_ids text not null, -- JSON; the greatest id of each table before it
  began_at int not null,
  kept_at int,
  primary key (tenant_id, id)
);
create unique index imports_open on imports (tenant_id) where state = 'open';
`;
