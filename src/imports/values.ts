import { isLanguage } from '#src/kernel/language.ts';
import { Refusal } from '#src/kernel/errors.ts';
import { minorDigits } from '#src/kernel/money.ts';
import { readExact, writeExact } from './exact.ts';
import type { Complaint } from './problems.ts';
import { quotable } from './problems.ts';

/** In which order day, month and year stand in a date written with numbers. */
export type DateOrder = 'ymd' | 'dmy' | 'mdy';
export type DecimalMark = '.' | ',';

const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
const TIME = String.raw`(?:[T\s]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[AaPp][Mm])?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?)?`;
const YEAR_FIRST = new RegExp(String.raw`^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})${TIME}$`);
const YEAR_LAST = new RegExp(String.raw`^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})${TIME}$`);
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/;
const NAMED = new RegExp(String.raw`^(\d{1,2})[ .-]+([A-Za-z]{3,9})\.?[ ,-]+(\d{4})${TIME}$`);
const NAMED_FIRST = new RegExp(String.raw`^([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})${TIME}$`);
const MAIL = /^[^\s@<>(),;:"[\]\\]+@[^\s@<>(),;:"[\]\\.]+(?:\.[^\s@<>(),;:"[\]\\.]+)+$/u;

/**
 * A date as `YYYY-MM-DD`. Year first, a written month, or a day above 12 leave no doubt, and numbers with dots are day first;
 * for others the order must be told. A time of day is dropped: the date is taken as written.
 */
export function readDay(text: string, order?: DateOrder): string | Complaint {
  const trimmed = text.trim();
  const first = YEAR_FIRST.exec(trimmed);
  if (first) return day(trimmed, first[1], first[3], first[4]);
  const packed = COMPACT.exec(trimmed);
  if (packed) return day(trimmed, packed[1], packed[2], packed[3]);
  const named = NAMED.exec(trimmed);
  if (named) return day(trimmed, named[3], monthNumber(named[2]), named[1]);
  const american = NAMED_FIRST.exec(trimmed);
  if (american) return day(trimmed, american[3], monthNumber(american[1]), american[2]);
  const last = YEAR_LAST.exec(trimmed);
  return last
    ? yearLast(trimmed, last[1] ?? '', last[3] ?? '', last[4] ?? '', last[2] ?? '', order)
    : notADate(trimmed);
}

/**
 * A number of major units as plain decimal text. Grouping is understood where it cannot be mistaken (`1,234.50`, `1.234,50`,
 * `1 234,50`, `1'234.50`); `1,234` could be either and must be told. Parentheses or a minus sign make it negative.
 */
export function readAmount(text: string, mark?: DecimalMark, currency?: string): string | Complaint {
  const bare = withoutSymbol(text.trim(), currency);
  const negative = /^\(.*\)$/.test(bare) || /^[-−]|-$/.test(bare);
  const digits = bare.replace(/^\((.*)\)$/, '$1').replace(/^[-−+]\s*|\s*-$/g, '');
  const plain = ungroup(withoutSymbol(digits, currency), mark);
  if (plain === undefined) return notAnAmount(text);
  if (typeof plain !== 'string') return plain;
  const value = readExact(plain);
  if (!value) return notAnAmount(text);
  return writeExact(negative ? { digits: -value.digits, scale: value.scale } : value);
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
  const padded = `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`;
  const last = DAYS[Number(month)] ?? 0;
  const leap = Number(year) % 4 === 0 && (Number(year) % 100 !== 0 || Number(year) % 400 === 0);
  const most = month.padStart(2, '0') === '02' && leap ? 29 : last;
  const exists = Number(date) >= 1 && Number(date) <= most && Number(year) >= 1000;
  return exists ? padded : notADate(text);
}

const DAYS: readonly number[] = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function monthNumber(name = ''): string {
  const lower = name.toLowerCase();
  return String(
    MONTHS.findIndex(
      (month) =>
        lower === month || lower === month.slice(0, 3) || (lower === 'sept' && month === 'september'),
    ) + 1,
  );
}

function yearLast(
  text: string,
  a: string,
  b: string,
  year: string,
  separator: string,
  order?: DateOrder,
): string | Complaint {
  const known = order === 'ymd' ? undefined : order;
  const full = year.length === 4 ? year : known ? `20${year}` : undefined;
  if (full === undefined) return ambiguousDate(text);
  if (known === 'dmy') return day(text, full, b, a);
  if (known === 'mdy') return day(text, full, a, b);
  if (separator === '.' || Number(a) > 12) return day(text, full, b, a);
  if (Number(b) > 12 || Number(a) === Number(b)) return day(text, full, a, b);
  return ambiguousDate(text);
}

function ambiguousDate(text: string): Complaint {
  const reason = `“${quotable(text)}” can be read in more than one way.`;
  return { reason, hint: 'Say which with --dates dmy or --dates mdy, or write it as year-month-day.' };
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

/** The digits with a point, a complaint when they are ambiguous, undefined when they are no number. */
function ungroup(digits: string, mark: DecimalMark | undefined): string | Complaint | undefined {
  const tight = digits.replace(/(?<=\d)[\s'’](?=\d{3}(?!\d))/g, '');
  if (/^(\d+\.?\d*|\.\d+)$/.test(tight) && (mark !== ',' || !tight.includes('.'))) return tight;
  const grouped = (group: string, decimal: string) =>
    new RegExp(`^\\d{1,3}(\\${group}\\d{3})+(\\${decimal}\\d+)?$`).test(tight);
  if (
    mark !== ',' &&
    grouped(',', '.') &&
    (mark === '.' || tight.includes('.') || tight.split(',').length > 2)
  ) {
    return tight.replaceAll(',', '');
  }
  if (
    mark !== '.' &&
    grouped('.', ',') &&
    (mark === ',' || tight.includes(',') || tight.split('.').length > 2)
  ) {
    return tight.replaceAll('.', '').replace(',', '.');
  }
  if (!/^\d*,\d+$/.test(tight) || mark === '.') return undefined;
  if (mark === ',' || !grouped(',', '.')) return tight.replace(',', '.');
  const reason = `“${quotable(digits)}” may mean ${tight.replace(',', '')} or ${tight.replace(',', '.')}.`;
  return { reason, hint: 'Say which with --decimal . or --decimal , or write a point and no grouping.' };
}

/** Without the currency's own code or symbol in front or behind; other letters and signs stay and make it no number. */
function withoutSymbol(text: string, currency: string | undefined): string {
  if (currency === undefined || /^[\d\s.,'-]*$/.test(text)) return text;
  for (const mark of [currency, ...symbolOf(currency)]) {
    const sign = /^([-−(]?)\s*/.exec(text)?.[1] ?? '';
    const rest = text.slice(sign.length).trim();
    if (mark !== '' && rest.toUpperCase().startsWith(mark)) return sign + rest.slice(mark.length).trim();
    if (mark !== '' && text.toUpperCase().endsWith(mark)) return text.slice(0, -mark.length).trim();
  }
  return text;
}

const SYMBOLS = new Map<string, readonly string[]>();

function symbolOf(currency: string): readonly string[] {
  const known = SYMBOLS.get(currency);
  if (known) return known;
  const shown = (['symbol', 'narrowSymbol'] as const).map((currencyDisplay) =>
    new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay })
      .formatToParts(0)
      .filter((part) => part.type === 'currency')
      .map((part) => part.value.toUpperCase())
      .join(''),
  );
  SYMBOLS.set(currency, shown);
  return shown;
}
