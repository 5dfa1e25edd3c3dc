import { sql } from 'kysely';
import type { Store } from './open.ts';

/**
 * Ids of the tenants that something waits for at a moment (epoch ms): mail to leave, sign-in requests to handle, payments, refunds and new
 * instruments to ask about, news of a gateway that could not be used yet, promises whose day is over, cards in their last month.
 * Tenants with a test clock are always among them, because their time is not this one.
 */
export async function tenantsWithWork({ kysely }: Store, nowMs: number): Promise<ReadonlySet<number>> {
  const { rows } = await sql<{ tenant_id: number }>`
    select tenant_id from outbox where state in ('waiting', 'sending') and due_at <= ${nowMs}
    union select tenant_id from signin_requests where state = 'requested'
    union select tenant_id from payment_attempts where look_at is not null and look_at <= ${nowMs}
    union select tenant_id from method_setups where look_at is not null and look_at <= ${nowMs}
    union select tenant_id from refunds where look_at is not null and look_at <= ${nowMs}
    union select tenant_id from gateway_events where look_at is not null and look_at <= ${nowMs}
    union select tenant_id from payment_methods where warn_at is not null and warn_at <= ${nowMs}
    union select tenant_id from promises where breaks_at is not null and breaks_at <= ${nowMs}
    union select id from tenants where test_clock_at is not null
  `.execute(kysely);
  return new Set(rows.map((row) => row.tenant_id));
}

/**
 * Ids of the tenants where AutoPay or a payment plan may have something to collect at a moment (epoch ms). It may name a tenant too many (days
 * begin at other moments elsewhere, and merchants wait some days more), never one too few among those without a test clock.
 */
export async function tenantsWithCollections({ kysely }: Store, nowMs: number): Promise<ReadonlySet<number>> {
  const latestToday = new Date(nowMs + EARLIEST_ZONE_MS).toISOString().slice(0, 10);
  // Written out, not bound, where an index is partial: SQLite takes it only for the words of its own condition.
  const collectable = sql`i.balance_minor > 0 and i.state = 'issued' and i.closed = 0
    and coalesce(i.due_date, i.date) <= ${latestToday}
    and ((i.attempt_count = 0 and i.next_attempt_at is null) or i.next_attempt_at <= ${nowMs})
    and exists (select 1 from payment_methods m where m.tenant_id = i.tenant_id and m.customer_id = i.customer_id
      and m.is_default = 1 and m.state = 'usable')`;
  const { rows } = await sql<{ tenant_id: number }>`
    select i.tenant_id from customers c join invoices i on i.tenant_id = c.tenant_id and i.customer_id = c.id
      where c.autopay = 1 and i.by_hand = 0 and ${collectable}
    union select i.tenant_id from invoices i where i.autopay = 1 and ${collectable}
    union select n.tenant_id from installments n
      join payment_plans p on p.tenant_id = n.tenant_id and p.id = n.plan_id and p.state = 'active'
      where n.balance_minor > 0 and n.date <= ${latestToday}
        and ((n.attempt_count = 0 and n.next_attempt_at is null) or n.next_attempt_at <= ${nowMs})
  `.execute(kysely);
  return new Set(rows.map((row) => row.tenant_id));
}

/** No time zone is further ahead of UTC. */
const EARLIEST_ZONE_MS = 14 * 3_600_000;
