import type { Stripe } from 'stripe';
import type {
  Acceptance,
  MethodKind,
  SetupReference,
  SetupReply,
  SetupRequest,
  Source,
} from '../payments/gateways/gateway.ts';
import { asRefused, customerOf, type StripeAccount } from './stripe-account.ts';
import { challengeOf, declined, declinedFor, expanded, instrumentOf } from './stripe-replies.ts';

/** Something to pay with, as Stripe knows it. */
export interface Token {
  readonly id: string;
  readonly kind: MethodKind;
  readonly isSaved: boolean;
}

type MethodType = 'card' | 'us_bank_account' | 'sepa_debit';

/** What a debit is asked with besides the account; the same words for a payment and a setup. */
interface BankTerms {
  readonly mandate_data?: {
    customer_acceptance:
      | { type: 'online'; online: { ip_address: string; user_agent: string } }
      | { type: 'offline'; offline: object };
  };
  readonly payment_method_options?: {
    us_bank_account: { verification_method: 'instant' | 'microdeposits' };
  };
}

/** Undefined for an instrument that was typed into the portal: Stripe takes those from its own form alone. */
export function tokenOf(source: Source): Token | undefined {
  if (source.kind === 'token') return { id: source.token, kind: source.method, isSaved: false };
  if (source.kind === 'saved') return { id: source.gatewayId, kind: source.method, isSaved: true };
  return undefined;
}

/** A bank account is debited by ACH in dollars and by SEPA in everything else. */
export function typeFor(kind: MethodKind, currency: string): MethodType {
  if (kind === 'card') return 'card';
  return currency === 'USD' ? 'us_bank_account' : 'sepa_debit';
}

/** The mandate that a debit needs, with the evidence of who gave it, and how a new account in the United States is verified. */
export function bankTerms(
  type: string,
  acceptance: Acceptance | undefined,
  verification: 'instant' | 'microdeposits',
): BankTerms {
  if (type === 'card') return {};
  const given = acceptance
    ? {
        type: 'online' as const,
        online: { ip_address: acceptance.ip, user_agent: acceptance.userAgent },
      }
    : { type: 'offline' as const, offline: {} };
  const options = { us_bank_account: { verification_method: verification } };
  return {
    mandate_data: { customer_acceptance: given },
    ...(type === 'us_bank_account' ? { payment_method_options: options } : {}),
  };
}

/** Keeps an instrument of Stripe's own form for later payments. */
export async function setUpMethod(account: StripeAccount, request: SetupRequest): Promise<SetupReply> {
  const token = tokenOf(request.source);
  if (!token) return declined('card_declined', 'This cannot be saved. Choose another way to pay.');
  let type = 'card';
  try {
    ({ type } = await account.stripe.paymentMethods.retrieve(token.id));
    return setupReplyOf(await createSetup(account, request, token.id, type));
  } catch (error) {
    return declinedFor(asRefused(error), type !== 'card');
  }
}

async function createSetup(
  account: StripeAccount,
  { setupId, customerRef, microDeposits, returnUrl, acceptance }: SetupRequest,
  token: string,
  type: string,
): Promise<Stripe.SetupIntent> {
  const { stripe, tenantId } = account;
  const customer = await customerOf(account, customerRef);
  const older = await findSetup(account, customer, setupId);
  if (older) return older;
  const { id } = await stripe.setupIntents.create(
    {
      customer,
      payment_method: token,
      allowed_payment_method_types: [type],
      usage: 'off_session',
      confirm: true,
      metadata: { setup_id: setupId, tenant_id: String(tenantId) },
      ...(returnUrl && type === 'card' ? { return_url: returnUrl } : {}),
      ...bankTerms(type, acceptance, microDeposits ? 'microdeposits' : 'instant'),
    },
    { idempotencyKey: `setup-${setupId}` },
  );
  // The answer to a repeated request is as old as the first one.
  return stripe.setupIntents.retrieve(id, { expand: ['payment_method'] });
}

/** What became of a setup; undefined when there is none. */
export async function lookUpSetup(
  account: StripeAccount,
  { setupId, customerRef }: SetupReference,
): Promise<SetupReply | undefined> {
  const found = await findSetup(account, await customerOf(account, customerRef), setupId);
  return found && setupReplyOf(found);
}

