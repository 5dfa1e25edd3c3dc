import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import type { Acknowledged } from './customer.ts';

/** What must not exist, in plain SQL over the portal's database and the gateway's own book (attached as `bank`). */
const VIOLATIONS: Readonly<Record<string, string>> = {
  'a charge without exactly one payment of its amount': `
    select c.attempt_id as at, c.minor from bank.charges c
    where json_extract(c.reply, '$.state') = 'succeeded' and 1 <> (select count(*) from payments p
      where p.tenant_id = c.tenant_id and p.attempt_id = c.attempt_id and p.state = 'succeeded'
        and p.amount_minor + p.fee_minor = c.minor and p.currency = c.currency)`,
  'a payment without exactly one charge': `
    select p.number as at, p.amount_minor as minor from payments p
    where 1 <> (select count(*) from bank.charges c
      where c.attempt_id = p.attempt_id and c.minor = p.amount_minor + p.fee_minor and json_extract(c.reply, '$.state') = 'succeeded')`,
  'a tenant whose payments and charges differ': `
    select t.username as at, 0 as minor from tenants t
    where (select coalesce(sum(amount_minor + fee_minor), 0) from payments p where p.tenant_id = t.id and p.state = 'succeeded')
       <> (select coalesce(sum(minor), 0) from bank.charges c where c.tenant_id = t.id and json_extract(c.reply, '$.state') = 'succeeded')`,
  'an invoice paid beyond its total': `
    select i.number as at, sum(a.amount_minor) as minor from payment_applications a
    join invoices i on i.tenant_id = a.tenant_id and i.id = a.invoice_id
    where a.voided_at is null group by i.tenant_id, i.id having sum(a.amount_minor) > i.total_minor`,
  'an invoice whose balance is not its total less what was applied': `
    select i.number as at, i.balance_minor as minor from invoices i
    where i.balance_minor <> i.total_minor - (select coalesce(sum(a.amount_minor), 0) from payment_applications a
      where a.tenant_id = i.tenant_id and a.invoice_id = i.id and a.voided_at is null)`,
  'an invoice whose balance is not its receivable': `
    select i.number as at, i.balance_minor as minor from invoices i
    where i.balance_minor <> (select coalesce(sum(p.amount_minor), 0) from postings p
      where p.tenant_id = i.tenant_id and p.invoice_id = i.id and p.account = 'receivable')`,
  'a payment that is not applied whole': `
    select p.number as at, p.amount_minor as minor from payments p
    where p.amount_minor + p.fee_minor <> (select coalesce(sum(a.amount_minor), 0) from payment_applications a
      where a.tenant_id = p.tenant_id and a.payment_id = p.id)`,
  'a payment that left credit behind': `
    select payment_id as at, amount_minor as minor from payment_applications where kind = 'credit'`,
  'a journal entry that does not balance': `
    select journal_id as at, sum(amount_minor) as minor from postings group by tenant_id, journal_id having sum(amount_minor) <> 0`,
  'a payment without exactly one journal entry': `
    select p.number as at, p.amount_minor as minor from payments p
    where 1 <> (select count(*) from journal j where j.tenant_id = p.tenant_id and j.payment_id = p.id and j.kind = 'payment')`,
  'a tenant whose receipts in the outbox are not as many as its payments': `
    select t.username as at, 0 as minor from tenants t
    where (select count(*) from payments p where p.tenant_id = t.id and p.receipt_email is not null)
       <> (select count(*) from outbox o where o.tenant_id = t.id and o.topic = 'receipt')`,
  'an attempt without an end': `
    select id as at, amount_minor as minor from payment_attempts where settled_at is null`,
  'an invoice held by an attempt that ended': `
    select attempt_id as at, amount_minor as minor from attempt_allocations where is_open = 1`,
};

/** Every way in which the books differ from what customers saw and from what the gateway charged; none of it uses the portal's code. */
export function audit(dataDir: string, journal: Iterable<Acknowledged>): string[] {
  const db = openBooks(dataDir);
  try {
    const damaged = ['main', 'bank'].filter(
      (name) => db.pragma(`${name}.integrity_check`, { simple: true }) !== 'ok',
    );
    const found = damaged.map((name) => `the file ${name} is damaged`);
    for (const [what, query] of Object.entries(VIOLATIONS)) {
      const rows = db.prepare<[], { at: string | number; minor: number }>(query).all();
      found.push(...rows.map(({ at, minor }) => `${what}: ${at} (${minor})`));
    }
    const count = db
      .prepare<[string, string, number], number>(
        'select count(*) from payments where client_id = ? and number = ? and amount_minor = ?',
      )
      .pluck();
    for (const { receipt, number, minor } of journal) {
      if (count.get(receipt, number, minor) !== 1)
        found.push(`a receipt that a customer saw is lost: ${number} (${minor})`);
    }
    return found;
  } finally {
    db.close();
  }
}

/** Attempts that were under way at one of these moments (epoch ms), by what became of them. */
export function struckBy(dataDir: string, kills: readonly number[]): { charged: number; never: number } {
  const db = openBooks(dataDir);
  const rows = db
    .prepare<[], { submitted_at: number; settled_at: number; state: string }>(
      'select submitted_at, settled_at, state from payment_attempts',
    )
    .all()
    .filter((row) => kills.some((at) => row.submitted_at <= at && at < row.settled_at));
  db.close();
  const charged = rows.filter(({ state }) => state === 'succeeded').length;
  return { charged, never: rows.length - charged };
}

/** Makes the portal forget what it had begun and not ended, as if it charged before it wrote: answers how many of these were charged. */
export function forgetIntents(dataDir: string): number {
  const db = openBooks(dataDir);
  if (!db.prepare("select 1 from bank.sqlite_master where name = 'charges'").get()) {
    db.close();
    return 0;
  }
  const begun = `select id from payment_attempts where state = 'submitted'`;
  const charged = db
    .prepare<[], number>(
      `select count(*) from bank.charges where attempt_id in (${begun}) and json_extract(reply, '$.state') = 'succeeded'`,
    )
    .pluck()
    .get();
  db.exec(`delete from attempt_allocations where attempt_id in (${begun});
    delete from payment_attempts where state = 'submitted'`);
  db.close();
  return charged ?? 0;
}

function openBooks(dataDir: string): BetterSqlite.Database {
  const db = new BetterSqlite(join(dataDir, 'portal.db'));
  db.pragma('busy_timeout = 5000');
  db.prepare('attach ? as bank').run(join(dataDir, 'test-gateway.db'));
  return db;
}
