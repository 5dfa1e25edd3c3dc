import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ImportReport } from '#src/imports/report.ts';
import { importUbl } from '#src/imports/ubl-import.ts';
import type { MerchantScope } from '#src/scope.ts';
import { PLAIN, type UblExample, ublExample } from '#test/data/ubl-example.ts';
import { ENGINES, openHouse } from '#test/support/house.ts';
import { expectSoundBooks } from '#test/support/money.ts';
import { ledgerSums, textSource, wholeTenant } from '#test/support/import-files.ts';

const FIELD = new URL('../data/field/ubl/', import.meta.url);

/** What each document of the field must become: kind, number, currency, total and what is open of it in minor units. */
const RIGHT = {
  'negative-invoice-d8.xml': ['credit_notes', 'D8', 'EUR', 11_900, 11_900],
  'negative-invoice-d8b.xml': ['credit_notes', 'D8B', 'EUR', 11_900, 11_900],
  'negative-creditnote-d8c.xml': ['invoices', 'D8C', 'EUR', 11_900, 11_900],
  'gross-prices-g1.xml': ['invoices', 'G1', 'EUR', 6993, 6993],
  'jpy-d14.xml': ['invoices', 'D14', 'JPY', 1101, 1101],
  'jpy-d14b.xml': ['invoices', 'D14B', 'JPY', 1100, 1100],
  'jpy-d14c.xml': ['invoices', 'D14C', 'JPY', 1142, 1142],
  'vat-one-cent-d10.xml': ['invoices', 'D10', 'NOK', 2_292_600, 2_292_600],
  'kwd-vat-two-decimals-d11.xml': ['invoices', 'D11', 'BHD', 675_450, 675_450],
  'kwd-three-decimals-d11b.xml': ['invoices', 'D11B', 'BHD', 707_625, 707_625],
  'split-payment-b-d12.xml': ['invoices', 'D12', 'EUR', 122_000, 100_000],
  'creditnote-prepaid-d7.xml': ['credit_notes', 'D7', 'EUR', 11_900, 10_000],
} as const;

