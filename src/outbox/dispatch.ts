import { Refusal } from '../kernel/errors.ts';
import { nowMs } from '../kernel/time.ts';
import type { MerchantScope } from '../scope.ts';
import type { Mail, MailTransport } from './mail.ts';

/** Writes the letter of one topic from what the outbox row names. Undefined when there is nothing left to say. */
export type LetterWriter = (scope: MerchantScope, row: OutboxRow) => Promise<Mail | undefined>;

export interface OutboxRow {
  readonly id: number;
  readonly topic: string;
  readonly recipient: string;
  readonly customerId: number | undefined;
  readonly payload: Readonly<Record<string, unknown>>;
}

const LEASE_MS = 60_000;
const FIRST_DELAY_MS = 30_000;
const LONGEST_DELAY_MS = 6 * 3_600_000;
/** With the delays above this spans about three days. */
const MOST_TRIES = 20;
const BATCH = 25;

/**
 * Sends what is due of one tenant and answers how many messages left. Each row is leased first, so that several processes share the work;
 * a failure is tried again after 30 seconds, a minute, two, … up to six hours, and after 20 tries stays as `failed`.
 */
export async function dispatchMail(
  scope: MerchantScope,
  transport: MailTransport,
  writers: Readonly<Record<string, LetterWriter>>,
): Promise<number> {
  let sent = 0;
  for (const row of await leaseDue(scope)) {
    if (await deliver(scope, transport, writers, row)) sent += 1;
  }
  return sent;
}

async function leaseDue(scope: MerchantScope): Promise<Array<OutboxRow & { tries: number }>> {
  const now = nowMs(scope.clock);
  return scope.db.transaction(async (db) => {
    const due = await db
      .from('outbox')
      .select(['id', 'topic', 'recipient', 'customer_id', 'payload', 'tries', 'state', 'lease_until'])
      .where('channel', '=', 'mail')
      .where('state', 'in', ['waiting', 'sending'])
      .where('due_at', '<=', now)
      .where((eb) => eb.or([eb('lease_until', 'is', null), eb('lease_until', '<', now)]))
      .orderBy('id')
      .limit(BATCH)
      .execute();
    if (due.length === 0) return [];
    const ids = due.map((row) => row.id);
    await db
      .update('outbox')
      .set({ state: 'sending', lease_until: now + LEASE_MS })
      .where('id', 'in', ids)
      .execute();
    return due.map((row) => ({
      id: row.id,
      topic: row.topic,
      recipient: row.recipient,
      customerId: row.customer_id ?? undefined,
      payload: JSON.parse(row.payload) as Record<string, unknown>,
      tries: row.tries,
    }));
  });
}

async function deliver(
  scope: MerchantScope,
  transport: MailTransport,
  writers: Readonly<Record<string, LetterWriter>>,
  row: OutboxRow & { tries: number },
): Promise<boolean> {
  try {
    const write = writers[row.topic];
    if (!write) throw new Error(`no letter is written for the topic ${row.topic}`);
    const mail = await write(scope, row);
    const providerId = mail ? (await transport.send(mail)).providerId : null;
    const done = {
      state: 'sent' as const,
      provider_id: providerId,
      sent_at: nowMs(scope.clock),
      lease_until: null,
    };
    // What was mailed is in the mail; a sign-in link has no reason to stay here.
    await scope.db
      .update('outbox')
      .set({ ...done, payload: '{}', tries: row.tries + 1 })
      .where('id', '=', row.id)
      .execute();
    return mail !== undefined;
  } catch (error) {
    await postpone(scope, row, error);
    return false;
  }
}

async function postpone(
  scope: MerchantScope,
  row: OutboxRow & { tries: number },
  error: unknown,
): Promise<void> {
  const tries = row.tries + 1;
  const reason =
    error instanceof Refusal ? error.message : error instanceof Error ? error.message : String(error);
  scope.log.warn('mail was not sent', {
    tenant: scope.tenant.username,
    outbox: row.id,
    topic: row.topic,
    tries,
    reason,
  });
  await scope.db
    .update('outbox')
    .set({
      state: tries >= MOST_TRIES ? 'failed' : 'waiting',
      tries,
      last_error: reason.slice(0, 500),
      lease_until: null,
      due_at: nowMs(scope.clock) + Math.min(FIRST_DELAY_MS * 2 ** (tries - 1), LONGEST_DELAY_MS),
    })
    .where('id', '=', row.id)
    .execute();
}
