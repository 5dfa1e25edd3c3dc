/**
 * Exact decimal numbers as `digits × 10^-scale`, for quantities, unit prices and percentages.
 * Text in, text out; nothing here ever becomes a binary fraction.
 */
export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

const DECIMAL = /^([+-]?)(\d{1,24})(?:\.(\d{1,12}))?$/;

/** Reads `-12.345`; no exponent, no grouping, at most 24 digits before and 12 behind the point. Otherwise undefined. */
export function readDecimal(text: string): Decimal | undefined {
  const parts = DECIMAL.exec(text.trim());
  if (!parts) return undefined;
  const fraction = parts[3] ?? '';
  const digits = BigInt(parts[2] + fraction);
  return { digits: parts[1] === '-' ? -digits : digits, scale: fraction.length };
}

/** The exact product. */
export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale };
}

/** The integer `value × 10^toScale`, ties rounded away from zero. */
export function roundToScale(value: Decimal, toScale: number): bigint {
  if (value.scale <= toScale) return value.digits * 10n ** BigInt(toScale - value.scale);
  return divideRounded(value.digits, 10n ** BigInt(value.scale - toScale));
}

/** `numerator ÷ denominator` as an integer, ties rounded away from zero. The denominator is positive. */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  const size = numerator < 0n ? -numerator : numerator;
  const rounded = (size * 2n + denominator) / (denominator * 2n);
  return numerator < 0n ? -rounded : rounded;
}

/** `1234`, scale 2 → `12.34`; the scale decides how many decimals are written. */
export function writeScaled(units: bigint, scale: number): string {
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  if (scale === 0) return sign + digits;
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
