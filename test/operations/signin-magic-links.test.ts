import { describe, expect, test } from 'vitest';
import { endSignIns } from '#db/sign-ins.ts';
import { createCustomer } from '#src/customers/customers.ts';
import type { MerchantScope } from '#src/scope.ts';
import { claimMagicLink, mintMagicLink, verifyMagicLink } from '#src/signin/magic-links.ts';
import { createSessions } from '#src/signin/sessions.ts';
import { currentMagicLinkKey, rotateMagicLinkKey } from '#src/tenants/keys.ts';
import { sweepSignIn } from '#src/signin/sign-in-mail.ts';
import { setSetting } from '#src/tenants/settings.ts';
import { malleate, signJwt } from '#test/support/links.ts';
import { ENGINES, openSmallHouse, type SmallHouse } from '#test/support/small-house.ts';

const NOW = Temporal.Instant.from('2026-11-23T12:00:00Z').epochMilliseconds / 1000;
const DAY = 86_400;
const visit = { address: '192.0.2.1', browser: 'Firefox' };

async function prepare(house: SmallHouse, username = 'acme') {
  const merchant = await house.merchant(username);
  await createCustomer(merchant, { name: 'Anna GmbH', email: 'Anna@Example.com' });
  const { key } = await currentMagicLinkKey(merchant);
  return { merchant, key };
}

/** As the page behind the link does it: check, take the use, sign in. */
async function signIn(house: SmallHouse, merchant: MerchantScope, token: string) {
  const link = await verifyMagicLink(merchant, token);
  await claimMagicLink(merchant, link);
  const { customerId, email, keyId, hash } = link;
  const sessions = createSessions(house.ports);
  return sessions.issue(merchant, {
    email,
    customerId,
    keyId,
    link: hash,
    scope: 'portal',
    method: 'magic_link',
    ...visit,
  });
}

/** What a restore of a backup without any use does to the sign-ins in it. */
async function restore({ store, ports }: SmallHouse): Promise<void> {
  await store.kysely.deleteFrom('used_links').execute();
  await store.transaction((tx) => endSignIns(tx, ports.clock.now().epochMilliseconds));
}

async function expectRefused(
  house: SmallHouse,
  merchant: MerchantScope,
  token: string,
  code: string,
): Promise<void> {
  await expect(signIn(house, merchant, token), token).rejects.toMatchObject({ code });
}

async function expectNothingWritten(house: SmallHouse): Promise<void> {
  for (const table of ['sessions', 'used_links', 'portal_users'] as const)
    expect(await house.count(table)).toBe(0);
}

