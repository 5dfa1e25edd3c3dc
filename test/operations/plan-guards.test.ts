import { describe, expect, test } from 'vitest';
import { tenantsWithCollections } from '#db/due.ts';
import type { Engine } from '#db/migrations/migration.ts';
import { money } from '#src/kernel/money.ts';
import { collectDue } from '#src/payments/collecting/autopay.ts';
import { returnedDebits } from '#src/payments/attempts/returned.ts';
import { enrol } from '#src/payments/methods/enrolment.ts';
import { removalEffect, removeMethod } from '#src/payments/methods/method-removal.ts';
import { voidInvoice } from '#src/documents/voids.ts';
import { recordMoney } from '#src/payments/outside/record.ts';
import { MOST_INSTALLMENTS, scheduleOf } from '#src/payments/plans/plan-schedule.ts';
import { findPlan, waitingPlans } from '#src/payments/plans/plan.ts';
import { approvePlan, attachPlan, cancelPlan } from '#src/payments/plans/plans.ts';
import { payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import { cardSource, customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { savedMethod } from '#test/support/instruments.ts';
import { expectSoundBooks, refusedWithoutTrace, withSettings } from '#test/support/money.ts';
import { reconcile } from '#test/support/work.ts';

const DAY = 86_400_000;
const EVIDENCE = { ip: '203.0.113.7', userAgent: 'Firefox' };
/** A debit in euros that comes back after some days. */
const RETURNED = {
  holder: 'Petra Müller',
  holderType: 'individual',
  iban: 'DE62370400440532013001',
} as const;

// The clock stands at 11:00 in Berlin on 23 November 2026.
describe.each(ENGINES)('guards of payment plans on %s', (engine) => {
  test('nothing waits to be collected of a plan that nobody has agreed to, or that is paid by hand', async () => {
    const { house, merchant, scope, waits, approve } = await aPlan(engine);
    await savedMethod(house, scope, cardSource());
    house.clock.move(3 * DAY);
    expect(await waits(), 'nobody has agreed').toBe(false);
    await approve();
    expect(await waits(), 'paid by hand').toBe(false);
    expect(await collectDue(merchant)).toEqual([]);
  });

  test('nothing waits to be collected of a plan that was taken back, where AutoPay is on', async () => {
    const { house, merchant, scope, invoice, waits, approve } = await aPlan(engine);
    const methodId = await savedMethod(house, scope, cardSource());
    await enrol(scope, methodId);
    house.clock.move(3 * DAY);
    expect(await waits(), 'nobody has agreed yet').toBe(false);
    await approve(methodId);
    expect(await waits(), 'agreed').toBe(true);
    await cancelPlan(merchant, invoice.id);
    expect(await waits(), 'taken back').toBe(false);
    expect(await collectDue(merchant)).toEqual([]);
    await expectSoundBooks(house);
  });

  test('a plan that waits for its approval ends with its invoice: nobody is asked to agree to it', async () => {
    const { house, merchant, scope, invoice, hash } = await aPlan(engine);
    await voidInvoice(merchant, invoice.id);
    expect((await findPlan(scope, invoice.id))?.state).toBe('canceled');
    expect(await waitingPlans(scope)).toEqual([]);
    const approval = { invoiceId: invoice.id, hash, ...EVIDENCE };
    await refusedWithoutTrace(house, merchant, 'plan_not_possible', () => approvePlan(scope, approval));
    await expectSoundBooks(house);
  });

  test('a plan alone goes on with the method that takes the place of a removed one, and by hand where there is none', async () => {
    const { house, merchant, scope, invoice, approve } = await aPlan(engine);
    const first = await savedMethod(house, scope, cardSource());
    const second = await savedMethod(house, scope, cardSource('5454545454545454'));
    await approve(first);
    const effect = await removalEffect(scope, first);
    expect(effect).toMatchObject({ successor: { id: second }, collects: false, plans: [invoice.number] });
    await removeMethod(scope, first, second);
    house.clock.move(3 * DAY);
    expect(await collectDue(merchant)).toMatchObject([{ collection: { methodId: second } }]);
    expect(await removalEffect(scope, second)).toMatchObject({
      successor: undefined,
      plans: [invoice.number],
    });
    await removeMethod(scope, second);
    house.clock.move(30 * DAY);
    expect(await collectDue(merchant)).toEqual([]);
    expect(await findPlan(scope, invoice.id)).toMatchObject({ state: 'active' });
    await expectSoundBooks(house);
  });

  test('a plan that is paid by hand needs no method, whatever is removed', async () => {
    const { house, scope, approve } = await aPlan(engine);
    const methodId = await savedMethod(house, scope, cardSource());
    await approve();
    expect(await removalEffect(scope, methodId)).toMatchObject({ collects: false, plans: [] });
  });

  test('enrolling twice is enrolling once: what is paid by hand stays so, and it is told once', async () => {
    const { house, merchant, scope, invoice } = await aPlan(engine);
    const methodId = await savedMethod(house, scope, cardSource());
    await enrol(scope, methodId);
    await cancelPlan(merchant, invoice.id);
    await enrol(scope, methodId);
    const told = await scope.db
      .from('events')
      .select('type')
      .where('type', '=', 'customer.autopay_enrolled')
      .execute();
    expect(told).toHaveLength(1);
    const { by_hand } = await scope.db.from('invoices').select('by_hand').executeTakeFirstOrThrow();
    expect(by_hand).toBe(1);
    house.clock.move(30 * DAY);
    expect(await collectDue(merchant)).toEqual([]);
  });

  test('a debit came back only as long as its invoice is open', async () => {
    const { house, merchant, scope, invoices } = await aDebt(engine, [10_000]);
    const { nonce } = await preparePayment(scope, [invoices[0]!.clientId]);
    const source = { kind: 'bank_account', account: RETURNED } as const;
    const seen = new Map([[invoices[0]!.clientId, 10_000]]);
    expect((await payInvoices(scope, { nonce, seen, with: source })).state).toBe('processing');
    for (let i = 0; i < 10; i++) {
      house.clock.move(DAY);
      await reconcile(merchant);
    }
    expect(await returnedDebits(scope)).toMatchObject([
      { number: invoices[0]!.number, amount: { minor: 10_000 } },
    ]);
    await recordMoney(merchant, {
      customerId: scope.customerId,
      amount: money(10_000, 'EUR'),
      method: 'check',
      methodLabel: 'Check',
      towards: [],
    });
    expect(await returnedDebits(scope)).toEqual([]);
  });

  test('a plan has 120 instalments and not one more, however it is made', async () => {
    const { house, merchant, invoices } = await aDebt(engine, [1_210, 1_210]);
    expect(daily(MOST_INSTALLMENTS)).toHaveLength(120);
    expect(() => daily(121)).toThrow('Some entries need another look');
    expect(by(1_200)).toHaveLength(120);
    expect(by(1_195)).toHaveLength(120);
    expect(() => by(1_201)).toThrow('Some entries need another look');
    const plan = await attachPlan(merchant, invoices[0]!.id, daily(120));
    expect(plan.installments).toHaveLength(120);
    const [last, before] = [daily(120).at(-1)!, daily(120).slice(0, -1)];
    const more = [...before, { ...last, minor: 1 }, { date: '2027-06-01', minor: last.minor - 1 }];
    expect(more).toHaveLength(121);
    await refusedWithoutTrace(house, merchant, 'plan_not_possible', () =>
      attachPlan(merchant, invoices[1]!.id, more),
    );
    await expectSoundBooks(house);
  });

  test('the least amount may be paid, and not a cent less: of an invoice, and with a card', async () => {
    const settings = {
      'payments.partial': 'on',
      'payments.partial_minimum': '25.00',
      'payments.card_minimum': '26.00',
    };
    const { house, scope, invoices } = await aDebt(engine, [10_000], settings);
    const order = async (minor: number) => {
      const { nonce, invoices: open } = await preparePayment(scope, [invoices[0]!.clientId]);
      const seen = new Map(open.map(({ clientId, left }) => [clientId, left.minor]));
      return { nonce, seen, parts: new Map([[invoices[0]!.clientId, minor]]), with: cardSource() };
    };
    const tooSmall = await order(2_499);
    await refusedWithoutTrace(house, scope, 'part_too_small', () => payInvoices(scope, tooSmall));
    const tooLittle = await order(2_500);
    await refusedWithoutTrace(house, scope, 'below_minimum', () => payInvoices(scope, tooLittle));
    const almost = await order(2_599);
    await refusedWithoutTrace(house, scope, 'below_minimum', () => payInvoices(scope, almost));
    expect((await payInvoices(scope, await order(2_600))).state).toBe('succeeded');
    await expectSoundBooks(house);
  });
});

const BY_DAY = { first: '2026-12-01', every: 'day' } as const;

function daily(count: number) {
  return scheduleOf(money(1_210, 'EUR'), { ...BY_DAY, count });
}

/** Instalments of 0.10. */
function by(total: number) {
  return scheduleOf(money(total, 'EUR'), { ...BY_DAY, minor: 10 });
}

async function aDebt(
  engine: Engine,
  amounts: readonly number[],
  settings: Readonly<Record<string, string>> = {},
) {
  const house = await openHouse(engine);
  const merchant = await withSettings(house, await house.tenant(), settings);
  return { house, merchant, ...(await customerWithInvoices(merchant, amounts)) };
}

/** An invoice of 100.00 with a plan that waits for its approval, due on 25 November and 25 December. */
async function aPlan(engine: Engine) {
  const { house, merchant, scope, invoices } = await aDebt(engine, [10_000]);
  const invoice = invoices[0]!;
  const { hash } = await attachPlan(merchant, invoice.id, [
    { date: '2026-11-25', minor: 3_000 },
    { date: '2026-12-25', minor: 7_000 },
  ]);
  const approve = (methodId?: number) =>
    approvePlan(scope, { invoiceId: invoice.id, hash, methodId, ...EVIDENCE });
  const waits = async () => {
    const now = house.clock.now().epochMilliseconds;
    return [...(await tenantsWithCollections(house.app.ports.store, now))].includes(merchant.tenant.id);
  };
  return { house, merchant, scope, invoice, hash, approve, waits };
}
