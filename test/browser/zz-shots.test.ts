import { mkdirSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, test } from 'vitest';
import { launchChromium } from '#test/support/chromium.ts';
import { customerWithInvoices } from '#test/support/house.ts';
import { openPortal } from '#test/support/portal.ts';
import { mintMagicLink } from '#src/signin/magic-links.ts';
import { setSetting } from '#src/tenants/settings.ts';
import { addMethod } from '#src/payments/method-setup.ts';
import { openMerchant } from '#src/tenants/tenants.ts';
import { customerScope } from '#src/scope.ts';
import { issueInvoice } from '#src/documents/issue.ts';
import { createCustomer } from '#src/customers/customers.ts';
import { openPerson } from './person.ts';

const OUT = process.env['SHOTS']!;
let browser: Browser;
beforeAll(async () => { mkdirSync(OUT, { recursive: true }); browser = await launchChromium(); });
afterAll(() => browser.close());

test('shots', async () => {
  const open = await openPortal('sqlite', { realClock: true });
  const m0 = await open.tenant();
  for (const [n, v] of [['payments.partial', 'on'], ['payments.partial_minimum', '5.00'], ['payments.fee_percent', '2.9'], ['payments.advance', 'on'], ['payments.bank_minimum', '10.00']] as const) await setSetting(m0, n, v);
  const merchant = await openMerchant(open.app.operator(), m0.tenant);
  const { scope, invoices } = await customerWithInvoices(merchant, [125_500, 2550]);
  const s = customerScope(merchant, scope.customerId);
  const us = await createCustomer(merchant, { name: 'Lee Inc', email: 'ann@lee.example', currency: 'USD' });
  await issueInvoice(merchant, { customerId: us.id, currency: 'USD', date: '2026-11-10', dueDate: '2026-11-24', lines: [{ name: 'Paper', unitCost: '0', amountMinor: 5000 }] });
  const usScope = customerScope(merchant, us.id);
  const { page } = await openPerson(browser);
  const { origin } = merchant.tenant;
  const shoot = async (name: string) => {
    for (const [w, h] of [[390, 844], [1280, 860]] as const) for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width: w, height: h });
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${OUT}/${name}-${w}-${colorScheme}.png`, fullPage: true });
    }
  };
  await page.goto(await mintMagicLink(merchant, scope.customerId, { ttlSeconds: 600 }));
  await page.goto(`${origin}/payment_methods`); await shoot('01-empty');
  await page.goto(`${origin}/pay`); await shoot('02-pay-new');
  await page.check('[value=bank]'); await shoot('03-pay-iban');
  await page.fill('[name=iban]', 'DE89'); await page.getByRole('button', { name: /^Pay/ }).click(); await shoot('04-pay-iban-wrong');
  const card = (n: string, m: number, y: number) => ({ kind: 'card' as const, card: { number: n, expMonth: m, expYear: y, cvc: '123', holder: 'P M' } });
  await addMethod(s, { nonce: 'a'.repeat(24), with: card('4242424242424242', 12, 2026), name: 'Company card' });
  await addMethod(s, { nonce: 'b'.repeat(24), with: card('5454545454545454', 10, 2025) });
  await addMethod(s, { nonce: 'c'.repeat(24), with: { kind: 'bank_account', account: { holder: 'P M', holderType: 'company', iban: 'DE75512108001245126199' } }, autopay: true });
  await addMethod(s, { nonce: 'd'.repeat(24), with: card('378282246310005', 10, 2030) });
  await page.goto(`${origin}/payment_methods?done=added&collected=2`); await shoot('05-list');
  await page.goto(`${origin}/pay`); await shoot('06-pay-saved');
  await page.goto(`${origin}/pay?invoice=${invoices[1]!.clientId}`); await shoot('07-pay-one');
  await page.goto(`${origin}/pay/advance`); await shoot('08-advance');
  await page.goto(`${origin}/payment_methods/3/removal`); await shoot('09-remove');
  await page.goto(`${origin}/payment_methods/1`); await shoot('10-name');
  await page.goto(`${origin}/payment_methods/new`); await shoot('11-new');
  await page.goto(`${origin}/`); await shoot('12-home');
  const deposits = await addMethod(usScope, { nonce: 'e'.repeat(24), with: { kind: 'bank_account', account: { holder: 'A L', holderType: 'individual', routing: '110000000', account: '123456789' } }, microDeposits: true });
  await page.context().clearCookies();
  await page.goto(await mintMagicLink(merchant, us.id, { ttlSeconds: 600 }));
  await page.goto(`${origin}/payment_methods/new`); await page.check('[value=bank]'); await shoot('13-new-us');
  await page.goto(`${origin}/payment_methods`); await shoot('14-list-verifying');
  await page.goto(`${origin}/payment_methods/${'methodId' in deposits ? deposits.methodId : 0}/verification`); await page.fill('[name=first]', '0.11'); await page.fill('[name=second]', '0.12'); await page.getByRole('button', { name: 'Confirm the account' }).click(); await page.getByText('2 more times').waitFor(); await shoot('15-verify');
  await page.goto(`${origin}/pay`); await shoot('16-pay-us');
}, 300_000);
