import { bankIsSound, type Books, type BooksAddress, openBooks } from './books.ts';
import type { Acknowledged } from './customer.ts';
import type { Posted } from './post-office.ts';

/** What an audit found: money or receipts gone, money taken twice, and whatever else does not add up. */
export interface Findings {
  readonly lost: string[];
  readonly doubled: string[];
  readonly other: string[];
}

interface Question {
  readonly what: string;
  readonly kind: keyof Findings;
  /** Selects `place` and `minor` of everything that must not exist. */
  readonly query: string;
}

/** What must not exist, in plain SQL over the portal's database and the gateway's own book (`charges`). */
const QUESTIONS: readonly Question[] = [
  {
    what: 'a charge that no payment of its amount shows',
    kind: 'lost',
    query: `select c.attempt_id as place, c.minor from charges c
      where c.state = 'succeeded' and not exists (select 1 from payments p
        where p.tenant_id = c.tenant_id and p.attempt_id = c.attempt_id and p.state = 'succeeded'
          and p.amount_minor + p.fee_minor = c.minor and p.currency = c.currency)`,
  },
  {
    what: 'an attempt that was charged more than once',
    kind: 'doubled',
    query: `select attempt_id as place, sum(minor) as minor from charges where state = 'succeeded' group by attempt_id having count(*) > 1`,
  },
  {
    what: 'a slot of AutoPay that was charged more than once',
    kind: 'doubled',
    query: `select s.slot as place, sum(c.minor) as minor from charges c
      join attempt_slots s on s.tenant_id = c.tenant_id and s.attempt_id = c.attempt_id
      where c.state = 'succeeded' group by s.tenant_id, s.slot having count(*) > 1`,
  },
  {
    what: 'an attempt with more than one payment',
    kind: 'doubled',
    query: `select attempt_id as place, sum(amount_minor) as minor from payments where attempt_id is not null
      group by tenant_id, attempt_id having count(*) > 1`,
  },
  {
    what: 'an invoice paid beyond its total',
    kind: 'doubled',
    query: `select i.number as place, sum(a.amount_minor) as minor from payment_applications a
      join invoices i on i.tenant_id = a.tenant_id and i.id = a.invoice_id
      where a.voided_at is null group by i.tenant_id, i.id, i.number, i.total_minor having sum(a.amount_minor) > i.total_minor`,
  },
  {
    what: 'a payment without a charge',
    kind: 'other',
    query: `select p.number as place, p.amount_minor as minor from payments p
      where not exists (select 1 from charges c where c.attempt_id = p.attempt_id and c.minor = p.amount_minor + p.fee_minor and c.state = 'succeeded')`,
  },
  {
    what: 'a tenant whose payments and charges differ',
    kind: 'other',
    query: `select t.username as place, 0 as minor from tenants t
      where (select coalesce(sum(amount_minor + fee_minor), 0) from payments p where p.tenant_id = t.id and p.state = 'succeeded')
         <> (select coalesce(sum(minor), 0) from charges c where c.tenant_id = t.id and c.state = 'succeeded')`,
  },
  {
    what: 'an invoice whose balance is not its total less what was applied',
    kind: 'other',
    query: `select i.number as place, i.balance_minor as minor from invoices i
      where i.balance_minor <> i.total_minor - (select coalesce(sum(a.amount_minor), 0) from payment_applications a
        where a.tenant_id = i.tenant_id and a.invoice_id = i.id and a.voided_at is null)`,
  },
  {
    what: 'an invoice whose balance is not its receivable',
    kind: 'other',
    query: `select i.number as place, i.balance_minor as minor from invoices i
      where i.balance_minor <> (select coalesce(sum(p.amount_minor), 0) from postings p
        where p.tenant_id = i.tenant_id and p.invoice_id = i.id and p.account = 'receivable')`,
  },
  {
    what: 'a payment that is not applied whole',
    kind: 'other',
    query: `select p.number as place, p.amount_minor as minor from payments p
      where p.amount_minor + p.fee_minor <> (select coalesce(sum(a.amount_minor), 0) from payment_applications a
        where a.tenant_id = p.tenant_id and a.payment_id = p.id)`,
  },
  {
    what: 'a payment that left credit behind',
    kind: 'other',
    query: `select payment_id as place, amount_minor as minor from payment_applications where kind = 'credit'`,
  },
  {
    what: 'a journal entry that does not balance',
    kind: 'other',
    query: `select journal_id as place, sum(amount_minor) as minor from postings group by tenant_id, journal_id having sum(amount_minor) <> 0`,
  },
  {
    what: 'a payment without exactly one journal entry',
    kind: 'other',
    query: `select p.number as place, p.amount_minor as minor from payments p
      where 1 <> (select count(*) from journal j where j.tenant_id = p.tenant_id and j.payment_id = p.id and j.kind = 'payment')`,
  },
  {
    what: 'a tenant whose receipts in the outbox are not as many as its payments',
    kind: 'other',
    query: `select t.username as place, 0 as minor from tenants t
      where (select count(*) from payments p where p.tenant_id = t.id and p.receipt_email is not null)
         <> (select count(*) from outbox o where o.tenant_id = t.id and o.topic = 'receipt')`,
  },
  {
    what: 'money given back that no refund shows',
    kind: 'lost',
    query: `select g.nonce as place, g.minor from given_back g where not exists (select 1 from refunds r
      where r.nonce = g.nonce and r.state = 'succeeded' and r.amount_minor = g.minor)`,
  },
  {
    what: 'a charge of which more was given back than was taken',
    kind: 'doubled',
    query: `select g.charge as place, sum(g.minor) as minor from given_back g
      group by g.charge having sum(g.minor) > (select sum(c.minor) from charges c where c.attempt_id = g.charge)`,
  },
  {
    what: 'a refund without money given back',
    kind: 'other',
    query: `select r.nonce as place, r.amount_minor as minor from refunds r
      where r.state = 'succeeded' and not exists (select 1 from given_back g where g.nonce = r.nonce)`,
  },
  {
    what: 'a payment whose refunds do not add up',
    kind: 'other',
    query: `select p.number as place, p.refunded_minor as minor from payments p
      where p.refunded_minor <> (select coalesce(sum(r.amount_minor), 0) from refunds r
        where r.tenant_id = p.tenant_id and r.payment_id = p.id and r.state = 'succeeded')`,
  },
  {
    what: 'a refund without exactly one journal entry',
    kind: 'other',
    query: `select r.nonce as place, r.amount_minor as minor from refunds r
      where r.state = 'succeeded' and 1 <> (select count(*) from journal j where j.tenant_id = r.tenant_id and j.refund_id = r.id)`,
  },
  {
    what: 'a refund without an end',
    kind: 'other',
    query: `select nonce as place, amount_minor as minor from refunds where settled_at is null`,
  },
  {
    what: 'an attempt without an end',
    kind: 'other',
    query: `select id as place, amount_minor as minor from payment_attempts where settled_at is null`,
  },
  {
    what: 'an invoice held by an attempt that ended',
    kind: 'other',
    query: `select attempt_id as place, amount_minor as minor from attempt_allocations where is_open = 1`,
  },
];

