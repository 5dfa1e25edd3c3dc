import { SMTPServer } from 'smtp-server';
import { onTestFinished } from 'vitest';
import type { Mail, MailTransport } from '#src/outbox/mail.ts';

/** A message as an SMTP server took it. */
export interface TakenMail {
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly message: MimePart;
}

/** One part of a MIME message (RFC 2045): unfolded headers in their order, decoded content, and its own parts. */
export interface MimePart {
  readonly headers: ReadonlyArray<readonly [string, string]>;
  readonly content: Buffer;
  readonly parts: readonly MimePart[];
}

/** A real SMTP server on a free port that keeps what it is given; it stops when the test ends. */
export async function startSmtpServer(): Promise<{
  readonly url: string;
  readonly taken: TakenMail[];
  /** How many connections are open now. */
  connections(): number;
}> {
  const taken: TakenMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    // Pooled connections stay open; without this, closing waits half a minute for them.
    closeTimeout: 10,
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        taken.push({
          sender: mailFrom ? mailFrom.address : '',
          recipients: rcptTo.map(({ address }) => address),
          message: readMime(Buffer.concat(chunks)),
        });
        done();
      });
    },
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  onTestFinished(() => new Promise<void>((done) => server.close(done)));
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  return { url: `smtp://127.0.0.1:${address.port}`, taken, connections: () => server.connections.size };
}

/** A transport that keeps what it is given, or fails as long as `failing` says so. */
export function keepingTransport(): MailTransport & { readonly kept: Mail[]; failing: string | undefined } {
  const kept: Mail[] = [];
  const transport = {
    name: 'keeping',
    kept,
    failing: undefined as string | undefined,
    send: async (mail: Mail) => {
      if (transport.failing !== undefined) return { state: 'refused' as const, reason: transport.failing };
      kept.push(mail);
      return { state: 'taken' as const, providerId: `kept-${kept.length}` };
    },
  };
  return transport;
}

/** The value of a header that is there once at most; encoded words (RFC 2047) are decoded. */
export function header(part: MimePart, name: string): string | undefined {
  const found = part.headers.filter(([given]) => given === name.toLowerCase());
  if (found.length > 1) throw new Error(`${name} is there ${found.length} times`);
  return found[0] && decodedWords(found[0][1]);
}

/** The first part of the media type, anywhere in the message. */
export function partOfType(part: MimePart, type: string): MimePart | undefined {
  if (header(part, 'content-type')?.startsWith(type)) return part;
  for (const inner of part.parts) {
    const found = partOfType(inner, type);
    if (found) return found;
  }
  return undefined;
}

function readMime(bytes: Buffer): MimePart {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const head = text.slice(0, end).replace(/\r\n[ \t]+/g, ' ');
  const headers = head.split('\r\n').map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const body = text.slice(end + 4);
  const valueOf = (name: string): string => headers.find(([given]) => given === name)?.[1] ?? '';
  const boundary = /boundary="([^"]+)"/.exec(valueOf('content-type'))?.[1];
  const pieces = boundary === undefined ? [] : body.split(`--${boundary}`).slice(1, -1);
  return {
    headers,
    content: decodedBody(body, valueOf('content-transfer-encoding')),
    parts: pieces.map((piece) => readMime(Buffer.from(piece.slice(2), 'latin1'))),
  };
}

function decodedBody(body: string, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(body, 'base64');
  if (encoding !== 'quoted-printable') return Buffer.from(body, 'latin1');
  return Buffer.from(quoted(body.replace(/=\r\n/g, '')), 'latin1');
}

function decodedWords(value: string): string {
  return value
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, word: string) => {
      const bytes = /b/i.test(kind)
        ? Buffer.from(word, 'base64')
        : Buffer.from(quoted(word.replace(/_/g, ' ')), 'latin1');
      return bytes.toString();
    });
}

function quoted(text: string): string {
  return text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
