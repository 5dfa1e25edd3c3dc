import { describe, expect, onTestFinished, test } from 'vitest';
import { checkDatabase } from '#db/check.ts';
import type { Engine } from '#db/migrations/migration.ts';
import { findAttempt } from '#src/payments/attempts/attempt.ts';
import { findMethod, listMethods } from '#src/payments/methods/methods.ts';
import { refundPayment } from '#src/payments/returning/refunds.ts';
import { workOnce } from '#src/work.ts';
import { stripeOnTheBench } from '#test/gateways/stripe-bench.ts';
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
const OTHERS: GatewayKeys = {
  secretKey: 'sk_test_of_somebody_else',
  publishableKey: 'pk_test_of_somebody_else',
  webhookSecret: 'whsec_of_somebody_else',
};
const LIVE: GatewayKeys = {
  ...KEYS,
  secretKey: 'rk_live_abcdefgh1234',
  publishableKey: 'pk_live_abcdefgh5678',
};

describe.each(ENGINES)('the keys of a gateway on %s', (engine) => {
  test('a tenant that is connected takes its payments there, and only it can open its keys', async () => {
    const house = await aHouse(engine);
    const acme = await house.tenant('acme');
    const globex = await house.tenant('globex');
    expect(await connect(acme, 'stripe', KEYS)).toEqual({
      gateway: 'stripe',
      mode: 'test',
      publishableKey: KEYS.publishableKey,
      account: 'acct_abcdefgh1234',
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
    const house = await aHouse(engine);
    const merchant = await house.tenant();
    await connect(merchant, 'stripe', KEYS);
    const asked = transact(merchant, (within) => within.gatewayKeys('stripe'));
    await expect(asked).rejects.toThrow(TypeError);
    expect(await merchant.gatewayKeys('stripe')).toEqual(KEYS);
  });

  test('newer keys of the same account take the place of the old ones, which are gone; nothing else changes', async () => {
    const { merchant, scope, methodId, paymentId, house } = await anAccount(engine);
    const newer = { ...KEYS, secretKey: `${KEYS.secretKey}_new` };
    await connect(merchant, 'stripe', newer);
    expect((await gatewayKeys(merchant, 'stripe')).secretKey).toBe(newer.secretKey);
    const kept = await merchant.db
      .from('keys')
      .select(['state', 'sealed'])
      .where('purpose', '=', 'gateway')
      .execute();
    expect(kept.filter(({ sealed }) => sealed !== null)).toHaveLength(1);
    expect(kept.filter(({ state }) => state === 'revoked')).toEqual([{ state: 'revoked', sealed: null }]);
    expect(await findMethod(scope, methodId)).toMatchObject({ state: 'usable', is_default: 1 });
    expect(await refundPayment(merchant, { nonce: 'r1', paymentId })).toMatchObject({ state: 'succeeded' });
    const broken = (await checkDatabase(house.app.ports.store)).filter(
      ({ violations }) => violations.length > 0,
    );
    expect(broken).toEqual([]);
  });

  test('keys of another account are refused while anything at the first has no end yet, and nothing is written', async () => {
    const { merchant, house, bench, invoice, scope } = await anAccount(engine);
    const debit = bench.stripe.books(KEYS.secretKey).typed('sepa_debit', { does: 'clears' }, '3000');
    const paid = await payInvoices(scope, {
      nonce: 'nonce-of-a-debit-on-its-way',
      seen: new Map([[invoice.clientId, invoice.minor]]),
      with: { kind: 'token', method: 'bank_account', token: debit },
      acceptance: { ip: '192.0.2.1', userAgent: 'a browser' },
    });
    expect(paid).toMatchObject({ state: 'processing' });
    await refusedWithNothingWritten(house, merchant, OTHERS, 'gateway_in_use');
    house.clock.move(4 * 86_400_000);
    bench.stripe.pass(4 * 86_400_000);
    await workOnce(house.app);
    expect(await connect(merchant, 'stripe', OTHERS)).toMatchObject({ account: 'acct_of_somebody_else' });
  });

  test('what was left at another account is neither charged nor given back there, and is there again with that account', async () => {
    const { merchant, scope, methodId, paymentId, bench, house, invoice } = await anAccount(engine);
    await connect(merchant, 'stripe', OTHERS);
    const left = await findMethod(scope, methodId);
    expect(left).toMatchObject({ state: 'failed', is_default: 0, gateway_account: 'acct_abcdefgh1234' });
    const before = await fingerprintOf(house, merchant.tenant.id);
    const asked = bench.stripe.asked.length;
    const refund = refundPayment(merchant, { nonce: 'r1', paymentId });
    await expect(refund).rejects.toMatchObject({ code: 'not_refundable' });
    const paying = payInvoices(scope, {
      nonce: 'nonce-of-a-payment-with-what-was-left',
      seen: new Map([[invoice.clientId, invoice.minor]]),
      with: { kind: 'method', methodId },
    });
    await expect(paying).rejects.toMatchObject({ code: 'not_found' });
    expect(await fingerprintOf(house, merchant.tenant.id)).toBe(before);
    expect(bench.stripe.asked).toHaveLength(asked);
    await connect(merchant, 'stripe', KEYS);
    expect(await findMethod(scope, methodId)).toMatchObject({ state: 'usable', gateway_account: null });
    expect(await refundPayment(merchant, { nonce: 'r1', paymentId })).toMatchObject({ state: 'succeeded' });
  });

  test('keys that Stripe does not know are refused, and so are all while it cannot be asked; nothing is written', async () => {
    const bench = await stripeOnTheBench();
    onTestFinished(() => bench.shut());
    const house = await openHouse(engine, { stripe: bench.gateway });
    const merchant = await house.tenant();
    const unknown = { ...KEYS, secretKey: 'sk_test_unknown_1234' };
    await refusedWithNothingWritten(house, merchant, unknown, 'bad_gateway_keys');
    bench.stripe.break({ path: /account$/, after: false, times: 10 });
    await refusedWithNothingWritten(house, merchant, KEYS, 'gateway_silent');
  });

  test('a debit that a gateway has taken is not over because the gateway does not find it', async () => {
    const { scope, house, bench, invoice } = await anAccount(engine);
    const books = bench.stripe.books(KEYS.secretKey);
    const debit = books.typed('sepa_debit', { does: 'clears' }, '3000');
    const { attemptId } = await payInvoices(scope, {
      nonce: 'nonce-of-a-debit-on-its-way',
      seen: new Map([[invoice.clientId, invoice.minor]]),
      with: { kind: 'token', method: 'bank_account', token: debit },
      acceptance: { ip: '192.0.2.1', userAgent: 'a browser' },
    });
    const hidden = [...books.intents].filter(([, { metadata }]) => metadata['attempt_id'] === attemptId);
    for (const [id] of hidden) books.intents.delete(id);
    house.clock.move(4 * 86_400_000);
    bench.stripe.pass(4 * 86_400_000);
    await workOnce(house.app);
    expect(await findAttempt(scope, attemptId)).toMatchObject({ state: 'processing', settled_at: null });
    for (const [id, intent] of hidden) books.intents.set(id, intent);
    house.clock.move(3_600_001);
    await workOnce(house.app);
    expect(await findAttempt(scope, attemptId)).toMatchObject({ state: 'succeeded' });
  });

  test('a live tenant takes no test keys and a test tenant no live ones, and nothing is written', async () => {
    const house = await aHouse(engine);
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
    const house = await aHouse(engine);
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
    const house = await aHouse(engine);
    const merchant = await house.tenant();
    const before = await fingerprintOf(house, merchant.tenant.id);
    const refused = setSetting(merchant, 'payments.gateway', 'stripe');
    await expect(refused).rejects.toMatchObject({ code: 'gateway_not_connected' });
    expect(await fingerprintOf(house, merchant.tenant.id)).toBe(before);
  });

  test('disconnecting forgets the keys, and nobody takes payments', async () => {
    const house = await aHouse(engine);
    const { tenant } = await house.tenant();
    await connect(await openMerchant(house.app.operator(), tenant), 'stripe', KEYS);
    const merchant = await openMerchant(house.app.operator(), tenant);
    await disconnect(merchant, 'stripe');
    const after = await openMerchant(house.app.operator(), tenant);
    expect(after.settings['payments.gateway']).toBe('offline');
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

async function aHouse(engine: Engine): Promise<House> {
  const bench = await stripeOnTheBench();
  onTestFinished(() => bench.shut());
  return openHouse(engine, { stripe: bench.gateway });
}

/** A tenant at Stripe, with a customer who has kept a card, paid with it, and has an invoice that is open. */
async function anAccount(engine: Engine) {
  const bench = await stripeOnTheBench();
  onTestFinished(() => bench.shut());
  const house = await openHouse(engine, { stripe: bench.gateway });
  const { tenant } = await house.tenant();
  await connect(await openMerchant(house.app.operator(), tenant), 'stripe', KEYS);
  const merchant = await openMerchant(house.app.operator(), tenant);
  const { scope, invoices } = await customerWithInvoices(merchant, [1250, 4200]);
  const token = bench.stripe.books(KEYS.secretKey).typed('card', { does: 'works' });
  await payInvoices(scope, {
    nonce: 'nonce-of-a-payment-that-keeps-its-card',
    seen: new Map([[invoices[0]!.clientId, 1250]]),
    with: { kind: 'token', method: 'card', token },
    save: true,
  });
  const [method] = await listMethods(scope);
  const { id: paymentId } = await scope.db.from('payments').select('id').executeTakeFirstOrThrow();
  return { bench, house, merchant, scope, paymentId, methodId: method!.id, invoice: invoices[1]! };
}

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
