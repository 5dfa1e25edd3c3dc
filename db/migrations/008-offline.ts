import type { Migration } from './migration.ts';

/** A tenant whose payments no gateway takes has the gateway `offline`; it was called `none` before. */
const RENAME = `update settings set value = 'offline' where key = 'payments.gateway' and value = 'none'`;

export const offline: Migration = {
  name: '008-offline',
  tables: [],
  sqlite: [RENAME],
  postgres: [RENAME],
};
