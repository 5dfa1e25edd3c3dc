import { describe, expect, test } from 'vitest';
import type { ImportProblem } from '#src/imports/problems.ts';
import { readUbl } from '#src/imports/ubl.ts';
import type { UblExample } from '#test/data/ubl-example.ts';
import { PLAIN, ublExample } from '#test/data/ubl-example.ts';

async function problemsOf(example: UblExample): Promise<readonly ImportProblem[]> {
  const result = await readUbl(ublExample(example), 'e.xml');
  return result.ok ? [] : result.problems;
}

async function noticesOf(example: UblExample): Promise<readonly ImportProblem[]> {
  const result = await readUbl(ublExample(example), 'e.xml');
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.reason).join('\n'));
  return result.notices;
}

/** One line, its VAT and totals. */
function simple(
  line: UblExample['lines'][number],
  tax: string,
  inclusive: string,
  more: Partial<UblExample> = {},
): UblExample {
  return {
    lines: [line],
    taxes: [{ vat: line.vat, taxable: line.amount, tax }],
    taxTotal: tax,
    totals: {
      LineExtensionAmount: line.amount,
      TaxExclusiveAmount: line.amount,
      TaxInclusiveAmount: inclusive,
      PayableAmount: inclusive,
    },
    ...more,
  };
}

describe('VAT categories', () => {
  test.each(['Z 0', 'E 0', 'AE 0', 'K 0', 'G 0', 'O'])('category %s carries no VAT', async (vat) => {
    const line = { quantity: '3', price: '9.99', amount: '29.97', vat };
    expect(await problemsOf(simple(line, '0', '29.97'))).toEqual([]);
    const taxed = await problemsOf(simple(line, '0.01', '29.98'));
    expect(taxed[0]).toMatchObject({
      expected: '0.00 EUR',
      found: '0.01 EUR',
      rule: expect.stringMatching(/BR-CO-17, BR-\w+-09/),
    });
  });

  test.each([
    ['S 25', '7.49', '37.46'],
    ['L 7', '2.10', '32.07'],
    ['M 4', '1.20', '31.17'],
    ['L 0', '0.00', '29.97'],
  ])('category %s is charged at its rate', async (vat, tax, inclusive) => {
    const line = { quantity: '3', price: '9.99', amount: '29.97', vat };
    expect(await problemsOf(simple(line, tax, inclusive))).toEqual([]);
  });

  test('a category without VAT that states a rate, S without one, and an unknown category are refused', async () => {
    const line = { quantity: '1', price: '10', amount: '10.00' };
    const rules = async (vat: string) =>
      (await problemsOf(simple({ ...line, vat }, '0', '10.00'))).map((p) => p.rule);
    expect(await rules('Z 5')).toContain('BR-Z-05');
    expect(await rules('K 5')).toContain('BR-IC-05');
    expect(await rules('S 0')).toContain('BR-S-05');
    expect(await rules('X 0')).toContain('BR-CL-17');
  });

  test('amounts of several categories and rates go to their own subtotals; 25, 25.0 and 25.00 are one rate', async () => {
    const mixed: UblExample = {
      lines: [
        { quantity: '1', price: '100', amount: '100.00', vat: 'S 25' },
        { quantity: '1', price: '50', amount: '50.00', vat: 'S 25.00' },
        { quantity: '1', price: '40', amount: '40.00', vat: 'S 12' },
        { quantity: '1', price: '10', amount: '10.00', vat: 'E 0' },
      ],
      taxes: [
        { vat: 'S 25.0', taxable: '150.00', tax: '37.50' },
        { vat: 'S 12', taxable: '40.00', tax: '4.80' },
        { vat: 'E 0', taxable: '10.00', tax: '0.00', reason: 'education' },
      ],
      taxTotal: '42.30',
      totals: {
        LineExtensionAmount: '200.00',
        TaxExclusiveAmount: '200.00',
        TaxInclusiveAmount: '242.30',
        PayableAmount: '242.30',
      },
    };
    expect(await problemsOf(mixed)).toEqual([]);
    const without = await problemsOf({ ...mixed, taxes: mixed.taxes.slice(0, 2) });
    expect(without.map((p) => p.reason)).toEqual([
      'There is no VAT subtotal for VAT category E at 0 %, under which 10.00 EUR stand.',
    ]);
    const stray = { vat: 'S 19', taxable: '0.00', tax: '0.00' };
    const more = await problemsOf({ ...mixed, taxes: [...mixed.taxes, stray] });
    expect(more.map((p) => p.reason)).toEqual([
      'The VAT subtotal for VAT category S at 19 % matches no line, allowance or charge.',
    ]);
  });

  test('VAT may be rounded on the category or on each line; otherwise less than a whole unit is a notice, and more is refused', async () => {
    const cents: UblExample = {
      lines: [1, 2, 3].map(() => ({ quantity: '1', price: '0.33', amount: '0.33', vat: 'S 20' })),
      taxes: [{ vat: 'S 20', taxable: '0.99', tax: '0.20' }],
      taxTotal: '0.20',
      totals: {
        LineExtensionAmount: '0.99',
        TaxExclusiveAmount: '0.99',
        TaxInclusiveAmount: '1.19',
        PayableAmount: '1.19',
      },
    };
    const taxed = (tax: string, inclusive: string): UblExample => ({
      ...cents,
      taxes: [{ vat: 'S 20', taxable: '0.99', tax }],
      taxTotal: tax,
      totals: { ...cents.totals, TaxInclusiveAmount: inclusive, PayableAmount: inclusive },
    });
    expect(await problemsOf(cents)).toEqual([]);
    expect(await problemsOf(taxed('0.21', '1.20'))).toEqual([]);
    expect(await problemsOf(taxed('1.19', '2.18'))).toEqual([]);
    const noticed = await readUbl(ublExample(taxed('0.22', '1.21')), 'e.xml');
    expect(noticed).toMatchObject({ ok: true, notices: [{ expected: '0.20 EUR', found: '0.22 EUR' }] });
    expect((await problemsOf(taxed('1.20', '2.19')))[0]).toMatchObject({
      expected: '0.20 EUR',
      found: '1.20 EUR',
    });
  });
});

