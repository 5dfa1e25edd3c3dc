import { describe, expect, test } from 'vitest';
import { findInvoice } from '#src/documents/invoice.ts';
import { money } from '#src/kernel/money.ts';
import {
  listPromises,
  notePromise,
  openPromise,
  type PromiseOrder,
  promiseToPay,
  withdrawPromise,
} from '#src/payments/outside/promises.ts';
import { recordMoney } from '#src/payments/outside/record.ts';
import { voidInvoice } from '#src/documents/voids.ts';
import { workOnce } from '#src/work.ts';
import { customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { expectSoundBooks, refusedWithoutTrace, withSettings } from '#test/support/money.ts';

const DAY_MS = 86_400_000;

describe.each(ENGINES)('a promise to pay on %s', (engine) => {
  test('is seen by both sides with its day, reference and note, and is told of as an event', async () => {
    const { merchant, scope, invoices, promise } = await aDebt(engine);
    await promiseToPay(scope, promise({ reference: 'TRF-7', notes: 'half a day late, sorry' }));
    const expected = {
      method: 'wire_transfer',
      expectedDate: '2026-12-01',
      reference: 'TRF-7',
      notes: 'half a day late, sorry',
      madeBy: 'customer',
      state: 'open',
    };
    expect(await openPromise(scope, invoices[0]!.id)).toMatchObject(expected);
    expect(await listPromises(merchant, {})).toMatchObject([
      { ...expected, invoice: invoices[0]!.number, customerName: 'Müller & Söhne GmbH' },
    ]);
    const events = await scope.db.from('events').select(['type', 'data']).execute();
    const told = events.find(({ type }) => type === 'invoice.payment_expected');
    expect(JSON.parse(told!.data)).toEqual({
      date: '2026-12-01',
      method: 'wire_transfer',
      reference: 'TRF-7',
    });
    expect(await findInvoice(scope, invoices[0]!.clientId)).toMatchObject({ status: 'open' });
  });

  test('of one invoice it changes ten times a day, by whoever; others and the next day are free', async () => {
    const { house, merchant, scope, invoices, promise } = await aDebt(engine);
    for (let i = 0; i < 10; i += 1) await promiseToPay(scope, promise({ reference: `try ${i}` }));
    await promiseToPay(scope, promise({ reference: 'try 9' }));
    await refusedWithoutTrace(house, merchant, 'too_many_requests', () =>
      promiseToPay(scope, promise({ reference: 'one more' })),
    );
    await withdrawPromise(scope, (await openPromise(scope, invoices[0]!.id))!.id);
    await refusedWithoutTrace(house, merchant, 'too_many_requests', () => promiseToPay(scope, promise()));
    const other = await customerWithInvoices(merchant, [7_000]);
    await promiseToPay(other.scope, promise({ invoices: [other.invoices[0]!.clientId] }));
    house.clock.move(DAY_MS);
    await promiseToPay(scope, promise());
    expect(await openPromise(scope, invoices[0]!.id)).toMatchObject({ state: 'open' });
  });

  test('made again it is one, made anew it takes the place of the older, withdrawn it is gone', async () => {
    const { merchant, scope, invoices, promise } = await aDebt(engine);
    await promiseToPay(scope, promise());
    await promiseToPay(scope, promise());
    expect(await listPromises(merchant, {})).toHaveLength(1);
    await promiseToPay(scope, promise({ expectedDate: '2026-12-08' }));
    const states = async () => (await listPromises(merchant, {})).map(({ state }) => state);
    expect(await states()).toEqual(['open', 'withdrawn']);
    const open = (await openPromise(scope, invoices[0]!.id))!;
    await withdrawPromise(scope, open.id);
    await withdrawPromise(scope, open.id);
    expect(await states()).toEqual(['withdrawn', 'withdrawn']);
    expect(await listPromises(merchant, { state: 'open' })).toEqual([]);
  });

  test('is kept when the invoice is paid, and not by a part of it', async () => {
    const { merchant, scope, promise, record, house } = await aDebt(engine);
    await promiseToPay(scope, promise());
    await record(1_000);
    expect(await listPromises(merchant, {})).toMatchObject([{ state: 'open' }]);
    await record(4_000);
    house.clock.move(60 * DAY_MS);
    await workOnce(house.app);
    expect(await listPromises(merchant, {})).toMatchObject([{ state: 'kept' }]);
    await expectSoundBooks(house);
  });

  test('is broken once its day is over where the merchant is, and not a moment earlier', async () => {
    const { merchant, scope, promise, house } = await aDebt(engine);
    await promiseToPay(scope, promise());
    // The house stands at 11:00 on 23 November in Berlin: the first of December is over 8 days and 13 hours later.
    house.clock.move(8 * DAY_MS + 13 * 3_600_000 - 1);
    await workOnce(house.app);
    expect(await listPromises(merchant, {})).toMatchObject([{ state: 'open' }]);
    house.clock.move(1);
    await workOnce(house.app);
    expect(await listPromises(merchant, {})).toMatchObject([{ state: 'broken' }]);
  });

  test('ends with the invoice it was for', async () => {
    const { merchant, scope, promise, invoices } = await aDebt(engine);
    await promiseToPay(scope, promise());
    await voidInvoice(merchant, invoices[0]!.id);
    expect(await listPromises(merchant, {})).toMatchObject([{ state: 'withdrawn' }]);
  });

  test('the merchant may note one too', async () => {
    const { merchant, scope, promise, invoices } = await aDebt(engine);
    await notePromise(merchant, scope.customerId, promise({ method: 'check' }));
    expect(await openPromise(scope, invoices[0]!.id)).toMatchObject({ madeBy: 'merchant', method: 'check' });
  });

  test('for another’s invoice, a paid one, a past or far day, or a way to pay that is off, is refused with nothing written', async () => {
    const { house, merchant, scope, promise, record, invoices } = await aDebt(engine);
    const other = await customerWithInvoices(merchant, [900], 'Somebody else');
    const theirs = { invoices: [other.invoices[0]!.clientId] };
    const refused = (code: Parameters<typeof refusedWithoutTrace>[2], order: PromiseOrder) =>
      refusedWithoutTrace(house, merchant, code, () => promiseToPay(scope, order));
    await refused('not_found', promise(theirs));
    await refused('method_not_offered', promise({ method: 'check' }));
    for (const expectedDate of ['2026-11-22', '2027-11-24'])
      await refused('bad_promise_date', promise({ expectedDate }));
    for (const expectedDate of ['', '2026-02-30', 'tomorrow'])
      await refused('bad_date', promise({ expectedDate }));
    await refusedWithoutTrace(house, merchant, 'not_found', () => withdrawPromise(scope, 999));
    await promiseToPay(other.scope, promise(theirs));
    const { id } = (await openPromise(other.scope, other.invoices[0]!.id))!;
    await refusedWithoutTrace(house, merchant, 'not_found', () => withdrawPromise(scope, id));
    await scope.db.update('invoices').set({ disabled_methods: 'wire_transfer' }).execute();
    await refused('method_not_offered', promise());
    await scope.db.update('invoices').set({ disabled_methods: null }).execute();
    await record(5_000);
    await refused('invoice_not_payable', promise({ invoices: [invoices[0]!.clientId] }));
  });
});

async function aDebt(engine: (typeof ENGINES)[number]) {
  const house = await openHouse(engine);
  const merchant = await withSettings(house, await house.tenant(), {
    'payments.instructions_wire_transfer': 'IBAN DE02 1203 0000 0000 2020 51',
  });
  const { scope, invoices } = await customerWithInvoices(merchant, [5_000]);
  const promise = (more: Partial<PromiseOrder> = {}): PromiseOrder => ({
    invoices: [invoices[0]!.clientId],
    method: 'wire_transfer',
    expectedDate: '2026-12-01',
    ...more,
  });
  const record = (minor: number) =>
    recordMoney(merchant, {
      customerId: scope.customerId,
      amount: money(minor, 'EUR'),
      date: '2026-11-23',
      method: 'wire_transfer',
      methodLabel: 'Bank transfer',
      towards: [],
    });
  return { house, merchant, scope, invoices, promise, record };
}
