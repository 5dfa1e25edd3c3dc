import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildProgram } from '#cli/program.ts';
import { consoleLog } from '#src/adapters/console-log.ts';
import { terminalLine } from '#src/kernel/terminal-line.ts';
import { logLine, watchedLine } from '#src/server/log.ts';
import { type CommandLine, commandLine, commandLineIn } from './command-line.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

async function withCustomer(): Promise<CommandLine> {
  const portal = commandLine();
  await portal.run('db', 'migrate');
  await portal.run('tenant', 'create', 'acme', 'Acme', '--currency', 'eur');
  await portal.run('customer', 'create', 'acme', 'Müller', '--email', 'petra@mueller.example');
  return portal;
}

describe('asking for help', () => {
  it('--version prints the version alone', async () => {
    expect(await commandLine().run('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('“help X” says what “X --help” says, for every command', async () => {
    const portal = commandLine();
    const program = await buildProgram('all');
    const paths = program.commands.flatMap((group) => [
      [group.name()],
      ...group.commands.map((leaf) => [group.name(), leaf.name()]),
    ]);
    for (const path of paths) {
      const asked = await portal.run('help', ...path);
      expect.soft(asked, path.join(' ')).toEqual(await portal.run(...path, '--help'));
      expect.soft(asked.stdout, path.join(' ')).toContain(`Usage: portal ${path.join(' ')}`);
    }
    expect(await portal.run('help')).toEqual(await portal.run('--help'));
  });
});

describe('wrong usage', () => {
  it.each<[says: RegExp, ...args: string[]]>([
    [/--customer .* --line/, 'invoice', 'issue', 'acme'],
    [/--customer .* --line/, 'invoice', 'issue', 'acme', '--customer', 'CUST-00001', '--json'],
    [/--customer .* --line/, 'estimate', 'issue', 'acme', '--line', 'x;1;1'],
    [/--customer .* --line/, 'credit-note', 'issue', 'acme'],
    [/--add or --take/, 'credit', 'adjust', 'acme', 'CUST-00001'],
    [/Name what is to change/, 'tenant', 'set', 'acme'],
    [/Name what is to change/, 'customer', 'set', 'acme', 'CUST-00001'],
    [/Name what is to change/, 'contact', 'set', 'acme', '1'],
    [/Name at least one file/, 'import', 'csv', 'acme'],
  ])('ends with 2 and says %s', async (says, ...args) => {
    const { code, stdout, stderr } = await (await withCustomer()).run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: .+\nAdd --help to see how it is used\.\n$/);
    expect(stderr).toMatch(says);
  });

  it('an object that does not fit is refused in words of ours, part by part', async () => {
    const portal = await withCustomer();
    const file = join(portal.data, 'invoice.json');
    const tried = { customer: 'CUST-00001', items: [{ quantity: 2 }], autopay: 'x', foo: 1, notes: 7 };
    writeFileSync(file, JSON.stringify(tried));
    const { code, stdout, stderr } = await portal.run('invoice', 'issue', 'acme', '--json', file);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.split('\n').slice(1, -2).toSorted()).toEqual([
      '  autopay: must be true or false',
      '  foo: is not known here',
      '  items.0.name: is missing',
      '  items.0.unit_cost: is missing',
      '  notes: must be a text',
    ]);
    expect(await portal.json('invoice', 'list', 'acme')).toEqual([]);
  });
});

