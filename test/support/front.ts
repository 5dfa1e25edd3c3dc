import { mkdtempSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { FrontOptions, FrontTenant, PageHandler } from '#src/server/exchange.ts';
import { createFront } from '#src/server/front.ts';
import type { Listener } from '#src/server/listener.ts';
import type { FrontLogEntry } from '#src/server/log.ts';

/** A raw HTTP answer: header names are lower-case, repeated ones joined with a line break. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  readonly bytes: Buffer;
}

/** A front with two tenants, its port and everything it logged. */
export interface TestFront {
  readonly listener: Listener;
  readonly port: number;
  readonly log: FrontLogEntry[];
  /** Sends bytes and reads until the server closes the connection. */
  raw(bytes: string | Buffer): Promise<RawAnswer>;
  /** Sends one request to acme with `Connection: close`; more header lines and a body may follow. */
  ask(method: string, target: string, headers?: Record<string, string>, body?: string): Promise<RawAnswer>;
  /** An open connection to the front. */
  socket(): Promise<Socket>;
}

export const acme: FrontTenant = { username: 'acme', canonicalOrigin: 'http://acme.localhost:4321' };
export const globex: FrontTenant = { username: 'globex', canonicalOrigin: 'https://pay.globex.test' };

/** Starts a front on a free port for one test; it stops when the test ends. */
export async function startFront(
  pages: PageHandler,
  options: Partial<FrontOptions<FrontTenant>> = {},
): Promise<TestFront> {
  const log: FrontLogEntry[] = [];
  const tenants = new Map([
    ['acme.localhost', acme],
    ['pay.globex.test', globex],
    ['globex.localhost', globex],
  ]);
  const listener = createFront<FrontTenant>({
    tenantOf: (host) => tenants.get(host),
    pages,
    localsFor: (tenant, facts) => ({ tenant, facts }),
    assetsDir: assetFolder(),
    trustedProxies: [],
    log: (entry) => log.push(entry),
    now: () => Date.now(),
    ...options,
  });
  const { port } = await listener.listen(0);
  onTestFinished(async () => {
    await listener.drain(100);
  });
  const raw = (bytes: string | Buffer): Promise<RawAnswer> => exchangeRaw(port, bytes);
  return {
    listener,
    port,
    log,
    raw,
    ask: (method, target, headers = {}, body = '') => raw(requestText(method, target, headers, body)),
    socket: () => open(port),
  };
}

/** The text of a request; Host is acme unless given, and a body brings its length. */
export function requestText(
  method: string,
  target: string,
  headers: Record<string, string>,
  body = '',
): string {
  const length: Record<string, string> =
    body === '' ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  const all = { Host: 'acme.localhost:4321', Connection: 'close', ...length, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** Reads a raw answer; throws when the bytes are none. */
export function readAnswer(bytes: Buffer): RawAnswer {
  const text = bytes.toString('latin1').replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '');
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1]);
  if (end === -1 || Number.isNaN(status))
    throw new Error(`Not an answer: ${JSON.stringify(text.slice(0, 80))}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const before = headers.get(name);
    headers.set(name, `${before === undefined ? '' : `${before}\n`}${line.slice(colon + 1).trim()}`);
  }
  const body = Buffer.from(text.slice(end + 4), 'latin1');
  return { status, headers, body: body.toString(), bytes: body };
}

function assetFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'front-assets-'));
  mkdirSync(join(folder, '_astro'));
  writeFileSync(join(folder, '_astro', 'page.Ab12.css'), `.a { color: red }\n`.repeat(200));
  writeFileSync(join(folder, '_astro', 'page.Ab12.js'), 'console.log(1)\n');
  writeFileSync(join(folder, '_astro', 'page.Ab12.js.map'), '{}');
  writeFileSync(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(join(folder, 'index.html'), '<p>not served</p>');
  writeFileSync(join(folder, '.secret.txt'), 'not served');
  return folder;
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
    onTestFinished(() => void socket.destroy());
  });
}

async function exchangeRaw(port: number, bytes: string | Buffer): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => chunks.push(Buffer.from(chunk)));
    socket.on('error', (error) => (chunks.length === 0 ? reject(error) : undefined));
    socket.on('close', () => {
      try {
        resolve(readAnswer(Buffer.concat(chunks)));
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
}
