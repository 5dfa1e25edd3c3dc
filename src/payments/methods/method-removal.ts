import { refuse } from '../../kernel/errors.ts';
import { nowMs } from '../../kernel/time.ts';
import { recordEvent } from '../../outbox/events.ts';
import { type CustomerScope, transact } from '../../scope.ts';
import { collectedPlans, leaveAutopay, makeDefault } from './enrolment.ts';
import { accountAt, gatewayNamed } from '../gateways/gateways.ts';
import { expiryOf, findMethod, listMethods, type PaymentMethod, usableMethod } from './methods.ts';

/** What removing an instrument would mean, to be said before it is done. */
export interface RemovalEffect {
  readonly method: PaymentMethod;
  /** The instrument that becomes the default in its place: a usable one, the newest that has not expired. */
  readonly successor: PaymentMethod | undefined;
  /** AutoPay collects now: from the successor afterwards, from nothing where there is none. */
  readonly collects: boolean;
  /** Numbers of the invoices whose agreed plans are collected: from the successor afterwards, by hand where there is none. */
  readonly plans: readonly string[];
}

/** Refuses `not_found`. */
export async function removalEffect(scope: CustomerScope, methodId: number): Promise<RemovalEffect> {
  const method = await findMethod(scope, methodId);
  if (!method.is_default) return { method, successor: undefined, collects: false, plans: [] };
  const others = (await listMethods(scope)).filter(({ id, state }) => id !== methodId && state === 'usable');
  const successor = others.find((other) => expiryOf(scope, other) !== 'expired') ?? others[0];
  const planned = await collectedPlans(scope);
  const plans = planned.map(({ number }) => number);
  return { method, successor, collects: await isCollected(scope, planned), plans };
}

/**
 * Removes an instrument, here and at the gateway; its row stays as removed, for the payments that were made with it. When it was the default,
 * `successor` takes its place (what the customer was shown); with none, AutoPay ends, and plans are paid by hand. Removing twice changes nothing. Refuses `not_found` for
 * an instrument, or a successor, that is not theirs to use, and `gateway_silent` when the gateway could not be asked: nothing is removed then.
 */
export async function removeMethod(
  scope: CustomerScope,
  methodId: number,
  successor?: number | undefined,
): Promise<void> {
  const method = await ownMethod(scope, methodId);
  if (method.state === 'removed') return;
  if (successor !== undefined) await assertSuccessor(scope, methodId, successor);
  // The gateway first: what is still listed can be removed again, what is not listed any more could not.
  await forget(scope, method);
  await transact(scope, (within) => markRemoved(within, methodId, successor));
}

async function ownMethod(scope: CustomerScope, methodId: number): Promise<PaymentMethod> {
  const method = await scope.db
    .from('payment_methods')
    .selectAll()
    .where('id', '=', methodId)
    .executeTakeFirst();
  return method ?? refuse('not_found', { what: 'payment method' });
}

async function assertSuccessor(scope: CustomerScope, methodId: number, successor: number): Promise<void> {
  if (successor === methodId) refuse('not_found', { what: 'payment method' });
  await usableMethod(scope, successor);
}

async function forget(scope: CustomerScope, method: PaymentMethod): Promise<void> {
  try {
    await gatewayNamed(scope, method.gateway).forget(accountAt(scope), method.gateway_id);
  } catch (error) {
    scope.log.warn('a gateway did not delete an instrument', { method: method.id, reason: String(error) });
    refuse('gateway_silent');
  }
}

async function markRemoved(
  scope: CustomerScope,
  methodId: number,
  successor: number | undefined,
): Promise<void> {
  const method = await ownMethod(scope, methodId);
  if (method.state === 'removed') return;
  const now = nowMs(scope.clock);
  await scope.db
    .update('payment_methods')
    .set({ state: 'removed', is_default: 0, removed_at: now, updated_at: now })
    .where('id', '=', methodId)
    .execute();
  await recordEvent(scope, 'payment_method.removed', {}, { method: methodId });
  if (!method.is_default) return;
  const next = successor === undefined ? undefined : await ownMethod(scope, successor);
  if (next?.state === 'usable') await makeDefault(scope, next.id);
  else await leaveAutopay(scope, { plans: 'stop' });
}

/** Whether AutoPay collects anything of this customer besides these plans: everything, or an invoice that demands it. */
async function isCollected(
  scope: CustomerScope,
  planned: ReadonlyArray<{ readonly id: number }>,
): Promise<boolean> {
  const { autopay } = await scope.db.from('customers').select('autopay').executeTakeFirstOrThrow();
  if (autopay) return true;
  const invoice = await scope.db
    .from('invoices')
    .select('id')
    .where('autopay', '=', 1)
    .where('balance_minor', '>', 0)
    .where('id', 'not in', [-1, ...planned.map(({ id }) => id)])
    .limit(1)
    .executeTakeFirst();
  return invoice !== undefined;
}
