import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ImportCounts } from '#src/imports/report.ts';
import { importUbl, type UblOptions, type UblSource } from '#src/imports/ubl-import.ts';
import type { MerchantScope } from '#src/scope.ts';
import { PLAIN, type UblExample, ublExample } from '#test/data/ubl-example.ts';
import { ENGINES, openHouse } from '#test/support/house.ts';
import {
  hasSharedData,
  ledgerSums,
  readShared,
  textSource,
  wholeTenant,
} from '#test/support/import-files.ts';

const STUDIO = readFileSync(new URL('../data/ubl/studio-invoice.xml', import.meta.url), 'utf8');

/** Line and document allowances, two VAT categories, prepaid and rounding. */
const RICH: UblExample = {
  lines: [
    {
      quantity: '10',
      price: '12',
      amount: '110.00',
      vat: 'S 20',
      allowances: [{ charge: false, amount: '10.00' }],
    },
    { quantity: '3', price: '50', baseQuantity: '2', amount: '75.00', vat: 'Z 0' },
  ],
  allowances: [
    { charge: false, amount: '5.00', vat: 'S 20' },
    { charge: true, amount: '2.00', vat: 'Z 0' },
  ],
  taxes: [
    { vat: 'S 20', taxable: '105.00', tax: '21.00' },
    { vat: 'Z 0', taxable: '77.00', tax: '0.00' },
  ],
  taxTotal: '21.00',
  totals: {
    LineExtensionAmount: '185.00',
    TaxExclusiveAmount: '182.00',
    TaxInclusiveAmount: '203.00',
    AllowanceTotalAmount: '5.00',
    ChargeTotalAmount: '2.00',
    PrepaidAmount: '100.00',
    PayableRoundingAmount: '0.05',
    PayableAmount: '103.05',
  },
};

const CREDIT: UblExample = {
  ...PLAIN,
  root: 'CreditNote',
  references:
    '<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>E-1</cbc:ID></cac:InvoiceDocumentReference></cac:BillingReference>',
};

