/* Statements that both engines read, but for `rowid`, which PostgreSQL calls `ctid`. */

const ONE = (table: string): string => `(select min(id) from ${table} where tenant_id = 1)`;
const PAID = `(select min(id) from payments where tenant_id = 1 and attempt_id is not null)`;
const OPEN = `(select min(id) from invoices where tenant_id = 1 and balance_minor > 0 and pending_minor = 0)`;

/** An estimate of nothing, with one column of it as it should not be. */
const ESTIMATE = (column: string, value: string): string =>
  `insert into estimates (tenant_id, id, customer_id, client_id, number, currency, date, state, subtotal_minor, total_minor, created_at, updated_at, ${column})
    select tenant_id, 9999, id, 'nobody', 'EST-9999', currency, '2026-01-01', 'issued', 0, 0, 1, 1, ${value} from customers where tenant_id = 1 and id = ${ONE('customers')}`;

/** For each promise of `db check` a change to the demo's data, as no part of the portal could make it, that breaks it. */
export const CORRUPTIONS: Readonly<Record<string, readonly string[]>> = {
  installments_add_up: [
    `insert into payment_plans select tenant_id, 9001, customer_id, id, 'canceled', currency, 100, 'x', null, 1, 1 from invoices
      where tenant_id = 1 and id = ${OPEN}`,
  ],
  plans_match_invoices: [
    `insert into payment_plans select tenant_id, 9001, customer_id, id, 'active', currency, balance_minor, 'x', 1, 1, 1 from invoices
      where tenant_id = 1 and id = ${OPEN}`,
    `insert into installments (tenant_id, id, customer_id, plan_id, position, date, amount_minor, balance_minor)
      select 1, 9001, customer_id, 9001, 1, '2026-12-01', balance_minor, 1 from invoices where tenant_id = 1 and id = ${OPEN}`,
  ],
  journal_balances: [
    `update postings set amount_minor = amount_minor + 1 where tenant_id = 1 and journal_id = ${ONE('journal')} and account = 'sales'`,
  ],
  invoice_balances: [
    `update invoices set balance_minor = balance_minor - 1 where tenant_id = 1 and id = ${OPEN}`,
  ],
  credit_note_balances: [`update credit_notes set balance_minor = balance_minor - 1`],
  balances_within_totals: [
    `update invoices set balance_minor = total_minor + 1 where tenant_id = 1 and id = ${ONE('invoices')}`,
  ],
  document_totals: [
    `update invoices set rounding_minor = rounding_minor + 1 where tenant_id = 1 and id = ${ONE('invoices')}`,
  ],
  document_lines: [
    `update lines set amount_minor = amount_minor + 1 where tenant_id = 1 and id = ${ONE('lines')}`,
  ],
  document_rates: [
    `update applied_rates set amount_minor = amount_minor + 1 where tenant_id = 1 and id = ${ONE('applied_rates')}`,
  ],
  payments_applied: [
    `update payment_applications set amount_minor = amount_minor + 1 where tenant_id = 1 and payment_id = ${PAID} and rowid = (select min(rowid) from payment_applications where tenant_id = 1 and payment_id = ${PAID})`,
  ],
  payments_in_ledger: [
    `delete from postings where tenant_id = 1 and journal_id in (select id from journal where tenant_id = 1 and payment_id = ${PAID}) and account = 'cash'`,
  ],
  attempts_paid_once: [
    `update payment_attempts set state = 'declined' where tenant_id = 1 and payment_id = ${PAID}`,
  ],
  allocations_add_up: [
    `update attempt_allocations set amount_minor = amount_minor + 1 where rowid = (select min(rowid) from attempt_allocations)`,
  ],
  slots_add_up: [`update attempt_slots set amount_minor = amount_minor + 1 where tenant_id = 1`],
  allocations_open: [`update attempt_allocations set is_open = 0 where is_open = 1 and tenant_id = 1`],
  pending_amounts: [
    `update invoices set pending_minor = pending_minor + 1 where tenant_id = 1 and id = ${OPEN}`,
  ],
  refunds_within_payments: [`update payments set refunded_minor = 1 where tenant_id = 1 and id = ${PAID}`],
  refunds_in_ledger: [
    `insert into refunds (tenant_id, id, customer_id, payment_id, nonce, currency, amount_minor, state, actor, created_at)
      select tenant_id, 9999, customer_id, id, 'nobody', currency, 1, 'succeeded', 'nobody', 1 from payments where tenant_id = 1 and id = ${PAID}`,
  ],
  disputes_in_ledger: [
    `insert into disputes (tenant_id, id, customer_id, payment_id, gateway_dispute_id, currency, amount_minor, state, opened_at)
      select tenant_id, 9999, customer_id, id, 'nobody', currency, 1, 'open', 1 from payments where tenant_id = 1 and id = ${PAID}`,
  ],
  invoices_paid_by: [
    `delete from payment_applications where tenant_id = 1 and payment_id = ${PAID} and invoice_id is not null`,
  ],
  voided_documents: [`update invoices set state = 'voided' where tenant_id = 1 and id = ${OPEN}`],
  documents_in_ledger: [
    `delete from postings where tenant_id = 1 and journal_id = ${ONE('journal')}`,
    `delete from journal where tenant_id = 1 and id = ${ONE('journal')}`,
  ],
  credit_not_negative: [
    `insert into postings (tenant_id, journal_id, position, customer_id, account, currency, amount_minor)
      select tenant_id, id, 77, customer_id, 'credit_balance', currency, 1 from journal where tenant_id = 1 and id = ${ONE('journal')}`,
  ],
  deposits_in_balance: [
    ESTIMATE('deposit_paid_minor', '1000000000'),
    `insert into payment_applications (tenant_id, id, customer_id, payment_id, kind, estimate_id, currency, amount_minor, created_at)
      select tenant_id, 9999, customer_id, id, 'estimate', 9999, currency, 1000000000, 1 from payments where tenant_id = 1 and id = ${PAID}`,
  ],
  applied_credit_in_ledger: [
    `insert into payment_applications (tenant_id, id, customer_id, kind, invoice_id, currency, amount_minor, created_at)
      select tenant_id, 9999, customer_id, 'applied_credit', id, currency, 1, 1 from invoices where tenant_id = 1 and id = ${OPEN}`,
  ],
  credit_adjustments_in_ledger: [
    `insert into credit_adjustments (tenant_id, id, customer_id, currency, amount_minor, date, actor, created_at)
      select tenant_id, 9999, id, currency, 1, '2026-01-01', 'nobody', 1 from customers where tenant_id = 1 and id = ${ONE('customers')}`,
  ],
  deposits_applied: [ESTIMATE('deposit_paid_minor', '1')],
  estimates_answered_once: [ESTIMATE('invoice_id', ONE('invoices'))],
  collections_due: [
    `update invoices set collect_at = coalesce(collect_at, 0) + 1 where tenant_id = 1 and id = ${OPEN}`,
  ],
  first_moments: [`update invoices set first_at = first_at + 86400000 where tenant_id = 1 and id = ${OPEN}`],
  same_customer: [
    `update lines set customer_id = customer_id + 1 where tenant_id = 1 and id = ${ONE('lines')}`,
  ],
  foreign_keys: [`update lines set customer_id = 999999 where tenant_id = 1 and id = ${ONE('lines')}`],
  file_integrity: [`update invoices set state = 'imaginary' where tenant_id = 1 and id = ${ONE('invoices')}`],
  tenants_exist: [`update settings set tenant_id = 99 where tenant_id = 1`],
};
