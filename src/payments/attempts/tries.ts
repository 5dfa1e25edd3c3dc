import { refuse } from '../../kernel/errors.ts';
import { nowMs } from '../../kernel/time.ts';
import type { CustomerScope } from '../../scope.ts';

/** Within so long (ms) a customer's tries count. */
const COUNTED_MS = 10 * 60_000;
/** What money was not taken by, so far. */
const NOT_TAKEN = ['created', 'submitted', 'action_required', 'declined', 'abandoned'] as const;

/**
 * Nobody tries one stolen card after another here: a customer whose payments were not taken too often in a short time, wherever they came from,
 * has to wait. Refuses `too_many_requests`.
 */
export async function assertFewTries(scope: CustomerScope): Promise<void> {
  const most = scope.settings['payments.most_tries'];
  const tries = await scope.db
    .from('payment_attempts')
    .select('id')
    .where('source', '=', 'portal')
    .where('created_at', '>', nowMs(scope.clock) - COUNTED_MS)
    .where('state', 'in', NOT_TAKEN)
    .limit(most)
    .execute();
  if (tries.length >= most) refuse('too_many_requests');
}
