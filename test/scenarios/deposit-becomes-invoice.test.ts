import { describe, expect, test } from 'vitest';
import { checkDatabase } from '#db/check.ts';
import { markSeen } from '#src/documents/content.ts';
import { findEstimate, openEstimates } from '#src/documents/estimates.ts';
import { findInvoice } from '#src/documents/invoice.ts';
import { issueCreditNote, issueEstimate } from '#src/documents/issue.ts';
import { findMerchantEstimate } from '#src/documents/merchant-estimates.ts';
import { money } from '#src/kernel/money.ts';
import { applyCredits, prepareCredit } from '#src/payments/credit/credit-uses.ts';
import { adjustCredit, creditMovements, customerCredit } from '#src/payments/credit/credits.ts';
import { answerChallenge } from '#src/payments/taking/charge.ts';
import { approveWithDeposit, prepareApproval } from '#src/payments/taking/deposits.ts';
import { invoiceEstimate, issueAndApply } from '#src/payments/credit/invoicing.ts';
import { payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import { cardSource, customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';

const DAY_MS = 86_400_000;
const eur = (minor: number) => money(minor, 'EUR');

describe.each(ENGINES)('on %s', (engine) => {
  test('a kitchen is offered, approved with half of it paid, invoiced a month later, and paid to the cent', async () => {
    const { app, clock, tenant, gateway } = await openHouse(engine);
    const merchant = await tenant();
    const { scope } = await customerWithInvoices(merchant, []);

    // Monday: the joiner offers. The customer looks, and thinks about it.
    const offered = await issueEstimate(merchant, {
      customerId: scope.customerId,
      currency: 'EUR',
      date: '2026-11-23',
      expirationDate: '2026-12-07',
      purchaseOrder: 'HOME-1',
      lines: [
        { name: 'Kitchen, oak', unitCost: '2800' },
        { name: 'Delivery', quantity: '2', unitCost: '140' },
      ],
      rates: [{ kind: 'tax', name: 'VAT', percent: '0', amountMinor: 0 }],
      deposit: { percent: '50' },
    });
    expect((await openEstimates(scope)).map(({ number }) => number)).toEqual(['EST-0001']);
    await markSeen(scope, 'estimates', offered.id);
    expect((await findEstimate(scope, offered.clientId)).status).toBe('viewed');

    // Five days later they approve; their bank asks once more.
    clock.move(5 * DAY_MS);
    const draft = await prepareApproval(scope, offered.clientId);
    expect(draft.deposit).toEqual(eur(154_000));
    const asked = await approveWithDeposit(scope, {
      nonce: draft.nonce,
      clientId: offered.clientId,
      initials: 'PM',
      termsHash: draft.termsHash,
      seen: { total: draft.whole.minor, deposit: draft.deposit.minor },
      ip: '203.0.113.7',
      userAgent: 'Firefox',
      pays: 'deposit',
      with: cardSource('4000002760003184'),
    });
    expect(asked.state).toBe('action_required');
    expect((await findEstimate(scope, offered.clientId)).approval).toBeUndefined();
    expect(await answerChallenge(scope, asked.attemptId, true)).toMatchObject({ state: 'succeeded' });
    expect(await findEstimate(scope, offered.clientId)).toMatchObject({
      status: 'approved',
      depositPaid: eur(154_000),
    });

    // The monthly invoice comes first. The deposit is not for that one, the credit note is.
    clock.move(10 * DAY_MS);
    await issueCreditNote(merchant, {
      customerId: scope.customerId,
      currency: 'EUR',
      date: '2026-12-08',
      lines: [{ name: 'A scratch', unitCost: '15' }],
    });
    const monthly = await issueAndApply(merchant, {
      customerId: scope.customerId,
      currency: 'EUR',
      date: '2026-12-08',
      lines: [{ name: 'Care', unitCost: '40' }],
    });
    expect((await findInvoice(scope, monthly.clientId)).balance).toEqual(eur(2_500));

    // The kitchen stands: the estimate becomes an invoice, and the deposit pays its half of it.
    clock.move(20 * DAY_MS);
    await invoiceEstimate(merchant, offered.id, { dueDate: '2027-01-11' });
    const record = await findMerchantEstimate(merchant, 'EST-0001');
    expect(record.status).toBe('invoiced');
    const page = await findEstimate(scope, offered.clientId);
    const invoice = await findInvoice(scope, page.invoice?.clientId ?? '');
    expect(invoice).toMatchObject({
      total: eur(308_000),
      balance: eur(154_000),
      purchaseOrder: 'HOME-1',
      dueDate: '2027-01-11',
    });

    // A gift of the joiner's is used by the customer; the rest of both invoices is paid by card.
    await adjustCredit(merchant, {
      customerId: scope.customerId,
      amount: eur(4_000),
      notes: 'For your patience',
    });
    const credit = await prepareCredit(scope, [invoice.clientId]);
    await applyCredits(scope, {
      nonce: credit.nonce,
      seen: new Map(credit.invoices.map(({ clientId, pays }) => [clientId, pays.minor])),
    });
    const rest = await preparePayment(scope, []);
    expect(rest.total).toEqual(eur(152_500));
    const paid = await payInvoices(scope, {
      nonce: rest.nonce,
      seen: new Map(rest.invoices.map(({ clientId, left }) => [clientId, left.minor])),
      with: cardSource(),
    });
    expect(paid.state).toBe('succeeded');

    expect((await findInvoice(scope, invoice.clientId)).status).toBe('paid');
    expect(await customerCredit(scope)).toMatchObject([{ balance: eur(0), usable: eur(0), notes: [] }]);
    expect((await creditMovements(scope, 20)).map(({ kind, amount }) => `${kind} ${amount.minor}`)).toEqual([
      'credit_applied -4000',
      'credit_adjustment 4000',
      'credit_applied -154000',
      'credit_applied -1500',
      'credit_note 1500',
      'payment 154000',
    ]);
    const taken = gateway.book().filter(({ state }) => state === 'succeeded');
    expect(taken.reduce((sum, { minor }) => sum + minor, 0)).toBe(154_000 + 152_500);
    const results = await checkDatabase(app.ports.store);
    expect(results.flatMap(({ name, violations }) => violations.map((text) => `${name}: ${text}`))).toEqual(
      [],
    );
  });
});
