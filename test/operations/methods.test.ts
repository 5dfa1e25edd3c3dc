import { describe, expect, test } from 'vitest';
import { billingDetails, createCustomer } from '#src/customers/customers.ts';
import type { RefusalCode } from '#src/kernel/errors.ts';
import { enrol, makeDefault } from '#src/payments/methods/enrolment.ts';
import type { BankDetails, Gateway } from '#src/payments/gateways/gateway.ts';
import { removalEffect, removeMethod } from '#src/payments/methods/method-removal.ts';
import { addMethod, methodsToAdd, type NewMethod } from '#src/payments/methods/method-setup.ts';
import { triesLeft, verifyMethod } from '#src/payments/methods/method-verification.ts';
import { expiryOf, findMethod, listMethods, nameMethod, titleOf } from '#src/payments/methods/methods.ts';
import { payInAdvance } from '#src/payments/taking/pay.ts';
import { customerScope, type CustomerScope } from '#src/scope.ts';
import { setSetting } from '#src/tenants/settings.ts';
import { openMerchant } from '#src/tenants/tenants.ts';
import { workOnce } from '#src/work.ts';
import { cardSource, ENGINES, openHouse, WORKING_CARD } from '#test/support/house.ts';
import { fingerprintOf } from '#test/support/mirror.ts';

const US_ACCOUNT: BankDetails = {
  holder: 'Ann Lee',
  holderType: 'individual',
  routing: '110000000',
  account: '123456789',
};
const IBAN: BankDetails = {
  holder: 'Petra Müller',
  holderType: 'individual',
  iban: 'DE89 3704 0044 0532 0130 00',
};

