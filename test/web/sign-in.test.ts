import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { createContact } from '#src/customers/contacts.ts';
import type { MerchantScope } from '#src/scope.ts';
import { currentMagicLinkKey } from '#src/tenants/keys.ts';
import { openInvoices } from '#src/documents/invoices.ts';
import { setSetting } from '#src/tenants/settings.ts';
import { workOnce } from '#src/work.ts';
import { customerWithInvoices } from '#test/support/house.ts';
import { formFields, type OpenPortal, openPortal, textOf, Visitor } from '#test/support/portal.ts';

describe('magic links', () => {
  test('a link that an official client library would mint signs in directly and leads to the page it names', async () => {
    const { open, merchant, scope } = await aPortal();
    for (const sub of [scope.customerId, String(scope.customerId)]) {
      const visitor = new Visitor(merchant.tenant.origin, open.portal.port);
      const answer = await visitor.get(`/login/${await token(merchant, open, { sub })}?redirect_to=invoices`);
      expect([answer.status, answer.headers.location]).toEqual([303, '/invoices']);
      expect(textOf((await visitor.follow(answer)).text)).toContain('Total of 1');
    }
  });

  test('an unknown page id leads home, and never anywhere else', async () => {
    const { open, merchant, scope } = await aPortal();
    for (const evil of ['https://evil.example', '//evil.example', '/\\evil', '@evil.example', 'nonsense']) {
      const visitor = new Visitor(merchant.tenant.origin, open.portal.port);
      const link = `/login/${await token(merchant, open, { sub: scope.customerId })}?redirect_to=${encodeURIComponent(evil)}`;
      expect((await visitor.get(link)).headers.location).toBe('/');
    }
  });

  test('every failure is a clear page that says what to do next, and creates no session', async () => {
    const { open, merchant, scope } = await aPortal();
    const now = Math.floor(open.clock.now().epochMilliseconds / 1000);
    const sub = scope.customerId;
    const cases: Array<[string, Promise<string> | string, number, string]> = [
      ['rubbish', 'a.b.c', 400, 'This sign-in link does not work'],
      ['expired', token(merchant, open, { sub, exp: now - 120 }), 410, 'This sign-in link has expired'],
      [
        'too long',
        token(merchant, open, { sub, exp: now + 100 * 86_400 }),
        400,
        'This sign-in link does not work',
      ],
      ['without end', token(merchant, open, { sub, exp: undefined }), 400, 'This sign-in link does not work'],
      ['unknown customer', token(merchant, open, { sub: 99_999 }), 404, 'This sign-in link does not work'],
      [
        'foreign key',
        token(merchant, open, { sub, key: 'x'.repeat(43) }),
        400,
        'This sign-in link does not work',
      ],
    ];
    for (const [name, given, status, title] of cases) {
      const visitor = new Visitor(merchant.tenant.origin, open.portal.port);
      const answer = await visitor.get(`/login/${await given}`);
      expect([name, answer.status, visitor.cookie]).toEqual([name, status, '']);
      expect(textOf(answer.text)).toContain(title);
      expect(textOf(answer.text)).toContain('Get a new link by e-mail');
      expect(textOf(answer.text)).not.toMatch(/\bat \w+ \(|\.ts\b|jose|JWT|signature/i);
    }
    expect(await merchant.db.from('sessions').select('id').execute()).toEqual([]);
  });

  test('looking ahead (HEAD, prefetch) signs nobody in and uses nothing up', async () => {
    const { open, merchant, scope } = await aPortal();
    const path = `/login/${await token(merchant, open, { sub: scope.customerId, jti: 'once' })}`;
    const scanner = new Visitor(merchant.tenant.origin, open.portal.port);
    await scanner.get(path, { 'sec-purpose': 'prefetch' });
    expect(scanner.cookie).toBe('');
    const person = new Visitor(merchant.tenant.origin, open.portal.port);
    await person.get(path);
    expect((await person.post(path, {})).status).toBe(303);
    const second = new Visitor(merchant.tenant.origin, open.portal.port);
    expect(textOf((await second.get(path)).text)).toContain('already used');
  });

  test('a link that works once asks for a click: a mail scanner that opens it first gets no session, and the person gets in', async () => {
    const { open, merchant, scope } = await aPortal();
    const path = `/login/${await token(merchant, open, { sub: scope.customerId, jti: 'once' })}?redirect_to=invoices`;
    for (let i = 0; i < 3; i += 1) {
      const scanner = new Visitor(merchant.tenant.origin, open.portal.port);
      const looked = await scanner.get(path);
      expect([looked.status, scanner.cookie, textOf(looked.text)]).toEqual([
        200,
        '',
        expect.stringContaining('This link signs you in as Müller & Söhne GmbH'),
      ]);
    }
    expect(await merchant.db.from('sessions').select('id').execute()).toEqual([]);
    const person = new Visitor(merchant.tenant.origin, open.portal.port);
    const page = await person.get(path);
    const [, action = ''] = /<form[^>]*action="(\/login\/[^"]+)"/.exec(page.text) ?? [];
    const answer = await person.post(action.replaceAll('&amp;', '&'), {});
    expect([answer.status, answer.headers.location]).toEqual([303, '/invoices']);
    // Opened again here it leads on; elsewhere it is used up.
    expect((await person.get(path)).headers.location).toBe('/invoices');
    const late = new Visitor(merchant.tenant.origin, open.portal.port);
    expect([(await late.get(path)).status, (await late.post(path, {})).status, late.cookie]).toEqual([
      410,
      410,
      '',
    ]);
  });

  test('if somebody else is signed in, a page asks before switching, and the first stays until it is answered', async () => {
    const { open, merchant, scope } = await aPortal();
    const other = await customerWithInvoices(merchant, [77], 'Somebody Else Ltd');
    const visitor = await Visitor.signedIn(open, merchant, scope.customerId);
    const path = `/login/${await token(merchant, open, { sub: other.scope.customerId })}`;
    const question = await visitor.get(path);
    expect(textOf(question.text)).toContain('Switch to Somebody Else Ltd');
    expect(textOf((await visitor.get('/')).text)).toContain('€10.00');
    const switched = await visitor.post(path, {});
    expect(textOf((await visitor.follow(switched)).text)).toContain('€0.77');
  });
});

