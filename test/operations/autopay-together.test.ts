import { describe, expect, test } from 'vitest';
import { createCustomer } from '#src/customers/customers.ts';
import { issueInvoice } from '#src/documents/issue.ts';
import { collectDue } from '#src/payments/collecting/autopay.ts';
import { listParked, releaseParked } from '#src/payments/collecting/parking.ts';
import { upcomingCollections } from '#src/payments/collecting/collections.ts';
import { enrol } from '#src/payments/methods/enrolment.ts';
import { reconcile } from '#test/support/work.ts';
import { attachPlan } from '#src/payments/plans/plans.ts';
import { findPlan } from '#src/payments/plans/plan.ts';
import { payInvoices } from '#src/payments/taking/pay.ts';
import { customerScope, type CustomerScope, type MerchantScope } from '#src/scope.ts';
import { cardSource, ENGINES, type House, type HouseOptions, openHouse } from '#test/support/house.ts';
import { savedMethod } from '#test/support/instruments.ts';
import { expectSoundBooks, withSettings } from '#test/support/money.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const LATE = '2026-11-23';

// The clock stands at 11:00 in Berlin on 23 November 2026.
describe.each(ENGINES)('what is due together on %s', (engine) => {
  test('is collected by one charge, with one receipt and one mail', async () => {
    const { house, merchant, scope, issue } = await enrolled(engine);
    for (const minor of [10_000, 20_000, 30_000, 40_000, 50_000]) await issue(minor, LATE);
    house.clock.move(2 * HOUR);
    expect(await states(merchant)).toEqual(Array.from({ length: 5 }, () => 'succeeded'));
    expect(house.gateway.book()).toMatchObject([{ minor: 150_000, state: 'succeeded' }]);
    expect(await topics(merchant)).toEqual(['receipt']);
    expect(await open(scope)).toEqual([0, 0, 0, 0, 0]);
    expect(await merchant.db.from('payments').select('amount_minor').execute()).toEqual([
      { amount_minor: 150_000 },
    ]);
    expect(await states(merchant)).toEqual([]);
    await expectSoundBooks(house);
  });

  test('is collected one by one where the merchant wants it so', async () => {
    const { house, merchant, issue } = await enrolled(engine, { 'autopay.collect': 'separately' });
    for (const minor of [10_000, 20_000]) await issue(minor, LATE);
    house.clock.move(2 * HOUR);
    await states(merchant);
    expect(charges(house)).toEqual([10_000, 20_000]);
    expect(await topics(merchant)).toEqual(['receipt', 'receipt']);
  });

  test('is one charge for each customer and currency', async () => {
    const { house, merchant, issue, scope } = await enrolled(engine);
    const other = await account(house, merchant, 'Schmidt', cardSource('5555555555554444'));
    for (const customerId of [scope.customerId, other.customerId]) {
      for (const minor of [1_000, 2_000]) await issue(minor, LATE, { customerId });
      for (const minor of [300, 400]) await issue(minor, LATE, { customerId, currency: 'USD' });
    }
    house.clock.move(2 * HOUR);
    await states(merchant);
    expect(charges(house).toSorted((a, b) => a - b)).toEqual([700, 700, 3_000, 3_000]);
    await expectSoundBooks(house);
  });

  test('takes invoices and instalments with one another, two of one plan too, each its own', async () => {
    const { house, merchant, scope, issue } = await enrolled(engine);
    const planned = await issue(9_000, LATE);
    await attachPlan(
      merchant,
      planned.id,
      ['2026-11-24', '2026-11-25', '2026-12-25'].map((date) => ({ date, minor: 3_000 })),
    );
    await issue(500, LATE);
    house.clock.move(3 * DAY);
    expect(await states(merchant)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(charges(house)).toEqual([6_500]);
    const plan = await findPlan(scope, planned.id);
    expect(plan?.installments.map(({ balance }) => balance.minor)).toEqual([0, 0, 3_000]);
    house.clock.move(30 * DAY);
    await states(merchant);
    expect(charges(house)).toEqual([6_500, 3_000]);
    await expectSoundBooks(house);
  });

  test('declined, it is told of by one mail, tried again as one, and no try is lost', async () => {
    const { house, merchant, scope, issue } = await enrolled(engine, {}, cardSource('4000000000000069'));
    for (const minor of [10_000, 20_000, 30_000]) await issue(minor, LATE);
    house.clock.move(2 * HOUR);
    expect(await states(merchant)).toEqual(['declined', 'declined', 'declined']);
    expect(await topics(merchant)).toEqual(['autopay_failed']);
    expect((await upcomingCollections(scope)).map(({ attempt, date }) => [attempt, date])).toEqual(
      Array.from({ length: 3 }, () => [2, '2026-11-26']),
    );
    for (const days of [3, 5, 7, 9]) {
      house.clock.move(days * DAY);
      await states(merchant);
    }
    expect(house.gateway.book().map(({ minor }) => minor)).toEqual([60_000, 60_000, 60_000, 60_000]);
    expect(await upcomingCollections(scope)).toEqual([]);
    expect(await open(scope)).toEqual([10_000, 20_000, 30_000]);
    await expectSoundBooks(house);
  });

  test('that is more than the instrument takes at once is split, the earliest first', async () => {
    const { house, merchant, issue } = await enrolled(engine, { 'payments.card_maximum': '250' });
    for (let i = 0; i < 5; i++) await issue(10_000, LATE);
    house.clock.move(2 * HOUR);
    await states(merchant);
    expect(charges(house)).toEqual([20_000, 20_000, 10_000]);
    await expectSoundBooks(house);
  });

  test('that is split counts against the day’s limit charge by charge, and the rest is tomorrow’s', async () => {
    const limits = { 'payments.card_maximum': '250', 'autopay.daily_limit': '400' };
    const { house, merchant, issue } = await enrolled(engine, limits);
    for (let i = 0; i < 5; i++) await issue(10_000, LATE);
    house.clock.move(2 * HOUR);
    await states(merchant);
    expect(charges(house)).toEqual([20_000, 20_000]);
    house.clock.move(DAY);
    await states(merchant);
    expect(charges(house)).toEqual([20_000, 20_000, 10_000]);
    await expectSoundBooks(house);
  });

  test('that is less than the instrument takes one by one is enough together', async () => {
    const { house, merchant, issue } = await enrolled(engine, { 'payments.card_minimum': '15' });
    for (let i = 0; i < 2; i++) await issue(1_000, LATE);
    house.clock.move(2 * HOUR);
    expect(await states(merchant)).toEqual(['succeeded', 'succeeded']);
    expect(charges(house)).toEqual([2_000]);
  });

  test('leaves out, and parks, only what may not be paid with the instrument', async () => {
    const { house, merchant, scope, issue } = await enrolled(engine);
    const [first, barred] = [await issue(1_000, LATE), await issue(2_000, LATE)];
    await issue(3_000, LATE);
    await scope.db
      .update('invoices')
      .set({ disabled_methods: 'credit_card' })
      .where('id', '=', barred.id)
      .execute();
    house.clock.move(2 * HOUR);
    expect((await states(merchant)).toSorted()).toEqual(['parked', 'succeeded', 'succeeded']);
    expect(charges(house)).toEqual([4_000]);
    expect(await listParked(merchant)).toMatchObject([{ number: barred.number, amount: { minor: 2_000 } }]);
    await scope.db.update('invoices').set({ disabled_methods: null }).where('id', '=', barred.id).execute();
    await releaseParked(merchant, barred);
    expect(await states(merchant)).toEqual(['succeeded']);
    expect(charges(house)).toEqual([4_000, 2_000]);
    expect(first.id).not.toBe(barred.id);
    await expectSoundBooks(house);
  });

  test('a payment by hand that holds one of them leaves the others to be collected', async () => {
    const { house, merchant, scope, issue } = await enrolled(engine);
    const held = await issue(1_000, LATE);
    await issue(2_000, LATE);
    await issue(3_000, LATE);
    const asked = await payInvoices(scope, {
      nonce: 'the nonce of somebody who is at their bank',
      seen: new Map([[held.clientId, 1_000]]),
      with: cardSource('4000002760003184'),
    });
    expect(asked.state).toBe('action_required');
    house.clock.move(2 * HOUR);
    expect((await states(merchant)).toSorted()).toEqual(['succeeded', 'succeeded', 'waiting']);
    expect(charges(house)).toEqual([5_000]);
  });

  test('collected by two at once and again and again, each slot is charged once', async () => {
    const { house, merchant, issue } = await enrolled(engine, {}, cardSource('4000000000000069'));
    for (const minor of [1, 2, 4, 8]) await issue(minor, LATE);
    house.clock.move(2 * HOUR);
    for (let i = 0; i < 20; i++)
      await Promise.all([collectDue(merchant), collectDue(merchant), collectDue(merchant, { most: 1 })]);
    expect(house.gateway.book().map(({ minor }) => minor)).toEqual([15]);
    const slots = await merchant.db.from('attempt_slots').select('slot').orderBy('slot').execute();
    expect(slots).toHaveLength(4);
    await expectSoundBooks(house);
  });

  test('whose answer was lost is found out, charged once, and paid to each', async () => {
    let lose: 'lose_answer' | 'lose_request' | undefined = 'lose_answer';
    const { house, merchant, scope, issue } = await enrolled(engine, {}, cardSource(), () => lose);
    for (const minor of [1_000, 2_000]) await issue(minor, LATE);
    house.clock.move(2 * HOUR);
    expect(await states(merchant)).toEqual(['unknown', 'unknown']);
    await issue(4_000, LATE);
    lose = undefined;
    for (let i = 0; i < 4; i++) {
      house.clock.move(61_000);
      await collectDue(merchant);
      await reconcile(merchant);
    }
    expect(charges(house)).toEqual([3_000]);
    expect(await open(scope)).toEqual([0, 0, 4_000]);
    await expectSoundBooks(house);
  });

  test('that the gateway never heard of is closed there, and every one of them is tried again', async () => {
    let lose: 'lose_request' | undefined = 'lose_request';
    const { house, merchant, scope, issue } = await enrolled(engine, {}, cardSource(), () => lose);
    for (const minor of [1_000, 2_000]) await issue(minor, LATE);
    house.clock.move(2 * HOUR);
    expect(await states(merchant)).toEqual(['unknown', 'unknown']);
    lose = undefined;
    for (let i = 0; i < 6; i++) {
      house.clock.move(5 * 60_000);
      await reconcile(merchant);
    }
    expect(charges(house)).toEqual([]);
    expect((await upcomingCollections(scope)).map(({ attempt }) => attempt)).toEqual([2, 2]);
    house.clock.move(4 * DAY);
    await states(merchant);
    expect(charges(house)).toEqual([3_000]);
    await expectSoundBooks(house);
  });

  test('what was issued within the same minutes is due at the same moment', async () => {
    const { house, merchant, issue } = await enrolled(engine);
    for (let i = 0; i < 3; i++) {
      house.clock.move(20_000);
      await issue(1_000, LATE);
    }
    for (let minutes = 0; minutes < 120; minutes++) {
      house.clock.move(60_000);
      await collectDue(merchant);
    }
    expect(charges(house)).toEqual([3_000]);
  });
});

type Fault = NonNullable<HouseOptions['fault']>;

async function enrolled(
  engine: (typeof ENGINES)[number],
  settings: Readonly<Record<string, string>> = {},
  source: ReturnType<typeof cardSource> = cardSource(),
  fault?: Fault,
) {
  const house = await openHouse(engine, fault ? { fault } : {});
  const merchant = await withSettings(house, await house.tenant(), settings);
  const scope = await account(house, merchant, 'Müller', source);
  const issue = (
    minor: number,
    dueDate: string,
    { customerId = scope.customerId, currency = 'EUR' }: { customerId?: number; currency?: string } = {},
  ) =>
    issueInvoice(merchant, {
      customerId,
      currency,
      date: LATE,
      dueDate,
      lines: [{ name: 'Paper', unitCost: '0', amountMinor: minor }],
    });
  return { house, merchant, scope, issue };
}

async function account(
  house: House,
  merchant: MerchantScope,
  name: string,
  source: ReturnType<typeof cardSource>,
): Promise<CustomerScope> {
  const { id } = await createCustomer(merchant, {
    name,
    email: `${name === 'Müller' ? 'm' : 's'}@x.example`,
  });
  const scope = customerScope(merchant, id);
  await enrol(scope, await savedMethod(house, scope, source));
  return scope;
}

async function states(merchant: MerchantScope): Promise<string[]> {
  return (await collectDue(merchant)).map(({ outcome }) => outcome.state);
}

function charges(house: House): number[] {
  return house.gateway
    .book()
    .filter(({ state }) => state === 'succeeded')
    .map(({ minor }) => minor);
}

async function topics(merchant: MerchantScope): Promise<string[]> {
  const rows = await merchant.db.from('outbox').select('topic').orderBy('id').execute();
  return rows.map(({ topic }) => topic);
}

async function open(scope: CustomerScope): Promise<number[]> {
  const rows = await scope.db.from('invoices').select('balance_minor').orderBy('id').execute();
  return rows.map((row) => row.balance_minor);
}
