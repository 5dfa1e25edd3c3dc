import { ServerResponse } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http';
import { acceptedCoding, isPackable, packNow, SMALLEST_PACKED } from './compression.ts';
import type { PageClass } from '#src/portal/page.ts';
import { headerSets } from './security.ts';
import type { HeaderSets } from './security.ts';

/** What decides the headers of an answer; the front fills it in as it learns more about the request. */
export interface AnswerPlan {
  headers: HeaderSets;
  pageClass: PageClass;
  referrer: string;
  requestId: string;
  /** True where the handler may choose Cache-Control and pack bodies itself: our files and direct handlers. */
  ownsCaching: boolean;
  /** True once the server drains: the connection closes after this answer. */
  closing: () => boolean;
  /** Reports what broke and gives what to show instead. */
  failed: (error: unknown) => { readonly type: string; readonly body: string };
}

type Done = (error?: Error | null) => void;

const NEUTRAL = headerSets({}, false);
const PRIVATE = 'private, no-store';
const BUSY_FOR_SECONDS = 5;

/**
 * The response every answer of the front goes through. It adds the security headers to whatever is answered, and
 * holds HTML back until it is complete: a page that breaks half-way becomes a whole 500 page, never half a page
 * with status 200. Everything else passes through as it is written.
 */
export class FrontResponse<
  Request extends IncomingMessage = IncomingMessage,
