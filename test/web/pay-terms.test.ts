import { describe, expect, test } from 'vitest';
import { createCustomer } from '#src/customers/customers.ts';
import { issueInvoice } from '#src/documents/issue.ts';
import { customerCredit } from '#src/payments/credit/credits.ts';
import { listMethods } from '#src/payments/methods/methods.ts';
import { money } from '#src/kernel/money.ts';
import { recordMoney } from '#src/payments/outside/record.ts';
import { payInvoices } from '#src/payments/taking/pay.ts';
import { customerScope } from '#src/scope.ts';
import { workOnce } from '#src/work.ts';
import { cardSource, ENGINES } from '#test/support/house.ts';
import { savedMethod } from '#test/support/instruments.ts';
import { expectSoundBooks } from '#test/support/money.ts';
import {
  aGuest,
  asViewer,
  changesNothing,
  fill,
  type Guest,
  readAfter,
  send,
  TYPED_CARD,
  TYPED_IBAN,
} from '#test/support/pages.ts';
import { formFields, textOf, Visitor } from '#test/support/portal.ts';

const CARD = { with: 'card', ...TYPED_CARD };
const PARTS = { 'payments.partial': 'on', 'payments.partial_minimum': '20' };

describe.each(ENGINES)('what can be paid, and on what terms, on %s, without JavaScript', (engine) => {
  test('a part of each invoice: the new total is shown and asked again before anything is charged, and the rest stays open', async () => {
    const guest = await aGuest(engine, [10_000, 5_000], PARTS);
    const { open, visitor } = guest;
    const form = withParts(await fill(visitor, '/pay', '/pay', CARD), ['60.00', '20.00']);
    const asked = await changesNothing(guest, 409, () => visitor.post('/pay', form));
    expect(textOf(asked.text)).toContain('€80.00');
    const again = [...form.filter(([name]) => name !== 'charge'), ['charge', 'plain:8000'] as const];
    const receipt = await readAfter(visitor, await visitor.post('/pay', again));
    for (const text of ['€80.00', '€60.00', '€40.00 left', '€20.00', '€30.00 left'])
      expect(receipt).toContain(text);
    expect(open.gateway.book()).toMatchObject([{ minor: 8_000 }]);
    expect(textOf((await visitor.get('/invoices')).text)).toContain('Partly paid');
    await expectSoundBooks(open);
  });

  test('while a debit is on its way to a part of an invoice, the rest is shown and not offered; when it has arrived, the rest is', async () => {
    const guest = await aGuest(engine, [10_000], PARTS);
    const { open, scope, visitor, invoices } = guest;
    const [invoice] = invoices;
    const paidPart = await payInvoices(scope, {
      nonce: 'a part',
      seen: new Map([[invoice!.clientId, 10_000]]),
      parts: new Map([[invoice!.clientId, 4_000]]),
      with: {
        kind: 'bank_account',
        account: { holder: 'P', holderType: 'company', iban: 'DE89370400440532013000' },
      },
    });
    expect(paidPart.state).toBe('processing');
    const page = textOf((await visitor.get(`/invoices/${invoice!.clientId}`)).text);
    expect(page).toContain('A payment of €40.00 is on its way. The remaining €60.00 can be paid when it has');
    const list = (await visitor.get('/invoices')).text;
    expect(textOf(list)).toContain('Part on its way');
    expect(list).not.toContain(`/pay?invoice=${invoice!.clientId}`);
    expect((await visitor.get('/')).text).not.toContain('href="/pay"');
    const refused = await visitor.get(`/pay?invoice=${invoice!.clientId}`);
    expect(refused.status).toBe(409);
    expect(textOf(refused.text)).toContain(`A payment for ${invoice!.number} has started`);
    open.clock.move(7 * 86_400_000);
    await workOnce(open.app);
    const rest = await Visitor.signedIn(open, guest.merchant, scope.customerId);
    await readAfter(rest, await send(rest, '/pay', '/pay', CARD));
    expect(open.gateway.book()).toMatchObject([{ minor: 4_000 }, { minor: 6_000 }]);
    await expectSoundBooks(open);
  });

  test('parts that are too small, too large, negative, too precise, no number, or not allowed are refused beside their field', async () => {
    const guest = await aGuest(engine, [10_000, 5_000], PARTS);
    const { visitor } = guest;
    for (const part of ['19.99', '100.01', '-5', '0', '1e3', '10.005', 'all', '99999999999999999999', '']) {
      const form = withParts(await fill(visitor, '/pay', '/pay', CARD), [part, '50.00']);
      const answer = await guest.visitor.post('/pay', form);
      expect(answer.status, part).toBeGreaterThanOrEqual(400);
      expect(answer.text, part).toContain('aria-invalid="true"');
    }
    await expectNothing(guest);
    const strict = await aGuest(engine, [10_000]);
    const form = [...(await fill(strict.visitor, '/pay', '/pay', CARD)), ['part', '50.00'] as const];
    await changesNothing(strict, 422, () => strict.visitor.post('/pay', form));
  });

  test('tampered amounts, other currencies, invoices of somebody else, twice the same, and a viewer: refused with nothing written', async () => {
    const guest = await aGuest(engine, [10_000]);
    const { merchant, visitor, invoices } = guest;
    const { id } = await createCustomer(merchant, { name: 'Somebody else' });
    const lines = [{ name: 'Paper', unitCost: '5' }];
    const theirs = await issueInvoice(merchant, {
      customerId: id,
      currency: 'EUR',
      date: '2026-11-10',
      lines,
    });
    const own = invoices[0]!.clientId;
    const form = await fill(visitor, '/pay', '/pay', CARD);
    const withSeen = (...seen: string[]) => [
      ...form.filter(([name]) => name !== 'seen'),
      ...seen.map((value) => ['seen', value] as const),
    ];
    for (const [seen, status] of [
      [[`${own}:1`], 409],
      [[`${own}:10001`], 409],
      [[`${own}:-1`], 422],
      [[`${own}:100.5`], 422],
      [[`${own}:99999999999999999999`], 422],
      [[`${theirs.clientId}:500`], 404],
      [[`${own}:10000`, `${theirs.clientId}:500`], 404],
      [['x'], 404],
      [[], 422],
    ] as const) {
      await changesNothing(guest, status, () => visitor.post('/pay', withSeen(...seen)));
    }
    for (const currency of ['USD', 'JPY', 'eur', 'XYZ', '']) {
      const tampered = form.map(([name, value]) => [name, name === 'currency' ? currency : value] as const);
      await changesNothing(guest, 422, () => visitor.post('/pay', tampered));
    }
    const viewer = await asViewer(guest);
    const other = await aGuest(engine, [10_000]);
    await changesNothing(guest, 403, () => viewer.post('/pay', form));
    expect((await viewer.get('/pay')).status).toBe(403);
    expect(other.open.gateway.book()).toEqual([]);
  });

  test('an amount typed into a form whose currency was changed is refused: 12 yen are not 12 euros, and nothing is written', async () => {
    const guest = await aGuest(engine, [10_000], {
      'payments.partial': 'true',
      'payments.advance': 'true',
    });
    const { visitor } = guest;
    for (const [page, amount] of [
      ['/pay', { part: '12' }],
      ['/pay/advance', { amount: '12' }],
    ] as const) {
      const form = await fill(visitor, page, page, {
        ...CARD,
        ...amount,
        currency: 'JPY',
        charge: 'plain:1200',
      });
      await changesNothing(guest, 422, () => visitor.post(page, form));
    }
    expect(guest.open.gateway.book()).toEqual([]);
  });

  test('an invoice that changed while the form was open: what changed is said, and it is asked again', async () => {
    const guest = await aGuest(engine, [10_000]);
    const { scope, visitor, invoices } = guest;
    const form = await fill(visitor, '/pay', '/pay', CARD);
    await scope.db
      .update('invoices')
      .set({ balance_minor: 7_000, version: 9 })
      .where('id', '=', invoices[0]!.id)
      .execute();
    const answer = await changesNothing(guest, 409, () => visitor.post('/pay', form));
    const text = textOf(answer.text);
    expect(text).toContain('€100.00');
    expect(text).toContain('€70.00');
    expect(answer.text).toContain(`${invoices[0]!.clientId}:7000`);
  });

  test('where parts may be paid, an amount that was left as it came stands for what is open now; one that was typed is kept', async () => {
    const guest = await aGuest(engine, [10_000, 4_000], { 'payments.partial': 'true' });
    const { merchant, scope, visitor, invoices, open } = guest;
    const form = await fill(visitor, '/pay', '/pay', CARD);
    const typed = form.map(([name, value]) =>
      name === 'part' && value === '40.00' ? ([name, '15.00'] as const) : ([name, value] as const),
    );
    const { customerId } = scope;
    const towards = [{ invoiceId: invoices[0]!.id }];
    await recordMoney(merchant, {
      customerId,
      amount: money(2_500, 'EUR'),
      method: 'check',
      methodLabel: 'Check',
      towards,
    });
    const answer = await visitor.post('/pay', typed);
    expect(answer.status).toBe(409);
    const parts = formFields(answer.text, '/pay').filter(([name]) => name === 'part');
    expect(parts.map(([, value]) => value).toSorted()).toEqual(['15.00', '75.00']);
    expect(answer.text).toContain('Pay €90.00');
    const again = formFields(answer.text, '/pay').filter(([name]) => !(name in TYPED_CARD));
    const paid = await visitor.post('/pay', [...again, ...Object.entries(TYPED_CARD)]);
    expect(paid.status).toBe(303);
    expect(open.gateway.book()).toMatchObject([{ minor: 9_000, state: 'succeeded' }]);
  });

  test('in advance, with nothing open, money becomes credit; where it is not allowed nothing is taken', async () => {
    const guest = await aGuest(engine, [], { 'payments.advance': 'on' });
    const { open, visitor, scope } = guest;
    expect((await visitor.get('/')).text).toContain('href="/pay/advance"');
    const form = await fill(visitor, '/pay/advance', '/pay/advance', { ...CARD, amount: '25.00' });
    expect(await readAfter(visitor, await visitor.post('/pay/advance', form))).toContain('Your credit');
    expect(await customerCredit(scope)).toMatchObject([{ usable: { minor: 2_500 } }]);
    for (const amount of ['0', '-1', '1.005', 'x', '']) {
      const bad = await fill(visitor, '/pay/advance', '/pay/advance', { ...CARD, amount });
      await changesNothing(guest, 422, () => visitor.post('/pay/advance', bad));
    }
    expect(open.gateway.book()).toHaveLength(1);
    const strict = await aGuest(engine, []);
    await changesNothing(strict, 404, () => strict.visitor.post('/pay/advance', form));
  });

  test('the fee on cards is said before paying, comes on top, stands on the receipt, and an account costs nothing extra', async () => {
    const { open, visitor, invoices, scope } = await aGuest(engine, [10_000, 4_000, 2_000], {
      'payments.fee_percent': '2.5',
    });
    const page = textOf((await visitor.get(`/pay?invoice=${invoices[0]!.clientId}`)).text);
    for (const text of ['Adds a fee of 2.5%', 'Fee of 2.5%', '€2.50', 'Pay €102.50'])
      expect(page).toContain(text);
    const byCard = await send(visitor, `/pay?invoice=${invoices[0]!.clientId}`, '/pay', CARD);
    const receipt = await readAfter(visitor, byCard);
    for (const text of ['€102.50', 'For paying by card', '€2.50', 'Paid in full'])
      expect(receipt).toContain(text);
    await send(visitor, `/pay?invoice=${invoices[1]!.clientId}`, '/pay', TYPED_IBAN);
    expect(textOf((await visitor.get('/')).text)).toMatch(/Visa ending 4242 €102.50/);
    const asked = await send(visitor, `/pay?invoice=${invoices[2]!.clientId}`, '/pay', {
      ...CARD,
      number: '4000 0027 6000 3184',
    });
    expect(textOf((await visitor.follow(asked)).text)).toContain('€20.50');
    expect(open.gateway.book().map(({ minor }) => minor)).toEqual([10_250, 4_000, 2_050]);
    expect(await scope.db.from('invoices').select('balance_minor').orderBy('id').execute()).toEqual([
      { balance_minor: 0 },
      { balance_minor: 0 },
      { balance_minor: 2_000 },
    ]);
    await expectSoundBooks(open);
  });

  test('bounds of a way to pay, and ways that are off for the tenant, the customer or an invoice, hold', async () => {
    const guest = await aGuest(engine, [10_000], {
      'payments.card_maximum': '50',
      'payments.bank_minimum': '200',
    });
    const { scope, visitor } = guest;
    expect(textOf((await visitor.get('/pay')).text)).toContain('Up to €50.00');
    for (const values of [CARD, TYPED_IBAN]) {
      const form = await fill(visitor, '/pay', '/pay', values);
      const answer = await changesNothing(guest, 422, () => visitor.post('/pay', form));
      expect(textOf(answer.text)).toMatch(/€50\.00|€200\.00/);
    }
    const off = await aGuest(engine, [10_000]);
    const form = await fill(off.visitor, '/pay', '/pay', CARD);
    await off.scope.db
      .update('invoices')
      .set({ disabled_methods: 'credit_card' })
      .where('id', '=', off.invoices[0]!.id)
      .execute();
    await changesNothing(off, 422, () => off.visitor.post('/pay', form));
    expect(textOf((await off.visitor.get('/pay')).text)).not.toContain('Card number');
    await scope.db
      .update('customers')
      .set({ disabled_methods: 'credit_card,direct_debit' })
      .where('id', '=', scope.customerId)
      .execute();
    expect(textOf((await visitor.get('/pay')).text)).toContain('This cannot be paid online');
  });

  test('with what is saved; somebody else’s, an expired or a removed one is refused with nothing written', async () => {
    const guest = await aGuest(engine, [10_000, 2_000]);
    const { open, merchant, scope, visitor, invoices } = guest;
    const page = `/pay?invoice=${invoices[0]!.clientId}`;
    await send(visitor, page, '/pay', { ...CARD, save: 'on' });
    const [kept] = await listMethods(scope);
    const next = `/pay?invoice=${invoices[1]!.clientId}`;
    expect(textOf((await visitor.get(next)).text)).toContain('Visa ending 4242');
    const { id } = await createCustomer(merchant, { name: 'Somebody else' });
    const theirs = await savedMethod(open, customerScope(merchant, id), cardSource());
    for (const method of [theirs, 9_999]) {
      const form = await fill(visitor, next, '/pay', { with: `m${method}` });
      await changesNothing(guest, 422, () => visitor.post('/pay', form));
    }
    expect(await readAfter(visitor, await send(visitor, next, '/pay', { with: `m${kept!.id}` }))).toContain(
      'Thank you.',
    );
    expect(open.gateway.book()).toHaveLength(2);
  });
});

