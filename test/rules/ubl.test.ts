import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { describeProblem } from '#src/imports/problems.ts';
import type { UblDocument } from '#src/imports/ubl-model.ts';
import { readUbl } from '#src/imports/ubl.ts';
import type { XmlLimits } from '#src/imports/xml.ts';
import { oneChunk, readXml, XML_LIMITS } from '#src/imports/xml.ts';
import { PLAIN, ublExample } from '#test/data/ubl-example.ts';

const STUDIO = readFileSync(new URL('../data/ubl/studio-invoice.xml', import.meta.url), 'utf8');
const PEPPOL = new URL('../../../shared/data/peppol/', import.meta.url);

async function accepted(xml: string | Uint8Array): Promise<UblDocument> {
  const result = await readUbl(xml, 'e.xml');
  if (!result.ok) throw new Error(result.problems.map(describeProblem).join('\n'));
  return result.document;
}

async function refused(xml: string | Uint8Array): Promise<string> {
  const result = await readUbl(xml, 'e.xml');
  if (result.ok) throw new Error('the document was accepted');
  return result.problems.map(describeProblem).join('\n');
}

function limited(xml: string, limits: Partial<XmlLimits>) {
  return readXml(oneChunk(xml), { ...XML_LIMITS, ...limits });
}

async function reason(xml: string, limits: Partial<XmlLimits>) {
  const result = await limited(xml, limits);
  return result.ok ? 'accepted' : result.failure.reason;
}

