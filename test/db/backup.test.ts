import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { backupTo } from '#db/backup.ts';
import { openHouse } from '#test/support/house.ts';

/** More than any backup of a sound design takes. */
const MOST_ROUNDS = 200;

test('a backup ends although another process writes all the time, and nobody else may read it meanwhile', async () => {
  const house = await openHouse('sqlite');
  const { store } = house.app.ports;
  const writer = new BetterSqlite(store.file!.name, { timeout: 0 });
  onTestFinished(() => void writer.close());
  writer.exec('create table bulk (n integer primary key, text text)');
  writer.exec(
    `with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000)
     insert into bulk select i, hex(zeroblob(2000)) from n`,
  );
  const folder = mkdtempSync(join(tmpdir(), 'portal-backup-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'backup.db');
  const draft = `${path}.${process.pid}.part`;
  const backup = backupTo(store, path, { force: false }).then(() => 'ended');
  let modes = 0;
  const writing = (async () => {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      writer.prepare(`update bulk set text = ? where n = 1`).run(String(round));
      if (existsSync(draft)) modes |= statSync(draft).mode & 0o777;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return 'it goes on';
  })();
  expect(await Promise.race([backup, writing])).toBe('ended');
  expect(modes).toBe(0o600);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const copy = new BetterSqlite(path, { readonly: true });
  onTestFinished(() => void copy.close());
  expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(copy.prepare('select count(*) from bulk').pluck().get()).toBe(5000);
  await writing;
});
