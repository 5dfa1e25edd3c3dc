import { describe, expect, test } from 'vitest';
import { findInvoice } from '#src/documents/invoice.ts';
import { money } from '#src/kernel/money.ts';
import type { RefundReply } from '#src/payments/gateways/gateway.ts';
import { adjustCredit } from '#src/payments/credit/credits.ts';
import { accountAt } from '#src/payments/gateways/gateways.ts';
import { payInAdvance } from '#src/payments/taking/pay.ts';
import { reconcile } from '#test/support/work.ts';
import { recordPayment } from '#src/payments/outside/record.ts';
import { voidPayment } from '#src/payments/outside/voids.ts';
import { type DisputeNews, settleDispute } from '#src/payments/returning/disputes.ts';
import { refundPayment, settleRefund } from '#src/payments/returning/refunds.ts';
import type { CustomerScope, MerchantScope } from '#src/scope.ts';
import { workOnce } from '#src/work.ts';
import { cardSource, customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import {
  expectSoundBooks,
  ledgerSums,
  paid,
  permutations,
  refusedWithoutTrace,
  withSettings,
} from '#test/support/money.ts';

const RECEIVED = {
  currency: 'EUR',
  date: '2026-11-20',
  method: 'wire_transfer',
  methodLabel: 'Bank transfer',
  toCredit: 500,
} as const;

describe.each(ENGINES)('refunding on %s', (engine) => {
  test('a refund gives the money back once, says so in the books, and opens no invoice', async () => {
    const { merchant, scope, invoice, payment, gateway, house } = await aPayment(engine);
    const outcome = await refundPayment(merchant, { nonce: 'r1', paymentId: payment.id, reason: 'a favour' });
    expect(outcome).toMatchObject({ state: 'succeeded', amount: { minor: 5_000, currency: 'EUR' } });
    expect(gateway.refunds()).toEqual([
      { refundId: 'r1', gatewayPaymentId: payment.gateway_payment_id, minor: 5_000 },
    ]);
    expect(await findInvoice(scope, invoice)).toMatchObject({ status: 'paid', balance: { minor: 0 } });
    expect(await ledgerSums(scope)).toEqual({ cash: 0, receivable: 0, sales: -5_000, adjustments: 5_000 });
    expect(await refundedOf(scope)).toBe(5_000);
    const events = await scope.db.from('events').select('type').execute();
    expect(events.map(({ type }) => type)).toContain('payment.refunded');
    await expectSoundBooks(house);
  });

  test('a payment is given back in parts, to the last cent and no further', async () => {
    const { merchant, payment, gateway, house } = await aPayment(engine);
    const part = (nonce: string, minor: number) =>
      refundPayment(merchant, { nonce, paymentId: payment.id, amount: money(minor, 'EUR') });
    expect(await part('r1', 1_999)).toMatchObject({ state: 'succeeded' });
    await refusedWithoutTrace(house, merchant, 'not_refundable', () => part('r2', 3_002));
    expect(await part('r3', 3_001)).toMatchObject({ state: 'succeeded' });
    await refusedWithoutTrace(house, merchant, 'not_refundable', () => part('r4', 1));
    expect(gateway.refunds().map(({ minor }) => minor)).toEqual([1_999, 3_001]);
    await expectSoundBooks(house);
  });

  test('amounts of nothing, below nothing, in fractions or in another currency are refused with nothing written', async () => {
    const { merchant, payment, house } = await aPayment(engine);
    const paymentId = payment.id;
    for (const minor of [0, -1, 0.5, Number.MAX_SAFE_INTEGER + 1])
      await refusedWithoutTrace(house, merchant, 'bad_amount', () =>
        refundPayment(merchant, { nonce: 'r', paymentId, amount: { minor, currency: 'EUR' } }),
      );
    await refusedWithoutTrace(house, merchant, 'mixed_currencies', () =>
      refundPayment(merchant, { nonce: 'r', paymentId, amount: money(1, 'USD') }),
    );
    await refusedWithoutTrace(house, merchant, 'not_found', () =>
      refundPayment(merchant, { nonce: 'r', paymentId: 999 }),
    );
    const other = await house.tenant('globex');
    await refusedWithoutTrace(house, other, 'not_found', () =>
      refundPayment(other, { nonce: 'r', paymentId }),
    );
  });

  test('the same refund sent again is the same refund, and its nonce is good for no other', async () => {
    const { merchant, payment, gateway, house } = await aPayment(engine);
    const order = { nonce: 'r1', paymentId: payment.id, amount: money(700, 'EUR') };
    const first = await refundPayment(merchant, order);
    expect(await refundPayment(merchant, order)).toEqual(first);
    expect(gateway.refunds()).toHaveLength(1);
    await refusedWithoutTrace(house, merchant, 'key_reused', () =>
      refundPayment(merchant, { ...order, amount: money(701, 'EUR') }),
    );
  });

  test('100 refunds of the whole at once give it back once', async () => {
    const { merchant, payment, gateway, house } = await aPayment(engine);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, (_, i) =>
        refundPayment(merchant, { nonce: `r${i % 50}`, paymentId: payment.id }),
      ),
    );
    const states = outcomes.map((one) => (one.status === 'fulfilled' ? one.value.state : one.reason.code));
    expect(new Set(states)).toEqual(new Set(['succeeded', 'not_refundable']));
    expect(gateway.refunds().reduce((sum, { minor }) => sum + minor, 0)).toBe(5_000);
    await expectSoundBooks(house);
  });

  test('100 refunds of a part at once give back no more than was taken', async () => {
    const { merchant, payment, gateway, house, scope } = await aPayment(engine);
    await Promise.allSettled(
      Array.from({ length: 100 }, (_, i) =>
        refundPayment(merchant, { nonce: `p${i}`, paymentId: payment.id, amount: money(600, 'EUR') }),
      ),
    );
    expect(gateway.refunds()).toHaveLength(8);
    expect(await refundedOf(scope)).toBe(4_800);
    await expectSoundBooks(house);
  });

  test.each(['lose_answer', 'lose_request'] as const)(
    'after a lost answer (%s) the reconciler finishes the refund without any webhook, once',
    async (fault) => {
      const { merchant, payment, gateway, house, faults, scope } = await aPayment(engine);
      faults.next = fault;
      const lost = await refundPayment(merchant, { nonce: 'r1', paymentId: payment.id });
      expect(lost.state).toBe('unknown');
      faults.next = undefined;
      expect(await reconcile(merchant)).toBe(0);
      house.clock.move(61_000);
      expect(await workOnce(house.app)).toMatchObject({ settled: 1 });
      expect(await reconcile(merchant)).toBe(0);
      expect(gateway.refunds()).toHaveLength(1);
      expect(await refundedOf(scope)).toBe(5_000);
      await expectSoundBooks(house);
    },
  );

  test('while the gateway stays silent the money of a refund is spoken for, and it is asked ever less often', async () => {
    const { merchant, payment, house, faults, scope } = await aPayment(engine);
    faults.next = 'lose_request';
    await refundPayment(merchant, { nonce: 'r1', paymentId: payment.id });
    await refusedWithoutTrace(house, merchant, 'not_refundable', () =>
      refundPayment(merchant, { nonce: 'r2', paymentId: payment.id, amount: money(1, 'EUR') }),
    );
    for (const minutes of [1, 1, 2, 4, 8]) {
      house.clock.move(minutes * 60_000 + 1);
      await reconcile(merchant);
    }
    const [refund] = await scope.db.from('refunds').selectAll().execute();
    expect(refund).toMatchObject({ state: 'created', looks: 5 });
    await expectSoundBooks(house);
  });

  test('a refund that never reached the gateway waits while the payment is disputed, and is not given when the dispute is lost', async () => {
    const { merchant, payment, scope, house, faults, gateway } = await aPayment(engine);
    faults.next = 'lose_request';
    expect((await refundPayment(merchant, { nonce: 'r1', paymentId: payment.id })).state).toBe('unknown');
    faults.next = undefined;
    await disputed(merchant, payment, 'open');
    house.clock.move(61_000);
    expect(await reconcile(merchant)).toBe(0);
    expect((await refundPayment(merchant, { nonce: 'r1', paymentId: payment.id })).state).toBe('unknown');
    await disputed(merchant, payment, 'lost');
    house.clock.move(86_400_000);
    expect(await reconcile(merchant)).toBe(1);
    expect(await refundPayment(merchant, { nonce: 'r1', paymentId: payment.id })).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('taken the money back already'),
    });
    expect(gateway.refunds()).toEqual([]);
    expect(await ledgerSums(scope)).toMatchObject({ cash: 0, bad_debt: 5_000 });
    await expectSoundBooks(house);
  });

  test('while a bank decides over a part of a payment, nothing of it is given back; then what the bank left is', async () => {
    const { house, merchant, payment } = await aPayment(engine);
    const half = { ...payment, amount_minor: 2_000 };
    await disputed(merchant, half, 'open');
    const refund = () => refundPayment(merchant, { nonce: 'p1', paymentId: payment.id });
    await expect(refund()).rejects.toThrow('is disputed');
    await refusedWithoutTrace(house, merchant, 'not_refundable', refund);
    await disputed(merchant, half, 'lost');
    expect(await refund()).toMatchObject({ state: 'succeeded', amount: money(3_000, 'EUR') });
    expect(house.gateway.refunds()).toMatchObject([{ minor: 3_000 }]);
    await expectSoundBooks(house);
  });

  test('a refund that waited for a dispute is given when the dispute is won', async () => {
    const { merchant, payment, house, faults, gateway } = await aPayment(engine);
    faults.next = 'lose_request';
    await refundPayment(merchant, { nonce: 'r1', paymentId: payment.id });
    faults.next = undefined;
    await disputed(merchant, payment, 'open');
    await disputed(merchant, payment, 'won');
    house.clock.move(86_400_000);
    expect(await reconcile(merchant)).toBe(1);
    expect(gateway.refunds()).toHaveLength(1);
    await expectSoundBooks(house);
  });

  test('what a gateway refuses is failed, changes no books, and can be tried anew', async () => {
    const { merchant, payment, scope, house, gateway } = await aPayment(engine);
    const elsewhere = { account: accountAt(merchant), gatewayPaymentId: payment.gateway_payment_id! };
    await gateway.refund({ ...elsewhere, refundId: 'by hand', amount: money(5_000, 'EUR') });
    const before = await ledgerSums(scope);
    expect(await refundPayment(merchant, { nonce: 'r1', paymentId: payment.id })).toMatchObject({
      state: 'failed',
      message: 'More than was charged cannot be refunded.',
    });
    expect(await ledgerSums(scope)).toEqual(before);
    expect(await refundedOf(scope)).toBe(0);
    await expectSoundBooks(house);
  });

  test('any order of the same news about a refund ends in the same state', async () => {
    const news: RefundReply[] = [
      { state: 'submitted', gatewayRefundId: 're_1' },
      { state: 'succeeded', gatewayRefundId: 're_1' },
      { state: 'failed', message: 'the account is closed' },
      { state: 'succeeded', gatewayRefundId: 're_1' },
    ];
    const { merchant, payment, scope, house, faults } = await aPayment(engine);
    faults.next = 'lose_request';
    const ends = new Set<string>();
    for (const [i, order] of permutations(news).entries()) {
      await refundPayment(merchant, { nonce: `r${i}`, paymentId: payment.id, amount: money(100, 'EUR') });
      for (const reply of order) await settleRefund(scope, `r${i}`, reply);
      const refund = await scope.db.from('refunds').selectAll().where('nonce', '=', `r${i}`).execute();
      const end = [refund[0]!.state, refund[0]!.look_at, await ledgerSums(scope), await refundedOf(scope)];
      ends.add(JSON.stringify(end));
    }
    expect([...ends]).toHaveLength(1);
    expect(await refundedOf(scope)).toBe(0);
    await expectSoundBooks(house);
  });

  test('a payment in advance is given back out of the credit it became; what was spent of it is not taken twice', async () => {
    const house = await openHouse(engine);
    const merchant = await withSettings(house, await house.tenant(), { 'payments.advance': 'on' });
    const { scope } = await customerWithInvoices(merchant, []);
    const order = { nonce: 'adv', amount: money(3_000, 'EUR'), with: cardSource() };
    expect(await payInAdvance(scope, order)).toMatchObject({ state: 'succeeded' });
    const { id: paymentId } = await scope.db.from('payments').select('id').executeTakeFirstOrThrow();
    await refundPayment(merchant, { nonce: 'r1', paymentId, amount: money(1_000, 'EUR') });
    expect(await ledgerSums(scope)).toEqual({ credit_balance: -2_000, cash: 2_000 });
    await adjustCredit(merchant, { customerId: scope.customerId, amount: money(-1_500, 'EUR') });
    await refundPayment(merchant, { nonce: 'r2', paymentId });
    expect(await ledgerSums(scope)).toMatchObject({ credit_balance: 0, cash: 0 });
    await expectSoundBooks(house);
  });

  test('the convenience fee is given back last', async () => {
    const house = await openHouse(engine);
    const merchant = await withSettings(house, await house.tenant(), { 'payments.fee_percent': '2' });
    const { scope, invoices } = await customerWithInvoices(merchant, [10_000]);
    const { id } = await paid(scope, invoices[0]!.clientId);
    await refundPayment(merchant, { nonce: 'f1', paymentId: id, amount: money(10_000, 'EUR') });
    expect(await ledgerSums(scope)).toMatchObject({ fees: -200, adjustments: 10_000, cash: 200 });
    await refundPayment(merchant, { nonce: 'f2', paymentId: id });
    expect(await ledgerSums(scope)).toMatchObject({ fees: 0, adjustments: 10_000, cash: 0 });
    await expectSoundBooks(house);
  });

  test('a payment that was taken outside the portal is refunded by recording it', async () => {
    const { merchant, house, gateway } = await aPayment(engine);
    const { scope, invoices } = await customerWithInvoices(merchant, [900], 'Pays by transfer');
    const recorded = await recordPayment(merchant, {
      ...RECEIVED,
      toCredit: 0,
      customerId: scope.customerId,
      applied: [{ invoiceId: invoices[0]!.id, minor: 900 }],
    });
    const voided = await recordPayment(merchant, { ...RECEIVED, customerId: scope.customerId, applied: [] });
    await voidPayment(merchant, voided.id);
    const again = () => refundPayment(merchant, { nonce: 'o0', paymentId: voided.id });
    await expect(again()).rejects.toThrow('was voided');
    await refusedWithoutTrace(house, merchant, 'not_refundable', again);
    expect(await refundPayment(merchant, { nonce: 'o1', paymentId: recorded.id })).toMatchObject({
      state: 'succeeded',
    });
    expect(gateway.refunds()).toEqual([]);
    expect(await ledgerSums(scope)).toMatchObject({ cash: 0, adjustments: 900, receivable: 0 });
    await expectSoundBooks(house);
  });
});

