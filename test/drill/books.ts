import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { Client } from 'pg';

/** Rows of plain SQL, on either engine; the gateway's book is there as the temporary tables `charges` and `given_back`. */
export interface Books {
  rows<Row>(query: string): Promise<Row[]>;
  run(query: string): Promise<void>;
  close(): Promise<void>;
}

export interface BooksAddress {
  readonly dataDir: string;
  readonly bankDir: string;
  readonly databaseUrl: string | undefined;
}

interface Charge {
  /** Without what a control put behind it. */
  readonly attempt: string;
  readonly tenant: number;
  readonly minor: number;
  readonly currency: string;
  readonly state: string;
}

const TABLE = `create temporary table charges
  (attempt_id text not null, tenant_id bigint not null, minor bigint not null, currency text not null, state text not null)`;

/** Opens the portal's database and copies what the gateway charged beside it; none of it uses the portal's code. */
export async function openBooks(address: BooksAddress): Promise<Books> {
  const charges = readCharges(address.bankDir);
  const books = address.databaseUrl ? await onPostgres(address.databaseUrl) : onSqlite(address.dataDir);
  await books.run(TABLE);
  for (let i = 0; i < charges.length; i += 500) {
    const values = charges
      .slice(i, i + 500)
      .map((row) => `('${row.attempt}', ${row.tenant}, ${row.minor}, '${row.currency}', '${row.state}')`);
    await books.run(`insert into charges values ${values.join(', ')}`);
  }
  await books.run('create index charges_by_attempt on charges (attempt_id)');
  await books.run(
    'create temporary table given_back (nonce text not null, charge text not null, minor bigint not null)',
  );
  for (const { nonce, charge, minor } of readGivenBack(address.bankDir))
    await books.run(`insert into given_back values ('${nonce}', '${charge}', ${minor})`);
  return books;
}

/** How many mishaps of the network the gateway noted, and how many attempts they struck. */
export function readMishaps(bankDir: string): { faults: number; payments: number } {
  const file = new BetterSqlite(join(bankDir, 'mishaps.db'), { readonly: true });
  const found = file
    .prepare<[], { faults: number; payments: number }>(
      'select count(*) as faults, count(distinct attempt_id) as payments from mishaps',
    )
    .get();
  file.close();
  return found!;
}

/** What became of the gateway's webhooks: how many by fate. */
export function readNews(bankDir: string): Record<string, number> {
  const file = new BetterSqlite(join(bankDir, 'mishaps.db'), { readonly: true });
  const rows = file
    .prepare<[], { fate: string; count: number }>('select fate, count(*) as count from news group by fate')
    .all();
  file.close();
  return Object.fromEntries(rows.map(({ fate, count }) => [fate, count]));
}

/** Whether the gateway's own file is sound. */
export function bankIsSound(bankDir: string): boolean {
  const file = new BetterSqlite(join(bankDir, 'bank.db'));
  const sound = file.pragma('integrity_check', { simple: true }) === 'ok';
  file.close();
  return sound;
}

/** A debit on its way counts as what it becomes: the drill lets the days pass before it looks. */
function readCharges(bankDir: string): Charge[] {
  const file = new BetterSqlite(join(bankDir, 'bank.db'));
  const rows = file
    .prepare<[], Charge>(
      `select case when instr(attempt_id, '~') > 0 then substr(attempt_id, 1, instr(attempt_id, '~') - 1) else attempt_id end as attempt,
        tenant_id as tenant, minor, currency, json_extract(coalesce(later, reply), '$.state') as state from charges`,
    )
    .all();
  file.close();
  return rows;
}

/** What the gateway gave back, with the charge that it was of. */
function readGivenBack(bankDir: string): Array<{ nonce: string; charge: string; minor: number }> {
  const file = new BetterSqlite(join(bankDir, 'bank.db'), { readonly: true });
  const rows = file
    .prepare<[], { nonce: string; charge: string; minor: number }>(
      `select id as nonce, replace(payment, 'test_', '') as charge, minor from refunds`,
    )
    .all();
  file.close();
  return rows;
}

function onSqlite(dataDir: string): Books {
  const db = new BetterSqlite(join(dataDir, 'portal.db'));
  db.pragma('busy_timeout = 10000');
  db.pragma('foreign_keys = off');
  return {
    rows: <Row>(query: string) => Promise.resolve(db.prepare<[], Row>(query).all()),
    run: async (query) => void db.exec(query),
    close: async () => void db.close(),
  };
}

async function onPostgres(connectionString: string): Promise<Books> {
  const client = new Client({ connectionString });
  await client.connect();
  return {
    rows: async <Row>(query: string) => (await client.query(query)).rows as Row[],
    run: async (query) => void (await client.query(query)),
    close: () => client.end(),
  };
}
