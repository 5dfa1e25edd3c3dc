import type { IncomingMessage } from 'node:http';
import { announcesBody } from './body.ts';
import type { Exchange, FrontTenant } from './exchange.ts';
import { isRepeated, readHost } from './host.ts';
import { LONGEST_TARGET } from './path.ts';

const USUAL_METHODS = ['GET', 'HEAD', 'POST'];

/** The status with which a request is refused for its form alone, before anybody asks whose it is. */
export function refusalOfForm(request: IncomingMessage, path: string): number | undefined {
  if ((request.url ?? '').length > LONGEST_TARGET) return 414;
  const coding = request.headers['transfer-encoding'];
  const bodyless = request.method === 'GET' || request.method === 'HEAD';
  if (path === '' || (coding !== undefined && coding !== 'chunked')) return 400;
  if (bodyless && announcesBody(request)) return 400;
  if (request.headers['content-encoding'] !== undefined) return 415;
  if (path === '/_health') return undefined;
  return hostOf(request) === '' || isRepeated(request.rawHeaders, 'host') ? 400 : undefined;
}

/** The host name a request was sent to; empty when the header is missing or malformed. */
export function hostOf(request: IncomingMessage): string {
  const reading = readHost(request.headers.host);
  return reading.ok ? reading.name : '';
}

/** What may be asked of the page or the direct route: what they say, else what is usual. */
export function methodsOf<T extends FrontTenant>({ direct, rule }: Exchange<T>): readonly string[] {
  if (direct !== undefined) return direct.methods ?? USUAL_METHODS;
  return USUAL_METHODS.filter((method) => rule.for[method === 'POST' ? 'POST' : 'GET'] !== undefined);
}

/** Where a request that came to an alias or over plain http belongs. */
export function canonicalAddress<T extends FrontTenant>(
  exchange: Exchange<T>,
  tenant: T,
): string | undefined {
  const canonical = new URL(tenant.canonicalOrigin);
  const downgraded = canonical.protocol === 'https:' && exchange.forwardedProto === 'http';
  if (canonical.hostname === exchange.host && !downgraded) return undefined;
  return `${canonical.origin}${exchange.request.url ?? '/'}`;
}

/**
 * What the page framework reads its address from: all of it ours, none the client's. Origin says what the CSRF gate
 * found, so that the framework's own weaker check cannot contradict it.
 */
export function setCanonical(request: IncomingMessage, tenant: FrontTenant, client: string): void {
  const { canonicalOrigin } = tenant;
  const scheme = canonicalOrigin.indexOf('://');
  request.headers.host = canonicalOrigin.slice(scheme + 3);
  request.headers['x-forwarded-proto'] = canonicalOrigin.slice(0, scheme);
  request.headers['x-forwarded-for'] = client;
  if (request.method === 'POST') request.headers.origin = canonicalOrigin;
}