describe('lines', () => {
  test('quantity × price ÷ base quantity − allowances + charges is computed exactly and rounded once', async () => {
    const exact: UblExample['lines'][number][] = [
      { quantity: '1000', price: '0.12345678901234567', amount: '123.46', vat: 'Z 0' },
      { quantity: '7', price: '10', baseQuantity: '3', amount: '23.33', vat: 'Z 0' },
      { quantity: '0.1', price: '0.2', baseQuantity: '0.25', amount: '0.08', vat: 'Z 0' },
      { quantity: '-3', price: '500', amount: '-1500', vat: 'Z 0' },
      { quantity: '3', price: '45', gross: ['50', '5'], amount: '135.00', vat: 'Z 0' },
      {
        quantity: '10',
        price: '410',
        amount: '4000',
        vat: 'Z 0',
        allowances: [
          { charge: true, amount: '1', percent: '1', base: '100' },
          { charge: false, amount: '101' },
        ],
      },
    ];
    for (const line of exact) expect(await problemsOf(simple(line, '0', line.amount))).toEqual([]);
  });

  test('an amount exactly between two cents may be rounded either way', async () => {
    const line = { quantity: '1', price: '0.125', vat: 'Z 0' };
    for (const amount of ['0.12', '0.13'])
      expect(await noticesOf(simple({ ...line, amount }, '0', amount))).toEqual([]);
    const below = { quantity: '1', price: '-0.125', vat: 'Z 0' };
    for (const amount of ['-0.12', '-0.13'])
      expect(await noticesOf(simple({ ...below, amount }, '0', amount))).toEqual([]);
  });

  test('a line off by up to 0.02 is taken as Peppol R120 grants, with a notice; more is refused', async () => {
    const line = { quantity: '3', price: '33.333', vat: 'Z 0' };
    expect(await noticesOf(simple({ ...line, amount: '99.99' }, '0', '99.99'))).toEqual([
      expect.objectContaining({ found: '99.99 EUR', expected: '100.00 EUR' }),
    ]);
    expect(await noticesOf(simple({ ...line, amount: '100.02' }, '0', '100.02'))).toHaveLength(1);
    const wrong = await problemsOf(simple({ ...line, amount: '100.03' }, '0', '100.03'));
    expect(wrong[0]).toMatchObject({
      element: 'Invoice/InvoiceLine/LineExtensionAmount',
      expected: '100.00 EUR',
      found: '100.03 EUR',
      rule: 'PEPPOL-EN16931-R120',
    });
  });

  test('a net price that is not gross less discount, a base quantity of 0 and a percentage that does not fit are refused', async () => {
    const line = { quantity: '1', price: '45', amount: '45.00', vat: 'Z 0' };
    const rules = async (more: Partial<UblExample['lines'][number]>) =>
      (await problemsOf(simple({ ...line, ...more }, '0', '45.00'))).map((problem) => problem.rule);
    expect(await rules({ gross: ['50', '4.99'] })).toEqual(['PEPPOL-EN16931-R046']);
    expect(await rules({ baseQuantity: '0' })).toEqual(['PEPPOL-EN16931-R121']);
    const allowances = [{ charge: false, amount: '5.00', percent: '10', base: '60.00' }];
    expect(await rules({ price: '50', allowances })).toEqual(['PEPPOL-EN16931-R040']);
  });
});

