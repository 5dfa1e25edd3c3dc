import { englishOf } from '#src/kernel/format.ts';
import { formatMoney, minorDigits, type Money, toDecimal } from '#src/kernel/money.ts';

/*
 * How dates, counts and amounts are written: amounts in the reader's language, dates in English (see `englishOf`). Civil dates (`YYYY-MM-DD`) have no zone of their own;
 * moments (epoch ms) are shown in the tenant's. Long dates, decimals and prices are the kernel's: documents write them alike.
 */

/** `23 Nov 2026`. */
export function shortDate(date: string, language: string): string {
  const key = `${language}|${date}`;
  const known = SHORT_DATES.get(key);
  if (known !== undefined) return known;
  const text = dateFormat(language).format(asUtc(date));
  if (SHORT_DATES.size >= MOST_SHORT_DATES) SHORT_DATES.clear();
  SHORT_DATES.set(key, text);
  return text;
}

/** A `<time>`: what machines read and what people read. */
export function dateWhen(date: string, language: string): { machine: string; text: string } {
  return { machine: date, text: shortDate(date, language) };
}

/** The day of a moment (epoch ms) in a time zone. */
export function momentWhen(
  atMs: number,
  timeZone: string,
  language: string,
): { machine: string; text: string } {
  const moment = Temporal.Instant.fromEpochMilliseconds(atMs);
  const date = moment.toZonedDateTimeISO(timeZone).toPlainDate().toString();
  return { machine: moment.toString(), text: shortDate(date, language) };
}

/** Among English words an amount that is written from right to left is isolated, so that neither turns the other's parts round. */
export function amount(money: Money, language: string): string {
  const text = formatMoney(money, language);
  return RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text;
}

const RIGHT_TO_LEFT = /[\u061c\u200f\p{Script=Arabic}\p{Script=Hebrew}]/u;

/** An amount as it stands in a field: without its currency, with the decimal sign of the language, ungrouped. */
export function decimalOf(money: Money, language: string): string {
  const minimumFractionDigits = minorDigits(money.currency);
  const options = { useGrouping: false, numberingSystem: 'latn', minimumFractionDigits } as const;
  return new Intl.NumberFormat(language, options).format(toDecimal(money) as Intl.StringNumericLiteral);
}

/** One or two letters that stand for a name. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s&.,/-]+/u).filter((word) => /^\p{L}|^\p{N}/u.test(word));
  const letters = words.slice(0, 2).map((word) => [...word][0]!.toUpperCase());
  return letters.join('') || [...name][0]?.toUpperCase() || '?';
}

/** Lists write the same days again and again, and Intl takes microseconds for each. */
const SHORT_DATES = new Map<string, string>();
const MOST_SHORT_DATES = 2000;
const DATE_FORMATS = new Map<string, Intl.DateTimeFormat>();

function dateFormat(language: string): Intl.DateTimeFormat {
  let format = DATE_FORMATS.get(language);
  if (!format) {
    format = new Intl.DateTimeFormat(englishOf(language), {
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      timeZone: 'UTC',
      numberingSystem: 'latn',
      calendar: 'gregory',
    });
    DATE_FORMATS.set(language, format);
  }
  return format;
}

function asUtc(date: string): number {
  return Date.parse(`${date}T00:00:00Z`);
}
