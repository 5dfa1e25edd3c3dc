import { nowMs } from '#src/kernel/time.ts';
import type { MerchantScope } from '#src/scope.ts';

/** How often something may happen to one subject: `most` times within so many seconds, which begin with the first time. */
export interface Limit {
  readonly action: string;
  readonly most: number;
  readonly seconds: number;
}

/**
 * Counts once more and answers whether that is within the limit. The count is the database's, so it holds over every process of the
 * installation; it goes back when the caller's transaction does.
 */
export async function isWithin(
  { db, clock }: MerchantScope,
  { action, most, seconds }: Limit,
  subject: string,
): Promise<boolean> {
  const now = nowMs(clock);
  const ended = now - seconds * 1000;
  await db.insertNew('rate_limits', { action, subject, window_start: now, hits: 0 });
  const { hits } = await db
    .update('rate_limits')
    .set((eb) => ({
      hits: eb
        .case()
        .when('window_start', '>', ended)
        .then(eb('hits', '+', 1))
        .else(1)
        .end(),
      window_start: eb.case().when('window_start', '>', ended).then(eb.ref('window_start')).else(now).end(),
    }))
    .where('action', '=', action)
    .where('subject', '=', subject)
    .returning('hits')
    .executeTakeFirstOrThrow();
  return hits <= most;
}
