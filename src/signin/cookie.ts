/** The two cookies of the house: the session, and the browser that asked for a sign-in mail. */
export type CookieName = 'portal' | 'signin';

/** What a Cookie header says about one of our cookies. */
export interface CookieReading {
  /** Absent when the cookie is not there, or there more than once (somebody planted one): then nobody is signed in. */
  readonly value: string | undefined;
  /** Whether the header names the cookie at all, usable or not. */
  readonly present: boolean;
}

const ABSENT: CookieReading = { value: undefined, present: false };
const LONGEST_HEADER = 16_384;

/** Reads one of our cookies. Any header is readable: what is odd is skipped, nothing is decoded, nothing throws. */
export function readCookie(header: string | undefined, origin: string, name: CookieName): CookieReading {
  if (!header || header.length > LONGEST_HEADER) return ABSENT;
  const wanted = cookieName(origin, name);
  const values = header.split(';').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at > 0 && pair.slice(0, at).trim() === wanted ? [pair.slice(at + 1).trim()] : [];
  });
  if (values.length === 0) return ABSENT;
  return { value: values.length === 1 ? values[0] : undefined, present: true };
}

/** A Set-Cookie value for the tenant's own host alone: no Domain, not readable by scripts, Secure where the portal is https. */
export function setCookie(origin: string, name: CookieName, value: string, maxAgeSeconds: number): string {
  const secure = isSecure(origin) ? '; Secure' : '';
  const age = Math.max(0, Math.floor(maxAgeSeconds));
  return `${cookieName(origin, name)}=${value}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Lax${secure}`;
}

/** A Set-Cookie value that makes the browser forget the cookie. */
export function clearCookie(origin: string, name: CookieName): string {
  return setCookie(origin, name, '', 0);
}

/** The `__Host-` prefix (RFC 6265bis §4.1.3.2) keeps sibling hosts from planting it; browsers demand https for it. */
export function cookieName(origin: string, name: CookieName): string {
  return isSecure(origin) ? `__Host-${name}` : name;
}

function isSecure(origin: string): boolean {
  return origin.startsWith('https:');
}
