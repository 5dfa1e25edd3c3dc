import type { AccountModel, BalanceModel, Step } from '#src/components/models.ts';
import type { AccountBalance, AgeingBucket } from '#src/documents/account.ts';
import { accountBalances } from '#src/documents/account.ts';
import { hasInvoices } from '#src/documents/invoices.ts';
import { recentPayments } from '#src/payments/receipts/receipts.ts';
import { longDate } from '#src/kernel/format.ts';
import { add, isPositive, type Money } from '#src/kernel/money.ts';
import type { Collection } from '#src/payments/collecting/collections.ts';
import { takesPayments } from '#src/payments/gateways/gateways.ts';
import { amount } from '../formatting.ts';
import type { PortalLocals } from '#src/locals.ts';
import type { Visitor } from '../visitor.ts';
import { smoothCollections } from '../collecting/collecting.ts';
import { accountCards } from './account-cards.ts';
import { collectingSteps } from './collecting-steps.ts';
import { estimateSteps } from './estimate-steps.ts';
import { lateSteps } from './late-steps.ts';
import { methodSteps } from './method-steps.ts';
import { promiseSteps } from './promise-steps.ts';
import { paymentRow } from '../paying/payments-page.ts';
import { supportAddress } from '../shell.ts';
import { urls, withQuery } from '#src/portal/urls.ts';

/** What My Account shows: what is owed, what to do next, what was paid. */
export async function accountPage(locals: PortalLocals, visitor: Visitor): Promise<AccountModel> {
  const { scope, customer, language } = visitor;
  const balances = await accountBalances(scope, customer.currency);
  const payments = await recentPayments(scope, 5);
  const isBilled = await hasInvoices(scope);
  const upcoming = await smoothCollections(visitor);
  const shown = balances.filter((balance, i) => i === 0 || balance.openCount > 0 || balance.credit.minor > 0);
  const sorted = shown.toSorted((a, b) => Number(b.due.minor > 0) - Number(a.due.minor > 0));
  const collected = new Set(sorted.filter((balance) => isCollected(balance, upcoming)));
  const urgent = sorted.find((balance) => isPayable(balance, visitor) && !collected.has(balance));
  return {
    balances: sorted.map((balance) =>
      balanceModel(balance, visitor, {
        isOnly: sorted.length === 1,
        isBilled,
        collects: collected.has(balance),
        isUrgent: balance === urgent,
      }),
    ),
    steps: [
      ...(await lateSteps(balances, visitor)),
      ...(await promiseSteps(visitor)),
      ...(await collectingSteps(visitor)),
      ...(await estimateSteps(visitor)),
      ...(await methodSteps(visitor)),
      ...detailSteps(visitor),
    ],
    cards: await accountCards(visitor),
    payments: payments.map((payment) => paymentRow(payment, language)),
    paymentsHref: urls.payments,
    billing: billing(visitor),
    help: help(locals),
  };
}

function balanceModel(
  balance: AccountBalance,
  visitor: Visitor,
  {
    isOnly,
    isBilled,
    collects,
    isUrgent,
  }: {
    readonly isOnly: boolean;
    readonly isBilled: boolean;
    readonly collects: boolean;
    /** The one whose button is the main one of the page. */
    readonly isUrgent: boolean;
  },
): BalanceModel {
  const { scope, language } = visitor;
  const label = LABELS[scope.settings['ageing.basis']];
  const owes = isPositive(owedIn(balance));
  const largest = balance.ageing.reduce((sum, bucket) => sum + bucket.total.minor, 0);
  return {
    amount: amount(balance.due, language),
    note: balanceNote(balance, isBilled, language),
    payHref: isPayable(balance, visitor) ? payHref(balance, isOnly) : undefined,
    advanceHref: mayPayInAdvance(balance, visitor) ? urls.payInAdvance : undefined,
    payLabel: payLabel(scope, collects, isPositive(balance.due)),
    payQuiet: !isUrgent,
    ageing: owes
      ? balance.ageing
          .map((bucket, place) => ({
            place,
            label: label(bucket),
            count: bucket.count === 1 ? '1 invoice' : `${bucket.count} invoices`,
            amount: amount(bucket.total, language),
            share: largest > 0 ? bucket.total.minor / largest : 0,
          }))
          .filter(({ place }) => balance.ageing[place]!.count > 0)
      : [],
  };
}