/** Every way in which the books differ from what customers saw and from what the gateway charged; none of it uses the portal's code. */
export async function audit(
  address: BooksAddress,
  journal: Iterable<Acknowledged>,
  refunds: ReadonlyMap<string, number> = new Map(),
  posted?: readonly Posted[],
): Promise<Findings> {
  const found: Findings = { lost: [], doubled: [], other: [] };
  if (!bankIsSound(address.bankDir)) found.other.push('the file of the gateway is damaged');
  const books = await openBooks(address);
  try {
    for (const { what, kind, query } of QUESTIONS) {
      const rows = await books.rows<{ place: string | number; minor: number }>(query);
      found[kind].push(...rows.map(({ place, minor }) => `${what}: ${place} (${minor})`));
    }
    found.lost.push(...(await lostReceipts(books, journal)), ...(await lostRefunds(books, refunds)));
    if (posted) {
      found.doubled.push(...mailedTwice(posted));
      found.lost.push(...(await lostMail(books, posted)));
      found.other.push(...(await endlessMail(books)));
    }
  } finally {
    await books.close();
  }
  return found;
}

/** Nobody is mailed twice: neither the same message, nor another that says the same. */
function mailedTwice(posted: readonly Posted[]): string[] {
  const receipts = posted.filter(({ subject }) => /R-\d+/.test(subject));
  const names = [
    ...posted.map(({ messageId }) => messageId),
    ...receipts.map(({ recipient, subject }) => `${recipient}: ${subject}`),
  ];
  const again = [...Map.groupBy(names, (name) => name)]
    .filter(([, times]) => times.length > 1)
    .map(([name]) => name);
  return again.map((what) => `a mail that arrived twice: ${what}`);
}

