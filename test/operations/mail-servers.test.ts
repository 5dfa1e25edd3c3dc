import type { Server } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import { smtpTransport } from '#src/adapters/smtp.ts';
import type { Mail } from '#src/outbox/mail.ts';

/* What an SMTP server does, and whether the message may be sent again: only when it surely was not taken. */

const MAIL: Mail = {
  messageId: 'outbox-7.acme@acme.portal.example',
  to: 'petra@mueller.example',
  tenantId: 1,
  from: { name: 'Acme', address: 'billing@portal.example' },
  subject: 'Receipt',
  text: 'Total paid: €9.00',
  html: '<p>Total paid: €9.00',
  attachments: [],
};
/** Short where the server is silent; where it answers, it may take its time. */
const IMPATIENT = { connectionTimeout: 2000, greetingTimeout: 2000, socketTimeout: 2000 };
const PATIENT = { connectionTimeout: 60_000, greetingTimeout: 60_000, socketTimeout: 60_000 };

const NOT_TAKEN: ReadonlyArray<
  readonly [what: string, behaviour: SMTPServerOptions, reason: RegExp, patience: typeof PATIENT]
> = [
  ['greets nobody', { onConnect: () => {} }, /greeting/i, IMPATIENT],
  [
    'sends everybody away',
    { onConnect: (_session, done) => done(saying(421, 'too busy')) },
    /too busy/,
    PATIENT,
  ],
  ['never answers the sender', { onMailFrom: () => {} }, /time/i, IMPATIENT],
  [
    'does not know the recipient',
    { onRcptTo: (_to, _s, done) => done(saying(550, 'who?')) },
    /who\?/,
    PATIENT,
  ],
  ['refuses the message once it has it', onceRead((done) => done(saying(451, 'later'))), /later/, PATIENT],
];

test.each(NOT_TAKEN)(
  'a server that %s has not taken the message',
  async (_what, behaviour, reason, patience) => {
    const { transport } = await serverThat(behaviour, patience);
    expect(await transport.send(MAIL)).toEqual({ state: 'refused', reason: expect.stringMatching(reason) });
  },
);

test('nor has one that is not there', async () => {
  const { transport, close } = await serverThat({});
  await close();
  expect(await transport.send(MAIL)).toEqual({
    state: 'refused',
    reason: expect.stringMatching(/ECONNREFUSED/),
  });
});

test.each([
  ['says nothing once it has the message', () => {}],
  ['cuts the connection once it has the message', (_done: unknown, cut: () => void) => cut()],
])(
  'of a server that %s nobody knows, and the transport does not try again by itself',
  async (_what, then) => {
    let taken = 0;
    const { transport } = await serverThat(
      onceRead((done, cut) => {
        taken += 1;
        then(done, cut);
      }),
      IMPATIENT,
    );
    await expect(transport.send(MAIL)).rejects.toThrow(/time|closed|hang/i);
    expect(taken).toBe(1);
    await expect(transport.send({ ...MAIL, messageId: 'outbox-8.acme@acme.portal.example' })).rejects.toThrow(
      /time|closed|hang/i,
    );
    expect(taken).toBe(2);
  },
);

test('a connection that was dropped while nobody used it loses nothing', async () => {
  const { transport, taken, server } = await serverThat({});
  expect(await transport.send(MAIL)).toMatchObject({ state: 'taken' });
  for (const connection of server.connections)
    (connection as unknown as { _socket: { destroy(): void } })._socket.destroy();
  const again = await transport.send({ ...MAIL, messageId: 'outbox-8.acme@acme.portal.example' });
  const last = again.state === 'refused' ? await transport.send(MAIL) : again;
  expect(last).toMatchObject({ state: 'taken' });
  expect(taken()).toBe(2);
});

test('a message that is called back before it was given to the server was not taken', async () => {
  const { transport, asked } = await serverThat({ onMailFrom: () => {} });
  const abort = new AbortController();
  const sending = transport.send(MAIL, abort.signal);
  await asked;
  abort.abort();
  expect(await sending).toMatchObject({ state: 'refused' });
});

type Done = (error?: Error | null) => void;

/** Reads the message, then does something. */
function onceRead(then: (done: Done, cut: () => void) => void): SMTPServerOptions {
  return {
    onData: (stream, session, done) => {
      stream.resume().on('end', () => then(done, () => cutConnection(session)));
    },
  };
}

const sockets = new Map<number, () => void>();

function cutConnection({ remotePort }: { readonly remotePort: number }): void {
  sockets.get(remotePort)?.();
}

function saying(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

async function serverThat(behaviour: SMTPServerOptions, patience = PATIENT) {
  const asked = Promise.withResolvers<void>();
  let taken = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 10,
    disableReverseLookup: true,
    onData: (stream, _session, done) => {
      stream.resume().on('end', () => {
        taken += 1;
        done();
      });
    },
    ...behaviour,
    onMailFrom: (address, session, done) => {
      asked.resolve();
      if (behaviour.onMailFrom) behaviour.onMailFrom(address, session, done);
      else done();
    },
  });
  server.on('error', () => {});
  (server.server as Server).on('connection', (socket) => {
    sockets.set(socket.remotePort ?? 0, () => socket.destroy());
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const close = (): Promise<void> => new Promise((done) => server.close(() => done()));
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  const transport = smtpTransport(`smtp://127.0.0.1:${address.port}`, patience);
  onTestFinished(async () => {
    await transport.close?.();
    await close();
  });
  return { transport, server, close, taken: () => taken, asked: asked.promise };
}
