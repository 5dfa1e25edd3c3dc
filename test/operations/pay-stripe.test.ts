import { describe, expect, onTestFinished, test } from 'vitest';
import { checkDatabase } from '#db/check.ts';
import { paymentOutcome } from '#src/payments/taking/charge.ts';
import { connect, disconnect } from '#src/payments/gateways/connections.ts';
import { approveWithDeposit, type DepositOrder, prepareApproval } from '#src/payments/taking/deposits.ts';
import { payInvoices, type PaymentOrder } from '#src/payments/taking/pay.ts';
import { receiveWebhook } from '#src/payments/news/webhooks.ts';
import { issueEstimate, issueInvoice } from '#src/documents/issue.ts';
import { openInvoices } from '#src/documents/invoices.ts';
import { collectDue } from '#src/payments/collecting/autopay.ts';
import { enrol } from '#src/payments/methods/enrolment.ts';
import { payOptions } from '#src/payments/taking/pay-options.ts';
import { customerScope, type CustomerScope, type MerchantScope } from '#src/scope.ts';
import { setSetting } from '#src/tenants/settings.ts';
import { addMethod } from '#src/payments/methods/method-setup.ts';
import { refusedWithoutTrace } from '#test/support/money.ts';
import { fingerprintOf } from '#test/support/mirror.ts';
import { openMerchant } from '#src/tenants/tenants.ts';
import { workOnce } from '#src/work.ts';
import type { Does } from '#test/gateways/bench.ts';
import { intentsOf, stripeOnTheBench, webhookSecretOf } from '#test/gateways/stripe-bench.ts';
import { stripeWebhook } from '#test/gateways/stripe-server.ts';
import { cardSource, customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';

const KEYS = {
  secretKey: 'sk_test_tenant1_of_acme',
  publishableKey: 'pk_test_tenant1_of_acme',
  webhookSecret: `${webhookSecretOf(1)}_of_acme`,
};
const NONCE = 'the-nonce-of-a-payment-form';
const WEEK = 7 * 86_400_000;

describe.each(ENGINES)('paying through Stripe on %s', (engine) => {
  test('an invoice is paid with what Stripe’s form gave, once, under the tenant’s own keys', async () => {
    const { scope, pay, books, invoice } = await shop(engine);
    const outcome = await pay('works');
    expect(outcome.state).toBe('succeeded');
    expect(await pay('works')).toEqual(outcome);
    const [intent] = intentsOf(books, outcome.attemptId).map((id) => books.intent(id));
    expect(intent).toMatchObject({
      amount: 1250,
      amount_received: 1250,
      currency: 'eur',
      status: 'succeeded',
    });
    expect(intent!.description).toBe(invoice.number);
    const payment = await scope.db.from('payments').selectAll().executeTakeFirstOrThrow();
    expect(payment).toMatchObject({ gateway: 'stripe', gateway_payment_id: intent!.id, amount_minor: 1250 });
  });

  test('numbers of cards and accounts are not for Stripe: sent by hand they are refused, to pay and to keep, and not even an intent is written', async () => {
    const { scope, house, merchant } = await shop(engine);
    const iban = { holder: 'P', holderType: 'company', iban: 'DE89370400440532013000' } as const;
    for (const source of [cardSource(), { kind: 'bank_account', account: iban } as const]) {
      await refusedWithoutTrace(house, merchant, 'method_not_offered', () =>
        payOpen(scope, { nonce: NONCE, with: source }),
      );
      await refusedWithoutTrace(house, merchant, 'method_not_offered', () =>
        addMethod(scope, { nonce: NONCE, with: source }),
      );
    }
  });

  test('a declined card says why, and the invoice stays open', async () => {
    const { scope, pay } = await shop(engine);
    expect(await pay('has no money')).toMatchObject({ state: 'declined', code: 'insufficient_funds' });
    expect(await balance(scope)).toBe(1250);
  });

  test('a payment whose answer was lost is found by the work in the background', async () => {
    const { scope, house, pay, bench } = await shop(engine);
    await bench.lose('answer');
    expect(await pay('works')).toMatchObject({ state: 'unknown' });
    house.clock.move(120_000);
    bench.stripe.pass(120_000);
    await workOnce(house.app);
    expect(await balance(scope)).toBe(0);
  });

  test('a request that never arrived leaves the invoice free again, and can never be charged late', async () => {
    const { scope, house, pay, bench, books } = await shop(engine);
    bench.stripe.break({ path: /POST \/v1\/payment_intents$/, after: false, times: 2 });
    const outcome = await pay('works');
    expect(outcome.state).toBe('unknown');
    house.clock.move(700_000);
    bench.stripe.pass(700_000);
    await workOnce(house.app);
    expect(await paymentOutcome(scope, outcome.attemptId)).toMatchObject({
      state: 'declined',
      code: 'canceled',
    });
    expect(intentsOf(books, outcome.attemptId).map((id) => books.intent(id).status)).toEqual(['canceled']);
    expect(await balance(scope)).toBe(1250);
  });

  test('a payer who was sent to their bank comes back to a paid invoice', async () => {
    const { scope, pay, books } = await shop(engine);
    const outcome = await pay('asks');
    expect(outcome.state).toBe('action_required');
    const { challenge } = await scope.db
      .from('payment_attempts')
      .select('challenge')
      .executeTakeFirstOrThrow();
    expect(challenge).toMatch(/^https:\/\/hooks\.stripe\.com\//);
    expect(await paymentOutcome(scope, outcome.attemptId)).toMatchObject({ state: 'action_required' });
    for (const id of intentsOf(books, outcome.attemptId)) books.bankAnswers(id, true);
    expect(await paymentOutcome(scope, outcome.attemptId)).toMatchObject({ state: 'succeeded' });
    expect(await balance(scope)).toBe(0);
  });

  test('a SEPA debit holds the invoice for days, and a webhook settles it', async () => {
    const { scope, merchant, pay, bench, books } = await shop(engine);
    const outcome = await pay('clears', 'bank_account');
    expect(outcome.state).toBe('processing');
    expect(await balance(scope)).toBe(1250);
    bench.stripe.pass(WEEK);
    const object = books.intent(intentsOf(books, outcome.attemptId)[0]!);
    const now = bench.now();
    const event = { id: 'evt_settled', type: 'payment_intent.succeeded', object };
    const sent = stripeWebhook(event, KEYS.webhookSecret, now);
    await receiveWebhook(merchant, 'stripe', { ...sent, now });
    await receiveWebhook(merchant, 'stripe', { ...sent, now });
    expect(await balance(scope)).toBe(0);
    expect(await scope.db.from('payments').select('id').execute()).toHaveLength(1);
  });

  test('a deposit is paid with what is kept at Stripe, and the same form is the same payment after Stripe was disconnected', async () => {
    const { bench, house, merchant, scope, books, pay } = await shop(engine);
    await pay('works');
    const token = books.typed('card', bench.behaviours.works);
    const { clientId } = await issueEstimate(merchant, {
      customerId: scope.customerId,
      currency: 'EUR',
      date: '2026-11-20',
      deposit: { minor: 400 },
      lines: [{ name: 'A kitchen', unitCost: '10' }],
    });
    await another(merchant, scope);
    await payOpen(scope, {
      nonce: `${NONCE}2`,
      with: { kind: 'token', method: 'card', token },
      save: true,
    });
    const { nonce, options } = await prepareApproval(scope, clientId);
    const order: DepositOrder = {
      nonce,
      clientId,
      pays: 'deposit',
      seen: { total: 1_000, deposit: 400 },
      with: { kind: 'method', methodId: options.saved[0]!.method.id },
      initials: 'PM',
      termsHash: undefined,
      ip: '203.0.113.7',
      userAgent: 'Firefox on Windows',
    };
    const outcome = await approveWithDeposit(scope, order);
    expect(outcome.state).toBe('succeeded');
    await disconnect(merchant, 'stripe');
    const later = await openMerchant(house.app.operator(), merchant.tenant);
    expect(await approveWithDeposit(customerScope(later, scope.customerId), order)).toEqual(outcome);
  });

  test('what is kept at Stripe is charged there though the tenant takes money elsewhere by now, and not at all once it has disconnected', async () => {
    const { bench, house, merchant, scope, books } = await shop(engine);
    const token = books.typed('card', bench.behaviours.works);
    await payOpen(scope, { nonce: NONCE, with: { kind: 'token', method: 'card', token }, save: true });
    await setSetting(merchant, 'payments.gateway', 'test');
    const elsewhere = customerScope(
      await openMerchant(house.app.operator(), merchant.tenant),
      scope.customerId,
    );
    const { saved } = await payOptions(elsewhere, 'EUR', []);
    const kept = { kind: 'method', methodId: saved[0]!.method.id } as const;
    await another(merchant, scope);
    expect(await payOpen(elsewhere, { nonce: `${NONCE}2`, with: kept })).toMatchObject({
      state: 'succeeded',
    });
    expect(house.gateway.book()).toEqual([]);
    await enrol(elsewhere, kept.methodId);
    // The merchant as it is now: it takes money elsewhere, and goes on doing so.
    await disconnect(await openMerchant(house.app.operator(), merchant.tenant), 'stripe');
    await another(merchant, scope);
    expect((await payOptions(elsewhere, 'EUR', [])).saved).toEqual([]);
    const before = await fingerprintOf(house, merchant.tenant.id);
    const refused = payOpen(elsewhere, { nonce: `${NONCE}3`, with: kept });
    await expect(refused).rejects.toMatchObject({ code: 'method_not_offered' });
    expect(await fingerprintOf(house, merchant.tenant.id)).toBe(before);
    house.clock.move(60 * 86_400_000);
    const again = await openMerchant(house.app.operator(), merchant.tenant);
    expect(again.settings['payments.gateway']).toBe('test');
    expect(await collectDue(again)).toMatchObject([{ outcome: { state: 'parked' } }]);
    expect(await collectDue(again)).toEqual([]);
  });
});

/** Pays everything that is open. */
async function payOpen(scope: CustomerScope, order: Omit<PaymentOrder, 'seen'>) {
  const seen = new Map(
    (await openInvoices(scope)).map((invoice) => [invoice.clientId, invoice.balance.minor]),
  );
  return payInvoices(scope, { ...order, seen });
}

async function another(merchant: MerchantScope, { customerId }: CustomerScope): Promise<void> {
  const lines = [{ name: 'Paper', unitCost: '12.50' }];
  await issueInvoice(merchant, { customerId, currency: 'EUR', date: '2026-11-12', lines });
}

async function shop(engine: (typeof ENGINES)[number]) {
  const bench = await stripeOnTheBench();
  onTestFinished(() => bench.shut());
  const house = await openHouse(engine, { stripe: bench.gateway });
  onTestFinished(async () => {
    const checks = await checkDatabase(house.app.ports.store);
    expect(checks.filter(({ violations }) => violations.length > 0)).toEqual([]);
  });
  const { tenant } = await house.tenant();
  await connect(await openMerchant(house.app.operator(), tenant), 'stripe', KEYS);
  const merchant = await openMerchant(house.app.operator(), tenant);
  const { scope, invoices } = await customerWithInvoices(merchant, [1250]);
  const invoice = invoices[0]!;
  const books = bench.stripe.books(KEYS.secretKey);
  const tokens = new Map<Does, string>();
  const pay = (does: Does, method: 'card' | 'bank_account' = 'card') => {
    const type = method === 'card' ? 'card' : 'sepa_debit';
    const token = tokens.get(does) ?? books.typed(type, bench.behaviours[does]);
    tokens.set(does, token);
    return payInvoices(scope, {
      nonce: NONCE,
      seen: new Map([[invoice.clientId, 1250]]),
      with: { kind: 'token', method, token },
    });
  };
  return { bench, house, merchant, scope, invoice, books, pay };
}

async function balance({ db }: Awaited<ReturnType<typeof shop>>['scope']): Promise<number> {
  return (await db.from('invoices').select('balance_minor').executeTakeFirstOrThrow()).balance_minor;
}
