import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { connect } from '#src/payments/gateways/connections.ts';
import { listMethods } from '#src/payments/methods/methods.ts';
import { mintMagicLink } from '#src/signin/magic-links.ts';
import { openMerchant } from '#src/tenants/tenants.ts';
import type { Does } from '#test/gateways/bench.ts';
import type { StripeBooks } from '#test/gateways/stripe-books.ts';
import { stripeOnTheBench } from '#test/gateways/stripe-bench.ts';
import { launchChromium } from '#test/support/chromium.ts';
import { customerWithInvoices } from '#test/support/house.ts';
import { changesNothing, fill, TYPED_CARD } from '#test/support/pages.ts';
import { openPortal, Visitor } from '#test/support/portal.ts';
import { openPerson } from './person.ts';

/*
 * There is no network here: Stripe answers as a local server (test/gateways/stripe-server.ts), and its script in the browser is a stand-in that
 * draws a field and hands out a token, as Stripe.js's Payment Element does. What is ours is real: the page, its policy, the form, the server.
 */
const KEYS = {
  secretKey: 'sk_test_tenant1_of_acme',
  publishableKey: 'pk_test_tenant1_of_acme',
  webhookSecret: 'whsec_tenant1_of_acme',
};

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

test('Stripe’s fields stand in the place of ours: a card is typed there, paid with and kept, and its number never comes here', async () => {
  const { page, scope, origin, bench, tokenFor, end } = await aShop();
  const sent: string[] = [];
  page.on('request', (request) => sent.push(request.postData() ?? ''));
  await page.goto(`${origin}/pay`);
  await page.getByText('Stripe asks for pk_test_tenant1_of_acme').waitFor();
  expect(await page.locator('[name=number], [name=cvc]').count()).toBe(0);
  await tokenFor('works');
  await page.getByLabel('Save for next time').check();
  await page.getByRole('button', { name: /^Pay/ }).click();
  await page.getByText('Thank you. Your payment arrived.').waitFor();
  expect(sent.filter((body) => body.includes('card_token=pm_'))).toHaveLength(1);
  expect(await listMethods(scope)).toMatchObject([{ gateway: 'stripe', state: 'usable' }]);
  expect([...bench.books.intents.keys()]).toHaveLength(1);
  end();
});

test('a card that Stripe declines is said beside the way to pay, and another one can be typed', async () => {
  const { page, origin, tokenFor, end } = await aShop();
  await page.goto(`${origin}/pay`);
  await page.getByText('Stripe asks for').waitFor();
  await tokenFor('is declined');
  await page.getByRole('button', { name: /^Pay/ }).click();
  await page.getByText('Nothing was charged.').waitFor();
  await page.getByText('Your card was declined.').waitFor();
  await page.getByText('Stripe asks for').waitFor();
  await tokenFor('works');
  await page.getByRole('button', { name: /^Pay/ }).click();
  await page.getByText('Thank you. Your payment arrived.').waitFor();
  end();
});

test('a method is kept through Stripe’s fields too', async () => {
  const { page, scope, origin, tokenFor, end } = await aShop();
  await page.goto(`${origin}/payment_methods/new`);
  await page.getByText('Stripe asks for').waitFor();
  await tokenFor('works');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.waitForURL('**/payment_methods?**');
  expect(await listMethods(scope)).toMatchObject([{ gateway: 'stripe' }]);
  end();
});

test('a payer whose bank asks is taken there by the browser, and comes back to the receipt', async () => {
  const { page, origin, bench, tokenFor, end } = await aShop();
  await bankAt(page, bench.books);
  await page.goto(`${origin}/pay`);
  await page.getByText('Stripe asks for').waitFor();
  await tokenFor('asks');
  await page.getByRole('button', { name: /^Pay/ }).click();
  await page.waitForURL('https://hooks.stripe.com/**');
  await page.getByRole('link', { name: 'Yes, that is me' }).click();
  await page.getByText('Thank you. Your payment arrived.').waitFor();
  end();
});