describe('the operator’s mistakes are no mistakes of the portal', () => {
  it('a folder where a file is meant', async () => {
    const portal = await withCustomer();
    for (const args of [
      ['import', 'csv', 'acme', '--customers', portal.data],
      ['import', 'csv', 'acme', '--customers', '/dev/null', '--map', portal.data],
      ['import', 'ubl', 'acme', portal.data],
      ['invoice', 'issue', 'acme', '--json', portal.data],
      ['gateway', 'connect', 'acme', 'stripe', '--keys', portal.data],
      ['db', 'restore', portal.data, '--force'],
    ]) {
      const { code, stdout, stderr } = await portal.run(...args);
      expect.soft({ code, stdout }, args.join(' ')).toEqual({ code: 1, stdout: '' });
      expect.soft(stderr, args.join(' ')).toContain('it is a folder, not a file');
    }
  });

  it('a data folder that is a file, and a database that is a folder or something else', async () => {
    const { data } = commandLine();
    const asFile = join(data, 'file');
    writeFileSync(asFile, 'x');
    mkdirSync(join(data, 'one', 'portal.db'), { recursive: true });
    mkdirSync(join(data, 'two'));
    writeFileSync(
      join(data, 'two', 'portal.db'),
      'no database at all, and long enough to be looked at'.repeat(40),
    );
    for (const [folder, says] of [
      [asFile, 'a file where a folder is needed'],
      [join(data, 'one'), 'The database file cannot be opened'],
      [join(data, 'two'), 'The file is no SQLite database'],
    ] as const) {
      const { code, stdout, stderr } = await commandLineIn(folder).run('tenant', 'list');
      expect.soft({ code, stdout }, stderr).toEqual({ code: 1, stdout: '' });
      expect.soft(stderr).toContain(says);
    }
  });

  it('a database server that does not answer', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await new Promise((done) => server.close(done));
    const url = `postgres://portal@127.0.0.1:${port}/portal`;
    const { code, stdout, stderr } = await commandLine({ PORTAL_DATABASE_URL: url }).run('tenant', 'list');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('No database server answers at that address');
    expect(stderr).toContain('PORTAL_DATABASE_URL');
  });

  it('an address that this machine does not have', async () => {
    const portal = commandLine({ PORTAL_HOST: '192.0.2.1', PORTAL_PORT: '0' });
    const { code, stderr } = await portal.run('serve');
    expect(code).toBe(1);
    expect(stderr).toContain('192.0.2.1');
    expect(stderr).toContain('PORTAL_HOST');
  });
});

describe('what is typed', () => {
  it('currencies, countries and numbers of documents are understood in any case', async () => {
    const portal = await withCustomer();
    const line = ['--line', 'Beans;1;9.50'];
    expect(
      await portal.json('tenant', 'create', 'beta', 'B', '--currency', 'usd', '--country', 'us'),
    ).toMatchObject({
      currency: 'usd',
      country: 'US',
    });
    await portal.json('customer', 'set', 'acme', 'cust-00001', '--currency', 'chf');
    await portal.json(
      'invoice',
      'issue',
      'acme',
      '--customer',
      'cust-00001',
      ...line,
      '--currency',
      'usd',
      '--number',
      'RE-Ä1',
    );
    await portal.json('estimate', 'issue', 'acme', '--customer', 'cust-00001', ...line);
    await portal.json(
      'credit-note',
      'issue',
      'acme',
      '--customer',
      'Cust-00001',
      ...line,
      '--currency',
      'usd',
      '--invoice',
      're-Ä1',
    );
    expect(await portal.json('invoice', 'show', 'acme', 're-Ä1')).toMatchObject({ currency: 'usd' });
    expect(await portal.json('estimate', 'show', 'acme', 'est-0001')).toMatchObject({ currency: 'chf' });
    expect(await portal.json('credit-note', 'show', 'acme', 'cn-0001')).toMatchObject({ currency: 'usd' });
    await portal.json('credit', 'adjust', 'acme', 'cust-00001', '--add', '5', '--currency', 'jpy');
    await portal.json('payment', 'record', 'acme', 'cust-00001', '3', '--currency', 'usd', '--to', 're-Ä1=3');
    expect(await portal.json('payment', 'show', 'acme', 'r-00001')).toMatchObject({ currency: 'usd' });
  });

  it('an empty text is no number of a setting', async () => {
    const portal = await withCustomer();
    const before = await portal.json('settings', 'list', 'acme');
    for (const [name, value] of [
      ['autopay.delay_days', ''],
      ['autopay.delay_days', ' '],
      ['autopay.delay_days', '1e1'],
      ['autopay.delay_days', '0x10'],
      ['magic_link.max_seconds', ''],
      ['session.idle_seconds', ' 900'],
      ['payments.most_invoices', ''],
      ['payments.most_tries', '+5'],
    ] as const) {
      const { code, stderr } = await portal.run('settings', 'set', 'acme', name, value);
      expect.soft(code, `${name} ${value}`).toBe(1);
      expect.soft(stderr).toContain('write a whole number');
    }
    expect(await portal.json('settings', 'list', 'acme')).toEqual(before);
    expect((await commandLine({ PORTAL_PORT: ' ' }).run('tenant', 'list')).stderr).toMatch(
      /^PORTAL_PORT: must be a number/,
    );
  });

  it('a receipt goes to one address or the payment is not recorded', async () => {
    const portal = await withCustomer();
    for (const address of [
      'a@x.example,evil@x.example',
      'a@x.example b@x.example',
      'Petra <a@x.example>',
      'x',
    ]) {
      const { code, stderr } = await portal.run(
        'payment',
        'record',
        'acme',
        'CUST-00001',
        '5',
        '--receipt-to',
        address,
      );
      expect
        .soft({ code, stderr }, address)
        .toMatchObject({ code: 1, stderr: expect.stringContaining('e-mail address') });
    }
    expect(await portal.json('payment', 'list', 'acme')).toEqual([]);
  });
});

