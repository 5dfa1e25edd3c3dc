import type { Migration } from './migration.ts';

/** Tables that imports write: see db/staging.ts. */
const STAGED =
  'customers contacts invoices credit_notes lines applied_rates payments payment_applications journal postings events'.split(
    ' ',
  );

/** On PostgreSQL a row that is taken back is looked for in every table that could point to it. Elsewhere there is an index already. */
const POINTING: ReadonlyArray<readonly [table: string, column: string]> = [
  ...'lines applied_rates comments payment_plans installments approvals payment_applications attempt_allocations'
    .split(' ')
    .map((table) => [table, 'customer_id'] as const),
  ...'refunds disputes promises credit_adjustments outbox mailbox sessions subscription_addons'
    .split(' ')
    .map((table) => [table, 'customer_id'] as const),
  ['customers', 'parent_id'],
  ['applied_rates', 'line_id'],
  ['payment_attempts', 'payment_id'],
  ...'estimates credit_notes attachments attempt_allocations journal'
    .split(' ')
    .map((table) => [table, 'invoice_id'] as const),
  ...'comments attachments payment_applications journal'
    .split(' ')
    .map((table) => [table, 'credit_note_id'] as const),
];

/**
 * Imports are written in short transactions and hidden until they are whole. The ledger lets nothing be deleted but what nobody ever saw: the
 * entries of an import that is taken back.
 */
export const imports: Migration = {
  name: '013-imports',
  tables: [
    `create table imports (
  tenant_id int not null references tenants (id),
  id int not null,
  state text not null check (state in ('open','kept')),
  holder text not null,
  lease_until int not null,
  after_ids text not null,
  began_at int not null,
  kept_at int,
  primary key (tenant_id, id)
);
create unique index imports_open on imports (tenant_id) where state = 'open';
${STAGED.map((table) => `alter table ${table} add column import_id int null;`).join('\n')}
drop index invoices_totals;
create index invoices_totals on invoices (tenant_id, customer_id, state, currency, total_minor, balance_minor, import_id);
`,
  ],
  sqlite: ['journal', 'postings'].flatMap((table) => [
    `drop trigger ${table}_no_delete`,
    `create trigger ${table}_no_delete before delete on ${table}
     when not exists (select 1 from imports i where i.tenant_id = old.tenant_id and i.id = old.import_id and i.state = 'open')
     begin select raise(abort, 'the ledger is append-only: no delete of ${table}'); end`,
  ]),
  postgres: [
    'create sequence imports_ids as bigint',
    `create or replace function refuse_change() returns trigger language plpgsql as $$
     begin
       if tg_op = 'DELETE' and exists
         (select 1 from imports i where i.tenant_id = old.tenant_id and i.id = old.import_id and i.state = 'open')
       then return old; end if;
       raise exception 'the ledger is append-only: no % of %', lower(tg_op), tg_table_name;
     end $$`,
    ...POINTING.map(
      ([table, column]) =>
        `create index ${table}_of_${column.replace('_id', '')} on ${table} (tenant_id, ${column}) where ${column} is not null`,
    ),
  ],
};
