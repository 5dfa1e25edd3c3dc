import { describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createCustomer } from '#src/customers/customers.ts';
import { closeCustomer } from '#src/signin/closing.ts';
import { readColumnChoices } from '#src/imports/column-choices.ts';
import { type CsvOptions, importCsv } from '#src/imports/csv.ts';
import type { ImportReport } from '#src/imports/report.ts';
import type { MerchantScope } from '#src/scope.ts';
import { ENGINES, openHouse } from '#test/support/house.ts';
import { fileSource, textSource, wholeTenant } from '#test/support/import-files.ts';
import { expectSoundBooks } from '#test/support/money.ts';

const FIELD = fileURLToPath(new URL('../data/field/', import.meta.url));
const shape = (name: string) => fileSource(FIELD, 'shapes', name);

/** Number, customer, currency, total and open amount in minor units. */
type Row = readonly [string, string, string, number, number];

interface Case {
  readonly customers?: string;
  readonly invoices: string;
  readonly options?: Partial<CsvOptions>;
  readonly people: readonly string[];
  readonly right: readonly Row[];
  readonly preset: string;
}

const CASES: Readonly<Record<string, Case>> = {
  quickbooks: {
    customers: 'quickbooks-customers.csv',
    invoices: 'quickbooks-invoices.csv',
    options: { currency: 'USD' },
    people: ['Blue Door', 'Finn Oak'],
    right: [
      ['1001', 'Blue Door', 'USD', 11_000, 11_000],
      ['1002', 'Finn Oak', 'USD', 6000, 6000],
    ],
    preset: 'QuickBooks invoices',
  },
  xero: {
    customers: 'xero-contacts.csv',
    invoices: 'xero-invoices.csv',
    options: { currency: 'NZD' },
    people: ['Kea Studio', 'TUI01'],
    right: [
      ['INV-0101', 'Kea Studio', 'NZD', 23_000, 23_000],
      ['INV-0102', 'Tui Farms', 'NZD', 5750, 0],
    ],
    preset: 'Xero invoices',
  },
  stripe: {
    customers: 'stripe-customers.csv',
    invoices: 'stripe-invoices.csv',
    people: ['cus_A1x', 'cus_B2y'],
    right: [
      ['FICT-0001', 'Mona Test', 'USD', 10_710, 10_710],
      ['FICT-0002', 'Second Ltd', 'GBP', 12_000, 0],
    ],
    preset: 'Stripe invoices',
  },
  freshbooks: {
    customers: 'freshbooks-clients.csv',
    invoices: 'freshbooks-invoices.csv',
    options: { currency: 'USD' },
    people: ['Harbour Yoga', 'Quarry & Sons'],
    right: [
      ['0000101', 'Harbour Yoga', 'USD', 74_720, 74_720],
      ['0000102', 'Quarry & Sons', 'USD', 49_000, 0],
    ],
    preset: 'FreshBooks invoices',
  },
  zoho: {
    customers: 'zoho-invoices.csv',
    invoices: 'zoho-invoices.csv',
    people: ['Mill Lane Press'],
    right: [['INV-000011', 'Mill Lane Press', 'USD', 2975, 2975]],
    preset: 'Zoho invoices',
  },
  'invoice-ninja': {
    customers: 'invoice-ninja-clients.csv',
    invoices: 'invoice-ninja-invoices.csv',
    options: { currency: 'USD' },
    people: ['Lindgren Optik'],
    right: [['41', 'Lindgren Optik', 'USD', 1350, 849]],
    preset: 'Invoice Ninja invoices',
  },
};

