import { type Faults, LONGEST, refuseFaults, tooLong } from '../kernel/limits.ts';
import { isPlausibleYear, YEARS } from '../kernel/time.ts';
import type { NewLine, NewRate } from './document.ts';

/** The most lines of one document: a PDF of so many is sixty pages and takes seconds, one of 50,000 stops everything else. */
export const MOST_LINES = 2000;
/** Two for each line, and some for the whole. */
const MOST_RATES = 2 * MOST_LINES;

/** What an invoice, an estimate and a credit note may be too much of. */
interface AnyDocument {
  readonly number?: string | undefined;
  readonly name?: string | undefined;
  readonly date: string;
  readonly dueDate?: string | undefined;
  readonly expirationDate?: string | undefined;
  readonly purchaseOrder?: string | undefined;
  readonly buyerReference?: string | undefined;
  readonly paymentTerms?: string | undefined;
  readonly notes?: string | undefined;
  readonly lines: readonly NewLine[];
  readonly rates?: readonly NewRate[] | undefined;
  readonly references?: object | undefined;
  readonly paymentMeans?: object | undefined;
  readonly source?: string | undefined;
  readonly sourceHash?: string | undefined;
}

/** What of a new document is longer, or more, than one may have, and which of its dates cannot be. */
export function documentFaults(document: AnyDocument): Faults {
  const { lines, rates = [], references, paymentMeans } = document;
  const { number, name, purchaseOrder, buyerReference, paymentTerms, notes } = document;
  const { date, dueDate, expirationDate } = document;
  return {
    ...tooLong({ number, source: document.source, source_hash: document.sourceHash }, LONGEST.number),
    ...tooLong({ purchase_order: purchaseOrder, buyer_reference: buyerReference }, LONGEST.short),
    ...tooLong({ name }, LONGEST.name),
    ...tooLong({ notes, payment_terms: paymentTerms }, LONGEST.text),
    ...tooLong({ references: written(references), payment_means: written(paymentMeans) }, LONGEST.data),
    ...tooMany({ items: lines.length }, MOST_LINES),
    ...tooMany({ rates: rates.length }, MOST_RATES),
    ...notDates({ date, due_date: dueDate, expiration_date: expirationDate }),
    ...firstOf('items', lines.map(lineFaults)),
    ...firstOf('rates', rates.map(rateFaults)),
  };
}

/** Refuses `bad_input` for what `documentFaults` finds. */
export function assertDocument(document: AnyDocument): void {
  refuseFaults(documentFaults(document));
}

function lineFaults(line: NewLine): Faults {
  const { itemCode, unit, quantity, unitCost, baseQuantity, taxCategory, taxPercent } = line;
  return {
    ...tooLong({ name: line.name }, LONGEST.name),
    ...tooLong({ description: line.description }, LONGEST.text),
    ...tooLong({ catalog_item: itemCode, unit, tax_category: taxCategory }, LONGEST.short),
    ...tooLong(
      { quantity, unit_cost: unitCost, base_quantity: baseQuantity, tax_percent: taxPercent },
      LONGEST.number,
    ),
    ...notDates({ period_start: line.periodStart, period_end: line.periodEnd }),
  };
}

function rateFaults(rate: NewRate): Faults {
  return {
    ...tooLong({ name: rate.name }, LONGEST.name),
    ...tooLong({ exemption_reason: rate.exemptionReason }, LONGEST.text),
    ...tooLong(
      { percent: rate.percent, category: rate.category, reason_code: rate.reasonCode },
      LONGEST.number,
    ),
  };
}

/** The faults of the first that has any, under its place counted from 1. */
function firstOf(field: string, all: readonly Faults[]): Faults {
  const at = all.findIndex((faults) => Object.keys(faults).length > 0);
  const faults = Object.entries(all[at] ?? {});
  return Object.fromEntries(faults.map(([part, fault]) => [`${field} ${at + 1} ${part}`, fault]));
}

function tooMany(counts: Readonly<Record<string, number>>, most: number): Faults {
  const over = Object.entries(counts).filter(([, count]) => count > most);
  return Object.fromEntries(
    over.map(([field, count]) => [
      field,
      `are ${count.toLocaleString('en')}, of which ${most.toLocaleString('en')} are possible`,
    ]),
  );
}

function notDates(dates: Readonly<Record<string, string | undefined>>): Faults {
  const wrong = Object.entries(dates).filter(
    ([, date]) => date !== undefined && !isPlausibleYear(Number(date.slice(0, 4))),
  );
  return Object.fromEntries(
    wrong.map(([field, date]) => [field, `is ${date}, outside of the years ${YEARS.first} to ${YEARS.last}`]),
  );
}

function written(data: object | undefined): string | undefined {
  return data && JSON.stringify(data);
}
