import { describe, expect, test } from 'vitest';
import type { Engine } from '#db/migrations/migration.ts';
import { money } from '#src/kernel/money.ts';
import { listPromises } from '#src/payments/outside/promises.ts';
import { recordMoney } from '#src/payments/outside/record.ts';
import { setSetting } from '#src/tenants/settings.ts';
import { createTenant, openMerchant } from '#src/tenants/tenants.ts';
import { workOnce } from '#src/work.ts';
import { upcomingCollections } from '#src/payments/collecting/collections.ts';
import { enrol } from '#src/payments/methods/enrolment.ts';
import { cardSource, ENGINES } from '#test/support/house.ts';
import { savedMethod } from '#test/support/instruments.ts';
import { fingerprintOf } from '#test/support/mirror.ts';
import { withSettings } from '#test/support/money.ts';
import {
  aGuest,
  asViewer,
  changesNothing,
  comesBack,
  fill,
  type Guest,
  guestOf,
  readAfter,
  send,
  TYPED_CARD,
} from '#test/support/pages.ts';
import { openPortal, textOf } from '#test/support/portal.ts';

const OFFLINE = {
  'payments.instructions_wire_transfer':
    'IBAN DE02 1203 0000 0000 2020 51\n[CH]\nIBAN CH93 0076 2011 6238 5295 7',
  'payments.instructions_check': 'Payable to acme Ltd',
};
const BY_TRANSFER = {
  method: 'wire_transfer',
  date: '2026-12-01',
  reference: 'TRF-7',
  notes: 'with the next run',
  action: 'promise',
};

