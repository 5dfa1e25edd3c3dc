import type { AccountBalance } from '#src/documents/account.ts';
import type { LineRecord, RecordParts } from '#src/documents/records.ts';
import { add, formatMoney, isPositive, type Money } from '#src/kernel/money.ts';
import type { CustomerCredit } from '#src/payments/credit/credits.ts';
import { METHOD_NAMES } from '#src/payments/methods/method-names.ts';
import type { WayToPay } from '#src/tenants/ways-to-pay.ts';
import { printTable, write } from './output.ts';

/** The lines of a document as a table. */
export function printLines({ lines }: RecordParts): void {
  write('\n');
  const columns = [
    { title: 'item', most: 50, value: (line: LineRecord) => line.name },
    { title: 'quantity', align: 'right' as const, value: (line: LineRecord) => line.quantity },
    { title: 'unit cost', align: 'right' as const, value: (line: LineRecord) => line.unitCost },
    { title: 'amount', align: 'right' as const, value: (line: LineRecord) => shown(line.amount) },
  ];
  printTable(lines, columns, 'It has no lines.');
  write('\n');
}

/** The discounts, charges and taxes of a document, as label and value. */
export function rateFacts({ rates }: RecordParts): Array<readonly [string, string]> {
  return rates.map(
    (rate) => [rate.name, `${rate.kind === 'discount' ? '−' : ''}${shown(rate.amount)}`] as const,
  );
}

/** Ways to pay as people call them; undefined for none. */
export function waysText(ways: readonly WayToPay[]): string | undefined {
  return ways.map((way) => METHOD_NAMES[way]).join(', ') || undefined;
}

export function shown(amount: Money): string {
  return formatMoney(amount, 'en');
}

/** What somebody owes now and later, what is on its way, and their credit. */
export function openText(
  { due, later, pastDue, pending }: AccountBalance,
  credit: CustomerCredit | undefined,
): string {
  const parts = [
    [pastDue, 'of it past due'],
    [later, 'of it in later instalments'],
    [pending, 'being paid'],
    [credit?.usable, 'credit'],
    [credit?.held, 'of deposits'],
    [credit?.returning, 'going back'],
  ] as const;
  const said = parts.flatMap(([amount, what]) =>
    amount && isPositive(amount) ? [`${formatMoney(amount, 'en')} ${what}`] : [],
  );
  return [formatMoney(add(due, later), 'en'), ...said].join(', ');
}
