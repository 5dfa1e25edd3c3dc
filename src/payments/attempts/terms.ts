import { refuse } from '../../kernel/errors.ts';
import { add, boundOf, formatMoney, type Money, money, percentOf } from '../../kernel/money.ts';
import type { CustomerScope } from '../../scope.ts';
import type { Intent } from './attempt.ts';
import type { MethodKind, Source } from '../gateways/gateway.ts';
import { gatewayOf } from '../gateways/gateways.ts';

/** How money can be taken, by the names that payments are recorded under. */
export type OnlineMethod = 'credit_card' | 'ach' | 'direct_debit';
/** How a customer can pay by themselves, outside the portal. */
export type OfflineMethod = 'wire_transfer' | 'check';

/** A method that may be used now, and on what terms. */
export interface PayingMethod {
  readonly name: OnlineMethod;
  readonly kind: MethodKind;
  readonly minimum: Money | undefined;
  readonly maximum: Money | undefined;
  /** Added to what is paid, as decimal text: `2.9`. */
  readonly feePercent: string | undefined;
  /** What is charged is a multiple of so many minor units: 10 of dinars where a gateway takes no third decimal but 0. */
  readonly step: number;
}

/**
 * The methods that may take a payment in this currency: those the merchant and its gateway offer, less those that are off for this customer or
 * for one of the documents (`disabled`: their comma lists). An account in euros is debited by SEPA, one in dollars by ACH.
 */
export async function payingMethods(
  scope: CustomerScope,
  currency: string,
  disabled: ReadonlyArray<string | null> = [],
): Promise<PayingMethod[]> {
  const { kinds, stepOf } = gatewayOf(scope);
  const step = stepOf(currency);
  const off = await switchedOff(scope, disabled);
  return METHODS.filter(
    ({ name, kind, only }) =>
      kinds.includes(kind) && !off.has(name) && isOn(scope, name) && (!only || only === currency),
  ).map(({ name, kind }) => ({ name, kind, step, ...termsOf(scope, kind, currency) }));
}

/** The offline methods that the merchant offers to this customer, with instructions for their country. */
export async function offlineMethods(
  scope: CustomerScope,
  country: string | undefined,
  disabled: ReadonlyArray<string | null> = [],
): Promise<Array<{ readonly name: OfflineMethod; readonly instructions: string }>> {
  const off = await switchedOff(scope, disabled);
  return (['wire_transfer', 'check'] as const).flatMap((name) => {
    const instructions = instructionsFor(scope.settings[`payments.instructions_${name}`], country);
    return isOn(scope, name) && !off.has(name) && instructions ? [{ name, instructions }] : [];
  });
}

/** Which method a source is. A bank account with an IBAN is debited by SEPA; of one that is not typed here the currency tells. */
export function methodOfSource(source: Source, currency: string): OnlineMethod {
  if (source.kind === 'bank_account') return source.account.iban === undefined ? 'ach' : 'direct_debit';
  const kind = source.kind === 'card' ? source.kind : source.method;
  if (kind === 'card') return 'credit_card';
  return currency === 'USD' ? 'ach' : 'direct_debit';
}

/** Which method an intent was made for: what stands before the first colon of its `method`. */
export function nameInIntent({ method }: Pick<Intent, 'method'>): OnlineMethod {
  const [name] = method.split(':');
  return name === 'ach' || name === 'direct_debit' ? name : 'credit_card';
}

/** Numbers of cards and accounts are typed for the test gateway alone; every other one gives tokens. Refuses `method_not_offered`. */
export function assertFitsGateway({ settings }: CustomerScope, source: Source): void {
  const isTyped = source.kind === 'card' || source.kind === 'bank_account';
  if (isTyped !== (settings['payments.gateway'] === 'test') && source.kind !== 'saved')
    refuse('method_not_offered');
}

/** What tells two instruments apart without saying anything secret. */
export function traceOf(source: Source): string {
  switch (source.kind) {
    case 'card':
      return `${source.card.number.slice(-4)}:${source.card.expMonth}/${source.card.expYear}`;
    case 'bank_account':
      return (source.account.iban ?? source.account.account ?? '').slice(-4);
    case 'token':
      return source.token;
    case 'saved':
      return source.gatewayId;
  }
}

