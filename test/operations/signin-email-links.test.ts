import { describe, expect, test } from 'vitest';
import { createContact } from '#src/customers/contacts.ts';
import { createCustomer } from '#src/customers/customers.ts';
import { openSignInMail } from '#src/outbox/sign-in-seal.ts';
import type { MerchantScope } from '#src/scope.ts';
import { consumeCode, consumeEmailLink, requestEmailLink, viewEmailLink } from '#src/signin/email-links.ts';
import { createSessions } from '#src/signin/sessions.ts';
import { sweepSignIn } from '#src/signin/sign-in-mail.ts';
import { handleSignInRequests } from '#test/support/work.ts';
import { ENGINES, openSmallHouse } from '#test/support/small-house.ts';

const MINE = 'nonce-of-this-browser';
const OTHERS = 'nonce-of-another-browser';

async function prepare(engine: (typeof ENGINES)[number]) {
  const house = await openSmallHouse(engine);
  const merchant = await house.merchant();
  await createCustomer(merchant, { name: 'Anna GmbH', email: 'Anna@Example.com' });
  await createCustomer(merchant, { name: 'Berta AG' });
  await createContact(merchant, { customerId: 2, name: 'Bo', email: 'bo@berta.example', role: 'viewer' });
  return { house, merchant };
}

async function ask(merchant: MerchantScope, email = 'anna@example.com', browserNonce = MINE) {
  await requestEmailLink(merchant, {
    email,
    browserNonce,
    redirectTo: 'invoices',
    address: '192.0.2.1',
    language: 'de',
  });
  await handleSignInRequests(merchant);
}

async function mails(merchant: MerchantScope) {
  const rows = await merchant.db
    .from('outbox')
    .select(['topic', 'recipient', 'payload'])
    .orderBy('id')
    .execute();
  return rows.map(({ topic, recipient, payload }) => {
    const mail = openSignInMail(merchant, JSON.parse(payload));
    return { topic, recipient, ...mail, token: mail.url.split('/').at(-1)! };
  });
}

/** A request, its mail, and the token and code in it. */
async function mailed(merchant: MerchantScope) {
  await ask(merchant);
  return (await mails(merchant)).at(-1)!;
}

const wrong = (code: string): string => (code === '222222' ? '333333' : '222222');

/** What was refused; the error itself when it was something else. */
const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : error);

