import { describe, expect, test } from 'vitest';
import {
  englishOf,
  formatDecimal,
  formatPercent,
  formatPrice,
  localeOf,
  longDate,
  timeOfDay,
} from '#src/kernel/format.ts';

/** With the blanks that Intl writes (narrow, not to be broken) as plain ones. */
function plain(text: string): string {
  return text.replaceAll(/[\u00a0\u202f]/g, ' ');
}

describe('languages', () => {
  test('the first tag that is one counts, in its canonical form, and English where none is', () => {
    expect(localeOf('de-at', 'fr')).toBe('de-AT');
    expect(localeOf(undefined, '', 'no tag', 'pt-br')).toBe('pt-BR');
    expect(localeOf('not_a_tag', undefined)).toBe('en');
    expect(localeOf()).toBe('en');
  });

  test('English is that of the reader: the one of the language tag, American in the United States, British elsewhere', () => {
    expect(englishOf('en-AU')).toBe('en-AU');
    expect(englishOf('en-US')).toBe('en-US');
    expect(englishOf('es-US')).toBe('en-US');
    expect(englishOf('en')).toBe('en-GB');
    expect(englishOf('de-DE')).toBe('en-GB');
  });
});

describe('dates and times', () => {
  test('a date has its month in words, in the order that the reader is used to', () => {
    expect(longDate('2026-11-24', 'en-US')).toBe('November 24, 2026');
    expect(longDate('2026-11-24', 'de-DE')).toBe('24 November 2026');
  });

  test('years and figures are those of bank statements, whatever the country has', () => {
    expect(longDate('2026-11-24', 'th-TH')).toBe('24 November 2026');
    expect(longDate('2026-11-24', 'ar-EG')).toBe('24 November 2026');
    expect(plain(timeOfDay(Date.UTC(2026, 10, 24, 11, 5), 'Africa/Cairo', 'ar-EG'))).toBe('13:05 EET');
  });

  test('a time names its zone, and is of twelve hours only where people write so', () => {
    const noon = Date.UTC(2026, 10, 24, 11, 5);
    expect(plain(timeOfDay(noon, 'Europe/Berlin', 'de'))).toBe('12:05 CET');
    expect(plain(timeOfDay(noon + 3_600_000, 'America/New_York', 'en-US'))).toBe('7:05 AM EST');
  });
});

describe('numbers', () => {
  test('decimals have the separators of the language and no zeros at their end', () => {
    expect(formatDecimal('1234.50', 'en')).toBe('1,234.5');
    expect(formatDecimal('1234.50', 'de')).toBe('1.234,5');
    expect(formatDecimal('-0.000000000001', 'en')).toBe('\u22120.000000000001');
    expect(formatDecimal('+3', 'en')).toBe('3');
    expect(formatDecimal(' 7 ', 'en')).toBe('7');
    expect(formatDecimal('12', 'ar-EG')).toBe('12');
  });

  test('they stay exact where a binary fraction would not', () => {
    expect(formatDecimal('123456789012345678901234.123456789012', 'en')).toBe(
      '123,456,789,012,345,678,901,234.123456789012',
    );
    expect(plain(formatPercent('0.000000000001', 'en'))).toBe('0.000000000001%');
  });

  test('percentages are written as they are meant, not a hundredfold', () => {
    expect(formatPercent('19', 'en')).toBe('19%');
    expect(plain(formatPercent(' 7.5 ', 'de'))).toBe('7,5 %');
    expect(formatPercent('12', 'ar-EG')).toContain('12');
  });

  test('prices have at least the decimals of their currency, and all they were given', () => {
    expect(formatPrice('5', 'EUR', 'en')).toBe('€5.00');
    expect(formatPrice('0.0042', 'EUR', 'en')).toBe('€0.0042');
    expect(plain(formatPrice('1234.5', 'EUR', 'de'))).toBe('1.234,50 €');
    expect(formatPrice('1250', 'JPY', 'en')).toBe('¥1,250');
    expect(() => formatPrice('5', 'XYZ', 'en')).toThrow(
      expect.objectContaining({ code: 'unknown_currency' }),
    );
  });

  test('languages, currencies and kinds of number do not get into one another', () => {
    expect(formatDecimal('1.5', 'de')).toBe('1,5');
    expect(formatPercent('1.5', 'en')).toBe('1.5%');
    expect(formatDecimal('1.5', 'en')).toBe('1.5');
    expect(formatPrice('1.5', 'USD', 'en')).toBe('$1.50');
    expect(formatPrice('1.5', 'EUR', 'en')).toBe('€1.50');
  });

  test.each(['', 'a few', '1e5', '1,5', '0x10', '1.2.3', '9'.repeat(25), `0.${'1'.repeat(13)}`, 'x1', '1x'])(
    '“%s” is no decimal and stays as it is',
    (text) => {
      expect(formatDecimal(text, 'de')).toBe(text);
      expect(formatPercent(text, 'de')).toBe(text);
      expect(formatPrice(text, 'EUR', 'de')).toBe(text);
    },
  );
});
