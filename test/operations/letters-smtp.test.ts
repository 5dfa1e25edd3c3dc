import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { smtpTransport } from '#src/adapters/smtp.ts';
import { createApp } from '#src/app.ts';
import { readConfig } from '#src/config.ts';
import { letterWriters } from '#src/exports/letters.ts';
import { silentLog } from '#src/kernel/log.ts';
import { dispatchMail } from '#test/support/work.ts';
import type { MailTransport } from '#src/outbox/mail.ts';
import { queueMail } from '#src/outbox/outbox.ts';
import { payInvoices, preparePayment } from '#src/payments/taking/pay.ts';
import { wordsFor } from '#src/words/words.ts';
import { accentColours, contrast } from '#templates/email/colours.ts';
import { receiptLetter } from '#templates/email/receipt.ts';
import { signInLetter } from '#templates/email/sign-in.ts';
import { customerWithInvoices, openHouse, cardSource } from '#test/support/house.ts';
import { header, keepingTransport, partOfType, startSmtpServer } from '#test/support/mail.ts';
import { allText, readPages } from '../rules/pdf-samples.ts';

const HEADERS =
  'auto-submitted content-type date from message-id mime-version reply-to subject to x-auto-response-suppress'.split(
    ' ',
  );

test('an SMTP server gets one recipient, the right headers, both parts and the PDF', async () => {
  const { merchant } = await aPayment('Müller & Söhne GmbH');
  const server = await startSmtpServer();
  const renamed = {
    ...merchant,
    tenant: { ...merchant.tenant, name: 'Käse & Söhne', email: 'office@kaese.example' },
  };
  expect(await dispatchMail(renamed, transportTo(server.url), letterWriters)).toBe(1);
  expect(server.taken).toHaveLength(1);
  const [{ sender, recipients, message }] = server.taken as [(typeof server.taken)[0]];
  expect([sender, recipients]).toEqual(['billing@localhost', ['petra@mueller.example']]);
  expect(message.headers.map(([name]) => name).toSorted()).toEqual(HEADERS.toSorted());
  expect(header(message, 'from')).toBe('Käse & Söhne <billing@localhost>');
  expect(header(message, 'to')).toBe('petra@mueller.example');
  expect(header(message, 'reply-to')).toBe('office@kaese.example');
  expect(header(message, 'subject')).toBe('Receipt R-00001: €9.00 to Käse & Söhne');
  expect(header(message, 'message-id')).toMatch(/^<outbox-\d+\.acme@acme\.localhost>$/);
  expect(header(message, 'auto-submitted')).toBe('auto-generated');
  expect(partOfType(message, 'text/plain')?.content.toString()).toContain('Total paid: €9.00');
  expect(partOfType(message, 'text/html')?.content.toString()).toContain('Müller &amp; Söhne GmbH');
  const pdf = partOfType(message, 'application/pdf');
  expect(header(pdf!, 'content-disposition')).toBe('attachment; filename="Receipt R-00001.pdf"');
  expect(allText(await readPages(pdf!.content))).toContain('€9.00');
});

