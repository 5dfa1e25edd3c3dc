import fc from 'fast-check';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { PageHandler } from '#src/server/exchange.ts';
import { createRateLimiter } from '#src/server/limits.ts';
import { EVERY_ANSWER } from '#src/server/security.ts';
import { acme, globex, readAnswer, requestText, startFront } from '#test/support/front.ts';
import type { RawAnswer } from '#test/support/front.ts';

/** What pages answer that are not well. */
const STATUSES: ReadonlyMap<string, number> = new Map([
  ['/invalid', 422],
  ['/busy', 503],
  ['/invoices/bad', 400],
  ['/invoices/invalid', 422],
]);

/** Stands in for the built pages: says whose page it is and what the framework would read. */
const pages: PageHandler = (request, response, next, locals) => {
  const path = request.url ?? '';
  if (path.startsWith('/missing')) return next();
  if (path === '/throws') throw new Error('secret password hunter2');
  if (path === '/redirect')
    return response.writeHead(303, { Location: '/invoices', 'set-cookie': ['a=1', 'b=2'] }).end();
  if (path === '/bare500') return response.writeHead(500).end('Internal Server Error');
  if (path === '/half') {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.write('<p>first half with secret');
    return response.write('Internal server error', () => response.destroy(new Error('render broke')));
  }
  const status = STATUSES.get(path) ?? 200;
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
  response.write('<!doctype html>');
  const tenant = JSON.stringify({ locals, headers: request.headers, body: String(request.body), path });
  return response.end(`<pre>${tenant}</pre>${path === '/big' ? '<p>row</p>'.repeat(500) : ''}`);
};

function broken(): never {
  throw new Error('database is locked at /srv/data');
}

function expectEveryHeader(answer: RawAnswer, what: string): void {
  const missing = EVERY_ANSWER.filter((name) => !answer.headers.has(name));
  expect(missing, what).toEqual([]);
  const policy = answer.headers.get('content-security-policy') ?? '';
  expect(policy, what).not.toMatch(/unsafe-|nonce-|\n/);
  expect(policy, what).toContain("frame-ancestors 'none'");
  expect(answer.headers.has('x-powered-by'), what).toBe(false);
  expect(answer.headers.has('server'), what).toBe(false);
}

function foreignHostIn(answer: RawAnswer, host: string): boolean {
  return [...answer.headers.values(), answer.body].some((text) => text.includes(host));
}

