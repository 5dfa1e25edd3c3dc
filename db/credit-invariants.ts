import type { InvariantCheck } from './invariant.ts';

/** What must hold of customers' credit: it is never overspent, and everything that it paid is there twice, in the ledger and beside it. */
export const CREDIT_CHECKS: readonly InvariantCheck[] = [
  {
    name: 'credit_not_negative',
    promise: 'No customer’s credit balance is below zero in any currency',
    count: `select count(*) as n from (select 1 as one from postings where account = 'credit_balance' group by tenant_id, customer_id, currency) balances`,
    violations: `
      select tenant_id as tenant, customer_id as customer, currency as currency, -sum(amount_minor) as balance
      from postings where account = 'credit_balance'
      group by tenant_id, customer_id, currency having sum(amount_minor) > 0`,
  },
  {
    name: 'deposits_in_balance',
    promise: 'Every customer’s credit balance has the deposits that wait for the invoices of their estimates',
    count: `select count(*) as n from estimates where deposit_paid_minor > 0`,
    violations: `
      select d.tenant_id as tenant, d.customer_id as customer, d.currency as currency, sum(d.minor) as deposits, coalesce(b.minor, 0) as balance
      from (
        select e.tenant_id, e.customer_id, e.currency, a.amount_minor - p.refunded_minor - coalesce(l.minor, 0) as minor
        from estimates e
        join payment_applications a on a.tenant_id = e.tenant_id and a.estimate_id = e.id and a.kind = 'estimate' and a.voided_at is null
        join payments p on p.tenant_id = a.tenant_id and p.id = a.payment_id
        left join (
          select tenant_id, payment_id, sum(amount_minor) as minor from disputes where state = 'lost' group by tenant_id, payment_id
        ) l on l.tenant_id = p.tenant_id and l.payment_id = p.id
        where e.state = 'issued' and e.invoice_id is null and e.declined_at is null
          and a.amount_minor - p.refunded_minor - coalesce(l.minor, 0) > 0
      ) d
      left join (
        select tenant_id, customer_id, currency, -sum(amount_minor) as minor from postings
        where account = 'credit_balance' group by tenant_id, customer_id, currency
      ) b on b.tenant_id = d.tenant_id and b.customer_id = d.customer_id and b.currency = d.currency
      group by d.tenant_id, d.customer_id, d.currency, b.minor having sum(d.minor) > coalesce(b.minor, 0)`,
  },
  {
    name: 'applied_credit_in_ledger',
    promise:
      'What credit paid of every invoice, and what it took of every credit note, is what the ledger says',
    count: `select count(*) as n from payment_applications where payment_id is null`,
    violations: `
      select i.tenant_id as tenant, i.number as document, coalesce(a.applied, 0) as applied, coalesce(l.ledger, 0) as ledger
      from invoices i
      left join (
        select tenant_id, invoice_id, sum(amount_minor) as applied from payment_applications
        where kind in ('applied_credit', 'credit_note') and voided_at is null group by tenant_id, invoice_id
      ) a on a.tenant_id = i.tenant_id and a.invoice_id = i.id
      left join (
        select x.tenant_id, x.invoice_id, -sum(x.amount_minor) as ledger from postings x
        join journal j on j.tenant_id = x.tenant_id and j.id = x.journal_id and j.kind = 'credit_applied'
        where x.account = 'receivable' group by x.tenant_id, x.invoice_id
      ) l on l.tenant_id = i.tenant_id and l.invoice_id = i.id
      where coalesce(a.applied, 0) <> coalesce(l.ledger, 0)
      union all
      select c.tenant_id, c.number, coalesce(a.applied, 0), coalesce(l.ledger, 0)
      from credit_notes c
      left join (
        select tenant_id, credit_note_id, sum(amount_minor) as applied from payment_applications
        where kind = 'credit_note' and voided_at is null group by tenant_id, credit_note_id
      ) a on a.tenant_id = c.tenant_id and a.credit_note_id = c.id
      left join (
        select x.tenant_id, x.credit_note_id, sum(x.amount_minor) as ledger from postings x
        join journal j on j.tenant_id = x.tenant_id and j.id = x.journal_id and j.kind = 'credit_applied'
        where x.account = 'credit_note' group by x.tenant_id, x.credit_note_id
      ) l on l.tenant_id = c.tenant_id and l.credit_note_id = c.id
      where coalesce(a.applied, 0) <> coalesce(l.ledger, 0)`,
  },
  {
    name: 'credit_adjustments_in_ledger',
    promise: 'The ledger has exactly what was added to and taken from every credit balance by hand',
    count: 'select count(*) as n from credit_adjustments',
    violations: `
      select tenant_id as tenant, customer_id as customer, currency as currency, sum(adjusted) as adjusted, sum(ledger) as ledger
      from (
        select tenant_id, customer_id, currency, amount_minor as adjusted, 0 as ledger from credit_adjustments
        union all
        select x.tenant_id, x.customer_id, x.currency, 0, -x.amount_minor from postings x
        join journal j on j.tenant_id = x.tenant_id and j.id = x.journal_id and j.kind = 'credit_adjustment'
        where x.account = 'credit_balance'
      ) both_sides
      group by tenant_id, customer_id, currency having sum(adjusted) <> sum(ledger)`,
  },
  {
    name: 'deposits_applied',
    promise: 'The deposit paid on every estimate is what payments were put against it',
    count: 'select count(*) as n from estimates',
    violations: `
      select e.tenant_id as tenant, e.number as estimate, e.deposit_paid_minor as paid, coalesce(sum(a.amount_minor), 0) as applied
      from estimates e
      left join payment_applications a
        on a.tenant_id = e.tenant_id and a.estimate_id = e.id and a.kind = 'estimate' and a.voided_at is null
      group by e.tenant_id, e.id, e.number, e.deposit_paid_minor
      having e.deposit_paid_minor <> coalesce(sum(a.amount_minor), 0)`,
  },
  {
    name: 'estimates_answered_once',
    promise:
      'Every estimate that was approved is closed, every invoiced one names the invoice that names it, and none is both approved and declined',
    count: 'select count(*) as n from estimates',
    violations: `
      select e.tenant_id as tenant, e.number as estimate, e.closed as closed, count(a.id) as approvals
      from estimates e left join approvals a on a.tenant_id = e.tenant_id and a.estimate_id = e.id
      group by e.tenant_id, e.id, e.number, e.closed, e.declined_at
      having count(a.id) > 0 and (e.closed = 0 or e.declined_at is not null)
      union all
      select e.tenant_id, e.number, e.closed, 0 from estimates e
      left join invoices i on i.tenant_id = e.tenant_id and i.id = e.invoice_id and i.estimate_id = e.id
      where e.invoice_id is not null and i.id is null`,
  },
];