describe.each(ENGINES)('on %s', (engine) => {
  test('an invoice keeps its lines, allowances, taxes, rounding and what was prepaid, and the books agree', async () => {
    const merchant = await aMerchant(engine);
    const report = await run(merchant, [xml(RICH)]);
    expect(report.problems).toEqual([]);
    expect(report.created).toEqual(counts({ customers: 1, invoices: 1, lines: 2, payments: 1 }));
    const [invoice] = await merchant.db.from('invoices').selectAll().execute();
    expect(invoice).toMatchObject({
      number: 'E-1',
      subtotal_minor: 18_500,
      discount_minor: 500,
      charge_minor: 200,
      tax_minor: 2_100,
      rounding_minor: 5,
      total_minor: 20_305,
      balance_minor: 10_305,
      source: 'ubl',
    });
    expect(JSON.parse(invoice?.document_references ?? '{}')).toMatchObject({
      supplier: { name: 'Atelier Nord' },
    });
    const lines = await merchant.db.from('lines').selectAll().orderBy('position').execute();
    expect(lines).toMatchObject([
      { unit_cost: '12', amount_minor: 11_000, tax_category: 'S', tax_percent: '20' },
      { unit_cost: '50', base_quantity: '2', amount_minor: 7_500, tax_category: 'Z' },
    ]);
    const rates = await merchant.db.from('applied_rates').selectAll().orderBy('position').execute();
    expect(rates).toMatchObject([
      { kind: 'discount', line_id: lines[0]?.id, amount_minor: 1_000 },
      { kind: 'discount', line_id: null, amount_minor: 500, category: 'S' },
      { kind: 'charge', line_id: null, amount_minor: 200, category: 'Z' },
      { kind: 'tax', percent: '20', base_minor: 10_500, amount_minor: 2_100, category: 'S' },
      { kind: 'tax', percent: '0', base_minor: 7_700, amount_minor: 0, category: 'Z' },
    ]);
    expect(await ledgerSums(merchant)).toEqual({ receivable: 10_305, sales: -20_305, cash: 10_000 });
  });

  test('parties, contact, references, payment means and notes of a full invoice are kept', async () => {
    const merchant = await aMerchant(engine);
    const report = await run(merchant, [STUDIO]);
    expect(report.problems).toEqual([]);
    const contacts = await merchant.db.from('contacts').select(['email', 'role']).execute();
    expect(contacts).toEqual([{ email: 'ada@zuern.example', role: 'payer' }]);
    const [invoice] = await merchant.db.from('invoices').selectAll().execute();
    expect(invoice).toMatchObject({
      number: 'ST-2026-014',
      date: '2026-03-02',
      due_date: '2026-04-01',
      purchase_order: 'PO-4711',
      buyer_reference: 'KST-77',
      payment_terms: '30 days net',
      notes: 'Danke für Ihren Auftrag & bis bald.\nOpen Monday to Friday.',
    });
    expect(JSON.parse(invoice?.payment_means ?? '[]')).toMatchObject([{ iban: 'DE89370400440532013000' }]);
    expect(JSON.parse(invoice?.document_references ?? '{}')).toMatchObject({
      contractReference: 'RV-2',
      precedingInvoices: [{ number: 'ST-2026-009' }],
    });
  });

  test('the same files again change nothing, and the same number with other content is refused with what differs', async () => {
    const merchant = await aMerchant(engine);
    await run(merchant, [xml(RICH), xml(CREDIT), STUDIO]);
    const before = await wholeTenant(merchant);
    const again = await run(merchant, [STUDIO, xml(CREDIT), xml(RICH)]);
    expect(again).toMatchObject({ kept: true, problemCount: 0, created: counts({}) });
    expect(again.unchanged).toMatchObject({ invoices: 2, creditNotes: 1 });
    const other = await run(merchant, [xml(PLAIN), STUDIO.replace('PO-4711', 'PO-4712')], { skipBad: true });
    expect(other.problems.map(({ reason }) => reason)).toEqual([
      'There is an invoice E-1 already, with other total (here 120.00 EUR, there 203.05 EUR).',
      'There is an invoice ST-2026-014 already, with other purchase order (here PO-4712, there PO-4711).',
    ]);
    expect(await wholeTenant(merchant)).toEqual(before);
  });

  test('a credit note finds the invoice it corrects, whatever the order of the files', async () => {
    const merchant = await aMerchant(engine);
    const report = await run(merchant, [xml(CREDIT), xml(PLAIN)]);
    expect(report.created).toEqual(counts({ customers: 1, invoices: 1, creditNotes: 1, lines: 2 }));
    const [invoice] = await merchant.db.from('invoices').select('id').execute();
    const notes = await merchant.db.from('credit_notes').select(['invoice_id', 'balance_minor']).execute();
    expect(notes).toEqual([{ invoice_id: invoice?.id, balance_minor: 12_000 }]);
    expect(await ledgerSums(merchant)).toEqual({ receivable: 12_000, sales: 0, credit_note: -12_000 });
  });

  test('one bad document keeps all out, unless bad ones are skipped', async () => {
    const merchant = await aMerchant(engine);
    const before = await wholeTenant(merchant);
    const files = [STUDIO, xml({ ...PLAIN, totals: { ...PLAIN.totals, PayableAmount: '121.00' } })];
    const refused = await run(merchant, files);
    expect(refused).toMatchObject({ kept: false });
    expect(refused.problems[0]).toMatchObject({ file: '1.xml', expected: '120.00 EUR', found: '121.00 EUR' });
    expect(await wholeTenant(merchant)).toEqual(before);
    const kept = await run(merchant, files, { skipBad: true });
    expect(kept).toMatchObject({ kept: true, created: { invoices: 1 } });
    expect(await merchant.db.from('invoices').select('number').execute()).toEqual([
      { number: 'ST-2026-014' },
    ]);
  });

  test.skipIf(!hasSharedData)(
    'the Peppol examples come in, and what is open equals their PayableAmount (needs ../shared/data)',
    async () => {
      const names = ['base-example', 'Allowance-example', 'vat-category-E', 'base-creditnote-correction'];
      for (const name of names) {
        const merchant = await aMerchant(engine);
        const text = readShared('peppol', `${name}.xml`);
        const report = await run(merchant, [text]);
        expect(report.problems).toEqual([]);
        const table = text.includes('<CreditNote ') ? 'credit_notes' : 'invoices';
        const rows = await merchant.db.from(table).select('balance_minor').execute();
        const payable = /<cbc:PayableAmount[^>]*>([\d.]+)</.exec(text)?.[1];
        expect(rows.map((row) => row.balance_minor)).toEqual([Math.round(Number(payable) * 100)]);
        const before = await wholeTenant(merchant);
        expect((await run(merchant, [text])).created).toEqual(counts({}));
        expect(await wholeTenant(merchant)).toEqual(before);
      }
    },
  );
});

