import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueInvoice } from '#src/documents/issue.ts';
import { launchChromium } from '#test/support/chromium.ts';
import { aPerson, TODAY } from './customer.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

const HINT = 'There’s no total yet';

describe('the total that is added up while somebody types', () => {
  test('is the sum with the fee, or none at all where an amount cannot be paid', async () => {
    const { page, go, end } = await aPerson(browser, { script: true, phone: false });
    await go('/pay');
    expect(await shown(page)).toEqual(['€122.40', 'Pay €122.40', false]);
    for (const typed of ['', ' ', 'much', '-5', '0', '1.999', '100.01', '99999999999999999999']) {
      await page.locator('[name=part]').first().fill(typed);
      expect(await shown(page), typed).toEqual(['—', 'Pay', true]);
    }
    await page.locator('[name=part]').first().fill('60');
    expect(await shown(page)).toEqual(['€81.60', 'Pay €81.60', false]);
    end();
  });

  test('of a payment in advance begins without one', async () => {
    const { page, go, end } = await aPerson(browser, { script: true, phone: false });
    await go('/pay/advance');
    expect(await shown(page)).toEqual(['—', 'Pay', false]);
    for (const typed of ['ten', '1e3', '999999999999.00']) {
      await page.fill('[name=amount]', typed);
      expect(await shown(page), typed).toEqual(['—', 'Pay', true]);
    }
    await page.fill('[name=amount]', '1,000.50');
    expect(await shown(page)).toEqual(['€1,020.51', 'Pay €1,020.51', false]);
    end();
  });
});

describe.each([
  ['with JavaScript', { script: true, phone: false }],
  ['without JavaScript, on a phone', { script: false, phone: true }],
])('%s', (_how, how) => {
  test('an invoice is left out of a payment, and the last one cannot be', async () => {
    const { invoices, page, go, end } = await aPerson(browser, how);
    const [first, second] = invoices.map(({ number }) => number);
    await go('/pay');
    await page.getByRole('button', { name: `Remove ${first}` }).click();
    await page.getByRole('heading', { name: `Pay invoice ${second}` }).waitFor();
    expect(await page.innerText('aside')).not.toContain(first);
    expect(await page.getByRole('button', { name: /^Remove/ }).count()).toBe(0);
    end();
  });

  test('a large balance stands on one line, and the phone calls the sum of balances by its name', async () => {
    const { merchant, scope, page, go, end } = await aPerson(browser, how);
    await issueInvoice(merchant, {
      customerId: scope.customerId,
      currency: 'EUR',
      date: TODAY.toString(),
      lines: [{ name: 'A house', unitCost: '12345678901.23' }],
    });
    for (const width of [320, 390, 820, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await go('/');
      const lines = await page.locator('.portal-figure').first().evaluate(countLines);
      expect(lines, `at ${width}`).toBe(1);
    }
    await page.setViewportSize({ width: 390, height: 800 });
    await go('/invoices');
    expect(await page.innerText('.portal-totals')).toMatch(
      /Total of 3\s+€12,345,679,021.23\s+Balance\s+€12,345,679,021.23$/,
    );
    end();
  });
});

/** The total, the words of the button, and whether the page says that there is no total. */
async function shown(page: Page): Promise<[string, string, boolean]> {
  const total = await page.locator('[data-total]:visible').innerText();
  const button = await page.locator('.portal-button-go').innerText();
  return [total.trim(), button.trim(), await page.getByText(HINT).isVisible()];
}

function countLines(element: Element): number {
  const range = document.createRange();
  range.selectNodeContents(element);
  return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
}
