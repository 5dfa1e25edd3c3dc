import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { stringify } from 'csv-stringify/sync';
import { describe, expect, test } from 'vitest';
import { readColumnChoices } from '#src/imports/column-choices.ts';
import { mapColumns, REQUIRED_COLUMNS } from '#src/imports/columns.ts';
import type { Table, TableItem, TableSource } from '#src/imports/table.ts';
import { openTable } from '#src/imports/table.ts';

function source(data: string | Uint8Array, chunkSize = 7): TableSource {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  return {
    name: 't.csv',
    async *open() {
      for (let at = 0; at < bytes.length; at += chunkSize) yield bytes.subarray(at, at + chunkSize);
    },
  };
}

async function opened(data: string | Uint8Array, chunkSize?: number): Promise<Table> {
  const result = await openTable(source(data, chunkSize));
  if (!result.ok) throw new Error(result.problem.reason);
  return result.table;
}

async function items(table: Table): Promise<TableItem[]> {
  return Array.fromAsync(table.rows());
}

async function cells(data: string | Uint8Array): Promise<(readonly string[])[]> {
  const all = await items(await opened(data));
  return all.map((item) => (item.ok ? item.row.cells : [item.problem.reason]));
}

function headerOf(header: readonly string[]) {
  return { file: 't.csv', header, headerLine: 1 };
}

function names(kind: 'customers' | 'invoices' | 'lines', header: readonly string[]) {
  const result = mapColumns(kind, headerOf(header));
  if (!result.ok) throw new Error(result.problems.map((p) => p.reason).join('\n'));
  return Object.fromEntries([...result.columns.at].map(([ours, at]) => [ours, header[at]]));
}

/** Bytes in use after a garbage collection. */
function collector(): () => number {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  return () => {
    if (typeof gc === 'function') gc();
    return process.memoryUsage().heapUsed;
  };
}