> extends ServerResponse<Request> {
  plan: AnswerPlan | undefined;
  /** Bytes of the body sent so far, packed. */
  bodyBytes = 0;
  #held: Buffer[] | undefined;
  #begun = false;

  override writeHead(
    status: number,
    reason?: string | OutgoingHttpHeaders | OutgoingHttpHeader[],
    headers?: OutgoingHttpHeaders | OutgoingHttpHeader[],
  ): this {
    this.statusCode = status;
    if (typeof reason === 'string') this.statusMessage = reason;
    this.#take(typeof reason === 'string' ? headers : reason);
    if (this.#begun) return this;
    this.#begun = true;
    if (this.#isHeld()) this.#held = [];
    else this.#sendHead();
    return this;
  }

  override write(chunk: unknown, encoding?: BufferEncoding | Done, done?: Done): boolean {
    const bytes = asBuffer(chunk, encoding);
    const after = typeof encoding === 'function' ? encoding : done;
    if (!this.#begun) this.writeHead(this.statusCode);
    if (this.#held === undefined) {
      this.bodyBytes += bytes.length;
      return super.write(bytes, after);
    }
    this.#held.push(bytes);
    if (after !== undefined) queueMicrotask(() => after());
    return true;
  }

  override end(chunk?: unknown, encoding?: BufferEncoding | (() => void), done?: () => void): this {
    const first = typeof chunk === 'function' ? undefined : chunk;
    const after = [chunk, encoding, done].find((value) => typeof value === 'function');
    const bytes = first === undefined || first === null ? undefined : asBuffer(first, encoding);
    if (!this.#begun) {
      if (bytes !== undefined && !this.hasHeader('content-length'))
        this.setHeader('Content-Length', bytes.length);
      this.writeHead(this.statusCode);
    }
    const callback = after === undefined ? undefined : (): void => void Reflect.apply(after, undefined, []);
    if (this.#held === undefined) {
      this.bodyBytes += bytes?.length ?? 0;
      return bytes === undefined ? super.end(callback) : super.end(bytes, callback);
    }
    if (bytes !== undefined) this.#held.push(bytes);
    return this.#finish(callback);
  }

  override destroy(error?: Error): this {
    if (
      this.#held === undefined ||
      this.headersSent ||
      this.socket?.destroyed !== false ||
      error === undefined
    ) {
      return super.destroy(error);
    }
    return this.breakOff(error);
  }

  /** Replaces whatever was going to be answered by the 500 page; too late for that, it cuts the connection. */
  breakOff(error: unknown): this {
    if (this.headersSent || this.plan === undefined) return super.destroy();
    const shown = this.plan.failed(error);
    this.#begun = true;
    this.#held = [];
    this.statusCode = 500;
    this.statusMessage = '';
    for (const name of this.getHeaderNames()) this.removeHeader(name);
    this.setHeader('Content-Type', shown.type);
    return this.#sendHeld(Buffer.from(shown.body));
  }

  /** Pages until they are complete, failures until they are replaced, redirects so that they tell their length. */
  #isHeld(): boolean {
    const status = this.statusCode;
    if (status === 500 && this.plan?.ownsCaching === false) return true;
    if (status > 300 && status < 400 && status !== 304) return true;
    return String(this.getHeader('content-type') ?? '').startsWith('text/html');
  }

  #finish(callback?: () => void): this {
    const body = Buffer.concat(this.#held ?? []);
    if (this.statusCode === 500 && this.plan?.ownsCaching === false) return this.breakOff(undefined);
    return this.#sendHeld(body, callback);
  }

  #sendHeld(page: Buffer, callback?: () => void): this {
    const body = this.#packed(page);
    this.#held = undefined;
    if (this.req.method === 'HEAD') this.removeHeader('content-length');
    else this.setHeader('Content-Length', body.length);
    this.#sendHead();
    this.bodyBytes = this.req.method === 'HEAD' ? 0 : body.length;
    return super.end(body, callback);
  }

  #packed(page: Buffer): Buffer {
    if (page.length < SMALLEST_PACKED || this.hasHeader('content-encoding')) return page;
    if (!isPackable(String(this.getHeader('content-type') ?? ''))) return page;
    this.setHeader('Vary', 'Cookie, Accept-Encoding');
    const coding = acceptedCoding(this.req.headers['accept-encoding'], 'now');
    if (coding === undefined || this.req.method === 'HEAD') return page;
    this.setHeader('Content-Encoding', coding);
    return packNow(page, coding);
  }

  #sendHead(): void {
    const plan = this.plan;
    const sets = plan?.headers ?? NEUTRAL;
    const lines = sets[this.#classOfAnswer()];
    for (let at = 0; at < lines.length; at += 2) this.setHeader(lines[at] ?? '', lines[at + 1] ?? '');
    this.setHeader('Referrer-Policy', plan?.referrer ?? 'same-origin');
    if (plan !== undefined) this.setHeader('X-Request-Id', plan.requestId);
    const chosen =
      plan?.ownsCaching === true && this.hasHeader('cache-control') && !this.hasHeader('set-cookie');
    if (!chosen) this.setHeader('Cache-Control', PRIVATE);
    if (!chosen && !this.hasHeader('vary')) this.setHeader('Vary', 'Cookie');
    if (plan?.closing() === true) this.setHeader('Connection', 'close');
    if (this.statusCode === 503 && !this.hasHeader('retry-after'))
      this.setHeader('Retry-After', BUSY_FOR_SECONDS);
    super.writeHead(this.statusCode);
  }

  #classOfAnswer(): PageClass {
    const type = String(this.getHeader('content-type') ?? '');
    if (type.startsWith('application/pdf')) return 'pdf';
    if (type !== '' && !type.startsWith('text/html')) return 'file';
    if (this.statusCode >= 400 && this.statusCode !== 422) return 'core';
    return this.plan?.pageClass ?? 'core';
  }

  #take(headers: OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined): void {
    if (headers === undefined) return;
    if (Array.isArray(headers)) {
      for (let at = 0; at + 1 < headers.length; at += 2) {
        const value = headers[at + 1];
        if (value !== undefined) this.appendHeader(String(headers[at]), asHeader(value));
      }
      return;
    }
    for (const name in headers) {
      const value = headers[name];
      if (value !== undefined) this.setHeader(name, value);
    }
  }
}

function asHeader(value: OutgoingHttpHeader): string | readonly string[] {
  return typeof value === 'number' ? String(value) : value;
}

function asBuffer(chunk: unknown, encoding: unknown): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk;
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (typeof chunk !== 'string') throw new TypeError('A body is written as text or bytes.');
  return Buffer.from(chunk, isEncoding(encoding) ? encoding : 'utf8');
}

function isEncoding(value: unknown): value is BufferEncoding {
  return typeof value === 'string' && Buffer.isEncoding(value);
}
