import type { Stripe } from 'stripe';
import {
  ApiError,
  type Behaviour,
  invalid,
  type KeptMethod,
  missing,
  paymentIntent,
  paymentMethod,
  setupIntent,
} from './stripe-objects.ts';

/** What a request says, after its form was read. */
export type Params = { readonly [name: string]: string | Params | undefined };

const CLEARING_S = 3 * 86_400;
const DEPOSITS = ['32', '45'];

/** One account at Stripe: its objects and how they change, as the API description tells. */
export class StripeBooks {
  readonly customers = new Map<string, Stripe.Customer>();
  readonly methods = new Map<string, KeptMethod>();
  readonly intents = new Map<string, Stripe.PaymentIntent>();
  readonly charges = new Map<string, Stripe.Charge>();
  readonly setups = new Map<string, Stripe.SetupIntent>();
  readonly refunds = new Map<string, Stripe.Refund>();
  readonly disputes = new Map<string, Stripe.Dispute>();
  readonly #clearing = new Map<string, number>();
  readonly #now: () => number;
  #count = 0;

  readonly account: string;

  /** `account`: its id at Stripe; `now`: epoch ms. */
  constructor(account: string, now: () => number) {
    this.account = account;
    this.#now = now;
  }

  get seconds(): number {
    return Math.floor(this.#now() / 1000);
  }

  /** What the Payment Element in a browser makes of what somebody types. */
  typed(type: 'card' | 'us_bank_account' | 'sepa_debit', behaviour: Behaviour, last4 = '4242'): string {
    const object = paymentMethod(this.#id('pm'), type, last4, this.seconds);
    this.methods.set(object.id, { object, behaviour, isDetached: false, hasMandate: false });
    return object.id;
  }

  createCustomer({ description, metadata }: Params): Stripe.Customer {
    const customer = {
      id: this.#id('cus'),
      object: 'customer',
      created: this.seconds,
      livemode: false,
      description: text(description) ?? null,
      metadata: textsIn(metadata),
    } as Stripe.Customer;
    this.customers.set(customer.id, customer);
    return customer;
  }

  createIntent(params: Params): Stripe.PaymentIntent {
    const amount = Number(text(params['amount']));
    if (!Number.isSafeInteger(amount) || amount < 1)
      throw invalid('Invalid positive integer', { param: 'amount', code: 'parameter_invalid_integer' });
    if (amount < 50) throw invalid('Amount must be at least 50 cents', { code: 'amount_too_small' });
    assertWholeStep(text(params['currency']) ?? '', amount);
    const customer = text(params['customer']) ?? null;
    if (customer && !this.customers.has(customer)) throw missing('customer', customer, 'customer');
    const intent = paymentIntent(this.#id('pi'), {
      amount,
      currency: text(params['currency'])!,
      customer,
      description: text(params['description']) ?? null,
      types: listIn(params['allowed_payment_method_types']),
      metadata: textsIn(params['metadata']),
      keeps: params['setup_future_usage'] === 'off_session',
      created: this.seconds,
    });
    this.intents.set(intent.id, intent);
    return intent;
  }

  confirmIntent(id: string, params: Params): Stripe.PaymentIntent {
    const intent = this.intent(id);
    if (!['requires_payment_method', 'requires_confirmation'].includes(intent.status))
      throw unexpected('confirm', intent);
    const kept = this.#usable(text(params['payment_method']) ?? '', intent.customer as string | null);
    const { type } = kept.object;
    if (!intent.payment_method_types.includes(type))
      throw invalid('The PaymentMethod is of a type that this PaymentIntent does not allow.', {
        code: 'payment_intent_incompatible_payment_method',
      });
    this.#assertMandate(kept, params);
    intent.last_payment_error = null;
    intent.payment_method = kept.object.id;
    return this.#collect(intent, kept, params['off_session'] === 'true', text(params['return_url']));
  }

  cancelIntent(id: string, params: Params): Stripe.PaymentIntent {
    const intent = this.intent(id);
    if (intent.status === 'succeeded' || intent.status === 'canceled') throw unexpected('cancel', intent);
    intent.status = 'canceled';
    intent.canceled_at = this.seconds;
    intent.next_action = null;
    // Which error led here an intent need not remember; its charge does.
    intent.last_payment_error = null;
    intent.cancellation_reason = (text(params['cancellation_reason']) ??
      null) as Stripe.PaymentIntent['cancellation_reason'];
    return intent;
  }

  /** The payer at their bank's page. Nothing happens for one who comes too late. */
  bankAnswers(id: string, passed: boolean): void {
    const intent = this.intent(id);
    if (intent.status !== 'requires_action') return;
    intent.next_action = null;
    const kept = this.methods.get(intent.payment_method as string)!;
    if (passed) this.#succeed(intent, kept);
    else this.#fail(intent, kept, 'payment_intent_authentication_failure');
  }

  cancelSetup(id: string, params: Params): Stripe.SetupIntent {
    const setup = this.setup(id);
    if (setup.status === 'succeeded' || setup.status === 'canceled')
      throw invalid(`You cannot cancel this SetupIntent because it has a status of ${setup.status}.`, {
        code: 'setup_intent_unexpected_state',
      });
    setup.status = 'canceled';
    setup.next_action = null;
    setup.cancellation_reason = (text(params['cancellation_reason']) ??
      null) as Stripe.SetupIntent['cancellation_reason'];
    return setup;
  }

  /** The same for a setup: once, and not for one who comes too late. */
  bankAnswersSetup(id: string, passed: boolean): void {
    const setup = this.setup(id);
    if (setup.status !== 'requires_action') return;
    setup.next_action = null;
    setup.status = passed ? 'succeeded' : 'requires_payment_method';
    if (!passed) setup.last_setup_error = errorOf('setup_intent_authentication_failure', undefined);
    else this.#trust(setup.payment_method as string, setup.customer as string);
  }

  /** A card whose bank was asked once is charged with nobody there. */
  #trust(methodId: string, customer: string): void {
    const kept: KeptMethod = { ...this.methods.get(methodId)!, behaviour: { does: 'works' } };
    this.methods.set(methodId, kept);
    this.#attach(kept, customer);
  }

