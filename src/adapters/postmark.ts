import { Errors, Models, ServerClient } from 'postmark';
import type { Mail, MailTransport } from '../outbox/mail.ts';

/** Where Postmark's API is, when not at its own address. */
export interface PostmarkPlace {
  readonly requestHost: string;
  readonly useHttps: boolean;
}

const TIMEOUT_SECONDS = 45;
/** What a connection fails with that never came about. */
const NEVER_CONNECTED = new Set(
  'ECONNREFUSED ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH UND_ERR_CONNECT_TIMEOUT'.split(' '),
);

/** Sends through Postmark. Links and opens are not tracked: tracking would rewrite sign-in links. */
export function postmarkTransport(token: string, place?: PostmarkPlace): MailTransport {
  return {
    name: 'postmark',
    send: async (mail, signal) => {
      let wasReached = true;
      const reach = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
        const signals = [init?.signal, signal].filter((one) => one !== null && one !== undefined);
        try {
          return await fetch(input, { ...init, signal: AbortSignal.any(signals) });
        } catch (error) {
          wasReached = !neverConnected(error);
          throw error;
        }
      };
      const client = new ServerClient(token, { ...place, timeout: TIMEOUT_SECONDS, fetch: reach });
      try {
        const { MessageID } = await client.sendEmail(messageOf(mail));
        return { state: 'taken', providerId: MessageID };
      } catch (error) {
        if (wasReached && !isAnsweredNo(error)) throw error;
        return { state: 'refused', reason: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}

function messageOf(mail: Mail): Models.Message {
  return {
    From: `"${mail.from.name}" <${mail.from.address}>`,
    To: mail.to,
    ...(mail.replyTo ? { ReplyTo: mail.replyTo } : {}),
    Subject: mail.subject,
    TextBody: mail.text,
    HtmlBody: mail.html,
    TrackOpens: false,
    TrackLinks: Models.LinkTrackingOptions.None,
    Headers: [
      { Name: 'Message-ID', Value: `<${mail.messageId}>` },
      // Without it Postmark puts an id of its own in the place of ours, another one at every try.
      { Name: 'X-PM-KeepID', Value: 'true' },
    ],
    Attachments: mail.attachments.map(({ name, type, content }) => ({
      Name: name,
      ContentType: type,
      Content: Buffer.from(content).toString('base64'),
      ContentID: null,
    })),
  };
}

/** Postmark refused the message, or does not work at the moment. A fault of its own (500) leaves open what became of it. */
function isAnsweredNo(error: unknown): boolean {
  const status = error instanceof Errors.PostmarkError ? error.statusCode : 0;
  return (status >= 400 && status < 500) || status === 503;
}

function neverConnected(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && NEVER_CONNECTED.has(String(cause.code));
}
