import BetterSqlite from 'better-sqlite3';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Store } from '#db/open.ts';
import { createSessions } from '#src/signin/sessions.ts';
import { createCustomer } from '#src/customers/customers.ts';
import { openHouse } from '#test/support/house.ts';

/** Another process that has the write lock, as an import has; `let go` commits. */
function busyWriter(store: Store): { letGo(): void } {
  const other = new BetterSqlite(store.file!.name, { timeout: 0 });
  onTestFinished(() => void other.close());
  other.exec('begin immediate');
  return { letGo: () => void other.exec('commit') };
}

/** Whether the work is still waiting after the loop has gone round so often. */
async function waits(work: Promise<unknown>, rounds = 20): Promise<boolean> {
  const goRound = async (): Promise<boolean> => {
    for (let round = 0; round < rounds; round++) await turnOfTheLoop();
    return true;
  };
  return Promise.race([work.then(() => false), goRound()]);
}

describe('while another process writes to the SQLite file', () => {
  test('a transaction waits off the loop, and reads are answered meanwhile', async () => {
    const house = await openHouse('sqlite');
    const merchant = await house.tenant();
    const writer = busyWriter(house.app.ports.store);
    const writing = createCustomer(merchant, { name: 'Ada' });
    expect(await waits(writing)).toBe(true);
    expect(await merchant.db.from('customers').select('id').execute()).toEqual([]);
    expect(await waits(writing)).toBe(true);
    writer.letGo();
    expect((await writing).name).toBe('Ada');
  });

  test('a single statement waits off the loop as well', async () => {
    const house = await openHouse('sqlite');
    const merchant = await house.tenant();
    await createCustomer(merchant, { name: 'Ada' });
    const writer = busyWriter(house.app.ports.store);
    const writing = merchant.db.update('customers').set({ name: 'Eve' }).execute();
    expect(await waits(writing)).toBe(true);
    writer.letGo();
    await writing;
    expect(await merchant.db.from('customers').select('name').execute()).toEqual([{ name: 'Eve' }]);
  });

  test('signing in waits off the loop', async () => {
    const house = await openHouse('sqlite');
    const merchant = await house.tenant();
    const sessions = createSessions(house.app.ports);
    const fresh = { email: 'ada@example.com', scope: 'portal', method: 'email_link' } as const;
    const before = await sessions.issue(merchant, { ...fresh, address: '', browser: '' });
    const writer = busyWriter(house.app.ports.store);
    const issuing = sessions.issue(merchant, { ...fresh, address: '', browser: '' });
    expect(await waits(issuing)).toBe(true);
    const known = await sessions.authenticate(merchant.tenant, `portal=${before.token}`);
    expect(known.session?.id).toBe(before.session.id);
    expect(await waits(issuing)).toBe(true);
    writer.letGo();
    expect((await issuing).session.userId).toBe(before.session.userId);
  });

  test('those who wait to write are served in the order in which they came', async () => {
    const house = await openHouse('sqlite');
    const merchant = await house.tenant();
    const writer = busyWriter(house.app.ports.store);
    const served: string[] = [];
    const names = ['Ada', 'Bob', 'Eve', 'Flo'];
    const writing = names.map((name) => createCustomer(merchant, { name }).then(() => served.push(name)));
    expect(await waits(Promise.race(writing))).toBe(true);
    writer.letGo();
    await Promise.all(writing);
    expect(served).toEqual(names);
  });

  test('whoever runs out of patience is refused, and nothing is written', async () => {
    const house = await openHouse('sqlite');
    const merchant = await house.tenant();
    const { store } = house.app.ports;
    const writer = busyWriter(store);
    const statement = () => store.file!.prepare(`update tenants set name = 'x'`).run();
    await expect(
      store.directly(async () => statement(), { writes: true, patienceMs: 0 }),
    ).rejects.toMatchObject({
      code: 'busy',
      status: 503,
    });
    writer.letGo();
    const { name } = store.file!.prepare('select name from tenants').get() as { name: string };
    expect(name).toBe(merchant.tenant.name);
  });
});
