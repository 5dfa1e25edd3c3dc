import { refuse } from '#src/kernel/errors.ts';
import type { OperatorScope } from '#src/scope.ts';
import type { Tenant } from './tenant.ts';
import { findTenantById } from './tenants.ts';

/**
 * Makes a test tenant live at a moment (epoch ms) where its time stands still, or, with nothing, in real time again. Answers the tenant as it is
 * then. Refuses `live_clock`: a live tenant's time is nobody's to move.
 */
export async function setTestClock(
  operator: OperatorScope,
  tenant: Tenant,
  atMs: number | undefined,
): Promise<Tenant> {
  if (tenant.mode !== 'test') refuse('live_clock', { tenant: tenant.username });
  await operator.directory
    .updateTable('tenants')
    .set({ test_clock_at: atMs ?? null })
    .where('id', '=', tenant.id)
    .execute();
  return findTenantById(operator, tenant.id);
}

/** The tenant's own moment, epoch ms. */
export function clockOf(operator: OperatorScope, tenant: Tenant): number {
  return tenant.testClockAt ?? operator.clock.now().epochMilliseconds;
}
