import type { Stripe } from 'stripe';
import { minorDigits, type Money, money } from '../kernel/money.ts';
import type {
  DeclineCode,
  GatewayReply,
  MethodKind,
  RefundReply,
  SavedInstrument,
} from '../payments/gateways/gateway.ts';

export type Declined = Extract<GatewayReply, { state: 'declined' }>;
type Problem = Pick<Stripe.PaymentIntent.LastPaymentError, 'code' | 'decline_code'>;

/** Currencies that Stripe counts in other units than ISO 4217, with the decimals it takes; see its list of zero-decimal currencies. */
const DECIMALS: Readonly<Record<string, number>> = { ISK: 2, UGX: 2, MGA: 0 };

/** What the payer reads, in the house's words. */
const SENTENCES: Readonly<Record<DeclineCode, string>> = {
  card_number_invalid: 'This card number is not complete or has a typing mistake.',
  card_expired: 'This card has expired. Use another one.',
  card_cvc_wrong:
    'The security code is not right. It is the three or four digits printed apart from the number.',
  card_declined: 'Your card was declined. Use another card, or ask your bank why.',
  insufficient_funds: 'There is not enough money on this card. Use another one, or pay less.',
  authentication_failed: 'Your bank could not confirm that it was you. Try again, or use another card.',
  bank_account_invalid: 'This bank account cannot be debited. Check the numbers, or use another account.',
  bank_debit_failed: 'Your bank returned the debit. Use another account, or pay by card.',
  method_gone: 'This payment method is no longer there. Choose another one.',
  canceled: 'The payment was not finished in time, so nothing was charged.',
};

/** Stripe's error and decline codes by what a form must know of them. What is not listed is a card or debit that was declined. */
const CODES: Readonly<Record<string, DeclineCode>> = {
  incorrect_number: 'card_number_invalid',
  invalid_number: 'card_number_invalid',
  expired_card: 'card_expired',
  invalid_expiry_month: 'card_expired',
  invalid_expiry_year: 'card_expired',
  incorrect_cvc: 'card_cvc_wrong',
  invalid_cvc: 'card_cvc_wrong',
  insufficient_funds: 'insufficient_funds',
  authentication_required: 'authentication_failed',
  payment_intent_authentication_failure: 'authentication_failed',
  setup_intent_authentication_failure: 'authentication_failed',
  account_closed: 'bank_account_invalid',
  account_invalid: 'bank_account_invalid',
  account_number_invalid: 'bank_account_invalid',
  bank_account_restricted: 'bank_account_invalid',
  bank_account_unusable: 'bank_account_invalid',
  bank_account_unverified: 'bank_account_invalid',
  no_account: 'bank_account_invalid',
  payment_method_bank_account_blocked: 'bank_account_invalid',
  payment_method_microdeposit_failed: 'bank_account_invalid',
  payment_method_microdeposit_verification_amounts_mismatch: 'bank_account_invalid',
  payment_method_microdeposit_verification_attempts_exceeded: 'bank_account_invalid',
  payment_method_microdeposit_verification_timeout: 'bank_account_invalid',
  routing_number_invalid: 'bank_account_invalid',
  sepa_unsupported_account: 'bank_account_invalid',
  resource_missing: 'method_gone',
};

const BRANDS: Readonly<Record<string, string>> = {
  amex: 'American Express',
  diners: 'Diners Club',
  discover: 'Discover',
  jcb: 'JCB',
  mastercard: 'Mastercard',
  unionpay: 'UnionPay',
  visa: 'Visa',
};

/** What an intent means for its attempt; undefined when nothing was tried with it yet. It wants `payment_method` and `latest_charge` expanded. */
export function replyTo(intent: Stripe.PaymentIntent): GatewayReply | undefined {
  const method = expanded(intent.payment_method);
  const methodLabel = method ? labelOf(method) : 'Card';
  switch (intent.status) {
    case 'succeeded':
    case 'processing': {
      const saved = intent.setup_future_usage && method ? instrumentOf(method) : undefined;
      const state = intent.status === 'succeeded' ? 'succeeded' : 'processing';
      return { state, gatewayPaymentId: intent.id, methodLabel, saved };
    }
    case 'requires_action':
      return { state: 'action_required', challenge: challengeOf(intent), methodLabel };
    case 'canceled':
      return failureOf(intent) ?? declined(isPayersNo(intent) ? 'authentication_failed' : 'canceled');
    default:
      return failureOf(intent);
  }
}

