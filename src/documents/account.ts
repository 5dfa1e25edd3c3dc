import { type Money, money } from '../kernel/money.ts';
import { daysBetween } from '../kernel/time.ts';
import { creditBalances } from '../ledger/ledger.ts';
import type { CustomerScope } from '../scope.ts';
import { type DuePart, dueToday, openInvoiceOf, openPlans, type OpenPlans, partsOf } from './due.ts';

export interface AgeingBucket {
  /** Days late, both ends inclusive; the first bucket (`undefined`) is what is not due yet, the last has no upper end. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly count: number;
  readonly total: Money;
}

/** What a customer owes in one currency. */
export interface AccountBalance {
  readonly currency: string;
  /** Everything open on invoices, whether due or not, less what is on its way; of agreed plans what is due by today. */
  readonly due: Money;
  /** What agreed plans leave for later: their instalments after today. */
  readonly later: Money;
  readonly pastDue: Money;
  readonly pastDueCount: number;
  readonly openCount: number;
  /** Those of them that no debit is on its way to: the ones that can be paid now. */
  readonly payableCount: number;
  readonly pending: Money;
  /** Credit notes that are not used up, and the credit balance. */
  readonly credit: Money;
  /** The earliest that is not due yet: an invoice, or an instalment of one. */
  readonly nextDue: { readonly number: string; readonly date: string; readonly balance: Money } | undefined;
  readonly ageing: readonly AgeingBucket[];
}

/**
 * The balances of the account, one a currency; the customer's own currency comes first, with zeros when nothing is open. An invoice with an
 * agreed payment plan falls due by its instalments.
 */
export async function accountBalances(scope: CustomerScope, currency: string): Promise<AccountBalance[]> {
  const open = await openRows(scope);
  const plans = await openPlans(scope);
  const credits = await openCredits(scope);
  const today = dueToday(scope);
  const currencies = new Set([currency, ...open.map((row) => row.currency), ...credits.keys()]);
  return [...currencies].map((code) => {
    const rows = open.filter((row) => row.currency === code);
    return balanceOf(rows, plans, code, credits.get(code) ?? 0, today, bucketsOf(scope));
  });
}

type OpenRow = Awaited<ReturnType<typeof openRows>>[number];

function openRows(scope: CustomerScope) {
  return scope.db
    .from('invoices')
    .select(['id', 'number', 'currency', 'date', 'due_date', 'balance_minor', 'pending_minor'])
    .where('balance_minor', '>', 0)
    .where('state', '=', 'issued')
    .where('closed', '=', 0)
    .orderBy('due_date')
    .execute();
}

async function openCredits(scope: CustomerScope): Promise<Map<string, number>> {
  const rows = await scope.db
    .from('credit_notes')
    .select((eb) => ['currency', eb.fn.sum<number>('balance_minor').as('open')])
    .where('balance_minor', '>', 0)
    .where('state', '=', 'issued')
    .where('closed', '=', 0)
    .groupBy('currency')
    .execute();
  const credits = await creditBalances(scope);
  for (const { currency, open } of rows) credits.set(currency, (credits.get(currency) ?? 0) + Number(open));
  return credits;
}

interface Buckets {
  readonly ends: readonly number[];
  readonly basis: 'due_date' | 'date';
}

function bucketsOf(scope: CustomerScope): Buckets {
  return {
    ends: scope.settings['ageing.buckets'].split(',').map(Number),
    basis: scope.settings['ageing.basis'],
  };
}

/** A part of an open invoice that falls due together. */
interface OpenPart extends DuePart {
  readonly number: string;
  /** Of the invoice, or of the instalment. */
  readonly date: string;
}

function balanceOf(
  rows: readonly OpenRow[],
  plans: OpenPlans,
  currency: string,
  credit: number,
  today: string,
  buckets: Buckets,
): AccountBalance {
  const parts = rows.flatMap((row) => openPartsOf(row, plans));
  const later = parts.filter(({ position, dueDate }) => position !== undefined && dueDate! > today);
  const late = parts.filter(({ dueDate }) => dueDate !== null && dueDate < today);
  const next = parts
    .filter(({ dueDate }) => dueDate !== null && dueDate >= today)
    .toSorted((a, b) => (a.dueDate! < b.dueDate! ? -1 : 1))[0];
  return {
    currency,
    due: money(sumOf(parts) - sumOf(later), currency),
    later: money(sumOf(later), currency),
    pastDue: money(sumOf(late), currency),
    pastDueCount: countOf(late),
    openCount: countOf(parts),
    payableCount: rows.filter((row) => row.pending_minor === 0).length,
    pending: money(
      rows.reduce((sum, row) => sum + row.pending_minor, 0),
      currency,
    ),
    credit: money(credit, currency),
    nextDue: next && { number: next.number, date: next.dueDate!, balance: money(next.minor, currency) },
    ageing: ageingOf(parts, currency, today, buckets),
  };
}

function openPartsOf(row: OpenRow, plans: OpenPlans): OpenPart[] {
  return partsOf(openInvoiceOf(row), plans.get(row.id)).map((part) => ({
    ...part,
    number: row.number,
    // An instalment is as old as its own day.
    date: part.position === undefined ? row.date : part.dueDate!,
  }));
}

function sumOf(parts: readonly OpenPart[]): number {
  return parts.reduce((sum, { minor }) => sum + minor, 0);
}

/** How many invoices the parts are of. */
function countOf(parts: readonly OpenPart[]): number {
  return new Set(parts.map(({ number }) => number)).size;
}

function ageingOf(
  parts: readonly OpenPart[],
  currency: string,
  today: string,
  { ends, basis }: Buckets,
): AgeingBucket[] {
  const bounds = [
    { from: undefined, to: undefined },
    ...ends.map((to, i) => ({ from: i === 0 ? 1 : ends[i - 1]! + 1, to })),
    { from: ends.at(-1)! + 1, to: undefined },
  ];
  const buckets = Map.groupBy(parts, ({ date, dueDate }) =>
    bucketIndex(daysBetween(basis === 'date' ? date : (dueDate ?? today), today), ends),
  );
  return bounds.map((bound, i) => {
    const some = buckets.get(i) ?? [];
    return { ...bound, count: countOf(some), total: money(sumOf(some), currency) };
  });
}

function bucketIndex(age: number, ends: readonly number[]): number {
  if (age <= 0) return 0;
  const at = ends.findIndex((end) => age <= end);
  return at < 0 ? ends.length + 1 : at + 1;
}
