import type { CustomerScope, MerchantScope } from '../scope.ts';
import { nowMs } from '../kernel/time.ts';

/** A mail that shall be sent: what it is about and to whom. It is worded when it leaves, from the rows it names. */
export interface MailIntent {
  /** Which letter: `receipt`, `sign_in`, … */
  readonly topic: string;
  readonly recipient: string;
  /** What the letter needs to be written, as JSON. Secrets in it are sealed. */
  readonly payload: object;
  readonly customerId?: number | undefined;
  /** Somebody sits and waits for it: it does not queue behind other mail. */
  readonly urgent?: true;
}

/**
 * Writes the intent of a mail in the caller's transaction: it leaves if, and only if, the work it belongs to was committed, and by
 * itself at most once (see dispatch.ts).
 */
export async function queueMail(scope: MerchantScope | CustomerScope, mail: MailIntent): Promise<void> {
  const now = nowMs(scope.clock);
  const row = {
    channel: 'mail' as const,
    topic: mail.topic,
    recipient: mail.recipient,
    payload: JSON.stringify(mail.payload),
    state: 'waiting' as const,
    urgent: mail.urgent ? (1 as const) : (0 as const),
    send_at: now,
    created_at: now,
  };
  if (scope.kind === 'customer') {
    await scope.db.insert('outbox', { ...row, id: await scope.db.nextId('outbox') });
  } else {
    await scope.db.insert('outbox', {
      ...row,
      id: await scope.db.nextId('outbox'),
      customer_id: mail.customerId ?? null,
    });
  }
}
