import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildProgram } from '#cli/program.ts';
import { commandLine, commandLineIn, type CommandLine } from './command-line.ts';

async function withTenant(): Promise<CommandLine> {
  const portal = commandLine();
  await portal.run('db', 'migrate');
  await portal.run(
    'tenant',
    'create',
    'acme',
    'Acme GmbH',
    '--currency',
    'EUR',
    '--time-zone',
    'Europe/Berlin',
  );
  return portal;
}

describe('help', () => {
  it('every command that the operator was promised is there', async () => {
    const promised = {
      tenant: ['create', 'list', 'show', 'set'],
      customer: ['create', 'list', 'show', 'set', 'close', 'reopen'],
      contact: ['list', 'add', 'set', 'remove'],
      session: ['list', 'end'],
      invoice: ['list', 'show', 'void'],
      payment: ['list', 'show', 'record', 'refund', 'void'],
      dispute: ['list'],
      promise: ['list', 'add'],
      import: ['csv', 'ubl'],
      seed: ['demo'],
      'magic-link': [],
      'magic-key': ['show', 'rotate'],
      settings: ['list', 'get', 'set', 'reset'],
      mail: ['list', 'show'],
      job: ['list', 'retry'],
      serve: [],
      demo: [],
      db: ['migrate', 'backup', 'restore', 'check', 'forget-secrets', 'shell'],
    };
    const program = await buildProgram('all');
    for (const [name, leaves] of Object.entries(promised)) {
      const group = program.commands.find((command) => command.name() === name);
      expect
        .soft(
          group?.commands.map((leaf) => leaf.name()),
          name,
        )
        .toEqual(expect.arrayContaining(leaves));
    }
  });

  it('every example is a command that exists, with options that it has', async () => {
    const program = await buildProgram('all');
    const leaves = program.commands.flatMap((group) =>
      group.commands.length > 0 ? group.commands : [group],
    );
    for (const command of leaves) {
      const path = command.parent === program ? [command.name()] : [command.parent!.name(), command.name()];
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      const block = /\nExamples?:\n((?: {2}.*(?:\n|$))+)/.exec(help)?.[1] ?? '';
      for (const line of block.trimEnd().split('\n')) {
        const words = /\bportal (.*?)(?: \||$)/.exec(line)?.[1]?.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
        expect.soft(words.slice(0, path.length), line).toEqual(path);
        expect.soft(command.parseOptions(words.slice(path.length)).unknown, line).toEqual([]);
      }
    }
  });

  it('every command says what it does and shows an example', async () => {
    const program = await buildProgram('all');
    const leaves = program.commands.flatMap((group) =>
      group.commands.length > 0 ? group.commands : [group],
    );
    expect(leaves.length).toBeGreaterThan(20);
    for (const command of leaves) {
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      expect.soft(command.description(), command.name()).not.toBe('');
      expect.soft(help, `${command.parent?.name()} ${command.name()}`).toMatch(/\nExamples?:\n {2}.*portal /);
    }
  });

  it('every command that answers data has --json', async () => {
    const program = await buildProgram('all');
    const plain = new Set(['serve', 'demo', 'magic-link']);
    const leaves = program.commands.flatMap((group) =>
      group.commands.length > 0 ? group.commands : [group],
    );
    for (const command of leaves) {
      if (plain.has(command.name())) continue;
      expect
        .soft(
          command.options.map(({ long }) => long),
          command.name(),
        )
        .toContain('--json');
    }
  });

  it('--help goes to stdout with exit code 0, and names the exit codes', async () => {
    const { code, stdout, stderr } = await commandLine().run('--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Exit codes: 0 done, 1 refused');
  });
});

