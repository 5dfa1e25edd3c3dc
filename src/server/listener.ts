import { createServer, STATUS_CODES } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { FrontResponse } from './front-response.ts';
import { LONGEST_TARGET } from './path.ts';
import { plainProblemPage, problem } from './problems.ts';
import { headerSets } from './security.ts';

/** How long and how much the server waits for; times in milliseconds, sizes in bytes. */
export interface ServerLimits {
  /** Until all headers have arrived. */
  readonly headersMs: number;
  /** Until the whole request has arrived. */
  readonly requestMs: number;
  /** How long an idle connection is kept; longer than the proxy's own time when there is one. */
  readonly keepAliveMs: number;
  /** A connection on which nothing moves for so long is cut, in either direction. */
  readonly stalledMs: number;
  /** How often the first two are looked at. */
  readonly checkMs: number;
  readonly headerBytes: number;
  readonly connections: number;
  /** From one address that is no trusted proxy. */
  readonly connectionsPerAddress: number;
  /** 0 for as many as the client likes; Node answers 503 to one more, even to clients that miss `Connection: close`. */
  readonly requestsPerConnection: number;
}

/** A running server and how it ends. */
export interface Listener {
  readonly server: Server<typeof IncomingMessage, typeof FrontResponse>;
  /** Starts to listen; port 0 takes any free one. Rejects when the port is taken. */
  listen(port: number, host?: string): Promise<{ readonly port: number }>;
  /**
   * Stops accepting, lets what is in flight finish, cuts what is left after `timeoutMs`. True when nothing was cut.
   */
  drain(timeoutMs: number): Promise<boolean>;
  readonly draining: () => boolean;
}

/** The limits of a portal whose pages and forms are small. */
export const defaultServerLimits: ServerLimits = {
  headersMs: 10_000,
  requestMs: 30_000,
  keepAliveMs: 5_000,
  stalledMs: 60_000,
  checkMs: 2_000,
  headerBytes: 16_384,
  connections: 4_000,
  connectionsPerAddress: 200,
  requestsPerConnection: 0,
};

/** What the listener needs of the front. */
export interface ListenerOptions {
  readonly limits: ServerLimits;
  readonly isProxy: (peer: string | undefined) => boolean;
  readonly requestId: () => string;
  readonly handle: (request: IncomingMessage, response: FrontResponse) => void;
}

/** Makes the HTTP/1.1 server with its limits. Requests that cannot be parsed are answered here, by raw pages. */
export function createListener(options: ListenerOptions): Listener {
  const { limits } = options;
  const server = createServer(
    {
      ServerResponse: FrontResponse,
      maxHeaderSize: limits.headerBytes,
      connectionsCheckingInterval: limits.checkMs,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      requireHostHeader: false,
    },
    options.handle,
  );
  server.maxConnections = limits.connections;
  server.maxRequestsPerSocket = limits.requestsPerConnection;
  server.setTimeout(limits.stalledMs);
  server.on('checkContinue', options.handle);
  server.on('clientError', (error: Error, socket) =>
    refuseRaw(socket, options.requestId(), statusOf(error), isCookieFlood(error)),
  );
  server.on('connect', (_request, socket) => refuseRaw(socket, options.requestId(), 405));
  capPerAddress(server, limits.connectionsPerAddress, options.isProxy);
  let draining = false;
  return {
    server,
    listen: (port, host = '127.0.0.1') => listen(server, port, host),
    drain(timeoutMs) {
      draining = true;
      return drain(server, timeoutMs);
    },
    draining: () => draining,
  };
}

function listen(server: Server, port: number, host: string): Promise<{ readonly port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve({ port: typeof address === 'object' && address !== null ? address.port : port });
    });
  });
}

function drain(server: Server, timeoutMs: number): Promise<boolean> {
  if (!server.listening) return Promise.resolve(true);
  return new Promise((resolve) => {
    let cut = false;
    const idle = setInterval(() => server.closeIdleConnections(), 50);
    const last = setTimeout(() => {
      cut = true;
      server.closeAllConnections();
    }, timeoutMs);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(last);
      resolve(!cut);
    });
  });
}

function capPerAddress(server: Server, most: number, isProxy: (peer: string | undefined) => boolean): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const peer = socket.remoteAddress;
    if (peer === undefined || isProxy(peer)) return;
    const count = (open.get(peer) ?? 0) + 1;
    open.set(peer, count);
    socket.once('close', () => {
      const left = (open.get(peer) ?? 1) - 1;
      if (left === 0) open.delete(peer);
      else open.set(peer, left);
    });
    if (count > most) socket.destroy();
  });
}

function statusOf(error: Error): number {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
}

/**
 * True when it is cookies that make the headers too large: a sibling site may have set them, and only clearing them
 * lets the person in again. A long address alone must not sign anybody out.
 */
function isCookieFlood(error: Error): boolean {
  if (statusOf(error) !== 431 || !('rawPacket' in error) || !Buffer.isBuffer(error.rawPacket)) return false;
  const text = error.rawPacket.toString('latin1');
  return text.indexOf('\r\n') < LONGEST_TARGET && /\ncookie:/i.test(text);
}

/** Answers on the bare socket, where Node made no response object, and closes it. */
function refuseRaw(socket: Duplex, requestId: string, status: number, clearCookies = false): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const page = plainProblemPage(problem(status, requestId));
  const { core } = headerSets({}, false);
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`];
  for (let at = 0; at < core.length; at += 2) lines.push(`${core[at]}: ${core[at + 1]}`);
  lines.push('Referrer-Policy: same-origin', 'Cache-Control: private, no-store', 'Vary: Cookie');
  if (clearCookies) lines.push('Clear-Site-Data: "cookies"');
  lines.push('Content-Type: text/html; charset=utf-8', `Content-Length: ${Buffer.byteLength(page)}`);
  lines.push(`X-Request-Id: ${requestId}`, `Date: ${new Date().toUTCString()}`, 'Connection: close');
  socket.end(`${lines.join('\r\n')}\r\n\r\n${page}`);
  if ('destroySoon' in socket && typeof socket.destroySoon === 'function') socket.destroySoon();
}
