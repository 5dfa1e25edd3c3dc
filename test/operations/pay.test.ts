import { describe, expect, test } from 'vitest';
import { findInvoice } from '#src/documents/invoice.ts';
import type { RefusalCode } from '#src/kernel/errors.ts';
import { answerChallenge, paymentOutcome } from '#src/payments/taking/charge.ts';
import { payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import { findReceipt } from '#src/payments/receipts/receipts.ts';
import { reconcile } from '#test/support/work.ts';
import { removeMethod } from '#src/payments/methods/method-removal.ts';
import { settle } from '#src/payments/taking/settle.ts';
import { customerScope, type CustomerScope, type MerchantScope } from '#src/scope.ts';
import { customerWithInvoices, ENGINES, type House, openHouse, cardSource } from '#test/support/house.ts';
import { savedMethod } from '#test/support/instruments.ts';
import { refusedWithoutTrace, withSettings } from '#test/support/money.ts';

describe.each(ENGINES)('on %s', (engine) => {
  test('several invoices are paid with one payment, and the books say so', async () => {
    const { gateway, scope, merchant, order } = await aDebt(engine, [10_000, 2_550, 1]);
    const outcome = await payInvoices(scope, order);
    expect(outcome).toMatchObject({ state: 'succeeded' });
    const receipt = await findReceipt(scope, outcome.state === 'succeeded' ? outcome.receipt : '');
    expect(receipt).toMatchObject({
      amount: { minor: 12_551, currency: 'EUR' },
      methodLabel: 'Visa ending 4242',
      number: 'R-00001',
    });
    expect(receipt.applied.map(({ amount, balance }) => [amount.minor, balance.minor])).toEqual([
      [10_000, 0],
      [2_550, 0],
      [1, 0],
    ]);
    expect(gateway.book()).toMatchObject([{ minor: 12_551, currency: 'EUR', state: 'succeeded' }]);
    expect(await ledgerSums(merchant)).toEqual({ receivable: 0, sales: -12_551, cash: 12_551 });
    expect(await queuedMail(merchant)).toEqual(['receipt petra@mueller.example']);
  });

  test('the same form sent twenty times at once charges once and answers alike', async () => {
    const { gateway, scope, order } = await aDebt(engine, [5_000]);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => payInvoices(scope, order)));
    expect(gateway.book()).toHaveLength(1);
    const final = await paymentOutcome(scope, outcomes[0]!.attemptId);
    expect(final.state).toBe('succeeded');
    expect(new Set(outcomes.map(({ attemptId }) => attemptId)).size).toBe(1);
    expect(await count(scope, 'payments')).toBe(1);
  });

  test('the form of another customer is refused, and nothing is written', async () => {
    const { house, merchant, scope, order } = await aDebt(engine, [5_000]);
    await payInvoices(scope, order);
    const other = await customerWithInvoices(merchant, [700], 'Somebody else');
    const seen = new Map([[other.invoices[0]!.clientId, 700]]);
    const theirs = { ...order, seen };
    await refusedWithoutTrace(house, merchant, 'form_reused', () => payInvoices(other.scope, theirs));
    expect(house.gateway.book()).toHaveLength(1);
  });

  test('who tries one card after another is stopped, whatever they pay with and for, until some minutes have passed', async () => {
    const { house, merchant, scope, invoices, clock, gateway } = await aDebt(engine, [5_000, 900]);
    const pay = (to: CustomerScope, invoice: (typeof invoices)[number], number: string, nonce: string) =>
      payInvoices(to, {
        nonce,
        seen: new Map([[invoice.clientId, invoice.minor]]),
        with: cardSource(number),
      });
    const [one, other] = invoices;
    const declining = '4000000000000069';
    for (let i = 0; i < 6; i++)
      expect((await pay(scope, one!, declining, `try ${i}`)).state).toBe('declined');
    for (const [i, invoice] of [one, other].entries())
      await refusedWithoutTrace(house, merchant, 'too_many_requests', () =>
        pay(scope, invoice!, '4242424242424242', `one more ${i}`),
      );
    expect((await pay(scope, one!, declining, 'try 0')).state).toBe('declined');
    expect(gateway.book()).toHaveLength(6);
    const neighbour = await customerWithInvoices(merchant, [700], 'Somebody else');
    const theirs = await pay(neighbour.scope, neighbour.invoices[0]!, '4242424242424242', 'another form');
    expect(theirs.state).toBe('succeeded');
    clock.move(10 * 60_000);
    expect((await pay(scope, other!, '4242424242424242', 'later')).state).toBe('succeeded');
  });

  test('payments that are taken are never too many', async () => {
    const amounts = Array.from({ length: 12 }, (_, i) => 1_000 + i);
    const { scope, invoices } = await aDebt(engine, amounts);
    for (const { clientId, minor } of invoices) {
      const order = { nonce: clientId, seen: new Map([[clientId, minor]]), with: cardSource() };
      expect((await payInvoices(scope, order)).state).toBe('succeeded');
    }
  });

  test('two tabs that pay the same invoice charge once', async () => {
    const { gateway, scope, order, invoices } = await aDebt(engine, [5_000]);
    const other = { ...order, nonce: (await preparePayment(scope, [invoices[0]!.clientId])).nonce };
    const answers = await Promise.allSettled([payInvoices(scope, order), payInvoices(scope, other)]);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(gateway.book()).toHaveLength(1);
    expect(await count(scope, 'payments')).toBe(1);
  });

  test('a form that was sent with other details is refused, and nothing is written', async () => {
    const { scope, order, gateway } = await aDebt(engine, [5_000, 700]);
    await payInvoices(scope, order);
    const before = await everything(scope);
    await refused('form_reused', payInvoices(scope, { ...order, with: cardSource('5454545454545454') }));
    expect(await everything(scope)).toEqual(before);
    expect(gateway.book()).toHaveLength(1);
  });

  test('the same form is the same payment for ever, though its method is gone, its way to pay is off and the gateway takes no more', async () => {
    const { house, gateway, merchant, scope, order } = await aDebt(engine, [5_000]);
    const methodId = await savedMethod(house, scope, cardSource());
    const sent = { ...order, with: { kind: 'method', methodId } as const };
    const outcome = await payInvoices(scope, sent);
    expect(outcome.state).toBe('succeeded');
    await removeMethod(scope, methodId);
    const nothing = { 'payments.methods': 'check', 'payments.gateway': 'offline' };
    const later = await withSettings(house, merchant, nothing);
    const before = await everything(scope);
    expect(await payInvoices(customerScope(later, scope.customerId), sent)).toEqual(outcome);
    expect(await everything(scope)).toEqual(before);
    expect(gateway.book()).toHaveLength(1);
  });

  test('an invoice that changed while the form was open is asked about again, and nothing is written', async () => {
    const { scope, order, gateway, invoices } = await aDebt(engine, [5_000]);
    const before = await everything(scope);
    await refused(
      'invoice_changed',
      payInvoices(scope, { ...order, seen: new Map([[invoices[0]!.clientId, 4_000]]) }),
    );
    expect(await everything(scope)).toEqual(before);
    expect(gateway.book()).toEqual([]);
  });

  test('a paid invoice is not paid again', async () => {
    const { scope, order, invoices } = await aDebt(engine, [5_000]);
    await payInvoices(scope, order);
    const before = await everything(scope);
    await refused(
      'invoice_not_payable',
      payInvoices(scope, { ...order, nonce: 'another form of the same page' }),
    );
    await refused('nothing_to_pay', preparePayment(scope, [invoices[0]!.clientId]));
    expect(await everything(scope)).toEqual(before);
  });

  test('somebody else’s invoice does not exist', async () => {
    const { scope, order, merchant } = await aDebt(engine, [5_000]);
    const other = await customerWithInvoices(merchant, [900], 'Somebody else');
    const before = await everything(scope);
    await refused(
      'not_found',
      payInvoices(scope, { ...order, seen: new Map([[other.invoices[0]!.clientId, 900]]) }),
    );
    await refused('not_found', preparePayment(scope, [other.invoices[0]!.clientId]));
    await refused('not_found', findInvoice(scope, other.invoices[0]!.clientId));
    expect(await everything(scope)).toEqual(before);
  });

  test.each([
    ['4000000000000069', 'card_declined', undefined],
    ['4000000000000127', 'card_cvc_wrong', 'cvc'],
    ['4000000000000101', 'card_expired', 'expYear'],
    ['4242424242424241', 'card_number_invalid', 'number'],
  ] as const)('card %s is declined with %s and the invoice stays open', async (number, code, field) => {
    const { scope, order, invoices } = await aDebt(engine, [5_000]);
    expect(await payInvoices(scope, { ...order, with: cardSource(number) })).toMatchObject({
      state: 'declined',
      code,
      field,
    });
    expect(await findInvoice(scope, invoices[0]!.clientId)).toMatchObject({
      status: 'open',
      balance: { minor: 5_000 },
    });
    expect(await count(scope, 'payments')).toBe(0);
    const retry = { ...order, nonce: (await preparePayment(scope, [])).nonce };
    expect(await payInvoices(scope, retry)).toMatchObject({ state: 'succeeded' });
  });

  test('a challenge that is passed pays, one that is failed does not, and answering twice changes nothing', async () => {
    for (const passed of [true, false]) {
      const { scope, order, gateway } = await aDebt(engine, [5_000]);
      const asked = await payInvoices(scope, {
        ...order,
        with: cardSource('4000002760003184'),
      });
      expect(asked.state).toBe('action_required');
      expect((await answerChallenge(scope, asked.attemptId, passed)).state).toBe(
        passed ? 'succeeded' : 'declined',
      );
      expect((await answerChallenge(scope, asked.attemptId, !passed)).state).toBe(
        passed ? 'succeeded' : 'declined',
      );
      expect(gateway.book()).toMatchObject([{ state: passed ? 'succeeded' : 'declined' }]);
    }
  });

  test('a lost answer is found out by the reconciler: charged once, paid once', async () => {
    const { scope, order, merchant, gateway, clock } = await aDebt(engine, [5_000], 'lose_answer');
    const lost = await payInvoices(scope, order);
    expect(lost.state).toBe('unknown');
    clock.move(61_000);
    expect(await reconcile(merchant)).toBe(1);
    expect(await reconcile(merchant)).toBe(0);
    expect(await paymentOutcome(scope, lost.attemptId)).toMatchObject({ state: 'succeeded' });
    expect(gateway.book()).toHaveLength(1);
    expect(await count(scope, 'payments')).toBe(1);
  });

  test('sending the form again after a lost answer answers with the payment it made', async () => {
    const { scope, order, gateway } = await aDebt(engine, [5_000], 'lose_answer');
    expect((await payInvoices(scope, order)).state).toBe('unknown');
    expect(await payInvoices(scope, order)).toMatchObject({ state: 'succeeded' });
    expect(gateway.book()).toHaveLength(1);
  });

  test('a charge that never arrived is closed at the gateway, and the invoice is free again', async () => {
    const { scope, order, merchant, clock, gateway } = await aDebt(engine, [5_000], 'lose_request');
    const lost = await payInvoices(scope, order);
    expect(lost.state).toBe('unknown');
    await refused('payment_in_progress', payInvoices(scope, { ...order, nonce: 'a second form' }));
    clock.move(11 * 60_000);
    expect(await reconcile(merchant)).toBe(1);
    expect(await paymentOutcome(scope, lost.attemptId)).toMatchObject({
      state: 'declined',
      code: 'canceled',
    });
    expect(
      await gateway
        .charge({
          attemptId: lost.attemptId,
          account: { tenantId: 1 },
          amount: { minor: 5_000, currency: 'EUR' },
          source: cardSource(),
          save: false,
          customerRef: '1',
          offSession: false,
          description: '',
        })
        .catch(() => undefined),
    ).toBeUndefined();
    expect(gateway.book().filter(({ state }) => state === 'succeeded')).toEqual([]);
  });

  test('the first final word of the gateway stands, in whatever order the rest arrives', async () => {
    const { scope, order } = await aDebt(engine, [5_000], 'lose_request');
    const { attemptId } = await payInvoices(scope, order);
    const paid = { state: 'succeeded', gatewayPaymentId: 'test_1', methodLabel: 'Visa ending 4242' } as const;
    await settle(scope, attemptId, {
      state: 'processing',
      gatewayPaymentId: 'test_1',
      methodLabel: 'Visa ending 4242',
    });
    await settle(scope, attemptId, paid);
    const before = await everything(scope);
    await settle(scope, attemptId, { state: 'declined', code: 'card_declined', message: 'late' });
    await settle(scope, attemptId, paid);
    expect(await everything(scope)).toEqual(before);
  });
});

