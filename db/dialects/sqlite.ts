import BetterSqlite from 'better-sqlite3';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteDialect,
  type SqliteDialectConfig,
} from 'kysely';
import { refuse } from '#src/kernel/errors.ts';
import { GatedSqliteCompiler } from './compilers.ts';
import { isBusy, type Turns } from './turns.ts';

const OLDEST_SAFE = [3, 51, 3];
const STATEMENTS_KEPT = 500;
/** How long another process may take that is just ending, or just making a file its own. */
const PATIENCE_MS = 2000;

/** What must hold on every connection; opening asserts each of them. */
const PRAGMAS: ReadonlyArray<readonly [name: string, set: string, value: string | number]> = [
  ['journal_mode', 'wal', 'wal'], // see `useWal`
  // FULL: an acknowledged payment survives the loss of power. The driver's own default in WAL mode is NORMAL, which does not.
  ['synchronous', 'full', 2],
  ['foreign_keys', 'on', 1],
  // SQLite itself would wait on the thread, and everything with it: see dialects/turns.ts.
  ['busy_timeout', '0', 0],
  ['trusted_schema', 'off', 0],
  ['cell_size_check', 'on', 1],
  ['mmap_size', '0', 0],
  // Kilobytes of pages kept in memory; the driver's own 2 MB reads the same pages of a middling database from the file again and again.
  ['cache_size', '-65536', -65536],
];

/**
 * Opens the file with the safety settings above. Refuses `database_unusable` when SQLite is older than 3.51.3 (earlier ones can corrupt a
 * WAL database) or when a setting did not take.
 */
export function openSqliteFile(path: string, options: { readonly?: boolean } = {}): BetterSqlite.Database {
  const file = new BetterSqlite(path, { readonly: options.readonly ?? false });
  assertVersion(file);
  for (const [name, set, expected] of PRAGMAS) {
    if (name !== 'journal_mode') file.pragma(`${name} = ${set}`);
    else if (!options.readonly) useWal(file);
    const actual: unknown = file.pragma(name, { simple: true });
    if (actual !== expected && name !== 'mmap_size') {
      unusable(`SQLite kept ${name} at ${String(actual)}`, 'Keep the data on a local disk.');
    }
  }
  return file;
}

/**
 * A new file becomes a WAL one once. SQLite asks nobody to wait for that change (its busy handler is not called), so of two processes that open a
 * new file at once one is told that it is locked; it looks again until the other is through. https://sqlite.org/c3ref/busy_handler.html
 */
function useWal(file: BetterSqlite.Database): void {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      file.pragma('journal_mode = wal');
      return;
    } catch (error) {
      if (!isBusy(error) || Date.now() > until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

/**
 * Holds a database file against every other connection and answers how to let go; undefined while another one has it open, even if that one does
 * nothing now. What is no sound database is nobody's, and not held.
 */
export function holdSqliteFile(path: string): (() => void) | undefined {
  const file = new BetterSqlite(path, { timeout: PATIENCE_MS });
  try {
    // In WAL mode each connection keeps a lock for as long as it is open; this needs all of them gone.
    file.pragma('locking_mode = exclusive');
    file.exec('begin exclusive; commit');
    file.pragma('wal_checkpoint(truncate)');
  } catch (error) {
    file.close();
    return isBusy(error) ? undefined : () => {};
  }
  return () => file.close();
}

/** Kysely on that file: write transactions take the write lock at once, statements are compiled once, and nobody waits on the thread. */
export function sqliteDialect(file: BetterSqlite.Database, turns: Turns): SqliteDialect {
  return new PatientDialect({ database: file }, file, turns);
}

class PatientDialect extends SqliteDialect {
  readonly #file: BetterSqlite.Database;
  readonly #turns: Turns;
  constructor(config: SqliteDialectConfig, file: BetterSqlite.Database, turns: Turns) {
    super(config);
    this.#file = file;
    this.#turns = turns;
  }
  override createDriver(): Driver {
    return new PatientDriver(this.#file, this.#turns);
  }
  override createAdapter(): SqliteAdapter {
    return new TurnTakingAdapter();
  }
  override createQueryCompiler(): GatedSqliteCompiler {
    return new GatedSqliteCompiler();
  }
}

/** Kysely would keep the one connection for as long as somebody waits; the driver below hands it on meanwhile. */
class TurnTakingAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): true {
    return true;
  }
}

class PatientDriver implements Driver {
  readonly #file: BetterSqlite.Database;
  readonly #turns: Turns;
  readonly #connection: PatientConnection;
  constructor(file: BetterSqlite.Database, turns: Turns) {
    this.#file = file;
    this.#turns = turns;
    this.#connection = new PatientConnection(file, turns);
  }
  init(): Promise<void> {
    return Promise.resolve();
  }
  async acquireConnection(): Promise<DatabaseConnection> {
    await this.#turns.take();
    return this.#connection;
  }
  releaseConnection(): Promise<void> {
    this.#turns.give();
    return Promise.resolve();
  }
  // A deferred transaction that reads first and writes later can fail with SQLITE_BUSY past any waiting.
  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'));
  }
  destroy(): Promise<void> {
    this.#file.close();
    return Promise.resolve();
  }
}

class PatientConnection implements DatabaseConnection {
  readonly #file: BetterSqlite.Database;
  readonly #turns: Turns;
  readonly #kept = new Map<string, BetterSqlite.Statement>();
  constructor(file: BetterSqlite.Database, turns: Turns) {
    this.#file = file;
    this.#turns = turns;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const statement = this.#prepare(sql);
    // Within a transaction there is nothing to wait for: it has the write lock.
    if (this.#file.inTransaction) return run<Row>(statement, parameters);
    return this.#turns.patiently(() => run<Row>(statement, parameters), { writes: !statement.readonly });
  }

  // oxlint-disable-next-line require-yield -- the interface asks for a generator
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new TypeError('Rows are read in pages, not streamed: a stream would keep the one connection.');
  }

  #prepare(sql: string): BetterSqlite.Statement {
    const found = this.#kept.get(sql);
    const statement = found ?? this.#file.prepare(sql);
    if (found) this.#kept.delete(sql);
    // The one that was not run for longest goes.
    else if (this.#kept.size >= STATEMENTS_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    this.#kept.set(sql, statement);
    return statement;
  }
}

function run<Row>(statement: BetterSqlite.Statement, parameters: readonly unknown[]): QueryResult<Row> {
  if (statement.reader) return { rows: statement.all(parameters) as Row[] };
  const { changes, lastInsertRowid } = statement.run(parameters);
  return { insertId: BigInt(lastInsertRowid), numAffectedRows: BigInt(changes), rows: [] };
}

function assertVersion(file: BetterSqlite.Database): void {
  const version = String(file.prepare('select sqlite_version()').pluck().get());
  const parts = version.split('.').map(Number);
  const at = OLDEST_SAFE.findIndex((floor, i) => parts[i] !== floor);
  if (at >= 0 && parts[at]! < OLDEST_SAFE[at]!) {
    file.close();
    unusable(
      `SQLite ${version} is older than ${OLDEST_SAFE.join('.')}`,
      'Install the locked packages again with npm ci.',
    );
  }
}

function unusable(reason: string, todo: string): never {
  return refuse('database_unusable', { reason, todo });
}
