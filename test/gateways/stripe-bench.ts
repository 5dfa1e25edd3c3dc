import { onTestFinished, vi } from 'vitest';
import { stripeGateway } from '#src/adapters/stripe.ts';
import type { GatewayAccount, Source } from '#src/payments/gateways/gateway.ts';
import type { Bench, Does, Tidings } from './bench.ts';
import type { Behaviour } from './stripe-objects.ts';
import type { StripeBooks } from './stripe-books.ts';
import { startStripe, stripeWebhook, type StripeServer } from './stripe-server.ts';

const START = Date.parse('2026-11-23T10:00:00Z');
const BEHAVIOURS: Readonly<Record<Does, Behaviour>> = {
  works: { does: 'works' },
  'is declined': { does: 'declines', code: 'card_declined', declineCode: 'generic_decline' },
  'has no money': { does: 'declines', code: 'card_declined', declineCode: 'insufficient_funds' },
  'has expired': { does: 'declines', code: 'expired_card', declineCode: 'expired_card', atOnce: true },
  'has a wrong code': { does: 'declines', code: 'incorrect_cvc', declineCode: 'incorrect_cvc', atOnce: true },
  asks: { does: 'challenge' },
  clears: { does: 'clears' },
  bounces: { does: 'bounces' },
};

export interface StripeBench extends Bench {
  readonly stripe: StripeServer;
  readonly books: StripeBooks;
  readonly behaviours: typeof BEHAVIOURS;
}

/** Stripe as a local server, with two tenants who have accounts of their own there. */
export async function stripeOnTheBench(): Promise<StripeBench> {
  const stripe = await startStripe(START);
  const account = accountOf(1);
  const books = stripe.books(secretKeyOf(1));
  const gateway = stripeGateway({ place: stripe.place, now: stripe.now });
  return {
    stripe,
    books,
    behaviours: BEHAVIOURS,
    gateway,
    account,
    other: accountOf(2),
    card: (does) => tokenOf('card', books.typed('card', BEHAVIOURS[does])),
    bank: (does) => tokenOf('bank_account', books.typed('sepa_debit', BEHAVIOURS[does], '3000')),
    slowBank: () => ({
      source: tokenOf('bank_account', books.typed('us_bank_account', { does: 'clears' }, '6789')),
      currency: 'USD',
      deposits: [32, 45],
    }),
    bankAnswers: async (attemptId, passed) => {
      for (const id of intentsOf(books, attemptId)) books.bankAnswers(id, passed);
    },
    bankAnswersSetup: async (setupId, passed) => {
      for (const setup of books.setups.values())
        if (setup.metadata?.['setup_id'] === setupId) books.bankAnswersSetup(setup.id, passed);
    },
    pass: async (ms) => stripe.pass(ms),
    // The library repeats a broken request once by itself, and a closed connection once more.
    lose: async (what) =>
      stripe.break({ path: /confirm$|POST \/v1\/refunds$/, after: what === 'answer', times: 2 }),
    taken: async (attemptId) =>
      intentsOf(books, attemptId).flatMap((id) => books.intent(id).amount_received || []),
    returned: async (paymentId) =>
      [...books.refunds.values()]
        .filter((one) => one.payment_intent === paymentId)
        .map(({ amount }) => amount),
    webhook: async (tidings, atMs) => stripeWebhook(eventOf(books, tidings), webhookSecretOf(1), atMs),
    now: stripe.now,
    shut: () => stripe.close(),
  };
}

/** Stripe for programs that find it by the environment, until the test ends. */
export async function stripeInTheEnvironment(): Promise<StripeBench> {
  const bench = await stripeOnTheBench();
  vi.stubEnv('PORTAL_STRIPE_URL', `http://127.0.0.1:${bench.stripe.place.port}`);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await bench.shut();
  });
  return bench;
}

function tokenOf(method: 'card' | 'bank_account', token: string): Source {
  return { kind: 'token', method, token };
}

export function accountOf(tenantId: number): GatewayAccount {
  return {
    tenantId,
    credentials: () =>
      Promise.resolve({
        secretKey: secretKeyOf(tenantId),
        publishableKey: `pk_test_tenant${tenantId}`,
        webhookSecret: webhookSecretOf(tenantId),
      }),
  };
}

export function intentsOf(books: StripeBooks, attemptId: string): string[] {
  return [...books.intents.values()]
    .filter(({ metadata }) => metadata['attempt_id'] === attemptId)
    .map(({ id }) => id);
}

export function secretKeyOf(tenantId: number): string {
  return `sk_test_tenant${tenantId}`;
}

export function webhookSecretOf(tenantId: number): string {
  return `whsec_tenant${tenantId}`;
}

function eventOf(books: StripeBooks, tidings: Tidings): { id: string; type: string; object: object } {
  const id = 'evt_1';
  switch (tidings.of) {
    case 'attempt': {
      const object = books.intent(intentsOf(books, tidings.attemptId)[0]!);
      return { id, type: 'payment_intent.succeeded', object };
    }
    case 'refund': {
      const { refundId } = tidings.request;
      const object = [...books.refunds.values()].find(
        ({ metadata }) => metadata?.['refund_id'] === refundId,
      )!;
      return { id, type: 'refund.updated', object };
    }
    case 'dispute': {
      const status = tidings.state === 'open' ? 'needs_response' : tidings.state;
      return { id, type: 'charge.dispute.updated', object: books.dispute(tidings.gatewayPaymentId, status) };
    }
    case 'removal':
      return { id, type: 'payment_method.detached', object: books.methods.get(tidings.gatewayId)!.object };
    case 'something else':
      return { id, type: 'payout.paid', object: { id: 'po_1', object: 'payout' } };
  }
}
