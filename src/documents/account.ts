import { type Money, money } from '../kernel/money.ts';
import { daysBetween, todayIn } from '../kernel/time.ts';
import { creditBalances } from '../ledger/ledger.ts';
import type { CustomerScope } from '../scope.ts';

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
  /** Everything open on invoices, whether due or not, less what is on its way. */
  readonly due: Money;
  readonly pastDue: Money;
  readonly pastDueCount: number;
  readonly openCount: number;
  readonly pending: Money;
  /** Credit notes that are not used up, and the credit balance. */
  readonly credit: Money;
  /** The earliest that is not due yet. */
  readonly nextDue: { readonly number: string; readonly date: string; readonly balance: Money } | undefined;
  readonly ageing: readonly AgeingBucket[];
}

/** The balances of the account, one a currency; the customer's own currency comes first, with zeros when nothing is open. */
export async function accountBalances(scope: CustomerScope, currency: string): Promise<AccountBalance[]> {
  const open = await openRows(scope);
  const credits = await openCredits(scope);
  const today = todayIn(scope.clock, scope.tenant.timeZone).toString();
  const currencies = new Set([currency, ...open.map((row) => row.currency), ...credits.keys()]);
  return [...currencies].map((code) => {
    const rows = open.filter((row) => row.currency === code);
    return balanceOf(rows, code, credits.get(code) ?? 0, today, bucketsOf(scope));
  });
}

type OpenRow = Awaited<ReturnType<typeof openRows>>[number];

function openRows(scope: CustomerScope) {
  return scope.db
    .from('invoices')
    .select(['number', 'currency', 'date', 'due_date', 'balance_minor', 'pending_minor'])
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

function balanceOf(
  rows: readonly OpenRow[],
  currency: string,
  credit: number,
  today: string,
  buckets: Buckets,
): AccountBalance {
  const left = (row: OpenRow): number => row.balance_minor - row.pending_minor;
  const total = (some: readonly OpenRow[]): number => some.reduce((sum, row) => sum + left(row), 0);
  const late = rows.filter((row) => row.due_date !== null && row.due_date < today && left(row) > 0);
  const next = rows.find((row) => row.due_date !== null && row.due_date >= today && left(row) > 0);
  return {
    currency,
    due: money(total(rows), currency),
    pastDue: money(total(late), currency),
    pastDueCount: late.length,
    openCount: rows.filter((row) => left(row) > 0).length,
    pending: money(
      rows.reduce((sum, row) => sum + row.pending_minor, 0),
      currency,
    ),
    credit: money(credit, currency),
    nextDue: next?.due_date
      ? { number: next.number, date: next.due_date, balance: money(left(next), currency) }
      : undefined,
    ageing: ageingOf(rows, left, currency, today, buckets),
  };
}

function ageingOf(
  rows: readonly OpenRow[],
  left: (row: OpenRow) => number,
  currency: string,
  today: string,
  { ends, basis }: Buckets,
): AgeingBucket[] {
  const bounds = [
    { from: undefined, to: undefined },
    ...ends.map((to, i) => ({ from: i === 0 ? 1 : ends[i - 1]! + 1, to })),
    { from: ends.at(-1)! + 1, to: undefined },
  ];
  const sums = bounds.map(() => ({ count: 0, minor: 0 }));
  for (const row of rows) {
    if (left(row) <= 0) continue;
    const since = basis === 'date' ? row.date : (row.due_date ?? today);
    const sum = sums[bucketIndex(daysBetween(since, today), ends)]!;
    sum.count += 1;
    sum.minor += left(row);
  }
  return bounds.map((bound, i) => ({
    ...bound,
    count: sums[i]!.count,
    total: money(sums[i]!.minor, currency),
  }));
}

function bucketIndex(age: number, ends: readonly number[]): number {
  if (age <= 0) return 0;
  const at = ends.findIndex((end) => age <= end);
  return at < 0 ? ends.length + 1 : at + 1;
}
