import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createContact } from '#src/customers/contacts.ts';
import { createCustomer } from '#src/customers/customers.ts';
import type { MerchantScope } from '#src/scope.ts';
import { accountsOf, accountsOfSession, roleOfSession } from '#src/signin/accounts.ts';
import { clearCookie, readCookie, setCookie } from '#src/signin/cookie.ts';
import type { NewSession, Sessions } from '#src/signin/session.ts';
import { createSessions } from '#src/signin/sessions.ts';
import { setSetting } from '#src/tenants/settings.ts';
import { ENGINES, openSmallHouse } from '#test/support/small-house.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const anna: NewSession = {
  email: 'anna@example.com',
  customerId: 1,
  scope: 'portal',
  method: 'email_link',
  address: '192.0.2.1',
  browser: 'Firefox on Linux',
};

async function prepare(engine: (typeof ENGINES)[number]) {
  const house = await openSmallHouse(engine);
  const merchant = await house.merchant();
  await createCustomer(merchant, { name: 'Anna GmbH', email: 'anna@example.com' });
  await createCustomer(merchant, { name: 'Berta AG', email: 'anna@example.com' });
  await createCustomer(merchant, { name: 'Carla KG' });
  return { house, merchant, sessions: createSessions(house.ports) };
}

async function signIn(sessions: Sessions, merchant: MerchantScope, changes: Partial<NewSession> = {}) {
  const { token, session, maxAgeSeconds } = await sessions.issue(merchant, { ...anna, ...changes });
  const cookie = `portal=${token}`;
  const present = async () => (await sessions.authenticate(merchant.tenant, cookie)).session;
  return { token, cookie, session, maxAgeSeconds, present };
}

