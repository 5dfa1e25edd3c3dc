import { readDecimal, writeScaled } from '#src/kernel/decimal.ts';
import { minorDigits, MOST_MINOR } from '#src/kernel/money.ts';
import { minorExactly, multiplyDivide, readExact, writeExact } from './exact.ts';
import type { ImportProblem } from './problems.ts';
import type { RowResult } from './row-reader.ts';
import type { InvoiceRow, LineRow } from './rows.ts';

/** A line in its invoice's currency: `unitCost` and `quantity` are decimal text, their rounded product is `amountMinor`. */
export interface PricedLine {
  readonly unitCost: string;
  readonly quantity: string;
  readonly amountMinor: number;
}

const ONE = { digits: 1n, scale: 0 };
const FINEST = 12;

/**
 * The amount of a line: quantity × unit cost, rounded half away from zero. A stated amount must agree with it; where there is only
 * an amount, the unit cost is the amount divided by the quantity, with as many decimals as it takes to come back to the amount.
 */
export function priceLine(line: LineRow, currency: string, file: string): RowResult<PricedLine> {
  const refuse = (reason: string, hint: string): RowResult<PricedLine> => ({
    ok: false,
    problems: [{ file, line: line.line, reason, hint }],
  });
  const digits = minorDigits(currency);
  const stated = line.amount === undefined ? undefined : minorExactly(readExact(line.amount) ?? ONE, digits);
  if (line.amount !== undefined && stated === undefined) {
    return refuse(
      `The amount ${line.amount} is not one in ${currency}, which has ${digits} decimals.`,
      'Round it.',
    );
  }
  const unitCost = line.unitCost ?? dividedCost(stated ?? 0, line.quantity, digits);
  if (unitCost === undefined)
    return refuse('The line has an amount, but the quantity 0.', 'Give the unit cost too.');
  const [cost, quantity] = [readDecimal(unitCost), readDecimal(line.quantity)];
  if (!cost || !quantity)
    return refuse('The quantity or unit cost has too many digits.', `Use at most ${FINEST} decimals.`);
  const product = multiplyDivide(cost, quantity, ONE, digits);
  const amount = Number(product.value);
  if (Math.abs(amount) > MOST_MINOR) return refuse('The amount of the line is too large.', 'Check the row.');
  if (stated === undefined || stated === amount) {
    return { ok: true, value: { unitCost, quantity: line.quantity, amountMinor: amount } };
  }
  const [says, makes] = [writeScaled(BigInt(stated), digits), writeScaled(product.value, digits)];
  const reason = `The amount is ${says} ${currency}, but ${line.quantity} × ${unitCost} makes ${makes} ${currency}.`;
  return refuse(reason, 'Correct one of them, or leave the amount out.');
}

/** What differs when the lines of an invoice, less its discount, plus its tax, do not come to its total; else undefined. */
export function invoiceTotalProblem(
  invoice: InvoiceRow,
  linesMinor: number,
  file: string,
): ImportProblem | undefined {
  if (invoice.totalMinor === undefined) return undefined;
  const computed = linesMinor - (invoice.discountMinor ?? 0) + (invoice.taxMinor ?? 0);
  if (computed === invoice.totalMinor) return undefined;
  const write = (minor: number) =>
    `${writeScaled(BigInt(minor), minorDigits(invoice.currency))} ${invoice.currency}`;
  const [expected, found] = [write(computed), write(invoice.totalMinor)];
  const parts =
    invoice.discountMinor || invoice.taxMinor ? 'lines less discount plus tax come' : 'lines come';
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
