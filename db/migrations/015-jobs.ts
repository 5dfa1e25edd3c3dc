import type { Migration } from './migration.ts';

const GIVEN_UP_MAIL = `insert into jobs (tenant_id, name, item, about, state, tries, error, created_at, updated_at)
  select tenant_id, 'mail', cast(id as text), topic || ' to ' || recipient, 'dead', tries, coalesce(last_error, 'It was given up.'), created_at, created_at
  from outbox where state = 'failed' and channel = 'mail' and topic not like 'sign%'`;

/**
 * Work in the background: who works on what, what failed, and what was given up. What is due is found by tenant, so that one tenant's much does not
 * stand before another's little. A mail leaves from `outbox.send_at` on; null once it has left or was given up.
 */
export const jobs: Migration = {
  name: '015-jobs',
  tables: [
    `create table jobs (
  tenant_id int not null references tenants (id),
  name text not null,
  item text not null,
  about text,
  state text not null check (state in ('alive','dead')),
  token text,
  held_until int,
  tries int not null default 0,
  next_at int,
  error text,
  created_at int not null,
  updated_at int not null,
  primary key (tenant_id, name, item)
);
create index jobs_held on jobs (tenant_id, name, held_until) where held_until is not null;
${GIVEN_UP_MAIL};
alter table outbox add column urgent int not null default 0;
alter table outbox add column send_at int null;
update outbox set send_at = due_at where state in ('waiting','sending');
update outbox set urgent = 1 where topic = 'sign_in';
drop index outbox_due;
alter table outbox drop column due_at;
alter table outbox drop column tries;
alter table outbox drop column lease_until;
alter table outbox drop column last_error;
create index outbox_send on outbox (urgent, tenant_id, send_at, id) where send_at is not null;
drop index signin_requests_waiting;
create index signin_requests_waiting on signin_requests (tenant_id, requested_at) where state = 'requested';
drop index payment_attempts_look;
create index payment_attempts_look on payment_attempts (tenant_id, look_at) where look_at is not null;
drop index refunds_look;
create index refunds_look on refunds (tenant_id, look_at) where look_at is not null;
drop index gateway_events_look;
create index gateway_events_look on gateway_events (tenant_id, look_at) where look_at is not null;
drop index promises_break;
create index promises_break on promises (tenant_id, breaks_at) where breaks_at is not null;
drop index method_setups_look;
create index method_setups_look on method_setups (tenant_id, look_at) where look_at is not null;
drop index payment_methods_warn;
create index payment_methods_warn on payment_methods (tenant_id, warn_at) where warn_at is not null;
`,
  ],
  sqlite: [],
  postgres: [],
};