describe.each(ENGINES)('sign-in by e-mail on %s', (engine) => {
  test('the mail goes to the address as the merchant wrote it, with a link and a code', async () => {
    const { house, merchant } = await prepare(engine);
    await ask(merchant, ' ANNA@example.COM ');
    const [mail] = await mails(merchant);
    expect(mail).toMatchObject({
      topic: 'sign_in',
      recipient: 'Anna@Example.com',
      address: '192.0.2.1',
      language: 'de',
    });
    expect(mail!.url).toMatch(/^http:\/\/acme\.localhost:4321\/login\/e\/[\w-]{43}$/);
    expect(mail!.code).toMatch(/^[2-9A-Z]{6}$/);
    const everything = await Promise.all(
      (['outbox', 'email_links', 'signin_requests'] as const).map((table) =>
        house.store.kysely.selectFrom(table).selectAll().execute(),
      ),
    );
    for (const secret of [mail!.token, mail!.code, MINE])
      expect(JSON.stringify(everything)).not.toContain(secret);
  });

  test('the main address of a customer and the address of a contact get mail, each at its own address', async () => {
    const { merchant } = await prepare(engine);
    for (const email of ['anna@example.com', 'BO@berta.example']) await ask(merchant, email);
    const sent = await mails(merchant);
    expect(sent.map(({ recipient }) => recipient)).toEqual(['Anna@Example.com', 'bo@berta.example']);
    const proven = await consumeEmailLink(merchant, sent[1]!.token, { browserNonce: MINE });
    expect(proven.accounts).toMatchObject([{ customerId: 2, role: 'viewer' }]);
  });

  test('nobody is mailed at an address that no customer and no contact has', async () => {
    const { house, merchant } = await prepare(engine);
    await merchant.db.update('customers').set({ closed_at: 1 }).where('id', '=', 2).execute();
    for (const email of ['nobody@example.com', 'bo@berta.example']) await ask(merchant, email);
    await ask(await house.merchant('other'), 'anna@example.com');
    expect(await house.count('outbox')).toBe(0);
  });

  test('known and unknown addresses leave the same rows and get the same answers, codes included', async () => {
    const { house, merchant } = await prepare(engine);
    const seen = [];
    for (const email of ['anna@example.com', 'nobody@example.com']) {
      const browserNonce = `nonce of ${email}`;
      const request = { email, browserNonce, address: '192.0.2.1' };
      const answers: unknown[] = [await requestEmailLink(merchant, request)];
      const {
        email_canonical: _email,
        browser_hash: _hash,
        id: _id,
        ...row
      } = await merchant.db
        .from('signin_requests')
        .selectAll()
        .orderBy('id', 'desc')
        .executeTakeFirstOrThrow();
      await handleSignInRequests(merchant);
      for (let i = 0; i < 7; i += 1) {
        answers.push(await consumeCode(merchant, { browserNonce, code: '234567' }).catch(codeOf));
      }
      seen.push({ row, answers });
    }
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]!.answers).toEqual([undefined, ...Array(5).fill('code_wrong'), 'code_spent', 'code_spent']);
    expect(await house.count('signin_requests')).toBe(2);
    expect(await house.count('sessions')).toBe(0);
    await expect(
      requestEmailLink(merchant, { email: 'a b@c.d', browserNonce: MINE, address: '' }),
    ).rejects.toMatchObject({ code: 'bad_email' });
    expect(await house.count('signin_requests')).toBe(2);
  });

  test('looking at a link twenty times uses nothing up; the browser that asked needs one click', async () => {
    const { merchant } = await prepare(engine);
    const { token } = await mailed(merchant);
    for (let i = 0; i < 20; i += 1) {
      const view = await viewEmailLink(merchant, token, i % 2 ? undefined : OTHERS);
      expect(view).toMatchObject({ maskedEmail: 'a•••@e•••.com', needsCode: true });
    }
    expect(await viewEmailLink(merchant, token, MINE)).toMatchObject({ needsCode: false });
    const proven = await consumeEmailLink(merchant, token, { browserNonce: MINE });
    expect(proven).toMatchObject({ email: 'anna@example.com', method: 'email_link', page: 'invoices' });
    expect(proven.accounts).toMatchObject([{ customerId: 1, role: 'owner' }]);
    const refused = { code: 'link_used' };
    await expect(viewEmailLink(merchant, token, MINE)).rejects.toMatchObject(refused);
    await expect(consumeEmailLink(merchant, token, { browserNonce: MINE })).rejects.toMatchObject(refused);
  });

  test('another browser needs the code besides, and five wrong codes end the link there', async () => {
    const { house, merchant } = await prepare(engine);
    const first = await mailed(merchant);
    await expect(consumeEmailLink(merchant, first.token, { browserNonce: OTHERS })).rejects.toMatchObject({
      code: 'code_wrong',
    });
    // Nothing typed is no try.
    for (let times = 0; times < 9; times += 1)
      await expect(
        consumeEmailLink(merchant, first.token, { browserNonce: OTHERS, code: ' - ' }),
      ).rejects.toMatchObject({ code: 'code_wrong' });
    const typed = ` ${first.code.toLowerCase().slice(0, 3)}-${first.code.slice(3)} `;
    await consumeEmailLink(merchant, first.token, { browserNonce: OTHERS, code: typed });
    const second = await mailed(merchant);
    for (let i = 0; i < 5; i += 1) {
      await expect(
        consumeEmailLink(merchant, second.token, { code: wrong(second.code) }),
      ).rejects.toMatchObject({ code: 'code_wrong' });
    }
    await expect(consumeEmailLink(merchant, second.token, { code: second.code })).rejects.toMatchObject({
      code: 'code_spent',
    });
    await expect(viewEmailLink(merchant, second.token, OTHERS)).rejects.toMatchObject({ code: 'code_spent' });
    expect(await house.count('sessions')).toBe(0);
  });

  test('the code alone signs in where it was asked for: that of each mail as long as it is valid', async () => {
    const { house, merchant } = await prepare(engine);
    // Codes are of six of thirty letters: that two are the same is as good as never.
    const first = await mailed(merchant);
    house.pass(60);
    const second = await mailed(merchant);
    const refused = { code: 'code_wrong' };
    const elsewhere = consumeCode(merchant, { browserNonce: OTHERS, code: first.code });
    await expect(elsewhere).rejects.toMatchObject(refused);
    const proven = await consumeCode(merchant, { browserNonce: MINE, code: first.code });
    expect(proven).toMatchObject({ method: 'email_code', page: 'invoices' });
    const again = consumeCode(merchant, { browserNonce: MINE, code: first.code });
    await expect(again).rejects.toMatchObject(refused);
    house.pass(840);
    const third = await mailed(merchant);
    house.pass(60);
    // The second is over by now, the third is not.
    const late = consumeCode(merchant, { browserNonce: MINE, code: second.code });
    await expect(late).rejects.toMatchObject(refused);
    await consumeCode(merchant, { browserNonce: MINE, code: third.code });
    const over = consumeCode(merchant, { browserNonce: MINE, code: third.code });
    await expect(over).rejects.toMatchObject({ code: 'code_spent' });
  });

  test('many mails give no more guesses: a wrong code counts against each of them', async () => {
    const { merchant } = await prepare(engine);
    const sent = [await mailed(merchant), await mailed(merchant), await mailed(merchant)];
    const guess = ['222222', '333333', '444444', '555555'].find((code) =>
      sent.every((mail) => mail.code !== code),
    )!;
    for (let i = 0; i < 5; i += 1) {
      const wrongly = consumeCode(merchant, { browserNonce: MINE, code: guess });
      await expect(wrongly).rejects.toMatchObject({ code: 'code_wrong' });
    }
    for (const { code } of sent) {
      const spent = consumeCode(merchant, { browserNonce: MINE, code });
      await expect(spent).rejects.toMatchObject({ code: 'code_spent' });
    }
  });

  test('links and codes end after fifteen minutes', async () => {
    const { house, merchant } = await prepare(engine);
    const { token, code } = await mailed(merchant);
    house.pass(899.999);
    await viewEmailLink(merchant, token, MINE);
    house.pass(0.001);
    const refused = { code: 'link_expired' };
    await expect(viewEmailLink(merchant, token, MINE)).rejects.toMatchObject(refused);
    await expect(consumeEmailLink(merchant, token, { browserNonce: MINE })).rejects.toMatchObject(refused);
    await expect(consumeCode(merchant, { browserNonce: MINE, code })).rejects.toMatchObject({
      code: 'code_spent',
    });
    for (const text of ['', 'x', 'A'.repeat(43), 'A'.repeat(5000)]) {
      await expect(viewEmailLink(merchant, text, MINE)).rejects.toMatchObject({ code: 'link_invalid' });
    }
  });

  test('a link works at its own tenant alone', async () => {
    const { house, merchant } = await prepare(engine);
    const other = await house.merchant('other');
    const { token } = await mailed(merchant);
    await expect(consumeEmailLink(other, token, { browserNonce: MINE })).rejects.toMatchObject({
      code: 'link_invalid',
    });
    await consumeEmailLink(merchant, token, { browserNonce: MINE });
  });

  test('a mail that waits opens for its own tenant alone', async () => {
    const { house, merchant } = await prepare(engine);
    await ask(merchant);
    const { payload } = await merchant.db.from('outbox').select('payload').executeTakeFirstOrThrow();
    const waiting: unknown = JSON.parse(payload);
    expect(Object.keys(Object(waiting))).toEqual(['sealed']);
    expect(openSignInMail(merchant, waiting)).toMatchObject({ address: '192.0.2.1', language: 'de' });
    const other = await house.merchant('other');
    expect(() => openSignInMail(other, waiting)).toThrow('sealed for something else');
  });

  test('of fifty who use a link at once, one gets a session', async () => {
    const { house, merchant } = await prepare(engine);
    const { token, code } = await mailed(merchant);
    const sessions = createSessions(house.ports);
    const signIn = async (i: number) => {
      const proven = await (i % 2
        ? consumeEmailLink(merchant, token, { browserNonce: MINE })
        : consumeCode(merchant, { browserNonce: MINE, code }));
      const { email, method, accounts } = proven;
      const customerId = accounts[0]!.customerId;
      return sessions.issue(merchant, {
        email,
        method,
        customerId,
        scope: 'portal',
        address: '',
        browser: '',
      });
    };
    const results = await Promise.allSettled(Array.from({ length: 50 }, (_, i) => signIn(i)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await house.count('sessions')).toBe(1);
  });

  test('two workers at once mail once, and one address gets at most five mails an hour', async () => {
    const { house, merchant } = await prepare(engine);
    for (let i = 0; i < 4; i += 1) {
      await requestEmailLink(merchant, { email: 'anna@example.com', browserNonce: MINE, address: '' });
    }
    await Promise.all([handleSignInRequests(merchant), handleSignInRequests(merchant)]);
    expect(await house.count('outbox')).toBe(4);
    for (let i = 0; i < 3; i += 1) await ask(merchant);
    expect(await house.count('outbox')).toBe(5);
    expect(await house.count('email_links')).toBe(7);
    house.pass(3600);
    await ask(merchant);
    expect(await house.count('outbox')).toBe(6);
  });

  test('an address, known or not, is asked for twenty times an hour; more leaves nothing and is answered alike', async () => {
    const { house, merchant } = await prepare(engine);
    for (const email of ['anna@example.com', 'nobody@example.com']) {
      for (let i = 0; i < 25; i += 1)
        expect(await requestEmailLink(merchant, { email, browserNonce: MINE, address: '' })).toBeUndefined();
    }
    expect(await house.count('signin_requests')).toBe(40);
    // Asking and mailing are counted apart.
    await handleSignInRequests(merchant);
    expect(await house.count('outbox')).toBe(5);
    house.pass(3600);
    await requestEmailLink(merchant, { email: 'anna@example.com', browserNonce: MINE, address: '' });
    expect(await house.count('signin_requests')).toBe(41);
  });

  test('however many workers there are, the sixth mail in an hour is not written, and the answers stay as ever', async () => {
    const { house, merchant } = await prepare(engine);
    const answers = new Set<unknown>();
    for (const email of ['anna@example.com', 'nobody@example.com']) {
      for (let i = 0; i < 12; i += 1) {
        answers.add(await requestEmailLink(merchant, { email, browserNonce: `${email} ${i}`, address: '' }));
      }
    }
    const workers = Array.from({ length: 3 }, () => handleSignInRequests(merchant));
    expect((await Promise.all(workers)).reduce((sum, handled) => sum + handled)).toBe(24);
    expect((await mails(merchant)).map(({ recipient }) => recipient)).toEqual(
      Array(5).fill('Anna@Example.com'),
    );
    for (const email of ['anna@example.com', 'nobody@example.com']) {
      for (let i = 0; i < 12; i += 1) {
        const guess = consumeCode(merchant, { browserNonce: `${email} ${i}`, code: '!!!!!!' });
        answers.add(await guess.catch(codeOf));
      }
    }
    expect([...answers]).toEqual([undefined, 'code_wrong']);
    await ask(merchant, 'bo@berta.example');
    await ask(await house.merchant('other'), 'anna@example.com');
    expect(await house.count('outbox')).toBe(6);
  });

  test('asking often does not make codes easier to guess: what was mailed to nobody has no code that fits', async () => {
    const { merchant: ordinary } = await prepare(engine);
    let last = 0;
    // Every typed code of this source is 222222; longer tokens differ.
    const bytes = (count: number) => new Uint8Array(count).fill(count === 6 ? 0 : (last += 1));
    const merchant = { ...ordinary, tokens: { bytes } };
    const guesses: Record<string, unknown[]> = { 'anna@example.com': [], 'nobody@example.com': [] };
    for (const [email, outcomes] of Object.entries(guesses)) {
      for (let i = 0; i < 8; i += 1) {
        const browserNonce = `${email} ${i}`;
        await ask(merchant, email, browserNonce);
        const guess = consumeCode(merchant, { browserNonce, code: '222222' });
        outcomes.push(await guess.then(() => 'signed in', codeOf));
      }
    }
    expect(guesses).toEqual({
      'anna@example.com': [...Array(5).fill('signed in'), ...Array(3).fill('code_wrong')],
      'nobody@example.com': Array(8).fill('code_wrong'),
    });
  });

  test('somebody who lost the address between mail and click is not signed in', async () => {
    const { house, merchant } = await prepare(engine);
    const { token } = await mailed(merchant);
    await merchant.db
      .update('customers')
      .set({ email: null, email_canonical: null })
      .where('id', '=', 1)
      .execute();
    await expect(consumeEmailLink(merchant, token, { browserNonce: MINE })).rejects.toMatchObject({
      code: 'link_unknown_customer',
    });
    expect(await house.count('sessions')).toBe(0);
  });

  test('sweeping deletes links and requests that ended long ago, and keeps the others', async () => {
    const { house, merchant } = await prepare(engine);
    await ask(merchant);
    house.pass(2 * 86_400);
    await ask(merchant);
    await sweepSignIn(house.operator);
    expect(await house.count('email_links')).toBe(1);
    expect(await house.count('signin_requests')).toBe(1);
    expect(await house.count('rate_limits')).toBe(2);
  });

  test('sweeping does not forget who was mailed within the hour', async () => {
    const { house, merchant } = await prepare(engine);
    for (let i = 0; i < 5; i += 1) await ask(merchant);
    await sweepSignIn(house.operator);
    await ask(merchant);
    expect(await house.count('outbox')).toBe(5);
  });
});
