import { beforeAll, describe, expect, it } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { DEMO_MERCHANTS, seedDemo } from '#cli/seed/demo.ts';
import { everyInvoice } from '#src/documents/merchant-invoices.ts';
import { findTenant, openMerchant } from '#src/tenants/tenants.ts';
import { SETTINGS } from '#src/tenants/settings-catalogue.ts';
import { openHouse } from '#test/support/house.ts';
import { commandLine, commandLineIn, type CommandLine, onTerminal } from './command-line.ts';

let portal: CommandLine;

beforeAll(async () => {
  portal = commandLineIn(mkdtempSync(join(tmpdir(), 'portal-cli-demo-')));
  await portal.json('seed', 'demo');
});
afterAll(() => rmSync(portal.data, { recursive: true, force: true }));

function customerOf(number: string): Promise<unknown> {
  return portal.json('customer', 'show', 'acme', number);
}

function invoicesOf(number: string): Promise<unknown> {
  return portal.json('invoice', 'list', 'acme', '--customer', number);
}

/** Every invoice of the demo as it is when seeded at that moment, with its dates in days from then. */
async function seededOn(moment: string) {
  const house = await openHouse();
  house.clock.move(Temporal.Instant.from(moment).since(house.clock.now()).total('milliseconds'));
  const operator = house.app.operator();
  await seedDemo(operator, () => {});
  const today = Temporal.PlainDate.from(moment.slice(0, 10));
  const daysFrom = (date: string): number => today.until(date).days;
  const found = [];
  for (const { username } of DEMO_MERCHANTS) {
    const merchant = await openMerchant(operator, await findTenant(operator, username));
    for await (const { number, status, date, dueDate } of everyInvoice(merchant)) {
      found.push({
        number,
        status,
        date: daysFrom(date),
        due: dueDate === undefined ? null : daysFrom(dueDate),
      });
    }
  }
  return found;
}

describe('seed demo', () => {
  it('a second run changes nothing and says so', async () => {
    const before = await portal.run('invoice', 'list', 'acme', '--json');
    const again = await portal.run('seed', 'demo');
    expect(again).toEqual({
      code: 0,
      stdout: '',
      stderr: 'The demo data is there already: nothing was changed.\n',
    });
    expect(await portal.json('seed', 'demo')).toMatchObject({
      tenants: 0,
      customers: 0,
      invoices: 0,
      payments: 0,
    });
    expect(await portal.run('invoice', 'list', 'acme', '--json')).toEqual(before);
  });

  it('shows on a terminal how far it is', async () => {
    const { stderr } = await onTerminal(commandLine(), 'seed', 'demo');
    const drawn = stderr.split('\r\u001b[K');
    expect(drawn).toContain('acme: Kaffeehaus Morgenrot GmbH');
    expect(drawn).toContain('globex: Harborline Freight, Inc.');
    expect(drawn.at(-1)).toMatch(/^Added 2 merchants, \d+ customers, \d+ invoices/);
  });

  it('has two merchants in different currencies, time zones and colours', async () => {
    const tenants = await portal.json('tenant', 'list');
    expect(tenants).toMatchObject([
      { username: 'acme', currency: 'eur', time_zone: 'Europe/Berlin' },
      { username: 'globex', currency: 'usd', time_zone: 'America/New_York' },
    ]);
    const accents = ['acme', 'globex'].map((name) => portal.run('settings', 'get', name, 'brand.accent'));
    expect(new Set((await Promise.all(accents)).map(({ stdout }) => stdout)).size).toBe(2);
  });

  it('has invoices in every state that the pages distinguish', async () => {
    for (const status of ['open', 'past_due', 'processing', 'paid']) {
      const found = await portal.json('invoice', 'list', 'acme', '--status', status, '--limit', '1');
      expect.soft(found, status).toHaveLength(1);
    }
    const partly = await portal.json('invoice', 'show', 'acme', 'INV-1004');
    expect(partly).toMatchObject({ status: 'past_due', total: 812.63, balance: 562.63 });
    const longest = await portal.json('invoice', 'show', 'acme', 'INV-1601');
    expect(longest).toHaveProperty('items.length', 40);
  });

  it('has customers in every state that the pages distinguish', async () => {
    const late = { balances: [{ past_due: true, available_credits: expect.toSatisfy((n) => n > 0) }] };
    expect.soft(await customerOf('CUST-00001'), 'late, with credit').toMatchObject(late);
    expect.soft(await invoicesOf('CUST-00002'), 'nothing was ever billed').toEqual([]);
    const nothing = { balances: [{ total_outstanding: 0, available_credits: 0 }] };
    expect.soft(await customerOf('CUST-00003'), 'everything is paid').toMatchObject(nothing);
    expect
      .soft(await invoicesOf('CUST-00003'), 'everything is paid')
      .toContainEqual(expect.objectContaining({ status: 'paid', balance: 0 }));
    const open = { balances: [{ past_due: false, total_outstanding: expect.toSatisfy((n) => n > 0) }] };
    expect.soft(await customerOf('CUST-00004'), 'open, not due yet').toMatchObject(open);
    expect.soft(await customerOf('CUST-00005'), 'all of it on its way').toMatchObject(nothing);
    expect
      .soft(await invoicesOf('CUST-00005'), 'all of it on its way')
      .toContainEqual(expect.objectContaining({ status: 'pending' }));
    const bare = { address1: null, city: null, country: null, email: null };
    expect.soft(await customerOf('CUST-00012'), 'no address, no e-mail').toMatchObject(bare);
  });

  it('has a customer with 130 invoices, one with none, one with two currencies and two that share an address', async () => {
    expect(await invoicesOf('CUST-00011')).toHaveLength(130);
    expect(await invoicesOf('CUST-00002')).toEqual([]);
    const balances = await portal.json('customer', 'show', 'acme', 'CUST-00006');
    expect(balances).toMatchObject({ balances: [{ currency: 'chf' }, { currency: 'eur' }] });
    const customers = await portal.json('customer', 'list', 'acme');
    const emails = Array.isArray(customers)
      ? customers.map((customer: { email: string }) => customer.email)
      : [];
    expect(emails.filter((email) => email === 'fatma@sonnenschein.example')).toHaveLength(2);
  });

  it('has dates relative to today: on whatever day it is seeded, the same is due, late and paid', async () => {
    const [autumn, leapDay] = [
      await seededOn('2026-11-23T10:00:00Z'),
      await seededOn('2028-02-29T10:00:00Z'),
    ];
    expect(autumn.length).toBeGreaterThan(160);
    expect(leapDay).toEqual(autumn);
    expect(autumn.some(({ due }) => due !== null && due > 0)).toBe(true);
    expect(autumn.some(({ due, status }) => due !== null && due < -60 && status === 'past_due')).toBe(true);
  });

  it('leaves books that hold', async () => {
    expect(await portal.json('db', 'check')).toMatchObject({ object: 'database_check', ok: true });
  });
});

