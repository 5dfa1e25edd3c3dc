import { refuse } from '../../kernel/errors.ts';
import { type MerchantScope, transact } from '../../scope.ts';
import {
  type ConnectedGateway,
  connectGateway,
  disconnectGateway,
  type GatewayConnection,
} from '../../tenants/gateway-keys.ts';
import type { GatewayKeys } from '../../tenants/gateway-credentials.ts';
import { setSetting } from '../../tenants/settings.ts';

/** Keeps the tenant's keys at a gateway and lets it take the payments from now on. Refuses what `connectGateway` does. */
export function connect(
  merchant: MerchantScope,
  gateway: ConnectedGateway,
  keys: GatewayKeys,
): Promise<GatewayConnection> {
  return transact(merchant, async (within) => {
    const connection = await connectGateway(within, gateway, keys);
    await setSetting(within, 'payments.gateway', gateway);
    return connection;
  });
}

/**
 * Forgets the tenant's keys at a gateway; nobody takes payments then. Refuses `gateway_not_connected`, and `gateway_in_use` while it is not known
 * what became of a payment or a refund there.
 */
export function disconnect(merchant: MerchantScope, gateway: ConnectedGateway): Promise<void> {
  return transact(merchant, async (within) => {
    await disconnectGateway(within, gateway);
    const count = (await openAttempts(within, gateway)) + (await openRefunds(within, gateway));
    if (count > 0) refuse('gateway_in_use', { gateway, count });
    if (within.settings['payments.gateway'] === gateway) await setSetting(within, 'payments.gateway', 'none');
  });
}

async function openAttempts({ db }: MerchantScope, gateway: string): Promise<number> {
  const { count } = await db
    .from('payment_attempts')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('gateway', '=', gateway)
    .where('settled_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(count);
}

async function openRefunds({ db }: MerchantScope, gateway: string): Promise<number> {
  const { count } = await db
    .from('refunds')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('gateway', '=', gateway)
    .where('settled_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(count);
}
