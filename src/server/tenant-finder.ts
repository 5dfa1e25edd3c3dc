import type { App } from '#src/app.ts';
import { sha256 } from '#src/kernel/digest.ts';
import type { MerchantScope, OperatorScope } from '#src/scope.ts';
import { openMerchant, tenantOfHost } from '#src/tenants/tenants.ts';
import type { FrontTenant } from './exchange.ts';

/** A tenant as the front serves it: the same object as long as nothing of it changes. */
export interface ServedTenant extends FrontTenant {
  readonly operator: OperatorScope;
  readonly merchant: MerchantScope;
  readonly stylesheet: { readonly hash: string; readonly css: string };
}

interface Remembered {
  readonly tenant: ServedTenant;
  /** Its record and settings as text: the same text is the same tenant. */
  readonly fingerprint: string;
  readonly until: number;
}

const REMEMBER_MS = 1000;
const MOST_HOSTS = 1000;

/**
 * Finds the tenant at a host name. Records and settings are remembered for a moment (one second unless told otherwise), so that a
 * burst of requests reads them once; a change shows after that moment. Hosts that belong to nobody are not remembered.
 */
export function createTenantFinder(
  app: App,
  rememberMs = REMEMBER_MS,
): (host: string) => ServedTenant | undefined | Promise<ServedTenant | undefined> {
  const known = new Map<string, Remembered>();
  const find = async (host: string): Promise<ServedTenant | undefined> => {
    const operator = app.operator('portal');
    const tenant = await tenantOfHost(operator, host);
    if (!tenant) {
      known.delete(host);
      return undefined;
    }
    const merchant = await openMerchant(operator, tenant);
    const fingerprint = JSON.stringify([tenant, merchant.settings]);
    const before = known.get(host);
    const served = before?.fingerprint === fingerprint ? before.tenant : serve(operator, merchant);
    if (known.size >= MOST_HOSTS) known.clear();
    known.set(host, { tenant: served, fingerprint, until: performance.now() + rememberMs });
    return served;
  };
  return (host) => {
    const before = known.get(host);
    return before !== undefined && performance.now() < before.until ? before.tenant : find(host);
  };
}

function serve(operator: OperatorScope, merchant: MerchantScope): ServedTenant {
  const { username, origin } = merchant.tenant;
  return {
    username,
    canonicalOrigin: origin,
    operator,
    merchant,
    stylesheet: stylesheetOf(merchant.settings['brand.accent']),
  };
}

function stylesheetOf(accent: string): ServedTenant['stylesheet'] {
  const css = `:root{--portal-accent:${accent}}\n`;
  return { hash: sha256(css).slice(0, 16), css };
}