describe('reading CSV', () => {
  test('whatever a writer of RFC 4180 writes comes back as it was', async () => {
    const cell = fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => !/[\uFEFF\0]/.test(text));
    const row = fc
      .array(cell, { minLength: 3, maxLength: 3 })
      .filter((r) => r.some((text) => text.trim() !== ''));
    const ending = fc.constantFrom('\n', '\r\n', '\r');
    const delimiter = fc.constantFrom(',', ';', '\t');
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 6 }),
        ending,
        delimiter,
        fc.integer({ min: 1, max: 40 }),
        async (rows, record_delimiter, mark, size) => {
          const text = stringify([['a', 'b', 'c'], ...rows], {
            record_delimiter,
            delimiter: mark,
            quoted: true,
          });
          const all = await items(await opened(text, size));
          expect(all.map((item) => item.ok && item.row.cells)).toEqual(rows);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('every row carries the physical line it starts on, across quoted line breaks and empty lines', async () => {
    const text = 'a,b\r\n1,"x\r\ny"\r\n\r\n\r\n2,z\n3,w\r4,"p\rq\nr"\n5,end';
    const all = await items(await opened(text));
    expect(all.map((item) => item.ok && [item.row.line, item.row.cells[0]])).toEqual([
      [2, '1'],
      [6, '2'],
      [7, '3'],
      [8, '4'],
      [11, '5'],
    ]);
  });

  test('comma, semicolon, tab and bar are told apart by the header, and Excel’s sep= line is obeyed', async () => {
    expect((await opened('a;b,c;d\n1;2;3')).header).toEqual(['a', 'b,c', 'd']);
    expect((await opened('a\tb\n1\t2')).delimiter).toBe('\t');
    expect((await opened('a|b\n1|2')).delimiter).toBe('|');
    expect((await opened('"a;x;y;z",b\n1,2')).delimiter).toBe(',');
    const excel = await opened('sep=;\r\na;b\r\n1;2\r\n');
    expect(excel.header).toEqual(['a', 'b']);
    expect(await items(excel)).toMatchObject([{ row: { line: 3, cells: ['1', '2'] } }]);
  });

  test('UTF-8 with and without mark, UTF-16 and Windows-1252 are recognised, even late in the file', async () => {
    expect(await cells('\uFEFFa,b\nZoë,Łódź')).toEqual([['Zoë', 'Łódź']]);
    expect((await opened('\uFEFFa,b\n1,2')).header).toEqual(['a', 'b']);
    expect(
      await cells(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('a\tb\nZoë\tŁódź', 'utf16le')])),
    ).toEqual([['Zoë', 'Łódź']]);
    const late = Buffer.concat([
      Buffer.from('a,b\n' + '1,2\n'.repeat(500)),
      Buffer.from([0x80, 0x2c, 0xe9, 0x0a]),
    ]);
    expect((await opened(late)).encoding).toBe('windows-1252');
    expect((await cells(late)).at(-1)).toEqual(['€', 'é']);
  });

  test('a short row is filled up, a long one is a problem that names its line, and the rest is still read', async () => {
    const all = await items(await opened('a,b\n1\n1,2,\n1,2,3\n4,5\n'));
    expect(all.map((item) => (item.ok ? item.row.cells : item.problem))).toEqual([
      ['1', ''],
      ['1', '2'],
      expect.objectContaining({
        file: 't.csv',
        line: 4,
        value: '3',
        reason: 'The row has 3 cells, but the header has 2.',
      }),
      ['4', '5'],
    ]);
  });

  test('a quote that never closes is a problem at the line where it opens, not an exception', async () => {
    const all = await items(await opened('a,b\n1,2\n3,"x\n4,5\n'));
    expect(all.map((item) => (item.ok ? item.row.line : item.problem.line))).toEqual([2, 3]);
    expect(all.at(-1)).toMatchObject({
      ok: false,
      problem: { reason: expect.stringContaining('never closed') },
    });
    expect(await cells('a,b\n1,5" disk\n')).toEqual([['1', '5" disk']]);
    expect(await cells('a,b\n1,"5"" disk" \n1,"5" disk"\n2,3\n')).toEqual([
      ['1', '5" disk'],
      ['There is text behind the closing quote of a cell.'],
      ['2', '3'],
    ]);
    const endless = await items(await opened(`a,b\n1,2\n3,"${'x,\n'.repeat(400_000)}`, 65_536));
    expect(endless.map((item) => (item.ok ? item.row.line : item.problem.line))).toEqual([2, 3]);
  });

  test('an empty file is a problem', async () => {
    for (const nothing of ['', '\n\n', '\uFEFF']) {
      expect(await openTable(source(nothing))).toMatchObject({
        ok: false,
        problem: { reason: 'The file is empty.' },
      });
    }
  });

  test('a file of 100,000 rows streams without being held in memory', async () => {
    const filler = 'x'.repeat(180);
    const rows = 100_000;
    const big: TableSource = {
      name: 'big.csv',
      async *open() {
        yield Buffer.from('number,name\n');
        for (let i = 0; i < rows; i += 500) {
          yield Buffer.from(Array.from({ length: 500 }, (_, j) => `${i + j},${filler}\n`).join(''));
        }
      },
    };
    const result = await openTable(big);
    if (!result.ok) throw new Error(result.problem.reason);
    const collect = collector();
    const before = collect();
    let [count, most, lastLine] = [0, 0, 0];
    for await (const item of result.table.rows()) {
      count += 1;
      if (item.ok) lastLine = item.row.line;
      if (count % 20_000 === 0) most = Math.max(most, collect() - before);
    }
    expect([count, lastLine]).toEqual([rows, rows + 1]);
    expect(result.table.bytes).toBeGreaterThan(18_000_000);
    expect(most).toBeLessThan(2_000_000);
  });

  test('a reader that stops early closes the file', async () => {
    let closed = 0;
    const watched: TableSource = {
      name: 'w.csv',
      async *open() {
        try {
          for (let i = 0; i < 1000; i += 1) yield Buffer.from(i === 0 ? 'a,b\n' : '1,2\n'.repeat(1000));
        } finally {
          closed += 1;
        }
      },
    };
    const result = await openTable(watched);
    if (!result.ok) throw new Error(result.problem.reason);
    for await (const _ of result.table.rows()) break;
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(closed).toBe(4);
  });
});