describe.each(ENGINES)('paying outside the portal on %s, without JavaScript', (engine) => {
  test('the way there starts at the invoice and at the pay page; it says how, and both sides see what was promised', async () => {
    const { merchant, visitor, invoices } = await aGuest(engine, [10_000], OFFLINE);
    const { clientId, number } = invoices[0]!;
    const path = `/promise?invoice=${clientId}`;
    for (const page of [`/invoices/${clientId}`, `/pay?invoice=${clientId}`])
      expect((await visitor.get(page)).text).toContain(`href="${path}"`);
    const page = textOf((await visitor.get(path)).text);
    for (const text of ['IBAN DE02 1203', 'Payable to acme Ltd', '€100.00', `Reference to use ${number}`])
      expect(page).toContain(text);
    expect(page).not.toContain('CH93');
    const promised = await readAfter(visitor, await send(visitor, path, '/promise', BY_TRANSFER));
    expect(promised).toContain('Thank you. We have noted it.');
    expect(promised).toContain('To arrive by 1 December 2026');
    expect(textOf((await visitor.get(`/invoices/${clientId}`)).text)).toContain(
      'You told us that you pay by bank transfer',
    );
    expect(textOf((await visitor.get('/invoices')).text)).toContain('Expected 1 Dec 2026');
    expect(await listPromises(merchant, {})).toMatchObject([
      {
        invoice: number,
        method: 'wire_transfer',
        expectedDate: '2026-12-01',
        reference: 'TRF-7',
        notes: 'with the next run',
        madeBy: 'customer',
        state: 'open',
      },
    ]);
  });

  test('where AutoPay would collect it, one of the two is kept: asked first, then said on every page and by the run alike', async () => {
    const { open, merchant, visitor, scope, invoices } = await aGuest(engine, [10_000, 2_000], OFFLINE);
    await enrol(scope, await savedMethod(open, scope, cardSource()));
    const { clientId, number } = invoices[0]!;
    const path = `/promise?invoice=${clientId}`;
    const asked = textOf((await visitor.get(path)).text);
    expect(asked).toContain('I pay this myself: AutoPay leaves it alone');
    expect(asked).toContain(`AutoPay would collect ${number} on 24 November 2026 from Visa ending 4242.`);
    const unsaid = await fill(visitor, path, '/promise', BY_TRANSFER);
    const guest = { open, merchant, scope, invoices, visitor };
    const refused = await changesNothing(guest, 422, () => visitor.post('/promise', unsaid));
    expect(textOf(refused.text)).toContain('Tick this, or leave it to AutoPay');
    const said = await readAfter(visitor, await visitor.post('/promise', [...unsaid, ['instead', 'on']]));
    expect(said).toContain(`Invoice ${number} Amount €100.00 By bank transfer`);
    expect(said).toContain('AutoPay leaves it alone.');
    const invoice = textOf((await visitor.get(`/invoices/${clientId}`)).text);
    expect(invoice).toContain('AutoPay leaves it alone.');
    expect(invoice).not.toMatch(/need not do anything|is collected/);
    const autopay = textOf((await visitor.get('/autopay')).text);
    expect(autopay).toContain('not by AutoPay: it is to be paid outside the portal by 1 December 2026');
    const due = await upcomingCollections(merchant);
    expect(due.map((one) => one.number)).toEqual([invoices[1]!.number]);
    const back = await readAfter(
      visitor,
      await visitor.post('/promise', [
        ['invoice', clientId],
        ['action', 'withdraw'],
      ]),
    );
    expect(back).toContain(`AutoPay collects ${number} on 24 November 2026 from Visa ending 4242.`);
    open.clock.move(2 * 86_400_000);
    await workOnce(open.app);
    expect(open.gateway.book().map(({ minor }) => minor)).toEqual([12_000]);
  });

  test('a live business without a gateway offers its instructions alone: nothing asks for a card, and nothing typed is taken', async () => {
    const { open, merchant, scope, visitor, invoices } = await aLiveGuest(engine, {
      ...OFFLINE,
      'payments.advance': 'on',
    });
    const { clientId } = invoices[0]!;
    const path = `/promise?invoice=${clientId}`;
    const invoice = await visitor.get(`/invoices/${clientId}`);
    expect(invoice.text).toContain(`href="${path}"`);
    expect(textOf(invoice.text)).toContain('Pay by bank transfer or check');
    expect(invoice.text).not.toContain(`href="/pay?invoice=${clientId}"`);
    for (const way of ['/pay', `/pay?invoice=${clientId}`]) {
      const { status, headers } = await visitor.get(way);
      expect([way, status, headers.location]).toEqual([way, 303, path]);
    }
    const pay = await visitor.get(path);
    const account = await visitor.get('/');
    expect(textOf(account.text)).toContain('How to pay');
    for (const page of [invoice, pay, account])
      for (const word of [
        'name="number"',
        'href="/payment_methods"',
        'href="/autopay"',
        'Pay now',
        'href="/pay/advance"',
      ])
        expect(page.text, word).not.toContain(word);
    const form = [
      ['nonce', 'n'.repeat(43)],
      ['currency', 'EUR'],
      ['seen', `${clientId}:10000`],
      ...Object.entries({ with: 'card', ...TYPED_CARD }),
    ];
    const before = await fingerprintOf(open, merchant.tenant.id);
    expect((await visitor.post('/pay', form as Array<[string, string]>)).status).toBeGreaterThanOrEqual(400);
    expect(await fingerprintOf(open, merchant.tenant.id)).toBe(before);
    expect(open.gateway.book()).toEqual([]);
    await readAfter(visitor, await send(visitor, path, '/promise', BY_TRANSFER));
    await recordMoney(merchant, {
      customerId: scope.customerId,
      amount: money(10_000, 'EUR'),
      method: 'wire_transfer',
      methodLabel: 'Bank transfer',
      towards: [],
    });
    expect(await listPromises(merchant, { state: 'kept' })).toHaveLength(1);
    expect(textOf((await visitor.get(`/invoices/${clientId}`)).text)).toContain('Paid');
  });

  test('a live business with neither says whom to ask', async () => {
    const { visitor, invoices } = await aLiveGuest(engine, {});
    const invoice = textOf((await visitor.get(`/invoices/${invoices[0]!.clientId}`)).text);
    expect(invoice).toContain('Ask Initech how to pay.');
    expect(textOf((await visitor.get('/pay')).text)).toContain(
      'Write to us, and we will tell you how to pay.',
    );
  });

  test('it can be changed and taken back, covers several invoices, and is kept when the money arrives', async () => {
    const { merchant, scope, visitor, invoices } = await aGuest(engine, [10_000, 2_000], OFFLINE);
    const path = `/promise?${invoices.map(({ clientId }) => `invoice=${clientId}`).join('&')}`;
    await send(visitor, path, '/promise', BY_TRANSFER);
    await send(visitor, path, '/promise', { ...BY_TRANSFER, date: '2026-12-09', method: 'check' });
    const open = () => listPromises(merchant, { state: 'open' });
    expect((await open()).map(({ expectedDate, method }) => [expectedDate, method])).toEqual([
      ['2026-12-09', 'check'],
      ['2026-12-09', 'check'],
    ]);
    await recordMoney(merchant, {
      customerId: scope.customerId,
      amount: money(2_000, 'EUR'),
      date: '2026-11-23',
      method: 'check',
      methodLabel: 'Check',
      towards: [{ invoiceId: invoices[1]!.id, minor: 2_000 }],
    });
    expect((await listPromises(merchant, { state: 'kept' })).map(({ invoice }) => invoice)).toEqual([
      invoices[1]!.number,
    ]);
    const back = await visitor.post('/promise', { invoice: invoices[0]!.clientId, action: 'withdraw' });
    expect(await readAfter(visitor, back)).toContain('Your promise is taken back');
    expect(await open()).toEqual([]);
  });

  test('what is late and promised is not asked for: My Account asks for the rest alone, and for nothing when all is promised', async () => {
    const guest = await aGuest(engine, [10_000, 2_000], OFFLINE);
    guest.open.clock.move(3 * 86_400_000);
    const visitor = await comesBack(guest);
    const home = async () => textOf((await visitor.get('/')).text);
    expect(await home()).toContain('Pay the 2 invoices that are late €120.00 is past due.');
    const [first, second] = guest.invoices.map(({ clientId }) => `/promise?invoice=${clientId}`);
    await send(visitor, first!, '/promise', BY_TRANSFER);
    expect(await home()).toContain('Pay the invoice that is late €20.00 is past due.');
    await send(visitor, second!, '/promise', BY_TRANSFER);
    expect(await home()).not.toContain('late €');
  });

  test('when its day has passed without the money, My Account says so and leads back, until there is a new day', async () => {
    const guest = await aGuest(engine, [10_000], OFFLINE);
    const { open, visitor, invoices } = guest;
    const path = `/promise?invoice=${invoices[0]!.clientId}`;
    await send(visitor, path, '/promise', BY_TRANSFER);
    const { number } = invoices[0]!;
    const missing = `We have not seen your bank transfer for ${number}`;
    expect(textOf((await visitor.get('/')).text)).not.toContain(missing);
    open.clock.move(10 * 86_400_000);
    await workOnce(open.app);
    const back = await comesBack(guest);
    const account = await back.get('/');
    expect(textOf(account.text)).toContain(missing);
    expect(textOf(account.text)).toContain('You expected it to arrive by 1 December 2026.');
    expect(account.text).toContain(`href="${path}"`);
    await send(back, path, '/promise', { ...BY_TRANSFER, date: '2026-12-20' });
    expect(textOf((await back.get('/')).text)).not.toContain(missing);
  });

  test('a past or far day, a way that is off, a paid or foreign invoice, and a viewer: refused with nothing written', async () => {
    const guest = await aGuest(engine, [10_000], OFFLINE);
    const { merchant, visitor, invoices } = guest;
    const path = `/promise?invoice=${invoices[0]!.clientId}`;
    for (const date of ['2026-11-22', '2028-01-01', 'soon', '']) {
      const form = await fill(visitor, path, '/promise', { ...BY_TRANSFER, date });
      const answer = await changesNothing(guest, 422, () => visitor.post('/promise', form));
      expect(textOf(answer.text)).toMatch(/within a year|Choose a day/);
      expect(answer.text).toContain('TRF-7');
    }
    const form = await fill(visitor, path, '/promise', BY_TRANSFER);
    const foreign = form.map(([name, value]) => [name, name === 'invoice' ? '0'.repeat(24) : value] as const);
    await changesNothing(guest, 404, () => visitor.post('/promise', foreign));
    const viewer = await asViewer(guest);
    await changesNothing(guest, 403, () => viewer.post('/promise', form));
    await setSetting(merchant, 'payments.methods', 'credit_card,check');
    await changesNothing(guest, 422, () => visitor.post('/promise', form));
  });

  test('where nothing can be paid online, the pay page leads there', async () => {
    const { visitor } = await aGuest(engine, [10_000], { ...OFFLINE, 'payments.methods': 'wire_transfer' });
    const page = await visitor.get('/pay');
    expect(textOf(page.text)).toContain('This cannot be paid online');
    expect(textOf(page.text)).toContain('It can be paid outside the portal. Pay by bank transfer INV-0001');
  });
});

/** A customer with an invoice over 100.00 at a live business that has connected no gateway. */
async function aLiveGuest(engine: Engine, settings: Readonly<Record<string, string>>): Promise<Guest> {
  const open = await openPortal(engine);
  const operator = open.app.operator();
  const place = { currency: 'EUR', timeZone: 'Europe/Berlin', country: 'DE' };
  const tenant = await createTenant(operator, {
    username: 'initech',
    name: 'Initech',
    mode: 'live',
    ...place,
  });
  const merchant = await withSettings(open, await openMerchant(operator, tenant), settings);
  return guestOf(open, merchant, [10_000]);
}
