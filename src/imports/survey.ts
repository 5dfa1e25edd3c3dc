import type { DecimalMark } from '#src/kernel/amount-text.ts';
import { type DateOrder, provenOrder } from './dates.ts';
import type { Table } from './table.ts';
import { provenMark } from './values.ts';

/** What the cells of a file prove about how its numbers and dates are written. */
export interface Survey {
  /** The decimal mark of the column at that place: as its own cells prove it, else as all others of the file do. */
  markAt(place: number | undefined): DecimalMark | undefined;
  /** The order of days and months in the whole file. */
  readonly dateOrder: DateOrder | undefined;
}

/** Looks at the numbers and dates of a file before it is read. A file or column that contradicts itself proves nothing. */
export async function surveyTable(
  table: Table,
  places: { readonly numbers: readonly number[]; readonly dates: readonly number[] },
): Promise<Survey> {
  const marks = new Map<number, Set<DecimalMark>>();
  const orders = new Set<DateOrder>();
  for await (const item of table.rows()) {
    if (!item.ok) continue;
    for (const place of places.numbers) {
      const mark = provenMark(item.row.cells[place] ?? '');
      if (mark) marks.set(place, (marks.get(place) ?? new Set()).add(mark));
    }
    for (const place of places.dates) {
      const order = provenOrder(item.row.cells[place] ?? '');
      if (order) orders.add(order);
    }
  }
  const everywhere = theOnly(new Set([...marks.values()].flatMap((seen) => [...seen])));
  return {
    markAt: (place) => (marks.has(place ?? -1) ? theOnly(marks.get(place ?? -1)!) : everywhere),
    dateOrder: theOnly(orders),
  };
}

function theOnly<T>(all: ReadonlySet<T>): T | undefined {
  return all.size === 1 ? [...all][0] : undefined;
}
