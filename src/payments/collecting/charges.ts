import { Refusal, refuse } from '../../kernel/errors.ts';
import { compare, formatMoney, type Money, subtract, sum, zero } from '../../kernel/money.ts';
import { nowMs } from '../../kernel/time.ts';
import { customerScope, type CustomerScope, type MerchantScope } from '../../scope.ts';
import { slotName } from '../attempts/slot.ts';
import {
  assertEnough,
  assertNotTooMuch,
  type Charge as ChargeMoney,
  chargeOn,
  offeredMethod,
  type OnlineMethod,
  type PayingMethod,
  payingMethods,
} from '../attempts/terms.ts';
import { listMethods, onlineMethodOf } from '../methods/methods.ts';
import { assertBelowLimit, assertFewTries, leftToday, mostADay } from './bounds.ts';
import type { Collection } from './collections.ts';

/*
 * What is taken at once: collections that are due together are one charge, as far as the merchant's terms and the bounds of AutoPay allow. The
 * run, its preview and every page that names an amount ask here.
 */

/** One charge, one receipt. */
export interface PlannedCharge extends ChargeMoney {
  /** The earliest first; of one customer, in one currency. */
  readonly collections: readonly [Collection, ...Collection[]];
  /** What they come to, without fee and credit. */
  readonly amount: Money;
}

/** A collection that will be put aside instead of charged, and why. */
export interface Obstacle {
  readonly collection: Collection;
  readonly refusal: Refusal;
}

export interface ChargePlan {
  /** In the order in which they are taken. */
  readonly charges: readonly PlannedCharge[];
  readonly obstacles: readonly Obstacle[];
  /** What today's limit does not hold any more: it waits for tomorrow. */
  readonly tomorrow: readonly Obstacle[];
}

/** What one customer is charged with. */
export interface ChargedWith {
  readonly method: OnlineMethod;
  /** Whether the gateway that keeps the instrument can be asked; it can unless told otherwise. */
  readonly isReachable?: boolean | undefined;
}

/** How these collections of one customer (in their order) are charged with a method, as things stand. */
export async function planCharges(
  scope: CustomerScope,
  collections: readonly Collection[],
  { method, isReachable = true }: ChargedWith,
): Promise<ChargePlan> {
  const obstacles: Obstacle[] = [];
  const takeable: Takeable[] = [];
  const termsOf = await termsReader(scope, collections);
  for (const collection of collections) {
    try {
      if (!isReachable) refuse('method_not_offered');
      assertFewTries(collection);
      const terms = offeredMethod(await termsOf(collection), method);
      assertNotTooMuch(scope, terms, collection.amount);
      assertBelowLimit(scope, collection.number, chargeOn(terms, collection.amount).total);
      takeable.push({ collection, terms });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      obstacles.push({ collection, refusal: error });
    }
  }
  const plans = [];
  for (const group of groupsOf(scope, takeable)) plans.push(await fill(scope, group));
  return {
    charges: plans.flatMap(({ charges }) => charges),
    obstacles: [...obstacles, ...plans.flatMap((plan) => plan.obstacles)],
    tomorrow: plans.flatMap(({ tomorrow }) => tomorrow),
  };
}

/** The same for what they are charged with as things stand: the customer's default instrument. What has none is not among it. */
export async function plannedCharges(
  scope: CustomerScope,
  collections: readonly Collection[],
): Promise<ChargePlan> {
  const methodId = collections.find((one) => one.methodId !== undefined)?.methodId;
  const instrument = (await listMethods(scope)).find(({ id }) => id === methodId);
  if (!instrument) return { charges: [], obstacles: [], tomorrow: [] };
  const own = collections.filter((one) => one.methodId === methodId);
  return planCharges(scope, own, { method: onlineMethodOf(instrument) });
}

/** Something that will be collected, as the run will take it. */
export interface Previewed {
  readonly collection: Collection;
  /** What it is charged with; undefined where it is not charged then. */
  readonly charge: PlannedCharge | undefined;
  /** Why not. */
  readonly reason: string | undefined;
}

/** What would become of collections of a tenant if the run took them as things stand, in their order. */
export async function previewCharges(
  merchant: MerchantScope,
  collections: readonly Collection[],
): Promise<Previewed[]> {
  const known = new Map<string, Pick<Previewed, 'charge' | 'reason'>>();
  for (const [customerId, own] of Map.groupBy(collections, (one) => one.customerId)) {
    const plan = await plannedCharges(customerScope(merchant, customerId), own);
    for (const charge of plan.charges)
      for (const one of charge.collections) known.set(slotName(one), { charge, reason: undefined });
    for (const { collection, refusal } of [...plan.obstacles, ...plan.tomorrow])
      known.set(slotName(collection), { charge: undefined, reason: refusal.message });
  }
  return collections.map((collection) => ({
    collection,
    ...(known.get(slotName(collection)) ?? { charge: undefined, reason: undefined }),
  }));
}