async function aDebt(
  engine: (typeof ENGINES)[number],
  amounts: number[],
  fault?: 'lose_answer' | 'lose_request',
) {
  const house: House = await openHouse(engine, { fault: () => fault });
  const merchant = await house.tenant();
  const { scope, invoices } = await customerWithInvoices(merchant, amounts);
  const draft = await preparePayment(
    scope,
    invoices.map(({ clientId }) => clientId),
  );
  const seen = new Map(draft.invoices.map((invoice) => [invoice.clientId, invoice.left.minor]));
  const order = { nonce: draft.nonce, seen, with: cardSource(), receiptEmail: 'petra@mueller.example' };
  return { house, ...house, merchant, scope, invoices, order };
}

async function refused(code: RefusalCode, work: Promise<unknown>): Promise<void> {
  await expect(work).rejects.toMatchObject({ name: 'Refusal', code });
}

const MONEY_TABLES = [
  'invoices',
  'payments',
  'payment_applications',
  'payment_attempts',
  'attempt_allocations',
  'journal',
  'postings',
  'outbox',
  'events',
] as const;

async function everything(scope: CustomerScope): Promise<unknown[]> {
  return Promise.all(MONEY_TABLES.map((table) => scope.db.from(table).selectAll().execute()));
}

async function count(scope: CustomerScope, table: (typeof MONEY_TABLES)[number]): Promise<number> {
  return (await scope.db.from(table).selectAll().execute()).length;
}

async function ledgerSums(merchant: MerchantScope): Promise<Record<string, number>> {
  const rows = await merchant.db.from('postings').select(['account', 'amount_minor']).execute();
  const sums: Record<string, number> = {};
  for (const row of rows) sums[row.account] = (sums[row.account] ?? 0) + row.amount_minor;
  return sums;
}

async function queuedMail(merchant: MerchantScope): Promise<string[]> {
  const rows = await merchant.db.from('outbox').select(['topic', 'recipient']).execute();
  return rows.map((row) => `${row.topic} ${row.recipient}`);
}
