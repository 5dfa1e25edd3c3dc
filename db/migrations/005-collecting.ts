import type { Migration } from './migration.ts';

/** What AutoPay and payment plans may have to collect is found without reading every invoice that is open. */
export const collecting: Migration = {
  name: '005-collecting',
  tables: [
    `create index customers_autopay on customers (tenant_id, id) where autopay = 1;
create index invoices_autopay on invoices (tenant_id, customer_id) where autopay = 1 and balance_minor > 0;
create index installments_open on installments (date, tenant_id) where balance_minor > 0;
create index payment_plans_invoice on payment_plans (tenant_id, invoice_id);
`,
  ],
  sqlite: [],
  postgres: [],
};
