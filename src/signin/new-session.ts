import type { ScopedRow } from '#db/scoped.ts';
import { nowMs } from '#src/kernel/time.ts';
import type { MerchantScope, Ports } from '#src/scope.ts';
import type { NewSession, SessionScope } from './session.ts';

/** What is stored of a session besides its id and whose it is. */
export type StoredSession = Omit<ScopedRow<'sessions'>, 'id' | 'user_id'> & { tenant_id: number };
const FRESH_MS = 10 * 60_000;
/** Idle seconds and absolute seconds of scopes that the tenant does not set. Alike: such a session is not renewed. */
const FIXED_LIFE: Readonly<Record<Exclude<SessionScope, 'portal'>, number>> = {
  temporary: 3600,
  document: 3600,
  manage: 1800,
};

/** What is to be stored of a new session, by our clock and the tenant's settings. */
export function newAttributes(merchant: MerchantScope, fresh: NewSession, { clock }: Ports): StoredSession {
  const now = nowMs(clock);
  const seconds = Math.floor(now / 1000);
  const { idle, absolute } = lifeOf(merchant, fresh.scope);
  const proven = fresh.method === 'email_link' || fresh.method === 'email_code';
  return {
    tenant_id: merchant.tenant.id,
    customer_id: fresh.customerId ?? null,
    scope: fresh.scope,
    document: fresh.document ?? null,
    method: fresh.method,
    key_id: fresh.keyId ?? null,
    issuer: fresh.issuer?.slice(0, 100) ?? null,
    link: fresh.link ?? null,
    address: fresh.address.slice(0, 64),
    browser: fresh.browser.slice(0, 200),
    idle_seconds: idle,
    expires_at: seconds + idle,
    absolute_expires_at: seconds + absolute,
    fresh_until: proven ? now + FRESH_MS : null,
    created_at: now,
    seen_at: now,
  };
}

function lifeOf({ settings }: MerchantScope, scope: SessionScope): { idle: number; absolute: number } {
  if (scope !== 'portal') return { idle: FIXED_LIFE[scope], absolute: FIXED_LIFE[scope] };
  const absolute = settings['session.absolute_seconds'];
  return { idle: Math.min(settings['session.idle_seconds'], absolute), absolute };
}