describe('what a terminal is shown', () => {
  const EVIL = 'A\u009b31m\u202eevil\u2066\u061c';

  it('JSON for programs reads back as it was, and has no letter that commands a terminal', async () => {
    const portal = await withCustomer();
    await portal.run('customer', 'create', 'acme', EVIL);
    for (const args of [
      ['customer', 'list', 'acme', '--json'],
      ['customer', 'show', 'acme', 'CUST-00002', '--json'],
    ]) {
      const { stdout } = await portal.run(...args);
      expect.soft(stdout).not.toMatch(/[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069]/u);
      expect.soft(JSON.stringify(JSON.parse(stdout))).toContain(JSON.stringify(EVIL));
    }
  });

  it('a log is lines for people on a terminal, and JSON elsewhere', () => {
    const written: string[] = [];
    const { write } = process.stderr;
    process.stderr.write = ((text: string) => written.push(text) > 0) as typeof write;
    onTestFinished(() => void (process.stderr.write = write));
    for (const isTTY of [true, false])
      consoleLog('warn', () => 0, { isTTY }).warn(`mail ${EVIL}`, {
        reason: 'one\ntwo',
        tries: 3,
        none: undefined,
      });
    process.stderr.write = write;
    const [people, programs] = written;
    expect(people).toMatch(/^\d\d:\d\d:\d\d {2}WARN {2}mail A 31m evil {4}tries=3\n {4}one\n {4}two\n$/);
    expect(JSON.parse(programs!)).toMatchObject({
      level: 'warn',
      message: `mail ${EVIL}`,
      reason: 'one\ntwo',
    });
    expect(programs).not.toContain('\u202e');
  });

  it('requests are one line each: what was asked, the answer, where and how long', () => {
    const request = {
      event: 'request',
      at: 0,
      id: 'x',
      tenant: 'acme',
      client: '192.0.2.1',
      method: 'GET',
      path: '/invoices',
      status: 200,
      bytes: 100,
      ms: 11.7,
      aborted: false,
    } as const;
    expect(watchedLine(request)).toMatch(/^\d\d:\d\d:\d\d {2}GET 200 {2}\/invoices {2}acme {2}12 ms$/);
    expect(watchedLine({ ...request, aborted: true })).toContain('the client left');
    expect(JSON.parse(logLine(request))).toMatchObject({ status: 200, path: '/invoices' });
    const broken = { event: 'error', at: 0, id: 'i1', path: '/pay', error: 'Error: x\n    at y' } as const;
    expect(watchedLine(broken)).toMatch(/ERROR {2}incident i1 at \/pay\n {4}Error: x\n {8}at y$/);
    expect(terminalLine(0, 'info', 'ready')).toMatch(/^\S{8} {2}ready$/);
  });
});
