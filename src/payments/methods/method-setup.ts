import { sha256 } from '../../kernel/digest.ts';
import { refuse } from '../../kernel/errors.ts';
import { nowMs } from '../../kernel/time.ts';
import { recordEvent } from '../../outbox/events.ts';
import { type CustomerScope, transact } from '../../scope.ts';
import { ACH_COUNTRY, countryOfAccount } from '../gateways/bank.ts';
import { enrol, makeDefault } from './enrolment.ts';
import type { Acceptance, DeclineCode, SavedInstrument, SetupReply, Source } from '../gateways/gateway.ts';
import { accountAt, gatewayOf } from '../gateways/gateways.ts';
import { mandateText } from './mandate.ts';
import { findMethod, keepInstrument, readName } from './methods.ts';
import { mistypedIn } from '../gateways/mistyped.ts';
import { assertFitsGateway, type OnlineMethod, payingMethods, traceOf } from '../attempts/terms.ts';

/** An instrument to keep for later payments. */
export interface NewMethod {
  /** Minted with the form: sending it again keeps the same instrument. */
  readonly nonce: string;
  readonly with: Exclude<Source, { readonly kind: 'saved' }>;
  /** Verify an American account by two small deposits instead of at once. */
  readonly microDeposits?: boolean | undefined;
  /** The customer's own name for it. */
  readonly name?: string | undefined;
  readonly makeDefault?: boolean | undefined;
  /** Enrol in AutoPay with it. */
  readonly autopay?: boolean | undefined;
  readonly acceptance?: Acceptance | undefined;
}

/** What became of it. `verifying`: two small deposits are on their way; `action_required`: the bank asks at the address `challenge`. */
export type SetupOutcome =
  | { readonly state: 'saved' | 'verifying'; readonly methodId: number }
  | Exclude<SetupReply, { readonly state: 'saved' }>;

/** So many declined instruments within an hour are enough: nobody tries stolen cards here. */
const MOST_DECLINES = 10;
const HOUR_MS = 3_600_000;
const DECLINED = 'payment_method.declined';

/** The kinds of instrument that this customer may keep: those that may take a payment in their currency. */
export async function methodsToAdd(scope: CustomerScope): Promise<OnlineMethod[]> {
  const { currency } = await scope.db.from('customers').select('currency').executeTakeFirstOrThrow();
  const methods = await payingMethods(scope, currency ?? scope.tenant.currency);
  return methods.map(({ name }) => name);
}

/**
 * Keeps an instrument at the gateway and here. The same form with the same instrument is the same setup, however often it comes. A declined
 * instrument is an outcome and leaves only a line in the event trail. Refuses `method_not_offered`, `autopay_not_offered`, `name_too_long`,
 * `too_many_requests`, `no_gateway`, and `gateway_silent` when the answer was lost: sending the form again finds out.
 */
export async function addMethod(scope: CustomerScope, order: NewMethod): Promise<SetupOutcome> {
  const label = readName(order.name ?? '');
  assertFitsGateway(scope, order.with);
  const method = await offeredMethod(scope, order.with);
  if (order.autopay && !scope.settings['autopay.enrollment']) refuse('autopay_not_offered');
  await assertCalm(scope);
  const invalid = mistypedIn(order.with);
  if (invalid) return { state: 'declined', ...invalid };
  const reply = await askGateway(scope, order, method === 'ach' && order.microDeposits === true);
  if (reply.state === 'declined') await recordDecline(scope, reply.code);
  if (reply.state !== 'saved') return reply;
  const facts = { bankCountry: countryOf(order.with, method), mandate: mandateText(scope, method) };
  const methodId = await transact(scope, async (within) => {
    const id = await keepInstrument(within, gatewayOf(within).name, reply.instrument, facts);
    await takeBack(within, id, reply.instrument, label);
    await useFor(within, id, order);
    return id;
  });
  return { state: reply.instrument.state === 'usable' ? 'saved' : 'verifying', methodId };
}

async function offeredMethod(scope: CustomerScope, source: NewMethod['with']): Promise<OnlineMethod> {
  const offered = await methodsToAdd(scope);
  const found = offered.find((name) => fits(name, source));
  return found ?? refuse('method_not_offered');
}

function fits(name: OnlineMethod, source: NewMethod['with']): boolean {
  if (source.kind === 'token') return (name === 'credit_card' ? 'card' : 'bank_account') === source.method;
  if (source.kind === 'card') return name === 'credit_card';
  return name === (source.account.iban === undefined ? 'ach' : 'direct_debit');
}

async function askGateway(
  scope: CustomerScope,
  order: NewMethod,
  microDeposits: boolean,
): Promise<SetupReply> {
  // Whose it is and what it is stand in the key: another customer's nonce, or another card in the same form, is another setup.
  const parts = [scope.tenant.id, scope.customerId, order.nonce, traceOf(order.with), microDeposits];
  try {
    return await gatewayOf(scope).setup({
      account: accountAt(scope),
      setupId: sha256(parts.join('|')),
      customerRef: String(scope.customerId),
      source: order.with,
      microDeposits,
      returnUrl: new URL('/payment_methods', scope.tenant.origin).href,
      acceptance: order.acceptance,
    });
  } catch (error) {
    scope.log.warn('a gateway did not answer a setup', { reason: String(error) });
    return refuse('gateway_silent');
  }
}

function countryOf(source: NewMethod['with'], method: OnlineMethod): string | undefined {
  if (source.kind === 'bank_account') return countryOfAccount(source.account);
  return method === 'ach' ? ACH_COUNTRY : undefined;
}

/** The form of an instrument that was removed meanwhile brings it back: the customer asks for it, and the gateway has it again. */
async function takeBack(
  scope: CustomerScope,
  methodId: number,
  { state }: SavedInstrument,
  label: string | null,
): Promise<void> {
  await scope.db
    .update('payment_methods')
    .set({ state, removed_at: null, updated_at: nowMs(scope.clock) })
    .where('id', '=', methodId)
    .where('state', '=', 'removed')
    .execute();
  if (label === null) return;
  await scope.db.update('payment_methods').set({ label }).where('id', '=', methodId).execute();
}

async function useFor(scope: CustomerScope, methodId: number, order: NewMethod): Promise<void> {
  const { state } = await findMethod(scope, methodId);
  if (state !== 'usable') return;
  if (order.autopay) await enrol(scope, methodId);
  else if (order.makeDefault) await makeDefault(scope, methodId);
}

async function assertCalm(scope: CustomerScope): Promise<void> {
  const declines = await scope.db
    .from('events')
    .select('id')
    .where('type', '=', DECLINED)
    .where('at', '>', nowMs(scope.clock) - HOUR_MS)
    .limit(MOST_DECLINES)
    .execute();
  if (declines.length >= MOST_DECLINES) refuse('too_many_requests');
}

function recordDecline(scope: CustomerScope, code: DeclineCode): Promise<void> {
  return transact(scope, (within) => recordEvent(within, DECLINED, {}, { code }));
}
