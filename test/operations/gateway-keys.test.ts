import { describe, expect, test } from 'vitest';
import { connect, disconnect } from '#src/payments/gateways/connections.ts';
import { createTenant, findTenant, openMerchant } from '#src/tenants/tenants.ts';
import type { GatewayKeys } from '#src/tenants/gateway-credentials.ts';
import { gatewayConnection, gatewayKeys } from '#src/tenants/gateway-keys.ts';
import { resetSetting, setSetting } from '#src/tenants/settings.ts';
import { payInvoices } from '#src/payments/taking/pay.ts';
import { type MerchantScope, transact } from '#src/scope.ts';
import { customerWithInvoices, ENGINES, type House, openHouse } from '#test/support/house.ts';
import { fingerprintOf } from '#test/support/mirror.ts';

const KEYS: GatewayKeys = {
  secretKey: 'sk_test_abcdefgh1234',
  publishableKey: 'pk_test_abcdefgh5678',
  webhookSecret: 'whsec_abcdefgh',
};
const LIVE: GatewayKeys = {
  ...KEYS,
  secretKey: 'rk_live_abcdefgh1234',
  publishableKey: 'pk_live_abcdefgh5678',
};

describe.each(ENGINES)('the keys of a gateway on %s', (engine) => {
  test('a tenant that is connected takes its payments there, and only it can open its keys', async () => {
    const house = await openHouse(engine);
    const acme = await house.tenant('acme');
    const globex = await house.tenant('globex');
    expect(await connect(acme, 'stripe', KEYS)).toEqual({
      gateway: 'stripe',
      mode: 'test',
      publishableKey: KEYS.publishableKey,
      hint: '1234',
      webhookAddress: `${acme.tenant.origin}/webhooks/stripe`,
      connectedAt: house.clock.now().epochMilliseconds,
    });
    const opened = await openMerchant(house.app.operator(), acme.tenant);
    expect(opened.settings['payments.gateway']).toBe('stripe');
    expect(await opened.gatewayKeys('stripe')).toEqual(KEYS);
    const notTheirs = { code: 'gateway_not_connected' };
    await expect(globex.gatewayKeys('stripe')).rejects.toMatchObject(notTheirs);
    await expect(gatewayConnection(globex, 'stripe')).rejects.toMatchObject(notTheirs);
    expect(await rowsOf(house)).not.toMatch(/sk_test_|whsec_/);
  });

  test('they are not asked for within a transaction, which would wait for itself', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    await connect(merchant, 'stripe', KEYS);
    const asked = transact(merchant, (within) => within.gatewayKeys('stripe'));
    await expect(asked).rejects.toThrow(TypeError);
    expect(await merchant.gatewayKeys('stripe')).toEqual(KEYS);
  });

  test('new keys take the place of the old ones, which are gone', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    await connect(merchant, 'stripe', KEYS);
    await connect(merchant, 'stripe', { ...KEYS, secretKey: 'sk_test_newer_9999' });
    expect((await gatewayKeys(merchant, 'stripe')).secretKey).toBe('sk_test_newer_9999');
    const kept = await merchant.db
      .from('keys')
      .select(['state', 'sealed'])
      .where('purpose', '=', 'gateway')
      .execute();
    expect(kept.filter(({ sealed }) => sealed !== null)).toHaveLength(1);
    expect(kept.filter(({ state }) => state === 'revoked')).toEqual([{ state: 'revoked', sealed: null }]);
  });

  test('a live tenant takes no test keys and a test tenant no live ones, and nothing is written', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const live = await liveTenant(house);
    for (const [scope, keys] of [
      [merchant, LIVE],
      [live, KEYS],
      [live, { ...LIVE, publishableKey: KEYS.publishableKey }],
    ] as const) {
      await refusedWithNothingWritten(house, scope, keys, 'gateway_keys_mode');
    }
    expect(await connect(live, 'stripe', LIVE)).toMatchObject({ mode: 'live' });
  });

  test('keys that are none, or stand in each other’s place, are refused, and nothing is written', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    for (const wrong of [
      { secretKey: '' },
      { secretKey: KEYS.publishableKey },
      { publishableKey: KEYS.secretKey },
      { webhookSecret: 'https://acme.example' },
      { secretKey: `${KEYS.secretKey}\nx` },
    ]) {
      await refusedWithNothingWritten(house, merchant, { ...KEYS, ...wrong }, 'bad_gateway_keys');
    }
  });

  test('a gateway that is not connected cannot be set', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const before = await fingerprintOf(house, merchant.tenant.id);
    const refused = setSetting(merchant, 'payments.gateway', 'stripe');
    await expect(refused).rejects.toMatchObject({ code: 'gateway_not_connected' });
    expect(await fingerprintOf(house, merchant.tenant.id)).toBe(before);
  });

  test('disconnecting forgets the keys, and nobody takes payments', async () => {
    const house = await openHouse(engine);
    const { tenant } = await house.tenant();
    await connect(await openMerchant(house.app.operator(), tenant), 'stripe', KEYS);
    const merchant = await openMerchant(house.app.operator(), tenant);
    await disconnect(merchant, 'stripe');
    const after = await openMerchant(house.app.operator(), tenant);
    expect(after.settings['payments.gateway']).toBe('none');
    await expect(gatewayKeys(after, 'stripe')).rejects.toMatchObject({ code: 'gateway_not_connected' });
    await expect(disconnect(after, 'stripe')).rejects.toMatchObject({ code: 'gateway_not_connected' });
  });

  test('keys that are still needed to find out about a payment are not forgotten', async () => {
    const lost = {
      ...(await openHouse()).gateway,
      name: 'stripe',
      charge: () => Promise.reject(new Error('gone')),
    };
    const house = await openHouse(engine, { stripe: lost });
    const { tenant } = await house.tenant();
    await connect(await openMerchant(house.app.operator(), tenant), 'stripe', KEYS);
    const merchant = await openMerchant(house.app.operator(), tenant);
    const { scope, invoices } = await customerWithInvoices(merchant, [1250]);
    const seen = new Map([[invoices[0]!.clientId, 1250]]);
    const token = { kind: 'token', method: 'card', token: 'pm_card' } as const;
    const order = { nonce: 'nonce-of-a-lost-payment', seen, with: token };
    expect(await payInvoices(scope, order)).toMatchObject({ state: 'unknown' });
    const before = await fingerprintOf(house, tenant.id);
    await expect(disconnect(merchant, 'stripe')).rejects.toMatchObject({ code: 'gateway_in_use' });
    expect(await fingerprintOf(house, tenant.id)).toBe(before);
    await resetSetting(merchant, 'payments.gateway');
    expect(await gatewayKeys(merchant, 'stripe')).toEqual(KEYS);
  });
});

async function liveTenant({ app }: House): Promise<MerchantScope> {
  await createTenant(app.operator(), { username: 'initech', name: 'Initech', mode: 'live' });
  return openMerchant(app.operator(), await findTenant(app.operator(), 'initech'));
}

async function refusedWithNothingWritten(
  house: House,
  merchant: MerchantScope,
  keys: GatewayKeys,
  code: string,
): Promise<void> {
  const before = await fingerprintOf(house, merchant.tenant.id);
  await expect(connect(merchant, 'stripe', keys)).rejects.toMatchObject({ code });
  expect(await fingerprintOf(house, merchant.tenant.id)).toBe(before);
}

async function rowsOf({ app }: House): Promise<string> {
  return JSON.stringify(await app.ports.store.kysely.selectFrom('keys').selectAll().execute());
}
