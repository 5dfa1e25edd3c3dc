import { describe, expect, test } from 'vitest';
import { issueEstimate } from '#src/documents/issue.ts';
import { findInvoice } from '#src/documents/invoice.ts';
import { money } from '#src/kernel/money.ts';
import { adjustCredit, customerCredit } from '#src/payments/credit/credits.ts';
import { approveWithDeposit, prepareApproval } from '#src/payments/taking/deposits.ts';
import { invoiceEstimate } from '#src/payments/credit/invoicing.ts';
import { refundPayment } from '#src/payments/returning/refunds.ts';
import { cardSource, customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { expectSoundBooks, withSettings } from '#test/support/money.ts';

describe.each(ENGINES)('a deposit that was given back, on %s', (engine) => {
  test('holds no other credit, and the invoice of its estimate is not paid by it', async () => {
    const house = await openHouse(engine);
    const merchant = await withSettings(house, await house.tenant(), { 'credits.automatic': 'off' });
    const { scope } = await customerWithInvoices(merchant, []);
    const { customerId } = scope;
    const offered = await issueEstimate(merchant, {
      customerId,
      currency: 'EUR',
      date: '2026-11-20',
      lines: [{ name: 'Shelf', unitCost: '80' }],
      deposit: { percent: '50' },
    });
    const draft = await prepareApproval(scope, offered.clientId);
    await approveWithDeposit(scope, {
      nonce: draft.nonce,
      clientId: offered.clientId,
      initials: 'PM',
      termsHash: draft.termsHash,
      seen: { total: draft.whole.minor, deposit: draft.deposit.minor },
      ip: '203.0.113.7',
      userAgent: 'Firefox',
      pays: 'deposit',
      with: cardSource(),
    });
    await adjustCredit(merchant, { customerId, amount: money(2_500, 'EUR') });
    const { id: paymentId } = await scope.db.from('payments').select('id').executeTakeFirstOrThrow();
    const credit = async () =>
      (await customerCredit(scope)).map(({ held, usable }) => [held.minor, usable.minor]);
    expect(await credit()).toEqual([[4_000, 2_500]]);
    await refundPayment(merchant, { nonce: 'a part of it', paymentId, amount: money(1_000, 'EUR') });
    expect(await credit()).toEqual([[3_000, 2_500]]);
    await refundPayment(merchant, { nonce: 'the rest of it', paymentId });
    expect(await credit()).toEqual([[0, 2_500]]);
    const invoice = await invoiceEstimate(merchant, offered.id);
    expect((await findInvoice(scope, invoice.clientId)).balance).toEqual(money(8_000, 'EUR'));
    expect(await credit()).toEqual([[0, 2_500]]);
    await expectSoundBooks(house);
  });
});
