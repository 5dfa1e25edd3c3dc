import { refuse } from '../../kernel/errors.ts';
import { nowMs, startOfDayMs, todayIn } from '../../kernel/time.ts';
import type { ScopedRow } from '#db/scoped.ts';
import { recordEvent } from '../../outbox/events.ts';
import type { CustomerScope } from '../../scope.ts';
import { ACH_COUNTRY } from '../gateways/bank.ts';
import type { SavedInstrument, Source } from '../gateways/gateway.ts';
import { reopenFailed } from '../attempts/retries.ts';
import type { OnlineMethod } from '../attempts/terms.ts';

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

/** An instrument of the customer, in whatever state. Refuses `not_found` for one that is somebody else's or removed. */
export async function findMethod(scope: CustomerScope, methodId: number): Promise<PaymentMethod> {
  const method = await scope.db
    .from('payment_methods')
    .selectAll()
    .where('id', '=', methodId)
    .where('state', '!=', 'removed')
    .executeTakeFirst();
  return method ?? refuse('not_found', { what: 'payment method' });
}

/** An instrument that the customer had, and removed; undefined for any other. */
export function removedMethod(scope: CustomerScope, methodId: number): Promise<PaymentMethod | undefined> {
  return scope.db
    .from('payment_methods')
    .selectAll()
    .where('id', '=', Number.isSafeInteger(methodId) ? methodId : -1)
    .where('state', '=', 'removed')
    .executeTakeFirst();
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

/** How an instrument takes payments, by the names that payments are recorded under. */
export function onlineMethodOf(method: PaymentMethod): OnlineMethod {
  if (method.kind === 'card') return 'credit_card';
  return method.bank_country === ACH_COUNTRY ? 'ach' : 'direct_debit';
}

/** What an instrument is called: `Visa ending 4242`, `Bank account ending 6789`. The customer's own name for it is `label`. */
export function titleOf({ kind, brand, last4 }: PaymentMethod): string {
  const what = kind === 'card' ? (brand ?? 'Card') : 'Bank account';
  return last4 === null ? what : `${what} ending ${last4}`;
}

/** Whether a card has expired, or will at the end of this month or the next. A card is good until its month is over. */
export function expiryOf(scope: CustomerScope, method: PaymentMethod): 'expired' | 'soon' | undefined {
  if (method.exp_year === null || method.exp_month === null) return undefined;
  const today = todayIn(scope.clock, scope.tenant.timeZone);
  const monthsLeft = (method.exp_year - today.year) * 12 + method.exp_month - today.month;
  if (monthsLeft < 0) return 'expired';
  return monthsLeft <= 1 ? 'soon' : undefined;
}

/** Epoch ms at which a card's last month begins, at the start of that day for the merchant; null for a card that is in it already. */
function lastMonthAt(
  { clock, tenant }: CustomerScope,
  { expYear, expMonth }: SavedInstrument,
): number | null {
  if (expYear === undefined || expMonth === undefined) return null;
  const first = Temporal.PlainDate.from({ year: expYear, month: expMonth, day: 1 });
  const at = startOfDayMs(first.toString(), tenant.timeZone);
  return at > nowMs(clock) ? at : null;
}

/** Whether a card's last month is over before a civil date. */
export function cardEndsBefore({ exp_year: year, exp_month: month }: PaymentMethod, date: string): boolean {
  if (year === null || month === null) return false;
  return (
    Temporal.PlainYearMonth.compare(Temporal.PlainDate.from(date).toPlainYearMonth(), { year, month }) > 0
  );
}

const LONGEST_NAME = 60;

/** The customer's own name for an instrument; an empty one takes it away. Refuses `name_too_long` and `not_found`. */
export async function nameMethod(scope: CustomerScope, methodId: number, name: string): Promise<void> {
  const { numUpdatedRows } = await scope.db
    .update('payment_methods')
    .set({ label: readName(name), updated_at: nowMs(scope.clock) })
    .where('id', '=', methodId)
    .where('state', '!=', 'removed')
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) refuse('not_found', { what: 'payment method' });
}

/** A name as it is kept: on one line, spaces made one. Refuses `name_too_long`. */
export function readName(name: string): string | null {
  const clean = name.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  if (clean.length > LONGEST_NAME) refuse('name_too_long', { most: LONGEST_NAME });
  return clean === '' ? null : clean;
}

/** What the portal knows of an instrument besides what the gateway says. */
export interface InstrumentFacts {
  /** Where a bank account is held, ISO 3166; undefined for cards, and where an IBAN is not known any more. */
  readonly bankCountry?: string | undefined;
  /** What the payer agreed to by giving it. */
  readonly mandate?: string | undefined;
}

/**
 * Keeps what a gateway saved, in the caller's transaction, and answers its id: the first usable one becomes the default, and what could not be
 * collected is due again. The same instrument twice is one row.
 */
export async function keepInstrument(
  scope: CustomerScope,
  gateway: string,
  instrument: SavedInstrument,
  facts: InstrumentFacts = {},
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
  const isDefault = instrument.state === 'usable' && !(await hasDefault(scope));
  await scope.db.insert('payment_methods', {
    id,
    kind: instrument.kind,
    brand: instrument.brand ?? null,
    last4: instrument.last4,
    exp_month: instrument.expMonth ?? null,
    exp_year: instrument.expYear ?? null,
    bank_name: instrument.bankName ?? null,
    bank_country: facts.bankCountry ?? null,
    mandate: facts.mandate ?? null,
    gateway,
    gateway_id: instrument.gatewayId,
    gateway_customer_id: instrument.gatewayCustomerId ?? null,
    state: instrument.state,
    warn_at: lastMonthAt(scope, instrument),
    is_default: isDefault ? 1 : 0,
    created_at: now,
    updated_at: now,
  });
  if (isDefault) await reopenFailed(scope);
  await recordEvent(scope, 'payment_method.added', {}, { method: id, label: instrument.label });
  return id;
}

/** Whether one of the customer's usable instruments is the one that is charged when nothing else is said. */
export async function hasDefault(scope: CustomerScope): Promise<boolean> {
  const found = await scope.db
    .from('payment_methods')
    .select('id')
    .where('is_default', '=', 1)
    .where('state', '=', 'usable')
    .executeTakeFirst();
  return found !== undefined;
}
