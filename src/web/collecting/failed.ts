import type { NoticeModel } from '#src/components/models.ts';
import { longDate } from '#src/kernel/format.ts';
import { dateOf } from '#src/kernel/time.ts';
import { returnedDebits } from '#src/payments/attempts/returned.ts';
import { failedTries } from '#src/payments/attempts/retries.ts';
import { nextTryOf, upcomingCollections } from '#src/payments/collecting/collections.ts';
import { amount } from '../formatting.ts';
import { urls } from '#src/portal/urls.ts';
import type { Visitor } from '../visitor.ts';
import { andMore, wordCollections } from '../paying/collection-words.ts';

/**
 * That the last try to collect something of an invoice failed, or that the customer's own debit came back: why, and what follows; undefined where
 * neither did.
 */
export async function failedNotice(visitor: Visitor, invoiceId: number): Promise<NoticeModel | undefined> {
  const { scope, language, account } = visitor;
  const failed = (await failedTries(scope)).findLast((one) => one.invoiceId === invoiceId);
  if (!failed) return returnedNotice(visitor, invoiceId);
  const upcoming = nextTryOf(await upcomingCollections(scope), failed.slot);
  const [next] = await wordCollections(visitor, upcoming ? [upcoming] : []);
  const when = longDate(dateOf(failed.at, scope.tenant.timeZone), language);
  const follows = next
    ? `We try again ${next.when} with ${next.method}.`
    : 'We do not try again by ourselves: pay it here, or choose another payment method and we try at once.';
  return {
    tone: 'bad',
    title: `We could not collect ${amount(failed.amount, language)} on ${when}${failed.others > 0 ? `, for this${andMore(failed.others)}` : ''}`,
    text: [failed.reason, follows].filter(Boolean).join(' '),
    link:
      account.role === 'viewer' ? undefined : { label: 'Choose another payment method', href: urls.methods },
  };
}

async function returnedNotice(
  { scope, language }: Visitor,
  invoiceId: number,
): Promise<NoticeModel | undefined> {
  const returned = (await returnedDebits(scope)).find((one) => one.invoiceId === invoiceId);
  if (!returned) return undefined;
  const when = longDate(dateOf(returned.at, scope.tenant.timeZone), language);
  return {
    tone: 'bad',
    title: `Your payment of ${amount(returned.amount, language)} came back on ${when}`,
    text: [returned.reason, 'The invoice is open again.'].filter(Boolean).join(' '),
  };
}
