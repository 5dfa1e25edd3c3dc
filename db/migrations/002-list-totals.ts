import type { Migration } from './migration.ts';

/** The totals under a list of invoices are read from an index alone: every page of the list adds up all that match. */
export const listTotals: Migration = {
  name: '002-list-totals',
  tables: [
    `create index invoices_totals on invoices (tenant_id, customer_id, state, currency, total_minor, balance_minor);
`,
  ],
  sqlite: [],
  postgres: [],
};
