import type { Store } from '#db/open.ts';
import { merchantDb } from '#db/scoped.ts';
import type { Clock } from '../kernel/time.ts';
import { nowMs } from '../kernel/time.ts';
import type { MailTransport } from '../outbox/mail.ts';

/** Keeps mail in the database instead of sending it, for `portal mail` and `/dev/mail`: the default until a transport is configured. */
export function mailboxTransport(store: Store, clock: Clock): MailTransport {
  return {
    name: 'mailbox',
    idempotent: true,
    send: async (mail) => {
      const db = merchantDb(store, mail.tenantId);
      // What is not known to have arrived is given again: the same message changes nothing.
      await db.insertNew('mailbox', {
        id: await db.nextId('mailbox'),
        customer_id: mail.customerId ?? null,
        message_id: mail.messageId,
        sender: `${mail.from.name} <${mail.from.address}>`,
        recipient: mail.to,
        subject: mail.subject,
        text_body: mail.text,
        html_body: mail.html,
        attachments: JSON.stringify(
          mail.attachments.map(({ name, type, content }) => ({ name, type, size: content.byteLength })),
        ),
        at: nowMs(clock),
      });
      return { state: 'taken', providerId: mail.messageId };
    },
  };
}
