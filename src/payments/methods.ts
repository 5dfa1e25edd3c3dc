import { refuse } from '../kernel/errors.ts';
import { nowMs } from '../kernel/time.ts';
import type { ScopedRow } from '#db/scoped.ts';
import { recordEvent } from '../outbox/events.ts';
import type { CustomerScope } from '../scope.ts';
import type { SavedInstrument, Source } from './gateway.ts';

export type PaymentMethod = ScopedRow<'payment_methods'>;

/** The customer's instruments that are not removed: the default first, then the newest. */
export function listMethods(scope: CustomerScope): Promise<PaymentMethod[]> {
  return scope.db
    .from('payment_methods')
    .selectAll()
    .where('state', '!=', 'removed')
    .orderBy('is_default', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

/** A usable instrument of the customer. Refuses `not_found` for one that is somebody else's, removed or not verified yet. */
export async function usableMethod(scope: CustomerScope, methodId: number): Promise<PaymentMethod> {
  const method = await scope.db
    .from('payment_methods')
    .selectAll()
    .where('id', '=', methodId)
    .where('state', '=', 'usable')
    .executeTakeFirst();
  return method ?? refuse('not_found', { what: 'payment method' });
}

/** What the gateway knows a saved instrument by. */
export function sourceOf(method: PaymentMethod): Extract<Source, { kind: 'saved' }> {
  return {
    kind: 'saved',
    method: method.kind,
    gatewayId: method.gateway_id,
    gatewayCustomerId: method.gateway_customer_id ?? undefined,
  };
}

/**
 * Keeps what a gateway saved, in the caller's transaction, and answers its id: the first usable one becomes the default. The same instrument
 * twice is one row.
 */
export async function keepInstrument(
  scope: CustomerScope,
  gateway: string,
  instrument: SavedInstrument,
): Promise<number> {
  const known = await scope.db
    .from('payment_methods')
    .select('id')
    .where('gateway', '=', gateway)
    .where('gateway_id', '=', instrument.gatewayId)
    .executeTakeFirst();
  if (known) return known.id;
  const id = await scope.db.nextId('payment_methods');
  const now = nowMs(scope.clock);
  await scope.db.insert('payment_methods', {
    id,
    kind: instrument.kind,
    brand: instrument.brand ?? null,
    last4: instrument.last4,
    exp_month: instrument.expMonth ?? null,
    exp_year: instrument.expYear ?? null,
    bank_name: instrument.bankName ?? null,
    gateway,
    gateway_id: instrument.gatewayId,
    gateway_customer_id: instrument.gatewayCustomerId ?? null,
    state: instrument.state,
    is_default: instrument.state === 'usable' && !(await hasDefault(scope)) ? 1 : 0,
    created_at: now,
    updated_at: now,
  });
  await recordEvent(scope, 'payment_method.added', {}, { method: id, label: instrument.label });
  return id;
}

async function hasDefault(scope: CustomerScope): Promise<boolean> {
  const found = await scope.db
    .from('payment_methods')
    .select('id')
    .where('is_default', '=', 1)
    .where('state', '=', 'usable')
    .executeTakeFirst();
  return found !== undefined;
}
