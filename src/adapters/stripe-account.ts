import { Stripe } from 'stripe';
import { refuse } from '../kernel/errors.ts';
import type { GatewayAccount } from '../payments/gateways/gateway.ts';

export interface StripeOptions {
  /** Where Stripe is, when it is not at its public address. */
  readonly place?: Pick<Stripe.StripeConfig, 'host' | 'port' | 'protocol'> | undefined;
  /** Epoch ms, as Stripe has it: the machine's time, not a tenant's. */
  readonly now: () => number;
}

/** One tenant's account at Stripe. */
export interface StripeAccount {
  readonly stripe: Stripe;
  readonly tenantId: number;
  readonly now: () => number;
}

const TIMEOUT_MS = 20_000;
const RETRIES = 1;

/** Opens a tenant's account with its own keys; connections to Stripe are kept for as long as the process lives. */
export function accountsAt({
  place,
  now,
}: StripeOptions): (account: GatewayAccount) => Promise<StripeAccount> {
  const clients = new Map<string, Stripe>();
  return async ({ tenantId, credentials }) => {
    const { secretKey } = (await credentials?.('stripe')) ?? refuse('no_gateway');
    const known = clients.get(secretKey);
    const config = { ...place, timeout: TIMEOUT_MS, maxNetworkRetries: RETRIES, telemetry: false };
    const stripe = known ?? new Stripe(secretKey, config);
    clients.set(secretKey, stripe);
    return { stripe, tenantId, now };
  };
}

/** The account that the keys open. Refuses `bad_gateway_keys`. */
export async function accountId({ stripe }: StripeAccount): Promise<string> {
  try {
    return (await stripe.accounts.retrieveCurrent()).id;
  } catch (error) {
    const { StripeAuthenticationError, StripePermissionError } = Stripe.errors;
    if (error instanceof StripeAuthenticationError)
      return refuse('bad_gateway_keys', { reason: 'Stripe does not know this secret key' });
    if (error instanceof StripePermissionError)
      return refuse('bad_gateway_keys', { reason: 'this restricted key may not read its own account' });
    throw error;
  }
}

/**
 * The Stripe customer of one of ours, made when there is none. Two requests of one day agree by the idempotency key; after that the search,
 * which lags behind by minutes, finds it.
 */
export async function customerOf({ stripe, tenantId }: StripeAccount, customerRef: string): Promise<string> {
  const mark = `${tenantId}/${customerRef}`;
  const { data } = await stripe.customers.search({ query: `metadata['portal_customer']:'${mark}'` });
  const known = data.toSorted((a, b) => a.created - b.created)[0];
  if (known) return known.id;
  const made = await stripe.customers.create(
    { description: `Customer ${customerRef} of the billing portal`, metadata: { portal_customer: mark } },
    { idempotencyKey: `customer-${mark}` },
  );
  return made.id;
}

/** What Stripe said no to: the request arrived, was understood, and changed no money. Anything else (a lost connection, a wrong key) is thrown on. */
export function asRefused(error: unknown): Stripe.errors.StripeError {
  const { StripeCardError, StripeIdempotencyError, StripeInvalidRequestError } = Stripe.errors;
  if (
    error instanceof StripeCardError ||
    error instanceof StripeIdempotencyError ||
    error instanceof StripeInvalidRequestError
  )
    return error;
  throw error;
}