describe.each(ENGINES)('on %s', (engine) => {
  test('a card is kept with its brand, last digits and expiry; the first one is the default', async () => {
    const { scope } = await aCustomer(engine);
    expect(await addMethod(scope, card('one'))).toMatchObject({ state: 'saved' });
    await addMethod(scope, card('two', '5454545454545454'));
    const methods = await listMethods(scope);
    expect(methods.map((method) => [titleOf(method), method.is_default])).toEqual([
      ['Visa ending 4242', 1],
      ['Mastercard ending 5454', 0],
    ]);
    expect(methods[0]).toMatchObject({ exp_month: 12, exp_year: 2030, state: 'usable' });
  });

  test('the same form sent ten times at once keeps one instrument; another card in it is another one', async () => {
    const { scope } = await aCustomer(engine);
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => addMethod(scope, card('one'))));
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
    expect(await listMethods(scope)).toHaveLength(1);
    await addMethod(scope, card('one', '5454545454545454'));
    expect(await listMethods(scope)).toHaveLength(2);
  });

  test('two customers who send the same form each keep an instrument of their own', async () => {
    const { scope, other } = await aCustomer(engine);
    await addMethod(scope, card('one'));
    await addMethod(other, card('one'));
    const [[mine], [theirs]] = [await listMethods(scope), await listMethods(other)];
    expect(mine!.gateway_id).not.toBe(theirs!.gateway_id);
  });

  test('a card that the gateway declines is not kept, and neither is one that is mistyped', async () => {
    const { scope, house } = await aCustomer(engine);
    expect(await addMethod(scope, card('one', '4000000000000127'))).toMatchObject({
      state: 'declined',
      code: 'card_cvc_wrong',
    });
    const before = await fingerprintOf(house, scope.tenant.id);
    expect(await addMethod(scope, card('two', '4242424242424241'))).toMatchObject({
      state: 'declined',
      code: 'card_number_invalid',
    });
    expect(await addMethod(scope, bank('three', { ...IBAN, iban: 'DE89370400440532013001' }))).toMatchObject({
      state: 'declined',
      code: 'bank_account_invalid',
    });
    expect(await listMethods(scope)).toEqual([]);
    expect(await fingerprintOf(house, scope.tenant.id)).toBe(before);
  });

  test('whoever tries one declined card after another is stopped for an hour', async () => {
    const { scope, house } = await aCustomer(engine);
    for (let i = 0; i < 10; i++) await addMethod(scope, card(`form ${i}`, '4000000000000127'));
    const before = await fingerprintOf(house, scope.tenant.id);
    await refused('too_many_requests', addMethod(scope, card('one more')));
    expect(await fingerprintOf(house, scope.tenant.id)).toBe(before);
    house.clock.move(3_600_001);
    expect(await addMethod(scope, card('one more'))).toMatchObject({ state: 'saved' });
  });

  test('an account keeps so many payment methods, and begins so many an hour', async () => {
    const { scope, house } = await aCustomer(engine);
    const begun = (): Promise<number> =>
      scope.db
        .from('method_setups')
        .select('id')
        .execute()
        .then(({ length }) => length);
    for (let i = 0; i < 15; i += 1) await addMethod(scope, card(`a${i}`));
    await refused('too_many_requests', addMethod(scope, card('one more')));
    expect(await begun()).toBe(15);
    house.clock.move(3_600_001);
    for (let i = 0; i < 5; i += 1) await addMethod(scope, card(`b${i}`));
    await refused('too_many_methods', addMethod(scope, card('one more')));
    expect([await begun(), (await listMethods(scope)).length]).toEqual([20, 20]);
    await removeMethod(scope, (await listMethods(scope)).at(-1)!.id);
    expect(await addMethod(scope, card('one more'))).toMatchObject({ state: 'saved' });
  });

  test('an IBAN is kept with the mandate that was agreed to, and is debited in euros', async () => {
    const { scope } = await aCustomer(engine);
    expect(await methodsToAdd(scope)).toEqual(['credit_card', 'direct_debit']);
    await addMethod(scope, bank('one', IBAN));
    const [method] = await listMethods(scope);
    expect(method).toMatchObject({
      kind: 'bank_account',
      last4: '3000',
      bank_country: 'DE',
      state: 'usable',
    });
    expect(method!.mandate).toContain('you authorise acme Ltd');
  });

  test('an account that does not fit the customer’s currency is refused, and nothing is written', async () => {
    const { scope, house } = await aCustomer(engine);
    const before = await fingerprintOf(house, scope.tenant.id);
    await refused('method_not_offered', addMethod(scope, bank('one', US_ACCOUNT)));
    expect(await fingerprintOf(house, scope.tenant.id)).toBe(before);
  });

  test('a saved account in one currency is not debited in another', async () => {
    const { scope, house } = await aCustomer(engine, 'USD', { 'payments.advance': true });
    const outcome = await addMethod(scope, bank('one', US_ACCOUNT));
    const methodId = idOf(outcome);
    const before = await fingerprintOf(house, scope.tenant.id);
    const pay = (currency: string) =>
      payInAdvance(scope, {
        nonce: `nonce for ${currency}`,
        with: { kind: 'method', methodId },
        amount: { minor: 500, currency },
      });
    await refused('method_not_offered', pay('EUR'));
    expect(await fingerprintOf(house, scope.tenant.id)).toBe(before);
    expect(await pay('USD')).toMatchObject({ state: 'succeeded' });
  });

  test('an account on two small deposits can be used when both amounts are confirmed, in any order', async () => {
    const { scope } = await aCustomer(engine, 'USD');
    const id = idOf(
      await addMethod(scope, { ...bank('one', US_ACCOUNT), microDeposits: true, makeDefault: true }),
    );
    expect(await findMethod(scope, id)).toMatchObject({ state: 'verifying', is_default: 0 });
    await refused('not_found', makeDefault(scope, id));
    expect(await verifyMethod(scope, id, [45, 12])).toMatchObject({ state: 'wrong', triesLeft: 2 });
    expect(await verifyMethod(scope, id, [45, 35])).toEqual({ state: 'usable' });
    expect(await verifyMethod(scope, id, [1, 1])).toEqual({ state: 'usable' });
    expect(await findMethod(scope, id)).toMatchObject({ state: 'usable', is_default: 1 });
  });

  test('three wrong tries end it, also when twenty are sent at once: then not even the right amounts help', async () => {
    const { scope, house } = await aCustomer(engine, 'USD');
    const id = idOf(await addMethod(scope, { ...bank('one', US_ACCOUNT), microDeposits: true }));
    const tries = Array.from({ length: 20 }, (_, i) => verifyMethod(scope, id, [i, 1]));
    const answers = await Promise.allSettled(tries);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(await triesLeft(scope, id)).toBe(0);
    expect(await findMethod(scope, id)).toMatchObject({ state: 'failed' });
    const before = await fingerprintOf(house, scope.tenant.id);
    await refused('method_not_usable', verifyMethod(scope, id, [35, 45]));
    expect(await fingerprintOf(house, scope.tenant.id)).toBe(before);
  });

  test('an instrument is named, on one line; too long a name is refused and nothing is written', async () => {
    const { scope, house } = await aCustomer(engine);
    const id = idOf(await addMethod(scope, { ...card('one'), name: '  The \n company card ' }));
    expect(await findMethod(scope, id)).toMatchObject({ label: 'The company card' });
    await nameMethod(scope, id, '');
    expect(await findMethod(scope, id)).toMatchObject({ label: null });
    const before = await fingerprintOf(house, scope.tenant.id);
    await refused('name_too_long', nameMethod(scope, id, 'n'.repeat(61)));
    await refused('name_too_long', addMethod(scope, { ...card('two'), name: 'n'.repeat(61) }));
    expect(await fingerprintOf(house, scope.tenant.id)).toBe(before);
  });

  test('a removed instrument is deleted at the gateway and listed no more; its row stays; twice is the same', async () => {
    const { scope, house } = await aCustomer(engine, 'EUR', { 'payments.advance': true });
    const id = idOf(await addMethod(scope, card('one')));
    const { gateway_id: gatewayId } = await findMethod(scope, id);
    await removeMethod(scope, id);
    expect(await listMethods(scope)).toEqual([]);
    await refused('not_found', findMethod(scope, id));
    const row = scope.db.from('payment_methods').select(['state', 'is_default']).where('id', '=', id);
    expect(await row.executeTakeFirst()).toEqual({ state: 'removed', is_default: 0 });
    const charge = await house.gateway.charge({
      account: { tenantId: scope.tenant.id, credentials: () => Promise.reject(new Error('none')) },
      attemptId: 'after',
      amount: { minor: 1, currency: 'EUR' },
      source: { kind: 'saved', method: 'card', gatewayId },
      save: false,
      customerRef: '1',
      offSession: false,
      description: '',
    });
    expect(charge).toMatchObject({ state: 'declined', code: 'method_gone' });
    const before = await fingerprintOf(house, scope.tenant.id);
    await removeMethod(scope, id);
    expect(await fingerprintOf(house, scope.tenant.id)).toBe(before);
  });

  test('the form of an instrument that was removed meanwhile does not bring it back; a new form keeps it anew', async () => {
    const { scope, house } = await aCustomer(engine);
    const id = idOf(await addMethod(scope, card('one')));
    await removeMethod(scope, id);
    const before = await fingerprintOf(house, scope.tenant.id);
    expect(await addMethod(scope, card('one'))).toMatchObject({ state: 'declined', code: 'method_gone' });
    expect(await fingerprintOf(house, scope.tenant.id)).toBe(before);
    expect(idOf(await addMethod(scope, card('another form')))).not.toBe(id);
  });

  test('the first sending of a form counts for ever, whatever was changed since: gateway, settings or method', async () => {
    const { scope, house } = await aCustomer(engine);
    const first = await addMethod(scope, card('one'));
    const declined = await addMethod(scope, card('two', '4000000000000127'));
    for (const [name, value] of Object.entries({
      'payments.methods': 'wire_transfer',
      'payments.gateway': 'offline',
    }))
      await setSetting(await openMerchant(house.app.operator(), scope.tenant), name, value);
    const merchant = await openMerchant(house.app.operator(), scope.tenant);
    const later = customerScope(merchant, scope.customerId);
    const before = await fingerprintOf(house, scope.tenant.id);
    expect(await addMethod(later, card('one'))).toEqual(first);
    expect(await addMethod(later, card('two', '4000000000000127'))).toEqual(declined);
    expect(await fingerprintOf(house, scope.tenant.id)).toBe(before);
    await refused('method_not_offered', addMethod(later, card('three')));
  });

  test('an answer that was lost is found by the work in the background, with what was wished', async () => {
    const { scope, house } = await aCustomer(engine);
    const silent = withGateway(scope, {
      ...house.gateway,
      setup: async (request) => {
        await house.gateway.setup(request);
        throw new Error('the connection was lost');
      },
    });
    await refused('gateway_silent', addMethod(silent, { ...card('one'), name: 'Work card', autopay: true }));
    expect(await listMethods(scope)).toEqual([]);
    house.clock.move(60_001);
    await workOnce(house.app);
    expect(await listMethods(scope)).toMatchObject([{ label: 'Work card', is_default: 1, state: 'usable' }]);
    expect((await billingDetails(scope)).autopay).toBe(true);
    house.clock.move(3_600_000);
    await workOnce(house.app);
    expect(await listMethods(scope)).toHaveLength(1);
  });

  test('a setup that never arrived, or whose bank nobody answered, ends by itself and keeps nothing', async () => {
    const { scope, house } = await aCustomer(engine);
    const silent = withGateway(scope, {
      ...house.gateway,
      setup: () => Promise.reject(new Error('the connection was lost')),
    });
    await refused('gateway_silent', addMethod(silent, card('one')));
    const asks = await addMethod(scope, card('two', '4000002760003184'));
    expect(asks).toMatchObject({ state: 'action_required' });
    for (let looks = 0; looks < 5; looks++) {
      house.clock.move(300_000);
      await workOnce(house.app);
    }
    const states = await scope.db.from('method_setups').select(['state', 'look_at']).execute();
    expect(states.map(({ state }) => state).toSorted()).toEqual(['declined', 'given_up']);
    expect(states.map(({ look_at }) => look_at)).toEqual([null, null]);
    expect(await listMethods(scope)).toEqual([]);
    expect(await addMethod(scope, card('one'))).toMatchObject({ state: 'declined' });
  });

  test('when the default is removed, the one that was shown takes its place, and AutoPay goes on with it', async () => {
    const { scope } = await aCustomer(engine);
    const [first, second] = [
      idOf(await addMethod(scope, card('one'))),
      idOf(await addMethod(scope, card('two', '5454545454545454'))),
    ];
    await enrol(scope, first);
    expect(await removalEffect(scope, second)).toMatchObject({ successor: undefined, collects: false });
    const effect = await removalEffect(scope, first);
    expect(effect).toMatchObject({ successor: { id: second }, collects: true });
    await refused('not_found', removeMethod(scope, first, first));
    await removeMethod(scope, first, effect.successor?.id);
    expect(await findMethod(scope, second)).toMatchObject({ is_default: 1 });
    expect(await isEnrolled(scope)).toBe(true);
  });

  test('when the last instrument is removed, AutoPay ends', async () => {
    const { scope } = await aCustomer(engine);
    const id = idOf(await addMethod(scope, { ...card('one'), autopay: true }));
    expect(await isEnrolled(scope)).toBe(true);
    expect(await removalEffect(scope, id)).toMatchObject({ successor: undefined, collects: true });
    await removeMethod(scope, id);
    expect(await isEnrolled(scope)).toBe(false);
  });

  test('somebody else’s instrument does not exist, whatever is asked, and nothing is written', async () => {
    const { scope, other, house } = await aCustomer(engine, 'EUR', { 'payments.advance': true });
    const mine = idOf(await addMethod(scope, card('mine')));
    const theirs = idOf(await addMethod(other, card('theirs')));
    const before = await fingerprintOf(house, scope.tenant.id);
    const amount = { minor: 100, currency: 'EUR' };
    for (const id of [theirs, 999]) {
      await refused('not_found', findMethod(scope, id));
      await refused('not_found', nameMethod(scope, id, 'Mine now'));
      await refused('not_found', makeDefault(scope, id));
      await refused('not_found', enrol(scope, id));
      await refused('not_found', verifyMethod(scope, id, [35, 45]));
      await refused('not_found', removalEffect(scope, id));
      await refused('not_found', removeMethod(scope, id));
      await refused('not_found', removeMethod(scope, mine, id));
      await refused(
        'not_found',
        payInAdvance(scope, { nonce: `nonce ${id}`, with: { kind: 'method', methodId: id }, amount }),
      );
    }
    expect(await fingerprintOf(house, scope.tenant.id)).toBe(before);
    expect(house.gateway.book()).toEqual([]);
  });

  test('when the gateway does not answer, nothing is kept and nothing is removed, and trying again works', async () => {
    const { scope, house } = await aCustomer(engine);
    const id = idOf(await addMethod(scope, card('one')));
    const silent = withGateway(scope, {
      ...house.gateway,
      setup: () => Promise.reject(new Error('the connection was lost')),
      forget: () => Promise.reject(new Error('the connection was lost')),
    });
    await refused('gateway_silent', addMethod(silent, card('two')));
    const before = await fingerprintOf(house, scope.tenant.id);
    await refused('gateway_silent', removeMethod(silent, id));
    await refused('gateway_silent', addMethod(silent, card('two')));
    expect(await fingerprintOf(house, scope.tenant.id)).toBe(before);
    expect(await listMethods(scope)).toHaveLength(1);
    await removeMethod(scope, id);
    await addMethod(scope, card('two'));
    expect(await listMethods(scope)).toHaveLength(1);
  });

  test('where the merchant turns AutoPay on alone, an instrument cannot be added for it', async () => {
    const { scope, house } = await aCustomer(engine, 'EUR', { 'autopay.enrollment': false });
    const before = await fingerprintOf(house, scope.tenant.id);
    await refused('autopay_not_offered', addMethod(scope, { ...card('one'), autopay: true }));
    expect(await fingerprintOf(house, scope.tenant.id)).toBe(before);
  });

  test('a card is warned about in its last two months, and has expired when its month is over', async () => {
    const { scope, house } = await aCustomer(engine);
    for (const [month, year] of [
      [11, 2026],
      [12, 2026],
      [1, 2027],
    ] as const) {
      await addMethod(scope, expiring(month, year));
    }
    const over = await addMethod(scope, expiring(10, 2026));
    expect(over).toMatchObject({ state: 'declined', code: 'card_expired' });
    const found = async () =>
      (await listMethods(scope)).toSorted((a, b) => a.id - b.id).map((method) => expiryOf(scope, method));
    expect(await found()).toEqual(['soon', 'soon', undefined]);
    house.clock.move(8 * 86_400_000);
    expect(await found()).toEqual(['expired', 'soon', 'soon']);
  });
});

