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

/*
 * What no answer and no webhook settled is asked about at the gateway, each attempt, refund and setup when its time has come, until it has ended. It may be
 * asked about twice at once: settling twice changes nothing.
 */

/** Ids of the attempts whose time has come, the longest waiting first. */
export async function dueAttempts({ db, clock }: MerchantScope, most: number): Promise<string[]> {
  const due = db.from('payment_attempts').select('id').where('look_at', '<=', nowMs(clock));
  return (await due.orderBy('look_at').limit(most).execute()).map(({ id }) => id);
}

/** Settles an attempt as the gateway says. Answers whether it came to an end; otherwise there is a later look. */
export async function askAttempt(merchant: MerchantScope, id: string): Promise<boolean> {
  const now = nowMs(merchant.clock);
  const attempt = await merchant.db
    .from('payment_attempts')
    .select(['id', 'customer_id', 'state', 'gateway', 'submitted_at', 'looks'])
    .where('id', '=', id)
    .where('look_at', '<=', now)
    .executeTakeFirst();
  if (!attempt) return false;
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
    if (after?.settled_at) return true;
  } catch (error) {
    merchant.log.warn('an attempt could not be reconciled', { attempt: attempt.id, reason: String(error) });
  }
  await lookAgain(merchant, 'payment_attempts', attempt);
  return false;
}

/** Ids of the refunds whose time has come, the longest waiting first. */
export async function dueRefunds({ db, clock }: MerchantScope, most: number): Promise<string[]> {
  const due = db.from('refunds').select('id').where('look_at', '<=', nowMs(clock));
  return (await due.orderBy('look_at').limit(most).execute()).map(({ id }) => String(id));
}

/** The same for a refund. */
export async function askRefund(merchant: MerchantScope, id: string): Promise<boolean> {
  const refund = await merchant.db
    .from('refunds')
    .selectAll()
    .where('id', '=', Number(id))
    .where('look_at', '<=', nowMs(merchant.clock))
    .executeTakeFirst();
  if (!refund) return false;
  try {
    const after = await pursueRefund({ ...merchant, actor: 'reconciler' }, refund);
    if (after.settled_at !== null) return true;
  } catch (error) {
    merchant.log.warn('a refund could not be reconciled', { refund: refund.id, reason: String(error) });
  }
  await lookAgain(merchant, 'refunds', refund);
  return false;
}

/** Ids of the new instruments whose time has come, the longest waiting first. */
export async function dueSetups({ db, clock }: MerchantScope, most: number): Promise<string[]> {
  const due = db.from('method_setups').select('id').where('look_at', '<=', nowMs(clock));
  return (await due.orderBy('look_at').limit(most).execute()).map(({ id }) => id);
}

/** The same for a new instrument. */
export async function askSetup(merchant: MerchantScope, id: string): Promise<boolean> {
  const now = nowMs(merchant.clock);
  const setup = await merchant.db
    .from('method_setups')
    .selectAll()
    .where('id', '=', id)
    .where('look_at', '<=', now)
    .executeTakeFirst();
  if (!setup) return false;
  const scope = customerScope(merchant, setup.customer_id, 'reconciler');
  const isHopeless = isOld(now, setup.created_at);
  const nobodyAnswers = setup.state === 'action_required' && isHopeless;
  const after = await askAbout(scope, setup, nobodyAnswers ? false : undefined);
  if (after.settled_at !== null) return true;
  if (isHopeless && after.state === 'submitted') await giveUpSetup(scope, setup);
  else await lookAgain(merchant, 'method_setups', setup);
  return false;
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
