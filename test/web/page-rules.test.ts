import { describe, expect, test } from 'vitest';
import type { PageHandler } from '#src/server/exchange.ts';
import { createRateLimiter } from '#src/server/limits.ts';
import { PAGES } from '#src/portal/pages.ts';
import { acme, startFront } from '#test/support/front.ts';
import { exampleOf, pagePaths } from '#test/support/routes.ts';

/** Pages that show what the merchant wrote, and on which nobody signs in, types a card or agrees to anything. */
const DOCUMENTS = [
  '/',
  '/credit_notes',
  '/credit_notes/[id]',
  '/estimates',
  '/estimates/[id]',
  '/invoices',
  '/invoices/[id]',
  '/payments',
  '/payments/[id]',
];
const SIGN_IN = ['/login', '/login/[token]', '/login/code', '/login/e/[token]'];
const FORM = { Origin: acme.canonicalOrigin, 'Content-Type': 'application/x-www-form-urlencoded' };

const html: PageHandler = (_request, response) =>
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<p>a page</p>');

test('every page is declared, and nothing else is', () => {
  expect(Object.keys(PAGES).toSorted()).toEqual(pagePaths().toSorted());
});

describe.each(pagePaths())('%s', (path) => {
  const target = exampleOf(path);

  test('takes only so many forms from one address', async () => {
    const front = await startFront(html, { limiter: createRateLimiter(() => 0) });
    const most = SIGN_IN.includes(path) ? 30 : 60;
    let taken = 0;
    while (taken <= most && (await front.ask('POST', target, FORM, 'a=1')).status === 200) taken += 1;
    expect(taken).toBe(most);
  });

  test('welcomes the merchant’s own scripts only where documents are shown', async () => {
    const trusted = { script: ['https://widgets.example'] };
    const front = await startFront(html, { sourcesFor: () => ({ trusted }) });
    const policy = (await front.ask('GET', target)).headers.get('content-security-policy') ?? '';
    expect(policy.includes('https://widgets.example')).toBe(DOCUMENTS.includes(path));
  });

  test('takes a form of 64 KiB and 2,000 fields, and no larger one', async () => {
    const front = await startFront(html);
    const statusOf = async (body: string): Promise<number> =>
      (await front.ask('POST', target, FORM, body)).status;
    expect(await statusOf('x'.repeat(65_536))).toBe(200);
    expect(await statusOf('x'.repeat(65_537))).toBe(413);
    expect(await statusOf('x=1&'.repeat(1_999))).toBe(200);
    expect(await statusOf('x=1&'.repeat(2_000))).toBe(413);
  });
});

test('the places of sign-in share one limit, and so do those of a payment; others have their own', async () => {
  const front = await startFront(html, { limiter: createRateLimiter(() => 0) });
  const statusOf = async (path: string): Promise<number> =>
    (await front.ask('POST', path, FORM, 'a=1')).status;
  for (let i = 0; i < 15; i += 1) {
    expect([await statusOf('/login'), await statusOf(`/login/e/t${i}`)]).toEqual([200, 200]);
  }
  expect([await statusOf('/login/code'), await statusOf('/login/'), await statusOf('/pay')]).toEqual([
    429, 429, 200,
  ]);
  for (let i = 0; i < 59; i += 1) await statusOf('/pay/advance');
  expect([await statusOf('/pay'), await statusOf('/promise')]).toEqual([429, 200]);
});

test('links of sign-in mails are opened so often from one address, looking ahead included', async () => {
  const front = await startFront(html, { limiter: createRateLimiter(() => 0) });
  for (let i = 0; i < 60; i += 1) {
    await front.ask('GET', `/login/e/t${i}`);
    await front.ask('HEAD', `/login/t${i}`);
  }
  expect((await front.ask('GET', '/login/e/x')).status).toBe(429);
  expect((await front.ask('GET', '/login')).status).toBe(200);
});

test('forms sent to made-up addresses count together and take nothing from real ones', async () => {
  const front = await startFront(html, { limiter: createRateLimiter(() => 0) });
  const statuses: number[] = [];
  for (let i = 0; i < 61; i += 1) statuses.push((await front.ask('POST', `/a${i}`, FORM, 'a=1')).status);
  expect(statuses.indexOf(429)).toBe(60);
  expect((await front.ask('POST', '/promise', FORM, 'a=1')).status).toBe(200);
});

const handle = (_request: unknown, response: { end(text: string): unknown }): unknown => response.end('done');

test('a direct route is limited as a form is unless it says otherwise', async () => {
  const front = await startFront(html, {
    limiter: createRateLimiter(() => 0),
    direct: [
      { prefix: '/usual', cookieBlind: true, handle },
      { prefix: '/open', cookieBlind: true, handle, limit: { burst: 100, seconds: 1 } },
    ],
  });
  const taken = async (path: string): Promise<number> => {
    let count = 0;
    while (count < 200 && (await front.ask('POST', path)).status === 200) count += 1;
    return count;
  };
  expect([await taken('/usual/1'), await taken('/open/1')]).toEqual([60, 100]);
});
