import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { loadAssets } from './assets.ts';
import { canonicalAddress, hostOf, methodsOf, refusalOfForm, setCanonical } from './admission.ts';
import { countFields, readBody } from './body.ts';
import { addressKey, createAddressReader, stripForwarded, watchProxies } from './client-address.ts';
import type { Exchange, FrontOptions, FrontTenant, RequestFacts } from './exchange.ts';
import type { FrontResponse } from './front-response.ts';
import { createListener, defaultServerLimits } from './listener.ts';
import type { Listener } from './listener.ts';
import { createRateLimiter } from './limits.ts';
import type { RateLimiter } from './limits.ts';
import { redactPath } from './log.ts';
import { STRICT } from '#src/portal/page.ts';
import { pageRuleAt } from './pages.ts';
import { canonicalPath, isUnder } from './path.ts';
import { plainProblemPage, problem, problemJson } from './problems.ts';
import { headerSets, passesCsrfGate } from './security.ts';
import { isSecure, rememberedHeaders } from './tenant-headers.ts';
import type { HeaderSets } from './security.ts';
import { createFileServer } from './static-files.ts';
import type { FileServer } from './static-files.ts';

/** What every request needs and no request changes. */
interface House<T extends FrontTenant> {
  readonly options: FrontOptions<T>;
  readonly addresses: ReturnType<typeof createAddressReader>;
  readonly files: FileServer<T>;
  readonly limiter: RateLimiter;
  readonly headers: (tenant: T) => HeaderSets;
  readonly noteProxy: ReturnType<typeof watchProxies>;
  readonly draining: () => boolean;
}

/** 500 invoices in one payment bring three fields each. */
const MOST_FIELDS = 2_000;
const PROXIED_KEEP_ALIVE_MS = 75_000;
/** Routes that the framework brings and the portal does not use. */
const BUILT_INS = ['/_image', '/_server-islands', '/_actions'];
const NO_TENANT = headerSets({}, false);

/**
 * Makes the HTTP server that stands before the pages. Every request passes, in this order: canonical path, Host →
 * tenant, client address, method, rate limits, CSRF gate, body cap; and every answer, refusals and failures
 * included, leaves through `FrontResponse` with the full set of headers. The server does not listen yet.
 */
export function createFront<T extends FrontTenant>(options: FrontOptions<T>): Listener {
  const addresses = createAddressReader(options.trustedProxies);
  const keepAlive = options.trustedProxies.length > 0 ? { keepAliveMs: PROXIED_KEEP_ALIVE_MS } : {};
  const files = createFileServer(loadAssets(options.assetsDir), options.stylesheet);
  const house: House<T> = {
    options,
    addresses,
    files,
    limiter: options.limiter ?? createRateLimiter(() => performance.now()),
    headers: rememberedHeaders(options),
    noteProxy: watchProxies(addresses, options.unnamedProxy),
    draining: () => listener.draining(),
  };
  const listener = createListener({
    limits: { ...defaultServerLimits, ...keepAlive, ...options.limits },
    isProxy: addresses.trusts,
    requestId: newRequestId,
    handle: (request, response) => void handle(house, request, response),
  });
  return listener;
}

async function handle<T extends FrontTenant>(
  house: House<T>,
  request: IncomingMessage,
  response: FrontResponse,
): Promise<void> {
  const exchange = open(house, request, response);
  try {
    const early = refusalOfForm(request, exchange.path);
    if (early !== undefined) return refuse(house, exchange, early);
    if (exchange.path === '/_health') return answerHealth(house, exchange);
    const found = house.options.tenantOf(exchange.host);
    const tenant = found instanceof Promise ? await found : found;
    if (tenant !== undefined) await serve(house, exchange, tenant);
    // The page that says so is styled as every other.
    else if (!house.files.built(exchange)) refuse(house, exchange, 421);
  } catch (error) {
    response.breakOff(error);
  }
}

