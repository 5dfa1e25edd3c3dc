import { describe, expect, onTestFinished, test } from 'vitest';
import type { Engine } from '#db/migrations/migration.ts';
import { findInvoice } from '#src/documents/invoice.ts';
import { connect } from '#src/payments/gateways/connections.ts';
import { listMethods } from '#src/payments/methods/methods.ts';
import { refundPayment } from '#src/payments/returning/refunds.ts';
import { openMerchant } from '#src/tenants/tenants.ts';
import { workOnce } from '#src/work.ts';
import type { Does } from '#test/gateways/bench.ts';
import { stripeOnTheBench } from '#test/gateways/stripe-bench.ts';
import { stripeWebhook } from '#test/gateways/stripe-server.ts';
import { customerWithInvoices, ENGINES } from '#test/support/house.ts';
import { fingerprintOf } from '#test/support/mirror.ts';
import { expectSoundBooks } from '#test/support/money.ts';
import { changesNothing, send } from '#test/support/pages.ts';
import { type Answer, formFields, openPortal, textOf, Visitor } from '#test/support/portal.ts';

const KEYS = {
  secretKey: 'sk_test_tenant1_of_acme',
  publishableKey: 'pk_test_tenant1_of_acme',
  webhookSecret: 'whsec_tenant1_of_acme',
};
const NEW = '/payment_methods/new';