function isPayable(balance: AccountBalance, { account }: Visitor): boolean {
  return balance.payableCount > 0 && account.role !== 'viewer';
}

/** Whether all that is due is collected by itself: then nobody is asked to pay. */
function isCollected(balance: AccountBalance, upcoming: readonly Collection[]): boolean {
  const { currency } = balance;
  const owed = owedIn(balance);
  const own = upcoming.filter(({ amount: one }) => one.currency === currency);
  const collected = own.reduce((total, { amount: one }) => total + one.minor, 0);
  return isPositive(owed) && collected >= owed.minor;
}

/** What is open, now and in later instalments. */
function owedIn({ due, later }: AccountBalance): Money {
  return add(due, later);
}

function payLabel(scope: Visitor['scope'], collects: boolean, isDue: boolean): string {
  if (!takesPayments(scope)) return 'How to pay';
  if (!isDue) return 'Pay early';
  return collects ? 'Pay now instead' : 'Pay now';
}

/** Everything that is open in a currency is paid at once. */
function payHref({ currency }: AccountBalance, isOnly: boolean): string {
  return isOnly ? urls.pay : withQuery(urls.pay, { currency });
}

function mayPayInAdvance({ currency }: AccountBalance, { scope, account, customer }: Visitor): boolean {
  const isOffered = scope.settings['payments.advance'] && account.role !== 'viewer';
  return isOffered && currency === customer.currency && takesPayments(scope);
}

function balanceNote(balance: AccountBalance, isBilled: boolean, language: string): string {
  const parts: string[] = [];
  if (balance.pastDueCount === 1) parts.push('1 invoice is past due.');
  if (balance.pastDueCount > 1) parts.push(`${balance.pastDueCount} invoices are past due.`);
  if (balance.nextDue)
    parts.push(`Next: ${balance.nextDue.number} on ${longDate(balance.nextDue.date, language)}.`);
  if (isPositive(balance.later)) parts.push(`${amount(balance.later, language)} more in later instalments.`);
  if (balance.pending.minor > 0) parts.push(`${amount(balance.pending, language)} is on its way.`);
  if (parts.length > 0) return parts.join(' ');
  if (balance.due.minor > 0) return 'Due now.';
  return isBilled ? 'You are all paid up. Thank you.' : 'Nothing has been invoiced yet.';
}

/** What a range is called, by what its days count from. */
const LABELS = {
  due_date: (bucket: AgeingBucket) =>
    bucket.from === undefined ? 'Not yet due' : `${daysOf(bucket)} days late`,
  date: (bucket: AgeingBucket) =>
    bucket.from === undefined ? 'Issued today or later' : `${daysOf(bucket)} days old`,
} as const;

function daysOf({ from, to }: AgeingBucket): string {
  return to === undefined ? `${from}+` : `${from}–${to}`;
}

function detailSteps({ customer }: Visitor): Step[] {
  if (customer.addressLines.length > 0) return [];
  return [
    {
      icon: 'person',
      tone: 'accent',
      title: 'We have no address for you yet',
      text: 'Send it to us, and it will be on your next invoice.',
    },
  ];
}

function billing({ customer }: Visitor): AccountModel['billing'] {
  return {
    name: customer.name,
    lines: [
      ...(customer.attentionTo && customer.attentionTo !== customer.name ? [customer.attentionTo] : []),
      ...customer.addressLines,
    ],
    facts: [customer.email, customer.phone, customer.taxId && `Tax ID ${customer.taxId}`].filter(
      (fact) => typeof fact === 'string' && fact !== '',
    ) as string[],
  };
}

function help(locals: PortalLocals): AccountModel['help'] {
  const { tenant } = locals.merchant;
  const support = supportAddress(locals);
  const links = [
    ...(support ? [{ label: support, href: `mailto:${support}`, icon: 'mail' as const }] : []),
    ...(tenant.phone
      ? [{ label: tenant.phone, href: `tel:${tenant.phone.replace(/[^+\d]/g, '')}`, icon: 'phone' as const }]
      : []),
  ];
  return links.length > 0 ? { text: `${tenant.name} is glad to help.`, links } : undefined;
}
