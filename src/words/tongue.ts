import { englishOf, formatDecimal, formatPercent, formatPrice } from '../kernel/format.ts';
import { formatMoney, type Money } from '../kernel/money.ts';
import { type Choice, type Direction, directionOf, type Language } from './languages.ts';

/** The forms of a message by the plural categories of CLDR that its language has; `#` stands for the count. `other` is always there. */
export type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string };

/**
 * What a catalogue says with: how one reader's language counts, joins and writes what is filled in. Figures are Latin ones of the Gregorian calendar, because
 * documents are compared with bank statements and other programs. What is filled in never turns the parts of the sentence around it.
 */
export interface Tongue {
  readonly language: Language;
  /** BCP 47, what dates and numbers are written for. */
  readonly locale: string;
  readonly direction: Direction;
  /** The form for a count, with the count written in place of `#`. */
  plural(count: number, forms: PluralForms): string;
  /** `€1,234.50`, with U+2212 for less than zero. */
  money(amount: Money): string;
  /** A price in major units as decimal text, with as many decimals as it has: `€0.0042`. Refuses `unknown_currency`. */
  price(text: string, currency: string): string;
  /** A civil date `YYYY-MM-DD` written out: `November 24, 2026`. */
  date(date: string): string;
  /** The same, short: `Nov 24, 2026`. */
  day(date: string): string;
  /** The time of a moment (epoch ms) in an IANA zone, which it names. */
  time(atMs: number, timeZone: string): string;
  /** How long ago a moment is; both epoch ms. */
  ago(atMs: number, nowMs: number): string;
  /** Decimal text, such as a quantity. */
  decimal(text: string): string;
  /** Decimal text in percent: `19%`. */
  percent(text: string): string;
  /** A name, number or address that somebody else wrote, kept apart from the direction of the words around it. */
  name(text: string): string;
}

export function tongueFor({ language, locale }: Choice): Tongue {
  const direction = directionOf(language);
  const spoken = spokenLocale(language, locale);
  const counting = new Intl.PluralRules(spoken);
  const figures = new Intl.NumberFormat(locale, LATIN);
  const long = dates(spoken, { dateStyle: 'long' });
  const short = dates(spoken, { dateStyle: 'medium' });
  const relative = new Intl.RelativeTimeFormat(spoken, { numeric: 'auto', ...LATIN });
  const plural = (count: number, forms: PluralForms): string =>
    (forms[counting.select(count)] ?? forms.other).replaceAll('#', figures.format(count));
  const apart = (text: string): string => isolated(text, direction);
  return {
    language,
    locale,
    direction,
    plural,
    money: (amount) => apart(formatMoney(amount, locale)),
    price: (text, currency) => apart(formatPrice(text, currency, locale)),
    date: long,
    day: short,
    time: (atMs, timeZone) => timeOf(spoken, atMs, timeZone),
    ago: (atMs, nowMs) => agoIn(relative, atMs, nowMs),
    decimal: (text) => formatDecimal(text, locale),
    percent: (text) => apart(formatPercent(text, locale)),
    name: apart,
  };
}

/**
 * What the words of dates, lists and counts are written for: the language of the sentence. Somebody spoken to in English instead of their own
 * language reads amounts as they are used to, but no month of another language in an English sentence.
 */
function spokenLocale(language: Language, locale: string): string {
  if (language === 'en-US' || language === 'en-GB') return englishOf(locale);
  return new Intl.Locale(locale).language === language ? locale : language;
}

const LATIN = { numberingSystem: 'latn' } as const;

/** U+2068 … U+2069 (Unicode UAX #9) around what runs, or could run, against the words beside it; what it holds cannot end that. */
export function isolated(text: string, direction: Direction): string {
  const runsAgainst = direction === 'rtl' ? text !== '' : RIGHT_TO_LEFT.test(text);
  return runsAgainst ? `\u2068${text.replace(ISOLATES, '')}\u2069` : text;
}

const ISOLATES = /[\u2066-\u2069]/g;

const RIGHT_TO_LEFT =
  /[\u061c\u200f\u202b\u202e\u2067\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

/** Lists write the same days again and again, and Intl takes microseconds for each. */
function dates(locale: string, style: Intl.DateTimeFormatOptions): (date: string) => string {
  const format = new Intl.DateTimeFormat(locale, {
    ...style,
    timeZone: 'UTC',
    calendar: 'gregory',
    ...LATIN,
  });
  const known = new Map<string, string>();
  return (date) => {
    const before = known.get(date);
    if (before !== undefined) return before;
    const text = format.format(Date.parse(`${Temporal.PlainDate.from(date).toString()}T00:00:00Z`));
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(date, text);
    return text;
  };
}

const MOST_KNOWN = 2000;

function timeOf(locale: string, atMs: number, timeZone: string): string {
  const options = { hour: 'numeric', minute: '2-digit', timeZoneName: 'short' } as const;
  return new Intl.DateTimeFormat(locale, { ...options, ...LATIN, timeZone }).format(atMs);
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

function agoIn(relative: Intl.RelativeTimeFormat, atMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - atMs) / 1000));
  if (seconds < 1.5 * MINUTE) return relative.format(0, 'minute');
  if (seconds < 1.5 * HOUR) return relative.format(-Math.round(seconds / MINUTE), 'minute');
  if (seconds < 1.5 * DAY) return relative.format(-Math.round(seconds / HOUR), 'hour');
  return relative.format(-Math.round(seconds / DAY), 'day');
}
