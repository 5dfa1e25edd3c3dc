import type { Readable } from 'node:stream';
import { createTransport } from 'nodemailer';
import type { MailTransport } from '../outbox/mail.ts';

/** How long (ms) the server may take. */
export interface SmtpPatience {
  readonly connectionTimeout: number;
  readonly greetingTimeout: number;
  /** Without a sign of life; also for the answer to a message. */
  readonly socketTimeout: number;
}

/** Servers that look into a message before they take it need a while: giving up then leaves open whether it arrived. */
const PATIENCE: SmtpPatience = { connectionTimeout: 15_000, greetingTimeout: 15_000, socketTimeout: 90_000 };
const CONNECTIONS = 8;

/** Sends through an SMTP server (`smtp://user:password@host:587`, `smtps://…`). Files and addresses are never fetched on a mail's behalf. */
export function smtpTransport(url: string, patience: SmtpPatience = PATIENCE): MailTransport {
  const transport = createTransport({
    url,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...patience,
    dnsTimeout: patience.connectionTimeout,
    pool: true,
    maxConnections: CONNECTIONS,
    // What failed is not sent again by the pool itself.
    maxRequeues: 0,
  });
  const streams = new Map<string, Readable>();
  transport.use('stream', (mail, done) => {
    mail.message.processFunc((stream) => {
      streams.set(mail.message.messageId(), stream);
      return stream;
    });
    done();
  });
  return {
    name: 'smtp',
    send: async (mail, signal) => {
      const messageId = `<${mail.messageId}>`;
      try {
        const info = await transport.sendMail({
          messageId,
          ...(signal ? { signal } : {}),
          from: mail.from,
          to: { name: '', address: mail.to },
          ...(mail.replyTo ? { replyTo: mail.replyTo } : {}),
          subject: mail.subject,
          text: mail.text,
          html: mail.html,
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
          attachments: mail.attachments.map(({ name, type, content }) => ({
            filename: name,
            contentType: type,
            content: Buffer.from(content),
          })),
        });
        return { state: 'taken', providerId: info.messageId };
      } catch (error) {
        if (mayHaveArrived(error, streams.get(messageId))) throw error;
        return { state: 'refused', reason: error instanceof Error ? error.message : String(error) };
      } finally {
        streams.delete(messageId);
      }
    },
    close: async () => transport.close(),
  };
}

/** The server said no, or nothing of the message had been given to it; anything else leaves it open. */
function mayHaveArrived(error: unknown, message: Readable | undefined): boolean {
  const isAnswered = error instanceof Error && 'responseCode' in error && Number(error.responseCode) >= 400;
  return !isAnswered && message?.readableDidRead === true;
}
