import { describe, expect, test } from 'vitest';
import { customerColumn, type CustomerTable, ownership } from '#db/ownership.ts';
import { schema, type TableName } from '#db/schema.ts';
import { ENGINES, openHouse } from '#test/support/house.ts';
import { type DatabaseFacts, factsOf, type KeyFacts } from './facts.ts';

const described = Object.entries(schema) as Array<
  [TableName, Record<string, { type: 'int' | 'text'; nullable: boolean; optional: boolean }>]
>;
const owned = described.map(([table]) => table).filter((table) => ownership[table] !== 'directory');

test('every table is the directory’s, a tenant’s or a customer’s, and what names a customer’s document is a customer’s', () => {
  expect([...new Set(Object.values(ownership))].toSorted()).toEqual(['customer', 'directory', 'tenant']);
  const documents = ['invoice_id', 'estimate_id', 'credit_note_id', 'payment_id'];
  const strays = described.filter(
    ([table, columns]) => documents.some((column) => column in columns) && ownership[table] !== 'customer',
  );
  expect(strays).toEqual([]);
});

describe.each(ENGINES)('the migrated database on %s', (engine) => {
  const typeNames = engine === 'sqlite' ? { int: 'int', text: 'text' } : { int: 'bigint', text: 'text' };
  const read = async (): Promise<DatabaseFacts> => factsOf((await openHouse(engine)).app.ports.store);

  test('has exactly the tables, columns, types, nulls and defaults that db/schema.ts describes', async () => {
    const { tables } = await read();
    const actual = [...tables].map(([table, columns]) => [
      table,
      Object.fromEntries(
        [...columns].map(([name, { type, nullable, hasDefault }]) => [
          name,
          `${type}${nullable ? ' null' : ''}${hasDefault ? ' default' : ''}`,
        ]),
      ),
    ]);
    const expected = described.map(([table, columns]) => [
      table,
      Object.fromEntries(
        Object.entries(columns).map(([name, { type, nullable, optional }]) => [
          name,
          `${typeNames[type]}${nullable ? ' null' : ''}${optional && !nullable ? ' default' : ''}`,
        ]),
      ),
    ]);
    expect(Object.fromEntries(actual)).toEqual(Object.fromEntries(expected));
  });

  test('names an owner for each of its tables, and no other', async () => {
    const { tables } = await read();
    expect([...tables.keys()].toSorted()).toEqual(Object.keys(ownership).toSorted());
  });

  test('holds no floating point numbers', async () => {
    const { tables } = await read();
    const types = new Set(
      [...tables.values()].flatMap((columns) => [...columns.values()].map(({ type }) => type)),
    );
    expect([...types].toSorted()).toEqual(Object.values(typeNames).toSorted());
  });

  test('gives every tenant’s table the tenant first: in its primary key, unique indexes and foreign keys', async () => {
    const { keys } = await read();
    const ofOwned = keys.filter(({ table }) => owned.some((name) => name === table));
    expect(ofOwned.filter(({ columns }) => columns[0] !== 'tenant_id')).toEqual([]);
    for (const table of owned) {
      const own = ofOwned.filter((key) => key.table === table);
      expect(
        own.filter(({ kind }) => kind === 'primary'),
        table,
      ).toHaveLength(1);
      expect(own.some(pointsToTenants), `${table} belongs to a tenant that exists`).toBe(true);
    }
  });

  test('lets a foreign key point only within its own tenant', async () => {
    const { keys } = await read();
    const across = keys.filter(
      ({ kind, columns, target }) =>
        kind === 'foreign' &&
        owned.some((name) => name === target?.table) &&
        (columns[0] !== 'tenant_id' || target?.columns[0] !== 'tenant_id'),
    );
    expect(across).toEqual([]);
  });

  test('ties every customer’s row to a customer of the same tenant', async () => {
    const { keys, tables } = await read();
    const ofCustomers = owned.filter((table) => ownership[table] === 'customer') as CustomerTable[];
    const untied = ofCustomers.filter((table) => {
      const column = customerColumn(table);
      if (!tables.get(table)?.has(column)) return true;
      return (
        column !== 'id' && !keys.some((key) => key.table === table && pointsTo(key, 'customers', column))
      );
    });
    expect(untied).toEqual([]);
  });

  test('asks for the same things on both engines', async () => {
    const other = await factsOf(
      (await openHouse(engine === 'sqlite' ? 'postgres' : 'sqlite')).app.ports.store,
    );
    const mine = await read();
    expect(comparable(mine.keys)).toEqual(comparable(other.keys));
  });
});

function pointsToTenants(key: KeyFacts): boolean {
  return key.target?.table === 'tenants' && key.columns.length === 1;
}

function pointsTo({ columns, target }: KeyFacts, table: string, column: string): boolean {
  return target?.table === table && columns.join() === `tenant_id,${column}`;
}

function comparable(keys: readonly KeyFacts[]): string[] {
  return keys
    .map(({ table, kind, columns, target }) =>
      `${table} ${kind} (${columns.join()}) ${target ? `${target.table} (${target.columns.join()})` : ''}`.trim(),
    )
    .toSorted();
}
