import type { IncomingHttpHeaders } from 'node:http';
import { contentSecurityPolicy } from './csp.ts';
import type { PageClass } from '#src/portal/page.ts';
import type { TenantSources } from './csp.ts';

/** The security headers of one tenant's answers, ready to set: name and value in turn, by page class. */
export type HeaderSets = Readonly<Record<PageClass, readonly string[]>>;

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const PERMISSIONS = [
  'accelerometer',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'usb',
];
const COMMON: readonly string[] = [
  'X-Content-Type-Options',
  'nosniff',
  'X-Frame-Options',
  'DENY',
  'Cross-Origin-Opener-Policy',
  'same-origin',
  'Cross-Origin-Resource-Policy',
  'same-origin',
  'Permissions-Policy',
  `${PERMISSIONS.map((feature) => `${feature}=()`).join(', ')}, payment=(self)`,
];

/** Names of the headers that every answer carries, lower-case; the test of completeness reads it. */
export const EVERY_ANSWER: readonly string[] = [
  'content-security-policy',
  'x-content-type-options',
  'x-frame-options',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'permissions-policy',
  'referrer-policy',
  'cache-control',
];

/**
 * True when an unsafe request comes from a page of this very origin, whatever its content type. Browsers say so in
 * Sec-Fetch-Site (only `same-origin` counts: a sibling subdomain is another tenant); older ones, and any browser on
 * plain http, in Origin, which must equal `canonicalOrigin` with scheme and port. A request with neither is no
 * browser's form and passes only when it brings no cookie.
 */
export function passesCsrfGate(
  method: string,
  headers: IncomingHttpHeaders,
  canonicalOrigin: string,
): boolean {
  if (SAFE_METHODS.has(method)) return true;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  if (headers.origin !== undefined) return headers.origin === canonicalOrigin;
  return headers.cookie === undefined;
}

/** Builds the header sets of a tenant once; `secure` adds HSTS (one year, this host alone). */
export function headerSets(sources: TenantSources, secure: boolean): HeaderSets {
  const transport = secure ? ['Strict-Transport-Security', 'max-age=31536000'] : [];
  const set = (pageClass: PageClass): readonly string[] => [
    'Content-Security-Policy',
    contentSecurityPolicy(pageClass, sources, { secure }),
    ...COMMON,
    ...transport,
  ];
  return {
    core: set('core'),
    content: set('content'),
    file: set('file'),
    letter: set('letter'),
    pdf: set('pdf'),
  };
}
