import { describe, expect, test } from 'vitest';
import { checkDatabase } from '#db/check.ts';
import { declineEstimate } from '#src/documents/estimate-approval.ts';
import { findEstimate, listEstimates } from '#src/documents/estimates.ts';
import { findInvoice } from '#src/documents/invoice.ts';
import { issueEstimate, type NewEstimate } from '#src/documents/issue.ts';
import { findMerchantEstimate, voidEstimate } from '#src/documents/merchant-estimates.ts';
import { markSeen } from '#src/documents/content.ts';
import type { RefusalCode } from '#src/kernel/errors.ts';
import { money } from '#src/kernel/money.ts';
import { customerCredit } from '#src/payments/credit/credits.ts';
import {
  approveOffer,
  approveWithDeposit,
  type DepositOrder,
  prepareApproval,
} from '#src/payments/taking/deposits.ts';
import type { Gateway } from '#src/payments/gateways/gateway.ts';
import { invoiceEstimate, issueAndApply } from '#src/payments/credit/invoicing.ts';
import { reconcile } from '#test/support/work.ts';
import { customerScope, type CustomerScope } from '#src/scope.ts';
import { setSetting } from '#src/tenants/settings.ts';
import { findTenant, openMerchant } from '#src/tenants/tenants.ts';
import { cardSource, customerWithInvoices, ENGINES, type House, openHouse } from '#test/support/house.ts';
import { fingerprintOf } from '#test/support/mirror.ts';
import { refusedWithoutTrace, withSettings } from '#test/support/money.ts';

const EVIDENCE = { initials: 'PM', ip: '203.0.113.7', userAgent: 'Firefox on Windows' };
const DAY_MS = 86_400_000;

