import { Models, ServerClient } from 'postmark';
import type { MailTransport } from '../outbox/mail.ts';

/** Where Postmark's API is, when not at its own address. */
export interface PostmarkPlace {
  readonly requestHost: string;
  readonly useHttps: boolean;
}

/** Sends through Postmark. Links and opens are not tracked: tracking would rewrite sign-in links. */
export function postmarkTransport(token: string, place?: PostmarkPlace): MailTransport {
  const client = new ServerClient(token, place);
  return {
    name: 'postmark',
    send: async (mail) => {
      const { MessageID } = await client.sendEmail({
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
      });
      return { providerId: MessageID };
    },
  };
}
