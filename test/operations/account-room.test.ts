import { describe, expect, test } from 'vitest';
import { money } from '#src/kernel/money.ts';
import { assertRoomFor, assertRoomForCredit } from '#src/ledger/room.ts';
import { adjustCredit } from '#src/payments/credit/credits.ts';
import { issueCreditNote } from '#src/documents/issue.ts';
import type { CustomerScope } from '#src/scope.ts';
import { customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';

/** What an account holds of a kind, and from which amount on a document counts for it (minor units). */
const MOST = 4_000_000_000_000_000;
const COUNTS = 1_000_000_000;

type Changes = { state?: 'draft' | 'voided'; currency?: string };

describe.each(ENGINES)('how much an account holds, on %s', (engine) => {
  test('exactly the most, in documents that count', async () => {
    const { scope, holds } = await anAccount(engine);
    await holds(scope, MOST - 2 * COUNTS, COUNTS);
    await takes(scope, COUNTS);
    await refuses(scope, COUNTS + 1);
    await takes(scope, COUNTS + 1, 'USD');
  });

  test('a full one takes small amounts still, and those that it has do not count', async () => {
    const { scope, holds } = await anAccount(engine);
    await holds(scope, MOST - COUNTS, COUNTS - 1);
    await takes(scope, COUNTS);
    await holds(scope, COUNTS);
    await takes(scope, COUNTS - 1);
    await refuses(scope, COUNTS);
  });

  test.each<[what: string, row: Changes]>([
    ['a draft', { state: 'draft' }],
    ['what was voided', { state: 'voided' }],
    ['another currency', { currency: 'USD' }],
  ])('%s takes no room', async (_, row) => {
    const { scope, holds, change } = await anAccount(engine);
    await holds(scope, MOST);
    await change(row);
    await takes(scope, COUNTS);
  });

  test('nor does another customer, nor the other kind of document', async () => {
    const { merchant, scope, holds } = await anAccount(engine);
    const other = (await customerWithInvoices(merchant, [], 'Other')).scope;
    await holds(scope, MOST);
    await takes(other, COUNTS);
    await assertRoomFor(scope, 'credit_notes', money(COUNTS, 'EUR'));
    const lines = [{ name: 'Paper', unitCost: '1' }];
    await issueCreditNote(merchant, {
      customerId: scope.customerId,
      currency: 'EUR',
      date: '2026-11-10',
      lines,
    });
    await scope.db.update('credit_notes').set({ total_minor: MOST }).execute();
    await expect(assertRoomFor(scope, 'credit_notes', money(COUNTS, 'EUR'))).rejects.toMatchObject(FULL);
  });

  test('of credit it takes what comes on top of the balance', async () => {
    const { merchant, scope } = await anAccount(engine);
    await assertRoomForCredit(scope, money(MOST, 'EUR'));
    await expect(assertRoomForCredit(scope, money(MOST + 1, 'EUR'))).rejects.toMatchObject(FULL);
    await adjustCredit(merchant, { customerId: scope.customerId, amount: money(COUNTS, 'EUR') });
    await assertRoomForCredit(scope, money(MOST - COUNTS, 'EUR'));
    await expect(assertRoomForCredit(scope, money(MOST - COUNTS + 1, 'EUR'))).rejects.toMatchObject(FULL);
    await assertRoomForCredit(scope, money(MOST, 'USD'));
  });
});

const FULL = { code: 'account_full', details: { most: '40000000000000.00 EUR' } };

const takes = (scope: CustomerScope, minor: number, currency = 'EUR') =>
  assertRoomFor(scope, 'invoices', money(minor, currency));
const refuses = (scope: CustomerScope, minor: number) =>
  expect(takes(scope, minor)).rejects.toMatchObject(FULL);

async function anAccount(engine: (typeof ENGINES)[number]) {
  const merchant = await (await openHouse(engine)).tenant();
  const { scope } = await customerWithInvoices(merchant, []);
  const { customerId } = scope;
  let count = 0;
  /** Puts invoices of these totals into the account, as if they had been there for long. */
  const holds = async ({ db }: CustomerScope, ...totals: readonly number[]): Promise<void> => {
    for (const total of totals) {
      const id = await db.nextId('invoices');
      const unique = { client_id: `i${(count += 1)}`, number: `I-${count}` };
      const amounts = { subtotal_minor: total, total_minor: total, balance_minor: total };
      const moments = { date: '2026-11-10', created_at: 1, updated_at: 1 };
      await db.insert('invoices', {
        id,
        ...unique,
        ...amounts,
        ...moments,
        currency: 'EUR',
        state: 'issued',
      });
    }
  };
  const change = (row: Changes) =>
    merchant.db.update('invoices').set(row).where('customer_id', '=', customerId).execute();
  return { merchant, scope, holds, change };
}
