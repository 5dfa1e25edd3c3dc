import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Stripe } from 'stripe';
import { type Params, StripeBooks, text } from './stripe-books.ts';
import { ApiError, invalid, missing } from './stripe-objects.ts';

/** What breaks on the way: the answer to the next requests with such a path, after or before they were carried out. */
export interface Break {
  readonly path: RegExp;
  readonly after: boolean;
  times: number;
}

export interface StripeServer {
  /** For the options of the stripe package. */
  readonly place: { readonly host: string; readonly port: number; readonly protocol: 'http' };
  /** The books of the account that a secret key opens. */
  books(secretKey: string): StripeBooks;
  /** What was asked, as `POST /v1/payment_intents`. */
  readonly asked: string[];
  break(fault: Break): void;
  /** Moves Stripe's time on (ms). */
  pass(ms: number): void;
  now(): number;
  close(): Promise<void>;
}

interface Kept {
  readonly request: string;
  readonly status: number;
  readonly body: string;
  readonly until: number;
}

const DAY_MS = 86_400_000;
/** How far the search is behind. */
const SEARCH_LAG_S = 60;

/**
 * Stripe on the loopback interface, as far as the portal asks it: it answers as the published API description says, with Stripe's rules for
 * idempotency keys (kept for a day, the same words or an error) and a search that lags behind.
 */
export async function startStripe(start: number): Promise<StripeServer> {
  let now = start;
  const accounts = new Map<string, StripeBooks>();
  const faults: Break[] = [];
  const asked: string[] = [];
  const answers = new Map<string, Kept>();
  const booksOf = (key: string): StripeBooks => {
    const account = accountOfKey(key);
    const books = accounts.get(account) ?? new StripeBooks(account, () => now);
    accounts.set(account, books);
    return books;
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const url = new URL(request.url ?? '/', 'http://stripe.test');
    const line = `${request.method} ${url.pathname}`;
    asked.push(line);
    const fault = faults.find(({ path, times }) => times > 0 && path.test(line));
    if (fault) fault.times -= 1;
    if (fault && !fault.after) return void request.socket.destroy();
    const secret = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const params = formOf(request.method === 'GET' ? url.search.slice(1) : body);
    const key = request.headers['idempotency-key'];
    const words = `${line} ${body}`;
    const { replayed, ...answer } = answeredOnce(answers, secret, String(key ?? ''), words, now, () => {
      if (/unknown/.test(secret))
        throw new ApiError(401, 'invalid_request_error', 'Invalid API Key provided');
      return perform(booksOf(secret), request.method ?? '', url.pathname.split('/').slice(2), params);
    });
    if (fault) return void request.socket.destroy();
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      'request-id': `req_${asked.length}`,
      ...(replayed ? { 'idempotent-replayed': 'true' } : {}),
    });
    response.end(answer.body);
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => request.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    place: { host: '127.0.0.1', port, protocol: 'http' },
    books: booksOf,
    asked,
    break: (fault) => void faults.push(fault),
    pass: (ms) => void (now += ms),
    now: () => now,
    close: () => closed(server),
  };
}

/** Keys that end on `_new` and the like are newer keys of the same account. */
function accountOfKey(key: string): string {
  return key.replace(/^[rs]k_(test|live)_/, 'acct_').replace(/_new\d*$/, '');
}

/** An event as a webhook of Stripe's, signed with an endpoint's secret at that time (epoch ms). */
export function stripeWebhook(
  event: { readonly id: string; readonly type: string; readonly object: object; readonly livemode?: boolean },
  secret: string,
  atMs: number,
): { headers: Record<string, string>; body: Uint8Array } {
  const created = Math.floor(atMs / 1000);
  const payload = JSON.stringify({
    id: event.id,
    object: 'event',
    type: event.type,
    created,
    livemode: event.livemode ?? false,
    pending_webhooks: 1,
    data: { object: event.object },
  });
  const { webhooks } = new Stripe('sk_test_of_the_tests');
  const header = webhooks.generateTestHeaderString({ payload, secret, timestamp: created });
  return { headers: { 'stripe-signature': header }, body: Buffer.from(payload) };
}

/** The first answer to an idempotency key stands for a day; other words under the same key are an error. Requests that never began are not kept. */
function answeredOnce(
  answers: Map<string, Kept>,
  secret: string,
  key: string,
  request: string,
  now: number,
  work: () => unknown,
): { status: number; body: string; replayed: boolean } {
  const slot = `${secret} ${key}`;
  const before = key === '' ? undefined : answers.get(slot);
  if (before && before.until > now) {
    if (before.request === request) return { ...before, replayed: true };
    const message = `Keys for idempotent requests can only be used with the same parameters they were first used with.`;
    return { ...written(new ApiError(400, 'idempotency_error', message)), replayed: false };
  }
  const { status, body } = tried(work);
  if (key !== '' && !(status === 400 && /parameter_/.test(body)))
    answers.set(slot, { request, status, body, until: now + DAY_MS });
  return { status, body, replayed: false };
}

function tried(work: () => unknown): { status: number; body: string } {
  try {
    return { status: 200, body: JSON.stringify(work()) };
  } catch (error) {
    if (error instanceof ApiError) return written(error);
    throw error;
  }
}

