import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '#test/support/chromium.ts';
import { ledgerSums } from '#test/support/money.ts';
import { aPerson, ARRIVED, BOTH_WAYS, payWith, pressPay, typeCard, typeIban } from './customer.ts';

const CLEARS = 'DE89 3704 0044 0532 0130 00';
const BOUNCES = 'DE62 3704 0044 0532 0130 01';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

describe.each(BOTH_WAYS)('a customer %s', (_how, how) => {
  test('pays by a debit that takes days: the invoice waits for it, and is paid when it has arrived', async () => {
    const { open, scope, invoices, page, go, later, read, leave } = await aPerson(browser, how, {
      amounts: [10_000],
    });
    const invoice = `/invoices/${invoices[0]!.clientId}`;
    await go('/pay');
    await payWith(page, 'bank');
    await typeIban(page, CLEARS);
    await pressPay(page);
    await page.getByText('Your payment is on its way').waitFor();
    await go(invoice);
    expect(await read()).toContain('Your payment is on its way.');
    expect(await page.getByRole('link', { name: 'Pay invoice' }).count()).toBe(0);
    expect((await ledgerSums(scope))['receivable']).toBe(10_000);
    await later(4);
    await go(invoice);
    expect(await read()).toContain('is paid. Thank you.');
    expect(open.gateway.book()).toMatchObject([{ minor: 10_000, state: 'succeeded' }]);
    expect(await ledgerSums(scope)).toMatchObject({ receivable: 0, cash: 10_000 });
    await leave();
  });

  test('whose bank returns a debit reads why, finds the invoice open again and pays it by card', async () => {
    const { open, invoices, page, go, later, read, leave } = await aPerson(browser, how, {
      amounts: [10_000],
    });
    await go('/pay');
    await payWith(page, 'bank');
    await typeIban(page, BOUNCES);
    await pressPay(page);
    await page.getByText('Your payment is on its way').waitFor();
    const payment = new URL(page.url()).pathname;
    await later(4);
    await go(`/invoices/${invoices[0]!.clientId}`);
    await page.getByRole('link', { name: /^Pay invoice/ }).waitFor();
    expect(await read()).toMatch(
      /Your payment of €1[\d.]+ came back on [\s\S]*Your bank returned the debit\./,
    );
    await go('/');
    expect(await read()).toContain(`Your payment for ${invoices[0]!.number} came back`);
    await go(payment);
    expect(await read()).toContain('Your bank returned the debit.');
    await page.getByRole('link', { name: 'Try again' }).click();
    await typeCard(page);
    await pressPay(page);
    await page.getByText(ARRIVED).waitFor();
    expect(open.gateway.book()).toMatchObject([{ state: 'declined' }, { minor: 10_200, state: 'succeeded' }]);
    await leave();
  });
});
