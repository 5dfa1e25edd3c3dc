/*
 * Numbers as people write them, read by one rule wherever they come from: typed into a form, its island, or a cell of a file.
 * Thousands may be grouped by threes or as in India (`1,25,000`), with points, commas, spaces or apostrophes; digits may be those of any script.
 */

export type DecimalMark = '.' | ',';

/** Plain decimal text (`1250.5`), or both readings of what may mean either: with the point as the decimal mark, and with the comma. */
export type NumberReading =
  | { readonly plain: string; readonly mark?: DecimalMark }
  | { readonly point: string; readonly comma: string };

/**
 * Reads an unsigned number. With a decimal mark the other sign can only group. Without one, `12,50` and `1.234,50` leave no doubt and name their
 * `mark`; `1.250` and `1,250` do. Undefined for what is no number.
 */
export function readNumber(text: string, mark?: DecimalMark): NumberReading | undefined {
  const tight = latinDigits(text.trim())
    .replace(/[.,][-–—]{1,2}$/u, '')
    .replaceAll(SPACES, ' ');
  const point = mark === ',' ? undefined : readWith('.', tight);
  const comma = mark === '.' ? undefined : readWith(',', tight);
  if (point !== undefined && comma !== undefined && /[.,]/.test(tight)) return { point, comma };
  const plain = point ?? comma;
  if (plain === undefined) return undefined;
  return /[.,]/.test(tight) ? { plain, mark: point === undefined ? ',' : '.' } : { plain };
}

/**
 * What people type for an amount, as minor units: with or without a currency sign, grouped or not, with the decimal mark of their language. The
 * other one is taken where it can be nothing else (`12,50` in English). Undefined for everything else, for more decimals than the
 * currency has (`digits`), and for what is no exact number any more. Islands read what is typed by the same rule.
 */
export function readAmount(text: string, digits: number, language: string): number | undefined {
  const bare = text
    .replaceAll(/\p{Cf}/gu, '')
    .trim()
    .replaceAll(SIGNS, '');
  const read = readNumber(bare, decimalMark(language)) ?? readNumber(bare);
  if (!read || !('plain' in read)) return undefined;
  const [whole = '', fraction = ''] = read.plain.split('.');
  if (fraction.length > digits) return undefined;
  const minor = Number(whole + fraction.padEnd(digits, '0'));
  return Number.isSafeInteger(minor) ? minor : undefined;
}

/** The same text with the digits, and the full-width signs, that this program calculates with: `１，２３４` and `١٬٢٣٤` are `1,234` and `1'234`. */
export function latinDigits(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return text
    .replaceAll(/[！-～]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replaceAll(/\p{Nd}/gu, (digit) => (/\d/.test(digit) ? digit : (nativeDigits().get(digit) ?? digit)))
    .replaceAll('٫', '.')
    .replaceAll('٬', "'");
}

/** The sign, code or name of a currency in front or behind. */
const SIGNS = /^[\p{Sc}\p{L}][\p{Sc}\p{L}.\s]*|\s*[\p{Sc}\p{L}][\p{Sc}\p{L}.\s]*$/gu;
const SPACES = /[\s'’_]/gu;

/** Thousands and what follows them: by threes, or by twos above the last three. The first group is not nothing. */
const grouped = (sign: string): string =>
  String.raw`[1-9]\d{0,2}(?:${sign}\d{3})+|[1-9]\d?(?:${sign}\d{2})+${sign}\d{3}`;

const SHAPES = { '.': shapeWith('\\.', ','), ',': shapeWith(',', '\\.') };

function shapeWith(decimal: string, group: string): RegExp {
  return new RegExp(`^(\\d*|${grouped(group)}|${grouped(' ')})(?:${decimal}(\\d*))?$`);
}

function readWith(mark: DecimalMark, tight: string): string | undefined {
  const [, whole = '', fraction = ''] = SHAPES[mark].exec(tight) ?? [];
  if (whole + fraction === '') return undefined;
  return `${whole.replaceAll(/[ .,]/g, '') || '0'}${fraction === '' ? '' : `.${fraction}`}`;
}

let native: ReadonlyMap<string, string> | undefined;

/** Every digit of every script that locale data knows → `0` … `9`. */
function nativeDigits(): ReadonlyMap<string, string> {
  native ??= new Map(
    Intl.supportedValuesOf('numberingSystem').flatMap((numberingSystem) => {
      const format = new Intl.NumberFormat('en', { numberingSystem, useGrouping: false });
      const written = [...format.format(9_876_543_210)];
      return written.length === 10 ? written.map((digit, i) => [digit, String(9 - i)] as const) : [];
    }),
  );
  return native;
}

function decimalMark(language: string): DecimalMark {
  const parts = new Intl.NumberFormat(language).formatToParts(1.5);
  return parts.find(({ type }) => type === 'decimal')?.value === ',' ? ',' : '.';
}
