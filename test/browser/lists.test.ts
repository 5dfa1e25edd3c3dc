import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordPayment } from '#src/payments/outside/record.ts';
import { launchChromium } from '#test/support/chromium.ts';
import { paid } from '#test/support/money.ts';
import { aPerson, TODAY } from './customer.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

test('a card of a list says what is left, or what it came to; from a tablet on it is a row', async () => {
  const someone = await aPerson(browser, { script: false, phone: true }, { amounts: [10_000, 2_000, 4_000] });
  const { merchant, scope, invoices, page } = someone;
  await paid(scope, invoices[1]!.clientId);
  await recordPayment(merchant, {
    customerId: scope.customerId,
    currency: 'EUR',
    date: TODAY.toString(),
    method: 'wire_transfer',
    methodLabel: 'Bank transfer',
    applied: [{ invoiceId: invoices[2]!.id, minor: 1_000 }],
  });
  await someone.go('/invoices?sort=number&dir=asc');
  const amounts = async (): Promise<string[]> =>
    (await page.locator('tbody tr').allInnerTexts()).map((text) => (text.match(/€[\d.]+/g) ?? []).join(' '));
  for (const width of [320, 390]) {
    await page.setViewportSize({ width, height: 800 });
    expect(await amounts(), `at ${width}`).toEqual(['€100.00', '€20.00', '€30.00 €40.00']);
  }
  for (const width of [768, 1024]) {
    await page.setViewportSize({ width, height: 800 });
    expect(await amounts(), `at ${width}`).toEqual(['€100.00 €100.00', '€20.00 €0.00', '€40.00 €30.00']);
    const rows = page.locator('tbody tr');
    expect(await rows.first().evaluate((row) => getComputedStyle(row).display)).toBe('table-row');
  }
  someone.end();
});
