import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordMoney } from '#src/payments/outside/record.ts';
import { listPromises } from '#src/payments/outside/promises.ts';
import { money } from '#src/kernel/money.ts';
import { launchChromium } from '#test/support/chromium.ts';
import { ledgerSums } from '#test/support/money.ts';
import { aPerson, ARRIVED, BOTH_WAYS, pressPay, TODAY, typeCard } from './customer.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

const NO_FEE = { 'payments.fee_percent': '' };
const ASKS = '4000002760003184';

describe.each(BOTH_WAYS)('a customer %s', (_how, how) => {
  test('whose invoice was paid in part meanwhile reads what changed, is asked again, and pays the rest', async () => {
    const someone = await aPerson(browser, how, {
      amounts: [10_000],
      settings: { ...NO_FEE, 'payments.partial': 'off' },
    });
    const { open, merchant, scope, invoices, page, go, read, expectAccessible, leave } = someone;
    const [{ id: invoiceId, number }] = invoices as [(typeof invoices)[number]];
    await go('/pay');
    await typeCard(page);
    const { customerId } = scope;
    await recordMoney(merchant, {
      customerId,
      amount: money(2_500, 'EUR'),
      method: 'check',
      methodLabel: 'Check',
      towards: [{ invoiceId, minor: 2_500 }],
    });
    await pressPay(page);
    await page.getByText(`Invoice ${number} is now €75.00; it was €100.00`).waitFor();
    expect(open.gateway.book()).toEqual([]);
    expect(await page.inputValue('[name=name]')).toBe('Petra Müller');
    await expectAccessible();
    await typeCard(page);
    await page.getByRole('button', { name: 'Pay €75.00' }).click();
    await page.getByText(ARRIVED).waitFor();
    expect(await read()).toContain('Paid in full');
    expect(open.gateway.book().map(({ minor }) => minor)).toEqual([7_500]);
    expect((await ledgerSums(scope))['receivable']).toBe(0);
    await leave();
  });

  test('whose bank asks confirms the payment, and takes the receipt home as a PDF', async () => {
    const someone = await aPerson(browser, how, { amounts: [10_000], settings: NO_FEE });
    const { open, page, go, read, leave } = someone;
    await go('/pay');
    await typeCard(page, { number: ASKS });
    await pressPay(page);
    await page.waitForURL('**/challenge');
    expect(open.gateway.book()).toMatchObject([{ state: 'action_required' }]);
    expect(await read()).toContain('€100.00');
    await page.locator('[name=answer][value=approve]').click();
    await page.getByText(ARRIVED).waitFor();
    const { name, bytes } = await downloaded(page, () =>
      page.getByRole('link', { name: 'Download receipt' }).click(),
    );
    expect(name).toMatch(/^Receipt .*\.pdf$/);
    expect(bytes.subarray(0, 5).toString('latin1')).toBe('%PDF-');
    expect(open.gateway.book()).toMatchObject([{ minor: 10_000, state: 'succeeded' }]);
    await leave();
  });

  test('who tells their bank no is charged nothing, and pays with another card', async () => {
    const someone = await aPerson(browser, how, { amounts: [10_000], settings: NO_FEE });
    const { open, scope, page, go, leave } = someone;
    await go('/pay');
    await typeCard(page, { number: ASKS });
    await pressPay(page);
    await page.waitForURL('**/challenge');
    await page.locator('[name=answer][value=reject]').click();
    await page.getByText('Your payment was not taken').waitFor();
    expect(await ledgerSums(scope)).toMatchObject({ receivable: 10_000 });
    expect((await ledgerSums(scope))['cash'] ?? 0).toBe(0);
    await page.getByRole('link', { name: 'Try again' }).click();
    await typeCard(page);
    await pressPay(page);
    await page.getByText(ARRIVED).waitFor();
    expect(open.gateway.book()).toMatchObject([{ state: 'declined' }, { minor: 10_000, state: 'succeeded' }]);
    await leave();
  });

  test('pays in advance, and sees the convenience fee before anything is charged', async () => {
    const someone = await aPerson(browser, how, { amounts: [] });
    const { open, scope, page, go, read, leave } = someone;
    await go('/pay/advance');
    expect(await read()).toContain('adds 2% to card payments');
    await page.fill('[name=amount]', '50.00');
    await typeCard(page);
    if (!how.script) {
      await page.getByRole('button', { name: /^Pay/ }).click();
      await page.getByRole('button', { name: 'Pay €51.00' }).waitFor();
    }
    await page.locator('[data-fee]', { hasText: '€1.00' }).waitFor();
    expect(open.gateway.book()).toEqual([]);
    await page.getByRole('button', { name: 'Pay €51.00' }).click();
    await page.getByText(ARRIVED).waitFor();
    expect(await read()).toMatch(/Your credit[^]*€50\.00[^]*Fee[^]*€1\.00/);
    expect(open.gateway.book()).toMatchObject([{ minor: 5_100 }]);
    expect(await ledgerSums(scope)).toMatchObject({ cash: 5_100, credit_balance: -5_000 });
    await leave();
  });

  test('says that a check is coming, and later that it comes another day', async () => {
    const someone = await aPerson(browser, how, {
      settings: { 'payments.instructions_check': 'Make it out to acme Ltd.' },
    });
    const { merchant, invoices, page, go, read, leave } = someone;
    const invoice = `/invoices/${invoices[0]!.clientId}`;
    await go(invoice);
    await page.getByRole('link', { name: /^Pay by .*check/ }).click();
    await page.locator('label:has([name=method][value=check])').click();
    await page.getByText('Make it out to acme Ltd.').waitFor();
    await page.fill('[name=date]', TODAY.add({ days: 4 }).toString());
    await page.locator('button[name=action][value=promise]').click();
    await page.getByText('Thank you. We have noted it.').waitFor();
    await go(invoice);
    expect(await read()).toMatch(/by check, to arrive by/);
    await page.getByRole('link', { name: 'Change what you told us' }).click();
    expect(await page.isChecked('[name=method][value=check]')).toBe(true);
    await page.fill('[name=date]', TODAY.add({ days: 9 }).toString());
    await page.locator('button[name=action][value=promise]').click();
    await page.getByText('Thank you. We have noted it.').waitFor();
    expect(await page.inputValue('[name=date]')).toBe(TODAY.add({ days: 9 }).toString());
    const promises = await listPromises(merchant, { state: 'open' });
    expect(promises).toMatchObject([{ method: 'check', expectedDate: TODAY.add({ days: 9 }).toString() }]);
    await leave();
  });
});

/** The file that the browser saves, read on its way: this Chromium never says that a download is complete. */
async function downloaded(
  page: Page,
  press: () => Promise<void>,
): Promise<{ readonly name: string; readonly bytes: Buffer }> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Fetch.enable', { patterns: [{ urlPattern: '*/pdf', requestStage: 'Response' }] });
  const arriving = new Promise<string>((resolve) => {
    devtools.once('Fetch.requestPaused', ({ requestId }) => resolve(requestId));
  });
  const saving = page.waitForEvent('download');
  const pressed = press();
  const requestId = await arriving;
  const { body, base64Encoded } = await devtools.send('Fetch.getResponseBody', { requestId });
  await devtools.send('Fetch.continueRequest', { requestId });
  await pressed;
  const name = (await saving).suggestedFilename();
  return { name, bytes: Buffer.from(body, base64Encoded ? 'base64' : 'utf8') };
}
