import type { BankDetails, DeclineCode } from './gateway.ts';

/** What a documented test number does when it is charged. `refuses` cannot even be kept; `declines` can, but every charge fails. */
export type TestBehaviour =
  | { readonly does: 'works' | 'challenge' | 'clears' | 'bounces' }
  | { readonly does: 'declines' | 'refuses'; readonly code: DeclineCode; readonly message: string };

interface TestNumber {
  readonly number: string;
  /** What it does, in a few words. */
  readonly does: string;
  readonly behaviour: TestBehaviour;
}

/** What the documented card numbers do. Every other number with a valid check digit is a card that works. */
export const TEST_CARDS: readonly TestNumber[] = [
  failing(
    'declines',
    '4000000000000069',
    'Is declined',
    'card_declined',
    'Your card was declined. Use another card, or ask your bank why.',
  ),
  failing(
    'refuses',
    '4000000000000127',
    'Has a wrong security code',
    'card_cvc_wrong',
    'The security code is not right. It is the three or four digits printed apart from the number.',
  ),
  failing(
    'declines',
    '4000000000009995',
    'Has too little money',
    'insufficient_funds',
    'There is not enough money on this card. Use another one, or pay less.',
  ),
  failing(
    'refuses',
    '4000000000000101',
    'Has expired',
    'card_expired',
    'This card has expired. Use another one.',
  ),
  { number: '4000002760003184', does: 'Asks to confirm (3-D Secure)', behaviour: { does: 'challenge' } },
  {
    number: '4000000000000077',
    does: 'Takes days to clear, like a bank transfer',
    behaviour: { does: 'clears' },
  },
];

const ACCOUNT_REFUSED = 'This bank account cannot be debited. Check the numbers, or use another account.';

/** What the documented bank accounts do: account numbers of routing number 110000000 or 123123123, and IBANs. Every other one works. */
export const TEST_ACCOUNTS: readonly TestNumber[] = [
  failing(
    'declines',
    '123123456',
    'Is declined',
    'bank_debit_failed',
    'Your bank declined the debit. Use another account.',
  ),
  { number: '123123893', does: 'Takes days, then succeeds', behaviour: { does: 'clears' } },
  { number: '000222222227', does: 'Takes days, then fails', behaviour: { does: 'bounces' } },
  failing('refuses', '000111111116', 'Cannot be debited', 'bank_account_invalid', ACCOUNT_REFUSED),
  { number: 'DE89370400440532013000', does: 'Takes days, then succeeds', behaviour: { does: 'clears' } },
  { number: 'DE62370400440532013001', does: 'Takes days, then fails', behaviour: { does: 'bounces' } },
];

export function behaviourOfCard(number: string): TestBehaviour {
  return TEST_CARDS.find((card) => card.number === number)?.behaviour ?? { does: 'works' };
}

export function behaviourOfAccount({ iban, account }: BankDetails): TestBehaviour {
  const number = (iban ?? account ?? '').replaceAll(/\s/g, '').toUpperCase();
  return TEST_ACCOUNTS.find((one) => one.number === number)?.behaviour ?? { does: 'works' };
}

/** For the payment page of a demonstration. */
export const TEST_CARD_HINTS: ReadonlyArray<{ readonly number: string; readonly what: string }> = [
  { number: '4242 4242 4242 4242', what: 'Works' },
  ...TEST_CARDS.filter(({ number }) => number === '4000002760003184' || number === '4000000000000069').map(
    ({ number, does }) => ({ number: number.replace(/(\d{4})(?=\d)/g, '$1 '), what: does }),
  ),
];

/** The same for bank accounts, by the way they are debited. */
export const TEST_ACCOUNT_HINTS = {
  ach: [
    { number: '110000000', what: 'Routing number' },
    { number: '123456789', what: 'Account that works' },
    { number: '123123893', what: 'Account that takes days, then succeeds' },
  ],
  direct_debit: [
    { number: 'DE75 5121 0800 1245 1261 99', what: 'Works' },
    { number: 'DE89 3704 0044 0532 0130 00', what: 'Takes days, then succeeds' },
    { number: 'DE62 3704 0044 0532 0130 01', what: 'Takes days, then fails' },
  ],
} as const;

function failing(
  does: 'declines' | 'refuses',
  number: string,
  what: string,
  code: DeclineCode,
  message: string,
): TestNumber {
  return { number, does: what, behaviour: { does, code, message } };
}
