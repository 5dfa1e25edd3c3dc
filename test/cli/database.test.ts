import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrations } from '#db/migrations/all.ts';
import { checkDatabase } from '#db/check.ts';
import { CHECKS } from '#db/invariants.ts';
import { openStore } from '#db/open.ts';
import { CORRUPTIONS } from '#test/support/corruptions.ts';
import { commandLine, commandLineIn, type CommandLine } from './command-line.ts';

let demo: CommandLine;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portal-cli-db-'));
  demo = commandLineIn(join(folder, 'data'));
  await demo.json('seed', 'demo');
  await demo.json('db', 'backup', join(folder, 'sound.db'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Changes a copy of the demo's database as no part of the portal could, and answers the names of the promises found broken. */
async function brokenBy(...statements: readonly string[]): Promise<string[]> {
  const path = join(folder, `broken-${statements.join(' ').length}-${Math.trunc(performance.now())}.db`);
  copyFileSync(join(folder, 'sound.db'), path);
  const file = new BetterSqlite(path);
  file.unsafeMode(true);
  for (const pragma of ['foreign_keys = off', 'ignore_check_constraints = on']) file.pragma(pragma);
  for (const trigger of ['update', 'delete'].flatMap((verb) => [
    `journal_no_${verb}`,
    `postings_no_${verb}`,
  ])) {
    file.exec(`drop trigger ${trigger}`);
  }
  for (const statement of statements)
    expect(file.prepare(statement).run().changes, statement).toBeGreaterThan(0);
  file.close();
  const store = await openStore({ file: path });
  try {
    return (await checkDatabase(store))
      .filter(({ violations }) => violations.length > 0)
      .map(({ name }) => name);
  } finally {
    await store.close();
  }
}

describe('db check', () => {
  it('says what it checked with counts, and exits with 0 when everything holds', async () => {
    const { code, stdout, stderr } = await demo.run('db', 'check');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /ok +168 {2}The balance of every invoice is what the ledger says is receivable on it/,
    );
    expect(stdout.trimEnd().split('\n')).toHaveLength(1 + CHECKS.length + 4);
  });

  it('has a corruption for every promise', () => {
    const named = [
      ...CHECKS.map(({ name }) => name),
      'first_moments',
      'foreign_keys',
      'file_integrity',
      'tenants_exist',
    ];
    expect(Object.keys(CORRUPTIONS).toSorted()).toEqual(named.toSorted());
  });

  it.each(Object.entries(CORRUPTIONS))('finds that %s does not hold any more', async (name, statements) => {
    expect(await brokenBy(...statements)).toContain(name);
  });

  it('exits with 1 and names the row when a promise is broken', async () => {
    const portal = commandLine();
    await portal.run('db', 'restore', join(folder, 'sound.db'));
    const file = new BetterSqlite(join(portal.data, 'portal.db'));
    file.prepare(`update invoices set balance_minor = balance_minor - 1 where number = 'INV-1006'`).run();
    file.close();
    const { code, stdout, stderr } = await portal.run('db', 'check');
    expect(code).toBe(1);
    expect(stdout).toContain('invoice_balances: tenant 1, invoice INV-1006, balance 84929, ledger 84930');
    expect(stderr).toContain(`2 of ${CHECKS.length + 4} promises are broken`);
  });
});

describe('db backup and restore', () => {
  it('a backup taken while others write is consistent, and only its owner may read it', async () => {
    const portal = commandLine();
    await portal.run('db', 'migrate');
    const script = `
      import { createApp } from '#src/app.ts';
      import { readConfig } from '#src/config.ts';
      import { createCustomer } from '#src/customers/customers.ts';
      import { issueInvoice } from '#src/documents/issue.ts';
      import { createTenant, openMerchant } from '#src/tenants/tenants.ts';
      const app = await createApp(readConfig());
      const merchant = await openMerchant(app.operator(), await createTenant(app.operator(), { username: 'busy', name: 'Busy', currency: 'EUR' }));
      const { id } = await createCustomer(merchant, { name: 'Writer' });
      process.stdout.write('writing');
      for (;;) await issueInvoice(merchant, { customerId: id, currency: 'EUR', date: '2026-11-01', lines: [{ name: 'x', unitCost: '1.50' }] });`;
    const node = join(process.cwd(), 'node_modules/.bin/node');
    const writer = spawn(node, ['--input-type=module', '-e', script], {
      env: { ...portal.env },
      cwd: process.cwd(),
    });
    try {
      await new Promise((resolve) => writer.stdout.once('data', resolve));
      const path = join(portal.data, 'busy.db');
      expect(await portal.run('db', 'backup', path)).toMatchObject({ code: 0, stdout: '' });
      expect(statSync(path).mode & 0o777).toBe(0o600);
      const copy = commandLine();
      expect((await copy.run('db', 'restore', path)).code).toBe(0);
      expect(await copy.json('db', 'check')).toMatchObject({ ok: true });
    } finally {
      writer.kill('SIGKILL');
    }
  });

  it('neither a backup nor a restore replaces what is there unless told to', async () => {
    const path = join(folder, 'precious.txt');
    writeFileSync(path, 'precious');
    const backup = await demo.run('db', 'backup', path);
    expect(backup).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('--force') });
    expect(readFileSync(path, 'utf8')).toBe('precious');
    const before = readFileSync(join(demo.data, 'portal.db'));
    const restore = await demo.run('db', 'restore', join(folder, 'sound.db'));
    expect(restore).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('--force') });
    expect(readFileSync(join(demo.data, 'portal.db')).equals(before)).toBe(true);
  });

  it('refuses what is no backup, and leaves the database as it was', async () => {
    const portal = commandLine();
    await portal.run('seed', 'demo');
    const junk = join(portal.data, 'junk.txt');
    writeFileSync(junk, 'not a database');
    const empty = join(portal.data, 'other.db');
    new BetterSqlite(empty).exec('create table t (x)').close();
    for (const path of [junk, empty, join(portal.data, 'missing.db')]) {
      const refused = await portal.run('db', 'restore', path, '--force');
      expect
        .soft(refused, path)
        .toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/cannot be (restored|read)/) });
    }
    expect(await portal.json('tenant', 'list')).toHaveLength(2);
  });

  it.each([
    [
      'overwritten in the middle',
      (bytes: Buffer) => bytes.fill(0xa5, bytes.length >> 1, (bytes.length >> 1) + 40_000),
    ],
    ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1)],
    ['overwritten at its head', (bytes: Buffer) => bytes.fill(0xff, 40, 4000)],
  ])('refuses a backup that was %s, and leaves the database as it was', async (_, damage) => {
    const portal = commandLine();
    await portal.run('tenant', 'create', 'acme', 'Acme');
    const damaged = join(portal.data, 'damaged.db');
    writeFileSync(damaged, damage(readFileSync(join(folder, 'sound.db'))));
    const before = readFileSync(join(portal.data, 'portal.db'));
    const refused = await portal.run('db', 'restore', damaged, '--force');
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('the file is damaged'),
    });
    expect(readFileSync(join(portal.data, 'portal.db')).equals(before)).toBe(true);
    expect(readdirSync(portal.data).filter((name) => name.includes('restoring'))).toEqual([]);
    expect(await portal.json('tenant', 'list')).toHaveLength(1);
  });

  it('refuses a backup whose indexes do not hold what its tables do, which nobody would notice', async () => {
    const damaged = join(folder, 'wrong-index.db');
    copyFileSync(join(folder, 'sound.db'), damaged);
    const file = new BetterSqlite(damaged).unsafeMode(true);
    file.pragma('writable_schema = on');
    file.exec(
      `update sqlite_schema set sql = replace(sql, 'customer_id, id)', 'customer_id, at)') where name = 'events_customer'`,
    );
    file.close();
    const portal = commandLine();
    expect(await portal.run('db', 'restore', damaged)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('the file is damaged'),
    });
    expect(readdirSync(portal.data)).toEqual([]);
  });

  it('mails of sign-ins that were waiting or just leaving at the backup do not leave after the restore', async () => {
    const source = join(folder, 'with-mails.db');
    copyFileSync(join(folder, 'sound.db'), source);
    const file = new BetterSqlite(source);
    const add = file.prepare(`
      insert into outbox (tenant_id, id, channel, topic, recipient, payload, state, send_at, created_at)
        values (1, ?, 'mail', ?, 'a@b.example', '{}', ?, ?, 1)`);
    add.run(901, 'sign_in', 'waiting', 9);
    add.run(902, 'sign_in', 'sending', 9);
    add.run(903, 'sign_in', 'sent', null);
    add.run(904, 'receipt', 'waiting', 9);
    file.close();
    const portal = commandLine();
    await portal.json('db', 'restore', source);
    const restored = new BetterSqlite(join(portal.data, 'portal.db'), { readonly: true });
    const rows = restored
      .prepare('select id, state, send_at from outbox where id > 900 order by id')
      .raw()
      .all();
    restored.close();
    expect(rows).toEqual([
      [901, 'failed', null],
      [902, 'failed', null],
      [903, 'sent', null],
      [904, 'waiting', 9],
    ]);
  });

  it('a restore brings everything back, and ends every session and sign-in under way', async () => {
    const source = join(folder, 'with-sessions.db');
    copyFileSync(join(folder, 'sound.db'), source);
    const file = new BetterSqlite(source);
    file.exec(`
      insert into portal_users (tenant_id, id, email_canonical, created_at) values (1, 'u', 'a@b.example', 1);
      insert into sessions (tenant_id, id, user_id, expires_at, absolute_expires_at, idle_seconds, scope, method, address, browser, created_at, seen_at)
        values (1, 's', 'u', 9999999999, 9999999999, 900, 'portal', 'magic_link', '127.0.0.1', 'x', 1, 1);
      insert into signin_requests (tenant_id, id, email_canonical, browser_hash, address, state, requested_at)
        values (1, 1, 'a@b.example', 'h', '127.0.0.1', 'handled', 1);
      insert into email_links (tenant_id, token_hash, request_id, email_canonical, browser_hash, code_hash, expires_at, created_at)
        values (1, 't', 1, 'a@b.example', 'h', 'c', 9999999999999, 1);
    `);
    file.close();
    const portal = commandLine();
    expect(await portal.json('db', 'restore', source)).toMatchObject({ ended_sessions: 1 });
    const shell = await portal.runWith(
      'select (select count(*) from sessions) as sessions, (select count(*) from email_links) as links, (select count(*) from invoices) as invoices',
      'db',
      'shell',
      '--json',
    );
    expect(JSON.parse(shell.stdout)).toEqual([{ sessions: 0, links: 0, invoices: 168 }]);
    expect(await portal.json('db', 'check')).toMatchObject({ ok: true });
  });
});

