import type { NoticeModel } from '#src/components/models.ts';
import type { InvoiceSummary } from '#src/documents/invoices.ts';
import { longDate } from '#src/kernel/format.ts';
import { sum } from '#src/kernel/money.ts';
import type { OfflineMethod } from '#src/payments/attempts/terms.ts';
import { type Collection, upcomingCollections } from '#src/payments/collecting/collections.ts';
import { isUnderAutopay } from '#src/payments/methods/enrolment.ts';
import type { PaymentPromise } from '#src/payments/outside/promises.ts';
import { dueNow } from '#src/payments/taking/parts.ts';
import { confirmation, doneOf } from '../confirmation.ts';
import { amount } from '../formatting.ts';
import type { Visitor } from '../visitor.ts';
import { andMore, wordCollections } from './collection-words.ts';

/* What somebody promised to pay outside the portal, as people read it. */

/** How people speak of the ways to pay outside the portal. */
export const OUTSIDE: Readonly<Record<OfflineMethod, string>> = {
  wire_transfer: 'bank transfer',
  check: 'check',
};

/** The collections that AutoPay, or a plan, would make of invoices. */
export async function collectedOf(
  { scope }: Visitor,
  invoices: readonly InvoiceSummary[],
): Promise<Collection[]> {
  const ids = new Set(invoices.map(({ id }) => id));
  return (await upcomingCollections(scope)).filter(({ invoiceId }) => ids.has(invoiceId));
}

/** What was promised, in words: `You told us that you pay €100.00 for INV-1 by bank transfer, to arrive by 3 December 2026.` */
export function promiseText(
  { method, expectedDate, madeBy }: PaymentPromise,
  language: string,
  what?: string,
): string {
  const who = madeBy === 'customer' ? 'You told us that you pay' : 'We noted that you pay';
  return `${who}${what ? ` ${what}` : ''} by ${OUTSIDE[method]}, to arrive by ${longDate(expectedDate, language)}.`;
}

/** Confirms what was said just now, or tells of what was said before, with what it means for AutoPay. */
export async function promiseNotice(
  visitor: Visitor,
  invoices: readonly InvoiceSummary[],
  promise: PaymentPromise | undefined,
  search: URLSearchParams,
): Promise<NoticeModel | undefined> {
  const { scope, language } = visitor;
  const done = doneOf(search, ['promised', 'withdrawn']);
  if (done === 'withdrawn' && promise?.state !== 'open') return withdrawnNotice(visitor, invoices);
  if (!promise) return undefined;
  const due = dueOf(visitor, invoices);
  const under = await Promise.all(invoices.map(({ id }) => isUnderAutopay(scope, id)));
  const alone = under.some(Boolean) ? 'AutoPay leaves it alone.' : undefined;
  if (promise.state === 'open' && done === 'promised')
    return confirmation(
      'Thank you. We have noted it.',
      [
        ['To', scope.tenant.name],
        namedFact(invoices),
        ['Amount', due],
        ['By', OUTSIDE[promise.method]],
        ['To arrive by', longDate(promise.expectedDate, language)],
      ],
      { text: alone },
    );
  const said = promiseText(promise, language, `${due} for ${listOf(invoices)}`);
  const isBroken = promise.state === 'broken';
  return {
    tone: isBroken ? 'warn' : 'good',
    title: isBroken ? 'We have not seen your payment' : 'You have told us already',
    text: [said, alone, isBroken && 'If it is under way, tell us a new day.'].filter(Boolean).join(' '),
  };
}

/** What is open and due again, and whether AutoPay collects it. */
async function withdrawnNotice(visitor: Visitor, invoices: readonly InvoiceSummary[]): Promise<NoticeModel> {
  const [next] = await wordCollections(visitor, (await collectedOf(visitor, invoices)).slice(0, 1));
  return confirmation(
    'Your promise is taken back',
    [namedFact(invoices), ['Open', dueOf(visitor, invoices)], ['Due', dueText(invoices, visitor.language)]],
    {
      tone: 'calm',
      text: next && `AutoPay collects ${next.collection.number} ${next.when} from ${next.method}.`,
    },
  );
}

function dueOf({ language }: Visitor, invoices: readonly InvoiceSummary[]): string {
  return amount(sum(invoices.map(dueNow), invoices[0]!.total.currency), language);
}

function namedFact(invoices: readonly InvoiceSummary[]): readonly [string, string] {
  return [
    invoices.length === 1 ? 'Invoice' : 'Invoices',
    invoices.map(({ number }) => number).join(', '),
  ] as const;
}

/** The days on which invoices are due. */
function dueText(invoices: readonly InvoiceSummary[], language: string): string {
  const days = new Set(invoices.map(({ dueDate }) => (dueDate ? longDate(dueDate, language) : 'now')));
  return [...days].join(', ');
}

/** `INV-1`, `INV-1 and 2 more`. */
function listOf([first, ...others]: readonly InvoiceSummary[]): string {
  return `${first!.number}${andMore(others.length)}`;
}
