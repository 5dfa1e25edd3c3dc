import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findCustomer } from '#src/customers/customers.ts';
import { importCsv } from '#src/imports/csv.ts';
import { mintMagicLink } from '#src/signin/magic-links.ts';
import type { MerchantScope } from '#src/scope.ts';
import { launchChromium } from '#test/support/chromium.ts';
import { customerWithInvoices } from '#test/support/house.ts';
import { fileSource, hasSharedData, SHARED_DATA } from '#test/support/import-files.ts';
import { type OpenPortal, openPortal } from '#test/support/portal.ts';
import { expectNoSidewaysScroll, openPerson } from './person.ts';

/** What is imported, who pays, and which three invoices. */
const DATA = hasSharedData
  ? {
      title: 'three Chinook invoices',
      folder: join(SHARED_DATA, 'chinook'),
      lines: 'invoice_lines.csv',
      currency: 'USD',
      customer: { number: '1', email: 'luisg@embraer.com.br' },
      invoices: ['121', '143', '327'],
      sums: ['$3.96', '$9.90', '$23.76'],
      minor: 2376,
    }
  : {
      title: 'three invoices of our own, in several alphabets (there is no ../shared/data/chinook),',
      folder: fileURLToPath(new URL('../data/many-alphabets/', import.meta.url)),
      lines: 'lines.csv',
      currency: 'EUR',
      customer: { number: '1', email: 'zofia@zolc.example' },
      invoices: ['A-2', 'A-3', 'A-4'],
      sums: ['€3.96', '€9.90', '€23.76'],
      minor: 2376,
    };

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

describe('a customer with a real browser', () => {
  test(`pays ${DATA.title} at once and reads the receipt`, async () => {
    const { open, merchant, link } = await prepare();
    const { page, troubles, expectAccessible } = await openPerson(browser);

    await page.goto(link);
    expect(await page.textContent('h2')).toBe('Balance due');
    await expectAccessible();
    await page.getByRole('link', { name: 'Activity' }).first().click();
    await expectAccessible();
    for (const [index, number] of DATA.invoices.entries()) {
      await tick(page, number);
      await page.getByText(`${index + 1} selected`).waitFor();
      expect(await page.textContent('[data-sum]')).toBe(DATA.sums[index]);
    }
    await page.getByRole('button', { name: 'Pay selected' }).click();
    await page.waitForURL('**/pay?**');
    await expectAccessible();
    await fillCard(page);
    expect(await page.inputValue('[name=number]')).toBe('4242 4242 4242 4242');
    await pay(page);
    await expectReceipt(page);
    await expectAccessible();
    await page.getByRole('link', { name: DATA.invoices[0]! }).first().click();
    await page.waitForURL('**/invoices/*');
    await expectAccessible();
    await expectMailed(merchant);
    expect(open.gateway.book()).toMatchObject([{ minor: DATA.minor, state: 'succeeded' }]);
    expect(troubles).toEqual([]);
  });

  test(`pays ${DATA.title} on a phone without JavaScript`, async () => {
    const { open, merchant, link } = await prepare();
    const { page, troubles } = await openPerson(browser, { phone: true, script: false });

    await page.goto(link);
    await expectNoSidewaysScroll(page);
    await page.getByRole('link', { name: 'Activity' }).last().click();
    await page.waitForURL('**/invoices');
    await expectNoSidewaysScroll(page);
    for (const number of DATA.invoices) await tick(page, number);
    await page.getByRole('button', { name: 'Pay selected' }).click();
    await page.waitForURL('**/pay?**');
    await expectNoSidewaysScroll(page);
    await fillCard(page);
    await pay(page);
    await expectReceipt(page);
    await expectNoSidewaysScroll(page);
    await expectMailed(merchant);
    expect(open.gateway.book()).toMatchObject([{ minor: DATA.minor, state: 'succeeded' }]);
    expect(troubles).toEqual([]);
  });
});

test('a payment that the bank refused is tried again for the same invoices, not for all', async () => {
  const open = await openPortal('sqlite', { realClock: true });
  const merchant = await open.tenant();
  const { scope, invoices } = await customerWithInvoices(merchant, [10_000, 2550]);
  const { page, troubles } = await openPerson(browser);
  await page.goto(await mintMagicLink(merchant, scope.customerId, { ttlSeconds: 600 }));
  await page.goto(`${merchant.tenant.origin}/pay?invoice=${invoices[1]?.clientId}`);
  const card = { number: '4000002760003184', expiry: '12/30', cvc: '123', name: 'Petra Müller' };
  for (const [name, value] of Object.entries(card)) await page.fill(`[name=${name}]`, value);
  await page.getByRole('button', { name: 'Pay €25.50' }).click();
  await page.getByRole('button', { name: 'Do not pay' }).click();
  await page.getByRole('link', { name: 'Try again' }).click();
  await page.getByRole('button', { name: 'Pay €25.50' }).waitFor();
  expect(troubles).toEqual([]);
});

async function prepare(): Promise<{ open: OpenPortal; merchant: MerchantScope; link: string }> {
  const open = await openPortal('sqlite', { withWork: true, realClock: true });
  const merchant = await open.tenant();
  const report = await importCsv(
    merchant,
    {
      customers: fileSource(DATA.folder, 'customers.csv'),
      invoices: fileSource(DATA.folder, 'invoices.csv'),
      lines: fileSource(DATA.folder, DATA.lines),
    },
    { currency: DATA.currency, skipBad: false },
  );
  expect(report.problems).toEqual([]);
  const { id } = await findCustomer(merchant, DATA.customer.number);
  return { open, merchant, link: await mintMagicLink(merchant, id, { ttlSeconds: 600 }) };
}

async function tick(page: Page, number: string): Promise<void> {
  await page.getByRole('checkbox', { name: `Select ${number}`, exact: true }).check();
}

async function fillCard(page: Page): Promise<void> {
  const card = { number: '4242424242424242', expiry: '12/30', cvc: '123', name: 'Zofia Żółć' };
  for (const [name, value] of Object.entries(card)) await page.fill(`[name=${name}]`, value);
  expect(await page.inputValue('[name=email]')).toBe(DATA.customer.email);
}

async function pay(page: Page): Promise<void> {
  await page.getByRole('button', { name: `Pay ${DATA.sums[2]}` }).click();
  await page.waitForURL('**/payments/*');
}

async function expectReceipt(page: Page): Promise<void> {
  const text = await page.innerText('main');
  for (const part of ['Thank you. Your payment arrived.', 'R-00001', DATA.sums[2]!, ...DATA.invoices]) {
    expect(text).toContain(part);
  }
}

/** The receipt is in the mailbox of the installation, with the receipt as PDF. */
async function expectMailed(merchant: MerchantScope): Promise<void> {
  const mails = merchant.db.from('mailbox').select(['recipient', 'subject', 'text_body', 'attachments']);
  await expect.poll(async () => (await mails.execute()).length).toBe(1);
  const [mail] = await mails.execute();
  expect(mail).toMatchObject({ recipient: DATA.customer.email });
  expect(mail?.subject).toContain('R-00001');
  expect(mail?.attachments).toContain('application/pdf');
}
