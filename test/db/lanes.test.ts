import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { openLanes } from '#db/dialects/postgres.ts';
import { openStore } from '#db/open.ts';
import { freshDatabase } from '#test/support/postgres.ts';

const LANE = 7;

test('waiting for a lane is not part of the time that a statement may take', async () => {
  const url = new URL(await freshDatabase('lanes'));
  url.searchParams.set('statement_timeout', '1500');
  const store = await openStore({ url: url.href, connections: 2 });
  onTestFinished(() => store.close());
  const other = new Client({ connectionString: url.href, statement_timeout: 0 });
  await other.connect();
  onTestFinished(() => other.end());
  await other.query('set statement_timeout = 0');
  await other.query('select pg_advisory_lock(7301855, $1)', [LANE]);
  const work = store.transaction(async () => 'done', LANE);
  work.catch(() => undefined);
  // Longer than a statement may take, while the work is waiting.
  await expect.poll(() => waiting(other), { timeout: 20_000 }).toBe(1);
  await other.query('select pg_sleep(2)');
  await other.query('select pg_advisory_unlock(7301855, $1)', [LANE]);
  expect(await work).toBe('done');
});

test('a statement has no more time than before once its lane is taken', async () => {
  const url = new URL(await freshDatabase('lanes'));
  url.searchParams.set('statement_timeout', '1500');
  const store = await openStore({ url: url.href, connections: 2 });
  onTestFinished(() => store.close());
  const timeout = await store.transaction(async (tx) => {
    const { rows } = await tx.executeQuery<{ statement_timeout: string; lock_timeout: string }>(
      tx
        .selectNoFrom((eb) => [
          eb.fn<string>('current_setting', [eb.val('statement_timeout')]).as('statement_timeout'),
          eb.fn<string>('current_setting', [eb.val('lock_timeout')]).as('lock_timeout'),
        ])
        .compile(),
    );
    return rows[0];
  }, LANE);
  expect(timeout).toEqual({ statement_timeout: '1500ms', lock_timeout: '0' });
});

test('work whose turn in its lane comes too late is refused and not done', async () => {
  const inLane = openLanes(0);
  const first = Promise.withResolvers<void>();
  let done = 0;
  const one = inLane(LANE, () => first.promise);
  const two = inLane(LANE, async () => ++done);
  const elsewhere = inLane(LANE + 1, async () => 'elsewhere');
  two.catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 5));
  first.resolve();
  await one;
  await expect(two).rejects.toMatchObject({ code: 'busy', status: 503 });
  expect(done).toBe(0);
  expect(await elsewhere).toBe('elsewhere');
});

async function waiting(client: Client): Promise<number> {
  const { rows } = await client.query(
    `select count(*)::int as n from pg_locks where locktype = 'advisory' and not granted`,
  );
  return rows[0].n;
}