describe.each(ENGINES)('sessions on %s', (engine) => {
  test('the cookie signs in, and the database holds nothing that could', async () => {
    const { house, merchant, sessions } = await prepare(engine);
    const { token, session, present, maxAgeSeconds } = await signIn(sessions, merchant);
    expect(token).toMatch(/^[a-z2-7]{40}$/);
    expect(maxAgeSeconds).toBe(7 * DAY);
    expect(await present()).toEqual(session);
    expect(session).toMatchObject({
      customerId: 1,
      email: 'anna@example.com',
      scope: 'portal',
      document: undefined,
    });
    expect(session.freshUntil! - session.createdAt).toBe(600_000);
    const rows = await house.store.kysely.selectFrom('sessions').selectAll().execute();
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(await sessions.authenticate(merchant.tenant, `portal=${session.id}`)).toMatchObject({
      staleCookie: true,
    });
  });

  test('what a browser or an issuer says of itself is kept up to a length', async () => {
    const { merchant, sessions, house } = await prepare(engine);
    const long = 'x'.repeat(500);
    await signIn(sessions, merchant, { issuer: long, address: long, browser: long });
    const row = await house.store.kysely
      .selectFrom('sessions')
      .select(['issuer', 'address', 'browser'])
      .executeTakeFirst();
    expect(row).toEqual({
      issuer: long.slice(0, 100),
      address: long.slice(0, 64),
      browser: long.slice(0, 200),
    });
  });

  test('a session of one tenant is nobody’s at another', async () => {
    const { house, merchant, sessions } = await prepare(engine);
    const other = await house.merchant('other');
    const { cookie, session, present } = await signIn(sessions, merchant);
    expect(await sessions.authenticate(other.tenant, cookie)).toEqual({
      session: undefined,
      staleCookie: true,
    });
    expect(await sessions.list(other, session)).toEqual([]);
    expect(await sessions.revoke(other, session, session.id)).toBe(false);
    expect(await sessions.revokeAll(other, session)).toBe(0);
    expect(await present()).toBeDefined();
  });

  test('a session ends when nobody comes for the idle time', async () => {
    const { house, merchant, sessions } = await prepare(engine);
    const { present, cookie } = await signIn(sessions, merchant);
    house.pass(12 * HOUR - 1);
    expect(await present()).toBeDefined();
    house.pass(12 * HOUR - 1);
    expect(await present()).toBeDefined();
    house.pass(12 * HOUR);
    expect(await sessions.authenticate(merchant.tenant, cookie)).toEqual({
      session: undefined,
      staleCookie: true,
    });
    expect(await house.count('sessions')).toBe(0);
  });

  test('a session that is kept busy ends at its absolute end, to the second', async () => {
    const { house, merchant, sessions } = await prepare(engine);
    const { present, session } = await signIn(sessions, merchant);
    const end = session.createdAt + 7 * DAY * 1000;
    expect(session.absoluteExpiresAt).toBe(end);
    for (let hour = 0; hour < 7 * 24 - 1; hour += 1) {
      house.pass(HOUR);
      expect(await present(), `hour ${hour}`).toBeDefined();
    }
    house.pass(HOUR - 1);
    expect(await present()).toMatchObject({ expiresAt: end });
    house.pass(1);
    expect(await present()).toBeUndefined();
  });

  test('the tenant’s settings decide how long, and other scopes live a fixed time that no visit lengthens', async () => {
    const { house, merchant, sessions } = await prepare(engine);
    await setSetting(merchant, 'session.absolute_seconds', '900');
    const short = await signIn(sessions, await house.merchant());
    expect(short.maxAgeSeconds).toBe(900);
    const document = await signIn(sessions, merchant, {
      scope: 'document',
      document: 'abc',
      method: 'view_link',
    });
    expect(document.session).toMatchObject({ scope: 'document', document: 'abc', freshUntil: undefined });
    for (let minute = 1; minute < 60; minute += 1) {
      house.pass(60);
      expect((await short.present()) !== undefined).toBe(minute < 15);
      expect(await document.present()).toBeDefined();
    }
    house.pass(60);
    expect(await document.present()).toBeUndefined();
  });

  test('signing in gives a new session, and ends the one that the browser held', async () => {
    const { merchant, sessions } = await prepare(engine);
    const first = await signIn(sessions, merchant);
    const second = await signIn(sessions, merchant, { replaces: first.session.id });
    expect(second.token).not.toBe(first.token);
    expect(second.session.userId).toBe(first.session.userId);
    expect(await first.present()).toBeUndefined();
    expect(await second.present()).toBeDefined();
  });

  test('a person sees the own sessions, ends one, and ends all others', async () => {
    const { house, merchant, sessions } = await prepare(engine);
    const [phone, desk, lost] = [
      await signIn(sessions, merchant, { browser: 'Phone' }),
      await signIn(sessions, merchant, { browser: 'Desk' }),
      await signIn(sessions, merchant, { browser: 'Lost' }),
    ];
    const berta = await signIn(sessions, merchant, { email: 'berta@example.com' });
    const own = phone.session;
    house.pass(600);
    await desk.present();
    const listed = await sessions.list(merchant, own);
    expect(listed.map(({ browser }) => browser)).toHaveLength(3);
    expect(listed[0]).toMatchObject({ browser: 'Desk' });
    expect(await sessions.revoke(merchant, own, berta.session.id)).toBe(false);
    expect(await sessions.revoke(merchant, own, lost.session.id)).toBe(true);
    expect(await lost.present()).toBeUndefined();
    expect(await sessions.revokeAll(merchant, own, desk.session.id)).toBe(1);
    expect(await phone.present()).toBeUndefined();
    expect(await desk.present()).toBeDefined();
    expect(await berta.present()).toBeDefined();
    expect(await sessions.revokeAll(merchant, own)).toBe(1);
    expect(await sessions.list(merchant, own)).toEqual([]);
  });

  test('an account has its own sessions: those of another customer with the same address are not among them', async () => {
    const { merchant, sessions } = await prepare(engine);
    const one = await signIn(sessions, merchant, { method: 'magic_link' });
    const two = await signIn(sessions, merchant, { method: 'magic_link', customerId: 2 });
    const choosing = await signIn(sessions, merchant, { customerId: undefined });
    const proven = await signIn(sessions, merchant);
    const seenBy = async ({ session }: typeof one): Promise<string[]> =>
      (await sessions.list(merchant, session)).map(({ id }) => id).toSorted();
    expect(await seenBy(one)).toEqual([one.session.id, proven.session.id].toSorted());
    expect(await seenBy(two)).toEqual([two.session.id]);
    // Who proved the address may act in one that has yet to choose.
    expect(await seenBy(proven)).toEqual([one, choosing, proven].map(({ session }) => session.id).toSorted());
    expect(await seenBy(choosing)).toEqual([choosing.session.id]);
    for (const stranger of [two, choosing])
      expect(await sessions.revoke(merchant, one.session, stranger.session.id)).toBe(false);
    expect(await sessions.revokeAll(merchant, one.session)).toBe(2);
    expect([await two.present(), await choosing.present()]).not.toContain(undefined);
    expect(await sessions.revoke(merchant, choosing.session, choosing.session.id)).toBe(true);
  });

  test('an account holds 50 sessions of an address: a new one ends the one seen longest ago, and nobody else’s', async () => {
    const { house, merchant, sessions } = await prepare(engine);
    const neighbour = await signIn(sessions, merchant, { customerId: 2 });
    const made = [];
    for (let i = 0; i < 53; i += 1) {
      house.pass(1);
      made.push(await signIn(sessions, merchant));
      if (i === 20) {
        house.pass(600);
        await made[0]!.present();
      }
    }
    const left = new Set((await sessions.list(merchant, made[0]!.session)).map(({ id }) => id));
    const ended = made.map(({ session }, i) => (left.has(session.id) ? -1 : i)).filter((i) => i >= 0);
    expect([left.size, ended]).toEqual([50, [1, 2, 3]]);
    expect(await neighbour.present()).toBeDefined();
  });

  test('who proved an address may switch between its customers; a magic link vouches for one', async () => {
    const { merchant, sessions } = await prepare(engine);
    await createContact(merchant, { customerId: 3, name: 'Anna', email: 'ANNA@example.com', role: 'viewer' });
    await createContact(merchant, { customerId: 1, name: 'Anna', email: 'anna@example.com', role: 'viewer' });
    const accounts = await accountsOf(merchant, 'anna@example.com');
    expect(accounts.map(({ name, role }) => [name, role])).toEqual([
      ['Anna GmbH', 'owner'],
      ['Berta AG', 'owner'],
      ['Carla KG', 'viewer'],
    ]);
    const mailed = await signIn(sessions, merchant);
    await sessions.switchCustomer(merchant, mailed.session, 3);
    const now = (await mailed.present())!;
    expect(now.customerId).toBe(3);
    expect(await roleOfSession(merchant, now)).toBe('viewer');
    await expect(sessions.switchCustomer(merchant, now, 4)).rejects.toMatchObject({ code: 'not_found' });
    const linked = await signIn(sessions, merchant, { method: 'magic_link' });
    await expect(sessions.switchCustomer(merchant, linked.session, 2)).rejects.toMatchObject({
      code: 'not_found',
    });
    expect((await accountsOfSession(merchant, linked.session)).map(({ customerId }) => customerId)).toEqual([
      1,
    ]);
    expect((await linked.present())?.customerId).toBe(1);
    await merchant.db.remove('contacts').where('customer_id', '=', 3).execute();
    expect(await roleOfSession(merchant, now)).toBeUndefined();
  });

  test('sweeping deletes what has ended, of every tenant, and nothing else', async () => {
    const { house, merchant, sessions } = await prepare(engine);
    const other = await house.merchant('other');
    const { id } = await createCustomer(other, { name: 'Otto' });
    await signIn(sessions, merchant, { scope: 'manage', method: 'sign_up' });
    await signIn(sessions, other, { scope: 'manage', method: 'sign_up', customerId: id });
    const lasting = await signIn(sessions, merchant);
    house.pass(1800);
    await sessions.sweep();
    expect(await house.count('sessions')).toBe(1);
    expect(await lasting.present()).toBeDefined();
  });

  test('sessions come and go while transactions run, and are not taken back with them', async () => {
    const { house, merchant, sessions } = await prepare(engine);
    const failing = Array.from({ length: 20 }, (_, i) =>
      merchant.db.transaction(async (db) => {
        await db
          .update('customers')
          .set({ name: `Changed ${i}` })
          .where('id', '=', 1)
          .execute();
        await new Promise((resolve) => setTimeout(resolve, 1));
        throw new Error('taken back');
      }),
    );
    const coming = Array.from({ length: 20 }, () => signIn(sessions, merchant));
    await Promise.allSettled(failing);
    for (const each of await Promise.all(coming)) expect(await each.present()).toBeDefined();
    expect(await house.count('sessions')).toBe(20);
    expect(await house.count('portal_users')).toBe(1);
  });
});

