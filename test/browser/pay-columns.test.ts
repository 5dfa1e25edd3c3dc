import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { approvePlan, attachPlan } from '#src/payments/plans/plans.ts';
import { launchChromium } from '#test/support/chromium.ts';
import { aPerson, TODAY } from './customer.ts';
import { expectNoSidewaysScroll } from './person.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

const WIDTHS = [320, 390, 768, 1280];

test.each([
  ['one invoice', [10_000], 'on'],
  ['one invoice that is paid whole', [10_000], 'off'],
  ['several invoices', [10_000, 2_000, 300], 'on'],
])('of %s the name comes first and its amount at the end of the same row', async (_, amounts, partial) => {
  const someone = await aPerson(
    browser,
    { script: true, phone: false },
    {
      amounts,
      settings: { 'payments.partial': partial },
    },
  );
  await someone.go('/pay');
  for (const width of WIDTHS) {
    await someone.page.setViewportSize({ width, height: 900 });
    const lines = await linesOf(someone.page);
    expect(lines).toHaveLength(amounts.length);
    for (const { name, amount, row } of lines) {
      const at = `at ${width} px`;
      expect(name.left, at).toBeCloseTo(row.left, 0);
      expect(amount.left, at).toBeGreaterThanOrEqual(name.right);
      expect(amount.right, at).toBeCloseTo(row.right, 0);
      expect(amount.top, at).toBeLessThan(name.bottom);
    }
    await expectNoSidewaysScroll(someone.page);
  }
  someone.end();
});

test('what is wrong with a part stands below the whole row, and what the form needs stays in sight', async () => {
  const someone = await aPerson(
    browser,
    { script: false, phone: true },
    { amounts: [10_000, 2_000, 300, 400, 500, 600, 700, 800] },
  );
  const { page } = someone;
  await page.setViewportSize({ width: 320, height: 700 });
  await someone.go('/pay');
  const fold = page.locator('details.portal-fold');
  expect(await fold.getAttribute('open')).toBeNull();
  const above = await page.locator('[name=with]').first().boundingBox();
  expect(above!.y).toBeLessThan(700);
  await fold.locator('summary').click();
  await page.locator('[name=part]').nth(1).fill('0');
  await page.getByRole('button', { name: /^Pay / }).click();
  const wrong = page.locator('.portal-lines .portal-error');
  await wrong.waitFor();
  const line = page.locator('.portal-line').filter({ has: page.locator('.portal-error') });
  expect((await wrong.boundingBox())!.width).toBeCloseTo((await line.boundingBox())!.width, 0);
  await page.setViewportSize({ width: 1280, height: 860 });
  await someone.go('/pay');
  await expect.poll(() => page.locator('[name=part]').last().isVisible()).toBe(true);
});

test('an amount paid in advance comes first, and its total by the button', async () => {
  const someone = await aPerson(browser, { script: true, phone: true });
  const { page } = someone;
  await someone.go('/pay/advance');
  const top = async (what: string): Promise<number> =>
    (await page.locator(`${what}:visible`).boundingBox())!.y;
  expect(await top('[name=amount]')).toBeLessThan(await top('[data-total]'));
  await page.fill('[name=amount]', '12.50');
  await expect.poll(() => page.locator('[data-total]:visible').innerText()).toMatch(/^€12\.(50|75)$/);
  someone.end();
});

test('what is due later of an agreed plan does not push the actions out of the list', async () => {
  const someone = await aPerson(browser, { script: true, phone: false });
  const { merchant, scope, invoices, page } = someone;
  const invoiceId = invoices[0]!.id;
  const { hash } = await attachPlan(merchant, invoiceId, [
    { date: TODAY.add({ days: 2 }).toString(), minor: 3_000 },
    { date: TODAY.add({ days: 32 }).toString(), minor: 7_000 },
  ]);
  await approvePlan(scope, { invoiceId, hash, ip: '203.0.113.7', userAgent: 'Firefox' });
  await someone.go('/invoices');
  await page.getByText('in later instalments').waitFor();
  for (const width of [...WIDTHS, 1024]) {
    await page.setViewportSize({ width, height: 900 });
    const hidden = await page.evaluate(() => {
      const sheet = document.querySelector('.portal-sheet')!;
      return sheet.scrollWidth - sheet.clientWidth;
    });
    expect(hidden, `at ${width} px`).toBeLessThanOrEqual(0);
  }
  someone.end();
});

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Where each line's name and its amount, or the field for it, stand. */
function linesOf(page: Page): Promise<Array<{ name: Box; amount: Box; row: Box }>> {
  return page.evaluate(() => {
    const lines = document.querySelectorAll('.portal-line, .portal-items > div');
    return Array.from(lines, (line) => ({
      name: line.children[0]!.getBoundingClientRect().toJSON() as Box,
      amount: (line.querySelector('.portal-affix') ?? line.children[1]!)
        .getBoundingClientRect()
        .toJSON() as Box,
      row: line.getBoundingClientRect().toJSON() as Box,
    }));
  });
}
