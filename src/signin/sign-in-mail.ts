import { secretToken, typedCode } from '#src/kernel/ids.ts';
import { nowMs } from '#src/kernel/time.ts';
import { queueMail } from '#src/outbox/outbox.ts';
import { sealSignInMail } from '#src/outbox/sign-in-seal.ts';
import { type MerchantScope, type OperatorScope, transact } from '#src/scope.ts';
import { listTenants, openMerchant } from '#src/tenants/tenants.ts';
import { EMAIL_LINK_SECONDS, sealCode, tokenHash } from './email-links.ts';
import { isWithin, type Limit } from './limits.ts';

/** For each address, whether anybody has it or not. */
const MAILS: Limit = { action: 'sign_in_mail', most: 5, seconds: 3600 };
const DAY_MS = 86_400_000;

/** Ids of the requests of `requestEmailLink` that wait, the oldest first. */
export async function dueSignInRequests({ db }: MerchantScope, most: number): Promise<string[]> {
  const waiting = db.from('signin_requests').select('id').where('state', '=', 'requested');
  const rows = await waiting.orderBy('requested_at').orderBy('id').limit(most).execute();
  return rows.map(({ id }) => String(id));
}

/**
 * The worker behind `requestEmailLink`: makes a link and a code for a waiting request, and queues a mail (topic `sign_in`) where the address is a main
 * address of a customer or a contact, at most five an hour. Every other request gets a link that is mailed to nobody, so that typing codes tells
 * nothing either; no code fits it, so that asking often does not make an address's codes easier to guess. Answers whether it was not done before.
 */
export function handleSignInRequest(merchant: MerchantScope, id: string): Promise<boolean> {
  return transact(merchant, (within) => handleRequest(within, Number(id)));
}

/** Deletes requests, links and counts of limits that ended a day ago, and uses of magic links that have expired. */
export async function sweepSignIn(operator: OperatorScope): Promise<void> {
  for (const tenant of await listTenants(operator)) {
    const { db, clock } = await openMerchant(operator, tenant);
    const now = nowMs(clock);
    await db.remove('used_links').where('expires_at', '<=', now).execute();
    await db
      .remove('email_links')
      .where('expires_at', '<=', now - DAY_MS)
      .execute();
    await db
      .remove('rate_limits')
      .where('window_start', '<=', now - DAY_MS)
      .execute();
    await db
      .remove('signin_requests')
      .where('state', '=', 'handled')
      .where('requested_at', '<=', now - 2 * DAY_MS)
      .where('id', 'not in', db.from('email_links').select('request_id'))
      .execute();
  }
}

async function handleRequest(merchant: MerchantScope, id: number): Promise<boolean> {
  const { db } = merchant;
  const request = await db
    .update('signin_requests')
    .set({ state: 'handled' })
    .where('id', '=', id)
    .where('state', '=', 'requested')
    .returning(['email_canonical', 'browser_hash', 'redirect_to', 'address', 'language', 'requested_at'])
    .executeTakeFirst();
  if (!request) return false;
  const email = request.email_canonical;
  const mayMail = await isWithin(merchant, MAILS, email);
  const recipient = mayMail ? await recipientFor(merchant, email) : undefined;
  const token = secretToken(merchant.tokens);
  const code = recipient === undefined ? secretToken(merchant.tokens) : typedCode(merchant.tokens);
  const token_hash = tokenHash(merchant, token);
  const now = nowMs(merchant.clock);
  const expires_at = now + EMAIL_LINK_SECONDS * 1000;
  const { browser_hash, redirect_to } = request;
  const link = { token_hash, request_id: id, email_canonical: email, browser_hash, redirect_to, expires_at };
  await db.insert('email_links', {
    ...link,
    code_hash: sealCode(merchant, token_hash, code),
    created_at: now,
  });
  if (recipient === undefined) return true;
  const payload = sealSignInMail(merchant, {
    token,
    code,
    expiresAt: expires_at,
    requestedAt: request.requested_at,
    address: request.address,
    language: request.language ?? undefined,
  });
  await queueMail(merchant, { topic: 'sign_in', recipient, payload, urgent: true });
  return true;
}

/** The address as the merchant wrote it, when somebody has it: what was typed is never mailed to. */
async function recipientFor({ db }: MerchantScope, email: string): Promise<string | undefined> {
  const customer = await db
    .from('customers')
    .select('email')
    .where('email_canonical', '=', email)
    .where('closed_at', 'is', null)
    .executeTakeFirst();
  if (customer?.email) return customer.email;
  const contact = await db
    .from('contacts')
    .innerJoin(db.rows('customers'), 'customers.id', 'contacts.customer_id')
    .select('contacts.email')
    .where('contacts.email_canonical', '=', email)
    .where('customers.closed_at', 'is', null)
    .executeTakeFirst();
  return contact?.email ?? undefined;
}
