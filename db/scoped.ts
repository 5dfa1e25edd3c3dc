import {
  type DeleteQueryBuilder,
  type DeleteResult,
  type Insertable,
  type Kysely,
  type RawBuilder,
  type SelectQueryBuilder,
  sql,
  type Transaction,
} from 'kysely';
import type { AliasedExpression, Selectable, UpdateQueryBuilder, UpdateResult } from 'kysely';
import { advance, takeIds } from './counters.ts';
import { Guard, writtenHere } from './guard.ts';
import type { Engine } from './migrations/migration.ts';
import type { Store } from './open.ts';
import { type CustomerTable, customerColumn, type MerchantTable, ownership } from './ownership.ts';
import type { PreparedQuery } from './lists.ts';
import { preparedQuery, type PreparedValues } from './prepared.ts';
import type { Database, Table, TableName } from './schema.ts';
import { discardImport, inImport, isStaged, keepImport, type OpenImport, openImport } from './staging.ts';

/** A table as a scope sees it: whose rows they are, and which import they came with, is not a column one could get wrong. */
export type ScopedTable<T extends TableName> = Omit<Table<T>, 'tenant_id' | 'import_id'>;
type Only<T extends TableName> = { [N in T]: ScopedTable<N> };
export type ScopedRow<T extends TableName> = Selectable<ScopedTable<T>>;

/** A new row without the columns that the handle adds by itself. */
export type NewRow<T extends TableName, Added extends string> = Omit<
  Insertable<Table<T>>,
  'tenant_id' | 'import_id' | Added
>;

/**
 * The only door to data. It knows one tenant (and, for a customer's scope, one customer) and adds them to everything: a select starts from a
 * derived table that holds the scope's rows alone, inserts are stamped, updates and deletes are filtered. Where Kysely's types would take the
 * bare name of a table (joins, sub-selects), the query throws a TypeError before it runs: see guard.ts.
 */
export interface ScopedDb<Names extends MerchantTable, Added extends string = never> {
  readonly engine: Engine;
  /** Starts a select over the scope's own rows. */
  from<T extends Names>(table: T): SelectQueryBuilder<Only<T>, T, object>;
  /** The scope's own rows of a table, to join with: `.innerJoin(db.rows('customers'), 'customers.id', …)`. */
  rows<T extends Names>(table: T): AliasedExpression<Selectable<ScopedTable<T>>, T>;
  /**
   * Answers the rows of a query that is compiled once, guard included, for every scope, and run with the scope and `values` of whoever asks. Its
   * name is its alone and names all that its shape depends on; `build` hands the values on to the query and cannot look at them.
   */
  prepared<Row, Values extends PreparedValues>(
    name: string,
    values: Values,
    build: (db: this, values: Values) => PreparedQuery<Row>,
  ): Promise<Row[]>;
  insert<T extends Names>(table: T, rows: NewRow<T, Added> | ReadonlyArray<NewRow<T, Added>>): Promise<void>;
  /** Inserts unless a unique index already holds such a row; answers whether it did. */
  insertNew<T extends Names>(table: T, row: NewRow<T, Added>): Promise<boolean>;
  update<T extends Names>(table: T): UpdateQueryBuilder<Only<T>, T, T, UpdateResult>;
  remove<T extends Names>(table: T): DeleteQueryBuilder<Only<T>, T, DeleteResult>;
  /** Takes a new id of a table. Ids grow; gaps are possible. */
  nextId(table: Names): Promise<number>;
  /** Takes `count` new ids of a table, in growing order. */
  nextIds(table: Names, count: number): Promise<number[]>;
  /** The next number of a sequence that people see (receipts, invoices), counted from 1 for each tenant. No gaps, but what an import that is taken back took. */
  nextNumber(sequence: string): Promise<number>;
  /** The first of the next `count` numbers of a sequence. */
  nextNumbers(sequence: string, count: number): Promise<number>;
  /** Runs the work in one durable transaction, with the same scope. Inside a transaction it joins the one that runs. */
  transaction<Answer>(work: (db: ScopedDb<Names, Added>) => Promise<Answer>): Promise<Answer>;
}

type NumberedTable = 'customers' | 'invoices' | 'estimates' | 'credit_notes';

export interface MerchantDb extends ScopedDb<MerchantTable> {
  /** Those of the numbers that nobody else may have, because a row has them: one of an import under way too, which is not to be seen yet. */
  takenNumbers(table: NumberedTable, numbers: readonly string[]): Promise<Set<string>>;
  /** Begins an import, at a moment in epoch ms. Refuses `import_under_way` while there is one. */
  stage(nowMs: number): Promise<Stage>;
}

