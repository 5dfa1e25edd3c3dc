import { type DecimalMark, latinDigits, readNumber } from '#src/kernel/amount-text.ts';
import { Refusal } from '#src/kernel/errors.ts';
import { minorDigits } from '#src/kernel/money.ts';
import { readExact, writeExact } from './exact.ts';
import type { Complaint } from './problems.ts';
import { quotable } from './problems.ts';

/** In which order day, month and year stand in a date written with numbers. */
export type DateOrder = 'ymd' | 'dmy' | 'mdy';

/** The years that documents are from. What is outside is a typing mistake, or another calendar: 2569, 1447 and 1404 are years of our time. */
const YEARS = { first: 1970, last: 2099 };

const TIME = String.raw`(?:(?:T|,?\s+)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?`;
const WEEKDAY = String.raw`(?:\p{L}+\.?,?\s+)?`;
const MONTH = String.raw`([\p{L}\p{M}]{3,15})\.?`;
const YEAR = String.raw`(\d{4,6}|\d{2})`;
const YEAR_FIRST = new RegExp(
  String.raw`^(\d{4,6})\s?([-/.年])\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})[.日]?${TIME}$`,
);
const YEAR_LAST = new RegExp(String.raw`^(\d{1,2})([-/.])\s?(\d{1,2})\2\s?${YEAR}${TIME}$`);
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/;
const NAMED = new RegExp(
  String.raw`^${WEEKDAY}(\d{1,2})(?:st|nd|rd|th|er|º|\.)?[\s-]+(?:de |of |d’|d')?${MONTH}(?: de|,)?[\s-]+${YEAR}${TIME}$`,
  'u',
);
const NAMED_FIRST = new RegExp(
  String.raw`^${WEEKDAY}${MONTH}[\s-]+(\d{1,2})(?:st|nd|rd|th)?(?:,? |-)${YEAR}${TIME}$`,
  'u',
);
const NAMED_BETWEEN = new RegExp(String.raw`^(\d{4})[\s-]+${MONTH}[\s-]+(\d{1,2})${TIME}$`, 'u');
const MAIL = /^[^\s@<>(),;:"[\]\\]+@[^\s@<>(),;:"[\]\\.]+(?:\.[^\s@<>(),;:"[\]\\.]+)+$/u;

/**
 * A date as `YYYY-MM-DD`. Year first, a written month (in a language of Europe), or a day above 12 leave no doubt, and numbers with dots are day
 * first; for others the order must be told. Two digits of a year are from 1970 to 2069. A time of day is dropped: the date is taken as written.
 */
export function readDay(text: string, order?: DateOrder): string | Complaint {
  const trimmed = latinDigits(text.trim());
  const first = YEAR_FIRST.exec(trimmed);
  if (first) return day(trimmed, first[1], first[3], first[4]);
  const packed = COMPACT.exec(trimmed);
  if (packed) return day(trimmed, packed[1], packed[2], packed[3]);
  const named = NAMED.exec(trimmed);
  if (named) return day(trimmed, named[3], monthNumber(named[2]), named[1]);
  const american = NAMED_FIRST.exec(trimmed);
  if (american) return day(trimmed, american[3], monthNumber(american[1]), american[2]);
  const between = NAMED_BETWEEN.exec(trimmed);
  if (between) return day(trimmed, between[1], monthNumber(between[2]), between[3]);
  const last = YEAR_LAST.exec(trimmed);
  if (last) return yearLast(trimmed, [last[1] ?? '', last[3] ?? '', last[4] ?? ''], last[2] ?? '', order);
  return /^\d{5}(\.\d+)?$/.test(trimmed) ? spreadsheetDay(trimmed) : notADate(trimmed);
}

/** The order that a date written with numbers proves by itself: a day above 12 in one place, and four digits of a year in another. */
export function provenOrder(text: string): DateOrder | undefined {
  const [, a = '', , b = '', year = ''] = YEAR_LAST.exec(latinDigits(text.trim())) ?? [];
  if (year.length !== 4) return undefined;
  if (Number(a) > 12 && Number(b) <= 12) return 'dmy';
  return Number(b) > 12 && Number(a) <= 12 ? 'mdy' : undefined;
}

/**
 * A number of major units as plain decimal text. Grouping is understood where it cannot be mistaken (`1,234.50`, `1.234,50`,
 * `1 234,50`, `1'234.50`, `1,25,000`); `1,234` and `1.234` could be either and must be told. Parentheses or a minus sign make it negative.
 */
export function readAmount(text: string, mark?: DecimalMark, currency?: string): string | Complaint {
  const { number, isNegative } = signedNumber(text, currency);
  const read = readNumber(number, mark);
  if (!read) return notAnAmount(text);
  if (!('plain' in read)) return ambiguousNumber(text, read);
  const value = readExact(read.plain);
  if (!value) return notAnAmount(text);
  return writeExact(isNegative ? { digits: -value.digits, scale: value.scale } : value);
}

/** The decimal mark that a number proves by itself: `12,50` the comma, `1,234,567` the point. */
export function provenMark(text: string, currency?: string): DecimalMark | undefined {
  const read = readNumber(signedNumber(text, currency).number);
  return read && 'mark' in read ? read.mark : undefined;
}

/** A percentage as plain decimal text, with or without its sign. */
export function readPercent(text: string, mark?: DecimalMark): string | Complaint {
  const bare = text.trim().replace(/\s*[%％٪]$/u, '');
  // Nobody grants thousands of percent: three digits behind either sign are decimals.
  const read = readNumber(bare.replace(/^-/, ''), mark);
  const value =
    read && readExact('plain' in read ? read.plain : bare.includes(',') ? read.comma : read.point);
  return value
    ? writeExact(bare.startsWith('-') ? { ...value, digits: -value.digits } : value)
    : notAnAmount(text);
}

/** ISO 4217, in capitals. */
export function readCurrencyCode(text: string): string | Complaint {
  const code = text.trim().toUpperCase();
  try {
    minorDigits(code);
    return code;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { reason: error.message, hint: error.hint };
  }
}

/** One address, letters of any alphabet (RFC 6531); the host in lower case. */
export function readEmail(text: string): string | Complaint {
  const trimmed = text.trim().replace(/^mailto:/i, '');
  if (!MAIL.test(trimmed) || trimmed.length > 254) {
    const reason = `“${quotable(text)}” is not an e-mail address.`;
    return { reason, hint: 'Give one address, such as name@example.com; add further ones as contacts.' };
  }
  const at = trimmed.lastIndexOf('@');
  return trimmed.slice(0, at) + trimmed.slice(at).toLowerCase();
}

/** A language tag; `de_AT`, as programs write it, is `de-AT`. */
export function readLanguage(text: string): string | Complaint {
  const tag = text.trim().replaceAll('_', '-');
  if (isLanguage(tag)) return tag;
  const reason = `“${quotable(text)}” is not a language tag.`;
  return { reason, hint: 'Write it as en, de-AT or the like, or leave the cell empty.' };
}

function day(text: string, year = '', month = '', date = ''): string | Complaint {
  const full = year.length === 2 ? `${Number(year) < 70 ? '20' : '19'}${year}` : year;
  const padded = `${full}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`;
  const last = DAYS[Number(month)] ?? 0;
  const leap = Number(full) % 4 === 0 && (Number(full) % 100 !== 0 || Number(full) % 400 === 0);
  const most = month.padStart(2, '0') === '02' && leap ? 29 : last;
  if (Number(date) < 1 || Number(date) > most) return notADate(text);
  return isPlausibleYear(Number(full)) ? padded : implausibleYear(text, full);
}

/** Whether documents are from that year. */
export function isPlausibleYear(year: number): boolean {
  return year >= YEARS.first && year <= YEARS.last;
}

const DAYS: readonly number[] = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

let months: ReadonlyMap<string, number> | undefined;

/** `0` for what is no month. */
function monthNumber(name = ''): string {
  months ??= monthNames();
  return String(months.get(plainMonth(name)) ?? 0);
}

/** Languages whose months are read besides English; a name that two of them give to different months is not read. */
const LANGUAGES = [
  'en', 'de', 'de-AT', 'fr', 'es', 'it', 'nl', 'pt', 'da', 'sv', 'nb', 'fi', 'pl', 'cs', 'sk', 'hu', 'ro', 'tr', 'et', 'sl', 'lt', 'lv', 'id', 'ca',
  'ru', 'uk', 'bg', 'el',
]; // prettier-ignore

/** Full and short names, alone and within a date, of every language → 1 … 12. */
function monthNames(): ReadonlyMap<string, number> {
  const names = new Map<string, number>([['sept', 9]]);
  for (const [language, month, style, withDay] of everyMonthName()) {
    const date = new Date(Date.UTC(2026, month - 1, 15));
    const options = {
      timeZone: 'UTC',
      month: style,
      ...(withDay ? { day: 'numeric' as const } : {}),
    } as const;
    const parts = new Intl.DateTimeFormat(language, options).formatToParts(date);
    const name = plainMonth(parts.find(({ type }) => type === 'month')?.value ?? '');
    const known = names.get(name);
    names.set(name, known === undefined || known === month ? month : 0);
  }
  return names;
}

function everyMonthName() {
  const all = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
  const styles = (['long', 'short'] as const).flatMap((style) => [
    [style, false] as const,
    [style, true] as const,
  ]);
  return LANGUAGES.flatMap((language) =>
    all.flatMap((month) => styles.map(([style, withDay]) => [language, month, style, withDay] as const)),
  );
}

function plainMonth(name: string): string {
  return name
    .normalize('NFD')
    .toLowerCase()
    .replaceAll(/[^\p{L}]/gu, '');
}

function yearLast(
  text: string,
  [a, b, c]: readonly [string, string, string],
  separator: string,
  order?: DateOrder,
): string | Complaint {
  const readings = {
    dmy: day(text, c, b, a),
    mdy: day(text, c, a, b),
    ymd: day(text, a.padStart(2, '0'), b, c),
  };
  if (order === 'dmy' || separator === '.') return readings.dmy;
  if (order === 'mdy') return readings.mdy;
  if (order === 'ymd' && c.length === 2) return readings.ymd;
  const possible = c.length === 2 ? Object.values(readings) : [readings.dmy, readings.mdy];
  const days = new Set(possible.filter((one) => typeof one === 'string'));
  if (days.size > 1) return ambiguousDate(text);
  return [...days][0] ?? (Number(b) > 12 ? readings.mdy : readings.dmy);
}

function ambiguousDate(text: string): Complaint {
  const reason = `“${quotable(text)}” can be read in more than one way.`;
  return { reason, hint: 'Say which with --dates dmy or --dates mdy, or write it as year-month-day.' };
}

function implausibleYear(text: string, year: string): Complaint {
  const reason = `“${quotable(text)}” would be in the year ${Number(year)}, which no document is from.`;
  return {
    reason,
    hint: `Write the year as in 2026; years from ${YEARS.first} to ${YEARS.last} are taken.`,
  };
}

function spreadsheetDay(text: string): Complaint {
  const reason = `“${quotable(text)}” is not a date, but may be the day number of a spreadsheet.`;
  return { reason, hint: 'Format the column as a date there, and export it again.' };
}

function notADate(text: string): Complaint {
  const reason = `“${quotable(text)}” is not a date we can read.`;
  return { reason, hint: 'Write it as year-month-day, for example 2026-11-23.' };
}

function notAnAmount(text: string): Complaint {
  return {
    reason: `“${quotable(text)}” is not a number.`,
    hint: 'Write it with digits and a point, for example 1234.50.',
  };
}

function ambiguousNumber(text: string, { point, comma }: { point: string; comma: string }): Complaint {
  const reason = `“${quotable(text)}” may mean ${point} or ${comma}.`;
  return { reason, hint: 'Say which with --decimal . or --decimal , or write a point and no grouping.' };
}

/** The number without its sign and its currency's, and whether it is negative: by a minus in front or behind, or by parentheses. */
function signedNumber(text: string, currency: string | undefined): { number: string; isNegative: boolean } {
  const bare = withoutSymbol(latinDigits(text.replaceAll(/\p{Cf}/gu, '').trim()), currency);
  const inner = /^\((.*)\)$/.exec(bare)?.[1]?.trim();
  const unsigned =
    inner ??
    bare
      .replace(MINUS_BEFORE, '')
      .replace(MINUS_BEHIND, '')
      .replace(/^\+\s*/, '');
  const isNegative = inner !== undefined || MINUS_BEFORE.test(bare) || MINUS_BEHIND.test(bare);
  return { number: withoutSymbol(unsigned, currency), isNegative };
}

/** A hyphen of any kind, a dash or a minus; behind a number, not the dash that stands for no cents. */
const MINUS_BEFORE = /^[-‐‑–−]\s*/;
const MINUS_BEHIND = /(?<![.,])\s*[-–−]$/;

/** Without the currency's own code or symbol in front or behind; other letters and signs stay and make it no number. */
function withoutSymbol(text: string, currency: string | undefined): string {
  if (currency === undefined || /^[\d\s.,'-]*$/.test(text)) return text;
  const upper = text.toUpperCase();
  const lead = /^[-‐‑–−(]?\s*/.exec(text)?.[0] ?? '';
  for (const mark of symbolsOf(currency)) {
    if (upper.startsWith(mark, lead.length))
      return lead.trim() + text.slice(lead.length + mark.length).trim();
    if (upper.endsWith(mark)) return text.slice(0, -mark.length).trim();
  }
  return text;
}

/** What people write besides the symbols that locale data knows. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  INR: ['RS.', 'RS'], PKR: ['RS.', 'RS'], LKR: ['RS.', 'RS'], NPR: ['RS.', 'RS'], TRY: ['TL'], CHF: ['FR.', 'SFR.', 'FR'],
  CNY: ['元', 'RMB', '￥', '¥'], JPY: ['円', '￥', '¥'], KRW: ['원', '￦'], RUB: ['РУБ.', 'Р.'], USD: ['US$'], PLN: ['ZŁ'],
}; // prettier-ignore
/** Languages in which a currency's symbol may be written. */
const AT_HOME = [
  'en', 'de', 'fr', 'es', 'it', 'nl', 'pt-BR', 'da', 'sv', 'nb', 'fi', 'is', 'pl', 'cs', 'sk', 'hu', 'ro', 'bg', 'hr', 'sr', 'el', 'ru', 'uk', 'tr',
  'he', 'ar', 'fa', 'hi', 'ja', 'zh-CN', 'ko', 'th', 'vi', 'id', 'ms', 'fil', 'en-ZA', 'en-CA', 'en-AU',
]; // prettier-ignore
const SYMBOLS = new Map<string, readonly string[]>();

/** Code and symbols in capitals, the longest first: `US$` before `$`. */
function symbolsOf(currency: string): readonly string[] {
  const known = SYMBOLS.get(currency);
  if (known) return known;
  const shown = AT_HOME.flatMap((language) =>
    (['symbol', 'narrowSymbol'] as const).map((currencyDisplay) =>
      new Intl.NumberFormat(language, { style: 'currency', currency, currencyDisplay })
        .formatToParts(0)
        .filter((part) => part.type === 'currency')
        .map((part) => part.value.replaceAll(/\p{Cf}/gu, '').toUpperCase())
        .join(''),
    ),
  );
  const all = new Set([currency, ...(ALIASES[currency] ?? []), ...shown]);
  const found = [...all].filter((mark) => mark !== '').toSorted((a, b) => b.length - a.length);
  SYMBOLS.set(currency, found);
  return found;
}
