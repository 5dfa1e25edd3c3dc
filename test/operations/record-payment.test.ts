import { describe, expect, test } from 'vitest';
import { createCustomer } from '#src/customers/customers.ts';
import { issueInvoice } from '#src/documents/issue.ts';
import { money } from '#src/kernel/money.ts';
import { type ReceivedMoney, recordMoney, recordPayment } from '#src/payments/outside/record.ts';
import type { CustomerScope } from '#src/scope.ts';
import { customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { expectSoundBooks, ledgerSums, refusedWithoutTrace } from '#test/support/money.ts';

const TRANSFER = { date: '2026-11-20', method: 'wire_transfer', methodLabel: 'Bank transfer' } as const;

describe.each(ENGINES)('recording a payment from outside the portal on %s', (engine) => {
  test('a hundred at once are all recorded, each with a receipt number of its own', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const { scope } = await customerWithInvoices(merchant, []);
    const one = {
      customerId: scope.customerId,
      amount: money(100, 'EUR'),
      date: '2026-11-23',
      method: 'wire_transfer',
      methodLabel: 'Bank transfer',
      towards: [],
    } as const;
    const recorded = await Promise.all(Array.from({ length: 100 }, () => recordMoney(merchant, one)));
    expect(new Set(recorded.map(({ number }) => number)).size).toBe(100);
    await expectSoundBooks(house);
  });

  test('it goes to the open invoices, the earliest due first, and what is left over becomes credit', async () => {
    const { house, record, scope } = await aDebt(engine, [3_000, 2_000]);
    await record(2_500, []);
    expect(await balances(scope)).toEqual([500, 2_000]);
    await record(3_000, []);
    expect(await balances(scope)).toEqual([0, 0]);
    expect(await ledgerSums(scope)).toMatchObject({ cash: 5_500, receivable: 0, credit_balance: -500 });
    expect(await applications(scope)).toEqual(['invoice 2500', 'invoice 500', 'invoice 2000', 'credit 500']);
    await expectSoundBooks(house);
  });

  test('it goes where the merchant says, each invoice with its amount or all that is open', async () => {
    const { house, record, scope, invoices } = await aDebt(engine, [3_000, 2_000, 1_000]);
    const towards = [{ invoiceId: invoices[2]!.id }, { invoiceId: invoices[0]!.id, minor: 700 }];
    await record(2_000, towards);
    expect(await balances(scope)).toEqual([2_300, 2_000, 0]);
    expect((await ledgerSums(scope)).credit_balance).toBe(-300);
    await expectSoundBooks(house);
  });

  test('money with nothing open becomes credit as a whole', async () => {
    const { house, record, scope } = await aDebt(engine, []);
    await record(4_000, []);
    expect(await ledgerSums(scope)).toEqual({ cash: 4_000, credit_balance: -4_000 });
    await expectSoundBooks(house);
  });

  test('a receipt is mailed where one is asked for, and nowhere else', async () => {
    const { house, record, merchant } = await aDebt(engine, [1_000]);
    await record(400, []);
    expect(await merchant.db.from('outbox').selectAll().execute()).toEqual([]);
    await record(600, [], { receiptEmail: 'petra@mueller.example' });
    expect(await merchant.db.from('outbox').selectAll().execute()).toMatchObject([
      { topic: 'receipt', recipient: 'petra@mueller.example' },
    ]);
    await expectSoundBooks(house);
  });

  test('more than an invoice has, another’s invoice, another currency, and amounts that are none are refused', async () => {
    const { house, record, merchant, scope, invoices } = await aDebt(engine, [1_000]);
    const other = await customerWithInvoices(merchant, [1_000], 'Somebody else');
    const { id: stranger } = other.invoices[0]!;
    const inDollars = await issueInvoice(merchant, {
      customerId: scope.customerId,
      currency: 'USD',
      date: '2026-11-10',
      lines: [{ name: 'Paper', unitCost: '10' }],
    });
    const own = invoices[0]!.id;
    const refused = (code: Parameters<typeof refusedWithoutTrace>[2], work: () => Promise<unknown>) =>
      refusedWithoutTrace(house, merchant, code, work);
    await refused('allocation_impossible', () => record(2_000, [{ invoiceId: own, minor: 1_001 }]));
    await refused('allocation_impossible', () => record(500, [{ invoiceId: own, minor: 501 }]));
    await refused('not_found', () => record(500, [{ invoiceId: stranger, minor: 500 }]));
    await refused('not_found', () => record(500, [{ invoiceId: inDollars.id, minor: 500 }]));
    await refused('not_found', () => record(500, [{ invoiceId: stranger }]));
    await refused('not_found', () => record(500, [{ invoiceId: inDollars.id }]));
    await refused('not_found', () => record(500, [{ invoiceId: own }, { invoiceId: stranger }]));
    await refused('bad_amount', () => record(500, [{ invoiceId: own, minor: -1 }]));
    for (const minor of [0, -500, 0.5]) await refused('bad_amount', () => record(minor, []));
    await refused('unknown_customer', () => record(500, [], { customerId: 999_999 }));
    await refused('bad_amount', () =>
      recordPayment(merchant, {
        ...TRANSFER,
        customerId: scope.customerId,
        currency: 'EUR',
        applied: [],
        toCredit: -5,
      }),
    );
  });

  test('under a key the same money is recorded once, also on another day; the key is good for nothing else', async () => {
    const { house, merchant, record, scope } = await aDebt(engine, [1_000]);
    const key = { key: 'statement 11, line 4', date: undefined };
    const all = await Promise.all(Array.from({ length: 10 }, () => record(700, [], key)));
    house.clock.move(2 * 86_400_000);
    expect(await record(700, [], key)).toEqual(all[0]);
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(await ledgerSums(scope)).toMatchObject({ cash: 700, receivable: 300 });
    for (const other of [
      { ...key, notes: 'again' },
      { ...key, method: 'check' as const },
    ])
      await refusedWithoutTrace(house, merchant, 'key_reused', () => record(700, [], other));
    await refusedWithoutTrace(house, merchant, 'key_reused', () => record(701, [], key));
    await record(700, [], { ...key, key: 'statement 11, line 5' });
    expect((await ledgerSums(scope)).cash).toBe(1_400);
    await expectSoundBooks(house);
  });

  test('a key under which nothing was recorded, because that was refused, is still good', async () => {
    const { house, merchant, record } = await aDebt(engine, [1_000]);
    const key = { key: 'once' };
    await refusedWithoutTrace(house, merchant, 'not_found', () => record(700, [{ invoiceId: 999 }], key));
    await record(700, [], key);
    await expectSoundBooks(house);
  });

  test('100 payments at once never put more on an invoice than it has', async () => {
    const { house, record, scope } = await aDebt(engine, [1_000]);
    const all = await Promise.allSettled(Array.from({ length: 100 }, () => record(100, [])));
    // PostgreSQL may give up on some of so many at once; those it acknowledged are there.
    const minor = all.filter(({ status }) => status === 'fulfilled').length * 100;
    expect(minor).toBeGreaterThan(1_000);
    expect(await balances(scope)).toEqual([0]);
    expect(await ledgerSums(scope)).toMatchObject({ cash: minor, credit_balance: 1_000 - minor });
    await expectSoundBooks(house);
  });
});

