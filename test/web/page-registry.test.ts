import { describe, expect, test } from 'vitest';
import { createContact } from '#src/customers/contacts.ts';
import { contentSecurityPolicy } from '#src/server/csp.ts';
import { setCookie } from '#src/signin/cookie.ts';
import { createSessions } from '#src/signin/sessions.ts';
import { PAGE_PATHS, MAIN_PAGES, pageAt, placeOf, TAB_PAGES } from '#src/portal/pages.ts';
import { STRICT } from '#src/portal/page.ts';
import { PAGE_IDS, pageForId } from '#src/portal/page-ids.ts';
import { urls } from '#src/portal/urls.ts';
import { setSetting } from '#src/tenants/settings.ts';
import { SETTINGS } from '#src/tenants/settings-catalogue.ts';
import { customerWithInvoices, ENGINES } from '#test/support/house.ts';
import { type Answer, type OpenPortal, openPortal, Visitor } from '#test/support/portal.ts';
import { exampleOf, pagePaths } from '#test/support/routes.ts';
import { busyTenant } from '../tenancy/busy-tenant.ts';

const METHODS = ['GET', 'POST'] as const;
const KINDS = ['portal', 'temporary', 'document', 'manage'] as const;

describe.each(ENGINES)('on %s', (engine) => {
  test('a page that does not say otherwise sends who is not signed in to sign in', async () => {
    const { open, merchant } = await house(engine);
    const nobody = new Visitor(merchant.tenant.origin, open.portal.port);
    const closed = PAGE_PATHS.flatMap((place) =>
      METHODS.filter((method) => ![undefined, 'anyone'].includes(pageAt(place).for[method])).map(
        (method) => ({ place, method }),
      ),
    );
    expect(closed.length).toBeGreaterThan(60);
    for (const { place, method } of closed) {
      const { status, headers } = await ask(nobody, method, place);
      expect([status, headers.location], `${method} ${place}`).toEqual([
        303,
        expect.stringMatching(/^\/login(?:\?|$)/),
      ]);
    }
  });

  test('a session enters the pages alone that take its kind', async () => {
    const { open, merchant, scope } = await house(engine);
    await setSetting(merchant, 'payments.advance', 'true');
    for (const kind of KINDS) {
      const visitor = await sessionOf(open, merchant, scope.customerId, kind);
      for (const place of PAGE_PATHS.filter(needsSession)) {
        const { status, headers } = await visitor.get(exampleOf(place));
        const isSentAway = status === 303 && String(headers.location).startsWith('/login');
        expect(isSentAway, `${kind} ${place}`).toBe(!pageAt(place).sessions.includes(kind));
      }
    }
  });

  test('a viewer enters what is for viewers, and is refused the rest', async () => {
    const { open, merchant, scope } = await house(engine);
    for (const setting of ['payments.advance', 'credits.in_portal'] as const)
      await setSetting(merchant, setting, 'true');
    const viewer = await sessionOf(open, merchant, scope.customerId, 'portal', 'viewer@mueller.example');
    // The forms that viewers may send would end the session.
    const asked = PAGE_PATHS.flatMap((place) =>
      METHODS.filter((method) => method === 'GET' || pageAt(place).for.POST === 'payer').map((method) => ({
        place,
        method,
      })),
    );
    for (const { place, method } of asked) {
      const { status } = await ask(viewer, method, place);
      expect(status === 403, `${method} ${place}`).toBe(pageAt(place).for[method] === 'payer');
    }
  });

  test('a setting that switches a page takes it away, forms and all, and gives it back', async () => {
    const { open, merchant, scope } = await house(engine);
    const visitor = await Visitor.signedIn(open, merchant, scope.customerId);
    const switched = PAGE_PATHS.flatMap((place) => {
      const { switch: by } = pageAt(place);
      return by ? [{ place, by }] : [];
    });
    expect(switched.map(({ place }) => place)).toEqual(['/pay/advance']);
    for (const { place, by } of switched) {
      expect(Object.keys(SETTINGS)).toContain(by.setting);
      await setSetting(merchant, by.setting, String(by.off));
      for (const method of METHODS)
        expect((await ask(visitor, method, place)).status, `${method} ${place}`).toBe(404);
      await setSetting(merchant, by.setting, 'true');
      expect((await ask(visitor, 'GET', place)).status, place).toBe(200);
    }
  });
});

test('what leads to a page that is switched off is not shown', async () => {
  const { open, merchant, scope } = await house('sqlite', []);
  const visitor = await Visitor.signedIn(open, merchant, scope.customerId);
  for (const isOn of [true, false]) {
    await setSetting(merchant, 'payments.advance', String(isOn));
    const { status, text } = await visitor.get(urls.home);
    expect([status, text.includes(`href="${urls.payInAdvance}"`)]).toEqual([200, isOn]);
  }
});

