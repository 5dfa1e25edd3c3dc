import { createTransport } from 'nodemailer';
import type { MailTransport } from '../outbox/mail.ts';

/** Sends through an SMTP server (`smtp://user:password@host:587`, `smtps://…`). Files and addresses are never fetched on a mail's behalf. */
export function smtpTransport(url: string): MailTransport {
  const transport = createTransport({ url, disableFileAccess: true, disableUrlAccess: true, pool: true });
  return {
    name: 'smtp',
    send: async (mail) => {
      const info = await transport.sendMail({
        messageId: `<${mail.messageId}>`,
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
      return { providerId: info.messageId };
    },
    close: async () => transport.close(),
  };
}
