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
import { type Engine, type Migration, statementsFor } from '#db/migrations/migration.ts';
import { openStore, type StoreAddress } from '#db/open.ts';
import type { MigrationBook } from '#db/schema.ts';
import { ENGINES } from '#test/support/house.ts';
import { freshDatabase } from '#test/support/postgres.ts';
import { factsOf } from './facts.ts';

/**
 * What each landed migration was when it landed. Databases exist that were made with it, and the portal refuses to run on them once it
 * differs: never change a hash here. To change the schema, add the next migration and its hashes.
 */
const LANDED: Readonly<Record<string, Readonly<Record<Engine, string>>>> = {
  '001-first': {
    sqlite: '47fedc618f3de3576472fc99e8ca7b08407778fb5b32e1926e269b7411ef70d7',
    postgres: '33cbda8c456f27c45b450c2be7429ad40fb0c4d5329d6ca0cc7722b35e63a2d7',
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

describe.each(ENGINES)('upgrading on %s', (engine) => {
  const older = migrations;
  const nicknames: Migration = {
    name: '998-nicknames',
    tables: [
      `alter table tenants add column nickname text; -- what its friends call it
update tenants set nickname = lower(name);
create index tenants_nickname on tenants (nickname);
`,
    ],
    sqlite: [`update tenants set nickname = nickname || ' (sqlite)'`],
    postgres: [`update tenants set nickname = nickname || ' (postgres)'`],
  };

  const made = async () => {
    const store = await open(await emptyDatabase(engine));
    await migrate(store, 5, older);
    const tenant = { username: 'acme', name: 'Acme', currency: 'EUR', time_zone: 'UTC', language: 'en' };
    await store.kysely
      .insertInto('tenants')
      .values({ id: 1, ...tenant, mode: 'test', created_at: 1 })
      .execute();
    return store;
  };

  test('runs what is new alone, and keeps what is there', async () => {
    const store = await made();
    const { tables: before } = await factsOf(store);
    expect(await migrate(store, 6, [...older, nicknames])).toEqual(['998-nicknames']);
    const { tables: after } = await factsOf(store);
    expect([...after.keys()].toSorted()).toEqual([...before.keys()].toSorted());
    const columns = (tables: typeof before) => [...tables.get('tenants')!.keys()].toSorted();
    expect(columns(after)).toEqual([...columns(before), 'nickname'].toSorted());
    const { rows } = await store.kysely.executeQuery(CompiledQuery.raw('select name, nickname from tenants'));
    expect(rows).toEqual([{ name: 'Acme', nickname: `acme (${engine})` }]);
    expect((await bookOf(store.kysely)).map((row) => [row.name, Number(row.applied_at)])).toEqual([
      ...names.map((name) => [name, 5]),
      ['998-nicknames', 6],
    ]);
    expect(await migrate(store, 7, [...older, nicknames])).toEqual([]);
    await expect(migrate(store, 7, older)).rejects.toMatchObject({ code: 'database_unusable' });
  });

  test('that fails half-way leaves the database as the older program made it', async () => {
    const store = await made();
    const facts = await factsOf(store);
    const book = await bookOf(store.kysely);
    const broken = { ...nicknames, [engine]: ['update nothing_of_that_name set a = 1'] };
    await expect(migrate(store, 6, [...older, broken])).rejects.toThrow(/nothing_of_that_name/);
    expect(await factsOf(store)).toEqual(facts);
    expect(await bookOf(store.kysely)).toEqual(book);
  });
});

test('comments are no part of a migration', () => {
  const plain = sharing('create table a (\n  b int not null,\n  c text\n);\n');
  const told = sharing(
    '-- A table; of two.\ncreate table a (\n  b int not null, -- int, text;\n  c text -- last\n);\n',
  );
  for (const engine of ENGINES) {
    expect(statementsFor(told, engine)).toEqual(statementsFor(plain, engine));
    expect(statementsFor(told, engine)).toHaveLength(1);
  }
});

function sharing(text: string): Migration {
  return { name: '001-x', tables: [text], sqlite: [], postgres: [] };
}

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