test('a customer’s money does not stray to a sibling’s invoices', async () => {
  const { house, merchant } = await aDebt('sqlite', []);
  const { id } = await createCustomer(merchant, { name: 'Alone' });
  await customerWithInvoices(merchant, [1_000], 'Sibling');
  const amount = money(1_000, 'EUR');
  await recordMoney(merchant, { ...TRANSFER, customerId: id, amount, towards: [] });
  const open = await merchant.db.from('invoices').select('balance_minor').execute();
  expect(open).toEqual([{ balance_minor: 1_000 }]);
  await expectSoundBooks(house);
});

async function aDebt(engine: (typeof ENGINES)[number], amounts: number[]) {
  const house = await openHouse(engine);
  const merchant = await house.tenant();
  const { scope, invoices } = await customerWithInvoices(merchant, amounts);
  const record = (minor: number, towards: ReceivedMoney['towards'], more: Partial<ReceivedMoney> = {}) =>
    recordMoney(merchant, {
      ...TRANSFER,
      customerId: scope.customerId,
      amount: { minor, currency: 'EUR' },
      towards,
      ...more,
    });
  return { house, merchant, scope, invoices, record };
}

async function balances(scope: CustomerScope): Promise<number[]> {
  const rows = await scope.db.from('invoices').select('balance_minor').orderBy('id').execute();
  return rows.map((row) => row.balance_minor);
}

async function applications(scope: CustomerScope): Promise<string[]> {
  const rows = await scope.db
    .from('payment_applications')
    .select(['kind', 'amount_minor'])
    .orderBy('id')
    .execute();
  return rows.map((row) => `${row.kind} ${row.amount_minor}`);
}
