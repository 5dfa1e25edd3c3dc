import type { Kysely } from 'kysely';
import type { Database } from './schema.ts';

/**
 * Ends every session and every sign-in by e-mail that is under way, of every tenant: what was used up or signed out since the backup must not
 * come back to life. Magic links keep working until they expire, because the merchants' programs hold their keys; rotating the key ends
 * them. Answers how many sessions there were.
 */
export async function endSignIns(db: Kysely<Database>, nowMs: number): Promise<number> {
  const { numDeletedRows } = await db.deleteFrom('sessions').executeTakeFirstOrThrow();
  await db.deleteFrom('email_links').execute();
  await db.deleteFrom('signin_requests').execute();
  // Sign-in mails of back then hold links that no longer work; they must not leave late.
  await db
    .updateTable('outbox')
    .set({ state: 'failed', last_error: 'the database was restored', lease_until: null })
    .where('state', 'in', ['waiting', 'sending'])
    .where('topic', 'like', 'sign%')
    .execute();
  // Payments under way at the backup may have ended since: they are asked about first.
  await db.updateTable('payment_attempts').set({ look_at: nowMs }).where('look_at', 'is not', null).execute();
  return Number(numDeletedRows);
}