describe('db migrate', () => {
  it('makes the database, and a second run changes nothing', async () => {
    const portal = commandLine();
    expect(await portal.json('db', 'migrate')).toEqual({
      object: 'migration_run',
      applied: migrations.map(({ name }) => name),
    });
    expect(await portal.json('db', 'migrate')).toEqual({ object: 'migration_run', applied: [] });
    expect(statSync(join(portal.data, 'portal.db')).mode & 0o777).toBe(0o600);
    expect(existsSync(join(portal.data, 'portal.db-wal'))).toBe(false);
  });
});

describe('db shell', () => {
  it('reads, and changes nothing unless told that it may', async () => {
    const portal = commandLine();
    await portal.run('db', 'migrate');
    await portal.run('tenant', 'create', 'acme', 'Acme');
    const query = 'select username from tenants';
    expect(await portal.runWith(query, 'db', 'shell')).toEqual({
      code: 0,
      stdout: 'USERNAME\nacme\n',
      stderr: '',
    });
    const refused = await portal.runWith(`update tenants set name = 'x'\n${query}`, 'db', 'shell');
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('readonly') });
    expect((await portal.runWith(`update tenants set name = 'Changed'`, 'db', 'shell', '--write')).code).toBe(
      0,
    );
    expect(await portal.json('tenant', 'show', 'acme')).toMatchObject({ name: 'Changed' });
  });
});
