import { expect, test } from 'vitest';
import { createCustomer } from '#src/customers/customers.ts';
import { issueInvoice } from '#src/documents/issue.ts';
import { addMethod } from '#src/payments/methods/method-setup.ts';
import { customerScope } from '#src/scope.ts';
import { findTenant } from '#src/tenants/tenants.ts';
import { createTenant } from '#src/tenants/tenants.ts';
import { cardSource, ENGINES, openHouse } from '#test/support/house.ts';
import { portalIn } from '#test/support/in-process.ts';
import { fingerprintOf } from '#test/support/mirror.ts';

test.each(ENGINES)(
  'a test tenant’s time is moved, and AutoPay previewed and run in it, on %s',
  async (engine) => {
    const { portal, words } = await aTenant(engine);
    expect(await words('clock set acme 2026-12-24')).toBe('2026-12-24 00:00:00 Europe/Berlin (test clock)');
    expect(await words('clock advance acme 90m')).toBe('2026-12-24 01:30:00 Europe/Berlin (test clock)');
    expect(JSON.parse(await words('autopay run acme --dry-run --json'))).toEqual([]);
    expect(JSON.parse(await words('autopay run acme --date 2027-01-31 --dry-run --json'))).toMatchObject([
      { kind: 'autopay', number: 'INV-0001', amount: 100, currency: 'eur', date: '2026-12-31', attempt: 1 },
    ]);
    expect(await portal(['autopay', 'run', 'acme', '--date', '2026-12-31'])).toMatchObject({
      code: 1,
      stdout: '',
    });
    expect(JSON.parse(await words('autopay run acme --json'))).toEqual([]);
    await words('clock set acme 2026-12-31T08:00:00Z');
    // Not a day further than it was asked for.
    expect(JSON.parse(await words('autopay run acme --date 2026-12-30 --json'))).toEqual([]);
    expect(JSON.parse(await words('autopay run acme --json'))).toMatchObject([
      { number: 'INV-0001', state: 'succeeded' },
    ]);
    expect(JSON.parse(await words('autopay run acme --json'))).toEqual([]);
    expect(await words('clock reset acme')).not.toContain('test clock');
  },
);

test.each(ENGINES)('work --once does what is due, in a test tenant’s time too, on %s', async (engine) => {
  const { words } = await aTenant(engine);
  await words('clock set acme 2026-12-31');
  expect(await words('work --once')).toBe('mails sent 1, payments settled 0, collected 1');
  expect(await words('work --once')).toBe('mails sent 0, payments settled 0, collected 0');
  expect(await words('mail list acme --json')).toContain('Receipt R-00001');
});

test.each(ENGINES)(
  'the preview names what the run charges: together, with the fee, and what it leaves, on %s',
  async (engine) => {
    const { words } = await aTenant(engine);
    await words('settings set acme payments.fee_percent 2.9');
    await words('settings set acme payments.card_maximum 500');
    await words(
      'invoice issue acme --customer CUST-00001 --line Ink;1;200 --date 2026-12-20 --due 2026-12-31',
    );
    await words(
      'invoice issue acme --customer CUST-00001 --line Press;1;900 --date 2026-12-20 --due 2026-12-31',
    );
    await words('clock set acme 2026-12-31');
    const preview = await words('autopay run acme --dry-run');
    expect(preview).toMatch(/INV-0001 .*€100\.00 .*€308\.70 for 2, fee €8\.70/);
    expect(preview).toMatch(/INV-0002 .*€200\.00 .*together/);
    expect(preview).toMatch(/INV-0003 .*€900\.00 .*at most €500\.00/);
    expect(JSON.parse(await words('autopay run acme --dry-run --json'))).toMatchObject([
      { number: 'INV-0001', amount: 100, charged: 308.7, fee: 8.7, together: 2, reason: null },
      { number: 'INV-0002', amount: 200, charged: 308.7 },
      { number: 'INV-0003', charged: null, together: 0 },
    ]);
    const done = JSON.parse(await words('autopay run acme --json')) as Array<{
      charge: string | null;
      state: string;
    }>;
    expect(done.map(({ state }) => state).toSorted()).toEqual(['parked', 'succeeded', 'succeeded']);
    expect(new Set(done.flatMap(({ charge }) => charge ?? [])).size).toBe(1);
    expect(JSON.parse(await words('payment list acme --json'))).toMatchObject([
      { amount: 300, convenience_fee: 8.7 },
    ]);
  },
);

