import { request } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { stripeGateway } from '#src/adapters/stripe.ts';
import { signedWebhook } from '#src/adapters/test-gateway-webhooks.ts';
import { createApp } from '#src/app.ts';
import { silentLog } from '#src/kernel/log.ts';
import type { GatewayEvent } from '#src/payments/gateways/gateway.ts';
import { payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import { findInvoice } from '#src/documents/invoice.ts';
import { customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { fingerprintOf } from '#test/support/mirror.ts';
import { expectSoundBooks } from '#test/support/money.ts';
import { openPortal } from '#test/support/portal.ts';

describe.each(ENGINES)('the webhook door on %s', (engine) => {
  test('signed news settles a payment without a session or a cookie; sent 50 times it has one effect', async () => {
    const { open, scope, invoice, news, send } = await aDebit(engine);
    const signed = open.gateway.webhook(1, news, open.clock.now().epochMilliseconds);
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(signed.body, signed.headers)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await findInvoice(scope, invoice)).toMatchObject({ status: 'paid' });
    expect(await scope.db.from('payments').selectAll().execute()).toHaveLength(1);
    await expectSoundBooks(open);
  });

  test('what is forged, changed, stale, another tenant’s or empty is answered with 400 and has no effect', async () => {
    const { open, merchant, news, send } = await aDebit(engine);
    const now = open.clock.now().epochMilliseconds;
    const { headers, body } = open.gateway.webhook(1, news, now);
    const other = await open.tenant('globex');
    const theirs = open.gateway.webhook(other.tenant.id, news, now);
    const stale = open.gateway.webhook(1, news, now - 300_001);
    const before = await fingerprintOf(open, merchant.tenant.id);
    const tried = await Promise.all([
      send(body, {}),
      send(body, { 'x-test-signature': `${now}.${'0'.repeat(64)}` }),
      send(Buffer.concat([body, Buffer.from('\n')]), headers),
      send(Buffer.alloc(0), headers),
      send(theirs.body, theirs.headers),
      send(stale.body, stale.headers),
    ]);
    expect(tried.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 400]);
    expect(tried[0]!.text).toMatch(/"title":"Not a webhook of ours"/);
    expect(await fingerprintOf(open, merchant.tenant.id)).toBe(before);
  });
});

test('each installation’s test gateway signs with a secret of its own: what tests sign with opens none', async () => {
  const { config, clock } = await openHouse();
  const app = await createApp(config, { log: silentLog, clock });
  onTestFinished(() => app.close());
  const at = clock.now().epochMilliseconds;
  const forged = signedWebhook(1, { id: 'e1', about: 'nothing' }, at);
  const read = app.ports.gateways['test']!.readWebhook({ account: { tenantId: 1 }, now: at, ...forged });
  await expect(read).rejects.toMatchObject({ code: 'bad_webhook' });
});

test('a gateway that is not connected, or signs otherwise, is told nothing of how the portal is run', async () => {
  const open = await openPortal('sqlite', { stripe: stripeGateway({ place: undefined, now: () => 0 }) });
  const { host } = new URL((await open.tenant()).tenant.origin);
  for (const path of ['/webhooks/stripe', '/webhooks/nobody', '/webhooks/test']) {
    const { status, text } = await ask(open.portal.port, 'POST', path, Buffer.from('{}'), { host });
    expect([400, 404]).toContain(status);
    expect(text).not.toMatch(/“portal|secret|keys|is not connected|signature/i);
  }
});

test('a gateway that is none is answered with 404, and anything but POST with 405', async () => {
  const { open, news, send } = await aDebit('sqlite');
  const { headers, body } = open.gateway.webhook(1, news, open.clock.now().epochMilliseconds);
  for (const path of ['/webhooks/nobody', '/webhooks', '/webhooks/test/more', '/webhooks/constructor'])
    expect.soft(await send(body, headers, path), path).toMatchObject({
      status: 404,
      headers: { 'cache-control': expect.stringContaining('no-store') },
    });
  const got = await send(undefined, {}, '/webhooks/test', 'GET');
  expect([got.status, got.headers.allow]).toEqual([405, 'POST']);
});

test('a webhook that is too large is refused unread', async () => {
  const { send } = await aDebit('sqlite');
  expect((await send(Buffer.alloc(1_048_577), {})).status).toBe(413);
});

async function aDebit(engine: (typeof ENGINES)[number]) {
  const open = await openPortal(engine);
  const merchant = await open.tenant('acme');
  const { scope, invoices } = await customerWithInvoices(merchant, [5_000]);
  const invoice = invoices[0]!.clientId;
  const { nonce } = await preparePayment(scope, [invoice]);
  const { attemptId } = await payInvoices(scope, {
    nonce,
    seen: new Map([[invoice, 5_000]]),
    with: {
      kind: 'bank_account',
      account: { holder: 'Petra', holderType: 'company', iban: 'DE89370400440532013000' },
    },
  });
  const reply = { state: 'succeeded', gatewayPaymentId: `test_${attemptId}`, methodLabel: 'Bank' } as const;
  const news: GatewayEvent = { id: 'evt_1', about: 'attempt', attemptId, reply };
  const host = new URL(merchant.tenant.origin).host;
  const send = (body: Uint8Array | undefined, headers: object, path = '/webhooks/test', method = 'POST') =>
    ask(open.portal.port, method, path, body, { host, ...headers });
  return { open, merchant, scope, invoice, news, send };
}

function ask(
  port: number,
  method: string,
  path: string,
  body: Uint8Array | undefined,
  headers: Record<string, string>,
) {
  const length = body === undefined ? {} : { 'content-length': String(body.length) };
  return new Promise<{ status: number; text: string; headers: Record<string, unknown> }>(
    (resolve, reject) => {
      const sent = request(
        { host: '127.0.0.1', port, method, path, headers: { ...headers, ...length }, agent: false },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, text, headers: response.headers }),
          );
        },
      );
      sent.on('error', reject);
      sent.end(body);
    },
  );
}
