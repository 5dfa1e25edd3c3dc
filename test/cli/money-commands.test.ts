import { stripeInTheEnvironment } from '#test/gateways/stripe-bench.ts';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openMerchant } from '#src/tenants/tenants.ts';
import { customerWithLink, merchantAt } from '#test/support/commands.ts';
import { ENGINES, openHouse } from '#test/support/house.ts';
import { expectSoundBooks } from '#test/support/money.ts';
import { aGuest, readAfter, send, TYPED_CARD, TYPED_IBAN } from '#test/support/pages.ts';

const CARD = { with: 'card', ...TYPED_CARD };
const SLOW = { ...TYPED_IBAN, iban: 'DE89370400440532013000' };
const KEYS = [
  'secret_key=sk_test_abcdefgh1234',
  'publishable_key = pk_test_abcdefgh5678',
  'webhook_secret=whsec_abcdefgh',
];

describe.each(ENGINES)('the merchant’s commands on %s', (engine) => {
  test('a card payment is given back in part and then wholly, at the gateway that took it, and the customer sees it', async () => {
    const guest = await aGuest(engine, [10_000], { 'payments.fee_percent': '2' }, { sharedBook: true });
    const { open, visitor, invoices } = guest;
    const { json, words, refused } = merchantAt(open);
    await readAfter(visitor, await send(visitor, `/pay?invoice=${invoices[0]!.clientId}`, '/pay', CARD));
    await refused('payment refund acme R-00001 102.01', /has only €102\.00 left/);
    expect(await json('payment refund acme R-00001 40 --key k1 --reason Scratched')).toMatchObject({
      object: 'refund',
      amount: 40,
      status: 'succeeded',
    });
    expect(await words('payment refund acme R-00001 40 --key k1')).toBe(
      'Gave back €40.00 of payment R-00001.',
    );
    await refused('payment refund acme R-00001 41 --key k1', 'with the key “k1”');
    expect(await words('payment refund acme R-00001')).toBe('Gave back €62.00 of payment R-00001.');
    await refused('payment refund acme R-00001', /R-00001/);
    await refused('payment void acme R-00001', /taken by a gateway, so it can only be refunded/);
    expect(open.gateway.refunds().map(({ minor }) => minor)).toEqual([4_000, 6_200]);
    expect(await json('payment show acme R-00001')).toMatchObject({
      status: 'refunded',
      amount_refunded: 102,
      refunds: [{ amount: 40, reason: 'Scratched' }, { amount: 62 }],
    });
    expect(await json('invoice show acme INV-0001')).toMatchObject({ paid: true, balance: 0 });
    const receipt = await visitor.get('/payments');
    expect(receipt.text).toMatch(/refunded|given back/i);
    await expectSoundBooks(open);
  });

  test('money from outside pays, is taken back, and what cannot be is refused with nothing written', async () => {
    const { open } = await aGuest(engine, [10_000]);
    const { json, refused } = merchantAt(open);
    for (const [line, said] of [
      ['payment record acme CUST-00001 5 --to INV-9=5', 'no invoice “INV-9”'],
      ['payment record acme CUST-00001 5 --to INV-0001=6', 'more than is left on the payment'],
      ['payment record acme CUST-00001 150 --to INV-0001=101', 'more than is left on invoice INV-0001'],
      ['payment record acme CUST-00001 5 --currency XXQ', 'XXQ'],
      ['payment record acme CUST-00001 0', /not an amount|“0/],
      ['payment record acme CUST-00001 5.001', 'is not an amount'],
      ['payment record acme CUST-00001 5 --date 2026-02-30', 'is not a date'],
      ['payment record acme CUST-00002 5', 'no customer “CUST-00002”'],
      ['payment void acme R-00001', 'no payment “R-00001”'],
    ] as const)
      await refused(line, said);
    expect(await json('payment record acme CUST-00001 100 --to INV-0001')).toMatchObject({ status: 'paid' });
    expect(await json('invoice show acme INV-0001')).toMatchObject({ balance: 0 });
    expect(await json('payment void acme R-00001')).toMatchObject({ voided: true });
    expect(await json('payment void acme R-00001')).toMatchObject({ voided: true });
    expect(await json('invoice show acme INV-0001')).toMatchObject({ balance: 100, paid: false });
    await expectSoundBooks(open);
  });

  test('credit is given and taken, which the customer can use, and never more is taken than there is', async () => {
    const { open, visitor } = await aGuest(engine, [10_000]);
    const { run, json, words, refused } = merchantAt(open);
    expect(await json('credit adjust acme CUST-00001 --add 25.50 --notes Patience')).toMatchObject({
      object: 'credit_balance_adjustment',
      amount: 25.5,
      balance: 25.5,
      notes: 'Patience',
    });
    expect(await words('credit adjust acme CUST-00001 --take 5')).toMatch(/Balance +€20\.50/);
    for (const [line, said] of [
      ['credit adjust acme CUST-00001 --take 20.51', 'Only €20.50 of credit is left'],
      ['credit adjust acme CUST-00001 --add=-5', '-5'],
      ['credit adjust acme CUST-00001 --add 0', /0/],
      ['credit adjust acme CUST-00001 --add 5 --currency EURO', 'EURO'],
    ] as const)
      await refused(line, said);
    for (const given of ['', ' --add 5 --take 5'])
      expect(await run(`credit adjust acme CUST-00001${given}`)).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining('either --add or --take'),
      });
    expect((await visitor.get('/')).text).toContain('€20.50');
    await expectSoundBooks(open);
  });

  test('a plan is attached, approved by the customer, not attached twice, and cancelled', async () => {
    const { open, visitor, invoices } = await aGuest(engine, [9_000, 3_000], {}, { sharedBook: true });
    const { json, words, refused } = merchantAt(open);
    await refused('plan attach acme INV-0001 --installment 2026-12-01=89.99', '€89.99');
    await refused('plan attach acme INV-0001 --count 3 --first soon', 'is not a date');
    await refused('plan attach acme INV-9 --count 3', 'no invoice “INV-9”');
    await refused('plan show acme INV-0001', 'no payment plan');
    await refused('plan cancel acme INV-0001', 'no payment plan');
    expect(await json('plan attach acme INV-0001 --amount 40 --every week --first 2026-12-01')).toMatchObject(
      {
        installments: [{ amount: 40 }, { amount: 40 }, { amount: 10 }],
      },
    );
    const path = `/invoices/${invoices[0]!.clientId}/plan`;
    expect(await readAfter(visitor, await send(visitor, path, path, { ...CARD, agree: 'on' }))).toContain(
      'Running',
    );
    expect(await words('plan show acme INV-0001')).toMatch(/Plan +active[\s\S]*Approved +from 127\.0\.0\.1/);
    await refused('plan attach acme INV-0001 --count 2', 'INV-0001');
    expect(await json('plan cancel acme INV-0001')).toMatchObject({ status: 'canceled' });
    await refused('plan cancel acme INV-0001', 'no payment plan');
    await expectSoundBooks(open);
  });

  test('AutoPay is run, put aside with its reason and released; what is not due, or not parked, is refused', async () => {
    const guest = await aGuest(engine, [10_000], {}, { sharedBook: true });
    const { open, visitor } = guest;
    const { json, words, refused } = merchantAt(open);
    await send(visitor, '/autopay', '/autopay', { ...CARD, action: 'on' });
    await words('clock set acme 2026-11-24');
    await words('settings set acme autopay.daily_limit 99.99');
    await refused('autopay run acme --date 2026-11-25', '2026-11-25 has not come yet');
    await refused('autopay run acme --date soon', 'is not a date');
    await refused('autopay release acme INV-0001', 'Nothing of invoice INV-0001 is parked');
    expect(await json('autopay run acme')).toMatchObject([{ number: 'INV-0001', state: 'parked' }]);
    expect(await words('autopay parked acme')).toMatch(/INV-0001 .*€100\.00 .*€99\.99/);
    await words('settings reset acme autopay.daily_limit');
    expect(await json('autopay release acme INV-0001')).toEqual({ invoice: 'INV-0001', parked: false });
    await refused('autopay release acme INV-0001', 'Nothing of invoice INV-0001 is parked');
    expect(await json('autopay run acme')).toMatchObject([{ state: 'succeeded', amount: 100 }]);
    expect(await json('autopay run acme')).toEqual([]);
    expect(open.gateway.book()).toMatchObject([{ minor: 10_000, state: 'succeeded' }]);
    await expectSoundBooks(open);
  });

  test('the clock of a test tenant is moved on: the test gateway lives in its time, debits clear and cards expire by it', async () => {
    const { open, invoices } = await aGuest(engine, [10_000, 2_000], {}, { sharedBook: true });
    const merchant = merchantAt(open);
    const { json, words, run, refused } = merchant;
    await words('clock set acme 2026-11-23');
    const paying = await customerWithLink(open, merchant);
    await send(paying, `/pay?invoice=${invoices[0]!.clientId}`, '/pay', SLOW);
    await words('clock advance acme 71h');
    expect(await words('work --once')).toContain('settled 0');
    expect(await json('invoice show acme INV-0001')).toMatchObject({ status: 'pending' });
    expect(await json('clock advance acme 1h')).toMatchObject({
      now: '2026-11-25T23:00:00Z',
      test_clock: true,
    });
    expect(await words('work --once')).toContain('settled 1');
    expect(await json('invoice show acme INV-0001')).toMatchObject({ paid: true });
    const later = await customerWithLink(open, merchant);
    const page = `/pay?invoice=${invoices[1]!.clientId}`;
    await send(later, page, '/pay', { ...CARD, expiry: '12/26', save: 'on', autopay: 'on' });
    await words('invoice issue acme --customer CUST-00001 --line x;1;5 --due 2027-01-01');
    await words('clock advance acme 36d');
    await words('clock set acme 2027-01-01T12:00:00Z');
    expect(await json('autopay run acme')).toMatchObject([
      { state: 'declined', reason: expect.stringContaining('expired') },
    ]);
    expect((await run('clock advance acme tomorrow')).code).toBe(2);
    await refused('clock set acme 2027-13-01', 'is not a date');
    await refused('clock advance nobody 1d', 'no tenant called “nobody”');
    await expectSoundBooks(open);
  });

  test('a gateway is connected with keys that are shown to nobody, and disconnected; wrong keys are refused', async () => {
    const house = await openHouse(engine);
    await stripeInTheEnvironment();
    const { tenant } = await house.tenant();
    const { json, words, run, refused } = merchantAt(house, tenant.id);
    const file = (...lines: string[]): string => {
      const path = join(house.config.dataDir, 'stripe.keys');
      writeFileSync(path, lines.join('\n'));
      return path;
    };
    await refused('gateway show acme stripe', 'acme is not connected to stripe');
    await refused('gateway disconnect acme stripe', 'acme is not connected to stripe');
    await refused('settings set acme payments.gateway stripe', 'acme is not connected to stripe');
    await refused(`gateway connect acme stripe --keys ${house.config.dataDir}/none`, 'cannot be read');
    for (const [lines, said] of [
      [[], 'These keys cannot be used'],
      [[KEYS[0]!, KEYS[1]!], 'These keys cannot be used'],
      [KEYS.map((line) => line.replace('_test_', '_live_')), 'these are live keys'],
      [
        KEYS.map((line) => line.replace('sk_test_', 'sk_test_unknown_')),
        'Stripe does not know this secret key',
      ],
    ] as const)
      await refused(`gateway connect acme stripe --keys ${file(...lines)}`, said);
    expect((await run('gateway connect acme paypal')).code).toBe(2);
    const connected = await run(`gateway connect acme stripe --keys ${file(...KEYS)} --json`);
    expect(JSON.parse(connected.stdout)).toMatchObject({
      object: 'gateway_connection',
      gateway: 'stripe',
      mode: 'test',
      account: 'acct_abcdefgh1234',
      secret_key_ends: '1234',
      webhook_address: `${tenant.origin}/webhooks/stripe`,
    });
    expect(connected.stderr).toContain('stripe takes the payments of acme from now on.');
    const shown = await words('gateway show acme stripe');
    expect(shown).toContain('pk_test_abcdefgh5678');
    expect(`${connected.stdout}${shown}`).not.toMatch(/sk_test_|whsec_/);
    expect((await openMerchant(house.app.operator(), tenant)).settings['payments.gateway']).toBe('stripe');
    expect(await json('gateway disconnect acme stripe')).toEqual({ gateway: 'stripe', connected: false });
    expect(await words('settings get acme payments.gateway')).toBe('offline');
    await refused('gateway disconnect acme stripe', 'acme is not connected to stripe');
  });
});
