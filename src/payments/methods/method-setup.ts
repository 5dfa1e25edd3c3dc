import { sha256 } from '../../kernel/digest.ts';
import { refuse } from '../../kernel/errors.ts';
import { nowMs } from '../../kernel/time.ts';
import { type CustomerScope, transact } from '../../scope.ts';
import { ACH_COUNTRY, countryOfAccount } from '../gateways/bank.ts';
import type { Acceptance, SetupReply, Source } from '../gateways/gateway.ts';
import { accountAt, gatewayNamed, gatewayOf } from '../gateways/gateways.ts';
import { mandateText } from './mandate.ts';
import { listMethods, readName } from './methods.ts';
import {
  commitSetup,
  DECLINED,
  outcomeOfSetup,
  type Setup,
  setupOf,
  type SetupOutcome,
  settleSetup,
} from './setups.ts';
import { mistypedIn } from '../gateways/mistyped.ts';
import { assertFitsGateway, type OnlineMethod, payingMethods, traceOf } from '../attempts/terms.ts';
import { urls } from '#src/portal/urls.ts';

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

/** So many declined instruments within an hour are enough: nobody tries stolen cards here. */
const MOST_DECLINES = 10;
/** Those that a bank still asks about among them. */
const MOST_SETUPS = 15;
const MOST_METHODS = 20;
const HOUR_MS = 3_600_000;

/** The kinds of instrument that this customer may keep: those that may take a payment in their currency. */
export async function methodsToAdd(scope: CustomerScope): Promise<OnlineMethod[]> {
  const { currency } = await scope.db.from('customers').select('currency').executeTakeFirstOrThrow();
  const methods = await payingMethods(scope, currency ?? scope.tenant.currency);
  return methods.map(({ name }) => name);
}

/**
 * Keeps an instrument at the gateway and here: what is wished is committed before the gateway is asked. The same form with the same instrument
 * is the same setup, however often it comes. A declined instrument is an outcome, and so is a bank that asks first. Refuses
 * `method_not_offered`, `autopay_not_offered`, `name_too_long`, `too_many_requests`, `too_many_methods`, `no_gateway`, and `gateway_silent` when the answer was
 * lost: sending the form again finds out.
 */
export async function addMethod(scope: CustomerScope, order: NewMethod): Promise<SetupOutcome> {
  const setupId = setupIdOf(scope, order);
  const earlier = await setupOf(scope, setupId);
  if (earlier && earlier.settled_at !== null) return settledOutcome(scope, earlier);
  const method = earlier ? undefined : await assertWelcome(scope, order);
  const invalid = mistypedIn(order.with);
  if (invalid) return { state: 'declined', ...invalid };
  const setup = earlier ?? (await begin(scope, order, setupId, method!));
  const reply = await askGateway(scope, order, setup);
  return settledOutcome(scope, await settleSetup(scope, setupId, reply));
}

/** An instrument that was removed since is not there any more, and does not come back by an old form. */
async function settledOutcome(scope: CustomerScope, setup: Setup): Promise<SetupOutcome> {
  if (setup.state !== 'saved') return outcomeOfSetup(setup);
  const method = await scope.db
    .from('payment_methods')
    .select('state')
    .where('id', '=', setup.payment_method_id)
    .executeTakeFirstOrThrow();
  if (method.state === 'removed')
    return {
      state: 'declined',
      code: 'method_gone',
      message: 'You have removed this one. Type it once more.',
    };
  return outcomeOfSetup(setup, method.state === 'verifying');
}

async function assertWelcome(scope: CustomerScope, order: NewMethod): Promise<OnlineMethod> {
  readName(order.name ?? '');
  assertFitsGateway(scope, order.with);
  const method = await offeredMethod(scope, order.with);
  if (order.autopay && !scope.settings['autopay.enrollment']) refuse('autopay_not_offered');
  await assertCalm(scope);
  if ((await listMethods(scope)).length >= MOST_METHODS) refuse('too_many_methods', { most: MOST_METHODS });
  return method;
}

function begin(
  scope: CustomerScope,
  order: NewMethod,
  setupId: string,
  method: OnlineMethod,
): Promise<Setup> {
  const wishes = {
    label: readName(order.name ?? ''),
    makeDefault: order.makeDefault === true,
    autopay: order.autopay === true,
    bankCountry: countryOf(order.with, method),
    mandate: mandateText(scope, method),
  };
  return transact(scope, (within) => commitSetup(within, setupId, gatewayOf(within).name, wishes));
}

/** Whose it is and what it is stand in the key: another customer's nonce, or another card in the same form, is another setup. */
function setupIdOf(scope: CustomerScope, order: NewMethod): string {
  const parts = [scope.tenant.id, scope.customerId, order.nonce, traceOf(order.with), isSlow(order)];
  return sha256(parts.join('|'));
}

function isSlow({ with: source, microDeposits }: NewMethod): boolean {
  if (microDeposits !== true || source.kind === 'card') return false;
  return source.kind === 'token' ? source.method === 'bank_account' : source.account.iban === undefined;
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
  { id: setupId, gateway }: Pick<Setup, 'id' | 'gateway'>,
): Promise<SetupReply> {
  try {
    return await gatewayNamed(scope, gateway).setup({
      account: accountAt(scope),
      setupId,
      customerRef: String(scope.customerId),
      source: order.with,
      microDeposits: isSlow(order),
      returnUrl: new URL(urls.setupAgain(setupId), scope.tenant.origin).href,
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

async function assertCalm(scope: CustomerScope): Promise<void> {
  const since = nowMs(scope.clock) - HOUR_MS;
  const declines = await scope.db
    .from('events')
    .select('id')
    .where('type', '=', DECLINED)
    .where('at', '>', since)
    .limit(MOST_DECLINES)
    .execute();
  if (declines.length >= MOST_DECLINES) refuse('too_many_requests');
  const begun = await scope.db
    .from('method_setups')
    .select('id')
    .where('created_at', '>', since)
    .limit(MOST_SETUPS)
    .execute();
  if (begun.length >= MOST_SETUPS) refuse('too_many_requests');
}
