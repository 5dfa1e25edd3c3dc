import { CompiledQuery, type Kysely } from 'kysely';
import { startOfDayMs } from '#src/kernel/time.ts';
import type { CheckResult, InvariantCheck } from './invariant.ts';
import type { Database } from './schema.ts';

/** What must hold of when something is collected by itself. */
export const COLLECTION_CHECKS: readonly InvariantCheck[] = [
  {
    name: 'collections_due',
    promise:
      'Every invoice and instalment is collected by itself at the moment that its customer, plan and promises make of it, or not at all',
    count: 'select (select count(*) from invoices) + (select count(*) from installments) as n',
    violations: `
      with ready as (
        select i.tenant_id, i.id, i.attempt_count, i.next_attempt_at, i.first_at from invoices i
        join customers c on c.tenant_id = i.tenant_id and c.id = i.customer_id
        join (select distinct tenant_id, customer_id from payment_methods where is_default = 1 and state = 'usable') m
          on m.tenant_id = i.tenant_id and m.customer_id = i.customer_id
        left join (select distinct tenant_id, invoice_id from promises where state = 'open') o
          on o.tenant_id = i.tenant_id and o.invoice_id = i.id
        where o.invoice_id is null and i.state = 'issued' and i.balance_minor - i.pending_minor > 0
          and i.closed + i.by_hand = 0 and i.autopay + c.autopay > 0
      ), whole as (
        select r.tenant_id, r.id, coalesce(r.next_attempt_at, r.first_at) as due from ready r
        left join payment_plans p on p.tenant_id = r.tenant_id and p.invoice_id = r.id and p.state in ('pending_signup', 'active')
        where p.id is null and not (r.attempt_count > 0 and r.next_attempt_at is null)
      ), parts as (
        select n.tenant_id, n.id, coalesce(n.next_attempt_at, n.first_at) as due from installments n
        join payment_plans p on p.tenant_id = n.tenant_id and p.id = n.plan_id and p.state = 'active'
        join ready r on r.tenant_id = p.tenant_id and r.id = p.invoice_id
        where n.balance_minor > 0 and not (n.attempt_count > 0 and n.next_attempt_at is null)
      )
      select i.tenant_id as tenant, i.number as invoice, 'whole' as part, i.collect_at as collect_at, w.due as computed
      from invoices i left join whole w on w.tenant_id = i.tenant_id and w.id = i.id
      where coalesce(i.collect_at, -1) <> coalesce(w.due, -1)
      union all
      select n.tenant_id, i.number, 'instalment', n.collect_at, w.due from installments n
      join payment_plans p on p.tenant_id = n.tenant_id and p.id = n.plan_id
      join invoices i on i.tenant_id = p.tenant_id and i.id = p.invoice_id
      left join parts w on w.tenant_id = n.tenant_id and w.id = n.id
      where coalesce(n.collect_at, -1) <> coalesce(w.due, -1)`,
  },
];

interface Dated {
  readonly tenant_id: number;
  readonly what: string;
  readonly day: string;
  readonly wait: number;
  /** Epoch ms; null for instalments. */
  readonly issued_at: number | null;
  readonly first_at: number | null;
}

const DATED = `
  select i.tenant_id, i.number as what, coalesce(i.due_date, i.date) as day, coalesce(i.sent_at, i.created_at) as issued_at, i.first_at,
    case when c.autopay_delay_days >= 0 then c.autopay_delay_days else coalesce(cast(s.value as int), 0) end as wait
  from invoices i
  join customers c on c.tenant_id = i.tenant_id and c.id = i.customer_id
  left join settings s on s.tenant_id = i.tenant_id and s.key = 'autopay.delay_days'
  where i.state = 'issued' and not exists
    (select 1 from payment_plans p where p.tenant_id = i.tenant_id and p.invoice_id = i.id and p.state <> 'canceled')
  union all
  select n.tenant_id, i.number, n.date, null, n.first_at, 0 from installments n
  join payment_plans p on p.tenant_id = n.tenant_id and p.id = n.plan_id
  join invoices i on i.tenant_id = p.tenant_id and i.id = p.invoice_id`;

const HOUR_MS = 3_600_000;
const QUARTER_MS = 900_000;

/** Days begin where the tenant is: neither engine could say when. */
export async function checkFirstMoments(db: Pick<Kysely<Database>, 'executeQuery'>): Promise<CheckResult> {
  const read = async <Row>(text: string) => (await db.executeQuery<Row>(CompiledQuery.raw(text))).rows;
  const tenants = await read<{ id: number; time_zone: string }>('select id, time_zone from tenants');
  const zones = new Map(tenants.map((row) => [row.id, row.time_zone]));
  const days = new Map<string, number>();
  const dayBegins = ({ tenant_id: tenant, day, wait }: Dated): number => {
    const key = `${tenant} ${day} ${wait}`;
    const date = () =>
      Temporal.PlainDate.from(day)
        .add({ days: Number(wait) })
        .toString();
    const begins = days.get(key) ?? startOfDayMs(date(), zones.get(tenant) ?? 'UTC');
    days.set(key, begins);
    return begins;
  };
  const rows = await read<Dated>(DATED);
  const violations = rows.flatMap((row) => {
    const issued = row.issued_at === null ? 0 : Number(row.issued_at) + HOUR_MS;
    const first = Math.max(dayBegins(row), Math.ceil(issued / QUARTER_MS) * QUARTER_MS);
    if (row.first_at !== null && Number(row.first_at) === first) return [];
    return [`tenant ${row.tenant_id}, invoice ${row.what}, first_at ${row.first_at}, computed ${first}`];
  });
  const promise = 'Every invoice and instalment says when its day of collection begins where the merchant is';
  return { name: 'first_moments', promise, checked: rows.length, violations };
}