describe('e-mail sign-in', () => {
  test('the mail’s link opens a page with a button: GET never consumes, the button signs in once', async () => {
    const { open, merchant } = await aPortal();
    const visitor = new Visitor(merchant.tenant.origin, open.portal.port);
    const mail = await askForMail(open, merchant, visitor, 'petra@mueller.example');
    for (let i = 0; i < 3; i++) expect((await visitor.get(mail.path)).status).toBe(200);
    const signedIn = await visitor.post(mail.path, {});
    expect(textOf((await visitor.follow(signedIn)).text)).toContain('€10.00');
    const again = await new Visitor(merchant.tenant.origin, open.portal.port).post(mail.path, {
      code: mail.code,
    });
    expect(again.status).toBe(410);
  });

  test('who followed a mail to an invoice, a payment or a page is led back there by signing in', async () => {
    const { open, merchant, scope } = await aPortal();
    const [invoice] = await openInvoices(scope);
    const { clientId } = invoice!;
    for (const path of [`/invoices/${clientId}`, `/pay?invoice=${clientId}`, '/payment_methods']) {
      const visitor = new Visitor(merchant.tenant.origin, open.portal.port);
      const asked = await visitor.get(path);
      expect(asked.headers.location).toMatch(/^\/login\?to=/);
      const to = formFields((await visitor.follow(asked)).text, '/login').filter(([name]) => name === 'to');
      const mail = await askForMail(open, merchant, visitor, 'petra@mueller.example', to);
      const signedIn = await visitor.post('/login/code', { code: mail.code });
      expect(signedIn.headers.location).toBe(path);
      expect((await visitor.follow(signedIn)).status).toBe(200);
    }
  });

  test('of two mails asked for in one browser, each link and each code signs in while it is valid', async () => {
    const { open, merchant } = await aPortal();
    for (const uses of ['link', 'code'] as const) {
      const visitor = new Visitor(merchant.tenant.origin, open.portal.port);
      const first = await askForMail(open, merchant, visitor, 'petra@mueller.example');
      await askForMail(open, merchant, visitor, 'petra@mueller.example');
      const answer =
        uses === 'link'
          ? await visitor.post(first.path, formFields((await visitor.get(first.path)).text, first.path))
          : await visitor.post('/login/code', { code: first.code });
      expect([uses, answer.status, answer.headers.location]).toEqual([uses, 303, '/']);
    }
  });

  test('asked for again and not there yet, a code that is over is answered with where the next one is', async () => {
    const { open, merchant } = await aPortal();
    const visitor = new Visitor(merchant.tenant.origin, open.portal.port);
    const { code } = await askForMail(open, merchant, visitor, 'petra@mueller.example');
    open.clock.move(15 * 60_000);
    await visitor.post('/login', { email: 'petra@mueller.example' });
    const answer = await visitor.post('/login/code', { code });
    expect(answer.status).toBe(410);
    expect(textOf(answer.text)).toContain('A newer message may be on its way');
  });

  test('another browser needs the code too; the same browser may type the code alone', async () => {
    const { open, merchant } = await aPortal();
    const visitor = new Visitor(merchant.tenant.origin, open.portal.port);
    const mail = await askForMail(open, merchant, visitor, 'petra@mueller.example');
    const other = new Visitor(merchant.tenant.origin, open.portal.port);
    expect(textOf((await other.get(mail.path)).text)).toContain('Enter the code');
    expect((await other.post(mail.path, { code: 'AAAAAA' })).status).toBe(422);
    expect(other.cookie).toBe('');
    const answer = await visitor.post('/login/code', { code: mail.code.toLowerCase() });
    expect(answer.headers.location).toBe('/');
  });

  test('known and unknown addresses get the same answer, and only known ones get mail', async () => {
    const { open, merchant } = await aPortal();
    const answers = [];
    for (const email of ['petra@mueller.example', 'nobody@mueller.example']) {
      const visitor = new Visitor(merchant.tenant.origin, open.portal.port);
      const sent = await visitor.post('/login', { email });
      const page = await visitor.follow(sent);
      answers.push([
        sent.status,
        page.status,
        page.text.replaceAll(email, 'X').replaceAll(encodeURIComponent(email), 'X'),
      ]);
    }
    expect(answers[0]).toEqual(answers[1]);
    await workOnce(open.app);
    const mails = await merchant.db.from('mailbox').select('recipient').execute();
    expect(mails.map(({ recipient }) => recipient)).toEqual(['petra@mueller.example']);
  });

  test('one address on two customers: choose after signing in, switch later', async () => {
    const { open, merchant, scope } = await aPortal();
    const other = await customerWithInvoices(merchant, [77], 'Second Ltd');
    await createContact(merchant, {
      customerId: other.scope.customerId,
      name: 'Petra',
      email: 'petra@mueller.example',
      role: 'owner',
    });
    const visitor = new Visitor(merchant.tenant.origin, open.portal.port);
    const mail = await askForMail(open, merchant, visitor, 'petra@mueller.example');
    const choice = await visitor.follow(await visitor.post(mail.path, {}));
    expect(textOf(choice.text)).toContain('Choose an account');
    const second = await visitor.follow(
      await visitor.post('/access/account', { customer: String(other.scope.customerId) }),
    );
    expect(textOf(second.text)).toContain('€0.77');
    const first = await visitor.follow(
      await visitor.post('/access/account', { customer: String(scope.customerId) }),
    );
    expect(textOf(first.text)).toContain('€10.00');
    expect((await visitor.post('/access/account', { customer: '999' })).status).toBe(404);
    // Who asked for a page is led there by way of the choice.
    const late = new Visitor(merchant.tenant.origin, open.portal.port);
    const again = await askForMail(open, merchant, late, 'petra@mueller.example', [
      ['to', 'payment_methods'],
    ]);
    const asked = await late.follow(await late.post(again.path, {}));
    const hidden = formFields(asked.text, '/access/account').filter(([name]) => name === 'to');
    const chosen = await late.post('/access/account', [['customer', String(scope.customerId)], ...hidden]);
    expect(chosen.headers.location).toBe('/payment_methods');
  });
});