/** Begins the exchange: id, client, the neutral header set, and the log line for when it ends. */
function open<T extends FrontTenant>(
  house: House<T>,
  request: IncomingMessage,
  response: FrontResponse,
): Exchange<T> {
  const peer = request.socket.remoteAddress;
  const trusted = house.addresses.trusts(peer);
  const forwarded = request.headers['x-forwarded-for'];
  const path = canonicalPath(request.url ?? '') ?? '';
  const rule = pageRuleAt(path);
  const exchange: Exchange<T> = {
    request,
    response,
    path,
    rule,
    host: hostOf(request),
    method: request.method ?? '',
    requestId: newRequestId(),
    startedAt: house.options.now(),
    client: trusted
      ? house.addresses.clientOf(peer, String(forwarded ?? ''))
      : house.addresses.clientOf(peer, ''),
    forwardedProto: trusted ? request.headers['x-forwarded-proto'] : undefined,
    tenant: undefined,
    direct: undefined,
  };
  house.noteProxy(peer, request.headers);
  stripForwarded(request.headers);
  response.plan = {
    headers: NO_TENANT,
    pageClass: rule.pageClass,
    // An address that cannot be read may hold anything.
    referrer: path === '' ? 'same-origin' : rule.referrer,
    requestId: exchange.requestId,
    ownsCaching: false,
    closing: house.draining,
    failed: (error) => fail(house, exchange, error),
  };
  response.once('close', () => record(house, exchange));
  return exchange;
}

async function serve<T extends FrontTenant>(
  house: House<T>,
  exchange: Exchange<T>,
  tenant: T,
): Promise<void> {
  const { request, response, method, path } = exchange;
  admit(house, exchange, tenant);
  const elsewhere = canonicalAddress(exchange, tenant);
  if (elsewhere !== undefined) return redirect(house, exchange, elsewhere);
  const allowed = methodsOf(exchange);
  if (!allowed.includes(method)) {
    response.setHeader('Allow', allowed.join(', '));
    return refuse(house, exchange, 405);
  }
  const wait = limitedFor(house, exchange);
  if (wait > 0) {
    response.setHeader('Retry-After', wait);
    return refuse(house, exchange, 429);
  }
  if (exchange.direct?.cookieBlind === true) delete request.headers.cookie;
  else if (!passesCsrfGate(method, request.headers, tenant.canonicalOrigin))
    return refuse(house, exchange, 403);
  if (BUILT_INS.some((prefix) => isUnder(path, prefix))) return refuse(house, exchange, 404);
  if (method !== 'POST' && (await house.files.of(exchange, tenant))) return;
  const body = await readBody(
    request,
    response,
    (exchange.direct ?? exchange.rule).bodyCap ?? STRICT.bodyCap,
  );
  if (body.kind === 'gone') return void response.destroy();
  if (body.kind === 'too_large') return refuse(house, exchange, 413);
  if (exchange.direct === undefined && countFields(body.bytes) > MOST_FIELDS)
    return refuse(house, exchange, 413);
  await answer(house, exchange, tenant, body.bytes);
}

/** From here on the answer is the tenant's: its policy, and the direct handler of the path if there is one. */
function admit<T extends FrontTenant>(house: House<T>, exchange: Exchange<T>, tenant: T): void {
  exchange.tenant = tenant;
  exchange.direct = house.options.direct?.find((route) => isUnder(exchange.path, route.prefix));
  if (exchange.response.plan === undefined) return;
  exchange.response.plan.headers = house.headers(tenant);
  exchange.response.plan.ownsCaching = exchange.direct !== undefined;
}

async function answer<T extends FrontTenant>(
  house: House<T>,
  exchange: Exchange<T>,
  tenant: T,
  body: Buffer,
): Promise<void> {
  const { request, response, direct } = exchange;
  const facts = factsOf(exchange, tenant);
  if (direct !== undefined) {
    await direct.handle(request, response, { tenant, facts, body });
    return;
  }
  const locals = await house.options.localsFor(tenant, facts);
  const next = (error?: unknown): void =>
    error === undefined ? refuse(house, exchange, 404) : void response.breakOff(error);
  setCanonical(request, tenant, exchange.client);
  await house.options.pages(Object.assign(request, { body }), response, next, locals);
}

