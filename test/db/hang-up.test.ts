import { Client } from 'pg';
import { openStore } from '#db/open.ts';
import { freshDatabase } from '#test/support/postgres.ts';
import { expect, onTestFinished, test } from 'vitest';

test('a PostgreSQL that hangs up, also in a transaction, costs that transaction and not the process', async () => {
  const url = await freshDatabase('hang-up');
  const store = await openStore({ url });
  onTestFinished(() => store.close());
  const cut = store.transaction(async (tx) => {
    await tx.executeQuery(tx.selectNoFrom((eb) => eb.val(1).as('one')).compile());
    await hangUp(url);
    await tx.executeQuery(tx.selectNoFrom((eb) => eb.val(1).as('one')).compile());
  });
  await expect(cut).rejects.toThrow(/terminat|queryable/);
  await hangUp(url);
  // Whoever is given a connection that has died unnoticed is told so; the next one gets another.
  const two = store.kysely.selectNoFrom((eb) => eb.lit(2).as('two'));
  await expect.poll(() => two.execute()).toEqual([{ two: 2 }]);
});

async function hangUp(connectionString: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  const others = 'from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()';
  await client.query(`select pg_terminate_backend(pid) ${others}`);
  await expect.poll(async () => (await client.query(`select pid ${others}`)).rows).toEqual([]);
  await client.end();
}
