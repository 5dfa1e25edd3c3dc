import type { BankDetails } from './gateway.ts';

/** The country whose accounts have routing numbers and are debited by ACH. */
export const ACH_COUNTRY = 'US';

/** An IBAN without spaces, in capitals. */
export function cleanIban(text: string): string {
  return text.replace(/[\s-]/g, '').toUpperCase();
}

/** The check digits of an IBAN (ISO 13616: modulo 97). */
export function hasValidIban(text: string): boolean {
  const iban = cleanIban(text);
  if (!/^[A-Z]{2}\d{2}[0-9A-Z]{11,30}$/.test(iban)) return false;
  const moved = iban.slice(4) + iban.slice(0, 4);
  const digits = moved.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  return [...digits].reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0) === 1;
}

/** The check digit of a routing number of the American Bankers Association. */
export function hasValidRouting(number: string): boolean {
  if (!/^\d{9}$/.test(number)) return false;
  const weights = [3, 7, 1];
  return [...number].reduce((sum, digit, i) => sum + Number(digit) * weights[i % 3]!, 0) % 10 === 0;
}

/** Where an account is held, by ISO 3166: an IBAN says so, a routing number is American. */
export function countryOfAccount({ iban }: BankDetails): string {
  return iban === undefined ? ACH_COUNTRY : cleanIban(iban).slice(0, 2);
}
