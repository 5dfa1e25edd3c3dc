import type { FrontOptions, FrontTenant } from './exchange.ts';
import { headerSets, type HeaderSets } from './security.ts';

/** Header sets are built once per tenant record; a changed tenant is a new record. */
export function rememberedHeaders<T extends FrontTenant>(
  options: FrontOptions<T>,
): (tenant: T) => HeaderSets {
  const known = new WeakMap<T, HeaderSets>();
  return (tenant) => {
    const before = known.get(tenant);
    if (before !== undefined) return before;
    const sets = headerSets(options.sourcesFor?.(tenant) ?? {}, isSecure(tenant));
    known.set(tenant, sets);
    return sets;
  };
}

/** Whether the tenant's own address is https. */
export function isSecure(tenant: FrontTenant): boolean {
  return tenant.canonicalOrigin.startsWith('https:');
}
