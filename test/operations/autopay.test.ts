import { describe, expect, test } from 'vitest';
import { checkDatabase } from '#db/check.ts';
import { updateCustomer } from '#src/customers/changes.ts';
import { createCustomer } from '#src/customers/customers.ts';
import { issueInvoice } from '#src/documents/issue.ts';
import { collectDue, collectNow } from '#src/payments/collecting/autopay.ts';
import { upcomingCollections } from '#src/payments/collecting/collections.ts';
import { enrol, leaveAutopay, makeDefault } from '#src/payments/methods/enrolment.ts';
import { listParked, releaseParked } from '#src/payments/collecting/parking.ts';
import { payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import { reconcile } from '#test/support/work.ts';
import { customerScope, type CustomerScope, type MerchantScope } from '#src/scope.ts';
import { setSetting } from '#src/tenants/settings.ts';
import { openMerchant } from '#src/tenants/tenants.ts';
import { cardSource, ENGINES, type House, type HouseOptions, openHouse } from '#test/support/house.ts';
import { savedMethod } from '#test/support/instruments.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;

// The clock stands at 11:00 in Berlin on 23 November 2026.
describe.each(ENGINES)('AutoPay on %s', (engine) => {
  test('collects on the due day, at its start in the merchant’s time zone, and sends the receipt', async () => {
    const { merchant, scope, house, issue, collect } = await anAccount(engine);
    await issue(10_000, '2026-11-25');
    expect(await upcomingCollections(scope)).toMatchObject([
      {
        kind: 'autopay',
        date: '2026-11-25',
        amount: { minor: 10_000 },
        at: Date.parse('2026-11-24T23:00:00Z'),
      },
    ]);
    house.clock.move(36 * HOUR + 59 * 60_000);
    expect(await collect()).toEqual([]);
    house.clock.move(60_000);
    expect(await collect()).toEqual(['succeeded']);
    expect(house.gateway.book()).toMatchObject([{ minor: 10_000, state: 'succeeded' }]);
    expect(await open(scope)).toEqual([0]);
    expect(await mails(merchant)).toEqual(['receipt']);
    expect(await payments(merchant)).toEqual([{ source: 'autopay', amount_minor: 10_000 }]);
    expect(await upcomingCollections(scope)).toEqual([]);
    await sound(house);
  });

  test('waits as many days more as the merchant, or the customer, has it', async () => {
    const { merchant, scope, house, issue } = await anAccount(engine, {
      settings: { 'autopay.delay_days': '2' },
    });
    await issue(10_000, '2026-11-25');
    expect((await upcomingCollections(scope)).map(({ date }) => date)).toEqual(['2026-11-27']);
    for (const [own, date] of [
      [0, '2026-11-25'],
      [5, '2026-11-30'],
      [null, '2026-11-27'],
    ] as const) {
      await updateCustomer(merchant, scope.customerId, { autopayDelayDays: own });
      expect((await upcomingCollections(scope)).map((one) => one.date)).toEqual([date]);
    }
    await sound(house);
  });

  test('never collects within the hour after an invoice was issued', async () => {
    const { house, issue, collect } = await anAccount(engine);
    await issue(10_000, undefined);
    house.clock.move(HOUR - 1);
    expect(await collect()).toEqual([]);
    house.clock.move(1);
    expect(await collect()).toEqual(['succeeded']);
  });

  test('leaves alone who is not enrolled, has no usable instrument, or has left', async () => {
    const { scope, house, issue, collect, methodId } = await anAccount(engine, { enrolled: false });
    await issue(10_000, '2026-11-23');
    house.clock.move(2 * HOUR);
    expect(await collect()).toEqual([]);
    await enrol(scope, methodId);
    await scope.db.update('payment_methods').set({ state: 'failed' }).execute();
    expect(await collect()).toEqual([]);
    await scope.db.update('payment_methods').set({ state: 'usable' }).execute();
    await leaveAutopay(scope, { plans: 'stop' });
    expect(await collect()).toEqual([]);
    expect(house.gateway.book()).toEqual([]);
    await enrol(scope, methodId);
    expect(await collect()).toEqual(['succeeded']);
  });

  test('collects an invoice that demands it from a customer who is not enrolled, until they leave', async () => {
    const { scope, house, issue, collect } = await anAccount(engine, { enrolled: false });
    await issue(10_000, '2026-11-23', true);
    await issue(20_000, '2026-11-24', true);
    await issue(30_000, '2026-11-23', false);
    house.clock.move(2 * HOUR);
    expect(await collect()).toEqual(['succeeded']);
    expect(await open(scope)).toEqual([0, 20_000, 30_000]);
    await leaveAutopay(scope, { plans: 'stop' });
    house.clock.move(2 * DAY);
    expect(await collect()).toEqual([]);
  });

  test('leaves alone what is paid, closed, voided or being paid just now', async () => {
    const { scope, house, issue, collect } = await anAccount(engine);
    for (const minor of [1, 2, 3, 4]) await issue(minor, '2026-11-23');
    const rows = await scope.db.from('invoices').select(['id', 'client_id']).orderBy('id').execute();
    const pay = async (at: number, number: string) => {
      const draft = await preparePayment(scope, [rows[at]!.client_id]);
      const seen = new Map([[rows[at]!.client_id, draft.total.minor]]);
      return payInvoices(scope, { nonce: draft.nonce, seen, with: cardSource(number) });
    };
    await pay(0, '4242424242424242');
    await scope.db.update('invoices').set({ closed: 1 }).where('id', '=', rows[1]!.id).execute();
    expect((await pay(2, '4000002760003184')).state).toBe('action_required');
    house.clock.move(2 * HOUR);
    expect(await collect()).toEqual(['waiting', 'succeeded']);
    expect(house.gateway.book()).toHaveLength(3);
  });

  test('tries again 3, 5 and 7 days after each failure, mails each time, and then leaves it past due', async () => {
    const { merchant, scope, house, issue, collect } = await anAccount(engine, { card: '4000000000000069' });
    await issue(10_000, '2026-11-25');
    const tried: string[] = [];
    house.clock.move(HOUR);
    for (let hour = 0; hour < 24 * 30; hour += 4) {
      house.clock.move(4 * HOUR);
      const day = house.clock.now().toZonedDateTimeISO('Europe/Berlin');
      for (const state of await collect())
        tried.push(`${day.toPlainDate().toString()} ${day.hour}h ${state}`);
    }
    expect(tried).toEqual([
      '2026-11-25 0h declined',
      '2026-11-28 0h declined',
      '2026-12-03 0h declined',
      '2026-12-10 0h declined',
    ]);
    expect(await mails(merchant)).toEqual(Array.from({ length: 4 }, () => 'autopay_failed'));
    expect(await upcomingCollections(scope)).toEqual([]);
    expect(await open(scope)).toEqual([10_000]);
    await sound(house);
  });

  test('a bank that says no days later is tried again tomorrow at the earliest', async () => {
    const { merchant, scope, house, issue, collect } = await anAccount(engine, {
      settings: { 'autopay.retry_days': '1,1' },
      bank: 'DE62370400440532013001',
    });
    await issue(10_000, '2026-11-24');
    house.clock.move(DAY);
    expect(await collect()).toEqual(['processing']);
    expect(await upcomingCollections(scope)).toEqual([]);
    for (let day = 0; day < 5 && (await upcomingCollections(scope)).length === 0; day++) {
      house.clock.move(DAY);
      await reconcile(merchant);
    }
    const today = house.clock.now().toZonedDateTimeISO('Europe/Berlin').toPlainDate();
    expect(await upcomingCollections(scope)).toMatchObject([
      { attempt: 2, date: today.add({ days: 1 }).toString() },
    ]);
    await sound(house);
  });

  test('a new instrument retries what failed at once, and the answer says what became of it', async () => {
    const { merchant, scope, house, issue, collect } = await anAccount(engine, { card: '4000000000000069' });
    await issue(10_000, '2026-11-23');
    await issue(500, '2026-12-30');
    house.clock.move(2 * HOUR);
    expect(await collect()).toEqual(['declined']);
    await makeDefault(scope, await savedMethod(house, scope, cardSource()));
    expect(
      (await collectNow(scope)).map(({ collection, outcome }) => [collection.attempt, outcome.state]),
    ).toEqual([[2, 'succeeded']]);
    expect(await open(scope)).toEqual([0, 500]);
    expect(await mails(merchant)).toEqual(['autopay_failed', 'receipt']);
    await sound(house);
  });

  test('a new instrument that fails is said at once, without a mail, and the retries go on', async () => {
    const { merchant, scope, house, issue, collect } = await anAccount(engine, { card: '4000000000000069' });
    await issue(10_000, '2026-11-23');
    house.clock.move(2 * HOUR);
    await collect();
    await makeDefault(scope, await savedMethod(house, scope, cardSource('4000000000009995')));
    const [answer] = await collectNow(scope);
    expect(answer?.outcome).toMatchObject({ state: 'declined', code: 'insufficient_funds' });
    expect(await mails(merchant)).toEqual(['autopay_failed']);
    expect(await upcomingCollections(scope)).toMatchObject([{ attempt: 3, date: '2026-11-28' }]);
  });

  test('run a hundred times at one instant, and by two at once, it charges once for each slot', async () => {
    const { house, issue, merchant, collect } = await anAccount(engine, { card: '4000000000000069' });
    await issue(10_000, '2026-11-23');
    await issue(20_000, '2026-11-23');
    house.clock.move(2 * HOUR);
    for (let i = 0; i < 50; i++) await Promise.all([collect(), collectDue(merchant)]);
    expect(house.gateway.book().map(({ minor }) => minor)).toEqual([30_000]);
    house.clock.move(3 * DAY);
    for (let i = 0; i < 50; i++) await Promise.all([collect(), collectDue(merchant)]);
    expect(house.gateway.book().map(({ minor }) => minor)).toEqual([30_000, 30_000]);
    await sound(house);
  });

  test('a clock that jumps back and forth charges no slot twice', async () => {
    const { scope, house, issue, collect } = await anAccount(engine);
    for (const day of ['2026-11-24', '2026-12-24', '2027-01-24']) await issue(10_000, day);
    for (const days of [2, -2, 400, -400, 35, -35, 70, 0, -70, 500]) {
      house.clock.move(days * DAY);
      for (let i = 0; i < 3; i++) await collect();
    }
    expect(await open(scope)).toEqual([0, 0, 0]);
    expect(house.gateway.book().reduce((sum, { minor }) => sum + minor, 0)).toBe(30_000);
    await sound(house);
  });

  test('an answer that was lost is found out, and charged once', async () => {
    let lose = true;
    const { merchant, scope, house, issue, collect } = await anAccount(engine, {
      fault: () => (lose ? 'lose_answer' : undefined),
    });
    await issue(10_000, '2026-11-23');
    house.clock.move(2 * HOUR);
    expect(await collect()).toEqual(['unknown']);
    lose = false;
    for (let i = 0; i < 10; i++) {
      house.clock.move(61_000);
      await collect();
      await reconcile(merchant);
    }
    expect(house.gateway.book()).toHaveLength(1);
    expect(await open(scope)).toEqual([0]);
    await sound(house);
  });
});

describe.each(ENGINES)('bounds of AutoPay on %s', (engine) => {
  test('an amount above the daily limit is parked with its reason, and released by the operator', async () => {
    const limited = { settings: { 'autopay.daily_limit': '99.99' } };
    const { merchant, scope, house, issue, collect } = await anAccount(engine, limited);
    await issue(10_000, '2026-11-23');
    house.clock.move(2 * HOUR);
    expect(await collect()).toEqual(['parked']);
    expect(await collect()).toEqual([]);
    house.clock.move(30 * DAY);
    expect(await collect()).toEqual([]);
    expect(await listParked(merchant)).toMatchObject([
      {
        number: 'INV-0001',
        amount: { minor: 10_000 },
        reason: '€100.00 for invoice INV-0001 is more than the €99.99 that AutoPay may take on one day.',
      },
    ]);
    expect(house.gateway.book()).toEqual([]);
    await sound(house);
    await setSetting(merchant, 'autopay.daily_limit', '100');
    const raised = await openMerchant(house.app.operator(), merchant.tenant);
    await releaseParked(raised, { id: 1, number: 'INV-0001' });
    await expect(releaseParked(raised, { id: 1, number: 'INV-0001' })).rejects.toMatchObject({
      code: 'nothing_parked',
    });
    expect((await collectDue(raised)).map(({ outcome }) => outcome.state)).toEqual(['succeeded']);
    expect([await listParked(raised), await open(scope)]).toEqual([[], [0]]);
    await sound(house);
  });

  test('what a day’s limit does not hold waits for the next day', async () => {
    const limited = { settings: { 'autopay.daily_limit': '250' } };
    const { scope, house, issue, collect } = await anAccount(engine, limited);
    for (let i = 0; i < 5; i++) await issue(10_000, '2026-11-23');
    const days: number[] = [];
    for (let day = 0; day < 4; day++) {
      house.clock.move(DAY);
      days.push((await collect()).filter((state) => state === 'succeeded').length);
      await collect();
    }
    expect(days).toEqual([2, 2, 1, 0]);
    expect(await open(scope)).toEqual([0, 0, 0, 0, 0]);
  });

  test('what the merchant’s terms do not let an instrument take is parked, until there is another one', async () => {
    const { merchant, scope, house, issue, collect } = await anAccount(engine, {
      settings: { 'payments.card_maximum': '50' },
    });
    await issue(10_000, '2026-11-23');
    house.clock.move(2 * HOUR);
    expect(await collect()).toEqual(['parked']);
    expect(await listParked(merchant)).toMatchObject([{ reason: expect.stringContaining('€50.00') }]);
    const account = {
      kind: 'bank_account',
      account: { holder: 'P', holderType: 'company', iban: 'DE02120300000000202051' },
    };
    await makeDefault(scope, await savedMethod(house, scope, account as never));
    expect((await collectNow(scope)).map(({ outcome }) => outcome.state)).toEqual(['succeeded']);
  });
});

interface Wanted {
  readonly card?: string;
  readonly bank?: string;
  readonly enrolled?: boolean;
  readonly settings?: Readonly<Record<string, string>>;
  readonly fault?: HouseOptions['fault'];
}

async function anAccount(engine: (typeof ENGINES)[number], wanted: Wanted = {}) {
  const house = await openHouse(engine, wanted.fault ? { fault: wanted.fault } : {});
  const bare = await house.tenant();
  for (const [name, value] of Object.entries(wanted.settings ?? {})) await setSetting(bare, name, value);
  const merchant = await openMerchant(house.app.operator('autopay'), bare.tenant);
  const customer = await createCustomer(merchant, { name: 'Müller', email: 'petra@mueller.example' });
  const scope = customerScope(merchant, customer.id, 'customer:petra@mueller.example');
  const source = wanted.bank
    ? { kind: 'bank_account', account: { holder: 'Petra', holderType: 'company', iban: wanted.bank } }
    : cardSource(wanted.card);
  const methodId = await savedMethod(house, scope, source as never);
  if (wanted.enrolled !== false) await enrol(scope, methodId);
  const issue = (minor: number, dueDate: string | undefined, autopay = false) =>
    issueInvoice(merchant, {
      customerId: customer.id,
      currency: 'EUR',
      date: '2026-11-23',
      dueDate,
      autopay,
      lines: [{ name: 'Paper', unitCost: '0', amountMinor: minor }],
    });
  const collect = async () => (await collectDue(merchant)).map(({ outcome }) => outcome.state);
  return { house, merchant, scope, methodId, issue, collect };
}

async function open(scope: CustomerScope): Promise<number[]> {
  const rows = await scope.db.from('invoices').select('balance_minor').orderBy('id').execute();
  return rows.map(({ balance_minor }) => balance_minor);
}

function payments(merchant: MerchantScope) {
  return merchant.db.from('payments').select(['source', 'amount_minor']).execute();
}

async function mails(merchant: MerchantScope): Promise<string[]> {
  const rows = await merchant.db.from('outbox').select('topic').orderBy('id').execute();
  return rows.map(({ topic }) => topic);
}

async function sound(house: House): Promise<void> {
  const results = await checkDatabase(house.app.ports.store);
  expect(results.filter(({ violations }) => violations.length > 0)).toEqual([]);
}
