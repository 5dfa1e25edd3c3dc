import type { PaperLine, Fact, TotalRow } from '#templates/pdf/model.ts';
import type { DocumentLine, DocumentRate } from '../documents/content.ts';
import { isZero, type Money, negate } from '../kernel/money.ts';
import { unitName } from './units.ts';
import type { Tongue } from '../words/tongue.ts';

/* What the PDFs of invoices, estimates and credit notes have in common. */

/** Labels with values; those without a value are left out. */
export function factsOf(facts: ReadonlyArray<readonly [label: string, value: string | undefined]>): Fact[] {
  return facts.flatMap(([label, value]) => (value?.trim() ? [{ label, value }] : []));
}

export function lineRows(
  lines: readonly DocumentLine[],
  currency: string,
  { money: amount, price, decimal, percent }: Tongue,
): PaperLine[] {
  // A tax that is the same everywhere is said once, in the totals.
  const taxes = new Set(lines.map((line) => line.taxPercent));
  return lines.map((line) => ({
    name: line.name,
    description: line.description,
    quantity: decimal(line.quantity),
    unit: unitName(line.unit),
    unitPrice: price(line.unitCost, currency),
    amount: amount(line.amount),
    details: taxes.size > 1 && line.taxPercent !== undefined ? [`Tax ${percent(line.taxPercent)}`] : [],
  }));
}

interface Summed {
  readonly subtotal: Money;
  readonly rates: readonly DocumentRate[];
  readonly rounding: Money;
}

/** The subtotal and what leads from it to the total; nothing where they are the same. */
export function sumRows(
  { subtotal, rates, rounding }: Summed,
  { money: amount, percent: inPercent }: Tongue,
): TotalRow[] {
  const parts: TotalRow[] = [
    ...rates.map((rate) => ({ label: rateLabel(rate, inPercent), value: amount(signed(rate)) })),
    ...(isZero(rounding) ? [] : [{ label: 'Rounding', value: amount(rounding) }]),
  ];
  return parts.length > 0 ? [{ label: 'Subtotal', value: amount(subtotal) }, ...parts] : [];
}

function signed({ kind, amount }: DocumentRate): Money {
  return kind === 'discount' ? negate(amount) : amount;
}

/** `VAT 19%`; a percentage that the name already has is not said twice. */
function rateLabel({ name, percent }: DocumentRate, inPercent: Tongue['percent']): string {
  return percent === undefined || name.includes('%') ? name : `${name} ${inPercent(percent)}`;
}