  createSetup(params: Params): Stripe.SetupIntent {
    const customer = text(params['customer']) ?? null;
    const kept = this.#usable(text(params['payment_method']) ?? '', customer);
    this.#assertMandate(kept, params);
    const { behaviour, object } = kept;
    const types = listIn(params['allowed_payment_method_types']);
    if (!types.includes(object.type)) throw invalid('This type of PaymentMethod is not allowed here.');
    const setup = setupIntent(this.#id('seti'), {
      customer,
      method: object.id,
      types,
      metadata: textsIn(params['metadata']),
      created: this.seconds,
    });
    this.setups.set(setup.id, setup);
    const options = params['payment_method_options'] as Params | undefined;
    const bank = options?.['us_bank_account'] as Params | undefined;
    if (behaviour.does === 'declines' && behaviour.atOnce) {
      setup.status = 'requires_payment_method';
      setup.last_setup_error = errorOf(behaviour.code, behaviour.declineCode);
      throw declinedError(behaviour.code, behaviour.declineCode, { setup_intent: setup });
    }
    if (bank?.['verification_method'] === 'microdeposits') waitForDeposits(setup, this.seconds);
    else if (behaviour.does === 'challenge') {
      setup.status = 'requires_action';
      setup.next_action = bankPage(setup.id, text(params['return_url'])) as Stripe.SetupIntent['next_action'];
    } else this.#setUp(setup, kept);
    return setup;
  }

  verifyDeposits(id: string, params: Params): Stripe.SetupIntent {
    const setup = this.setup(id);
    if (setup.next_action?.type !== 'verify_with_microdeposits')
      throw invalid('There are no deposits to verify.', { code: 'setup_intent_unexpected_state' });
    if (listIn(params['amounts']).toSorted().join() !== DEPOSITS.join())
      throw invalid('The amounts provided do not match the amounts that were sent to the bank account.', {
        code: 'payment_method_microdeposit_verification_amounts_mismatch',
      });
    setup.next_action = null;
    this.#setUp(setup, this.methods.get(setup.payment_method as string)!);
    return setup;
  }

  detach(id: string): Stripe.PaymentMethod {
    const kept = this.methods.get(id);
    if (!kept) throw missing('PaymentMethod', id, 'payment_method');
    if (!kept.object.customer)
      throw invalid(
        'The payment method you provided is not attached to a customer so detachment is impossible.',
      );
    kept.object.customer = null;
    kept.isDetached = true;
    return kept.object;
  }

  createRefund(params: Params): Stripe.Refund {
    const intent = this.intents.get(text(params['payment_intent']) ?? '');
    if (!intent) throw missing('payment_intent', text(params['payment_intent']) ?? '', 'payment_intent');
    const charge = this.charges.get((intent.latest_charge as string | null) ?? '');
    if (charge?.status !== 'succeeded')
      throw invalid('This PaymentIntent does not have a successful charge to refund.');
    const amount = Number(text(params['amount']) ?? charge.amount);
    const left = charge.amount - charge.amount_refunded;
    if (left === 0)
      throw invalid(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' });
    if (amount > left)
      throw invalid(`Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`, {
        param: 'amount',
      });
    assertWholeStep(charge.currency, amount);
    charge.amount_refunded += amount;
    const isCard = intent.payment_method_types.includes('card');
    const refund = {
      id: this.#id('re'),
      object: 'refund',
      amount,
      charge: charge.id,
      created: this.seconds,
      currency: intent.currency,
      metadata: textsIn(params['metadata']),
      payment_intent: intent.id,
      status: isCard ? 'succeeded' : 'pending',
    } as Stripe.Refund;
    this.refunds.set(refund.id, refund);
    return refund;
  }

  /** The payer's bank takes a payment back. */
  dispute(intentId: string, status: Stripe.Dispute['status']): Stripe.Dispute {
    const intent = this.intent(intentId);
    const dispute = {
      id: this.#id('du'),
      object: 'dispute',
      amount: intent.amount,
      charge: intent.latest_charge,
      created: this.seconds,
      currency: intent.currency,
      livemode: false,
      metadata: {},
      payment_intent: intentId,
      reason: 'fraudulent',
      status,
    } as Stripe.Dispute;
    this.disputes.set(dispute.id, dispute);
    return dispute;
  }

  /** An intent as it is now: debits that have cleared since have their answer. */
  intent(id: string): Stripe.PaymentIntent {
    const intent = this.intents.get(id);
    if (!intent) throw missing('payment_intent', id, 'intent');
    const due = this.#clearing.get(id);
    if (intent.status === 'processing' && due !== undefined && due <= this.seconds) {
      const kept = this.methods.get(intent.payment_method as string)!;
      if (kept.behaviour.does === 'bounces') this.#fail(intent, kept, 'insufficient_funds');
      else this.#succeed(intent, kept);
    }
    return intent;
  }

  setup(id: string): Stripe.SetupIntent {
    return this.setups.get(id) ?? raise(missing('setupintent', id, 'intent'));
  }

  #usable(id: string, customer: string | null): KeptMethod {
    const kept = this.methods.get(id);
    if (!kept) throw missing('PaymentMethod', id, 'payment_method');
    const owner = kept.object.customer as string | null;
    if (kept.isDetached)
      throw invalid('The provided PaymentMethod was detached from a Customer. It may not be used again.', {
        param: 'payment_method',
      });
    if (owner && owner !== customer)
      throw invalid('The customer does not have a payment method with this ID.', { param: 'payment_method' });
    return kept;
  }

  #assertMandate(kept: KeptMethod, params: Params): void {
    if (kept.object.type === 'card' || kept.hasMandate) return;
    const acceptance = (params['mandate_data'] as Params | undefined)?.['customer_acceptance'] as
      Params | undefined;
    if (!text(acceptance?.['type']))
      throw invalid('A mandate is needed to debit this account.', {
        code: 'parameter_missing',
        param: 'mandate_data',
      });
    kept.hasMandate = true;
  }

  #collect(
    intent: Stripe.PaymentIntent,
    kept: KeptMethod,
    offSession: boolean,
    returnUrl: string | undefined,
  ): Stripe.PaymentIntent {
    const { behaviour } = kept;
    switch (behaviour.does) {
      case 'works':
        this.#succeed(intent, kept);
        return intent;
      case 'clears':
      case 'bounces':
        intent.status = 'processing';
        this.#clearing.set(intent.id, this.seconds + CLEARING_S);
        this.#keep(intent, kept);
        return intent;
      case 'challenge':
        if (offSession) {
          this.#fail(intent, kept, 'authentication_required', 'authentication_required');
          throw declinedError('authentication_required', 'authentication_required', {
            payment_intent: intent,
          });
        }
        intent.status = 'requires_action';
        intent.next_action = bankPage(intent.id, returnUrl) as Stripe.PaymentIntent['next_action'];
        return intent;
      case 'declines':
        this.#fail(intent, kept, behaviour.code, behaviour.declineCode);
        throw declinedError(behaviour.code, behaviour.declineCode, { payment_intent: intent });
    }
  }

  #succeed(intent: Stripe.PaymentIntent, kept: KeptMethod): void {
    intent.status = 'succeeded';
    intent.amount_received = intent.amount;
    intent.latest_charge = this.#charge(intent, 'succeeded', null).id;
    this.#keep(intent, kept);
  }

  #fail(intent: Stripe.PaymentIntent, kept: KeptMethod, code: string, declineCode?: string): void {
    intent.status = 'requires_payment_method';
    intent.payment_method = null;
    intent.last_payment_error = {
      ...errorOf(code, declineCode),
      payment_method: kept.object,
    } as Stripe.PaymentIntent.LastPaymentError;
    if (code !== 'payment_intent_authentication_failure')
      intent.latest_charge = this.#charge(intent, 'failed', declineCode ?? code).id;
  }

  #charge(intent: Stripe.PaymentIntent, status: 'succeeded' | 'failed', code: string | null): Stripe.Charge {
    const charge = {
      id: this.#id('ch'),
      object: 'charge',
      amount: intent.amount,
      amount_refunded: 0,
      currency: intent.currency,
      failure_code: code,
      payment_intent: intent.id,
      status,
    } as Stripe.Charge;
    this.charges.set(charge.id, charge);
    return charge;
  }

  #keep(intent: Stripe.PaymentIntent, kept: KeptMethod): void {
    if (intent.setup_future_usage) this.#attach(kept, intent.customer as string);
  }

  #attach(kept: KeptMethod, customer: string): void {
    kept.object.customer = customer;
  }

  #setUp(setup: Stripe.SetupIntent, kept: KeptMethod): void {
    setup.status = 'succeeded';
    if (setup.customer) this.#attach(kept, setup.customer as string);
  }

  #id(kind: string): string {
    this.#count += 1;
    return `${kind}_test${String(this.#count).padStart(6, '0')}`;
  }
}