/** Whether the bank is content, Stripe alone knows; a payer who gives up is believed. */
export async function answerSetup(
  account: StripeAccount,
  { setupId, customerRef }: SetupReference,
  passed: boolean,
): Promise<SetupReply | undefined> {
  const found = await findSetup(account, await customerOf(account, customerRef), setupId);
  if (!found) return undefined;
  if (passed || found.status !== 'requires_action') return setupReplyOf(found);
  try {
    await account.stripe.setupIntents.cancel(found.id, { cancellation_reason: 'requested_by_customer' });
  } catch (error) {
    // It came to an end in the very moment.
    asRefused(error);
  }
  return setupReplyOf(await account.stripe.setupIntents.retrieve(found.id, { expand: ['payment_method'] }));
}

/** A customer's setups are listed as they are, without delay, however old. */
async function findSetup(
  { stripe }: StripeAccount,
  customer: string,
  setupId: string,
): Promise<Stripe.SetupIntent | undefined> {
  const all = stripe.setupIntents.list({ customer, limit: 100, expand: ['data.payment_method'] });
  for await (const intent of all) if (intent.metadata?.['setup_id'] === setupId) return intent;
  return undefined;
}

/** Confirms a bank account by its two deposits. Deposits with a code instead of amounts are confirmed on the page that Stripe mails to. */
export async function verifyMethod(
  account: StripeAccount,
  gatewayId: string,
  amounts: readonly [number, number],
): Promise<SetupReply> {
  const { stripe } = account;
  const found = await stripe.setupIntents.list({
    payment_method: gatewayId,
    limit: 10,
    expand: ['data.payment_method'],
  });
  const [newest] = found.data;
  if (!newest) return declined('method_gone', 'This bank account is no longer there.');
  const waits = newest.next_action?.verify_with_microdeposits;
  if (!waits) return setupReplyOf(newest);
  if (waits.microdeposit_type === 'descriptor_code')
    return declined(
      'bank_account_invalid',
      'Your bank statement shows a code that begins with SM. Confirm it with the link in the mail from Stripe.',
    );
  try {
    await stripe.setupIntents.verifyMicrodeposits(newest.id, { amounts: [...amounts] });
  } catch (error) {
    return wrongAmounts(asRefused(error));
  }
  return setupReplyOf(await stripe.setupIntents.retrieve(newest.id, { expand: ['payment_method'] }));
}

/** Detaching ends an instrument for ever; one that is detached already, or was never there, is gone as well. */
export async function forgetMethod(account: StripeAccount, gatewayId: string): Promise<void> {
  try {
    await account.stripe.paymentMethods.detach(gatewayId);
  } catch (error) {
    asRefused(error);
    const isThere = !(await isGone(account, { id: gatewayId, isSaved: true }));
    if (isThere) throw error;
  }
}

/** Whether an instrument can never be used again: it is not there, or was saved and belongs to nobody any more. */
export async function isGone(
  { stripe }: StripeAccount,
  { id, isSaved }: Pick<Token, 'id' | 'isSaved'>,
): Promise<boolean> {
  try {
    const { customer } = await stripe.paymentMethods.retrieve(id);
    return isSaved && customer === null;
  } catch (error) {
    return asRefused(error).code === 'resource_missing';
  }
}

/** What a setup means. It wants `payment_method` expanded. */
export function setupReplyOf(intent: Stripe.SetupIntent): SetupReply {
  const method = expanded(intent.payment_method);
  if (intent.status === 'succeeded' && method?.customer)
    return { state: 'saved', instrument: instrumentOf(method) };
  if (intent.status === 'succeeded') return declined('method_gone');
  const isWaiting =
    intent.status === 'processing' || intent.next_action?.type === 'verify_with_microdeposits';
  if (isWaiting && method) return { state: 'saved', instrument: instrumentOf(method, true) };
  if (intent.status === 'requires_action')
    return { state: 'action_required', challenge: challengeOf(intent) };
  if (intent.cancellation_reason === 'requested_by_customer') return declined('authentication_failed');
  return intent.last_setup_error
    ? declinedFor(intent.last_setup_error, method?.type !== 'card')
    : declined('canceled', 'It was not finished in time, so nothing was saved.');
}

function wrongAmounts(refused: Stripe.errors.StripeError): SetupReply {
  const isMismatch = refused.code === 'payment_method_microdeposit_verification_amounts_mismatch';
  return declined(
    'bank_account_invalid',
    isMismatch
      ? 'These are not the two amounts that we deposited. Look at your bank statement again.'
      : 'This bank account can no longer be confirmed. Remove it, and add it again.',
  );
}
