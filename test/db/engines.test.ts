import BetterSqlite from 'better-sqlite3';
import { CompiledQuery } from 'kysely';
import { describe, expect, test } from 'vitest';
import { openStore, type Store } from '#db/open.ts';
import { customerWithInvoices, ENGINES, openHouse } from '#test/support/house.ts';
import { fingerprintOf, tenantTables } from '#test/support/mirror.ts';

describe('SQLite', () => {
  test.each([
    ['journal_mode', 'wal'],
    ['synchronous', 2],
    ['foreign_keys', 1],
    ['busy_timeout', 0],
    ['trusted_schema', 0],
    ['cell_size_check', 1],
  ])('runs with %s = %s', async (name, value) => {
    const { file } = (await openHouse('sqlite')).app.ports.store;
    expect(file?.pragma(name, { simple: true })).toBe(value);
  });

  test('checks the types of every table (STRICT)', async () => {
    const { file } = (await openHouse('sqlite')).app.ports.store;
    const loose = file
      ?.prepare(
        `select name from pragma_table_list where type = 'table' and strict = 0 and name not like 'sqlite%'`,
      )
      .all();
    expect(loose).toEqual([]);
  });

  test('once tuned, finds the promises of an invoice by their index and not among all of the tenant', async () => {
    const house = await openHouse('sqlite');
    const { store } = house.app.ports;
    const { scope } = await customerWithInvoices(await house.tenant(), [1_000, 2_000]);
    store.file!.exec(`
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000)
      insert into promises (tenant_id, id, customer_id, invoice_id, method, expected_date, made_by, state, created_at)
      select 1, i, ${scope.customerId}, 1 + i % 2, 'check', '2026-12-01', 'customer', 'withdrawn', i from n`);
    const planOf = async (): Promise<string> => {
      const { sql, parameters } = scope.db
        .from('promises')
        .selectAll()
        .where('invoice_id', '=', 1)
        .orderBy('id', 'desc')
        .compile();
      const steps = await store.kysely.executeQuery(
        CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]),
      );
      return JSON.stringify(steps.rows);
    };
    expect(await planOf()).toContain('sqlite_autoindex_promises_1');
    store.file!.exec(`update promises set invoice_id = 2 where id > 3`);
    await store.tune();
    expect(await planOf()).toContain('promises_invoice');
  });

  test('takes the write lock when a transaction begins, before anything is written', async () => {
    const { store } = (await openHouse('sqlite')).app.ports;
    const other = new BetterSqlite(store.file!.name, { timeout: 0 });
    await store.transaction(async () => {
      expect(() => other.exec('begin immediate')).toThrow(/locked/);
    });
    expect(() => other.exec('begin immediate; rollback')).not.toThrow();
    other.close();
  });

  test('refuses to open without an address', async () => {
    await expect(openStore({})).rejects.toMatchObject({ code: 'database_unusable' });
  });
});

describe('PostgreSQL', () => {
  test('commits durably, and runs transactions serializable', async () => {
    const { store } = (await openHouse('postgres')).app.ports;
    expect(await show(store, 'synchronous_commit')).toBe('on');
    const level = await store.transaction(async (tx) => {
      const { rows } = await tx.executeQuery<{ transaction_isolation: string }>(
        CompiledQuery.raw('show transaction_isolation'),
      );
      return rows[0]?.transaction_isolation;
    });
    expect(level).toBe('serializable');
  });

  test('answers integers as numbers, and throws where they would not be exact', async () => {
    const { store } = (await openHouse('postgres')).app.ports;
    const read = (text: string) =>
      store.kysely.executeQuery<{ n: number }>(CompiledQuery.raw(`select ${text}::bigint as n`));
    expect((await read('9007199254740991')).rows).toEqual([{ n: Number.MAX_SAFE_INTEGER }]);
    await expect(read('9007199254740992')).rejects.toThrow(RangeError);
  });
});

