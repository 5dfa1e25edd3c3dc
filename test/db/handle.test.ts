import { beforeEach, describe, expect, test } from 'vitest';
import type { MerchantTable } from '#db/ownership.ts';
import { merchantDb } from '#db/scoped.ts';
import { contains } from '#db/lists.ts';
import { customerScope, type CustomerScope, type MerchantScope, transact } from '#src/scope.ts';
import { customerWithInvoices, ENGINES, type House, openHouse } from '#test/support/house.ts';
import { fingerprintOf, mirrorTenant } from '#test/support/mirror.ts';
import { formsPastTheHandle } from './past-the-handle.ts';

/*
 * Two tenants whose rows have the same ids, and two customers in each: whatever the handle of the first tenant's first customer does must
 * leave the other three as they were.
 */
describe.each(ENGINES)('the scoped handle on %s', (engine) => {
  const prepare = async () => {
    const house = await openHouse(engine);
    const mine = await house.tenant();
    const { scope: ada, invoices } = await customerWithInvoices(mine, [12_000, 5_000], 'Ada');
    const { scope: bob } = await customerWithInvoices(mine, [700], 'Bob');
    const { merchant: theirs } = await mirrorTenant(house, mine, 'mirror');
    return { house, mine, theirs, ada, bob, invoices };
  };

  test('reads one tenant’s rows, or one customer’s', async () => {
    const { mine, theirs, ada, bob } = await prepare();
    expect(await namesOf(mine)).toEqual(['Ada', 'Bob']);
    expect(await namesOf(theirs)).toEqual(['canarymirrorAda', 'canarymirrorBob']);
    expect(await ada.db.from('customers').select('name').execute()).toEqual([{ name: 'Ada' }]);
    expect(await bob.db.from('invoices').select('total_minor').execute()).toEqual([{ total_minor: 700 }]);
  });

  test('keeps to the scope whatever a condition says', async () => {
    const { ada, mine } = await prepare();
    const found = await ada.db
      .from('invoices')
      .select('total_minor')
      .where((or) => or.or([or('total_minor', '>', 0), or('total_minor', '<=', 0)]))
      .orderBy('total_minor')
      .execute();
    expect(found).toEqual([{ total_minor: 5_000 }, { total_minor: 12_000 }]);
    await ada.db
      .update('invoices')
      .set({ notes: 'seen' })
      .where((or) => or.or([or('id', '>', 0), or('id', '<=', 0)]))
      .execute();
    const rows = await mine.db.from('invoices').select(['customer_id', 'notes']).execute();
    expect(rows.filter(({ notes }) => notes === 'seen').map(({ customer_id }) => customer_id)).toEqual([
      ada.customerId,
      ada.customerId,
    ]);
  });

  test('joins, counts and sums within the scope', async () => {
    const { mine, ada } = await prepare();
    expect(await invoicesWithNames(mine)).toEqual([
      { name: 'Bob', total_minor: 700 },
      { name: 'Ada', total_minor: 5_000 },
      { name: 'Ada', total_minor: 12_000 },
    ]);
    const left = await ada.db
      .from('invoices')
      .leftJoin(ada.db.rows('lines'), 'lines.invoice_id', 'invoices.id')
      .leftJoin(ada.db.rows('payments'), 'payments.customer_id', 'invoices.customer_id')
      .select(['invoices.total_minor', 'lines.name', 'payments.id as payment_id'])
      .orderBy('invoices.total_minor')
      .execute();
    expect(left).toEqual([
      { total_minor: 5_000, name: 'Paper', payment_id: null },
      { total_minor: 12_000, name: 'Paper', payment_id: null },
    ]);
    expect(await totalsOf(mine)).toEqual({ count: 3, sum: 17_700 });
    expect(await totalsOf(ada)).toEqual({ count: 2, sum: 17_000 });
  });

  describe('writes', () => {
    let house: House;
    let mine: MerchantScope;
    let theirs: MerchantScope;
    let ada: CustomerScope;
    let bob: CustomerScope;
    let others: () => Promise<unknown>;

    beforeEach(async () => {
      ({ house, mine, theirs, ada, bob } = await prepare());
      others = async () => [
        await fingerprintOf(house, theirs.tenant.id),
        await bob.db.from('customers').selectAll().execute(),
        await bob.db.from('invoices').selectAll().execute(),
        await bob.db.from('outbox').selectAll().execute(),
      ];
    });

    test('an update without a condition changes the scope’s rows alone', async () => {
      const before = await others();
      await ada.db.update('invoices').set({ notes: 'mine' }).execute();
      await ada.db.update('customers').set({ notes: 'mine' }).execute();
      const changed = await mine.db.from('invoices').select('id').where('notes', '=', 'mine').execute();
      expect(changed).toHaveLength(2);
      expect(await others()).toEqual(before);
    });

    test('an update aimed at another’s id changes nothing', async () => {
      const [foreign] = await bob.db.from('invoices').select('id').execute();
      const result = await ada.db
        .update('invoices')
        .set({ notes: 'x' })
        .where('id', '=', foreign!.id)
        .executeTakeFirst();
      expect(result.numUpdatedRows).toBe(0n);
    });

    test('a deletion without a condition removes the scope’s rows alone', async () => {
      await bob.db.insert('promises', await promiseOf(bob));
      await ada.db.insert('promises', await promiseOf(ada));
      const before = await others();
      const result = await ada.db.remove('promises').executeTakeFirst();
      expect(result.numDeletedRows).toBe(1n);
      expect(await ada.db.from('promises').select('id').execute()).toEqual([]);
      expect(await bob.db.from('promises').select('id').execute()).toHaveLength(1);
      expect(await others()).toEqual(before);
    });

    test('an insert belongs to the scope, whatever the row says', async () => {
      const before = await others();
      const forged = { ...(await promiseOf(ada)), tenant_id: theirs.tenant.id, customer_id: bob.customerId };
      await ada.db.insert('promises', forged);
      expect(await ada.db.from('promises').select('id').execute()).toHaveLength(1);
      expect(await bob.db.from('promises').select('id').execute()).toEqual([]);
      expect(await others()).toEqual(before);
    });

    test('insertNew writes once, and tells who came first', async () => {
      const row = { key: '2026-11-23', request_hash: 'autopay', created_at: 1 };
      const taken = await Promise.all(
        Array.from({ length: 8 }, () => mine.db.insertNew('idempotency_keys', row)),
      );
      expect(taken.filter(Boolean)).toHaveLength(1);
      expect(await theirs.db.insertNew('idempotency_keys', row)).toBe(true);
      expect(await mine.db.from('idempotency_keys').selectAll().execute()).toEqual([
        { tenant_id: mine.tenant.id, ...row, response: null },
      ]);
    });

    test('many rows go in at once, in several statements', async () => {
      const rows = Array.from({ length: 450 }, (_, n) => ({ key: `${n}`, request_hash: 'j', created_at: n }));
      await mine.db.insert('idempotency_keys', rows);
      expect(await mine.db.from('idempotency_keys').select('key').execute()).toHaveLength(450);
      await mine.db.insert('idempotency_keys', []);
    });
  });

  test('a transaction that fails leaves nothing, also of transactions within it', async () => {
    const { house, mine } = await prepare();
    const before = await fingerprintOf(house, mine.tenant.id);
    const stopped = transact(mine, async (outer) => {
      await outer.db.insert('idempotency_keys', { key: '1', request_hash: 'a', created_at: 1 });
      await outer.db.nextNumber('receipt');
      await transact(outer, async (inner) => {
        await inner.db.insert('idempotency_keys', { key: '2', request_hash: 'a', created_at: 1 });
        const narrowed = customerScope(
          inner,
          (await inner.db.from('customers').select('id').execute())[0]!.id,
        );
        await narrowed.db.update('customers').set({ notes: 'x' }).execute();
      });
      expect(await outer.db.from('idempotency_keys').select('key').execute()).toHaveLength(2);
      throw new Error('stop');
    });
    await expect(stopped).rejects.toThrow('stop');
    expect(await fingerprintOf(house, mine.tenant.id)).toBe(before);
  });

  test('a transaction that succeeds answers what the work answers', async () => {
    const { mine } = await prepare();
    const answer = await transact(mine, async ({ db }) => {
      await db.insert('idempotency_keys', { key: '1', request_hash: 'a', created_at: 1 });
      return 'done';
    });
    expect(answer).toBe('done');
    expect(await mine.db.from('idempotency_keys').select('key').execute()).toEqual([{ key: '1' }]);
  });

  test('transactions that read and write the same row at once lose nothing', async () => {
    const { mine } = await prepare();
    await mine.db.insert('idempotency_keys', { key: '1', request_hash: 'a', created_at: 0 });
    const raise = () =>
      transact(mine, async ({ db }) => {
        const { created_at } = await db
          .from('idempotency_keys')
          .select('created_at')
          .executeTakeFirstOrThrow();
        await db
          .update('idempotency_keys')
          .set({ created_at: created_at + 1 })
          .execute();
      });
    await Promise.all(Array.from({ length: 6 }, raise));
    expect(await mine.db.from('idempotency_keys').select('created_at').execute()).toEqual([
      { created_at: 6 },
    ]);
  });

  test('twenty callers at once get ids and numbers of their own, in growing order each', async () => {
    const { mine, theirs } = await prepare();
    const lists = await Promise.all(Array.from({ length: 20 }, () => mine.db.nextIds('invoices', 3)));
    for (const list of lists) expect(list).toEqual(list.toSorted((a, b) => a - b));
    expect(new Set(lists.flat()).size).toBe(60);
    const used = (await mine.db.from('invoices').select('id').execute()).map(({ id }) => id);
    expect(lists.flat().filter((id) => used.includes(id))).toEqual([]);
    const numbers = await Promise.all(Array.from({ length: 20 }, () => mine.db.nextNumber('receipt')));
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    expect(await theirs.db.nextNumber('receipt')).toBe(1);
  });

  test('tables out of the scope cannot be named, even where the types are got round', async () => {
    const { ada, mine, house } = await prepare();
    const loose = ada.db as unknown as MerchantScope['db'];
    for (const table of ['settings', 'keys', 'sessions', 'counters', 'tenants']) {
      expect(() => loose.from(named(table)), table).toThrow(/out of this scope/);
      expect(() => loose.update(named(table)), table).toThrow(/out of this scope/);
      expect(() => loose.remove(named(table)), table).toThrow(/out of this scope/);
      await expect(loose.insert(named(table), [{}] as never), table).rejects.toThrow(/out of this scope/);
      await expect(loose.insertNew(named(table), {} as never), table).rejects.toThrow(/out of this scope/);
    }
    for (const table of [
      'tenants',
      'domains',
      'portal_migrations',
      'sqlite_schema',
      'toString',
      '__proto__',
    ]) {
      expect(() => mine.db.from(named(table)), table).toThrow(/out of this scope/);
      expect(() => merchantDb(house.app.ports.store, mine.tenant.id).rows(named(table)), table).toThrow(
        /out of this scope/,
      );
    }
  });

  test('a prepared query is compiled once, and answers each scope its own rows', async () => {
    const { mine, theirs, ada, bob } = await prepare();
    let built = 0;
    const above = (db: CustomerScope['db'], { least }: { readonly least: number }) => {
      built++;
      const own = db
        .from('invoices')
        .select('invoices.total_minor')
        .where('invoices.total_minor', '>', least);
      return own
        .innerJoin(db.rows('customers'), 'customers.id', 'invoices.customer_id')
        .orderBy('total_minor');
    };
    const asked = (db: CustomerScope['db'], least: number) =>
      db.prepared('invoices above', { least }, above).then((rows) => rows.map((row) => row.total_minor));
    const otherAda = customerScope(theirs, ada.customerId);
    expect(await asked(ada.db, 0)).toEqual([5_000, 12_000]);
    expect(await asked(bob.db, 0)).toEqual([700]);
    expect(await asked(ada.db, 5_000)).toEqual([12_000]);
    await otherAda.db.update('invoices').set({ total_minor: 6_000 }).execute();
    expect(await asked(otherAda.db, 0)).toEqual([6_000, 6_000]);
    expect(await transact(ada, ({ db }) => asked(db, 0))).toEqual([5_000, 12_000]);
    expect(built).toBe(1);
    // A merchant's handle sees more, by a query of its own.
    expect(await asked(mine.db as unknown as CustomerScope['db'], 0)).toEqual([700, 5_000, 12_000]);
    expect(built).toBe(2);
  });

  test('a prepared query is refused where any other would be, and when it looks at its values', async () => {
    const { house, mine, ada } = await prepare();
    for (const { db } of [mine, ada as unknown as MerchantScope]) {
      for (const [form, query] of Object.entries(formsPastTheHandle(db, house.app.ports.store))) {
        const run = db.prepared(`past the handle: ${form}`, {}, () => query() as never);
        await expect(run, form).rejects.toThrow(TypeError);
      }
    }
    const first = { name: 'Ada' };
    const branching = ada.db.prepared('branching', first, (db, { name }) =>
      db.from('customers').select('name').where('name', '=', `${name}`),
    );
    await expect(branching).rejects.toThrow('not known when it is built');
    const byName = (name: string) =>
      ada.db.prepared('by name', { name }, (db, held) =>
        db.from('customers').select('name').where('name', '=', held.name),
      );
    expect(await byName('Ada')).toEqual([first]);
    await expect(byName('A\u0000da')).rejects.toMatchObject({ code: 'bad_text' });
  });

  test('a query that names a table past the handle never becomes SQL', async () => {
    const { house, mine, ada } = await prepare();
    await transact(mine, async (inner) => {
      for (const { db } of [mine, ada as unknown as MerchantScope, inner]) {
        for (const [form, query] of Object.entries(formsPastTheHandle(db, house.app.ports.store))) {
          const compiled = () => query().compile();
          expect(compiled, form).toThrow(TypeError);
          expect(compiled, form).toThrow(/^a query (?:names|holds raw SQL|calls)\b/);
        }
      }
    });
  });

  test('a query past the handle is refused also when it runs, and reads and writes nothing', async () => {
    const { house, mine, theirs } = await prepare();
    const fingerprints = () =>
      Promise.all([mine, theirs].map(({ tenant }) => fingerprintOf(house, tenant.id)));
    const before = await fingerprints();
    const stolen = house.app.ports.store.kysely.selectFrom('customers').select('name').limit(1);
    const row = { key: '1', request_hash: stolen as never, created_at: 1 };
    const { db } = mine;
    for (const run of [
      () => db.from('customers').innerJoin('customers as o', 'o.id', 'customers.id').selectAll().execute(),
      () =>
        db
          .from('customers')
          .select((eb) => eb.selectFrom('customers').select('id').as('n'))
          .execute(),
      () => db.update('customers').from('customers as o').set({ notes: 'x' }).execute(),
      () => db.update('customers').set({ notes: 'x' }).clearWhere().execute(),
      () => db.remove('outbox').using('outbox as o').execute(),
      () => db.remove('outbox').clearWhere().execute(),
      () => db.insert('idempotency_keys', row),
      () => db.insertNew('idempotency_keys', row),
    ]) {
      await expect(run(), String(run)).rejects.toThrow(TypeError);
    }
    expect(await fingerprints()).toEqual(before);
  });

  test('an update or deletion that lost the scope’s filter never becomes SQL', async () => {
    const { mine, ada } = await prepare();
    for (const { db } of [mine, ada as unknown as MerchantScope]) {
      const update = db.update('invoices').set({ notes: 'x' }).where('id', '>', 0).clearWhere();
      expect(() => update.compile()).toThrow(/filter of its scope/);
      expect(() => update.where('id', '>', 0).where('id', '<', 9).compile()).toThrow(/filter of its scope/);
      expect(() => db.remove('invoices').clearWhere().compile()).toThrow(/filter of its scope/);
    }
  });

  test('rows of another scope do not come into a query', async () => {
    const { mine, theirs, ada, bob } = await prepare();
    for (const other of [theirs, mine, bob as unknown as MerchantScope]) {
      const joined = ada.db
        .from('invoices')
        .innerJoin(other.db.rows('customers'), 'customers.id', 'invoices.customer_id')
        .select('customers.name');
      expect(() => joined.compile()).toThrow(/^a query names customers/);
      const within = ada.db.from('invoices').where('id', 'in', other.db.from('invoices').select('id'));
      expect(() => within.selectAll().compile()).toThrow(/^a query names invoices/);
    }
  });

  test('sub-selects, unions and laterals of the handle, and what it knows of SQL, go on working', async () => {
    const { mine, ada } = await prepare();
    const { db } = mine;
    const ofAda = db.from('customers').select('id').where(contains('name', 'ADA'));
    const dear = await db
      .from('invoices')
      .where('customer_id', 'in', ofAda)
      .where((eb) => eb.exists(db.from('lines').select('id').where('name', '=', 'Paper')))
      .select((eb) => [
        'total_minor',
        db.from('customers').select(eb.fn.countAll<number>().as('n')).as('customers'),
        eb.case().when('total_minor', '>', 9_000).then('dear').else('cheap').end().as('price'),
      ])
      .orderBy((eb) => eb.fn.coalesce('due_date', eb.val('9')), 'desc')
      .orderBy('total_minor', (order) => order.desc())
      .execute();
    expect(dear).toEqual([
      { total_minor: 12_000, customers: 2, price: 'dear' },
      { total_minor: 5_000, customers: 2, price: 'cheap' },
    ]);
    const names = db.from('customers').select('name').union(db.from('lines').select('name'));
    expect(await names.orderBy('name').execute()).toEqual(['Ada', 'Bob', 'Paper'].map((name) => ({ name })));
    const every = db.from('customers').innerJoin(db.rows('invoices'), (on) => on.onTrue());
    expect(await every.select('invoices.id').execute()).toHaveLength(6);
    const lateral = every.leftJoinLateral(db.from('lines').select('id').as('of'), (on) => on.onTrue());
    expect(lateral.select('of.id').compile().sql).toContain('left join lateral');
    const inside = await transact(ada, (inner) =>
      inner.db
        .from('invoices')
        .innerJoin(ada.db.rows('customers'), 'customers.id', 'invoices.customer_id')
        .select('customers.name')
        .execute(),
    );
    expect(inside).toEqual([{ name: 'Ada' }, { name: 'Ada' }]);
  });

  test('an update may take its values from rows and sub-selects of the handle', async () => {
    const { mine, ada, bob } = await prepare();
    await ada.db
      .update('invoices')
      .from(ada.db.rows('customers'))
      .set((eb) => ({ notes: eb.ref('customers.name') }))
      .whereRef('customers.id', '=', 'invoices.customer_id')
      .execute();
    await mine.db
      .update('invoices')
      .set({ purchase_order: mine.db.from('customers').select('name').where('id', '=', bob.customerId) })
      .where('customer_id', 'in', mine.db.from('customers').select('id').where('name', '=', 'Bob'))
      .execute();
    const rows = await mine.db
      .from('invoices')
      .select(['notes', 'purchase_order'])
      .orderBy('total_minor')
      .execute();
    expect(rows).toEqual([
      { notes: null, purchase_order: 'Bob' },
      { notes: 'Ada', purchase_order: null },
      { notes: 'Ada', purchase_order: null },
    ]);
  });
});

async function promiseOf(scope: CustomerScope) {
  const [invoice] = await scope.db.from('invoices').select('id').execute();
  const made = { made_by: 'customer' as const, state: 'open' as const, created_at: 1 };
  return {
    id: await scope.db.nextId('promises'),
    invoice_id: invoice!.id,
    method: 'check',
    expected_date: '2026-12-01',
    ...made,
  };
}

async function namesOf({ db }: MerchantScope): Promise<string[]> {
  return (await db.from('customers').select('name').orderBy('id').execute()).map(({ name }) => name);
}

function invoicesWithNames({ db }: MerchantScope) {
  return db
    .from('invoices')
    .innerJoin(db.rows('customers'), 'customers.id', 'invoices.customer_id')
    .select(['customers.name', 'invoices.total_minor'])
    .orderBy('invoices.total_minor')
    .execute();
}

function totalsOf(scope: MerchantScope | CustomerScope) {
  return (scope as MerchantScope).db
    .from('invoices')
    .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.sum<number>('total_minor').as('sum')])
    .executeTakeFirstOrThrow();
}

/** A table's name from outside the types. */
function named(name: string): MerchantTable {
  return name as MerchantTable;
}
