import { COLLECTION_CHECKS } from './collection-invariants.ts';
import { CREDIT_CHECKS } from './credit-invariants.ts';
import type { InvariantCheck } from './invariant.ts';
import { PLAN_CHECKS } from './plan-invariants.ts';
import { RETURN_CHECKS } from './return-invariants.ts';

const LINES_TOTAL = (table: string, column: string): string => `
  select d.tenant_id as tenant, d.number as document, d.subtotal_minor as subtotal, coalesce(sum(l.amount_minor), 0) as lines
  from ${table}s d left join lines l on l.tenant_id = d.tenant_id and l.${column} = d.id
  group by d.tenant_id, d.id, d.number, d.subtotal_minor
  having d.subtotal_minor <> coalesce(sum(l.amount_minor), 0)`;

const RATES_TOTAL = (table: string, column: string): string => `
  select d.tenant_id as tenant, d.number as document, d.discount_minor as discount, d.charge_minor as charge, d.tax_minor as tax
  from ${table}s d left join applied_rates r on r.tenant_id = d.tenant_id and r.${column} = d.id and r.line_id is null
  group by d.tenant_id, d.id, d.number, d.discount_minor, d.charge_minor, d.tax_minor
  having d.discount_minor <> coalesce(sum(case when r.kind = 'discount' then r.amount_minor end), 0)
      or d.charge_minor <> coalesce(sum(case when r.kind in ('charge', 'shipping') then r.amount_minor end), 0)
      or d.tax_minor <> coalesce(sum(case when r.kind = 'tax' then r.amount_minor end), 0)`;

const TOTALS = (table: string): string => `
  select tenant_id as tenant, number as document, total_minor as total,
    subtotal_minor - discount_minor + charge_minor + tax_minor + rounding_minor as computed
  from ${table}s
  where total_minor <> subtotal_minor - discount_minor + charge_minor + tax_minor + rounding_minor`;

const COUNT_DOCUMENTS = `select (select count(*) from invoices) + (select count(*) from credit_notes) + (select count(*) from estimates) as n`;

const OWNED_BY = (table: string, column: string, parent: string): string => `
  select c.tenant_id as tenant, '${table}' as of_table, c.${column} as ${column}, c.customer_id as customer, p.customer_id as expected
  from ${table} c join ${parent} p on p.tenant_id = c.tenant_id and p.id = c.${column}
  where p.customer_id <> c.customer_id`;

/** Every reference from a row of a customer to another row of a customer: both must be the same customer's. */
const SAME_CUSTOMER: ReadonlyArray<readonly [table: string, column: string, parent: string]> = [
  ['estimates', 'invoice_id', 'invoices'],
  ['credit_notes', 'invoice_id', 'invoices'],
  ['lines', 'invoice_id', 'invoices'],
  ['lines', 'estimate_id', 'estimates'],
  ['lines', 'credit_note_id', 'credit_notes'],
  ['applied_rates', 'invoice_id', 'invoices'],
  ['applied_rates', 'estimate_id', 'estimates'],
  ['applied_rates', 'credit_note_id', 'credit_notes'],
  ['applied_rates', 'line_id', 'lines'],
  ['payment_plans', 'invoice_id', 'invoices'],
  ['installments', 'plan_id', 'payment_plans'],
  ['approvals', 'estimate_id', 'estimates'],
  ['approvals', 'plan_id', 'payment_plans'],
  ['payments', 'payment_method_id', 'payment_methods'],
  ['payment_applications', 'payment_id', 'payments'],
  ['payment_applications', 'invoice_id', 'invoices'],
  ['payment_applications', 'estimate_id', 'estimates'],
  ['payment_applications', 'credit_note_id', 'credit_notes'],
  ['payment_attempts', 'payment_id', 'payments'],
  ['payment_attempts', 'payment_method_id', 'payment_methods'],
  ['attempt_allocations', 'attempt_id', 'payment_attempts'],
  ['attempt_allocations', 'invoice_id', 'invoices'],
  ['attempt_allocations', 'estimate_id', 'estimates'],
  ['attempt_slots', 'attempt_id', 'payment_attempts'],
  ['attempt_slots', 'invoice_id', 'invoices'],
  ['method_setups', 'payment_method_id', 'payment_methods'],
  ['refunds', 'payment_id', 'payments'],
  ['disputes', 'payment_id', 'payments'],
  ['promises', 'invoice_id', 'invoices'],
  ['journal', 'invoice_id', 'invoices'],
  ['journal', 'credit_note_id', 'credit_notes'],
  ['journal', 'payment_id', 'payments'],
  ['journal', 'refund_id', 'refunds'],
  ['postings', 'journal_id', 'journal'],
  ['postings', 'invoice_id', 'invoices'],
  ['postings', 'credit_note_id', 'credit_notes'],
];