describe('sessions', () => {
  test('of one address on two customers, each account shows and ends its own sessions alone', async () => {
    const { open, merchant, scope } = await aPortal();
    const other = await customerWithInvoices(merchant, [77], 'Second Ltd');
    const first = await Visitor.signedIn(open, merchant, scope.customerId);
    const second = await Visitor.signedIn(open, merchant, other.scope.customerId);
    const [theirs] = await idsOf(second);
    expect([await idsOf(first), await idsOf(second)]).toEqual([[expect.any(String)], [theirs]]);
    expect((await first.post('/access/sessions', { session: theirs! })).status).toBe(404);
    await first.post('/access/sessions/all', {});
    expect((await first.get('/')).headers.location).toBe('/login');
    expect((await second.get('/')).status).toBe(200);
  });

  test('signing out here ends the session; the old cookie opens nothing', async () => {
    const { open, merchant, scope } = await aPortal();
    const visitor = await Visitor.signedIn(open, merchant, scope.customerId);
    const cookie = visitor.cookie;
    expect((await visitor.post('/access/sign-out', {})).headers.location).toBe('/login');
    expect((await visitor.get('/', { cookie })).headers.location).toBe('/login');
  });

  test('the list shows every session; one can be revoked, and signing out everywhere ends them all', async () => {
    const { open, merchant, scope } = await aPortal();
    const here = await Visitor.signedIn(open, merchant, scope.customerId);
    const there = await Visitor.signedIn(open, merchant, scope.customerId);
    const page = await here.get('/access');
    const ids = [...page.text.matchAll(/name="session" value="([^"]+)"/g)].map(([, id]) => id!);
    expect(ids).toHaveLength(2);
    // This browser's own comes first.
    expect((await here.post('/access/sessions', { session: ids[1]! })).headers.location).toBe('/access');
    expect((await here.get('/')).status).toBe(200);
    expect((await there.get('/')).headers.location).toBe('/login');
    const again = await Visitor.signedIn(open, merchant, scope.customerId);
    await again.post('/access/sessions/all', {});
    for (const visitor of [again, here]) expect((await visitor.get('/')).headers.location).toBe('/login');
    expect(await merchant.db.from('sessions').select('id').execute()).toEqual([]);
  });
});

