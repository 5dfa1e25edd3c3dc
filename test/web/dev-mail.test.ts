import { describe, expect, test } from 'vitest';
import { REFUSALS } from '#src/kernel/refusals.ts';
import type { PortalLocals } from '#src/locals.ts';
import { assertMailboxVisible } from '#src/web/dev-mail.ts';
import { workOnce } from '#src/work.ts';
import { customerWithInvoices, ENGINES } from '#test/support/house.ts';
import { openPortal, textOf, Visitor } from '#test/support/portal.ts';

async function withMail(engine: (typeof ENGINES)[number]) {
  const open = await openPortal(engine);
  const merchant = await open.tenant();
  await customerWithInvoices(merchant, [1_000]);
  const visitor = new Visitor(merchant.tenant.origin, open.portal.port);
  await visitor.post('/login', { email: 'petra@mueller.example' });
  await workOnce(open.app);
  return { open, merchant, visitor, key: `?key=${open.portal.mailboxKey}` };
}

describe.each(ENGINES)('the mailbox page on %s', (engine) => {
  test('opens to the secret that serving prints, and to nothing else, wherever the request seems to come from', async () => {
    const { visitor, key } = await withMail(engine);
    const forwarded = { 'x-forwarded-for': '127.0.0.1' };
    for (const wrong of ['', '?key=', '?key=x', `${key}x`, `${key}&key=x`.replace('?', '?key=x&')]) {
      for (const path of ['/dev/mail', '/dev/mail/1', '/dev/mail/1/html']) {
        for (const headers of [{}, forwarded]) {
          expect((await visitor.get(`${path}${wrong}`, headers)).status, path + wrong).toBe(404);
        }
      }
    }
    const list = await visitor.get(`/dev/mail${key}`, forwarded);
    expect([list.status, textOf(list.text)]).toEqual([200, expect.stringContaining('petra@mueller.example')]);
    const [, letter] = /href="(\/dev\/mail\/1\?key=[^"]+)"/.exec(list.text) ?? [];
    expect((await visitor.get(letter ?? '')).text).toMatch(/href="\/login\/e\/[\w-]{43}"/);
  });

  test('shows a mail as its reader sees it, in a policy that runs and fetches nothing', async () => {
    const { visitor, key } = await withMail(engine);
    const mail = await visitor.get(`/dev/mail/1/html${key}`);
    expect([mail.status, mail.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(mail.text).toMatch(/^<!doctype html>[^]*href="http:\/\/acme[^"]+\/login\/e\//i);
    expect(mail.headers['content-security-policy']).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
    );
    expect(mail.headers['referrer-policy']).toBe('no-referrer');
  });

  test.each(['x', '0', '-1', '1.0', '1e0', '01', '%31%00'.slice(0, 3), '9'.repeat(20), '7'])(
    'there is no mail %s',
    async (id) => {
      const { visitor, key } = await withMail(engine);
      for (const path of [`/dev/mail/${id}`, `/dev/mail/${id}/html`]) {
        expect([404, 400]).toContain((await visitor.get(`${path}${key}`)).status);
      }
    },
  );
});

test('a live tenant, one at an https address, and a portal that sends its mail have no such page', async () => {
  const { merchant, open } = await withMail('sqlite');
  const locals = { merchant, mailboxKey: open.portal.mailboxKey } as unknown as PortalLocals;
  const asked = new URLSearchParams({ key: open.portal.mailboxKey ?? '' });
  const at = (tenant: object) => ({
    ...locals,
    merchant: { ...merchant, tenant: { ...merchant.tenant, ...tenant } },
  });
  assertMailboxVisible(locals, asked);
  for (const hidden of [
    at({ mode: 'live' }),
    at({ origin: 'https://acme.portal.example' }),
    { ...locals, mailboxKey: undefined },
  ]) {
    expect(() => assertMailboxVisible(hidden, asked)).toThrow(
      REFUSALS.not_found.message.replace('{what}', 'page'),
    );
  }
});
