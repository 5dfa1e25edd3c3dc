import { type Decimal, writeScaled } from '#src/kernel/decimal.ts';
import { MOST_MINOR } from '#src/kernel/money.ts';
import { readExact, unitsExactly, writeExact } from './exact.ts';
import { optional } from './optional.ts';
import { quotable } from './problems.ts';
import type { ImportProblem } from './problems.ts';
import type { UblIdentifier, UblPeriod } from './ubl-model.ts';
import type { XmlElement } from './xml.ts';

const AGGREGATE = 'urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2';
const BASIC = 'urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2';
const DATE = /^(\d{4}-\d{2}-\d{2})(?:Z|[+-]\d{2}:\d{2})?$/;
const ASK = 'Ask the sender for a corrected document.';

/** The currency that a document's amounts are read in. */
export interface UblCurrency {
  readonly code: string;
  readonly digits: number;
}

/**
 * Reads values out of one document and collects what is wrong with them, so that one pass names every problem.
 * A reader that must return something after a problem returns a stand-in; the document is refused anyway.
 */
export class UblReading {
  readonly file: string;
  readonly problems: ImportProblem[] = [];
  currency: UblCurrency = { code: 'XXX', digits: 2 };

  constructor(file: string) {
    this.file = file;
  }

  /** Aggregate children (`cac:`) of that name. */
  groups(parent: XmlElement | undefined, name: string): XmlElement[] {
    return parent?.children.filter((child) => child.name === name && child.namespace === AGGREGATE) ?? [];
  }

  /** The aggregate at the end of a path of names, the first of each. */
  group(parent: XmlElement | undefined, ...names: readonly string[]): XmlElement | undefined {
    return names.reduce((at, name) => this.groups(at, name)[0], parent);
  }

  /** Basic children (`cbc:`) of that name that say something. */
  fields(parent: XmlElement | undefined, name: string): XmlElement[] {
    return parent?.children.filter((c) => c.name === name && c.namespace === BASIC && c.text !== '') ?? [];
  }

  /** The one basic child of that name; a second one is a problem, because nothing says which counts. */
  field(parent: XmlElement | undefined, name: string): XmlElement | undefined {
    const [first, second] = this.fields(parent, name);
    if (second) this.problem(second, `${name} is given twice.`, { value: second.text });
    return first;
  }

  text(parent: XmlElement | undefined, name: string): string | undefined {
    return this.field(parent, name)?.text;
  }

  /** Text that the document cannot do without; `rule` says so. */
  required(parent: XmlElement, name: string, rule: string): string {
    return this.text(parent, name) ?? this.missing(parent, name, rule);
  }

  missing(parent: XmlElement, name: string, rule: string): string {
    this.problem(parent, `${name} is missing.`, { element: `${parent.path}/${name}`, rule });
    return '';
  }

  identifier(parent: XmlElement | undefined, name: string): UblIdentifier | undefined {
    const found = this.field(parent, name);
    return found && { id: found.text, ...optional('scheme', found.attributes.get('schemeID')) };
  }

  date(parent: XmlElement | undefined, name: string): string | undefined {
    const found = this.field(parent, name);
    if (!found) return undefined;
    const day = DATE.exec(found.text)?.[1];
    if (day !== undefined && isCalendarDate(day)) return day;
    this.problem(found, `“${quotable(found.text)}” is not a date.`, {
      value: quotable(found.text),
      hint: 'Dates are written year-month-day, for example 2026-11-23.',
    });
    return undefined;
  }

  period(parent: XmlElement | undefined): UblPeriod | undefined {
    const found = this.group(parent, 'InvoicePeriod');
    const period = {
      ...optional('start', this.date(found, 'StartDate')),
      ...optional('end', this.date(found, 'EndDate')),
    };
    return Object.keys(period).length === 0 ? undefined : period;
  }

  decimal(parent: XmlElement | undefined, name: string): Decimal | undefined {
    const found = this.field(parent, name);
    if (!found) return undefined;
    const value = readExact(found.text);
    if (!value) this.notANumber(found);
    return value;
  }

  decimalText(parent: XmlElement | undefined, name: string): string | undefined {
    const value = this.decimal(parent, name);
    return value && writeExact(value);
  }

  /** An amount in minor units of the document's currency, as written and never rounded. */
  amount(parent: XmlElement | undefined, name: string): number | undefined {
    const found = this.field(parent, name);
    return found && this.amountOf(found, this.currency);
  }

  requiredAmount(parent: XmlElement, name: string, rule: string): number {
    const found = this.field(parent, name);
    if (found) return this.amountOf(found, this.currency);
    this.missing(parent, name, rule);
    return 0;
  }

  amountOf(found: XmlElement, currency: UblCurrency): number {
    const given = found.attributes.get('currencyID') ?? currency.code;
    if (given !== currency.code) {
      this.problem(found, `The amount is in ${quotable(given)}, but the document is in ${currency.code}.`, {
        expected: currency.code,
        found: quotable(given),
        rule: 'BR-CL-03',
      });
      return 0;
    }
    const value = readExact(found.text);
    if (!value) return this.notANumber(found);
    const units = unitsExactly(value, currency.digits);
    if (units === undefined) return this.tooFine(found, currency);
    const minor = Number(units);
    return Math.abs(minor) > MOST_MINOR ? this.tooLarge(found, currency) : minor;
  }

  problem(at: XmlElement, reason: string, more: Partial<ImportProblem> = {}): void {
    this.problems.push({ file: this.file, line: at.line, element: at.path, reason, hint: ASK, ...more });
  }

  notANumber(found: XmlElement): number {
    this.problem(found, `“${quotable(found.text)}” is not a number.`, {
      value: quotable(found.text),
      hint: 'Numbers are written with digits and a point, for example 1234.50.',
    });
    return 0;
  }

  tooLarge(found: XmlElement, { code, digits }: UblCurrency): number {
    const most = `${writeScaled(BigInt(MOST_MINOR), digits)} ${code}`;
    this.problem(found, `“${quotable(found.text)}” is too large: the largest amount possible is ${most}.`, {
      value: quotable(found.text),
    });
    return 0;
  }

  tooFine(found: XmlElement, currency: UblCurrency): number {
    const reason = `“${quotable(found.text)}” is not an amount in ${currency.code}, which has ${currency.digits} decimals.`;
    this.problem(found, reason, { value: quotable(found.text), rule: 'BR-DEC' });
    return 0;
  }
}

function isCalendarDate(day: string): boolean {
  try {
    Temporal.PlainDate.from(day);
    return true;
  } catch {
    return false;
  }
}
