import { describe, expect, test } from 'vitest';
import { checkDatabase } from '#db/check.ts';
import { findInvoice } from '#src/documents/invoice.ts';
import type { RefusalCode } from '#src/kernel/errors.ts';
import { addMethod } from '#src/payments/methods/method-setup.ts';
import { listMethods, titleOf } from '#src/payments/methods/methods.ts';
import { payOptions, prepareAdvance } from '#src/payments/taking/pay-options.ts';
import { type PaymentOrder, payInAdvance, payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import { settle } from '#src/payments/taking/settle.ts';
import { customerScope } from '#src/scope.ts';
import { setSetting } from '#src/tenants/settings.ts';
import { openMerchant } from '#src/tenants/tenants.ts';
import {
  cardSource,
  customerWithInvoices,
  ENGINES,
  type House,
  openHouse,
  WORKING_CARD,
} from '#test/support/house.ts';
import { fingerprintOf } from '#test/support/mirror.ts';

const IBAN = { holder: 'Petra Müller', holderType: 'company', iban: 'DE75512108001245126199' } as const;

describe.each(ENGINES)('on %s', (engine) => {
  test('euros are paid by card or IBAN, dollars by card or American account, and what is switched off is not offered', async () => {
    const { scope, invoices, merchant } = await aDebt(engine, [5_000, 900]);
    const names = async (currency: string, ids: readonly number[] = []) =>
      (
        await payOptions(
          scope,
          currency,
          ids.map((id) => ({ id })),
        )
      ).methods.map(({ name }) => name);
    expect(await names('EUR')).toEqual(['credit_card', 'direct_debit']);
    expect(await names('USD')).toEqual(['credit_card', 'ach']);
    expect(await names('GBP')).toEqual(['credit_card']);
    const [first, second] = invoices;
    await merchant.db
      .update('invoices')
      .set({ disabled_methods: 'credit_card' })
      .where('id', '=', first!.id)
      .execute();
    expect(await names('EUR', [second!.id])).toEqual(['credit_card', 'direct_debit']);
    expect(await names('EUR', [first!.id, second!.id])).toEqual(['direct_debit']);
    await merchant.db
      .update('customers')
      .set({ disabled_methods: 'direct_debit' })
      .where('id', '=', scope.customerId)
      .execute();
    expect(await names('EUR', [first!.id])).toEqual([]);
  });

  test('the saved instruments that fit are offered, the default first; not one that expired or is not verified', async () => {
    const { scope } = await aDebt(engine, [5_000]);
    await addMethod(scope, { nonce: 'one', with: cardSource() });
    await addMethod(scope, { nonce: 'two', with: { kind: 'bank_account', account: IBAN } });
    await addMethod(scope, {
      nonce: 'three',
      with: { kind: 'card', card: { ...WORKING_CARD, number: '5454545454545454', expYear: 2025 } },
    });
    const offered = async (currency: string) =>
      (await payOptions(scope, currency, [])).saved.map(({ method }) => titleOf(method));
    expect(await offered('EUR')).toEqual(['Visa ending 4242', 'Bank account ending 6199']);
    expect(await offered('USD')).toEqual(['Visa ending 4242']);
  });

  test('a part of an invoice is paid, and the rest stays open', async () => {
    const { scope, order, invoices, books } = await aDebt(engine, [5_000, 900], { 'payments.partial': 'on' });
    const parts = new Map([[invoices[0]!.clientId, 1_250]]);
    const paid = await payInvoices(scope, { ...order, parts, charge: 2_150 });
    expect(paid).toMatchObject({ state: 'succeeded' });
    expect(await findInvoice(scope, invoices[0]!.clientId)).toMatchObject({ balance: { minor: 3_750 } });
    expect(await findInvoice(scope, invoices[1]!.clientId)).toMatchObject({ status: 'paid' });
    await books();
  });

  test.each([
    ['too little', 'part_too_small', 499],
    ['more than is open', 'overpayment', 5_001],
    ['nothing', 'bad_amount', 0],
    ['less than nothing', 'bad_amount', -100],
    ['a fraction of a cent', 'bad_amount', 1_000.5],
    ['absurdly much', 'bad_amount', 2 ** 60],
  ] as const)('a part that is %s is refused, and nothing is written', async (_what, code, minor) => {
    const { scope, order, invoices, house } = await aDebt(engine, [5_000], {
      'payments.partial': 'on',
      'payments.partial_minimum': '5.00',
    });
    const before = await fingerprintOf(house, scope.tenant.id);
    const parts = new Map([[invoices[0]!.clientId, minor]]);
    await refused(code, payInvoices(scope, { ...order, parts }));
    expect(await fingerprintOf(house, scope.tenant.id)).toBe(before);
    expect(house.gateway.book()).toEqual([]);
  });

  test('a part of an invoice that is not among those that are paid is refused, and nothing is written', async () => {
    const { scope, order, house } = await aDebt(engine, [5_000], { 'payments.partial': 'on' });
    const before = await fingerprintOf(house, scope.tenant.id);
    const parts = new Map([['x'.repeat(24), 1_000]]);
    await refused('not_found', payInvoices(scope, { ...order, parts }));
    expect(await fingerprintOf(house, scope.tenant.id)).toBe(before);
  });

  test('more invoices than one payment may cover are refused before and after the form, and nothing is written', async () => {
    const { scope, order, invoices, house, books } = await aDebt(engine, [5_000, 900, 700], {
      'payments.most_invoices': '2',
    });
    const before = await fingerprintOf(house, scope.tenant.id);
    await refused('too_many_invoices', payInvoices(scope, order));
    await refused(
      'too_many_invoices',
      preparePayment(
        scope,
        invoices.map(({ clientId }) => clientId),
      ),
    );
    expect(await fingerprintOf(house, scope.tenant.id)).toBe(before);
    expect(house.gateway.book()).toEqual([]);
    // Everything is those that are due first, and how many there are after them.
    const draft = await preparePayment(scope, []);
    expect(draft.invoices.map(({ number }) => number)).toEqual(
      invoices.slice(0, 2).map(({ number }) => number),
    );
    expect([draft.total.minor, draft.later]).toEqual([5_900, 1]);
    const seen = new Map([...order.seen].slice(0, 2));
    expect(await payInvoices(scope, { ...order, seen })).toMatchObject({ state: 'succeeded' });
    await books();
  });

  test('where only the whole may be paid, a part is refused, and nothing is written', async () => {
    const { scope, order, invoices, house } = await aDebt(engine, [5_000]);
    expect((await payOptions(scope, 'EUR', [])).least).toBeUndefined();
    const before = await fingerprintOf(house, scope.tenant.id);
    const parts = new Map([[invoices[0]!.clientId, 1_000]]);
    await refused('partial_not_allowed', payInvoices(scope, { ...order, parts }));
    expect(await fingerprintOf(house, scope.tenant.id)).toBe(before);
  });

  test('the fee comes on top of a card payment, never out of the balance; a bank debit has none', async () => {
    const { scope, order, invoices, house, books } = await aDebt(engine, [5_000, 900], {
      'payments.fee_percent': '2.9',
    });
    const [first, second] = invoices;
    const paid = await payInvoices(scope, { ...order, seen: seenOf(first!), charge: 5_145 });
    expect(paid).toMatchObject({ state: 'succeeded' });
    expect(house.gateway.book()).toMatchObject([{ minor: 5_145 }]);
    expect(await findInvoice(scope, first!.clientId)).toMatchObject({ status: 'paid' });
    await payInvoices(scope, {
      ...order,
      nonce: 'by bank',
      seen: seenOf(second!),
      with: { kind: 'bank_account', account: IBAN },
      charge: 900,
    });
    expect(house.gateway.book().map(({ minor }) => minor)).toEqual([5_145, 900]);
    await books();
  });

  test('a charge that is not what the payer saw is shown and asked again, and nothing is written', async () => {
    const { scope, order, house } = await aDebt(engine, [5_000], { 'payments.fee_percent': '2.9' });
    const before = await fingerprintOf(house, scope.tenant.id);
    await expect(payInvoices(scope, { ...order, charge: 5_000 })).rejects.toMatchObject({
      code: 'total_not_seen',
      message: 'This payment comes to €51.45, with a fee of €1.45 included. Nothing has been charged yet.',
    });
    expect(await fingerprintOf(house, scope.tenant.id)).toBe(before);
    expect(house.gateway.book()).toEqual([]);
  });

  test.each([
    ['payments.card_minimum', '60.00', 'below_minimum'],
    ['payments.card_maximum', '49.99', 'above_maximum'],
    ['payments.methods', 'direct_debit', 'method_not_offered'],
  ] as const)('%s %s refuses a card with %s, and nothing is written', async (name, value, code) => {
    const { scope, order, house } = await aDebt(engine, [5_000], { [name]: value });
    const before = await fingerprintOf(house, scope.tenant.id);
    await refused(code, payInvoices(scope, order));
    expect(await fingerprintOf(house, scope.tenant.id)).toBe(before);
    const bank = { kind: 'bank_account', account: IBAN } as const;
    expect(await payInvoices(scope, { ...order, with: bank })).toMatchObject({ state: 'succeeded' });
  });

  test('what is paid with is kept where the payer wishes, and pays again without being typed', async () => {
    const { scope, order, invoices, books } = await aDebt(engine, [5_000, 900]);
    const [first, second] = invoices;
    await payInvoices(scope, { ...order, seen: seenOf(first!), save: true });
    const [method] = await listMethods(scope);
    expect(method).toMatchObject({ last4: '4242', is_default: 1 });
    const again = { ...order, nonce: 'with the saved card', seen: seenOf(second!) };
    const paid = await payInvoices(scope, { ...again, with: { kind: 'method', methodId: method!.id } });
    expect(paid).toMatchObject({ state: 'succeeded' });
    expect(await listMethods(scope)).toHaveLength(1);
    await books();
  });

  test('an IBAN that is kept with a payment is kept with its mandate, and is debited in euros only', async () => {
    const { scope, order } = await aDebt(engine, [5_000]);
    await payInvoices(scope, { ...order, with: { kind: 'bank_account', account: IBAN }, save: true });
    const [method] = await listMethods(scope);
    expect(method!.mandate).toContain('you authorise acme Ltd');
    expect((await payOptions(scope, 'USD', [])).saved).toEqual([]);
    expect((await payOptions(scope, 'EUR', [])).saved).toHaveLength(1);
  });

  test('AutoPay begins with a payment that asks for it, once it has been taken, and not with one that is declined', async () => {
    const { scope, order, merchant } = await aDebt(engine, [5_000]);
    const enrolled = () => merchant.db.from('customers').select('autopay').executeTakeFirstOrThrow();
    await payInvoices(scope, {
      ...order,
      nonce: 'declined',
      with: cardSource('4000000000000069'),
      autopay: true,
    });
    expect(await enrolled()).toEqual({ autopay: 0 });
    expect(await listMethods(scope)).toEqual([]);
    await payInvoices(scope, { ...order, autopay: true });
    expect(await enrolled()).toEqual({ autopay: 1 });
    expect(await listMethods(scope)).toMatchObject([{ is_default: 1 }]);
    expect((await payOptions(scope, 'EUR', [])).mayEnrol).toBe(false);
  });

  test('a debit that clears is settled, although its account was removed and AutoPay cannot begin with it', async () => {
    const { scope, order, merchant } = await aDebt(engine, [5_000]);
    const account = { ...IBAN, iban: 'DE89370400440532013000' };
    const sent = await payInvoices(scope, {
      ...order,
      with: { kind: 'bank_account', account },
      autopay: true,
    });
    expect(sent.state).toBe('processing');
    await merchant.db.update('payment_methods').set({ state: 'removed', is_default: 0 }).execute();
    const under = { gatewayPaymentId: `test_${sent.attemptId}`, methodLabel: 'Bank account ending 3000' };
    const settled = await settle(scope, sent.attemptId, { state: 'succeeded', ...under });
    expect(settled.state).toBe('succeeded');
    expect(await merchant.db.from('customers').select('autopay').executeTakeFirst()).toEqual({ autopay: 0 });
  });

  test('where the merchant turns AutoPay on alone, a payment that asks for it is refused, and nothing is written', async () => {
    const { scope, order, house } = await aDebt(engine, [5_000], { 'autopay.enrollment': 'off' });
    const before = await fingerprintOf(house, scope.tenant.id);
    expect((await payOptions(scope, 'EUR', [])).mayEnrol).toBe(false);
    await refused('autopay_not_offered', payInvoices(scope, { ...order, autopay: true }));
    expect(await fingerprintOf(house, scope.tenant.id)).toBe(before);
  });

  test('the whole balance is paid in each currency', async () => {
    const { scope } = await aDebt(engine, [5_000, 900]);
    expect((await preparePayment(scope, [])).total).toEqual({ minor: 5_900, currency: 'EUR' });
    expect((await preparePayment(scope, [], 'EUR')).invoices).toHaveLength(2);
    await refused('nothing_to_pay', preparePayment(scope, [], 'USD'));
  });

  test('money paid in advance becomes credit, once for a form; with a fee that is not credit', async () => {
    const { scope, house, merchant, books } = await aDebt(engine, [], {
      'payments.advance': 'on',
      'payments.fee_percent': '1',
    });
    const { nonce } = await prepareAdvance(scope, 'EUR');
    const order = { nonce, with: cardSource(), amount: { minor: 10_000, currency: 'EUR' }, charge: 10_100 };
    const [one, two] = [await payInAdvance(scope, order), await payInAdvance(scope, order)];
    expect(one).toEqual(two);
    expect(house.gateway.book()).toMatchObject([{ minor: 10_100 }]);
    const credit = await merchant.db
      .from('postings')
      .select('amount_minor')
      .where('account', '=', 'credit_balance')
      .execute();
    expect(credit).toEqual([{ amount_minor: -10_000 }]);
    await books();
  });

  test('where nothing is paid in advance it is refused, and nothing is written', async () => {
    const { scope, house } = await aDebt(engine, []);
    const before = await fingerprintOf(house, scope.tenant.id);
    await refused('advance_not_allowed', prepareAdvance(scope, 'EUR'));
    const amount = { minor: 10_000, currency: 'EUR' };
    await refused('advance_not_allowed', payInAdvance(scope, { nonce: 'n', with: cardSource(), amount }));
    expect(await fingerprintOf(house, scope.tenant.id)).toBe(before);
  });
});

async function aDebt(
  engine: (typeof ENGINES)[number],
  amounts: number[],
  settings: Record<string, string> = {},
) {
  const house: House = await openHouse(engine);
  const opened = await house.tenant();
  for (const [name, value] of Object.entries(settings)) await setSetting(opened, name, value);
  const merchant = await openMerchant(house.app.operator(), opened.tenant);
  const { scope, invoices } = await customerWithInvoices(merchant, amounts);
  const order: PaymentOrder = {
    nonce: 'a form of these tests',
    seen: new Map(invoices.map(({ clientId, minor }) => [clientId, minor])),
    with: cardSource(),
  };
  const books = async (): Promise<void> => {
    const results = await checkDatabase(house.app.ports.store);
    expect(results.flatMap(({ violations }) => violations)).toEqual([]);
  };
  return { house, merchant, scope: customerScope(merchant, scope.customerId), invoices, order, books };
}

function seenOf({ clientId, minor }: { clientId: string; minor: number }): Map<string, number> {
  return new Map([[clientId, minor]]);
}

async function refused(code: RefusalCode, work: Promise<unknown>): Promise<void> {
  await expect(work).rejects.toMatchObject({ name: 'Refusal', code });
}
