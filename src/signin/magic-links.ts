import { compactVerify, SignJWT } from 'jose';
import { EVERY_LINK, sha256 } from '#src/kernel/digest.ts';
import { refuse } from '#src/kernel/errors.ts';
import { secretToken } from '#src/kernel/ids.ts';
import { nowMs } from '#src/kernel/time.ts';
import { findCustomerById } from '#src/customers/customers.ts';
import type { MerchantScope } from '#src/scope.ts';
import { currentMagicLinkKey, type MagicLinkKey, magicLinkKeys } from '#src/tenants/keys.ts';
import { identityOfCustomer } from './accounts.ts';
import { isPageId } from '#src/portal/page-ids.ts';
import { urls } from '#src/portal/urls.ts';

/** A magic link that holds: whom it signs in. Nothing was written yet. */
export interface MagicLink {
  readonly customerId: number;
  readonly customerName: string;
  /** The identity it signs in as: the customer's main address, or a stand-in where there is none. */
  readonly email: string;
  readonly keyId: number;
  /** Who says to have made it (`iss`), shortened. */
  readonly issuer: string | undefined;
  /** Epoch seconds. */
  readonly expiresAt: number;
  readonly singleUse: boolean;
  /** What the link is known by: all with one `jti` are the same link. */
  readonly hash: string;
  /** The browser holds a session that this link made: go on with that one. */
  readonly alreadySignedIn: boolean;
}

/** The session that the browser holds already, as far as it matters here. */
export interface PresentSession {
  readonly customerId: number | undefined;
  readonly link: string | undefined;
}

const LONGEST_TOKEN = 4096;
const SKEW_SECONDS = 60;

/**
 * Checks the token of `/login/{jwt}`: HS256 alone, signed with a key of this tenant that counts now; `sub` the id of one of its
 * customers, as an integer or as digits; `exp` a finite number, still to come, and no farther off than the tenant's cap plus a
 * minute. `typ`, `iat` and `iss` are free. Refuses `link_invalid`, `link_expired`, `link_too_long`, `link_unknown_customer`
 * and `link_used`. Writes nothing: `claimMagicLink` does.
 */
export async function verifyMagicLink(
  merchant: MerchantScope,
  token: string,
  present?: PresentSession,
): Promise<MagicLink> {
  const { claims, key } = await verifySignature(merchant, token);
  const customerId = subjectOf(claims);
  const expiresAt = expiryOf(merchant, claims);
  const customer = await findSubject(merchant, customerId);
  const hash = hashOf(claims, token);
  const link: MagicLink = {
    customerId,
    customerName: customer.name,
    email: customer.email_canonical ?? identityOfCustomer(customerId),
    keyId: key.id,
    issuer: typeof claims['iss'] === 'string' ? claims['iss'].slice(0, 100) : undefined,
    expiresAt,
    singleUse: claims['jti'] !== undefined || merchant.settings['magic_link.single_use'],
    hash,
    alreadySignedIn: present?.link === hash && present.customerId === customerId,
  };
  const mayBeUsed = link.singleUse && !link.alreadySignedIn;
  if (mayBeUsed && (await wasUsed(merchant, link, madeAt(merchant, claims, expiresAt)))) refuse('link_used');
  return link;
}

/** Takes the link's one use, if it has only one. Of any number at once, one gets it; the others are refused `link_used`. */
export async function claimMagicLink(merchant: MerchantScope, link: MagicLink): Promise<void> {
  if (!link.singleUse || link.alreadySignedIn) return;
  const now = nowMs(merchant.clock);
  // Another token with the same jti may be made to last longer than this one.
  const last = now + (merchant.settings['magic_link.max_seconds'] + SKEW_SECONDS) * 1000;
  const row = {
    link_hash: link.hash,
    used_at: now,
    expires_at: Math.max(last, Math.ceil(link.expiresAt * 1000)),
  };
  if (!(await merchant.db.insertNew('used_links', row))) refuse('link_used');
}

export interface MintOptions {
  readonly ttlSeconds: number;
  /** A page id, see `PAGE_IDS`. */
  readonly redirectTo?: string | undefined;
  /** Adds a `jti`: the link works once. Always so where the tenant's setting says it. */
  readonly singleUse?: boolean | undefined;
}

