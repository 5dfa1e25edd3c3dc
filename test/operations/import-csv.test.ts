import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { type CsvOptions, importCsv } from '#src/imports/csv.ts';
import type { ImportCounts, ImportProgress, ImportReport } from '#src/imports/report.ts';
import type { TableSource } from '#src/imports/table.ts';
import type { MerchantScope } from '#src/scope.ts';
import { ENGINES, openHouse } from '#test/support/house.ts';
import {
  fileSource,
  hasSharedData,
  ledgerSums,
  SHARED_DATA,
  textSource,
  wholeTenant,
} from '#test/support/import-files.ts';

const CUSTOMERS = 'number,name,email,currency\nC1,Zażółć GmbH,a@b.example,\nC2,Ὀδυσσεύς,,USD\n';
const INVOICES =
  'number,customer,date,due_date,total\nA1,C1,2026-10-01,2026-10-15,30.00\nA2,C2,2026-10-02,,7.50\nA3,Zażółć GmbH,2026-10-03,,1.00\n';
const LINES = 'invoice,name,quantity,unit_cost\nA1,Paper,2,10\nA1,Ink,1,10\nA2,Pens,3,2.5\nA3,Clip,10,0.1\n';

describe.each(ENGINES)('on %s', (engine) => {
  test('customers, invoices and lines come in with exact totals, currencies and books', async () => {
    const merchant = await aMerchant(engine);
    const report = await run(merchant, CUSTOMERS, INVOICES, LINES);
    expect(report).toMatchObject({ kept: true, problemCount: 0 });
    expect(report.created).toEqual(counts({ customers: 2, invoices: 3, lines: 4 }));
    expect(await invoices(merchant)).toEqual([
      ['A1', 'EUR', 3000, 3000, '2026-10-15'],
      ['A2', 'USD', 750, 750, null],
      ['A3', 'EUR', 100, 100, null],
    ]);
    expect(await ledgerSums(merchant)).toEqual({ receivable: 3850, sales: -3850 });
  });

  test('the same files again change nothing', async () => {
    const merchant = await aMerchant(engine);
    await run(merchant, CUSTOMERS, INVOICES, LINES);
    const before = await wholeTenant(merchant);
    const again = await run(merchant, CUSTOMERS, INVOICES, LINES);
    expect(again).toMatchObject({ kept: true, problemCount: 0, created: counts({}) });
    expect(again.unchanged).toEqual(counts({ customers: 2, invoices: 3, lines: 4 }));
    expect(await wholeTenant(merchant)).toEqual(before);
  });

  test('a number that comes again with other content is refused with what differs, and nothing is overwritten', async () => {
    const merchant = await aMerchant(engine);
    await run(merchant, CUSTOMERS, INVOICES, LINES);
    const before = await wholeTenant(merchant);
    const report = await run(
      merchant,
      CUSTOMERS.replace('a@b.example', 'c@b.example'),
      INVOICES.replace('2026-10-15', '2026-10-16').replace('30.00', '40.00'),
      LINES.replace('2,10', '3,10').replace('Pens', 'Pencils'),
    );
    expect(report.kept).toBe(false);
    expect(report.problems.map(({ line, reason }) => `${line}: ${reason}`)).toEqual([
      '2: There is a customer C1 already, with another email (here “c@b.example”, there a@b.example).',
      '2: There is an invoice A1 already, with other due date (here 2026-10-16, there 2026-10-15), total (here 40.00 EUR, there 30.00 EUR).',
      '3: There is an invoice A2 already, with other lines.',
    ]);
    expect(await wholeTenant(merchant)).toEqual(before);
  });

  test('one bad row keeps everything out, and is named with file, line and column', async () => {
    const merchant = await aMerchant(engine);
    const before = await wholeTenant(merchant);
    const report = await run(
      merchant,
      CUSTOMERS,
      INVOICES.replace('7.50', '7.60'),
      LINES.replace('Clip,10', 'Clip,ten'),
    );
    expect(report).toMatchObject({ kept: false, problemCount: 2 });
    expect(report.problems).toMatchObject([
      { file: 'invoices.csv', line: 3, expected: '7.50 USD', found: '7.60 USD' },
      { file: 'lines.csv', line: 5, column: 'quantity' },
    ]);
    expect(await wholeTenant(merchant)).toEqual(before);
  });

  test('skipping bad rows keeps exactly the good ones; an invoice with a bad line is a bad invoice', async () => {
    const merchant = await aMerchant(engine);
    const bad = await run(
      merchant,
      `${CUSTOMERS}C3,,x@y.example,\n`,
      `${INVOICES}A4,C9,2026-10-04,,1.00\n`,
      `${LINES.replace('Ink,1', 'Ink,one')}A9,Stray,1,1\n`,
      { skipBad: true },
    );
    expect(bad.created).toEqual(counts({ customers: 2, invoices: 2, lines: 2 }));
    expect(bad.kept).toBe(true);
    expect(bad.problems.map(({ file, line }) => `${file}:${line}`)).toEqual([
      'customers.csv:4',
      'invoices.csv:5',
      'lines.csv:3',
      'lines.csv:6',
    ]);
    expect((await invoices(merchant)).map(([number]) => number)).toEqual(['A2', 'A3']);
    const corrected = await run(merchant, CUSTOMERS, INVOICES, LINES);
    expect(corrected.created).toEqual(counts({ invoices: 1, lines: 2 }));
    expect(corrected.unchanged).toEqual(counts({ customers: 2, invoices: 2, lines: 2 }));
  });

  test('lines in any order find their invoices, whatever fits into memory at once', async () => {
    const merchant = await aMerchant(engine);
    const [head, ...rest] = LINES.trim().split('\n');
    const shuffled = [head, rest[3], rest[1], rest[2], rest[0]].join('\n');
    const report = await run(merchant, CUSTOMERS, INVOICES, shuffled, { skipBad: false, linesInWindow: 1 });
    expect(report.created).toEqual(counts({ customers: 2, invoices: 3, lines: 4 }));
    expect((await invoices(merchant)).map(([, , total]) => total)).toEqual([3000, 750, 100]);
  });

  test('invoices without a file of lines are one line; what was paid becomes a payment with its books', async () => {
    const merchant = await aMerchant(engine);
    const rows =
      'number,customer,date,total,discount,tax,paid,balance\nP1,C1,2026-10-01,119.00,1.00,19.00,119.00,\nP2,C1,2026-10-01,50,,,,20\nP3,C1,2026-10-01,50,,,0,50\n';
    const report = await run(merchant, CUSTOMERS, rows, undefined);
    expect(report.problems).toEqual([]);
    expect(report.created).toEqual(counts({ customers: 2, invoices: 3, lines: 3, payments: 2 }));
    expect((await invoices(merchant)).map(([, , total, balance]) => [total, balance])).toEqual([
      [11900, 0],
      [5000, 2000],
      [5000, 5000],
    ]);
    expect(await ledgerSums(merchant)).toEqual({ receivable: 7000, sales: -21900, cash: 14900 });
    const before = await wholeTenant(merchant);
    expect((await run(merchant, CUSTOMERS, rows, undefined)).unchanged.payments).toBe(2);
    expect(await wholeTenant(merchant)).toEqual(before);
  });

  test('impossible figures are problems: too much paid, no lines, credits as invoices, the same number twice', async () => {
    const merchant = await aMerchant(engine);
    const rows = [
      'B1,C1,2026-10-01,10.00,11.00,',
      'B2,C1,2026-10-01,,,',
      'B3,C1,2026-10-01,-5.00,,',
      'B4,C1,2026-10-01,10.00,4.00,5.00',
      'B5,C1,2026-10-01,10.00,,',
      'B5,C1,2026-10-02,10.00,,',
    ];
    const report = await run(
      merchant,
      CUSTOMERS,
      ['number,customer,date,total,paid,balance', ...rows].join('\n'),
      undefined,
      { skipBad: true },
    );
    expect(report.problems.map(({ reason }) => reason)).toEqual([
      'Invoice B1 comes to 10.00 EUR, of which 11.00 EUR are paid.',
      'Invoice B2 has no lines.',
      'Invoice B3 comes to -5.00 EUR.',
      'Invoice B4 comes to 10.00 EUR, but 4.00 EUR paid and 5.00 EUR open do not.',
      'There is an invoice B5 already, with other date (here 2026-10-02, there 2026-10-01).',
    ]);
    expect((await invoices(merchant)).map(([number]) => number)).toEqual(['B5']);
  });

  test('a file that cannot be read as a table keeps everything out', async () => {
    const merchant = await aMerchant(engine);
    const before = await wholeTenant(merchant);
    expect(await run(merchant, CUSTOMERS, 'a,b\n1,2\n', undefined)).toMatchObject({ kept: false });
    expect(await run(merchant, CUSTOMERS, INVOICES, '')).toMatchObject({ kept: false });
    expect(await run(merchant, undefined, undefined, LINES)).toMatchObject({ kept: false });
    expect(await wholeTenant(merchant)).toEqual(before);
  });

  test.skipIf(!hasSharedData)(
    'the Chinook files come in without a map, tie out, and again change nothing (needs ../shared/data)',
    async () => {
      const merchant = await aMerchant(engine);
      const folder = join(SHARED_DATA, 'chinook');
      const sources = {
        customers: fileSource(folder, 'customers.csv'),
        invoices: fileSource(folder, 'invoices.csv'),
        lines: fileSource(folder, 'invoice_lines.csv'),
      };
      const options = { currency: 'USD', skipBad: false };
      const report = await importCsv(merchant, sources, options);
      expect(report.problems).toEqual([]);
      expect(report.created).toEqual(counts({ customers: 59, invoices: 412, lines: 2240 }));
      const totals = (await invoices(merchant)).map(([, , total]) => Number(total));
      expect(totals.reduce((sum, total) => sum + total, 0)).toBe(232_860);
      expect(await ledgerSums(merchant)).toEqual({ receivable: 232_860, sales: -232_860 });
      const before = await wholeTenant(merchant);
      const again = await importCsv(merchant, sources, options);
      expect(again.unchanged).toEqual(counts({ customers: 59, invoices: 412, lines: 2240 }));
      expect(again.created).toEqual(counts({}));
      expect(await wholeTenant(merchant)).toEqual(before);
    },
  );
});

