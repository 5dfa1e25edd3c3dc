import type { DocumentRow, DocumentsModel } from '#src/components/document-models.ts';
import type { PaymentRow, Status } from '#src/components/models.ts';
import { add } from '#src/kernel/money.ts';
import {
  type ListedPayment,
  listPayments,
  type PendingPayment,
  pendingPayments,
} from '#src/payments/receipts/payment-list.ts';
import type { PaymentStatus } from '#src/payments/receipts/payment-status.ts';
import type { PaymentSummary } from '#src/payments/receipts/receipts.ts';
import { listingPage } from '../activity.ts';
import { amount, dateWhen } from '../formatting.ts';
import { urls } from '#src/portal/urls.ts';
import type { Visitor } from '../visitor.ts';

/** What Activity → Payments shows; what a bank has not confirmed yet comes first. Refuses `bad_page` for a page mark that is not ours. */
export function paymentsPage({ scope, language }: Visitor, search: URLSearchParams): Promise<DocumentsModel> {
  return listingPage(
    {
      kind: 'payments',
      one: 'payment',
      many: 'payments',
      href: urls.payments,
      searchLabel: 'Receipt or invoice number',
      columns: { number: 'Receipt', about: 'Paid for', rest: 'Paid with', total: 'Amount' },
      statuses: {
        all: 'Any status',
        paid: 'Paid',
        refunded: 'Refunded',
        disputed: 'Disputed',
        voided: 'Voided',
      },
      none: 'When you have paid something, you find its receipt here.',
      list: (query) => listPayments(scope, query),
      row: (payment) => listedRow(payment, language),
      ahead: async () => (await pendingPayments(scope)).map((payment) => pendingRow(payment, language)),
    },
    search,
  );
}

/** A payment in the short tables of My Account and of an invoice. */
export function paymentRow(payment: PaymentSummary, language: string): PaymentRow {
  const { status } = payment;
  return {
    when: dateWhen(payment.date, language),
    method: payment.methodLabel,
    amount: amount(add(payment.amount, payment.fee), language),
    status: status === 'paid' ? undefined : BADGES[status],
    receiptHref: urls.receipt(payment.clientId),
    receiptLabel: `Receipt ${payment.number}`,
  };
}

/** How a payment stands, in the words of its badge. */
const BADGES: Readonly<Record<PaymentStatus, Status>> = {
  pending: { tone: 'calm', label: 'Processing' },
  paid: { tone: 'good', label: 'Paid' },
  failed: { tone: 'bad', label: 'Failed' },
  voided: { tone: 'plain', label: 'Voided' },
  disputed: { tone: 'warn', label: 'Disputed' },
  refunded: { tone: 'calm', label: 'Refunded' },
  part_refunded: { tone: 'calm', label: 'Partly refunded' },
};

function listedRow(payment: ListedPayment, language: string): DocumentRow {
  return {
    number: payment.number,
    href: urls.receipt(payment.clientId),
    date: dateWhen(payment.date, language),
    status: BADGES[payment.status],
    about: aboutOf(payment.paidFor),
    rest: payment.methodLabel,
    total: amount(add(payment.amount, payment.fee), language),
    pdfHref: urls.receiptPdf(payment.clientId),
  };
}

function pendingRow(payment: PendingPayment, language: string): DocumentRow {
  return {
    number: 'On its way',
    href: urls.attempt(payment.attemptId),
    date: dateWhen(payment.date, language),
    status: BADGES.pending,
    about: aboutOf(payment.paidFor),
    rest: payment.methodLabel,
    total: amount(payment.amount, language),
  };
}

/** `INV-12`, `INV-12 and 3 more`, or that it became credit. */
function aboutOf([first, ...more]: readonly string[]): string {
  if (first === undefined) return 'Your credit';
  return more.length === 0 ? first : `${first} and ${more.length} more`;
}
