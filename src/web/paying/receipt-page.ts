import type { ReceiptModel } from '#src/components/models.ts';
import { longDate } from '#src/kernel/format.ts';
import { add, isPositive, type Money, money, negate } from '#src/kernel/money.ts';
import { dateOf } from '#src/kernel/time.ts';
import type { Attempt, Purpose } from '#src/payments/attempts/attempt.ts';
import type { Receipt } from '#src/payments/receipts/receipts.ts';
import { amount } from '../formatting.ts';
import type { Visitor } from '../visitor.ts';
import { urls } from '../urls.ts';

/* What became of a payment: its receipt, or why there is none yet. */

/** The receipt of a payment, whatever happened to it since. */
export function receiptPage(visitor: Visitor, receipt: Receipt): ReceiptModel {
  const { language } = visitor;
  return {
    ...OUTCOMES[receipt.status],
    back: PAYMENTS,
    amount: amount(add(receipt.amount, receipt.fee), language),
    text: textOf(receipt, language),
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
      line(row.number, leftOf(receipt, row.balance, language), row.amount, urls.invoice(row.clientId)),
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

function leftOf({ status }: Receipt, balance: Money, language: string): string | undefined {
  if (status === 'refunded') return 'Given back';
  // Whether it stays paid is not known yet, or it is not.
  if (status !== 'paid' && status !== 'part_refunded') return undefined;
  return isPositive(balance) ? `${amount(balance, language)} left` : 'Paid in full';
}

function givenBack({ scope, language }: Visitor, { refunds }: Receipt): ReceiptModel['items'] {
  return refunds.map((refund) => ({
    label: refund.state === 'succeeded' ? 'Given back' : 'On its way back',
    note: longDate(dateOf(refund.at, scope.tenant.timeZone), language),
    amount: amount(negate(refund.amount), language),
  }));
}

/** A payment that has no receipt yet: still being found out, on its way from a bank, or not taken. Trying again is for the same invoices. */
export function attemptPage(
  { language }: Visitor,
  attempt: Attempt,
  purposes: readonly Purpose[],
): ReceiptModel {
  const failed = attempt.state === 'declined' || attempt.state === 'abandoned';
  const invoices = purposes.filter(({ kind }) => kind === 'invoice').map(({ clientId }) => clientId);
  return {
    ...(failed ? notTaken(attempt) : underWay(attempt)),
    back: PAYMENTS,
    amount: amount(chargeOf(attempt), language),
    facts: attempt.method_label
      ? [{ label: failed ? 'Tried with' : 'Paid with', value: attempt.method_label }]
      : [],
    items: attemptItems(attempt, purposes, language),
    itemsTitle: failed ? 'It was for' : 'It is for',
    retry: failed ? { label: 'Try again', href: urls.payInvoices(invoices) } : undefined,
    homeHref: urls.home,
  };
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
