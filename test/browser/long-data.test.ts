import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCustomer } from '#src/customers/customers.ts';
import { issueCreditNote, issueEstimate, issueInvoice } from '#src/documents/issue.ts';
import { nameMethod } from '#src/payments/methods/methods.ts';
import { attachPlan } from '#src/payments/plans/plans.ts';
import { customerScope, type CustomerScope, type MerchantScope } from '#src/scope.ts';
import { mintMagicLink } from '#src/signin/magic-links.ts';
import { openMerchant } from '#src/tenants/tenants.ts';
import { launchChromium } from '#test/support/chromium.ts';
import { cardSource } from '#test/support/house.ts';
import { savedMethod } from '#test/support/instruments.ts';
import { paid, withSettings } from '#test/support/money.ts';
import { openPortal, type OpenPortal } from '#test/support/portal.ts';
import { TODAY } from './customer.ts';
import { openPerson } from './person.ts';

/* The longest names, numbers and amounts that a merchant's other programs may bring: no page is wider than its window for them. */

const WIDTHS = [320, 390, 820, 1100, 1280];
const WORD = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';
const NAME = `${WORD} & ${WORD} GmbH`;
const LARGE = 987_654_321_098;
const SETTINGS = {
  'payments.partial': 'on',
  'payments.partial_minimum': '1000000.00',
  'payments.advance': 'on',
  'payments.fee_percent': '2',
  'payments.instructions_wire_transfer': `IBAN DE02 1203 0000 0000 2020 51\n${WORD}`,
  'estimates.terms': NAME,
};

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

test.each([
  ['in English', 'en', 'EUR'],
  ['in a language and currency that write long amounts', 'de-CH', 'IDR'],
])('no page scrolls sideways with the longest data, %s', async (_how, language, currency) => {
  const { merchant, scope, paths } = await aLongCustomer(language, currency);
  const { page } = await openPerson(browser);
  await page.goto(await mintMagicLink(merchant, scope.customerId, { ttlSeconds: 600 }));
  const wide: string[] = [];
  for (const path of paths) {
    const answer = await page.goto(`${merchant.tenant.origin}${path}`);
    expect(answer?.status(), path).toBe(200);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      wide.push(...(await stickingOut(page)).map((what) => `${path} at ${width}: ${what}`));
    }
  }
  expect(wide).toEqual([]);
});

/** What makes a page wider than its window; without any such thing, nothing. */
function stickingOut(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const out = [...document.querySelectorAll('body *')]
      .filter((element) => element.checkVisibility() && !element.closest('.portal-tabs, .portal-unseen'))
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
      .filter((element) => element.childElementCount === 0)
      .map((element) => `${element.parentElement?.className} > ${element.outerHTML.slice(0, 90)}`);
    return [`${scrollWidth} px wide`, ...out.slice(0, 3)];
  });
}

interface LongCustomer {
  readonly merchant: MerchantScope;
  readonly scope: CustomerScope;
  /** Every page with something on it. */
  readonly paths: readonly string[];
}

async function aLongCustomer(language: string, currency: string): Promise<LongCustomer> {
  const open = await openPortal('sqlite', { realClock: true });
  const merchant = await aLongMerchant(open);
  const { id: customerId } = await createCustomer(merchant, {
    name: NAME,
    currency,
    language,
    email: `${'petra.mueller'.repeat(4)}@${'mueller-und-soehne'.repeat(3)}.example`,
    phone: '+49 30 123456789012345',
    taxId: `DE${'1234567890'.repeat(3)}`,
    address1: `${WORD} 123`,
    city: WORD,
    country: 'DE',
  });
  const scope = customerScope(merchant, customerId, 'customer:petra@mueller.example');
  const method = await savedMethod(open, scope, cardSource());
  await nameMethod(scope, method, WORD.slice(0, 60));
  const papers = await issuePapers(merchant, customerId, currency);
  const payment = await paid(scope, papers.paid, `${'petra'.repeat(10)}@mueller.example`);
  return { merchant, scope, paths: pathsOf(papers, payment.client_id, method) };
}

async function aLongMerchant(open: OpenPortal): Promise<MerchantScope> {
  const { tenant } = await withSettings(open, await open.tenant(), SETTINGS);
  await open.app.ports.store.kysely.updateTable('tenants').set({ name: NAME }).execute();
  return openMerchant(open.app.operator(), { ...tenant, name: NAME });
}

interface Papers {
  readonly open: readonly string[];
  readonly planned: string;
  readonly paid: string;
  readonly estimate: string;
  readonly note: string;
}

const day = (days: number): string => TODAY.add({ days }).toString();

/** Late, open, planned and paid invoices, an estimate and a credit note, each with a number and lines as long as they get. */
async function issuePapers(merchant: MerchantScope, customerId: number, currency: string): Promise<Papers> {
  const lines = [
    { name: NAME, unitCost: '0', amountMinor: LARGE },
    { name: WORD, unitCost: '0.0042', quantity: '123456789.1234' },
  ];
  const paper = (number: string) => ({
    customerId,
    currency,
    number: `${number}-2026-0123456789-ABCDEFGHIJKLMNOP`,
    date: day(-40),
    purchaseOrder: WORD,
    notes: NAME,
    lines,
  });
  const invoice = (number: string, due: number) =>
    issueInvoice(merchant, { ...paper(number), dueDate: day(due) });
  const [late, later, open, planned, done] = [
    await invoice('LATE', -30),
    await invoice('LATER', -3),
    await invoice('OPEN', 5),
    await invoice('PLAN', 9),
    await invoice('PAID', 9),
  ];
  const { total_minor: total } = await merchant.db
    .from('invoices')
    .select('total_minor')
    .where('id', '=', planned.id)
    .executeTakeFirstOrThrow();
  await attachPlan(merchant, planned.id, [{ date: day(20), minor: total }]);
  const estimate = await issueEstimate(merchant, { ...paper('EST'), deposit: { percent: '50' } });
  const note = await issueCreditNote(merchant, paper('NOTE'));
  return {
    open: [late, later, open].map(({ clientId }) => clientId),
    planned: planned.clientId,
    paid: done.clientId,
    estimate: estimate.clientId,
    note: note.clientId,
  };
}

function pathsOf(
  { open, planned, paid: done, estimate, note }: Papers,
  receipt: string,
  method: number,
): string[] {
  const chosen = open.map((id) => `invoice=${id}`).join('&');
  return [
    ['/', '/invoices', `/invoices/${open[0]}`, `/invoices/${done}`, `/invoices/${planned}/plan`],
    [`/pay?${chosen}`, `/pay?invoice=${open[0]}`, '/pay/advance', `/promise?${chosen}`],
    ['/credit', `/credit?${chosen}`, '/credit_notes', `/credit_notes/${note}`],
    ['/estimates', ...['', '/approval', '/decline'].map((page) => `/estimates/${estimate}${page}`)],
    ['/payments', `/payments/${receipt}`, '/autopay', '/access', '/payment_methods', '/payment_methods/new'],
    [`/payment_methods/${method}`, `/payment_methods/${method}/removal`],
  ].flat();
}
