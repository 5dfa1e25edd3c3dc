import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECKS } from '#db/invariants.ts';
import { migrate } from '#db/migrate.ts';
import { openStore, type StoreAddress } from '#db/open.ts';
import { ownership } from '#db/ownership.ts';
import { schema, type TableName } from '#db/schema.ts';
import { handKeptBooks, insertion, type Row } from '#test/support/hand-kept-books.ts';
import { ENGINES } from '#test/support/house.ts';
import { MISBOOKINGS, TOLD } from '#test/support/misbookings.ts';
import { freshDatabase } from '#test/support/postgres.ts';

/** The hand-kept books in a database that keeps nobody from writing anything. */
interface Books {
  /** Rows of a statement. */
  read(statement: string): Promise<Array<Record<string, unknown>>>;
  /** Changes the books, and answers how many rows that were. */
  write(statement: string): Promise<number>;
  close(): Promise<void>;
}

const OPEN = { sqlite: openSqlite, postgres: openPostgres };
const EVERY = Object.entries(MISBOOKINGS).flatMap(([check, cases]) =>
  cases.map(([what, found, ...statements]) => ({ check, what, found, statements })),
);

it('every check of money is told of what breaks it', () => {
  // What is collected by itself is no booking: test/operations/collection-moments.test.ts breaks it.
  const elsewhere = new Set(['same_customer', 'collections_due']);
  const told = CHECKS.map(({ name }) => name).filter((name) => !elsewhere.has(name));
  expect(Object.keys(MISBOOKINGS).toSorted()).toEqual(told.toSorted());
});

describe.each(ENGINES)('db check of books kept by hand, on %s', (engine) => {
  let books: Books;
  beforeAll(async () => {
    books = await OPEN[engine]();
    for (const statement of handKeptBooks()) await books.write(statement);
  });
  afterAll(() => books.close());

  it.each(CHECKS.map(({ name }) => name))(
    '%s holds, and there is something that it looks at',
    async (name) => {
      const { count } = CHECKS.find((check) => check.name === name)!;
      expect(Number((await books.read(count))[0]!['n'])).toBeGreaterThan(0);
      expect(await toldBy(books, name, [])).toEqual([]);
    },
  );

  it.each(EVERY)('$check finds $what', async ({ check, found, statements }) => {
    const told = await toldBy(books, check, statements);
    expect(told.map((row) => Object.values(row).slice(0, 2).map(String))).toEqual(
      found.map((row) => ['1', String(row)]),
    );
  });

  it.each(TOLD)('%s tells the amounts of %s', async (check, what, row) => {
    const [, , ...statements] = MISBOOKINGS[check]!.find(([name]) => name === what)!;
    const [told] = await toldBy(books, check, statements);
    expect(inWords(told!)).toBe(`tenant 1, ${row}`);
  });
});

it('same_customer looks at every reference from customer to customer', async () => {
  const books = await openSqlite();
  for (const statement of handKeptBooks()) await books.write(statement);
  const links = (await Promise.all(CUSTOMERS_OWN.map((table) => referencesOf(books, table)))).flat();
  expect(links.length).toBeGreaterThan(30);
  for (const { table, column, parent } of links) {
    const told = await toldBy(books, 'same_customer', [
      anyRow(parent, { id: '9001', customer_id: 2 }),
      anyRow(table, { id: '9002', customer_id: 1, [column]: '9001' }),
    ]);
    expect
      .soft(told.map(inWords), `${table}.${column}`)
      .toEqual([`tenant 1, of_table ${table}, id 9001, customer 1, expected 2`]);
  }
  await books.close();
});

/** What a check tells after some changes, which are taken back. */
async function toldBy(
  books: Books,
  name: string,
  statements: readonly string[],
): Promise<Array<Record<string, unknown>>> {
  await books.write('begin');
  try {
    for (const statement of statements) expect(await books.write(statement), statement).toBeGreaterThan(0);
    const { violations } = CHECKS.find((check) => check.name === name)!;
    return await books.read(violations);
  } finally {
    await books.write('rollback');
  }
}

const CUSTOMERS_OWN = (Object.keys(ownership) as TableName[]).filter(
  (table) => ownership[table] === 'customer',
);

function inWords(row: Readonly<Record<string, unknown>>): string {
  return Object.entries(row)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
}

/** A row of tenant 1, without those of the columns that the table does not have. */
function anyRow(table: TableName, row: Row): string {
  const columns = Object.entries(row).filter(([name]) => name in schema[table]);
  return insertion(table, { tenant_id: 1, ...Object.fromEntries(columns) });
}

interface Reference {
  readonly table: TableName;
  readonly column: string;
  readonly parent: TableName;
}

/** By which columns rows of a table name other things of customers. */
async function referencesOf(books: Books, table: TableName): Promise<Reference[]> {
  const keys = await books.read(`select "from", "table" as parent from pragma_foreign_key_list('${table}')`);
  return keys
    .map(({ from, parent }) => ({ table, column: String(from), parent: String(parent) as TableName }))
    .filter(({ column }) => !['tenant_id', 'currency', 'customer_id'].includes(column))
    .filter(({ parent }) => parent !== 'customers' && CUSTOMERS_OWN.includes(parent));
}

async function openSqlite(): Promise<Books> {
  const folder = mkdtempSync(join(tmpdir(), 'portal-books-'));
  const path = join(folder, 'books.db');
  await migrateAt({ file: path });
  const file = new BetterSqlite(path).unsafeMode(true);
  for (const pragma of ['foreign_keys = off', 'ignore_check_constraints = on', 'synchronous = off'])
    file.pragma(pragma);
  for (const { name } of file
    .prepare<[], { name: string }>(`select name from sqlite_schema where type = 'trigger'`)
    .all())
    file.exec(`drop trigger ${name}`);
  return {
    read: async (statement) => file.prepare<[], Record<string, unknown>>(statement).all(),
    write: async (statement) => file.prepare(statement).run().changes,
    close: async () => {
      file.close();
      rmSync(folder, { recursive: true });
    },
  };
}

async function openPostgres(): Promise<Books> {
  const url = await freshDatabase('portal', (at) => migrateAt({ url: at }));
  const client = new Client({ connectionString: url });
  await client.connect();
  // As a superuser past triggers and foreign keys.
  await client.query('set session_replication_role = replica');
  return {
    read: async (statement) => (await client.query<Record<string, unknown>>(statement)).rows,
    write: async (statement) => (await client.query(statement)).rowCount ?? 0,
    close: () => client.end(),
  };
}

async function migrateAt(address: StoreAddress): Promise<void> {
  const store = await openStore(address);
  await migrate(store, 0);
  await store.close();
}
