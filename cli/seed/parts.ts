import type { NewLine, NewRate } from '#src/documents/document.ts';
import {
  add,
  lineAmount,
  type Money,
  parseMoney,
  percentOf,
  subtract,
  sum,
  zero,
} from '#src/kernel/money.ts';
import type { DocumentPlan, MerchantPlan, TaxPlan } from './plan.ts';

interface Parts {
  readonly lines: readonly NewLine[];
  readonly rates: readonly NewRate[];
}

/** The lines of a document with discount, shipping and tax. */
export function partsOf(plan: MerchantPlan, document: DocumentPlan, currency: string): Parts {
  const tax = document.tax === 'none' ? undefined : (document.tax ?? plan.tax);
  const lines = document.lines.map((line) => ({ ...line, ...(tax ? { taxPercent: tax.percent } : {}) }));
  const subtotal = sum(
    lines.map((line) => lineAmount(line.unitCost, line.quantity, currency)),
    currency,
  );
  const { discountPercent } = document;
  const discount = discountPercent ? percentOf(subtotal, discountPercent) : zero(currency);
  const shipping = document.shipping ? parseMoney(document.shipping, currency) : zero(currency);
  const net = add(subtract(subtotal, discount), shipping);
  const rates: NewRate[] = [];
  if (discountPercent)
    rates.push(rate('discount', `Discount ${discountPercent}%`, discountPercent, subtotal, discount));
  if (document.shipping) rates.push({ kind: 'shipping', name: 'Shipping', amountMinor: shipping.minor });
  if (tax) rates.push(taxRate(tax, net));
  return { lines, rates };
}

function taxRate(tax: TaxPlan, net: Money): NewRate {
  return { ...rate('tax', tax.name, tax.percent, net, percentOf(net, tax.percent)), category: 'S' };
}

function rate(kind: NewRate['kind'], name: string, percent: string, base: Money, amount: Money): NewRate {
  return { kind, name, percent, baseMinor: base.minor, amountMinor: amount.minor };
}