describe('exit codes', () => {
  it('wrong usage exits with 2 and writes nothing to stdout', async () => {
    const portal = commandLine();
    for (const args of [
      ['nonsense'],
      ['tenant', 'create'],
      ['mail', 'show', 'acme', 'x'],
      ['tenant', 'list', '--nope'],
    ]) {
      const { code, stdout, stderr } = await portal.run(...args);
      expect.soft({ code, stdout }, args.join(' ')).toEqual({ code: 2, stdout: '' });
      expect.soft(stderr, args.join(' ')).toMatch(/^error: .+\nAdd --help to see how it is used\.\n/);
    }
  });

  it('a refusal exits with 1, and says on stderr what happened and what to do', async () => {
    const portal = await withTenant();
    const refused = await portal.run('customer', 'list', 'globex');
    expect(refused).toEqual({
      code: 1,
      stdout: '',
      stderr: 'There is no tenant called “globex”.\nRun “portal tenant list” to see them all.\n',
    });
  });

  it('what is not there is refused with the command that shows what is', async () => {
    const portal = await withTenant();
    for (const [args, next] of [
      [['tenant', 'show', 'nope'], 'portal tenant list'],
      [['customer', 'show', 'acme', 'nope'], 'portal customer list acme'],
      [['invoice', 'show', 'acme', 'nope'], 'portal invoice list acme'],
      [['invoice', 'list', 'acme', '--customer', 'nope'], 'portal customer list acme'],
      [['invoice', 'void', 'acme', 'nope'], 'portal invoice list acme'],
      [['payment', 'show', 'acme', 'nope'], 'portal payment list acme'],
      [['payment', 'refund', 'acme', 'nope'], 'portal payment list acme'],
      [['payment', 'void', 'acme', 'nope'], 'portal payment list acme'],
      [['payment', 'record', 'acme', 'nope', '1'], 'portal customer list acme'],
      [['promise', 'add', 'acme', 'nope', '2026-12-01'], 'portal invoice list acme'],
      [['settings', 'get', 'acme', 'nope'], 'portal settings list acme'],
      [['mail', 'show', 'acme', '9'], 'portal mail list acme'],
      [['magic-link', 'acme', 'nope'], 'portal customer list acme'],
      [['magic-key', 'show', 'nope'], 'portal tenant list'],
      [['import', 'csv', 'nope', '--customers', '/dev/null'], 'portal tenant list'],
    ] as const) {
      const { code, stdout, stderr } = await portal.run(...args);
      expect.soft({ code, stdout }, args.join(' ')).toEqual({ code: 1, stdout: '' });
      expect.soft(stderr, args.join(' ')).toMatch(new RegExp(`^[^\\n]+\\n[^\\n]*“${next}”[^\\n]*\\n$`));
    }
  });

  it('a database that is not set up is said to be, with the command that sets it up', async () => {
    const { code, stdout, stderr } = await commandLine().run('tenant', 'list');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('portal db migrate');
  });

  it('an environment variable that cannot be used is named', async () => {
    const { code, stderr } = await commandLine({ PORTAL_BASE_URL: 'nowhere' }).run('tenant', 'list');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^PORTAL_BASE_URL: /);
  });

  it('a mistake of the portal exits with 70 and an incident number, with the stack only for PORTAL_DEBUG', async () => {
    const portal = await withTenant();
    await portal.run('customer', 'create', 'acme', 'Broken');
    await portal.runWith("update customers set metadata = '{'", 'db', 'shell', '--write');
    const quiet = await portal.run('customer', 'list', 'acme');
    expect({ code: quiet.code, stdout: quiet.stdout }).toEqual({ code: 70, stdout: '' });
    expect(quiet.stderr).toMatch(/incident [0-9a-f]{8}/);
    expect(quiet.stderr).not.toMatch(/\n\s+at /);
    const loud = await commandLineIn(portal.data, { PORTAL_DEBUG: '1' }).run('customer', 'list', 'acme');
    expect(loud.stderr).toMatch(/\n\s+at /);
  });

  it('a reader that stops early is no mistake', async () => {
    const portal = commandLine();
    await portal.run('seed', 'demo');
    const script = `"${process.cwd()}/cli/portal" invoice list acme --json | head -n 1`;
    const done = spawnSync('sh', ['-c', script], {
      env: { ...portal.env },
      encoding: 'utf8',
    });
    expect({ out: done.stdout, err: done.stderr }).toEqual({ out: '[\n', err: '' });
  });
});

describe('where state lives', () => {
  it('is ./data unless PORTAL_DATA says otherwise, and readable for its owner alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'portal-cwd-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const { PATH = '', HOME = '' } = process.env;
    const command = join(process.cwd(), 'cli/portal');
    for (const [env, database] of [
      [{}, 'data/portal.db'],
      [{ PORTAL_DATA: 'elsewhere/deep' }, 'elsewhere/deep/portal.db'],
    ] as const) {
      expect(existsSync(join(folder, database))).toBe(false);
      const { status } = spawnSync(command, ['db', 'migrate'], { cwd: folder, env: { PATH, HOME, ...env } });
      expect(status).toBe(0);
      expect(existsSync(join(folder, database))).toBe(true);
    }
  });

  it('PORTAL_BASE_URL gives the address that tenants are subdomains of', async () => {
    const portal = await withTenant();
    await portal.run('seed', 'demo');
    const { env } = commandLineIn(portal.data, { PORTAL_BASE_URL: 'https://pay.example.org' });
    const moved = commandLineIn(portal.data, env);
    expect(await moved.json('tenant', 'show', 'globex')).toMatchObject({
      url: 'https://globex.pay.example.org',
    });
    expect((await moved.run('magic-link', 'globex', 'C-1001')).stdout).toMatch(
      /^https:\/\/globex\.pay\.example\.org\/login\//,
    );
  });
});