describe.each(ENGINES)('magic links on %s', (engine) => {
  test('links of every official client library sign in', async () => {
    const house = await openSmallHouse(engine);
    const { merchant, key } = await prepare(house);
    const exp = NOW + 3600;
    const shapes: Array<[string, unknown, unknown]> = [
      ['documentation', { typ: 'JWT', alg: 'HS256' }, { sub: 1, iss: 'Ruby Backend', exp: NOW + DAY }],
      ['Ruby', { alg: 'HS256' }, { sub: 1, iss: 'Invoiced Ruby/3.0.0', iat: NOW, exp }],
      ['PHP', { typ: 'JWT', alg: 'HS256' }, { iat: NOW, exp, iss: 'Invoiced PHP/2.4.2', sub: 1 }],
      ['Java', { typ: 'JWT', alg: 'HS256' }, { sub: '1', iss: 'Invoiced Java', exp, iat: NOW }],
      ['C#', { alg: 'HS256', typ: 'JWT' }, { sub: 1, iss: '.NET Backend', exp: NOW + DAY }],
      ['bare', { alg: 'HS256' }, { sub: '1', exp: NOW + 0.5 }],
    ];
    for (const [name, header, claims] of shapes) {
      const { session } = await signIn(house, merchant, signJwt(key, claims, header));
      expect(session, name).toMatchObject({ customerId: 1, email: 'anna@example.com', method: 'magic_link' });
    }
    const quarter = signJwt(key, { sub: '1', iss: 'Invoiced Customer Script', exp: NOW + 90 * DAY });
    await expectRefused(house, merchant, quarter, 'link_too_long');
    await setSetting(merchant, 'magic_link.max_seconds', String(90 * DAY));
    await signIn(house, await house.merchant(), quarter);
    expect(await house.count('sessions')).toBe(shapes.length + 1);
  });

  test('a link signs in a customer without an address as that customer alone', async () => {
    const house = await openSmallHouse(engine);
    const { merchant, key } = await prepare(house);
    await createCustomer(merchant, { name: 'No mail' });
    const { session } = await signIn(house, merchant, signJwt(key, { sub: 2, exp: NOW + 60 }));
    expect(session).toMatchObject({ customerId: 2, email: 'customer:2' });
  });

  test('the life of a link ends at exp, and its cap is the setting plus one minute', async () => {
    const house = await openSmallHouse(engine);
    const { merchant, key } = await prepare(house);
    const table: Array<[number, string | undefined]> = [
      [-1, 'link_expired'],
      [0, 'link_expired'],
      [1, undefined],
      [DAY + 59, undefined],
      [DAY + 60, undefined],
      [DAY + 61, 'link_too_long'],
      [1e300, 'link_too_long'],
      [-1e300, 'link_expired'],
    ];
    for (const [offset, code] of table.filter((row) => row[1] !== undefined)) {
      await expectRefused(house, merchant, signJwt(key, { sub: 1, exp: NOW + offset }), code!);
    }
    await expectNothingWritten(house);
    for (const [offset] of table.filter((row) => row[1] === undefined)) {
      await signIn(house, merchant, signJwt(key, { sub: 1, exp: NOW + offset }));
    }
    const token = signJwt(key, { sub: 1, exp: NOW + 10 });
    house.pass(9.999);
    await verifyMagicLink(merchant, token);
    house.pass(0.001);
    await expect(verifyMagicLink(merchant, token)).rejects.toMatchObject({ code: 'link_expired' });
  });

  test('whatever is not a link of this tenant’s is refused and leaves no session', async () => {
    const house = await openSmallHouse(engine);
    const { merchant, key } = await prepare(house);
    const other = await prepare(house, 'other');
    const good = { sub: 1, exp: NOW + 60 };
    const token = signJwt(key, good);
    const [header, payload, signature] = token.split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const invalid = [
      '',
      '.',
      '..',
      'x',
      `${header}.${payload}`,
      `${header}.${payload}.`,
      `${token}.x`,
      ` ${token}`,
      `${token}\n`,
      `${none}.${payload}.`,
      `${none}.${payload}.${signature}`,
      `${header}.${payload}.${'A'.repeat(43)}`,
      ...['HS384', 'HS512'].map((alg) => signJwt(key, good, { alg }, alg.replace('HS', 'sha'))),
      ...['hs256', 'RS256', 'ES256', 'none', '', null, 1].map((alg) => signJwt(key, good, { alg })),
      signJwt(key, good, { alg: 'HS256', crit: ['exp'] }),
      signJwt(key, good, { alg: 'HS256', crit: ['b64'], b64: false }),
      signJwt(key, good, {
        alg: 'HS256',
        jwk: { kty: 'oct', k: 'AA' },
        kid: 'x',
        padding: 'x'.repeat(65_536),
      }),
      ...[other.key, '', ' ', key.toLowerCase(), `${key} `].map((wrong) => signJwt(wrong, good)),
      ...['[]', 'null', '1', '"x"', '{', ''].map((text) => signJwt(key, text)),
      ...[undefined, null, '60', 'Infinity', true, [NOW + 60], {}].map((exp) =>
        signJwt(key, { sub: 1, exp }),
      ),
      ...[undefined, null, 0, -1, 1.5, 1e17, true, [1], { id: 1 }].map((sub) =>
        signJwt(key, { ...good, sub }),
      ),
      ...['', ' 1', '01', '1 ', '1e0', '+1', '１', '٣', '1.0', 'x', '1'.repeat(30)].map((sub) =>
        signJwt(key, { ...good, sub }),
      ),
      ...['soon', NOW + 61, null].map((nbf) => signJwt(key, { ...good, nbf })),
    ];
    for (const bad of invalid) await expectRefused(house, merchant, bad, 'link_invalid');
    await expectRefused(house, merchant, signJwt(key, { ...good, sub: 2 }), 'link_unknown_customer');
    await merchant.db.update('customers').set({ closed_at: 1 }).where('id', '=', 1).execute();
    await expectRefused(house, merchant, token, 'link_unknown_customer');
    await expectNothingWritten(house);
  });

  test('a link works again and again unless it carries a jti or the tenant says once', async () => {
    const house = await openSmallHouse(engine);
    const { merchant, key } = await prepare(house);
    const reusable = signJwt(key, { sub: 1, exp: NOW + 600 });
    for (const _ of [1, 2, 3]) await signIn(house, merchant, reusable);
    expect(await house.count('used_links')).toBe(0);
    const once = signJwt(key, { sub: 1, exp: NOW + 600, jti: 'a' });
    await signIn(house, merchant, once);
    const before = await house.count('sessions');
    await expectRefused(house, merchant, once, 'link_used');
    expect(malleate(once)).not.toBe(once);
    await expectRefused(house, merchant, malleate(once), 'link_used');
    await setSetting(merchant, 'magic_link.single_use', 'on');
    const strict = await house.merchant();
    expect(await house.count('sessions')).toBe(before);
    await signIn(house, strict, reusable);
    await expectRefused(house, strict, reusable, 'link_used');
    expect(await house.count('sessions')).toBe(before + 1);
  });

  test('of fifty who open a single-use link at once, one signs in', async () => {
    const house = await openSmallHouse(engine);
    const { merchant, key } = await prepare(house);
    const token = signJwt(key, { sub: 1, exp: NOW + 600, jti: 'x' });
    const tokens = Array.from({ length: 50 }, (_, i) => (i % 2 ? token : malleate(token)));
    const results = await Promise.allSettled(tokens.map((each) => signIn(house, merchant, each)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await house.count('sessions')).toBe(1);
  });

  test('after a restore no link made before it works that works once, whether it was used or not', async () => {
    const house = await openSmallHouse(engine);
    const { merchant, key } = await prepare(house);
    const iat = NOW - 60;
    const exp = NOW + DAY;
    const used = signJwt(key, { sub: 1, iat, exp, jti: 'used since the backup' });
    const unused = signJwt(key, { sub: 1, iat: NOW, exp, jti: 'not used yet' });
    const undated = signJwt(key, { sub: 1, exp, jti: 'says not when it was made' });
    const misdated = signJwt(key, { sub: 1, iat: NOW * 1000, exp, jti: 'says it in milliseconds' });
    const reusable = signJwt(key, { sub: 1, iat, exp });
    await restore(house);
    for (const token of [used, unused, undated, misdated])
      await expectRefused(house, merchant, token, 'link_used');
    expect(await house.count('sessions')).toBe(0);
    await signIn(house, merchant, reusable);
    await setSetting(merchant, 'magic_link.single_use', 'on');
    const strict = await house.merchant();
    await expectRefused(house, strict, reusable, 'link_used');
    await expectRefused(house, strict, signJwt(key, { sub: 1, exp }), 'link_used');

    house.pass(1);
    await sweepSignIn(house.operator);
    const later = signJwt(key, { sub: 1, iat: NOW + 1, exp, jti: 'made since' });
    await signIn(house, strict, later);
    await expectRefused(house, strict, later, 'link_used');
    await expectRefused(house, strict, used, 'link_used');
    await restore(house);
    await expectRefused(house, strict, later, 'link_used');
    house.pass(600);
    // Of a link with such an end none was accepted before the restore.
    await signIn(
      house,
      strict,
      signJwt(key, { sub: 1, exp: NOW + 1 + DAY + 61, jti: 'undated, made since' }),
    );
  });

  test('a link of a tenant with a clock of its own is judged by that clock after a restore', async () => {
    const house = await openSmallHouse(engine);
    const { merchant, key } = await prepare(house);
    const future = NOW + 365 * DAY;
    const at = async (seconds: number): Promise<MerchantScope> => {
      const clock = { now: () => Temporal.Instant.fromEpochMilliseconds(seconds * 1000) };
      await house.store.kysely
        .updateTable('tenants')
        .set({ test_clock_at: seconds * 1000 })
        .execute();
      return { ...merchant, clock };
    };
    const used = signJwt(key, { sub: 1, iat: future, exp: future + 600, jti: 'used' });
    const then = await at(future);
    await restore(house);
    await expectRefused(house, then, used, 'link_used');
    const after = await at(future + 1);
    await signIn(house, after, signJwt(key, { sub: 1, iat: future + 1, exp: future + 600, jti: 'new' }));
  });

  test('the same link again in the browser that it signed in goes on with that session', async () => {
    const house = await openSmallHouse(engine);
    const { merchant, key } = await prepare(house);
    await createCustomer(merchant, { name: 'Berta AG', email: 'anna@example.com' });
    const token = signJwt(key, { sub: 1, exp: NOW + 600, jti: 'x' });
    const { session } = await signIn(house, merchant, token);
    house.pass(300);
    const again = await verifyMagicLink(merchant, token, session);
    expect(again.alreadySignedIn).toBe(true);
    await claimMagicLink(merchant, again);
    for (const other of [undefined, { ...session, customerId: 2 }, { ...session, link: undefined }]) {
      await expect(verifyMagicLink(merchant, token, other)).rejects.toMatchObject({ code: 'link_used' });
    }
    expect(await house.count('sessions')).toBe(1);
  });

  test('of two links of one customer opened one after the other in a browser, both are used', async () => {
    const house = await openSmallHouse(engine);
    const { merchant, key } = await prepare(house);
    const [first, second] = ['a', 'b'].map((jti) => signJwt(key, { sub: 1, exp: NOW + 600, jti }));
    const { session } = await signIn(house, merchant, first!);
    const link = await verifyMagicLink(merchant, second!, session);
    expect(link.alreadySignedIn).toBe(false);
    await claimMagicLink(merchant, link);
    await expectRefused(house, merchant, second!, 'link_used');
  });

  test('a use is of the tenant and the jti, whatever else the token says and however long it lives', async () => {
    const house = await openSmallHouse(engine);
    const { merchant, key } = await prepare(house);
    const other = await prepare(house, 'other');
    const claims = { sub: 1, exp: NOW + 60, jti: 'once' };
    await signIn(house, merchant, signJwt(key, claims));
    for (const changes of [{ exp: NOW + DAY }, { iss: 'elsewhere' }, { iat: NOW }, { sub: '1' }]) {
      await expectRefused(house, merchant, signJwt(key, { ...claims, ...changes }), 'link_used');
    }
    const { id } = await other.merchant.db.from('customers').select('id').executeTakeFirstOrThrow();
    await signIn(house, other.merchant, signJwt(other.key, { ...claims, sub: id }));
    house.pass(3600);
    await sweepSignIn(house.operator);
    await expectRefused(house, merchant, signJwt(key, { ...claims, exp: NOW + DAY }), 'link_used');
    for (const jti of ['', 'other', null, 1, '1'])
      await signIn(house, merchant, signJwt(key, { ...claims, exp: NOW + DAY, jti }));
    expect(await house.count('used_links')).toBe(7);
  });

  test('a key that is rotated signs in during its grace; one revoked at once ends its sessions too', async () => {
    const house = await openSmallHouse(engine);
    const { merchant, key } = await prepare(house);
    const token = signJwt(key, { sub: 1, exp: NOW + 3600 });
    await rotateMagicLinkKey(merchant, 60);
    await signIn(house, merchant, token);
    house.pass(60);
    await expectRefused(house, merchant, token, 'link_invalid');
    expect(await house.count('sessions')).toBe(1);
    await rotateMagicLinkKey(merchant, 0);
    expect(await house.count('sessions')).toBe(0);
  });

  test('links of our own making hold, and what they may not be is refused', async () => {
    const house = await openSmallHouse(engine);
    const { merchant } = await prepare(house);
    const url = new URL(await mintMagicLink(merchant, 1, { ttlSeconds: 60, redirectTo: 'invoices' }));
    expect(url.origin).toBe('http://acme.localhost:4321');
    expect(url.search).toBe('?redirect_to=invoices');
    const token = url.pathname.slice('/login/'.length);
    expect(await verifyMagicLink(merchant, token)).toMatchObject({
      customerId: 1,
      singleUse: false,
      issuer: 'portal',
    });
    await setSetting(merchant, 'magic_link.single_use', 'on');
    const strict = await house.merchant();
    const twins = await Promise.all([1, 2].map(() => mintMagicLink(strict, 1, { ttlSeconds: 60 })));
    expect(twins[0]).not.toBe(twins[1]);
    const bad = [
      { ttlSeconds: 0 },
      { ttlSeconds: DAY + 1 },
      { ttlSeconds: 1.5 },
      { ttlSeconds: 60, redirectTo: '//evil' },
    ];
    for (const options of bad) {
      await expect(mintMagicLink(merchant, 1, options)).rejects.toMatchObject({ code: 'bad_input' });
    }
    await expect(mintMagicLink(merchant, 2, { ttlSeconds: 60 })).rejects.toMatchObject({
      code: 'unknown_customer',
    });
    await expectNothingWritten(house);
  });
});
