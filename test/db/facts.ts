import { CompiledQuery } from 'kysely';
import type { Store } from '#db/open.ts';

export interface ColumnFacts {
  readonly type: string;
  readonly nullable: boolean;
  readonly hasDefault: boolean;
}

/** A list of columns that a key, a unique index or a foreign key of a table is made of. */
export interface KeyFacts {
  readonly table: string;
  readonly kind: 'primary' | 'unique' | 'foreign';
  readonly columns: readonly string[];
  /** The table and columns that a foreign key points to. */
  readonly target?: { readonly table: string; readonly columns: readonly string[] };
}

export interface DatabaseFacts {
  readonly tables: ReadonlyMap<string, ReadonlyMap<string, ColumnFacts>>;
  readonly keys: readonly KeyFacts[];
}

/** What the engine itself says that its tables are, without the book of migrations. */
export async function factsOf(store: Store): Promise<DatabaseFacts> {
  const run = async <Row>(text: string): Promise<Row[]> =>
    (await store.kysely.executeQuery<Row>(CompiledQuery.raw(text))).rows;
  const columns = await run<ColumnRow>(store.engine === 'sqlite' ? SQLITE_COLUMNS : POSTGRES_COLUMNS);
  const keys = await run<KeyRow>(store.engine === 'sqlite' ? SQLITE_KEYS : POSTGRES_KEYS);
  const tables = new Map<string, Map<string, ColumnFacts>>();
  for (const { table, column, type, nullable, defaults } of columns) {
    const known = tables.get(table) ?? new Map<string, ColumnFacts>();
    known.set(column, {
      type: type.toLowerCase(),
      nullable: Boolean(nullable),
      hasDefault: Boolean(defaults),
    });
    tables.set(table, known);
  }
  return { tables, keys: keys.map(keyFacts) };
}

interface ColumnRow {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly nullable: number | boolean;
  readonly defaults: number | boolean;
}

interface KeyRow {
  readonly table: string;
  readonly kind: KeyFacts['kind'];
  readonly columns: string;
  readonly target: string | null;
  readonly targets: string | null;
}

function keyFacts({ table, kind, columns, target, targets }: KeyRow): KeyFacts {
  const own = { table, kind, columns: columns.split(',') };
  return target === null ? own : { ...own, target: { table: target, columns: (targets ?? '').split(',') } };
}

const SQLITE_TABLES = `select name from sqlite_schema where type = 'table' and name not like 'sqlite%' and name <> 'portal_migrations'`;

const SQLITE_COLUMNS = `
  select t.name as "table", c.name as "column", c.type as type, c."notnull" = 0 as nullable, c.dflt_value is not null as defaults
  from (${SQLITE_TABLES}) t, pragma_table_info(t.name) c`;

const SQLITE_KEYS = `
  select t.name as "table", iif(i.origin = 'pk', 'primary', 'unique') as kind,
    (select group_concat(name, ',') from (select name from pragma_index_info(i.name) order by seqno)) as columns,
    null as target, null as targets
  from (${SQLITE_TABLES}) t, pragma_index_list(t.name) i where i."unique" = 1
  union all
  select t.name, 'primary', c.name, null, null from (${SQLITE_TABLES}) t, pragma_table_info(t.name) c
  where c.pk = 1 and not exists (select 1 from pragma_index_list(t.name) i where i.origin = 'pk')
  union all
  select "table", 'foreign', group_concat("from", ','), target, group_concat("to", ',') from (
    select t.name as "table", f.id, f."from", f."to", f."table" as target
    from (${SQLITE_TABLES}) t, pragma_foreign_key_list(t.name) f order by t.name, f.id, f.seq
  ) group by "table", id, target`;

const POSTGRES_COLUMNS = `
  select table_name as "table", column_name as "column", data_type as type, is_nullable = 'YES' as nullable,
    column_default is not null as defaults
  from information_schema.columns where table_schema = 'public' and table_name <> 'portal_migrations'`;

const POSTGRES_KEYS = `
  select t.relname::text as "table", case when i.indisprimary then 'primary' else 'unique' end as kind,
    (select string_agg(a.attname, ',' order by k.at) from unnest(i.indkey::int2[]) with ordinality k (number, at)
      join pg_attribute a on a.attrelid = t.oid and a.attnum = k.number) as columns,
    null as target, null as targets
  from pg_index i join pg_class t on t.oid = i.indrelid join pg_namespace n on n.oid = t.relnamespace
  where n.nspname = 'public' and i.indisunique and t.relname <> 'portal_migrations'
  union all
  select t.relname::text, 'foreign',
    (select string_agg(a.attname, ',' order by k.at) from unnest(c.conkey) with ordinality k (number, at)
      join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number),
    o.relname::text,
    (select string_agg(a.attname, ',' order by k.at) from unnest(c.confkey) with ordinality k (number, at)
      join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.number)
  from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_class o on o.oid = c.confrelid
  where c.contype = 'f'`;
