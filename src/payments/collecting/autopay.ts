import { Refusal, refuse } from '../../kernel/errors.ts';
import { sha256 } from '../../kernel/digest.ts';
import { money } from '../../kernel/money.ts';
import { nowMs, startOfTomorrowMs } from '../../kernel/time.ts';
import { billingDetails } from '../../customers/customers.ts';
import { customerScope, type CustomerScope, type MerchantScope, transact } from '../../scope.ts';
import { type Allocation, fingerprintOf, type Intent, type Sending } from '../attempts/attempt.ts';
import { claimSlot, reopenFailed, setNextTry } from '../attempts/retries.ts';
import { slotName } from '../attempts/slot.ts';
import { payingMethods } from '../attempts/terms.ts';
import { isReachable } from '../gateways/gateways.ts';
import { onlineMethodOf, type PaymentMethod, sourceOf, usableMethod } from '../methods/methods.ts';
import { type PaymentOutcome, takeOnce } from '../taking/charge.ts';
import { intentOf } from '../taking/pay.ts';
import { type Obstacle, planCharges } from './charges.ts';
import { type Collection, dueCollections, stillDue } from './collections.ts';
import { customersDue } from './due.ts';
import { park } from './parking.ts';

/**
 * What became of something that was due; what was collected by one charge has one attempt. `waiting` is looked at again by itself, `parked` only
 * when the operator releases it.
 */
export interface Collected {
  readonly collection: Collection;
  readonly outcome: PaymentOutcome | { readonly state: 'waiting' | 'parked'; readonly reason: string };
}

export interface CollectOptions {
  /** Only what was due until then (epoch ms), which is not later than now. */
  readonly until?: number | undefined;
  /** No customer is begun with after so many invoices and instalments were tried. */
  readonly most?: number | undefined;
}

const MOST_AT_ONCE = 200;

/**
 * Collects what AutoPay and active payment plans of a tenant have due, a customer's together, and answers what became of each. It may run as
 * often as one likes, on several processes at once and with a clock that jumps: a slot charges at most once. Nobody is asked to confirm anything.
 */
export async function collectDue(
  merchant: MerchantScope,
  { until, most = MOST_AT_ONCE }: CollectOptions = {},
): Promise<Collected[]> {
  const last = Math.min(until ?? Infinity, nowMs(merchant.clock));
  const due = await dueCollections(merchant, last);
  const done: Collected[] = [];
  let tried = 0;
  for (const [customerId, own] of Map.groupBy(due, (one) => one.customerId)) {
    // What waits does not keep what comes after it waiting.
    if (tried >= most) break;
    try {
      const collected = await collectFrom(customerScope(merchant, customerId), own);
      tried += collected.filter(({ outcome }) => outcome.state !== 'waiting').length;
      done.push(...collected);
    } catch (error) {
      // One customer's trouble must not keep the others' money waiting.
      merchant.log.error('a collection failed', { customer: customerId, reason: String(error) });
    }
  }
  return done;
}

/** Ids of the customers whom something is due of, the longest waiting first, at most so many. */
export async function dueCustomers(merchant: MerchantScope, most: number): Promise<string[]> {
  return (await customersDue(merchant, most)).map(String);
}

/** Collects what is due of one customer, by itself. Answers how much was tried. */
export async function collectFromCustomer(merchant: MerchantScope, customerId: string): Promise<number> {
  const collected = await collectNow(customerScope(merchant, Number(customerId), 'autopay'));
  return collected.filter(({ outcome }) => outcome.state !== 'waiting').length;
}

/**
 * Collects at once what is due of a customer who is there, of `agreed` (names of slots) where that is given, and answers what became of each, to be
 * shown. What failed before is due when the instrument has changed since; `failedToo` tries it again because the customer asks for it.
 */
export async function collectNow(
  scope: CustomerScope,
  { agreed, failedToo = false }: CollectNowOptions = {},
): Promise<Collected[]> {
  if (failedToo) await transact(scope, reopenFailed);
  const due = await dueCollections(scope);
  return collectFrom(scope, agreed ? due.filter((one) => agreed.has(slotName(one))) : due);
}

export interface CollectNowOptions {
  readonly agreed?: ReadonlySet<string> | undefined;
  readonly failedToo?: boolean | undefined;
}

/** Takes what is due of one customer, in as few charges as their terms allow. */
async function collectFrom(scope: CustomerScope, due: readonly Collection[]): Promise<Collected[]> {
  const [first] = due;
  if (!first) return [];
  let instrument: Instrument;
  try {
    const method = await usableMethod(scope, first.methodId ?? refuse('nothing_to_pay'));
    instrument = { method, isReachable: await isReachable(scope, method.gateway) };
  } catch (error) {
    return waitAll(due, error);
  }
  const done: Collected[] = [];
  let rest = due;
  while (rest.length > 0) {
    const ended = await collectNext(scope, rest, instrument);
    const names = new Set(ended.map(({ collection }) => slotName(collection)));
    done.push(...ended);
    rest = rest.filter((one) => !names.has(slotName(one)));
  }
  return done;
}

interface Instrument {
  readonly method: PaymentMethod;
  readonly isReachable: boolean;
}

/** What one transaction decided over: what it put aside or left waiting, and what one charge is to collect. */
interface Decision {
  readonly ended: readonly Collected[];
  readonly charged: readonly Collection[];
  readonly intent: Intent | undefined;
}

