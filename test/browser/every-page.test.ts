import { sql } from 'kysely';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seedDemo } from '#cli/seed/demo.ts';
import { findCustomer } from '#src/customers/customers.ts';
import { mintMagicLink } from '#src/signin/magic-links.ts';
import type { MerchantScope } from '#src/scope.ts';
import { findTenant, openMerchant } from '#src/tenants/tenants.ts';
import { launchChromium } from '#test/support/chromium.ts';
import { openPortal, type OpenPortal } from '#test/support/portal.ts';
import { layoutFaults } from './layout.ts';
import { expectNoSidewaysScroll, openPerson } from './person.ts';

const WIDTHS = [320, 390, 600, 768, 820, 1024, 1100, 1200, 1280, 1920, 2560];
const CARD = { number: '4242424242424242', expiry: '12/30', cvc: '123', name: 'Anna Berg' };

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

test('no page needs sideways scrolling, from 320 px to wide, without JavaScript', async () => {
  const { page } = await openPerson(browser, { phone: true, script: false });
  const shown = await walk(page, async () => {
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      await expectNoSidewaysScroll(page);
      await expectInside(page, width);
    }
  });
  expect(shown).toBeGreaterThan(55);
});

test('nothing sticks out, covers another thing, breaks a word or is too small to press, from left to right and from right to left', async () => {
  const { page } = await openPerson(browser, { script: false });
  const faults: string[] = [];
  const tones = new Map<string, Set<string>>();
  const shown = await walk(page, async () => {
    faults.push(...(await layoutFaults(page)));
    for (const [label, tone] of await badges(page))
      tones.set(label, (tones.get(label) ?? new Set()).add(tone));
  });
  expect(shown).toBeGreaterThan(55);
  expect(faults).toEqual([]);
  expect(tones.get('Open')).toBeDefined();
  expect([...tones].filter(([, colours]) => colours.size > 1)).toEqual([]);
});

/** In the quick form axe looks at every page once, by turns on a phone in the dark and on a desktop in the light; `EVERY_LOOK=1` is the full one. */
const FULL = process.env['EVERY_LOOK'] === '1';

test('every page is legible and accessible, in light and in dark, on a phone and on a desktop', async () => {
  const { page, troubles, expectAccessible } = await openPerson(browser);
  let looks = 0;
  const shown = await walk(page, async () => {
    await page.setViewportSize({ width: 320, height: 700 });
    if (looks % 2 === 0 || FULL) await expectAccessible('dark');
    await page.setViewportSize({ width: 1280, height: 860 });
    if (looks % 2 === 1 || FULL) await expectAccessible('light');
    looks += 1;
    await expectLightAndDark(page);
  });
  expect(shown).toBeGreaterThan(55);
  // What the browser says of pages that answer 404, 409, 410, 422 or 500 is no trouble.
  expect(troubles.filter((text) => !text.includes('Failed to load resource'))).toEqual([]);
});

test('a double click on Pay charges once, with JavaScript and without', async () => {
  for (const script of [true, false]) {
    const { open, acme } = await demo();
    const { page } = await openPerson(browser, { script });
    const before = open.gateway.book().length;
    await page.goto(await linkFor(acme, 'CUST-00008'));
    await page.goto(`${acme.tenant.origin}/pay`);
    await fill(page, CARD);
    await page.getByRole('button', { name: /^Pay/ }).dblclick();
    await page.getByText('Thank you. Your payment arrived.').waitFor();
    expect(open.gateway.book()).toHaveLength(before + 1);
  }
});