test.each(ENGINES)('what is parked is listed with its reason, and released, on %s', async (engine) => {
  const { words, portal } = await aTenant(engine);
  await words('settings set acme autopay.daily_limit 99');
  await words('clock set acme 2026-12-31');
  expect(await words('autopay run acme')).toMatch(/INV-0001 .* parked .*€99\.00/);
  expect(JSON.parse(await words('autopay parked acme --json'))).toMatchObject([
    { number: 'INV-0001', amount: 100, reason: expect.stringContaining('more than the €99.00') },
  ]);
  await words('settings reset acme autopay.daily_limit');
  expect(await portal(['autopay', 'release', 'acme', 'INV-0001'])).toMatchObject({ code: 0, stdout: '' });
  expect(await words('autopay run acme')).toContain('succeeded');
  expect(JSON.parse(await words('autopay parked acme --json'))).toEqual([]);
});

test.each(ENGINES)(
  'a plan is attached by dates and amounts, or computed, shown, and taken back, on %s',
  async (engine) => {
    const { words, portal, house, tenantId } = await aTenant(engine, false);
    const before = await fingerprintOf(house, tenantId);
    const wrong = ['plan', 'attach', 'acme', 'INV-0001', '--installment', '2026-12-01=99.99'];
    expect(await portal(wrong)).toMatchObject({ code: 1, stderr: expect.stringContaining('€99.99') });
    expect((await portal(['plan', 'attach', 'acme', 'INV-0001'])).code).toBe(2);
    expect((await portal(['plan', 'attach', 'acme', 'INV-0001', '--count', '2', '--amount', '5'])).code).toBe(
      2,
    );
    expect(await fingerprintOf(house, tenantId)).toBe(before);
    const made = JSON.parse(await words('plan attach acme INV-0001 --count 3 --first 2026-12-31 --json'));
    expect(made).toMatchObject({
      object: 'payment_plan',
      status: 'pending_signup',
      total: 100,
      installments: [{ amount: 33.34 }, { amount: 33.33 }, { amount: 33.33, balance: 33.33 }],
      approval: null,
    });
    const shown = await words('plan show acme INV-0001');
    for (const text of ['pending signup', '2026-12-31', '2027-02-28', '€33.34'])
      expect(shown).toContain(text);
    expect((await portal(['plan', 'cancel', 'acme', 'INV-0001'])).code).toBe(0);
    expect(await portal(['plan', 'cancel', 'acme', 'INV-0001'])).toMatchObject({ code: 1 });
    await words('plan attach acme INV-0001 --installment 2026-12-01=40 --installment 2027-01-05=60.00');
  },
);

test.each(ENGINES)(
  'a plan for what has nothing open is refused for that, however it is computed, on %s',
  async (engine) => {
    const { words, portal, house, tenantId } = await aTenant(engine, false);
    await words('payment record acme CUST-00001 100 --to INV-0001');
    const before = await fingerprintOf(house, tenantId);
    for (const how of ['--count 3', '--amount 20', '--installment 2026-12-01=100'])
      expect(await portal(`plan attach acme INV-0001 ${how}`.split(' '))).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('INV-0001 has nothing open'),
      });
    expect(await fingerprintOf(house, tenantId)).toBe(before);
  },
);

test.each(ENGINES)('a live tenant’s time cannot be moved, and nothing is written, on %s', async (engine) => {
  const { portal, house } = await aTenant(engine);
  await createTenant(house.app.operator(), { username: 'real', name: 'Real', mode: 'live' });
  const { id } = await findTenant(house.app.operator(), 'real');
  const before = await fingerprintOf(house, id);
  for (const line of ['clock set real 2026-12-01', 'clock advance real 1d', 'clock reset real']) {
    expect(await portal(line.split(' '))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('real is live'),
    });
  }
  expect(await fingerprintOf(house, id)).toBe(before);
});

/** A tenant with one invoice of €100.00 that is due on the last of December 2026; the customer is enrolled unless told otherwise. */
async function aTenant(engine: (typeof ENGINES)[number], enrolled = true) {
  const house = await openHouse(engine);
  const merchant = await house.tenant();
  const customer = await createCustomer(merchant, { name: 'Müller', email: 'petra@mueller.example' });
  const scope = customerScope(merchant, customer.id, 'customer:petra@mueller.example');
  await issueInvoice(merchant, {
    customerId: customer.id,
    currency: 'EUR',
    date: '2026-11-23',
    dueDate: '2026-12-31',
    lines: [{ name: 'Paper', unitCost: '100', amountMinor: 10_000 }],
  });
  const portal = portalIn(house);
  if (enrolled) {
    // The command has a test gateway of its own: the card is kept there.
    const { createApp } = await import('#src/app.ts');
    const own = await createApp(house.config);
    const gateways = own.ports.gateways;
    await addMethod(
      { ...scope, gateways },
      { nonce: 'a card to enrol with', with: cardSource(), autopay: true },
    );
    await own.close();
  }
  const words = async (line: string): Promise<string> => {
    const { code, stdout, stderr } = await portal(line.split(' '));
    expect([code, code === 0 ? '' : stderr], line).toEqual([0, '']);
    return stdout.trim();
  };
  return { house, portal, words, tenantId: merchant.tenant.id };
}
