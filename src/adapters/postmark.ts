import { Models, ServerClient } from 'postmark';
import type { MailTransport } from '../outbox/mail.ts';

/** Sends through Postmark. Links and opens are not tracked: tracking would rewrite sign-in links. */
export function postmarkTransport(token: string): MailTransport {
  const client = new ServerClient(token);
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
        Headers: [{ Name: 'Message-ID', Value: `<${mail.messageId}>` }],
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
