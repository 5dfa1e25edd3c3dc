import { type CompiledQuery, type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import { type Cursor, cutPage, decodeCursor, type Page } from '#src/kernel/page.ts';
import { writtenHere } from './guard.ts';

/* Lists of documents: found by words, status and time, sorted, and read in pages. */

/** Which page of a list. */
export interface Paging {
  /** How many rows: 25 unless said, 100 at the most. */
  readonly size?: number | undefined;
  /** A cursor of an earlier page. */
  readonly cursor?: string | undefined;
}

/** What a reader asks of a list of documents. */
export interface ListQuery<Status extends string> extends Paging {
  /** Part of a number. */
  readonly search?: string | undefined;
  readonly status?: Status | undefined;
  /** Civil dates, both inclusive, of the document's date. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** A query as Kysely's builders make it, before anybody asked it. */
export interface PreparedQuery<Row> {
  compile(): CompiledQuery;
  execute(): Promise<Row[]>;
}

/** A page, and how many there are on all of them. */
export interface List<Row> extends Page<Row> {
  readonly count: number;
}

export interface Order<Row> {
  readonly column: keyof Row & string;
  readonly descending: boolean;
  /** Stands in for a value that is not there. */
  readonly absent?: string | number;
}

const MOST_ROWS = 100;
const NEWEST_FIRST = { column: 'date', descending: true } as const;

/** Whether a text column holds the words, letter case aside (ASCII letters on SQLite). Wildcards in the words are ordinary letters. */
export function contains(column: string, words: string): RawBuilder<boolean> {
  const pattern = `%${words.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
  return writtenHere(sql<boolean>`lower(${sql.ref(column)}) like ${pattern} escape '\\'`);
}

/** The words that are looked for, if any. */
export function wordsOf({ search }: { readonly search?: string | undefined }): string | undefined {
  return search?.trim().slice(0, 100) || undefined;
}

/** Those of the query's time. */
export function during<DB, TB extends keyof DB, Row>(
  matching: SelectQueryBuilder<DB, TB, Row>,
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
): SelectQueryBuilder<DB, TB, Row> {
  const since = from ? matching.where(writtenHere(sql<boolean>`${sql.ref('date')} >= ${from}`)) : matching;
  return to ? since.where(writtenHere(sql<boolean>`${sql.ref('date')} <= ${to}`)) : since;
}

/** Those of the query's time whose named columns hold its words. */
export function found<DB, TB extends keyof DB, Row>(
  matching: SelectQueryBuilder<DB, TB, Row>,
  query: ListQuery<string>,
  columns: readonly string[],
): SelectQueryBuilder<DB, TB, Row> {
  const words = wordsOf(query);
  const dated = during(matching, query);
  return words ? dated.where((eb) => eb.or(columns.map((column) => contains(column, words)))) : dated;
}

/** The newest of these, with how many they are in all: one statement. Refuses `bad_page`. */
export async function newestOf<DB, TB extends keyof DB, Row extends { date: string; id: number }>(
  matching: SelectQueryBuilder<DB, TB, Row>,
  paging: Paging,
): Promise<List<Row>> {
  const counted = matching.clearSelect().select((eb) => eb.fn.countAll<number>().as('count'));
  const counting = matching.select(counted.as('in_all' as never)) as unknown as SelectQueryBuilder<
    DB,
    TB,
    Row & { readonly in_all: number }
  >;
  const page = await pageOf(counting, paging, NEWEST_FIRST);
  const [first] = page.rows;
  if (first || paging.cursor === undefined) return { ...page, count: Number(first?.in_all ?? 0) };
  const { count } = (await counted.executeTakeFirstOrThrow()) as { readonly count: number };
  return { ...page, count: Number(count) };
}

/** A page of these in the order, ties by id. The order's column must be among what is selected. Refuses `bad_page`. */
export async function pageOf<DB, TB extends keyof DB, Row extends { id: number }>(
  matching: SelectQueryBuilder<DB, TB, Row>,
  paging: Paging,
  order: Order<Row>,
): Promise<Page<Row>> {
  const pager = pagerOf(paging, order);
  return pager.cut(await pager.query(matching).execute());
}

/** The query of such a page, and how its rows become the page. */
export interface Pager<Row> {
  /** One row more than the page has: whether there is a next. */
  query<DB, TB extends keyof DB, Found extends Row>(
    matching: SelectQueryBuilder<DB, TB, Found>,
  ): SelectQueryBuilder<DB, TB, Found>;
  cut<Found extends Row>(rows: readonly Found[]): Page<Found>;
}

/** For whoever runs the query of `pageOf` in another way. Refuses `bad_page`. */
export function pagerOf<Row extends { id: number }>(paging: Paging, order: Order<Row>): Pager<Row> {
  const size = Math.min(Math.max(paging.size ?? 25, 1), MOST_ROWS);
  const cursor = paging.cursor === undefined ? undefined : decodeCursor(paging.cursor);
  return {
    query: (matching) => inOrder(matching, order, cursor).limit(size + 1),
    cut: (rows) =>
      cutPage([...rows], size, cursor, (row) => ({ value: valueOf<Row>(row, order), id: row.id })),
  };
}

function inOrder<DB, TB extends keyof DB, Row, Ordered>(
  matching: SelectQueryBuilder<DB, TB, Row>,
  { column, descending, absent }: Order<Ordered>,
  cursor: Cursor | undefined,
): SelectQueryBuilder<DB, TB, Row> {
  const backwards = cursor?.direction === 'before';
  const down = descending !== backwards;
  const direction = down ? 'desc' : 'asc';
  const key = writtenHere(
    absent === undefined ? sql`${sql.ref(column)}` : sql`coalesce(${sql.ref(column)}, ${absent})`,
  );
  const id = writtenHere(sql`${sql.ref('id')}`);
  const sorted = matching.orderBy(key, direction).orderBy(id, direction);
  if (!cursor) return sorted;
  const sign = sql.raw(down ? '<' : '>');
  return sorted.where(writtenHere(sql<boolean>`(${key}, ${id}) ${sign} (${cursor.value}, ${cursor.id})`));
}

function valueOf<Row>(row: Row, { column, absent }: Order<Row>): string | number | null {
  return (row[column] as string | number | null) ?? absent ?? null;
}
