import { refuse } from '../kernel/errors.ts';
import type { Gateway } from '../payments/gateways/gateway.ts';

/** What is answered to whoever tries to take money all the same. */
const NOTHING = {
  state: 'declined',
  code: 'canceled',
  message: 'This business takes no online payments.',
} as const;

/**
 * The gateway of a business that is paid outside the portal alone, by bank transfer or check: it takes no kind of instrument, so that nothing
 * is offered; it declines what is tried all the same, for ever, knows of nothing, and gives back only what it took, which is nothing.
 * Instructions, promises to pay and the payments that the merchant records do not pass through a gateway.
 */
export const offline: Gateway = {
  name: 'offline',
  kinds: [],
  stepOf: () => 1,
  identify: () => Promise.resolve('offline'),
  charge: () => Promise.resolve(NOTHING),
  answerChallenge: () => Promise.resolve(NOTHING),
  lookup: () => Promise.resolve(undefined),
  close: () => Promise.resolve(NOTHING),
  setup: () => Promise.resolve(NOTHING),
  answerSetup: () => Promise.resolve(undefined),
  lookupSetup: () => Promise.resolve(undefined),
  verify: () => Promise.resolve({ ...NOTHING, code: 'method_gone' }),
  forget: () => Promise.resolve(),
  refund: () =>
    Promise.resolve({ state: 'failed', message: 'Nothing was taken here that could be given back.' }),
  lookupRefund: () => Promise.resolve(undefined),
  readWebhook: async () => refuse('bad_webhook', { reason: 'nobody sends any here' }),
};
