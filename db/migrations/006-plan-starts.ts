import type { Migration } from './migration.ts';

/**
 * When a payment plan started, so that one which was paid before anybody approved it waits for the approval again when that payment is taken
 * back; and invoices that the customer pays by hand although AutoPay is on, because their plan was taken back.
 */
export const planStarts: Migration = {
  name: '006-plan-starts',
  tables: [
    `alter table payment_plans add column started_at int null;
update payment_plans set started_at = updated_at where state <> 'pending_signup';
alter table invoices add column by_hand int not null default 0 check (by_hand in (0,1));
`,
  ],
  sqlite: [],
  postgres: [],
};
