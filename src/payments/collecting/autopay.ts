import { Refusal, type RefusalCode, refuse } from '../../kernel/errors.ts';
import { nowMs, startOfTomorrowMs } from '../../kernel/time.ts';
import { billingDetails } from '../../customers/customers.ts';
import { customerScope, type CustomerScope, type MerchantScope, transact } from '../../scope.ts';
import { type Allocation, fingerprintOf, type Intent, type Sending } from '../attempts/attempt.ts';
import { type PaymentOutcome, takeMoney } from '../taking/charge.ts';
import { isReachable } from '../gateways/gateways.ts';
import { assertWithinBounds } from './bounds.ts';
import { type Collection, stillDue, upcomingCollections } from './collections.ts';
import { type PaymentMethod, sourceOf, usableMethod } from '../methods/methods.ts';
import { park } from './parking.ts';
import { assertMethod, intentOf } from '../taking/pay.ts';
import { type PayingMethod, payingMethods } from '../attempts/terms.ts';
import { claimSlot, reopenFailed, setNextTry } from '../attempts/retries.ts';
import { nonceOf } from '../attempts/slot.ts';

/** What became of something that was due. `waiting` is looked at again by itself, `parked` only when the operator releases it. */
export interface Collected {
  readonly collection: Collection;
  readonly outcome: PaymentOutcome | { readonly state: 'waiting' | 'parked'; readonly reason: string };
}

export interface CollectOptions {
  /** Only what was due until then (epoch ms), which is not later than now. */
  readonly until?: number | undefined;
  /** The most to try in one go. */
  readonly most?: number | undefined;
}

const MOST_AT_ONCE = 200;

/**
 * Collects what AutoPay and active payment plans of a tenant have due, and answers what became of each. It may run as often as one likes, on
 * several processes at once and with a clock that jumps: a slot charges at most once. Nobody is asked to confirm anything.
 */
export async function collectDue(
  merchant: MerchantScope,
  { until, most = MOST_AT_ONCE }: CollectOptions = {},
): Promise<Collected[]> {
  const last = Math.min(until ?? Infinity, nowMs(merchant.clock));
  const due = (await upcomingCollections(merchant)).filter(({ at }) => at <= last);
  const done: Collected[] = [];
  let tried = 0;
  for (const collection of due) {
    // What waits does not keep what comes after it waiting.
    if (tried === most) break;
    const scope = customerScope(merchant, collection.customerId);
    try {
      const collected = await collect(scope, collection);
      if (collected.outcome.state !== 'waiting') tried += 1;
      done.push(collected);
    } catch (error) {
      // One customer's trouble must not keep the others' money waiting.
      merchant.log.error('a collection failed', { slot: nonceOf(collection), reason: String(error) });
    }
  }
  return done;
}

/**
 * Collects at once what failed before, because the customer has a new instrument, and whatever else is due of theirs; answers what became of
 * each, to be shown.
 */
export async function retryAutopay(scope: CustomerScope): Promise<Collected[]> {
  await transact(scope, reopenFailed);
  const now = nowMs(scope.clock);
  const done: Collected[] = [];
  for (const collection of await upcomingCollections(scope)) {
    if (collection.at <= now) done.push(await collect(scope, collection));
  }
  return done;
}

async function collect(scope: CustomerScope, collection: Collection): Promise<Collected> {
  let wanted: Intent | undefined;
  try {
    const method = await usableMethod(scope, collection.methodId ?? refuse('nothing_to_pay'));
    const source = sourceOf(method);
    const reachable = await isReachable(scope, method.gateway);
    const outcome = await takeMoney(
      scope,
      sendingOf(collection),
      async (within) => {
        const due = (await stillDue(within, collection)) ?? refuse('nothing_to_pay');
        if (due.methodId !== method.id) refuse('nothing_to_pay');
        const disabled = await disabledMethods(within, due.invoiceId);
        const methods = await payingMethods(within, due.amount.currency, disabled);
        const intent = await intentFor(within, due, method, methods);
        wanted = intent;
        if (!reachable) refuse('method_not_offered');
        await assertWithinBounds(within, due, intent);
        assertMethod(within, intent, methods);
        if (!(await claimSlot(within, due))) refuse('nothing_to_pay');
        return intent;
      },
      { source, offSession: true },
    );
    return { collection, outcome };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { collection, outcome: await putOff(scope, collection, wanted, error) };
  }
}

/** A slot charges at most once, whatever it comes to. */
function sendingOf(slot: Collection): Sending {
  const nonce = nonceOf(slot);
  return { nonce, fingerprint: fingerprintOf([], nonce) };
}

async function intentFor(
  scope: CustomerScope,
  due: Collection,
  method: PaymentMethod,
  methods: readonly PayingMethod[],
): Promise<Intent> {
  const { email } = await billingDetails(scope);
  const { invoiceId: id, clientId, number, amount } = due;
  const allocations: Allocation[] = [{ to: 'invoice', id, clientId, number, amount }];
  const payer = { ...sendingOf(due), receiptEmail: email };
  const paidWith = { source: sourceOf(method), methodId: method.id };
  return { ...(await intentOf(scope, payer, paidWith, allocations, methods)), source: due.kind };
}

const PARKED_FOR: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'autopay_above_limit',
  'autopay_too_often',
  'method_not_offered',
  'below_minimum',
  'above_maximum',
]);

/** Nothing was charged: the collection is parked, waits for tomorrow, or is looked at again soon. */
async function putOff(
  scope: CustomerScope,
  collection: Collection,
  intent: Intent | undefined,
  refusal: Refusal,
): Promise<Collected['outcome']> {
  const reason = refusal.message;
  if (intent && PARKED_FOR.has(refusal.code)) {
    await park(scope, collection, intent, refusal);
    return { state: 'parked', reason };
  }
  if (refusal.code === 'autopay_day_full') await waitUntilTomorrow(scope, collection);
  return { state: 'waiting', reason };
}

async function disabledMethods(scope: CustomerScope, invoiceId: number): Promise<Array<string | null>> {
  const rows = await scope.db
    .from('invoices')
    .select('disabled_methods')
    .where('id', '=', invoiceId)
    .execute();
  return rows.map((row) => row.disabled_methods);
}

/** The slot is not used up: tomorrow has a limit of its own. */
async function waitUntilTomorrow(scope: CustomerScope, collection: Collection): Promise<void> {
  const before = { ...collection, attempt: collection.attempt - 1 };
  await setNextTry(scope, before, startOfTomorrowMs(scope.clock, scope.tenant.timeZone));
}
