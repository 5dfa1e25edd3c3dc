import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findCustomerById } from '#src/customers/customers.ts';
import { listMethods } from '#src/payments/methods/methods.ts';
import { launchChromium } from '#test/support/chromium.ts';
import { savedMethod } from '#test/support/instruments.ts';
import { cardSource } from '#test/support/house.ts';
import { ledgerSums } from '#test/support/money.ts';
import { enrol } from '#src/payments/methods/enrolment.ts';
import { attachPlan } from '#src/payments/plans/plans.ts';
import { aPerson, ARRIVED, BOTH_WAYS, pressPay, TODAY, typeCard } from './customer.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

const NO_FEE = { 'payments.fee_percent': '' };
const DECLINED = '4000000000000069';

describe.each(BOTH_WAYS)('a customer %s', (_how, how) => {
  test('whose AutoPay failed adds another card as the default, and reads at once that the invoice is collected', async () => {
    const someone = await aPerson(browser, how, { amounts: [], settings: NO_FEE });
    const { open, scope, page, issue, go, later, read, expectAccessible, leave } = someone;
    const invoice = await issue({ minor: 10_000, inDays: 2 });
    await go('/autopay');
    await typeCard(page, { number: DECLINED });
    await page.getByRole('button', { name: /^Turn AutoPay on/ }).click();
    await page.getByText('Your invoices are paid by themselves').waitFor();
    await later(2);
    await page.getByText(`We could not collect ${invoice.number}`).waitFor();
    await go(`/invoices/${invoice.clientId}`);
    expect(await read()).toMatch(/could not collect €100\.00[^]*Your card was declined\./);
    await expectAccessible();
    await page.getByRole('link', { name: 'Choose another payment method' }).click();
    await page.getByRole('link', { name: 'Add a payment method' }).click();
    await typeCard(page);
    await page.locator('[name=use]').check();
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('AutoPay has just collected 1 invoice').waitFor();
    await go(`/invoices/${invoice.clientId}`);
    expect(await read()).toContain('is paid. Thank you.');
    expect(open.gateway.book().map(({ state }) => state)).toEqual(['declined', 'succeeded']);
    expect(await ledgerSums(scope)).toMatchObject({ receivable: 0, cash: 10_000 });
    await leave();
  });

  test('pays a part of an invoice that demands AutoPay: what they paid with is kept, and collects the rest on its day', async () => {
    const someone = await aPerson(browser, how, { amounts: [], settings: NO_FEE });
    const { open, scope, page, issue, go, later, read, leave } = someone;
    const invoice = await issue({ minor: 10_000, inDays: 2, autopay: true });
    await go(`/invoices/${invoice.clientId}`);
    expect(await read()).toContain('what you pay with is kept');
    await page.getByRole('link', { name: 'Pay invoice' }).click();
    await page.fill('[name=part]', '40.00');
    await typeCard(page);
    await pressPay(page);
    if (!how.script) await pressPay(page);
    await page.getByText(ARRIVED).waitFor();
    expect(await listMethods(scope)).toMatchObject([{ last4: '4242', is_default: 1 }]);
    await go('/autopay');
    await page.getByText(`On for ${invoice.number}`).waitFor();
    await later(2);
    await go(`/invoices/${invoice.clientId}`);
    expect(await read()).toContain('is paid. Thank you.');
    expect(open.gateway.book().map(({ minor }) => minor)).toEqual([4_000, 6_000]);
    await leave();
  });

  test('leaves AutoPay: nothing that is open is collected any more, not even what demanded it', async () => {
    const someone = await aPerson(browser, how, { amounts: [], settings: NO_FEE });
    const { open, merchant, scope, page, issue, go, later, read, leave } = someone;
    await issue({ minor: 2_000, inDays: 2 });
    const demanding = await issue({ minor: 10_000, inDays: 2, autopay: true });
    await enrol(scope, await savedMethod(open, scope, cardSource()));
    await go('/autopay');
    expect(await read()).toContain('Your invoices are paid by themselves');
    await page.getByRole('button', { name: 'Turn off AutoPay' }).click();
    await page.getByText('AutoPay is off').waitFor();
    expect(await page.getByRole('button', { name: 'Turn off AutoPay' }).count()).toBe(0);
    await later(3);
    await go(`/invoices/${demanding.clientId}`);
    await page.getByRole('link', { name: 'Pay invoice' }).waitFor();
    expect(await read()).not.toContain('collected');
    expect(await findCustomerById(merchant, scope.customerId)).toMatchObject({ autopay: false });
    expect(open.gateway.book()).toEqual([]);
    expect((await ledgerSums(scope))['receivable']).toBe(12_000);
    await leave();
  });

  test('approves a plan, pays an instalment early, and sees the schedule change', async () => {
    const someone = await aPerson(browser, how, { amounts: [], settings: NO_FEE });
    const { open, merchant, scope, page, issue, go, later, read, leave } = someone;
    const invoice = await issue({ minor: 9_000, inDays: 5 });
    await attachPlan(merchant, invoice.id, [
      { date: TODAY.add({ days: 5 }).toString(), minor: 3_000 },
      { date: TODAY.add({ days: 35 }).toString(), minor: 3_000 },
      { date: TODAY.add({ days: 65 }).toString(), minor: 3_000 },
    ]);
    await go(`/invoices/${invoice.clientId}/plan`);
    await typeCard(page);
    await page.check('[name=agree]');
    await page.getByRole('button', { name: 'Approve this plan' }).click();
    await page.getByText('Running').first().waitFor();
    expect(await statesOf(page)).toEqual(['To come', 'To come', 'To come']);
    await page.getByRole('link', { name: 'Pay all of it early' }).first().click();
    await page.fill('[name=part]', '45.00');
    await pressPay(page);
    if (!how.script) await pressPay(page);
    await page.getByText(ARRIVED).waitFor();
    await go(`/invoices/${invoice.clientId}/plan`);
    expect(await statesOf(page)).toEqual(['Paid', 'To come', 'To come']);
    expect(await read()).toContain('€15.00 left');
    await later(35);
    await go(`/invoices/${invoice.clientId}/plan`);
    expect(await statesOf(page)).toEqual(['Paid', 'Paid', 'To come']);
    expect(open.gateway.book().map(({ minor }) => minor)).toEqual([4_500, 1_500]);
    expect(await ledgerSums(scope)).toMatchObject({ receivable: 3_000, cash: 6_000 });
    await leave();
  });
});

/** How each instalment stands, in their order. */
async function statesOf(page: Page): Promise<string[]> {
  const rows = await page.locator('.portal-schedule tbody tr').allInnerTexts();
  return rows.map((text) => /Paid|Due|To come|Not collected/.exec(text)?.[0] ?? text);
}
