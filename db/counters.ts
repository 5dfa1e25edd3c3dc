import { CompiledQuery, type Kysely } from 'kysely';
import type { Engine } from './migrations/migration.ts';
import type { Database } from './schema.ts';

type Connection = Pick<Kysely<Database>, 'executeQuery'>;

/** Taking an id or a number is every second statement of a payment: it is ready-made. */
const ADVANCE: Readonly<Record<Engine, string>> = {
  sqlite: advanceBy('?', '?', '?'),
  postgres: advanceBy('$1', '$2', '$3'),
};

/** Counts a tenant's counter up and answers what it stands at then. */
export async function advance(
  kysely: Connection,
  engine: Engine,
  counter: readonly [tenantId: number, name: string, by: number],
): Promise<number> {
  const query = CompiledQuery.raw(ADVANCE[engine], [...counter]);
  const { rows } = await kysely.executeQuery<{ value: number }>(query);
  return Number(rows[0]!.value);
}

/** Takes ids of PostgreSQL's own sequence of a table, in growing order. */
export async function takeIds(kysely: Connection, table: string, count: number): Promise<number[]> {
  const take = CompiledQuery.raw(`select nextval('${table}_ids') as id from generate_series(1, $1::int)`, [
    count,
  ]);
  const { rows } = await kysely.executeQuery<{ id: number }>(take);
  return rows.map((row) => row.id).toSorted((a, b) => a - b);
}

function advanceBy(tenant: string, name: string, by: string): string {
  return `insert into counters (tenant_id, name, value) values (${tenant}, ${name}, ${by})
    on conflict (tenant_id, name) do update set value = counters.value + excluded.value returning value`;
}