test('closing the app ends its connections to the mail server, whether it sent or not', async () => {
  const server = await startSmtpServer();
  const dataDir = mkdtempSync(join(tmpdir(), 'portal-test-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const config = readConfig({ PORTAL_DATA: dataDir, PORTAL_MAIL: 'smtp', PORTAL_SMTP_URL: server.url });
  const { ports, close } = await createApp(config, { log: silentLog });
  const from = { name: 'Acme', address: 'billing@acme.example' };
  const words = { subject: 'Hello', text: 'Hello', html: '<p>Hello', attachments: [] };
  await ports.mail.send({ ...words, messageId: 'one@acme.example', from, to: 'b@c.example', tenantId: 1 });
  expect([server.taken.length, server.connections()]).toEqual([1, 1]);
  await close();
  await expect.poll(server.connections).toBe(0);
  await (await createApp(config, { log: silentLog })).close();
});

describe('hostile names', () => {
  test('neither add a header, nor a recipient, nor markup', async () => {
    const { merchant } = await aPayment('A\r\nBcc: x@evil.example');
    const server = await startSmtpServer();
    const transport = transportTo(server.url);
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (name, address) => {
        await merchant.db.update('outbox').set({ state: 'waiting', payload: PAYLOAD, send_at: 0 }).execute();
        server.taken.length = 0;
        const tenant = { ...merchant.tenant, name, addressLines: [address], phone: address };
        expect(await dispatchMail({ ...merchant, tenant }, transport, letterWriters)).toBe(1);
        const [mail] = server.taken;
        expect(mail?.recipients).toEqual(['petra@mueller.example']);
        const names = mail!.message.headers.map(([given]) => given).toSorted();
        expect(names).toEqual(HEADERS.filter((given) => given !== 'reply-to').toSorted());
        expect(header(mail!.message, 'from')).toMatch(/<billing@localhost>$/);
        expectTameHtml(partOfType(mail!.message, 'text/html')!.content.toString());
      }),
      { numRuns: 25 },
    );
  });

  test('stay one line in subject and text, and text in HTML', () => {
    fc.assert(
      fc.property(hostile, hostile, (one, other) => {
        const words = wordsFor({ language: 'ar', locale: 'ar' });
        const sender = { name: one, accent: other, addressLines: [other, one], email: other, phone: one };
        const receipt = receiptLetter({
          sender,
          words,
          number: one,
          total: other,
          paidOn: one,
          method: other,
          customer: one,
          account: other,
          pending: true,
          invoices: [{ number: one, amount: other, stillOpen: one }],
          credited: one,
          fee: other,
          url: 'https://acme.example/payments/x',
          attachment: one,
        });
        const signIn = signInLetter({
          sender,
          words,
          url: 'https://acme.example/login/e/x',
          code: 'ABC234',
          until: one,
          askedAt: other,
          askedFrom: one,
          host: other,
        });
        for (const letter of [receipt, signIn]) {
          expect(letter.subject).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
          expect(letter.text).not.toMatch(/\r|\n[Bb]cc:/);
          expectTameHtml(letter.html);
        }
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['two@a.example, three@b.example'],
    ['"x@evil.example y"@good.example'],
    ['a@b.example\r\nBcc: c@d.example'],
    ['group: a@b.example;'],
    ['Petra <petra@mueller.example>'],
  ])('a recipient that is not exactly one plain address is never mailed: %j', async (recipient) => {
    const { merchant, paymentId, customerId } = await aPayment('Petra');
    const transport = keepingTransport();
    await dispatchMail(merchant, transport, letterWriters);
    transport.kept.length = 0;
    await queueMail(merchant, { topic: 'receipt', recipient, payload: { paymentId }, customerId });
    expect(await dispatchMail(merchant, transport, letterWriters)).toBe(0);
    expect(transport.kept).toEqual([]);
  });
});

test('the button is legible in every accent, on light and on dark ground', () => {
  const channel = fc.integer({ min: 0, max: 255 }).map((n) => n.toString(16).padStart(2, '0'));
  fc.assert(
    fc.property(fc.tuple(channel, channel, channel), (channels) => {
      const colours = accentColours(`#${channels.join('')}`);
      expect(contrast(colours.button, colours.onButton)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(colours.darkButton, colours.onDarkButton)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(colours.darkButton, '#1c1f26')).toBeGreaterThanOrEqual(3);
    }),
    { numRuns: 500 },
  );
});

const PAYLOAD = JSON.stringify({ paymentId: 1 });
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    'A\r\nBcc: x@evil.example\r\n\r\nHello',
    'A\nSubject: other',
    '"A" <x@evil.example>, B',
    'A\u0000B\u2028C\u0085D',
    '<img src=x onerror=alert(1)>',
    '</title></style><script>alert(1)</script>',
    `"'><a href="https://evil.example">`,
    '=?UTF-8?B?QmNjOiB4QGV2aWwuZXhhbXBsZQ==?=',
    '\u202Egpj.exe',
    '{{7*7}}${7*7}',
    '\uD800',
    'x'.repeat(5_000),
    '',
  ),
);

/** Only the tags and links of our own: nothing that a name brought. */
function expectTameHtml(html: string): void {
  expect(html).not.toMatch(/<(img|script|iframe|svg|link|form|input|object|base)\b|<[^>]*\son\w+=/i);
  const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, url]) => new URL(url!).hostname);
  expect(links).toHaveLength(1);
  expect(['acme.localhost', 'acme.example']).toContain(links[0]);
  expect(html.match(/<\/style>/g)).toHaveLength(1);
  expect(html).not.toMatch(/[\u202A-\u202E\u2066\u2067]/);
  // What isolates a name ends within the same text, or it would reach over the rest.
  for (const text of html.split(/<[^>]*>/))
    expect(text).not.toMatch(/\u2068(?![^\u2069]*\u2069)|^[^\u2068]*\u2069/);
}

function transportTo(url: string): MailTransport {
  const transport = smtpTransport(url);
  onTestFinished(() => transport.close?.());
  return transport;
}

async function aPayment(customer: string) {
  const merchant = await (await openHouse()).tenant();
  const { scope, invoices } = await customerWithInvoices(merchant, [900], customer);
  const draft = await preparePayment(scope, [invoices[0]!.clientId]);
  const seen = new Map([[invoices[0]!.clientId, 900]]);
  const receiptEmail = 'petra@mueller.example';
  await payInvoices(scope, { nonce: draft.nonce, seen, with: cardSource(), receiptEmail });
  const { id: paymentId } = await scope.db.from('payments').select('id').executeTakeFirstOrThrow();
  return { merchant, paymentId, customerId: scope.customerId };
}
