import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ENGINES, openHouse } from '#test/support/house.ts';
import { portalIn } from '#test/support/in-process.ts';
import { fingerprintOf } from '#test/support/mirror.ts';
import { expectSoundBooks } from '#test/support/money.ts';
import {
  aGuest,
  changesNothing,
  fill,
  type Guest,
  readAfter,
  send,
  TYPED_CARD,
  TYPED_IBAN,
} from '#test/support/pages.ts';
import { textOf, Visitor } from '#test/support/portal.ts';

const CARD = { with: 'card', ...TYPED_CARD };

describe.each(ENGINES)('how one customer, invoice or estimate may be paid, on %s', (engine) => {
  test('a customer is created with terms of their own, which are changed one by one and taken back', async () => {
    const { json, words, portal } = await aTenant(engine);
    const made = await json(
      'customer create acme Müller --number C-1 --email petra@mueller.example --currency usd --country ch --attention-to Petra --phone 030 --language de --address1 Allee --address2 Hof --city Bern --region BE --postal-code 3000 --tax-id T1 --payment-terms NET-14 --notes Kind --type person --disable-methods check,credit_card,check --autopay-delay-days 0',
    );
    expect(made).toMatchObject({
      object: 'customer',
      number: 'C-1',
      name: 'Müller',
      type: 'person',
      currency: 'usd',
      country: 'CH',
      payment_terms: 'NET-14',
      autopay: false,
      disabled_methods: ['credit_card', 'check'],
      autopay_delay_days: 0,
    });
    expect(await words('customer show acme C-1')).toMatch(
      /Not by +Card, Check\nAutoPay +collects on the due day/,
    );
    expect(await json('customer set acme C-1 --autopay-delay-days 60')).toMatchObject({
      disabled_methods: ['credit_card', 'check'],
      autopay_delay_days: 60,
    });
    expect(await json('customer set acme C-1 --disable-methods none')).toMatchObject({
      disabled_methods: [],
      autopay_delay_days: 60,
    });
    await words('customer set acme 1 --disable-methods ach --autopay-delay-days default');
    expect(await json('customer show acme C-1')).toMatchObject({
      disabled_methods: ['ach'],
      autopay_delay_days: null,
    });
    expect(await json('customer create acme Plain')).toMatchObject({
      number: 'CUST-00001',
      type: 'company',
      currency: 'eur',
      disabled_methods: [],
      autopay_delay_days: null,
    });
    expect((await portal('customer show acme CUST-00001')).stdout).not.toMatch(/Not by|AutoPay/);
  });

  test('ways that are none, days out of bounds and customers that are not there: refused, with nothing written', async () => {
    const { portal, words, unchanged, file } = await aTenant(engine);
    await words('customer create acme Müller');
    const issue = 'issue acme --customer 1 --line x;1;5';
    const wrongWay = 'Name one or more of these: credit_card, ach, direct_debit, wire_transfer, check.';
    const bounds = 'Use a whole number from 0 to 60';
    await unchanged(async () => {
      for (const [line, said, code] of [
        ['customer set acme 1 --disable-methods card', wrongWay, 1],
        ['customer set acme 1 --disable-methods credit_card,none --autopay-delay-days 3', wrongWay, 1],
        ['customer set acme 1 --disable-methods ach,', wrongWay, 1],
        ['customer set acme 1 --autopay-delay-days 61 --disable-methods ach', bounds, 1],
        ['customer set acme 1 --autopay-delay-days -1', bounds, 1],
        ['customer set acme 1 --autopay-delay-days 1.5', 'whole number of days', 2],
        ['customer set acme 1 --autopay-delay-days soon', 'whole number of days', 2],
        ['customer set acme 1', 'Name what is to change', 2],
        ['customer set acme 2 --disable-methods ach', 'no customer “2”', 1],
        ['customer create acme Second --disable-methods cash', wrongWay, 1],
        ['customer create acme Second --autopay-delay-days 61', bounds, 1],
        ['customer create acme Second --email nobody', 'nobody', 1],
        ['customer create acme Second --currency EURO', 'EURO', 1],
        ['customer create acme Second --number CUST-00001', 'CUST-00001', 1],
        ['customer create acme Second --country Germany', 'two letters', 2],
        [`invoice ${issue} --disable-methods paypal`, wrongWay, 1],
        [`estimate ${issue} --disable-methods paypal`, wrongWay, 1],
        [`invoice issue acme --json ${file(['x'])}`, wrongWay, 1],
        [`estimate issue acme --json ${file(['x'])}`, wrongWay, 1],
        [`invoice issue acme --json ${file('ach')}`, 'disabled_methods', 1],
        [`credit-note issue acme --json ${file([])}`, 'disabled_methods', 1],
      ] as const) {
        const answer = await portal(line);
        expect.soft({ code: answer.code, stdout: answer.stdout }, line).toEqual({ code, stdout: '' });
        expect.soft(answer.stderr, line).toContain(said);
      }
    });
  });

  test('invoices and estimates are issued with ways that are off, from options and from JSON, and shown with them', async () => {
    const { json, words, portal, file } = await aTenant(engine);
    await words('customer create acme Müller');
    const issue = 'issue acme --customer 1 --line x;1;5';
    const off = { disabled_methods: ['credit_card', 'ach'] };
    expect(await json(`invoice ${issue} --number I-1 --disable-methods ach,credit_card`)).toMatchObject(off);
    expect(await json('invoice show acme I-1')).toMatchObject(off);
    expect(await words('invoice show acme I-1')).toMatch(/Not by +Card, Bank debit \(ACH\)/);
    expect(await json('invoice list acme')).toMatchObject([off]);
    const read = JSON.parse((await portal(`invoice issue acme --json ${file(['check'])}`)).stdout);
    expect(read).toMatchObject({ disabled_methods: ['check'] });
    expect(await json(`invoice ${issue} --disable-methods none`)).toMatchObject({ disabled_methods: [] });
    expect(await json(`estimate ${issue} --number E-1 --disable-methods ach,credit_card`)).toMatchObject(off);
    expect(await words('estimate show acme E-1')).toMatch(/Not by +Card, Bank debit \(ACH\)/);
    const offered = JSON.parse((await portal(`estimate issue acme --json ${file(['check'])}`)).stdout);
    expect(offered).toMatchObject({ object: 'estimate', disabled_methods: ['check'] });
  });

  test('what is off for a customer is not offered, and sent all the same it is refused; taken back it is taken', async () => {
    const guest = await aGuest(engine, [10_000], { 'payments.instructions_check': 'Send it to Berlin.' });
    const { open, visitor, invoices } = guest;
    const words = wordsIn(guest);
    const page = `/pay?invoice=${invoices[0]!.clientId}`;
    const adding = '/payment_methods/new';
    const before = await fill(visitor, page, '/pay', CARD);
    const kept = await fill(visitor, adding, adding, CARD);
    expect(textOf((await visitor.get(page)).text)).toContain('Pay by check instead');
    await words('customer set acme CUST-00001 --disable-methods credit_card,check');
    const shown = textOf((await visitor.get(page)).text);
    expect(shown).not.toMatch(/Card number|Pay by check/);
    expect(shown).toContain('IBAN');
    expect(textOf((await visitor.get(adding)).text)).not.toContain('Card number');
    const refused = await changesNothing(guest, 422, () => visitor.post('/pay', before));
    expect(textOf(refused.text)).toContain('This way to pay is not offered');
    await changesNothing(guest, 422, () => visitor.post(adding, kept));
    expect(open.gateway.book()).toEqual([]);
    await words('customer set acme CUST-00001 --disable-methods none');
    expect(await readAfter(visitor, await visitor.post('/pay', before))).toContain('Thank you.');
    await expectSoundBooks(open);
  });

  test('what is off for one invoice stays on for the others, and both together cannot be paid that way', async () => {
    const guest = await aGuest(engine);
    const { open, visitor } = guest;
    const words = wordsIn(guest);
    const issue = 'invoice issue acme --customer CUST-00001 --line x;1;5 --json';
    const free = JSON.parse(await words(issue));
    const bound = JSON.parse(await words(`${issue} --disable-methods credit_card`));
    for (const page of [pageOf(bound), '/pay'])
      expect(textOf((await visitor.get(page)).text), page).not.toContain('Card number');
    const forged = await fill(visitor, pageOf(bound), '/pay', CARD);
    await changesNothing(guest, 422, () => visitor.post('/pay', forged));
    await readAfter(visitor, await send(visitor, pageOf(free), '/pay', CARD));
    await readAfter(visitor, await send(visitor, pageOf(bound), '/pay', TYPED_IBAN));
    expect(open.gateway.book()).toMatchObject([{ minor: 500 }, { minor: 500 }]);
    await expectSoundBooks(open);
  });

  test('what is off for an estimate is off for its deposit, and for the invoice that it becomes', async () => {
    const guest = await aGuest(engine);
    const { visitor } = guest;
    const words = wordsIn(guest);
    const { url } = JSON.parse(
      await words(
        'estimate issue acme --customer CUST-00001 --line Kitchen;1;80 --deposit 50% --number E-1 --disable-methods credit_card --json',
      ),
    );
    const path = `/estimates/${url.split('/').at(-1)}/approval`;
    const answers = { initials: 'PM', pays: 'deposit' };
    expect(textOf((await visitor.get(path)).text)).not.toContain('Card number');
    const forged = await fill(visitor, path, path, { ...answers, ...CARD });
    await changesNothing(guest, 422, () => visitor.post(path, forged));
    await readAfter(visitor, await send(visitor, path, path, { ...answers, ...TYPED_IBAN }));
    const invoice = JSON.parse(await words('estimate invoice acme E-1 --json'));
    expect(invoice).toMatchObject({ balance: 40, disabled_methods: ['credit_card'] });
    const page = textOf((await visitor.get(pageOf(invoice))).text);
    expect(page).not.toContain('Card number');
    await expectSoundBooks(guest.open);
  });

  test('AutoPay collects on the due day and the customer’s own delay, not the tenant’s', async () => {
    const guest = await aGuest(engine, [], { 'autopay.delay_days': '2' }, { sharedBook: true });
    const { open } = guest;
    const words = wordsIn(guest);
    await words('clock set acme 2026-11-20');
    await words('invoice issue acme --customer CUST-00001 --line x;1;5 --due 2026-11-24');
    await words('customer set acme CUST-00001 --autopay-delay-days 5');
    const signedIn = await signIn(guest, words);
    const page = await readAfter(
      signedIn,
      await send(signedIn, '/autopay', '/autopay', { ...CARD, action: 'on' }),
    );
    expect(page).toContain('29 November 2026');
    expect(textOf((await signedIn.get('/')).text)).toContain('29 November 2026');
    await words('clock set acme 2026-11-28T22:59:59Z');
    expect(JSON.parse(await words('autopay run acme --json'))).toEqual([]);
    await words('clock set acme 2026-11-28T23:00:00Z');
    expect(JSON.parse(await words('autopay run acme --json'))).toMatchObject([{ state: 'succeeded' }]);
    expect(open.gateway.book()).toMatchObject([{ minor: 500, state: 'succeeded' }]);
    await words('invoice issue acme --customer CUST-00001 --line x;1;5 --due 2026-12-10');
    const next = async () =>
      JSON.parse(await words('autopay run acme --date 2027-01-31 --dry-run --json')).map(
        ({ date }: { date: string }) => date,
      );
    expect(await next()).toEqual(['2026-12-15']);
    await words('customer set acme CUST-00001 --autopay-delay-days 0');
    expect(await next()).toEqual(['2026-12-10']);
    await words('customer set acme CUST-00001 --autopay-delay-days default');
    expect(await next()).toEqual(['2026-12-12']);
    await expectSoundBooks(open);
  });

  test('a saved card that is off for the customer is not collected from: it is parked with its reason', async () => {
    const guest = await aGuest(engine, [], {}, { sharedBook: true });
    const words = wordsIn(guest);
    await words('clock set acme 2026-11-20');
    await words('invoice issue acme --customer CUST-00001 --line x;1;5 --due 2026-11-24');
    const signedIn = await signIn(guest, words);
    await send(signedIn, '/autopay', '/autopay', { ...CARD, action: 'on' });
    await words('customer set acme CUST-00001 --disable-methods credit_card');
    await words('clock set acme 2026-11-24');
    expect(JSON.parse(await words('autopay run acme --json'))).toMatchObject([
      { state: 'parked', reason: expect.stringContaining('not offered') },
    ]);
    expect(guest.open.gateway.book()).toEqual([]);
    await words('customer set acme CUST-00001 --disable-methods none');
    await words('autopay release acme INV-0001');
    expect(JSON.parse(await words('autopay run acme --json'))).toMatchObject([{ state: 'succeeded' }]);
    await expectSoundBooks(guest.open);
  });
});

