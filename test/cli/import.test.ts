import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { commandLine, type CommandLine } from './command-line.ts';

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

  it.skipIf(!existsSync(CHINOOK))('the Chinook files (beside the clone) come in without a map', async () => {
    const portal = commandLine();
    await portal.run('db', 'migrate');
    await portal.run('tenant', 'create', 'chinook', 'Chinook', '--currency', 'USD');
    const files = ['customers', 'invoices'].flatMap((name) => [`--${name}`, join(CHINOOK, `${name}.csv`)]);
    const args = ['import', 'csv', 'chinook', ...files, '--lines', join(CHINOOK, 'invoice_lines.csv')];
    const done = await portal.json(...args, '--currency', 'USD');
    expect(done).toMatchObject({ created: { customers: 59, invoices: 412, lines: 2240 }, problem_count: 0 });
    expect(await portal.json('db', 'check')).toMatchObject({ ok: true });
  });
});

describe('import ubl', () => {
  it.skipIf(!existsSync(PEPPOL))(
    'Peppol documents (beside the clone) come in to the cent, once',
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

  it('what is no UBL document is refused with the file’s name', async () => {
    const portal = await withTenant();
    const refused = await portal.run('import', 'ubl', 'shop', write(portal, 'note.xml', '<note/>'));
    expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^note\.xml/);
  });
});