describe('shapes', () => {
  it('an invoice is the object that merchants’ programs know: money in major units, dates in Unix seconds', async () => {
    const invoice = await portal.json('invoice', 'show', 'acme', 'INV-1006');
    expect(invoice).toEqual({
      id: expect.any(Number),
      object: 'invoice',
      customer: 1,
      number: 'INV-1006',
      name: null,
      currency: 'eur',
      status: 'past_due',
      draft: false,
      closed: false,
      paid: false,
      autopay: false,
      disabled_methods: [],
      attempt_count: 0,
      next_payment_attempt: null,
      subscription: null,
      date: expect.any(Number),
      due_date: expect.any(Number),
      payment_terms: 'NET 14',
      next_installment: null,
      purchase_order: null,
      notes: null,
      items: [
        expect.objectContaining({ object: 'line_item', quantity: 28, unit_cost: 21.9, amount: 613.2 }),
        expect.objectContaining({ object: 'line_item', quantity: 12, unit_cost: 7.8, amount: 93.6 }),
      ],
      subtotal: 706.8,
      discounts: [],
      taxes: [expect.objectContaining({ object: 'tax', amount: 135.6 })],
      shipping: [expect.objectContaining({ object: 'shipping', amount: 6.9 })],
      charges: [],
      total: 849.3,
      balance: 849.3,
      url: expect.stringMatching(/^http:\/\/acme\.localhost:4321\/invoices\/[0-9A-Za-z]{24}$/),
      pdf_url: expect.stringMatching(/\/pdf$/),
      payment_url: expect.stringContaining('/pay?invoice='),
      metadata: {},
      created_at: expect.any(Number),
      updated_at: expect.any(Number),
    });
  });

  it('a yen has no decimals', async () => {
    const [invoice] = [await portal.json('invoice', 'show', 'globex', 'G-20533')];
    expect(invoice).toMatchObject({ currency: 'jpy', total: 1_494_000 });
  });

  it('a customer is the object that merchants’ programs know, with what is open in each currency', async () => {
    expect(await portal.json('customer', 'show', 'acme', 'CUST-00006')).toMatchObject({
      id: 6,
      object: 'customer',
      number: 'CUST-00006',
      name: expect.any(String),
      type: 'company',
      email: 'comptabilite@grenzland.example',
      attention_to: expect.any(String),
      address1: 'Rue du Rhône 88',
      address2: null,
      city: expect.any(String),
      state: null,
      postal_code: expect.any(String),
      country: expect.stringMatching(/^[A-Z]{2}$/),
      currency: 'chf',
      autopay: false,
      autopay_delay_days: null,
      disabled_methods: [],
      taxable: true,
      parent_customer: null,
      metadata: {},
      created_at: expect.any(Number),
      updated_at: expect.any(Number),
      balances: [
        {
          currency: 'chf',
          total_outstanding: expect.any(Number),
          available_credits: 0,
          past_due: expect.any(Boolean),
        },
        { currency: 'eur' },
      ],
    });
  });

  it.each([
    [['tenant', 'list'], 2],
    [['customer', 'list', 'acme'], 13],
    [['invoice', 'list', 'acme'], 159],
    [['settings', 'list', 'acme'], Object.keys(SETTINGS).length],
  ] as const)(
    'portal %j is a JSON array of everything, unless --limit says otherwise',
    async (args, count) => {
      const all = await portal.json(...args);
      expect(all).toHaveLength(count);
      expect(await portal.json(...args, '--limit', '1')).toEqual((all as unknown[]).slice(0, 1));
    },
  );

  it('a list is everything unless --limit says otherwise, and tables show the same rows', async () => {
    expect(await portal.json('invoice', 'list', 'acme')).toHaveLength(159);
    expect(await portal.json('invoice', 'list', 'acme', '--limit', '3')).toHaveLength(3);
    const table = await portal.run('invoice', 'list', 'acme');
    expect(table.stdout.trimEnd().split('\n')).toHaveLength(160);
    expect(table.stdout).toMatch(/^NUMBER +CUSTOMER +DATE +DUE +STATUS +TOTAL +BALANCE\n/);
  });
});
