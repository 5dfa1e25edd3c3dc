import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { expectConsole, settleConsole, watchConsole } from '#test/support/console.ts';
import { dropDatabase, freshDatabase } from '#test/support/postgres.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const Versions = z.record(z.string(), z.string()).default({});
const Manifest = z.object({
  dependencies: Versions,
  devDependencies: Versions,
  optionalDependencies: Versions,
});
const Lock = z.object({
  packages: z.record(z.string(), z.object({ version: z.string(), optionalDependencies: Versions })),
});

describe('packages', () => {
  test('every package is pinned to one version', () => {
    const manifest = Manifest.parse(json('package.json'));
    const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
    const loose = Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version));
    expect(loose).toEqual([]);
  });

  test('the lock file names the packages of every platform, or npm ci refuses it', () => {
    const { packages } = Lock.parse(json('package-lock.json'));
    const missing = Object.entries(packages).flatMap(([path, entry]) =>
      Object.keys(entry.optionalDependencies).filter((name) => !isListed(packages, path, name)),
    );
    expect(missing).toEqual([]);
  });

  test('portal runs on the Node that npm brings, whatever Node calls it', async () => {
    const { stdout } = await run(`${root}cli/portal`, ['--help'], { env: { PATH: '/usr/bin:/bin' } });
    expect(stdout).toContain('portal');
  });
});

describe('what tests stand on', () => {
  test('a test that writes to the console without saying so fails', () => {
    expectConsole(/declared/);
    console.warn('declared');
    settleConsole();
    watchConsole();
    expectConsole(/never written/);
    expect(settleConsole).toThrow('Expected console output is missing');
    watchConsole();
  });

  test('a database copied from a template has its content and is nobody else’s', async () => {
    const prepare = (url: string) => query(url, 'create table notes (text text)').then(() => undefined);
    const first = await freshDatabase('toolchain', prepare);
    const second = await freshDatabase('toolchain', prepare);
    await query(first, `insert into notes values ('mine')`);
    expect(await query(first, 'select * from notes')).toEqual([{ text: 'mine' }]);
    expect(await query(second, 'select * from notes')).toEqual([]);
    await dropDatabase(first);
    await expect(query(first, 'select 1')).rejects.toThrow('does not exist');
  });
});

/** Node's rule: a package is looked for beside its dependent, then one folder up, and so on. */
function isListed(packages: Record<string, unknown>, dependent: string, name: string): boolean {
  const inside = dependent === '' ? '' : `${dependent}/`;
  if (`${inside}node_modules/${name}` in packages) return true;
  if (dependent === '') return false;
  return isListed(packages, dependent.slice(0, Math.max(0, dependent.lastIndexOf('/node_modules/'))), name);
}

function json(file: string): unknown {
  return JSON.parse(readFileSync(root + file, 'utf8'));
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows;
  } finally {
    await client.end();
  }
}