/**
 * What an import writes, in many transactions and seen at once. Its handle sees the tenant's rows and its own, changes its own alone, and writes in
 * transactions; each of them refuses `import_ended` when the import was taken for dead.
 */
export interface Stage {
  readonly db: MerchantDb;
  /** Lets everybody see all of it, at a moment in epoch ms. */
  keep(nowMs: number): Promise<void>;
  /** Takes all of it back. */
  discard(): Promise<void>;
}

export type CustomerDb = ScopedDb<CustomerTable, 'customer_id'>;

const ROWS_PER_STATEMENT = 200;
export function merchantDb(store: Store, tenantId: number): MerchantDb {
  return new Handle(store, store.kysely, tenantId, undefined) as unknown as MerchantDb;
}

export function customerDb(store: Store, tenantId: number, customerId: number): CustomerDb {
  return new Handle(store, store.kysely, tenantId, customerId) as unknown as CustomerDb;
}

/** Narrows a merchant's handle (and the transaction it may be in) to one of the tenant's customers. */
export function narrowDb(db: MerchantDb, customerId: number): CustomerDb {
  return (db as unknown as Handle).narrow(customerId) as unknown as CustomerDb;
}

/** The import that a handle writes. */
interface Staged extends OpenImport {
  wrote: boolean;
}

class Handle {
  readonly engine: Engine;
  readonly #store: Store;
  // One loose view of the database: the types of ScopedDb above are what callers see.
  // oxlint-disable-next-line typescript/no-explicit-any -- with the real types every method would repeat ScopedDb's generics
  readonly #kysely: Kysely<any>;
  readonly #tenantId: number;
  readonly #customerId: number | undefined;
  readonly #stage: Staged | undefined;
  readonly #guard: Guard;

  constructor(
    store: Store,
    kysely: Kysely<Database>,
    tenantId: number,
    customerId: number | undefined,
    stage?: Staged,
    guard = new Guard(),
  ) {
    this.engine = store.engine;
    this.#store = store;
    this.#kysely = kysely;
    this.#tenantId = tenantId;
    this.#customerId = customerId;
    this.#stage = stage;
    this.#guard = guard;
  }

