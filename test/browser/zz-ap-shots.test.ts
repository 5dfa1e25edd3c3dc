import { afterAll, beforeAll, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { createCustomer } from '#src/customers/customers.ts';
import { createContact } from '#src/customers/contacts.ts';
import { issueInvoice } from '#src/documents/issue.ts';
import { money } from '#src/kernel/money.ts';
import { addMethod } from '#src/payments/method-setup.ts';
import { enrol, makeDefault } from '#src/payments/enrolment.ts';
import { collectDue } from '#src/payments/autopay.ts';
import { scheduleOf } from '#src/payments/plan-schedule.ts';
import { approvePlan, attachPlan } from '#src/payments/plans.ts';
import { mintMagicLink } from '#src/signin/magic-links.ts';
import { customerScope } from '#src/scope.ts';
import { launchChromium } from '#test/support/chromium.ts';
import { cardSource } from '#test/support/house.ts';
import { openPortal } from '#test/support/portal.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

test('shots', { timeout: 120_000 }, async () => {
  const open = await openPortal('sqlite', { realClock: true });
  const merchant = await open.tenant();
  const customer = await createCustomer(merchant, { name: 'Müller & Söhne GmbH', email: 'petra@mueller.example', attentionTo: 'Petra Müller', address1: 'Allee 1', city: 'Berlin', country: 'DE' });
  await createContact(merchant, { customerId: customer.id, name: 'Petra', email: 'petra@mueller.example', role: 'owner' });
  const scope = customerScope(merchant, customer.id, 'customer:petra@mueller.example');
  const issue = async (minor: number, dueDate: string) => issueInvoice(merchant, { customerId: customer.id, currency: 'EUR', date: '2026-11-20', dueDate, lines: [{ name: 'Paper, A4, 80 g', unitCost: '0', amountMinor: minor }] });
  const a = await issue(124_900, '2026-11-30');
  await issue(9_990, '2026-12-05');
  const p = await issue(100_000, '2026-12-01');
  const p2 = await issue(60_000, '2026-12-01');
  const f = await issue(4_200, '2026-11-21');
  const wish = { first: '2026-12-01', every: 'month', count: 6 } as const;
  const link = async () => mintMagicLink(merchant, customer.id, { ttlSeconds: 600 });
  const shoot = async (name: string, paths: string[]) => {
    for (const scheme of ['light', 'dark'] as const) {
      for (const width of [390, 1280]) {
        const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: width === 390 ? 844 : 860 }, javaScriptEnabled: scheme === 'light' });
        const page = await context.newPage();
        await page.goto(await link());
        for (const [i, path] of paths.entries()) {
          await page.goto(`${merchant.tenant.origin}${path}`);
          await page.screenshot({ path: `/tmp/lead/shots/autopay/${name}${i}-${width}-${scheme}.png`, fullPage: true });
        }
        await context.close();
      }
    }
  };
  await attachPlan(merchant, p2.id, scheduleOf(money(60_000, 'EUR'), wish));
  await shoot('none', ['/autopay', `/invoices/${p2.clientId}/plan`, `/invoices/${p2.clientId}`, '/']);
  const one = await addMethod(scope, { nonce: 'n'.repeat(24), with: cardSource('4000000000000069') });
  if (one.state !== 'saved') throw new Error(one.state);
  await shoot('off', ['/autopay', `/invoices/${p2.clientId}/plan`]);
  await enrol(scope, one.methodId);
  const plan = await attachPlan(merchant, p.id, scheduleOf(money(100_000, 'EUR'), wish));
  await approvePlan(scope, { invoiceId: p.id, hash: plan.hash, ip: '::1', userAgent: 'x' }).catch(() => undefined);
  await merchant.db.update('invoices').set({ sent_at: 0 }).execute();
  await collectDue(merchant);
  await shoot('on', ['/autopay', '/autopay?now=on&paid=2', '/autopay?now=on&failed=1', '/', `/invoices/${a.clientId}`, `/invoices/${p.clientId}`, `/invoices/${p.clientId}/plan`, `/invoices/${f.clientId}`]);
  void makeDefault;
});