/** An address to go to, or the client secret where Stripe has none to offer. */
export function challengeOf(intent: Stripe.PaymentIntent | Stripe.SetupIntent): string {
  return intent.next_action?.redirect_to_url?.url ?? intent.client_secret ?? '';
}

/** The reason of a failed try: of the intent as it stands, or of its last charge where the intent has forgotten it. */
function failureOf(intent: Stripe.PaymentIntent): Declined | undefined {
  const isDebit = !intent.payment_method_types.includes('card');
  if (intent.last_payment_error) return declinedFor(intent.last_payment_error, isDebit);
  const charge = expanded(intent.latest_charge);
  if (charge?.status !== 'failed') return undefined;
  return declinedFor({ code: charge.failure_code ?? 'card_declined' }, isDebit);
}

/** The payer said no to their bank, or left its page by the door that the portal shows. */
function isPayersNo({ cancellation_reason: reason }: Stripe.PaymentIntent): boolean {
  return reason === 'requested_by_customer';
}

export function declinedFor({ code, decline_code: detail }: Problem, isDebit: boolean): Declined {
  const known = CODES[detail ?? ''] ?? CODES[code ?? ''];
  const fallback = isDebit ? 'bank_debit_failed' : 'card_declined';
  return declined(isDebit && known === 'insufficient_funds' ? fallback : (known ?? fallback));
}

export function declined(code: DeclineCode, message = SENTENCES[code]): Declined {
  return { state: 'declined', code, message };
}

/** An instrument that Stripe keeps, and whether it waits for two small deposits to be confirmed. */
export function instrumentOf(method: Stripe.PaymentMethod, isVerifying = false): SavedInstrument {
  const { card } = method;
  const bank = method.us_bank_account ?? method.sepa_debit;
  return {
    gatewayId: method.id,
    gatewayCustomerId: idOf(method.customer),
    kind: kindOf(method),
    state: isVerifying ? 'verifying' : 'usable',
    brand: card ? brandOf(card.brand) : undefined,
    last4: (card ?? bank)?.last4 ?? '',
    expMonth: card?.exp_month,
    expYear: card?.exp_year,
    bankName: method.us_bank_account?.bank_name ?? undefined,
    label: labelOf(method),
  };
}

function labelOf(method: Stripe.PaymentMethod): string {
  const { card } = method;
  if (card) return `${brandOf(card.brand)} ending ${card.last4}`;
  return `Bank account ending ${(method.us_bank_account ?? method.sepa_debit)?.last4 ?? ''}`;
}

function kindOf({ type }: Stripe.PaymentMethod): MethodKind {
  return type === 'card' ? 'card' : 'bank_account';
}

function brandOf(brand: string): string {
  return BRANDS[brand] ?? 'Card';
}

export function refundReplyOf(refund: Stripe.Refund): RefundReply {
  switch (refund.status) {
    case 'succeeded':
      return { state: 'succeeded', gatewayRefundId: refund.id };
    case 'failed':
    case 'canceled':
      return { state: 'failed', message: 'The money could not be given back: the bank returned it.' };
    default:
      return { state: 'submitted', gatewayRefundId: refund.id };
  }
}

/** An amount as Stripe counts it; undefined where it has no such unit. */
export function stripeAmount({ minor, currency }: Money): number | undefined {
  const more = decimalsBeyond(currency);
  return more < 0 ? undefined : minor * 10 ** more;
}

/** An amount of Stripe's as money of ours. */
export function moneyOf(amount: number, code: string): Money {
  const currency = code.toUpperCase();
  return money(Math.round(amount / 10 ** decimalsBeyond(currency)), currency);
}

function decimalsBeyond(currency: string): number {
  return (DECIMALS[currency] ?? minorDigits(currency)) - minorDigits(currency);
}

export function idOf(reference: string | { readonly id: string } | null | undefined): string | undefined {
  return typeof reference === 'string' ? reference : reference?.id;
}

/** What stands behind a reference that was asked to be expanded. */
export function expanded<T extends { readonly id: string }>(reference: string | T | null): T | undefined {
  return reference === null || typeof reference === 'string' ? undefined : reference;
}