test('of more than one payment may cover, those that are due first are paid, and the rest after them', async () => {
  const { open, visitor } = await aGuest('sqlite', [10_000, 5_000, 700], { 'payments.most_invoices': '2' });
  const page = textOf((await visitor.get('/pay')).text);
  expect(page).toContain('The 2 invoices that are due first');
  expect(page).toContain('One payment covers at most 2. One more can be paid after this.');
  await readAfter(visitor, await send(visitor, '/pay', '/pay', CARD));
  expect(textOf((await visitor.get('/pay')).text)).not.toContain('due first');
  await readAfter(visitor, await send(visitor, '/pay', '/pay', CARD));
  expect(open.gateway.book().map(({ minor }) => minor)).toEqual([15_000, 700]);
  await expectSoundBooks(open);
});

test('everything open in one of two currencies is paid at once, each by itself', async () => {
  const { open, merchant, scope, visitor } = await aGuest('sqlite', [10_000]);
  const lines = [{ name: 'Paper', unitCost: '40' }];
  await issueInvoice(merchant, { customerId: scope.customerId, currency: 'USD', date: '2026-11-10', lines });
  expect((await visitor.get('/')).text).toContain('href="/pay?currency=USD"');
  await send(visitor, '/pay?currency=USD', '/pay', CARD);
  expect(open.gateway.book()).toMatchObject([{ minor: 4_000, currency: 'USD' }]);
  const { id } = await createCustomer(merchant, { name: 'Nobody owes' });
  const none = await Visitor.signedIn(open, merchant, id);
  expect((await none.get('/pay')).status).toBeGreaterThanOrEqual(400);
});

function withParts(
  form: ReadonlyArray<readonly [string, string]>,
  parts: readonly string[],
): Array<readonly [string, string]> {
  return [...form.filter(([name]) => name !== 'part'), ...parts.map((part) => ['part', part] as const)];
}

async function expectNothing({ open, scope }: Guest): Promise<void> {
  expect(open.gateway.book()).toEqual([]);
  expect(await scope.db.from('payment_attempts').select('id').execute()).toEqual([]);
}