const FINAL = `('succeeded', 'declined', 'abandoned')`;

/** Every money invariant, in the order in which it is told. */
export const CHECKS: readonly InvariantCheck[] = [
  {
    name: 'journal_balances',
    promise: 'The postings of every journal entry add up to zero, and every entry has some',
    count: 'select count(*) as n from journal',
    violations: `
      select j.tenant_id as tenant, j.id as entry, coalesce(sum(p.amount_minor), 0) as sum, count(p.position) as postings
      from journal j left join postings p on p.tenant_id = j.tenant_id and p.journal_id = j.id
      group by j.tenant_id, j.id having coalesce(sum(p.amount_minor), 0) <> 0 or count(p.position) < 2`,
  },
  {
    name: 'invoice_balances',
    promise: 'The balance of every invoice is what the ledger says is receivable on it',
    count: 'select count(*) as n from invoices',
    violations: `
      select i.tenant_id as tenant, i.number as invoice, i.balance_minor as balance, coalesce(sum(p.amount_minor), 0) as ledger
      from invoices i left join postings p on p.tenant_id = i.tenant_id and p.invoice_id = i.id and p.account = 'receivable'
      where i.state <> 'draft'
      group by i.tenant_id, i.id, i.number, i.balance_minor having i.balance_minor <> coalesce(sum(p.amount_minor), 0)`,
  },
  {
    name: 'credit_note_balances',
    promise: 'The balance of every credit note is what the ledger says is left of it',
    count: 'select count(*) as n from credit_notes',
    violations: `
      select c.tenant_id as tenant, c.number as credit_note, c.balance_minor as balance, -coalesce(sum(p.amount_minor), 0) as ledger
      from credit_notes c
      left join postings p on p.tenant_id = c.tenant_id and p.credit_note_id = c.id and p.account = 'credit_note'
      where c.state <> 'draft'
      group by c.tenant_id, c.id, c.number, c.balance_minor having c.balance_minor <> -coalesce(sum(p.amount_minor), 0)`,
  },
  {
    name: 'balances_within_totals',
    promise: 'No invoice or credit note has a balance above its total, or more on its way than is open',
    count: 'select (select count(*) from invoices) + (select count(*) from credit_notes) as n',
    violations: `
      select tenant_id as tenant, number as document, total_minor as total, balance_minor as balance, pending_minor as pending
      from invoices where balance_minor > total_minor or pending_minor > balance_minor
      union all select tenant_id, number, total_minor, balance_minor, 0 from credit_notes where balance_minor > total_minor`,
  },
  {
    name: 'document_totals',
    promise: 'Every total is subtotal − discounts + charges + taxes + rounding',
    count: COUNT_DOCUMENTS,
    violations: [TOTALS('invoice'), TOTALS('credit_note'), TOTALS('estimate')].join('\nunion all\n'),
  },
  {
    name: 'document_lines',
    promise: 'The lines of every document add up to its subtotal',
    count: COUNT_DOCUMENTS,
    violations: [
      LINES_TOTAL('invoice', 'invoice_id'),
      LINES_TOTAL('credit_note', 'credit_note_id'),
      LINES_TOTAL('estimate', 'estimate_id'),
    ].join('\nunion all\n'),
  },
  {
    name: 'document_rates',
    promise: 'The discounts, charges and taxes of every document add up to what it says of them',
    count: COUNT_DOCUMENTS,
    violations: [
      RATES_TOTAL('invoice', 'invoice_id'),
      RATES_TOTAL('credit_note', 'credit_note_id'),
      RATES_TOTAL('estimate', 'estimate_id'),
    ].join('\nunion all\n'),
  },
  {
    name: 'payments_applied',
    promise: 'The applications of every payment add up to it and its fee, and a voided one has none left',
    count: `select count(*) as n from payments where state in ('succeeded', 'voided')`,
    violations: `
      select p.tenant_id as tenant, p.number as payment, p.amount_minor + p.fee_minor as amount, coalesce(sum(a.amount_minor), 0) as applied
      from payments p
      left join payment_applications a on a.tenant_id = p.tenant_id and a.payment_id = p.id and a.voided_at is null
      where p.state in ('succeeded', 'voided')
      group by p.tenant_id, p.id, p.number, p.state, p.amount_minor, p.fee_minor
      having case when p.state = 'voided' then 0 else p.amount_minor + p.fee_minor end <> coalesce(sum(a.amount_minor), 0)`,
  },
  {
    name: 'payments_in_ledger',
    promise: 'The ledger received exactly the money of every payment, and gave that of every voided one back',
    count: `select count(*) as n from payments where state in ('succeeded', 'voided')`,
    violations: `
      select p.tenant_id as tenant, p.number as payment, p.state as state, p.amount_minor + p.fee_minor as amount,
        coalesce(sum(case when j.kind = 'payment' then x.amount_minor end), 0) as received,
        coalesce(sum(case when j.kind = 'payment_void' then x.amount_minor end), 0) as voided
      from payments p
      left join journal j on j.tenant_id = p.tenant_id and j.payment_id = p.id and j.kind in ('payment', 'payment_void')
      left join postings x on x.tenant_id = j.tenant_id and x.journal_id = j.id and x.account = 'cash'
      where p.state in ('succeeded', 'voided')
      group by p.tenant_id, p.id, p.number, p.state, p.amount_minor, p.fee_minor
      having p.amount_minor + p.fee_minor <> coalesce(sum(case when j.kind = 'payment' then x.amount_minor end), 0)
        or case when p.state = 'voided' then p.amount_minor + p.fee_minor else 0 end
          <> -coalesce(sum(case when j.kind = 'payment_void' then x.amount_minor end), 0)`,
  },
  {
    name: 'attempts_paid_once',
    promise:
      'Every attempt that succeeded has exactly one payment, of its amount, and no other attempt has any',
    count: 'select count(*) as n from payment_attempts',
    violations: `
      select a.tenant_id as tenant, a.id as attempt, a.state as state, a.amount_minor as amount, count(p.id) as payments
      from payment_attempts a
      left join payments p on p.tenant_id = a.tenant_id and p.attempt_id = a.id and p.amount_minor = a.amount_minor
        and p.currency = a.currency and p.id = a.payment_id
      group by a.tenant_id, a.id, a.state, a.amount_minor
      having count(p.id) <> case when a.state = 'succeeded' then 1 else 0 end
      union all
      select p.tenant_id, p.attempt_id, 'paid', p.amount_minor, 1 from payments p
      left join payment_attempts a on a.tenant_id = p.tenant_id and a.id = p.attempt_id
      where p.attempt_id is not null and (a.id is null or a.state <> 'succeeded')`,
  },
  {
    name: 'allocations_add_up',
    promise: 'What every attempt asks of its invoices adds up to its amount',
    count: 'select count(*) as n from payment_attempts',
    violations: `
      select a.tenant_id as tenant, a.id as attempt, a.amount_minor as amount, coalesce(sum(l.amount_minor), 0) as allocated
      from payment_attempts a left join attempt_allocations l on l.tenant_id = a.tenant_id and l.attempt_id = a.id
      group by a.tenant_id, a.id, a.amount_minor having a.amount_minor <> coalesce(sum(l.amount_minor), 0)`,
  },
  {
    name: 'slots_add_up',
    promise: 'What every attempt of AutoPay collects of its slots is what it asks of its invoices',
    count: 'select count(*) as n from attempt_slots',
    violations: `
      select s.tenant_id as tenant, s.attempt_id as attempt, s.collected as collected, coalesce(sum(l.amount_minor), 0) as allocated
      from (select tenant_id, attempt_id, sum(amount_minor) as collected from attempt_slots group by tenant_id, attempt_id) s
      left join attempt_allocations l on l.tenant_id = s.tenant_id and l.attempt_id = s.attempt_id and l.invoice_id is not null
      group by s.tenant_id, s.attempt_id, s.collected having s.collected <> coalesce(sum(l.amount_minor), 0)`,
  },
  {
    name: 'allocations_open',
    promise: 'Invoices are held by every attempt that is not settled, and by no other',
    count: 'select count(*) as n from attempt_allocations',
    violations: `
      select l.tenant_id as tenant, l.attempt_id as attempt, a.state as state, l.is_open as is_open
      from attempt_allocations l join payment_attempts a on a.tenant_id = l.tenant_id and a.id = l.attempt_id
      where (l.is_open = 1 and (a.state in ${FINAL} or a.state = 'parked'))
        or (l.is_open = 0 and a.state not in ${FINAL} and a.state <> 'parked')`,
  },
  {
    name: 'pending_amounts',
    promise:
      'What is on its way to every invoice is what attempts in processing are to pay of it, as far as it is open',
    count: 'select count(*) as n from invoices',
    violations: `
      select i.tenant_id as tenant, i.number as invoice, i.pending_minor as pending, coalesce(sum(h.amount_minor), 0) as held
      from invoices i
      left join (
        select l.tenant_id, l.invoice_id, l.amount_minor from attempt_allocations l
        join payment_attempts a on a.tenant_id = l.tenant_id and a.id = l.attempt_id
        where l.is_open = 1 and a.state = 'processing'
      ) h on h.tenant_id = i.tenant_id and h.invoice_id = i.id
      group by i.tenant_id, i.id, i.number, i.pending_minor, i.balance_minor
      having i.pending_minor <> case
        when coalesce(sum(h.amount_minor), 0) < i.balance_minor then coalesce(sum(h.amount_minor), 0) else i.balance_minor
      end`,
  },
  ...RETURN_CHECKS,
  {
    name: 'documents_in_ledger',
    promise: 'Every issued invoice and credit note is in the ledger once, with its total',
    count: `select (select count(*) from invoices where state <> 'draft') + (select count(*) from credit_notes where state <> 'draft') as n`,
    violations: `
      select i.tenant_id as tenant, i.number as document, i.total_minor as total, coalesce(sum(x.amount_minor), 0) as ledger
      from invoices i
      left join journal j on j.tenant_id = i.tenant_id and j.invoice_id = i.id and j.kind = 'invoice'
      left join postings x on x.tenant_id = j.tenant_id and x.journal_id = j.id and x.account = 'receivable'
      where i.state <> 'draft'
      group by i.tenant_id, i.id, i.number, i.total_minor having i.total_minor <> coalesce(sum(x.amount_minor), 0)
      union all
      select c.tenant_id, c.number, c.total_minor, -coalesce(sum(x.amount_minor), 0)
      from credit_notes c
      left join journal j on j.tenant_id = c.tenant_id and j.credit_note_id = c.id and j.kind = 'credit_note'
      left join postings x on x.tenant_id = j.tenant_id and x.journal_id = j.id and x.account = 'credit_note'
      where c.state <> 'draft'
      group by c.tenant_id, c.id, c.number, c.total_minor having c.total_minor <> -coalesce(sum(x.amount_minor), 0)`,
  },
  ...CREDIT_CHECKS,
  ...PLAN_CHECKS,
  ...COLLECTION_CHECKS,
  {
    name: 'same_customer',
    promise:
      'Whatever of a customer names another thing, be it a document, a payment or a method, names one of the same customer',
    count: `select ${SAME_CUSTOMER.map(([table]) => table)
      .filter((table, i, all) => all.indexOf(table) === i)
      .map((table) => `(select count(*) from ${table})`)
      .join(' + ')} as n`,
    violations: SAME_CUSTOMER.map(([table, column, parent]) => OWNED_BY(table, column, parent))
      .map((query) => query.replace(/c\.(\w+) as \1,/, 'cast(c.$1 as text) as id,'))
      .join('\nunion all\n'),
  },
];
