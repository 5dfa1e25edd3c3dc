import { Refusal } from '../../kernel/errors.ts';
import { add } from '../../kernel/money.ts';
import type { CustomerScope } from '../../scope.ts';
import { assertMayPay, feeOn, type PayingMethod, payingMethods } from '../attempts/terms.ts';
import { listMethods, onlineMethodOf } from '../methods/methods.ts';
import { assertBelowLimit } from './bounds.ts';
import type { Collection } from './collections.ts';

/** A collection that is known today not to be taken, and why (a sentence). */
export interface Obstacle {
  readonly collection: Collection;
  readonly reason: string;
}

/** Which of these collections will be put aside instead of charged, as things stand: what is too much, or not to be paid with the instrument. */
export async function obstaclesTo(
  scope: CustomerScope,
  collections: readonly Collection[],
): Promise<Obstacle[]> {
  if (collections.length === 0) return [];
  const instruments = new Map((await listMethods(scope)).map((method) => [method.id, method]));
  const disabled = await disabledOf(scope, collections);
  const found: Obstacle[] = [];
  // Most collections are alike in currency and in what is off: their terms are read once.
  const terms = new Map<string, Promise<PayingMethod[]>>();
  const termsFor = (currency: string, off: string | null): Promise<PayingMethod[]> => {
    const key = `${currency} ${off ?? ''}`;
    const known = terms.get(key) ?? payingMethods(scope, currency, [off]);
    terms.set(key, known);
    return known;
  };
  for (const collection of collections) {
    const { amount, methodId, invoiceId, number } = collection;
    const instrument = methodId === undefined ? undefined : instruments.get(methodId);
    if (!instrument) continue;
    try {
      const methods = await termsFor(amount.currency, disabled.get(invoiceId) ?? null);
      const method = assertMayPay(scope, methods, onlineMethodOf(instrument), amount);
      assertBelowLimit(scope, number, add(amount, feeOn(method, amount)));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      found.push({ collection, reason: error.message });
    }
  }
  return found;
}

async function disabledOf(
  scope: CustomerScope,
  collections: readonly Collection[],
): Promise<ReadonlyMap<number, string | null>> {
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
