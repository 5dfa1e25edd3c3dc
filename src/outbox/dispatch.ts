import { nowMs } from '../kernel/time.ts';
import { GivenUp, type Turn } from '../jobs/turn.ts';
import { type MerchantScope, transact } from '../scope.ts';
import type { Delivery, Mail, MailTransport } from './mail.ts';

/*
 * Mail leaves by itself at most once. Just before it is handed to the transport its row says `sending`, and says so until the transport has answered.
 * Whoever finds a row that says `sending` and that nobody works on any more does not know whether the mail arrived, so it is not sent again: it is given
 * up with a sentence that says so, and the operator decides. Only a transport for which the same message twice is the same as once is asked again.
 */

/** Writes the letter of one topic from what the outbox row names. Undefined when there is nothing left to say. */
export type LetterWriter = (scope: MerchantScope, row: OutboxRow) => Promise<Mail | undefined>;

export interface OutboxRow {
  readonly id: number;
  readonly topic: string;
  readonly recipient: string;
  readonly customerId: number | undefined;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** How mail is worded, and how it leaves. */
export interface Post {
  readonly transport: MailTransport;
  readonly writers: Readonly<Record<string, LetterWriter>>;
}

/** A mail that may leave now. */
export interface DueMail {
  readonly id: number;
  /** For the operator: `receipt to petra@mueller.example`. */
  readonly about: string;
}

const UNKNOWN = 'Nobody knows whether this mail arrived';
const ASK = 'It is not sent again by itself, so that nobody gets it twice: retry it if it did not arrive.';

/** The mails of the tenant that may leave now, the oldest first: those that somebody waits for, or the others. */
export async function dueMail(merchant: MerchantScope, urgent: boolean, most: number): Promise<DueMail[]> {
  const rows = await merchant.db
    .from('outbox')
    .select(['id', 'topic', 'recipient'])
    .where('urgent', '=', urgent ? 1 : 0)
    .where('send_at', '<=', nowMs(merchant.clock))
    .orderBy('send_at')
    .orderBy('id')
    .limit(most)
    .execute();
  return rows.map(({ id, topic, recipient }) => ({ id, about: `${topic} to ${recipient}` }));
}

/**
 * Sends one mail, unless that was done. Answers whether a message left. Throws when it was not taken and may be tried again, and `GivenUp` when nobody knows
 * whether it arrived.
 */
export async function deliverMail(
  merchant: MerchantScope,
  id: number,
  turn: Turn,
  { transport, writers }: Post,
): Promise<boolean> {
  const row = await findWaiting(merchant, id);
  if (!row) return false;
  if (row.state === 'sending' && !transport.idempotent)
    throw new GivenUp(`${UNKNOWN}: the portal was stopped while it was being sent. ${ASK}`);
  const write = writers[row.topic];
  if (!write) throw new Error(`no letter is written for the topic ${row.topic}`);
  const mail = await write(merchant, row);
  if (!mail) await markSent(merchant, id, undefined);
  if (!mail || !(await markSending(merchant, id, turn))) return false;
  const delivery = await hand(transport, mail, turn);
  if (delivery.state === 'refused') {
    await markWaiting(merchant, id);
    throw new Error(delivery.reason);
  }
  await markSent(merchant, id, delivery.providerId);
  return true;
}

/** The mail is not tried before so many ms from now. */
export async function postponeMail({ db, clock }: MerchantScope, id: number, ms: number): Promise<void> {
  await db
    .update('outbox')
    .set({ send_at: nowMs(clock) + ms })
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .execute();
}

/** The mail does not leave by itself any more. */
export async function giveUpMail({ db }: MerchantScope, id: number): Promise<void> {
  await db
    .update('outbox')
    .set({ state: 'failed', send_at: null })
    .where('id', '=', id)
    .where('state', '<>', 'sent')
    .execute();
}

/** The mail is sent after all, from now on. */
export async function reviveMail({ db, clock }: MerchantScope, id: number): Promise<void> {
  await db
    .update('outbox')
    .set({ state: 'waiting', send_at: nowMs(clock) })
    .where('id', '=', id)
    .where('state', '<>', 'sent')
    .execute();
}

async function findWaiting(
  { db }: MerchantScope,
  id: number,
): Promise<(OutboxRow & { readonly state: string }) | undefined> {
  const row = await db
    .from('outbox')
    .select(['topic', 'recipient', 'customer_id', 'payload', 'state'])
    .where('id', '=', id)
    .where('send_at', 'is not', null)
    .executeTakeFirst();
  if (!row) return undefined;
  const { topic, recipient, state } = row;
  const payload = JSON.parse(row.payload) as Record<string, unknown>;
  return { id, topic, recipient, state, customerId: row.customer_id ?? undefined, payload };
}

async function hand(transport: MailTransport, mail: Mail, turn: Turn): Promise<Delivery> {
  try {
    return await transport.send(mail, turn.signal);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (transport.idempotent) return { state: 'refused', reason };
    throw new GivenUp(`${UNKNOWN}: ${reason}. ${ASK}`);
  }
}

/** From here on the mail counts as on its way. False when somebody else may have it. */
function markSending(merchant: MerchantScope, id: number, turn: Turn): Promise<boolean> {
  return transact(merchant, async (within) => {
    if (!(await turn.holds(within))) return false;
    const { numUpdatedRows } = await within.db
      .update('outbox')
      .set({ state: 'sending' })
      .where('id', '=', id)
      .where('state', 'in', ['waiting', 'sending'])
      .executeTakeFirstOrThrow();
    return numUpdatedRows === 1n;
  });
}

async function markWaiting({ db }: MerchantScope, id: number): Promise<void> {
  await db
    .update('outbox')
    .set({ state: 'waiting' })
    .where('id', '=', id)
    .where('state', '=', 'sending')
    .execute();
}

/** What was mailed is in the mail; a sign-in link has no reason to stay here. */
async function markSent(
  { db, clock }: MerchantScope,
  id: number,
  providerId: string | undefined,
): Promise<void> {
  await db
    .update('outbox')
    .set({
      state: 'sent',
      send_at: null,
      provider_id: providerId ?? null,
      sent_at: nowMs(clock),
      payload: '{}',
    })
    .where('id', '=', id)
    .execute();
}