describe('large files', () => {
  test('100,000 rows come in with constant memory, and progress that only grows', async () => {
    const invoiceCount = 20_000;
    const { report, seen, grownBytes } = await importGenerated(invoiceCount, (i) => Math.floor(i / 5));
    expect(report).toMatchObject({ kept: true, problemCount: 0 });
    expect(report.created).toEqual(counts({ customers: 200, invoices: invoiceCount, lines: 100_000 }));
    for (const kind of ['customers', 'invoices', 'lines'] as const) {
      const steps = seen.filter((progress) => progress.kind === kind);
      expect(steps.map(({ bytes }) => bytes)).toEqual(steps.map(({ bytes }) => bytes).toSorted(ascending));
      expect(steps.at(-1)).toMatchObject({ bytes: steps.at(-1)?.of });
    }
    expect(seen.filter(({ kind }) => kind === 'lines').length).toBeGreaterThan(50);
    // It was 2 MiB; all lines held at once were 39.
    expect(grownBytes).toBeLessThan(8 * MIB);
  }, 120_000);

  test('lines in no order at all come in with constant memory too', async () => {
    const invoiceCount = 3500;
    const shuffled = (i: number): number => (i * 11) % invoiceCount;
    const { report, grownBytes } = await importGenerated(invoiceCount, shuffled, 2000);
    expect(report.created).toEqual(counts({ customers: 200, invoices: 3500, lines: 17_500 }));
    expect(grownBytes).toBeLessThan(4 * MIB);
  }, 60_000);
});