  narrow(customerId: number): Handle {
    return new Handle(this.#store, this.#kysely, this.#tenantId, customerId, this.#stage);
  }

  from(table: MerchantTable) {
    return this.#guard.over(this.#kysely.selectFrom(this.rows(table) as never));
  }

  rows(table: MerchantTable) {
    this.#assertReachable(table);
    const all = this.#kysely.selectFrom(table).selectAll().where('tenant_id', '=', this.#tenantId);
    const column = this.#customerColumn(table);
    const own = column ? all.where(column, '=', this.#customerId) : all;
    const seen = this.#stage === undefined && isStaged(table) ? own.where(this.#visible(table)) : own;
    return this.#guard.over(seen).as(table);
  }

  async prepared(
    name: string,
    values: PreparedValues,
    build: (db: Handle, values: PreparedValues) => PreparedQuery<unknown>,
  ): Promise<unknown[]> {
    // An import sees other rows than everybody else, and is over soon.
    if (this.#stage) return build(this, values).execute();
    const own = { tenantId: this.#tenantId, customerId: this.#customerId };
    const query = preparedQuery(this.#store, own, [name, values], (of, held) =>
      build(new Handle(this.#store, this.#kysely, of.tenantId, of.customerId), held).compile(),
    );
    return (await this.#kysely.executeQuery(query)).rows;
  }

  async insert(table: MerchantTable, rows: object | readonly object[]): Promise<void> {
    const stamped = (Array.isArray(rows) ? rows : [rows]).map((row: object) => this.#stamp(table, row));
    for (let at = 0; at < stamped.length; at += ROWS_PER_STATEMENT) {
      await this.#guard
        .over(this.#kysely.insertInto(table))
        .values(stamped.slice(at, at + ROWS_PER_STATEMENT))
        .execute();
    }
  }

  async insertNew(table: MerchantTable, row: object): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await this.#guard
      .over(this.#kysely.insertInto(table))
      .values(this.#stamp(table, row))
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    return numInsertedOrUpdatedRows === 1n;
  }

  update(table: MerchantTable) {
    this.#assertReachable(table);
    const update = this.#kysely.updateTable(table).where(`${table}.tenant_id`, '=', this.#tenantId);
    const column = this.#customerColumn(table);
    const own = column ? update.where(`${table}.${column}`, '=', this.#customerId) : update;
    return this.#guard.over(isStaged(table) ? own.where(this.#changeable(table)) : own);
  }

  remove(table: MerchantTable) {
    this.#assertReachable(table);
    const remove = this.#kysely.deleteFrom(table).where(`${table}.tenant_id`, '=', this.#tenantId);
    const column = this.#customerColumn(table);
    const own = column ? remove.where(`${table}.${column}`, '=', this.#customerId) : remove;
    return this.#guard.over(isStaged(table) ? own.where(this.#changeable(table)) : own);
  }

  async nextId(table: MerchantTable): Promise<number> {
    const [id] = await this.nextIds(table, 1);
    return id!;
  }

  async nextIds(table: MerchantTable, count: number): Promise<number[]> {
    if (this.engine === 'sqlite') {
      const last = await advance(this.#kysely, this.engine, [this.#tenantId, `id:${table}`, count]);
      return Array.from({ length: count }, (_, i) => last - count + 1 + i);
    }
    return takeIds(this.#kysely, table, count);
  }

  nextNumber(sequence: string): Promise<number> {
    return this.nextNumbers(sequence, 1);
  }

  async nextNumbers(sequence: string, count: number): Promise<number> {
    const counter = [this.#tenantId, `number:${sequence}`, count] as const;
    return (await advance(this.#kysely, this.engine, counter)) - count + 1;
  }

  transaction<Answer>(work: (db: Handle) => Promise<Answer>): Promise<Answer> {
    if (this.#kysely.isTransaction) return work(this);
    const run = (tx: Transaction<Database>): Promise<Answer> => work(this.#within(tx));
    if (this.#stage) return inImport(this.#store, this.#tenantId, this.#stage, run);
    return this.#store.transaction(run, { tenant: this.#tenantId, customer: this.#customerId });
  }

  async takenNumbers(table: NumberedTable, numbers: readonly string[]): Promise<Set<string>> {
    if (numbers.length === 0) return new Set();
    const all = this.#kysely.selectFrom(table).select('number').where('tenant_id', '=', this.#tenantId);
    const rows = await all.where('number', 'in', numbers).execute();
    return new Set(rows.map((row) => String(row['number'])));
  }

  async stage(nowMs: number): Promise<Stage> {
    const open = await openImport(this.#store, this.#tenantId, nowMs);
    const staged: Staged = { ...open, wrote: false };
    const db = new Handle(this.#store, this.#kysely, this.#tenantId, undefined, staged);
    const discard = () => discardImport(this.#store, this.#tenantId, open);
    return {
      db: db as unknown as MerchantDb,
      // One that brought nothing is not worth remembering.
      keep: (atMs) => (staged.wrote ? keepImport(this.#store, this.#tenantId, open, atMs) : discard()),
      discard,
    };
  }

  #within(tx: Transaction<Database>): Handle {
    return new Handle(this.#store, tx, this.#tenantId, this.#customerId, this.#stage, this.#guard);
  }

  /** Not of an import that is not whole yet. The sub-select is read once in a statement. */
  #visible(table: string): RawBuilder<boolean> {
    return writtenHere(
      sql<boolean>`${sql.ref(`${table}.import_id`)} is distinct from coalesce((select id from imports where tenant_id = ${this.#tenantId} and state = 'open'), 0)`,
    );
  }

  /** What is seen; an import changes what it brought alone. */
  #changeable(table: string): RawBuilder<boolean> {
    if (!this.#stage) return this.#visible(table);
    return writtenHere(sql<boolean>`${sql.ref(`${table}.import_id`)} = ${this.#stage.id}`);
  }

  #stamp(table: MerchantTable, row: object): object {
    this.#assertReachable(table);
    const column = this.#customerColumn(table);
    const owner = column ? { [column]: this.#customerId } : {};
    return { ...row, tenant_id: this.#tenantId, ...owner, ...this.#importOf(table) };
  }

  /** Rows of an import name it. It writes no table whose rows could not be taken back, and none that nobody asked whether it still lives. */
  #importOf(table: MerchantTable): { readonly import_id?: number } {
    if (!this.#stage) return {};
    if (!isStaged(table)) throw new TypeError(`an import does not write ${table}`);
    if (!this.#kysely.isTransaction) throw new TypeError('an import writes in transactions');
    this.#stage.wrote = true;
    return { import_id: this.#stage.id };
  }

  #customerColumn(table: MerchantTable): 'id' | 'customer_id' | undefined {
    return this.#customerId === undefined ? undefined : customerColumn(table as CustomerTable);
  }

  /** The types forbid it already; this holds where a table's name comes from outside the types. */
  #assertReachable(table: MerchantTable): void {
    const owner: string = Object.hasOwn(ownership, table) ? ownership[table] : 'directory';
    if (owner === 'directory' || (this.#customerId !== undefined && owner !== 'customer')) {
      throw new TypeError(`${table} is out of this scope`);
    }
  }
}
