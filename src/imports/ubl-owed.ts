import { negateExact, readExact, writeExact } from './exact.ts';
import type { UblDocument, UblLine, UblLineAllowance, UblTax, UblTotals } from './ubl-model.ts';

/**
 * The document as what is owed by it: an invoice that comes to less than zero is a credit note of that amount, a credit note that does is an
 * invoice. Every amount and quantity changes its sign, prices stay, and `statedAs` keeps what it called itself. Others are answered as they are.
 */
export function asOwed(ubl: UblDocument): UblDocument {
  const { taxInclusiveMinor, roundingMinor } = ubl.totals;
  if (taxInclusiveMinor + roundingMinor >= 0) return ubl;
  return {
    ...ubl,
    kind: ubl.kind === 'invoice' ? 'credit_note' : 'invoice',
    statedAs: ubl.kind,
    lines: ubl.lines.map(turnedLine),
    allowances: ubl.allowances.map(turnedAllowance),
    taxes: ubl.taxes.map(turnedTax),
    totals: turnedTotals(ubl.totals),
  };
}

function turnedLine(line: UblLine): UblLine {
  const quantity = readExact(line.quantity);
  return {
    ...line,
    quantity: quantity ? writeExact(negateExact(quantity)) : line.quantity,
    amountMinor: turned(line.amountMinor),
    allowances: line.allowances.map(turnedAllowance),
  };
}

function turnedAllowance<Allowance extends UblLineAllowance>(allowance: Allowance): Allowance {
  const base = allowance.baseMinor === undefined ? {} : { baseMinor: turned(allowance.baseMinor) };
  return { ...allowance, ...base, amountMinor: turned(allowance.amountMinor) };
}

function turnedTax(tax: UblTax): UblTax {
  return { ...tax, taxableMinor: turned(tax.taxableMinor), taxMinor: turned(tax.taxMinor) };
}

function turnedTotals(totals: UblTotals): UblTotals {
  return {
    lineExtensionMinor: turned(totals.lineExtensionMinor),
    allowanceTotalMinor: turned(totals.allowanceTotalMinor),
    chargeTotalMinor: turned(totals.chargeTotalMinor),
    taxExclusiveMinor: turned(totals.taxExclusiveMinor),
    taxMinor: turned(totals.taxMinor),
    taxInclusiveMinor: turned(totals.taxInclusiveMinor),
    prepaidMinor: turned(totals.prepaidMinor),
    roundingMinor: turned(totals.roundingMinor),
    payableMinor: turned(totals.payableMinor),
  };
}

/** Nothing has no sign. */
function turned(minor: number): number {
  return minor === 0 ? 0 : -minor;
}
