import { type RawBuilder, sql } from 'kysely';
import type { Store } from './open.ts';

/*
 * Which tenants something waits for. Each question is answered from an index that begins with the tenant, by jumping from one tenant to the next: it
 * costs as much as there are tenants with something to do, however much each of them has. A tenant with a test clock lives at that clock's time.
 */

/** Where work waits: a table with the moment (epoch ms) from which a row is due, and the condition of its index, in the same words. */
interface Source {
  readonly table: string;
  readonly at: string;
  readonly where: string;
}

const SOURCES = {
  urgentMail: { table: 'outbox', at: 'send_at', where: 'urgent = 1 and send_at is not null' },
  mail: { table: 'outbox', at: 'send_at', where: 'urgent = 0 and send_at is not null' },
  signInRequests: { table: 'signin_requests', at: 'requested_at', where: `state = 'requested'` },
  attempts: { table: 'payment_attempts', at: 'look_at', where: 'look_at is not null' },
  refunds: { table: 'refunds', at: 'look_at', where: 'look_at is not null' },
  setups: { table: 'method_setups', at: 'look_at', where: 'look_at is not null' },
  news: { table: 'gateway_events', at: 'look_at', where: 'look_at is not null' },
  promises: { table: 'promises', at: 'breaks_at', where: 'breaks_at is not null' },
  expiringCards: { table: 'payment_methods', at: 'warn_at', where: 'warn_at is not null' },
} as const satisfies Record<string, Source>;

export type DueSource = keyof typeof SOURCES;

/** Ids of the tenants that something of that kind waits for at a moment (epoch ms), in order. */
export async function tenantsWithDue(
  { kysely }: Store,
  source: DueSource,
  nowMs: number,
): Promise<readonly number[]> {
  const { table, at, where }: Source = SOURCES[source];
  const [rows, waits, due] = [sql.table(table), sql.raw(where), sql.ref(at)];
  const { rows: found } = await sql<{ id: number }>`
    with recursive holders (id) as (
      select * from (select tenant_id from ${rows} where ${waits} order by tenant_id limit 1) as first
      union all
      select (select w.tenant_id from ${rows} w where ${waits} and w.tenant_id > holders.id order by w.tenant_id limit 1)
        from holders where holders.id is not null
    )
    select t.id from tenants t join holders on holders.id = t.id
      where t.closed_at is null and exists (
        select 1 from ${rows} w where ${waits} and w.tenant_id = t.id and w.${due} <= coalesce(t.test_clock_at, ${nowMs})
      )
      order by t.id
  `.execute(kysely);
  return found.map(({ id }) => id);
}

/**
 * Ids of the tenants where AutoPay or a payment plan may have something to collect at a moment (epoch ms), in order. It may name a tenant too many
 * (days begin at other moments elsewhere, merchants wait some days more, and tenants with a test clock are always among them), never one too few.
 */
export async function tenantsWithCollections({ kysely }: Store, nowMs: number): Promise<readonly number[]> {
  const latestToday = new Date(nowMs + EARLIEST_ZONE_MS).toISOString().slice(0, 10);
  // Written out, not bound, where an index is partial: SQLite takes it only for the words of its own condition.
  const collectable: RawBuilder<boolean> = sql`i.balance_minor > 0 and i.state = 'issued' and i.closed = 0
    and coalesce(i.due_date, i.date) <= ${latestToday}
    and ((i.attempt_count = 0 and i.next_attempt_at is null) or i.next_attempt_at <= ${nowMs})
    and exists (select 1 from payment_methods m where m.tenant_id = i.tenant_id and m.customer_id = i.customer_id
      and m.is_default = 1 and m.state = 'usable')
    and not exists (select 1 from payment_plans p where p.tenant_id = i.tenant_id and p.invoice_id = i.id
      and p.state in ('pending_signup', 'active'))`;
  const { rows } = await sql<{ tenant_id: number }>`
    select i.tenant_id from customers c join invoices i on i.tenant_id = c.tenant_id and i.customer_id = c.id
      where c.autopay = 1 and i.by_hand = 0 and ${collectable}
    union select i.tenant_id from invoices i where i.autopay = 1 and ${collectable}
    union select n.tenant_id from installments n
      join payment_plans p on p.tenant_id = n.tenant_id and p.id = n.plan_id and p.state = 'active'
      join invoices i on i.tenant_id = p.tenant_id and i.id = p.invoice_id
      join customers c on c.tenant_id = i.tenant_id and c.id = i.customer_id and (c.autopay = 1 or i.autopay = 1)
      where n.balance_minor > 0 and n.date <= ${latestToday}
        and ((n.attempt_count = 0 and n.next_attempt_at is null) or n.next_attempt_at <= ${nowMs})
    union select id from tenants where test_clock_at is not null and closed_at is null
    order by 1
  `.execute(kysely);
  return rows.map((row) => row.tenant_id);
}

/** No time zone is further ahead of UTC. */
const EARLIEST_ZONE_MS = 14 * 3_600_000;
