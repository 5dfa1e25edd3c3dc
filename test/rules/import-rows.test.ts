import { createReadStream, existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ColumnMap, TableKind } from '#src/imports/columns.ts';
import { mapColumns } from '#src/imports/columns.ts';
import { countryCode } from '#src/imports/countries.ts';
import { divideNearest, minorExactly, multiplyDivide, readExact, writeExact } from '#src/imports/exact.ts';
import { describeProblem } from '#src/imports/problems.ts';
import { invoiceTotalProblem, priceLine } from '#src/imports/row-amounts.ts';
import type { RowSettings } from '#src/imports/row-reader.ts';
import type { RowResult } from '#src/imports/row-reader.ts';
import type { LineRow } from '#src/imports/rows.ts';
import { readCustomerRow, readInvoiceRow, readLineRow } from '#src/imports/rows.ts';
import type { TableRow } from '#src/imports/table.ts';
import { openTable } from '#src/imports/table.ts';
import { readDay } from '#src/imports/dates.ts';
import { readMajorUnits, readCurrencyCode, readEmail } from '#src/imports/values.ts';
import { lineAmount } from '#src/kernel/money.ts';

const CHINOOK = new URL('../../../shared/data/chinook/', import.meta.url);
type Reader<K extends TableKind, T> = (
  row: TableRow,
  columns: ColumnMap<K>,
  settings: RowSettings,
) => RowResult<T>;

function reading<K extends TableKind, T>(
  kind: K,
  read: Reader<K, T>,
  row: Record<string, string>,
  more: Partial<RowSettings> = {},
): RowResult<T> {
  const header = Object.keys(row);
  const columns = mapColumns(kind, { file: 't.csv', header, headerLine: 1 });
  if (!columns.ok) throw new Error(columns.problems.map(describeProblem).join('\n'));
  return read({ line: 7, cells: Object.values(row), bytes: 0 }, columns.columns, { file: 't.csv', ...more });
}

function lineRow(more: Partial<LineRow>): LineRow {
  return { line: 7, invoice: 'A', name: 'Thing', quantity: '1', ...more };
}

/** Every row of a Chinook file; a problem fails the test. */
async function chinook<K extends TableKind, T>(kind: K, name: string, read: Reader<K, T>): Promise<T[]> {
  const opened = await openTable({ name, open: () => createReadStream(new URL(name, CHINOOK)) });
  if (!opened.ok) throw new Error(opened.problem.reason);
  const columns = mapColumns(kind, opened.table);
  if (!columns.ok) throw new Error(columns.problems.map(describeProblem).join('\n'));
  const values: T[] = [];
  for await (const item of opened.table.rows()) {
    const result = item.ok
      ? read(item.row, columns.columns, { file: name, currency: 'USD' })
      : { ok: false as const, problems: [item.problem] };
    if (!result.ok) throw new Error(result.problems.map(describeProblem).join('\n'));
    values.push(result.value);
  }
  return values;
}

const customer5 = (row: Record<string, string>) =>
  reading('customers', readCustomerRow, { CustomerId: '5', ...row });

const value = (read: string | object) => (typeof read === 'string' ? read : undefined);

