import { describe, expect, test } from 'vitest';
import { billingDetails } from '#src/customers/customers.ts';
import { issueInvoice } from '#src/documents/issue.ts';
import { enrol } from '#src/payments/methods/enrolment.ts';
import { workOnce } from '#src/work.ts';
import { cardSource, ENGINES } from '#test/support/house.ts';
import { savedMethod } from '#test/support/instruments.ts';
import {
  aGuest,
  changesNothing,
  comesBack,
  fill,
  readAfter,
  send,
  TYPED_CARD,
  TYPED_IBAN,
} from '#test/support/pages.ts';
import { formFields, textOf } from '#test/support/portal.ts';

const DAY_MS = 86_400_000;
const CARD = { action: 'on', with: 'card', ...TYPED_CARD };
const BANK = { action: 'on', ...TYPED_IBAN };
const FEE = { 'payments.fee_percent': '2.9' };

describe.each(ENGINES)('what AutoPay says it takes, and takes, on %s', (engine) => {
  test('the button and the list name what is charged, by what is chosen: with the fee for a card, without for an account', async () => {
    const guest = await aGuest(engine, [10_000, 20_000], FEE);
    guest.open.clock.move(3 * DAY_MS);
    const visitor = await comesBack(guest);
    const html = (await visitor.get('/autopay')).text;
    expect(shownFor(html, 'at_once')).toMatch(/Turn on and pay €308\.70 now/);
    expect(shownFor(html, 'at_once')).toMatch(
      /Together today from your card, a fee of €8\.70 included €308\.70/,
    );
    expect(shownFor(html, 'later')).toMatch(/Turn on and pay €300\.00 now/);
    expect(shownFor(html, 'later')).toMatch(/Together today from your bank account €300\.00/);
    expect(shownFor(html, 'later')).not.toMatch(/fee of €|308/);
    const done = await readAfter(visitor, await send(visitor, '/autopay', '/autopay', CARD));
    expect(guest.open.gateway.book()).toMatchObject([{ minor: 30_870, state: 'succeeded' }]);
    expect(done).toContain('AutoPay is on');
    expect(done).toContain('Collected from Visa ending 4242');
    expect(done).toContain('€308.70 has been collected for 2 invoices.');
  });

  test('an account is charged without the fee, as its button says', async () => {
    const guest = await aGuest(engine, [10_000, 20_000], FEE);
    guest.open.clock.move(3 * DAY_MS);
    const visitor = await comesBack(guest);
    const done = await readAfter(visitor, await send(visitor, '/autopay', '/autopay', BANK));
    expect(guest.open.gateway.book().map(({ minor }) => minor)).toEqual([30_000]);
    expect(done).toMatch(/€300\.00 has been collected for 2 invoices\./);
  });

  test('a charge that differs from what was shown is refused, asked again, and nothing is written', async () => {
    const guest = await aGuest(engine, [10_000], FEE);
    const { open, merchant, scope } = guest;
    open.clock.move(3 * DAY_MS);
    const visitor = await comesBack(guest);
    const form = await fill(visitor, '/autopay', '/autopay', CARD);
    const lines = [{ name: 'Ink', unitCost: '5' }];
    await issueInvoice(merchant, {
      customerId: scope.customerId,
      currency: 'EUR',
      date: '2026-11-20',
      lines,
    });
    open.clock.move(2 * 3_600_000);
    const again = await comesBack(guest);
    const answer = await changesNothing(guest, 409, () => again.post('/autopay', form));
    expect(textOf(answer.text)).toContain(
      'This payment comes to €108.05, with a fee of €3.05 included. Nothing has been charged yet.',
    );
    expect((await billingDetails(scope)).autopay).toBe(false);
    const second = formFields(answer.text, '/autopay').filter(
      ([name]) => name === 'at_once' || name === 'nonce',
    );
    await again.post('/autopay', [...second, ...Object.entries(CARD)]);
    expect(open.gateway.book().map(({ minor }) => minor)).toEqual([10_805]);
  });

  test('what the method may not take is in neither button nor sum, and the list says so', async () => {
    const guest = await aGuest(engine, [10_000, 70_000], { 'payments.card_maximum': '500' });
    guest.open.clock.move(3 * DAY_MS);
    const visitor = await comesBack(guest);
    const html = (await visitor.get('/autopay')).text;
    expect(shownFor(html, 'at_once')).toContain('Turn on and pay €100.00 now');
    expect(shownFor(html, 'at_once')).toContain('not by AutoPay: This way to pay takes at most €500.00.');
    expect(shownFor(html, 'later')).toContain('Turn on and pay €800.00 now');
    await send(visitor, '/autopay', '/autopay', CARD);
    expect(guest.open.gateway.book().map(({ minor }) => minor)).toEqual([10_000]);
  });

  test('while paying one, the tick says what is taken of the others with the way that is chosen, and it is that', async () => {
    const guest = await aGuest(engine, [10_000, 2_000], FEE);
    const { open, invoices } = guest;
    open.clock.move(3 * DAY_MS);
    const visitor = await comesBack(guest);
    const page = `/pay?invoice=${invoices[0]!.clientId}`;
    const html = (await visitor.get(page)).text;
    expect(shownFor(html, 'at_once')).toContain('€20.58 that is due already is collected at once.');
    expect(shownFor(html, 'later')).toContain('€20.00 that is due already is collected at once.');
    const wrong = (await fill(visitor, page, '/pay', { with: 'card', ...TYPED_CARD, autopay: 'on' })).map(
      ([name, value]) =>
        [name, name === 'at_once' ? value.replace(/2058|2000/, '1999') : value] as [string, string],
    );
    await changesNothing(guest, 409, () => visitor.post('/pay', wrong));
    await send(visitor, page, '/pay', { with: 'card', ...TYPED_CARD, autopay: 'on' });
    await workOnce(open.app);
    expect(open.gateway.book().map(({ minor }) => minor)).toEqual([10_290, 2_058]);
  });

  test('another method after a failed try: the button says what is tried at once, and the confirmation what became of it', async () => {
    const guest = await aGuest(engine, [10_000], FEE);
    const { open, scope } = guest;
    await enrol(scope, await savedMethod(open, scope, cardSource('4000000000000069')));
    open.clock.move(DAY_MS);
    await workOnce(open.app);
    const visitor = await comesBack(guest);
    const html = (await visitor.get('/autopay')).text;
    expect(shownFor(html, 'at_once')).toContain('Collect from this one and pay €102.90 now');
    expect(shownFor(html, 'later')).toContain('Collect from this one and pay €100.00 now');
    const failed = await readAfter(
      visitor,
      await send(visitor, '/autopay', '/autopay', { ...CARD, number: '4000 0000 0000 9995' }),
    );
    expect(failed).toContain('€102.90 for 1 invoice could not be collected');
    const done = await readAfter(visitor, await send(visitor, '/autopay', '/autopay', CARD));
    expect(done).toContain('€102.90 has been collected for 1 invoice.');
  });

  test('another default after a failed try: the list says what is charged to each, and another sum is refused', async () => {
    const guest = await aGuest(engine, [10_000], FEE);
    const { open, scope } = guest;
    await enrol(scope, await savedMethod(open, scope, cardSource('4000000000000069')));
    const good = await savedMethod(open, scope, cardSource());
    open.clock.move(DAY_MS);
    await workOnce(open.app);
    const visitor = await comesBack(guest);
    const list = '/payment_methods';
    const page = await visitor.get(list);
    expect(textOf(page.text)).toContain('As your default it is charged €102.90 at once.');
    await changesNothing(guest, 409, () =>
      visitor.post(list, { default: String(good), at_once: 'EUR=10000' }),
    );
    const done = await readAfter(visitor, await send(visitor, list, list, { default: String(good) }));
    expect(done).toContain('AutoPay has just collected 1 invoice with it.');
    expect(open.gateway.book().map(({ minor }) => minor)).toEqual([10_290, 10_290]);
  });

  test('a card whose bank asks first ends at the same confirmation as one that is kept at once', async () => {
    const guest = await aGuest(engine, [10_000]);
    guest.open.clock.move(3 * DAY_MS);
    const visitor = await comesBack(guest);
    const asks = { ...CARD, number: '4000 0027 6000 3184' };
    const setup = String((await send(visitor, '/autopay', '/autopay', asks)).headers.location);
    expect(setup).toContain('/payment_methods/setups/');
    const done = await readAfter(visitor, await send(visitor, setup, setup, { answer: 'approve' }));
    expect(done).toContain('AutoPay is on');
    expect(done).toContain('€100.00 has been collected for 1 invoice. Collected from Visa ending 3184');
    const other = await aGuest(engine, [2_000]);
    const page = '/payment_methods/new';
    const added = await readAfter(
      other.visitor,
      await send(other.visitor, page, page, { with: 'card', ...TYPED_CARD, autopay: 'on' }),
    );
    expect(added).toContain('Collected from Visa ending 4242 Next €20.00 on 24 November 2026, for INV-0001');
  });

  test('the confirmation says what comes next; turned off it says what is left to pay', async () => {
    const guest = await aGuest(engine, [10_000]);
    const { visitor } = guest;
    const on = await readAfter(visitor, await send(visitor, '/autopay', '/autopay', CARD));
    expect(on).toContain('AutoPay is on');
    expect(on).toMatch(
      /AutoPay is on Collected from Visa ending 4242 Next €100\.00 on 24 November 2026, for INV-0001/,
    );
    const off = await readAfter(visitor, await visitor.post('/autopay', { action: 'off' }));
    expect(off).toContain('AutoPay is off');
    expect(off).toContain('Nothing is collected any more. 1 open invoice is yours to pay.');
  });

  test('an invoice that is collected together with others says so, with what is charged in all', async () => {
    const guest = await aGuest(engine, [10_000, 20_000], FEE);
    const { open, visitor, scope, invoices } = guest;
    await enrol(scope, await savedMethod(open, scope, cardSource()));
    expect(textOf((await visitor.get(`/invoices/${invoices[0]!.clientId}`)).text)).toContain(
      '€100.00 is collected on 24 November 2026 from Visa ending 4242, together with 1 more: €308.70 in all (a fee of €8.70 included).',
    );
    expect(textOf((await visitor.get('/')).text)).toContain(
      'Next: €308.70 on 24 November 2026, for INV-0001 and 1 more.',
    );
  });
});

/** What somebody reads who has chosen a card (`at_once`) or a bank account (`later`): what belongs to the other is not shown. */
function shownFor(html: string, arrives: 'at_once' | 'later'): string {
  const other = arrives === 'later' ? 'at_once' : 'later';
  let shown = html;
  for (
    let start = shown.indexOf(`data-when="${other}"`);
    start >= 0;
    start = shown.indexOf(`data-when="${other}"`)
  ) {
    const open = shown.lastIndexOf('<', start);
    const tag = /^<(\w+)/.exec(shown.slice(open))![1]!;
    const every = new RegExp(`<(/?)${tag}\\b`, 'g');
    every.lastIndex = open;
    let depth = 0;
    let end = open;
    for (let found = every.exec(shown); found; found = every.exec(shown)) {
      depth += found[1] ? -1 : 1;
      end = every.lastIndex;
      if (depth === 0) break;
    }
    shown = shown.slice(0, open) + shown.slice(end);
  }
  return textOf(shown);
}
