import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { columnNames } from '#src/imports/columns.ts';
import { PLAIN, ublExample } from '#test/data/ubl-example.ts';
import { commandLine, type CommandLine, onTerminal } from './command-line.ts';

const CHINOOK = fileURLToPath(new URL('../../../shared/data/chinook', import.meta.url));
const PEPPOL = fileURLToPath(new URL('../../../shared/data/peppol', import.meta.url));

async function withTenant(): Promise<CommandLine> {
  const portal = commandLine();
  await portal.run('db', 'migrate');
  await portal.run('tenant', 'create', 'shop', 'Shop', '--currency', 'EUR');
  return portal;
}

function write(portal: CommandLine, name: string, ...lines: readonly string[]): string {
  const path = join(portal.data, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

describe('import csv', () => {
  it('brings customers, invoices and lines in, and the same files again change nothing', async () => {
    const portal = await withTenant();
    const files = [
      ['--customers', write(portal, 'c.csv', 'Number,Name,Email', 'K-1,Café Zoë,zoe@cafe.example')],
      ['--invoices', write(portal, 'i.csv', 'Number,Customer,Date,Total', 'R-7,K-1,2026-10-01,30.00')],
      ['--lines', write(portal, 'l.csv', 'Invoice,Name,Quantity,Unit price', 'R-7,Cake,3,10.00')],
    ].flat();
    const first = await portal.json('import', 'csv', 'shop', ...files);
    expect(first).toMatchObject({
      object: 'import',
      created: { customers: 1, invoices: 1, lines: 1 },
      problem_count: 0,
    });
    const again = await portal.json('import', 'csv', 'shop', ...files);
    expect(again).toMatchObject({
      created: { customers: 0, invoices: 0 },
      unchanged: { customers: 1, invoices: 1 },
    });
    expect(await portal.json('invoice', 'show', 'shop', 'R-7')).toMatchObject({ total: 30, currency: 'eur' });
    expect(await portal.json('db', 'check')).toMatchObject({ ok: true });
  });

  it('names file, line, column and reason of a bad row, keeps nothing of it, and --skip-bad keeps the good rows', async () => {
    const portal = await withTenant();
    const file = write(
      portal,
      'bad.csv',
      'Number,Name,Email',
      'K-1,Good,good@shop.example',
      'K-2,Bad,not an address',
    );
    const refused = await portal.run('import', 'csv', 'shop', '--customers', file);
    expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^bad\.csv, line 3, column “Email”: /);
    expect(refused.stderr).toContain('nothing was imported');
    expect(await portal.json('customer', 'list', 'shop')).toEqual([]);
    const skipped = await portal.run('import', 'csv', 'shop', '--customers', file, '--skip-bad');
    expect(skipped).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('bad.csv, line 3'),
    });
    expect(await portal.json('customer', 'list', 'shop')).toMatchObject([{ number: 'K-1' }]);
  });

  it('says which program a file is from before it keeps anything; --preview keeps nothing', async () => {
    const portal = await withTenant();
    const shapes = fileURLToPath(new URL('../data/field/shapes', import.meta.url));
    const files = [
      '--customers',
      join(shapes, 'xero-contacts.csv'),
      '--invoices',
      join(shapes, 'xero-invoices.csv'),
    ];
    const preview = await portal.run('import', 'csv', 'shop', ...files, '--currency', 'NZD', '--preview');
    expect(preview).toMatchObject({ code: 0 });
    expect(preview.stderr).toContain('xero-invoices.csv: Xero invoices, utf-8.');
    expect(preview.stderr).toContain('Discount → lines.discount_percent');
    expect(preview.stderr).toContain('NZD: 2 invoices of NZ$287.50 in all, NZ$230.00 open.');
    expect(preview.stderr).toContain(
      'nothing was kept. New would be 2 customers, 2 invoices, 3 lines, 1 payments.',
    );
    expect(preview.stdout).toMatch(/INV-0101 +2026-01-20 +2026-02-20 +NZ\$230\.00 +NZ\$230\.00/);
    const asJson = await portal.json(
      'import',
      'csv',
      'shop',
      ...files,
      '--currency',
      'NZD',
      '--preview',
      '--from',
      'xero',
    );
    expect(asJson).toMatchObject({
      preview: { totals: [{ currency: 'NZD', total: '287.50', open: '230.00' }] },
    });
    expect(await portal.json('customer', 'list', 'shop')).toEqual([]);
    const kept = await portal.run(
      'import',
      'csv',
      'shop',
      ...files,
      '--lines',
      join(shapes, 'xero-invoices.csv'),
      '--currency',
      'NZD',
    );
    expect(kept).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Imported 2 customers, 2 invoices'),
    });
  });

  it('asks how a file is saved, and reads it as told', async () => {
    const portal = await withTenant();
    const file = fileURLToPath(new URL('../data/field/encodings/cp850-customers.csv', import.meta.url));
    const asked = await portal.run('import', 'csv', 'shop', '--customers', file);
    expect(asked).toMatchObject({ code: 1, stderr: expect.stringContaining('--encoding') });
    expect(await portal.json('customer', 'list', 'shop')).toEqual([]);
    expect(
      await portal.run('import', 'csv', 'shop', '--customers', file, '--encoding', 'klingon'),
    ).toMatchObject({ code: 2 });
    await portal.run('import', 'csv', 'shop', '--customers', file, '--encoding', 'CP850');
    expect(await portal.json('customer', 'list', 'shop')).toMatchObject([{ name: 'Müller' }]);
  });

  it('--help documents every column of ours, and says which are needed', async () => {
    const { stdout } = await commandLine().run('import', 'csv', '--help');
    for (const kind of ['customers', 'invoices', 'lines'] as const) {
      const section = stdout.slice(stdout.indexOf(`\n  ${kind} (needed: `));
      for (const name of columnNames(kind))
        expect.soft(section, `${kind}.${name}`).toMatch(new RegExp(`\\n {4}${name} +\\S`));
    }
    expect(stdout).toContain('invoices (needed: number, customer, date)');
  });

  it.each([
    [
      'lines',
      'columns.txt',
      '# ours = theirs\ncustomers.number=Kd-Nr\ncompany = Firma\ninvoices.number=Beleg\n',
    ],
    [
      'JSON',
      'columns.json',
      '{"customers":{"number":"Kd-Nr"},"company":"Firma","invoices":{"number":"Beleg"}}',
    ],
  ])('--map FILE of %s names columns that nobody else calls so', async (_form, name, map) => {
    const portal = await withTenant();
    const customers = write(portal, 'kunden.csv', 'Kd-Nr;Firma', 'K-1;Bäckerei Groß');
    const rest = 'customer;date;total';
    const invoices = write(portal, 'belege.csv', `Beleg;${rest}`, 'B-1;K-1;2026-10-01;12,50');
    const files = ['import', 'csv', 'shop', '--customers', customers, '--invoices', invoices];
    const refused = await portal.run(...files);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(
      'kunden.csv, line 1: There is no column for name or company or first_name or last_name of the customers.',
    );
    expect(refused.stderr).toContain('write “customers.name=Your column” into a file and give it with --map');
    const done = await portal.json(...files, '--map', write(portal, name, map));
    expect(done).toMatchObject({ created: { customers: 1, invoices: 1 }, problem_count: 0 });
    expect(await portal.json('customer', 'show', 'shop', 'K-1')).toMatchObject({ name: 'Bäckerei Groß' });
    expect(await portal.json('invoice', 'show', 'shop', 'B-1')).toMatchObject({ total: 12.5 });
  });

  it('a map that cannot be read, or names a column that is not there, is refused and nothing is imported', async () => {
    const portal = await withTenant();
    const file = write(portal, 'c.csv', 'number,name', 'K-1,Good');
    for (const [map, complaint] of [
      ['colour=Farbe', 'columns.txt, line 1: “colour” is not a column of ours.'],
      ['customers.number=Kd-Nr', 'c.csv, line 1: The map expects a column “Kd-Nr”.'],
      ['{"customers": [1]', 'The map is not the JSON we expect.'],
    ] as const) {
      const path = write(portal, 'columns.txt', map);
      const refused = await portal.run('import', 'csv', 'shop', '--customers', file, '--map', path);
      expect.soft({ code: refused.code, stdout: refused.stdout }, map).toEqual({ code: 1, stdout: '' });
      expect.soft(refused.stderr, map).toContain(complaint);
    }
    expect(await portal.json('customer', 'list', 'shop')).toEqual([]);
  });

  it('--currency is for rows that name none, and --dates and --decimal settle what can be read two ways', async () => {
    const portal = await withTenant();
    const customers = write(portal, 'c.csv', 'number,name,currency', 'K-1,Own,CHF', 'K-2,None,');
    const head = 'number;customer;date;total';
    const invoices = write(portal, 'i.csv', head, 'A;K-1;03/04/2026;1,234', 'B;K-2;03/04/2026;5,500');
    const files = ['import', 'csv', 'shop', '--customers', customers, '--invoices', invoices];
    const refused = await portal.run(...files, '--currency', 'KWD');
    expect(refused.stderr).toContain(
      'i.csv, line 2, column “date”: “03/04/2026” can be read in more than one way.',
    );
    expect(refused.stderr).toContain('Say which with --dates dmy or --dates mdy');
    expect(refused.stderr).toContain('Say which with --decimal');
    const told = await portal.run(...files, '--currency', 'KWD', '--dates', 'dmy', '--decimal', '.');
    expect(told).toMatchObject({ code: 0, stdout: '' });
    const secondOfApril =
      Temporal.PlainDate.from('2026-04-03').toZonedDateTime('UTC').epochMilliseconds / 1000;
    expect(await portal.json('invoice', 'list', 'shop')).toMatchObject([
      { number: 'A', currency: 'chf', total: 1234, date: secondOfApril },
      { number: 'B', currency: 'kwd', total: 5500 },
    ]);
    const unknown = await portal.run(...files, '--currency', 'XXY', '--dates', 'dmy', '--decimal', '.');
    expect(unknown).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('XXY') });
  });

  it('shows a progress bar on a terminal, and nothing of it where nobody looks', async () => {
    const portal = await withTenant();
    const customers = write(portal, 'c.csv', 'number,name', 'K,Kunde');
    const rows = Array.from({ length: 600 }, (_, i) => `N${i},K,2026-01-02,5.00,${'long notes '.repeat(30)}`);
    const invoices = write(portal, 'i.csv', 'number,customer,date,total,notes', ...rows);
    const files = ['import', 'csv', 'shop', '--customers', customers, '--invoices', invoices];
    const { stderr } = await onTerminal(portal, ...files);
    const drawn = stderr.split('\r\u001b[K');
    expect(drawn.some((line) => /^\[█+░+\] {2}\d\d% {2}invoices: \d+ rows$/.test(line))).toBe(true);
    expect(drawn).toContain('[████████████████████████] 100%  invoices: 600 rows');
    expect(drawn.at(-1)).toBe('Imported 1 customers, 600 invoices, 600 lines.\n');
    const quiet = await portal.run(...files);
    expect(quiet.stderr).toBe(
      'Imported nothing.\nAlready there, unchanged: 1 customers, 600 invoices, 600 lines.\n',
    );
  });

  it('a file that is not there is refused, and no file at all is wrong usage', async () => {
    const portal = await withTenant();
    const missing = await portal.run('import', 'csv', 'shop', '--customers', '/nowhere.csv');
    expect(missing).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('there is no such file'),
    });
    expect(await portal.run('import', 'csv', 'shop')).toMatchObject({ code: 2, stdout: '' });
  });

  it.skipIf(!existsSync(CHINOOK))(
    'the Chinook files come in without a map (needs ../shared/data)',
    async () => {
      const portal = commandLine();
      await portal.run('db', 'migrate');
      await portal.run('tenant', 'create', 'chinook', 'Chinook', '--currency', 'USD');
      const files = ['customers', 'invoices'].flatMap((name) => [`--${name}`, join(CHINOOK, `${name}.csv`)]);
      const args = ['import', 'csv', 'chinook', ...files, '--lines', join(CHINOOK, 'invoice_lines.csv')];
      const done = await portal.json(...args, '--currency', 'USD');
      expect(done).toMatchObject({
        created: { customers: 59, invoices: 412, lines: 2240 },
        problem_count: 0,
      });
      expect(await portal.json('db', 'check')).toMatchObject({ ok: true });
    },
  );
});