describe('finding the tenant', () => {
  test('a known host reaches its pages, and the pages see the canonical address alone', async () => {
    const front = await startFront(pages);
    const answer = await front.ask('GET', '/invoices', { Host: 'ACME.localhost:9' });
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('"username":"acme"');
    expect(answer.body).toContain('"host":"acme.localhost:4321"');
    expect(answer.body).toContain('"x-forwarded-proto":"http"');
  });

  test.each([
    ['evil.example', 421],
    ['acme.localhost.evil.example', 421],
    ['localhost', 421],
    ['127.0.0.1:4321', 421],
    ['[::1]:4321', 421],
    ['xn--acm-dma.localhost', 421],
    ['user@acme.localhost', 400],
    ['acme.localhost@evil.example', 400],
    ['acme.localhost.', 400],
    ['acme.localhost:99999', 400],
    ['acme.localhost:', 400],
    ['acme.localhost, evil.example', 400],
    ['acme.localhost/evil.example', 400],
    ['acmé.localhost', 400],
    ['acme_.localhost', 400],
    ['-acme.localhost', 400],
    ['', 400],
  ])('the host %j is answered with %i and never echoed', async (host, status) => {
    const front = await startFront(pages);
    const answer = await front.ask('GET', '/', { Host: host });
    expect(answer.status).toBe(status);
    expect(answer.body).not.toContain('acme');
    expect(answer.headers.has('set-cookie')).toBe(false);
    expect(foreignHostIn(answer, 'evil')).toBe(false);
    expectEveryHeader(answer, host);
  });

  test('two Host headers, none at all, and an absolute request line are refused', async () => {
    const front = await startFront(pages);
    const two = 'GET / HTTP/1.1\r\nHost: acme.localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n';
    const none = 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n';
    const absolute = requestText('GET', 'http://evil.example/', {});
    for (const text of [two, none, absolute]) {
      const answer = await front.raw(text);
      expect(answer.status).toBe(400);
      expect(foreignHostIn(answer, 'evil')).toBe(false);
      expectEveryHeader(answer, text);
    }
  });

  test('a mutated host never reaches a page of another tenant', async () => {
    const front = await startFront(pages);
    const piece = fc.constantFrom(
      'acme',
      'localhost',
      '.',
      ':',
      '4321',
      '@',
      '\t',
      '%00',
      'evil.test',
      '..',
      '-',
      '[',
      '#',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 6 }), async (pieces) => {
        const host = pieces.join('');
        const answer = await front.ask('GET', '/', { Host: host });
        const isAcme = host.trim().replace(/:\d+$/, '') === 'acme.localhost';
        expect(isAcme ? [200] : [400, 421]).toContain(answer.status);
      }),
      { numRuns: 150, examples: [[['acme', '.', 'localhost']]] },
    );
  });

  test('forwarded headers of a stranger change nothing and do not arrive', async () => {
    const front = await startFront(pages);
    const answer = await front.ask('GET', '/', {
      'X-Forwarded-Host': 'evil.example',
      'X-Forwarded-For': '6.6.6.6',
      'X-Forwarded-Proto': 'https',
      'X-Real-IP': '6.6.6.6',
      'X-Original-URL': '/evil',
      'X-Astro-Path': '/evil',
      'X-Middleware-Rewrite': '/evil',
      'True-Client-IP': '6.6.6.6',
      Forwarded: 'for=6.6.6.6;host=evil.example',
    });
    expect(answer.status).toBe(200);
    expect(answer.body).not.toMatch(/evil|6\.6\.6\.6/);
    expect(answer.body).toContain('"clientAddress":"127.0.0.1"');
    expect(answer.headers.has('strict-transport-security')).toBe(false);
  });

  test('behind a trusted proxy the right-most stranger is the client', async () => {
    const front = await startFront(pages, { trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'] });
    const answer = await front.ask('GET', '/', { 'X-Forwarded-For': '6.6.6.6, 203.0.113.9, 10.1.2.3' });
    expect(answer.body).toContain('"clientAddress":"203.0.113.9"');
    expect(answer.body).not.toContain('6.6.6.6');
  });

  test('a proxy nearby that nobody trusts is told of once; a stranger’s headers and a trusted proxy’s are not', async () => {
    const told: string[] = [];
    const unnamedProxy = (peer: string): number => told.push(peer);
    const front = await startFront(pages, { unnamedProxy });
    await front.ask('GET', '/');
    expect(told).toEqual([]);
    for (const name of ['X-Forwarded-For', 'Forwarded', 'Via'])
      await front.ask('GET', '/', { [name]: '6.6.6.6' });
    expect(told).toEqual(['127.0.0.1']);
    const named = await startFront(pages, { unnamedProxy, trustedProxies: ['127.0.0.1'] });
    await named.ask('GET', '/', { 'X-Forwarded-For': '6.6.6.6' });
    expect(told).toHaveLength(1);
  });

  test('an alias and a downgraded connection lead to the canonical address', async () => {
    const front = await startFront(pages, { trustedProxies: ['127.0.0.1'] });
    const alias = await front.ask('GET', '/invoices?page=2', { Host: 'globex.localhost' });
    expect([alias.status, alias.headers.get('location')]).toEqual([
      308,
      `${globex.canonicalOrigin}/invoices?page=2`,
    ]);
    const plain = await front.ask('GET', '/', { Host: 'pay.globex.test', 'X-Forwarded-Proto': 'http' });
    expect([plain.status, plain.headers.get('location')]).toEqual([308, `${globex.canonicalOrigin}/`]);
    const form = await front.ask(
      'POST',
      '/pay',
      { Host: 'globex.localhost', Origin: globex.canonicalOrigin },
      'a=1',
    );
    expect(form.status).toBe(421);
  });
});

