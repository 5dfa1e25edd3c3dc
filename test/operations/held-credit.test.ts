import { describe, expect, test } from 'vitest';
import type { Engine } from '#db/migrations/migration.ts';
import { findInvoice } from '#src/documents/invoice.ts';
import { issueEstimate, issueInvoice } from '#src/documents/issue.ts';
import { money } from '#src/kernel/money.ts';
import { applyCredits, prepareCredit, useAllCredit } from '#src/payments/credit/credit-uses.ts';
import { adjustCredit, creditMovements, customerCredit } from '#src/payments/credit/credits.ts';
import { invoiceEstimate } from '#src/payments/credit/invoicing.ts';
import type { Gateway } from '#src/payments/gateways/gateway.ts';
import { recordPayment } from '#src/payments/outside/record.ts';
import { voidPayment } from '#src/payments/outside/voids.ts';
import { type DisputeNews, settleDispute } from '#src/payments/returning/disputes.ts';
import { refundPayment, settleRefund } from '#src/payments/returning/refunds.ts';
import { approveWithDeposit, prepareApproval } from '#src/payments/taking/deposits.ts';
import { payInAdvance } from '#src/payments/taking/pay.ts';
import type { CustomerScope, MerchantScope } from '#src/scope.ts';
import { cardSource, customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { expectSoundBooks, ledgerSums, refusedWithoutTrace, withSettings } from '#test/support/money.ts';

const eur = (minor: number) => money(minor, 'EUR');

describe.each(ENGINES)('credit that is on its way back, on %s', (engine) => {
  test('cannot be used while its refund is on its way, is shown as such, and goes with the refund', async () => {
    const { house, merchant, scope, advance } = await anAdvance(engine, 5_000);
    expect(await refundSlowly(merchant, advance, 'r1')).toBe('submitted');
    expect(await customerCredit(scope)).toMatchObject([
      { balance: eur(5_000), returning: eur(5_000), held: eur(0), usable: eur(0) },
    ]);
    const invoice = await issue(merchant, scope, '50');
    await refusedWithoutTrace(house, merchant, 'no_credit', () => prepareCredit(scope, [invoice.clientId]));
    await refusedWithoutTrace(house, merchant, 'credit_not_enough', () => take(merchant, scope, 1));
    await settleRefund(scope, 'r1', { state: 'succeeded', gatewayRefundId: 're_1' });
    expect(await ledgerSums(scope)).toMatchObject({ cash: 0, credit_balance: 0, receivable: 5_000 });
    await expectSoundBooks(house);
  });

  test('is the customer’s again when the refund fails', async () => {
    const { house, merchant, scope, advance } = await anAdvance(engine, 5_000);
    await refundSlowly(merchant, advance, 'r1', 2_000);
    expect(await customerCredit(scope)).toMatchObject([{ returning: eur(2_000), usable: eur(3_000) }]);
    await settleRefund(scope, 'r1', { state: 'failed', message: 'the account is closed' });
    expect(await customerCredit(scope)).toMatchObject([{ returning: eur(0), usable: eur(5_000) }]);
    await expectSoundBooks(house);
  });

  test('takes nothing of other credit than what the payment left', async () => {
    const { merchant, scope, advance } = await anAdvance(engine, 5_000);
    await adjustCredit(merchant, { customerId: scope.customerId, amount: eur(800) });
    await refundSlowly(merchant, advance, 'r1');
    expect(await customerCredit(scope)).toMatchObject([{ returning: eur(5_000), usable: eur(800) }]);
    const invoice = await issue(merchant, scope, '50');
    const draft = await prepareCredit(scope, [invoice.clientId]);
    const seen = new Map(draft.invoices.map(({ clientId, pays }) => [clientId, pays.minor]));
    expect((await applyCredits(scope, { nonce: draft.nonce, seen })).total).toEqual(eur(800));
  });

  test('a deposit whose refund is on its way does not pay the invoice of its estimate', async () => {
    const { house, merchant, scope, estimate, deposit } = await aDeposit(engine);
    await refundSlowly(merchant, deposit, 'r1');
    expect(await customerCredit(scope)).toMatchObject([
      { balance: eur(4_000), held: eur(0), returning: eur(4_000), usable: eur(0) },
    ]);
    await refusedWithoutTrace(house, merchant, 'not_found', () => invoiceEstimate(merchant, 99));
    const invoice = await invoiceEstimate(merchant, estimate.id);
    expect((await findInvoice(scope, invoice.clientId)).balance).toEqual(eur(8_000));
    await settleRefund(scope, 'r1', { state: 'succeeded', gatewayRefundId: 're_1' });
    expect(await ledgerSums(scope)).toMatchObject({ cash: 0, credit_balance: 0, receivable: 8_000 });
    await expectSoundBooks(house);
  });

  test('credit of a disputed payment waits for the bank, and is the customer’s again when the dispute is won', async () => {
    const { house, merchant, scope, advance } = await anAdvance(engine, 5_000);
    await dispute(merchant, scope, advance, 'open');
    expect(await customerCredit(scope)).toMatchObject([{ returning: eur(5_000), usable: eur(0) }]);
    await expectSoundBooks(house);
    await dispute(merchant, scope, advance, 'won');
    expect(await customerCredit(scope)).toMatchObject([{ returning: eur(0), usable: eur(5_000) }]);
    await expectSoundBooks(house);
  });

  test('a dispute that is lost takes what is left of the payment’s credit, and only the rest is a bad debt', async () => {
    const { house, merchant, scope, advance } = await anAdvance(engine, 5_000);
    const invoice = await issue(merchant, scope, '20');
    await useAllCredit(scope, [invoice.id]);
    await dispute(merchant, scope, advance, 'open');
    await dispute(merchant, scope, advance, 'lost');
    expect(await customerCredit(scope)).toMatchObject([{ balance: eur(0), usable: eur(0) }]);
    expect(await ledgerSums(scope)).toMatchObject({
      cash: 0,
      disputed: 0,
      credit_balance: 0,
      bad_debt: 2_000,
    });
    expect((await creditMovements(scope, 1))[0]).toMatchObject({ kind: 'write_off', amount: eur(-3_000) });
    await expectSoundBooks(house);
  });

  test('a refund and a lost dispute together never take more than the payment left', async () => {
    const { house, merchant, scope, advance } = await anAdvance(engine, 5_000);
    await adjustCredit(merchant, { customerId: scope.customerId, amount: eur(700) });
    await refundPayment(merchant, { nonce: 'r1', paymentId: advance, amount: eur(3_000) });
    await dispute(merchant, scope, advance, 'lost');
    expect(await ledgerSums(scope)).toMatchObject({ credit_balance: -700, bad_debt: 3_000, cash: -3_000 });
    await settleRefund(scope, 'r1', { state: 'failed', message: 'the account is closed' });
    expect(await ledgerSums(scope)).toMatchObject({ credit_balance: -700, cash: 0 });
    await expectSoundBooks(house);
  });
});

describe.each(ENGINES)('a deposit that waits for its invoice, on %s', (engine) => {
  test('is not taken by hand', async () => {
    const { house, merchant, scope, settled } = await aDeposit(engine);
    await adjustCredit(merchant, { customerId: scope.customerId, amount: eur(500) });
    await refusedWithoutTrace(house, merchant, 'credit_not_enough', () => take(merchant, scope, 501));
    await take(merchant, scope, 500);
    await settled();
  });

  test('is not taken by the refund of another payment whose credit was used', async () => {
    const { merchant, scope, settled } = await aDeposit(engine);
    const other = await usedTransfer(merchant, scope);
    await refundPayment(merchant, { nonce: 'goodwill', paymentId: other });
    expect(await ledgerSums(scope)).toMatchObject({ credit_balance: -4_000, adjustments: 4_000 });
    await settled();
  });

  test('is not taken by the void of another payment whose credit was used', async () => {
    const { house, merchant, scope, settled } = await aDeposit(engine);
    const other = await usedTransfer(merchant, scope);
    await refusedWithoutTrace(house, merchant, 'not_voidable', () => voidPayment(merchant, other));
    await settled();
  });

  test('is not taken by a dispute that is lost over another payment whose credit was used', async () => {
    const { merchant, scope, settled } = await aDeposit(engine);
    const other = await advanceOf(scope, 4_000, 'another');
    const invoice = await issue(merchant, scope, '40');
    await useAllCredit(scope, [invoice.id]);
    await dispute(merchant, scope, other, 'lost');
    expect(await ledgerSums(scope)).toMatchObject({ credit_balance: -4_000, bad_debt: 4_000 });
    await settled();
  });

  test('goes with its own payment when that is lost in a dispute', async () => {
    const { house, merchant, scope, estimate, deposit } = await aDeposit(engine);
    await dispute(merchant, scope, deposit, 'lost');
    expect(await customerCredit(scope)).toMatchObject([{ held: eur(0), balance: eur(0) }]);
    const invoice = await invoiceEstimate(merchant, estimate.id);
    expect((await findInvoice(scope, invoice.clientId)).balance).toEqual(eur(8_000));
    await expectSoundBooks(house);
  });
});

describe.each(ENGINES)('credit by hand, on %s', (engine) => {
  test('is added and taken once under a key, which is good for nothing else', async () => {
    const { house, merchant, scope } = await anAdvance(engine, 100);
    const { customerId } = scope;
    const add = { customerId, amount: eur(500), notes: 'For your patience', key: 'ticket 7' };
    const all = await Promise.all(Array.from({ length: 10 }, () => adjustCredit(merchant, add)));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(await adjustCredit(merchant, add)).toEqual(all[0]);
    expect(await customerCredit(scope)).toMatchObject([{ balance: eur(600) }]);
    for (const other of [eur(501), eur(-500), money(500, 'USD')])
      await refusedWithoutTrace(house, merchant, 'key_reused', () =>
        adjustCredit(merchant, { ...add, amount: other }),
      );
    await adjustCredit(merchant, { ...add, key: 'ticket 8' });
    expect(await customerCredit(scope)).toMatchObject([{ balance: eur(1_100) }]);
    await expectSoundBooks(house);
  });
});

/** A customer who paid in advance by card; `advance` is the payment's id. */
async function anAdvance(engine: Engine, minor: number) {
  const house = await openHouse(engine);
  const settings = { 'payments.advance': 'on', 'credits.automatic': 'off' };
  const merchant = await withSettings(house, await house.tenant(), settings);
  const { scope } = await customerWithInvoices(merchant, []);
  return { house, merchant, scope, advance: await advanceOf(scope, minor, 'advance') };
}

async function advanceOf(scope: CustomerScope, minor: number, nonce: string): Promise<number> {
  const { attemptId } = await payInAdvance(scope, { nonce, amount: eur(minor), with: cardSource() });
  const payments = scope.db.from('payments').select('id').where('attempt_id', '=', attemptId);
  return (await payments.executeTakeFirstOrThrow()).id;
}

/** A customer whose deposit of 40.00 waits for the invoice of 80.00; `settled` makes that and says that the deposit is all there. */
async function aDeposit(engine: Engine) {
  const { house, merchant, scope, advance } = await anAdvance(engine, 100);
  await refundPayment(merchant, { nonce: 'none is left of it', paymentId: advance });
  const estimate = await issueEstimate(merchant, {
    customerId: scope.customerId,
    currency: 'EUR',
    date: '2026-11-20',
    lines: [{ name: 'Shelf', unitCost: '80' }],
    deposit: { minor: 4_000 },
  });
  const draft = await prepareApproval(scope, estimate.clientId);
  const { attemptId } = await approveWithDeposit(scope, {
    nonce: draft.nonce,
    clientId: estimate.clientId,
    initials: 'PM',
    termsHash: draft.termsHash,
    seen: { total: draft.whole.minor, deposit: draft.deposit.minor },
    ip: '203.0.113.7',
    userAgent: 'Firefox',
    pays: 'deposit',
    with: cardSource(),
  });
  const payments = scope.db.from('payments').select('id').where('attempt_id', '=', attemptId);
  const { id: deposit } = await payments.executeTakeFirstOrThrow();
  const settled = async (): Promise<void> => {
    await expectSoundBooks(house);
    expect(await customerCredit(scope)).toMatchObject([{ held: eur(4_000), usable: eur(0) }]);
    const invoice = await invoiceEstimate(merchant, estimate.id);
    expect((await findInvoice(scope, invoice.clientId)).balance).toEqual(eur(4_000));
    await expectSoundBooks(house);
  };
  return { house, merchant, scope, estimate, deposit, settled };
}

/** A transfer of 40.00 that became credit, and the credit paid an invoice. */
async function usedTransfer(merchant: MerchantScope, scope: CustomerScope): Promise<number> {
  const { id } = await recordPayment(merchant, {
    customerId: scope.customerId,
    currency: 'EUR',
    date: '2026-11-23',
    method: 'wire_transfer',
    methodLabel: 'Bank transfer',
    applied: [],
    toCredit: 4_000,
  });
  await useAllCredit(scope, [(await issue(merchant, scope, '40')).id]);
  return id;
}

function issue(merchant: MerchantScope, { customerId }: CustomerScope, unitCost: string) {
  const lines = [{ name: 'Paper', unitCost }];
  return issueInvoice(merchant, { customerId, currency: 'EUR', date: '2026-11-23', lines });
}

function take(merchant: MerchantScope, { customerId }: CustomerScope, minor: number) {
  return adjustCredit(merchant, { customerId, amount: eur(-minor) });
}

function submitted() {
  return Promise.resolve({ state: 'submitted' as const, gatewayRefundId: 're_1' });
}

/** Gives a payment back to an account, which takes days: the gateway has it, and the bank not yet. */
async function refundSlowly(merchant: MerchantScope, paymentId: number, nonce: string, minor?: number) {
  const slow: Gateway = { ...merchant.gateways['test']!, refund: submitted, lookupRefund: submitted };
  const amount = minor === undefined ? undefined : eur(minor);
  const order = { nonce, paymentId, amount };
  return (await refundPayment({ ...merchant, gateways: { test: slow } }, order)).state;
}

async function dispute(
  merchant: MerchantScope,
  scope: CustomerScope,
  paymentId: number,
  state: DisputeNews['state'],
): Promise<void> {
  const payments = scope.db.from('payments').selectAll().where('id', '=', paymentId);
  const payment = await payments.executeTakeFirstOrThrow();
  const { gateway_payment_id: gatewayPaymentId, amount_minor: minor } = payment;
  const id = `${paymentId} ${state}`;
  const news = { id, about: 'dispute', gatewayDisputeId: 'd', state, reason: 'fraudulent' } as const;
  const about = { gatewayPaymentId: gatewayPaymentId!, amount: eur(minor) };
  expect(await settleDispute(merchant, 'test', { ...news, ...about })).toBe(true);
}
