import { divideRounded, multiplyDecimals, readDecimal, roundToScale, writeScaled } from './decimal.ts';
import { refuse } from './errors.ts';

/**
 * An amount in integer minor units of one ISO 4217 currency (upper case): `{ minor: 1250, currency: 'EUR' }` is €12.50.
 * Mixing currencies is a bug and throws; the largest amount is 2^53 - 1 minor units.
 */
export interface Money {
  readonly minor: number;
  readonly currency: string;
}

/** The most (minor units) that one document, payment or correction may come to, so that whatever is issued can also be paid. */
export const MOST_MINOR = 10 ** 13;

export function money(minor: number, currency: string): Money {
  if (!Number.isSafeInteger(minor)) throw new RangeError(`not an amount in minor units: ${minor}`);
  return { minor: minor === 0 ? 0 : minor, currency };
}

export function zero(currency: string): Money {
  return money(0, currency);
}

export function add(a: Money, b: Money): Money {
  return money(a.minor + sameCurrency(a, b).minor, a.currency);
}

export function subtract(a: Money, b: Money): Money {
  return money(a.minor - sameCurrency(a, b).minor, a.currency);
}

export function negate(a: Money): Money {
  return money(-a.minor, a.currency);
}

export function sum(amounts: Iterable<Money>, currency: string): Money {
  let total = zero(currency);
  for (const amount of amounts) total = add(total, amount);
  return total;
}

export function compare(a: Money, b: Money): -1 | 0 | 1 {
  const difference = a.minor - sameCurrency(a, b).minor;
  return difference < 0 ? -1 : difference > 0 ? 1 : 0;
}

export function least(a: Money, b: Money): Money {
  return compare(a, b) <= 0 ? a : b;
}

export function most(a: Money, b: Money): Money {
  return compare(a, b) >= 0 ? a : b;
}

export const isZero = (a: Money): boolean => a.minor === 0;
export const isPositive = (a: Money): boolean => a.minor > 0;
export const isNegative = (a: Money): boolean => a.minor < 0;

/**
 * Splits an amount by weights so that the parts add up to it exactly (largest remainder; ties go to the earlier part).
 * Weights are non-negative integers with a positive sum.
 */
export function allocate(total: Money, weights: readonly number[]): Money[] {
  const whole = weights.reduce((a, b) => a + b, 0);
  if (!Number.isSafeInteger(whole) || whole <= 0 || weights.some((w) => w < 0)) {
    throw new RangeError('weights must be non-negative integers with a positive sum');
  }
  const size = BigInt(Math.abs(total.minor));
  const shares = weights.map((w) => ({
    units: (size * BigInt(w)) / BigInt(whole),
    rest: (size * BigInt(w)) % BigInt(whole),
  }));
  let missing = size - shares.reduce((a, share) => a + share.units, 0n);
  const byRest = shares
    .map((_, i) => i)
    .toSorted((i, j) => Number(shares[j]!.rest - shares[i]!.rest) || i - j);
  for (const i of byRest) {
    if (missing === 0n) break;
    shares[i]!.units += 1n;
    missing -= 1n;
  }
  const sign = total.minor < 0 ? -1 : 1;
  return shares.map((share) => money(sign * Number(share.units), total.currency));
}

/** `percent` is decimal text (`'19'`, `'7.5'`); the result is rounded to the minor unit, ties away from zero. Refuses `bad_amount`. */
export function percentOf(base: Money, percent: string): Money {
  const rate = readDecimal(percent) ?? refuse('bad_amount', { value: percent });
  const product = multiplyDecimals({ digits: BigInt(base.minor), scale: 0 }, rate);
  return money(toSafe(divideRounded(product.digits, 100n * 10n ** BigInt(product.scale))), base.currency);
}

/** Unit cost × quantity, both decimal text in major units, rounded to the minor unit, ties away from zero. Refuses `bad_amount`. */
export function lineAmount(unitCost: string, quantity: string, currency: string): Money {
  const cost = readDecimal(unitCost) ?? refuse('bad_amount', { value: unitCost });
  const count = readDecimal(quantity) ?? refuse('bad_amount', { value: quantity });
  return money(toSafe(roundToScale(multiplyDecimals(cost, count), minorDigits(currency))), currency);
}

/** Decimal major units (`'1234.50'`) to money. Refuses `bad_amount` for anything else, also for more decimals than the currency has. */
export function parseMoney(text: string, currency: string): Money {
  const value = readDecimal(text) ?? refuse('bad_amount', { value: text });
  const digits = minorDigits(currency);
  const minor = roundToScale(value, digits);
  if (value.scale > digits && minor * 10n ** BigInt(value.scale - digits) !== value.digits) {
    refuse('bad_amount', { value: text });
  }
  return money(toSafe(minor), currency);
}

/**
 * A bound that is set once for every currency (`'0.50'`), in this one: what is finer than its minor unit is rounded, a minimum up and a maximum
 * down. Refuses `bad_amount` for text that is no amount.
 */