describe.each(ENGINES)('on %s', (engine) => {
  test.each(Object.entries(CASES))('exports of %s come in, and again change nothing', async (_, one) => {
    const { house, merchant } = await aMerchant(engine);
    const sources = {
      customers: one.customers === undefined ? undefined : shape(one.customers),
      invoices: shape(one.invoices),
    };
    const report = await importCsv(merchant, sources, { skipBad: false, ...one.options });
    expect(report.problems).toEqual([]);
    expect(report.files.map(({ preset }) => preset)).toContain(one.preset);
    expect(await numbersOf(merchant)).toEqual(one.people);
    expect(await invoices(merchant)).toEqual(one.right);
    await expectSoundBooks(house);
    const before = await wholeTenant(merchant);
    const again = await importCsv(merchant, sources, { skipBad: false, ...one.options });
    expect(again.created).toMatchObject({ customers: 0, invoices: 0, payments: 0 });
    expect(again.problems).toEqual([]);
    expect(await wholeTenant(merchant)).toEqual(before);
  });

  test('the same exports with the maps that people wrote for them, and one file as both tables', async () => {
    for (const name of ['quickbooks', 'xero', 'stripe'] as const) {
      const one = CASES[name]!;
      const { merchant } = await aMerchant(engine);
      const map = readColumnChoices(readFileSync(`${FIELD}shapes/${name}-map.txt`, 'utf8'), 'map.txt');
      if (!map.ok) throw new Error(map.problem.reason);
      const file = shape(one.invoices);
      const sources = {
        customers: shape(one.customers!),
        invoices: file,
        lines: name === 'stripe' ? undefined : file,
      };
      const report = await importCsv(merchant, sources, {
        skipBad: false,
        choices: map.choices,
        ...one.options,
      });
      expect(report.problems).toEqual([]);
      expect(await invoices(merchant)).toEqual(one.right);
      if (name === 'stripe') continue;
      const alone = { customers: sources.customers, lines: sources.lines };
      const again = await importCsv(merchant, alone, {
        skipBad: false,
        choices: map.choices,
        ...one.options,
      });
      expect(again).toMatchObject({ problems: [], unchanged: { invoices: one.right.length } });
    }
  });
});

