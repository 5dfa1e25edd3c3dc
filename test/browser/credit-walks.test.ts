import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueCreditNote } from '#src/documents/issue.ts';
import { money } from '#src/kernel/money.ts';
import { adjustCredit, customerCredit } from '#src/payments/credit/credits.ts';
import { launchChromium } from '#test/support/chromium.ts';
import { ledgerSums } from '#test/support/money.ts';
import { aPerson, BOTH_WAYS, type Someone, TODAY } from './customer.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

describe.each(BOTH_WAYS)('a customer %s', (_how, how) => {
  test('puts credit against the invoice that they were about to pay: the credit note first, and what is left stays theirs', async () => {
    const someone = await withCredit(how);
    const { scope, invoices, page, go, read, leave } = someone;
    const [, small, late] = invoices as [Invoice, Invoice, Invoice];
    await go('/invoices');
    for (const { number } of [small, late]) await page.getByLabel(`Select ${number}`).check();
    await page.getByRole('button', { name: /^Pay selected/ }).click();
    await page.getByText('You have €45.00 of credit').waitFor();
    await page.getByRole('link', { name: 'Use the credit' }).click();
    expect(await read()).toContain(someone.note);
    await page.getByRole('button', { name: 'Use €45.00 of credit' }).click();
    await page.getByText('€45.00 of credit was used').waitFor();
    expect(await read()).toContain(`For ${small.number}, ${late.number}.`);
    await go(`/invoices/${small.clientId}`);
    expect(await read()).toContain('is paid. Thank you.');
    await go(`/invoices/${late.clientId}`);
    expect(await read()).toContain('€5.00');
    expect(await customerCredit(scope)).toMatchObject([{ usable: money(0, 'EUR'), notes: [] }]);
    expect((await ledgerSums(scope))['receivable']).toBe(10_500);
    await leave();
  });

  test('ticks the invoice that their credit pays, and keeps the rest of it', async () => {
    const { scope, invoices, page, go, read, leave } = await withCredit(how);
    const [big, small, late] = invoices as [Invoice, Invoice, Invoice];
    await go('/credit');
    const tick = ({ clientId }: Invoice) => page.locator(`[name=invoice][value="${clientId}"]`);
    for (const [invoice, wanted] of [
      [small, true],
      [big, false],
      [late, false],
    ] as const) {
      if ((await tick(invoice).isChecked()) === wanted) continue;
      const shown = how.script ? page.waitForURL(/credit\?/, { waitUntil: 'load' }) : undefined;
      await tick(invoice).click();
      await shown;
    }
    if (!how.script) await page.locator('form:has([name=invoice]) button').click();
    await page.getByRole('button', { name: 'Use €20.00 of credit' }).click();
    await page.getByText('€20.00 of credit was used').waitFor();
    expect(await read()).toContain(`Used for ${small.number}`);
    expect(await customerCredit(scope)).toMatchObject([{ usable: money(2_500, 'EUR'), notes: [] }]);
    expect((await ledgerSums(scope))['receivable']).toBe(13_000);
    await leave();
  });
});

type Invoice = Someone['invoices'][number];

/** Somebody with three open invoices, of 100, 20 and 30 euros, a credit note of 15 and a credit balance of 30. */
async function withCredit(how: { script: boolean; phone: boolean }): Promise<Someone & { note: string }> {
  const someone = await aPerson(browser, how, { amounts: [10_000, 2_000, 3_000] });
  const { merchant, scope } = someone;
  const { customerId } = scope;
  const { number: note } = await issueCreditNote(merchant, {
    customerId,
    currency: 'EUR',
    date: TODAY.toString(),
    lines: [{ name: 'Returned paper', unitCost: '15' }],
  });
  await adjustCredit(merchant, { customerId, amount: money(3_000, 'EUR'), notes: 'For your patience' });
  return { ...someone, note };
}
