import type { ReceiptModel } from '#src/components/models.ts';
import { longDate } from '#src/kernel/format.ts';
import { add, isPositive, type Money, money, negate } from '#src/kernel/money.ts';
import { dateOf } from '#src/kernel/time.ts';
import type { Attempt } from '#src/payments/attempts/attempt.ts';
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
  if (status === 'voided' || status === 'failed') return undefined;
  return isPositive(balance) ? `${amount(balance, language)} left` : 'Paid in full';
}

function givenBack({ scope, language }: Visitor, { refunds }: Receipt): ReceiptModel['items'] {
  return refunds.map((refund) => ({
    label: refund.state === 'succeeded' ? 'Given back' : 'On its way back',
    note: longDate(dateOf(refund.at, scope.tenant.timeZone), language),
    amount: amount(negate(refund.amount), language),
  }));
}

/** A payment that has no receipt yet: still being found out, or not taken. Trying again is for the same invoices, given by their client ids. */
export function attemptPage(visitor: Visitor, attempt: Attempt, invoices: readonly string[]): ReceiptModel {
  const failed = attempt.state === 'declined' || attempt.state === 'abandoned';
  return {
    state: failed ? 'failed' : 'processing',
    title: failed ? 'Your payment was not taken' : 'We are checking with your bank',
    amount: amount(chargeOf(attempt), visitor.language),
    text: failed
      ? (attempt.failure_message ?? 'Nothing was charged. You can try again.')
      : 'This page looks again by itself. You do not need to pay again: you are never charged twice.',
    facts: [],
    items: [],
    retry: failed ? { label: 'Try again', href: urls.payInvoices(invoices) } : undefined,
    homeHref: urls.home,
  };
}

/** The whole charge, the convenience fee included. */
export function chargeOf(attempt: Attempt): Money {
  return money(attempt.amount_minor + attempt.fee_minor, attempt.currency);
}
