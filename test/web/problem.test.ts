import { SignJWT } from 'jose';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openSignInMail } from '#src/outbox/sign-in-seal.ts';
import { consumeEmailLink, requestEmailLink } from '#src/signin/email-links.ts';
import { handleSignInRequests } from '#test/support/work.ts';
import { currentMagicLinkKey } from '#src/tenants/keys.ts';
import { setSetting } from '#src/tenants/settings.ts';
import { customerWithInvoices } from '#test/support/house.ts';
import { fill, TYPED_CARD } from '#test/support/pages.ts';
import { type Answer, openPortal, textOf, Visitor } from '#test/support/portal.ts';

/** What must never be seen: the inside of the house. */
const INSIDE = /\bat [\w.<>]+ \(|\.ts\b|\.mjs\b|sqlite|select |no such table|relation "|node_modules|stack/i;

test('not found: whatever was asked for, the page looks like the portal and leads on', async () => {
  const { visitor } = await aPortal();
  for (const path of ['/nowhere', '/invoices/000000000000000000000000', '/payments/x', '/pay/attempts/x']) {
    const answer = await visitor.get(path);
    expect(answer.status, path).toBe(404);
    expectPortalLook(answer);
    expect(answer.text, path).toContain('href="/"');
    expect(textOf(answer.text), path).toContain('Go to my account');
    expect(textOf(answer.text), path).toContain('Contact acme Ltd');
  }
});

test('an address that is nobody’s, the base address among them, has a page of the portal’s look, with its styles', async () => {
  const { open } = await aPortal();
  const base = new URL(open.app.config.baseUrl);
  for (const host of [base.host, `nobody.${base.host}`, 'elsewhere.example', '127.0.0.1']) {
    const stranger = new Visitor(`http://${host}`, open.portal.port);
    const answer = await stranger.get('/invoices');
    expect(answer.status, host).toBe(421);
    expect(textOf(answer.text), host).toContain('No business has its portal at this address.');
    expect(answer.text, host).not.toMatch(/href="\/"|mailto:|acme/);
    expect(answer.text).toContain('class="portal-card"');
    const [, stylesheet = ''] = /<link rel="stylesheet" href="([^"]+)"/.exec(answer.text) ?? [];
    const style = await stranger.get(stylesheet);
    expect([style.status, style.headers['content-type']]).toEqual([200, 'text/css; charset=utf-8']);
    expect((await stranger.post(stylesheet, {})).status).toBe(421);
    expect((await stranger.get('/theme-x.css')).status).toBe(421);
  }
});

test('expired: a sign-in link of either kind says so, and how to get another', async () => {
  const { open, merchant, scope, stranger } = await aPortal();
  const now = Math.floor(open.clock.now().epochMilliseconds / 1000);
  const { key } = await currentMagicLinkKey(merchant);
  const token = await new SignJWT({ sub: String(scope.customerId), exp: now - 1 })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(key));
  const mailed = await mailedLink(merchant);
  open.clock.move(16 * 60_000);
  await expect(consumeEmailLink(merchant, mailed.split('/').at(-1)!, {})).rejects.toMatchObject({
    code: 'link_expired',
  });
  for (const path of [`/login/${token}`, mailed]) {
    const answer = await stranger.get(path);
    expect(answer.status, path).toBe(410);
    expectPortalLook(answer);
    expect(textOf(answer.text), path).toContain('This sign-in link has expired');
    expect(answer.text, path).toMatch(/<a\b[^>]*href="\/login"[^>]*>\s*Get a new link by e-mail/);
    expect(stranger.cookie).toBe('');
  }
});

test('a session that has ended leads to the sign-in page, not to an error', async () => {
  const { open, visitor } = await aPortal();
  open.clock.move(8 * 86_400_000);
  const answer = await visitor.get('/invoices');
  expect([answer.status, answer.headers.location]).toEqual([303, '/login?to=invoices']);
  expectPortalLook(await visitor.follow(answer));
});

