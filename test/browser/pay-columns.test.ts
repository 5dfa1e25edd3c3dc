import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '#test/support/chromium.ts';
import { aPerson } from './customer.ts';
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
      amount: line.children[1]!.getBoundingClientRect().toJSON() as Box,
      row: line.getBoundingClientRect().toJSON() as Box,
    }));
  });
}
