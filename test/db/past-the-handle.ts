import { type Compilable, sql } from 'kysely';
import type { Store } from '#db/open.ts';
import type { MerchantDb } from '#db/scoped.ts';

/**
 * Every way by which Kysely's builders take a table, or SQL that could name one, by its name. The types let nearly all of them pass, because a
 * table's bare name is also the name of the scope's rows.
 */
export function formsPastTheHandle(db: MerchantDb, store: Store): Record<string, () => Compilable> {
  return { ...joins(db), ...subSelects(db), ...writes(db), ...fromElsewhere(db, store), ...rawSql(db) };
}

function joins(db: MerchantDb): Record<string, () => Compilable> {
  const customers = db.from('customers').select('customers.id');
  return {
    'an inner join': () => customers.innerJoin('customers as o', 'o.id', 'customers.id').select('o.name'),
    'a left join': () => customers.leftJoin('customers as o', 'o.id', 'customers.id').select('o.name'),
    'a cross join': () => customers.crossJoin('customers as o').select('o.name'),
    'a join of a schema’s table': () => customers.crossJoin(named('main.customers as o')),
    'a join of a table out of the scope': () => customers.crossJoin(named('sessions as o')),
    'a join of a sub-select': () =>
      customers.innerJoin((eb) => eb.selectFrom('customers').select('id').as('o'), 'o.id', 'customers.id'),
    'a lateral join': () =>
      customers.leftJoinLateral(
        (eb) => eb.selectFrom('customers').select('id').as('o'),
        (on) => on.onTrue(),
      ),
    'a join of a table as an expression': () =>
      customers.crossJoin((eb) => eb.table('customers').as('o') as never),
    'a condition of a join': () =>
      customers.innerJoin(db.rows('invoices'), (on) =>
        on.on((eb) => eb.exists(eb.selectFrom('customers').select('id'))),
      ),
  };
}

function subSelects(db: MerchantDb): Record<string, () => Compilable> {
  const customers = db.from('customers').select('id');
  return {
    'a condition': () => customers.where((eb) => eb.exists(eb.selectFrom('customers').select('id'))),
    'a condition on a list': () =>
      customers.where('id', 'in', (eb) => eb.selectFrom('customers').select('id')),
    'a condition on a table': () => customers.where((eb) => eb('id', 'in', eb.table('customers') as never)),
    'a condition within a sub-select of the handle': () =>
      customers.where(
        'id',
        'in',
        customers.where((eb) => eb.exists(eb.selectFrom('customers').select('id'))),
      ),
    'a column': () => customers.select((eb) => eb.selectFrom('customers').select('name').as('n')),
    'a case within a function': () =>
      customers.select((eb) => {
        const stolen = eb.selectFrom('customers').select('id').limit(1);
        return eb.fn.coalesce(eb.case().when('id', '=', 1).then(stolen).end()).as('n');
      }),
    'an order': () => customers.orderBy((eb) => eb.selectFrom('customers').select('name')),
    'a group’s condition': () =>
      customers.groupBy('id').having((eb) => eb.exists(eb.selectFrom('customers').select('id'))),
    'a limit': () => customers.limit((eb) => eb.selectFrom('customers').select('id')),
    'a union': () => customers.union((eb) => eb.selectFrom('customers').select('id')),
  };
}

function writes(db: MerchantDb): Record<string, () => Compilable> {
  const update = db.update('customers').set({ notes: 'x' });
  return {
    'an update from': () => update.from('customers as o'),
    'an update to': () =>
      db.update('customers').set((eb) => ({ notes: eb.selectFrom('customers').select('name').limit(1) })),
    'an update where': () => update.where('id', 'in', (eb) => eb.selectFrom('customers').select('id')),
    'an update returning': () =>
      update.returning((eb) => eb.selectFrom('customers').select('name').limit(1).as('n')),
    'a deletion using': () => db.remove('customers').using('customers as o'),
    'a deletion where': () =>
      db.remove('customers').where('id', 'in', (eb) => eb.selectFrom('customers').select('id')),
  };
}

function fromElsewhere(db: MerchantDb, { kysely }: Store): Record<string, () => Compilable> {
  const customers = db.from('customers').select('id');
  const every = kysely.selectFrom('customers').select('id');
  return {
    'a sub-select made without the handle': () => customers.where('id', 'in', every),
    'a with made without the handle': () =>
      customers.where(
        'id',
        'in',
        kysely
          .with('every', () => every)
          .selectFrom('every')
          .select('id'),
      ),
  };
}

function rawSql(db: MerchantDb): Record<string, () => Compilable> {
  const customers = db.from('customers').select('id');
  return {
    'raw SQL': () => customers.select(sql`(select max(name) from customers)`.as('n')),
    'a raw table': () => customers.select(sql`(select max(name) from ${sql.table('customers')})`.as('n')),
    'a raw table to join': () => customers.crossJoin(sql.table('customers').as('o')),
    'a raw order': () => customers.orderBy(sql`(select max(name) from customers)`, 'desc'),
    'raw SQL that begins with a word that Kysely writes': () =>
      customers.orderBy(sql`asc${sql`, (select max(name) from customers)`}`),
    'a function that runs SQL': () =>
      customers.select((eb) => eb.fn('query_to_xml', [eb.val('select * from customers')]).as('n')),
    'a function with SQL for a name': () =>
      customers.select((eb) => eb.fn('(select max(name) from customers) || lower', []).as('n')),
    'an aggregate with SQL for a name': () =>
      customers.select((eb) => eb.fn.agg('(select max(name) from customers) || max', ['id']).as('n')),
  };
}

/** A table's name past the types. */
function named(name: string): 'customers as o' {
  return name as 'customers as o';
}
