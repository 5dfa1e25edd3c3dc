import { describe, expect, test } from 'vitest';
import { issueCreditNote } from '#src/documents/issue.ts';
import { findInvoice } from '#src/documents/invoice.ts';
import { money } from '#src/kernel/money.ts';
import { adjustCredit } from '#src/payments/credit/credits.ts';
import { attachPlan, cancelPlan } from '#src/payments/plans/plans.ts';
import { recordMoney } from '#src/payments/outside/record.ts';
import { refundPayment } from '#src/payments/returning/refunds.ts';
import { payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import { voidPayment } from '#src/payments/outside/voids.ts';
import { voidCreditNote, voidInvoice } from '#src/documents/voids.ts';
import { cardSource, customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { expectSoundBooks, ledgerSums, paid, refusedWithoutTrace } from '#test/support/money.ts';

describe.each(ENGINES)('voiding on %s', (engine) => {
  test('a voided payment is as if it had never been: its invoices are open again, its credit is gone', async () => {
    const { house, merchant, scope, invoices, record } = await aDebt(engine, [3_000, 2_000]);
    const { id } = await record(5_500);
    await voidPayment(merchant, id);
    for (const { clientId, minor } of invoices)
      expect(await findInvoice(scope, clientId)).toMatchObject({ status: 'open', balance: { minor } });
    expect(await ledgerSums(scope)).toEqual({ cash: 0, receivable: 5_000, sales: -5_000, credit_balance: 0 });
    const [payment] = await scope.db.from('payments').selectAll().execute();
    expect(payment).toMatchObject({ state: 'voided', voided_at: expect.any(Number) });
    const applied = await scope.db.from('payment_applications').select('voided_at').execute();
    expect(applied.every(({ voided_at }) => voided_at !== null)).toBe(true);
    await expectSoundBooks(house);
  });

  test('what paid an invoice before there was a plan for the rest of it is not voided until the plan is taken back', async () => {
    const { house, merchant, scope, invoices, record } = await aDebt(engine, [3_000]);
    const before = await record(1_000);
    const { id: invoiceId, clientId } = invoices[0]!;
    await attachPlan(merchant, invoiceId, [
      { date: '2026-12-01', minor: 1_500 },
      { date: '2027-01-01', minor: 500 },
    ]);
    await refusedWithoutTrace(house, merchant, 'not_voidable', () => voidPayment(merchant, before.id));
    const within = await record(700);
    await voidPayment(merchant, within.id);
    expect((await findInvoice(scope, clientId)).balance.minor).toBe(2_000);
    await expectSoundBooks(house);
    await cancelPlan(merchant, invoiceId);
    await voidPayment(merchant, before.id);
    expect((await findInvoice(scope, clientId)).balance.minor).toBe(3_000);
    await expectSoundBooks(house);
  });

  test('100 voids of a payment at once void it once, and its invoices can be paid again', async () => {
    const { house, merchant, scope, invoices, record } = await aDebt(engine, [3_000]);
    const { id } = await record(3_000);
    await Promise.all(Array.from({ length: 100 }, () => voidPayment(merchant, id)));
    expect(await ledgerSums(scope)).toMatchObject({ cash: 0, receivable: 3_000 });
    await paid(scope, invoices[0]!.clientId);
    await expectSoundBooks(house);
  });

  test('a payment that a gateway took, that went back in part, or whose credit was used is not voided', async () => {
    const { house, merchant, scope, invoices, record } = await aDebt(engine, [3_000, 2_000]);
    const byCard = await paid(scope, invoices[0]!.clientId);
    const partly = await record(1_000);
    await refundPayment(merchant, { nonce: 'r', paymentId: partly.id, amount: money(1, 'EUR') });
    const spent = await record(1_500);
    await adjustCredit(merchant, { customerId: scope.customerId, amount: money(-1, 'EUR') });
    for (const { id } of [byCard, partly, spent])
      await refusedWithoutTrace(house, merchant, 'not_voidable', () => voidPayment(merchant, id));
    await refusedWithoutTrace(house, merchant, 'not_found', () => voidPayment(merchant, 999));
    const other = await house.tenant('globex');
    await refusedWithoutTrace(house, merchant, 'not_found', () => voidPayment(other, spent.id));
    await expectSoundBooks(house);
  });

  test('why a payment cannot be voided is said as it is, with what can be done instead', async () => {
    const { house, merchant, scope, invoices, record } = await aDebt(engine, [3_000]);
    const byCard = await paid(scope, invoices[0]!.clientId);
    const [whole, partly] = [await record(1_000), await record(1_000)];
    await refundPayment(merchant, { nonce: 'r1', paymentId: whole.id, amount: money(1_000, 'EUR') });
    await refundPayment(merchant, { nonce: 'r2', paymentId: partly.id, amount: money(999, 'EUR') });
    for (const [id, message, hint] of [
      [whole.id, 'was given back already.', 'Nothing is left of it to be voided.'],
      [partly.id, 'was given back in part.', 'Give back the rest with “portal payment refund”.'],
      [byCard.id, 'can only be refunded.', 'Give it back with “portal payment refund”.'],
    ] as const)
      await expect(voidPayment(merchant, id)).rejects.toMatchObject({
        code: 'not_voidable',
        message: expect.stringContaining(message),
        hint,
      });
    await expectSoundBooks(house);
  });

  test('an unpaid invoice is voided: nothing is owed on it, nobody sees it, and the books say why', async () => {
    const { house, merchant, scope, invoices } = await aDebt(engine, [3_000]);
    const { id, clientId } = invoices[0]!;
    await voidInvoice(merchant, id);
    await voidInvoice(merchant, id);
    expect(await ledgerSums(scope)).toEqual({ receivable: 0, sales: 0 });
    await expect(findInvoice(scope, clientId)).rejects.toMatchObject({ code: 'not_found' });
    await expect(preparePayment(scope, [clientId])).rejects.toMatchObject({ name: 'Refusal' });
    const kinds = await scope.db.from('journal').select('kind').orderBy('id').execute();
    expect(kinds.map(({ kind }) => kind)).toEqual(['invoice', 'invoice_void']);
    await expectSoundBooks(house);
  });

  test('an invoice with money on it, or on its way to it, is not voided', async () => {
    const { house, merchant, scope, invoices, record } = await aDebt(engine, [3_000, 2_000]);
    await record(1);
    const { nonce } = await preparePayment(scope, [invoices[1]!.clientId]);
    const asked = await payInvoices(scope, {
      nonce,
      seen: new Map([[invoices[1]!.clientId, 2_000]]),
      with: cardSource('4000002760003184'),
    });
    expect(asked.state).toBe('action_required');
    for (const { id } of invoices)
      await refusedWithoutTrace(house, merchant, 'not_voidable', () => voidInvoice(merchant, id));
    await refusedWithoutTrace(house, merchant, 'not_found', () => voidInvoice(merchant, 999));
  });

  test('an invoice whose payment was voided can be voided too', async () => {
    const { house, merchant, invoices, record } = await aDebt(engine, [3_000]);
    await voidPayment(merchant, (await record(3_000)).id);
    await voidInvoice(merchant, invoices[0]!.id);
    await expectSoundBooks(house);
  });

  test('a credit note that was not used is voided, one that was used is not', async () => {
    const { house, merchant, scope } = await aDebt(engine, []);
    const note = (unitCost: string) =>
      issueCreditNote(merchant, {
        customerId: scope.customerId,
        currency: 'EUR',
        date: '2026-11-12',
        lines: [{ name: 'Returned', unitCost }],
      });
    const { id } = await note('7');
    await voidCreditNote(merchant, id);
    await voidCreditNote(merchant, id);
    expect(await ledgerSums(scope)).toEqual({ credit_note: 0, sales: 0 });
    await expectSoundBooks(house);
    const used = await note('9');
    await scope.db.update('credit_notes').set({ balance_minor: 100 }).where('id', '=', used.id).execute();
    await refusedWithoutTrace(house, merchant, 'not_voidable', () => voidCreditNote(merchant, used.id));
    await refusedWithoutTrace(house, merchant, 'not_found', () => voidCreditNote(merchant, 999));
  });
});

async function aDebt(engine: (typeof ENGINES)[number], amounts: number[]) {
  const house = await openHouse(engine);
  const merchant = await house.tenant();
  const { scope, invoices } = await customerWithInvoices(merchant, amounts);
  const record = (minor: number) =>
    recordMoney(merchant, {
      customerId: scope.customerId,
      amount: money(minor, 'EUR'),
      date: '2026-11-20',
      method: 'check',
      methodLabel: 'Check',
      towards: [],
    });
  return { house, merchant, scope, invoices, record };
}
