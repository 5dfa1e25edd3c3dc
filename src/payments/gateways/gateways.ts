import { Refusal, refuse } from '../../kernel/errors.ts';
import type { CustomerScope, MerchantScope } from '../../scope.ts';
import type { Gateway, GatewayAccount } from './gateway.ts';

/** The gateway that takes this tenant's payments: `offline` for a live tenant that has connected none, as the test gateway takes no real money. */
export function gatewayOf(scope: CustomerScope | MerchantScope): Gateway {
  const name = scope.settings['payments.gateway'];
  return gatewayNamed(scope, name === 'test' && scope.tenant.mode !== 'test' ? 'offline' : name);
}

/** Whether customers can pay on the portal at all. */
export function takesPayments(scope: CustomerScope | MerchantScope): boolean {
  return gatewayOf(scope).kinds.length > 0;
}

/** The gateway that an attempt, an instrument or a refund says it belongs to. Refuses `no_gateway`. */
export function gatewayNamed(scope: CustomerScope | MerchantScope, name: string): Gateway {
  return scope.gateways[name] ?? refuse('no_gateway');
}

/** Whether what is kept at a gateway can still be charged there: a tenant may have disconnected it. Asked outside of a transaction. */
export async function isReachable(scope: CustomerScope, name: string): Promise<boolean> {
  if (scope.gateways[name] === undefined) return false;
  if (name === 'test') return scope.tenant.mode === 'test';
  try {
    await scope.gatewayKeys(name);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** The tenant's account at a gateway. */
export function accountAt(scope: CustomerScope | MerchantScope): GatewayAccount {
  return { tenantId: scope.tenant.id, timeZone: scope.tenant.timeZone, credentials: scope.gatewayKeys };
}
