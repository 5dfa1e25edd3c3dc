import { describe, expect, test } from 'vitest';
import { mintMagicLink } from '#src/signin/magic-links.ts';
import { workOnce } from '#src/work.ts';
import { ENGINES } from '#test/support/house.ts';
import { fingerprintOf, mirrorTenant } from '#test/support/mirror.ts';
import { formFields, type OpenPortal, openPortal, Visitor } from '#test/support/portal.ts';
import { pageFiles } from '#test/support/routes.ts';
import { busyTenant } from './busy-tenant.ts';

/**
 * Two tenants with the same ids, numbers and client ids, told apart by a canary that stands in every text of the second. Everything the
 * portal answers is asked for as a customer of the first: no canary may appear, and the second's rows stay as they were, byte for byte.
 */
describe.each(ENGINES)('on %s', (engine) => {
  test('no route of one tenant shows or changes a row of another, or of another customer', async () => {
    const { open, walk, mirror, visited } = await twoTenants(engine);
    const before = await fingerprintOf(open, mirror.merchant.tenant.id);
    const answers = await walk();
    for (const { path, text } of answers) {
      expect(text, path).not.toContain(mirror.canary);
      expect(text, path).not.toContain('Sibling');
    }
    expect(await fingerprintOf(open, mirror.merchant.tenant.id)).toBe(before);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(12);
    expect(pageFiles().filter((route) => !visited.has(route))).toEqual([]);
  });
});

test('a planted leak is caught: a row of the mirror shown under the first tenant fails the walk', async () => {
  const { open, walk, mirror } = await twoTenants('sqlite');
  const { kysely } = open.app.ports.store;
  // What a forgotten tenant predicate would do: the first tenant's page reads the second tenant's lines.
  const theirs = await kysely
    .selectFrom('lines')
    .select(['id', 'name'])
    .where('tenant_id', '=', mirror.merchant.tenant.id)
    .execute();
  for (const { id, name } of theirs) {
    await kysely
      .updateTable('lines')
      .set({ name })
      .where('tenant_id', '!=', mirror.merchant.tenant.id)
      .where('id', '=', id)
      .execute();
  }
  const leaks = (await walk()).filter(({ text }) => text.includes(mirror.canary));
  expect(leaks.map(({ path }) => path.replace(/\w{24}/, '[id]'))).toContain('/invoices/[id]');
});

test('somebody else’s document is answered exactly like one that never was', async () => {
  const { visitor, sibling } = await twoTenants('sqlite');
  const nobody = '0'.repeat(24);
  for (const path of [
    (id: string) => `/invoices/${id}`,
    (id: string) => `/invoices/${id}/pdf`,
    (id: string) => `/pay?invoice=${id}`,
  ]) {
    const [theirs, none] = [await visitor.get(path(sibling)), await visitor.get(path(nobody))];
    expect([theirs.status, withoutIncident(theirs.text)]).toEqual([none.status, withoutIncident(none.text)]);
    expect(theirs.status).toBe(404);
  }
});

test('a session of one tenant opens nothing at another', async () => {
  const { open, visitor, mirror } = await twoTenants('sqlite');
  const stranger = new Visitor(mirror.merchant.tenant.origin, open.portal.port);
  const answer = await stranger.get('/', { cookie: visitor.cookie });
  expect([answer.status, answer.headers.location]).toEqual([303, '/login']);
});

function withoutIncident(text: string): string {
  return text.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}/g, '');
}

async function twoTenants(engine: (typeof ENGINES)[number]) {
  const open = await openPortal(engine);
  const { merchant, scope, invoices, sibling, paid, attempt, note, estimate, planned, methods, setup } =
    await busyTenant(open);
  const mirror = await mirrorTenant(open, merchant, 'globex');
  const visitor = await Visitor.signedIn(open, merchant, scope.customerId);
  const visited = new Set<string>();
  const ids = {
    invoice: invoices[2]!.clientId,
    paidInvoice: invoices[0]!.clientId,
    receipt: paid.state === 'succeeded' ? paid.receipt : '',
    attempt: attempt.attemptId,
    sibling: sibling.invoices[0]!.clientId,
    note: note.clientId,
    estimate: estimate.clientId,
    planned: planned.clientId,
    card: String(methods.card),
    account: String(methods.account),
    setup,
  };
  const link = new URL(await mintMagicLink(merchant, scope.customerId, { ttlSeconds: 600 })).pathname;
  const walk = () => walkEverything(open, visitor, ids, link, visited);
  return { open, merchant, mirror, visitor, walk, visited, sibling: ids.sibling };
}

