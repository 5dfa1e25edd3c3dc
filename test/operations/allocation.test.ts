import { describe, expect, test } from 'vitest';
import { attachPlan } from '#src/payments/plans/plans.ts';
import {
  giveBackToInvoice,
  recordApplications,
  takeExactly,
  takeFromInvoice,
} from '#src/payments/taking/allocation.ts';
import { type CustomerScope, transact } from '#src/scope.ts';
import { customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { refusedWithoutTrace } from '#test/support/money.ts';

const DAY = 86_400_000;

describe.each(ENGINES)('what money does to an invoice, on %s', (engine) => {
  test('it lowers the balance by what is open at most, and by nothing where nothing is', async () => {
    const { house, scope, id, other } = await anInvoice(engine, 1_000);
    expect(await take(scope, id, 300)).toBe(300);
    expect(await invoice(scope, id)).toMatchObject({ balance_minor: 700, paid_at: null, version: 2 });
    house.clock.move(60_000);
    expect(await take(scope, id, 900)).toBe(700);
    const now = house.clock.now().epochMilliseconds;
    const whole = { balance_minor: 0, paid_at: now, updated_at: now, version: 3, next_attempt_at: null };
    expect(await invoice(scope, id)).toMatchObject(whole);
    house.clock.move(60_000);
    expect(await take(scope, id, 5)).toBe(0);
    expect(await take(scope, id, -5)).toBe(0);
    expect(await invoice(scope, id)).toMatchObject({ balance_minor: 0, paid_at: now });
    expect(await invoice(scope, other)).toMatchObject({ balance_minor: 50, version: 1 });
    expect(await events(scope, 'invoice.paid')).toEqual([id]);
  });

  test('what a debit on its way holds stays untouched, unless the money is that debit’s; a voided invoice takes nothing', async () => {
    const { scope, id } = await anInvoice(engine, 1_000);
    await scope.db.update('invoices').set({ pending_minor: 400 }).where('id', '=', id).execute();
    expect(await take(scope, id, 1_000)).toBe(600);
    expect(await invoice(scope, id)).toMatchObject({ balance_minor: 400, pending_minor: 400 });
    const held = await transact(scope, (within) => takeFromInvoice(within, id, 1_000, { holder: true }));
    expect(held).toBe(400);
    expect(await invoice(scope, id)).toMatchObject({ balance_minor: 0, pending_minor: 0 });
    const { scope: second, id: voided } = await anInvoice(engine, 1_000);
    await second.db.update('invoices').set({ state: 'voided' }).where('id', '=', voided).execute();
    expect(await take(second, voided, 100)).toBe(0);
    expect(await events(second, 'invoice.paid')).toEqual([]);
  });

  test('an exact amount is taken or refused, and money given back never makes more open than the total', async () => {
    const { house, scope, id } = await anInvoice(engine, 1_000);
    const give = (minor: number) => transact(scope, (within) => giveBackToInvoice(within, id, minor));
    const exactly = (minor: number) => transact(scope, (within) => takeExactly(within, id, minor));
    await exactly(1_000);
    await refusedWithoutTrace(house, scope, 'allocation_impossible', () => exactly(1));
    expect(await give(400)).toBe(0);
    expect(await invoice(scope, id)).toMatchObject({ balance_minor: 400, paid_at: null, version: 3 });
    expect((await invoice(scope, id)).next_attempt_at).toBeNull();
    await refusedWithoutTrace(house, scope, 'allocation_impossible', () => give(601));
    await give(600);
    expect(await invoice(scope, id)).toMatchObject({ balance_minor: 1_000 });
  });

  test('what was tried by AutoPay before and opens again is tried again from tomorrow on', async () => {
    const { house, scope, id } = await anInvoice(engine, 1_000);
    await scope.db.update('invoices').set({ attempt_count: 2 }).where('id', '=', id).execute();
    await take(scope, id, 1_000);
    await transact(scope, (within) => giveBackToInvoice(within, id, 100));
    const tomorrow = Date.UTC(2026, 10, 23, 23);
    expect((await invoice(scope, id)).next_attempt_at).toBe(tomorrow);
    house.clock.move(DAY);
    await transact(scope, (within) => giveBackToInvoice(within, id, 100));
    expect((await invoice(scope, id)).next_attempt_at).toBe(tomorrow);
  });

  test('instalments are paid the earliest first, or the one that the money was collected for, and open again from the last', async () => {
    const { merchant, scope, id, other } = await anInvoice(engine, 1_000);
    const planned = await plan(merchant, scope, id, [400, 300, 300]);
    await scope.db.update('payment_plans').set({ state: 'active', started_at: 1 }).execute();
    expect(await take(scope, id, 450)).toBe(450);
    expect(await open(scope)).toEqual([0, 250, 300]);
    expect((await invoice(scope, id)).due_date).toBe('2027-01-01');
    await transact(scope, (within) =>
      takeFromInvoice(within, id, 300, { installmentIds: new Set([planned[2]!]) }),
    );
    expect(await open(scope)).toEqual([0, 250, 0]);
    await transact(scope, (within) => giveBackToInvoice(within, id, 350));
    expect(await open(scope)).toEqual([0, 300, 300]);
    await take(scope, id, 600);
    expect(await plans(scope)).toEqual(['finished']);
    await transact(scope, (within) => giveBackToInvoice(within, id, 700));
    expect(await open(scope)).toEqual([100, 300, 300]);
    expect(await plans(scope)).toEqual(['active']);
    expect((await invoice(scope, id)).due_date).toBe('2026-12-01');
    expect((await invoice(scope, other)).due_date).toBe('2026-11-24');
  });

  test('what no instalment takes back is told: it was paid before there was the plan', async () => {
    const { merchant, scope, id } = await anInvoice(engine, 1_000);
    await take(scope, id, 200);
    await plan(merchant, scope, id, [500, 300]);
    await take(scope, id, 100);
    const left = await transact(scope, (within) => giveBackToInvoice(within, id, 250));
    expect(left).toBe(150);
    expect(await open(scope)).toEqual([500, 300]);
    expect(await plans(scope)).toEqual(['pending_signup']);
  });

  test('a plan that nobody had approved waits for its approval when it opens again, and the due date stays the invoice’s own', async () => {
    const { merchant, scope, id } = await anInvoice(engine, 1_000);
    await plan(merchant, scope, id, [400, 600]);
    const due = (await invoice(scope, id)).due_date;
    await take(scope, id, 1_000);
    expect(await plans(scope)).toEqual(['finished']);
    await transact(scope, (within) => giveBackToInvoice(within, id, 10));
    expect(await plans(scope)).toEqual(['pending_signup']);
    expect((await invoice(scope, id)).due_date).toBe(due);
    await scope.db.update('payment_plans').set({ state: 'canceled' }).execute();
    await take(scope, id, 10);
    expect(await open(scope)).toEqual([0, 10]);
  });

  test('an instalment that was tried and opens again is tried from tomorrow on; one that is paid is not tried any more', async () => {
    const { merchant, scope, id } = await anInvoice(engine, 1_000);
    const [first] = await plan(merchant, scope, id, [400, 600]);
    await scope.db.update('payment_plans').set({ state: 'active', started_at: 1 }).execute();
    const tried = { attempt_count: 1, next_attempt_at: 5 };
    await scope.db.update('installments').set(tried).where('id', '=', first!).execute();
    await take(scope, id, 1_000);
    expect(await nextTries(scope)).toEqual([null, null]);
    await transact(scope, (within) => giveBackToInvoice(within, id, 1_000));
    expect(await nextTries(scope)).toEqual([Date.UTC(2026, 10, 23, 23), null]);
  });

  test('what money was put against is written by its kind, and nothing of nothing', async () => {
    const { scope, id } = await anInvoice(engine, 1_000);
    const write = (...applications: Parameters<typeof recordApplications>[3]) =>
      transact(scope, (within) => recordApplications(within, undefined, 'EUR', applications));
    await write({ kind: 'invoice', invoiceId: id, minor: 0 });
    await write();
    await write({ kind: 'applied_credit', invoiceId: id, minor: 30 }, { kind: 'credit', minor: 5 });
    const rows = await scope.db
      .from('payment_applications')
      .select([
        'kind',
        'invoice_id',
        'estimate_id',
        'credit_note_id',
        'amount_minor',
        'payment_id',
        'currency',
      ])
      .orderBy('id')
      .execute();
    const none = { estimate_id: null, credit_note_id: null, payment_id: null, currency: 'EUR' };
    expect(rows).toEqual([
      { kind: 'applied_credit', invoice_id: id, amount_minor: 30, ...none },
      { kind: 'credit', invoice_id: null, amount_minor: 5, ...none },
    ]);
  });
});

async function anInvoice(engine: (typeof ENGINES)[number], minor: number) {
  const house = await openHouse(engine);
  const merchant = await house.tenant();
  const { scope, invoices } = await customerWithInvoices(merchant, [minor, 50]);
  return { house, merchant, scope, id: invoices[0]!.id, other: invoices[1]!.id };
}

function take(scope: CustomerScope, id: number, most: number): Promise<number> {
  return transact(scope, (within) => takeFromInvoice(within, id, most));
}

function invoice(scope: CustomerScope, id: number) {
  return scope.db.from('invoices').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

/** A plan of monthly instalments from 1 December on; answers their ids in order. */
async function plan(
  merchant: Parameters<typeof attachPlan>[0],
  scope: CustomerScope,
  invoiceId: number,
  minors: readonly number[],
): Promise<number[]> {
  const first = Temporal.PlainDate.from('2026-12-01');
  const dated = minors.map((minor, i) => ({ date: first.add({ months: i }).toString(), minor }));
  await attachPlan(merchant, invoiceId, dated);
  const rows = await scope.db.from('installments').select('id').orderBy('position').execute();
  return rows.map(({ id }) => id);
}

async function open(scope: CustomerScope): Promise<number[]> {
  const rows = await scope.db.from('installments').select('balance_minor').orderBy('position').execute();
  return rows.map(({ balance_minor: minor }) => minor);
}

async function nextTries(scope: CustomerScope): Promise<Array<number | null>> {
  const rows = await scope.db.from('installments').select('next_attempt_at').orderBy('position').execute();
  return rows.map(({ next_attempt_at: at }) => at);
}

async function plans(scope: CustomerScope): Promise<string[]> {
  return (await scope.db.from('payment_plans').select('state').execute()).map(({ state }) => state);
}

async function events(scope: CustomerScope, type: string) {
  const rows = await scope.db.from('events').select('invoice_id').where('type', '=', type).execute();
  return rows.map(({ invoice_id: id }) => id);
}
