import { type Money, money } from '../kernel/money.ts';
import { todayIn } from '../kernel/time.ts';
import type { CustomerScope } from '../scope.ts';

/*
 * What falls due when. An invoice falls due as a whole; one with a running payment plan by its instalments.
 */

/** What is open of one instalment, minor units. */
interface OpenInstallment {
  readonly date: string;
  readonly balance_minor: number;
}

/** What is open of the instalments of running plans, by invoice id, in the order of their days. */
export async function openInstallments(
  scope: CustomerScope,
): Promise<ReadonlyMap<number, readonly OpenInstallment[]>> {
  const rows = await scope.db
    .from('installments')
    .innerJoin(scope.db.rows('payment_plans'), 'payment_plans.id', 'installments.plan_id')
    .select(['payment_plans.invoice_id', 'installments.date', 'installments.balance_minor'])
    .where('payment_plans.state', '=', 'active')
    .where('installments.balance_minor', '>', 0)
    .orderBy('installments.date')
    .execute();
  return Map.groupBy(rows, (row) => row.invoice_id);
}

/** What of an invoice falls due together, minor units; `dueDate` is null where no day is set. */
export interface DuePart {
  readonly dueDate: string | null;
  readonly minor: number;
}

/** The open parts of an invoice, the earliest first. What is on its way (`pendingMinor`) pays the earliest. */
export function partsOf(
  invoice: { readonly dueDate: string | null; readonly balanceMinor: number; readonly pendingMinor: number },
  installments: readonly OpenInstallment[] | undefined,
): DuePart[] {
  const planned = installments ?? [{ date: invoice.dueDate, balance_minor: invoice.balanceMinor }];
  let onItsWay = invoice.pendingMinor;
  return planned.flatMap(({ date, balance_minor: balance }) => {
    const covered = Math.min(onItsWay, balance);
    onItsWay -= covered;
    return balance > covered ? [{ dueDate: date, minor: balance - covered }] : [];
  });
}

/** What of an invoice with a running plan is to be paid next. */
export interface PlannedDue {
  /** The day of the earliest open instalment. */
  readonly date: string;
  /** That instalment; with the later ones that are late too, where it is late. */
  readonly amount: Money;
  readonly isLate: boolean;
}

/** What is to be paid next of each invoice with a running plan, by invoice id. */
export async function plannedDues(scope: CustomerScope): Promise<ReadonlyMap<number, PlannedDue>> {
  const installments = await openInstallments(scope);
  if (installments.size === 0) return new Map();
  const today = todayIn(scope.clock, scope.tenant.timeZone).toString();
  const invoices = await scope.db
    .from('invoices')
    .select(['id', 'currency', 'due_date', 'balance_minor', 'pending_minor'])
    .where('id', 'in', [...installments.keys()])
    .execute();
  const dues = invoices.flatMap(({ id, currency, ...row }) => {
    const invoice = {
      dueDate: row.due_date,
      balanceMinor: row.balance_minor,
      pendingMinor: row.pending_minor,
    };
    const parts = partsOf(invoice, installments.get(id));
    const [first] = parts;
    if (!first?.dueDate) return [];
    const late = parts.filter(({ dueDate }) => dueDate! < today);
    const minor = late.length > 0 ? late.reduce((sum, part) => sum + part.minor, 0) : first.minor;
    const due = { date: first.dueDate, amount: money(minor, currency), isLate: late.length > 0 };
    return [[id, due] as const];
  });
  return new Map(dues);
}