interface Takeable {
  readonly collection: Collection;
  readonly terms: PayingMethod;
}

type Group = readonly [Takeable, ...Takeable[]];

/** What is collected at one moment in one currency; each by itself where the merchant wants it so. */
function groupsOf({ clock, settings }: CustomerScope, takeable: readonly Takeable[]): Group[] {
  const now = nowMs(clock);
  const groups = Map.groupBy(takeable, ({ collection: { amount, at } }) =>
    [amount.currency, Math.max(at, now)].join(' '),
  );
  const alike = [...groups.values()] as unknown as Group[];
  if (settings['autopay.collect'] === 'together') return alike;
  return alike.flatMap((group) => group.map((one): Group => [one]));
}

/** Makes as few charges of a group as its terms, the most invoices of one payment and the day's limit allow. */
async function fill(scope: CustomerScope, group: Group): Promise<ChargePlan> {
  const [{ collection: first, terms }] = group;
  const { currency } = first.amount;
  const isNow = first.at <= nowMs(scope.clock);
  let room = isNow ? await leftToday(scope, currency) : mostADay(scope, currency);
  const charges: PlannedCharge[] = [];
  const tomorrow: Obstacle[] = [];
  let open: PlannedCharge | undefined;
  for (const { collection } of group) {
    let wider = chargeFor(terms, [...(open?.collections ?? []), collection]);
    if (open && !fitsOne(scope, terms, wider)) {
      charges.push(open);
      room = room && subtract(room, open.total);
      open = undefined;
      wider = chargeFor(terms, [collection]);
    }
    if (room && compare(wider.total, room) > 0)
      tomorrow.push({ collection, refusal: dayFull(scope, currency) });
    else open = wider;
  }
  if (open) charges.push(open);
  return { ...withoutTooSmall(scope, terms, charges), tomorrow };
}

function chargeFor(terms: PayingMethod, collections: readonly Collection[]): PlannedCharge {
  const { currency } = collections[0]!.amount;
  const amount = sum(
    collections.map((one) => one.amount),
    currency,
  );
  return { collections: collections as PlannedCharge['collections'], amount, ...chargeOn(terms, amount) };
}

/** Whether a payment may be that large and for so many invoices. */
function fitsOne(scope: CustomerScope, { maximum }: PayingMethod, charge: PlannedCharge): boolean {
  const invoices = new Set(charge.collections.map(({ invoiceId }) => invoiceId)).size;
  return (
    invoices <= scope.settings['payments.most_invoices'] && !(maximum && compare(charge.amount, maximum) > 0)
  );
}

function withoutTooSmall(
  scope: CustomerScope,
  terms: PayingMethod,
  charges: readonly PlannedCharge[],
): Pick<ChargePlan, 'charges' | 'obstacles'> {
  const obstacles: Obstacle[] = [];
  const enough = charges.filter((charge) => {
    try {
      assertEnough(scope, terms, charge.amount);
      return true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      obstacles.push(...charge.collections.map((collection) => ({ collection, refusal: error })));
      return false;
    }
  });
  return { charges: enough, obstacles };
}

/** Reads the terms of a collection: what is off for its invoice counts. Most are alike, so that each terms are read once. */
async function termsReader(
  scope: CustomerScope,
  collections: readonly Collection[],
): Promise<(collection: Collection) => Promise<readonly PayingMethod[]>> {
  const disabled = await disabledOf(scope, collections);
  const read = new Map<string, Promise<readonly PayingMethod[]>>();
  return ({ amount: { currency }, invoiceId }) => {
    const off = disabled.get(invoiceId) ?? null;
    const key = `${currency} ${off ?? ''}`;
    const known = read.get(key) ?? payingMethods(scope, currency, [off]);
    read.set(key, known);
    return known;
  };
}

async function disabledOf(
  scope: CustomerScope,
  collections: readonly Collection[],
): Promise<ReadonlyMap<number, string | null>> {
  if (collections.length === 0) return new Map();
  const rows = await scope.db
    .from('invoices')
    .select(['id', 'disabled_methods'])
    .where('disabled_methods', 'is not', null)
    .where(
      'id',
      'in',
      collections.map(({ invoiceId }) => invoiceId),
    )
    .execute();
  return new Map(rows.map(({ id, disabled_methods: list }) => [id, list]));
}

function dayFull(scope: CustomerScope, currency: string): Refusal {
  const limit = mostADay(scope, currency) ?? zero(currency);
  return new Refusal('autopay_day_full', { limit: formatMoney(limit, scope.tenant.language) });
}
