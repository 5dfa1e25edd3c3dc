import type { ReceiptModel } from '#src/components/models.ts';
import { type Estimate, estimateWith } from '#src/documents/estimates.ts';
import { longDate } from '#src/kernel/format.ts';
import { add, isPositive, type Money, money, negate } from '#src/kernel/money.ts';
import { dateOf } from '#src/kernel/time.ts';
import type { Attempt, Purpose } from '#src/payments/attempts/attempt.ts';
import type { Receipt } from '#src/payments/receipts/receipts.ts';
import { whatFollows } from '../estimate-words.ts';
import { amount } from '../formatting.ts';
import type { Visitor } from '../visitor.ts';
import { urls } from '#src/portal/urls.ts';

/* What became of a payment: its receipt, or why there is none yet. */

/** The receipt of a payment, whatever happened to it since. */
export async function receiptPage(visitor: Visitor, receipt: Receipt): Promise<ReceiptModel> {
  const { language } = visitor;
  return {
    ...OUTCOMES[receipt.status],
    back: PAYMENTS,
    amount: amount(add(receipt.amount, receipt.fee), language),
    text: [await approvedText(visitor, receipt), textOf(receipt, language)].filter(Boolean).join(' '),
    facts: [
      { label: 'Receipt number', value: receipt.number },
      { label: 'Date', value: longDate(receipt.date, language) },
      { label: 'Paid with', value: receipt.methodLabel },
    ],
    items: [...paidItems(receipt, language), ...givenBack(visitor, receipt)],
    pdfHref: urls.receiptPdf(receipt.clientId),
    homeHref: urls.home,
  };
}

/** What was approved with a deposit, and what follows. */
async function approvedText(
  { scope, language }: Visitor,
  { status, deposits }: Receipt,
): Promise<string | undefined> {
  if (status !== 'paid' && status !== 'part_refunded') return undefined;
  const estimates = await Promise.all(deposits.map(({ clientId }) => estimateWith(scope, clientId)));
  return estimates
    .flatMap((estimate) => (estimate?.approval ? [estimate] : []))
    .map((estimate) => {
      const what = `estimate ${estimate.number} of ${amount(estimate.total, language)}`;
      return `You approved ${what}. ${whatFollows(estimate, scope.tenant.name, language)}`;
    })
    .join(' ');
}

const PAYMENTS = { label: 'Payments', href: urls.payments };

const OUTCOMES: Readonly<Record<Receipt['status'], Pick<ReceiptModel, 'state' | 'title'>>> = {
  pending: { state: 'processing', title: 'Your payment is on its way' },
  paid: { state: 'paid', title: 'Thank you. Your payment arrived.' },
  failed: { state: 'failed', title: 'Your payment did not arrive' },
  voided: { state: 'failed', title: 'This payment was taken back' },
  disputed: { state: 'processing', title: 'This payment is disputed' },
  refunded: { state: 'processing', title: 'This payment was given back' },
  part_refunded: { state: 'paid', title: 'A part of this payment was given back' },
};

function textOf({ status, refunded, email }: Receipt, language: string): string | undefined {
  switch (status) {
    case 'voided':
      return 'What it had paid is open again.';
    case 'disputed':
      return 'It was objected to at your bank, which decides over it.';
    case 'refunded':
    case 'part_refunded':
      return `${amount(refunded, language)} went back to where it came from. Banks may take some days to show it.`;
    case 'failed':
      return 'What it was meant to pay is still open.';
    default:
      return email ? `We mail the receipt to ${email}.` : undefined;
  }
}

function paidItems(receipt: Receipt, language: string): ReceiptModel['items'] {
  const line = (label: string, note: string | undefined, value: Money, href?: string) => ({
    label,
    note,
    amount: amount(value, language),
    href,
  });
  return [
    ...receipt.applied.map((row) =>
      line(row.number, leftOf(receipt, row, language), row.amount, urls.invoice(row.clientId)),
    ),
    ...receipt.deposits.map((row) =>
      line(row.number, 'Deposit, kept for its invoice', row.amount, urls.estimate(row.clientId)),
    ),
    ...(isPositive(receipt.credited)
      ? [line('Your credit', 'Kept for your next invoices', receipt.credited, urls.credit)]
      : []),
    ...(isPositive(receipt.fee) ? [line('Fee', 'For paying by card', receipt.fee)] : []),
  ];
}

