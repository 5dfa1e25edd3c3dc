import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueEstimate } from '#src/documents/issue.ts';
import { findPlan } from '#src/payments/plan.ts';
import { attachPlan } from '#src/payments/plans.ts';
import { listPromises } from '#src/payments/promises.ts';
import type { CustomerScope, MerchantScope } from '#src/scope.ts';
import { mintMagicLink } from '#src/signin/magic-links.ts';
import { launchChromium } from '#test/support/chromium.ts';
import { customerWithInvoices } from '#test/support/house.ts';
import { withSettings } from '#test/support/money.ts';
import { openPortal, type OpenPortal } from '#test/support/portal.ts';
import { openPerson } from './person.ts';

const SETTINGS = {
  'payments.partial': 'on',
  'payments.advance': 'on',
  'payments.fee_percent': '2',
  'payments.instructions_wire_transfer': 'IBAN DE02 1203 0000 0000 2020 51',
  'estimates.terms': 'Half now, the rest on delivery.',
};
const CARD = { number: '4242424242424242', expiry: '12/30', cvc: '123', name: 'Petra Müller' };
const TODAY = Temporal.Now.plainDateISO('Europe/Berlin');

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

describe.each([
  ['with JavaScript', { script: true, phone: false }],
  ['without JavaScript, on a phone', { script: false, phone: true }],
])('a customer %s', (_how, how) => {
  test('pays parts of two invoices with a fee, keeps the card, and pays the rest with it', async () => {
    const { open, page, go, end } = await aPerson(how);
    await go('/pay');
    await page.locator('[name=part]').first().fill('60.00');
    if (how.script) await page.getByRole('button', { name: 'Pay €81.60' }).waitFor();
    await typeCard(page);
    await page.getByLabel('Keep for next time').check();
    await page.getByRole('button', { name: /^Pay €/ }).click();
    if (!how.script) {
      // The total changed: it is shown before anything is charged. What was typed is still there.
      await page.getByRole('button', { name: 'Pay €81.60' }).click();
    }
    await page.getByText('Thank you. Your payment arrived.').waitFor();
    expect(await page.innerText('main')).toContain('€1.60');
    await go('/pay');
    expect(await page.isChecked('[name=with] >> nth=0')).toBe(true);
    await page.getByRole('button', { name: 'Pay €40.80' }).click();
    await page.getByText('Thank you. Your payment arrived.').waitFor();
    expect(open.gateway.book().map(({ minor }) => minor)).toEqual([8_160, 4_080]);
    end();
  });

  test('pays in advance, and uses the credit for an invoice', async () => {
    const { open, page, go, end } = await aPerson(how);
    await go('/');
    await page.getByRole('link', { name: 'Pay in advance' }).click();
    await page.fill('[name=amount]', '30.00');
    await page.getByText('Bank account (SEPA direct debit)').click();
    await page.fill('[name=bank_holder]', 'Petra Müller');
    await page.fill('[name=iban]', 'DE75 5121 0800 1245 1261 99');
    await page.getByRole('button', { name: /^Pay/ }).click();
    await page.getByText('Thank you. Your payment arrived.').waitFor();
    await go('/');
    await page.getByRole('link', { name: 'Credit: Use it' }).click();
    await page.getByRole('button', { name: 'Use €30.00 of credit' }).click();
    await page.getByText('€30.00').first().waitFor();
    expect(open.gateway.book()).toMatchObject([{ minor: 3_000 }]);
    await go('/invoices');
    expect(await page.innerText('main')).toContain('€90.00');
    end();
  });

  test('approves an estimate with initials and terms, and pays its deposit', async () => {
    const { open, page, go, end } = await aPerson(how);
    await go('/');
    await page.getByRole('link', { name: 'Review' }).click();
    await page.getByRole('link', { name: /^Approve and pay/ }).click();
    await page.fill('[name=initials]', 'PM');
    await page.check('[name=agree]');
    await typeCard(page);
    await page.getByRole('button', { name: /^Approve and pay/ }).click();
    await page.getByText('Deposit, kept for its invoice').waitFor();
    expect(open.gateway.book()).toMatchObject([{ minor: 4_080 }]);
    end();
  });

  test('keeps a card, turns AutoPay on with it, and off again', async () => {
    const { page, go, end } = await aPerson(how);
    await go('/payment_methods/new');
    await typeCard(page);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('Visa ending 4242').first().waitFor();
    await go('/autopay');
    await page.getByRole('button', { name: 'Turn AutoPay on' }).click();
    await page.getByText('AutoPay is on').waitFor();
    await page.getByRole('button', { name: 'Turn AutoPay off' }).click();
    await page.getByText('AutoPay is off').waitFor();
    await go('/payment_methods');
    await page.getByRole('link', { name: /^Remove/ }).click();
    await page.getByRole('button', { name: /^Remove/ }).click();
    await page.getByText('Nothing is kept yet').waitFor();
    end();
  });

  test('approves a payment plan', async () => {
    const { merchant, scope, invoices, page, go, end } = await aPerson(how);
    await attachPlan(merchant, invoices[0]!.id, [
      { date: TODAY.add({ days: 5 }).toString(), minor: 5_000 },
      { date: TODAY.add({ days: 35 }).toString(), minor: 5_000 },
    ]);
    await go('/');
    await page.getByRole('link', { name: 'See the plan' }).click();
    await typeCard(page);
    await page.check('[name=agree]');
    await page.getByRole('button', { name: 'Approve this plan' }).click();
    await page.getByText('Running').first().waitFor();
    expect((await findPlan(scope, invoices[0]!.id))?.state).toBe('active');
    end();
  });

  test('says when a bank transfer will arrive', async () => {
    const { merchant, invoices, page, go, end } = await aPerson(how);
    await go(`/invoices/${invoices[0]!.clientId}`);
    await page.getByRole('link', { name: 'Pay by bank transfer' }).click();
    await page.getByText('IBAN DE02').waitFor();
    await page.fill('[name=date]', TODAY.add({ days: 4 }).toString());
    await page.getByRole('button', { name: 'Tell us' }).click();
    await page.getByText('Thank you. We have noted it.').waitFor();
    expect(await listPromises(merchant, {})).toMatchObject([{ state: 'open' }]);
    end();
  });
});