describe('reading a UBL invoice', () => {
  test('every part that a person or a payment needs is read, whatever the prefixes are called', async () => {
    const invoice = await accepted(STUDIO);
    expect(invoice).toMatchObject({
      kind: 'invoice',
      number: 'ST-2026-014',
      typeCode: '380',
      issueDate: '2026-03-02',
      dueDate: '2026-04-01',
      currency: 'EUR',
      period: { start: '2026-02-01', end: '2026-02-28' },
      notes: ['Danke für Ihren Auftrag & bis bald.\nOpen Monday to Friday.'],
      buyerReference: 'KST-77',
      orderReference: 'PO-4711',
      salesOrderReference: 'SO-88',
      contractReference: 'RV-2',
      projectReference: 'Neubau',
      despatchReference: 'LS-5',
      precedingInvoices: [{ number: 'ST-2026-009', issueDate: '2026-02-01' }],
      paymentTerms: '30 days net',
    });
    expect(invoice.paymentMeans).toEqual([
      {
        code: '58',
        name: 'SEPA',
        paymentId: 'ST-2026-014',
        iban: 'DE89370400440532013000',
        accountName: 'Studio Blau GmbH',
        bic: 'COBADEFFXXX',
      },
    ]);
    expect(invoice.attachments).toEqual([
      { id: 'timesheet', description: 'Hours', fileName: 'hours.csv', mimeCode: 'text/csv', embedded: true },
      { id: 'plan', uri: 'https://example.com/plan.pdf', embedded: false },
    ]);
  });

  test('parties keep legal and trading name, VAT number, registration, electronic address and contact', async () => {
    const { supplier, customer } = await accepted(STUDIO);
    expect(supplier).toMatchObject({
      name: 'Studio Blau GmbH',
      tradingName: 'Studio Blau',
      taxId: 'DE123456789',
      companyId: { id: 'HRB 1234' },
      endpoint: { id: '991-1234512345-06', scheme: '0204' },
    });
    expect(customer).toMatchObject({
      name: 'Café Zürn & Töchter OG',
      address: { lines: ['Ringstraße 1'], city: 'Wien', postalCode: '1010', country: 'AT' },
      contact: { name: 'Ada Zürn', phone: '+43 1 234', email: 'ada@zuern.example' },
    });
  });

  test('lines keep quantity, unit, price per base quantity, items and allowances; totals are in minor units', async () => {
    const { lines, allowances, taxes, totals } = await accepted(STUDIO);
    expect(lines[0]).toMatchObject({
      quantity: '8.5',
      unitCode: 'HUR',
      price: '100',
      amountMinor: 81333,
      orderLine: '10',
    });
    expect(lines[0]).toMatchObject({ sellerItemId: 'D-1', buyerItemId: 'K-1', description: 'February' });
    expect(lines[0]?.allowances).toEqual([{ charge: false, reason: 'Rebate', amountMinor: 3667 }]);
    expect(lines[1]).toMatchObject({ quantity: '75', price: '48.8', baseQuantity: '100', amountMinor: 3660 });
    expect(allowances[0]).toMatchObject({ charge: false, percent: '5', baseMinor: 81333, amountMinor: 4067 });
    expect(allowances[1]).toMatchObject({
      charge: true,
      reason: 'Freight',
      vat: { category: 'S', percent: '7' },
    });
    expect(taxes.map((tax) => [tax.percent, tax.taxableMinor, tax.taxMinor])).toEqual([
      ['19', 77266, 14681],
      ['7', 4910, 344],
    ]);
    expect(totals).toEqual({
      lineExtensionMinor: 84993,
      allowanceTotalMinor: 4067,
      chargeTotalMinor: 1250,
      taxExclusiveMinor: 82176,
      taxMinor: 15025,
      taxInclusiveMinor: 97201,
      prepaidMinor: 20000,
      roundingMinor: -1,
      payableMinor: 77200,
    });
  });

  test('a CreditNote document is a credit note, and so is an Invoice document with type code 381', async () => {
    expect((await accepted(ublExample({ ...PLAIN, root: 'CreditNote' }))).kind).toBe('credit_note');
    expect((await accepted(ublExample({ ...PLAIN, typeCode: '381' }))).kind).toBe('credit_note');
    expect((await accepted(ublExample({ ...PLAIN, typeCode: '384' }))).kind).toBe('invoice');
  });

  test('a credit note tells its due date, its preceding invoices and its project where Peppol puts them', async () => {
    const references = `<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>A-1</cbc:ID></cac:InvoiceDocumentReference></cac:BillingReference>
      <cac:AdditionalDocumentReference><cbc:ID>P-9</cbc:ID><cbc:DocumentTypeCode>50</cbc:DocumentTypeCode></cac:AdditionalDocumentReference>
      <cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode><cbc:PaymentDueDate>2026-02-01</cbc:PaymentDueDate></cac:PaymentMeans>`;
    const note = await accepted(ublExample({ ...PLAIN, root: 'CreditNote', references }));
    expect(note).toMatchObject({
      dueDate: '2026-02-01',
      projectReference: 'P-9',
      precedingInvoices: [{ number: 'A-1' }],
    });
    expect(note.attachments).toEqual([]);
  });

  test('the VAT total in another accounting currency is read beside the document currency', async () => {
    const second =
      '<cac:TaxTotal><cbc:TaxAmount currencyID="JPY">3200</cbc:TaxAmount></cac:TaxTotal><cac:LegalMonetaryTotal>';
    const xml = ublExample({ ...PLAIN, references: '<cbc:TaxCurrencyCode>JPY</cbc:TaxCurrencyCode>' });
    expect(await accepted(xml.replace('<cac:LegalMonetaryTotal>', second))).toMatchObject({
      taxCurrency: 'JPY',
      taxTotalInTaxCurrencyMinor: 3200,
      totals: { taxMinor: 2000 },
    });
    expect(await refused(xml)).toContain('There is no VAT total in the tax currency JPY. (BR-53)');
  });

  test('UTF-16 and declared ISO-8859-1 are read, and bytes that fit no encoding are refused', async () => {
    const utf16 = Buffer.concat([
      Buffer.from([0xff, 0xfe]),
      Buffer.from(STUDIO.replace('UTF-8', 'UTF-16'), 'utf16le'),
    ]);
    expect((await accepted(utf16)).customer.name).toBe('Café Zürn & Töchter OG');
    const latin1 = Buffer.from(STUDIO.replace('UTF-8', 'ISO-8859-1'), 'latin1');
    expect((await accepted(latin1)).customer.name).toBe('Café Zürn & Töchter OG');
    expect(await refused(Buffer.from(STUDIO, 'latin1'))).toContain('bytes that its encoding does not allow');
  });

  test('what is missing is named with its element, line and rule, all of it at once', async () => {
    const xml = ublExample(PLAIN)
      .replace('<cbc:ID>E-1</cbc:ID>', '')
      .replace('<cbc:IssueDate>2026-01-15</cbc:IssueDate>', '<cbc:IssueDate>2026-02-30</cbc:IssueDate>')
      .replace('<cbc:Name>Thing 1</cbc:Name>', '');
    const problems = await refused(xml);
    expect(problems).toContain('e.xml, line 2, Invoice/ID: ID is missing. (BR-02)');
    expect(problems).toContain('Invoice/IssueDate: “2026-02-30” is not a date.');
    expect(problems).toContain('Invoice/InvoiceLine/Item/Name: Name is missing. (BR-25)');
  });

  test('other XML, no XML and nothing at all are refused in plain words', async () => {
    expect(await refused('<html/>')).toContain('This is not a UBL invoice or credit note.');
    expect(await refused('<Invoice/>')).toContain('This is not a UBL invoice or credit note.');
    expect(await refused('%PDF-1.7')).toContain('This is not well-formed XML');
    expect(await refused('')).toMatch(/empty|well-formed/);
    expect(await refused(STUDIO.slice(0, -40))).toContain('This is not well-formed XML');
  });
});