/* Stripe answers as a local server does (test/gateways/stripe-server.ts); everything of the portal is real. */
describe.each(ENGINES)('paying through Stripe on %s', (engine) => {
  test('a payer whose bank asks is sent there, comes back, and holds the receipt', async () => {
    const { visitor, invoice, scope, open, books, pay } = await aShop(engine);
    const { path, page } = await pay('asks');
    expect(textOf(page.text)).toContain('Your bank asks you to confirm this payment');
    const bank = bankIn(page);
    expect(bank).toMatch(/^https:\/\/hooks\.stripe\.com\//);
    expect(page.headers.refresh).toBe(`0; url=${bank}`);
    for (const id of books.intents.keys()) books.bankAnswers(id, true);
    const receipt = await returned(visitor, path.replace('/challenge', ''));
    expect(textOf(receipt.text)).toContain('Thank you. Your payment arrived.');
    expect(await findInvoice(scope, invoice.clientId)).toMatchObject({ status: 'paid' });
    await expectSoundBooks(open);
  });

  test('whoever comes back without an answer is asked what to do, is not sent off again, and can leave it', async () => {
    const { visitor, books, pay, invoice, scope } = await aShop(engine);
    const { path } = await pay('asks');
    const back = await returned(visitor, path.replace('/challenge', ''));
    expect(textOf(back.text)).toContain('Your bank has not confirmed this payment yet');
    expect(back.headers.refresh).toBeUndefined();
    expect(bankIn(back)).toMatch(/^https:/);
    const left = await visitor.follow(await visitor.post(path, { answer: 'reject' }));
    expect(textOf(left.text)).toContain('Your payment was not taken');
    for (const id of books.intents.keys()) books.bankAnswers(id, true);
    expect([...books.intents.values()].map(({ status }) => status)).toEqual(['canceled']);
    expect(await findInvoice(scope, invoice.clientId)).toMatchObject({ balance: { minor: 1250 } });
    expect((await pay('works')).page.status).toBe(200);
  });

  test('a payer whose bank says no is told so, and nothing is charged', async () => {
    const { visitor, books, pay } = await aShop(engine);
    const { path } = await pay('asks');
    for (const id of books.intents.keys()) books.bankAnswers(id, false);
    const back = await returned(visitor, path.replace('/challenge', ''));
    expect(textOf(back.text)).toContain('Your bank could not confirm that it was you.');
  });

  test('saying “confirmed” on our side does not replace the bank: nothing is taken', async () => {
    const { visitor, pay, scope, invoice } = await aShop(engine);
    const { path } = await pay('asks');
    await visitor.post(path, { answer: 'approve' });
    expect(await findInvoice(scope, invoice.clientId)).toMatchObject({ balance: { minor: 1250 } });
  });

  test('a card whose bank asks at setup is kept when the payer comes back, with what they wished', async () => {
    const { visitor, scope, books, add } = await aShop(engine);
    const { path, page } = await add('asks', { label: 'Work card', use: 'on' });
    expect(textOf(page.text)).toContain('Your bank asks you to confirm this card');
    expect(page.headers.refresh).toBe(`0; url=${bankIn(page)}`);
    expect(await listMethods(scope)).toEqual([]);
    for (const id of books.setups.keys()) books.bankAnswersSetup(id, true);
    const list = await returned(visitor, `${path}?again=1`);
    expect(textOf(list.text)).toContain('Work card');
    expect(await listMethods(scope)).toMatchObject([{ state: 'usable', is_default: 1, label: 'Work card' }]);
  });

  test('a card whose payer never comes back is kept by the webhook, or by the work in the background; twice is once', async () => {
    const { open, merchant, scope, books, add, bench } = await aShop(engine);
    await add('asks');
    const [setup] = [...books.setups.values()];
    books.bankAnswersSetup(setup!.id, true);
    const event = { id: 'evt_setup', type: 'setup_intent.succeeded', object: setup! };
    for (let twice = 0; twice < 2; twice++)
      expect((await deliver(open, merchant.tenant.origin, event)).status).toBe(200);
    expect(await listMethods(scope)).toHaveLength(1);
    await add('asks');
    for (const { id } of books.setups.values()) books.bankAnswersSetup(id, true);
    open.clock.move(120_000);
    bench.stripe.pass(120_000);
    await workOnce(open.app);
    await workOnce(open.app);
    expect(await listMethods(scope)).toHaveLength(2);
  });

  test('a payer who leaves their bank’s question keeps nothing, and a bank that answers later changes nothing', async () => {
    const { visitor, scope, books, add } = await aShop(engine);
    const { path } = await add('asks');
    const left = await visitor.follow(await visitor.post(path, { answer: 'reject' }));
    expect(textOf(left.text)).toContain('Not added');
    for (const id of books.setups.keys()) books.bankAnswersSetup(id, true);
    await visitor.get(`${path}?again=1`);
    expect(await listMethods(scope)).toEqual([]);
  });

  test('somebody else’s setup and payment are not there', async () => {
    const { open, merchant, add, pay } = await aShop(engine);
    const [setup, payment] = [await add('asks'), await pay('asks')];
    const { scope } = await customerWithInvoices(merchant, [], 'Somebody else');
    const other = await Visitor.signedIn(open, merchant, scope.customerId);
    for (const { path } of [setup, payment]) {
      expect((await other.get(path)).status).toBe(404);
      const answer = () => other.post(path, { answer: 'approve' });
      await changesNothing({ open, merchant, scope, invoices: [], visitor: other }, 404, answer);
    }
  });

  test('Stripe’s webhook settles a debit at the HTTP door; one that is forged, stale or of the other mode has no effect', async () => {
    const { open, merchant, scope, invoice, books, bench, pay } = await aShop(engine);
    expect(textOf((await pay('clears', 'bank')).page.text)).toContain('You do not need to pay again');
    bench.stripe.pass(4 * 86_400_000);
    const [intent] = [...books.intents.keys()].map((id) => books.intent(id));
    const event = { id: 'evt_debit', type: 'payment_intent.succeeded', object: intent! };
    const before = await fingerprintOf(open, merchant.tenant.id);
    const { origin } = merchant.tenant;
    const tried = [
      await deliver(open, origin, event, { secret: 'whsec_of_somebody_else' }),
      await deliver(open, origin, event, { ageMs: 301_000 }),
      await deliver(open, origin, { ...event, livemode: true }),
    ];
    expect(tried.map(({ status }) => status)).toEqual([400, 400, 400]);
    expect(await fingerprintOf(open, merchant.tenant.id)).toBe(before);
    for (let times = 0; times < 3; times++) expect((await deliver(open, origin, event)).status).toBe(200);
    expect(await findInvoice(scope, invoice.clientId)).toMatchObject({ status: 'paid' });
    await expectSoundBooks(open);
  });

  test('money that the merchant gives back at Stripe itself is in the books, once, whatever the order of the news', async () => {
    const { open, merchant, scope, books, pay, bench } = await aShop(engine);
    await pay('works');
    const [intent] = [...books.intents.values()];
    const part = books.createRefund({ payment_intent: intent!.id, amount: '500' });
    const rest = books.createRefund({ payment_intent: intent!.id, amount: '750' });
    const { origin } = merchant.tenant;
    for (const [id, object] of [
      ['evt_1', rest],
      ['evt_2', part],
      ['evt_3', rest],
      ['evt_2', part],
    ] as const)
      expect((await deliver(open, origin, { id, type: 'refund.updated', object })).status).toBe(200);
    const payment = await scope.db.from('payments').selectAll().executeTakeFirstOrThrow();
    expect(payment.refunded_minor).toBe(1250);
    expect(await scope.db.from('refunds').selectAll().execute()).toHaveLength(2);
    const asked = bench.stripe.asked.length;
    open.clock.move(3_600_000);
    await workOnce(open.app);
    expect(bench.stripe.asked.slice(asked)).not.toContain('POST /v1/refunds');
    const paid = await refundPayment(merchant, { nonce: 'once more', paymentId: payment.id }).catch(String);
    expect(paid).toContain('was given back already');
    await expectSoundBooks(open);
  });

  test('a refund of a payment that is none of ours, in an account that serves other things too, is left alone', async () => {
    const { open, merchant, books } = await aShop(engine);
    const foreign = books.createIntent({
      amount: '900',
      currency: 'eur',
      allowed_payment_method_types: { 0: 'card' },
    });
    books.confirmIntent(foreign.id, { payment_method: books.typed('card', { does: 'works' }) });
    const object = books.createRefund({ payment_intent: foreign.id });
    const answer = await deliver(open, merchant.tenant.origin, {
      id: 'evt_1',
      type: 'refund.created',
      object,
    });
    expect(answer.status).toBe(200);
    expect(await merchant.db.from('refunds').selectAll().execute()).toEqual([]);
    const kept = await merchant.db.from('gateway_events').select('outcome').execute();
    expect(kept).toEqual([{ outcome: 'handled' }]);
  });

  test('a page that looks again by itself does not ask Stripe each time', async () => {
    const { visitor, bench, pay } = await aShop(engine);
    bench.stripe.break({ path: /^GET/, after: false, times: 1000 });
    const { path, page } = await pay('works');
    expect(textOf(page.text)).toContain('We are checking with your bank');
    const asked = bench.stripe.asked.length;
    for (let looks = 0; looks < 5; looks++) await visitor.get(`${path}?look=1`);
    expect(bench.stripe.asked).toHaveLength(asked);
  });
});

/** The browser comes back from the bank: reading that page settles nothing, its form asks. */
async function returned(visitor: Visitor, address: string): Promise<Answer> {
  const page = await visitor.get(address);
  expect(textOf(page.text)).toContain('We are asking your bank about');
  const [path] = address.split('?') as [string];
  return visitor.follow(await visitor.post(path, formFields(page.text, path)));
}

async function aShop(engine: Engine) {
  const bench = await stripeOnTheBench();
  onTestFinished(() => bench.shut());
  const open = await openPortal(engine, { stripe: bench.gateway });
  const { tenant } = await open.tenant();
  await connect(await openMerchant(open.app.operator(), tenant), 'stripe', KEYS);
  const merchant = await openMerchant(open.app.operator(), tenant);
  const { scope, invoices } = await customerWithInvoices(merchant, [1250]);
  const visitor = await Visitor.signedIn(open, merchant, scope.customerId);
  const books = bench.stripe.books(KEYS.secretKey);
  /** What Stripe's own fields in the browser would have put into the form. */
  const token = (does: Does, kind: 'card' | 'bank') =>
    kind === 'card'
      ? { with: 'card', card_token: books.typed('card', bench.behaviours[does]) }
      : { with: 'bank', bank_token: books.typed('sepa_debit', bench.behaviours[does], '3000') };
  const shown = async (answer: Answer) => ({
    path: String(answer.headers.location),
    page: await visitor.follow(answer),
  });
  return {
    bench,
    open,
    merchant,
    scope,
    visitor,
    books,
    invoice: invoices[0]!,
    pay: async (does: Does, kind: 'card' | 'bank' = 'card') =>
      shown(await send(visitor, '/pay', '/pay', token(does, kind))),
    add: async (does: Does, more: Record<string, string> = {}) =>
      shown(await send(visitor, NEW, NEW, { ...token(does, 'card'), ...more })),
  };
}

function bankIn({ text }: Answer): string {
  return /href="(https:\/\/hooks[^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '';
}

function deliver(
  { portal, clock }: Awaited<ReturnType<typeof openPortal>>,
  origin: string,
  event: { readonly id: string; readonly type: string; readonly object: object; readonly livemode?: boolean },
  { secret = KEYS.webhookSecret, ageMs = 0 } = {},
): Promise<Answer> {
  const { headers, body } = stripeWebhook(event, secret, clock.now().epochMilliseconds - ageMs);
  const stranger = new Visitor(origin, portal.port);
  return stranger.postText('/webhooks/stripe', Buffer.from(body).toString(), headers);
}
