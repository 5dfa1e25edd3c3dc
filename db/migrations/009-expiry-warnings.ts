import type { Migration } from './migration.ts';

/**
 * When a customer is told that a card ends: `payment_methods.warn_at`, epoch ms; null when there is nothing to tell, or it was told. Cards that
 * are kept already get the start of their last month, in UTC.
 */
export const expiryWarnings: Migration = {
  name: '009-expiry-warnings',
  tables: [
    `alter table payment_methods add column warn_at int null;
create index payment_methods_warn on payment_methods (warn_at) where warn_at is not null;
`,
  ],
  sqlite: [
    `update payment_methods set warn_at = unixepoch(printf('%04d-%02d-01', exp_year, exp_month)) * 1000 where exp_month between 1 and 12 and exp_year between 2000 and 2999`,
  ],
  postgres: [
    `update payment_methods set warn_at = (extract(epoch from make_timestamptz(exp_year::int, exp_month::int, 1, 0, 0, 0, 'UTC')) * 1000)::bigint where exp_month between 1 and 12 and exp_year between 2000 and 2999`,
  ],
};