describe('exact decimals', () => {
  const digits = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
  const decimal = fc.record({ digits, scale: fc.integer({ min: 0, max: 20 }) });

  test('text and number are the same thing', () => {
    fc.assert(
      fc.property(decimal, (d) => {
        const again = readExact(writeExact(d));
        expect(again && again.digits * 10n ** BigInt(d.scale - again.scale)).toBe(d.digits);
      }),
    );
    expect(
      ['.5', '5.', '+1.50', '-0.0'].map((text) => writeExact(readExact(text) ?? { digits: 9n, scale: 0 })),
    ).toEqual(['0.5', '5', '1.5', '0']);
    const bad = ['', '.', '-', '1e3', '1,5', '0x1', 'NaN', '1 2', '9'.repeat(61)];
    expect(bad.filter((text) => readExact(text) !== undefined)).toEqual([]);
  });

  test('a rounded quotient is never more than half a unit away, and only a tie has another neighbour', () => {
    fc.assert(
      fc.property(
        digits,
        digits.filter((d) => d !== 0n),
        (a, b) => {
          const { value: near, other } = divideNearest(a, b);
          const gap = (q: bigint) => {
            const rest = a - q * b;
            return rest < 0n ? -rest : rest;
          };
          const size = b < 0n ? -b : b;
          expect(gap(near) * 2n <= size).toBe(true);
          expect(other === near || (gap(other) * 2n === size && gap(near) * 2n === size)).toBe(true);
        },
      ),
    );
  });

  test('a × b ÷ b is a, and multiplication agrees with the kernel', () => {
    const small = fc.record({
      digits: fc.bigInt({ min: -(10n ** 6n), max: 10n ** 6n }),
      scale: fc.integer({ min: 0, max: 6 }),
    });
    fc.assert(
      fc.property(
        small,
        small.filter((d) => d.digits !== 0n),
        (a, b) => {
          expect(multiplyDivide(a, b, b, a.scale).value).toBe(a.digits);
          const product = multiplyDivide(a, b, { digits: 1n, scale: 0 }, 2).value;
          expect(lineAmount(writeExact(a), writeExact(b), 'EUR').minor).toBe(Number(product));
        },
      ),
    );
  });

  test('minor units are exact or refused', () => {
    expect([
      minorExactly(readExact('12.340')!, 2),
      minorExactly(readExact('12.345')!, 2),
      minorExactly(readExact('9'.repeat(17))!, 0),
    ]).toEqual([1234, undefined, undefined]);
  });
});

describe('dates', () => {
  test('ISO dates, times behind them, written months and days above 12 leave no doubt', () => {
    const read: Record<string, string> = {
      '2021-01-09': '2021-01-09', '2021-01-09 00:00:00': '2021-01-09', '2021-01-09T23:59:59.9Z': '2021-01-09', '2021/1/9': '2021-01-09',
      '20210109': '2021-01-09', '31/01/2021': '2021-01-31', '01/31/2021': '2021-01-31', '05/05/2021': '2021-05-05', '9.1.2021': '2021-01-09',
      '05-Mar-26': '2026-03-05', '31 Jan 26': '2026-01-31', '5-Mar-2026': '2026-03-05', 'Mar-05-26': '2026-03-05', '2026-Mar-05': '2026-03-05',
      'Thursday, March 5, 2026': '2026-03-05', 'Thu 5 March 2026': '2026-03-05', '5th of March 2026': '2026-03-05', '3/13/2026 0:00': '2026-03-13',
      '31-janv.-26': '2026-01-31', '5. März 2026': '2026-03-05', '5 août 2026': '2026-08-05', '31-dic-26': '2026-12-31', '5 de marzo de 2026': '2026-03-05',
      '5-out-26': '2026-10-05', '3 maj 2026': '2026-05-03', '2026. 3. 5.': '2026-03-05', '2026年3月5日': '2026-03-05', '２０２６/０３/０５': '2026-03-05',
      '31.01.26': '2026-01-31', '2026-03-05T10:22:33+0100': '2026-03-05', 'Mar 5, 2026, 10:22 PM': '2026-03-05', '31-DEC-99': '1999-12-31',
      '9 Jan 2021': '2021-01-09', 'January 9, 2021': '2021-01-09', 'Sept 9, 2021': '2021-09-09', '29/02/2024': '2024-02-29',
    }; // prettier-ignore
    expect(Object.keys(read).map((text) => readDay(text))).toEqual(Object.values(read));
  });

  test('an ambiguous date is refused until its order is told', () => {
    expect(readDay('01/02/2021')).toMatchObject({ reason: '“01/02/2021” can be read in more than one way.' });
    expect(readDay('01/02/21')).toMatchObject({ hint: expect.stringContaining('--dates dmy') });
    expect(readDay('01/02/2021', 'dmy')).toBe('2021-02-01');
    expect(readDay('01/02/21', 'mdy')).toBe('2021-01-02');
  });

  test('years that no document is from are refused as implausible', () => {
    const bad = [
      '2569-01-31',
      '31/01/1447',
      '0226-01-31',
      '20260-01-31',
      '1404-05-01',
      '5 March 0026',
      '2100-01-01',
      '99990101',
    ];
    for (const text of bad)
      expect(readDay(text)).toMatchObject({ reason: expect.stringContaining('no document is from') });
    expect(readDay('1970-01-01')).toBe('1970-01-01');
  });

  test('a day number of a spreadsheet is named as one', () => {
    expect(readDay('46086')).toMatchObject({
      reason: expect.stringContaining('day number of a spreadsheet'),
    });
  });

  test('days that do not exist are refused', () => {
    const bad = [
      '2021-02-29',
      '2021-13-01',
      '2021-00-10',
      '2021-04-31',
      '31/02/2021',
      'Foo 3, 2021',
      'Jan 0, 2021',
      'Mar-26',
      '5-Mar',
      '26/01/31',
      '05.03.26.1',
      '31-listopad-26x',
      '44197',
      'soon',
      '',
    ];
    expect(bad.filter((text) => value(readDay(text)) !== undefined)).toEqual([]);
  });
});

