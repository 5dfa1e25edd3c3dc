import { describe, expect, test } from 'vitest';
import { creditBalances, type JournalEntry, post, postAll } from '#src/ledger/ledger.ts';
import { transact } from '#src/scope.ts';
import { customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { refusedWithoutTrace } from '#test/support/money.ts';

describe.each(ENGINES)('the books on %s', (engine) => {
  test('an entry says who wrote it, when, about what and why, and has its postings in their order', async () => {
    const { house, ada } = await twoCustomers(engine);
    const [invoice] = await ada.db.from('invoices').select('id').execute();
    await transact(ada, (scope) =>
      post(scope, { ...correction(250), invoiceId: invoice!.id, memo: 'Agreed on the phone' }),
    );
    const entries = await ada.db
      .from('journal')
      .selectAll()
      .where('kind', '=', 'credit_adjustment')
      .execute();
    expect(entries).toMatchObject([
      {
        currency: 'EUR',
        date: '2026-11-23',
        invoice_id: invoice!.id,
        credit_note_id: null,
        payment_id: null,
        refund_id: null,
        memo: 'Agreed on the phone',
        actor: 'customer:petra@mueller.example',
        at: house.clock.now().epochMilliseconds,
      },
    ]);
    const postings = await postingsOf(ada, entries[0]!.id);
    expect(postings).toEqual([
      { position: 0, account: 'adjustments', currency: 'EUR', amount_minor: 250 },
      { position: 1, account: 'credit_balance', currency: 'EUR', amount_minor: -250 },
    ]);
  });

  test('postings of nothing are left out, and an entry of nothing is not written, alone or among others', async () => {
    const { ada, merchant } = await twoCustomers(engine);
    const before = await ada.db.from('journal').select('id').execute();
    await transact(ada, (scope) => post(scope, correction(0)));
    await transact(merchant, (scope) => postAll(scope, []));
    await transact(merchant, (scope) => postAll(scope, [{ ...correction(0), customerId: ada.customerId }]));
    expect(await ada.db.from('journal').select('id').execute()).toEqual(before);
    const withNothing = [...correction(1).postings, { account: 'fees', minor: 0 } as const];
    await transact(ada, (scope) => post(scope, { ...correction(1), postings: withNothing }));
    const [written] = await ada.db
      .from('journal')
      .select('id')
      .where('kind', '=', 'credit_adjustment')
      .execute();
    expect(await postingsOf(ada, written!.id)).toHaveLength(2);
  });

  test('entries of many customers at once are each their own customer’s', async () => {
    const { ada, bob, merchant } = await twoCustomers(engine);
    await transact(merchant, (scope) =>
      postAll(scope, [
        { ...correction(100), customerId: ada.customerId },
        { ...correction(0), customerId: ada.customerId },
        { ...correction(-7), customerId: bob.customerId },
      ]),
    );
    expect(await creditBalances(ada)).toEqual(new Map([['EUR', 100]]));
    expect(await creditBalances(bob)).toEqual(new Map([['EUR', -7]]));
    const [entry] = await bob.db
      .from('journal')
      .select('id')
      .where('kind', '=', 'credit_adjustment')
      .execute();
    expect(await postingsOf(bob, entry!.id)).toHaveLength(2);
  });

  test('credit is told for each currency by itself, and has nothing to do with what is owed', async () => {
    const { ada } = await twoCustomers(engine);
    await transact(ada, (scope) => post(scope, correction(300)));
    await transact(ada, (scope) => post(scope, { ...correction(40), currency: 'USD' }));
    expect(await creditBalances(ada)).toEqual(
      new Map([
        ['EUR', 300],
        ['USD', 40],
      ]),
    );
  });

  test('what does not add up to zero is refused, alone and among others, with nothing written', async () => {
    const { house, ada, merchant } = await twoCustomers(engine);
    const off = { ...correction(5), postings: [{ account: 'adjustments', minor: 5 } as const] };
    const { customerId } = ada;
    await refusedWithoutTrace(house, ada, 'ledger_unbalanced', () =>
      transact(ada, (scope) => post(scope, off)),
    );
    await refusedWithoutTrace(house, merchant, 'ledger_unbalanced', () =>
      transact(merchant, (scope) =>
        postAll(scope, [
          { ...correction(5), customerId },
          { ...off, customerId },
        ]),
      ),
    );
  });
});

/** Credit of so much, given by the merchant. */
function correction(minor: number): JournalEntry {
  return {
    kind: 'credit_adjustment',
    currency: 'EUR',
    date: '2026-11-23',
    postings: [
      { account: 'adjustments', minor },
      { account: 'credit_balance', minor: -minor },
    ],
  };
}

async function twoCustomers(engine: (typeof ENGINES)[number]) {
  const house = await openHouse(engine);
  const merchant = await house.tenant();
  const { scope: ada } = await customerWithInvoices(merchant, [12_000], 'Ada');
  const { scope: bob } = await customerWithInvoices(merchant, [700], 'Bob');
  return { house, merchant, ada, bob };
}

function postingsOf(scope: Awaited<ReturnType<typeof twoCustomers>>['ada'], journalId: number) {
  return scope.db
    .from('postings')
    .select(['position', 'account', 'currency', 'amount_minor'])
    .where('journal_id', '=', journalId)
    .orderBy('position')
    .execute();
}
