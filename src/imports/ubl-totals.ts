import { writeScaled } from '#src/kernel/decimal.ts';
import type { Decimal } from '#src/kernel/decimal.ts';
import { multiplyDivide, readExact, writeExact } from './exact.ts';
import type { Rounded } from './exact.ts';
import type { ImportProblem } from './problems.ts';
import { Findings, nameOf } from './ubl-findings.ts';
import { isRated, percentOfVat, ruleName } from './ubl-lines.ts';
import type {
  UblDocument,
  UblDocumentAllowance,
  UblLine,
  UblLineAllowance,
  UblTax,
  UblVat,
} from './ubl-model.ts';
import type { UblCurrency, UblReading } from './ubl-reading.ts';
import type { XmlElement } from './xml.ts';

/** `problems` refuse the document; `notices` are differences that a rule tolerates. */
export interface TotalsCheck {
  readonly problems: readonly ImportProblem[];
  readonly notices: readonly ImportProblem[];
}

const HUNDRED: Decimal = { digits: 100n, scale: 0 };
const ONE: Decimal = { digits: 1n, scale: 0 };

/**
 * Recomputes every figure from quantities, prices, allowances, charges and VAT rates and compares it with what the document states
 * (EN 16931 BR-CO-10 to BR-CO-17 and BR-*-08/09; Peppol R040, R120). All figures must agree to the minor unit, except that
 * - a value exactly between two minor units may be rounded either way, since no rule says which;
 * - line amounts and percentage allowances may be off by 0.02, as Peppol grants, and where there are no decimals be rounded up or down, as long
 *   as all totals tie out with them;
 * - the VAT of a category, and its taxable sum, may be off by less than one whole unit of the currency, as BR-CO-17 and BR-*-08/09 grant: VAT may
 *   have been rounded line by line, taken out of gross prices, or cut to whole yen. What is stated counts; beyond rounding it is a notice.
 */
export function checkTotals(document: UblDocument, root: XmlElement, read: UblReading): TotalsCheck {
  const sheet = new Sheet(document, root, read);
  const fits = document.lines.map((line, i) => sheet.line(line, i));
  sheet.percentages();
  const stated = sheet.totals(fits.map((fit) => fit.stated));
  const computed = sheet.totals(fits.map((fit) => fit.computed));
  const small = sheet.differences.filter((difference) => difference.tolerated);
  const large = sheet.differences.filter((difference) => !difference.tolerated);
  if (large.length === 0 && stated.problems.length === 0)
    return { problems: [], notices: [...small.map((d) => d.problem), ...stated.notices] };
  // Whichever reading leaves fewer figures wrong names the ones that somebody got wrong.
  const wrongLines = sheet.differences.map((difference) => difference.problem);
  const strict = [...wrongLines, ...computed.problems];
  const lenient = [...large.map((difference) => difference.problem), ...stated.problems];
  const fewest = lenient.length > 0 && lenient.length < strict.length ? lenient : strict;
  return { problems: fewest, notices: [] };
}

interface Difference {
  readonly problem: ImportProblem;
  readonly tolerated: boolean;
}

interface Fit {
  readonly stated: bigint;
  readonly computed: bigint;
}

interface Category {
  readonly vat: UblVat;
  taxable: bigint;
  /** The amounts that make up the taxable sum. */
  readonly parts: bigint[];
}

/** The recalculation of one document. */
class Sheet {
  readonly differences: Difference[] = [];
  readonly #document: UblDocument;
  readonly #root: XmlElement;
  readonly #read: UblReading;
  readonly #currency: UblCurrency;
  readonly #lines: readonly XmlElement[];

  constructor(document: UblDocument, root: XmlElement, read: UblReading) {
    this.#document = document;
    this.#root = root;
    this.#read = read;
    this.#currency = read.currency;
    this.#lines = read.groups(root, root.name === 'CreditNote' ? 'CreditNoteLine' : 'InvoiceLine');
  }

