import type { InvariantCheck } from './invariant.ts';

/** What disputes did to these accounts, by payment. */
const DISPUTED = (...accounts: readonly string[]): string => `
  select j.tenant_id, j.payment_id, sum(x.amount_minor) as minor
  from journal j join postings x on x.tenant_id = j.tenant_id and x.journal_id = j.id
  where j.payment_id is not null and j.kind in ('dispute', 'dispute_won', 'write_off')
    and x.account in (${accounts.map((account) => `'${account}'`).join(', ')})
  group by j.tenant_id, j.payment_id`;

/** What must hold of money that went back: refunds, disputes, and documents and payments that were voided. */
export const RETURN_CHECKS: readonly InvariantCheck[] = [
  {
    name: 'refunds_within_payments',
    promise:
      'Every payment was refunded by what its refunds say, and with those on their way by no more than was paid',
    count: 'select count(*) as n from payments',
    violations: `
      select p.tenant_id as tenant, p.number as payment, p.amount_minor + p.fee_minor as amount, p.refunded_minor as refunded,
        coalesce(sum(case when r.state = 'succeeded' then r.amount_minor end), 0) as refunds,
        coalesce(sum(r.amount_minor), 0) as with_those_on_their_way
      from payments p
      left join refunds r on r.tenant_id = p.tenant_id and r.payment_id = p.id and r.state <> 'failed'
      group by p.tenant_id, p.id, p.number, p.amount_minor, p.fee_minor, p.refunded_minor
      having p.refunded_minor <> coalesce(sum(case when r.state = 'succeeded' then r.amount_minor end), 0)
        or coalesce(sum(r.amount_minor), 0) > p.amount_minor + p.fee_minor`,
  },
  {
    name: 'refunds_in_ledger',
    promise: 'The ledger gave back exactly the money of every refund that succeeded, and none of any other',
    count: 'select count(*) as n from refunds',
    violations: `
      select r.tenant_id as tenant, r.id as refund, r.state as state, r.amount_minor as amount, -coalesce(sum(x.amount_minor), 0) as ledger
      from refunds r
      left join journal j on j.tenant_id = r.tenant_id and j.refund_id = r.id and j.kind = 'refund' and j.payment_id = r.payment_id
      left join postings x on x.tenant_id = j.tenant_id and x.journal_id = j.id and x.account = 'cash'
      group by r.tenant_id, r.id, r.state, r.amount_minor
      having case when r.state = 'succeeded' then r.amount_minor else 0 end <> -coalesce(sum(x.amount_minor), 0)
      union all
      select j.tenant_id, j.id, 'none', 0, 0 from journal j where j.kind = 'refund' and j.refund_id is null`,
  },
  {
    name: 'disputes_in_ledger',
    promise:
      'What banks hold of every disputed payment, and what was lost of it, is in the ledger, and the payment is marked',
    count: 'select count(*) as n from disputes',
    violations: `
      select p.tenant_id as tenant, p.number as payment, p.disputed as disputed, coalesce(d.held, 0) as held, coalesce(d.lost, 0) as lost,
        coalesce(h.minor, 0) as held_in_ledger, coalesce(b.minor, 0) as lost_in_ledger, -coalesce(c.minor, 0) as gone_in_ledger
      from payments p
      left join (
        select tenant_id, payment_id, sum(case when state = 'open' then amount_minor else 0 end) as held,
          sum(case when state = 'lost' then amount_minor else 0 end) as lost
        from disputes group by tenant_id, payment_id
      ) d on d.tenant_id = p.tenant_id and d.payment_id = p.id
      left join (${DISPUTED('disputed')}) h on h.tenant_id = p.tenant_id and h.payment_id = p.id
      left join (${DISPUTED('bad_debt', 'credit_balance')}) b on b.tenant_id = p.tenant_id and b.payment_id = p.id
      left join (${DISPUTED('cash')}) c on c.tenant_id = p.tenant_id and c.payment_id = p.id
      where coalesce(d.held, 0) <> coalesce(h.minor, 0) or coalesce(d.lost, 0) <> coalesce(b.minor, 0)
        or coalesce(d.held, 0) + coalesce(d.lost, 0) <> -coalesce(c.minor, 0)
        or p.disputed <> case when coalesce(d.held, 0) + coalesce(d.lost, 0) > 0 then 1 else 0 end`,
  },
  {
    name: 'invoices_paid_by',
    promise: 'What every issued invoice has been paid is what payments and credit were put against it',
    count: `select count(*) as n from invoices where state = 'issued'`,
    violations: `
      select i.tenant_id as tenant, i.number as invoice, i.total_minor - i.balance_minor as paid, coalesce(sum(a.amount_minor), 0) as applied
      from invoices i
      left join payment_applications a on a.tenant_id = i.tenant_id and a.invoice_id = i.id and a.voided_at is null
      where i.state = 'issued'
      group by i.tenant_id, i.id, i.number, i.total_minor, i.balance_minor
      having i.total_minor - i.balance_minor <> coalesce(sum(a.amount_minor), 0)`,
  },
  {
    name: 'voided_documents',
    promise:
      'Every voided invoice and credit note is taken back in the ledger with its total and nothing is against it; no other is',
    count: `select (select count(*) from invoices where state = 'voided') + (select count(*) from credit_notes where state = 'voided') as n`,
    violations: `
      select i.tenant_id as tenant, i.number as document, i.state as state, i.total_minor as total, coalesce(l.minor, 0) as taken_back
      from invoices i
      left join (
        select j.tenant_id, j.invoice_id, -sum(x.amount_minor) as minor from journal j
        join postings x on x.tenant_id = j.tenant_id and x.journal_id = j.id and x.account = 'receivable'
        where j.kind = 'invoice_void' group by j.tenant_id, j.invoice_id
      ) l on l.tenant_id = i.tenant_id and l.invoice_id = i.id
      where coalesce(l.minor, 0) <> case when i.state = 'voided' then i.total_minor else 0 end
        or (i.state = 'voided' and exists (
          select 1 from payment_applications a where a.tenant_id = i.tenant_id and a.invoice_id = i.id and a.voided_at is null))
      union all
      select c.tenant_id, c.number, c.state, c.total_minor, coalesce(l.minor, 0)
      from credit_notes c
      left join (
        select j.tenant_id, j.credit_note_id, sum(x.amount_minor) as minor from journal j
        join postings x on x.tenant_id = j.tenant_id and x.journal_id = j.id and x.account = 'credit_note'
        where j.kind = 'credit_note_void' group by j.tenant_id, j.credit_note_id
      ) l on l.tenant_id = c.tenant_id and l.credit_note_id = c.id
      where coalesce(l.minor, 0) <> case when c.state = 'voided' then c.total_minor else 0 end`,
  },
];
