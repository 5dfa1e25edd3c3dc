import { type DecimalMark, latinDigits, readNumber } from '#src/kernel/amount-text.ts';
import { Refusal } from '#src/kernel/errors.ts';
import { isLanguage } from '#src/kernel/language.ts';
import { minorDigits } from '#src/kernel/money.ts';
import { readExact, writeExact } from './exact.ts';
import type { Complaint } from './problems.ts';
import { quotable } from './problems.ts';

const MAIL = /^[^\s@<>(),;:"[\]\\]+@[^\s@<>(),;:"[\]\\.]+(?:\.[^\s@<>(),;:"[\]\\.]+)+$/u;

/**
 * A number of major units as plain decimal text. Grouping is understood where it cannot be mistaken (`1,234.50`, `1.234,50`,
 * `1 234,50`, `1'234.50`, `1,25,000`); `1,234` and `1.234` could be either and must be told. Parentheses or a minus sign make it negative.
 */
export function readMajorUnits(text: string, mark?: DecimalMark, currency?: string): string | Complaint {
  const { number, isNegative } = signedNumber(text, currency);
  const read = readNumber(number, mark);
  if (!read) return notAnAmount(text, currency);
  if (!('plain' in read)) return ambiguousNumber(text, read);
  const value = readExact(read.plain);
  if (!value) return notAnAmount(text);
  return writeExact(isNegative ? { digits: -value.digits, scale: value.scale } : value);
}

/** The decimal mark that a number proves by itself, whatever stands around it: `€ 12,50` the comma, `1,234,567` the point. */
export function provenMark(text: string): DecimalMark | undefined {
  const read = readNumber(latinDigits(text).replaceAll(/^\D+|[^\d]+$/g, ''));
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

function notAnAmount(text: string, currency?: string): Complaint {
  if (currency !== undefined && /\p{Sc}/u.test(text)) {
    const reason = `“${quotable(text)}” is not an amount in ${currency}.`;
    return { reason, hint: 'Say the currency with --currency, or in a column “currency”.' };
  }
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