describe('amounts', () => {
  test('grouping is understood where it cannot be mistaken', () => {
    const read: Record<string, string> = {
      '1234.50': '1234.5', '1,234.50': '1234.5', '1.234,50': '1234.5', '1 234,50': '1234.5', '1\u202f234,5': '1234.5', "1'234.50": '1234.5',
      '1,234,567': '1234567', '1.234.567': '1234567', '12,5': '12.5', '0,99': '0.99', '(5.00)': '-5', '-5': '-5', '5.00-': '-5', '−3': '-3', '.5': '0.5', '1.2345': '1.2345', '0.250': '0.25',
      '1,23,456.00': '123456', '12,34,567.5': '1234567.5', '1234.567': '1234.567', '１２．５０': '12.5', '1\u2019234': '1234', '12,-': '12', '–3': '-3', '(1,234.50)': '-1234.5',
    }; // prettier-ignore
    expect(Object.keys(read).map((text) => readMajorUnits(text))).toEqual(Object.values(read));
  });

  test('a comma or a point before three digits is refused until the decimal mark is told', () => {
    expect(readMajorUnits('1,234')).toMatchObject({ reason: '“1,234” may mean 1234 or 1.234.' });
    expect(readMajorUnits('1.250')).toMatchObject({ reason: '“1.250” may mean 1.250 or 1250.' });
    expect(readMajorUnits('-100.000')).toMatchObject({ hint: expect.stringContaining('--decimal') });
    expect([
      readMajorUnits('1,234', '.'),
      readMajorUnits('1,234', ','),
      readMajorUnits('1.234', ','),
    ]).toEqual(['1234', '1.234', '1234']);
  });

  test('the row’s own currency may stand beside the number, another one may not', () => {
    expect([
      readMajorUnits('€ 5.10', undefined, 'EUR'),
      readMajorUnits('-$1,234.50', undefined, 'USD'),
      readMajorUnits('5 CHF', undefined, 'CHF'),
      readMajorUnits('₹12,34,567.50', undefined, 'INR'),
      readMajorUnits('Rs.1,250.00', undefined, 'INR'),
      readMajorUnits('1.234,50 TL', undefined, 'TRY'),
      readMajorUnits('￥1,234,567', undefined, 'JPY'),
      readMajorUnits('12 345,60 kr.', undefined, 'DKK'),
      readMajorUnits('1 234,00 zł', undefined, 'PLN'),
      readMajorUnits('R$ 1.234,56', undefined, 'BRL'),
      readMajorUnits('US$5', undefined, 'USD'),
      readMajorUnits('($5.00)', undefined, 'USD'),
      readMajorUnits('$-5.00', undefined, 'USD'),
      readMajorUnits('1.234,5 руб.', undefined, 'RUB'),
    ]).toEqual([
      '5.1',
      '-1234.5',
      '5',
      '1234567.5',
      '1250',
      '1234.5',
      '1234567',
      '12345.6',
      '1234',
      '1234.56',
      '5',
      '-5',
      '-5',
      '1234.5',
    ]);
    expect(value(readMajorUnits('£5', undefined, 'EUR'))).toBeUndefined();
    const bad = ['five', '1e3', '1,23,45', '1.2.3', '--5', '$', '5 5', 'Infinity', '0x10', '12,34,5'];
    expect(bad.filter((text) => value(readMajorUnits(text, undefined, 'USD')) !== undefined)).toEqual([]);
  });
});

