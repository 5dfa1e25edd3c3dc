import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MerchantScope } from '#src/scope.ts';
import { launchChromium } from '#test/support/chromium.ts';
import { customerWithInvoices } from '#test/support/house.ts';
import { openPortal } from '#test/support/portal.ts';
import { openPerson } from './person.ts';

const EMAIL = 'petra@mueller.example';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

describe('signing in by e-mail with a real browser', () => {
  test('the mailed link opens a page, its button signs in; after signing out, Back shows nothing', async () => {
    const merchant = await prepare();
    const { page, troubles, expectAccessible } = await openPerson(browser);
    await askForMail(page, merchant, expectAccessible);
    const { link } = await newestMail(merchant);
    await page.goto(link);
    expect(await page.innerText('main')).toContain('You opened the sign-in link we sent to');
    await expectAccessible();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Balance due').first().waitFor();
    await page.getByRole('link', { name: 'Activity' }).first().click();
    await page.getByText('INV-').first().waitFor();

    await signOut(page);
    await page.goBack();
    await page.waitForURL('**/login**');
    expect(await page.innerText('body')).not.toContain('INV-');
    expect(troubles).toEqual([]);
  });

  test('the code from the mail signs in the browser that asked', async () => {
    const merchant = await prepare();
    const { page, troubles } = await openPerson(browser, { phone: true });
    await askForMail(page, merchant);
    const { code } = await newestMail(merchant);
    await page.fill('[name=code]', code.toLowerCase());
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Balance due').first().waitFor();
    expect(troubles).toEqual([]);
  });

  test('in another browser the link alone is not enough: it asks for the code as well', async () => {
    const merchant = await prepare();
    const asking = await openPerson(browser);
    await askForMail(asking.page, merchant);
    const { link, code } = await newestMail(merchant);
    const { page, troubles, expectAccessible } = await openPerson(browser, { phone: true });
    await page.goto(link);
    expect(await page.textContent('h1')).toBe('Enter the code as well');
    await expectAccessible();
    await page.fill('[name=code]', code);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Balance due').first().waitFor();
    expect(troubles).toEqual([]);
  });

  test('somebody sees where they are signed in, and ends the session on another device', async () => {
    const merchant = await prepare();
    const first = await openPerson(browser);
    const second = await openPerson(browser, { phone: true });
    for (const { page } of [first, second]) await signIn(page, merchant);

    await first.page.goto(`${merchant.tenant.origin}/access`);
    await first.expectAccessible();
    const other = first.page.locator('.portal-device').filter({ hasNotText: 'This device' });
    expect(await other.count()).toBe(1);
    await other.getByRole('button').click();
    await expect.poll(() => first.page.locator('.portal-device').count()).toBe(1);
    await second.page.reload();
    await second.page.waitForURL('**/login**');
    expect([...first.troubles, ...second.troubles]).toEqual([]);
  });
});

async function prepare(): Promise<MerchantScope> {
  const open = await openPortal('sqlite', { withWork: true, realClock: true });
  const merchant = await open.tenant();
  await customerWithInvoices(merchant, [10_000, 2550]);
  return merchant;
}

async function signIn(page: Page, merchant: MerchantScope): Promise<void> {
  await askForMail(page, merchant);
  await page.fill('[name=code]', (await newestMail(merchant)).code);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Balance due').first().waitFor();
}

/** Types the address and waits until the mail that it asked for is in the mailbox. */
async function askForMail(
  page: Page,
  merchant: MerchantScope,
  look: () => Promise<void> = async () => {},
): Promise<void> {
  const before = await countMails(merchant);
  await page.goto(`${merchant.tenant.origin}/login`);
  await look();
  await page.fill('[name=email]', EMAIL);
  await page.getByRole('button', { name: 'Email me a link' }).click();
  await page.waitForURL('**/login/code**');
  await look();
  await expect.poll(() => countMails(merchant)).toBe(before + 1);
}

async function countMails(merchant: MerchantScope): Promise<number> {
  return (await merchant.db.from('mailbox').select(['id']).execute()).length;
}

async function newestMail(merchant: MerchantScope): Promise<{ link: string; code: string }> {
  const mail = await merchant.db
    .from('mailbox')
    .select(['text_body', 'recipient'])
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow();
  expect(mail.recipient).toBe(EMAIL);
  const link = /https?:\S+\/login\/e\/\S+/.exec(mail.text_body)?.[0];
  const code = /^[A-Z0-9]{3}[ -]?[A-Z0-9]{3}$/m.exec(mail.text_body)?.[0];
  if (!link || !code) throw new Error(`the mail has no link or no code: ${mail.text_body}`);
  return { link, code };
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Your account' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/login**');
}
