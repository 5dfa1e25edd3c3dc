import { nowMs } from '../kernel/time.ts';
import { customerScope, type MerchantScope } from '../scope.ts';
import { FIRST_LOOK_MS } from './attempt.ts';
import type { GatewayReply } from './gateway.ts';
import { accountAt, gatewayNamed } from './gateways.ts';
import { settle } from './settle.ts';

/** After this long (ms) without a trace at the gateway an attempt is closed there, so that it can never be charged late. */
const CLOSE_AFTER_MS = 10 * 60_000;
const LONGEST_PAUSE_MS = 60 * 60_000;
const BATCH = 50;

/**
 * Settles what no answer settled: asks the gateway about every attempt of the tenant whose time has come. Answers how many came to an end. It
 * may run on several processes at once: settling twice changes nothing.
 */
export async function reconcile(merchant: MerchantScope): Promise<number> {
  const now = nowMs(merchant.clock);
  const due = await merchant.db
    .from('payment_attempts')
    .select(['id', 'customer_id', 'state', 'gateway', 'submitted_at', 'looks'])
    .where('look_at', '<=', now)
    .orderBy('look_at')
    .limit(BATCH)
    .execute();
  let settled = 0;
  for (const attempt of due) {
    const scope = customerScope(merchant, attempt.customer_id, 'reconciler');
    try {
      const gateway = gatewayNamed(scope, attempt.gateway);
      const found = await gateway.lookup(accountAt(merchant), attempt.id);
      const hopeless = now - (attempt.submitted_at ?? now) >= CLOSE_AFTER_MS;
      const unanswered = found === undefined || found.state === 'action_required';
      const reply: GatewayReply | undefined =
        unanswered && hopeless ? await gateway.close(accountAt(merchant), attempt.id) : found;
      const after = reply ? await settle(scope, attempt.id, reply) : undefined;
      if (after?.settled_at) settled += 1;
      else await lookAgain(merchant, attempt.id, attempt.looks, now);
    } catch (error) {
      merchant.log.warn('an attempt could not be reconciled', { attempt: attempt.id, reason: String(error) });
      await lookAgain(merchant, attempt.id, attempt.looks, now);
    }
  }
  return settled;
}

async function lookAgain(
  merchant: MerchantScope,
  attemptId: string,
  looks: number,
  now: number,
): Promise<void> {
  const pause = Math.min(FIRST_LOOK_MS * 2 ** Math.min(looks, 10), LONGEST_PAUSE_MS);
  await merchant.db
    .update('payment_attempts')
    .set({ look_at: now + pause, looks: looks + 1 })
    .where('id', '=', attemptId)
    .where('settled_at', 'is', null)
    .execute();
}
