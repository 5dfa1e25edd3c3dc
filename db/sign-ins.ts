import type { Kysely } from 'kysely';
import { EVERY_LINK } from '#src/kernel/digest.ts';
import type { Database } from './schema.ts';

/**
 * Ends every session and every sign-in by e-mail that is under way, of every tenant, and uses up every magic link made so far that works
 * once: what was used up or signed out since the backup must not come back to life. Other magic links keep working until they expire,
 * because the merchants' programs hold their keys; rotating the key ends them. Answers how many sessions there were.
 */
export async function endSignIns(db: Kysely<Database>, nowMs: number): Promise<number> {
  const { numDeletedRows } = await db.deleteFrom('sessions').executeTakeFirstOrThrow();
  await db.deleteFrom('email_links').execute();
  await db.deleteFrom('signin_requests').execute();
  await useUpLinks(db, nowMs);
  // Sign-in mails of back then hold links that no longer work; they must not leave late.
  await db
    .updateTable('outbox')
    .set({ state: 'failed', send_at: null })
    .where('state', 'in', ['waiting', 'sending'])
    .where('topic', 'like', 'sign%')
    .execute();
  // Whoever worked at the backup does not work any more; what had been given up stays so.
  await db.deleteFrom('jobs').where('state', '=', 'alive').execute();
  // Payments under way at the backup may have ended since: they are asked about first.
  await db.updateTable('payment_attempts').set({ look_at: nowMs }).where('look_at', 'is not', null).execute();
  return Number(numDeletedRows);
}

async function useUpLinks(db: Kysely<Database>, nowMs: number): Promise<void> {
  await db.deleteFrom('used_links').where('link_hash', '=', EVERY_LINK).execute();
  const tenants = await db.selectFrom('tenants').select(['id', 'test_clock_at']).execute();
  for (const { id, test_clock_at } of tenants) {
    const row = { tenant_id: id, link_hash: EVERY_LINK, used_at: test_clock_at ?? nowMs };
    await db
      .insertInto('used_links')
      .values({ ...row, expires_at: Number.MAX_SAFE_INTEGER })
      .execute();
  }
}
