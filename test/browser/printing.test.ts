import type { Browser, Page } from 'playwright-core';
import { extractText } from 'unpdf';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { issueCreditNote } from '#src/documents/issue.ts';
import { listEstimates } from '#src/documents/estimates.ts';
import { launchChromium } from '#test/support/chromium.ts';
import { paid } from '#test/support/money.ts';
import { aPerson, TODAY } from './customer.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

test('what is printed of a page is a document: its title and number, and nothing to press or fill in', async () => {
  const { merchant, scope, invoices, page, go, end } = await aPerson(browser, { script: true, phone: false });
  const [first, second] = invoices;
  const { customerId } = scope;
  const day = TODAY.toString();
  const lines = [{ name: 'Paper', unitCost: '1' }];
  const note = await issueCreditNote(merchant, { customerId, currency: 'EUR', date: day, lines });
  const receipt = await paid(scope, second!.clientId);
  const [estimate] = (await listEstimates(scope)).rows;
  await page.emulateMedia({ media: 'print' });
  await page.setViewportSize({ width: 690, height: 980 });
  for (const [path, title] of [
    [`/invoices/${first!.clientId}`, `Invoice ${first!.number}`],
    [`/estimates/${estimate!.clientId}`, `Estimate ${estimate!.number}`],
    [`/credit_notes/${note.clientId}`, `Credit note ${note.number}`],
    [`/payments/${receipt.client_id}`, receipt.number!],
    ['/invoices', first!.number],
    ['/pay', first!.number],
    ['/credit', note.number],
    ['/payment_methods/new', 'Add a payment method'],
  ] as const) {
    await go(path);
    expect(await page.innerText('body'), path).toContain(title);
    expect(await controls(page), path).toEqual([]);
  }
  end();
});

test('a list begins on its first page, however long it is', async () => {
  const { page, go, end } = await aPerson(
    browser,
    { script: false, phone: false },
    { amounts: Array.from({ length: 24 }, (_, place) => 1_000 + place) },
  );
  await go('/invoices');
  const { text } = await extractText(new Uint8Array(await page.pdf({ format: 'A4' })));
  expect(text[0]).toContain('INV-0024');
  end();
});

/** What is on the paper that can only be used on a screen. Amounts of a summary are read, so they may stay. */
function controls(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [
      ...document.querySelectorAll(
        'button, select, textarea, summary, input, .portal-button, .portal-link, nav',
      ),
    ]
      .filter((element) => element.checkVisibility() && !element.closest('.portal-line, .portal-unseen'))
      .map((element) => element.outerHTML.slice(0, 120)),
  );
}