describe.each(ENGINES)('on %s', (engine) => {
  test('an estimate has the arithmetic of an invoice, and its deposit is fixed or a percentage of the total', async () => {
    const { merchant, scope } = await anOffer(engine);
    const issued = await issueEstimate(merchant, {
      ...offer(scope),
      lines: [
        { name: 'Planning', quantity: '3', unitCost: '40' },
        { name: 'Drawing', unitCost: '46' },
      ],
      rates: [
        { kind: 'discount', name: 'Early bird', amountMinor: 200 },
        { kind: 'tax', name: 'VAT', amountMinor: 1000 },
      ],
      deposit: { percent: '33.3' },
    });
    const estimate = await findEstimate(scope, issued.clientId);
    expect(estimate).toMatchObject({
      number: 'EST-0002',
      subtotal: money(16_600, 'EUR'),
      total: money(17_400, 'EUR'),
      deposit: money(5_794, 'EUR'),
      status: 'sent',
    });
    expect(estimate.rates.map(({ name }) => name)).toEqual(['Early bird', 'VAT']);
    for (const deposit of [{ minor: 100_001 }, { percent: '101' }])
      await refused('deposit_too_large', issueEstimate(merchant, { ...offer(scope), deposit }));
    await refused('deposit_negative', issueEstimate(merchant, { ...offer(scope), deposit: { minor: -1 } }));
  });

  test('an estimate is sent, viewed, approved and invoiced; or declined, expired, voided', async () => {
    const { merchant, scope, clock, estimate } = await anOffer(engine);
    const status = async (): Promise<string> => (await findEstimate(scope, estimate.clientId)).status;
    expect(await status()).toBe('sent');
    await markSeen(scope, 'estimates', estimate.id);
    expect(await status()).toBe('viewed');
    clock.move(7 * DAY_MS);
    expect(await status()).toBe('viewed');
    clock.move(DAY_MS);
    expect(await status()).toBe('expired');
    const second = await issueEstimate(merchant, { ...offer(scope), expirationDate: undefined });
    await declineEstimate(scope, second.id, 'Too dear');
    expect(await findEstimate(scope, second.clientId)).toMatchObject({
      status: 'declined',
      declineReason: 'Too dear',
    });
    const third = await issueEstimate(merchant, { ...offer(scope), expirationDate: undefined });
    await voidEstimate(merchant, third.number);
    await refused('not_found', findEstimate(scope, third.clientId));
    expect((await findMerchantEstimate(merchant, third.number)).status).toBe('voided');
    const counts = await Promise.all(
      (['all', 'open', 'expired', 'declined', 'approved'] as const).map(
        async (filter) => (await listEstimates(scope, { status: filter })).count,
      ),
    );
    expect(counts).toEqual([2, 0, 1, 1, 0]);
  });

  test('an approval is recorded once with initials, terms, address, time and browser', async () => {
    const { merchant, scope, clock, house } = await anOffer(engine, { terms: 'Pay within 30 days.' });
    const { clientId } = await issueEstimate(merchant, offer(scope));
    const draft = await prepareApproval(scope, clientId);
    const answer = answerTo(draft);
    await approveOffer(scope, answer);
    expect((await findEstimate(scope, clientId)).approval).toEqual({
      ...EVIDENCE,
      termsHash: draft.termsHash,
      at: clock.now().epochMilliseconds,
    });
    const before = await fingerprintOf(house, merchant.tenant.id);
    clock.move(1000);
    await approveOffer(scope, answer);
    await refused('estimate_not_open', approveOffer(scope, { ...answer, initials: 'XX' }));
    expect(await fingerprintOf(house, merchant.tenant.id)).toBe(before);
  });

  test('twenty approvals at once are one approval', async () => {
    const { scope, estimate } = await anOffer(engine);
    const answer = answerTo(await prepareApproval(scope, estimate.clientId));
    await Promise.all(Array.from({ length: 20 }, () => approveOffer(scope, answer)));
    expect(await scope.db.from('approvals').selectAll().execute()).toHaveLength(1);
    const approved = await scope.db
      .from('events')
      .selectAll()
      .where('type', '=', 'estimate.approved')
      .execute();
    expect(approved).toHaveLength(1);
  });

  test('a deposit paid with the approval is credit that waits for its invoice and then pays it', async () => {
    const { house, merchant, scope, order, estimate, gateway } = await anOffer(engine, { deposit: 25_000 });
    const outcome = await approveWithDeposit(scope, order);
    expect(outcome).toMatchObject({ state: 'succeeded' });
    expect(gateway.book()).toMatchObject([{ minor: 25_000, state: 'succeeded' }]);
    expect(await findEstimate(scope, estimate.clientId)).toMatchObject({
      status: 'approved',
      depositPaid: money(25_000, 'EUR'),
      approval: EVIDENCE,
    });
    expect(await customerCredit(scope)).toMatchObject([
      { balance: money(25_000, 'EUR'), held: money(25_000, 'EUR'), usable: money(0, 'EUR') },
    ]);
    const other = await issueAndApply(merchant, anInvoice(scope, 9_000));
    expect((await findInvoice(scope, other.clientId)).balance.minor).toBe(9_000);
    const issued = await invoiceEstimate(merchant, estimate.id, { dueDate: '2026-12-24' });
    const invoice = await findInvoice(scope, issued.clientId);
    expect(invoice).toMatchObject({ total: money(100_000, 'EUR'), balance: money(75_000, 'EUR') });
    expect(invoice.lines.map(({ name }) => name)).toEqual(['A kitchen']);
    expect((await findEstimate(scope, estimate.clientId)).invoice).toEqual({
      clientId: issued.clientId,
      number: issued.number,
    });
    expect(await customerCredit(scope)).toMatchObject([{ balance: money(0, 'EUR') }]);
    await sound(house);
  });

  test('the whole may be paid instead of the deposit, and then the invoice is paid when it is made', async () => {
    const { house, merchant, scope, order, estimate } = await anOffer(engine, { deposit: 25_000 });
    expect(await approveWithDeposit(scope, { ...order, pays: 'whole' })).toMatchObject({
      state: 'succeeded',
    });
    const issued = await invoiceEstimate(merchant, estimate.id);
    expect((await findInvoice(scope, issued.clientId)).status).toBe('paid');
    await sound(house);
  });

  test('the form sent twenty times at once charges and approves once; a second tab is refused', async () => {
    const { house, scope, order, gateway, estimate } = await anOffer(engine, { deposit: 25_000 });
    const other = { ...order, nonce: (await prepareApproval(scope, estimate.clientId)).nonce };
    const outcomes = await Promise.allSettled([
      ...Array.from({ length: 20 }, () => approveWithDeposit(scope, order)),
      approveWithDeposit(scope, other),
    ]);
    expect(outcomes.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
    expect(gateway.book()).toHaveLength(1);
    expect(await scope.db.from('approvals').selectAll().execute()).toHaveLength(1);
    expect((await findEstimate(scope, estimate.clientId)).depositPaid.minor).toBe(25_000);
    await sound(house);
  });

  test('a fee that came while the form was open is shown and asked about again, and nothing is written', async () => {
    const { house, merchant, scope, order, gateway } = await anOffer(engine, { deposit: 25_000 });
    const dearer = await withSettings(house, merchant, { 'payments.fee_percent': '2' });
    const sent = { ...order, charge: 25_000 };
    await refusedWithoutTrace(house, merchant, 'total_not_seen', () =>
      approveWithDeposit(customerScope(dearer, scope.customerId), sent),
    );
    expect(gateway.book()).toEqual([]);
  });

  test('a deposit does not enrol in AutoPay where the merchant does not offer it, and nothing is written', async () => {
    const { house, merchant, scope, order } = await anOffer(engine, { deposit: 25_000 });
    const without = await withSettings(house, merchant, { 'autopay.enrollment': 'off' });
    await refusedWithoutTrace(house, merchant, 'autopay_not_offered', () =>
      approveWithDeposit(customerScope(without, scope.customerId), { ...order, autopay: true }),
    );
  });

  test('a deposit by bank debit tells the gateway where and when its mandate was given', async () => {
    const { scope, order, gateway } = await anOffer(engine, { deposit: 25_000 });
    const heard: unknown[] = [];
    const listening: Gateway = {
      ...gateway,
      charge: (request) => (heard.push(request.acceptance), gateway.charge(request)),
    };
    const acceptance = { ip: '203.0.113.7', userAgent: 'Firefox on Windows' };
    const account = {
      holder: 'Petra Müller',
      holderType: 'company',
      iban: 'DE89370400440532013000',
    } as const;
    await approveWithDeposit(
      { ...scope, gateways: { test: listening } },
      { ...order, acceptance, with: { kind: 'bank_account', account } },
    );
    expect(heard).toEqual([acceptance]);
  });

  test('a declined card approves nothing, and the estimate is free for another try', async () => {
    const { house, scope, order, estimate } = await anOffer(engine, { deposit: 25_000 });
    expect(await approveWithDeposit(scope, { ...order, with: cardSource('4000000000000069') })).toMatchObject(
      { state: 'declined' },
    );
    expect(await findEstimate(scope, estimate.clientId)).toMatchObject({
      status: 'sent',
      approval: undefined,
    });
    const again = { ...order, nonce: (await prepareApproval(scope, estimate.clientId)).nonce };
    expect(await approveWithDeposit(scope, again)).toMatchObject({ state: 'succeeded' });
    await sound(house);
  });

  test('while a deposit is on its way the estimate can be neither declined nor voided nor paid twice', async () => {
    const { house, merchant, scope, order, estimate, clock } = await anOffer(engine, {
      deposit: 25_000,
      fault: 'lose_answer',
    });
    expect((await approveWithDeposit(scope, order)).state).toBe('unknown');
    const draft = await prepareApproval(scope, estimate.clientId);
    expect(draft.isUnderWay).toBe(true);
    const before = await fingerprintOf(house, merchant.tenant.id);
    await refused('payment_in_progress', declineEstimate(scope, estimate.id, undefined));
    await refused('payment_in_progress', approveWithDeposit(scope, { ...order, nonce: draft.nonce }));
    await refused('not_voidable', voidEstimate(merchant, estimate.number));
    // Where nothing can be paid any more, an approval alone would do, but for the money that is on its way.
    const elsewhere = { ...scope, settings: { ...scope.settings, 'payments.methods': '' } };
    await refused('payment_in_progress', approveOffer(elsewhere, answerTo(draft)));
    expect(await fingerprintOf(house, merchant.tenant.id)).toBe(before);
    const other = await issueEstimate(merchant, offer(scope));
    expect((await prepareApproval(scope, other.clientId)).isUnderWay).toBe(false);
    await declineEstimate(scope, other.id, undefined);
    expect((await findEstimate(scope, other.clientId)).status).toBe('declined');
    clock.move(61_000);
    expect(await reconcile(merchant)).toBe(1);
    expect((await findEstimate(scope, estimate.clientId)).status).toBe('approved');
    await sound(house);
  });

  test('expired, voided, declined and approved estimates refuse, and nothing is written', async () => {
    const { house, merchant, scope, order, clock } = await anOffer(engine, { deposit: 25_000 });
    const without = await issueEstimate(merchant, offer(scope));
    const answer = answerTo(await prepareApproval(scope, without.clientId));
    const voided = await issueEstimate(merchant, offer(scope));
    const declined = await issueEstimate(merchant, offer(scope));
    const forVoided = answerTo(await prepareApproval(scope, voided.clientId));
    const forDeclined = answerTo(await prepareApproval(scope, declined.clientId));
    await voidEstimate(merchant, voided.number);
    await declineEstimate(scope, declined.id, undefined);
    clock.move(9 * DAY_MS);
    const before = await fingerprintOf(house, merchant.tenant.id);
    await refused('estimate_not_open', approveWithDeposit(scope, order));
    await refused('estimate_not_open', approveOffer(scope, answer));
    await refused('estimate_not_open', declineEstimate(scope, without.id, 'late'));
    await refused('not_found', approveOffer(scope, forVoided));
    await refused('estimate_not_open', approveOffer(scope, forDeclined));
    await refused('estimate_not_invoiceable', invoiceEstimate(merchant, without.id));
    expect(await fingerprintOf(house, merchant.tenant.id)).toBe(before);
  });

  test('an approval without the deposit, with other terms or other amounts is refused, and nothing is written', async () => {
    const { house, merchant, scope, order } = await anOffer(engine, { deposit: 25_000, terms: 'Old terms' });
    const before = await fingerprintOf(house, merchant.tenant.id);
    await refused('deposit_needed', approveOffer(scope, order));
    await refused(
      'estimate_changed',
      approveWithDeposit(scope, { ...order, seen: { total: 100_000, deposit: 1 } }),
    );
    await refused('estimate_changed', approveWithDeposit(scope, { ...order, termsHash: 'forged' }));
    await refused(
      'nothing_to_pay',
      approveWithDeposit(scope, { ...order, seen: { total: 100_000, deposit: 0 } }),
    );
    expect(await fingerprintOf(house, merchant.tenant.id)).toBe(before);
  });

  test('somebody else’s estimate does not exist', async () => {
    const { house, merchant, order, estimate } = await anOffer(engine, { deposit: 25_000 });
    const { scope: stranger } = await customerWithInvoices(merchant, [], 'Somebody else');
    const before = await fingerprintOf(house, merchant.tenant.id);
    await refused('not_found', findEstimate(stranger, estimate.clientId));
    await refused('not_found', approveWithDeposit(stranger, order));
    await refused('not_found', declineEstimate(stranger, estimate.id, undefined));
    expect((await listEstimates(stranger)).count).toBe(0);
    expect(await fingerprintOf(house, merchant.tenant.id)).toBe(before);
  });

  test('the list is paged by date and found by number', async () => {
    const { merchant, scope } = await anOffer(engine);
    for (let day = 1; day <= 7; day++)
      await issueEstimate(merchant, { ...offer(scope), date: `2026-10-0${day}` });
    const numbers: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listEstimates(scope, { size: 3, cursor });
      expect(page.count).toBe(8);
      numbers.push(...page.rows.map(({ number }) => number));
      cursor = page.next;
    } while (cursor);
    expect(numbers).toEqual([
      'EST-0001',
      'EST-0008',
      'EST-0007',
      'EST-0006',
      'EST-0005',
      'EST-0004',
      'EST-0003',
      'EST-0002',
    ]);
    expect((await listEstimates(scope, { search: 'est-0004' })).rows).toHaveLength(1);
    expect((await listEstimates(scope, { from: '2026-10-03', to: '2026-10-05' })).rows).toHaveLength(3);
  });
});