/** What the pages of money are about. */
type Money = 'sibling' | 'note' | 'estimate' | 'planned' | 'card' | 'account' | 'setup';

type Get = (route: string, path: string) => Promise<string>;
type Post = (route: string, path: string, values?: Array<[string, string]>) => Promise<string>;
type Seen = { path: string; status: number; text: string };

/** Every page and every form of the portal, as one customer would meet them. */
async function walkEverything(
  open: OpenPortal,
  visitor: Visitor,
  ids: Readonly<Record<'invoice' | 'paidInvoice' | 'receipt' | 'attempt' | Money, string>>,
  link: string,
  visited: Set<string>,
): Promise<Seen[]> {
  const seen: Seen[] = [];
  const note = async (
    route: string,
    path: string,
    answer: Promise<{ status: number; text: string; headers: object }>,
  ) => {
    const { status, text, headers } = await answer;
    visited.add(route);
    seen.push({ path, status, text: text + JSON.stringify(headers) });
    return text;
  };
  const get = (route: string, path: string) => note(route, path, visitor.get(path));
  const post = (route: string, path: string, values: Array<[string, string]> = []) =>
    note(route, path, visitor.post(path, values));
  await get('index', '/');
  for (const query of [
    '',
    '?status=open',
    '?number=INV',
    '?sort=total&dir=asc&per=10',
    '?from=2026-01-01&until=2026-12-31',
  ]) {
    await get('invoices/index', `/invoices${query}`);
  }
  for (const id of [ids.invoice, ids.paidInvoice, ids.sibling]) {
    await get('invoices/[id]/index', `/invoices/${id}`);
    await get('invoices/[id]/pdf', `/invoices/${id}/pdf`);
  }
  await get('payments/index', '/payments');
  await get('payments/[id]/index', `/payments/${ids.receipt}`);
  await get('payments/[id]/pdf', `/payments/${ids.receipt}/pdf`);
  await get('pay/attempts/[id]/index', `/pay/attempts/${ids.attempt}`);
  await get('pay/attempts/[id]/challenge', `/pay/attempts/${ids.attempt}/challenge`);
  await post('pay/attempts/[id]/challenge', `/pay/attempts/${ids.attempt}/challenge`, [
    ['answer', 'approve'],
  ]);
  const pay = await get('pay/index', `/pay?invoice=${ids.invoice}`);
  if (pay.includes('name="nonce"')) {
    const typed: Array<[string, string]> = [
      ['number', '4242424242424242'],
      ['expiry', '12/30'],
      ['cvc', '123'],
      ['name', 'Petra'],
    ];
    const hidden = formFields(pay, '/pay').filter(([name]) => name === 'nonce' || name === 'seen');
    await post('pay/index', '/pay', [...hidden, ...typed]);
    await post('pay/index', '/pay', [['nonce', 'n'.repeat(24)], ['seen', `${ids.sibling}:4200`], ...typed]);
  }
  await walkMoney(get, post, ids);
  await get('access/index', '/access');
  await get('access/account', '/access/account');
  await post('access/account', '/access/account', [['customer', '2']]);
  await post('access/sessions/index', '/access/sessions', [['session', 'nobody’s']]);
  await get('login/[token]', link);
  const anonymous = new Visitor(`http://acme.${new URL(open.app.ports.baseUrl).host}`, open.portal.port);
  await note('login/index', '/login', anonymous.get('/login'));
  await note('login/index', '/login', anonymous.post('/login', { email: 'petra@mueller.example' }));
  await workOnce(open.app);
  await note('login/code', '/login/code', anonymous.get('/login/code?email=petra@mueller.example'));
  const mail = await open.app.ports.store.kysely
    .selectFrom('mailbox')
    .select(['tenant_id', 'text_body'])
    .orderBy('at', 'desc')
    .execute();
  const token =
    mail.map(({ text_body }) => /\/login\/e\/[\w-]{43}/.exec(text_body)?.[0]).find(Boolean) ??
    '/login/e/none';
  await note('login/e/[token]', token, anonymous.get(token));
  await note('login/e/[token]', token, anonymous.post(token, {}));
  const key = `?key=${open.portal.mailboxKey}`;
  await get('dev/mail/index', `/dev/mail${key}`);
  await get('dev/mail/[id]/index', `/dev/mail/1${key}`);
  await get('dev/mail/[id]/html', `/dev/mail/1/html${key}`);
  await get('problem', '/problem');
  await get('[...path]', '/nothing/here');
  await note('access/sessions/all', '/access/sessions/all', anonymous.post('/access/sessions/all', {}));
  await note('access/sign-out', '/access/sign-out', anonymous.post('/access/sign-out', {}));
  return seen;
}