describe('hostile XML', () => {
  test('a DOCTYPE is refused, so entities are neither expanded nor fetched', async () => {
    const bomb = `<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>\n`;
    expect(await refused(ublExample({ ...PLAIN, before: bomb }))).toContain('The file declares a DOCTYPE');
    const fetched = '<!DOCTYPE x SYSTEM "file:///etc/passwd">\n';
    expect(await refused(ublExample({ ...PLAIN, before: fetched }))).toContain('The file declares a DOCTYPE');
    const undeclared = ublExample(PLAIN).replace('Atelier Nord', '&xxe;');
    expect(await refused(undeclared)).toContain('undefined entity');
  });

  test('size, depth, number of elements and length of a text are bounded', async () => {
    expect(await reason('<a>' + ' '.repeat(2 ** 21) + '</a>', { maxBytes: 2 ** 20 })).toBe(
      'The file is larger than 1 MiB.',
    );
    expect(await reason('<a>'.repeat(41) + '</a>'.repeat(41), {})).toContain('nested too deeply');
    expect(await reason(`<a>${'<b/>'.repeat(10)}</a>`, { maxElements: 10 })).toContain('too many elements');
    expect(await reason(`<a>${'x'.repeat(11)}</a>`, { maxText: 10 })).toBe('The text in a is too long.');
  });

  test('an embedded attachment is noted but not kept', async () => {
    const result = await readXml(
      (async function* () {
        yield Buffer.from(
          `<a><EmbeddedDocumentBinaryObject>${'QUJD'.repeat(50_000)}</EmbeddedDocumentBinaryObject></a>`,
        );
      })(),
    );
    expect(result.ok && result.root.children[0]?.text).toBe('');
  });
});

describe.skipIf(!existsSync(PEPPOL))('the published Peppol examples (needs ../shared/data)', () => {
  const names = existsSync(PEPPOL) ? readdirSync(PEPPOL).filter((name) => name.endsWith('.xml')) : [];

  test.each(names)('%s reads and ties out', async (name) => {
    const document = await accepted(readFileSync(new URL(name, PEPPOL)));
    const { totals, lines } = document;
    expect(lines.reduce((sum, line) => sum + line.amountMinor, 0)).toBe(totals.lineExtensionMinor);
    expect(totals.taxInclusiveMinor - totals.prepaidMinor + totals.roundingMinor).toBe(totals.payableMinor);
    expect(document.kind).toBe(name.includes('creditnote') ? 'credit_note' : 'invoice');
  });

  test.each(names)(
    'every amount of a total or line of %s that is one cent off, or a whole unit where the rules allow less, is refused by name',
    async (name) => {
      const xml = readFileSync(new URL(name, PEPPOL), 'utf8');
      const amounts =
        /<cbc:((?:LineExtension|TaxExclusive|TaxInclusive|AllowanceTotal|ChargeTotal|Payable|Taxable)Amount)[^>]*>([\d.-]+)</g;
      for (const match of xml.matchAll(amounts)) {
        // EN 16931, BR-S-08 and its like: a category's taxable amount may be off by less than one unit.
        const off = match[1] === 'TaxableAmount' ? 1 : 0.01;
        const wrong = (Number(match[2]) + off).toFixed(2);
        const at = match.index + match[0].lastIndexOf(`${match[2]}<`);
        const changed = xml.slice(0, at) + wrong + xml.slice(at + String(match[2]).length);
        expect(await refused(changed)).toContain(`${match[1]} is ${wrong}`);
      }
    },
  );
});
