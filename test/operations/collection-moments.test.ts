import { CompiledQuery } from 'kysely';
import { describe, expect, test } from 'vitest';
import { checkDatabase } from '#db/check.ts';
import { tenantsWithCollections } from '#db/due.ts';
import { updateCustomer } from '#src/customers/changes.ts';
import { issueInvoice } from '#src/documents/issue.ts';
import { dueCustomers } from '#src/payments/collecting/autopay.ts';
import { dueCollections } from '#src/payments/collecting/collections.ts';
import { enrol, leaveAutopay } from '#src/payments/methods/enrolment.ts';
import { resetSetting, setSetting } from '#src/tenants/settings.ts';
import { cardSource, customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { savedMethod } from '#test/support/instruments.ts';
import { expectSoundBooks as sound } from '#test/support/money.ts';

// The clock stands at 11:00 in Berlin on 23 November 2026, where days begin at 23:00 UTC.
const DUE = Date.parse('2026-11-24T23:00:00Z');
const DAY = 86_400_000;

describe.each(ENGINES)('the moment of a collection on %s', (engine) => {
  test('is there while something is collected by itself, and only then', async () => {
    const { house, scope, methodId, moments } = await anAccount(engine);
    expect(await moments()).toEqual([null]);
    await enrol(scope, methodId);
    expect(await moments()).toEqual([DUE]);
    await leaveAutopay(scope, { plans: 'keep' });
    expect(await moments()).toEqual([null]);
    await sound(house);
  });

  test('moves with the days that the merchant, or the customer, waits', async () => {
    const { house, merchant, scope, methodId, moments } = await anAccount(engine);
    await enrol(scope, methodId);
    await setSetting(merchant, 'autopay.delay_days', '2');
    expect(await moments()).toEqual([DUE + 2 * DAY]);
    await updateCustomer(merchant, scope.customerId, { autopayDelayDays: 5 });
    expect(await moments()).toEqual([DUE + 5 * DAY]);
    await resetSetting(merchant, 'autopay.delay_days');
    expect(await moments()).toEqual([DUE + 5 * DAY]);
    await updateCustomer(merchant, scope.customerId, { autopayDelayDays: null });
    expect(await moments()).toEqual([DUE]);
    await sound(house);
  });

  test('is what finds the tenant, the customer and the invoice', async () => {
    const { house, merchant, scope, methodId, raw } = await anAccount(engine);
    const found = async () => [
      await tenantsWithCollections(house.app.ports.store, house.clock.now().epochMilliseconds),
      await dueCustomers(merchant, 10),
      (await dueCollections(merchant)).length,
    ];
    await enrol(scope, methodId);
    expect(await found()).toEqual([[], [], 0]);
    house.clock.move(2 * DAY);
    expect(await found()).toEqual([[merchant.tenant.id], [String(scope.customerId)], 1]);
    await raw('update invoices set collect_at = null');
    expect(await found()).toEqual([[], [], 0]);
  });

  test.each([
    ['collections_due', 'update invoices set collect_at = null'],
    ['collections_due', 'update invoices set collect_at = collect_at + 1'],
    ['first_moments', `update invoices set first_at = first_at + 3600000`],
    ['first_moments', `update invoices set first_at = null`],
  ])('%s tells when somebody did: %s', async (name, change) => {
    const { house, scope, methodId, raw } = await anAccount(engine);
    await enrol(scope, methodId);
    await sound(house);
    await raw(change);
    const broken = (await checkDatabase(house.app.ports.store)).filter(
      ({ violations }) => violations.length > 0,
    );
    expect(broken.map((check) => check.name)).toEqual([name]);
  });

  test('a value that is wrong in the other direction is told too', async () => {
    const { house, raw } = await anAccount(engine);
    await raw('update invoices set collect_at = 1');
    const broken = (await checkDatabase(house.app.ports.store)).filter(
      ({ violations }) => violations.length > 0,
    );
    expect(broken).toMatchObject([
      { name: 'collections_due', violations: [expect.stringContaining('collect_at 1')] },
    ]);
  });
});

/** Somebody with a card, who owes 100.00 by 25 November. */
async function anAccount(engine: (typeof ENGINES)[number]) {
  const house = await openHouse(engine);
  const merchant = await house.tenant();
  const { scope } = await customerWithInvoices(merchant, []);
  const methodId = await savedMethod(house, scope, cardSource());
  await issueInvoice(merchant, {
    customerId: scope.customerId,
    currency: 'EUR',
    date: '2026-11-23',
    dueDate: '2026-11-25',
    lines: [{ name: 'Paper', unitCost: '0', amountMinor: 10_000 }],
  });
  const moments = async () =>
    (await merchant.db.from('invoices').select('collect_at').execute()).map((row) => row.collect_at);
  const raw = (statement: string) => house.app.ports.store.kysely.executeQuery(CompiledQuery.raw(statement));
  return { house, merchant, scope, methodId, moments, raw };
}
