import type { ScopedRow } from '#db/scoped.ts';
import type { MerchantScope } from '#src/scope.ts';
import type { Tenant } from '#src/tenants/tenant.ts';

export type SessionScope = ScopedRow<'sessions'>['scope'];
export type SignInMethod = ScopedRow<'sessions'>['method'];

/** Somebody who is signed in on one browser. */
export interface Session {
  /** Hash of the cookie's value: safe to show and to link to, useless for signing in. */
  readonly id: string;
  readonly userId: string;
  /** Canonical address, or `customer:7` for a customer without one. */
  readonly email: string;
  /** The customer acted for; absent while one of several is to be chosen. */
  readonly customerId: number | undefined;
  readonly scope: SessionScope;
  /** Client id of the one document that a `document` session is for. */
  readonly document: string | undefined;
  readonly method: SignInMethod;
  readonly keyId: number | undefined;
  /** The `hash` of the magic link that made it. */
  readonly link: string | undefined;
  readonly address: string;
  readonly browser: string;
  /** Epoch ms until which the person counts as having just proven the address; absent when not. */
  readonly freshUntil: number | undefined;
  /** Epoch ms, as are the following. `seenAt` is exact to five minutes. */
  readonly createdAt: number;
  readonly seenAt: number;
  readonly expiresAt: number;
  readonly absoluteExpiresAt: number;
}

export interface NewSession {
  /** Canonical address, or what `identityOfCustomer` answers. */
  readonly email: string;
  readonly customerId?: number | undefined;
  readonly scope: SessionScope;
  readonly document?: string | undefined;
  readonly method: SignInMethod;
  readonly keyId?: number | undefined;
  readonly issuer?: string | undefined;
  readonly link?: string | undefined;
  /** Client address and browser, as the list of sessions shows them. */
  readonly address: string;
  readonly browser: string;
  /** Id of the session that the browser held until now: it ends. */
  readonly replaces?: string | undefined;
}

/**
 * Whose sessions somebody may see and end: their own, and those for the same customer by the same address. Other customers may share the
 * address, so a session that has yet to choose one is theirs alone who proved that the address is.
 */
export type SessionOwner = Pick<Session, 'id' | 'userId' | 'customerId' | 'method'>;

/** What a request's cookie says. */
export interface Authentication {
  readonly session: Session | undefined;
  /** The browser holds a session cookie that is of no use: tell it to forget it. */
  readonly staleCookie: boolean;
}

export interface Sessions {
  /** Signs in. Of more than 50 sessions of one address for one customer those end that were seen longest ago. The token goes into the cookie (for `maxAgeSeconds`) and is kept nowhere. Never call it inside `transact`. */
  issue(
    merchant: MerchantScope,
    fresh: NewSession,
  ): Promise<{ readonly token: string; readonly maxAgeSeconds: number; readonly session: Session }>;
  /** Who sends this Cookie header to this tenant. Two indexed reads; renews at most every five minutes. Never call it inside `transact`. */
  authenticate(
    tenant: Pick<Tenant, 'id' | 'origin'>,
    cookieHeader: string | undefined,
  ): Promise<Authentication>;
  /** Ends one session of the owner's; answers whether there was such a one. */
  revoke(merchant: MerchantScope, owner: SessionOwner, sessionId: string): Promise<boolean>;
  /** Ends every session of the owner's, but for one if told so; answers how many. */
  revokeAll(merchant: MerchantScope, owner: SessionOwner, exceptSessionId?: string): Promise<number>;
  /** The owner's sessions that have not ended, the one seen last first. */
  list(merchant: MerchantScope, owner: SessionOwner): Promise<Session[]>;
  /** Acts for another of the session's customers from now on. Refuses `not_found` for one that is not. */
  switchCustomer(merchant: MerchantScope, session: Session, customerId: number): Promise<void>;
  /** Deletes sessions that have ended, of all tenants. */
  sweep(): Promise<void>;
}
