import { spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createApp } from '#src/app.ts';
import { readConfig } from '#src/config.ts';
import { verifyMagicLink } from '#src/signin/magic-links.ts';
import { findTenant, openMerchant } from '#src/tenants/tenants.ts';
import { commandLine, type CommandLine } from './command-line.ts';

describe('db restore', () => {
  it('refuses while the portal serves on the database, changes nothing, and works once it has stopped', async () => {
    const { portal, backup } = await aBackup();
    await portal.run('tenant', 'create', 'later', 'Made after the backup');
    const serving = spawn(join(process.cwd(), 'cli/portal'), ['serve', '--port', '0'], { env: portal.env });
    onTestFinished(() => void serving.kill('SIGKILL'));
    let said = '';
    serving.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    await expect.poll(() => said).toContain('The portal listens');

    const refused = await portal.run('db', 'restore', backup, '--force');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(`Another process has ${join(portal.data, 'portal.db')} open`);
    expect(refused.stderr).toContain('Stop it, then restore again.');
    expect(await tenants(portal)).toEqual(['acme', 'later']);
    expect(readdirSync(portal.data).filter((name) => name.includes('restoring'))).toEqual([]);

    const ended = new Promise((resolve) => serving.once('exit', resolve));
    serving.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(await portal.run('db', 'restore', backup, '--force')).toMatchObject({ code: 0, stdout: '' });
    expect(await tenants(portal)).toEqual(['acme']);
  });

  it('takes the place of a database that is damaged beyond opening', async () => {
    const { portal, backup } = await aBackup();
    writeFileSync(join(portal.data, 'portal.db'), 'no database any more');
    expect((await portal.run('tenant', 'list')).code).not.toBe(0);
    expect(await portal.run('db', 'restore', backup, '--force')).toMatchObject({ code: 0, stdout: '' });
    expect(await portal.json('db', 'check')).toMatchObject({ ok: true });
    expect(await tenants(portal)).toEqual(['acme']);
  });

  it('says that links which work once are used up, and so they are', async () => {
    const { portal, backup } = await aBackup();
    const [once, often] = [
      await portal.run('magic-link', 'acme', 'CUST-00001', '--once'),
      await portal.run('magic-link', 'acme', 'CUST-00001'),
    ].map(({ stdout }) => stdout.trim().split('/login/')[1]!);
    const { stderr } = await portal.run('db', 'restore', backup, '--force');
    expect(stderr).toContain('Sign-in links that work once and were made before no longer work');
    const app = await createApp(readConfig({ ...portal.env, PORTAL_LOG: 'silent' }));
    onTestFinished(() => app.close());
    const merchant = await openMerchant(app.operator(), await findTenant(app.operator(), 'acme'));
    await expect(verifyMagicLink(merchant, once!)).rejects.toMatchObject({ code: 'link_used' });
    expect(await verifyMagicLink(merchant, often!)).toMatchObject({ customerId: 1 });
  });
});

/** A portal with the tenant `acme` and one customer, and a backup of it. */
async function aBackup(): Promise<{ portal: CommandLine; backup: string }> {
  const portal = commandLine();
  await portal.run('db', 'migrate');
  await portal.run('tenant', 'create', 'acme', 'Acme');
  const customers = join(portal.data, 'customers.csv');
  writeFileSync(customers, 'number,name,email\nCUST-00001,Anna GmbH,anna@example.com\n');
  expect((await portal.run('import', 'csv', 'acme', '--customers', customers)).code).toBe(0);
  await portal.run('magic-key', 'show', 'acme');
  const backup = join(portal.data, 'backup.db');
  expect((await portal.run('db', 'backup', backup)).code).toBe(0);
  return { portal, backup };
}

async function tenants(portal: CommandLine): Promise<unknown[]> {
  return ((await portal.json('tenant', 'list')) as Array<{ username: string }>).map(
    ({ username }) => username,
  );
}
