import type { Decimal } from '#src/kernel/decimal.ts';
import { optional } from './optional.ts';
import { addExact, negateExact, readExact, sameExact, writeExact } from './exact.ts';
import { quotable } from './problems.ts';
import type { UblDocumentAllowance, UblLine, UblLineAllowance, UblTax, UblVat } from './ubl-model.ts';
import type { UblReading } from './ubl-reading.ts';
import type { XmlElement } from './xml.ts';

const CATEGORIES = new Set(['S', 'Z', 'E', 'AE', 'K', 'G', 'O', 'L', 'M', 'B']);
/** Categories under which VAT may be due; every other one is at 0 %. L and M may be either; under B the customer pays it to the state. */
const RATED = new Set(['S', 'L', 'M', 'B']);
/** Those that need a rate. */
const STANDARD = new Set(['S', 'B']);

/** BG-25: an InvoiceLine or CreditNoteLine. */
export function readLine(read: UblReading, line: XmlElement): UblLine {
  const item = line.children.find((child) => child.name === 'Item') ?? line;
  const quantityName = line.name === 'CreditNoteLine' ? 'CreditedQuantity' : 'InvoicedQuantity';
  const quantity = read.field(line, quantityName);
  const references = read
    .groups(line, 'DocumentReference')
    .find((r) => read.text(r, 'DocumentTypeCode') === '130');
  const category = read.group(item, 'ClassifiedTaxCategory');
  return {
    id: read.required(line, 'ID', 'BR-21'),
    ...optional('note', joined(read.fields(line, 'Note'))),
    quantity:
      read.decimalText(line, quantityName) ?? (quantity ? '0' : read.missing(line, quantityName, 'BR-22')),
    ...optional('unitCode', quantity?.attributes.get('unitCode')),
    name: read.required(item, 'Name', 'BR-25'),
    ...optional('description', joined(read.fields(item, 'Description'))),
    ...optional('sellerItemId', read.text(read.group(item, 'SellersItemIdentification'), 'ID')),
    ...optional('buyerItemId', read.text(read.group(item, 'BuyersItemIdentification'), 'ID')),
    ...optional('standardItemId', read.identifier(read.group(item, 'StandardItemIdentification'), 'ID')),
    attributes: read.groups(item, 'AdditionalItemProperty').map((property) => ({
      name: read.text(property, 'Name') ?? '',
      value: read.text(property, 'Value') ?? '',
    })),
    ...readPrice(read, line),
    allowances: read.groups(line, 'AllowanceCharge').map((element) => readAllowance(read, element)),
    vat: readVat(read, category, item, 'ClassifiedTaxCategory', 'BR-CO-04'),
    amountMinor: read.requiredAmount(line, 'LineExtensionAmount', 'BR-24'),
    ...optional('period', read.period(line)),
    ...optional('orderLine', read.text(read.group(line, 'OrderLineReference'), 'LineID')),
    ...optional('accountingCost', read.text(line, 'AccountingCost')),
    ...optional('objectId', read.text(references, 'ID')),
  };
}

/** BG-20, BG-21 */
export function readDocumentAllowance(read: UblReading, element: XmlElement): UblDocumentAllowance {
  const category = read.group(element, 'TaxCategory');
  const rule = element.children.some((c) => c.name === 'ChargeIndicator' && isTrue(c.text))
    ? 'BR-37'
    : 'BR-32';
  return {
    ...readAllowance(read, element),
    vat: readVat(read, category, element, 'TaxCategory', rule),
  };
}

/** BG-23: the subtotals of the TaxTotal that has any. */
export function readTax(read: UblReading, subtotal: XmlElement): UblTax {
  const category = read.group(subtotal, 'TaxCategory');
  const vat = readVat(read, category, subtotal, 'TaxCategory', 'BR-47');
  return {
    ...vat,
    taxableMinor: read.requiredAmount(subtotal, 'TaxableAmount', 'BR-45'),
    taxMinor: read.requiredAmount(subtotal, 'TaxAmount', 'BR-46'),
    ...optional('exemptionReason', joined(read.fields(category, 'TaxExemptionReason'))),
    ...optional('exemptionCode', read.text(category, 'TaxExemptionReasonCode')),
  };
}

/** The texts of repeated elements as one, a line each; undefined when there is none. */
export function joined(elements: readonly XmlElement[]): string | undefined {
  return elements.length === 0 ? undefined : elements.map((element) => element.text).join('\n');
}