async function idsOf(visitor: Visitor): Promise<string[]> {
  const { text } = await visitor.get('/access');
  return [...text.matchAll(/name="session" value="([^"]+)"/g)].map(([, id]) => id!);
}

async function aPortal() {
  const open = await openPortal();
  const merchant = await open.tenant();
  const { scope } = await customerWithInvoices(merchant, [1_000]);
  return { open, merchant, scope };
}

interface Claims {
  readonly sub: number | string;
  readonly exp?: number | undefined;
  readonly jti?: string;
  readonly key?: string;
}

/** A token as the official generators make it: the key's bytes as they are, HS256, `sub` a number or text. */
async function token(merchant: MerchantScope, open: OpenPortal, claims: Claims): Promise<string> {
  const { key } = await currentMagicLinkKey(merchant);
  const now = Math.floor(open.clock.now().epochMilliseconds / 1000);
  const { key: foreign, ...rest } = { exp: now + 3600, ...claims };
  const payload = { ...rest, iss: 'Invoiced Ruby/3.0.0', iat: now } as unknown as Record<string, string>;
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(foreign ?? key));
}

async function askForMail(
  open: OpenPortal,
  merchant: MerchantScope,
  visitor: Visitor,
  email: string,
  more: ReadonlyArray<[string, string]> = [],
): Promise<{ path: string; code: string }> {
  await setSetting(merchant, 'mail.from_name', 'Northwind');
  expect((await visitor.post('/login', [['email', email], ...more])).status).toBe(303);
  await workOnce(open.app);
  await workOnce(open.app);
  const mail = await merchant.db
    .from('mailbox')
    .select('text_body')
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow();
  const path = /\/login\/e\/[\w-]{43}/.exec(mail.text_body)?.[0] ?? '';
  const code = /\b[2-9A-HJ-KMNP-Z]{6}\b/.exec(mail.text_body.replace(path, ''))?.[0] ?? '';
  return { path, code };
}