test('an error of ours: the page looks like the portal, has a reference to quote, and shows nothing of the inside', async () => {
  const { open, visitor, clientId } = await aPortal();
  await sql`alter table lines rename to gone`.execute(open.app.ports.store.kysely);
  for (const path of [`/invoices/${clientId}`, `/invoices/${clientId}/pdf`]) {
    const answer = await visitor.get(path);
    expect(answer.status, path).toBe(500);
    expectPortalLook(answer);
    expect(textOf(answer.text), path).toContain('Something went wrong That is our mistake, not yours.');
    expect(textOf(answer.text), path).toMatch(/Reference: [\w-]{6,}/);
    expect(textOf(answer.text), path).not.toMatch(INSIDE);
  }
});

test('an error of ours while a form is handled is said the same way, and nothing else goes wrong over it', async () => {
  const { open, visitor, clientId } = await aPortal();
  const form = await fill(visitor, `/pay?invoice=${clientId}`, '/pay', { with: 'card', ...TYPED_CARD });
  await sql`alter table payment_attempts rename to gone`.execute(open.app.ports.store.kysely);
  const answer = await visitor.post('/pay', form);
  expect(answer.status).toBe(500);
  expectPortalLook(answer);
  expect(textOf(answer.text)).toContain('Something went wrong That is our mistake, not yours.');
});

test('what the front refuses looks like the portal too: a form of another site, one too large, too many tries', async () => {
  const { visitor, stranger } = await aPortal();
  const elsewhere = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
  const refused: Array<[number, Answer]> = [
    [403, await visitor.post('/pay', { nonce: 'x' }, elsewhere)],
    [413, await visitor.post('/pay', { nonce: 'x'.repeat(70_000) })],
  ];
  for (let tries = 0; tries < 200 && refused.length < 3; tries++) {
    const answer = await stranger.post('/login', { email: 'petra@mueller.example' });
    if (answer.status === 429) refused.push([429, answer]);
  }
  expect(refused.map(([, { status }]) => status)).toEqual([403, 413, 429]);
  for (const [status, answer] of refused) {
    expectPortalLook(answer);
    expect(textOf(answer.text), String(status)).toMatch(
      /Go to my account Contact acme Ltd Reference: [\w-]{6,}/,
    );
  }
});

async function aPortal() {
  const open = await openPortal();
  const merchant = await open.tenant();
  await setSetting(merchant, 'portal.support_email', 'help@acme.example');
  const { scope, invoices } = await customerWithInvoices(merchant, [100]);
  const visitor = await Visitor.signedIn(open, merchant, scope.customerId);
  const stranger = new Visitor(merchant.tenant.origin, open.portal.port);
  return { open, merchant, scope, visitor, stranger, clientId: invoices[0]!.clientId };
}

/** The merchant's name and colours, the portal's stylesheet, the policy, and nothing that a shared cache would keep. */
function expectPortalLook(answer: Answer): void {
  expect(answer.headers['content-type']).toContain('text/html');
  expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
  expect(String(answer.headers['cache-control'])).toContain('no-store');
  expect(answer.text).toMatch(/<link rel="stylesheet" href="\/theme-[\w-]+\.css">/);
  expect(answer.text).toMatch(/<link rel="stylesheet" href="\/_astro\/[\w.-]+\.css">/);
  expect(textOf(answer.text)).toContain('acme Ltd');
}

async function mailedLink(merchant: Awaited<ReturnType<typeof aPortal>>['merchant']): Promise<string> {
  const asking = {
    email: 'petra@mueller.example',
    browserNonce: 'n'.repeat(43),
    address: '',
    language: 'en',
  };
  await requestEmailLink(merchant, asking);
  await handleSignInRequests(merchant);
  const { payload } = await merchant.db.from('outbox').select('payload').executeTakeFirstOrThrow();
  return new URL(openSignInMail(merchant, JSON.parse(payload)).url).pathname;
}
