import { describe, expect, test } from 'vitest';
import { accountBalances } from '#src/documents/account.ts';
import { approveEstimate, declineEstimate } from '#src/documents/estimate-approval.ts';
import { findInvoice } from '#src/documents/invoice.ts';
import { issueCreditNote, issueEstimate, issueInvoice } from '#src/documents/issue.ts';
import { readMetadata } from '#src/documents/records.ts';
import { voidEstimate } from '#src/documents/merchant-estimates.ts';
import { money } from '#src/kernel/money.ts';
import { payingMethods } from '#src/payments/attempts/terms.ts';
import { applyCredits, prepareCredit, usedCredit } from '#src/payments/credit/credit-uses.ts';
import { adjustCredit } from '#src/payments/credit/credits.ts';
import { takesPayments } from '#src/payments/gateways/gateways.ts';
import { isUnderAutopay } from '#src/payments/methods/enrolment.ts';
import { settleInstrument } from '#src/payments/methods/instruments.ts';
import { removalEffect } from '#src/payments/methods/method-removal.ts';
import { addMethod } from '#src/payments/methods/method-setup.ts';
import { verifyMethod } from '#src/payments/methods/method-verification.ts';
import { keepInstrument, listMethods } from '#src/payments/methods/methods.ts';
import { brokenPromises } from '#src/payments/outside/broken-promises.ts';
import { listPromises, openPromise, promiseToPay, withdrawPromise } from '#src/payments/outside/promises.ts';
import { recordMoney } from '#src/payments/outside/record.ts';
import { voidCreditNote, voidInvoice } from '#src/documents/voids.ts';
import { findPlan } from '#src/payments/plans/plan.ts';
import { approvePlan, attachPlan, cancelPlan } from '#src/payments/plans/plans.ts';
import { listPayments } from '#src/payments/receipts/payment-list.ts';
import { settleDispute } from '#src/payments/returning/disputes.ts';
import { settleRefundElsewhere } from '#src/payments/returning/elsewhere.ts';
import { refundPayment, settleRefund } from '#src/payments/returning/refunds.ts';
import { payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import type { CustomerScope } from '#src/scope.ts';
import { reconcile } from '#test/support/work.ts';
import { cardSource, customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { savedMethod } from '#test/support/instruments.ts';
import { expectSoundBooks, paid, refusedWithoutTrace, withSettings } from '#test/support/money.ts';

const SEEN = { ip: '203.0.113.7', userAgent: 'Firefox' };
const IBAN = { holder: 'P', holderType: 'company', iban: 'DE89370400440532013000' } as const;

describe.each(ENGINES)('at the edges, on %s', (engine) => {
  test('a credit note that is a draft is none to be voided; one that was voided says when', async () => {
    const { house, merchant, scope, dated } = await anAccount(engine);
    const { id } = await issueCreditNote(merchant, dated());
    await scope.db.update('credit_notes').set({ state: 'draft' }).execute();
    await refusedWithoutTrace(house, merchant, 'not_found', () => voidCreditNote(merchant, id));
    await scope.db.update('credit_notes').set({ state: 'issued' }).execute();
    await voidCreditNote(merchant, id);
    const note = await scope.db.from('credit_notes').select(['state', 'voided_at']).executeTakeFirst();
    expect(note).toEqual({ state: 'voided', voided_at: house.clock.now().epochMilliseconds });
  });

  test('to withdraw a promise that was replaced long ago leaves the newer one', async () => {
    const { merchant, scope, promise } = await anAccount(engine);
    await promise('2026-12-01');
    const first = (await openPromise(scope, 1))!.id;
    await promise('2026-12-08');
    await withdrawPromise(scope, first);
    expect((await listPromises(merchant, {})).map(({ state }) => state)).toEqual(['open', 'withdrawn']);
  });

  test('a broken promise is told of until the whole invoice is on its way', async () => {
    const { scope, promise } = await anAccount(engine);
    await promise('2026-12-01');
    await scope.db.update('promises').set({ state: 'broken' }).execute();
    expect(await brokenPromises(scope)).toHaveLength(1);
    await scope.db.update('invoices').set({ pending_minor: 4_999 }).execute();
    expect(await brokenPromises(scope)).toHaveLength(1);
    await scope.db.update('invoices').set({ pending_minor: 5_000 }).execute();
    expect(await brokenPromises(scope)).toEqual([]);
  });

  test('what was said last of an invoice counts: nothing is told of a broken promise that was replaced', async () => {
    const { scope, promise } = await anAccount(engine);
    await promise('2026-12-01');
    await promise('2026-12-08');
    const put = (states: readonly ('open' | 'broken' | 'withdrawn')[]) =>
      Promise.all(
        states.map((state, i) =>
          scope.db
            .update('promises')
            .set({ state })
            .where('id', '=', i + 1)
            .execute(),
        ),
      );
    await put(['broken', 'open']);
    expect(await brokenPromises(scope)).toEqual([]);
    await put(['withdrawn', 'broken']);
    expect(await brokenPromises(scope)).toMatchObject([{ expectedDate: '2026-12-08' }]);
  });

  test('an invoice is voided while another one is being paid, and that one is not', async () => {
    const { house, merchant, scope } = await anAccount(engine, {}, 2);
    await attemptUnderWay(scope);
    await scope.db.insert('attempt_allocations', {
      attempt_id: 'a',
      position: 1,
      amount_minor: 1,
      is_open: 1,
      invoice_id: 1,
    });
    await refusedWithoutTrace(house, merchant, 'not_voidable', () => voidInvoice(merchant, 1));
    await voidInvoice(merchant, 2);
    await scope.db.update('attempt_allocations').set({ is_open: 0 }).execute();
    await voidInvoice(merchant, 1);
  });

  test('a live tenant that has connected no gateway takes no payments; one that tries things out does', async () => {
    const { merchant } = await anAccount(engine);
    const inMode = (mode: 'test' | 'live') =>
      takesPayments({ ...merchant, tenant: { ...merchant.tenant, mode } });
    expect([inMode('test'), inMode('live')]).toEqual([true, false]);
  });

  test('a receipt says by what it was paid: a card, or a debit', async () => {
    const { house, merchant, scope, invoices } = await anAccount(engine, {}, 2);
    await paid(scope, invoices[0]!.clientId);
    const { nonce } = await preparePayment(scope, [invoices[1]!.clientId]);
    const seen = new Map([[invoices[1]!.clientId, 5_000]]);
    await payInvoices(scope, { nonce, seen, with: { kind: 'bank_account', account: IBAN } });
    house.clock.move(10 * 86_400_000);
    await reconcile(merchant);
    const payments = await scope.db.from('payments').select('method').orderBy('id').execute();
    expect(payments.map(({ method }) => method)).toEqual(['credit_card', 'direct_debit']);
  });

  test('the same id at another gateway is another instrument', async () => {
    const { scope } = await anAccount(engine);
    const instrument = {
      gatewayId: 'pm_1',
      kind: 'card',
      last4: '4242',
      label: 'Visa ending 4242',
      state: 'usable',
    } as const;
    const first = await keepInstrument(scope, 'test', instrument);
    expect(await keepInstrument(scope, 'test', instrument)).toBe(first);
    expect(await keepInstrument(scope, 'stripe', instrument)).not.toBe(first);
  });

  test.each([
    [10_400, true],
    [10_401, false],
  ])(
    'of money that somebody gave back elsewhere, %i of 104.00 with its fee is taken in: %s',
    async (minor, taken) => {
      const { house, merchant, scope } = await anAccount(engine, { 'payments.fee_percent': '4' });
      const { clientId } = await issueInvoice(merchant, {
        customerId: scope.customerId,
        currency: 'EUR',
        date: '2026-11-10',
        lines: [{ name: 'Paper', unitCost: '100' }],
      });
      const payment = await paid(scope, clientId);
      expect(payment.fee_minor).toBe(400);
      const news = {
        gatewayPaymentId: payment.gateway_payment_id!,
        gatewayRefundId: 're_1',
        amount: money(minor, 'EUR'),
        reply: { state: 'succeeded', gatewayRefundId: 're_1' },
      } as const;
      expect(await settleRefundElsewhere(merchant, 'test', news)).toBe(taken);
      const refunds = await scope.db.from('refunds').select('amount_minor').execute();
      expect(refunds).toEqual(taken ? [{ amount_minor: minor }] : []);
      await expectSoundBooks(house);
    },
  );

  test('a refund keeps the reason that was given for it, and is over when the gateway has given it', async () => {
    const { merchant, scope, invoices } = await anAccount(engine);
    const payment = await paid(scope, invoices[0]!.clientId);
    await refundPayment(merchant, { nonce: 'r', paymentId: payment.id, reason: 'a favour' });
    const refund = await scope.db.from('refunds').selectAll().executeTakeFirstOrThrow();
    expect(refund).toMatchObject({ reason: 'a favour', look_at: null, settled_at: expect.any(Number) });
    await expect(refundPayment(merchant, { nonce: 'x', paymentId: 99 })).rejects.toMatchObject({
      code: 'not_found',
      details: { what: 'payment' },
    });
  });

  test('a refund that the gateway takes its time over is looked at again, under the gateway’s own id', async () => {
    const { merchant, scope, invoices } = await anAccount(engine);
    const payment = await paid(scope, invoices[0]!.clientId);
    await refundPayment(merchant, { nonce: 'r', paymentId: payment.id, amount: money(100, 'EUR') });
    await scope.db
      .update('refunds')
      .set({ state: 'created', look_at: null, settled_at: null, gateway_refund_id: null })
      .execute();
    await settleRefund(scope, 'r', { state: 'submitted', gatewayRefundId: 're_9' });
    const row = await scope.db
      .from('refunds')
      .select(['state', 'look_at', 'settled_at', 'gateway_refund_id'])
      .executeTakeFirst();
    expect(row).toEqual({
      state: 'submitted',
      look_at: expect.any(Number),
      settled_at: null,
      gateway_refund_id: 're_9',
    });
  });

  test('an estimate that was taken back while its deposit came is not approved, though another one is open', async () => {
    const { merchant, scope, dated } = await anAccount(engine);
    const [first] = [await issueEstimate(merchant, dated()), await issueEstimate(merchant, dated())];
    await voidEstimate(merchant, first.number);
    expect(await approveEstimate(scope, { estimateId: first.id, initials: 'PM', ...SEEN })).toBe(false);
    expect(await scope.db.from('approvals').select('id').execute()).toEqual([]);
  });

  test('a deposit on its way holds its own estimate and no other, and only until it has ended', async () => {
    const { house, merchant, scope, dated } = await anAccount(engine);
    const ids = [await issueEstimate(merchant, dated()), await issueEstimate(merchant, dated())].map(
      ({ id }) => id,
    );
    const hold = { attempt_id: 'a', position: 1, amount_minor: 1, is_open: 1 as const };
    await attemptUnderWay(scope);
    await scope.db.insert('attempt_allocations', { ...hold, estimate_id: ids[0]! });
    await declineEstimate(scope, ids[1]!, undefined);
    await refusedWithoutTrace(house, merchant, 'payment_in_progress', () =>
      declineEstimate(scope, ids[0]!, undefined),
    );
    await scope.db.update('attempt_allocations').set({ is_open: 0 }).execute();
    await declineEstimate(scope, ids[0]!, undefined);
  });

  test('a fee of nothing is no fee: nothing is said of it', async () => {
    for (const [fee, told] of [
      ['', undefined],
      ['0', undefined],
      ['2.5', '2.5'],
    ] as const) {
      const { scope } = await anAccount(engine, { 'payments.fee_percent': fee });
      const methods = await payingMethods(scope, 'EUR');
      expect(methods.find(({ name }) => name === 'credit_card')?.feePercent, fee).toBe(told);
      expect(methods.find(({ name }) => name === 'direct_debit')?.feePercent, fee).toBeUndefined();
    }
  });

  test('what credit paid is told in the order of the invoices’ numbers', async () => {
    const { merchant, scope } = await anAccount(engine, { 'credits.automatic': 'off' }, 3);
    const named = [
      ['C', 'x1'],
      ['A', 'x3'],
      ['B', 'x2'],
    ] as const;
    for (const [i, [number, client_id]] of named.entries())
      await scope.db
        .update('invoices')
        .set({ number, client_id })
        .where('id', '=', i + 1)
        .execute();
    await adjustCredit(merchant, { customerId: scope.customerId, amount: money(15_000, 'EUR') });
    const draft = await prepareCredit(scope, ['x1', 'x2', 'x3']);
    const seen = new Map(draft.invoices.map(({ clientId, pays }) => [clientId, pays.minor]));
    await applyCredits(scope, { nonce: draft.nonce, seen });
    const used = await usedCredit(scope, draft.nonce);
    expect(used!.invoices.map(({ number }) => number)).toEqual(['A', 'B', 'C']);
  });

  test('AutoPay is on for an invoice that demands it, and for all of a customer who turned it on', async () => {
    const { scope } = await anAccount(engine, {}, 2);
    const on = () => Promise.all([1, 2].map((id) => isUnderAutopay(scope, id)));
    expect(await on()).toEqual([false, false]);
    await scope.db.update('invoices').set({ autopay: 1 }).where('id', '=', 2).execute();
    expect(await on()).toEqual([false, true]);
    await scope.db.update('customers').set({ autopay: 1 }).execute();
    expect(await on()).toEqual([true, true]);
  });

  test('removing the default tells whether something is collected with it: also one invoice that demands it', async () => {
    const { house, scope } = await anAccount(engine, {}, 2);
    const card = await savedMethod(house, scope, cardSource());
    const collects = async () => (await removalEffect(scope, card)).collects;
    expect(await collects()).toBe(false);
    await scope.db.update('invoices').set({ autopay: 1 }).where('id', '=', 2).execute();
    expect(await collects()).toBe(true);
    await scope.db.update('invoices').set({ balance_minor: 0 }).where('id', '=', 2).execute();
    expect(await collects()).toBe(false);
  });

  test('where the merchant turns AutoPay on alone, a method can be added all the same, for no AutoPay', async () => {
    const { scope } = await anAccount(engine, { 'autopay.enrollment': 'off' });
    const order = { nonce: 'n', with: cardSource(), autopay: false };
    expect(await addMethod(scope, order)).toMatchObject({ state: 'saved' });
  });

  test('an account that is confirmed stays so; one that failed is confirmed no more, and no try is counted', async () => {
    const { house, merchant, scope } = await anAccount(engine);
    const id = await savedMethod(
      house,
      scope,
      { kind: 'bank_account', account: IBAN },
      { microDeposits: true },
    );
    await scope.db.update('payment_methods').set({ state: 'failed' }).execute();
    await refusedWithoutTrace(house, merchant, 'method_not_usable', () => verifyMethod(scope, id, [1, 2]));
    await scope.db.update('payment_methods').set({ state: 'usable' }).execute();
    const tries = async () => (await scope.db.from('events').select('type').execute()).length;
    const before = await tries();
    expect(await verifyMethod(scope, id, [1, 2])).toEqual({ state: 'usable' });
    expect(await tries()).toBe(before);
  });

  test('what a gateway says of an instrument is told of as an event, once', async () => {
    const { house, merchant, scope } = await anAccount(engine);
    await savedMethod(house, scope, cardSource());
    const [method] = await listMethods(scope);
    const news = {
      about: 'instrument',
      gatewayId: method!.gateway_id,
      state: 'removed',
      reason: 'gone',
    } as const;
    for (let times = 0; times < 2; times += 1) await settleInstrument(merchant, 'test', news);
    const events = await scope.db
      .from('events')
      .select(['type', 'data'])
      .where('type', '=', 'payment_method.removed')
      .execute();
    expect(events.map(({ data }) => JSON.parse(data))).toEqual([{ method: method!.id, reason: 'gone' }]);
  });

  test('a plan that is agreed to starts, is told of, and leaves an earlier one cancelled', async () => {
    const { merchant, scope } = await anAccount(engine);
    await attachPlan(merchant, 1, schedule('2026-12-01'));
    await cancelPlan(merchant, 1);
    const { hash } = await attachPlan(merchant, 1, schedule('2026-12-15'));
    await approvePlan(scope, { invoiceId: 1, hash, ...SEEN });
    expect((await findPlan(scope, 1))?.state).toBe('active');
    const states = await scope.db.from('payment_plans').select('state').orderBy('id').execute();
    expect(states.map(({ state }) => state)).toEqual(['canceled', 'active']);
    const events = await scope.db.from('events').select('type').execute();
    expect(events.map(({ type }) => type)).toContain('payment_plan.started');
  });

  test('the disputed payments are those that are disputed', async () => {
    const { merchant, scope, invoices } = await anAccount(engine, {}, 2);
    const [first] = [await paid(scope, invoices[0]!.clientId), await paid(scope, invoices[1]!.clientId)];
    await settleDispute(merchant, 'test', {
      id: 'e',
      about: 'dispute',
      gatewayPaymentId: first.gateway_payment_id!,
      gatewayDisputeId: 'd',
      amount: money(5_000, 'EUR'),
      state: 'open',
      reason: 'x',
    });
    const listed = async (filter: 'disputed' | 'paid' | 'all') =>
      (await listPayments(scope, { status: filter })).rows.map(({ number }) => number);
    expect(await listed('disputed')).toEqual(['R-00001']);
    expect(await listed('paid')).toEqual(['R-00002']);
    expect(await listed('all')).toHaveLength(2);
  });

  test('the last cent pays an invoice, and that is told', async () => {
    const { merchant, scope, invoices } = await anAccount(engine);
    const { customerId } = scope;
    const told = async () =>
      (await scope.db.from('events').select('type').execute()).filter(({ type }) => type === 'invoice.paid')
        .length;
    const towards = [{ invoiceId: 1 }];
    const received = {
      customerId,
      date: '2026-11-20',
      method: 'check',
      methodLabel: 'Check',
      towards,
    } as const;
    await recordMoney(merchant, { ...received, amount: money(4_999, 'EUR') });
    expect(await told()).toBe(0);
    await recordMoney(merchant, { ...received, amount: money(1, 'EUR') });
    expect(await told()).toBe(1);
    expect(await findInvoice(scope, invoices[0]!.clientId)).toMatchObject({ status: 'paid' });
  });

  test('what is overdue is sorted by its age, up to the last day of each', async () => {
    const { merchant, scope, dated } = await anAccount(engine, {}, 0);
    const today = Temporal.PlainDate.from('2026-11-23');
    for (const age of [-1, 0, 1, 7, 8, 14, 15, 30, 31, 60, 61])
      await issueInvoice(merchant, {
        ...dated(),
        date: '2026-01-01',
        dueDate: today.subtract({ days: age }).toString(),
      });
    const [balances] = await accountBalances(scope, 'EUR');
    expect(balances!.ageing.map(({ from, to, count }) => [from, to, count])).toEqual([
      [undefined, undefined, 2],
      [1, 7, 2],
      [8, 14, 2],
      [15, 30, 2],
      [31, 60, 2],
      [61, undefined, 1],
    ]);
  });
});

test('what a merchant keeps with a document is an object, whatever was written', () => {
  expect(['{"a":1}', '[1]', 'null', '3', '"x"'].map(readMetadata)).toEqual([{ a: 1 }, {}, {}, {}, {}]);
});

function attemptUnderWay(scope: CustomerScope) {
  return scope.db.insert('payment_attempts', {
    id: 'a',
    nonce: 'a',
    fingerprint: 'a',
    currency: 'EUR',
    amount_minor: 1,
    state: 'submitted',
    source: 'portal',
    gateway: 'test',
    method: 'credit_card',
    actor: 'nobody',
    created_at: 1,
  });
}

const schedule = (date: string) => [{ date, minor: 5_000 }];

async function anAccount(
  engine: (typeof ENGINES)[number],
  settings: Readonly<Record<string, string>> = {},
  count = 1,
) {
  const house = await openHouse(engine);
  const merchant = await withSettings(house, await house.tenant(), {
    'payments.instructions_wire_transfer': 'Pay to DE89',
    ...settings,
  });
  const { scope, invoices } = await customerWithInvoices(merchant, Array(count).fill(5_000));
  const dated = () => ({
    customerId: scope.customerId,
    currency: 'EUR',
    date: '2026-11-12',
    lines: [{ name: 'Paper', unitCost: '7' }],
  });
  const promise = (expectedDate: string) =>
    promiseToPay(scope, { invoices: [invoices[0]!.clientId], method: 'wire_transfer', expectedDate });
  return { house, merchant, scope, invoices, dated, promise };
}
