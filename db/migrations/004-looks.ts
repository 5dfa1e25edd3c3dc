import type { Migration } from './migration.ts';

/**
 * When the background work looks again at what has not ended: refunds that nobody answered for, news from a gateway about something that is
 * not here yet, and promises to pay.
 */
export const looks: Migration = {
  name: '004-looks',
  tables: [
    `alter table refunds add column look_at int null;
alter table refunds add column looks int not null default 0;
create index refunds_look on refunds (look_at) where look_at is not null;
create index refunds_payment on refunds (tenant_id, payment_id);
create index disputes_payment on disputes (tenant_id, payment_id);
alter table gateway_events add column payload text null;
alter table gateway_events add column look_at int null;
alter table gateway_events add column looks int not null default 0;
create index gateway_events_look on gateway_events (look_at) where look_at is not null;
alter table promises add column breaks_at int null;
create index promises_break on promises (breaks_at) where breaks_at is not null;
`,
  ],
  sqlite: [],
  postgres: [],
};
