import { sql } from 'kysely';
import { type CustomerTable, ownership } from '#db/ownership.ts';
import { schema } from '#db/schema.ts';
import type { House } from './house.ts';

type Rows = ReadonlyMap<string, string>;

/** What a row is called here: its table and its key. */
const KEYS: Readonly<Partial<Record<CustomerTable, readonly string[]>>> = {
  attempt_allocations: ['attempt_id', 'position'],
  attempt_slots: ['slot'],
  postings: ['journal_id', 'position'],
};
const TABLES = (Object.keys(ownership) as CustomerTable[]).filter(
  (table) => (ownership[table] as string) === 'customer',
);

/**
 * The rows of all customers, of a house with one tenant, that were there before the work and are different after it, or gone, as `invoices 1`. Rows that are
 * new do not count.
 */
export async function changedBy(house: House, work: () => Promise<unknown>): Promise<string[]> {
  const before = await rowsOf(house);
  await work();
  const after = await rowsOf(house);
  return [...before].filter(([name, row]) => after.get(name) !== row).map(([name]) => name);
}

async function rowsOf({ app }: House): Promise<Rows> {
  const found = new Map<string, string>();
  for (const table of TABLES) {
    const query = sql<Record<string, unknown>>`select * from ${sql.table(table)}`;
    const { rows } = await query.execute(app.ports.store.kysely);
    const columns = Object.keys(schema[table]);
    for (const row of rows) {
      const key = (KEYS[table] ?? ['id']).map((column) => String(row[column])).join(' ');
      found.set(`${table} ${key}`, JSON.stringify(columns.map((column) => row[column])));
    }
  }
  return found;
}
