import { formatMoney, type Money, sum } from '#src/kernel/money.ts';
import { attemptsNamed } from '#src/payments/attempts/attempt.ts';
import type { Collected } from '#src/payments/collecting/autopay.ts';
import { confirmedAt } from '../confirmation.ts';
import { urls } from '#src/portal/urls.ts';
import type { Visitor } from '../visitor.ts';

/*
 * What was collected at once, from the form that caused it to the page that confirms it: the address names attempts, and the page reads what they
 * came to.
 */

/** The most attempts that an address names. */
const MOST_NAMED = 20;

/** The part of an address that tells what became of what was due. */
function whatBecameOf(done: readonly Collected[]): {
  readonly tried?: string;
  readonly aside?: number;
} {
  const attempts = done.flatMap(({ outcome }) => ('attemptId' in outcome ? [outcome.attemptId] : []));
  const aside = done.filter(({ outcome }) => outcome.state === 'parked').length;
  const named = [...new Set(attempts)].slice(0, MOST_NAMED);
  return {
    ...(named.length > 0 ? { tried: named.join('.') } : {}),
    ...(aside > 0 ? { aside } : {}),
  };
}

/** Where turning AutoPay on ends: it says from what is collected, what was, and what comes next. */
export function afterEnrolment(done: readonly Collected[]): string {
  return confirmedAt(urls.autopay, 'on', whatBecameOf(done));
}

/** The sentences of it: what was taken, and what was not. */
export async function readOutcome(
  { scope, language }: Visitor,
  search: URLSearchParams,
): Promise<{ readonly taken: string | undefined; readonly failed: string | undefined }> {
  const ids = (search.get('tried') ?? '').split('.').filter((id) => /^[0-9A-Za-z_-]{24}$/.test(id));
  const attempts = await attemptsNamed(scope, ids.slice(0, MOST_NAMED));
  const of = (...states: string[]) => attempts.filter(({ state }) => states.includes(state));
  const invoices = (some: typeof attempts): string => {
    const count = some.reduce((all, one) => all + one.invoices, 0);
    return count === 1 ? '1 invoice' : `${count} invoices`;
  };
  const paid = of('succeeded');
  const onItsWay = of('submitted', 'processing');
  const declined = of('declined', 'abandoned');
  const aside = Number(search.get('aside') ?? 0);
  const taken = [
    paid.length > 0 && `${sumOf(paid, language)} has been collected for ${invoices(paid)}.`,
    onItsWay.length > 0 && `${sumOf(onItsWay, language)} for ${invoices(onItsWay)} is on its way.`,
  ].filter(Boolean);
  const failed = [
    declined.length > 0 &&
      `${sumOf(declined, language)} for ${invoices(declined)} could not be collected: ${declined[0]!.reason}`,
    aside > 0 &&
      aside < 1000 &&
      `${aside === 1 ? '1 invoice' : `${aside} invoices`} cannot be collected with it.`,
  ].filter(Boolean);
  return { taken: taken.join(' ') || undefined, failed: failed.join(' ') || undefined };
}

function sumOf(attempts: ReadonlyArray<{ readonly charge: Money }>, language: string): string {
  const byCurrency = Map.groupBy(attempts, ({ charge }) => charge.currency);
  return [...byCurrency]
    .map(([currency, some]) =>
      formatMoney(
        sum(
          some.map(({ charge }) => charge),
          currency,
        ),
        language,
      ),
    )
    .join(' and ');
}
