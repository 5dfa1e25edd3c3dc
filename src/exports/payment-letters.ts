import { z } from 'zod';
import type { Letter, Sender } from '#templates/email/letter.ts';
import { paymentNewsLetter } from '#templates/email/payment-news.ts';
import { billingDetails } from '../customers/customers.ts';
import { money } from '../kernel/money.ts';
import { findAttempt } from '../payments/attempts/attempt.ts';
import { receiptOfPayment } from '../payments/receipts/receipts.ts';
import type { CustomerScope } from '../scope.ts';
import { wordsOf } from './wording.ts';
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
  const words = wordsOf(scope, customer);
  const amount = words.tongue.money;
  const method = attempt.method_label ?? words.letters.bankAccount;
  const total = amount(money(attempt.amount_minor + attempt.fee_minor, attempt.currency));
  return paymentNewsLetter({
    sender,
    words,
    subject: words.letters.returnedSubject({ total }),
    about: words.tongue.name(method),
    title: words.letters.returnedTitle,
    amount: total,
    note: words.letters.fromMethod({ method }),
    paragraphs: [attempt.failure_message ?? words.letters.returnedReason, words.letters.returnedNext],
    rows: open.map((row) => ({
      label: words.letters.invoice({ number: row.number }),
      value: amount(money(row.balance_minor, attempt.currency)),
    })),
    button: {
      label: words.letters.payNow,
      url: scope.tenant.origin + urls.payInvoices(open.map(({ client_id }) => client_id)),
    },
    reason: words.letters.paymentReason({ merchant: sender.name, customer: customer.name }),
  });
}

const Refunded = z.object({ paymentId: z.number().int(), minor: z.number().int() });

/** Words the mail about money that was given back. */
export async function writeRefund(scope: CustomerScope, sender: Sender, payload: unknown): Promise<Letter> {
  const { paymentId, minor } = Refunded.parse(payload);
  const receipt = await receiptOfPayment(scope, paymentId);
  const customer = await billingDetails(scope);
  const words = wordsOf(scope, customer);
  const { money: amount, date } = words.tongue;
  const back = amount(money(minor, receipt.amount.currency));
  return paymentNewsLetter({
    sender,
    words,
    subject: words.letters.refundSubject({
      merchant: sender.name,
      amount: back,
      number: receipt.number,
    }),
    about: words.letters.payment({ number: receipt.number }),
    title: words.letters.refundTitle,
    amount: back,
    note: words.letters.toMethod({ method: receipt.methodLabel }),
    paragraphs: [words.letters.refundNext],
    rows: [{ label: words.letters.paidOn({ date: date(receipt.date) }), value: amount(receipt.amount) }],
    button: { label: words.letters.viewReceipt, url: scope.tenant.origin + urls.receipt(receipt.clientId) },
    reason: words.letters.paymentReason({ merchant: sender.name, customer: customer.name }),
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