describe('totals', () => {
  const full: UblExample = {
    lines: [
      { quantity: '2', price: '30', amount: '60.00', vat: 'S 20' },
      { quantity: '1', price: '40', amount: '40.00', vat: 'Z 0' },
    ],
    allowances: [
      { charge: false, amount: '6.00', percent: '10', base: '60.00', vat: 'S 20' },
      { charge: true, amount: '5.00', vat: 'Z 0' },
    ],
    taxes: [
      { vat: 'S 20', taxable: '54.00', tax: '10.80' },
      { vat: 'Z 0', taxable: '45.00', tax: '0.00' },
    ],
    taxTotal: '10.80',
    totals: {
      LineExtensionAmount: '100.00',
      TaxExclusiveAmount: '99.00',
      TaxInclusiveAmount: '109.80',
      AllowanceTotalAmount: '6.00',
      ChargeTotalAmount: '5.00',
      PrepaidAmount: '50.00',
      PayableRoundingAmount: '0.20',
      PayableAmount: '60.00',
    },
  };

  test('document allowances, charges, prepaid and rounding tie out', async () => {
    expect(await problemsOf(full)).toEqual([]);
    expect(await problemsOf({ ...full, root: 'CreditNote' })).toEqual([]);
  });

  test.each([
    ['LineExtensionAmount', '100.01', '100.00 EUR', 'BR-CO-10'],
    ['AllowanceTotalAmount', '5.99', '6.00 EUR', 'BR-CO-11'],
    ['ChargeTotalAmount', '5.01', '5.00 EUR', 'BR-CO-12'],
    ['TaxExclusiveAmount', '98.99', '99.00 EUR', 'BR-CO-13'],
    ['TaxInclusiveAmount', '109.81', '109.80 EUR', 'BR-CO-15'],
    ['PayableAmount', '60.01', '60.00 EUR', 'BR-CO-16'],
    ['PrepaidAmount', '50.01', '59.99 EUR', 'BR-CO-16'],
    ['PayableRoundingAmount', '0.19', '59.99 EUR', 'BR-CO-16'],
  ])('%s one cent off is refused, and that figure alone is named', async (name, wrong, expected, rule) => {
    const problems = await problemsOf({ ...full, totals: { ...full.totals, [name]: wrong } });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file: 'e.xml', expected, rule });
    const derived = rule === 'BR-CO-16' && name !== 'PayableAmount';
    expect(problems[0]?.element).toBe(`Invoice/LegalMonetaryTotal/${derived ? 'PayableAmount' : name}`);
    expect(problems[0]?.found).toBe(derived ? '60.00 EUR' : `${wrong} EUR`);
  });

  test('a line or the VAT total one cent off, a taxable sum or a VAT amount a whole unit off is refused, and that figure alone is named', async () => {
    const named = async (more: Partial<UblExample>) =>
      (await problemsOf({ ...full, ...more })).map((p) => `${p.element} ${p.found} ${p.rule}`);
    const [first, second] = full.taxes;
    const [line, other] = full.lines;
    if (!first || !second || !line || !other) throw new Error('the example changed');
    expect(await named({ lines: [{ ...line, amount: '60.01' }, other] })).toEqual([
      'Invoice/InvoiceLine/LineExtensionAmount 60.01 EUR PEPPOL-EN16931-R120',
    ]);
    expect(await named({ taxes: [{ ...first, taxable: '55.00' }, second] })).toEqual([
      'Invoice/TaxTotal/TaxSubtotal/TaxableAmount 55.00 EUR BR-S-08',
    ]);
    expect(await named({ taxes: [{ ...first, tax: '11.80' }, second] })).toEqual([
      'Invoice/TaxTotal/TaxSubtotal/TaxAmount 11.80 EUR BR-CO-17, BR-S-09',
    ]);
    expect(await named({ taxes: [{ ...first, taxable: '54.99' }, second] })).toEqual([]);
    expect(await named({ taxTotal: '10.79' })).toEqual(['Invoice/TaxTotal/TaxAmount 10.79 EUR BR-CO-14']);
  });

  test('allowances without their total, and a total without allowances, are refused', async () => {
    const { AllowanceTotalAmount: _, ...totals } = full.totals;
    expect(await problemsOf({ ...full, totals })).toMatchObject([
      { rule: 'BR-CO-11', expected: '6.00 EUR', found: '0.00 EUR' },
    ]);
    const plain = { ...PLAIN, totals: { ...PLAIN.totals, ChargeTotalAmount: '1.00' } };
    expect(await problemsOf(plain)).toMatchObject([
      { rule: 'BR-CO-12', expected: '0.00 EUR', found: '1.00 EUR' },
    ]);
  });

  test('a negative invoice ties out', async () => {
    const line = { quantity: '-4', price: '25', amount: '-100.00', vat: 'S 20' };
    expect(await problemsOf(simple(line, '-20.00', '-120.00'))).toEqual([]);
  });

  test('an amount in another currency than the document is refused', async () => {
    const xml = ublExample(PLAIN).replace(
      '<cbc:PayableAmount currencyID="EUR">',
      '<cbc:PayableAmount currencyID="SEK">',
    );
    const result = await readUbl(xml, 'e.xml');
    expect(result.ok ? [] : result.problems).toMatchObject([{ expected: 'EUR', found: 'SEK' }]);
  });
});

