import { describe, expect, test } from 'vitest';
import { letterWriters } from '#src/exports/letters.ts';
import { dispatchMail, handleSignInRequests } from '#test/support/work.ts';
import { listFailed } from '#src/jobs/dead-letters.ts';
import { takeItem } from '#src/jobs/leases.ts';
import { queueMail } from '#src/outbox/outbox.ts';
import { payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import type { MerchantScope } from '#src/scope.ts';
import { requestEmailLink, viewEmailLink } from '#src/signin/email-links.ts';
import { customerWithInvoices, ENGINES, openHouse, cardSource } from '#test/support/house.ts';
import { keepingTransport } from '#test/support/mail.ts';
import { allText, readPages } from '../rules/pdf-samples.ts';

const PETRA = 'petra@mueller.example';
const HOUR_MS = 3_600_000;

describe.each(ENGINES)('on %s', (engine) => {
  test('one receipt is mailed for one payment: it names every invoice with its amount, and so does its PDF', async () => {
    const { merchant, transport, receipt, invoices } = await aPayment(engine, [10_000, 2_550, 1]);
    expect(await dispatchMail(merchant, transport, letterWriters)).toBe(1);
    expect(transport.kept).toHaveLength(1);
    const [mail] = transport.kept;
    expect(mail).toMatchObject({
      to: PETRA,
      from: { name: 'acme Ltd', address: 'billing@localhost' },
      subject: 'Receipt R-00001: €125.51 to acme Ltd',
      tenantId: merchant.tenant.id,
    });
    expect(mail!.messageId).toMatch(/^outbox-\d+\.acme@acme\.localhost$/);
    const [pdf] = mail!.attachments;
    expect(pdf).toMatchObject({ name: 'Receipt R-00001.pdf', type: 'application/pdf' });
    const paper = allText(await readPages(pdf!.content));
    const figures = [...invoices.map(({ number }) => number), '€100.00', '€25.50', '€0.01', '€125.51'];
    for (const place of [mail!.text, mail!.html, paper]) {
      for (const words of [...figures, 'Visa ending 4242']) expect(place).toContain(words);
    }
    for (const place of [mail!.text, mail!.html]) {
      expect(place).toContain(`${merchant.tenant.origin}/payments/${receipt}`);
    }
  });

  test('what was sent is not sent again', async () => {
    const { merchant, transport, clock } = await aPayment(engine, [500]);
    await dispatchMail(merchant, transport, letterWriters);
    clock.move(48 * HOUR_MS);
    expect(await dispatchMail(merchant, transport, letterWriters)).toBe(0);
    expect(transport.kept).toHaveLength(1);
    expect(await outbox(merchant)).toMatchObject([{ state: 'sent', send_at: null, provider_id: 'kept-1' }]);
  });

  test('several dispatchers at once send every mail once', async () => {
    const { merchant, transport } = await aPayment(engine, [500]);
    for (const n of [1, 2, 3]) await note(merchant, n);
    const writers = { ...letterWriters, note: writeNote };
    await Promise.allSettled(Array.from({ length: 4 }, () => dispatchMail(merchant, transport, writers)));
    await dispatchMail(merchant, transport, writers);
    const ids = transport.kept.map(({ messageId }) => messageId);
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(4);
  });

  test('a mail that is not taken is tried again after growing delays, with the same Message-ID', async () => {
    const { merchant, transport, clock } = await aPayment(engine, [500]);
    transport.failing = 'the server is away';
    await dispatchMail(merchant, transport, letterWriters);
    const [waiting] = await outbox(merchant);
    expect(waiting).toMatchObject({ state: 'waiting' });
    expect(await listFailed(merchant)).toMatchObject([
      { name: 'mail', tries: 1, state: 'waiting', error: 'the server is away', about: `receipt to ${PETRA}` },
    ]);
    expect(await dispatchMail(merchant, transport, letterWriters)).toBe(0);
    expect(await listFailed(merchant)).toMatchObject([{ tries: 1 }]);
    transport.failing = undefined;
    clock.move(waiting!.send_at! - clock.now().epochMilliseconds);
    expect(await dispatchMail(merchant, transport, letterWriters)).toBe(1);
    expect(transport.kept[0]!.messageId).toBe(`outbox-${waiting!.id}.acme@acme.localhost`);
    expect(await listFailed(merchant)).toEqual([]);
  });

  test('after 20 tries it gives up, and says so where the operator looks', async () => {
    const { merchant, transport, clock } = await aPayment(engine, [500]);
    transport.failing = 'mailbox unavailable';
    const delays: number[] = [];
    for (let tries = 1; tries <= 20; tries += 1) {
      await dispatchMail(merchant, transport, letterWriters);
      const [row] = await outbox(merchant);
      expect(row).toMatchObject({ state: tries < 20 ? 'waiting' : 'failed' });
      expect(await listFailed(merchant)).toMatchObject([{ tries }]);
      if (row!.send_at === null) break;
      delays.push(row!.send_at - clock.now().epochMilliseconds);
      clock.move(delays.at(-1)!);
    }
    expect(delays).toHaveLength(19);
    for (const [n, delay] of delays.entries()) {
      const whole = Math.min(30_000 * 2 ** n, 6 * HOUR_MS);
      expect(delay).toBeGreaterThanOrEqual(whole / 2);
      expect(delay).toBeLessThanOrEqual(whole);
    }
    transport.failing = undefined;
    clock.move(1000 * HOUR_MS);
    expect(await dispatchMail(merchant, transport, letterWriters)).toBe(0);
    expect(await listFailed(merchant)).toMatchObject([{ state: 'given up', error: 'mailbox unavailable' }]);
  });

  test('a mail whose sender died while sending is given up once its lease is over: it may have arrived', async () => {
    const { merchant, transport, clock } = await aPayment(engine, [500]);
    const [row] = await outbox(merchant);
    const lease = { name: 'mail', item: String(row!.id), token: 'of a process that died' };
    await takeItem(merchant, lease, undefined, clock.now().epochMilliseconds);
    await merchant.db.update('outbox').set({ state: 'sending' }).execute();
    expect(await dispatchMail(merchant, transport, letterWriters)).toBe(0);
    expect(await listFailed(merchant)).toEqual([]);
    clock.move(60_001);
    expect(await dispatchMail(merchant, transport, letterWriters)).toBe(0);
    expect(transport.kept).toEqual([]);
    expect(await outbox(merchant)).toMatchObject([{ state: 'failed' }]);
    expect(await listFailed(merchant)).toMatchObject([
      { state: 'given up', error: expect.stringContaining('Nobody knows whether this mail arrived') },
    ]);
  });

  test('the sign-in mail carries a link that works and the code, and nothing of them stays in the outbox', async () => {
    const { merchant, transport, clock } = await aPayment(engine, [500]);
    await dispatchMail(merchant, transport, letterWriters);
    transport.kept.length = 0;
    await askToSignIn(merchant);
    await handleSignInRequests(merchant);
    expect(await dispatchMail(merchant, transport, letterWriters)).toBe(1);
    const [mail] = transport.kept;
    expect(mail).toMatchObject({ to: PETRA, subject: 'Sign in to acme Ltd', attachments: [] });
    const url = new RegExp(`${merchant.tenant.origin}/login/e/([\\w-]+)`).exec(mail!.text)!;
    const code = /\n\n([0-9A-Z]{6})\n\n/.exec(mail!.text)![1]!;
    expect(mail!.html).toContain(`href="${url[0]}"`);
    expect(mail!.html).toMatch(new RegExp(`>\\s*${code}\\s*</span`));
    expect(mail!.text).toContain('until 11:15');
    expect(mail!.text).toContain('203.0.113.9');
    await expect(viewEmailLink(merchant, url[1]!, NONCE)).resolves.toBeDefined();
    const rows = await outbox(merchant);
    expect(rows.map(({ payload }) => payload)).toEqual(['{}', '{}']);
    expect(clock.now().epochMilliseconds).toBe(
      Temporal.Instant.from('2026-11-23T10:00:00Z').epochMilliseconds,
    );
  });

  test('a sign-in mail that could not leave in time is not sent at all', async () => {
    const { merchant, transport, clock } = await aPayment(engine, [500]);
    await askToSignIn(merchant);
    await handleSignInRequests(merchant);
    clock.move(16 * 60_000);
    await dispatchMail(merchant, transport, letterWriters);
    expect(transport.kept.map(({ subject }) => subject.slice(0, 7))).toEqual(['Receipt']);
    expect((await outbox(merchant)).map(({ state }) => state)).toEqual(['sent', 'sent']);
  });
});

test('answers go where the merchant wants them, and the sender’s name is the merchant’s', async () => {
  const { merchant, transport } = await aPayment('sqlite', [500]);
  const settings = {
    ...merchant.settings,
    'mail.from_name': 'Acme Billing',
    'mail.reply_to': 'answers@acme.example',
    'portal.support_email': 'help@acme.example',
  };
  await dispatchMail({ ...merchant, settings }, transport, letterWriters);
  expect(transport.kept[0]).toMatchObject({
    from: { name: 'Acme Billing', address: 'billing@localhost' },
    replyTo: 'answers@acme.example',
  });
  expect(transport.kept[0]!.text).toContain('write to help@acme.example');
});

const NONCE = 'a browser nonce of the tests';

async function askToSignIn(merchant: MerchantScope): Promise<void> {
  await requestEmailLink(merchant, {
    email: PETRA,
    browserNonce: NONCE,
    address: '203.0.113.9',
    language: 'en',
  });
}

async function aPayment(engine: (typeof ENGINES)[number], amounts: number[]) {
  const house = await openHouse(engine);
  const merchant = await house.tenant();
  const { scope, invoices } = await customerWithInvoices(merchant, amounts);
  const draft = await preparePayment(
    scope,
    invoices.map(({ clientId }) => clientId),
  );
  const seen = new Map(draft.invoices.map((invoice) => [invoice.clientId, invoice.left.minor]));
  const order = { nonce: draft.nonce, seen, with: cardSource(), receiptEmail: PETRA };
  const outcome = await payInvoices(scope, order);
  const receipt = outcome.state === 'succeeded' ? outcome.receipt : '';
  return { ...house, merchant, scope, invoices, receipt, transport: keepingTransport() };
}

async function outbox(merchant: MerchantScope) {
  return merchant.db.from('outbox').selectAll().orderBy('id').execute();
}

async function note(merchant: MerchantScope, n: number): Promise<void> {
  await queueMail(merchant, { topic: 'note', recipient: PETRA, payload: { n } });
}

async function writeNote(
  { tenant }: MerchantScope,
  row: { readonly id: number; readonly recipient: string },
) {
  const words = { subject: 'Note', text: 'Note', html: '<p>Note', attachments: [] };
  const from = { name: 'Acme', address: 'billing@localhost' };
  return { ...words, from, to: row.recipient, messageId: `note-${row.id}@localhost`, tenantId: tenant.id };
}
