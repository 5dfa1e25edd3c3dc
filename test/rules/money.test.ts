import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDecimal, formatPercent, formatPrice, longDate } from '#src/kernel/format.ts';
import {
  divideRounded,
  multiplyDecimals,
  readDecimal,
  roundToScale,
  writeScaled,
} from '#src/kernel/decimal.ts';
import {
  add,
  allocate,
  assertSize,
  boundOf,
  compare,
  formatMoney,
  least,
  lineAmount,
  minorDigits,
  money,
  most,
  MOST_MINOR,
  negate,
  parseMoney,
  percentOf,
  subtract,
  sum,
  toDecimal,
  zero,
} from '#src/kernel/money.ts';
import { shortDate } from '#src/web/formatting.ts';

/** ISO 4217, the currencies in use, by the decimals of their minor unit (list one, without funds, metals and testing codes). */
const ISO_4217: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF',
  2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE
    CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW
    KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK
    PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS
    UAH USD UYU UZS VES WST XCD YER ZAR ZMW`,
  3: 'BHD IQD JOD KWD LYD OMR TND',
};
const currencies = Object.entries(ISO_4217).flatMap(([digits, codes]) =>
  codes.split(/\s+/).map((code) => [code, Number(digits)] as const),
);

const currency = fc.constantFrom('JPY', 'EUR', 'KWD');
const minor = fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 });
const decimalText = (whole: number, places: number) =>
  fc
    .tuple(
      fc.boolean(),
      fc.integer({ min: 0, max: whole }),
      fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: places }),
    )
    .map(([isNegative, units, fraction]) => `${isNegative ? '-' : ''}${units}${fraction && `.${fraction}`}`);

describe('splitting an amount', () => {
  const split = fc.record({
    amount: minor,
    weights: fc
      .array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 20 })
      .filter((weights) => weights.some((weight) => weight > 0)),
  });

  test('gives parts that add up to it, each within one minor unit of its exact share', () => {
    fc.assert(
      fc.property(split, ({ amount, weights }) => {
        const parts = allocate(money(amount, 'EUR'), weights).map((part) => part.minor);
        expect(parts.reduce((a, b) => a + b, 0)).toBe(amount);
        const whole = BigInt(weights.reduce((a, b) => a + b, 0));
        for (const [at, part] of parts.entries()) {
          const error = BigInt(part) * whole - BigInt(amount) * BigInt(weights[at]!);
          expect(error < whole && error > -whole).toBe(true);
          expect(weights[at]! > 0 || part === 0).toBe(true);
        }
      }),
    );
  });

  test('gives a heavier weight no less than a lighter one', () => {
    fc.assert(
      fc.property(split, ({ amount, weights }) => {
        const parts = allocate(money(Math.abs(amount), 'EUR'), weights);
        for (const [i, a] of weights.entries()) {
          for (const [j, b] of weights.entries())
            expect(a <= b || parts[i]!.minor >= parts[j]!.minor).toBe(true);
        }
      }),
    );
  });

  test('gives what is left over to the earlier of equals', () => {
    expect(allocate(money(100, 'EUR'), [1, 1, 1]).map((part) => part.minor)).toEqual([34, 33, 33]);
    expect(allocate(money(-100, 'EUR'), [1, 1, 1]).map((part) => part.minor)).toEqual([-34, -33, -33]);
    expect(allocate(money(1, 'JPY'), [1, 3]).map((part) => part.minor)).toEqual([0, 1]);
  });

  test.each([[[]], [[0]], [[0, 0]], [[-1, 2]], [[0.5, 0.5]], [[Number.NaN]], [[Number.MAX_SAFE_INTEGER, 1]]])(
    'takes no weights like %j',
    (weights) => {
      expect(() => allocate(money(100, 'EUR'), weights)).toThrow(RangeError);
    },
  );
});

describe('percentages and line amounts', () => {
  test('a percentage is exact, and rounded once, ties away from zero', () => {
    fc.assert(
      fc.property(minor, decimalText(200, 6), currency, (amount, percent, code) => {
        const [digits, scale] = exact(percent);
        const expected = rounded(BigInt(amount) * digits, 100n * 10n ** scale);
        expect(percentOf(money(amount, code), percent)).toEqual(money(Number(expected), code));
      }),
    );
  });

  test('unit cost × quantity is exact, and rounded once, ties away from zero', () => {
    fc.assert(
      fc.property(decimalText(1_000_000, 8), decimalText(10_000, 8), currency, (cost, quantity, code) => {
        const [a, b] = [exact(cost), exact(quantity)];
        const units = 10n ** BigInt(minorDigits(code));
        const expected = rounded(a[0] * b[0] * units, 10n ** (a[1] + b[1]));
        expect(lineAmount(cost, quantity, code)).toEqual(money(Number(expected), code));
      }),
    );
  });

  test.each([
    [50, '1', 1],
    [-50, '1', -1],
    [49, '1', 0],
    [-49, '1', 0],
    [1_000, '19', 190],
    [1_050, '5', 53],
    [-1_050, '5', -53],
  ])('%i minor units at %s percent are %i', (amount, percent, expected) => {
    expect(percentOf(money(amount, 'EUR'), percent).minor).toBe(expected);
  });

  test.each([
    ['1.005', '1', 'EUR', 101],
    ['-1.005', '1', 'EUR', -101],
    ['0.1', '3', 'EUR', 30],
    ['1.5', '1', 'JPY', 2],
    ['0.0005', '1', 'KWD', 1],
  ])('%s × %s %s is %i minor units', (cost, quantity, code, expected) => {
    expect(lineAmount(cost, quantity, code).minor).toBe(expected);
  });

  test.each(['', 'x', '1e2', '1,5', '5%', 'NaN', '.5', '5.'])('“%s” is refused', (text) => {
    const refusal = expect.objectContaining({ code: 'bad_amount', status: 422 });
    expect(() => percentOf(money(1, 'EUR'), text)).toThrow(refusal);
    expect(() => lineAmount(text, '1', 'EUR')).toThrow(refusal);
    expect(() => lineAmount('1', text, 'EUR')).toThrow(refusal);
  });
});

describe('reading and writing amounts', () => {
  test.each(currencies)(
    '%s has %i decimals, as ISO 4217 says, and what is written is read again',
    (code, digits) => {
      expect(minorDigits(code)).toBe(digits);
      for (const amount of [0, 1, -1, 5, 10, 99, 100, 12_345, -1_234_567, Number.MAX_SAFE_INTEGER]) {
        const written = toDecimal(money(amount, code));
        expect(parseMoney(written, code)).toEqual(money(amount, code));
        expect(written.split('.')[1]?.length ?? 0).toBe(digits);
        expect(
          formatMoney(money(amount, code), 'en')
            .replace(/[^\d.]/g, '')
            .replace(/^\.+/, ''),
        ).toBe(written.replace('-', ''));
      }
    },
  );

  test('every amount survives being written and read', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), currency, (amount, code) => {
        expect(parseMoney(toDecimal(money(amount, code)), code)).toEqual(money(amount, code));
      }),
    );
  });

  test('the largest amount is written to the last cent', () => {
    expect(formatMoney(money(Number.MAX_SAFE_INTEGER, 'EUR'), 'en')).toBe('€90,071,992,547,409.91');
    expect(formatMoney(money(123_450, 'EUR'), 'de').replaceAll('\u00a0', ' ')).toBe('1.234,50 €');
    expect(formatMoney(money(1_250, 'JPY'), 'en')).toBe('¥1,250');
  });

  test.each(['1.50', '+1.5', ' 1.5 ', '1.500', '01.50'])('“%s” is one and a half', (text) => {
    expect(parseMoney(text, 'EUR')).toEqual(money(150, 'EUR'));
  });

  test.each([
    '',
    ' ',
    '.',
    '1.',
    '.5',
    '1,50',
    '1 000',
    '1e3',
    '0x10',
    '--1',
    '+-1',
    'NaN',
    'Infinity',
    '１',
    '1.2.3',
    '€5',
    '1.005',
    '0.001',
    '90071992547409.92',
    '999999999999999999999999',
    '9'.repeat(40),
  ])('“%s” is no amount of euros', (text) => {
    expect(() => parseMoney(text, 'EUR')).toThrow(expect.objectContaining({ code: 'bad_amount' }));
  });

  test.each(['eur', 'EURO', '', 'XYZ', 'E R'])('“%s” is no currency', (code) => {
    const refusal = expect.objectContaining({ code: 'unknown_currency' });
    expect(() => minorDigits(code)).toThrow(refusal);
    expect(() => parseMoney('1', code)).toThrow(refusal);
    expect(() => toDecimal(money(1, code))).toThrow(refusal);
  });
});

describe('arithmetic', () => {
  test('mixing currencies is a bug and throws', () => {
    const [euro, dollar] = [money(1, 'EUR'), money(1, 'USD')];
    for (const mix of [add, subtract, compare, least, most])
      expect(() => mix(euro, dollar)).toThrow(TypeError);
    expect(() => sum([euro, dollar], 'EUR')).toThrow(TypeError);
    expect(() => sum([euro], 'USD')).toThrow(TypeError);
  });

  test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    '%d is no amount in minor units',
    (amount) => {
      expect(() => money(amount, 'EUR')).toThrow(RangeError);
    },
  );

  test('an amount that no longer fits throws instead of becoming inexact', () => {
    expect(() => add(money(Number.MAX_SAFE_INTEGER, 'EUR'), money(1, 'EUR'))).toThrow(RangeError);
    expect(() => subtract(money(-Number.MAX_SAFE_INTEGER, 'EUR'), money(1, 'EUR'))).toThrow(RangeError);
  });

  test('adding and subtracting undo one another, and zero has one form', () => {
    fc.assert(
      fc.property(minor, minor, (a, b) => {
        const [x, y] = [money(a, 'EUR'), money(b, 'EUR')];
        expect(subtract(add(x, y), y)).toEqual(x);
        expect(sum([x, y, negate(x), negate(y)], 'EUR')).toEqual(zero('EUR'));
        expect(compare(x, y)).toBe(Math.sign(a - b) + 0);
        expect([least(x, y).minor, most(x, y).minor]).toEqual([Math.min(a, b), Math.max(a, b)]);
      }),
    );
    expect(Object.is(negate(zero('EUR')).minor, 0)).toBe(true);
    expect(Object.is(parseMoney('-0', 'EUR').minor, 0)).toBe(true);
  });
});

describe('bounds', () => {
  test('one that is set once for every currency is never wider than it was set: a minimum goes up, a maximum down', () => {
    expect(bounds('0.50', 'EUR')).toEqual([50, 50]);
    expect(bounds('0.50', 'JPY')).toEqual([1, 0]);
    expect(bounds('0.50', 'KWD')).toEqual([500, 500]);
    expect(bounds('1.001', 'EUR')).toEqual([101, 100]);
    expect(bounds('1.009', 'EUR')).toEqual([101, 100]);
    expect(bounds('1.000', 'EUR')).toEqual([100, 100]);
    expect(bounds('2.0', 'JPY')).toEqual([2, 2]);
    expect(bounds('25', 'EUR')).toEqual([2500, 2500]);
    for (const text of ['', 'much', '90071992547409.92'])
      expect(() => boundOf(text, 'EUR', 'up')).toThrow(expect.objectContaining({ code: 'bad_amount' }));
  });

  test('the largest amount is allowed in either direction, one minor unit more is not', () => {
    for (const amount of [MOST_MINOR, -MOST_MINOR, 0]) expect(() => assertSize(amount, 'EUR')).not.toThrow();
    for (const amount of [MOST_MINOR + 1, -MOST_MINOR - 1])
      expect(() => assertSize(amount, 'EUR')).toThrow(
        expect.objectContaining({ code: 'amount_too_large', details: { most: '100000000000.00 EUR' } }),
      );
    expect(() => assertSize(MOST_MINOR + 1, 'JPY')).toThrow('10000000000000 JPY');
  });
});

describe('decimals', () => {
  test('what is read is written again, digit for digit', () => {
    fc.assert(
      fc.property(decimalText(Number.MAX_SAFE_INTEGER, 12), (text) => {
        const value = readDecimal(text)!;
        const isZero = /^-?[0.]+$/.test(text);
        expect(writeScaled(value.digits, value.scale)).toBe(isZero ? text.replace('-', '') : text);
      }),
    );
  });

  test.each([
    [5n, 10n, 1n],
    [-5n, 10n, -1n],
    [4n, 10n, 0n],
    [-4n, 10n, 0n],
    [15n, 10n, 2n],
    [-25n, 10n, -3n],
    [1n, 3n, 0n],
    [2n, 3n, 1n],
  ])('%d ÷ %d is %d', (numerator, denominator, expected) => {
    expect(divideRounded(numerator, denominator)).toBe(expected);
  });

  test('products are exact and widen or round to a scale', () => {
    const product = multiplyDecimals(readDecimal('1.25')!, readDecimal('-0.3')!);
    expect(writeScaled(product.digits, product.scale)).toBe('-0.375');
    expect([0, 1, 2, 3, 4].map((scale) => roundToScale(product, scale))).toEqual([
      0n,
      -4n,
      -38n,
      -375n,
      -3750n,
    ]);
  });

  test('too many digits are not read', () => {
    expect(readDecimal('9'.repeat(24))).toBeDefined();
    expect(readDecimal('9'.repeat(25))).toBeUndefined();
    expect(readDecimal(`0.${'1'.repeat(13)}`)).toBeUndefined();
  });
});

/** A minimum and a maximum of this, in minor units. */
function bounds(text: string, code: string): number[] {
  return (['up', 'down'] as const).map((direction) => boundOf(text, code, direction).minor);
}

/** A decimal text as digits and how many of them stand behind the point, read by other means than the kernel's. */
function exact(text: string): [bigint, bigint] {
  const [whole = '', fraction = ''] = text.split('.');
  return [BigInt(whole + fraction === '-' ? '0' : whole + fraction), BigInt(fraction.length)];
}

/** Long division, ties away from zero. */
function rounded(numerator: bigint, denominator: bigint): bigint {
  const size = numerator < 0n ? -numerator : numerator;
  const up = (size % denominator) * 2n >= denominator ? 1n : 0n;
  const result = size / denominator + up;
  return numerator < 0n ? -result : result;
}

test.each([
  'ar-EG',
  'ar-SA',
  'fa-IR',
  'bn-BD',
  'mr-IN',
  'my-MM',
  'ne-NP',
  'en-US-u-nu-arab',
  'th-TH-u-nu-thai',
])('%s has one set of figures for everything that is counted', (locale) => {
  const written = [
    formatMoney(money(123_456_789, 'EGP'), locale),
    formatPrice('1234.567', 'EGP', locale),
    formatDecimal('9876543.21', locale),
    formatPercent('19', locale),
    longDate('2026-11-30', locale),
    shortDate('2026-11-30', locale),
  ].join(' ');
  expect(written.match(/\p{Nd}/gu)?.filter((digit) => !/[0-9]/.test(digit))).toEqual([]);
});
