import { z } from 'zod';
import type { Letter, Sender } from '#templates/email/letter.ts';
import { paymentNewsLetter } from '#templates/email/payment-news.ts';
import { billingDetails } from '../customers/customers.ts';
import { money } from '../kernel/money.ts';
import { findAttempt } from '../payments/attempts/attempt.ts';
import { receiptOfPayment } from '../payments/receipts/receipts.ts';
import type { CustomerScope } from '../scope.ts';
import { wordingFor } from './wording.ts';
import { urls } from '#src/portal/urls.ts';

const Returned = z.object({ attemptId: z.string() });

/** Words the mail about a debit that the bank did not pay. Undefined once nothing of what it was for is open any more. */
export async function writeDebitReturned(
  scope: CustomerScope,
  sender: Sender,
  payload: unknown,
): Promise<Letter | undefined> {
  const attempt = await findAttempt(scope, Returned.parse(payload).attemptId);
  const open = await openInvoicesOf(scope, attempt.id);
  if (open.length === 0) return undefined;
  const customer = await billingDetails(scope);
  const { amount } = wordingFor(scope, customer);
  const total = amount(money(attempt.amount_minor + attempt.fee_minor, attempt.currency));
  return paymentNewsLetter({
    sender,
    subject: `Your bank returned the payment of ${total}`,
    about: attempt.method_label ?? 'Bank account',
    title: 'Your payment did not arrive',
    amount: total,
    note: `from ${attempt.method_label ?? 'your bank account'}`,
    paragraphs: [
      attempt.failure_message ?? 'Your bank returned the debit.',
      'Nothing was taken. What it was meant to pay is open again: please pay it from another account, or by card.',
    ],
    rows: open.map((row) => ({
      label: `Invoice ${row.number}`,
      value: amount(money(row.balance_minor, attempt.currency)),
    })),
    button: {
      label: 'Pay now',
      url: scope.tenant.origin + urls.payInvoices(open.map(({ client_id }) => client_id)),
    },
    reason: `You get this mail because a payment to ${sender.name} was made for ${customer.name}.`,
  });
}

const Refunded = z.object({ paymentId: z.number().int(), minor: z.number().int() });

/** Words the mail about money that was given back. */
export async function writeRefund(scope: CustomerScope, sender: Sender, payload: unknown): Promise<Letter> {
  const { paymentId, minor } = Refunded.parse(payload);
  const receipt = await receiptOfPayment(scope, paymentId);
  const customer = await billingDetails(scope);
  const { amount, date } = wordingFor(scope, customer);
  const back = amount(money(minor, receipt.amount.currency));
  return paymentNewsLetter({
    sender,
    subject: `${sender.name} gave back ${back} of payment ${receipt.number}`,
    about: `Payment ${receipt.number}`,
    title: 'Your money is on its way back',
    amount: back,
    note: `to ${receipt.methodLabel}`,
    paragraphs: ['It goes back to where it came from. Banks may take some days to show it.'],
    rows: [{ label: `Paid on ${date(receipt.date)}`, value: amount(receipt.amount) }],
    button: { label: 'View receipt', url: scope.tenant.origin + urls.receipt(receipt.clientId) },
    reason: `You get this mail because a payment to ${sender.name} was made for ${customer.name}.`,
  });
}

function openInvoicesOf(scope: CustomerScope, attemptId: string) {
  return scope.db
    .from('attempt_allocations')
    .innerJoin(scope.db.rows('invoices'), 'invoices.id', 'attempt_allocations.invoice_id')
    .select(['invoices.number', 'invoices.client_id', 'invoices.balance_minor'])
    .where('attempt_allocations.attempt_id', '=', attemptId)
    .where('invoices.balance_minor', '>', 0)
    .where('invoices.state', '=', 'issued')
    .orderBy('attempt_allocations.position')
    .execute();
}