describe('whose invoice it is', () => {
  test('a party is known again by its identifiers or name, and two of the same name with different tax ids are not mixed up', async () => {
    const merchant = await aMerchant('sqlite');
    const endpoint = '<cbc:EndpointID schemeID="0192">987654325</cbc:EndpointID>';
    const report = await run(merchant, [
      numbered('1', `${endpoint}${vat('PL1')}`),
      numbered('2', endpoint, 'Renamed'),
      numbered('3', vat('PL1'), 'Renamed again'),
      numbered('4', vat('PL2')),
      numbered('5', '', 'Renamed'),
    ]);
    expect(report.problems).toEqual([]);
    const rows = await merchant.db
      .from('invoices')
      .innerJoin(merchant.db.rows('customers'), 'customers.id', 'invoices.customer_id')
      .select(['invoices.number as invoice', 'customers.number as customer'])
      .orderBy('invoices.id')
      .execute();
    expect(rows.map(({ invoice, customer }) => `${invoice} ${customer}`)).toEqual([
      '1 987654325',
      '2 987654325',
      '3 987654325',
      '4 PL2',
      '5 CUST-00001',
    ]);
  });
});

async function aMerchant(engine: (typeof ENGINES)[number]): Promise<MerchantScope> {
  const house = await openHouse(engine);
  return house.tenant();
}

function run(merchant: MerchantScope, files: readonly string[], options: UblOptions = { skipBad: false }) {
  const sources: UblSource[] = files.map((text, i) => textSource(text, `${i}.xml`));
  return importUbl(merchant, sources, options);
}

function xml(example: UblExample): string {
  return ublExample(example);
}

function counts(some: Partial<ImportCounts>): ImportCounts {
  return { customers: 0, contacts: 0, invoices: 0, creditNotes: 0, lines: 0, payments: 0, ...some };
}

/** An invoice to a party that is described by the elements before its name. */
function numbered(number: string, inner: string, name = 'Łódzka Księgarnia'): string {
  const legal = `<cac:PartyLegalEntity><cbc:RegistrationName>${name}</cbc:RegistrationName></cac:PartyLegalEntity>`;
  const party = `<cac:AccountingCustomerParty><cac:Party>${inner}${legal}</cac:Party></cac:AccountingCustomerParty>`;
  return xml(PLAIN)
    .replace('<cbc:ID>E-1</cbc:ID>', `<cbc:ID>${number}</cbc:ID>`)
    .replace(/<cac:AccountingCustomerParty>.*?<\/cac:AccountingCustomerParty>/s, party);
}

function vat(id: string): string {
  const scheme = '<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>';
  return `<cac:PartyTaxScheme><cbc:CompanyID>${id}</cbc:CompanyID>${scheme}</cac:PartyTaxScheme>`;
}