/** What counts as sent did arrive, and what was given up says so to the operator. */
async function lostMail(books: Books, posted: readonly Posted[]): Promise<string[]> {
  const there = new Set(posted.map(({ messageId }) => messageId));
  const sent = await books.rows<{ id: number; provider_id: string }>(
    `select id, provider_id from outbox where state = 'sent' and provider_id is not null`,
  );
  const silent = await books.rows<{ id: number }>(
    `select id from outbox o where state = 'failed' and not exists
      (select 1 from jobs j where j.tenant_id = o.tenant_id and j.item = cast(o.id as text) and j.state = 'dead')`,
  );
  return [
    ...sent
      .filter(({ provider_id: id }) => !there.has(id))
      .map(({ id }) => `a mail that is said to have left and did not arrive: ${id}`),
    ...silent.map(({ id }) => `a mail that was given up and that no dead letter tells of: ${id}`),
  ];
}

async function endlessMail(books: Books): Promise<string[]> {
  const rows = await books.rows<{ id: number; state: string }>(
    `select id, state from outbox where state in ('waiting', 'sending')`,
  );
  return rows.map(({ id, state }) => `a mail without an end: ${id} (${state})`);
}

/** How many mails were given up because nobody knows whether they arrived, or after many tries. */
export async function countGivenUp(address: BooksAddress): Promise<number> {
  const books = await openBooks(address);
  const [row] = await books.rows<{ count: number | string }>(
    `select count(*) as count from jobs where state = 'dead'`,
  );
  await books.close();
  return Number(row?.count);
}

async function lostReceipts(books: Books, journal: Iterable<Acknowledged>): Promise<string[]> {
  const rows = await books.rows<{ receipt: string; number: string; minor: number }>(
    'select client_id as receipt, number, amount_minor as minor from payments',
  );
  const held = new Set(rows.map(({ receipt, number, minor }) => `${receipt} ${number} ${minor}`));
  return [...journal]
    .filter(({ receipt, number, minor }) => !held.has(`${receipt} ${number} ${minor}`))
    .map(({ number, minor }) => `a receipt that a customer saw is lost: ${number} (${minor})`);
}

async function lostRefunds(books: Books, acknowledged: ReadonlyMap<string, number>): Promise<string[]> {
  const rows = await books.rows<{ nonce: string; minor: number | string }>(
    `select nonce, amount_minor as minor from refunds where state = 'succeeded'`,
  );
  const held = new Map(rows.map(({ nonce, minor }) => [nonce, Number(minor)]));
  return [...acknowledged]
    .filter(([nonce, minor]) => held.get(nonce) !== minor)
    .map(([nonce, minor]) => `a refund that was acknowledged is lost: ${nonce} (${minor})`);
}

/** Makes the portal forget what it had begun and not ended, as if it charged before it wrote: answers how many of these were charged. */
export async function forgetIntents(address: BooksAddress): Promise<number> {
  const books = await openBooks(address);
  const begun = `select id from payment_attempts where state = 'submitted'`;
  const charged = await books.rows(
    `select 1 from charges where attempt_id in (${begun}) and state = 'succeeded'`,
  );
  await books.run(`delete from attempt_allocations where attempt_id in (${begun})`);
  await books.run(`delete from attempt_slots where attempt_id in (${begun})`);
  await books.run(`delete from payment_attempts where state = 'submitted'`);
  await books.close();
  return charged.length;
}

/** How many payments AutoPay took. */
export async function countCollected(address: BooksAddress): Promise<number> {
  const books = await openBooks(address);
  const [row] = await books.rows<{ count: number | string }>(
    `select count(*) as count from payments where attempt_id in (select id from payment_attempts where source = 'autopay')`,
  );
  await books.close();
  return Number(row?.count);
}

/** What the audit must not overlook: a payment that somebody saw is gone. */
export async function destroyReceipt(address: BooksAddress, receipt: string): Promise<void> {
  const books = await openBooks(address);
  if (address.databaseUrl) await books.run('set session_replication_role = replica');
  await books.run(`delete from payments where client_id = '${receipt}'`);
  await books.close();
}
