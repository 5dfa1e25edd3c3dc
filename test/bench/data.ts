import BetterSqlite from 'better-sqlite3';

/** What a database of the bench holds. Customer 1 is the one who signs in. */
export interface Amounts {
  readonly invoices: number;
  /** Invoices of customer 1, spread evenly over the whole table. */
  readonly own: number;
  /** Lines of every invoice; without `linesOfAll`, of customer 1's only. */
  readonly lines: number;
  readonly linesOfAll: boolean;
}

const CUSTOMERS = 1000;
const COUNT_UP = `with recursive n(i) as (select 1 union all select i + 1 from n where i < @count)`;

/**
 * Fills a migrated SQLite file that has tenant 1 by bulk SQL: customers, invoices over five years, a third of them open. The portal's own
 * operations would take minutes for a million.
 */
export function fill(path: string, amounts: Amounts): void {
  const file = new BetterSqlite(path);
  file.pragma('foreign_keys = off');
  file.pragma('synchronous = off');
  file.pragma('cache_size = -400000');
  file.transaction(() => {
    file.prepare(CUSTOMER_ROWS).run({ count: CUSTOMERS });
    const every = Math.floor(amounts.invoices / amounts.own);
    file
      .prepare(INVOICE_ROWS)
      .run({ count: amounts.invoices, every, own: amounts.own, others: CUSTOMERS - 1 });
    const owner = amounts.linesOfAll ? 0 : 1;
    file.prepare(LINE_ROWS).run({ count: amounts.lines, owner });
  })();
  file.pragma('wal_checkpoint(truncate)');
  file.close();
}

const CUSTOMER_ROWS = `${COUNT_UP}
insert into customers (tenant_id, id, client_id, number, type, name, email, email_canonical, currency, address1, city, country, created_at, updated_at)
select 1, i, lower(hex(randomblob(12))), printf('CUST-%05d', i), 'company', 'Customer ' || i || ' GmbH', 'c' || i || '@example.com',
  'c' || i || '@example.com', 'EUR', 'Hauptstraße ' || i, 'Berlin', 'DE', 1700000000000, 1700000000000 from n`;

const INVOICE_ROWS = `${COUNT_UP}
insert into invoices (tenant_id, id, customer_id, client_id, number, currency, date, due_date, state, subtotal_minor, tax_minor, total_minor,
  balance_minor, viewed_at, created_at, updated_at)
select 1, i, case when i % @every = 0 and i / @every <= @own then 1 else 2 + i % @others end, lower(hex(randomblob(12))),
  printf('INV-%07d', i), 'EUR', date('2021-01-01', '+' || (i * 1800 / @count) || ' days'), date('2021-01-31', '+' || (i * 1800 / @count) || ' days'),
  'issued', 10000 + i % 977, 0, 10000 + i % 977, case when (i / @every) % 3 = 0 then 10000 + i % 977 else 0 end,
  1700000000000, 1700000000000, 1700000000000 from n`;

const LINE_ROWS = `${COUNT_UP}
insert into lines (tenant_id, id, customer_id, invoice_id, position, name, quantity, unit_cost, amount_minor)
select 1, invoices.id * 10 + n.i, customer_id, invoices.id, n.i, 'Paper, ream ' || n.i, '2', '10.00', 2000
from invoices cross join n where @owner = 0 or customer_id = @owner`;