/** Estimates, credit, methods, AutoPay, plans and payments in advance: every page, and every form as it came. */
async function walkMoney(get: Get, post: Post, ids: Readonly<Record<Money, string>>): Promise<void> {
  const card: Array<[string, string]> = [
    ['with', 'card'],
    ...Object.entries({ number: '5454545454545454', expiry: '12/30', cvc: '123', name: 'Petra' }),
  ];
  const send = async (route: string, path: string, action: string, values: Array<[string, string]> = []) => {
    const html = await get(route, path);
    const own = new Set(values.map(([name]) => name));
    const fields = html.includes(`action="${action}`) ? formFields(html, action) : [];
    await post(route, action, [...fields.filter(([name]) => !own.has(name)), ...values]);
  };
  await get('estimates/index', '/estimates?status=open&number=EST');
  await get('estimates/[id]/index', `/estimates/${ids.estimate}`);
  await get('estimates/[id]/pdf', `/estimates/${ids.estimate}/pdf`);
  const approval = `/estimates/${ids.estimate}/approval`;
  await send('estimates/[id]/approval', approval, approval, [
    ['initials', 'PM'],
    ['pays', 'deposit'],
    ...card,
  ]);
  const decline = `/estimates/${ids.estimate}/decline`;
  await send('estimates/[id]/decline', decline, decline, [['reason', 'Too late']]);
  await get('credit_notes/index', '/credit_notes');
  await get('credit_notes/[id]/index', `/credit_notes/${ids.note}`);
  await get('credit_notes/[id]/pdf', `/credit_notes/${ids.note}/pdf`);
  await send('credit/index', '/credit', '/credit');
  await get('payment_methods/index', '/payment_methods');
  await send('payment_methods/new', '/payment_methods/new', '/payment_methods/new', card);
  const setup = `/payment_methods/setups/${ids.setup}`;
  await send('payment_methods/setups/[id]', setup, setup, [['answer', 'approve']]);
  const own = `/payment_methods/${ids.card}`;
  await send('payment_methods/[id]/index', own, own, [['label', 'Company card']]);
  await post('payment_methods/index', '/payment_methods', [['default', ids.card]]);
  const verify = `/payment_methods/${ids.account}/verification`;
  await send('payment_methods/[id]/verification', verify, verify, [
    ['first', '0.35'],
    ['second', '0.45'],
  ]);
  const plan = `/invoices/${ids.planned}/plan`;
  await send('invoices/[id]/plan', plan, plan, [
    ['with', `m${ids.card}`],
    ['agree', 'on'],
  ]);
  await send('autopay', '/autopay', '/autopay', [
    ['action', 'on'],
    ['with', `m${ids.card}`],
  ]);
  await post('autopay', '/autopay', [['action', 'off']]);
  await send('payment_methods/[id]/removal', `${own}/removal`, `${own}/removal`);
  const promise = [
    ['method', 'wire_transfer'],
    ['date', '2026-12-01'],
  ] as Array<[string, string]>;
  await send('promise', '/promise', '/promise', [...promise, ['action', 'promise']]);
  await post('promise', '/promise', [...promise, ['action', 'promise'], ['invoice', ids.sibling]]);
  await post('promise', '/promise', [...promise, ['action', 'withdraw'], ['invoice', ids.sibling]]);
  await send('pay/advance', '/pay/advance', '/pay/advance', [['amount', '12.00'], ...card]);
}
