import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createApp } from '#src/app.ts';
import { readConfig } from '#src/config.ts';
import type { Log } from '#src/kernel/log.ts';
import { ENGINES, openHouse } from '#test/support/house.ts';
import { customerWithInvoices } from '#test/support/house.ts';
import { fingerprintOf } from '#test/support/mirror.ts';
import { commandLine, type CommandLine } from './command-line.ts';

const OTHER = 'not the secret of this installation at all';

describe('a secret that is not the one of the database', () => {
  it('when it is lost, every command says what to do, and none is made in its place', async () => {
    const portal = await aPortal();
    const key = join(portal.data, 'secret.key');
    const secret = readFileSync(key, 'utf8');
    rmSync(key);
    for (const line of [
      ['tenant', 'list'],
      ['magic-link', 'acme', 'C1'],
      ['serve', '--port', '0'],
      ['work', '--once'],
    ]) {
      const refused = await portal.run(...line);
      expect(refused, line.join(' ')).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toContain(`was sealed with is not at ${key}`);
      expect(refused.stderr).toContain('from your backup');
      expect(existsSync(key)).toBe(false);
    }
    expect(await portal.json('db', 'check')).toMatchObject({ ok: true });
    expect(existsSync(key)).toBe(false);
    writeFileSync(key, secret, { mode: 0o600 });
    expect((await portal.run('magic-link', 'acme', 'C1')).code).toBe(0);
  });

  it('when it is another one, the file or the variable is named', async () => {
    const portal = await aPortal();
    const key = join(portal.data, 'secret.key');
    writeFileSync(key, OTHER);
    expect((await portal.run('tenant', 'list')).stderr).toContain(
      `${key} is not the secret that this database`,
    );
    const config = readConfig({ ...portal.env, PORTAL_SECRET: OTHER, PORTAL_LOG: 'silent' });
    await expect(createApp(config)).rejects.toMatchObject({
      code: 'secret_wrong',
      message: expect.stringContaining('PORTAL_SECRET is not the secret'),
    });
  });

  it('when it is lost for good, the keys are given up and made anew', async () => {
    const portal = await aPortal();
    rmSync(join(portal.data, 'secret.key'));
    expect(await portal.json('db', 'forget-secrets')).toEqual({ object: 'forgotten_secrets', keys: 1 });
    expect((await portal.run('magic-key', 'rotate', 'acme')).code).toBe(0);
    expect((await portal.run('magic-link', 'acme', 'C1')).stdout).toContain('/login/');
    expect((await portal.run('tenant', 'list')).code).toBe(0);
  });
});

it.each(ENGINES)('a wrong secret is refused and nothing is written, on %s', async (engine) => {
  const house = await openHouse(engine);
  const merchant = await house.tenant();
  await customerWithInvoices(merchant, [1_000]);
  const before = await fingerprintOf(house, merchant.tenant.id);
  const wrong = createApp({ ...house.config, secret: OTHER });
  await expect(wrong).rejects.toMatchObject({ code: 'secret_wrong' });
  await expect(createApp({ ...house.config, secret: undefined })).rejects.toMatchObject({
    code: 'secret_lost',
  });
  expect(existsSync(join(house.config.dataDir, 'secret.key'))).toBe(false);
  expect(await fingerprintOf(house, merchant.tenant.id)).toBe(before);
});

describe('the data folder', () => {
  it('and every file in it are their owner’s alone, whoever made the folder', async () => {
    const portal = commandLine();
    mkdirSync(portal.data, { recursive: true });
    chmodSync(portal.data, 0o755);
    const env = { ...portal.env, PORTAL_LOG: 'silent' };
    expect((await portal.run('seed', 'demo')).code).toBe(0);
    expect(modesIn(portal.data)).toEqual([]);
    expect(readdirSync(portal.data)).toEqual(
      expect.arrayContaining(['portal.db', 'secret.key', 'test-gateway.db']),
    );
    const app = await createApp(readConfig(env));
    onTestFinished(() => app.close());
    // With the log of the database, and what it shares, beside it.
    await app.ports.store.kysely.updateTable('tenants').set({ name: 'x' }).execute();
    expect(readdirSync(portal.data)).toContain('portal.db-wal');
    expect(modesIn(portal.data)).toEqual([]);
  });

  it('that stood open is closed at the start, and that is said', async () => {
    const portal = await aPortal();
    for (const name of ['portal.db', 'secret.key']) chmodSync(join(portal.data, name), 0o644);
    chmodSync(portal.data, 0o755);
    const said: string[] = [];
    const log: Log = {
      info: () => {},
      error: () => {},
      warn: (message, fields) => said.push(`${message}: ${String(fields?.['files'])}`),
    };
    const app = await createApp(readConfig({ ...portal.env }), { log });
    await app.close();
    expect(said).toEqual([
      `others could read what is the portal’s alone; it is closed to them now: ${portal.data}, portal.db, secret.key`,
    ]);
    expect(modesIn(portal.data)).toEqual([]);
  });

  it('that everybody may write to is refused, and nothing is put there', async () => {
    const portal = commandLine();
    mkdirSync(portal.data, { recursive: true });
    chmodSync(portal.data, 0o777);
    const refused = await portal.run('tenant', 'create', 'acme', 'Acme');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('PORTAL_DATA: ');
    expect(readdirSync(portal.data)).toEqual([]);
  });
});

it('the first tenant of an empty embedded database is all that is needed', async () => {
  const portal = commandLine();
  const unmade = await portal.run('tenant', 'list');
  expect(unmade).toMatchObject({ code: 1, stdout: '' });
  expect(unmade.stderr).toContain('There is no portal in this database yet');
  expect((await portal.run('tenant', 'create', 'acme', 'Acme')).code).toBe(0);
  expect(await portal.json('db', 'check')).toMatchObject({ ok: true });
  expect((await portal.run('db', 'migrate')).stderr).toContain('The database is up to date.');
});

/** A portal with the tenant `acme` and its customer `C1`. */
async function aPortal(): Promise<CommandLine> {
  const portal = commandLine();
  expect((await portal.run('tenant', 'create', 'acme', 'Acme')).code).toBe(0);
  expect((await portal.run('customer', 'create', 'acme', 'Ada', '--number', 'C1')).code).toBe(0);
  return portal;
}

/** What others may do with the folder and its files, where it is anything. */
function modesIn(folder: string): string[] {
  return ['.', ...readdirSync(folder)]
    .filter((name) => (statSync(join(folder, name)).mode & 0o077) !== 0)
    .map((name) => `${name} ${(statSync(join(folder, name)).mode & 0o777).toString(8)}`);
}
