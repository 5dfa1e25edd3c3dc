import { createServer } from 'node:net';
import { type IncomingHttpHeaders, request } from 'node:http';
import { onTestFinished } from 'vitest';
import { type Portal, startPortal } from '#src/server/portal.ts';
import type { Engine } from '#db/migrations/migration.ts';
import { mintMagicLink } from '#src/signin/magic-links.ts';
import type { MerchantScope } from '#src/scope.ts';
import { type House, type HouseOptions, openHouse } from './house.ts';

/** An installation that answers requests on loopback, at the addresses its tenants have in their links. */
export interface OpenPortal extends House {
  readonly portal: Portal;
}

/** Opens a house and serves it. Settings are read anew on every request. Everything stops when the test ends. */
export async function openPortal(
  engine: Engine = 'sqlite',
  options: { withWork?: boolean } & Pick<HouseOptions, 'realClock' | 'fault' | 'stripe' | 'sharedBook'> = {},
): Promise<OpenPortal> {
  const port = await freePort();
  const house = await openHouse(engine, {
    baseUrl: `http://localhost:${port}`,
    realClock: options.realClock,
    stripe: options.stripe,
    sharedBook: options.sharedBook,
    ...(options.fault ? { fault: options.fault } : {}),
  });
  const portal = await startPortal(house.app, { port, rememberMs: 0, withWork: options.withWork ?? false });
  onTestFinished(() => portal.close());
  return { ...house, portal };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

/** A browser without JavaScript: keeps cookies, follows redirects when told, sends forms as browsers do. */
export class Visitor {
  readonly #origin: URL;
  readonly #port: number;
  readonly #cookies = new Map<string, string>();

  constructor(origin: string, port: number) {
    this.#origin = new URL(origin);
    this.#port = port;
  }

  static async signedIn(
    { portal }: OpenPortal,
    merchant: MerchantScope,
    customerId: number,
  ): Promise<Visitor> {
    const visitor = new Visitor(merchant.tenant.origin, portal.port);
    const link = new URL(await mintMagicLink(merchant, customerId, { ttlSeconds: 600 }));
    await visitor.get(link.pathname);
    return visitor;
  }

  /** Takes over a Set-Cookie value that came another way. */
  keep(cookie: string): void {
    this.#keep([cookie]);
  }

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#send('GET', path, undefined, headers);
  }

  post(
    path: string,
    values: ReadonlyArray<readonly [string, string]> | Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const pairs = Array.isArray(values) ? values : Object.entries(values);
    const body = new URLSearchParams(
      pairs.map(([name, value]) => [name, value] as [string, string]),
    ).toString();
    return this.#send('POST', path, body, {
      origin: this.#origin.origin,
      'sec-fetch-site': 'same-origin',
      ...headers,
    });
  }

  /** Sends a text as it is, as another server would. */
  postText(path: string, text: string, headers: Record<string, string>): Promise<Answer> {
    return this.#send('POST', path, text, { 'content-type': 'application/json', ...headers });
  }

  /** Follows the redirects of an answer. */
  async follow(answer: Answer): Promise<Answer> {
    let current = answer;
    for (let i = 0; i < 5 && current.status >= 300 && current.status < 400; i++) {
      current = await this.get(String(current.headers.location));
    }
    return current;
  }

  #send(
    method: string,
    path: string,
    body: string | undefined,
    headers: Record<string, string>,
  ): Promise<Answer> {
    const form =
      body === undefined
        ? {}
        : {
            'content-type': 'application/x-www-form-urlencoded',
            'content-length': String(Buffer.byteLength(body)),
          };
    const own = {
      host: this.#origin.host,
      ...(this.cookie ? { cookie: this.cookie } : {}),
      ...form,
      ...headers,
    };
    return new Promise((resolve, reject) => {
      const sent = request(
        { host: '127.0.0.1', port: this.#port, method, path, headers: own, agent: false },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            this.#keep(response.headers['set-cookie'] ?? []);
            const bytes = Buffer.concat(chunks);
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: bytes,
              text: bytes.toString(),
            });
          });
          response.on('error', reject);
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  #keep(cookies: readonly string[]): void {
    for (const cookie of cookies) {
      const [pair = ''] = cookie.split(';');
      const at = pair.indexOf('=');
      const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
      if (value === '' || /max-age=0/i.test(cookie)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }
}

/** The hidden and visible fields of the form that posts to `action`, as a browser would send them untouched. */
export function formFields(html: string, action: string): Array<[string, string]> {
  const form = [...html.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)]
    .map(([text]) => text)
    .find((text) => text.includes(`action="${action}`) && /^<form[^>]*method="post"/.test(text));
  if (!form) throw new Error(`there is no form for ${action}`);
  const id = /^<form[^>]*\sid="([^"]*)"/.exec(form)?.[1];
  const apart = id === undefined ? [] : inputsOf(html).filter((tag) => tag.includes(` form="${id}"`));
  const within = inputsOf(form).filter((tag) => !/\sform="/.test(tag));
  return [...apart, ...within].flatMap((tag) => {
    if (/\btype="(radio|checkbox)"/.test(tag) && !/\schecked\b/.test(tag)) return [];
    const name = /\bname="([^"]*)"/.exec(tag)?.[1];
    const value = /\bvalue="([^"]*)"/.exec(tag)?.[1] ?? '';
    return name ? [[name, decodeEntities(value)] as [string, string]] : [];
  });
}

function inputsOf(html: string): string[] {
  return [...html.matchAll(/<input\b[^>]*>/g)].map(([tag]) => tag);
}

/** What a person reads of a page. */
export function textOf(html: string): string {
  const bare = html.replace(/<(script|style|head)\b[\s\S]*?<\/\1>/g, ' ').replace(/<[^>]+>/g, ' ');
  return decodeEntities(bare).replace(/\s+/g, ' ').trim();
}

function decodeEntities(text: string): string {
  return text
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&quot;/g, '"')
    .replace(/&#x27;|&#39;/g, "'")
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
