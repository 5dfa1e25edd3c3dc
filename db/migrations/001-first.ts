import { COLLECTING } from './001-first/collecting.ts';
import { CUSTOMERS } from './001-first/customers.ts';
import { DOCUMENTS } from './001-first/documents.ts';
import { LEDGER } from './001-first/ledger.ts';
import { METHODS } from './001-first/methods.ts';
import { PAYMENTS } from './001-first/payments.ts';
import { PLANS } from './001-first/plans.ts';
import { SIGN_IN } from './001-first/sign-in.ts';
import { TENANTS } from './001-first/tenants.ts';
import { TRAIL } from './001-first/trail.ts';
import type { Migration } from './migration.ts';

/*
 * The whole house in one first migration, a file for each room. `int` and `text` become each engine's own types (see migration.ts). Unless a
 * comment says otherwise: amounts (`…_minor`) are minor units, moments (`at`, `…_at`) epoch milliseconds, dates `YYYY-MM-DD`, flags 0 or 1.
 *
 * Every tenant-owned table is keyed by (tenant_id, …), and every foreign key carries tenant_id, so that a row cannot point into another
 * tenant. Customer-owned tables carry customer_id besides. `import_id` names the import that wrote a row; null for all others.
 */

/** Tables whose ids count up from 1: sequences on PostgreSQL, rows of `counters` on SQLite. */
const NUMBERED = `
  keys imports customers contacts invoices estimates credit_notes lines applied_rates
  payment_methods payment_plans installments approvals payments payment_applications
  refunds disputes promises credit_adjustments journal events outbox mailbox signin_requests
`
  .trim()
  .split(/\s+/);

/** The ledger lets nothing be deleted but what nobody ever saw: the entries of an import that is taken back. */
const FROZEN = ['journal', 'postings'];
const OF_OPEN_IMPORT = `exists (select 1 from imports i where i.tenant_id = old.tenant_id and i.id = old.import_id and i.state = 'open')`;

/** On PostgreSQL a row that is taken back is looked for in every table that could point to it. Elsewhere there is an index already. */
const POINTING: ReadonlyArray<readonly [table: string, column: string]> = [
  ...'lines applied_rates payment_plans installments approvals payment_applications attempt_allocations'
    .split(' ')
    .map((table) => [table, 'customer_id'] as const),
  ...'refunds disputes promises credit_adjustments outbox mailbox sessions'
    .split(' ')
    .map((table) => [table, 'customer_id'] as const),
  ['customers', 'parent_id'],
  ['applied_rates', 'line_id'],
  ['payment_attempts', 'payment_id'],
  ...'estimates credit_notes attempt_allocations journal'
    .split(' ')
    .map((table) => [table, 'invoice_id'] as const),
  ...'payment_applications journal'.split(' ').map((table) => [table, 'credit_note_id'] as const),
];

export const first: Migration = {
  name: '001-first',
  tables: [TENANTS, CUSTOMERS, DOCUMENTS, METHODS, PLANS, PAYMENTS, LEDGER, TRAIL, SIGN_IN],
  sqlite: [
    ...FROZEN.flatMap((table) => [
      `create trigger ${table}_no_update before update on ${table}
     begin select raise(abort, 'the ledger is append-only: no update of ${table}'); end`,
      `create trigger ${table}_no_delete before delete on ${table} when not ${OF_OPEN_IMPORT}
     begin select raise(abort, 'the ledger is append-only: no delete of ${table}'); end`,
    ]),
    ...COLLECTING.sqlite,
  ],
  postgres: [
    `create function refuse_change() returns trigger language plpgsql as $$
     begin
       if tg_op = 'DELETE' and ${OF_OPEN_IMPORT} then return old; end if;
       raise exception 'the ledger is append-only: no % of %', lower(tg_op), tg_table_name;
     end $$`,
    ...FROZEN.map(
      (table) =>
        `create trigger ${table}_frozen before update or delete on ${table} for each row execute function refuse_change()`,
    ),
    ...NUMBERED.map((table) => `create sequence ${table}_ids as bigint`),
    `create sequence tenants_ids as bigint`,
    ...POINTING.map(
      ([table, column]) =>
        `create index ${table}_of_${column.replace('_id', '')} on ${table} (tenant_id, ${column}) where ${column} is not null`,
    ),
    ...COLLECTING.postgres,
  ],
};
