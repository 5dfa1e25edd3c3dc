import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueEstimate } from '#src/documents/issue.ts';
import { findEstimate, listEstimates } from '#src/documents/estimates.ts';
import { launchChromium } from '#test/support/chromium.ts';
import { ledgerSums } from '#test/support/money.ts';
import { aPerson, BOTH_WAYS, TODAY, typeCard } from './customer.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

describe.each(BOTH_WAYS)('a customer %s', (_how, how) => {
  test('approves an estimate and pays all of it instead of the deposit', async () => {
    const someone = await aPerson(browser, how, { amounts: [] });
    const { open, scope, page, go, read, leave } = someone;
    await go('/');
    await page.getByRole('link', { name: 'Review' }).click();
    await page.getByRole('link', { name: /^Approve and pay/ }).click();
    await page.locator('label:has([name=pays][value=whole])').click();
    await page.fill('[name=initials]', 'PM');
    await page.check('[name=agree]');
    await typeCard(page);
    await page.getByRole('button', { name: 'Approve and pay €81.60' }).click();
    await page.getByText('Deposit, kept for its invoice').waitFor();
    expect(await read()).toContain('€80.00');
    const [estimate] = (await listEstimates(scope)).rows;
    await go(`/estimates/${estimate!.clientId}`);
    expect(await read()).toContain('approved with PM');
    expect(open.gateway.book()).toMatchObject([{ minor: 8_160, state: 'succeeded' }]);
    expect(await ledgerSums(scope)).toMatchObject({ cash: 8_160, credit_balance: -8_000 });
    await leave();
  });

  test('approves an estimate that asks for no deposit, and nothing is charged', async () => {
    const someone = await aPerson(browser, how, { amounts: [] });
    const { open, merchant, scope, page, go, read, leave } = someone;
    const offered = await issueEstimate(merchant, {
      customerId: scope.customerId,
      currency: 'EUR',
      date: TODAY.toString(),
      lines: [{ name: 'A stool', unitCost: '40' }],
    });
    await go(`/estimates/${offered.clientId}`);
    await page.getByRole('link', { name: 'Approve', exact: true }).click();
    expect(await page.locator('[name=number], [name=iban]').count()).toBe(0);
    await page.fill('[name=initials]', 'PM');
    await page.check('[name=agree]');
    await page.getByRole('button', { name: 'Approve estimate' }).click();
    await page.getByText('approved with PM').waitFor();
    expect(await page.getByRole('link', { name: /^(Approve|Decline)/ }).count()).toBe(0);
    expect(await findEstimate(scope, offered.clientId)).toMatchObject({ status: 'approved' });
    expect(await read()).toContain('sends you an invoice');
    expect(open.gateway.book()).toEqual([]);
    await leave();
  });
});
