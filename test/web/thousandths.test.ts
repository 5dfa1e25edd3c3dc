import { describe, expect, onTestFinished, test } from 'vitest';
import type { Engine } from '#db/migrations/migration.ts';
import { createCustomer } from '#src/customers/customers.ts';
import { issueEstimate, issueInvoice } from '#src/documents/issue.ts';
import { money } from '#src/kernel/money.ts';
import { connect } from '#src/payments/gateways/connections.ts';
import { refundPayment } from '#src/payments/returning/refunds.ts';
import { collectDue } from '#src/payments/collecting/autopay.ts';
import { customerScope } from '#src/scope.ts';
import { openMerchant } from '#src/tenants/tenants.ts';
import { stripeOnTheBench } from '#test/gateways/stripe-bench.ts';
import { ENGINES } from '#test/support/house.ts';
import { expectSoundBooks, ledgerSums, refusedWithoutTrace, withSettings } from '#test/support/money.ts';
import { changesNothing, fill, readAfter, send } from '#test/support/pages.ts';
import { openPortal, textOf, Visitor } from '#test/support/portal.ts';

const KEYS = {
  secretKey: 'sk_test_tenant1_of_acme',
  publishableKey: 'pk_test_tenant1_of_acme',
  webhookSecret: 'whsec_tenant1_of_acme',
};
const CENTS = ' ';

/* Stripe takes dinars with a third decimal of 0 alone. */
describe.each(ENGINES)('an amount that Stripe cannot charge, on %s', (engine) => {
  test('is known before: shown rounded up, charged as shown, and the difference is the customer’s credit', async () => {
    const { open, scope, visitor, token, charged } = await aDinarShop(engine);
    const page = textOf((await visitor.get('/pay')).text).replaceAll(CENTS, ' ');
    expect(page).toContain('Pay KWD 18.610');
    expect(page).toContain('Rounded up, kept as your credit KWD 0.005');
    const done = await readAfter(visitor, await send(visitor, '/pay', '/pay', token()));
    expect(done).toContain('Thank you. Your payment arrived.');
    expect(done.replaceAll(CENTS, ' ')).toMatch(/KWD 18\.605[\s\S]*Your credit[\s\S]*KWD 0\.005/);
    expect(charged()).toEqual([18_610]);
    expect(await ledgerSums(scope)).toMatchObject({ cash: 18_610, credit_balance: -5, receivable: 0 });
    await expectSoundBooks(open);
  });

  test('as it is, is refused where it was not shown so, and nothing is written', async () => {
    const { open, merchant, scope, visitor, token, charged } = await aDinarShop(engine);
    const form = (await fill(visitor, '/pay', '/pay', token())).map(
      ([name, value]) => [name, name === 'charge' ? 'plain:18605' : value] as [string, string],
    );
    const guest = { open, merchant, scope, visitor, invoices: [] };
    const refused = await changesNothing(guest, 409, () => visitor.post('/pay', form));
    expect(textOf(refused.text).replaceAll(CENTS, ' ')).toContain('This payment comes to KWD 18.610');
    expect(charged()).toEqual([]);
  });

  test('with a fee, paid in advance, as a deposit and by AutoPay is rounded up as well, and said', async () => {
    const { open, merchant, scope, visitor, token, charged } = await aDinarShop(engine, {
      'payments.fee_percent': '2.5',
      'payments.advance': 'on',
    });
    // 18.605 and 2.5 % are 19.070: nothing to round.
    expect(textOf((await visitor.get('/pay')).text).replaceAll(CENTS, ' ')).toContain('Pay KWD 19.070');
    const advance = await fill(visitor, '/pay/advance', '/pay/advance', { ...token(), amount: '1.111' });
    const asked = await visitor.post('/pay/advance', advance);
    expect(asked.status).toBe(409);
    expect(textOf(asked.text).replaceAll(CENTS, ' ')).toContain('Pay KWD 1.140');
    const { id, clientId } = await issueEstimate(merchant, {
      customerId: scope.customerId,
      currency: 'KWD',
      date: '2026-11-23',
      lines: [{ name: 'Shelf', unitCost: '0', amountMinor: 50_001 }],
      deposit: { percent: '50' },
    });
    expect(id).toBeGreaterThan(0);
    const approval = `/estimates/${clientId}/approval`;
    expect(textOf((await visitor.get(approval)).text).replaceAll(CENTS, ' ')).toContain('KWD 25.630');
    await send(visitor, approval, approval, { ...token(), initials: 'PM', pays: 'deposit' });
    expect(charged()).toEqual([25_630]);
    await send(visitor, '/autopay', '/autopay', { ...token(), action: 'on' });
    open.clock.move(2 * 86_400_000);
    await collectDue(merchant);
    expect(charged()).toEqual([25_630, 19_070]);
    await expectSoundBooks(open);
  });

  test('is not given back either: the merchant is told the nearest amounts', async () => {
    const { open, merchant, visitor, token } = await aDinarShop(engine);
    await send(visitor, '/pay', '/pay', token());
    const order = { nonce: 'a refund of dinars', paymentId: 1, amount: money(1_005, 'KWD') };
    await refusedWithoutTrace(open, merchant, 'amount_in_steps', () => refundPayment(merchant, order));
    expect(await refundPayment(merchant, { ...order, amount: money(1_010, 'KWD') })).toMatchObject({
      state: 'succeeded',
    });
  });
});

async function aDinarShop(engine: Engine, settings: Readonly<Record<string, string>> = {}) {
  const bench = await stripeOnTheBench();
  onTestFinished(() => bench.shut());
  const open = await openPortal(engine, { stripe: bench.gateway });
  const { tenant } = await open.tenant();
  await connect(await openMerchant(open.app.operator(), tenant), 'stripe', KEYS);
  const merchant = await withSettings(open, await openMerchant(open.app.operator(), tenant), settings);
  const { id: customerId } = await createCustomer(merchant, {
    name: 'Dana',
    email: 'dana@example.kw',
    currency: 'KWD',
  });
  const lines = [{ name: 'Paper', unitCost: '0', amountMinor: 18_605 }];
  await issueInvoice(merchant, {
    customerId,
    currency: 'KWD',
    date: '2026-11-23',
    dueDate: '2026-11-24',
    lines,
  });
  const visitor = await Visitor.signedIn(open, merchant, customerId);
  const books = bench.stripe.books(KEYS.secretKey);
  return {
    open,
    merchant,
    scope: customerScope(merchant, customerId),
    visitor,
    token: () => ({ with: 'card', card_token: books.typed('card', bench.behaviours.works) }),
    charged: () =>
      [...books.intents.values()].filter((one) => one.status === 'succeeded').map((one) => one.amount),
  };
}
