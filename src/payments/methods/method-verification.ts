import { refuse } from '../../kernel/errors.ts';
import { nowMs } from '../../kernel/time.ts';
import { recordEvent } from '../../outbox/events.ts';
import { type CustomerScope, transact } from '../../scope.ts';
import type { SetupReply } from '../gateways/gateway.ts';
import { accountAt, gatewayNamed } from '../gateways/gateways.ts';
import { reopenFailed } from '../attempts/retries.ts';
import { findMethod, hasDefault, type PaymentMethod } from './methods.ts';

/** What became of the two amounts that were typed. With `triesLeft` at 0 the account cannot be verified any more. */
export type Verification =
  | { readonly state: 'usable' }
  | { readonly state: 'wrong'; readonly triesLeft: number; readonly message: string };

/** How often the two amounts may be typed. */
const MOST_TRIES = 3;
/** Tries that a gateway did not answer cost nothing, up to so many. */
const MOST_UNANSWERED = 5;
const TRIED = 'payment_method.verification_tried';
const UNANSWERED = 'payment_method.verification_unanswered';

/** How often the amounts may still be typed. */
export async function triesLeft(scope: CustomerScope, methodId: number): Promise<number> {
  const events = await scope.db
    .from('events')
    .select(['type', 'data'])
    .where('type', 'in', [TRIED, UNANSWERED])
    .execute();
  const own = events.filter(({ data }) => (JSON.parse(data) as { method?: unknown }).method === methodId);
  const tried = own.filter(({ type }) => type === TRIED).length;
  return Math.max(0, MOST_TRIES - tried + Math.min(own.length - tried, MOST_UNANSWERED));
}

/**
 * Confirms a bank account by the two amounts that were deposited (minor units, in any order). A try counts from before the gateway is asked,
 * so that many at once are no way around the limit; one that the gateway did not answer is given back. Doing it again for a usable account changes nothing. Refuses `not_found`,
 * `method_not_usable` for an account that cannot be verified any more, and `gateway_silent`.
 */
export async function verifyMethod(
  scope: CustomerScope,
  methodId: number,
  amounts: readonly [number, number],
): Promise<Verification> {
  const begun = await transact(scope, (within) => beginTry(within, methodId));
  if (begun.state === 'usable') return { state: 'usable' };
  const reply = await askGateway(scope, begun, amounts);
  return transact(scope, (within) => endTry(within, methodId, reply));
}

async function beginTry(scope: CustomerScope, methodId: number): Promise<PaymentMethod> {
  const method = await findMethod(scope, methodId);
  if (method.state === 'usable') return method;
  if (method.state !== 'verifying' || (await triesLeft(scope, methodId)) === 0)
    refuse('method_not_usable', { reason: 'could not be verified' });
  await recordEvent(scope, TRIED, {}, { method: methodId });
  return method;
}

async function askGateway(
  scope: CustomerScope,
  method: PaymentMethod,
  amounts: readonly [number, number],
): Promise<SetupReply> {
  try {
    const gateway = gatewayNamed(scope, method.gateway);
    return await gateway.verify(accountAt(scope), method.gateway_id, amounts);
  } catch (error) {
    scope.log.warn('a gateway did not answer a verification', { method: method.id, reason: String(error) });
    await recordEvent(scope, UNANSWERED, {}, { method: method.id });
    return refuse('gateway_silent');
  }
}

async function endTry(scope: CustomerScope, methodId: number, reply: SetupReply): Promise<Verification> {
  const now = nowMs(scope.clock);
  if (reply.state === 'saved') {
    const is_default = (await hasDefault(scope)) ? 0 : 1;
    const { numUpdatedRows } = await scope.db
      .update('payment_methods')
      .set({ state: 'usable', is_default, updated_at: now })
      .where('id', '=', methodId)
      .where('state', '=', 'verifying')
      .executeTakeFirstOrThrow();
    if (numUpdatedRows > 0n) {
      if (is_default === 1) await reopenFailed(scope);
      await recordEvent(scope, 'payment_method.verified', {}, { method: methodId });
    }
    return { state: 'usable' };
  }
  const left = await triesLeft(scope, methodId);
  const message = reply.state === 'declined' ? reply.message : 'The bank could not confirm this account.';
  const isGone = reply.state === 'declined' && reply.code === 'method_gone';
  if (left > 0 && !isGone) return { state: 'wrong', triesLeft: left, message };
  await scope.db
    .update('payment_methods')
    .set({ state: 'failed', failure_reason: message, updated_at: now })
    .where('id', '=', methodId)
    .where('state', '=', 'verifying')
    .execute();
  return { state: 'wrong', triesLeft: 0, message };
}
