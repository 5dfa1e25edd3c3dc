import { writeScaled } from '#src/kernel/decimal.ts';
import type { ImportProblem } from './problems.ts';
import { ruleName } from './ubl-lines.ts';
import type { UblTax, UblVat } from './ubl-model.ts';
import type { UblCurrency, UblReading } from './ubl-reading.ts';
import type { XmlElement } from './xml.ts';

/** What a figure should be, the rule that says so, and whether that rule grants the difference. */
interface Ruled {
  readonly what: string;
  readonly rule: string;
  readonly isGranted: boolean;
}

/** Collects figures that differ: as problems, or as notices where a rule grants the difference. */
export class Findings {
  readonly problems: ImportProblem[] = [];
  readonly notices: ImportProblem[] = [];
  readonly #read: UblReading;
  readonly #root: XmlElement;
  readonly #currency: UblCurrency;

  constructor(read: UblReading, root: XmlElement, currency: UblCurrency) {
    this.#read = read;
    this.#root = root;
    this.#currency = currency;
  }

  total(name: string, what: string, expected: bigint, stated: number, rule: string): void {
    this.at(this.#read.group(this.#root, 'LegalMonetaryTotal'), name, what, expected, stated, rule);
  }

  at(
    parent: XmlElement | undefined,
    name: string,
    what: string,
    expected: bigint,
    stated: number,
    rule: string,
  ): void {
    if (expected !== BigInt(stated))
      this.problems.push(this.#difference(parent, name, what, expected, stated, rule));
  }

  /** Like `at`, but a difference that the rule grants is a notice. Answers whether the stated figure counts. */
  within(
    parent: XmlElement | undefined,
    name: string,
    expected: bigint,
    stated: number,
    { what, rule, isGranted }: Ruled,
  ): boolean {
    if (expected === BigInt(stated)) return true;
    const difference = this.#difference(parent, name, what, expected, stated, rule);
    if (isGranted) this.notices.push({ ...difference, hint: 'The document’s own figure was taken.' });
    else this.problems.push(difference);
    return isGranted;
  }

  #difference(
    parent: XmlElement | undefined,
    name: string,
    what: string,
    expected: bigint,
    stated: number,
    rule: string,
  ): ImportProblem {
    const at = parent ?? this.#root;
    const line = this.#read.fields(at, name)[0]?.line ?? at.line;
    const [should, is] = [this.#write(expected), this.#write(BigInt(stated))];
    const difference = this.#write(BigInt(stated) - expected);
    return {
      file: this.#read.file,
      line,
      element: `${at.path}/${name}`,
      expected: should,
      found: is,
      rule,
      reason: `${name} is ${is}, but should be ${should} (difference ${difference}). ${what}: ${should}.`,
      hint: 'Ask the sender for a corrected document.',
    };
  }

  missingTax(vat: UblVat, taxable: bigint): void {
    const at = this.#read.group(this.#root, 'TaxTotal') ?? this.#root;
    const rule = vat.category === 'S' ? 'BR-CO-18, BR-S-01' : `BR-${ruleName(vat.category)}-01`;
    this.problems.push({
      file: this.#read.file,
      line: at.line,
      element: `${at.path}/TaxSubtotal`,
      rule,
      expected: this.#write(taxable),
      found: 'none',
      reason: `There is no VAT subtotal for ${nameOf(vat)}, under which ${this.#write(taxable)} stand.`,
      hint: 'Ask the sender for a corrected document.',
    });
  }

  strayTax(element: XmlElement | undefined, tax: UblTax, twice: boolean): void {
    const at = element ?? this.#root;
    const why = twice ? 'is given twice' : 'matches no line, allowance or charge';
    this.problems.push({
      file: this.#read.file,
      line: at.line,
      element: at.path,
      rule: `BR-${ruleName(tax.category)}-01`,
      expected: twice ? 'one subtotal' : 'none',
      found: this.#write(BigInt(tax.taxableMinor)),
      reason: `The VAT subtotal for ${nameOf(tax)} ${why}.`,
      hint: 'Ask the sender for a corrected document.',
    });
  }

  #write(minor: bigint): string {
    return `${writeScaled(minor, this.#currency.digits)} ${this.#currency.code}`;
  }
}

/** `VAT category S at 25 %` */
export function nameOf(vat: UblVat): string {
  return `VAT category ${vat.category} at ${vat.percent} %`;
}
