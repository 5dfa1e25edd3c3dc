import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listEstimates } from '#src/documents/estimates.ts';
import { createCustomer } from '#src/customers/customers.ts';
import { listMethods } from '#src/payments/methods/methods.ts';
import { mintMagicLink } from '#src/signin/magic-links.ts';
import { findPlan } from '#src/payments/plans/plan.ts';
import { attachPlan } from '#src/payments/plans/plans.ts';
import { listPromises } from '#src/payments/outside/promises.ts';
import { launchChromium } from '#test/support/chromium.ts';
import { aPerson, TODAY, typeCard } from './customer.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

describe.each([
  ['with JavaScript', { script: true, phone: false }],
  ['without JavaScript, on a phone', { script: false, phone: true }],
])('a customer %s', (_how, how) => {
  test('pays parts of two invoices with a fee, keeps the card, and pays the rest with it', async () => {
    const { open, page, go, end } = await aPerson(browser, how);
    await go('/pay');
    await page.locator('[name=part]').first().fill('60.00');
    if (how.script) await page.getByRole('button', { name: 'Pay €81.60' }).waitFor();
    await typeCard(page);
    await page.getByLabel('Save for next time').check();
    await page.getByRole('button', { name: /^Pay €/ }).click();
    if (!how.script) {
      // The total changed: it is shown before anything is charged. What was typed is still there.
      await page.getByRole('button', { name: 'Pay €81.60' }).click();
    }
    await page.getByText('Thank you. Your payment arrived.').waitFor();
    expect(await page.innerText('main')).toContain('€1.60');
    await go('/pay');
    expect(await page.isChecked('[name=with] >> nth=0')).toBe(true);
    await page.getByRole('button', { name: 'Pay €40.80' }).click();
    await page.getByText('Thank you. Your payment arrived.').waitFor();
    expect(open.gateway.book().map(({ minor }) => minor)).toEqual([8_160, 4_080]);
    end();
  });

  test('pays in advance, and uses the credit for an invoice', async () => {
    const { open, page, go, end } = await aPerson(browser, how);
    await go('/');
    await page.getByRole('link', { name: 'Pay in advance' }).click();
    await page.fill('[name=amount]', '30.00');
    await page.getByText('Bank account (SEPA direct debit)').click();
    await page.fill('[name=bank_holder]', 'Petra Müller');
    await page.fill('[name=iban]', 'DE75 5121 0800 1245 1261 99');
    await page.getByRole('button', { name: /^Pay/ }).click();
    await page.getByText('Thank you. Your payment arrived.').waitFor();
    await go('/');
    await page.getByRole('link', { name: 'Credit: Use it' }).click();
    await page.getByRole('button', { name: 'Use €30.00 of credit' }).click();
    await page.getByText('€30.00').first().waitFor();
    expect(open.gateway.book()).toMatchObject([{ minor: 3_000 }]);
    await go('/invoices');
    expect(await page.innerText('main')).toContain('€90.00');
    end();
  });

  test('approves an estimate with initials and terms, and pays its deposit', async () => {
    const { open, page, go, end } = await aPerson(browser, how);
    await go('/');
    await page.getByRole('link', { name: 'Review' }).click();
    await page.getByRole('link', { name: /^Approve and pay/ }).click();
    await page.fill('[name=initials]', 'PM');
    await page.check('[name=agree]');
    await typeCard(page);
    await page.getByRole('button', { name: /^Approve and pay/ }).click();
    await page.getByText('Deposit, kept for its invoice').waitFor();
    expect(open.gateway.book()).toMatchObject([{ minor: 4_080 }]);
    end();
  });

  test('declines an estimate with a reason', async () => {
    const { scope, page, go, end } = await aPerson(browser, how);
    await go('/');
    await page.getByRole('link', { name: 'Review' }).click();
    await page.getByRole('link', { name: 'Decline' }).click();
    await page.fill('[name=reason]', 'The shelf is too wide.');
    await page.getByRole('button', { name: 'Decline estimate' }).click();
    await page.getByText('Declined').first().waitFor();
    expect(await page.innerText('main')).not.toContain('Approve');
    const [estimate] = (await listEstimates(scope)).rows;
    expect(estimate).toMatchObject({ status: 'declined' });
    end();
  });

  test('keeps a card, turns AutoPay on with it, and off again', async () => {
    const { page, go, end } = await aPerson(browser, how);
    await go('/payment_methods/new');
    await typeCard(page);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('Visa ending 4242').first().waitFor();
    await go('/autopay');
    await page.getByRole('button', { name: 'Turn AutoPay on' }).click();
    await page.getByText('AutoPay is on').waitFor();
    await page.getByRole('button', { name: 'Turn off AutoPay' }).click();
    await page.getByText('AutoPay is off').waitFor();
    await go('/payment_methods');
    await page.getByRole('link', { name: /^Remove/ }).click();
    await page.getByRole('button', { name: /^Remove/ }).click();
    await page.getByText('Nothing is kept yet').waitFor();
    end();
  });

  test('keeps an account, confirms it by two deposits, and names it', async () => {
    const { open, merchant, page, go, end } = await aPerson(browser, how);
    const ann = await createCustomer(merchant, { name: 'Ann Lee', currency: 'USD' });
    await page.goto(await mintMagicLink(merchant, ann.id, { ttlSeconds: 600 }));
    await page.getByRole('button', { name: /^Switch to/ }).click();
    await go('/payment_methods/new');
    await page.getByText('Bank account', { exact: false }).first().click();
    await page.getByLabel('With two small deposits').check();
    const account = { bank_holder: 'Ann Lee', routing: '110000000', account: '123456789' };
    for (const [name, value] of Object.entries({ ...account, account_again: account.account }))
      await page.fill(`[name=${name}]`, value);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page
      .getByRole('link', { name: /^(Confirm|Verify)/ })
      .first()
      .click();
    await page.fill('[name=first]', '0.35');
    await page.fill('[name=second]', '0.46');
    await page.getByRole('button', { name: 'Verify account' }).click();
    await page.fill('[name=second]', '0.45');
    await page.getByRole('button', { name: 'Verify account' }).click();
    await page.getByText('Default').first().waitFor();
    await page.getByRole('link', { name: /^Rename/ }).click();
    await page.fill('[name=label]', 'Company account');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Company account').first().waitFor();
    expect(open.gateway.book()).toEqual([]);
    end();
  });

  test('pays, and turns AutoPay on with the same form', async () => {
    const { scope, page, go, end } = await aPerson(browser, how);
    await go('/pay');
    await typeCard(page);
    await page.getByLabel('Pay future invoices automatically').check();
    await page.getByRole('button', { name: /^Pay €/ }).click();
    await page.getByText('Thank you. Your payment arrived.').waitFor();
    await go('/autopay');
    await page.getByText('Your invoices are paid by themselves').waitFor();
    expect(await listMethods(scope)).toMatchObject([{ last4: '4242' }]);
    end();
  });

  test('approves a payment plan, and pays it early', async () => {
    const { merchant, scope, invoices, page, go, end } = await aPerson(browser, how);
    await attachPlan(merchant, invoices[0]!.id, [
      { date: TODAY.add({ days: 5 }).toString(), minor: 5_000 },
      { date: TODAY.add({ days: 35 }).toString(), minor: 5_000 },
    ]);
    await go('/');
    await page.getByRole('link', { name: 'See the plan' }).click();
    await typeCard(page);
    await page.check('[name=agree]');
    await page.getByRole('button', { name: 'Approve this plan' }).click();
    await page.getByText('Running').first().waitFor();
    expect((await findPlan(scope, invoices[0]!.id))?.state).toBe('active');
    await page.getByRole('link', { name: 'Pay all of it early' }).first().click();
    await page.getByRole('button', { name: /^Pay €/ }).click();
    await page.getByText('Thank you. Your payment arrived.').waitFor();
    expect((await findPlan(scope, invoices[0]!.id))?.state).toBe('finished');
    end();
  });

  test('says when a bank transfer will arrive, and takes it back', async () => {
    const { merchant, invoices, page, go, end } = await aPerson(browser, how);
    await go(`/invoices/${invoices[0]!.clientId}`);
    await page.getByRole('link', { name: 'Pay by bank transfer' }).click();
    await page.getByText('IBAN DE02').waitFor();
    await page.fill('[name=date]', TODAY.add({ days: 4 }).toString());
    await page.getByRole('button', { name: 'Let us know' }).click();
    await page.getByText('Thank you. We have noted it.').waitFor();
    expect(await listPromises(merchant, {})).toMatchObject([{ state: 'open' }]);
    await page.getByRole('button', { name: 'Take it back' }).click();
    await page.getByRole('button', { name: 'Take it back' }).waitFor({ state: 'detached' });
    expect(await listPromises(merchant, {})).toMatchObject([{ state: 'withdrawn' }]);
    end();
  });
});
