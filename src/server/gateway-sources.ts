import type { TenantSources } from './csp.ts';

/** What the own form of a gateway needs in a browser: its script, the frames that hold the fields, and where a payer is sent to their bank. */
const SOURCES: Readonly<Record<string, TenantSources>> = {
  stripe: {
    gateway: {
      script: ['https://js.stripe.com', 'https://*.js.stripe.com'],
      frame: ['https://js.stripe.com', 'https://*.js.stripe.com', 'https://hooks.stripe.com'],
      connect: ['https://api.stripe.com'],
      image: ['https://*.stripe.com'],
      form: ['https://hooks.stripe.com'],
    },
  },
};

/** What a tenant's pages may use of the gateway that takes its payments; nothing for one that needs nothing. */
export function gatewaySources(gateway: string): TenantSources {
  return SOURCES[gateway] ?? {};
}
