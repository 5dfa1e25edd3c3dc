import type { CardDetails, DeclineCode } from './gateway.ts';

/** Brands by the first digits (ISO/IEC 7812 issuer ranges), with what a person calls them. */
const BRANDS: ReadonlyArray<readonly [RegExp, string]> = [
  [/^4/, 'Visa'],
  [/^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, 'Mastercard'],
  [/^3[47]/, 'American Express'],
  [/^(6011|65|64[4-9])/, 'Discover'],
  [/^3(0[0-5]|[689])/, 'Diners Club'],
  [/^35/, 'JCB'],
  [/^62/, 'UnionPay'],
];

/** `Visa ending 4242`. */
export function cardLabel(number: string): string {
  return `${cardBrand(number)} ending ${number.slice(-4)}`;
}

export function cardBrand(number: string): string {
  return BRANDS.find(([range]) => range.test(number))?.[1] ?? 'Card';
}

/** The check digit of a card number (ISO/IEC 7812, Luhn). `number` is digits alone. */
export function hasValidCheckDigit(number: string): boolean {
  let sum = 0;
  for (let i = 0; i < number.length; i++) {
    const digit = Number(number[number.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** The form field that a decline's reason belongs beside; undefined when it concerns the card as a whole. */
export function fieldOfDecline(code: DeclineCode): keyof CardDetails | undefined {
  if (code === 'card_number_invalid') return 'number';
  if (code === 'card_expired') return 'expYear';
  if (code === 'card_cvc_wrong') return 'cvc';
  return undefined;
}
