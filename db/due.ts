import { sql } from 'kysely';
import type { Store } from './open.ts';

/**
 * Ids of the tenants that something waits for at a moment (epoch ms): mail to leave, sign-in requests to handle, payments and refunds to ask
 * about, news of a gateway that could not be used yet, promises whose day is over. Tenants with a test clock are always among them, because
 * their time is not this one.
 */
export async function tenantsWithWork({ kysely }: Store, nowMs: number): Promise<ReadonlySet<number>> {
  const { rows } = await sql<{ tenant_id: number }>`
    select tenant_id from outbox where state in ('waiting', 'sending') and due_at <= ${nowMs}
    union select tenant_id from signin_requests where state = 'requested'
    union select tenant_id from payment_attempts where look_at is not null and look_at <= ${nowMs}
    union select tenant_id from refunds where look_at is not null and look_at <= ${nowMs}
    union select tenant_id from gateway_events where look_at is not null and look_at <= ${nowMs}
    union select tenant_id from promises where breaks_at is not null and breaks_at <= ${nowMs}
    union select id from tenants where test_clock_at is not null
  `.execute(kysely);
  return new Set(rows.map((row) => row.tenant_id));
}