/** Makes a magic link and answers its address. Refuses `unknown_customer`, and `bad_input` for a life or a page that is not allowed. */
export async function mintMagicLink(
  merchant: MerchantScope,
  customerId: number,
  { ttlSeconds, redirectTo, singleUse }: MintOptions,
): Promise<string> {
  const most = merchant.settings['magic_link.max_seconds'];
  if (!Number.isSafeInteger(ttlSeconds) || ttlSeconds < 1 || ttlSeconds > most) {
    refuse('bad_input', { ttl: `must be between 1 and ${most} seconds (setting magic_link.max_seconds)` });
  }
  if (redirectTo !== undefined && !isPageId(redirectTo))
    refuse('bad_input', { to: 'is not the id of a page' });
  const { id } = await findCustomerById(merchant, customerId);
  const { key } = await currentMagicLinkKey(merchant);
  const issuedAt = Math.floor(nowMs(merchant.clock) / 1000);
  const once = singleUse || merchant.settings['magic_link.single_use'];
  const claims = { sub: String(id), iss: 'portal', iat: issuedAt, exp: issuedAt + ttlSeconds };
  const token = await new SignJWT({ ...claims, ...(once ? { jti: secretToken(merchant.tokens) } : {}) })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .sign(bytesOf(key));
  return `${merchant.tenant.origin}${urls.magicLink(token)}${redirectTo ? `?redirect_to=${redirectTo}` : ''}`;
}

type Claims = Readonly<Record<string, unknown>>;

async function verifySignature(
  merchant: MerchantScope,
  token: string,
): Promise<{ claims: Claims; key: MagicLinkKey }> {
  if (token.length > LONGEST_TOKEN || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) refuse('link_invalid');
  for (const key of await magicLinkKeys(merchant)) {
    const claims = await claimsSignedWith(key.key, token);
    if (claims) return { claims, key };
  }
  return refuse('link_invalid');
}

async function claimsSignedWith(key: string, token: string): Promise<Claims | undefined> {
  try {
    const { payload, protectedHeader } = await compactVerify(token, bytesOf(key), { algorithms: ['HS256'] });
    if (protectedHeader.b64 === false) return undefined;
    const claims: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    return isClaims(claims) ? claims : undefined;
  } catch {
    // Whatever is wrong with it, it was not made with this key.
    return undefined;
  }
}

function isClaims(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A use is of the `jti`; without one, of what was signed: base64url lets the last character of a signature vary. */
function hashOf({ jti }: Claims, token: string): string {
  return sha256(jti === undefined ? token.slice(0, token.lastIndexOf('.')) : `jti:${JSON.stringify(jti)}`);
}

function subjectOf({ sub }: Claims): number {
  const digits = typeof sub === 'string' && /^[1-9]\d{0,15}$/.test(sub) ? Number(sub) : sub;
  return typeof digits === 'number' && Number.isSafeInteger(digits) && digits > 0
    ? digits
    : refuse('link_invalid');
}

function expiryOf(merchant: MerchantScope, { exp, nbf }: Claims): number {
  const now = nowMs(merchant.clock) / 1000;
  if (typeof exp !== 'number' || !Number.isFinite(exp)) return refuse('link_invalid');
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf <= now + SKEW_SECONDS)) refuse('link_invalid');
  if (exp <= now) refuse('link_expired');
  const most = now + merchant.settings['magic_link.max_seconds'] + SKEW_SECONDS;
  return exp > most ? refuse('link_too_long', { tenant: merchant.tenant.name }) : exp;
}

async function findSubject({ db }: MerchantScope, customerId: number) {
  const customer = await db
    .from('customers')
    .select(['name', 'email_canonical'])
    .where('id', '=', customerId)
    .where('closed_at', 'is', null)
    .executeTakeFirst();
  return customer ?? refuse('link_unknown_customer');
}

/** When it was made (epoch seconds), as its `iat` says; where that says nothing, the earliest moment at which it would have been accepted. */
function madeAt({ settings }: MerchantScope, { iat }: Claims, expiresAt: number): number {
  const isMoment = typeof iat === 'number' && iat <= expiresAt;
  return isMoment ? iat : expiresAt - settings['magic_link.max_seconds'] - SKEW_SECONDS;
}

/** A restore forgets which links were used since the backup: to be safe, all that were made before it. */
async function wasUsed({ db }: MerchantScope, { hash }: MagicLink, made: number): Promise<boolean> {
  const uses = await db
    .from('used_links')
    .select(['link_hash', 'used_at'])
    .where('link_hash', 'in', [hash, EVERY_LINK])
    .execute();
  return uses.some(({ link_hash, used_at }) => link_hash === hash || made * 1000 <= used_at);
}

function bytesOf(key: string): Uint8Array {
  return new TextEncoder().encode(key);
}