function pageOf({ url }: { readonly url: string }): string {
  return `/pay?invoice=${url.split('/').at(-1)}`;
}

async function aTenant(engine: (typeof ENGINES)[number]) {
  const house = await openHouse(engine);
  const merchant = await house.tenant();
  const run = portalIn(house);
  const portal = (line: string) => run(line.split(' '));
  const words = async (line: string): Promise<string> => {
    const { code, stdout, stderr } = await portal(line);
    expect([code, stderr], line).toEqual([0, '']);
    return stdout;
  };
  const json = async (line: string): Promise<unknown> => JSON.parse(await words(`${line} --json`));
  let files = 0;
  const file = (disabled: unknown): string => {
    const path = join(house.config.dataDir, `document-${(files += 1)}.json`);
    const items = [{ name: 'x', unit_cost: 5 }];
    writeFileSync(path, JSON.stringify({ customer: 1, items, disabled_methods: disabled }));
    return path;
  };
  const unchanged = async (work: () => Promise<void>): Promise<void> => {
    const before = await fingerprintOf(house, merchant.tenant.id);
    await work();
    expect(await fingerprintOf(house, merchant.tenant.id)).toBe(before);
  };
  return { portal, words, json, file, unchanged };
}

function wordsIn({ open }: Guest): (line: string) => Promise<string> {
  const portal = portalIn(open);
  return async (line) => {
    const { code, stdout, stderr } = await portal(line.split(' '));
    expect([code, code === 0 ? '' : stderr], line).toEqual([0, '']);
    return stdout.trim();
  };
}

/** With a link that the merchant prints, in the tenant's own time. */
async function signIn({ open, merchant }: Guest, words: (line: string) => Promise<string>): Promise<Visitor> {
  const visitor = new Visitor(merchant.tenant.origin, open.portal.port);
  await visitor.get(new URL(await words('magic-link acme CUST-00001')).pathname);
  return visitor;
}