describe('columns', () => {
  test('names of other programs are understood, whatever their case, spaces and marks', () => {
    expect(
      names('invoices', ['*InvoiceNumber', '*ContactName', '*InvoiceDate', '*DueDate', 'Total', 'Currency']),
    ).toEqual({
      number: '*InvoiceNumber',
      customer: '*ContactName',
      date: '*InvoiceDate',
      due_date: '*DueDate',
      total: 'Total',
      currency: 'Currency',
    });
    expect(
      names('lines', [
        'Invoice No',
        'Item(Product/Service)',
        'Item Description',
        'Item Quantity',
        'Item Rate',
        'Item Amount',
      ]),
    ).toMatchObject({
      invoice: 'Invoice No',
      description: 'Item Description',
      quantity: 'Item Quantity',
      unit_cost: 'Item Rate',
      amount: 'Item Amount',
    });
    expect(
      names('invoices', [
        'id',
        'Amount Due',
        'Amount Paid',
        'Currency',
        'Customer',
        'Date (UTC)',
        'Number',
        'Total',
      ]),
    ).toMatchObject({
      number: 'Number',
      customer: 'Customer',
      date: 'Date (UTC)',
      paid: 'Amount Paid',
      balance: 'Amount Due',
    });
    expect(
      names('lines', ['InvoiceLineId', 'InvoiceId', 'TrackId', 'Track', 'Artist', 'UnitPrice', 'Quantity']),
    ).toEqual({
      id: 'InvoiceLineId',
      invoice: 'InvoiceId',
      name: 'Track',
      description: 'Artist',
      unit_cost: 'UnitPrice',
      quantity: 'Quantity',
    });
  });

  test('our own names win over synonyms, wherever they stand', () => {
    expect(names('customers', ['id', 'customer', 'name', 'number'])).toMatchObject({
      number: 'number',
      name: 'name',
    });
  });

  test('a missing required column names what was found and what is accepted', () => {
    const result = mapColumns('invoices', headerOf(['Nummer', 'Kunde', 'invoice_date']));
    expect(result.ok ? [] : result.problems.map((p) => p.reason)).toEqual([
      'There is no column for number of the invoices. The file has: Nummer, Kunde, invoice_date.',
      'There is no column for customer of the invoices. The file has: Nummer, Kunde, invoice_date.',
    ]);
    expect(result.ok ? '' : result.problems[0]?.hint).toContain('Accepted names are number, invoice_number,');
    expect(REQUIRED_COLUMNS.lines).toContainEqual(['unit_cost', 'amount']);
  });

  test('a map names any column, as JSON or as lines; a name that does not exist is a problem', () => {
    const json = readColumnChoices(
      '{"invoices": {"number": "Nummer", "customer": "Kunde"}, "date": "Tag"}',
      'm.json',
    );
    const text = readColumnChoices(
      '# ours = theirs\ninvoices.number=Nummer\ninvoices.customer = Kunde\ndate=Tag\n',
      'm.txt',
    );
    for (const read of [json, text]) {
      if (!read.ok) throw new Error(read.problem.reason);
      const result = mapColumns('invoices', headerOf(['Nummer', 'Kunde', 'Tag']), { choices: read.choices });
      expect(result.ok && Object.fromEntries(result.columns.at)).toEqual({ number: 0, customer: 1, date: 2 });
      const absent = mapColumns('invoices', headerOf(['number', 'customer', 'date']), {
        choices: read.choices,
      });
      expect(absent.ok ? '' : absent.problems[0]?.reason).toBe('The map expects a column “Nummer”.');
    }
    expect(readColumnChoices('colour=Farbe', 'm')).toMatchObject({ ok: false, problem: { line: 1 } });
    expect(readColumnChoices('toString=x', 'm')).toMatchObject({ ok: false });
    expect(readColumnChoices('{"a": [1]', 'm')).toMatchObject({ ok: false });
    expect(readColumnChoices('number', 'm')).toMatchObject({ ok: false, problem: { line: 1 } });
  });
});