async function aCustomer(
  engine: (typeof ENGINES)[number],
  currency = 'EUR',
  settings: Record<string, boolean | string> = {},
) {
  const house = await openHouse(engine);
  const opened = await house.tenant();
  for (const [name, value] of Object.entries(settings)) await setSetting(opened, name, String(value));
  const merchant = await openMerchant(house.app.operator(), opened.tenant);
  const [mine, theirs] = [
    await createCustomer(merchant, { name: 'Mine', currency }),
    await createCustomer(merchant, { name: 'Theirs', currency }),
  ];
  return {
    house,
    scope: customerScope(merchant, mine.id, 'customer:mine@example.com'),
    other: customerScope(merchant, theirs.id, 'customer:theirs@example.com'),
  };
}

function card(nonce: string, number?: string): NewMethod {
  return { nonce, with: cardSource(number) };
}

function expiring(expMonth: number, expYear: number): NewMethod {
  return {
    nonce: `${expMonth}/${expYear}`,
    with: { kind: 'card', card: { ...WORKING_CARD, expMonth, expYear } },
  };
}

function bank(nonce: string, account: BankDetails): NewMethod {
  return { nonce, with: { kind: 'bank_account', account } };
}

function idOf(outcome: Awaited<ReturnType<typeof addMethod>>): number {
  if (!('methodId' in outcome)) throw new Error(`it was not kept: ${outcome.state}`);
  return outcome.methodId;
}

function withGateway(scope: CustomerScope, gateway: Gateway): CustomerScope {
  return { ...scope, gateways: { test: gateway } };
}

async function isEnrolled(scope: CustomerScope): Promise<boolean> {
  return (await scope.db.from('customers').select('autopay').executeTakeFirstOrThrow()).autopay === 1;
}

async function refused(code: RefusalCode, work: Promise<unknown>): Promise<void> {
  await expect(work).rejects.toMatchObject({ name: 'Refusal', code });
}