describe('what a request may look like', () => {
  test.each([
    '//x',
    '/a//b',
    '/./a',
    '/a/..',
    '/a/../b',
    '/%2e%2e/a',
    '/%61dmin',
    '/%2561dmin',
    '/a%2fb',
    '/a%5cb',
    '/a%00',
    '/\\a',
    '/a%',
    '/a%zz',
    '/%ff',
    '/a#b',
  ])('the path %s is not canonical and is refused', async (path) => {
    const front = await startFront(() => {
      throw new Error('no page may see this');
    });
    const answer = await front.ask('GET', path);
    expect(answer.status).toBe(400);
    expectEveryHeader(answer, path);
    expect(front.log.filter((entry) => entry.event === 'error')).toEqual([]);
  });

  test('methods other than GET, HEAD and POST are refused with what is allowed', async () => {
    const front = await startFront(pages);
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH']) {
      const answer = await front.ask(method, '/');
      expect([method, answer.status, answer.headers.get('allow')]).toEqual([method, 405, 'GET, HEAD, POST']);
      expectEveryHeader(answer, method);
    }
    const tunnel = await front.raw('CONNECT evil.example:443 HTTP/1.1\r\nHost: acme.localhost\r\n\r\n');
    expect(tunnel.status).toBe(405);
  });

  test('routes of the framework that we do not use are not there', async () => {
    const front = await startFront(pages);
    for (const path of ['/_image', '/_image?href=http://evil.example', '/_server-islands/x', '/_actions/x']) {
      expect((await front.ask('GET', path)).status, path).toBe(404);
    }
  });

  test('two readings of a length are refused', async () => {
    const front = await startFront(pages);
    const both = requestText('POST', '/pay', { 'Transfer-Encoding': 'chunked', 'Content-Length': '4' });
    expect((await front.raw(`${both}0\r\n\r\n`)).status).toBe(400);
    expect((await front.ask('POST', '/pay', { 'Transfer-Encoding': 'gzip, chunked' })).status).toBe(400);
    expect((await front.ask('GET', '/', {}, 'smuggled')).status).toBe(400);
    expect((await front.ask('POST', '/pay', { 'Content-Encoding': 'gzip' }, 'x')).status).toBe(415);
  });

  test('headers beyond the cap are refused, and a flood of cookies is cleared', async () => {
    const front = await startFront(pages);
    const flood = await front.ask('GET', '/', { Cookie: `a=${'x'.repeat(20_000)}` });
    expect([flood.status, flood.headers.get('clear-site-data')]).toEqual([431, '"cookies"']);
    expectEveryHeader(flood, 'flood');
    const long = await front.ask('GET', `/?q=${'x'.repeat(20_000)}`, { Cookie: 'portal=1' });
    expect([long.status, long.headers.has('clear-site-data')]).toEqual([431, false]);
    expect((await front.ask('GET', `/?q=${'x'.repeat(9_000)}`)).status).toBe(414);
    expect((await front.ask('GET', '/')).status).toBe(200);
  });

  test('odd cookies never break a page', async () => {
    const front = await startFront(pages);
    const cookie = fc.string({ maxLength: 60 }).map((text) => text.replaceAll(/[^\x21-\x7e]/g, '%'));
    await fc.assert(
      fc.asyncProperty(cookie, async (text) => {
        expect((await front.ask('GET', '/', { Cookie: text })).status).toBe(200);
      }),
      { numRuns: 50 },
    );
  });
});

