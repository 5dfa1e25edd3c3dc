import { sql } from 'kysely';
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
  invoices: { table: 'invoices', at: 'collect_at', where: 'collect_at is not null' },
  installments: { table: 'installments', at: 'collect_at', where: 'collect_at is not null' },
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

/** Ids of the tenants where AutoPay or a payment plan has something to collect at a moment (epoch ms), in order. */
export async function tenantsWithCollections(store: Store, nowMs: number): Promise<readonly number[]> {
  const invoices = await tenantsWithDue(store, 'invoices', nowMs);
  const installments = await tenantsWithDue(store, 'installments', nowMs);
  return [...new Set([...invoices, ...installments])].toSorted((a, b) => a - b);
}