function factsOf<T extends FrontTenant>(exchange: Exchange<T>, tenant: T): RequestFacts {
  return {
    requestId: exchange.requestId,
    clientAddress: exchange.client,
    limitKey: addressKey(exchange.client),
    secure: isSecure(tenant),
    startedAt: exchange.startedAt,
  };
}

function redirect<T extends FrontTenant>(house: House<T>, exchange: Exchange<T>, location: string): void {
  if (exchange.method !== 'GET' && exchange.method !== 'HEAD') return refuse(house, exchange, 421);
  exchange.response.writeHead(308, { Location: location }).end();
}

/** Seconds to wait before this may be tried again; 0 when it may be now. */
function limitedFor<T extends FrontTenant>(house: House<T>, exchange: Exchange<T>): number {
  const { direct, rule, client } = exchange;
  const method = exchange.method === 'POST' ? 'POST' : 'GET';
  const limit = direct === undefined ? rule.limits[method] : (direct.limit ?? STRICT.limits.POST);
  if (limit === undefined) return 0;
  const taken = house.limiter.take(`${method} ${direct?.prefix ?? rule.group}`, addressKey(client), limit);
  return taken.allowed ? 0 : taken.retryAfterSeconds;
}

function answerHealth<T extends FrontTenant>(house: House<T>, exchange: Exchange<T>): void {
  const { response, method } = exchange;
  if (method !== 'GET' && method !== 'HEAD') return refuse(house, exchange, 405);
  const draining = house.draining();
  response.statusCode = draining ? 503 : 200;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end(draining ? 'draining\n' : 'ok\n');
}

/** Answers with a problem page; what is left unread of the request closes the connection. */
function refuse<T extends FrontTenant>(house: House<T>, exchange: Exchange<T>, status: number): void {
  const { request, response } = exchange;
  if (!request.complete) response.setHeader('Connection', 'close');
  const shown = problemBody(house, exchange, status);
  response.writeHead(status, {
    'Content-Type': shown.type,
    'Content-Length': Buffer.byteLength(shown.body),
  });
  response.end(shown.body);
}

function fail<T extends FrontTenant>(
  house: House<T>,
  exchange: Exchange<T>,
  error: unknown,
): { type: string; body: string } {
  const { log, now } = house.options;
  const text =
    error instanceof Error ? (error.stack ?? error.message) : String(error ?? 'a page answered 500');
  log({ event: 'error', at: now(), id: exchange.requestId, path: redactPath(exchange.path), error: text });
  return problemBody(house, exchange, 500);
}

function problemBody<T extends FrontTenant>(
  house: House<T>,
  exchange: Exchange<T>,
  status: number,
): { type: string; body: string } {
  const shown = problem(status, exchange.requestId);
  if (exchange.direct?.json === true) return { type: 'application/problem+json', body: problemJson(shown) };
  const type = 'text/html; charset=utf-8';
  try {
    return { type, body: house.options.errorPage?.(shown, exchange.tenant) ?? plainProblemPage(shown) };
  } catch {
    return { type, body: plainProblemPage(shown) };
  }
}

function record<T extends FrontTenant>(house: House<T>, exchange: Exchange<T>): void {
  const { response, startedAt } = exchange;
  const at = house.options.now();
  house.options.log({
    event: 'request',
    at,
    id: exchange.requestId,
    tenant: exchange.tenant?.username,
    client: exchange.client,
    method: exchange.method,
    path: redactPath(exchange.path),
    status: response.statusCode,
    bytes: response.bodyBytes,
    ms: Math.round((at - startedAt) * 10) / 10,
    aborted: !response.writableFinished,
  });
}

/** Short enough to read over the telephone, long enough not to meet twice in a log. */
function newRequestId(): string {
  return randomUUID().slice(0, 13);
}
