import { z } from 'zod';
import { refuse } from '#src/kernel/errors.ts';
import { nowMs } from '#src/kernel/time.ts';
import { type MerchantScope, transact } from '#src/scope.ts';
import type { GatewayKeys } from './gateway-credentials.ts';

/** The gateways that a tenant connects with keys of its own. */
export const CONNECTED_GATEWAYS = ['stripe'] as const;
export type ConnectedGateway = (typeof CONNECTED_GATEWAYS)[number];

/** A connection as an operator sees it: nothing of it is secret. */
export interface GatewayConnection {
  readonly gateway: ConnectedGateway;
  readonly mode: 'test' | 'live';
  readonly publishableKey: string;
  /** The gateway's own id of the account. */
  readonly account: string | undefined;
  /** The last four characters of the secret key. */
  readonly hint: string;
  /** Where the gateway is to send its webhooks. */
  readonly webhookAddress: string;
  /** Epoch ms. */
  readonly connectedAt: number;
}

const PURPOSE = 'gateway' as const;
const SEAL = 'key:gateway';

const Stored = z.object({ secretKey: z.string(), publishableKey: z.string(), webhookSecret: z.string() });
const StripeKeys = z.object({
  secretKey: z.string().regex(/^[rs]k_(test|live)_\w{8,240}$/, 'secret_key begins with sk_ or rk_'),
  publishableKey: z.string().regex(/^pk_(test|live)_\w{8,240}$/, 'publishable_key begins with pk_'),
  webhookSecret: z.string().regex(/^whsec_[\w+/=]{8,240}$/, 'webhook_secret begins with whsec_'),
});

/** A tenant in test mode takes test keys, a live one live keys. Refuses `bad_gateway_keys` and `gateway_keys_mode`. */
export function assertGatewayKeys(scope: MerchantScope, keys: GatewayKeys): void {
  const { data, error } = StripeKeys.safeParse(keys);
  if (!data) return refuse('bad_gateway_keys', { reason: error.issues[0]?.message ?? 'they are not usable' });
  assertMode(scope, data);
}

/**
 * Keeps the tenant's keys at a gateway, sealed, in place of earlier ones; `account` is whose they are there. Refuses what `assertGatewayKeys`
 * does; nothing is written then.
 */
export async function connectGateway(
  scope: MerchantScope,
  gateway: ConnectedGateway,
  keys: GatewayKeys,
  account: string,
): Promise<GatewayConnection> {
  assertGatewayKeys(scope, keys);
  const data = Stored.parse(keys);
  await transact(scope, async (within) => {
    await revokeKeys(within, gateway);
    await within.db.insert('keys', {
      id: await within.db.nextId('keys'),
      purpose: PURPOSE,
      name: gateway,
      sealed: within.secrets.seal(SEAL, within.tenant.id, JSON.stringify(data)),
      hint: data.secretKey.slice(-4),
      state: 'active',
      account,
      created_at: nowMs(within.clock),
    });
  });
  return gatewayConnection(scope, gateway);
}

/** The account at a gateway that the tenant is, or was last, connected to. */
export async function lastAccount({ db }: MerchantScope, gateway: string): Promise<string | undefined> {
  const row = await db
    .from('keys')
    .select('account')
    .where('purpose', '=', PURPOSE)
    .where('name', '=', gateway)
    .orderBy('id', 'desc')
    .executeTakeFirst();
  return row?.account ?? undefined;
}

/** Refuses `gateway_not_connected`. */
export async function gatewayConnection(
  scope: MerchantScope,
  gateway: ConnectedGateway,
): Promise<GatewayConnection> {
  const row = (await activeRow(scope, gateway)) ?? notConnected(scope, gateway);
  const { publishableKey } = opened(scope, row.sealed);
  return {
    gateway,
    mode: modeOf(publishableKey),
    publishableKey,
    account: row.account ?? undefined,
    hint: row.hint,
    webhookAddress: new URL(`/webhooks/${gateway}`, scope.tenant.origin).href,
    connectedAt: row.created_at,
  };
}

/** Forgets the tenant's keys at a gateway. Refuses `gateway_not_connected`. */
export async function disconnectGateway(scope: MerchantScope, gateway: ConnectedGateway): Promise<void> {
  if (!(await isConnected(scope, gateway))) notConnected(scope, gateway);
  await revokeKeys(scope, gateway);
}

/** The keys themselves. Refuses `gateway_not_connected`, and `gateway_keys_mode` where the tenant's mode is not that of the keys. */
export async function gatewayKeys(scope: MerchantScope, gateway: string): Promise<GatewayKeys> {
  const row = (await activeRow(scope, gateway)) ?? notConnected(scope, gateway);
  const keys = opened(scope, row.sealed);
  assertMode(scope, keys);
  return keys;
}

export async function isConnected(scope: MerchantScope, gateway: string): Promise<boolean> {
  return (await activeRow(scope, gateway)) !== undefined;
}

function activeRow({ db }: MerchantScope, gateway: string) {
  return db
    .from('keys')
    .select(['sealed', 'hint', 'account', 'created_at'])
    .where('purpose', '=', PURPOSE)
    .where('name', '=', gateway)
    .where('state', '=', 'active')
    .orderBy('id', 'desc')
    .executeTakeFirst();
}

/** A revoked key is gone: only its hint stays. */
async function revokeKeys({ db, clock }: MerchantScope, gateway: string): Promise<void> {
  await db
    .update('keys')
    .set({ state: 'revoked', sealed: null, not_after: nowMs(clock) })
    .where('purpose', '=', PURPOSE)
    .where('name', '=', gateway)
    .where('state', '=', 'active')
    .execute();
}

function opened({ secrets, tenant }: MerchantScope, sealed: string | null): GatewayKeys {
  return Stored.parse(JSON.parse(secrets.open(SEAL, tenant.id, sealed ?? '')));
}

function assertMode({ tenant }: MerchantScope, keys: GatewayKeys): void {
  const modes = [keys.secretKey, keys.publishableKey].map(modeOf);
  const wrong = modes.find((mode) => mode !== tenant.mode);
  if (wrong) refuse('gateway_keys_mode', { tenant: tenant.username, mode: tenant.mode, keys: wrong });
}

function modeOf(key: string): 'test' | 'live' {
  return /^[a-z]k_live_/.test(key) ? 'live' : 'test';
}

function notConnected({ tenant }: MerchantScope, gateway: string): never {
  return refuse('gateway_not_connected', { gateway, tenant: tenant.username });
}