async function aPayment(engine: (typeof ENGINES)[number]) {
  const faults: { next: 'lose_answer' | 'lose_request' | undefined } = { next: undefined };
  const house = await openHouse(engine, { fault: () => faults.next });
  const merchant = await house.tenant();
  const { scope, invoices } = await customerWithInvoices(merchant, [5_000]);
  const invoice = invoices[0]!.clientId;
  const payment = await paid(scope, invoice);
  return { house, merchant, scope, invoice, payment, faults, gateway: house.gateway };
}

/** The payer's bank says something of a dispute over all of the payment. */
async function disputed(
  merchant: MerchantScope,
  { gateway_payment_id: gatewayPaymentId, amount_minor: minor }: Awaited<ReturnType<typeof paid>>,
  state: DisputeNews['state'],
): Promise<void> {
  const news = { id: state, about: 'dispute', gatewayDisputeId: 'd', state, reason: undefined } as const;
  const amount = money(minor, 'EUR');
  await settleDispute(merchant, 'test', { ...news, gatewayPaymentId: gatewayPaymentId!, amount });
}

async function refundedOf(scope: CustomerScope): Promise<number> {
  const { refunded_minor: minor } = await scope.db
    .from('payments')
    .select('refunded_minor')
    .executeTakeFirstOrThrow();
  return minor;
}