test('a session that cannot be renewed because the disk is full is still a session', async () => {
  const { house, merchant, sessions } = await prepare('sqlite');
  const { present } = await signIn(sessions, merchant);
  house.pass(HOUR);
  house.store.file!.pragma('query_only = on');
  expect(await present()).toBeDefined();
  house.pass(11 * HOUR);
  expect(await present()).toBeUndefined();
});

test('any Cookie header is read without an exception, and a doubled cookie signs nobody in', async () => {
  const { merchant, sessions } = await prepare('sqlite');
  const { tenant } = merchant;
  const { token, cookie } = await signIn(sessions, merchant);
  const signsIn = async (header: string | undefined) =>
    (await sessions.authenticate(tenant, header)).session !== undefined;
  for (const header of [
    cookie,
    `a=b;${cookie}`,
    `x=%; ${cookie};`,
    `; ;=;${cookie} ; b`,
    `xportal=1; ${cookie}`,
  ]) {
    expect(await signsIn(header), header).toBe(true);
  }
  const planted = [
    `${cookie}; ${cookie}`,
    `portal=x; ${cookie}`,
    `${cookie}; portal=`,
    `portal="${token}"`,
    `PORTAL=${token}`,
  ];
  for (const header of [...planted, `__Host-portal=${token}`, undefined, ''])
    expect(await signsIn(header)).toBe(false);
  expect(await sessions.authenticate(tenant, `${cookie}; ${cookie}`)).toMatchObject({ staleCookie: true });
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 60 }), async (text) => {
      await sessions.authenticate(tenant, text);
      await sessions.authenticate(tenant, `portal=${text}`);
    }),
    { numRuns: 1000 },
  );
});

test('cookies belong to the tenant’s own host alone', () => {
  const origin = 'https://acme.portal.example';
  expect(setCookie(origin, 'portal', 'x', 60.9)).toBe(
    '__Host-portal=x; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure',
  );
  expect(setCookie('http://acme.localhost:4321', 'signin', 'x', 60)).toBe(
    'signin=x; Path=/; Max-Age=60; HttpOnly; SameSite=Lax',
  );
  expect(clearCookie(origin, 'portal')).toContain('__Host-portal=; Path=/; Max-Age=0');
  expect(readCookie('portal=planted; __Host-portal=mine', origin, 'portal').value).toBe('mine');
});