export function boundOf(text: string, currency: string, rounded: 'up' | 'down'): Money {
  const { digits, scale } = readDecimal(text) ?? refuse('bad_amount', { value: text });
  const finer = scale - minorDigits(currency);
  if (finer <= 0) return money(toSafe(digits * 10n ** BigInt(-finer)), currency);
  const unit = 10n ** BigInt(finer);
  const whole = digits / unit;
  return money(toSafe(rounded === 'up' && digits % unit > 0n ? whole + 1n : whole), currency);
}

/** `'1234.50'`: decimal major units with exactly the currency's decimals. */
export function toDecimal(amount: Money): string {
  return writeScaled(BigInt(amount.minor), minorDigits(amount.currency));
}

/** `'1234.50 EUR'`: for sentences to merchants, in no language. */
export function amountText(amount: Money): string {
  return `${toDecimal(amount)} ${amount.currency}`;
}

/** Refuses `bad_amount`, naming the amount in major units: minor ones are nobody's language but ours. */
export function refuseAmount(minor: number, currency: string): never {
  return refuse('bad_amount', {
    value: Number.isSafeInteger(minor) ? amountText(money(minor, currency)) : String(minor),
  });
}

/** As people of the locale write it, in Latin figures like everything else that is counted: `€1,234.50`, `1.234,50 €`, `−€10.00`. */
export function formatMoney(amount: Money, locale: string): string {
  const key = `${locale}|${amount.currency}|${amount.minor}`;
  const known = WRITTEN.get(key);
  if (known !== undefined) return known;
  // Decimal text keeps amounts beyond 2^53 / 100 exact; NumberFormat reads it without a binary fraction.
  const text = withMinus(
    formatter(locale, amount.currency).format(toDecimal(amount) as Intl.StringNumericLiteral),
  );
  if (WRITTEN.size >= MOST_WRITTEN) WRITTEN.clear();
  WRITTEN.set(key, text);
  return text;
}

/** A figure with the minus sign that printers use, as wide as a plus: U+2212 where locales have a hyphen. */
export function withMinus(figure: string): string {
  return figure.replace('-', '\u2212');
}

/** Lists write the same amounts again and again, and Intl takes microseconds for each. */
const WRITTEN = new Map<string, string>();
const MOST_WRITTEN = 5000;

/** Refuses `amount_too_large` for more minor units, in either direction, than one document, payment or correction may come to. */
export function assertSize(minor: number, currency: string): void {
  if (Math.abs(minor) <= MOST_MINOR) return;
  refuse('amount_too_large', { most: `${toDecimal(money(MOST_MINOR, currency))} ${currency}` });
}

/** Decimals of the currency's minor unit (ISO 4217): 0 for JPY, 2 for EUR, 3 for KWD. Refuses `unknown_currency`. */
export function minorDigits(currency: string): number {
  const digits = DIGITS.get(currency);
  if (digits !== undefined) return digits;
  if (!CURRENCIES.has(currency)) refuse('unknown_currency', { currency });
  // ISO 4217 differs from CLDR in a handful of currencies whose coins went out of use; money moves by ISO 4217.
  const found =
    ISO_DIGITS[currency] ?? formatter('en', currency).resolvedOptions().maximumFractionDigits ?? 2;
  DIGITS.set(currency, found);
  return found;
}

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));
const DIGITS = new Map<string, number>();
const ISO_DIGITS: Record<string, number> = {
  AFN: 2, ALL: 2, COP: 2, CRC: 2, HUF: 2, IDR: 2, IQD: 3, IRR: 2, KPW: 2, LAK: 2, LBP: 2, MGA: 2, MMK: 2, MUR: 2,
  NOK: 2, PKR: 2, RSD: 2, SEK: 2, SLE: 2, SOS: 2, SYP: 2, TWD: 2, TZS: 2, UZS: 2, YER: 2, CZK: 2, GYD: 2, MRU: 2, MNT: 2,
}; // prettier-ignore
const FORMATTERS = new Map<string, Intl.NumberFormat>();

function formatter(locale: string, currency: string): Intl.NumberFormat {
  const key = `${locale}|${currency}`;
  let format = FORMATTERS.get(key);
  if (!format) {
    const digits = ISO_DIGITS[currency];
    const fraction =
      digits === undefined ? {} : { minimumFractionDigits: digits, maximumFractionDigits: digits };
    format = new Intl.NumberFormat(locale, {
      style: 'currency',
      numberingSystem: 'latn',
      currency,
      ...fraction,
    });
    FORMATTERS.set(key, format);
  }
  return format;
}

function sameCurrency(a: Money, b: Money): Money {
  if (a.currency !== b.currency) throw new TypeError(`cannot mix ${a.currency} and ${b.currency}`);
  return b;
}

function toSafe(units: bigint): number {
  const number = Number(units);
  if (!Number.isSafeInteger(number)) refuse('bad_amount', { value: units.toString() });
  return number;
}
