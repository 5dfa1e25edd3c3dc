import { type Decimal, multiplyDecimals, readDecimal, writeScaled } from '#src/kernel/decimal.ts';
import { minorDigits, MOST_MINOR } from '#src/kernel/money.ts';
import { addExact, minorExactly, multiplyDivide, negateExact, readExact, writeExact } from './exact.ts';
import { optional } from './optional.ts';
import type { ImportProblem } from './problems.ts';
import type { RowResult } from './row-reader.ts';
import type { InvoiceRow, LineRow } from './rows.ts';

/**
 * A line in its invoice's currency: `unitCost` and `quantity` are decimal text, their rounded product less the discount is `amountMinor`.
 */
export interface PricedLine {
  readonly unitCost: string;
  readonly quantity: string;
  readonly amountMinor: number;
  /** Minor units that are off already, of how many; with the percentage where it is one. */
  readonly discount?: { readonly percent?: string; readonly baseMinor: number; readonly amountMinor: number };
  /** Minor units. */
  readonly taxMinor: number;
}

const ONE = { digits: 1n, scale: 0 };
const HUNDRED = { digits: 100n, scale: 0 };
const FINEST = 12;

/**
 * The amount of a line: quantity × unit cost, less its discount, rounded half away from zero. A stated amount must agree with it; where there is
 * only an amount, the unit cost is the amount divided by the quantity, with as many decimals as it takes to come back to the amount.
 */
export function priceLine(line: LineRow, currency: string, file: string): RowResult<PricedLine> {
  const refuse = (reason: string, hint: string): RowResult<PricedLine> => ({
    ok: false,
    problems: [{ file, line: line.line, reason, hint }],
  });
  const digits = minorDigits(currency);
  const minorOf = (text: string) => minorExactly(readExact(text) ?? ONE, digits);
  const stated = line.amount === undefined ? undefined : minorOf(line.amount);
  if (line.amount !== undefined && stated === undefined) {
    return refuse(
      `The amount ${line.amount} is not one in ${currency}, which has ${digits} decimals.`,
      'Round it.',
    );
  }
  const taxes = (line.taxes ?? []).map(minorOf);
  if (taxes.includes(undefined))
    return refuse(`A tax of the line is not an amount in ${currency}.`, 'Round it.');
  const taxMinor = taxes.reduce<number>((sum, tax) => sum + (tax ?? 0), 0);
  const unitCost = line.unitCost ?? dividedCost(stated ?? 0, line.quantity, digits);
  if (unitCost === undefined)
    return refuse('The line has an amount, but the quantity 0.', 'Give the unit cost too.');
  const [cost, quantity] = [readDecimal(unitCost), readDecimal(line.quantity)];
  if (!cost || !quantity)
    return refuse('The quantity or unit cost has too many digits.', `Use at most ${FINEST} decimals.`);
  const product = multiplyDivide(cost, quantity, ONE, digits);
  const gross = Number(product.value);
  if (Math.abs(gross) > MOST_MINOR) return refuse('The amount of the line is too large.', 'Check the row.');
  // Without a unit cost the amount is what is left already.
  const offers =
    line.unitCost === undefined
      ? [{ net: gross }]
      : offersOf(line, multiplyDecimals(cost, quantity), gross, digits);
  if (!offers)
    return refuse(
      'The discount of the line is negative, or not one.',
      'Give what is taken off as a positive amount or a percentage.',
    );
  const { net, percent } = offers.find((offer) => offer.net === stated) ?? offers[0]!;
  if (stated === undefined || stated === net) {
    const discount =
      net === gross
        ? {}
        : { discount: { ...optional('percent', percent), baseMinor: gross, amountMinor: gross - net } };
    return {
      ok: true,
      value: { unitCost, quantity: line.quantity, amountMinor: net, ...discount, taxMinor },
    };
  }
  const [says, makes] = [writeScaled(BigInt(stated), digits), writeScaled(BigInt(net), digits)];
  const less =
    net === gross
      ? ''
      : `, less ${percent === undefined ? writeScaled(BigInt(gross - net), digits) : `${percent} %`},`;
  const reason = `The amount is ${says} ${currency}, but ${line.quantity} × ${unitCost}${less} makes ${makes} ${currency}.`;
  return refuse(reason, 'Correct one of them, or leave the amount out.');
}

