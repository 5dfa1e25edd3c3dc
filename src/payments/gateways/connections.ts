import { Refusal, refuse } from '../../kernel/errors.ts';
import { nowMs } from '../../kernel/time.ts';
import { type MerchantScope, transact } from '../../scope.ts';
import {
  assertGatewayKeys,
  type ConnectedGateway,
  connectGateway,
  disconnectGateway,
  type GatewayConnection,
  lastAccount,
} from '../../tenants/gateway-keys.ts';
import type { GatewayKeys } from '../../tenants/gateway-credentials.ts';
import { setSetting } from '../../tenants/settings.ts';
import { gatewayNamed } from './gateways.ts';

/** Why an instrument of an earlier account cannot be charged. */
const LEFT = 'It was kept by a payment service that is not used any more.';

/**
 * Keeps the tenant's keys at a gateway and lets it take the payments from now on. Newer keys of the same account change nothing else. With the
 * keys of another account, what customers had saved at the earlier one cannot be charged any more, and its payments cannot be given back here,
 * until that account is connected again. Refuses `bad_gateway_keys`, `gateway_keys_mode`, `gateway_silent` when the gateway could not be asked
 * whose keys they are, and `gateway_in_use` for another account while something at the earlier one has no end yet.
 */
export async function connect(
  merchant: MerchantScope,
  gateway: ConnectedGateway,
  keys: GatewayKeys,
): Promise<GatewayConnection> {
  assertGatewayKeys(merchant, keys);
  const account = await accountBehind(merchant, gateway, keys);
  return transact(merchant, async (within) => {
    const earlier = await lastAccount(within, gateway);
    if (earlier !== undefined && earlier !== account) {
      await assertNothingOpen(within, gateway);
      await leaveAccount(within, gateway, earlier);
      await endUnconfirmed(within, gateway);
    }
    await returnToAccount(within, gateway, account);
    const connection = await connectGateway(within, gateway, keys, account);
    await setSetting(within, 'payments.gateway', gateway);
    return connection;
  });
}

/**
 * Forgets the tenant's keys at a gateway; nobody takes payments then. Refuses `gateway_not_connected`, and `gateway_in_use` while it is not known
 * what became of a payment, a refund or a new payment method there.
 */
export function disconnect(merchant: MerchantScope, gateway: ConnectedGateway): Promise<void> {
  return transact(merchant, async (within) => {
    await disconnectGateway(within, gateway);
    await assertNothingOpen(within, gateway);
    if (within.settings['payments.gateway'] === gateway)
      await setSetting(within, 'payments.gateway', 'offline');
  });
}

async function accountBehind(
  merchant: MerchantScope,
  gateway: ConnectedGateway,
  keys: GatewayKeys,
): Promise<string> {
  try {
    return await gatewayNamed(merchant, gateway).identify({
      tenantId: merchant.tenant.id,
      credentials: () => Promise.resolve(keys),
    });
  } catch (error) {
    if (error instanceof Refusal) throw error;
    merchant.log.warn('a gateway did not say whose keys they are', { gateway, reason: String(error) });
    return refuse('gateway_silent');
  }
}

async function assertNothingOpen(merchant: MerchantScope, gateway: string): Promise<void> {
  let count = 0;
  for (const table of ['payment_attempts', 'refunds', 'method_setups'] as const)
    count += await countOpen(merchant, table, gateway);
  if (count > 0) refuse('gateway_in_use', { gateway, count });
}

/** What is parked was never sent, and waits for the operator. */
async function countOpen(
  { db }: MerchantScope,
  table: 'payment_attempts' | 'refunds' | 'method_setups',
  gateway: string,
): Promise<number> {
  const { count } = await db
    .from(table)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('gateway', '=', gateway)
    .where('settled_at', 'is', null)
    .where('state', '!=', 'parked')
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Notes where payments and instruments stay; the instruments cannot be charged from now on. */
async function leaveAccount({ db, clock }: MerchantScope, gateway: string, account: string): Promise<void> {
  await db
    .update('payments')
    .set({ gateway_account: account })
    .where('gateway', '=', gateway)
    .where('gateway_account', 'is', null)
    .execute();
  await db
    .update('payment_methods')
    .set({
      gateway_account: account,
      state: 'failed',
      is_default: 0,
      failure_reason: LEFT,
      updated_at: nowMs(clock),
    })
    .where('gateway', '=', gateway)
    .where('state', '=', 'usable')
    .execute();
}

/** Accounts that two deposits were to confirm can never be confirmed now. */
async function endUnconfirmed({ db, clock }: MerchantScope, gateway: string): Promise<void> {
  await db
    .update('payment_methods')
    .set({ state: 'failed', failure_reason: LEFT, updated_at: nowMs(clock) })
    .where('gateway', '=', gateway)
    .where('state', '=', 'verifying')
    .execute();
}

/** What was left at this account is there again. Which instrument is charged by default, its customer says anew. */
async function returnToAccount(
  { db, clock }: MerchantScope,
  gateway: string,
  account: string,
): Promise<void> {
  await db
    .update('payments')
    .set({ gateway_account: null })
    .where('gateway', '=', gateway)
    .where('gateway_account', '=', account)
    .execute();
  await db
    .update('payment_methods')
    .set({ gateway_account: null, state: 'usable', failure_reason: null, updated_at: nowMs(clock) })
    .where('gateway', '=', gateway)
    .where('gateway_account', '=', account)
    .where('state', '=', 'failed')
    .execute();
}