function leftOf(
  { status }: Receipt,
  { balance, planned }: Receipt['applied'][number],
  language: string,
): string | undefined {
  if (status === 'refunded') return 'Given back';
  // Whether it stays paid is not known yet, or it is not.
  if (status !== 'paid' && status !== 'part_refunded') return undefined;
  if (!isPositive(balance)) return 'Paid in full';
  const next = planned && `, next ${amount(planned.amount, language)} on ${longDate(planned.date, language)}`;
  return `${amount(balance, language)} left${next ?? ''}`;
}

function givenBack({ scope, language }: Visitor, { refunds }: Receipt): ReceiptModel['items'] {
  return refunds.map((refund) => ({
    label: refund.state === 'succeeded' ? 'Given back' : 'On its way back',
    note: longDate(dateOf(refund.at, scope.tenant.timeZone), language),
    amount: amount(negate(refund.amount), language),
  }));
}

/** A payment that has no receipt yet: still being found out, on its way from a bank, or not taken. Trying again is for the same invoices. */
export async function attemptPage(
  { scope, language }: Visitor,
  attempt: Attempt,
  purposes: readonly Purpose[],
): Promise<ReceiptModel> {
  const failed = attempt.state === 'declined' || attempt.state === 'abandoned';
  const deposit = purposes.find(({ kind }) => kind === 'estimate');
  const estimate = deposit && (await estimateWith(scope, deposit.clientId));
  const words = failed ? notTaken(attempt) : underWay(attempt);
  return {
    ...words,
    text: [words.text, estimate && undecided(estimate, failed, language)].filter(Boolean).join(' '),
    back: PAYMENTS,
    amount: amount(chargeOf(attempt), language),
    facts: attempt.method_label
      ? [{ label: failed ? 'Tried with' : 'Paid with', value: attempt.method_label }]
      : [],
    items: attemptItems(attempt, purposes, language),
    itemsTitle: failed ? 'It was for' : 'It is for',
    retry: failed ? { label: 'Try again', href: againAt(purposes) } : undefined,
    homeHref: urls.home,
  };
}

/** An estimate is approved with its deposit, when that has been taken. */
function undecided(estimate: Estimate, failed: boolean, language: string): string {
  if (estimate.approval) return '';
  if (failed) return `Estimate ${estimate.number} is not approved yet.`;
  return `Estimate ${estimate.number} of ${amount(estimate.total, language)} is approved when the money has arrived.`;
}

/** Where the same is paid: what was paid in advance is for no document. */
function againAt(purposes: readonly Purpose[]): string {
  const [first] = purposes;
  if (!first) return urls.payInAdvance;
  if (first.kind === 'estimate') return urls.approval(first.clientId);
  return urls.payInvoices(purposes.map(({ clientId }) => clientId));
}

type Words = Pick<ReceiptModel, 'state' | 'title' | 'text'>;

function notTaken({ failure_message: reason }: Attempt): Words {
  return {
    state: 'failed',
    title: 'Your payment was not taken',
    text: reason ?? 'Nothing was charged. You can try again.',
  };
}

function underWay({ state }: Attempt): Words {
  if (state === 'processing')
    return {
      state: 'processing',
      title: 'Your payment is on its way',
      text: 'Your bank takes some working days. The receipt follows when the money has arrived. You do not need to pay again.',
    };
  return {
    state: 'processing',
    title: 'We are checking with your bank',
    text: 'This page looks again by itself. You do not need to pay again: you are never charged twice.',
  };
}

function attemptItems(
  attempt: Attempt,
  purposes: readonly Purpose[],
  language: string,
): ReceiptModel['items'] {
  const fee = money(attempt.fee_minor, attempt.currency);
  return [
    ...purposes.map(({ kind, clientId, number, amount: part }) => ({
      label: number,
      note: kind === 'estimate' ? 'Deposit' : undefined,
      amount: amount(part, language),
      href: kind === 'estimate' ? urls.estimate(clientId) : urls.invoice(clientId),
    })),
    ...(purposes.length > 0 && isPositive(fee)
      ? [{ label: 'Fee', note: 'For paying by card', amount: amount(fee, language) }]
      : []),
  ];
}

/** The whole charge, the convenience fee included. */
export function chargeOf(attempt: Attempt): Money {
  return money(attempt.amount_minor + attempt.fee_minor, attempt.currency);
}