describe('currencies', () => {
  test('yen have no decimals, dinars three', async () => {
    const yen = { quantity: '3', price: '33.4', amount: '100', vat: 'S 10' };
    expect(await problemsOf(simple(yen, '10', '110', { currency: 'JPY' }))).toEqual([]);
    const dinar = { quantity: '3', price: '1.1115', amount: '3.335', vat: 'S 5' };
    expect(await problemsOf(simple(dinar, '0.167', '3.502', { currency: 'KWD' }))).toEqual([]);
  });

  test('decimals that the currency does not have are refused, zeros behind the point are not', async () => {
    const yen = { quantity: '3', price: '33.4', amount: '100.00', vat: 'Z 0' };
    expect(await problemsOf(simple(yen, '0', '100.0', { currency: 'JPY' }))).toEqual([]);
    const fine = await problemsOf(simple({ ...yen, amount: '100.20' }, '0', '100.20', { currency: 'JPY' }));
    expect(fine[0]?.reason).toBe('“100.20” is not an amount in JPY, which has 0 decimals.');
  });

  test('an unknown currency and an amount beyond any number are refused', async () => {
    expect(await problemsOf({ ...PLAIN, currency: 'EURO' })).toMatchObject([
      { rule: 'BR-CL-04', value: 'EURO' },
    ]);
    const huge = '9'.repeat(20);
    const line = { quantity: '1', price: huge, amount: huge, vat: 'Z 0' };
    expect((await problemsOf(simple(line, '0', huge))).length).toBeGreaterThan(0);
  });
});