describe('bodies', () => {
  const same = { Origin: acme.canonicalOrigin, 'Content-Type': 'application/x-www-form-urlencoded' };

  test('a form arrives whole', async () => {
    const front = await startFront(pages);
    const answer = await front.ask('POST', '/pay', same, 'amount=12.50');
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('"body":"amount=12.50"');
    const largest = `amount=${'1'.repeat(65_529)}`;
    expect((await front.ask('POST', '/pay', same, largest)).body).toContain(`"body":"${largest}"`);
  });

  test('a body above the cap is 413 by announced length and by counted chunks, and no page sees it', async () => {
    let seen = 0;
    const front = await startFront((_request, response) => {
      seen += 1;
      response.end();
    });
    const announced = await front.ask('POST', '/pay', same, 'x'.repeat(70_000));
    expect(announced.status).toBe(413);
    expectEveryHeader(announced, 'announced');
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    const head = requestText('POST', '/pay', { ...same, 'Transfer-Encoding': 'chunked' });
    expect((await front.raw(`${head}${chunk.repeat(5)}0\r\n\r\n`)).status).toBe(413);
    expect(
      (await front.raw(requestText('POST', '/pay', { ...same, 'Content-Length': '99999999' }))).status,
    ).toBe(413);
    expect(seen).toBe(0);
    expect((await front.raw(`${head}${chunk.repeat(3)}0\r\n\r\n`)).status).toBe(200);
    expect(seen).toBe(1);
  });

  test('a direct route may have a cap of its own', async () => {
    const front = await startFront(pages, {
      direct: [{ prefix: '/documents', bodyCap: 70_000, handle: (_request, response) => response.end('ok') }],
    });
    expect((await front.ask('POST', '/documents', same, 'x'.repeat(70_000))).status).toBe(200);
    expect((await front.ask('POST', '/documents', same, 'x'.repeat(70_001))).status).toBe(413);
    expect((await front.ask('POST', '/pay', same, 'x'.repeat(70_000))).status).toBe(413);
  });

  test('Expect: 100-continue is honoured only once the request has passed every gate', async () => {
    const front = await startFront(pages);
    const socket = await front.socket();
    socket.write(requestText('POST', '/pay', { ...same, Expect: '100-continue', 'Content-Length': '3' }));
    const first = await new Promise<string>((resolve) =>
      socket.once('data', (chunk) => resolve(String(chunk))),
    );
    expect(first).toContain('100 Continue');
    const refused = await front.ask('POST', '/pay', {
      Origin: 'http://evil.test',
      Expect: '100-continue',
      'Content-Length': '3',
    });
    expect(refused.status).toBe(403);
  });

  test('a request that stalls is given up: in its headers and in its body', async () => {
    const limits = { headersMs: 200, requestMs: 300, checkMs: 50 };
    const front = await startFront(pages, { limits });
    const head = await front.raw('GET / HTTP/1.1\r\nHost: acme.localhost\r\nX-Slow: ');
    expect(head.status).toBe(408);
    expectEveryHeader(head, 'slow head');
    const body = await front.raw(`${requestText('POST', '/pay', { ...same, 'Content-Length': '10' })}abc`);
    expect(body.status).toBe(408);
  });
});