function readAllowance(read: UblReading, element: XmlElement): UblLineAllowance {
  const indicator = read.required(element, 'ChargeIndicator', 'UBL');
  if (indicator !== '' && !isTrue(indicator) && indicator !== 'false' && indicator !== '0') {
    read.problem(element, `ChargeIndicator is “${quotable(indicator)}”; it must be true or false.`, {
      element: `${element.path}/ChargeIndicator`,
      value: quotable(indicator),
      rule: 'PEPPOL-EN16931-R043',
    });
  }
  return {
    charge: isTrue(indicator),
    ...optional('reason', joined(read.fields(element, 'AllowanceChargeReason'))),
    ...optional('reasonCode', read.text(element, 'AllowanceChargeReasonCode')),
    ...optional('percent', read.decimalText(element, 'MultiplierFactorNumeric')),
    ...optional('baseMinor', read.amount(element, 'BaseAmount')),
    amountMinor: read.requiredAmount(element, 'Amount', 'BR-31'),
  };
}

function readVat(
  read: UblReading,
  category: XmlElement | undefined,
  parent: XmlElement,
  name: string,
  rule: string,
): UblVat {
  if (!category) {
    read.missing(parent, name, rule);
    return { category: 'O', percent: '0' };
  }
  const code = read.required(category, 'ID', rule);
  if (code !== '' && !CATEGORIES.has(code)) {
    const known = [...CATEGORIES].join(', ');
    read.problem(category, `The VAT category “${quotable(code)}” is not one we can read.`, {
      value: quotable(code),
      rule: 'BR-CL-17',
      hint: `Known categories are ${known}.`,
    });
  }
  const percent = read.decimalText(category, 'Percent') ?? '0';
  if (!RATED.has(code) && percent !== '0' && CATEGORIES.has(code)) {
    const found = { expected: '0', found: percent, rule: `BR-${RULE_NAME[code] ?? code}-05` };
    read.problem(category, `VAT category ${code} has no rate, but ${percent} % is stated.`, found);
  }
  if (STANDARD.has(code) && (percent === '0' || percent.startsWith('-'))) {
    const found = { found: percent, rule: `BR-${code}-05`, hint: 'Goods at zero rate belong in category Z.' };
    read.problem(category, `VAT category ${code} needs a rate above 0 %.`, found);
  }
  return { category: code, percent };
}

/** Whether VAT may be due under the category. */
export function isRated(category: string): boolean {
  return RATED.has(category);
}

/** The rules of these categories go by another name than their code. */
const RULE_NAME: Readonly<Record<string, string>> = { K: 'IC', L: 'AF', M: 'AG' };

/** The name under which EN 16931 lists the rules of a VAT category: `BR-{name}-08`. */
export function ruleName(category: string): string {
  return RULE_NAME[category] ?? category;
}

function readPrice(read: UblReading, line: XmlElement): { price: string; baseQuantity: string } {
  const price = read.group(line, 'Price');
  const net = read.decimal(price, 'PriceAmount');
  if (!price || !read.field(price, 'PriceAmount')) read.missing(line, 'Price/PriceAmount', 'BR-26');
  const currency = read.field(price, 'PriceAmount')?.attributes.get('currencyID') ?? read.currency.code;
  if (price && currency !== read.currency.code) {
    const found = { expected: read.currency.code, found: quotable(currency), rule: 'BR-CL-03' };
    read.problem(
      price,
      `The price is in ${quotable(currency)}, but the document is in ${read.currency.code}.`,
      found,
    );
  }
  const base = read.decimal(price, 'BaseQuantity');
  if (price && base && base.digits <= 0n) {
    const found = { found: writeExact(base), rule: 'PEPPOL-EN16931-R121' };
    read.problem(price, 'The base quantity of the price must be greater than 0.', found);
  }
  if (price && net) checkGrossPrice(read, price, net);
  return {
    price: net ? writeExact(net) : '0',
    baseQuantity: base && base.digits > 0n ? writeExact(base) : '1',
  };
}

/** Net price = gross price − discount, where the gross price is given. */
function checkGrossPrice(read: UblReading, price: XmlElement, net: Decimal): void {
  const discount = read.group(price, 'AllowanceCharge');
  const gross = read.decimal(discount, 'BaseAmount');
  if (!discount || !gross) return;
  const expected = addExact(gross, negateExact(read.decimal(discount, 'Amount') ?? { digits: 0n, scale: 0 }));
  if (sameExact(expected, net)) return;
  const figures = { expected: writeExact(expected), found: writeExact(net), rule: 'PEPPOL-EN16931-R046' };
  const reason = `The net price is ${figures.found}, but gross price less discount is ${figures.expected}.`;
  read.problem(price, reason, { element: `${price.path}/PriceAmount`, ...figures });
}

function isTrue(text: string): boolean {
  return text === 'true' || text === '1';
}

/** Percent as an exact number; the texts of the model are always readable. */
export function percentOfVat(vat: UblVat): Decimal {
  return readExact(vat.percent) ?? { digits: 0n, scale: 0 };
}
