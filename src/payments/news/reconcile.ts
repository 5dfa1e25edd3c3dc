import { nowMs } from '../../kernel/time.ts';
import { customerScope, type MerchantScope } from '../../scope.ts';
import type { GatewayReply } from '../gateways/gateway.ts';
import { accountAt, gatewayNamed } from '../gateways/gateways.ts';
import { pauseAfter } from '../attempts/looks.ts';
import { askAbout, giveUpSetup } from '../methods/setups.ts';
import { pursueRefund } from '../returning/refunds.ts';
import { settle } from '../taking/settle.ts';

/** After this long (ms) without a trace at the gateway an attempt is closed there, so that it can never be charged late. */
const CLOSE_AFTER_MS = 10 * 60_000;
const BATCH = 50;

/**
 * Settles what no answer and no webhook settled: asks the gateway about every attempt, refund and setup of the tenant whose time has come.
 * Answers how many came to an end. It may run on several processes at once: settling twice changes nothing.
 */
export async function reconcile(merchant: MerchantScope): Promise<number> {
  const settled = [reconcileAttempts, reconcileRefunds, reconcileSetups];
  let count = 0;
  for (const one of settled) count += await one(merchant);
  return count;
}

async function reconcileAttempts(merchant: MerchantScope): Promise<number> {
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
      // A debit that the gateway had taken is known there, whatever it says now: that it finds nothing ends nothing.
      const hopeless = attempt.state !== 'processing' && isOld(now, attempt.submitted_at ?? now);
      const unanswered = found === undefined || found.state === 'action_required';
      const reply: GatewayReply | undefined =
        unanswered && hopeless ? await gateway.close(accountAt(merchant), attempt.id) : found;
      const after = reply ? await settle(scope, attempt.id, reply) : undefined;
      if (after?.settled_at) settled += 1;
      else await lookAgain(merchant, 'payment_attempts', attempt);
    } catch (error) {
      merchant.log.warn('an attempt could not be reconciled', { attempt: attempt.id, reason: String(error) });
      await lookAgain(merchant, 'payment_attempts', attempt);
    }
  }
  return settled;
}

async function reconcileRefunds(merchant: MerchantScope): Promise<number> {
  const now = nowMs(merchant.clock);
  const due = await merchant.db
    .from('refunds')
    .selectAll()
    .where('look_at', '<=', now)
    .orderBy('look_at')
    .limit(BATCH)
    .execute();
  let settled = 0;
  for (const refund of due) {
    try {
      const after = await pursueRefund({ ...merchant, actor: 'reconciler' }, refund);
      if (after.settled_at !== null) settled += 1;
      else await lookAgain(merchant, 'refunds', refund);
    } catch (error) {
      merchant.log.warn('a refund could not be reconciled', { refund: refund.id, reason: String(error) });
      await lookAgain(merchant, 'refunds', refund);
    }
  }
  return settled;
}

async function reconcileSetups(merchant: MerchantScope): Promise<number> {
  const now = nowMs(merchant.clock);
  const due = await merchant.db
    .from('method_setups')
    .selectAll()
    .where('look_at', '<=', now)
    .orderBy('look_at')
    .limit(BATCH)
    .execute();
  let settled = 0;
  for (const setup of due) {
    const scope = customerScope(merchant, setup.customer_id, 'reconciler');
    const isHopeless = isOld(now, setup.created_at);
    const nobodyAnswers = setup.state === 'action_required' && isHopeless;
    const after = await askAbout(scope, setup, nobodyAnswers ? false : undefined);
    if (after.settled_at !== null) settled += 1;
    else if (isHopeless && after.state === 'submitted') await giveUpSetup(scope, setup);
    else await lookAgain(merchant, 'method_setups', setup);
  }
  return settled;
}

/** A test clock may have been set back meanwhile: what lies that far ahead is as old. */
function isOld(now: number, since: number): boolean {
  return Math.abs(now - since) >= CLOSE_AFTER_MS;
}

/** Not settled yet: the pause before the next look grows. */
async function lookAgain(
  merchant: MerchantScope,
  table: 'payment_attempts' | 'refunds' | 'method_setups',
  { id, looks }: { readonly id: string | number; readonly looks: number },
): Promise<void> {
  // The three tables call these columns the same; their ids are texts or numbers.
  await merchant.db
    .update(table as 'method_setups')
    .set({ look_at: nowMs(merchant.clock) + pauseAfter(looks), looks: looks + 1 })
    .where('id', '=', id as string)
    .where('settled_at', 'is', null)
    .execute();
}
