import { readDecimal } from './decimal.ts';
import { minorDigits, withMinus } from './money.ts';

/*
 * How people of a language write dates and numbers. The portal speaks English: numbers and amounts follow the reader's language, dates only its
 * order of day and month, because the name of a month in another language makes no English sentence. Figures are always Latin ones of the Gregorian calendar, because documents are
 * compared with bank statements and other programs. Decimal text stays decimal text: nothing becomes a binary fraction.
 */

/** The first tag that is well-formed BCP 47, in its canonical form (`de-AT`); `en` when none is. */
export function localeOf(...tags: ReadonlyArray<string | undefined>): string {
  for (const tag of tags) {
    const found = canonical(tag);
    if (found) return found;
  }
  return 'en';
}

/** A civil date `YYYY-MM-DD` written out, in English: `24 November 2026`, for Americans `November 24, 2026`. */
export function longDate(date: string, locale: string): string {
  return dateFormat(locale).format(Temporal.PlainDate.from(date));
}

/** The time of day of a moment (epoch ms) in an IANA time zone, which it names: `12:15 CET`. */
export function timeOfDay(atMs: number, timeZone: string, locale: string): string {
  const options = {
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
    numberingSystem: 'latn',
  } as const;
  return new Intl.DateTimeFormat(englishOf(locale), { ...options, timeZone }).format(atMs);
}

/** Decimal text with the locale's separators and no trailing zeros: `1,234.5`. Text that is no decimal stays as it is. */
export function formatDecimal(text: string, locale: string): string {
  return write(text, `${locale}|decimal`, () => new Intl.NumberFormat(locale, LATIN));
}

/** A percentage given as decimal text: `'19'` → `19%`, `19 %`. */
export function formatPercent(percent: string, locale: string): string {
  // Intl multiplies by a hundred; moving the point in the text is exact, and Intl reads the text exactly.
  const hundredth = readDecimal(percent) ? `${percent.trim()}e-2` : percent;
  return write(hundredth, `${locale}|percent`, () => {
    return new Intl.NumberFormat(locale, { ...LATIN, style: 'percent' });
  });
}

/**
 * A price in major units as decimal text, with the currency's decimals at least and as many more as it was priced with: `€0.0042`,
 * `1.234,50 €`. Text that is no decimal stays as it is. Refuses `unknown_currency`.
 */
export function formatPrice(text: string, currency: string, locale: string): string {
  const minimumFractionDigits = minorDigits(currency);
  return write(text, `${locale}|${currency}`, () => {
    const options = { ...LATIN, style: 'currency', currency, minimumFractionDigits } as const;
    return new Intl.NumberFormat(locale, options);
  });
}

const LATIN = { numberingSystem: 'latn', maximumFractionDigits: 14 } as const;
const NUMBERS = new Map<string, Intl.NumberFormat>();
const DATES = new Map<string, Intl.DateTimeFormat>();

function canonical(tag: string | undefined): string | undefined {
  if (!tag) return undefined;
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined;
  }
}

/**
 * The English that a reader of this language is used to. Plain `en` would mean the United States, where the month comes first and days have
 * twelve hours twice: only who lives there writes so.
 */
export function englishOf(locale: string): string {
  const { language, region } = new Intl.Locale(locale);
  if (language === 'en' && region !== undefined) return locale;
  return region === 'US' ? 'en-US' : 'en-GB';
}

function dateFormat(locale: string): Intl.DateTimeFormat {
  let format = DATES.get(locale);
  if (!format) {
    format = new Intl.DateTimeFormat(englishOf(locale), {
      dateStyle: 'long',
      calendar: 'gregory',
      numberingSystem: 'latn',
    });
    DATES.set(locale, format);
  }
  return format;
}

function write(text: string, key: string, make: () => Intl.NumberFormat): string {
  if (!/^[+-]?\d{1,24}(\.\d{1,12})?(e-2)?$/.test(text.trim())) return text;
  let format = NUMBERS.get(key);
  if (!format) NUMBERS.set(key, (format = make()));
  return withMinus(format.format(text.trim().replace(/^\+/, '') as Intl.StringNumericLiteral));
}