test('a card whose bank asks before it is kept is kept when the payer comes back', async () => {
  const { page, scope, origin, bench, tokenFor, end } = await aShop();
  await bankAt(page, bench.books);
  await page.goto(`${origin}/payment_methods/new`);
  await page.getByText('Stripe asks for').waitFor();
  await tokenFor('asks');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.waitForURL('https://hooks.stripe.com/**');
  expect(await listMethods(scope)).toEqual([]);
  await page.getByRole('link', { name: 'Yes, that is me' }).click();
  await page.waitForURL('**/payment_methods?**');
  expect(await listMethods(scope)).toMatchObject([{ gateway: 'stripe', state: 'usable' }]);
  end();
});

test('without JavaScript the page says what it needs; numbers that are sent all the same are refused with nothing written', async () => {
  const { open, merchant, scope, invoices } = await aShop();
  const visitor = await Visitor.signedIn(open, merchant, scope.customerId);
  const page = await visitor.get('/pay');
  expect(page.text).toContain('These fields need JavaScript');
  const policy = String(page.headers['content-security-policy']);
  expect(policy).toContain("script-src 'self' https://js.stripe.com");
  expect(policy).not.toContain('unsafe');
  expect(String((await visitor.get('/')).headers['content-security-policy'])).not.toContain(
    "script-src 'self' https",
  );
  const guest = { open, merchant, scope, invoices, visitor };
  const empty = await fill(visitor, '/pay', '/pay', { with: 'card' });
  await changesNothing(guest, 422, () => visitor.post('/pay', empty));
  const typed = [...empty.filter(([name]) => !name.endsWith('_token')), ...Object.entries(TYPED_CARD)];
  await changesNothing(guest, 422, () => visitor.post('/pay', typed));
});

async function aShop() {
  const bench = await stripeOnTheBench();
  onTestFinished(() => bench.shut());
  const open = await openPortal('sqlite', { realClock: true, stripe: bench.gateway });
  const { tenant } = await open.tenant();
  await connect(await openMerchant(open.app.operator(), tenant), 'stripe', KEYS);
  const merchant = await openMerchant(open.app.operator(), tenant);
  const { scope, invoices } = await customerWithInvoices(merchant, [1250]);
  const { page, troubles } = await openPerson(browser);
  await standIn(page);
  await page.goto(await mintMagicLink(merchant, scope.customerId, { ttlSeconds: 600 }));
  const books = bench.stripe.books(KEYS.secretKey);
  return {
    open,
    merchant,
    scope,
    invoices,
    page,
    bench: { ...bench, books },
    origin: merchant.tenant.origin,
    /** What the next card that is typed does. */
    tokenFor: (does: Does) =>
      page.evaluate(
        (token) => document.body.setAttribute('data-token', token),
        books.typed('card', bench.behaviours[does]),
      ),
    end: () =>
      expect(troubles.filter((text) => !/(js|hooks)\.stripe\.com|status of 4(09|22)/.test(text))).toEqual([]),
  };
}

/** The bank's page: it takes note of the answer, and leads back to the address that Stripe was given. */
async function bankAt(page: Page, books: StripeBooks): Promise<void> {
  await page.route('https://hooks.stripe.com/**', async (route) => {
    const id = new URL(route.request().url()).searchParams.get('intent') ?? '';
    const asked = id.startsWith('seti_') ? books.setup(id) : books.intent(id);
    const back = asked.next_action?.redirect_to_url?.return_url;
    if (id.startsWith('seti_')) books.bankAnswersSetup(id, true);
    else books.bankAnswers(id, true);
    await route.fulfill({ contentType: 'text/html', body: `<a href="${back}">Yes, that is me</a>` });
  });
}

async function standIn(page: Page): Promise<void> {
  const script = `window.Stripe = (key) => ({
    elements: () => ({
      create: () => ({
        mount: (at) => { at.textContent = 'Stripe asks for ' + key; },
        on: (event, done) => { if (event === 'ready') setTimeout(done); },
      }),
      submit: async () => ({}),
    }),
    createPaymentMethod: async () => ({ paymentMethod: { id: document.body.dataset.token } }),
  });`;
  await page.route('https://js.stripe.com/**', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: script }),
  );
}
