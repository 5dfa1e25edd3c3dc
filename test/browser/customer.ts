import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { issueEstimate } from '#src/documents/issue.ts';
import type { CustomerScope, MerchantScope } from '#src/scope.ts';
import { mintMagicLink } from '#src/signin/magic-links.ts';
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

/** A browser lives in the machine's time. */
export const TODAY = Temporal.Now.plainDateISO('Europe/Berlin');

export interface Someone {
  readonly open: OpenPortal;
  readonly merchant: MerchantScope;
  readonly scope: CustomerScope;
  readonly invoices: Awaited<ReturnType<typeof customerWithInvoices>>['invoices'];
  readonly page: Page;
  go(path: string): Promise<void>;
  /** Nothing was wrong in the browser: no script, no policy, no request to strangers. */
  end(): void;
}

/** A customer at a browser of their own, signed in: two invoices of 100.00 and 20.00 are open and an estimate with a deposit waits. */
export async function aPerson(browser: Browser, how: { script: boolean; phone: boolean }): Promise<Someone> {
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

export async function typeCard(page: Page): Promise<void> {
  for (const [name, value] of Object.entries(CARD)) await page.fill(`[name=${name}]`, value);
}
