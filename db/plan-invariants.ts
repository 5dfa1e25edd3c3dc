import type { InvariantCheck } from './invariant.ts';

/** What must hold of payment plans: their instalments are the plan, and what is open of them is what is open of the invoice. */
export const PLAN_CHECKS: readonly InvariantCheck[] = [
  {
    name: 'installments_add_up',
    promise: 'The instalments of every payment plan add up to it, and none has more open than its amount',
    count: 'select count(*) as n from payment_plans',
    violations: `
      select p.tenant_id as tenant, p.id as plan, p.total_minor as total, coalesce(sum(n.amount_minor), 0) as installments
      from payment_plans p left join installments n on n.tenant_id = p.tenant_id and n.plan_id = p.id
      group by p.tenant_id, p.id, p.total_minor having p.total_minor <> coalesce(sum(n.amount_minor), 0)
      union all
      select tenant_id, plan_id, amount_minor, balance_minor from installments where balance_minor > amount_minor`,
  },
  {
    name: 'plans_match_invoices',
    promise: 'What is open of the instalments of every plan that runs is what is open of its invoice',
    count: `select count(*) as n from payment_plans where state <> 'canceled'`,
    violations: `
      select p.tenant_id as tenant, i.number as invoice, i.balance_minor as balance, coalesce(sum(n.balance_minor), 0) as installments
      from payment_plans p
      join invoices i on i.tenant_id = p.tenant_id and i.id = p.invoice_id and i.state = 'issued'
      left join installments n on n.tenant_id = p.tenant_id and n.plan_id = p.id
      where p.state in ('pending_signup', 'active')
      group by p.tenant_id, p.id, i.number, i.balance_minor having i.balance_minor <> coalesce(sum(n.balance_minor), 0)`,
  },
];
