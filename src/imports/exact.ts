import type { Decimal } from '#src/kernel/decimal.ts';

/** An integer quotient rounded to the nearest; at an exact tie `other` is the neighbour that rounding the other way gives. */
export interface Rounded {
  readonly value: bigint;
  readonly other: bigint;
}

const EXACT = /^([+-]?)(\d*)(?:\.(\d*))?$/;
const LONGEST = 60;

/**
 * Reads a decimal as XML Schema writes it (`12`, `-0.5`, `.5`, `5.`), without exponent or grouping, up to 60 digits.
 * Files of other programs carry more decimals than our own amounts do; nothing is rounded here. Otherwise undefined.
 */
export function readExact(text: string): Decimal | undefined {
  const parts = EXACT.exec(text.trim());
  if (!parts) return undefined;
  const fraction = (parts[3] ?? '').replace(/0+$/, '');
  const digits = `${parts[2]}${fraction}`;
  if (`${parts[2]}${parts[3] ?? ''}` === '' || digits.length > LONGEST) return undefined;
  const size = BigInt(digits === '' ? '0' : digits);
  return { digits: parts[1] === '-' ? -size : size, scale: fraction.length };
}

export function addExact(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { digits: atScale(a, scale) + atScale(b, scale), scale };
}

export function negateExact(a: Decimal): Decimal {
  return { digits: -a.digits, scale: a.scale };
}

export function sameExact(a: Decimal, b: Decimal): boolean {
  const scale = Math.max(a.scale, b.scale);
  return atScale(a, scale) === atScale(b, scale);
}

/** `a ÷ b` rounded to an integer, ties away from zero; `b` is not zero. */
export function divideNearest(a: bigint, b: bigint): Rounded {
  const [n, d] = b < 0n ? [-a, -b] : [a, b];
  const sign = n < 0n ? -1n : 1n;
  const size = n * sign;
  const down = size / d;
  const rest = (size % d) * 2n;
  if (rest < d) return { value: down * sign, other: down * sign };
  return { value: (down + 1n) * sign, other: (rest === d ? down : down + 1n) * sign };
}

/** `a × b ÷ c` as an integer at `scale` decimals, rounded once at the end; `c` is not zero. */
export function multiplyDivide(a: Decimal, b: Decimal, c: Decimal, scale: number): Rounded {
  const above = a.digits * b.digits * 10n ** BigInt(c.scale + scale);
  const below = c.digits * 10n ** BigInt(a.scale + b.scale);
  return divideNearest(above, below);
}

/** The value in units of `10^-scale`, or undefined when it has more decimals than that. */
export function unitsExactly(value: Decimal, scale: number): bigint | undefined {
  if (value.scale <= scale) return atScale(value, scale);
  const below = 10n ** BigInt(value.scale - scale);
  return value.digits % below === 0n ? value.digits / below : undefined;
}

/** Minor units as a safe integer, or undefined when finer than the currency or too large to hold. */
export function minorExactly(value: Decimal, scale: number): number | undefined {
  const units = unitsExactly(value, scale);
  if (units === undefined) return undefined;
  const minor = Number(units);
  return Number.isSafeInteger(minor) ? minor : undefined;
}

/** Decimal text without trailing zeros: `-0.5`, `410`. */
export function writeExact(value: Decimal): string {
  const sign = value.digits < 0n ? '-' : '';
  const digits = (value.digits < 0n ? -value.digits : value.digits).toString().padStart(value.scale + 1, '0');
  const whole = digits.slice(0, digits.length - value.scale);
  const fraction = digits.slice(digits.length - value.scale).replace(/0+$/, '');
  return `${sign === '-' && value.digits === 0n ? '' : sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

function atScale(value: Decimal, scale: number): bigint {
  return value.digits * 10n ** BigInt(scale - value.scale);
}