test('the navigation holds what is declared, less what needs payments where none are taken', async () => {
  const { open, merchant, scope } = await house('sqlite');
  const visitor = await Visitor.signedIn(open, merchant, scope.customerId);
  const ways = async (): Promise<string[]> => {
    const { text } = await visitor.get('/invoices');
    return MAIN_PAGES.map(({ path }) => path).filter((path) => text.includes(`href="${path}"`));
  };
  expect(await ways()).toEqual(['/', '/invoices', '/payment_methods']);
  const { text } = await visitor.get('/invoices');
  for (const { path } of TAB_PAGES) expect(text).toContain(`href="${path}"`);
  await setSetting(merchant, 'payments.gateway', 'offline');
  expect(await ways()).toEqual(MAIN_PAGES.filter(({ needs }) => needs === undefined).map(({ path }) => path));
});

test('every page id leads to a page that is there', async () => {
  const { open, merchant, scope } = await house('sqlite');
  for (const name of ['payments.advance', 'credits.in_portal']) await setSetting(merchant, name, 'true');
  const visitor = await Visitor.signedIn(open, merchant, scope.customerId);
  for (const id of PAGE_IDS) expect((await visitor.get(pageForId(id))).status, id).toBe(200);
});

test('real answers carry the policy of the class that their page declares', async () => {
  const open = await openPortal();
  const { merchant, scope, invoices, paid, note, estimate } = await busyTenant(open);
  const visitor = await Visitor.signedIn(open, merchant, scope.customerId);
  const [id] = invoices.map(({ clientId }) => clientId);
  const receipt = paid.state === 'succeeded' ? paid.receipt : '';
  const key = String(open.portal.mailboxKey);
  const varying: Readonly<Record<string, string>> = {
    '/invoices/[id]': urls.invoice(id!),
    '/invoices/[id]/pdf': urls.invoicePdf(id!),
    '/estimates/[id]': urls.estimate(estimate.clientId),
    '/estimates/[id]/pdf': urls.estimatePdf(estimate.clientId),
    '/credit_notes/[id]': urls.creditNote(note.clientId),
    '/credit_notes/[id]/pdf': urls.creditNotePdf(note.clientId),
    '/payments/[id]': urls.receipt(receipt),
    '/payments/[id]/pdf': urls.receiptPdf(receipt),
    '/dev/mail/[id]/html': urls.mailAsHtml(1, key),
  };
  const seen = new Set<string>();
  for (const place of PAGE_PATHS.filter((one) => pageAt(one).for.GET)) {
    const { status, headers } = await visitor.get(varying[place] ?? exampleOf(place));
    if (status !== 200) continue;
    seen.add(pageAt(place).pageClass);
    const policy = contentSecurityPolicy(pageAt(place).pageClass, {}, { secure: false });
    expect(headers['content-security-policy'], place).toBe(policy);
    expect(headers['referrer-policy'], place).toBe(pageAt(place).referrer);
  }
  expect([...seen].toSorted()).toEqual(['content', 'core', 'letter', 'pdf']);
});

test('a page that takes forms alone cannot be read', async () => {
  const { open, merchant } = await house('sqlite');
  const nobody = new Visitor(merchant.tenant.origin, open.portal.port);
  const forms = PAGE_PATHS.filter((place) => pageAt(place).for.GET === undefined);
  expect(forms).toEqual(['/access/sessions', '/access/sessions/all', '/access/sign-out']);
  for (const place of forms) {
    const { status, headers } = await nobody.get(place);
    expect([status, headers.allow], place).toEqual([405, 'POST']);
  }
});

test('an address of every page is known as its own, and what nobody declared is held to what is strict', () => {
  for (const place of pagePaths().filter((one) => !one.includes('[...')))
    expect(placeOf(exampleOf(place))).toBe(place);
  expect(placeOf('/nothing/here')).toBeUndefined();
  expect(pageAt('/nothing/here')).toBe(STRICT);
  expect(STRICT).toMatchObject({
    pageClass: 'core',
    for: { GET: 'payer', POST: 'payer' },
    sessions: ['portal'],
  });
});

async function house(engine: (typeof ENGINES)[number], minors: readonly number[] = [10_000]) {
  const open = await openPortal(engine);
  const merchant = await open.tenant('acme');
  const { scope } = await customerWithInvoices(merchant, [...minors]);
  for (const role of ['owner', 'viewer'] as const)
    await createContact(merchant, {
      customerId: scope.customerId,
      name: role,
      email: `${role}@mueller.example`,
      role,
    });
  return { open, merchant, scope };
}

function needsSession(place: string): boolean {
  return !['anyone', undefined].includes(pageAt(place).for.GET);
}

function ask(visitor: Visitor, method: (typeof METHODS)[number], place: string): Promise<Answer> {
  return method === 'GET' ? visitor.get(exampleOf(place)) : visitor.post(exampleOf(place), {});
}

/** A browser that holds a session of a kind, as nothing of the portal issues it yet. */
async function sessionOf(
  open: OpenPortal,
  merchant: Awaited<ReturnType<typeof house>>['merchant'],
  customerId: number,
  kind: (typeof KINDS)[number],
  email = 'owner@mueller.example',
): Promise<Visitor> {
  const { token } = await createSessions(open.app.ports).issue(merchant, {
    email,
    customerId,
    scope: kind,
    method: 'email_link',
    address: '127.0.0.1',
    browser: '',
  });
  const visitor = new Visitor(merchant.tenant.origin, open.portal.port);
  visitor.keep(setCookie(merchant.tenant.origin, 'portal', token, 600));
  return visitor;
}
