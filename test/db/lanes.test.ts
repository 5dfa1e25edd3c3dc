import { Client } from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Lanes } from '#db/dialects/lanes.ts';
import { openStore, type Store } from '#db/open.ts';
import { freshDatabase } from '#test/support/postgres.ts';

const TENANT = 7;
const LANES = [{ tenant: TENANT }, { tenant: TENANT, customer: 3 }];

test.each(LANES)(
  'waiting for the lane of %o is not part of the time that a statement may take',
  async (lane) => {
    const url = new URL(await freshDatabase('lanes'));
    url.searchParams.set('statement_timeout', '1500');
    const store = await openStore({ url: url.href, connections: 2 });
    onTestFinished(() => store.close());
    const other = new Client({ connectionString: url.href, statement_timeout: 0 });
    await other.connect();
    onTestFinished(() => other.end());
    await other.query('set statement_timeout = 0');
    await other.query('select pg_advisory_lock(7301855, $1)', [TENANT]);
    const work = store.transaction(async () => 'done', lane);
    work.catch(() => undefined);
    // Longer than a statement may take, while the work is waiting.
    await expect.poll(() => waiting(other), { timeout: 20_000 }).toBe(1);
    await other.query('select pg_sleep(2)');
    await other.query('select pg_advisory_unlock(7301855, $1)', [TENANT]);
    expect(await work).toBe('done');
  },
);

test.each(LANES)('a statement has no more time than before once the lane of %o is taken', async (lane) => {
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
  }, lane);
  expect(timeout).toEqual({ statement_timeout: '1500ms', lock_timeout: '0' });
});

describe('between processes', () => {
  test('two customers of a tenant work beside one another, the same customer and the whole tenant do not', async () => {
    const url = await freshDatabase('lanes');
    const [here, there] = [await openStore({ url }), await openStore({ url })];
    const watching = new Client({ connectionString: url });
    await watching.connect();
    onTestFinished(async () => void (await Promise.all([here.close(), there.close(), watching.end()])));
    const open = await heldOpen(here, { tenant: TENANT, customer: 1 });
    expect(await done(there, { tenant: TENANT, customer: 2 })).toBe('done');
    expect(await done(there, { tenant: TENANT + 1, customer: 1 })).toBe('done');
    expect(await done(there, { tenant: TENANT + 1 })).toBe('done');
    const order: string[] = [];
    const same = done(there, { tenant: TENANT, customer: 1 }).then(() => order.push('same'));
    await expect.poll(() => waiting(watching)).toBe(1);
    const whole = done(here, { tenant: TENANT }).then(() => order.push('whole'));
    expect(order).toEqual([]);
    open.end();
    await Promise.all([open.ended, same, whole]);
    expect(order.toSorted()).toEqual(['same', 'whole']);
  });

  test('a whole tenant’s work keeps every customer of it waiting', async () => {
    const url = await freshDatabase('lanes');
    const [here, there] = [await openStore({ url }), await openStore({ url })];
    const watching = new Client({ connectionString: url });
    await watching.connect();
    onTestFinished(async () => void (await Promise.all([here.close(), there.close(), watching.end()])));
    const open = await heldOpen(here, { tenant: TENANT });
    const both = Promise.all([1, 2].map((customer) => done(there, { tenant: TENANT, customer })));
    await expect.poll(() => waiting(watching)).toBe(2);
    open.end();
    expect(await both).toEqual(['done', 'done']);
  });
});

describe('within the process', () => {
  const limits = { patienceMs: 600_000, customersAtOnce: 3 };

  test('customers begin beside one another, a customer’s own work one after another, and no more at once than is given', async () => {
    const begun = beginning(new Lanes(limits));
    const [a, again, b, c, d] = ['a', 'b', 'c', 'd', 'e'].map((name, i) =>
      begun.work(name, { tenant: 1, customer: [1, 1, 2, 3, 4][i] }),
    );
    const elsewhere = begun.work('elsewhere', { tenant: 2, customer: 1 });
    expect(await begun.names()).toEqual(['a', 'c', 'd', 'elsewhere']);
    b!.end();
    expect(await begun.names()).toEqual(['a', 'c', 'd', 'elsewhere', 'e']);
    a!.end();
    expect(await begun.names()).toEqual(['a', 'c', 'd', 'elsewhere', 'e', 'b']);
    for (const one of [again, c, d, elsewhere]) one!.end();
  });

  test('the whole tenant has its lanes to itself, and nobody who came later goes first', async () => {
    const begun = beginning(new Lanes(limits));
    const first = begun.work('customer', { tenant: 1, customer: 1 });
    const whole = begun.work('tenant', { tenant: 1 });
    const later = begun.work('later', { tenant: 1, customer: 2 });
    expect(await begun.names()).toEqual(['customer']);
    first.end();
    expect(await begun.names()).toEqual(['customer', 'tenant']);
    whole.end();
    expect(await begun.names()).toEqual(['customer', 'tenant', 'later']);
    later.end();
  });

  test('work whose turn in its lane comes too late is refused and not done', async () => {
    const lanes = new Lanes({ ...limits, patienceMs: 0 });
    const first = Promise.withResolvers<void>();
    let ran = 0;
    const one = lanes.run({ tenant: 1 }, () => first.promise);
    const two = lanes.run({ tenant: 1, customer: 1 }, async () => ++ran);
    const elsewhere = lanes.run({ tenant: 2 }, async () => 'elsewhere');
    two.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 5));
    first.resolve();
    await one;
    await expect(two).rejects.toMatchObject({ code: 'busy', status: 503 });
    expect(ran).toBe(0);
    expect(await elsewhere).toBe('elsewhere');
    expect(await lanes.run({ tenant: 1 }, async () => 'free again')).toBe('free again');
  });

  test('work that fails gives its lane back', async () => {
    const lanes = new Lanes(limits);
    await expect(lanes.run({ tenant: 1 }, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await lanes.run({ tenant: 1, customer: 1 }, async () => 'next')).toBe('next');
  });
});

type Lane = Parameters<Lanes['run']>[0];

/** Work that tells when it begins and lasts until it is ended. */
function beginning(lanes: Lanes) {
  const names: string[] = [];
  return {
    /** Who has begun so far, in that order. */
    names: async (): Promise<string[]> => {
      for (let round = 0; round < 20; round++) await Promise.resolve();
      return names;
    },
    work: (name: string, lane: Lane): { end(): void } => {
      const gate = Promise.withResolvers<void>();
      void lanes.run(lane, () => (names.push(name), gate.promise));
      return { end: gate.resolve };
    },
  };
}

/** A transaction that has begun and stays open until it is ended. */
async function heldOpen(store: Store, lane: Lane): Promise<{ end(): void; readonly ended: Promise<void> }> {
  const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const ended = store.transaction(() => (begun.resolve(), gate.promise), lane);
  await begun.promise;
  return { end: gate.resolve, ended };
}

function done(store: Store, lane: Lane): Promise<string> {
  return store.transaction(async () => 'done', lane);
}

async function waiting(client: Client): Promise<number> {
  const { rows } = await client.query(
    `select count(*)::int as n from pg_locks where locktype = 'advisory' and not granted`,
  );
  return rows[0].n;
}
