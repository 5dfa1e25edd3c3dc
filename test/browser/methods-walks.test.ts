import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCustomer } from '#src/customers/customers.ts';
import { issueInvoice } from '#src/documents/issue.ts';
import { listMethods } from '#src/payments/methods/methods.ts';
import { customerScope } from '#src/scope.ts';
import { mintMagicLink } from '#src/signin/magic-links.ts';
import { launchChromium } from '#test/support/chromium.ts';
import { ledgerSums } from '#test/support/money.ts';
import {
  aPerson,
  ARRIVED,
  BOTH_WAYS,
  payWith,
  pressPay,
  type Someone,
  TODAY,
  typeAccount,
  typeCard,
} from './customer.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

describe.each(BOTH_WAYS)('a customer %s', (_how, how) => {
  test('keeps two cards, names one, makes it the default and removes the other', async () => {
    const { scope, page, go, read, leave } = await aPerson(browser, how, { amounts: [] });
    for (const number of ['4242424242424242', '5454545454545454']) {
      await go('/payment_methods/new');
      await typeCard(page, { number });
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await page.waitForURL('**/payment_methods?**');
    }
    const row = (title: string) => page.locator('.portal-method', { hasText: title });
    await row('5454').locator('a[href^="/payment_methods/"]:not([href$="/removal"])').click();
    await page.fill('[name=label]', 'Company card');
    await page.getByRole('button', { name: 'Save' }).click();
    await row('Company card').locator('button[name=default]').click();
    await row('Company card').getByText('Default', { exact: true }).waitFor();
    expect(await row('4242').getByText('Default', { exact: true }).count()).toBe(0);
    await row('4242').locator('a[href$="/removal"]').click();
    expect(await read()).toContain('Visa ending 4242');
    await page.getByRole('button', { name: /^Remove/ }).click();
    await row('4242').waitFor({ state: 'detached' });
    await row('Company card').waitFor();
    expect(await listMethods(scope)).toMatchObject([{ label: 'Company card', last4: '5454', is_default: 1 }]);
    await leave();
  });

  test('is told that their card expires soon, and when it has, and puts a new one in its place', async () => {
    const { scope, page, go, later, leave } = await aPerson(browser, how, { amounts: [] });
    await go('/payment_methods/new');
    const last = TODAY.toPlainYearMonth().add({ months: 2 });
    await typeCard(page, { expiry: `${String(last.month).padStart(2, '0')}/${last.year % 100}` });
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.waitForURL('**/payment_methods?**');
    expect(await page.getByText(/^(Expired|Expires soon)$/).count()).toBe(0);
    await later(daysUntil(last.subtract({ months: 1 })));
    await page.getByText('Your Visa ending 4242 expires soon').waitFor();
    await go('/payment_methods');
    await page.getByText('Expires soon').waitFor();
    await later(daysUntil(last.add({ months: 1 })) - daysUntil(last.subtract({ months: 1 })));
    await page.getByText('Your Visa ending 4242 has expired').waitFor();
    await page.getByRole('link', { name: 'Add a card' }).click();
    await typeCard(page);
    expect(await page.locator('[name=use]').isChecked()).toBe(true);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.waitForURL('**/payment_methods?**');
    await page.getByText('Expired', { exact: true }).waitFor();
    await go('/');
    expect(await page.getByText('has expired').count()).toBe(0);
    expect((await listMethods(scope)).filter(({ is_default: isDefault }) => isDefault)).toMatchObject([
      { exp_year: 2030 },
    ]);
    await leave();
  });

  test('in the United States keeps a bank account at once, by routing and account number, and pays with it', async () => {
    const someone = await aPerson(browser, how, { amounts: [] });
    const { open, page, go, leave } = someone;
    const scope = await ann(someone);
    await go('/payment_methods/new');
    await payWith(page, 'bank');
    await typeAccount(page, '123456789');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.locator('.portal-method', { hasText: '6789' }).getByText('Default', { exact: true }).waitFor();
    await go('/pay');
    await payWith(page, /6789/);
    await page.getByRole('button', { name: 'Pay $80.00' }).click();
    await page.getByText(ARRIVED).waitFor();
    expect(open.gateway.book()).toMatchObject([{ minor: 8_000, currency: 'USD', state: 'succeeded' }]);
    expect(await ledgerSums(scope)).toMatchObject({ receivable: 0, cash: 8_000 });
    await leave();
  });

  test('in the United States pays with an account once two deposits confirm it, and not before', async () => {
    const someone = await aPerson(browser, how, { amounts: [] });
    const { open, page, go, read, leave } = someone;
    const scope = await ann(someone);
    await go('/payment_methods/new');
    await payWith(page, 'bank');
    await page.locator('[name=verify][value=deposits]').check();
    await typeAccount(page, '123456789');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('Waiting for you to confirm').waitFor();
    await go('/pay');
    expect(await page.locator('label:has([name=with])', { hasText: '6789' }).count()).toBe(0);
    await go('/');
    await page.getByRole('link', { name: /^(Confirm|Verify)/ }).click();
    await page.fill('[name=first]', '0.35');
    await page.fill('[name=second]', '0.46');
    await page.getByRole('button', { name: /^Verify/ }).click();
    await page.getByText('You can try 2 more times.').waitFor();
    await page.fill('[name=first]', '0.45');
    await page.fill('[name=second]', '0.35');
    await page.getByRole('button', { name: /^Verify/ }).click();
    await page.waitForURL('**/payment_methods?**');
    expect(await read()).not.toContain('Waiting for you to confirm');
    await go('/pay');
    await payWith(page, /6789/);
    await pressPay(page);
    await page.getByText(ARRIVED).waitFor();
    expect(open.gateway.book()).toMatchObject([{ minor: 8_000, currency: 'USD', state: 'succeeded' }]);
    expect((await ledgerSums(scope))['receivable']).toBe(0);
    await leave();
  });
});

/** Somebody in the United States with an invoice of 80 dollars, signed in instead. */
async function ann({ merchant, page }: Someone) {
  const { id } = await createCustomer(merchant, { name: 'Ann Lee', currency: 'USD' });
  await issueInvoice(merchant, {
    customerId: id,
    currency: 'USD',
    date: TODAY.toString(),
    lines: [{ name: 'Paper', unitCost: '80' }],
  });
  await page.context().clearCookies();
  await page.goto(await mintMagicLink(merchant, id, { ttlSeconds: 600 }));
  return customerScope(merchant, id, 'customer:ann');
}

/** Until the first of that month. */
function daysUntil(month: Temporal.PlainYearMonth): number {
  return TODAY.until(month.toPlainDate({ day: 1 })).days;
}
