import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCustomer } from '#src/customers/customers.ts';
import { PAGE_IDS, pageForId, pageIdAt } from '#src/portal/page-ids.ts';
import { verifyMagicLink } from '#src/signin/magic-links.ts';
import { currentMagicLinkKey } from '#src/tenants/keys.ts';
import { signJwt } from '#test/support/links.ts';
import { openSmallHouse } from '#test/support/small-house.ts';

test('no change to a token makes it sign in: two thousand mutations are refused without an exception', async () => {
  const house = await openSmallHouse('sqlite');
  const merchant = await house.merchant();
  for (const name of ['One', 'Two']) await createCustomer(merchant, { name });
  const { key } = await currentMagicLinkKey(merchant);
  const exp = Math.floor(house.ports.clock.now().epochMilliseconds / 1000) + 600;
  const token = signJwt(key, { sub: 1, exp });
  const signed = token.slice(0, token.lastIndexOf('.'));
  const signature = Buffer.from(token.slice(signed.length + 1), 'base64url');
  const splice = fc
    .record({ at: fc.nat(token.length), cut: fc.nat(3), text: fc.string({ maxLength: 3 }) })
    .map(({ at, cut, text }) => token.slice(0, at) + text + token.slice(at + cut));
  const rebuilt = fc
    .tuple(fc.json(), fc.json())
    .map((parts) => parts.map((part) => Buffer.from(part).toString('base64url')).join('.'))
    .map((start) => `${start}.${signature.toString('base64url')}`);
  const isSame = (other: string): boolean => {
    const parts = other.split('.');
    return (
      parts.length === 3 &&
      `${parts[0]}.${parts[1]}` === signed &&
      Buffer.from(parts[2]!, 'base64url').equals(signature)
    );
  };
  const mutated = fc
    .oneof({ weight: 3, arbitrary: splice }, rebuilt, fc.string())
    .filter((text) => !isSame(text));
  await fc.assert(
    fc.asyncProperty(mutated, async (text) => {
      await expect(verifyMagicLink(merchant, text)).rejects.toMatchObject({ code: 'link_invalid' });
    }),
    { numRuns: 2000 },
  );
  expect(await house.count('sessions')).toBe(0);
});

test('the page at an address is named so that signing in leads back to it', () => {
  const id = 'b2'.repeat(12);
  for (const path of [
    '/',
    '/invoices',
    '/autopay',
    '/payment_methods/new',
    `/invoices/${id}`,
    `/estimates/${id}/approval`,
    `/pay?invoice=${id}`,
    `/promise?invoice=${id}&invoice=${id}`,
  ])
    expect(back(path)).toBe(path);
  for (const path of ['/nowhere', '/access', `/invoices/${id}x`, '/login']) expect(back(path)).toBe('/');
  expect(back(`/pay?${`invoice=${id}&`.repeat(11)}`)).toBe('/pay');
});

test('redirect_to leads to a page of the portal and nowhere else', () => {
  const id = 'a1'.repeat(12);
  const documents = [`invoices/${id}`, `invoices/${id}/plan`, `estimates/${id}/approval`, `payments/${id}`];
  for (const page of documents) expect(pageForId(page)).toBe(`/${page}`);
  expect(pageForId(`pay/${id}.${id}`)).toBe(`/pay?invoice=${id}&invoice=${id}`);
  const paths = new Set(PAGE_IDS.map(pageForId));
  expect(PAGE_IDS).toHaveLength(10);
  for (const path of paths) expect(path).toMatch(/^\/(?![/\\])/);
  const nasty = [
    '//evil.example',
    '/\\evil',
    '@evil',
    '%0d%0aSet-Cookie',
    'data:text/html,x',
    '__proto__',
    'constructor',
    '',
    `invoices/${id}/../../evil`,
    `invoices/${id}\n`,
    `invoices/${id}/pdf/x`,
    `pay/${id}.`,
    `pay/${id}&x=1`,
    `//${id}`,
    // Known elsewhere; here they have no page yet.
    'balance_forward_statement',
    'update_billing_info',
  ];
  for (const text of [...nasty, null, undefined]) expect(pageForId(text)).toBe('/');
  fc.assert(
    fc.property(fc.string(), (text) => paths.has(pageForId(text))),
    { numRuns: 2000 },
  );
});

/** Where signing in leads who asked for this. */
function back(path: string): string {
  return pageForId(pageIdAt(new URL(path, 'https://acme.example')));
}
