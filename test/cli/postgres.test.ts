import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '#db/invariants.ts';
import { CORRUPTIONS } from '#test/support/corruptions.ts';
import { freshDatabase } from '#test/support/postgres.ts';
import { type CommandLine, commandLine as aCommandLine } from './command-line.ts';

/** Databases go from one installation to another here, and secrets with them. */
const commandLine = (extra: Record<string, string>): CommandLine =>
  aCommandLine({ PORTAL_SECRET: 'a secret of the tests, long enough', ...extra });

describe('the same commands on PostgreSQL', () => {
  it('seed once, check the books, back up, restore elsewhere, and refuse to overwrite', async () => {
    const first = commandLine({ PORTAL_DATABASE_URL: await freshDatabase('empty') });
    expect(await first.json('seed', 'demo')).toMatchObject({ tenants: 2, invoices: 168 });
    expect(await first.json('seed', 'demo')).toMatchObject({ tenants: 0, invoices: 0, payments: 0 });
    expect(await first.json('db', 'check')).toMatchObject({ ok: true });
    const path = join(first.data, 'dump.jsonl');
    expect(await first.run('db', 'backup', path)).toMatchObject({ code: 0, stdout: '' });

    const second = commandLine({ PORTAL_DATABASE_URL: await freshDatabase('empty') });
    expect(await second.run('db', 'restore', path)).toMatchObject({ code: 0, stdout: '' });
    expect(await second.json('db', 'check')).toMatchObject({ ok: true });
    const [before, after] = await Promise.all(
      [first, second].map((portal) => portal.run('invoice', 'list', 'acme', '--json')),
    );
    expect(after).toEqual(before);
    const again = await second.run('db', 'restore', path);
    expect(again).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('--force') });
    expect((await second.run('db', 'restore', path, '--force')).code).toBe(0);
    const made = await second.run('tenant', 'create', 'third', 'Third');
    expect(made.code).toBe(0);
  });

  it('a dump without its end is refused and changes nothing', async () => {
    const portal = commandLine({ PORTAL_DATABASE_URL: await demoDatabase() });
    const path = join(portal.data, 'dump.jsonl');
    await portal.run('db', 'backup', path);
    writeFileSync(path, readFileSync(path, 'utf8').split('\n').slice(0, 500).join('\n'));
    const refused = await portal.run('db', 'restore', path, '--force');
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('its end is missing'),
    });
    expect(await portal.json('db', 'check')).toMatchObject({ ok: true });
    expect(await portal.json('invoice', 'list', 'globex')).toHaveLength(9);
  });

  it('db check finds every corruption of a copy, or PostgreSQL itself does not take it', async () => {
    const client = new Client({ connectionString: await demoDatabase() });
    await client.connect();
    const untaken: string[] = [];
    for (const { name, violations } of CHECKS) {
      await client.query('begin');
      // As a superuser past triggers and foreign keys; conditions of columns hold for everybody.
      await client.query('set local session_replication_role = replica');
      try {
        for (const statement of CORRUPTIONS[name]!)
          expect((await client.query(asPostgres(statement))).rowCount, name).toBeGreaterThan(0);
        expect((await client.query(violations)).rowCount, name).toBeGreaterThan(0);
      } catch (error) {
        if (!(error instanceof DatabaseError) || error.code !== CHECK_VIOLATION) throw error;
        untaken.push(name);
      }
      await client.query('rollback');
    }
    await client.end();
    expect(untaken).toEqual([]);
  });

  it('db check exits with 1 and names the row when a promise is broken', async () => {
    const url = await demoDatabase();
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(`update invoices set balance_minor = balance_minor - 1 where number = 'INV-1006'`);
    await client.end();
    const { code, stdout } = await commandLine({ PORTAL_DATABASE_URL: url }).run('db', 'check');
    expect(code).toBe(1);
    expect(stdout).toContain('invoice_balances: tenant 1, invoice INV-1006, balance 84929, ledger 84930');
  });

  it('the shell reads, and changes nothing unless told that it may', async () => {
    const portal = commandLine({ PORTAL_DATABASE_URL: await freshDatabase('empty') });
    await portal.run('db', 'migrate');
    await portal.run('tenant', 'create', 'acme', 'Acme');
    const refused = await portal.runWith(`update tenants set name = 'x'`, 'db', 'shell');
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('read-only') });
    const escaped = await portal.runWith(
      `set transaction read write\nupdate tenants set name = 'x'`,
      'db',
      'shell',
    );
    expect(escaped.code).toBe(1);
    expect(await portal.json('tenant', 'show', 'acme')).toMatchObject({ name: 'Acme' });
  });
});

const CHECK_VIOLATION = '23514';

function asPostgres(statement: string): string {
  return statement.replaceAll(/\browid\b/g, 'ctid');
}

/** A copy of the demo's data. */
function demoDatabase(): Promise<string> {
  return freshDatabase('demo', async (url) => {
    await commandLine({ PORTAL_DATABASE_URL: url }).json('seed', 'demo');
  });
}
