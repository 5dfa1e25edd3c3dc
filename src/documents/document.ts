import { refuse } from '../kernel/errors.ts';
import {
  add as addMoney,
  amountText,
  assertSize,
  isNegative,
  isPositive,
  lineAmount,
  type Money,
  money,
  refuseAmount,
} from '../kernel/money.ts';
import type { NewRow } from '#db/scoped.ts';
import type { MerchantScope } from '../scope.ts';

/*
 * What invoices, estimates and credit notes share: lines, the rates applied to them, and the totals that follow. The order of arithmetic:
 * subtotal is the sum of the lines; discounts and charges follow; tax is what the document says it is, line by line or by rate.
 */

export interface NewLine {
  readonly name: string;
  readonly description?: string | undefined;
  /** Decimal text; `1` when absent. */
  readonly quantity?: string | undefined;
  readonly unit?: string | undefined;
  /** Decimal text in major units, any number of decimals. */
  readonly unitCost: string;
  readonly baseQuantity?: string | undefined;
  /** Minor units. Computed as unit cost × quantity when absent. */
  readonly amountMinor?: number | undefined;
  readonly itemCode?: string | undefined;
  readonly taxCategory?: string | undefined;
  readonly taxPercent?: string | undefined;
  readonly periodStart?: string | undefined;
  readonly periodEnd?: string | undefined;
}

/** A discount, charge, tax or shipping on the whole document. Amounts are minor units and positive. */
export interface NewRate {
  readonly kind: 'discount' | 'charge' | 'tax' | 'shipping';
  readonly name: string;
  readonly percent?: string | undefined;
  readonly baseMinor?: number | undefined;
  readonly amountMinor: number;
  readonly category?: string | undefined;
  readonly reasonCode?: string | undefined;
  readonly exemptionReason?: string | undefined;
  /** Place of the line it belongs to, counted from 0. It is within that line's amount already and does not count in the totals. */
  readonly line?: number | undefined;
}

/** Minor units. */
export interface Totals {
  readonly subtotalMinor: number;
  readonly discountMinor: number;
  readonly chargeMinor: number;
  readonly taxMinor: number;
  readonly roundingMinor: number;
  readonly totalMinor: number;
}

/** Adds a document up. Refuses `discount_too_large` and `total_below_zero` when the total would be negative, and `amount_too_large`. */
export function totalsOf(
  lines: readonly NewLine[],
  rates: readonly NewRate[],
  currency: string,
  roundingMinor = 0,
): Totals {
  const add = (sum: number, minor: number): number => {
    assertSize(minor, currency);
    assertSize(sum + minor, currency);
    return sum + minor;
  };
  const sumOf = (...kinds: Array<NewRate['kind']>): number =>
    rates
      .filter((rate) => rate.line === undefined && kinds.includes(rate.kind))
      .reduce((sum, rate) => add(sum, rate.amountMinor), 0);
  const subtotalMinor = lines.reduce((sum, line) => add(sum, amountOf(line, currency)), 0);
  const discountMinor = sumOf('discount');
  const chargeMinor = sumOf('charge', 'shipping');
  const taxMinor = sumOf('tax');
  const totalMinor = [-discountMinor, chargeMinor, taxMinor, roundingMinor].reduce(add, subtotalMinor);
  if (!Number.isSafeInteger(totalMinor)) refuseAmount(totalMinor, currency);
  if (totalMinor < 0) refuseBelowZero(money(discountMinor, currency), money(totalMinor, currency));
  return { subtotalMinor, discountMinor, chargeMinor, taxMinor, roundingMinor, totalMinor };
}

/** The discount is the reason where there would be a total without it. */
function refuseBelowZero(discount: Money, total: Money): never {
  const before = addMoney(total, discount);
  if (isPositive(discount) && !isNegative(before))
    refuse('discount_too_large', { discount: amountText(discount), before: amountText(before) });
  return refuse('total_below_zero', { total: amountText(total) });
}

/** Minor units of one line. */
export function amountOf(line: NewLine, currency: string): number {
  return line.amountMinor ?? lineAmount(line.unitCost, line.quantity ?? '1', currency).minor;
}

/** The column of `lines` and `applied_rates` that says which document they belong to. */
export type DocumentColumn = 'invoice_id' | 'estimate_id' | 'credit_note_id';

export interface DocumentParts {
  readonly id: number;
  readonly customerId: number;
  readonly currency: string;
  readonly lines: readonly NewLine[];
  readonly rates: readonly NewRate[];
}

/** Writes the lines and rates of documents of one kind in the caller's transaction. */
export async function insertParts(
  merchant: MerchantScope,
  column: DocumentColumn,
  documents: readonly DocumentParts[],
): Promise<void> {
  const lineIds = await idBlock(merchant, 'lines', countOf(documents, 'lines'));
  const rateIds = await idBlock(merchant, 'applied_rates', countOf(documents, 'rates'));
  const lines: NewRow<'lines', never>[] = [];
  const rates: NewRow<'applied_rates', never>[] = [];
  for (const document of documents) {
    const owner = { customer_id: document.customerId, [column]: document.id };
    const first = lines.length;
    document.lines.forEach((line, i) => {
      lines.push({ ...lineRow(line, lineIds[lines.length]!, i, document.currency), ...owner });
    });
    document.rates.forEach((rate, i) => {
      const lineId = rate.line === undefined ? null : lineIds[first + rate.line]!;
      rates.push({ ...rateRow(rate, rateIds[rates.length]!, i), line_id: lineId, ...owner });
    });
  }
  await merchant.db.insert('lines', lines);
  await merchant.db.insert('applied_rates', rates);
}

function countOf(documents: readonly DocumentParts[], part: 'lines' | 'rates'): number {
  return documents.reduce((sum, document) => sum + document[part].length, 0);
}

function idBlock(
  merchant: MerchantScope,
  table: 'lines' | 'applied_rates',
  count: number,
): number[] | Promise<number[]> {
  return count === 0 ? [] : merchant.db.nextIds(table, count);
}

function lineRow(
  line: NewLine,
  id: number,
  position: number,
  currency: string,
): NewRow<'lines', 'customer_id'> {
  return {
    id,
    position,
    item_code: line.itemCode ?? null,
    name: line.name,
    description: line.description ?? null,
    quantity: line.quantity ?? '1',
    unit: line.unit ?? null,
    unit_cost: line.unitCost,
    base_quantity: line.baseQuantity ?? null,
    amount_minor: amountOf(line, currency),
    tax_category: line.taxCategory ?? null,
    tax_percent: line.taxPercent ?? null,
    period_start: line.periodStart ?? null,
    period_end: line.periodEnd ?? null,
  };
}

function rateRow(rate: NewRate, id: number, position: number): NewRow<'applied_rates', 'customer_id'> {
  return {
    id,
    position,
    kind: rate.kind,
    name: rate.name,
    percent: rate.percent ?? null,
    base_minor: rate.baseMinor ?? null,
    amount_minor: rate.amountMinor,
    category: rate.category ?? null,
    reason_code: rate.reasonCode ?? null,
    exemption_reason: rate.exemptionReason ?? null,
  };
}
