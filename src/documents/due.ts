import type { MerchantDb } from '#db/scoped.ts';
import { type Money, money } from '../kernel/money.ts';
import { todayIn } from '../kernel/time.ts';
import type { CustomerScope, MerchantScope } from '../scope.ts';

/*
 * What falls due when. An invoice falls due as a whole; one with a payment plan that was agreed by its instalments.
 */

/** What is open of one instalment, minor units. */
interface OpenInstallment {
  readonly position: number;
  readonly date: string;
  readonly balance_minor: number;
}

/** The instalments of an agreed plan that are not paid, in the order of their days. */
export interface OpenPlan {
  /** How many instalments the plan has. */
  readonly count: number;
  readonly open: readonly OpenInstallment[];
}

export type OpenPlans = ReadonlyMap<number, OpenPlan>;

type Scope = CustomerScope | MerchantScope;

/** What is open of the plans that were agreed, by invoice id: of these invoices, or without a list of all. */
export async function openPlans(scope: Scope, invoiceIds?: readonly number[]): Promise<OpenPlans> {
  if (invoiceIds?.length === 0) return new Map();
  // Selects are alike on both handles.
  const db = scope.db as MerchantDb;
  const agreed = db
    .from('installments')
    .innerJoin(db.rows('payment_plans'), 'payment_plans.id', 'installments.plan_id')
    .select([
      ...(['payment_plans.invoice_id', 'installments.position'] as const),
      ...(['installments.date', 'installments.balance_minor'] as const),
    ])
    .where('payment_plans.state', '=', 'active')
    .orderBy('installments.date');
  const rows = await (
    invoiceIds ? agreed.where('payment_plans.invoice_id', 'in', invoiceIds) : agreed
  ).execute();
  const plans = Map.groupBy(rows, (row) => row.invoice_id);
  return new Map(
    [...plans].map(([id, all]) => [
      id,
      { count: all.length, open: all.filter(({ balance_minor: minor }) => minor > 0) },
    ]),
  );
}

/** What of an invoice falls due together, minor units; `dueDate` is null where no day is set. */
export interface DuePart {
  readonly dueDate: string | null;
  readonly minor: number;
  /** Place of the instalment, from 1; for instalments. */
  readonly position?: number | undefined;
}

interface OpenInvoice {
  readonly dueDate: string | null;
  readonly balanceMinor: number;
  readonly pendingMinor: number;
}

/** The open parts of an invoice, the earliest first. What is on its way (`pendingMinor`) pays the earliest. */
export function partsOf(invoice: OpenInvoice, plan: OpenPlan | undefined): DuePart[] {
  const parts: readonly DuePart[] = plan
    ? plan.open.map(({ position, date, balance_minor: minor }) => ({ position, dueDate: date, minor }))
    : [{ dueDate: invoice.dueDate, minor: invoice.balanceMinor }];
  let onItsWay = invoice.pendingMinor;
  return parts.flatMap((part) => {
    const covered = Math.min(onItsWay, part.minor);
    onItsWay -= covered;
    return part.minor > covered ? [{ ...part, minor: part.minor - covered }] : [];
  });
}

/** What of an invoice with an agreed plan is to be paid next. */
export interface PlannedDue {
  /** The day of the earliest open instalment. */
  readonly date: string;
  /** Its place in the plan, from 1, and how many there are. */
  readonly position: number;
  readonly of: number;
  /** The place of the last that `amount` pays: another one where several are due. */
  readonly last: number;
  /** What is due by today; where nothing is, that instalment. */
  readonly amount: Money;
  readonly isDue: boolean;
  /** What of it is past due. */
  readonly late: Money;
}

/** What is to be paid next of an invoice with an agreed plan; undefined without one, and where all of it is on its way. */
export function plannedDue(
  invoice: OpenInvoice & { readonly currency: string },
  plan: OpenPlan | undefined,
  today: string,
): PlannedDue | undefined {
  if (!plan) return undefined;
  const parts = partsOf(invoice, plan);
  const [first] = parts;
  if (!first?.dueDate || first.position === undefined) return undefined;
  const isNow = parts.filter(({ dueDate }) => dueDate! <= today);
  const due = sumOf(isNow);
  return {
    date: first.dueDate,
    position: first.position,
    of: plan.count,
    last: isNow.at(-1)?.position ?? first.position,
    amount: money(due > 0 ? due : first.minor, invoice.currency),
    isDue: due > 0,
    late: money(sumOf(parts.filter(({ dueDate }) => dueDate! < today)), invoice.currency),
  };
}

function sumOf(parts: readonly DuePart[]): number {
  return parts.reduce((sum, { minor }) => sum + minor, 0);
}

/** A part of what is open of an invoice, as money is put against it. */
export interface Portion {
  readonly id: number;
  readonly minor: number;
}

interface DueRow {
  readonly id: number;
  readonly date: string;
  readonly due_date: string | null;
  readonly balance_minor: number;
  readonly pending_minor: number;
}

/**
 * The order in which money goes to open invoices where nobody says otherwise: what is due first comes first, and of an agreed plan each
 * instalment in its turn. Without a due date an invoice is due on its own date.
 */
export async function portionsOf(scope: Scope, invoices: readonly DueRow[]): Promise<Portion[]> {
  const plans = await openPlans(
    scope,
    invoices.map(({ id }) => id),
  );
  return invoices
    .flatMap((row) =>
      partsOf(openInvoiceOf(row), plans.get(row.id)).map(({ dueDate, minor }) => ({
        id: row.id,
        day: dueDate ?? row.date,
        minor,
      })),
    )
    .toSorted((a, b) => (a.day === b.day ? a.id - b.id : a.day < b.day ? -1 : 1))
    .map(({ id, minor }) => ({ id, minor }));
}

/** What a row says of an invoice's dues. */
export function openInvoiceOf(row: Omit<DueRow, 'id' | 'date'>): OpenInvoice {
  return { dueDate: row.due_date, balanceMinor: row.balance_minor, pendingMinor: row.pending_minor };
}

/** Today as due dates are compared with it: in the tenant's time zone. */
export function dueToday({ clock, tenant }: Scope): string {
  return todayIn(clock, tenant.timeZone).toString();
}