describe('other values', () => {
  test('countries are known by code and by name in several languages', () => {
    const names = [
      'de',
      'Germany',
      'Deutschland',
      'USA',
      'United Kingdom',
      'Czech Republic',
      'The Netherlands',
      'Österreich',
      "Côte d'Ivoire",
      'COTE D’IVOIRE',
      'Türkiye',
      'Polska',
    ];
    expect(names.map(countryCode)).toEqual([
      'DE',
      'DE',
      'DE',
      'US',
      'GB',
      'CZ',
      'NL',
      'AT',
      'CI',
      'CI',
      'TR',
      'PL',
    ]);
    expect(['Atlantis', 'XX', 'EU', '', 'UK'].map(countryCode)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      'GB',
    ]);
  });

  test('e-mail addresses of any alphabet are kept, others refused', () => {
    expect([readEmail('stanisław.wójcik@wp.pl'), readEmail(' Ada@Example.COM ')]).toEqual([
      'stanisław.wójcik@wp.pl',
      'Ada@example.com',
    ]);
    const bad = ['a', 'a@b', 'a@@b.c', 'a b@c.de', 'a@b.c, d@e.f', '<a@b.c>', 'a@b..c'];
    expect(bad.filter((text) => value(readEmail(text)) !== undefined)).toEqual([]);
  });

  test('currencies are ISO 4217', () => {
    expect([readCurrencyCode('usd'), value(readCurrencyCode('XXY'))]).toEqual(['USD', undefined]);
  });
});

describe('rows', () => {
  test('a customer’s name is the name, else the company, else the person, who is then kept for attention', () => {
    expect(customer5({ FirstName: 'Luís', LastName: 'Gonçalves', Company: 'Embraer' })).toMatchObject({
      ok: true,
      value: { number: '5', name: 'Embraer', person: 'Luís Gonçalves', attentionTo: 'Luís Gonçalves' },
    });
    const person = customer5({ FirstName: 'Leonie', LastName: 'Köhler', Company: '' });
    expect(person).toMatchObject({ ok: true, value: { name: 'Leonie Köhler' } });
    expect(person.ok && person.value).not.toHaveProperty('attentionTo');
    expect(customer5({ Company: ' ' })).toMatchObject({
      ok: false,
      problems: [{ line: 7, reason: 'The customer has no name.' }],
    });
  });

  test('every problem of a row names file, line, column, value, reason and what to do', () => {
    const result = reading('invoices', readInvoiceRow, {
      'Invoice #': '',
      customer: '2',
      'Invoice Date': '01/02/2021',
      Total: '1,234',
      Currency: 'EUR',
      'Billing Country': 'Mordor',
    });
    expect(result.ok ? [] : result.problems.map((p) => [p.file, p.line, p.column, p.value])).toEqual([
      ['t.csv', 7, 'Invoice #', ''],
      ['t.csv', 7, 'Invoice Date', '01/02/2021'],
      ['t.csv', 7, 'Total', '1,234'],
      ['t.csv', 7, 'Billing Country', 'Mordor'],
    ]);
    expect(result.ok ? '' : describeProblem(result.problems[2]!)).toBe(
      't.csv, line 7, column “Total”: “1,234” may mean 1234 or 1.234. Say which with --decimal . or --decimal , or write a point and no grouping.',
    );
  });

  test('an invoice takes the given currency when its row has none, and its amounts fit the currency', () => {
    const row = { number: 'A', customer: '1', date: '2026-01-31', total: '100' };
    expect(reading('invoices', readInvoiceRow, row, { currency: 'JPY' })).toMatchObject({
      ok: true,
      value: { currency: 'JPY', totalMinor: 100 },
    });
    expect(reading('invoices', readInvoiceRow, row)).toMatchObject({
      ok: false,
      problems: [{ hint: expect.stringContaining('--currency') }],
    });
    const fine = reading('invoices', readInvoiceRow, { ...row, total: '100.5' }, { currency: 'JPY' });
    expect(fine).toMatchObject({
      ok: false,
      problems: [{ reason: '“100.5” is not an amount in JPY, which has 0 decimals.' }],
    });
  });

  test('no row makes the readers throw', () => {
    const wild = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom('1,234', '1/2/3', '-', '\0', '€', '2021-02-30', '9'.repeat(90)),
    );
    const row = (names: readonly string[]) =>
      fc
        .tuple(...names.map(() => wild))
        .map((cells) => Object.fromEntries(names.map((name, i) => [name, cells[i] ?? ''])));
    fc.assert(
      fc.property(
        row(['number', 'name', 'email', 'country', 'currency']),
        (r) => void reading('customers', readCustomerRow, r),
      ),
    );
    fc.assert(
      fc.property(
        row(['number', 'customer', 'date', 'due_date', 'total', 'currency']),
        (r) => void reading('invoices', readInvoiceRow, r),
      ),
    );
    fc.assert(
      fc.property(row(['invoice', 'name', 'quantity', 'unit_cost', 'amount']), (r) => {
        const result = reading('lines', readLineRow, r);
        if (result.ok) priceLine(result.value, 'USD', 't.csv');
      }),
    );
  });
});