describe('import ubl', () => {
  it.skipIf(!existsSync(PEPPOL))(
    'Peppol documents come in to the cent, once (needs ../shared/data)',
    async () => {
      const portal = await withTenant();
      const args = ['import', 'ubl', 'shop', join(PEPPOL, 'base-example.xml')];
      expect(await portal.json(...args)).toMatchObject({ created: { invoices: 1 } });
      expect(await portal.json(...args)).toMatchObject({
        created: { invoices: 0 },
        unchanged: { invoices: 1 },
      });
      expect(await portal.json('db', 'check')).toMatchObject({ ok: true });
    },
  );

  it('a document whose totals are a cent off is refused with the figure that differs; --skip-bad keeps the good ones', async () => {
    const portal = await withTenant();
    const good = write(portal, 'good.xml', ublExample(PLAIN));
    const note = write(portal, 'note.xml', ublExample({ ...PLAIN, root: 'CreditNote' }));
    const totals = { ...PLAIN.totals, PayableAmount: '120.01' };
    const bad = write(portal, 'bad.xml', ublExample({ ...PLAIN, totals }));
    const refused = await portal.run('import', 'ubl', 'shop', good, bad, note);
    expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^bad\.xml, line \d+, Invoice\/LegalMonetaryTotal\/PayableAmount: /);
    expect(refused.stderr).toMatch(/120\.01.*120\.00/);
    expect(await portal.json('invoice', 'list', 'shop')).toEqual([]);
    const kept = await portal.json('import', 'ubl', 'shop', good, bad, note, '--skip-bad');
    expect(kept).toMatchObject({ created: { customers: 1, invoices: 1, credit_notes: 1 }, problem_count: 1 });
    expect(await portal.json('invoice', 'list', 'shop')).toMatchObject([{ number: 'E-1', total: 120 }]);
    expect(await portal.json('db', 'check')).toMatchObject({ ok: true });
  });

  it('what is no UBL document is refused with the file’s name', async () => {
    const portal = await withTenant();
    const refused = await portal.run('import', 'ubl', 'shop', write(portal, 'note.xml', '<note/>'));
    expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^note\.xml/);
  });
});
