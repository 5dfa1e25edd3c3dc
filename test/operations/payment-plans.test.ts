import { describe, expect, test } from 'vitest';
import { checkDatabase } from '#db/check.ts';
import { createCustomer } from '#src/customers/customers.ts';
import { findInvoice } from '#src/documents/invoice.ts';
import { issueInvoice } from '#src/documents/issue.ts';
import { money } from '#src/kernel/money.ts';
import { collectDue, collectNow } from '#src/payments/collecting/autopay.ts';
import { upcomingCollections } from '#src/payments/collecting/collections.ts';
import { enrol, makeDefault } from '#src/payments/methods/enrolment.ts';
import { scheduleHash, scheduleOf } from '#src/payments/plans/plan-schedule.ts';
import { findPlan } from '#src/payments/plans/plan.ts';
import { approvePlan, attachPlan, cancelPlan } from '#src/payments/plans/plans.ts';
import { payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import { customerScope } from '#src/scope.ts';
import { setSetting } from '#src/tenants/settings.ts';
import { openMerchant } from '#src/tenants/tenants.ts';
import { cardSource, ENGINES, type House, openHouse } from '#test/support/house.ts';
import { savedMethod } from '#test/support/instruments.ts';
import { fingerprintOf } from '#test/support/mirror.ts';
import { refusedWithoutTrace } from '#test/support/money.ts';

const DAY = 86_400_000;
const EVIDENCE = { ip: '203.0.113.7', userAgent: 'Firefox' };

// The clock stands at 11:00 in Berlin on 23 November 2026.
describe.each(ENGINES)('payment plans on %s', (engine) => {
  test('instalments that do not add up to the balance are refused, and nothing is written', async () => {
    const { house, merchant, invoice } = await anInvoice(engine);
    const before = await fingerprintOf(house, merchant.tenant.id);
    const dates = ['2026-12-01', '2027-01-01'] as const;
    for (const [minors, code] of [
      [[6_000, 3_999], 'plan_not_matching'],
      [[6_000, 4_001], 'plan_not_matching'],
      [[10_001, -1], 'bad_amount'],
      [[10_000, 0], 'bad_amount'],
      [[5_000.5, 4_999.5], 'bad_amount'],
    ] as const) {
      const wanted = minors.map((minor, i) => ({ date: dates[i]!, minor }));
      await refused(code, attachPlan(merchant, invoice.id, wanted));
    }
    await refused('plan_not_matching', attachPlan(merchant, invoice.id, []));
    const day = Temporal.PlainDate.from('2026-12-01');
    const endless = Array.from({ length: 200 }, (_, i) => ({
      date: day.add({ days: i }).toString(),
      minor: 50,
    }));
    await refused('plan_not_possible', attachPlan(merchant, invoice.id, endless));
    for (const [first, second] of [
      ['2026-12-01', '2026-12-01'],
      ['2027-01-01', '2026-12-01'],
      ['2026-12-32', '2027-01-01'],
    ] as const) {
      const wanted = [first, second].map((date) => ({ date, minor: 5_000 }));
      await refused('bad_date', attachPlan(merchant, invoice.id, wanted));
    }
    await refused('not_found', attachPlan(merchant, 99, [{ date: '2026-12-01', minor: 10_000 }]));
    expect(await fingerprintOf(house, merchant.tenant.id)).toBe(before);
  });

  test('an invoice that is being paid takes no plan, and what has none cannot be approved: nothing is written', async () => {
    const { house, scope, attach, invoice, merchant } = await anInvoice(engine);
    const nothing = { invoiceId: invoice.id, hash: scheduleHash('EUR', []), ...EVIDENCE };
    await refusedWithoutTrace(house, merchant, 'not_found', () => approvePlan(scope, nothing));
    const { nonce } = await preparePayment(scope, [invoice.clientId]);
    const seen = new Map([[invoice.clientId, 10_000]]);
    const asked = await payInvoices(scope, { nonce, seen, with: cardSource('4000002760003184') });
    expect(asked.state).toBe('action_required');
    await refusedWithoutTrace(house, merchant, 'payment_in_progress', attach);
  });

  test('waits for approval, which is recorded with its evidence, once', async () => {
    const { house, scope, attach, invoice, merchant } = await anInvoice(engine);
    const plan = await attach();
    expect(plan.state).toBe('pending_signup');
    house.clock.move(40 * DAY);
    expect(await collectDue(merchant)).toEqual([]);
    const other = scheduleHash('EUR', [{ date: '2026-12-01', minor: 10_000 }]);
    const before = await fingerprintOf(house, merchant.tenant.id);
    await refused('plan_changed', approvePlan(scope, { invoiceId: invoice.id, hash: other, ...EVIDENCE }));
    expect(await fingerprintOf(house, merchant.tenant.id)).toBe(before);
    const at = house.clock.now().epochMilliseconds;
    for (let i = 0; i < 3; i++) {
      await approvePlan(scope, { invoiceId: invoice.id, hash: plan.hash, ...EVIDENCE });
      house.clock.move(1000);
    }
    expect(await findPlan(scope, invoice.id)).toMatchObject({
      state: 'active',
      approval: { ...EVIDENCE, at },
    });
    // Without an instrument the customer pays each instalment by hand.
    expect(await collectDue(merchant)).toEqual([]);
    await sound(house);
  });

  test('approved with an instrument, each instalment is collected at the start of its day', async () => {
    const { house, scope, attach, invoice, merchant, clientId } = await anInvoice(engine);
    const methodId = await savedMethod(house, scope, cardSource());
    const plan = await attach();
    await approvePlan(scope, { invoiceId: invoice.id, hash: plan.hash, methodId, ...EVIDENCE });
    expect(
      (await upcomingCollections(scope)).map(({ date, amount, kind }) => [kind, date, amount.minor]),
    ).toEqual([
      ['installment', '2026-11-30', 3_334],
      ['installment', '2026-12-30', 3_333],
      ['installment', '2027-01-30', 3_333],
    ]);
    expect(await findInvoice(scope, clientId)).toMatchObject({
      dueDate: '2026-11-30',
      status: 'payment_plan',
    });
    const days: string[] = [];
    for (let i = 0; i < 80; i++) {
      house.clock.move(DAY);
      const today = house.clock.now().toZonedDateTimeISO('Europe/Berlin').toPlainDate().toString();
      for (const { outcome } of await collectDue(merchant)) days.push(`${today} ${outcome.state}`);
    }
    expect(days).toEqual(['2026-11-30 succeeded', '2026-12-30 succeeded', '2027-01-30 succeeded']);
    expect(house.gateway.book().map(({ minor }) => minor)).toEqual([3_334, 3_333, 3_333]);
    expect(await findPlan(scope, invoice.id)).toMatchObject({ state: 'finished', balance: { minor: 0 } });
    expect(await findInvoice(scope, clientId)).toMatchObject({ status: 'paid' });
    await sound(house);
  });

  test('starts at once where AutoPay is on with a usable instrument', async () => {
    const { house, scope, attach, merchant } = await anInvoice(engine);
    await enrol(scope, await savedMethod(house, scope, cardSource()));
    expect((await attach()).state).toBe('active');
    // AutoPay leaves the invoice itself to the plan.
    house.clock.move(5 * DAY);
    expect(await collectDue(merchant)).toEqual([]);
  });

  test('an instalment that fails is retried by itself, beside the ones that follow', async () => {
    const { house, scope, attach, merchant, invoice } = await anInvoice(engine);
    await enrol(scope, await savedMethod(house, scope, cardSource('4000000000000069')));
    await attach();
    house.clock.move(7 * DAY);
    expect((await collectDue(merchant)).map(({ outcome }) => outcome.state)).toEqual(['declined']);
    expect(
      (await upcomingCollections(scope)).map(({ position, date, attempt }) => [position, date, attempt]),
    ).toEqual([
      [1, '2026-12-03', 2],
      [2, '2026-12-30', 1],
      [3, '2027-01-30', 1],
    ]);
    house.clock.move(31 * DAY);
    expect((await collectDue(merchant)).map(({ collection }) => collection.position)).toEqual([1, 2]);
    await makeDefault(scope, await savedMethod(house, scope, cardSource()));
    expect(
      (await collectNow(scope)).map(({ collection: { position }, outcome }) => [position, outcome.state]),
    ).toEqual([
      [1, 'succeeded'],
      [2, 'succeeded'],
    ]);
    const plan = await findPlan(scope, invoice.id);
    expect(plan?.installments.map(({ balance, attempts }) => [balance.minor, attempts])).toEqual([
      [0, 3],
      [0, 2],
      [3_333, 0],
    ]);
    await sound(house);
  });

  test('money that is collected for an instalment pays that one, also while an earlier one is open', async () => {
    const { house, scope, attach, merchant, invoice } = await anInvoice(engine);
    await enrol(scope, await savedMethod(house, scope, cardSource('4000000000000069')));
    await attach();
    house.clock.move(7 * DAY);
    await collectDue(merchant);
    await scope.db.update('payment_methods').set({ is_default: 0 }).execute();
    const good = await savedMethod(house, scope, cardSource());
    await scope.db.update('installments').set({ next_attempt_at: null }).where('position', '=', 1).execute();
    await scope.db.update('payment_methods').set({ is_default: 1 }).where('id', '=', good).execute();
    house.clock.move(31 * DAY);
    expect((await collectDue(merchant)).map(({ collection }) => collection.position)).toEqual([2]);
    const plan = await findPlan(scope, invoice.id);
    expect(plan?.installments.map(({ balance }) => balance.minor)).toEqual([3_334, 0, 3_333]);
    await sound(house);
  });

  test('paid early by hand, nothing of it is collected again', async () => {
    const { house, scope, attach, merchant, invoice, clientId } = await anInvoice(engine);
    await enrol(scope, await savedMethod(house, scope, cardSource()));
    await attach();
    const { nonce } = await preparePayment(scope, [clientId]);
    await payInvoices(scope, { nonce, seen: new Map([[clientId, 10_000]]), with: cardSource() });
    expect(await findPlan(scope, invoice.id)).toMatchObject({ state: 'finished' });
    house.clock.move(100 * DAY);
    expect(await collectDue(merchant)).toEqual([]);
    expect(house.gateway.book()).toHaveLength(1);
    await sound(house);
  });

  test('a part paid early lowers the earliest instalments, and the rest is collected', async () => {
    const { house, scope, attach, merchant, clientId } = await anInvoice(engine, {
      'payments.partial': 'on',
    });
    await enrol(scope, await savedMethod(house, scope, cardSource()));
    await attach();
    const { nonce } = await preparePayment(scope, [clientId]);
    const seen = new Map([[clientId, 10_000]]);
    await payInvoices(scope, { nonce, seen, parts: new Map([[clientId, 4_000]]), with: cardSource() });
    expect(await findInvoice(scope, clientId)).toMatchObject({ dueDate: '2026-12-30' });
    for (let i = 0; i < 80; i++) {
      house.clock.move(DAY);
      await collectDue(merchant);
    }
    expect(house.gateway.book().map(({ minor }) => minor)).toEqual([4_000, 2_667, 3_333]);
    await sound(house);
  });

  test('taken back, nothing is collected any more, and the invoice is due as before', async () => {
    const { house, scope, attach, merchant, invoice, clientId } = await anInvoice(engine);
    const methodId = await savedMethod(house, scope, cardSource());
    const plan = await attach();
    await approvePlan(scope, { invoiceId: invoice.id, hash: plan.hash, methodId, ...EVIDENCE });
    house.clock.move(8 * DAY);
    await collectDue(merchant);
    await cancelPlan(merchant, invoice.id);
    house.clock.move(100 * DAY);
    expect(await collectDue(merchant)).toEqual([]);
    expect(house.gateway.book()).toHaveLength(1);
    expect(await findInvoice(scope, clientId)).toMatchObject({
      dueDate: '2026-11-30',
      balance: { minor: 6_666 },
    });
    await refused('no_plan', cancelPlan(merchant, invoice.id));
    // And a new one can be made of what is left.
    await attachPlan(merchant, invoice.id, [{ date: '2027-06-01', minor: 6_666 }]);
    await refused(
      'plan_not_possible',
      attachPlan(merchant, invoice.id, [{ date: '2027-06-01', minor: 6_666 }]),
    );
    await sound(house);
  });
});

describe('the calculator of schedules', () => {
  test('a count splits evenly, to the minor unit, and adds up', () => {
    const wish = { first: '2026-01-31', every: 'month', count: 3 } as const;
    expect(scheduleOf(money(10_000, 'EUR'), wish)).toEqual([
      { date: '2026-01-31', minor: 3_334 },
      { date: '2026-02-28', minor: 3_333 },
      { date: '2026-03-31', minor: 3_333 },
    ]);
    for (const total of [7, 100, 99_999, 2 ** 40 + 1]) {
      for (const count of [1, 2, 7]) {
        const parts = scheduleOf(money(total, 'JPY'), { first: '2026-03-01', every: 'week', count });
        expect(parts.reduce((sum, { minor }) => sum + minor, 0)).toBe(total);
      }
    }
  });

  test('an amount is taken until a rest is left', () => {
    const wish = { first: '2026-12-01', every: 'week', minor: 4_000 } as const;
    expect(scheduleOf(money(10_000, 'EUR'), wish)).toEqual([
      { date: '2026-12-01', minor: 4_000 },
      { date: '2026-12-08', minor: 4_000 },
      { date: '2026-12-15', minor: 2_000 },
    ]);
    expect(scheduleOf(money(8_000, 'EUR'), wish)).toHaveLength(2);
  });

  test('too many instalments, and amounts of nothing, are refused', () => {
    for (const count of [0, -1, 1.5, 121]) expect(ask({ count })).toThrow('Some entries need another look');
    for (const minor of [0, -5, 0.5]) expect(ask({ minor })).toThrow('is not an amount');
    expect(ask({ minor: 1 })).toThrow('Some entries need another look');
  });
});

const ask = (more: object) => () =>
  scheduleOf(money(10_000, 'EUR'), { first: '2026-12-01', every: 'day', ...more } as never);

async function anInvoice(engine: (typeof ENGINES)[number], settings: Readonly<Record<string, string>> = {}) {
  const house = await openHouse(engine);
  const bare = await house.tenant();
  for (const [name, value] of Object.entries(settings)) await setSetting(bare, name, value);
  const merchant = await openMerchant(house.app.operator('autopay'), bare.tenant);
  const customer = await createCustomer(merchant, { name: 'Müller', email: 'petra@mueller.example' });
  const scope = customerScope(merchant, customer.id, 'customer:petra@mueller.example');
  const invoice = await issueInvoice(merchant, {
    customerId: customer.id,
    currency: 'EUR',
    date: '2026-11-23',
    dueDate: '2026-11-30',
    lines: [{ name: 'Paper', unitCost: '0', amountMinor: 10_000 }],
  });
  const attach = () =>
    attachPlan(
      merchant,
      invoice.id,
      scheduleOf(money(10_000, 'EUR'), { first: '2026-11-30', every: 'month', count: 3 }),
    );
  return { house, merchant, scope, invoice, clientId: invoice.clientId, attach };
}

async function refused(code: string, work: Promise<unknown>): Promise<void> {
  expect(await work.catch((error: unknown) => error)).toMatchObject({ code });
}

async function sound(house: House): Promise<void> {
  const results = await checkDatabase(house.app.ports.store);
  expect(results.filter(({ violations }) => violations.length > 0)).toEqual([]);
}