describe('what the exports hold', () => {
  test('a discount in percent is kept with its line, and what is paid has its day', async () => {
    const { merchant } = await aMerchant('sqlite');
    await run(merchant, CASES['xero']!);
    await run(merchant, CASES['freshbooks']!);
    const lines = await merchant.db
      .from('lines')
      .select(['id', 'name', 'unit_cost', 'amount_minor'])
      .orderBy('id')
      .execute();
    const rates = await merchant.db
      .from('applied_rates')
      .selectAll()
      .where('line_id', 'is not', null)
      .orderBy('id')
      .execute();
    const of = (name: string) => lines.find((line) => line.name === name)!;
    expect(of('Hosting')).toMatchObject({ unit_cost: '111.1111', amount_minor: 10_000 });
    expect(rates).toMatchObject([
      { line_id: of('Hosting').id, kind: 'discount', percent: '10', base_minor: 11_111, amount_minor: 1111 },
      { line_id: of('Mats').id, kind: 'discount', percent: '10', base_minor: 10_000, amount_minor: 1000 },
    ]);
    const payments = await merchant.db
      .from('payments')
      .select(['amount_minor', 'date'])
      .orderBy('id')
      .execute();
    expect(payments).toEqual([
      { amount_minor: 5750, date: '2026-01-21' },
      { amount_minor: 49_000, date: '2026-02-03' },
    ]);
  });

  test('clients of Wave come in without numbers, in their currency', async () => {
    const { merchant } = await aMerchant('sqlite');
    const report = await importCsv(merchant, { customers: shape('wave-clients.csv') }, { skipBad: false });
    expect(report.files).toMatchObject([{ preset: 'Wave customers' }]);
    const rows = await merchant.db.from('customers').selectAll().execute();
    expect(rows).toMatchObject([
      {
        number: 'Tidewater Diving',
        currency: 'AUD',
        region: 'Queensland',
        postal_code: '4870',
        attention_to: 'Ada Reef',
        country: 'AU',
      },
    ]);
  });

  test('a ledger’s payments and credit memos are never invoices', async () => {
    const { merchant } = await aMerchant('sqlite');
    const sources = { customers: shape('quickbooks-customers.csv'), invoices: shape('quickbooks-list.csv') };
    const before = await wholeTenant(merchant);
    const options = { skipBad: false, currency: 'USD' };
    const report = await importCsv(merchant, sources, options);
    expect(report.problems.map(({ line, column, reason }) => [line, column, reason])).toEqual([
      [4, 'Transaction type', 'The row is a “Payment”, not an invoice.'],
      [5, 'Transaction type', 'The row is a “Credit Memo”, not an invoice.'],
    ]);
    expect(await wholeTenant(merchant)).toEqual(before);
    await importCsv(merchant, sources, { ...options, skipBad: true });
    expect(await invoices(merchant)).toEqual([
      ['1001', 'Blue Door', 'USD', 11_000, 11_000],
      ['1002', 'Finn Oak', 'USD', 6000, 0],
    ]);
  });

  test('drafts and voided invoices are left out with a notice', async () => {
    const { merchant } = await aMerchant('sqlite');
    await createCustomer(merchant, { name: 'K', number: 'K' });
    const report = await csv(
      merchant,
      'number,customer,date,total,status\nA,K,2026-01-31,5,Draft\nB,K,2026-01-31,5,VOIDED\nC,K,2026-01-31,5,paid\n',
    );
    expect(report.notices.map(({ line, reason }) => [line, reason])).toEqual([
      [2, 'Invoice A is “Draft”.'],
      [3, 'Invoice B is “VOIDED”.'],
    ]);
    expect(await invoices(merchant)).toEqual([['C', 'K', 'EUR', 500, 0]]);
  });

  test('rows of one invoice that contradict each other are named, and nothing is kept', async () => {
    const { merchant } = await aMerchant('sqlite');
    await createCustomer(merchant, { name: 'K', number: 'K' });
    const before = await wholeTenant(merchant);
    const report = await csv(
      merchant,
      'invoice number,customer,date,item,qty,rate\nA,K,2026-01-31,x,1,5\nA,K,2026-02-01,y,1,5\n',
    );
    expect(report.problems).toMatchObject([
      {
        line: 3,
        column: 'date',
        reason: 'The rows of one invoice say “2026-02-01” here and “2026-01-31” on line 2.',
      },
    ]);
    expect(await wholeTenant(merchant)).toEqual(before);
  });

  test('rows of an invoice may stand apart, and leave out what the first one says', async () => {
    const { merchant } = await aMerchant('sqlite');
    await createCustomer(merchant, { name: 'K', number: 'K' });
    const rows =
      'Title\n\ninvoice number,customer,date,item,qty,rate\nA,K,2026-01-31,x,1,5\nB,K,2026-01-31,y,1,7\n,,,z,1,1\nA,,,w,2,2.5\n';
    const report = await csv(merchant, rows);
    expect(report.problems).toEqual([]);
    expect(await invoices(merchant)).toEqual([
      ['A', 'K', 'EUR', 1000, 1000],
      ['B', 'K', 'EUR', 800, 800],
    ]);
    expect(report.files).toMatchObject([{ kind: 'invoices and lines', headerLine: 3, preset: undefined }]);
  });

  test('a header that names a column twice is told', async () => {
    const { merchant } = await aMerchant('sqlite');
    const report = await importCsv(
      merchant,
      { customers: textSource('number,name,Phone,phone\n1,A,1,2\n') },
      { skipBad: false },
    );
    expect(report.notices).toMatchObject([{ column: 'phone', line: 1 }]);
  });

  test('numbers that look alike are named before anything is kept, in the file and in the books', async () => {
    const { merchant } = await aMerchant('sqlite');
    await createCustomer(merchant, { name: 'K1', number: 'K1' });
    const file = fileSource(FIELD, 'near-numbers', 'dup-numbers-a.csv');
    const report = await importCsv(merchant, { invoices: file }, { skipBad: true });
    expect(report.notices.map(({ line, reason }) => [line, reason])).toEqual([
      [3, 'The number “inv-7” looks like “INV-7”.'],
      [5, 'The number “INV‑(U+2011)7” looks like “INV-7”.'],
      [7, 'The number “INV -7” looks like “INV-7”.'],
    ]);
    expect(report.problems).toMatchObject([{ line: 6 }]);
    const later = await csv(merchant, 'number,customer,date,total\nInv-7,K1,2026-01-01,1\n');
    expect(later.notices).toMatchObject([{ value: 'Inv-7' }]);
    const people = fileSource(FIELD, 'near-numbers', 'dup-numbers-cust.csv');
    const customers = await importCsv(merchant, { customers: people }, { skipBad: true });
    expect(customers.notices.map(({ reason }) => reason)).toEqual(['The number “c1” looks like “C1”.']);
  });

  test('what a column proves of its decimal mark holds for the whole of it; what nothing proves is asked', async () => {
    const { merchant } = await aMerchant('sqlite');
    await createCustomer(merchant, { name: 'K1', number: 'K1' });
    const map = readColumnChoices(readFileSync(`${FIELD}thousands-point/map.txt`, 'utf8'), 'map.txt');
    if (!map.ok) throw new Error(map.problem.reason);
    const sources = {
      invoices: fileSource(FIELD, 'thousands-point', 'invoices.csv'),
      lines: fileSource(FIELD, 'thousands-point', 'lines.csv'),
    };
    const report = await importCsv(merchant, sources, { skipBad: false, choices: map.choices });
    expect(report.problems).toEqual([]);
    expect(await invoices(merchant)).toEqual([['TP1', 'K1', 'EUR', 127_500, 127_500]]);
    for (const currency of ['EUR', 'JPY', 'KWD']) {
      for (const amount of ['1.250', '"1,250"']) {
        const alone = await csv(
          merchant,
          `number,customer,date,currency,total\nX,K1,2026-01-31,${currency},${amount}\n`,
        );
        expect(alone.problems).toMatchObject([
          { column: 'total', hint: expect.stringContaining('--decimal') },
        ]);
        const lines = textSource(`invoice,name,quantity,unit_cost\nX,x,${amount},3\n`);
        const head = textSource(`number,customer,date,currency\nX,K1,2026-01-31,${currency}\n`);
        const ofLines = await importCsv(merchant, { invoices: head, lines }, { skipBad: false });
        expect(ofLines.problems).toMatchObject([
          { column: 'quantity', hint: expect.stringContaining('--decimal') },
        ]);
      }
    }
  });

  test('days and months whose order another date of the file proves are read so', async () => {
    const { merchant } = await aMerchant('sqlite');
    await createCustomer(merchant, { name: 'K', number: 'K' });
    await csv(merchant, 'number,customer,date,total\nA,K,05/02/2026,1\nB,K,31/01/2026,1\n');
    const rows = await merchant.db.from('invoices').select('date').orderBy('number').execute();
    expect(rows).toEqual([{ date: '2026-02-05' }, { date: '2026-01-31' }]);
    const mixed = await csv(
      merchant,
      'number,customer,date,total\nC,K,05/02/2026,1\nD,K,31/01/2026,1\nE,K,01/31/2026,1\n',
    );
    expect(mixed.problems).toMatchObject([{ line: 2, hint: expect.stringContaining('--dates') }]);
  });

  test('Indian amounts and short months of files are understood; years of other calendars are refused', async () => {
    const { merchant } = await aMerchant('sqlite');
    await createCustomer(merchant, { name: 'K1', number: 'K1' });
    await createCustomer(merchant, { name: 'K2', number: 'K2', currency: 'INR' });
    await createCustomer(merchant, { name: 'K', number: 'K' });
    for (const [folder, name] of [
      ['indian-grouping', 'AM09'],
      ['indian-grouping', 'AM10'],
      ['short-months', 'DA12'],
      ['short-months', 'DA29'],
    ] as const) {
      const report = await importCsv(
        merchant,
        { invoices: fileSource(FIELD, folder, `${name}-invoices.csv`) },
        { skipBad: false },
      );
      expect(report.problems).toEqual([]);
    }
    const rows = await merchant.db
      .from('invoices')
      .select(['number', 'total_minor', 'date'])
      .orderBy('id')
      .execute();
    expect(rows.map((row) => [row.number, row.total_minor, row.date])).toEqual([
      ['AM09', 12_345_600, '2026-01-31'],
      ['AM10', 123_456_750, '2026-01-31'],
      ['DA12', 100, '2026-03-05'],
      ['DA29', 100, '2026-01-31'],
    ]);
    const years = await importCsv(
      merchant,
      { invoices: fileSource(FIELD, 'years', 'years-invoices.csv') },
      { skipBad: true },
    );
    expect(years.created.invoices).toBe(0);
    expect([...new Set(years.problems.map(({ line }) => line))]).toEqual([2, 3, 4, 5]);
  });

  test('a customer who is closed is billed no more, and the row is named', async () => {
    const { merchant } = await aMerchant('sqlite');
    const { id } = await createCustomer(merchant, { name: 'K', number: 'K' });
    await closeCustomer(merchant, id);
    const report = await csv(merchant, 'number,customer,date,total\nA,K,2026-01-31,5\n');
    expect(report.problems).toMatchObject([
      { line: 2, column: 'customer', reason: 'The customer K is closed.' },
    ]);
  });

  test('a preview tells everything and keeps nothing', async () => {
    const { merchant } = await aMerchant('sqlite');
    const before = await wholeTenant(merchant);
    const one = CASES['xero']!;
    const seen: string[] = [];
    const report = await importCsv(
      merchant,
      { customers: shape(one.customers!), invoices: shape(one.invoices) },
      { skipBad: false, preview: true, currency: 'NZD', onFile: ({ preset }) => seen.push(preset ?? '') },
    );
    expect(await wholeTenant(merchant)).toEqual(before);
    expect(report).toMatchObject({
      kept: false,
      problemCount: 0,
      created: { customers: 2, invoices: 2, lines: 3, payments: 1 },
      totals: [{ currency: 'NZD', invoices: 2, totalMinor: 28_750, openMinor: 23_000 }],
    });
    expect(report.samples.invoices[0]).toMatchObject({
      number: 'INV-0101',
      date: '2026-01-20',
      totalMinor: 23_000,
    });
    expect(report.files[1]?.columns).toContainEqual({ ours: 'lines.discount_percent', theirs: 'Discount' });
    expect(report.files[1]?.unused).toContain('AccountCode');
    expect(seen).toEqual(['Xero contacts', 'Xero invoices']);
  });
});