const MIB = 1024 * 1024;

/** Imports 200 customers and so many invoices with five lines each; `invoiceOf` says whose the i-th line is. Memory is looked at now and then. */
async function importGenerated(
  invoiceCount: number,
  invoiceOf: (line: number) => number,
  linesInWindow?: number,
): Promise<{ report: ImportReport; seen: ImportProgress[]; grownBytes: number }> {
  const merchant = await aMerchant('sqlite');
  const heap = heapMeter();
  const seen: ImportProgress[] = [];
  const sources = {
    customers: generated('customers.csv', 'number,name\n', 200, (i) => `K${i},Kunde ${i}\n`),
    invoices: generated(
      'invoices.csv',
      'number,customer,date,total\n',
      invoiceCount,
      (i) => `N${i},K${i % 200},2026-01-02,5.00\n`,
    ),
    lines: generated(
      'lines.csv',
      'invoice,name,unit_cost\n',
      invoiceCount * 5,
      (i) => `N${invoiceOf(i)},Item ${i},1.00\n`,
    ),
  };
  const onProgress = (progress: ImportProgress): void => {
    seen.push(progress);
    if (seen.length % 8 === 0) heap.look();
  };
  const report = await importCsv(merchant, sources, { skipBad: false, linesInWindow, onProgress });
  heap.look();
  return { report, seen, grownBytes: heap.grownBytes() };
}

function ascending(a: number, b: number): number {
  return a - b;
}

async function aMerchant(engine: (typeof ENGINES)[number]): Promise<MerchantScope> {
  const house = await openHouse(engine);
  return house.tenant();
}

function run(
  merchant: MerchantScope,
  customers: string | undefined,
  invoiceRows: string | undefined,
  lines: string | undefined,
  options: CsvOptions = { skipBad: false },
): Promise<ImportReport> {
  const sources = {
    customers: source(customers, 'customers.csv'),
    invoices: source(invoiceRows, 'invoices.csv'),
    lines: source(lines, 'lines.csv'),
  };
  return importCsv(merchant, sources, options);
}

function source(text: string | undefined, name: string): TableSource | undefined {
  return text === undefined ? undefined : textSource(text, name);
}

function counts(some: Partial<ImportCounts>): ImportCounts {
  return { customers: 0, contacts: 0, invoices: 0, creditNotes: 0, lines: 0, payments: 0, ...some };
}

async function invoices(
  merchant: MerchantScope,
): Promise<Array<[string, string, number, number, string | null]>> {
  const rows = await merchant.db
    .from('invoices')
    .select(['number', 'currency', 'total_minor', 'balance_minor', 'due_date'])
    .orderBy('id')
    .execute();
  return rows.map((row) => [row.number, row.currency, row.total_minor, row.balance_minor, row.due_date]);
}

/** A file that nobody holds: its rows are made while it is read. */
function generated(name: string, header: string, rows: number, row: (i: number) => string): TableSource {
  return {
    name,
    async *open() {
      yield Buffer.from(header);
      for (let at = 0; at < rows; at += 1000) {
        const size = Math.min(1000, rows - at);
        yield Buffer.from(Array.from({ length: size }, (_, i) => row(at + i)).join(''));
      }
    },
  };
}

/** Bytes of the heap that survive a collection, beyond those at the start. */
function heapMeter() {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const alive = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const start = alive();
  let most = start;
  return { look: () => void (most = Math.max(most, alive())), grownBytes: () => most - start };
}
