import { describe, expect, test } from 'vitest';
import { createCustomer } from '#src/customers/customers.ts';
import { findInvoice } from '#src/documents/invoice.ts';
import { issueInvoice } from '#src/documents/issue.ts';
import { collectDue } from '#src/payments/collecting/autopay.ts';
import { upcomingCollections } from '#src/payments/collecting/collections.ts';
import { listParked, releaseParked } from '#src/payments/collecting/parking.ts';
import { enrol, leaveAutopay, makeDefault } from '#src/payments/methods/enrolment.ts';
import { settleInstrument } from '#src/payments/methods/instruments.ts';
import { verifyMethod } from '#src/payments/methods/method-verification.ts';
import { moveTestClock } from '#src/payments/news/test-clock.ts';
import { recordPayment } from '#src/payments/outside/record.ts';
import { voidPayment } from '#src/payments/outside/voids.ts';
import { approvePlan, attachPlan, cancelPlan } from '#src/payments/plans/plans.ts';
import { findPlan } from '#src/payments/plans/plan.ts';
import { payOptions } from '#src/payments/taking/pay-options.ts';
import { payInvoices } from '#src/payments/taking/pay.ts';
import type { Gateway } from '#src/payments/gateways/gateway.ts';
import { customerScope, type CustomerScope, type MerchantScope } from '#src/scope.ts';
import { findTenant, openMerchant } from '#src/tenants/tenants.ts';
import { workOnce } from '#src/work.ts';
import { cardSource, customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { savedMethod } from '#test/support/instruments.ts';
import { expectSoundBooks, paid, withSettings } from '#test/support/money.ts';

/*
 * What AutoPay and payment plans leave alone, and what they take up again, when something else happens to an invoice meanwhile.
 */
const DAY_MS = 86_400_000;
const DECLINED = '4000000000000069';
const SLOW_IBAN = 'DE89370400440532013000';
const EVIDENCE = { ip: '203.0.113.7', userAgent: 'Firefox on Windows' };

describe.each(ENGINES)('on %s', (engine) => {
  test('an invoice that opens again after AutoPay collected its rest is collected again, not before tomorrow', async () => {
    const { house, merchant, scope, invoice } = await indebted(engine, { enrolled: true });
    const cheque = await byCheque(merchant, scope, invoice.id, 4_000);
    house.clock.move(2 * DAY_MS);
    expect(await states(merchant)).toEqual(['succeeded']);
    await voidPayment(merchant, cheque.id);
    expect(await states(merchant)).toEqual([]);
    house.clock.move(DAY_MS);
    expect(await states(merchant)).toEqual(['succeeded']);
    expect((await findInvoice(scope, invoice.clientId)).status).toBe('paid');
    await expectSoundBooks(house);
  });

  test('a retry that was planned is still made after a cheque came and bounced', async () => {
    const { house, merchant, scope, invoice } = await indebted(engine, { enrolled: true, card: DECLINED });
    house.clock.move(2 * DAY_MS);
    expect(await states(merchant)).toEqual(['declined']);
    const cheque = await byCheque(merchant, scope, invoice.id, 10_000);
    await voidPayment(merchant, cheque.id);
    house.clock.move(4 * DAY_MS);
    expect(await states(merchant)).toEqual(['declined']);
  });

  test('AutoPay that was left stays off for an invoice that had demanded it and opens again', async () => {
    const { house, merchant, scope, invoice } = await indebted(engine, { demanding: true });
    await savedMethod(house, scope, cardSource());
    const cheque = await byCheque(merchant, scope, invoice.id, 10_000);
    await leaveAutopay(scope, { plans: 'stop' });
    await voidPayment(merchant, cheque.id);
    house.clock.move(2 * DAY_MS);
    expect(await states(merchant)).toEqual([]);
    expect(house.gateway.book()).toEqual([]);
  });

  test('AutoPay that was left is not turned on again by a debit that was to enrol and arrives later', async () => {
    const { house, scope, invoice } = await indebted(engine);
    const debit = await payInvoices(scope, {
      nonce: 'the nonce of a form with AutoPay',
      seen: new Map([[invoice.clientId, 10_000]]),
      autopay: true,
      with: slowDebit(),
    });
    expect(debit.state).toBe('processing');
    await leaveAutopay(scope, { plans: 'stop' });
    house.clock.move(4 * DAY_MS);
    await workOnce(house.app);
    expect((await findInvoice(scope, invoice.clientId)).status).toBe('paid');
    expect(await scope.db.from('customers').select('autopay').executeTakeFirst()).toEqual({ autopay: 0 });
  });

  test('the rest of a plan that was taken back is the customer’s to pay, also of one who is enrolled, until they enrol anew', async () => {
    const { house, merchant, scope, invoice } = await indebted(engine, { enrolled: true });
    await attachPlan(merchant, invoice.id, schedule('2026-11-24', '2026-12-24'));
    house.clock.move(2 * DAY_MS);
    expect(await states(merchant)).toEqual(['succeeded']);
    await cancelPlan(merchant, invoice.id);
    house.clock.move(60 * DAY_MS);
    expect(await states(merchant)).toEqual([]);
    await leaveAutopay(scope, { plans: 'stop' });
    const [method] = await scope.db.from('payment_methods').select('id').execute();
    await enrol(scope, method!.id);
    expect(await states(merchant)).toEqual(['succeeded']);
    await expectSoundBooks(house);
  });

  test('a plan that nobody approved waits for its approval again when the cheque that had paid it bounces', async () => {
    const { house, merchant, scope, invoice } = await indebted(engine);
    await attachPlan(merchant, invoice.id, schedule('2026-12-01', '2027-01-01'));
    const cheque = await byCheque(merchant, scope, invoice.id, 10_000);
    expect((await findPlan(scope, invoice.id))?.state).toBe('finished');
    await voidPayment(merchant, cheque.id);
    expect((await findPlan(scope, invoice.id))?.state).toBe('pending_signup');
    await enrol(scope, await savedMethod(house, scope, cardSource()));
    house.clock.move(10 * DAY_MS);
    expect(await states(merchant)).toEqual([]);
    await expectSoundBooks(house);
  });

  test('an approved plan runs on when the cheque that had paid it bounces', async () => {
    const { merchant, scope, invoice } = await indebted(engine);
    const { hash } = await attachPlan(merchant, invoice.id, schedule('2026-12-01', '2027-01-01'));
    await approvePlan(scope, { invoiceId: invoice.id, hash, ...EVIDENCE });
    const cheque = await byCheque(merchant, scope, invoice.id, 10_000);
    await voidPayment(merchant, cheque.id);
    expect((await findPlan(scope, invoice.id))?.state).toBe('active');
  });

  test('what waits for a debit does not keep what comes after it from being collected', async () => {
    const { house, merchant, scope, invoice } = await indebted(engine, {
      enrolled: true,
      settings: { 'payments.partial': 'on' },
    });
    const part = await payInvoices(scope, {
      nonce: 'the nonce of a form with a part',
      seen: new Map([[invoice.clientId, 10_000]]),
      parts: new Map([[invoice.clientId, 5_000]]),
      with: slowDebit(),
    });
    expect(part.state).toBe('processing');
    await issueInvoice(merchant, {
      ...DUE,
      customerId: scope.customerId,
      lines: [{ name: 'Ink', unitCost: '200' }],
    });
    house.clock.move(1.5 * DAY_MS);
    await collectDue(merchant, { most: 1 });
    expect(house.gateway.book().map(({ minor }) => minor)).toContain(20_000);
  });

  test('a card that stopped being the default while a round ran is not charged by it', async () => {
    const { house, merchant, scope } = await indebted(engine, { enrolled: true });
    const other = await customerWithInvoices(merchant, [2_000], 'Two');
    const old = await savedMethod(house, other.scope, cardSource('4111111111111111'));
    await enrol(other.scope, old);
    const fresh = await savedMethod(house, other.scope, cardSource('5454545454545454'));
    house.clock.move(2 * DAY_MS);
    const gateway: Gateway = {
      ...house.gateway,
      charge: async (request) => {
        if (request.customerRef === String(scope.customerId)) await makeDefault(other.scope, fresh);
        return house.gateway.charge(request);
      },
    };
    await collectDue({ ...merchant, gateways: { test: gateway } });
    await collectDue(merchant);
    const charged = await other.scope.db.from('payments').select('payment_method_id').execute();
    expect(charged).toEqual([{ payment_method_id: fresh }]);
  });

  test('what was parked and released has all its retries, and what was paid by hand is parked no more', async () => {
    const { house, merchant, scope, invoice } = await indebted(engine, {
      enrolled: true,
      card: DECLINED,
      settings: { 'autopay.daily_limit': '1.00' },
    });
    house.clock.move(2 * DAY_MS);
    expect(await states(merchant)).toEqual(['parked']);
    const later = await withSettings(house, merchant, { 'autopay.daily_limit': '' });
    await releaseParked(later, invoice);
    expect(await states(later)).toEqual(['declined']);
    house.clock.move(3 * DAY_MS);
    const tight = await withSettings(house, later, { 'autopay.daily_limit': '1.00' });
    expect(await states(tight)).toEqual(['parked']);
    expect(await listParked(tight)).toHaveLength(1);
    await paid(scope, invoice.clientId);
    expect(await listParked(tight)).toEqual([]);
  });

  test('bounds with cents hold in a currency without them: minima are rounded up, maxima down', async () => {
    const house = await openHouse(engine);
    const merchant = await withSettings(house, await house.tenant(), {
      'payments.card_minimum': '0.50',
      'payments.card_maximum': '5000.99',
      'payments.partial': 'on',
      'payments.partial_minimum': '10.01',
      'autopay.daily_limit': '99999.99',
    });
    const { id: customerId } = await createCustomer(merchant, {
      name: 'Kenji',
      email: 'kenji@example.jp',
      currency: 'JPY',
    });
    const scope = customerScope(merchant, customerId);
    expect(await payOptions(scope, 'JPY', [])).toMatchObject({
      methods: [{ minimum: { minor: 1 }, maximum: { minor: 5_000 } }],
      least: { minor: 11 },
    });
    await enrol(scope, await savedMethod(house, scope, cardSource()));
    const lines = [{ name: 'Paper', unitCost: '500' }];
    await issueInvoice(merchant, { customerId, currency: 'JPY', date: '2026-11-10', lines });
    house.clock.move(DAY_MS);
    expect(await states(merchant)).toEqual(['succeeded']);
  });

  test('an account that its bank confirms by itself makes due again what could not be collected', async () => {
    const { house, merchant, scope } = await indebted(engine, { enrolled: true, card: DECLINED });
    house.clock.move(2 * DAY_MS);
    expect(await states(merchant)).toEqual(['declined']);
    const works = { holder: 'Petra Müller', holderType: 'company', iban: 'DE75512108001245126199' } as const;
    const account = { kind: 'bank_account', account: works } as const;
    const bank = await savedMethod(house, scope, account, { microDeposits: true });
    const [card, confirmed] = await scope.db
      .from('payment_methods')
      .select('gateway_id')
      .orderBy('id')
      .execute();
    const about = 'instrument' as const;
    await settleInstrument(merchant, 'test', {
      about,
      gatewayId: card!.gateway_id,
      state: 'removed',
      reason: undefined,
    });
    await settleInstrument(merchant, 'test', {
      about,
      gatewayId: confirmed!.gateway_id,
      state: 'usable',
      reason: undefined,
    });
    const [next] = await upcomingCollections(scope);
    expect(next).toMatchObject({ methodId: bank });
    expect(next!.at).toBeLessThanOrEqual(house.clock.now().epochMilliseconds);
  });

  test('tries that the gateway never answered do not use up the confirmation of an account, but not without end', async () => {
    const { house, scope } = await indebted(engine);
    const american = {
      holder: 'Petra Müller',
      holderType: 'company',
      routing: '110000000',
      account: '123456789',
    } as const;
    const id = await savedMethod(
      house,
      scope,
      { kind: 'bank_account', account: american },
      { microDeposits: true },
    );
    const silent = { ...house.gateway, verify: () => Promise.reject(new Error('no answer')) };
    const alone = { ...scope, gateways: { test: silent } };
    for (let i = 0; i < 4; i++)
      await expect(verifyMethod(alone, id, [35, 45])).rejects.toMatchObject({ code: 'gateway_silent' });
    expect(await verifyMethod(scope, id, [35, 45])).toEqual({ state: 'usable' });
    const other = await savedMethod(
      house,
      scope,
      { kind: 'bank_account', account: { ...american, account: '000222222227' } },
      { microDeposits: true },
    );
    for (let i = 0; i < 8; i++) await verifyMethod(alone, other, [35, 45]).catch(() => {});
    await expect(verifyMethod(scope, other, [35, 45])).rejects.toMatchObject({ code: 'method_not_usable' });
  });

  test('a payment that nobody answered for is found although the test clock was set back meanwhile', async () => {
    let lose = true;
    const house = await openHouse(engine, { fault: () => (lose ? 'lose_answer' : undefined) });
    const { tenant } = await house.tenant();
    const ahead = house.clock.now().epochMilliseconds + 400 * DAY_MS;
    await moveTestClock(house.app.operator(), tenant, ahead);
    const merchant = await openMerchant(house.app.operator(), await findTenant(house.app.operator(), 'acme'));
    const { scope, invoices } = await customerWithInvoices(merchant, [5_000]);
    const seen = new Map([[invoices[0]!.clientId, 5_000]]);
    const lost = await payInvoices(scope, {
      nonce: 'the nonce of a form in the future',
      seen,
      with: cardSource(),
    });
    expect(lost.state).toBe('unknown');
    lose = false;
    await moveTestClock(house.app.operator(), merchant.tenant, undefined);
    await workOnce(house.app);
    expect(await scope.db.from('payment_attempts').select('state').execute()).toEqual([
      { state: 'succeeded' },
    ]);
  });
});

const DUE = { currency: 'EUR', date: '2026-11-10', dueDate: '2026-11-24' };

interface Wish {
  readonly enrolled?: boolean;
  readonly demanding?: boolean;
  readonly card?: string;
  readonly settings?: Readonly<Record<string, string>>;
}

/** A customer with one invoice of 100.00, due on 24 November, on the 23rd. */
async function indebted(
  engine: (typeof ENGINES)[number],
  { enrolled, demanding, card, settings }: Wish = {},
) {
  const house = await openHouse(engine);
  const merchant = await withSettings(house, await house.tenant(), settings ?? {});
  const { scope } = await customerWithInvoices(merchant, []);
  if (enrolled) await enrol(scope, await savedMethod(house, scope, cardSource(card)));
  const invoice = await issueInvoice(merchant, {
    ...DUE,
    customerId: scope.customerId,
    autopay: demanding,
    lines: [{ name: 'Paper', unitCost: '100' }],
  });
  return { house, merchant, scope, invoice };
}

async function states(merchant: MerchantScope): Promise<string[]> {
  return (await collectDue(merchant)).map(({ outcome }) => outcome.state);
}

function byCheque(merchant: MerchantScope, { customerId }: CustomerScope, invoiceId: number, minor: number) {
  const cheque = { currency: 'EUR', date: '2026-11-23', method: 'check', methodLabel: 'Check 7' } as const;
  return recordPayment(merchant, { ...cheque, customerId, applied: [{ invoiceId, minor }] });
}

function schedule(...dates: readonly string[]) {
  return dates.map((date) => ({ date, minor: 5_000 }));
}

function slowDebit() {
  const account = { holder: 'Petra Müller', holderType: 'company', iban: SLOW_IBAN } as const;
  return { kind: 'bank_account', account } as const;
}