/** The convenience fee on an amount, rounded half up to the minor unit: money on top, never part of a balance. */
function feeOn({ feePercent }: Pick<PayingMethod, 'feePercent'>, total: Money): Money {
  return feePercent ? percentOf(total, feePercent) : money(0, total.currency);
}

/** What paying a total with a method comes to. */
export interface Charge {
  readonly fee: Money;
  /** What is charged beyond that because the gateway takes no such amount: it is the customer's credit. */
  readonly credit: Money;
  /** Everything that is charged. */
  readonly total: Money;
}

/** What is charged for a total, in the steps that the method takes. */
export function chargeOn(method: Pick<PayingMethod, 'feePercent' | 'step'>, total: Money): Charge {
  const fee = feeOn(method, total);
  const wanted = add(total, fee);
  const credit = money((method.step - (wanted.minor % method.step)) % method.step, total.currency);
  return { fee, credit, total: add(wanted, credit) };
}

/** Refuses `method_not_offered`, `below_minimum` and `above_maximum`. */
export function assertMayPay(
  scope: CustomerScope,
  methods: readonly PayingMethod[],
  name: OnlineMethod,
  total: Money,
): PayingMethod {
  const method = offeredMethod(methods, name);
  assertEnough(scope, method, total);
  assertNotTooMuch(scope, method, total);
  return method;
}

/** Refuses `method_not_offered`. */
export function offeredMethod(methods: readonly PayingMethod[], name: OnlineMethod): PayingMethod {
  return methods.find((one) => one.name === name) ?? refuse('method_not_offered');
}

/** Refuses `below_minimum`. */
export function assertEnough(scope: CustomerScope, { minimum }: PayingMethod, total: Money): void {
  if (minimum && total.minor < minimum.minor)
    refuse('below_minimum', { minimum: formatMoney(minimum, scope.language) });
}

/** Refuses `above_maximum`. */
export function assertNotTooMuch(scope: CustomerScope, { maximum }: PayingMethod, total: Money): void {
  if (maximum && total.minor > maximum.minor)
    refuse('above_maximum', { maximum: formatMoney(maximum, scope.language) });
}

const METHODS: ReadonlyArray<{ name: OnlineMethod; kind: MethodKind; only?: string }> = [
  { name: 'credit_card', kind: 'card' },
  { name: 'ach', kind: 'bank_account', only: 'USD' },
  { name: 'direct_debit', kind: 'bank_account', only: 'EUR' },
];

async function switchedOff(
  scope: CustomerScope,
  lists: ReadonlyArray<string | null>,
): Promise<ReadonlySet<string>> {
  const { disabled_methods: own } = await scope.db
    .from('customers')
    .select('disabled_methods')
    .executeTakeFirstOrThrow();
  return new Set([own, ...lists].flatMap((list) => (list ?? '').split(',')).map((name) => name.trim()));
}

function isOn(scope: CustomerScope, name: OnlineMethod | OfflineMethod): boolean {
  return scope.settings['payments.methods'].split(',').includes(name);
}

function termsOf(
  { settings }: CustomerScope,
  kind: MethodKind,
  currency: string,
): Pick<PayingMethod, 'minimum' | 'maximum' | 'feePercent'> {
  const side = kind === 'card' ? 'card' : 'bank';
  const bound = (text: string, rounded: 'up' | 'down'): Money | undefined =>
    text === '' ? undefined : boundOf(text, currency, rounded);
  const fee = settings['payments.fee_percent'];
  return {
    minimum: bound(settings[`payments.${side}_minimum`], 'up'),
    maximum: bound(settings[`payments.${side}_maximum`], 'down'),
    feePercent: kind === 'card' && fee !== '' && fee !== '0' ? fee : undefined,
  };
}

/** Instructions may begin paragraphs with `[DE]`: such a paragraph is for payers in that country and replaces the general ones. */
function instructionsFor(text: string, country: string | undefined): string {
  const parts = text.split(/^\[([A-Z]{2})\]\s*/m);
  const general = parts[0]!.trim();
  for (let i = 1; i < parts.length; i += 2) if (parts[i] === country) return parts[i + 1]!.trim();
  return general;
}