/** Visits every page in every state that looks different, and looks at each. Answers how many there were. */
async function walk(page: Page, look: () => Promise<void>): Promise<number> {
  const { open, acme } = await demo();
  const { origin } = acme.tenant;
  let shown = 0;
  const see = async (address: string): Promise<void> => {
    await page.goto(address);
    await look();
    shown += 1;
  };
  const seeHere = async (): Promise<void> => {
    await look();
    shown += 1;
  };
  await see(`${origin}/login`);
  await page.fill('[name=email]', 'fatma@sonnenschein.example');
  await page.getByRole('button', { name: 'Email me a link' }).click();
  await page.waitForURL('**/login/code**');
  await seeHere();
  await see(await mailedLink(acme));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/access/account');
  await seeHere();
  await see(`${origin}/login/not.a.link`);
  for (const customer of ['CUST-00002', 'CUST-00005', 'CUST-00006', 'CUST-00007', 'CUST-00012']) {
    await signInAs(page, acme, customer);
    await see(`${origin}/`);
  }
  await signInAs(page, acme, 'CUST-00011');
  await see(`${origin}/invoices?per=10&status=paid`);
  await see(`${origin}/invoices?number=nothing-like-it`);
  await signInAs(page, acme, 'CUST-00008');
  await see(await addressOf(page, 'INV-1601'));
  await see(await linkFor(acme, 'CUST-00001'));
  await page.getByRole('button', { name: 'Switch to' }).click();
  await page.waitForURL(`${origin}/`);
  await seeHere();
  await see(`${origin}/invoices`);
  await see(`${origin}/access`);
  const open1006 = await addressOf(page, 'INV-1006');
  await see(open1006);
  await see(`${origin}/pay?invoice=${open1006.split('/').at(-1)}`);
  await page.getByText('Another card').click();
  await fill(page, { ...CARD, number: '4000000000000127' });
  await page.getByRole('button', { name: /^Pay/ }).click();
  await page.getByText('Nothing was charged.').waitFor();
  await seeHere();
  await fill(page, { ...CARD, number: '4000002760003184' });
  await page.getByRole('button', { name: /^Pay/ }).click();
  await page.waitForURL('**/challenge');
  await seeHere();
  await page.getByRole('button', { name: 'Do not pay' }).click();
  await page.getByText('Your payment was not taken').waitFor();
  await seeHere();
  await page.getByRole('link', { name: 'Try again' }).click();
  await page.getByText('Another card').click();
  await fill(page, CARD);
  await page.getByRole('button', { name: /^Pay/ }).click();
  await page.getByText('Thank you. Your payment arrived.').waitFor();
  await seeHere();
  await walkMoney(page, see, seeHere, acme);
  await see(`${origin}/dev/mail?key=${open.portal.mailboxKey}`);
  await see(`${origin}/dev/mail/1?key=${open.portal.mailboxKey}`);
  await see(`${origin}/nowhere`);
  await sql`alter table lines rename to gone`.execute(open.app.ports.store.kysely);
  await see(open1006);
  return shown;
}

/** Estimates, credit, payments, methods, AutoPay, plans and promises, in the states that the demo has them in. */
async function walkMoney(
  page: Page,
  see: (address: string) => Promise<void>,
  seeHere: () => Promise<void>,
  acme: MerchantScope,
): Promise<void> {
  const { origin } = acme.tenant;
  const lists = ['estimates', 'credit_notes', 'payments'];
  const others = [
    'credit',
    'payment_methods',
    'payment_methods/new',
    'autopay',
    'promise',
    'pay',
    'pay/advance',
  ];
  for (const path of [...lists, ...others]) await see(`${origin}/${path}`);
  for (const [list, number] of [
    ['estimates', 'EST-0104'],
    ['estimates', 'EST-0093'],
    ['estimates', 'EST-0118'],
    ['credit_notes', 'CN-0001'],
    ['payments', 'R-00002'],
  ] as const) {
    await page.goto(`${origin}/${list}?number=${number}`);
    await see(`${origin}${await page.locator(`.portal-doc`).first().getAttribute('href')}`);
    if (number !== 'EST-0118') continue;
    const estimate = page.url();
    await see(`${estimate}/decline`);
    await see(`${estimate}/approval`);
    await page.fill('[name=initials]', 'AB');
    await page.check('[name=agree]');
    await page.getByText('Another card').click();
    await fill(page, { ...CARD, number: '4000000000000069' });
    await page.getByRole('button', { name: /^Approve and pay/ }).click();
    await page.getByText('Not sent yet').waitFor();
    await seeHere();
  }
  await page.goto(`${origin}/payment_methods`);
  for (const name of ['Rename', 'Remove'])
    await see(
      `${origin}${await page
        .getByRole('link', { name: new RegExp(`^${name}`) })
        .first()
        .getAttribute('href')}`,
    ).then(() => page.goto(`${origin}/payment_methods`));
  await see(`${await addressOf(page, 'INV-1009')}/plan`);
  for (const customer of ['CUST-00004', 'CUST-00013']) {
    await signInAs(page, acme, customer);
    await see(`${origin}/`);
    await see(`${origin}/autopay`);
  }
  await signInAs(page, acme, 'CUST-00008');
  await see(`${origin}/invoices`);
  const promised = await addressOf(page, 'INV-1601');
  await see(promised);
  await see(`${origin}/promise?invoice=${promised.split('/').at(-1)}`);
  await signInAs(page, acme, 'CUST-00002');
  for (const path of [...lists, 'credit', 'payment_methods', 'autopay']) await see(`${origin}/${path}`);
  await signInAs(page, acme, 'CUST-00003');
  await page.goto(`${origin}/payments?status=refunded`);
  await see(`${origin}${await page.locator(`.portal-doc`).first().getAttribute('href')}`);
}