export function text(value: string | Params | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function textsIn(value: string | Params | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(value ?? {}).map(([name, one]) => [name, String(one)]));
}

function listIn(value: string | Params | undefined): string[] {
  return Object.values(textsIn(value));
}

function bankPage(id: string, returnUrl: string | undefined): unknown {
  const url = `https://hooks.stripe.com/3d_secure_2/hosted?intent=${id}`;
  return { type: 'redirect_to_url', redirect_to_url: { url, return_url: returnUrl ?? null } };
}

function waitForDeposits(setup: Stripe.SetupIntent, seconds: number): void {
  setup.status = 'requires_action';
  setup.next_action = {
    type: 'verify_with_microdeposits',
    verify_with_microdeposits: {
      arrival_date: seconds + 2 * 86_400,
      hosted_verification_url: `https://payments.stripe.com/microdeposit/${setup.id}`,
      microdeposit_type: 'amounts',
    },
  } as Stripe.SetupIntent['next_action'];
}

function errorOf(code: string, declineCode: string | undefined): Stripe.SetupIntent.LastSetupError {
  const error = { type: 'card_error', code, decline_code: declineCode, message: `Stripe says ${code}.` };
  return error as Stripe.SetupIntent.LastSetupError;
}

function declinedError(
  code: string,
  declineCode: string | undefined,
  more: Record<string, unknown>,
): ApiError {
  return new ApiError(402, 'card_error', `Stripe says ${code}.`, {
    code,
    decline_code: declineCode,
    ...more,
  });
}

function unexpected(what: string, intent: Stripe.PaymentIntent): ApiError {
  return invalid(`You cannot ${what} this PaymentIntent because it has a status of ${intent.status}.`, {
    code: 'payment_intent_unexpected_state',
    payment_intent: intent,
  });
}

/** Of currencies with three decimals the last must be 0. */
function assertWholeStep(currency: string, amount: number): void {
  if (/^(bhd|jod|kwd|omr|tnd)$/.test(currency) && amount % 10 !== 0)
    throw invalid(`Invalid amount: the last digit must be 0 for ${currency}`, { param: 'amount' });
}

function raise(error: Error): never {
  throw error;
}
