import type { Migration } from './migration.ts';

/** What of an invoice will be left when a promise has been kept, minor units: of a payment plan an instalment is promised, not all. */
export const promisedParts: Migration = {
  name: '011-promised-parts',
  tables: [`alter table promises add column left_minor int not null default 0 check (left_minor >= 0)`],
  sqlite: [],
  postgres: [],
};
