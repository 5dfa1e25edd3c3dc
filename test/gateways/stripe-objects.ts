import type { Stripe } from 'stripe';

/** What an instrument does when money is asked from it. */
export type Behaviour =
  | { readonly does: 'works' | 'challenge' | 'clears' | 'bounces' }
  | {
      readonly does: 'declines';
      readonly code: string;
      readonly declineCode?: string;
      readonly atOnce?: true;
    };

/** An instrument as Stripe keeps it, with what the tests decided about it. */
export interface KeptMethod {
  readonly object: Stripe.PaymentMethod;
  readonly behaviour: Behaviour;
  /** Was attached and is not any more: it can never be used again. */
  isDetached: boolean;
  hasMandate: boolean;
}

type Part<T> = { -readonly [Key in keyof T]?: T[Key] };

/** The fields that the portal reads, and those without which an object would not be recognised. The rest of Stripe's is left out. */
export function paymentMethod(
  id: string,
  type: 'card' | 'us_bank_account' | 'sepa_debit',
  last4: string,
  created: number,
): Stripe.PaymentMethod {
  const details: Part<Stripe.PaymentMethod> =
    type === 'card'
      ? { card: { brand: 'visa', last4, exp_month: 12, exp_year: 2030 } as Stripe.PaymentMethod.Card }
      : type === 'us_bank_account'
        ? { us_bank_account: { bank_name: 'STRIPE TEST BANK', last4 } as Stripe.PaymentMethod.UsBankAccount }
        : { sepa_debit: { bank_code: '37040044', country: 'DE', last4 } as Stripe.PaymentMethod.SepaDebit };
  return {
    id,
    object: 'payment_method',
    type,
    created,
    livemode: false,
    customer: null,
    metadata: {},
    ...details,
  } as Stripe.PaymentMethod;
}

export function paymentIntent(
  id: string,
  given: {
    readonly amount: number;
    readonly currency: string;
    readonly customer: string | null;
    readonly description: string | null;
    readonly types: readonly string[];
    readonly metadata: Record<string, string>;
    readonly keeps: boolean;
    readonly created: number;
  },
): Stripe.PaymentIntent {
  const intent: Part<Stripe.PaymentIntent> = {
    id,
    object: 'payment_intent',
    amount: given.amount,
    amount_received: 0,
    currency: given.currency,
    customer: given.customer,
    description: given.description,
    payment_method_types: [...given.types],
    metadata: given.metadata,
    setup_future_usage: given.keeps ? 'off_session' : null,
    client_secret: `${id}_secret_test`,
    created: given.created,
    livemode: false,
    status: 'requires_payment_method',
    cancellation_reason: null,
    canceled_at: null,
    last_payment_error: null,
    latest_charge: null,
    next_action: null,
    payment_method: null,
  };
  return intent as Stripe.PaymentIntent;
}

export function setupIntent(
  id: string,
  given: {
    readonly customer: string | null;
    readonly method: string;
    readonly types: readonly string[];
    readonly metadata: Record<string, string>;
    readonly created: number;
  },
): Stripe.SetupIntent {
  const intent: Part<Stripe.SetupIntent> = {
    id,
    object: 'setup_intent',
    customer: given.customer,
    payment_method: given.method,
    payment_method_types: [...given.types],
    metadata: given.metadata,
    client_secret: `${id}_secret_test`,
    created: given.created,
    livemode: false,
    status: 'requires_confirmation',
    usage: 'off_session',
    last_setup_error: null,
    next_action: null,
  };
  return intent as Stripe.SetupIntent;
}

/** What Stripe answers instead of what was asked for. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: { readonly error: Record<string, unknown> };

  constructor(status: number, type: string, message: string, more: Record<string, unknown> = {}) {
    super(message);
    this.status = status;
    this.body = { error: { type, message, ...more } };
  }
}

export function invalid(message: string, more: Record<string, unknown> = {}): ApiError {
  return new ApiError(400, 'invalid_request_error', message, more);
}

export function missing(what: string, id: string, param = 'id'): ApiError {
  const status = param === 'id' ? 404 : 400;
  const message = `No such ${what}: '${id}'`;
  return new ApiError(status, 'invalid_request_error', message, { code: 'resource_missing', param });
}
