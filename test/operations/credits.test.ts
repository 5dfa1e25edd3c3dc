import { describe, expect, test } from 'vitest';
import { checkDatabase } from '#db/check.ts';
import { accountBalances } from '#src/documents/account.ts';
import { findCreditNote, listCreditNotes } from '#src/documents/credit-notes.ts';
import { findInvoice } from '#src/documents/invoice.ts';
import { issueCreditNote, issueInvoice } from '#src/documents/issue.ts';
import type { RefusalCode } from '#src/kernel/errors.ts';
import { money } from '#src/kernel/money.ts';
import { applyCredits, prepareCredit } from '#src/payments/credit/credit-uses.ts';
import { adjustCredit, creditMovements, customerCredit } from '#src/payments/credit/credits.ts';
import { issueAndApply } from '#src/payments/credit/invoicing.ts';
import { payInAdvance, payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import type { CustomerScope, MerchantScope } from '#src/scope.ts';
import { setSetting } from '#src/tenants/settings.ts';
import { findTenant, openMerchant } from '#src/tenants/tenants.ts';
import { cardSource, customerWithInvoices, ENGINES, type House, openHouse } from '#test/support/house.ts';
import { fingerprintOf } from '#test/support/mirror.ts';
import { refusedWithoutTrace } from '#test/support/money.ts';

const eur = (minor: number) => money(minor, 'EUR');

describe.each(ENGINES)('on %s', (engine) => {
  test('credit pays chosen invoices: the notes first, the oldest first, then the balance', async () => {
    const { house, merchant, scope, invoices } = await aCustomer(engine, [10_000, 5_000, 900]);
    const notes = await Promise.all([
      aNote(merchant, scope, 3_000, '2026-11-02'),
      aNote(merchant, scope, 1_000, '2026-11-01'),
    ]);
    await adjust(merchant, scope, 7_000);
    expect(await customerCredit(scope)).toMatchObject([
      { balance: eur(7_000), held: eur(0), usable: eur(11_000) },
    ]);
    const draft = await prepareCredit(scope, [invoices[0]!.clientId, invoices[1]!.clientId]);
    expect(draft.invoices.map(({ pays }) => pays.minor)).toEqual([10_000, 1_000]);
    const used = await applyCredits(scope, orderOf(draft));
    expect(used).toEqual({
      total: eur(11_000),
      invoices: [
        { clientId: invoices[0]!.clientId, number: invoices[0]!.number, amount: eur(10_000) },
        { clientId: invoices[1]!.clientId, number: invoices[1]!.number, amount: eur(1_000) },
      ],
    });
    expect((await findInvoice(scope, invoices[0]!.clientId)).status).toBe('paid');
    expect((await findInvoice(scope, invoices[1]!.clientId)).balance.minor).toBe(4_000);
    expect(await applicationsOf(scope)).toEqual([
      ['credit_note', invoices[0]!.id, 1_000],
      ['credit_note', invoices[0]!.id, 3_000],
      ['applied_credit', invoices[0]!.id, 6_000],
      ['applied_credit', invoices[1]!.id, 1_000],
    ]);
    expect(await findCreditNote(scope, notes[0]!.clientId)).toMatchObject({
      status: 'paid',
      used: eur(3_000),
      applied: [{ number: invoices[0]!.number, amount: eur(3_000) }],
    });
    expect(await creditMovements(scope, 10)).toMatchObject([
      { kind: 'credit_applied', amount: eur(-11_000) },
      { kind: 'credit_adjustment', amount: eur(7_000), notes: 'A gift' },
      { kind: 'credit_note', amount: eur(1_000) },
      { kind: 'credit_note', amount: eur(3_000) },
    ]);
    await sound(house);
  });

  test('a note that corrects an invoice is put against that one before an older note', async () => {
    const { merchant, scope, invoices } = await aCustomer(engine, [2_000]);
    await aNote(merchant, scope, 2_000, '2026-11-01');
    const own = await aNote(merchant, scope, 2_000, '2026-11-09', invoices[0]!.id);
    await applyCredits(scope, orderOf(await prepareCredit(scope, [])));
    expect((await findCreditNote(scope, own.clientId)).status).toBe('paid');
  });

  test('the form is accepted as it was shown, whatever order the dates and the due dates of the invoices have', async () => {
    const { house, merchant, scope } = await aCustomer(engine, []);
    const issue = (date: string, dueDate: string | undefined) =>
      issueInvoice(merchant, {
        customerId: scope.customerId,
        currency: 'EUR',
        date,
        dueDate,
        lines: [{ name: 'Paper', unitCost: '40' }],
      });
    const late = await issue('2026-11-10', '2026-12-24');
    const soon = await issue('2026-11-15', '2026-11-20');
    const atOnce = await issue('2026-11-18', undefined);
    await adjust(merchant, scope, 9_000);
    const draft = await prepareCredit(scope, []);
    expect(draft.invoices.map(({ number, pays }) => [number, pays.minor])).toEqual([
      [atOnce.number, 4_000],
      [soon.number, 4_000],
      [late.number, 1_000],
    ]);
    expect((await applyCredits(scope, orderOf(draft))).total).toEqual(eur(9_000));
    await sound(house);
  });

  test('the same form twenty times at once uses the credit once', async () => {
    const { house, merchant, scope } = await aCustomer(engine, [10_000]);
    await adjust(merchant, scope, 4_000);
    const order = orderOf(await prepareCredit(scope, []));
    const all = await Promise.all(Array.from({ length: 20 }, () => applyCredits(scope, order)));
    expect(new Set(all.map(({ total }) => total.minor))).toEqual(new Set([4_000]));
    expect(await applicationsOf(scope)).toHaveLength(1);
    await sound(house);
  });

  test('twenty forms at once never use more credit than there is', async () => {
    const { house, merchant, scope, invoices } = await aCustomer(
      engine,
      Array.from({ length: 20 }, () => 1_000),
    );
    await aNote(merchant, scope, 2_500, '2026-11-02');
    await adjust(merchant, scope, 3_000);
    const drafts = await Promise.all(invoices.map(({ clientId }) => prepareCredit(scope, [clientId])));
    const answers = await Promise.allSettled(drafts.map((draft) => applyCredits(scope, orderOf(draft))));
    const used = answers.flatMap((answer) =>
      answer.status === 'fulfilled' ? [answer.value.total.minor] : [],
    );
    expect(used.reduce((sum, minor) => sum + minor, 0)).toBeLessThanOrEqual(5_500);
    expect(used.length).toBe(5);
    const refusals = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason.code] : []));
    expect(refusals.filter((code) => code !== 'credit_changed' && code !== 'no_credit')).toEqual([]);
    await sound(house);
  });

  test('credit and a payment at once leave nothing below zero; what is too much stays credit', async () => {
    const { house, merchant, scope, invoices } = await aCustomer(engine, [10_000]);
    await adjust(merchant, scope, 10_000);
    const draft = await preparePayment(scope, []);
    const pay = payInvoices(scope, {
      nonce: draft.nonce,
      seen: new Map([[invoices[0]!.clientId, 10_000]]),
      with: cardSource(),
    });
    await Promise.allSettled([
      pay,
      prepareCredit(scope, []).then((one) => applyCredits(scope, orderOf(one))),
    ]);
    expect((await findInvoice(scope, invoices[0]!.clientId)).status).toBe('paid');
    await sound(house);
  });

  test('an invoice that is being paid takes no credit until that is known', async () => {
    const { merchant, scope } = await aCustomer(engine, [10_000], 'lose_answer');
    await adjust(merchant, scope, 4_000);
    const draft = await preparePayment(scope, []);
    await payInvoices(scope, {
      nonce: draft.nonce,
      seen: new Map(draft.invoices.map(({ clientId, left }) => [clientId, left.minor])),
      with: cardSource(),
    });
    const credit = await prepareCredit(scope, []);
    expect(credit.total.minor).toBe(0);
    await refused('no_credit', applyCredits(scope, orderOf(credit)));
  });

  test('other amounts than were seen, somebody else’s invoice and a form reused are refused, and nothing is written', async () => {
    const { house, merchant, scope, invoices } = await aCustomer(engine, [10_000, 500]);
    const stranger = await customerWithInvoices(merchant, [700], 'Somebody else');
    await adjust(merchant, scope, 4_000);
    const order = orderOf(await prepareCredit(scope, [invoices[0]!.clientId]));
    const other = orderOf(await prepareCredit(scope, [invoices[0]!.clientId]));
    await applyCredits(scope, order);
    const before = await fingerprintOf(house, merchant.tenant.id);
    await refused('no_credit', applyCredits(scope, other));
    await refused(
      'form_reused',
      applyCredits(scope, { ...order, seen: new Map([[invoices[1]!.clientId, 500]]) }),
    );
    await refused(
      'not_found',
      applyCredits(scope, { ...other, seen: new Map([[stranger.invoices[0]!.clientId, 700]]) }),
    );
    await refused('no_credit', prepareCredit(stranger.scope, []));
    expect(await fingerprintOf(house, merchant.tenant.id)).toBe(before);
    await adjust(merchant, scope, 100);
    const written = await fingerprintOf(house, merchant.tenant.id);
    await refused('credit_changed', applyCredits(scope, other));
    expect(await fingerprintOf(house, merchant.tenant.id)).toBe(written);
  });

  test('where the merchant puts credit against invoices, customers cannot, and nothing is written', async () => {
    const { house, merchant, scope } = await aCustomer(engine, [10_000]);
    await adjust(merchant, scope, 4_000);
    const order = orderOf(await prepareCredit(scope, []));
    const strict = await withSetting(house, 'credits.in_portal', 'off');
    const before = await fingerprintOf(house, merchant.tenant.id);
    const same = { ...scope, settings: strict.settings };
    await refused('credit_not_in_portal', prepareCredit(same, []));
    await refused('credit_not_in_portal', applyCredits(same, order));
    expect(await fingerprintOf(house, merchant.tenant.id)).toBe(before);
  });

  test('a new invoice is paid by open credit by itself, and not where the merchant does not want it', async () => {
    const { house, merchant, scope } = await aCustomer(engine, []);
    await aNote(merchant, scope, 1_500, '2026-11-02');
    await adjust(merchant, scope, 1_000);
    const first = await issueAndApply(merchant, anInvoice(scope, 2_000));
    expect((await findInvoice(scope, first.clientId)).status).toBe('paid');
    expect(await applicationsOf(scope)).toEqual([
      ['credit_note', first.id, 1_500],
      ['applied_credit', first.id, 500],
    ]);
    const strict = await withSetting(house, 'credits.automatic', 'off');
    const second = await issueAndApply(strict, anInvoice(scope, 2_000));
    expect((await findInvoice(scope, second.clientId)).balance.minor).toBe(2_000);
    await sound(house);
  });

  test('credit of one currency pays nothing in another', async () => {
    const { house, merchant, scope, invoices } = await aCustomer(engine, [10_000]);
    await adjustCredit(merchant, { customerId: scope.customerId, amount: money(9_000, 'USD') });
    await refused('no_credit', prepareCredit(scope, [invoices[0]!.clientId]));
    const issued = await issueAndApply(merchant, anInvoice(scope, 2_000));
    expect((await findInvoice(scope, issued.clientId)).balance.minor).toBe(2_000);
    await sound(house);
  });

  test('invoices of two currencies, and nothing that is open, are refused with nothing written', async () => {
    const { house, merchant, scope, invoices } = await aCustomer(engine, [10_000]);
    await adjust(merchant, scope, 9_000);
    const dollars = await issueInvoice(merchant, { ...anInvoice(scope, 2_000), currency: 'USD' });
    const both = [invoices[0]!.clientId, dollars.clientId];
    await refusedWithoutTrace(house, merchant, 'mixed_currencies', () => prepareCredit(scope, both));
    const seen = new Map([
      [both[0]!, 9_000],
      [both[1]!, 0],
    ]);
    await refusedWithoutTrace(house, merchant, 'mixed_currencies', () =>
      applyCredits(scope, { nonce: 'n'.repeat(43), seen }),
    );
    const { nonce } = await preparePayment(scope, [both[0]!]);
    const paid = new Map([[both[0]!, 10_000]]);
    await payInvoices(scope, { nonce, seen: paid, with: cardSource() });
    await refusedWithoutTrace(house, merchant, 'nothing_to_pay', () => prepareCredit(scope, [both[0]!]));
    await sound(house);
  });

  test('a payment in advance is credit, and the account shows it', async () => {
    const { house, scope } = await aCustomer(engine, []);
    const merchant = await withSetting(house, 'payments.advance', 'on');
    const outcome = await payInAdvance(
      { ...scope, settings: merchant.settings },
      { nonce: 'a form of the page of advance', amount: eur(5_000), with: cardSource() },
    );
    expect(outcome.state).toBe('succeeded');
    expect(await accountBalances(scope, 'EUR')).toMatchObject([{ credit: eur(5_000) }]);
    await sound(house);
  });

  test('an operator adds to the balance and takes from it, never below zero', async () => {
    const { house, merchant, scope } = await aCustomer(engine, []);
    expect(await adjust(merchant, scope, 2_000)).toMatchObject({ balance: eur(2_000), notes: 'A gift' });
    expect(await adjust(merchant, scope, -500)).toMatchObject({ balance: eur(1_500) });
    const before = await fingerprintOf(house, merchant.tenant.id);
    await refused('credit_not_enough', adjust(merchant, scope, -1_501));
    await refused('bad_amount', adjust(merchant, scope, 0));
    await refused('unknown_customer', adjustCredit(merchant, { customerId: 999, amount: eur(1) }));
    expect(await fingerprintOf(house, merchant.tenant.id)).toBe(before);
    const many = await Promise.allSettled(Array.from({ length: 10 }, () => adjust(merchant, scope, -300)));
    expect(many.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    await sound(house);
  });

  test('credit notes are listed with what is left, paged and found', async () => {
    const { merchant, scope } = await aCustomer(engine, [1_000]);
    for (let day = 1; day <= 5; day++) await aNote(merchant, scope, day * 1_000, `2026-10-0${day}`);
    await applyCredits(scope, orderOf(await prepareCredit(scope, [])));
    const first = await listCreditNotes(scope, { size: 3 });
    const second = await listCreditNotes(scope, { size: 3, cursor: first.next });
    expect([...first.rows, ...second.rows].map(({ number, status }) => `${number} ${status}`)).toEqual([
      'CN-0005 open',
      'CN-0004 open',
      'CN-0003 open',
      'CN-0002 open',
      'CN-0001 paid',
    ]);
    expect((await listCreditNotes(scope, { status: 'open' })).count).toBe(4);
    expect((await listCreditNotes(scope, { search: 'cn-0003' })).count).toBe(1);
    const stranger = await customerWithInvoices(merchant, [], 'Somebody else');
    expect((await listCreditNotes(stranger.scope)).count).toBe(0);
    await refused('not_found', findCreditNote(stranger.scope, first.rows[0]!.clientId));
  });
});

