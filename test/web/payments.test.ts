import { describe, expect, test } from 'vitest';
import { money } from '#src/kernel/money.ts';
import { recordMoney } from '#src/payments/outside/record.ts';
import { refundPayment } from '#src/payments/returning/refunds.ts';
import { settleDispute } from '#src/payments/returning/disputes.ts';
import { voidPayment } from '#src/payments/outside/voids.ts';
import { workOnce } from '#src/work.ts';
import { ENGINES } from '#test/support/house.ts';
import { paid } from '#test/support/money.ts';
import { aGuest, comesBack, type Guest, send, TYPED_IBAN } from '#test/support/pages.ts';
import { textOf } from '#test/support/portal.ts';

const DAY_MS = 86_400_000;

describe.each(ENGINES)('payments and receipts on %s', (engine) => {
  test('the list finds a payment by its receipt and by what it paid, by status and time, and leads to its receipt', async () => {
    const { merchant, scope, visitor, invoices } = await aGuest(engine, [10_000, 2_000, 3_000]);
    const first = await paid(scope, invoices[0]!.clientId);
    const second = await paid(scope, invoices[1]!.clientId);
    await refundPayment(merchant, {
      nonce: 'a refund of the tests',
      paymentId: second.id,
      amount: money(500, 'EUR'),
    });
    const list = async (query = '') => textOf((await visitor.get(`/payments${query}`)).text);
    expect(await list()).toContain('1–2 of 2');
    for (const [query, found, not] of [
      [`?number=${first.number}`, first.number, second.number],
      [`?number=${invoices[1]!.number}`, second.number, first.number],
      ['?status=refunded', second.number, first.number],
      ['?status=paid', first.number, second.number],
      ['?until=2026-11-01', 'No payment matches', first.number],
    ] as const) {
      expect(await list(query), query).toContain(found);
      expect(await list(query), query).not.toContain(not);
    }
    expect((await visitor.get('/payments')).text).toContain(`href="/payments/${first.client_id}"`);
    expect(textOf((await visitor.get('/')).text)).toContain('All payments');
  });

  test('a debit that takes days is in the list without a receipt, and has one when it arrived', async () => {
    const guest = await aGuest(engine, [10_000]);
    const { open, visitor, invoices } = guest;
    const page = `/pay?invoice=${invoices[0]!.clientId}`;
    await send(visitor, page, '/pay', { ...TYPED_IBAN, iban: 'DE89370400440532013000' });
    expect(textOf((await visitor.get('/payments')).text)).toMatch(/On its way .* Processing/);
    expect(textOf((await visitor.get('/invoices')).text)).toContain('Processing');
    open.clock.move(6 * DAY_MS);
    await workOnce(open.app);
    const later = await comesBack(guest);
    expect(textOf((await later.get('/payments')).text)).toMatch(/R-00001 .* Paid/);
    expect(textOf((await later.get(`/invoices/${invoices[0]!.clientId}`)).text)).toContain(
      'is paid. Thank you.',
    );
  });

  test('a debit that the bank returns leaves the invoice open, says so, and is mailed', async () => {
    const guest = await aGuest(engine, [10_000]);
    const { open, merchant, visitor, invoices } = guest;
    const page = `/pay?invoice=${invoices[0]!.clientId}`;
    await send(visitor, page, '/pay', { ...TYPED_IBAN, iban: 'DE62370400440532013001' });
    open.clock.move(6 * DAY_MS);
    await workOnce(open.app);
    await workOnce(open.app);
    const later = await comesBack(guest);
    expect(textOf((await later.get(`/invoices/${invoices[0]!.clientId}`)).text)).toContain('Pay invoice');
    expect(textOf((await later.get('/payments')).text)).toContain('No payments yet');
    const mails = await merchant.db.from('mailbox').select(['subject', 'text_body']).execute();
    expect(mails).toMatchObject([{ subject: expect.stringContaining('€100.00') }]);
    expect(mails[0]!.text_body).toContain(invoices[0]!.number);
    expect(mails[0]!.text_body).toContain('/pay?invoice=');
  });

  test('a receipt says the truth of what was recorded, given back, disputed or voided, on its page and as PDF', async () => {
    const guest = await aGuest(engine, [10_000, 2_000]);
    const { merchant, scope, invoices } = guest;
    const over = await recordMoney(merchant, {
      customerId: scope.customerId,
      amount: money(12_500, 'EUR'),
      date: '2026-11-22',
      method: 'wire_transfer',
      methodLabel: 'Bank transfer',
      towards: [{ invoiceId: invoices[0]!.id, minor: 10_000 }],
    });
    const receipt = await receiptOf(guest, over.id);
    for (const text of ['€125.00', 'Bank transfer', invoices[0]!.number, 'Your credit', '€25.00'])
      expect(receipt).toContain(text);
    await voidPayment(merchant, over.id);
    expect(await receiptOf(guest, over.id)).toContain('This payment was taken back');
    const card = await paid(scope, invoices[1]!.clientId);
    await refundPayment(merchant, {
      nonce: 'a refund of the tests',
      paymentId: card.id,
      amount: money(500, 'EUR'),
    });
    expect(await receiptOf(guest, card.id)).toMatch(
      /A part of this payment was given back .* Given back .* −€5\.00/,
    );
    await settleDispute(merchant, 'test', {
      id: 'evt_1',
      about: 'dispute',
      gatewayPaymentId: card.gateway_payment_id!,
      gatewayDisputeId: 'dp_1',
      amount: money(2_000, 'EUR'),
      state: 'open',
      reason: 'fraudulent',
    });
    expect(await receiptOf(guest, card.id)).toContain('disputed');
    expect(textOf((await guest.visitor.get(`/invoices/${invoices[1]!.clientId}`)).text)).toContain(
      'Disputed',
    );
  });

  test('a refund is mailed to where the receipt went', async () => {
    const { open, merchant, scope, invoices } = await aGuest(engine, [10_000]);
    const card = await paid(scope, invoices[0]!.clientId, 'petra@mueller.example');
    await workOnce(open.app);
    await refundPayment(merchant, {
      nonce: 'a refund of the tests',
      paymentId: card.id,
      amount: money(2_500, 'EUR'),
    });
    await workOnce(open.app);
    const mails = await merchant.db
      .from('mailbox')
      .select(['recipient', 'subject', 'text_body'])
      .orderBy('at')
      .execute();
    expect(mails).toHaveLength(2);
    const refund = mails.find(({ subject }) => subject.includes('€25.00'));
    expect(refund?.recipient).toBe('petra@mueller.example');
    expect(refund?.text_body).toContain(card.number);
  });
});

async function receiptOf({ scope, visitor }: Guest, paymentId: number): Promise<string> {
  const { client_id: id } = await scope.db
    .from('payments')
    .select('client_id')
    .where('id', '=', paymentId)
    .executeTakeFirstOrThrow();
  const pdf = await visitor.get(`/payments/${id}/pdf`);
  expect([pdf.status, pdf.headers['content-type']]).toEqual([200, 'application/pdf']);
  return textOf((await visitor.get(`/payments/${id}`)).text);
}