async function aMerchant(engine: (typeof ENGINES)[number]) {
  const house = await openHouse(engine);
  return { house, merchant: await house.tenant() };
}

function run(merchant: MerchantScope, one: Case): Promise<ImportReport> {
  const sources = {
    customers: one.customers === undefined ? undefined : shape(one.customers),
    invoices: shape(one.invoices),
  };
  return importCsv(merchant, sources, { skipBad: false, ...one.options });
}

function csv(merchant: MerchantScope, text: string): Promise<ImportReport> {
  return importCsv(merchant, { invoices: textSource(text, 'invoices.csv') }, { skipBad: false });
}

async function numbersOf(merchant: MerchantScope): Promise<string[]> {
  const rows = await merchant.db.from('customers').select('number').orderBy('id').execute();
  return rows.map(({ number }) => number);
}

async function invoices(merchant: MerchantScope): Promise<Row[]> {
  const rows = await merchant.db
    .from('invoices')
    .innerJoin(merchant.db.rows('customers'), 'customers.id', 'invoices.customer_id')
    .select([
      'invoices.number',
      'customers.name',
      'invoices.currency',
      'invoices.total_minor',
      'invoices.balance_minor',
    ])
    .orderBy('invoices.number')
    .execute();
  return rows.map((row) => [row.number, row.name, row.currency, row.total_minor, row.balance_minor]);
}