async function aCustomer(
  engine: (typeof ENGINES)[number],
  amounts: readonly number[],
  fault?: 'lose_answer',
) {
  const house = await openHouse(engine, fault ? { fault: () => fault } : {});
  const merchant = await house.tenant();
  return { house, merchant, ...(await customerWithInvoices(merchant, amounts)) };
}

async function withSetting(house: House, name: string, value: string): Promise<MerchantScope> {
  const open = async () => openMerchant(house.app.operator(), await findTenant(house.app.operator(), 'acme'));
  await setSetting(await open(), name, value);
  return open();
}

function anInvoice({ customerId }: CustomerScope, minor: number) {
  const lines = [{ name: 'Paper', unitCost: '0', amountMinor: minor }];
  return { customerId, currency: 'EUR', date: '2026-11-23', lines };
}

function aNote(
  merchant: MerchantScope,
  scope: CustomerScope,
  minor: number,
  date: string,
  invoiceId?: number,
) {
  return issueCreditNote(merchant, { ...anInvoice(scope, minor), date, invoiceId });
}

function adjust(merchant: MerchantScope, { customerId }: CustomerScope, minor: number) {
  return adjustCredit(merchant, { customerId, amount: eur(minor), notes: 'A gift' });
}

function orderOf({ nonce, invoices }: Awaited<ReturnType<typeof prepareCredit>>) {
  return { nonce, seen: new Map(invoices.map(({ clientId, pays }) => [clientId, pays.minor])) };
}

async function applicationsOf(scope: CustomerScope): Promise<unknown[]> {
  const rows = await scope.db
    .from('payment_applications')
    .select(['kind', 'invoice_id', 'amount_minor'])
    .where('payment_id', 'is', null)
    .orderBy('id')
    .execute();
  return rows.map((row) => [row.kind, row.invoice_id, row.amount_minor]);
}

async function refused(code: RefusalCode, work: Promise<unknown>): Promise<void> {
  await expect(work).rejects.toMatchObject({ name: 'Refusal', code });
}

/** The books hold every promise. */
async function sound(house: House): Promise<void> {
  const results = await checkDatabase(house.app.ports.store);
  expect(results.flatMap(({ name, violations }) => violations.map((text) => `${name}: ${text}`))).toEqual([]);
}
