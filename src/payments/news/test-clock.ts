import { nowMs } from '../../kernel/time.ts';
import { type MerchantScope, type OperatorScope, transact } from '../../scope.ts';
import { setTestClock } from '../../tenants/test-clock.ts';
import type { Tenant } from '../../tenants/tenant.ts';
import { openMerchant } from '../../tenants/tenants.ts';

/**
 * Gives a test tenant another time (epoch ms; nothing: real time), as `setTestClock` does. Payments and refunds that wait for an answer are
 * looked at from that time on, also where it is earlier than the one at which they were begun. Answers the tenant as it is then.
 */
export async function moveTestClock(
  operator: OperatorScope,
  tenant: Tenant,
  atMs: number | undefined,
): Promise<Tenant> {
  const moved = await setTestClock(operator, tenant, atMs);
  await transact(await openMerchant(operator, moved), lookNow);
  return moved;
}

async function lookNow({ db, clock }: MerchantScope): Promise<void> {
  const now = nowMs(clock);
  await db.update('payment_attempts').set({ look_at: now }).where('look_at', '>', now).execute();
  await db.update('refunds').set({ look_at: now }).where('look_at', '>', now).execute();
  await db.update('gateway_events').set({ look_at: now }).where('look_at', '>', now).execute();
}