interface Offer {
  readonly net: number;
  readonly percent?: string;
}

/** What is left of a line in each way that its discount can be meant, the likeliest first; undefined for a discount that is none. */
function offersOf(line: LineRow, exact: Decimal, gross: number, digits: number): Offer[] | undefined {
  const { discount = '0', discountPercent } = line;
  const percents = discountPercent ?? (discount.endsWith('%') ? discount.slice(0, -1) : undefined);
  if (percents !== undefined) return percentOffers(percents, exact, gross, digits);
  const off = minorExactly(readExact(discount) ?? ONE, digits);
  const asPercent = percentOffers(discount, exact, gross, digits) ?? [];
  if (off === undefined || off < 0) return off === undefined && asPercent.length > 0 ? asPercent : undefined;
  return [{ net: gross - off }, ...asPercent];
}

/** Rounded once, and with the discount rounded by itself: programs do either. */
function percentOffers(percent: string, exact: Decimal, gross: number, digits: number): Offer[] | undefined {
  const value = readDecimal(percent);
  if (!value || value.digits < 0n) return undefined;
  if (value.digits === 0n) return [{ net: gross }];
  const left = addExact(HUNDRED, negateExact(value));
  const off = multiplyDivide({ digits: BigInt(gross), scale: 0 }, value, HUNDRED, 0);
  const once = Number(multiplyDivide(exact, left, HUNDRED, digits).value);
  return [once, gross - Number(off.value), gross - Number(off.other)].map((net) => ({ net, percent }));
}

/** What differs when the lines of an invoice, less its discount, plus its tax, do not come to its total; else undefined. */
export function invoiceTotalProblem(
  invoice: InvoiceRow,
  linesMinor: number,
  file: string,
): ImportProblem | undefined {
  if (invoice.totalMinor === undefined) return undefined;
  const computed = linesMinor + beyondLines(invoice);
  if (computed === invoice.totalMinor) return undefined;
  const write = (minor: number) =>
    `${writeScaled(BigInt(minor), minorDigits(invoice.currency))} ${invoice.currency}`;
  const [expected, found] = [write(computed), write(invoice.totalMinor)];
  const parts =
    beyondLines(invoice) === 0 ? 'lines come' : 'lines less discount plus tax and what is added come';
  return {
    file,
    line: invoice.line,
    value: invoice.number,
    expected,
    found,
    reason: `The total of invoice ${invoice.number} is ${found}, but its ${parts} to ${expected}.`,
    hint: 'Correct the total or the lines, and check that the file of lines is complete.',
  };
}

/** What the invoice adds to its lines and takes off them: minor units, signed. */
export function beyondLines(invoice: InvoiceRow): number {
  const {
    discountMinor = 0,
    taxMinor = 0,
    shippingMinor = 0,
    adjustmentMinor = 0,
    roundingMinor = 0,
  } = invoice;
  return taxMinor + shippingMinor + adjustmentMinor + roundingMinor - discountMinor;
}

function dividedCost(amountMinor: number, quantityText: string, digits: number): string | undefined {
  const quantity = readExact(quantityText) ?? ONE;
  if (quantity.digits === 0n) return amountMinor === 0 ? '0' : undefined;
  const amount = { digits: BigInt(amountMinor), scale: digits };
  for (let scale = digits; scale < FINEST; scale += 1) {
    const cost = { digits: multiplyDivide(amount, ONE, quantity, scale).value, scale };
    if (multiplyDivide(cost, quantity, ONE, digits).value === BigInt(amountMinor)) return writeExact(cost);
  }
  return writeExact({ digits: multiplyDivide(amount, ONE, quantity, FINEST).value, scale: FINEST });
}
