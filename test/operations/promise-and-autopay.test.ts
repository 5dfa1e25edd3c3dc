import { describe, expect, test } from 'vitest';
import { collectDue } from '#src/payments/collecting/autopay.ts';
import { upcomingCollections } from '#src/payments/collecting/collections.ts';
import { enrol, leaveAutopay } from '#src/payments/methods/enrolment.ts';
import {
  notePromise,
  openPromise,
  promiseToPay,
  unkeptPromise,
  withdrawPromise,
} from '#src/payments/outside/promises.ts';
import { recordPayment } from '#src/payments/outside/record.ts';
import { attachPlan, cancelPlan } from '#src/payments/plans/plans.ts';
import type { MerchantScope } from '#src/scope.ts';
import { workOnce } from '#src/work.ts';
import { cardSource, customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { savedMethod } from '#test/support/instruments.ts';
import { expectSoundBooks, refusedWithoutTrace, withSettings } from '#test/support/money.ts';

const DAY_MS = 86_400_000;
const TRANSFER = { method: 'wire_transfer', expectedDate: '2026-11-30' } as const;

// The clock stands at 11:00 in Berlin on 23 November 2026; invoices are due on the day after.
describe.each(ENGINES)('a promise and AutoPay on one invoice, on %s', (engine) => {
  test('are not kept both: the customer is asked first, and nothing is written before they say so', async () => {
    const { house, scope, invoices } = await enrolled(engine);
    const order = { ...TRANSFER, invoices: [invoices[0]!.clientId] };
    await refusedWithoutTrace(house, scope, 'autopay_collects', () => promiseToPay(scope, order));
    await promiseToPay(scope, { ...order, insteadOfAutopay: true });
    // Told another day, they are not asked again.
    await promiseToPay(scope, { ...order, expectedDate: '2026-12-01' });
  });

  test('promised, it is not collected: not before the day, not when the day has passed without the money', async () => {
    const { house, merchant, scope, invoices } = await enrolled(engine);
    const [first, second] = invoices;
    await promiseToPay(scope, { ...TRANSFER, invoices: [first!.clientId], insteadOfAutopay: true });
    expect((await upcomingCollections(scope)).map(({ number }) => number)).toEqual([second!.number]);
    expect((await upcomingCollections(merchant)).map(({ number }) => number)).toEqual([second!.number]);
    for (const days of [2, 4, 2, 30]) {
      house.clock.move(days * DAY_MS);
      await workOnce(house.app);
    }
    expect(house.gateway.book().map(({ minor }) => minor)).toEqual([20_000]);
    expect(await openPromise(scope, first!.id)).toBeUndefined();
    await expectSoundBooks(house);
  });

  test.each(['open', 'broken'])('taken back while it is %s, AutoPay collects it again', async (state) => {
    const { house, merchant, scope, invoices } = await enrolled(engine);
    const [first] = invoices;
    await promiseToPay(scope, { ...TRANSFER, invoices: [first!.clientId], insteadOfAutopay: true });
    const { id } = (await openPromise(scope, first!.id))!;
    house.clock.move((state === 'open' ? 3 : 10) * DAY_MS);
    await workOnce(house.app);
    await withdrawPromise(scope, id);
    await withdrawPromise(scope, id);
    expect(await numbers(merchant)).toEqual([first!.number]);
    await expectSoundBooks(house);
  });

  test('made before AutoPay was turned on, it is kept: the transfer pays, and AutoPay never does', async () => {
    const { house, merchant, scope, invoices } = await enrolled(engine, false);
    const [first, second] = invoices;
    await promiseToPay(scope, { ...TRANSFER, invoices: [first!.clientId] });
    const upcoming = await upcomingCollections(scope, { asIfEnrolled: true });
    expect(upcoming.map(({ number }) => number)).toEqual([second!.number]);
    await enrol(scope, await savedMethod(house, scope, cardSource()));
    house.clock.move(10 * DAY_MS);
    await workOnce(house.app);
    expect(house.gateway.book().map(({ minor }) => minor)).toEqual([20_000]);
    await recordPayment(merchant, {
      customerId: scope.customerId,
      currency: 'EUR',
      date: '2026-12-01',
      method: 'wire_transfer',
      methodLabel: 'Transfer',
      applied: [{ invoiceId: first!.id, minor: 10_000 }],
    });
    expect(await numbers(merchant)).toEqual([]);
    await expectSoundBooks(house);
  });

  test('of an instalment, it stops that instalment alone: once the money has come, AutoPay collects the rest of the plan', async () => {
    const { house, merchant, scope, invoices } = await enrolled(engine);
    const [first, second] = invoices;
    await attachPlan(merchant, first!.id, [
      { date: '2026-11-30', minor: 4_000 },
      { date: '2026-12-30', minor: 6_000 },
    ]);
    const upcoming = async () => (await upcomingCollections(scope)).map(({ number }) => number);
    expect(await upcoming()).toEqual([second!.number, first!.number, first!.number]);
    await promiseToPay(scope, { ...TRANSFER, invoices: [first!.clientId], insteadOfAutopay: true });
    expect(await upcoming()).toEqual([second!.number]);
    const received = {
      customerId: scope.customerId,
      currency: 'EUR',
      date: '2026-11-30',
      method: 'wire_transfer',
      methodLabel: 'Transfer',
    } as const;
    await recordPayment(merchant, { ...received, applied: [{ invoiceId: first!.id, minor: 3_999 }] });
    expect(await openPromise(scope, first!.id)).toBeDefined();
    expect(await upcoming()).toEqual([second!.number]);
    await recordPayment(merchant, { ...received, applied: [{ invoiceId: first!.id, minor: 1 }] });
    expect(await openPromise(scope, first!.id)).toBeUndefined();
    expect(await upcoming()).toEqual([second!.number, first!.number]);
    expect(await upcomingCollections(scope)).toMatchObject([
      {},
      { date: '2026-12-30', amount: { minor: 6_000 } },
    ]);
    await expectSoundBooks(house);
  });

  test('of an instalment that did not come, AutoPay leaves the plan alone, until the money comes or it is taken back', async () => {
    for (const ends of ['arrives', 'taken back']) {
      const { house, merchant, scope, invoices } = await enrolled(engine);
      const [first] = invoices;
      await attachPlan(merchant, first!.id, [
        { date: '2026-11-30', minor: 4_000 },
        { date: '2026-12-30', minor: 6_000 },
      ]);
      await promiseToPay(scope, { ...TRANSFER, invoices: [first!.clientId], insteadOfAutopay: true });
      const { id } = (await openPromise(scope, first!.id))!;
      house.clock.move(10 * DAY_MS);
      await workOnce(house.app);
      expect(await openPromise(scope, first!.id)).toBeUndefined();
      expect(await upcomingCollections(scope)).toEqual([]);
      expect(house.gateway.book().map(({ minor }) => minor)).toEqual([20_000]);
      if (ends === 'taken back') await withdrawPromise(scope, id);
      else
        await recordPayment(merchant, {
          customerId: scope.customerId,
          currency: 'EUR',
          date: '2026-12-03',
          method: 'wire_transfer',
          methodLabel: 'Transfer',
          applied: [{ invoiceId: first!.id, minor: 4_000 }],
        });
      const left = ends === 'arrives' ? [6_000] : [4_000, 6_000];
      expect((await upcomingCollections(scope)).map(({ amount }) => amount.minor)).toEqual(left);
      expect(await unkeptPromise(scope, first!.id)).toBeUndefined();
      await expectSoundBooks(house);
    }
  });

  test('noted by the merchant stops AutoPay as well; whoever enrols anew later leaves nothing to a promise that is over', async () => {
    const { house, merchant, scope, invoices, methodId } = await enrolled(engine);
    const [first] = invoices;
    await notePromise(merchant, scope.customerId, { ...TRANSFER, invoices: [first!.clientId] });
    house.clock.move(10 * DAY_MS);
    await workOnce(house.app);
    expect(house.gateway.book().map(({ minor }) => minor)).toEqual([20_000]);
    await leaveAutopay(scope, { plans: 'stop' });
    await enrol(scope, methodId);
    expect(await numbers(merchant)).toEqual([first!.number]);
  });

  test('taken back, a promise does not give an invoice to AutoPay whose plan the merchant took back', async () => {
    const { house, merchant, scope, invoices } = await enrolled(engine);
    const [first] = invoices;
    await attachPlan(merchant, first!.id, [{ date: '2026-12-01', minor: 10_000 }]);
    await cancelPlan(merchant, first!.id);
    await promiseToPay(scope, { ...TRANSFER, invoices: [first!.clientId] });
    await withdrawPromise(scope, (await openPromise(scope, first!.id))!.id);
    house.clock.move(3 * DAY_MS);
    expect(await numbers(merchant)).toEqual([invoices[1]!.number]);
  });
});

async function enrolled(engine: (typeof ENGINES)[number], isOn = true) {
  const house = await openHouse(engine);
  const merchant = await withSettings(house, await house.tenant(), {
    'payments.instructions_wire_transfer': 'IBAN DE02 1203 0000 0000 2020 51',
  });
  const { scope, invoices } = await customerWithInvoices(merchant, [10_000, 20_000]);
  const methodId = isOn ? await savedMethod(house, scope, cardSource()) : 0;
  if (isOn) await enrol(scope, methodId);
  return { house, merchant, scope, invoices, methodId };
}

async function numbers(merchant: MerchantScope): Promise<string[]> {
  return (await collectDue(merchant)).map(({ collection }) => collection.number);
}