function written({ status, body }: ApiError): { status: number; body: string } {
  return { status, body: JSON.stringify(body) };
}

function perform(books: StripeBooks, method: string, path: readonly string[], params: Params): unknown {
  const [kind = '', id = '', action = ''] = path;
  const route = [method, kind, id === 'search' ? id : id && '{id}', action].filter(Boolean).join(' ');
  const show = (object: object): unknown => expandedIn(books, object, params);
  switch (route) {
    case 'GET account':
      return { id: books.account, object: 'account' };
    case 'POST customers':
      return books.createCustomer(params);
    case 'GET customers search':
      return found(books, [...books.customers.values()], params);
    case 'GET payment_methods {id}':
      return (books.methods.get(id) ?? raise(missing('PaymentMethod', id, 'payment_method'))).object;
    case 'POST payment_methods {id} detach':
      return books.detach(id);
    case 'POST payment_intents':
      return show(books.createIntent(params));
    case 'GET payment_intents':
      return listed(
        [...books.intents.keys()].map((one) => books.intent(one)),
        params,
        show,
      );
    case 'GET payment_intents search':
      return found(books, [...books.intents.values()], params);
    case 'GET payment_intents {id}':
      return show(books.intent(id));
    case 'POST payment_intents {id} confirm':
      return show(books.confirmIntent(id, params));
    case 'POST payment_intents {id} cancel':
      return show(books.cancelIntent(id, params));
    case 'POST setup_intents':
      return show(books.createSetup(params));
    case 'GET setup_intents':
      return listed([...books.setups.values()], params, show);
    case 'GET setup_intents {id}':
      return show(books.setup(id));
    case 'POST setup_intents {id} cancel':
      return show(books.cancelSetup(id, params));
    case 'POST setup_intents {id} verify_microdeposits':
      return show(books.verifyDeposits(id, params));
    case 'POST refunds':
      return books.createRefund(params);
    case 'GET refunds':
      return refundsOf(books, params);
    case 'GET refunds {id}':
      return books.refunds.get(id) ?? raise(missing('refund', id));
    case 'GET disputes {id}':
      return books.disputes.get(id) ?? raise(missing('dispute', id));
    default:
      throw invalid(`Unrecognized request URL (${method}: ${path.join('/')})`);
  }
}

function refundsOf(books: StripeBooks, params: Params): unknown {
  const intent = text(params['payment_intent']) ?? '';
  if (!books.intents.has(intent)) throw missing('payment_intent', intent, 'payment_intent');
  return listed([...books.refunds.values()], params, (refund) => refund);
}

/** Newest first, filtered by the fields that the portal filters by. */
function listed(
  all: ReadonlyArray<{ readonly id: string; readonly created: number }>,
  params: Params,
  show: (object: object) => unknown,
): unknown {
  const since = Number(text((params['created'] as Params | undefined)?.['gte']) ?? 0);
  const wanted = ['customer', 'payment_intent', 'payment_method'].filter((name) => text(params[name]));
  const fitting = all.toReversed().filter((one) => {
    const fields = one as unknown as Record<string, unknown>;
    return one.created >= since && wanted.every((name) => fields[name] === params[name]);
  });
  const after = text(params['starting_after']);
  const from = after === undefined ? 0 : fitting.findIndex(({ id }) => id === after) + 1;
  const limit = Number(text(params['limit']) ?? 10);
  const data = fitting.slice(from, from + limit).map(show);
  return { object: 'list', data, has_more: from + limit < fitting.length, url: '/v1' };
}

/** Finds by one field of the metadata what is older than the lag. */
function found(
  books: StripeBooks,
  all: ReadonlyArray<{ readonly created: number; readonly metadata: Record<string, string> }>,
  params: Params,
): unknown {
  const [, field = '', value = ''] =
    /^metadata\['(\w+)'\]:'([^']*)'$/.exec(text(params['query']) ?? '') ?? [];
  if (field === '') throw invalid('The query is not one that this server reads.');
  const data = all.filter(
    ({ created, metadata }) => created <= books.seconds - SEARCH_LAG_S && metadata[field] === value,
  );
  return { object: 'search_result', data, has_more: false, next_page: null, url: '/v1' };
}

/** References are ids until they are asked to be expanded. */
function expandedIn(books: StripeBooks, object: object, params: Params): object {
  const names = Object.values((params['expand'] as Params | undefined) ?? {}).map(String);
  const copy = structuredClone(object) as Record<string, unknown>;
  const wants = (name: string): boolean => names.includes(name) || names.includes(`data.${name}`);
  if (wants('payment_method'))
    copy['payment_method'] = books.methods.get(String(copy['payment_method']))?.object ?? null;
  if (wants('latest_charge'))
    copy['latest_charge'] = books.charges.get(String(copy['latest_charge'])) ?? null;
  return copy;
}

/** `a[b]=c` as Stripe reads it. */
function formOf(form: string): Params {
  const params: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(form)) {
    const path = name.replaceAll(']', '').split('[');
    let at = params;
    for (const part of path.slice(0, -1)) at = (at[part] ??= {}) as Record<string, unknown>;
    at[path.at(-1)!] = value;
  }
  return params as Params;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

function raise(error: Error): never {
  throw error;
}
