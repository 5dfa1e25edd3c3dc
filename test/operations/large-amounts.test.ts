import { describe, expect, test } from 'vitest';
import { accountBalances } from '#src/documents/account.ts';
import { listInvoices } from '#src/documents/invoice-list.ts';
import { issueCreditNote, issueEstimate, issueInvoice, issueInvoices } from '#src/documents/issue.ts';
import { importCsv } from '#src/imports/csv.ts';
import { importUbl } from '#src/imports/ubl-import.ts';
import { money, MOST_MINOR } from '#src/kernel/money.ts';
import { adjustCredit, customerCredit } from '#src/payments/credit/credits.ts';
import { recordMoney } from '#src/payments/outside/record.ts';
import { payInAdvance } from '#src/payments/taking/pay.ts';
import { PLAIN, ublExample } from '#test/data/ubl-example.ts';
import { cardSource, customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { textSource } from '#test/support/import-files.ts';
import { expectSoundBooks, paid, refusedWithoutTrace, withSettings } from '#test/support/money.ts';
import { openPortal, Visitor } from '#test/support/portal.ts';

const LARGEST = '100000000000.00';
const LARGER = '100000000000.01';
/** So many of the largest amounts an account holds of a kind. */
const FULL = 400;

describe.each(ENGINES)('the largest amounts, on %s', (engine) => {
  test('the largest invoice can be issued, and paid as a whole', async () => {
    const { house, merchant, scope, order } = await aHouse(engine);
    const { clientId } = await issueInvoice(merchant, order(LARGEST));
    expect((await paid(scope, clientId)).amount_minor).toBe(MOST_MINOR);
    await expectSoundBooks(house);
  });

  test('whatever is larger is refused with nothing written: documents, deposits, credit and recorded money', async () => {
    const { house, merchant, scope, order } = await aHouse(engine);
    const { customerId } = scope;
    const refused = (work: () => Promise<unknown>) =>
      refusedWithoutTrace(house, merchant, 'amount_too_large', work);
    for (const issue of [issueInvoice, issueEstimate, issueCreditNote]) {
      await refused(() => issue(merchant, order(LARGER)));
      await refused(() => issue(merchant, order(LARGEST, '0.01')));
      await refused(() => issue(merchant, order(LARGEST, LARGEST, `-${LARGEST}`)));
      const tax = { kind: 'tax' as const, name: 'VAT', amountMinor: 1 };
      await refused(() => issue(merchant, { ...order(LARGEST), rates: [tax] }));
      await refused(() => issue(merchant, { ...order(LARGEST), roundingMinor: 1 }));
    }
    for (const minor of [MOST_MINOR + 1, -MOST_MINOR - 1, Number.MAX_SAFE_INTEGER])
      await refused(() => adjustCredit(merchant, { customerId, amount: money(minor, 'EUR') }));
    const received = { date: '2026-11-23', method: 'check', methodLabel: 'Check', towards: [] } as const;
    const amount = money(MOST_MINOR + 1, 'EUR');
    await refused(() => recordMoney(merchant, { ...received, customerId, amount }));
    await refusedWithoutTrace(house, merchant, 'bad_amount', () =>
      payInAdvance(scope, { nonce: 'too much', amount, with: cardSource() }),
    );
    expect(house.gateway.book()).toEqual([]);
  });

  test('an import names the document that is too large, and writes nothing', async () => {
    const { merchant } = await aHouse(engine);
    const report = await importCsv(merchant, filesOf(LARGER), { skipBad: false });
    expect(report).toMatchObject({ kept: false, problemCount: 1 });
    expect(report.problems[0]!.reason).toBe(
      `Invoice A1 is too large: the largest amount possible is ${LARGEST} EUR.`,
    );
    expect((await importCsv(merchant, filesOf(LARGEST), { skipBad: false })).kept).toBe(true);
    const ubl = ublExample({
      ...PLAIN,
      lines: [{ quantity: '1', price: LARGER, amount: LARGER, vat: 'Z 0' }],
      taxes: [{ vat: 'Z 0', taxable: LARGER, tax: '0.00' }],
      taxTotal: '0.00',
      totals: { LineExtensionAmount: LARGER, TaxExclusiveAmount: LARGER, PayableAmount: LARGER },
    });
    const before = await merchant.db.from('customers').select('id').execute();
    const read = await importUbl(merchant, [textSource(ubl, 'large.xml')], { skipBad: false });
    expect(read.kept).toBe(false);
    expect(read.problems[0]!.reason).toContain(`too large: the largest amount possible is ${LARGEST} EUR`);
    expect(await merchant.db.from('customers').select('id').execute()).toEqual(before);
  });

  test('an account takes so many of them that their sums stay exact, and no more', async () => {
    const { house, merchant, scope, order } = await aHouse(engine);
    const { customerId } = scope;
    const full = (work: () => Promise<unknown>) => refusedWithoutTrace(house, merchant, 'account_full', work);
    const invoices = (count: number) => issueInvoices(merchant, Array(count).fill(order(LARGEST)));
    const credit = { customerId, amount: money(MOST_MINOR, 'EUR') };
    await full(() => invoices(FULL + 1));
    const [first] = await invoices(FULL);
    await full(() => invoices(1));
    for (let i = 0; i < FULL; i++) await adjustCredit(merchant, credit);
    await full(() => adjustCredit(merchant, credit));
    await full(() => payInAdvance(scope, { ...credit, nonce: 'adv', with: cardSource() }));
    const received = { date: '2026-11-23', method: 'check', methodLabel: 'Check' } as const;
    await full(() =>
      recordMoney(merchant, { ...received, ...credit, towards: [{ invoiceId: first!.id, minor: 1 }] }),
    );
    await recordMoney(merchant, { ...received, ...credit, towards: [{ invoiceId: first!.id }] });
    await issueInvoice(merchant, { ...order('100'), currency: 'USD' });
    await issueInvoice(merchant, order('100'));
    await issueCreditNote(merchant, order(LARGEST));
    const all = FULL * MOST_MINOR;
    expect((await accountBalances(scope, 'EUR'))[0]).toMatchObject({
      due: money(all - MOST_MINOR + 10_000, 'EUR'),
      credit: money(all + MOST_MINOR, 'EUR'),
    });
    expect((await listInvoices(scope)).totals).toContainEqual({
      count: FULL + 1,
      total: money(all + 10_000, 'EUR'),
      balance: money(all - MOST_MINOR + 10_000, 'EUR'),
      later: money(0, 'EUR'),
    });
    expect(await customerCredit(scope)).toMatchObject([{ usable: money(all + MOST_MINOR, 'EUR') }]);
    await expectSoundBooks(house);
  });

  test('every page of an account that is full of them opens', async () => {
    const open = await openPortal(engine);
    const { merchant, scope, order } = await aHouse(engine, open);
    await issueInvoices(
      merchant,
      Array.from({ length: 99 }, () => order(LARGEST)),
    );
    await issueCreditNote(merchant, order(LARGEST));
    const visitor = await Visitor.signedIn(open, merchant, scope.customerId);
    for (const path of ['/', '/invoices', '/pay', '/credit', '/credit_notes', '/payments', '/promise'])
      expect((await visitor.get(path)).status, path).toBe(200);
  });
});

/** A customer and an invoice of this total, as files. */
function filesOf(total: string) {
  return {
    customers: textSource('number,name\nC1,Large\n', 'customers.csv'),
    invoices: textSource(`number,customer,date,total\nA1,C1,2026-10-01,${total}\n`, 'invoices.csv'),
    lines: undefined,
  };
}

async function aHouse(engine: (typeof ENGINES)[number], there?: Awaited<ReturnType<typeof openHouse>>) {
  const house = there ?? (await openHouse(engine));
  const settings = { 'payments.advance': 'on', 'credits.automatic': 'off' };
  const merchant = await withSettings(house, await house.tenant(), settings);
  const { scope } = await customerWithInvoices(merchant, []);
  const order = (...costs: readonly string[]) => ({
    customerId: scope.customerId,
    currency: 'EUR',
    date: '2026-11-10',
    lines: costs.map((unitCost) => ({ name: 'Ships', unitCost })),
  });
  return { house, merchant, scope, order };
}