interface Wish {
  readonly deposit?: number;
  readonly terms?: string;
  readonly fault?: 'lose_answer';
}

async function anOffer(engine: (typeof ENGINES)[number], { deposit, terms, fault }: Wish = {}) {
  const house = await openHouse(engine, fault ? { fault: () => fault } : {});
  let merchant = await house.tenant();
  if (terms !== undefined) {
    await setSetting(merchant, 'estimates.terms', terms);
    merchant = await openMerchant(house.app.operator(), await findTenant(house.app.operator(), 'acme'));
  }
  const { scope } = await customerWithInvoices(merchant, []);
  const estimate = await issueEstimate(merchant, {
    ...offer(scope),
    deposit: deposit === undefined ? undefined : { minor: deposit },
  });
  const draft = await prepareApproval(scope, estimate.clientId);
  const order: DepositOrder = {
    ...answerTo(draft),
    nonce: draft.nonce,
    pays: 'deposit',
    with: cardSource(),
    receiptEmail: 'petra@mueller.example',
  };
  return { house, clock: house.clock, gateway: house.gateway, merchant, scope, estimate, order };
}

function offer({ customerId }: CustomerScope): NewEstimate {
  return {
    customerId,
    currency: 'EUR',
    date: '2026-11-20',
    expirationDate: '2026-11-30',
    lines: [{ name: 'A kitchen', unitCost: '1000' }],
  };
}

function anInvoice({ customerId }: CustomerScope, minor: number) {
  return {
    customerId,
    currency: 'EUR',
    date: '2026-11-23',
    lines: [{ name: 'Paper', unitCost: '0', amountMinor: minor }],
  };
}

function answerTo({ estimate, termsHash, whole, deposit }: Awaited<ReturnType<typeof prepareApproval>>) {
  return {
    ...EVIDENCE,
    clientId: estimate.clientId,
    termsHash,
    seen: { total: whole.minor, deposit: deposit.minor },
  };
}

async function refused(code: RefusalCode, work: Promise<unknown>): Promise<void> {
  await expect(work).rejects.toMatchObject({ name: 'Refusal', code });
}

/** The books hold every promise. */
async function sound(house: House): Promise<void> {
  const results = await checkDatabase(house.app.ports.store);
  expect(results.flatMap(({ name, violations }) => violations.map((text) => `${name}: ${text}`))).toEqual([]);
}
