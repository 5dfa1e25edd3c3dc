/*
 * `collect_at` of invoices and instalments: when AutoPay or a plan collects them next, so that what is due is found by an index. It follows from five
 * tables, and triggers on each of them keep it in the transaction that changes them. What it follows from is computed once more, in other words, by
 * `portal db check`.
 */

/** What both ask of an invoice that can be collected, under the name that it has in the statement. */
const collectable = (i: string): string => `
  ${i}.state = 'issued' and ${i}.closed = 0 and ${i}.by_hand = 0 and ${i}.balance_minor > ${i}.pending_minor
  and (${i}.autopay = 1 or exists (select 1 from customers c
    where c.tenant_id = ${i}.tenant_id and c.id = ${i}.customer_id and c.autopay = 1))
  and exists (select 1 from payment_methods m
    where m.tenant_id = ${i}.tenant_id and m.customer_id = ${i}.customer_id and m.is_default = 1 and m.state = 'usable')
  and not exists (select 1 from promises o
    where o.tenant_id = ${i}.tenant_id and o.invoice_id = ${i}.id and o.state = 'open')`;

const ofWhole = (i: string): string => `case
  when (${i}.attempt_count = 0 or ${i}.next_attempt_at is not null) and ${collectable(i)}
    and not exists (select 1 from payment_plans p
      where p.tenant_id = ${i}.tenant_id and p.invoice_id = ${i}.id and p.state in ('pending_signup', 'active'))
  then coalesce(${i}.next_attempt_at, ${i}.first_at) end`;

const ofInstallment = (n: string): string => `case
  when ${n}.balance_minor > 0 and (${n}.attempt_count = 0 or ${n}.next_attempt_at is not null)
    and exists (select 1 from payment_plans p join invoices i on i.tenant_id = p.tenant_id and i.id = p.invoice_id
      where p.tenant_id = ${n}.tenant_id and p.id = ${n}.plan_id and p.state = 'active' and ${collectable('i')})
  then coalesce(${n}.next_attempt_at, ${n}.first_at) end`;

// Without aliases: SQLite takes none for what a trigger updates.
const invoices = (row: 'new' | 'old', which: string): string =>
  `update invoices set collect_at = ${ofWhole('invoices')}
    where invoices.tenant_id = ${row}.tenant_id and ${which} and invoices.collect_at is distinct from ${ofWhole('invoices')};`;
const installments = (row: 'new' | 'old', which: string): string =>
  `update installments set collect_at = ${ofInstallment('installments')}
    where installments.tenant_id = ${row}.tenant_id and ${which}
      and installments.collect_at is distinct from ${ofInstallment('installments')};`;
const installmentsOf = (row: 'new' | 'old', column: 'id' | 'invoice_id'): string =>
  installments(
    row,
    `installments.plan_id in
      (select p.id from payment_plans p where p.tenant_id = ${row}.tenant_id and p.invoice_id = ${row}.${column})`,
  );

const ofInvoice = (row: 'new' | 'old'): string => `
  ${invoices(row, `invoices.id = ${row}.invoice_id`)}
  ${installmentsOf(row, 'invoice_id')}`;
const ofCustomer = (row: 'new' | 'old', column: 'id' | 'customer_id'): string => `
  ${invoices(row, `invoices.customer_id = ${row}.${column} and invoices.balance_minor > 0`)}
  ${installments(row, `installments.customer_id = ${row}.${column} and installments.balance_minor > 0`)}`;

interface Trigger {
  readonly table: string;
  readonly verb: 'insert' | 'update' | 'delete';
  /** Of an update: only these columns matter. */
  readonly of?: string;
  readonly body: string;
}

const INVOICE_FACTS =
  'state, closed, balance_minor, pending_minor, autopay, by_hand, attempt_count, next_attempt_at, first_at';
const INSTALLMENT_FACTS = 'balance_minor, attempt_count, next_attempt_at, first_at';

/** What changes rows of other tables. */
const FOLLOWED: readonly Trigger[] = [
  { table: 'customers', verb: 'update', of: 'autopay', body: ofCustomer('new', 'id') },
  { table: 'invoices', verb: 'update', of: INVOICE_FACTS, body: installmentsOf('new', 'id') },
  ...(['payment_plans', 'promises'] as const).flatMap((table): Trigger[] => [
    { table, verb: 'insert', body: ofInvoice('new') },
    { table, verb: 'update', of: 'state', body: ofInvoice('new') },
    { table, verb: 'delete', body: ofInvoice('old') },
  ]),
  { table: 'payment_methods', verb: 'insert', body: ofCustomer('new', 'customer_id') },
  {
    table: 'payment_methods',
    verb: 'update',
    of: 'is_default, state',
    body: ofCustomer('new', 'customer_id'),
  },
  { table: 'payment_methods', verb: 'delete', body: ofCustomer('old', 'customer_id') },
];

/** What changes the row itself: before it is written on PostgreSQL, after it on SQLite, which has no other way. */
const OWN = [
  {
    table: 'invoices',
    facts: INVOICE_FACTS,
    value: ofWhole('new'),
    body: invoices('new', 'invoices.id = new.id'),
  },
  {
    table: 'installments',
    facts: INSTALLMENT_FACTS,
    value: ofInstallment('new'),
    body: installments('new', 'installments.id = new.id'),
  },
] as const;

const nameOf = ({ table, verb }: Trigger): string => `${table}_collected_${verb}`;
const eventOf = ({ table, verb, of }: Trigger): string => `after ${verb}${of ? ` of ${of}` : ''} on ${table}`;

export const COLLECTING = {
  sqlite: [
    ...FOLLOWED.map(
      (trigger) => `create trigger ${nameOf(trigger)} ${eventOf(trigger)} begin ${trigger.body} end`,
    ),
    ...OWN.flatMap(({ table, facts, body }) => [
      `create trigger ${table}_collected_own_insert after insert on ${table} begin ${body} end`,
      `create trigger ${table}_collected_own_update after update of ${facts} on ${table} begin ${body} end`,
    ]),
  ],
  postgres: [
    ...FOLLOWED.flatMap((trigger) => [
      `create function ${nameOf(trigger)}() returns trigger language plpgsql as $$ begin ${trigger.body} return null; end $$`,
      `create trigger ${nameOf(trigger)} ${eventOf(trigger)} for each row execute function ${nameOf(trigger)}()`,
    ]),
    ...OWN.flatMap(({ table, facts, value }) => [
      `create function ${table}_collected_own() returns trigger language plpgsql as $$
       begin new.collect_at := ${value}; return new; end $$`,
      `create trigger ${table}_collected_own before insert or update of ${facts} on ${table}
       for each row execute function ${table}_collected_own()`,
    ]),
  ],
};
