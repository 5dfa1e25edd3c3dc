import { createServer, type IncomingHttpHeaders } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { postmarkTransport } from '#src/adapters/postmark.ts';
import type { Mail } from '#src/outbox/mail.ts';

const MAIL: Mail = {
  messageId: 'outbox-7.acme@acme.portal.example',
  from: { name: 'Käse & Söhne', address: 'billing@portal.example' },
  to: 'petra@mueller.example',
  replyTo: 'office@kaese.example',
  subject: 'Receipt R-00001',
  text: 'Total paid: €9.00',
  html: '<p>Total paid: €9.00',
  attachments: [{ name: 'R-00001.pdf', type: 'application/pdf', content: Buffer.from('%PDF-1.7') }],
  tenantId: 1,
};

test('Postmark is told to keep our Message-ID and to track nothing, and its own id is answered', async () => {
  const api = await startPostmark(200, { ErrorCode: 0, Message: 'OK', MessageID: 'pm-1', To: MAIL.to });
  expect(await api.transport.send(MAIL)).toEqual({ state: 'taken', providerId: 'pm-1' });
  const [{ path, headers, body }] = api.asked as [(typeof api.asked)[0]];
  expect([path, headers['x-postmark-server-token']]).toEqual(['POST /email', 'a-server-token']);
  expect(body).toMatchObject({
    From: '"Käse & Söhne" <billing@portal.example>',
    To: 'petra@mueller.example',
    ReplyTo: 'office@kaese.example',
    Subject: 'Receipt R-00001',
    TextBody: 'Total paid: €9.00',
    HtmlBody: '<p>Total paid: €9.00',
    TrackOpens: false,
    TrackLinks: 'None',
    Headers: [
      { Name: 'Message-ID', Value: '<outbox-7.acme@acme.portal.example>' },
      { Name: 'X-PM-KeepID', Value: 'true' },
    ],
    Attachments: [{ Name: 'R-00001.pdf', ContentType: 'application/pdf', Content: 'JVBERi0xLjc=' }],
  });
});

test('what Postmark does not take is refused, so that it is tried again', async () => {
  const api = await startPostmark(422, { ErrorCode: 406, Message: 'The recipient is inactive' });
  expect(await api.transport.send(MAIL)).toEqual({ state: 'refused', reason: 'The recipient is inactive' });
  expect(api.asked).toHaveLength(1);
});

/** Postmark's API on a free port: it keeps what it is asked, and always answers the same. */
async function startPostmark(status: number, answer: object) {
  const asked: Array<{ path: string; headers: IncomingHttpHeaders; body: unknown }> = [];
  const server = createServer(async (request, response) => {
    const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>);
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
    asked.push({ path: `${request.method} ${request.url}`, headers: request.headers, body });
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  const place = { requestHost: `127.0.0.1:${address.port}`, useHttps: false };
  return { asked, transport: postmarkTransport('a-server-token', place) };
}