describe('amounts of lines', () => {
  test('quantity × unit cost, checked against a stated amount', () => {
    expect(priceLine(lineRow({ quantity: '3', unitCost: '0.335' }), 'USD', 't.csv')).toMatchObject({
      value: { amountMinor: 101 },
    });
    const off = priceLine(lineRow({ quantity: '2', unitCost: '5', amount: '10.01' }), 'USD', 't.csv');
    expect(off).toMatchObject({
      ok: false,
      problems: [{ line: 7, reason: 'The amount is 10.01 USD, but 2 × 5 makes 10.00 USD.' }],
    });
  });

  test('an amount alone gives the unit cost that comes back to it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1_000_000, max: 1_000_000 }),
        fc.integer({ min: 1, max: 5000 }),
        (minor, quantity) => {
          const amount = writeExact({ digits: BigInt(minor), scale: 2 });
          const priced = priceLine(lineRow({ quantity: String(quantity), amount }), 'EUR', 't.csv');
          if (!priced.ok) throw new Error(priced.problems[0]?.reason);
          expect(lineAmount(priced.value.unitCost, priced.value.quantity, 'EUR').minor).toBe(minor);
        },
      ),
    );
  });

  test('lines less discount plus tax must come to the invoice’s total', () => {
    const read = reading('invoices', readInvoiceRow, {
      number: 'A',
      customer: '1',
      date: '2026-01-31',
      total: '108.00',
      discount: '10',
      tax: '18',
      currency: 'EUR',
    });
    if (!read.ok) throw new Error('unreadable');
    expect(invoiceTotalProblem(read.value, 10000, 't.csv')).toBeUndefined();
    expect(invoiceTotalProblem(read.value, 9999, 't.csv')).toMatchObject({
      line: 7,
      expected: '107.99 EUR',
      found: '108.00 EUR',
    });
  });
});

describe.skipIf(!existsSync(CHINOOK))('the Chinook files (needs ../shared/data)', () => {
  test('59 customers, 412 invoices and 2,240 lines are read without a map, and every total ties out', async () => {
    const customers = await chinook('customers', 'customers.csv', readCustomerRow);
    const invoices = await chinook('invoices', 'invoices.csv', readInvoiceRow);
    const lines = await chinook('lines', 'invoice_lines.csv', readLineRow);
    expect([customers.length, invoices.length, lines.length]).toEqual([59, 412, 2240]);
    const sums = new Map<string, number>();
    for (const line of lines) {
      const priced = priceLine(line, 'USD', 'invoice_lines.csv');
      sums.set(
        line.invoice,
        (sums.get(line.invoice) ?? 0) + (priced.ok ? priced.value.amountMinor : Number.NaN),
      );
    }
    expect(
      invoices
        .map((invoice) => invoiceTotalProblem(invoice, sums.get(invoice.number) ?? 0, 'invoices.csv'))
        .filter(Boolean),
    ).toEqual([]);
    const numbers = new Set(customers.map((customer) => customer.number));
    expect(invoices.every((invoice) => numbers.has(invoice.customer))).toBe(true);
    expect(customers.find((customer) => customer.number === '49')).toMatchObject({
      name: 'Stanisław Wójcik',
      email: 'stanisław.wójcik@wp.pl',
      address: { country: 'PL' },
    });
    expect(lines[0]).toMatchObject({
      invoice: '1',
      name: 'Balls to the Wall',
      description: 'Accept',
      unitCost: '0.99',
      quantity: '1',
    });
  });
});