async function demo(): Promise<{ open: OpenPortal; acme: MerchantScope }> {
  const open = await openPortal('sqlite', { withWork: true, realClock: true });
  const operator = open.app.operator();
  await seedDemo(operator, () => {});
  return { open, acme: await openMerchant(operator, await findTenant(operator, 'acme')) };
}

async function linkFor(merchant: MerchantScope, number: string): Promise<string> {
  const { id } = await findCustomer(merchant, number);
  return mintMagicLink(merchant, id, { ttlSeconds: 600 });
}

/** Signs in as a customer, whoever is signed in now. */
async function signInAs(page: Page, merchant: MerchantScope, number: string): Promise<void> {
  await page.context().clearCookies();
  await page.goto(await linkFor(merchant, number));
}

async function addressOf(page: Page, number: string): Promise<string> {
  const { origin } = new URL(page.url());
  await page.goto(`${origin}/invoices?number=${number}`);
  return `${origin}${await page.getByRole('link', { name: number, exact: true }).getAttribute('href')}`;
}

async function fill(page: Page, values: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(values)) await page.fill(`[name=${name}]`, value);
}

async function mailedLink(merchant: MerchantScope): Promise<string> {
  const find = async (): Promise<string | undefined> => {
    const mails = await merchant.db.from('mailbox').select('text_body').execute();
    return mails.map((mail) => /https?:\S+\/login\/e\/\S+/.exec(mail.text_body)?.[0]).find(Boolean);
  };
  await expect.poll(find).toBeDefined();
  return (await find()) ?? '';
}

/** The words of the page's badges, each with its tone. */
function badges(page: Page): Promise<Array<[string, string]>> {
  return page.evaluate(() =>
    Array.from(document.querySelectorAll('.portal-badge'), (badge) => [
      badge.textContent!.trim(),
      badge.className,
    ]),
  );
}

/** Nothing that can be read or pressed sticks out of the window, though the window itself may hide it. */
async function expectInside(page: Page, width: number): Promise<void> {
  const outside = await page.evaluate((most) => {
    const seen = [
      ...document.querySelectorAll('main a, main button, main input, main select, main h1, main p, main dd'),
    ];
    return (
      seen
        // Tabs scroll by themselves.
        .filter((element) => element.checkVisibility() && !element.closest('.portal-unseen, .portal-tabs'))
        .filter((element) => element.getBoundingClientRect().width > 1)
        .filter(
          (element) =>
            element.getBoundingClientRect().right > most + 1 || element.getBoundingClientRect().left < -1,
        )
        .map((element) => element.outerHTML.slice(0, 120))
    );
  }, width);
  expect(outside, `${page.url()} at ${width}`).toEqual([]);
  const sheets = await page.evaluate(() =>
    [...document.querySelectorAll('.portal-sheet')].map((sheet) => sheet.scrollWidth - sheet.clientWidth),
  );
  expect(Math.max(0, ...sheets), `a list that scrolls: ${page.url()} at ${width}`).toBe(0);
}

/** The ground is light in light colours and dark in dark ones. */
async function expectLightAndDark(page: Page): Promise<void> {
  const grounds: number[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    grounds.push(
      await page.evaluate(() => {
        const canvas = document.createElement('canvas').getContext('2d')!;
        canvas.fillStyle = getComputedStyle(document.body).backgroundColor;
        canvas.fillRect(0, 0, 1, 1);
        const [red = 0, green = 0, blue = 0] = canvas.getImageData(0, 0, 1, 1).data;
        return (red + green + blue) / 3;
      }),
    );
  }
  expect(grounds[0], page.url()).toBeGreaterThan(200);
  expect(grounds[1], page.url()).toBeLessThan(60);
}
