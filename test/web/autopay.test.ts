import { describe, expect, test } from 'vitest';
import { billingDetails } from '#src/customers/customers.ts';
import { issueInvoice } from '#src/documents/issue.ts';
import { enrol } from '#src/payments/methods/enrolment.ts';
import { listMethods } from '#src/payments/methods/methods.ts';
import { workOnce } from '#src/work.ts';
import { cardSource, ENGINES } from '#test/support/house.ts';
import { savedMethod } from '#test/support/instruments.ts';
import {
  aGuest,
  asViewer,
  changesNothing,
  comesBack,
  readAfter,
  send,
  TYPED_CARD,
} from '#test/support/pages.ts';
import { formFields, textOf } from '#test/support/portal.ts';

const DAY_MS = 86_400_000;
const ON = { action: 'on' };
const NEW = '/payment_methods/new';

describe.each(ENGINES)('AutoPay on %s, without JavaScript', (engine) => {
  test('the page says when and how much will be collected; turned on with a new card it collects on the day, and Pay Now is gone', async () => {
    const guest = await aGuest(engine, [10_000]);
    const { open, visitor, scope, invoices } = guest;
    const card = { ...ON, with: 'card', ...TYPED_CARD };
    const page = await readAfter(visitor, await send(visitor, '/autopay', '/autopay', card));
    expect(page).toContain('On');
    expect(page).toContain('€100.00');
    expect(page).toContain('on 24 November 2026');
    const home = textOf((await visitor.get('/')).text);
    expect(home).toContain('Next: €100.00 on 24 November 2026');
    expect(home).toContain('Pay now instead');
    const list = await visitor.get('/invoices');
    expect(list.text).not.toContain(`aria-label="Pay ${invoices[0]!.number}"`);
    const invoice = await visitor.get(`/invoices/${invoices[0]!.clientId}`);
    expect(textOf(invoice.text)).toContain('€100.00 is collected on 24 November 2026 from Visa ending 4242');
    expect(textOf(invoice.text)).not.toContain('Pay invoice');
    expect(textOf(invoice.text)).toContain('Pay now instead');
    open.clock.move(DAY_MS);
    await workOnce(open.app);
    expect(open.gateway.book()).toMatchObject([{ minor: 10_000, state: 'succeeded' }]);
    expect((await billingDetails(scope)).autopay).toBe(true);
    expect(textOf((await (await comesBack(guest)).get('/payments')).text)).toContain('R-00001');
  });

  test('before it is turned on, the button and every place that offers it say what is collected at once', async () => {
    const guest = await aGuest(engine, [10_000, 2_000]);
    guest.open.clock.move(3 * DAY_MS);
    const visitor = await comesBack(guest);
    const page = textOf((await visitor.get('/autopay')).text);
    expect(page).toMatch(/Together today from your card €120\.00/);
    expect(page).toContain('Turn on and pay €120.00 now');
    const adding = textOf((await visitor.get('/payment_methods/new')).text);
    expect(adding).toContain('€120.00 that is due already is collected at once.');
    expect(adding).not.toContain('You won’t be charged now.');
    const paying = textOf((await visitor.get(`/pay?invoice=${guest.invoices[0]!.clientId}`)).text);
    expect(paying).toContain('€20.00 that is due already is collected at once.');
  });

  test('it is turned on ten times a day, and off whenever one likes', async () => {
    const { visitor, scope, open } = await aGuest(engine);
    const id = await savedMethod(open, scope, cardSource());
    const statuses: number[] = [];
    for (let i = 0; i < 11; i += 1) {
      statuses.push((await visitor.post('/autopay', { ...ON, with: `m${id}` })).status);
      statuses.push((await visitor.post('/autopay', { action: 'off' })).status);
    }
    expect(statuses).toEqual([...Array(20).fill(303), 429, 303]);
    open.clock.move(DAY_MS);
    expect((await visitor.post('/autopay', { ...ON, with: `m${id}` })).status).toBe(303);
  });

  test('turned off it is off for open invoices too', async () => {
    const { open, visitor, scope } = await aGuest(engine, [10_000]);
    await enrol(scope, await savedMethod(open, scope, cardSource()));
    const off = await readAfter(visitor, await visitor.post('/autopay', { action: 'off' }));
    expect(off).toContain('Off');
    open.clock.move(3 * DAY_MS);
    await workOnce(open.app);
    expect(open.gateway.book()).toEqual([]);
    expect((await billingDetails(scope)).autopay).toBe(false);
  });

  test('a failed try is told of; another card is tried at once, and the result is shown at once', async () => {
    const guest = await aGuest(engine, [10_000]);
    const { open, scope } = guest;
    await enrol(scope, await savedMethod(open, scope, cardSource('4000000000000069')));
    open.clock.move(DAY_MS);
    await workOnce(open.app);
    const visitor = await comesBack(guest);
    const home = textOf((await visitor.get('/')).text);
    expect(home).toContain('We could not collect');
    expect(home).toContain('We try again on 27 November 2026');
    const failing = { ...ON, with: 'card', ...TYPED_CARD, number: '4000 0000 0000 9995' };
    expect(await readAfter(visitor, await send(visitor, '/autopay', '/autopay', failing))).toMatch(
      /could not be (collected|taken)|was not (collected|taken)/i,
    );
    const works = { ...ON, with: 'card', ...TYPED_CARD };
    const done = await readAfter(visitor, await send(visitor, '/autopay', '/autopay', works));
    expect(done).toMatch(/1 (payment|invoice)/);
    expect(open.gateway.book().filter(({ state }) => state === 'succeeded')).toMatchObject([
      { minor: 10_000 },
    ]);
    expect(textOf((await visitor.get('/')).text)).not.toContain('could not collect');
  });

  test('after a failed try a new card is to be the default unless one says no, and it is tried at once', async () => {
    const guest = await aGuest(engine, [10_000]);
    const { open, scope } = guest;
    await enrol(scope, await savedMethod(open, scope, cardSource('4000000000000069')));
    open.clock.move(DAY_MS);
    await workOnce(open.app);
    const visitor = await comesBack(guest);
    const form = formFields((await visitor.get(NEW)).text, NEW);
    expect(form).toContainEqual(['use', 'on']);
    const done = await send(visitor, NEW, NEW, { with: 'card', ...TYPED_CARD });
    expect(await readAfter(visitor, done)).toContain('AutoPay has just collected 1 invoice with it.');
    expect(formFields((await visitor.get(NEW)).text, NEW).map(([name]) => name)).not.toContain('use');
  });

  test('who has left AutoPay is not told of tries any more', async () => {
    const guest = await aGuest(engine, [10_000]);
    const { open, scope, invoices } = guest;
    await enrol(scope, await savedMethod(open, scope, cardSource('4000000000000069')));
    open.clock.move(DAY_MS);
    await workOnce(open.app);
    const visitor = await comesBack(guest);
    await visitor.post('/autopay', { action: 'off' });
    for (const path of ['/', `/invoices/${invoices[0]!.clientId}`]) {
      const page = textOf((await visitor.get(path)).text);
      expect(page).not.toMatch(/try|could not collect/);
    }
    expect(textOf((await visitor.get(`/invoices/${invoices[0]!.clientId}`)).text)).toContain('Pay invoice');
  });

  test('what AutoPay may not take is known before: the invoice, the list and My Account ask to pay it', async () => {
    const guest = await aGuest(engine, [10_000], { 'payments.card_maximum': '50' });
    const { open, visitor, scope, invoices } = guest;
    await enrol(scope, await savedMethod(open, scope, cardSource()));
    const invoice = textOf((await visitor.get(`/invoices/${invoices[0]!.clientId}`)).text);
    expect(invoice).toContain('AutoPay cannot collect this one: this way to pay takes at most €50.00.');
    expect(invoice).toContain('Pay invoice');
    expect(invoice).not.toContain('You need not do anything');
    expect((await visitor.get('/invoices')).text).toContain(`aria-label="Pay ${invoices[0]!.number}"`);
    expect(textOf((await visitor.get('/')).text)).not.toContain('Pay now instead');
  });

  test('an invoice that demands AutoPay is not offered for paying in the list once it will be collected', async () => {
    const { open, merchant, visitor, scope } = await aGuest(engine);
    await savedMethod(open, scope, cardSource());
    const { customerId } = scope;
    const lines = [{ name: 'Paper', unitCost: '5' }];
    const { number } = await issueInvoice(merchant, {
      customerId,
      currency: 'EUR',
      lines,
      autopay: true,
      date: '2026-11-23',
    });
    expect((await visitor.get('/invoices')).text).not.toContain(`aria-label="Pay ${number}"`);
  });

  test('a viewer sees what is open and what was tried, and is offered nothing that only an owner may do', async () => {
    const guest = await aGuest(engine, [10_000]);
    const { open, scope, invoices } = guest;
    await enrol(scope, await savedMethod(open, scope, cardSource('4000000000000069')));
    open.clock.move(DAY_MS);
    await workOnce(open.app);
    const viewer = await asViewer(guest);
    for (const path of ['/', '/invoices', `/invoices/${invoices[0]!.clientId}`]) {
      const { text, status } = await viewer.get(path);
      expect([path, status]).toEqual([path, 200]);
      expect(text, path).not.toMatch(/href="\/(pay|payment_methods)\b/);
      expect(text, path).not.toContain('name="invoice"');
      expect(textOf(text), path).not.toMatch(/Pay now|Pay invoice/);
    }
  });

  test('where the merchant does not offer it, and for a viewer, nothing is enrolled and nothing is written', async () => {
    const guest = await aGuest(engine, [10_000], { 'autopay.enrollment': 'off' });
    const { open, visitor, scope } = guest;
    const id = await savedMethod(open, scope, cardSource());
    await changesNothing(guest, 403, () =>
      visitor.post('/autopay', { ...ON, with: `m${id}`, nonce: 'n'.repeat(24) }),
    );
    expect(textOf((await visitor.get('/')).text)).not.toContain('Turn on');
    const other = await aGuest(engine, [10_000]);
    const own = await savedMethod(other.open, other.scope, cardSource());
    const viewer = await asViewer(other);
    await changesNothing(other, 403, () =>
      viewer.post('/autopay', { ...ON, with: `m${own}`, nonce: 'n'.repeat(24) }),
    );
    await changesNothing(other, 404, () =>
      other.visitor.post('/autopay', { ...ON, with: 'm999', nonce: 'n'.repeat(24) }),
    );
  });
});

test('where an invoice demands it, what it is paid with is kept for it, though nobody is enrolled', async () => {
  const { open, merchant, visitor, scope } = await aGuest('sqlite', [], { 'autopay.enrollment': 'off' });
  const invoice = { customerId: scope.customerId, currency: 'EUR', date: '2026-11-10', autopay: true };
  const { id, clientId } = await issueInvoice(merchant, {
    ...invoice,
    lines: [{ name: 'Care', unitCost: '40' }],
  });
  expect(textOf((await visitor.get(`/invoices/${clientId}`)).text)).toContain(
    'It is to be collected by AutoPay.',
  );
  const page = `/pay?invoice=${clientId}`;
  expect(textOf((await visitor.get(page)).text)).toContain('What you pay with now is kept');
  await send(visitor, page, '/pay', { with: 'card', ...TYPED_CARD });
  expect(await listMethods(scope)).toMatchObject([{ is_default: 1, state: 'usable' }]);
  expect((await billingDetails(scope)).autopay).toBe(false);
  const next = await issueInvoice(merchant, { ...invoice, lines: [{ name: 'Care', unitCost: '30' }] });
  open.clock.move(DAY_MS);
  await workOnce(open.app);
  expect(open.gateway.book().map(({ minor }) => minor)).toEqual([4_000, 3_000]);
  expect(id).not.toBe(next.id);
});

test('enrolling while paying keeps the card and collects what is open from then on', async () => {
  const { open, visitor, scope, invoices } = await aGuest('sqlite', [10_000, 2_000]);
  const page = `/pay?invoice=${invoices[0]!.clientId}`;
  await send(visitor, page, '/pay', { with: 'card', ...TYPED_CARD, autopay: 'on' });
  expect(await listMethods(scope)).toMatchObject([{ is_default: 1, state: 'usable' }]);
  open.clock.move(DAY_MS);
  await workOnce(open.app);
  expect(open.gateway.book().map(({ minor }) => minor)).toEqual([10_000, 2_000]);
});