describe.each(ENGINES)('the database on %s', (engine) => {
  test.each([
    ['an update of the journal', `update journal set memo = 'changed'`],
    ['a deletion from the journal', 'delete from journal'],
    ['an update of postings', 'update postings set amount_minor = amount_minor + 1'],
    ['a deletion from postings', 'delete from postings'],
  ])('refuses %s, whoever asks', async (_, statement) => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    await customerWithInvoices(merchant, [1_000]);
    const before = await fingerprintOf(house, merchant.tenant.id);
    await expect(run(house.app.ports.store, statement)).rejects.toThrow(/append-only/);
    expect(await fingerprintOf(house, merchant.tenant.id)).toBe(before);
  });

  test('refuses rows that point to another tenant’s row', async () => {
    const house = await openHouse(engine);
    const [mine, theirs] = [await house.tenant('acme'), await house.tenant('globex')];
    await customerWithInvoices(mine, [1_000]);
    // The second customer and invoices of the other tenant have ids that the first tenant does not have.
    await customerWithInvoices(theirs, [1]);
    const { scope, invoices } = await customerWithInvoices(theirs, [1_000, 2_000], 'Other');
    const before = await fingerprintOf(house, mine.tenant.id);
    const [customer_id, invoice] = [scope.customerId, invoices[1]!];
    const own = (await mine.db.from('customers').select('id').executeTakeFirstOrThrow()).id;
    const stamp = { created_at: 1, updated_at: 1 };
    const line = { position: 9, name: 'x', quantity: '1', unit_cost: '1', amount_minor: 1 };
    const attempts = [
      () => mine.db.insert('contacts', { id: 900, customer_id, name: 'x', role: 'owner', ...stamp }),
      () => mine.db.insert('lines', { id: 900, customer_id: own, invoice_id: invoice.id, ...line }),
      () => mine.db.insert('lines', { id: 900, customer_id, invoice_id: invoice.id, ...line }),
      () => mine.db.update('customers').set({ parent_id: customer_id }).execute(),
      () => mine.db.update('invoices').set({ customer_id }).execute(),
      () =>
        mine.db.insert('payment_plans', {
          id: 900,
          customer_id: own,
          invoice_id: invoice.id,
          state: 'active',
          currency: 'EUR',
          total_minor: 1,
          schedule_hash: 'x',
          ...stamp,
        }),
      () =>
        mine.db.insert('promises', {
          id: 900,
          customer_id,
          invoice_id: invoice.id,
          method: 'check',
          expected_date: '2026-12-01',
          made_by: 'merchant',
          state: 'open',
          created_at: 1,
        }),
      () => mine.db.insert('events', { id: 900, customer_id, type: 'x', data: '{}', actor: 'x', at: 1 }),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toThrow(/foreign key/i);
    expect(await fingerprintOf(house, mine.tenant.id)).toBe(before);
  });

  test('refuses a payment in one currency for an invoice in another', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const { scope, invoices } = await customerWithInvoices(merchant, [1_000]);
    const application = {
      id: 900,
      kind: 'invoice' as const,
      invoice_id: invoices[0]!.id,
      amount_minor: 1,
      created_at: 1,
    };
    await expect(
      scope.db.insert('payment_applications', { ...application, currency: 'USD' }),
    ).rejects.toThrow(/foreign key/i);
    expect(await scope.db.from('payment_applications').select('id').execute()).toEqual([]);
    await scope.db.insert('payment_applications', { ...application, currency: 'EUR' });
  });

  test('refuses rows of a tenant that is not there, in every table', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    await customerWithInvoices(merchant, [1_000]);
    let tried = 0;
    for (const table of tenantTables().filter((name) => name !== 'journal' && name !== 'postings')) {
      if ((await merchant.db.from(table).selectAll().execute()).length === 0) continue;
      tried++;
      await expect(run(house.app.ports.store, `update ${table} set tenant_id = 999999`)).rejects.toThrow(
        /foreign key/i,
      );
    }
    expect(tried).toBeGreaterThan(4);
  });
});

async function run(store: Store, statement: string): Promise<void> {
  await store.kysely.executeQuery(CompiledQuery.raw(statement));
}

async function show(store: Store, setting: string): Promise<unknown> {
  const { rows } = await store.kysely.executeQuery<Record<string, unknown>>(
    CompiledQuery.raw(`show ${setting}`),
  );
  return rows[0]?.[setting];
}