describe('forms of other sites', () => {
  const types = [
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'application/json',
    '',
  ];
  const cases: [string, Record<string, string>, boolean][] = [
    ['same-origin fetch metadata', { 'Sec-Fetch-Site': 'same-origin' }, true],
    ['same-origin with Origin null', { 'Sec-Fetch-Site': 'same-origin', Origin: 'null' }, true],
    ['a sibling subdomain', { 'Sec-Fetch-Site': 'same-site', Origin: 'http://globex.localhost:4321' }, false],
    ['another site', { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://evil.test' }, false],
    [
      'another site claiming our Origin',
      { 'Sec-Fetch-Site': 'cross-site', Origin: acme.canonicalOrigin },
      false,
    ],
    ['typed by hand', { 'Sec-Fetch-Site': 'none' }, false],
    ['our Origin', { Origin: acme.canonicalOrigin }, true],
    ['our Origin on another port', { Origin: 'http://acme.localhost:9999' }, false],
    ['our Origin without its port', { Origin: 'http://acme.localhost' }, false],
    ['our Origin over https', { Origin: 'https://acme.localhost:4321' }, false],
    ['Origin null', { Origin: 'null' }, false],
    ['neither, without cookies', {}, true],
    ['neither, with a cookie', { Cookie: 'portal=1' }, false],
  ];
  test.each(cases)('%s: for every content type', async (_name, headers, allowed) => {
    let seen = 0;
    const front = await startFront((_request, response) => {
      seen += 1;
      response.end('done');
    });
    for (const type of types) {
      const answer = await front.ask(
        'POST',
        '/pay',
        { ...headers, ...(type && { 'Content-Type': type }) },
        '{}',
      );
      expect(answer.status, type).toBe(allowed ? 200 : 403);
      expect(answer.body.includes('only accepted from this portal itself')).toBe(!allowed);
      expectEveryHeader(answer, type);
    }
    expect(seen).toBe(allowed ? types.length : 0);
  });

  test('a cookie-blind route takes anybody’s post and sees no cookie', async () => {
    const front = await startFront(pages, {
      direct: [
        {
          prefix: '/hooks',
          cookieBlind: true,
          json: true,
          handle: (request, response, { body }) =>
            response.end(`${request.headers.cookie ?? 'none'} ${String(body)}`),
        },
      ],
    });
    const answer = await front.ask(
      'POST',
      '/hooks/stripe',
      { Origin: 'https://evil.test', Cookie: 'portal=1' },
      'event',
    );
    expect([answer.status, answer.body]).toEqual([200, 'none event']);
    const wrong = await front.ask('DELETE', '/hooks/stripe');
    expect(wrong.headers.get('content-type')).toBe('application/problem+json');
    expect(JSON.parse(wrong.body)).toMatchObject({ status: 405 });
  });
});

describe('every answer', () => {
  const targets: [string, string, number][] = [
    ['GET', '/', 200],
    ['HEAD', '/', 200],
    ['GET', '/big', 200],
    ['GET', '/redirect', 303],
    ['GET', '/missing', 404],
    ['GET', '/invalid', 422],
    ['GET', '/throws', 500],
    ['GET', '/bare500', 500],
    ['GET', '/half', 500],
    ['GET', '/_astro/page.Ab12.css', 200],
    ['HEAD', '/_astro/page.Ab12.js', 200],
    ['GET', '/favicon.svg', 200],
    ['GET', '/_health', 200],
    ['PUT', '/', 405],
    ['POST', '/pay', 200],
  ];
  test.each(targets)('%s %s carries the full header set', async (method, target, status) => {
    const front = await startFront(pages);
    const answer = await front.ask(method, target);
    expect(answer.status).toBe(status);
    expectEveryHeader(answer, target);
    const isFile = target.startsWith('/_astro') || target === '/favicon.svg';
    expect(answer.headers.get('cache-control')?.startsWith(isFile ? 'public, ' : 'private, no-store')).toBe(
      true,
    );
    expect(answer.headers.get('vary')?.includes('Cookie') ?? false).toBe(!isFile);
    expect(answer.body === '').toBe(method === 'HEAD' || status === 303);
  });

  test('the class of a page decides its policy, and a tenant’s trusted sites stay off core pages', async () => {
    const front = await startFront(pages, {
      sourcesFor: () => ({
        trusted: {
          script: ['https://widgets.example'],
          image: ['https://*.cdn.example', "x'; script-src *"],
        },
        gateway: { frame: ['https://js.gateway.example'], form: ['https://checkout.gateway.example'] },
      }),
    });
    const policy = async (path: string): Promise<string> =>
      (await front.ask('GET', path)).headers.get('content-security-policy') ?? '';
    expect(await policy('/invoices')).toContain("script-src 'self' https://widgets.example;");
    expect(await policy('/invoices')).toContain("img-src 'self' data: https://*.cdn.example;");
    for (const path of [
      '/login',
      '/login/abc',
      '/pay',
      '/payment_methods',
      '/billing_details',
      '/access/sessions',
      '/invoices/bad',
      '/missing',
      '/throws',
    ]) {
      expect(await policy(path), path).toContain("script-src 'self';");
      expect(await policy(path), path).toContain('frame-src https://js.gateway.example;');
    }
    // What was typed wrong is shown on the page itself.
    for (const path of ['/payments', '/invoices/invalid'])
      expect(await policy(path), path).toContain('https://widgets.example');
    expect(await policy('/_astro/page.Ab12.js')).toContain('sandbox');
  });

  test('a secure tenant gets HSTS and upgrades, a plain one neither; token pages keep their address', async () => {
    const front = await startFront(pages);
    const secure = await front.ask('GET', '/login/token', { Host: 'pay.globex.test' });
    expect(secure.headers.get('strict-transport-security')).toBe('max-age=31536000');
    expect(secure.headers.get('content-security-policy')).toContain('upgrade-insecure-requests');
    expect(secure.headers.get('referrer-policy')).toBe('same-origin');
    const plain = await front.ask('GET', '/');
    expect(plain.headers.has('strict-transport-security')).toBe(false);
    expect(plain.headers.get('content-security-policy')).not.toContain('upgrade');
    expect(plain.headers.get('referrer-policy')).toBe('strict-origin-when-cross-origin');
  });

  test('both cookies of a redirect arrive', async () => {
    const front = await startFront(pages);
    expect((await front.ask('GET', '/redirect')).headers.get('set-cookie')).toBe('a=1\nb=2');
  });

  test.each(['/throws', '/bare500', '/half'])(
    '%s becomes a whole 500 page with an incident id and nothing inside',
    async (path) => {
      const front = await startFront(pages);
      const answer = await front.ask('GET', path);
      expect(answer.status).toBe(500);
      expect(answer.body).not.toMatch(/secret|hunter2|Internal|render broke|at .*\.ts/);
      expect(answer.body).toContain(`Reference: ${answer.headers.get('x-request-id')}`);
      expect(answer.body.trimEnd().endsWith('</html>')).toBe(true);
      const errors = front.log.filter((entry) => entry.event === 'error');
      expect(errors).toHaveLength(1);
      expect(errors[0]?.id).toBe(answer.headers.get('x-request-id'));
    },
  );

  test('a tenant lookup or locals that fail become a 500 page too', async () => {
    const lookup = await startFront(pages, { tenantOf: broken });
    const locals = await startFront(pages, { localsFor: broken, errorPage: broken });
    for (const front of [lookup, locals]) {
      const answer = await front.ask('GET', '/');
      expect(answer.status).toBe(500);
      expect(answer.body).not.toContain('locked');
      expectEveryHeader(answer, 'broken');
    }
  });

  test('what is too busy says when to come again, and nothing else does', async () => {
    const front = await startFront(pages);
    expect((await front.ask('GET', '/busy')).headers.get('retry-after')).toBe('5');
    expect((await front.ask('GET', '/invalid')).headers.has('retry-after')).toBe(false);
  });

  test('pages are packed for clients that take it and stay whole', async () => {
    const front = await startFront(pages);
    const plain = await front.ask('GET', '/big');
    const zstd = await front.ask('GET', '/big', { 'Accept-Encoding': 'gzip, deflate, br, zstd' });
    const brotli = await front.ask('GET', '/big', { 'Accept-Encoding': 'gzip, deflate, br' });
    const gzip = await front.ask('GET', '/big', { 'Accept-Encoding': 'gzip, br;q=0' });
    expect([zstd, brotli, gzip].map(({ headers }) => headers.get('content-encoding'))).toEqual([
      'zstd',
      'br',
      'gzip',
    ]);
    expect(plain.headers.has('content-encoding')).toBe(false);
    const unpacked = [
      zstdDecompressSync(zstd.bytes),
      brotliDecompressSync(brotli.bytes),
      gunzipSync(gzip.bytes),
    ];
    for (const text of unpacked.map(String)) {
      expect(text.replaceAll(/<pre>.*<\/pre>/g, '')).toBe(plain.body.replaceAll(/<pre>.*<\/pre>/g, ''));
    }
    expect(Number(brotli.headers.get('content-length'))).toBe(brotli.bytes.length);
  });
});

describe('files', () => {
  test('a hashed file is immutable, packed, and answered with 304 to who has it', async () => {
    const front = await startFront(pages);
    const file = await front.ask('GET', '/_astro/page.Ab12.css', { 'Accept-Encoding': 'br' });
    expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(file.headers.get('content-type')).toBe('text/css; charset=utf-8');
    expect(String(brotliDecompressSync(file.bytes))).toContain('color: red');
    const again = await front.ask('GET', '/_astro/page.Ab12.css', {
      'Accept-Encoding': 'br',
      'If-None-Match': file.headers.get('etag') ?? '',
    });
    expect([again.status, again.body]).toEqual([304, '']);
    expectEveryHeader(again, '304');
  });

  test('source maps, hidden files, HTML and what is outside the folder are not served', async () => {
    const front = await startFront((_request, _response, next) => next());
    for (const path of [
      '/_astro/page.Ab12.js.map',
      '/.secret.txt',
      '/index.html',
      '/_astro',
      '/_astro/none.css',
      '/package.json',
      '/invoices/x.css',
    ]) {
      const answer = await front.ask('GET', path);
      expect([path, answer.status, answer.headers.get('cache-control')]).toEqual([
        path,
        404,
        'private, no-store',
      ]);
    }
  });

  test('a tenant’s stylesheet is immutable under its hash alone and never another tenant’s', async () => {
    const front = await startFront(pages, {
      stylesheet: async (tenant) =>
        tenant === acme ? { hash: 'h1', css: ':root{--portal-accent:red}' } : undefined,
    });
    const sheet = await front.ask('GET', '/theme-h1.css');
    expect([sheet.status, sheet.body]).toEqual([200, ':root{--portal-accent:red}']);
    expect(sheet.headers.get('cache-control')).toContain('immutable');
    expect((await front.ask('GET', '/theme-old.css')).headers.get('cache-control')).toBe('private, no-store');
    const other = await front.ask('GET', '/theme-h1.css', { Host: 'pay.globex.test' });
    expect(other.body).not.toContain(':root');
  });
});

describe('limits, log and drain', () => {
  test('too many tries are answered with 429 and how long to wait, per address', async () => {
    let now = 0;
    const front = await startFront(pages, {
      trustedProxies: ['127.0.0.1'],
      limiter: createRateLimiter(() => now),
    });
    const attempt = (from: string): Promise<RawAnswer> =>
      front.ask('POST', '/login', { 'X-Forwarded-For': from });
    for (let i = 1; i <= 30; i += 1) expect((await attempt(`2001:db8::${i}`)).status).toBe(200);
    const refused = await attempt('2001:db8:0:0:9::3');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '120']);
    expectEveryHeader(refused, '429');
    expect((await attempt('2001:db8:0:1::1')).status).toBe(200);
    now += 119_999;
    expect((await attempt('2001:db8::1')).status).toBe(429);
    now += 1;
    expect((await attempt('2001:db8::1')).status).toBe(200);
  });

  test('the log names each request once, without tokens, queries or controls', async () => {
    const front = await startFront(pages);
    const jwt = `eyJhbGciOiJIUzI1NiJ9.${'a'.repeat(60)}.${'b'.repeat(43)}`;
    await front.ask('GET', `/login/${jwt}?redirect_to=invoices`);
    await front.ask('GET', `/access/${'t'.repeat(43)}`);
    await front.ask('GET', '/invoices/abcdefghijklmnopqrstuvwx?search=jane%40example.com');
    const paths = front.log.map((entry) => entry.path);
    expect(paths).toEqual(['/login/***', '/access/***', '/invoices/abcdefghijklmnopqrstuvwx']);
    expect(front.log[0]).toMatchObject({
      event: 'request',
      tenant: 'acme',
      method: 'GET',
      status: 200,
      client: '127.0.0.1',
      aborted: false,
    });
    expect(JSON.stringify(front.log)).not.toMatch(/eyJ|jane|redirect_to/);
  });

  test('the log counts the bytes of each body, of pages and of files, and numbers requests briefly', async () => {
    const front = await startFront(pages);
    const bodies = [];
    for (const path of ['/', '/favicon.svg', '/redirect']) bodies.push((await front.ask('GET', path)).body);
    const requests = front.log.filter((entry) => entry.event === 'request');
    expect(requests.map(({ bytes }) => bytes)).toEqual(bodies.map((body) => Buffer.byteLength(body)));
    expect(bodies[0]!.length).toBeGreaterThan(100);
    for (const { id } of requests) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}$/);
  });

  test('a connection carries one request after another', async () => {
    const front = await startFront(pages);
    const socket = await front.socket();
    const answers: string[] = [];
    socket.on('data', (chunk) => answers.push(String(chunk)));
    for (let count = 1; count <= 3; count += 1) {
      socket.write(requestText('GET', '/invalid', { Connection: 'keep-alive' }));
      const given = () => answers.join('').match(/HTTP\/1\.1 \d+/g) ?? [];
      await expect.poll(() => given().length === count || socket.destroyed).toBe(true);
      expect(given()).toEqual(Array(count).fill('HTTP/1.1 422'));
    }
    socket.destroy();
  });

  test('draining lets a request in flight finish, closes idle connections and takes no new ones', async () => {
    const arrived = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const front = await startFront(async (_request, response) => {
      arrived.resolve();
      await release.promise;
      response.end('finished');
    });
    const idle = await front.socket();
    const idleClosed = new Promise((resolve) => idle.once('close', resolve));
    const busy = await front.socket();
    const chunks: Buffer[] = [];
    busy.on('data', (chunk) => chunks.push(Buffer.from(chunk)));
    const busyClosed = new Promise((resolve) => busy.once('close', resolve));
    busy.write(requestText('GET', '/', { Connection: 'keep-alive' }));
    await arrived.promise;
    const drained = front.listener.drain(5_000);
    await idleClosed;
    await expect(front.socket()).rejects.toThrow('ECONNREFUSED');
    release.resolve();
    expect(await drained).toBe(true);
    await busyClosed;
    const answer = readAnswer(Buffer.concat(chunks));
    expect([answer.status, answer.body, answer.headers.get('connection')]).toEqual([
      200,
      'finished',
      'close',
    ]);
  });

  test('a request that does not finish in time is cut, and draining says so', async () => {
    const arrived = Promise.withResolvers<void>();
    const front = await startFront(() => arrived.resolve());
    const busy = await front.socket();
    busy.write(requestText('GET', '/', {}));
    await arrived.promise;
    expect(await front.listener.drain(50)).toBe(false);
  });

  test('an idle connection outlives the proxy before it, and without one is soon closed', async () => {
    const alone = await startFront(pages);
    const proxied = await startFront(pages, { trustedProxies: ['127.0.0.1'] });
    const told = await startFront(pages, { trustedProxies: ['127.0.0.1'], limits: { keepAliveMs: 1_000 } });
    const kept = [alone, proxied, told].map(({ listener }) => listener.server.keepAliveTimeout);
    expect(kept).toEqual([5_000, 75_000, 1_000]);
  });

  test('one address cannot hold more connections than its share', async () => {
    const front = await startFront(pages, { limits: { connectionsPerAddress: 3 } });
    const sockets = await Promise.all([front.socket(), front.socket(), front.socket()]);
    await expect(front.ask('GET', '/')).rejects.toThrow(/Not an answer|ECONNRESET|EPIPE/);
    const closed = new Promise((resolve) => sockets[0].once('close', resolve));
    sockets[0].end();
    await closed;
    await expect.poll(async () => (await front.ask('GET', '/').catch(() => undefined))?.status).toBe(200);
  });
});
