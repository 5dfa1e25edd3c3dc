import { longDate } from '#src/kernel/format.ts';
import { isPositive } from '#src/kernel/money.ts';
import { todayIn } from '#src/kernel/time.ts';
import { slotName } from '#src/payments/attempts/slot.ts';
import { type PlannedCharge, plannedCharges } from '#src/payments/collecting/charges.ts';
import { type Collection, upcomingCollections } from '#src/payments/collecting/collections.ts';
import { listMethods, type PaymentMethod, titleOf } from '#src/payments/methods/methods.ts';
import { amount } from '../formatting.ts';
import type { Visitor } from '../visitor.ts';

/** A collection as people read it, with the charge that it is part of. */
export interface CollectionWords {
  readonly collection: Collection;
  /** Everything that is charged then: a convenience fee, and what is collected together with it. */
  readonly total: string;
  /** "a fee of €1.20 included"; undefined without one. */
  readonly fee: string | undefined;
  /** How many other invoices and instalments the same charge collects. */
  readonly others: number;
  /** "today", "on 30 November 2026". */
  readonly when: string;
  /** "Visa ending 4242". */
  readonly method: string;
}

/** Words some of what will be collected, with what is charged together with it. */
export async function wordCollections(
  visitor: Visitor,
  collections: readonly Collection[],
): Promise<CollectionWords[]> {
  if (collections.length === 0) return [];
  const { scope, language } = visitor;
  const methods = await listMethods(scope);
  const { charges } = await plannedCharges(scope, await upcomingCollections(scope));
  const chargeOf = new Map(
    charges.flatMap((charge) => charge.collections.map((one) => [slotName(one), charge] as const)),
  );
  return collections.map((collection) => {
    const method = methods.find(({ id }) => id === collection.methodId);
    const charge = chargeOf.get(slotName(collection));
    return {
      collection,
      total: amount(charge?.total ?? collection.amount, language),
      fee: charge && includedText(charge, language),
      others: (charge?.collections.length ?? 1) - 1,
      when: whenText(visitor, collection),
      method: method ? nameOf(method) : 'your payment method',
    };
  });
}

/** "today", "on 30 November 2026". */
export function whenText({ scope, language }: Visitor, { date }: Pick<Collection, 'date'>): string {
  const today = todayIn(scope.clock, scope.tenant.timeZone).toString();
  return date === today ? 'today' : `on ${longDate(date, language)}`;
}

/** "a fee of €1.20 included"; undefined where the charge is what is collected. */
export function includedText(
  { fee, credit }: Pick<PlannedCharge, 'fee' | 'credit'>,
  language: string,
): string | undefined {
  const parts = [
    ...(isPositive(fee) ? [`a fee of ${amount(fee, language)} included`] : []),
    ...(isPositive(credit) ? [`${amount(credit, language)} of it kept as your credit`] : []),
  ];
  return parts.length > 0 ? parts.join(', ') : undefined;
}

/** "and 2 more"; empty for none. */
export function andMore(others: number): string {
  return others > 0 ? ` and ${others} more` : '';
}

export function nameOf(method: PaymentMethod): string {
  return method.label ?? titleOf(method);
}
