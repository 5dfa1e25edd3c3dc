import type { Source } from '#src/payments/gateways/gateway.ts';
import { accountAt } from '#src/payments/gateways/gateways.ts';
import { keepInstrument } from '#src/payments/methods/methods.ts';
import type { CustomerScope } from '#src/scope.ts';
import type { House } from './house.ts';

let setups = 0;

/** Saves an instrument at the test gateway and with the customer, and answers its id; the first one is the default. */
export async function savedMethod(
  house: House,
  scope: CustomerScope,
  source: Source,
  { microDeposits = false }: { readonly microDeposits?: boolean } = {},
): Promise<number> {
  setups += 1;
  const reply = await house.gateway.setup({
    account: accountAt(scope),
    setupId: `setup${setups}`,
    customerRef: String(scope.customerId),
    source,
    microDeposits,
  });
  if (reply.state !== 'saved') throw new Error(`the instrument was not saved: ${reply.state}`);
  return keepInstrument(scope, 'test', reply.instrument);
}