  /** Quantity × price ÷ base quantity − allowances + charges. */
  line(line: UblLine, index: number): Fit {
    const element = this.#lines[index];
    const digits = this.#currency.digits;
    const gross = multiplyDivide(exact(line.quantity), exact(line.price), exact(line.baseQuantity), digits);
    const net = line.allowances.reduce((sum, allowance) => sum + signed(allowance), 0n);
    const expected = { value: gross.value + net, other: gross.other + net };
    const stated = BigInt(line.amountMinor);
    if (agrees(expected, stated)) return { stated, computed: stated };
    const what = `Line ${line.id}: quantity × price, less allowances, plus charges`;
    this.#differ(element, 'LineExtensionAmount', what, expected.value, stated, 'PEPPOL-EN16931-R120');
    return { stated, computed: expected.value };
  }

  /** Amount = base × percentage, where an allowance or charge states both. */
  percentages(): void {
    this.#document.lines.forEach((line, i) => this.#percentagesOf(line.allowances, this.#lines[i]));
    this.#percentagesOf(this.#document.allowances, this.#root);
  }

  /** Everything from the line amounts up, each figure from recomputed ones, so that one wrong figure is named once. */
  totals(lineAmounts: readonly bigint[]): Findings {
    const { totals, allowances } = this.#document;
    const found = new Findings(this.#read, this.#root, this.#currency);
    const lines = lineAmounts.reduce((a, b) => a + b, 0n);
    const deducted = sumOf(allowances.filter((a) => !a.charge));
    const charged = sumOf(allowances.filter((a) => a.charge));
    const exclusive = lines - deducted + charged;
    found.total(
      'LineExtensionAmount',
      'The sum of the line amounts',
      lines,
      totals.lineExtensionMinor,
      'BR-CO-10',
    );
    found.total(
      'AllowanceTotalAmount',
      'The sum of the allowances',
      deducted,
      totals.allowanceTotalMinor,
      'BR-CO-11',
    );
    found.total('ChargeTotalAmount', 'The sum of the charges', charged, totals.chargeTotalMinor, 'BR-CO-12');
    const without = 'Lines less allowances plus charges';
    found.total('TaxExclusiveAmount', without, exclusive, totals.taxExclusiveMinor, 'BR-CO-13');
    const tax = this.#taxes(this.#categories(lineAmounts), found);
    found.at(
      this.#mainTaxTotal(),
      'TaxAmount',
      'The sum of the VAT subtotals',
      tax,
      totals.taxMinor,
      'BR-CO-14',
    );
    const inclusive = exclusive + tax;
    found.total(
      'TaxInclusiveAmount',
      'The total without VAT plus VAT',
      inclusive,
      totals.taxInclusiveMinor,
      'BR-CO-15',
    );
    const payable = inclusive - BigInt(totals.prepaidMinor) + BigInt(totals.roundingMinor);
    const due = 'The total with VAT less prepaid plus rounding';
    found.total('PayableAmount', due, payable, totals.payableMinor, 'BR-CO-16');
    return found;
  }

  #percentagesOf(allowances: readonly UblLineAllowance[], parent: XmlElement | undefined): void {
    const elements = this.#read.groups(parent, 'AllowanceCharge');
    allowances.forEach((allowance, i) => {
      if (allowance.percent === undefined || allowance.baseMinor === undefined) return;
      const base = { digits: BigInt(allowance.baseMinor), scale: 0 };
      const expected = multiplyDivide(base, exact(allowance.percent), HUNDRED, 0);
      const stated = BigInt(allowance.amountMinor);
      if (agrees(expected, stated)) return;
      const what = `${allowance.percent} % of ${writeScaled(base.digits, this.#currency.digits)}`;
      this.#differ(elements[i], 'Amount', what, expected.value, stated, 'PEPPOL-EN16931-R040');
    });
  }

