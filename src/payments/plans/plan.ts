import type { ScopedRow } from '#db/scoped.ts';
import { type Money, money } from '../../kernel/money.ts';
import { todayIn } from '../../kernel/time.ts';
import type { CustomerScope } from '../../scope.ts';

/** One instalment of a payment plan. */
export interface Installment {
  readonly id: number;
  /** From 1. */
  readonly position: number;
  /** Civil date. */
  readonly date: string;
  readonly amount: Money;
  readonly balance: Money;
  /** `due` today or earlier, and still open. */
  readonly state: 'paid' | 'due' | 'upcoming';
  /** How often it was tried to collect it. */
  readonly attempts: number;
}

/** A payment plan as pages and commands show it. */
export interface PaymentPlan {
  readonly id: number;
  readonly state: 'pending_signup' | 'active' | 'finished' | 'canceled';
  readonly total: Money;
  readonly balance: Money;
  /** Travels with the form of the approval: it stands for exactly these dates and amounts. */
  readonly hash: string;
  readonly installments: readonly Installment[];
  readonly approval: { readonly ip: string; readonly userAgent: string; readonly at: number } | undefined;
}

/** The plan of an invoice: the one that runs, else the latest; undefined when it never had one. */
export async function findPlan(scope: CustomerScope, invoiceId: number): Promise<PaymentPlan | undefined> {
  const rows = await scope.db
    .from('payment_plans')
    .selectAll()
    .where('invoice_id', '=', invoiceId)
    .orderBy('id')
    .execute();
  const plan = rows.findLast(({ state }) => state !== 'canceled') ?? rows.at(-1);
  if (!plan) return undefined;
  const installments = await scope.db
    .from('installments')
    .selectAll()
    .where('plan_id', '=', plan.id)
    .orderBy('position')
    .execute();
  const approval = await scope.db
    .from('approvals')
    .select(['ip', 'user_agent', 'at'])
    .where('plan_id', '=', plan.id)
    .executeTakeFirst();
  const today = todayIn(scope.clock, scope.tenant.timeZone).toString();
  return {
    id: plan.id,
    state: plan.state,
    total: money(plan.total_minor, plan.currency),
    balance: money(
      installments.reduce((sum, row) => sum + row.balance_minor, 0),
      plan.currency,
    ),
    hash: plan.schedule_hash,
    installments: installments.map((row) => installmentOf(row, plan.currency, today)),
    approval: approval && { ip: approval.ip, userAgent: approval.user_agent, at: approval.at },
  };
}

/** Plans that wait for the customer's approval, with their invoices. */
export async function waitingPlans(
  scope: CustomerScope,
): Promise<Array<{ readonly clientId: string; readonly number: string; readonly total: Money }>> {
  const rows = await scope.db
    .from('payment_plans')
    .innerJoin(scope.db.rows('invoices'), 'invoices.id', 'payment_plans.invoice_id')
    .select(['invoices.client_id', 'invoices.number', 'payment_plans.total_minor', 'payment_plans.currency'])
    .where('payment_plans.state', '=', 'pending_signup')
    .where('invoices.state', '=', 'issued')
    .orderBy('payment_plans.id')
    .execute();
  return rows.map((row) => ({
    clientId: row.client_id,
    number: row.number,
    total: money(row.total_minor, row.currency),
  }));
}

function installmentOf(row: ScopedRow<'installments'>, currency: string, today: string): Installment {
  const open = row.balance_minor > 0;
  return {
    id: row.id,
    position: row.position,
    date: row.date,
    amount: money(row.amount_minor, currency),
    balance: money(row.balance_minor, currency),
    state: open ? (row.date <= today ? 'due' : 'upcoming') : 'paid',
    attempts: row.attempt_count,
  };
}
