import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { issueEstimate, issueInvoice } from '#src/documents/issue.ts';
import type { IssuedDocument } from '#src/documents/numbering.ts';
import type { CustomerScope, MerchantScope } from '#src/scope.ts';
import { mintMagicLink } from '#src/signin/magic-links.ts';
import { workOnce } from '#src/work.ts';
import { customerWithInvoices } from '#test/support/house.ts';
import { expectSoundBooks, withSettings } from '#test/support/money.ts';
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
const DAY_MS = 86_400_000;

/** Every walk is walked twice, for `describe.each`. */
export const BOTH_WAYS = [
  ['with JavaScript', { script: true, phone: false }],
  ['without JavaScript, on a phone', { script: false, phone: true }],
] as const;

/** A browser lives in the machine's time. */
export const TODAY = Temporal.Now.plainDateISO('Europe/Berlin');

export interface Someone {
  readonly open: OpenPortal;
  readonly merchant: MerchantScope;
  readonly scope: CustomerScope;
  readonly invoices: Awaited<ReturnType<typeof customerWithInvoices>>['invoices'];
  readonly page: Page;
  go(path: string): Promise<void>;
  /** The merchant issues another invoice, in euros unless told otherwise. */
  issue(invoice: {
    readonly minor: number;
    readonly inDays: number;
    readonly currency?: string;
    readonly autopay?: boolean;
  }): Promise<IssuedDocument>;
  /** Days pass, with the work of the background done at their end. The customer comes back by a new link. */
  later(days: number): Promise<void>;
  /** What the page says to somebody who sees it. */
  read(): Promise<string>;
  /** The page has no accessibility problem; looked for with JavaScript only, since that is what looks. */
  expectAccessible(): Promise<void>;
  /** Nothing was wrong in the browser: no script, no policy, no request to strangers. */
  end(): void;
  /** The same, and every promise about the money holds, as `portal db check` verifies them. */
  leave(): Promise<void>;
}

export interface Circumstances {
  readonly amounts?: readonly number[];
  readonly settings?: Readonly<Record<string, string>>;
}

/** A customer at a browser of their own, signed in: two invoices of 100.00 and 20.00 are open and an estimate with a deposit waits. */
export async function aPerson(
  browser: Browser,
  how: { script: boolean; phone: boolean },
  { amounts = [10_000, 2_000], settings = {} }: Circumstances = {},
): Promise<Someone> {
  const open = await openPortal('sqlite', { realClock: true });
  const merchant = await withSettings(open, await open.tenant(), { ...SETTINGS, ...settings });
  const { scope, invoices } = await customerWithInvoices(merchant, amounts);
  const { customerId } = scope;
  const document = { customerId, currency: 'EUR', date: TODAY.toString() };
  await issueEstimate(merchant, {
    ...document,
    lines: [{ name: 'A shelf for paper', unitCost: '80' }],
    deposit: { percent: '50' },
  });
  const { page, troubles, expectAccessible } = await openPerson(browser, how);
  // The page can be used then, its scripts included; fonts and pictures may still be on their way.
  const visit = async (address: string) => void (await page.goto(address, { waitUntil: 'domcontentloaded' }));
  const signIn = async () => visit(await mintMagicLink(merchant, customerId, { ttlSeconds: 600 }));
  const end = () => expect(troubles.filter((text) => !/status of 4(09|22)/.test(text))).toEqual([]);
  await signIn();
  return {
    open,
    merchant,
    scope,
    invoices,
    page,
    go: (path) => visit(`${merchant.tenant.origin}${path}`),
    issue: ({ minor, inDays, currency = 'EUR', autopay }) =>
      issueInvoice(merchant, {
        customerId,
        currency,
        date: TODAY.toString(),
        dueDate: TODAY.add({ days: inDays }).toString(),
        lines: [{ name: 'Paper', unitCost: '0', amountMinor: minor }],
        autopay,
      }),
    later: async (days) => {
      open.clock.move(days * DAY_MS);
      await workOnce(open.app);
      await signIn();
    },
    read: () => page.innerText('main'),
    expectAccessible: async () => void (how.script && (await expectAccessible())),
    end,
    leave: async () => {
      end();
      await expectSoundBooks(open);
    },
  };
}

/** Types a card that works, unless another one is given. */
export async function typeCard(page: Page, card: Partial<typeof CARD> = {}): Promise<void> {
  await typeIn(page, { ...CARD, ...card });
}

/** Types an account in euros that takes days. */
export async function typeIban(page: Page, iban: string): Promise<void> {
  await typeIn(page, { bank_holder: 'Petra Müller', iban });
}

/** Types an account in the United States. */
export async function typeAccount(page: Page, account: string): Promise<void> {
  await typeIn(page, { bank_holder: 'Ann Lee', routing: '110000000', account, account_again: account });
}

async function typeIn(page: Page, values: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(values)) await page.fill(`[name=${name}]`, value);
}

/** Chooses a way to pay: `card`, `bank`, or one that is kept by what it is called. */
export async function payWith(page: Page, way: 'card' | 'bank' | RegExp): Promise<void> {
  const options = page.locator('label:has([name=with])');
  await (
    way instanceof RegExp
      ? options.filter({ hasText: way })
      : options.filter({ has: page.locator(`[value=${way}]`) })
  ).click();
}

/** Sends the form that pays. */
export async function pressPay(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Pay / }).click();
}

export const ARRIVED = 'Thank you. Your payment arrived.';