describe('tenants', () => {
  it('creates, lists and shows tenants in the shape of the API', async () => {
    const portal = await withTenant();
    const tenant = {
      id: 1,
      object: 'tenant',
      username: 'acme',
      name: 'Acme GmbH',
      url: 'http://acme.localhost:4321',
      currency: 'eur',
      time_zone: 'Europe/Berlin',
      mode: 'test',
      created_at: expect.any(Number),
    };
    expect(await portal.json('tenant', 'show', 'acme')).toMatchObject(tenant);
    expect(await portal.json('tenant', 'list')).toEqual([expect.objectContaining(tenant)]);
  });

  it('a tenant that is refused leaves nothing behind', async () => {
    const portal = await withTenant();
    const refused = await portal.run('tenant', 'create', 'acme', 'Another');
    expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 1, stdout: '' });
    const badZone = await portal.run('tenant', 'create', 'other', 'Other', '--time-zone', 'Mars/Olympus');
    expect(badZone.stderr).toContain('Mars/Olympus');
    expect(await portal.json('tenant', 'list')).toHaveLength(1);
  });
});

describe('settings', () => {
  it('lists, changes and resets settings, and says what fits', async () => {
    const portal = await withTenant();
    expect((await portal.run('settings', 'set', 'acme', 'brand.accent', '#7c3aed')).stdout).toBe('#7c3aed\n');
    expect(await portal.json('settings', 'get', 'acme', 'brand.accent')).toMatchObject({
      value: '#7c3aed',
      set: true,
    });
    const refused = await portal.run('settings', 'set', 'acme', 'brand.accent', 'red');
    expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('#rrggbb');
    expect((await portal.run('settings', 'get', 'acme', 'brand.accent')).stdout).toBe('#7c3aed\n');
    expect(await portal.json('settings', 'reset', 'acme', 'brand.accent')).toMatchObject({ set: false });
    const all = await portal.json('settings', 'list', 'acme');
    expect(all).toContainEqual(expect.objectContaining({ name: 'session.idle_seconds', default: 43_200 }));
  });
});

describe('magic links and their keys', () => {
  it('prints the link alone, signed with the key that magic-key shows', async () => {
    const portal = commandLine();
    await portal.run('seed', 'demo');
    const link = await portal.run('magic-link', 'acme', 'CUST-00001', '--to', 'invoices', '--ttl', '10m');
    expect(link.stderr).toBe('');
    expect(link.stdout).toMatch(
      /^http:\/\/acme\.localhost:4321\/login\/[\w-]+\.[\w-]+\.[\w-]+\?redirect_to=invoices\n$/,
    );
    const key = (await portal.run('magic-key', 'show', 'acme')).stdout.trim();
    const { jwtVerify } = await import('jose');
    const token = link.stdout.split('/login/')[1]?.split('?')[0] ?? '';
    const { payload } = await jwtVerify(token, new TextEncoder().encode(key), { algorithms: ['HS256'] });
    expect(payload).toMatchObject({ sub: '1', exp: (payload.iat ?? 0) + 600 });
  });

  it('takes the number or the id of a customer, and lives for an hour unless told otherwise', async () => {
    const portal = commandLine();
    await portal.run('seed', 'demo');
    for (const customer of ['CUST-00004', '4']) {
      const { stdout } = await portal.run('magic-link', 'acme', customer);
      const payload = stdout.split('/login/')[1]?.split('.')[1] ?? '';
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
      expect(claims).toMatchObject({ sub: '4', exp: claims.iat + 3600 });
      expect(stdout).not.toContain('redirect_to');
    }
  });

  it('a rotated key is another one', async () => {
    const portal = await withTenant();
    const before = (await portal.run('magic-key', 'show', 'acme')).stdout;
    const rotated = await portal.run('magic-key', 'rotate', 'acme', '--grace', '0s');
    expect(rotated.code).toBe(0);
    expect(rotated.stdout).not.toBe(before);
    expect((await portal.run('magic-key', 'show', 'acme')).stdout).toBe(rotated.stdout);
  });

  it('refuses a customer, a life or a page that is not there, without a link on stdout', async () => {
    const portal = await withTenant();
    for (const [args, code] of [
      [['acme', 'nobody'], 1],
      [['acme', '1', '--ttl', 'soon'], 1],
      [['acme', '1', '--to', 'http://evil.example'], 2],
    ] as const) {
      const done = await portal.run('magic-link', ...args);
      expect.soft({ code: done.code, stdout: done.stdout }, args.join(' ')).toEqual({ code, stdout: '' });
      expect.soft(done.stderr, args.join(' ')).not.toBe('');
    }
  });
});

describe('mail', () => {
  it('lists and shows what the mailbox keeps, and refuses what it does not', async () => {
    const portal = await withTenant();
    expect(await portal.json('mail', 'list', 'acme')).toEqual([]);
    const refused = await portal.run('mail', 'show', 'acme', '7');
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('portal mail list acme'),
    });
  });
});