  #differ(
    element: XmlElement | undefined,
    name: string,
    what: string,
    expected: bigint,
    stated: bigint,
    rule: string,
  ): void {
    const found = new Findings(this.#read, this.#root, this.#currency);
    found.at(element, name, what, expected, Number(stated), rule);
    const slack = this.#currency.digits < 2 ? 1n : 2n * 10n ** BigInt(this.#currency.digits - 2);
    const gap = expected > stated ? expected - stated : stated - expected;
    for (const problem of found.problems) this.differences.push({ problem, tolerated: gap <= slack });
  }

  /** Taxable sums per VAT category and rate, from lines and document allowances. */
  #categories(lineAmounts: readonly bigint[]): Map<string, Category> {
    const categories = new Map<string, Category>();
    const put = (vat: UblVat, amount: bigint) => {
      const category = categories.get(keyOf(vat)) ?? { vat, taxable: 0n, parts: [] };
      category.taxable += amount;
      category.parts.push(amount);
      categories.set(keyOf(vat), category);
    };
    this.#document.lines.forEach((line, i) => put(line.vat, lineAmounts[i] ?? 0n));
    for (const allowance of this.#document.allowances) put(allowance.vat, signed(allowance));
    return categories;
  }

  /** Compares every VAT subtotal; the answer is the VAT that they should add up to. */
  #taxes(categories: ReadonlyMap<string, Category>, found: Findings): bigint {
    const elements = this.#read.groups(this.#mainTaxTotal(), 'TaxSubtotal');
    const done = new Set<string>();
    let sum = 0n;
    this.#document.taxes.forEach((tax, i) => {
      const key = keyOf(tax);
      const category = categories.get(key);
      if (!category || done.has(key)) return found.strayTax(elements[i], tax, done.has(key));
      done.add(key);
      sum += this.#tax(tax, category, elements[i], found);
    });
    for (const [key, category] of categories) {
      if (done.has(key)) continue;
      found.missingTax(category.vat, category.taxable);
      sum += taxOf(category.vat, category.taxable).value;
    }
    return sum;
  }

  #tax(tax: UblTax, category: Category, element: XmlElement | undefined, found: Findings): bigint {
    const rule = `BR-${ruleName(tax.category)}`;
    const label = nameOf(tax);
    const sum = {
      what: `The sum of the amounts under ${label}`,
      rule: `${rule}-08`,
      isGranted: this.#isGranted(tax, category.taxable, BigInt(tax.taxableMinor), ONE),
    };
    found.within(element, 'TaxableAmount', category.taxable, tax.taxableMinor, sum);
    const expected = taxOf(category.vat, category.taxable);
    const perPart = category.parts.reduce((a, part) => a + taxOf(category.vat, part).value, 0n);
    const stated = BigInt(tax.taxMinor);
    if (agrees(expected, stated) || stated === perPart) return stated;
    const vat = {
      what: `The VAT under ${label}`,
      rule: `BR-CO-17, ${rule}-09`,
      isGranted: this.#isGranted(tax, category.taxable, stated, hundredth(percentOfVat(category.vat))),
    };
    return found.within(element, 'TaxAmount', expected.value, tax.taxMinor, vat) ? stated : expected.value;
  }

  /** Whether what is stated is less than one whole unit of the currency away from `base × factor`, unrounded. */
  #isGranted({ category }: UblVat, base: bigint, stated: bigint, factor: Decimal): boolean {
    const scale = 10n ** BigInt(factor.scale);
    const gap = stated * scale - base * factor.digits;
    const unit = 10n ** BigInt(this.#currency.digits) * scale;
    return isRated(category) && -unit < gap && gap < unit;
  }

  #mainTaxTotal(): XmlElement | undefined {
    const all = this.#read.groups(this.#root, 'TaxTotal');
    return all.find((total) => this.#read.groups(total, 'TaxSubtotal').length > 0) ?? all[0];
  }
}

function taxOf(vat: UblVat, taxable: bigint): Rounded {
  if (!isRated(vat.category)) return { value: 0n, other: 0n };
  return multiplyDivide({ digits: taxable, scale: 0 }, percentOfVat(vat), HUNDRED, 0);
}

function hundredth({ digits, scale }: Decimal): Decimal {
  return { digits, scale: scale + 2 };
}

function agrees(expected: Rounded, stated: bigint): boolean {
  return stated === expected.value || stated === expected.other;
}

function signed(allowance: UblLineAllowance): bigint {
  return allowance.charge ? BigInt(allowance.amountMinor) : -BigInt(allowance.amountMinor);
}

function sumOf(allowances: readonly UblDocumentAllowance[]): bigint {
  return allowances.reduce((sum, allowance) => sum + BigInt(allowance.amountMinor), 0n);
}

function keyOf(vat: UblVat): string {
  return `${vat.category} ${writeExact(percentOfVat(vat))}`;
}

/** The model holds readable decimal texts only. */
function exact(text: string): Decimal {
  return readExact(text) ?? ONE;
}
