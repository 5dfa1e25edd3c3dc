import { formatMoney, sum } from '#src/kernel/money.ts';
import { nowMs } from '#src/kernel/time.ts';
import { type Collection, upcomingCollections } from '#src/payments/collecting/collections.ts';
import type { Visitor } from '../visitor.ts';

/** What AutoPay would collect at once if the customer enrolled now, in the same form or before. */
export async function dueIfEnrolled({ scope }: Visitor): Promise<Collection[]> {
  const now = nowMs(scope.clock);
  return (await upcomingCollections(scope, { asIfEnrolled: true })).filter(({ at }) => at <= now);
}

/** What collections come to, one sum a currency: "€5,202.78", "€20.00 and $5.00"; empty for none. Fees are not in it. */
export function sumText(collections: readonly Collection[], language: string): string {
  const byCurrency = Map.groupBy(collections, ({ amount }) => amount.currency);
  return [...byCurrency]
    .map(([currency, some]) =>
      formatMoney(
        sum(
          some.map(({ amount }) => amount),
          currency,
        ),
        language,
      ),
    )
    .join(' and ');
}
