import { refuse } from '#src/kernel/errors.ts';
import type { OperatorScope } from '#src/scope.ts';
import type { Tenant } from '#src/tenants/tenant.ts';
import { CONNECTED_GATEWAYS, isConnected } from '#src/tenants/gateway-keys.ts';
import { openMerchant, setMode } from '#src/tenants/tenants.ts';

/**
 * Makes a test tenant live, or a live one a test tenant, and answers it as it is now. Refuses `mode_in_use` once there is anything of a gateway's (a
 * try to pay, a saved method, connected keys): test money and real money stay apart; and while a test clock stands still.
 */
export async function changeMode(
  operator: OperatorScope,
  tenant: Tenant,
  mode: Tenant['mode'],
): Promise<Tenant> {
  if (tenant.mode === mode) return tenant;
  const stop = (reason: string): never => refuse('mode_in_use', { tenant: tenant.username, mode, reason });
  if (tenant.testClockAt !== undefined) stop('its clock is moved; run “portal clock reset” first');
  const merchant = await openMerchant(operator, tenant);
  for (const gateway of CONNECTED_GATEWAYS)
    if (await isConnected(merchant, gateway)) stop(`${gateway} is connected with keys of its present mode`);
  for (const [table, what] of HELD) {
    const row = await merchant.db
      .from(table)
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    if (Number(row.count) > 0) stop(what);
  }
  return setMode(operator, tenant, mode);
}

const HELD = [
  ['payment_attempts', 'payments were tried in its present mode'],
  ['payment_methods', 'customers have saved ways to pay in its present mode'],
] as const;