/** Takes one charge of what is due, or none where nothing can be charged any more; answers what is done with. */
async function collectNext(
  scope: CustomerScope,
  due: readonly Collection[],
  instrument: Instrument,
): Promise<Collected[]> {
  let decision: Decision = { ended: [], charged: [], intent: undefined };
  try {
    const outcome = await takeOnce(
      scope,
      async (within) => {
        decision = await decide(within, due, instrument);
        return decision.intent;
      },
      { source: sourceOf(instrument.method), offSession: true },
    );
    const { ended, charged } = decision;
    return [...ended, ...(outcome ? charged.map((collection) => ({ collection, outcome })) : [])];
  } catch (error) {
    return waitAll(due, error);
  }
}

/** Nothing was charged and nothing written: all of it is looked at again. */
function waitAll(due: readonly Collection[], error: unknown): Collected[] {
  if (!(error instanceof Refusal)) throw error;
  return due.map((collection) => waiting({ collection, refusal: error }));
}

/** Looks at what is due as it stands within the transaction that begins the charge: all that is decided here is done, or nothing is. */
async function decide(
  scope: CustomerScope,
  wanted: readonly Collection[],
  { method, isReachable: reachable }: Instrument,
): Promise<Decision> {
  const due = (await stillDue(scope, wanted)).filter(({ methodId }) => methodId === method.id);
  const held = await heldInvoices(scope, due);
  const free = due.filter(({ invoiceId }) => !held.has(invoiceId));
  const plan = await planCharges(scope, free, { method: onlineMethodOf(method), isReachable: reachable });
  for (const { collection, refusal } of plan.obstacles)
    await park(scope, collection, await intentFor(scope, [collection], method), refusal);
  const [charge] = plan.charges;
  const ended = [
    ...gone(wanted, due),
    ...due.filter(({ invoiceId }) => held.has(invoiceId)).map(inProgress),
    ...plan.obstacles.map(parked),
  ];
  if (charge) {
    for (const collection of charge.collections)
      if (!(await claimSlot(scope, collection))) refuse('nothing_to_pay');
    const intent = await intentFor(scope, charge.collections, method);
    return { ended, charged: charge.collections, intent };
  }
  for (const { collection } of plan.tomorrow) await waitUntilTomorrow(scope, collection);
  return { ended: [...ended, ...plan.tomorrow.map(waiting)], charged: [], intent: undefined };
}

function waiting({ collection, refusal }: Obstacle): Collected {
  return { collection, outcome: { state: 'waiting', reason: refusal.message } };
}

function parked({ collection, refusal }: Obstacle): Collected {
  return { collection, outcome: { state: 'parked', reason: refusal.message } };
}

function inProgress(collection: Collection): Collected {
  return waiting({ collection, refusal: new Refusal('payment_in_progress', { number: collection.number }) });
}

/** What was paid, taken or changed meanwhile. */
function gone(wanted: readonly Collection[], due: readonly Collection[]): Collected[] {
  const left = new Set(due.map(slotName));
  const missing = wanted.filter((one) => !left.has(slotName(one)));
  return missing.map((collection) => waiting({ collection, refusal: new Refusal('nothing_to_pay') }));
}

/** Invoices that an attempt whose end is not known holds. */
async function heldInvoices(
  scope: CustomerScope,
  collections: readonly Collection[],
): Promise<ReadonlySet<number | null>> {
  if (collections.length === 0) return new Set();
  const rows = await scope.db
    .from('attempt_allocations')
    .select('invoice_id')
    .where('is_open', '=', 1)
    .where(
      'invoice_id',
      'in',
      collections.map(({ invoiceId }) => invoiceId),
    )
    .execute();
  return new Set(rows.map((row) => row.invoice_id));
}

async function intentFor(
  scope: CustomerScope,
  collections: readonly Collection[],
  method: PaymentMethod,
): Promise<Intent> {
  const { email } = await billingDetails(scope);
  const [first] = collections as [Collection];
  const payer = { ...sendingOf(collections), receiptEmail: email };
  const paidWith = { source: sourceOf(method), methodId: method.id };
  // What is off for one of the invoices was looked at before.
  const methods = await payingMethods(scope, first.amount.currency);
  const intent = await intentOf(scope, payer, paidWith, allocationsOf(collections), methods);
  const slots = collections.map(({ kind, id, attempt, invoiceId, amount }) => ({
    kind,
    id,
    attempt,
    invoiceId,
    minor: amount.minor,
  }));
  return { ...intent, source: first.kind, slots };
}

/** A slot charges at most once, whatever it comes to: so does a charge that is named by its slots. */
function sendingOf(collections: readonly Collection[]): Sending {
  const names = collections.map(slotName);
  const nonce = names.length === 1 ? names[0]! : `together:${sha256(names.join('|'))}`;
  return { nonce, fingerprint: fingerprintOf([], nonce) };
}

/** Each invoice once: what is collected of it may be several instalments. */
function allocationsOf(collections: readonly Collection[]): Allocation[] {
  return [...Map.groupBy(collections, ({ invoiceId }) => invoiceId).values()].map((own) => {
    const [{ invoiceId: id, clientId, number, amount }] = own as [Collection];
    const minor = own.reduce((total, one) => total + one.amount.minor, 0);
    return { to: 'invoice', id, clientId, number, amount: money(minor, amount.currency) };
  });
}

/** The slot is not used up: tomorrow has a limit of its own. */
async function waitUntilTomorrow(scope: CustomerScope, collection: Collection): Promise<void> {
  const before = { ...collection, attempt: collection.attempt - 1 };
  await setNextTry(scope, before, startOfTomorrowMs(scope.clock, scope.tenant.timeZone));
}
