import { describe, expect, test } from 'vitest';
import type { Engine } from '#db/migrations/migration.ts';
import { accountBalances } from '#src/documents/account.ts';
import { findInvoice } from '#src/documents/invoice.ts';
import { type InvoiceFilter, listInvoices } from '#src/documents/invoice-list.ts';
import { issueInvoice } from '#src/documents/issue.ts';
import { everyInvoice } from '#src/documents/merchant-invoices.ts';
import { money } from '#src/kernel/money.ts';
import { collectDue } from '#src/payments/collecting/autopay.ts';
import { prepareCredit } from '#src/payments/credit/credit-uses.ts';
import { adjustCredit } from '#src/payments/credit/credits.ts';
import { enrol, leaveAutopay } from '#src/payments/methods/enrolment.ts';
import { openPromise, promiseToPay } from '#src/payments/outside/promises.ts';
import { recordMoney } from '#src/payments/outside/record.ts';
import { findPlan } from '#src/payments/plans/plan.ts';
import { approvePlan, attachPlan } from '#src/payments/plans/plans.ts';
import { payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import { cardSource, customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { savedMethod } from '#test/support/instruments.ts';
import { expectSoundBooks, refusedWithoutTrace, withSettings } from '#test/support/money.ts';

const DAY = 86_400_000;
const EVIDENCE = { ip: '203.0.113.7', userAgent: 'Firefox' };

// The clock stands at 11:00 in Berlin on 23 November 2026.
describe.each(ENGINES)('an invoice with a plan that was agreed, on %s', (engine) => {
  test('is due by its instalments: in its status, in lists and their totals, for the merchant too', async () => {
    const { house, merchant, scope, invoice, agree } = await planned(engine, [5_000]);
    expect(await findInvoice(scope, invoice.clientId)).toMatchObject({ status: 'open' });
    await agree();
    expect(await findInvoice(scope, invoice.clientId)).toMatchObject({
      status: 'payment_plan',
      dueDate: '2026-11-25',
      daysLate: 0,
      balance: { minor: 10_000 },
      payable: true,
      planned: { date: '2026-11-25', position: 1, of: 3, amount: { minor: 3_000 }, late: { minor: 0 } },
    });
    expect(await found('payment_plan')).toEqual({ numbers: ['INV-0001'], balance: 10_000, later: 10_000 });
    expect(await found('past_due')).toEqual({ numbers: [], balance: 0, later: 0 });
    expect(await found('open')).toEqual({
      numbers: ['INV-0001', 'INV-0002'],
      balance: 15_000,
      later: 10_000,
    });
    expect(await merchants()).toEqual(['payment_plan', 'open']);
    // The second instalment's day: the first one is late, and that part alone.
    house.clock.move(32 * DAY);
    expect(await findInvoice(scope, invoice.clientId)).toMatchObject({
      status: 'payment_plan',
      daysLate: 30,
      planned: { position: 1, amount: { minor: 6_000 }, late: { minor: 3_000 } },
    });
    expect(await found('past_due')).toEqual({
      numbers: ['INV-0001', 'INV-0002'],
      balance: 15_000,
      later: 4_000,
    });
    expect(await merchants()).toEqual(['payment_plan', 'past_due']);
    await pay(scope, invoice.clientId, 6_000);
    expect(await found('past_due')).toEqual({ numbers: ['INV-0002'], balance: 5_000, later: 0 });
    expect(await findInvoice(scope, invoice.clientId)).toMatchObject({
      status: 'payment_plan',
      dueDate: '2027-01-25',
      planned: { position: 3, amount: { minor: 4_000 }, late: { minor: 0 } },
    });
    await pay(scope, invoice.clientId, 4_000);
    expect(await findInvoice(scope, invoice.clientId)).toMatchObject({ status: 'paid', planned: undefined });
    expect(await merchants()).toEqual(['paid', 'past_due']);
    await expectSoundBooks(house);

    async function found(status: InvoiceFilter) {
      const { rows, totals } = await listInvoices(scope, { status, sort: 'number', descending: false });
      const [total] = totals;
      return {
        numbers: rows.map(({ number }) => number),
        balance: total?.balance.minor ?? 0,
        later: total?.later.minor ?? 0,
      };
    }
    async function merchants() {
      return (await Array.fromAsync(everyInvoice(merchant))).map(({ status }) => status);
    }
  });

  test('counts in the balance and in the ageing with what is due of it, by either basis', async () => {
    const { house, merchant, scope, agree } = await planned(engine, [5_000]);
    await agree();
    const told = async () => {
      const [balance] = await accountBalances(scope, 'EUR');
      const { due, later, pastDue, pastDueCount, openCount, nextDue } = balance!;
      const ageing = balance!.ageing.map(({ total }) => total.minor);
      return [due.minor, later.minor, pastDue.minor, pastDueCount, openCount, nextDue?.date, ageing];
    };
    expect(await told()).toEqual([5_000, 10_000, 0, 0, 2, '2026-11-24', [15_000, 0, 0, 0, 0, 0]]);
    house.clock.move(3 * DAY);
    expect(await told()).toEqual([8_000, 7_000, 8_000, 2, 2, '2026-12-25', [7_000, 8_000, 0, 0, 0, 0]]);
    const aged = {
      ...scope,
      settings: (await withSettings(house, merchant, { 'ageing.basis': 'date' })).settings,
    };
    const [byDate] = await accountBalances(aged, 'EUR');
    // The other invoice is 16 days old; of the plan the first instalment is a day old, the rest is to come.
    expect(byDate!.ageing.map(({ total }) => total.minor)).toEqual([7_000, 3_000, 0, 5_000, 0, 0]);
  });

  test('is paid by its next instalment unless the customer wants to pay early, whatever the merchant says of parts', async () => {
    const { house, scope, invoice, agree } = await planned(engine, [], { 'payments.partial': 'off' });
    await agree();
    const draft = await preparePayment(scope, [invoice.clientId]);
    expect(draft).toMatchObject({ total: { minor: 3_000 }, invoices: [{ left: { minor: 10_000 } }] });
    const order = (minor: number) => ({
      nonce: draft.nonce,
      seen: new Map([[invoice.clientId, 10_000]]),
      parts: new Map([[invoice.clientId, minor]]),
      with: cardSource(),
    });
    await refusedWithoutTrace(house, scope, 'part_too_small', () => payInvoices(scope, order(2_999)));
    await refusedWithoutTrace(house, scope, 'overpayment', () => payInvoices(scope, order(10_001)));
    expect((await payInvoices(scope, order(3_000))).state).toBe('succeeded');
    expect(await findPlan(scope, invoice.id)).toMatchObject({
      installments: [{ state: 'paid' }, { state: 'upcoming', balance: { minor: 3_000 } }, {}],
    });
    await pay(scope, invoice.clientId, 7_000);
    expect(await findPlan(scope, invoice.id)).toMatchObject({ state: 'finished' });
    await expectSoundBooks(house);
  });

  test('is left out of paying everything until an instalment is due', async () => {
    const { house, scope, agree } = await planned(engine, [5_000]);
    await agree();
    const everything = async () => {
      const { invoices, total } = await preparePayment(scope, []);
      return [invoices.map(({ number }) => number), total.minor];
    };
    expect(await everything()).toEqual([['INV-0002'], 5_000]);
    house.clock.move(2 * DAY);
    expect(await everything()).toEqual([['INV-0002', 'INV-0001'], 8_000]);
    const [, other] = await scope.db.from('invoices').select('client_id').orderBy('id').execute();
    await pay(scope, other!.client_id, 5_000);
    house.clock.move(-2 * DAY);
    expect(await everything()).toEqual([['INV-0001'], 3_000]);
  });

  test('lets credit and money from outside go to what is due first, not to its later instalments', async () => {
    const { house, merchant, scope, agree } = await planned(engine, []);
    await agree();
    const other = await issueInvoice(merchant, {
      customerId: scope.customerId,
      currency: 'EUR',
      date: '2026-11-23',
      dueDate: '2026-12-01',
      lines: [{ name: 'Paper', unitCost: '50' }],
    });
    await adjustCredit(merchant, { customerId: scope.customerId, amount: money(6_000, 'EUR') });
    const draft = await prepareCredit(scope, []);
    expect(draft.invoices.map(({ number, pays }) => [number, pays.minor])).toEqual([
      ['INV-0001', 3_000],
      [other.number, 3_000],
    ]);
    await recordMoney(merchant, {
      customerId: scope.customerId,
      amount: money(9_000, 'EUR'),
      method: 'check',
      methodLabel: 'Check',
      towards: [],
    });
    const left = await scope.db.from('invoices').select(['number', 'balance_minor']).orderBy('id').execute();
    expect(left).toEqual([
      { number: 'INV-0001', balance_minor: 6_000 },
      { number: other.number, balance_minor: 0 },
    ]);
    await expectSoundBooks(house);
  });

  test('keeps a promise when the instalment that was promised is paid', async () => {
    const instructions = { 'payments.instructions_wire_transfer': 'IBAN DE02 1203 0000 0000 2020 51' };
    const { house, merchant, scope, invoice, agree } = await planned(engine, [], instructions);
    await agree();
    const promise = { method: 'wire_transfer', expectedDate: '2026-11-27' } as const;
    await promiseToPay(scope, { ...promise, invoices: [invoice.clientId] });
    const receive = (minor: number) =>
      recordMoney(merchant, {
        customerId: scope.customerId,
        amount: money(minor, 'EUR'),
        method: 'wire_transfer',
        methodLabel: 'Bank transfer',
        towards: [{ invoiceId: invoice.id, minor }],
      });
    await receive(2_999);
    expect(await openPromise(scope, invoice.id)).toMatchObject({ expectedDate: '2026-11-27' });
    await receive(1);
    expect(await openPromise(scope, invoice.id)).toBeUndefined();
    expect(await scope.db.from('promises').select('state').execute()).toEqual([{ state: 'kept' }]);
    await expectSoundBooks(house);
  });

  test('goes on when AutoPay is turned off, collected from the same method, unless it is to stop as well', async () => {
    for (const plans of ['keep', 'stop'] as const) {
      const { house, merchant, scope, invoice, other, agree } = await planned(engine, [5_000]);
      const methodId = await savedMethod(house, scope, cardSource());
      await enrol(scope, methodId);
      await agree(methodId);
      await leaveAutopay(scope, { plans });
      house.clock.move(3 * DAY);
      const collected = (await collectDue(merchant)).map(({ collection, outcome }) => [
        collection.invoiceId,
        collection.methodId,
        outcome.state,
      ]);
      expect(collected, plans).toEqual(plans === 'keep' ? [[invoice.id, methodId, 'succeeded']] : []);
      expect(await findPlan(scope, invoice.id)).toMatchObject({ state: 'active' });
      expect(other).toBeDefined();
      await expectSoundBooks(house);
    }
  });
});

async function pay(scope: Parameters<typeof preparePayment>[0], clientId: string, minor: number) {
  const { nonce, invoices } = await preparePayment(scope, [clientId]);
  const seen = new Map(invoices.map((invoice) => [invoice.clientId, invoice.left.minor]));
  const parts = new Map([[clientId, minor]]);
  expect((await payInvoices(scope, { nonce, seen, parts, with: cardSource() })).state).toBe('succeeded');
}

/** An invoice of 100.00 with a plan of three instalments, and others without one. */
async function planned(
  engine: Engine,
  others: readonly number[],
  settings: Readonly<Record<string, string>> = {},
) {
  const house = await openHouse(engine);
  const merchant = await withSettings(house, await house.tenant(), settings);
  const { scope, invoices } = await customerWithInvoices(merchant, [10_000, ...others]);
  const [invoice, other] = invoices as [(typeof invoices)[number], ...typeof invoices];
  const plan = await attachPlan(merchant, invoice.id, [
    { date: '2026-11-25', minor: 3_000 },
    { date: '2026-12-25', minor: 3_000 },
    { date: '2027-01-25', minor: 4_000 },
  ]);
  const agree = (methodId?: number) =>
    approvePlan(scope, { invoiceId: invoice.id, hash: plan.hash, methodId, ...EVIDENCE });
  return { house, merchant, scope, invoice, other, agree };
}
