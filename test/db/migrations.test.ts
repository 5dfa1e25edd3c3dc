import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompiledQuery, type Kysely } from 'kysely';
import { describe, expect, onTestFinished, test } from 'vitest';
import { migrate, migrationStates } from '#db/migrate.ts';
import { migrations } from '#db/migrations/all.ts';
import { type Engine, statementsFor } from '#db/migrations/migration.ts';
import { openStore, type StoreAddress } from '#db/open.ts';
import type { MigrationBook } from '#db/schema.ts';
import { openMerchant } from '#src/tenants/tenants.ts';
import { setSetting } from '#src/tenants/settings.ts';
import { cardSource, customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { savedMethod } from '#test/support/instruments.ts';
import { freshDatabase } from '#test/support/postgres.ts';
import { factsOf } from './facts.ts';

/**
 * What each landed migration was when it landed. Databases exist that were made with it, and the portal refuses to run on them once it
 * differs: never change a hash here. To change the schema, add the next migration and its hashes.
 */
const LANDED: Readonly<Record<string, Readonly<Record<Engine, string>>>> = {
  '001-foundation': {
    sqlite: '3bedfa67590005ad40b01905bcd33e3bcf56fa892f90b61125d214c53ccfc94b',
    postgres: 'b1a2a6441ea912d8be4cd01cab5c0bbd056b73a0f9df004323475aaaca59e6b3',
  },
  '002-list-totals': {
    sqlite: 'fdb0f46885a352a9a0900de3568cae21332be886a231640b6402ae051bbc7d5b',
    postgres: 'fdb0f46885a352a9a0900de3568cae21332be886a231640b6402ae051bbc7d5b',
  },
  '003-payment-wishes': {
    sqlite: '430142ff6c2003a66ee817af08c022d687cfc88195171bd0f632f17f0736fec6',
    postgres: '4bb3911e993935c40e86d6f3f5f5c009b12be84acf065473f43d446a6da7d2ad',
  },
  '004-looks': {
    sqlite: 'd4fb2e74289ba4b9ec2d860a226a7423396da7e4a6713ab5905dbc29cb3d5cfb',
    postgres: '6e099220917e6f65964e28bbe64e58d5ec5341667742ee3686c7da02c4f84680',
  },
  '005-collecting': {
    sqlite: '19d662c1ec4e283d474e328d66e563b3d99926ee60e094239685f1fd08de2a84',
    postgres: '19d662c1ec4e283d474e328d66e563b3d99926ee60e094239685f1fd08de2a84',
  },
  '006-plan-starts': {
    sqlite: '49225f93d17176329fef73a6a4c7ba1b50c074a595692dae05aba1fd0889cf81',
    postgres: '764dbde4a0fdaa4e9eed5c10fb8bb7e26a3f31eca0024da19fe68bdecba332f2',
  },
  '007-gateway-accounts': {
    sqlite: '37392c97e4b114204cd617a18c612e7a2759351ec14ffc4ce28be426180bb780',
    postgres: '42b79fd93df6e56cdde903135c881c5abcdb8ca331ab90fd5be9255e4d8784df',
  },
  '008-offline': {
    sqlite: 'f80ce9bd07e912eeb4b9917f33ca6b3b8932fc79e845fa9099848230920bfcfd',
    postgres: 'f80ce9bd07e912eeb4b9917f33ca6b3b8932fc79e845fa9099848230920bfcfd',
  },
  '009-expiry-warnings': {
    sqlite: '72f6212d502b62ef4c3ce0798ded5b93069d738edbff7d61f5d119fbf1fe18a7',
    postgres: 'ea7ffb3e1eb23ab43fdba9651246bc56210c4b9cd050cb31215ee59b4055dab3',
  },
  '010-collected-together': {
    sqlite: 'e13d9f29e40c22ca31f8fa7fce0ff34bf1186da86571a12068b3d892df57c8e7',
    postgres: 'f274ebf3e1b3cfa2f7999dfad17bf2e65d53b1496a2efc0ba17b1a6b47115d97',
  },
  '011-promised-parts': {
    sqlite: '1fd908c40f0aafa2f7b1b2c2a8367804ee16f32863733844afe7bedbaef85952',
    postgres: '5d22a5bf723c1c34cf523dd687ba0c45c9b9f65f165907396f842792c451e38b',
  },
  '012-session-links': {
    sqlite: '9cafe541d67f06f07faf29b160e80c2b2706e937cf68d47c2775a48b6e265229',
    postgres: 'fc58137d0c14b63aeb943ea6b8620171b58f5f611cfbb99d6a3d312eeb4b3a6e',
  },
  '013-imports': {
    sqlite: '30d4b18b81ad9c07088c32d0f02d7a1291476339d7547d56f8b230545ec1fe4b',
    postgres: 'fa8555e65370e558b57968ca95844cc87f4ffa14e2e722bbea62d92c2cab9ae4',
  },
  '015-jobs': {
    sqlite: '5214215dade73f07e548a7a3a835e92313ea0ba5dfa999dfc976730549c82ab8',
    postgres: '5f640c5c16e694e25187cfba7bd2890fe0d85e730c8559e2caa36cd857474552',
  },
};

const names = migrations.map(({ name }) => name);
const root = fileURLToPath(new URL('../../', import.meta.url));

test.each(ENGINES)('no landed migration was edited, on %s', (engine) => {
  const now = migrations.map((migration) => {
    const text = statementsFor(migration, engine).join(';\n');
    return [migration.name, createHash('sha256').update(text).digest('hex')];
  });
  const landed = Object.entries(LANDED).map(([name, hashes]) => [name, hashes[engine]]);
  expect(now, 'a landed migration may not be edited; a new one adds its hashes to this test').toEqual(landed);
});

test('migrations are numbered in the order in which they run', () => {
  expect(names).toEqual(names.toSorted());
  for (const name of names) expect(name).toMatch(/^\d{3}-[a-z-]+$/);
  const numbers = names.map((name) => name.slice(0, 3));
  expect(new Set(numbers).size).toBe(numbers.length);
});

test.each(ENGINES)(
  'a business whose payments nobody took is offline after the upgrade, on %s',
  async (engine) => {
    const { app, tenant } = await openHouse(engine);
    const merchant = await tenant();
    await setSetting(merchant, 'payments.gateway', 'offline');
    const raw = (statement: string) => app.ports.store.kysely.executeQuery(CompiledQuery.raw(statement));
    await raw(`update settings set value = 'none' where key = 'payments.gateway'`);
    for (const statement of statementsFor(
      migrations.find(({ name }) => name === '008-offline')!,
      engine,
    ))
      await raw(statement);
    const after = await openMerchant(app.operator(), merchant.tenant);
    expect(after.settings['payments.gateway']).toBe('offline');
  },
);

test.each(ENGINES)(
  'cards that were kept before the upgrade are told of in their last month, on %s',
  async (engine) => {
    const { app, tenant, ...house } = await openHouse(engine);
    const { scope } = await customerWithInvoices(await tenant(), []);
    await savedMethod({ app, tenant, ...house }, scope, cardSource());
    const raw = (statement: string) => app.ports.store.kysely.executeQuery(CompiledQuery.raw(statement));
    await raw('update payment_methods set warn_at = null');
    await raw(migrations.find(({ name }) => name === '009-expiry-warnings')![engine][0]!);
    const method = await scope.db.from('payment_methods').select('warn_at').executeTakeFirstOrThrow();
    expect(method.warn_at).toBe(Date.parse('2030-12-01T00:00:00Z'));
  },
);

describe.each(ENGINES)('migrating on %s', (engine) => {
  test('makes the schema, tells what it did, and changes nothing the second time', async () => {
    const store = await open(await emptyDatabase(engine));
    expect((await migrationStates(store)).map(({ applied }) => applied)).toEqual(names.map(() => false));
    expect(await migrate(store, 5)).toEqual(names);
    const facts = await factsOf(store);
    const book = await bookOf(store.kysely);
    expect(await migrate(store, 6)).toEqual([]);
    expect(await factsOf(store)).toEqual(facts);
    expect(await bookOf(store.kysely)).toEqual(book);
    expect((await migrationStates(store)).map(({ applied }) => applied)).toEqual(names.map(() => true));
  });

  test.each([
    ['a newer program made', `insert into portal_migrations values ('999-future', 'x', 1)`, /999-future/],
    ['another program made', `update portal_migrations set hash = 'x'`, /is not the one/],
  ])('refuses a database that %s, and leaves it alone', async (_, change, reason) => {
    const store = await open(await emptyDatabase(engine));
    await migrate(store, 5);
    await store.kysely.executeQuery(CompiledQuery.raw(change));
    const book = await bookOf(store.kysely);
    const refusal = { code: 'database_unusable', message: expect.stringMatching(reason) };
    await expect(migrate(store, 6)).rejects.toMatchObject(refusal);
    await expect(migrationStates(store)).rejects.toMatchObject(refusal);
    expect(await bookOf(store.kysely)).toEqual(book);
  });

  test('by two processes at once is done by one of them', async () => {
    const address = await emptyDatabase(engine);
    const done = await Promise.all([migrateElsewhere(address), migrateElsewhere(address)]);
    expect(done.flat().toSorted()).toEqual(names);
    const store = await open(address);
    expect(await migrate(store, 6)).toEqual([]);
  });

  test('that fails half-way leaves nothing behind', async () => {
    const store = await open(await emptyDatabase(engine));
    // The last table of the first migration is there already: everything before it must be undone.
    await store.kysely.executeQuery(CompiledQuery.raw('create table rate_limits (a text)'));
    await expect(migrate(store, 5)).rejects.toThrow(/rate_limits/);
    expect([...(await factsOf(store)).tables.keys()]).toEqual(['rate_limits']);
    expect(await bookOf(store.kysely)).toEqual([]);
  });
});

async function open(address: StoreAddress) {
  const store = await openStore(address);
  onTestFinished(() => store.close());
  return store;
}

async function emptyDatabase(engine: Engine): Promise<StoreAddress> {
  if (engine === 'postgres') return { url: await freshDatabase('empty'), connections: 2 };
  const folder = mkdtempSync(join(tmpdir(), 'portal-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { file: join(folder, 'portal.db') };
}

function bookOf(kysely: unknown) {
  return (kysely as Kysely<MigrationBook>).selectFrom('portal_migrations').selectAll().execute();
}

/** Migrates in a process of its own and answers the names of the migrations that ran there. */
function migrateElsewhere(address: StoreAddress): Promise<string[]> {
  const program = `
    import { openStore } from '#db/open.ts';
    import { migrate } from '#db/migrate.ts';
    const store = await openStore(${JSON.stringify(address)});
    process.stdout.write(JSON.stringify(await migrate(store, 5)));
    await store.close();`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { cwd: root });
  const read = { out: '', error: '' };
  child.stdout.on('data', (chunk: Buffer) => (read.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (read.error += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(JSON.parse(read.out)) : reject(new Error(read.error))));
  });
}