describe.each(ENGINES)('on %s', (engine) => {
  test('documents of the field come in at the amounts they state, and again change nothing', async () => {
    expect(readdirSync(FIELD).toSorted()).toEqual(Object.keys(RIGHT).toSorted());
    const { merchant, sound } = await aMerchant(engine);
    const files = Object.keys(RIGHT).map((name) =>
      textSource(readFileSync(new URL(name, FIELD), 'utf8'), name),
    );
    const report = await importUbl(merchant, files, { skipBad: false });
    expect(report.problems).toEqual([]);
    expect(await documents(merchant)).toEqual(Object.values(RIGHT).toSorted(byNumber));
    await sound();
    const before = await wholeTenant(merchant);
    const again = await importUbl(merchant, files, { skipBad: false });
    expect(again.created).toMatchObject({ invoices: 0, creditNotes: 0, payments: 0, customers: 0 });
    expect(await wholeTenant(merchant)).toEqual(before);
  });

  test('what comes to less than zero keeps its original kind, and a correction finds its invoice', async () => {
    const { merchant, sound } = await aMerchant(engine);
    await run(merchant, PLAIN);
    const correction: UblExample = { ...NEGATIVE, typeCode: '384', references: PRECEDING };
    const xml = ublExample(correction).replace('<cbc:ID>E-1<', '<cbc:ID>E-2<');
    const report = await importUbl(merchant, [textSource(xml, 'correction.xml')], { skipBad: false });
    expect(report).toMatchObject({ kept: true, created: { creditNotes: 1, invoices: 0 } });
    expect(report.notices).toMatchObject([{ file: 'correction.xml', value: '-120.00 EUR' }]);
    const [note] = await merchant.db.from('credit_notes').selectAll().execute();
    const [invoice] = await merchant.db.from('invoices').select('id').execute();
    expect(note).toMatchObject({
      number: 'E-2',
      total_minor: 12_000,
      invoice_id: invoice?.id,
      subtotal_minor: 10_000,
    });
    expect(JSON.parse(note?.document_references ?? '{}')).toMatchObject({
      typeCode: '384',
      statedAs: 'invoice',
    });
    const lines = await merchant.db
      .from('lines')
      .select(['quantity', 'unit_cost', 'amount_minor'])
      .orderBy('id')
      .execute();
    expect(lines[1]).toEqual({ quantity: '4', unit_cost: '25', amount_minor: 10_000 });
    await sound();
  });

  test('what was prepaid beyond the total is credit of the customer', async () => {
    const { merchant, sound } = await aMerchant(engine);
    const overpaid = {
      ...PLAIN,
      totals: { ...PLAIN.totals, PrepaidAmount: '150.00', PayableAmount: '-30.00' },
    };
    const report = await run(merchant, overpaid);
    expect(report.problems).toEqual([]);
    expect(await documents(merchant)).toEqual([['invoices', 'E-1', 'EUR', 12_000, 0]]);
    expect(await ledgerSums(merchant)).toEqual({
      receivable: 0,
      sales: -12_000,
      cash: 15_000,
      credit_balance: -3_000,
    });
    await sound();
  });

  test('a credit note of which more was paid back than it comes to is refused with both figures', async () => {
    const { merchant } = await aMerchant(engine);
    const before = await wholeTenant(merchant);
    const totals = { ...PLAIN.totals, PrepaidAmount: '150.00', PayableAmount: '-30.00' };
    const report = await run(merchant, { ...PLAIN, root: 'CreditNote', totals });
    expect(report.problems).toMatchObject([
      { value: '150.00 EUR', element: 'CreditNote/LegalMonetaryTotal/PrepaidAmount' },
    ]);
    expect(await wholeTenant(merchant)).toEqual(before);
  });

  test('VAT that is a whole unit off is refused', async () => {
    const { merchant } = await aMerchant(engine);
    const before = await wholeTenant(merchant);
    for (const [tax, inclusive] of [
      ['21.00', '121.00'],
      ['19.00', '119.00'],
    ] as const) {
      const report = await run(merchant, withTax(tax, inclusive));
      const wrong = report.problems.find(({ rule }) => rule === 'BR-CO-17, BR-S-09');
      expect(wrong).toMatchObject({ expected: '20.00 EUR', found: `${tax} EUR` });
    }
    expect(await wholeTenant(merchant)).toEqual(before);
    const slack = await run(merchant, withTax('20.99', '120.99'));
    expect(slack).toMatchObject({ kept: true, notices: [{ expected: '20.00 EUR', found: '20.99 EUR' }] });
    expect(await documents(merchant)).toEqual([['invoices', 'E-1', 'EUR', 12_099, 12_099]]);
  });
});

const PRECEDING =
  '<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>E-1</cbc:ID></cac:InvoiceDocumentReference></cac:BillingReference>';

const NEGATIVE: UblExample = {
  lines: [{ quantity: '-4', price: '25', amount: '-100.00', vat: 'S 20' }],
  taxes: [{ vat: 'S 20', taxable: '-100.00', tax: '-20.00' }],
  taxTotal: '-20.00',
  totals: {
    LineExtensionAmount: '-100.00',
    TaxExclusiveAmount: '-100.00',
    TaxInclusiveAmount: '-120.00',
    PayableAmount: '-120.00',
  },
};

function withTax(tax: string, inclusive: string): UblExample {
  return {
    ...PLAIN,
    taxes: [{ vat: 'S 20', taxable: '100.00', tax }],
    taxTotal: tax,
    totals: { ...PLAIN.totals, TaxInclusiveAmount: inclusive, PayableAmount: inclusive },
  };
}

async function aMerchant(engine: (typeof ENGINES)[number]) {
  const house = await openHouse(engine);
  const merchant = await house.tenant();
  const sound = () => expectSoundBooks(house);
  return { merchant, sound };
}

function run(merchant: MerchantScope, example: UblExample): Promise<ImportReport> {
  return importUbl(merchant, [textSource(ublExample(example), 'e.xml')], { skipBad: false });
}

type Row = readonly [string, string, string, number, number];

async function documents(merchant: MerchantScope): Promise<Row[]> {
  const rows: Row[] = [];
  for (const table of ['invoices', 'credit_notes'] as const) {
    const found = await merchant.db
      .from(table)
      .select(['number', 'currency', 'total_minor', 'balance_minor'])
      .execute();
    for (const row of found) rows.push([table, row.number, row.currency, row.total_minor, row.balance_minor]);
  }
  return rows.toSorted(byNumber);
}

function byNumber(a: Row, b: Row): number {
  return a[1] < b[1] ? -1 : 1;
}