interface Someone {
  readonly open: OpenPortal;
  readonly merchant: MerchantScope;
  readonly scope: CustomerScope;
  readonly invoices: Awaited<ReturnType<typeof customerWithInvoices>>['invoices'];
  readonly page: Page;
  go(path: string): Promise<void>;
  /** Nothing was wrong in the browser: no script, no policy, no request to strangers. */
  end(): void;
}

async function aPerson(how: { script: boolean; phone: boolean }): Promise<Someone> {
  const open = await openPortal('sqlite', { realClock: true });
  const merchant = await withSettings(open, await open.tenant(), SETTINGS);
  const { scope, invoices } = await customerWithInvoices(merchant, [10_000, 2_000]);
  const { customerId } = scope;
  const document = { customerId, currency: 'EUR', date: TODAY.toString() };
  await issueEstimate(merchant, {
    ...document,
    lines: [{ name: 'A shelf for paper', unitCost: '80' }],
    deposit: { percent: '50' },
  });
  const { page, troubles } = await openPerson(browser, how);
  await page.goto(await mintMagicLink(merchant, customerId, { ttlSeconds: 600 }));
  return {
    open,
    merchant,
    scope,
    invoices,
    page,
    go: async (path) => void (await page.goto(`${merchant.tenant.origin}${path}`)),
    end: () => expect(troubles.filter((text) => !/status of 4(09|22)/.test(text))).toEqual([]),
  };
}

async function typeCard(page: Page): Promise<void> {
  for (const [name, value] of Object.entries(CARD)) await page.fill(`[name=${name}]`, value);
}
