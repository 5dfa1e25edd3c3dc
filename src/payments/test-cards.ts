import type { GatewayReply } from './gateway.ts';

interface TestCard {
  readonly number: string;
  /** What it does, in a few words. */
  readonly does: string;
  readonly reply: 'challenge' | 'processing' | Extract<GatewayReply, { state: 'declined' }>;
}

/** What the documented test numbers do. Every other number with a valid check digit is a card that works. */
export const TEST_CARDS: readonly TestCard[] = [
  card(
    '4000000000000069',
    'Is declined',
    'card_declined',
    'Your card was declined. Use another card, or ask your bank why.',
  ),
  card(
    '4000000000000127',
    'Has a wrong security code',
    'card_cvc_wrong',
    'The security code is not right. It is the three or four digits printed apart from the number.',
  ),
  card(
    '4000000000009995',
    'Has too little money',
    'insufficient_funds',
    'There is not enough money on this card. Use another one, or pay less.',
  ),
  card('4000000000000101', 'Has expired', 'card_expired', 'This card has expired. Use another one.'),
  { number: '4000002760003184', does: 'Asks to confirm (3-D Secure)', reply: 'challenge' },
  { number: '4000000000000077', does: 'Takes days to clear, like a bank transfer', reply: 'processing' },
];

/** For the payment page of a demonstration. */
export const TEST_CARD_HINTS: ReadonlyArray<{ readonly number: string; readonly what: string }> = [
  { number: '4242 4242 4242 4242', what: 'Works' },
  ...TEST_CARDS.filter(
    ({ reply }) => reply === 'challenge' || (reply !== 'processing' && reply.code === 'card_declined'),
  ).map(({ number, does }) => ({
    number: number.replace(/(\d{4})(?=\d)/g, '$1 '),
    what: does,
  })),
];

function card(
  number: string,
  does: string,
  code: Extract<GatewayReply, { state: 'declined' }>['code'],
  message: string,
): TestCard {
  return { number, does, reply: { state: 'declined', code, message } };
}
