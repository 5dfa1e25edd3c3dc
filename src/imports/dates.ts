import { latinDigits } from '#src/kernel/amount-text.ts';
import { isPlausibleYear, YEARS } from '#src/kernel/time.ts';
import type { Complaint } from './problems.ts';
import { quotable } from './problems.ts';

/** In which order day, month and year stand in a date written with numbers. */
export type DateOrder = 'ymd' | 'dmy' | 'mdy';

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

function day(text: string, year = '', month = '', date = ''): string | Complaint {
  const full = year.length === 2 ? `${Number(year) < 70 ? '20' : '19'}${year}` : year;
  const padded = `${full}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`;
  const last = DAYS[Number(month)] ?? 0;
  const leap = Number(full) % 4 === 0 && (Number(full) % 100 !== 0 || Number(full) % 400 === 0);
  const most = month.padStart(2, '0') === '02' && leap ? 29 : last;
  if (Number(date) < 1 || Number(date) > most) return notADate(text);
  return isPlausibleYear(Number(full)) ? padded : implausibleYear(text, full);
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
