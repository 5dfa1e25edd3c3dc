import { z } from 'zod';
import type { ChallengeModel, PayItem, PayModel, ReceiptModel } from '#src/components/models.ts';
import { TEST_CARD_HINTS } from '#src/payments/test-cards.ts';
import { money } from '#src/kernel/money.ts';
import type { Attempt } from '#src/payments/attempt.ts';
import type { PaymentOutcome } from '#src/payments/charge.ts';
import { payInvoices, type PaymentDraft, preparePayment } from '#src/payments/pay.ts';
import type { Receipt } from '#src/payments/receipts.ts';
import { longDate } from '#src/kernel/format.ts';
import { CardForm, cardOf, declinedCard, ReceiptEmail } from './card-form.ts';
import { amount } from './formatting.ts';
import type { FormProblem } from './forms.ts';
import type { Visitor } from './visitor.ts';
import { dueNote } from './status.ts';
import { urls } from './urls.ts';

/** What the payment form sends. Card fields are the test gateway's; a real gateway has its own. */
export const PayForm = z.object({
  nonce: z.string().min(20).max(100),
  /** `{client id}:{minor units}`: what the customer saw as left to pay. */
  seen: z
    .array(z.string().regex(/^[0-9A-Za-z]{24}:\d{1,16}$/))
    .min(1)
    .max(500),
  ...CardForm.shape,
  email: ReceiptEmail,
});
export type PayForm = z.infer<typeof PayForm>;

/** Performs a sent form: where to go next, or what to show on the same page. */
export async function performPayment(visitor: Visitor, form: PayForm): Promise<string | FormProblem> {
  const outcome = await payInvoices(visitor.scope, {
    nonce: form.nonce,
    seen: new Map(form.seen.map((pair) => [pair.slice(0, 24), Number(pair.slice(25))])),
    with: { kind: 'card', card: cardOf(form) },
    receiptEmail: form.email ?? visitor.customer.email,
  });
  return outcome.state === 'declined' ? declinedCard(outcome) : nextPage(outcome);
}

/** Where a payment's story goes on. */
export function nextPage(outcome: PaymentOutcome): string {
  switch (outcome.state) {
    case 'succeeded':
      return urls.receipt(outcome.receipt);
    case 'action_required':
      return urls.challenge(outcome.attemptId);
    default:
      return urls.attempt(outcome.attemptId);
  }
}

/** What the payment page shows: first for the chosen invoices, and again, with what was typed, when something was wrong. */
export async function payPage(
  visitor: Visitor,
  chosen: readonly string[],
  problem: FormProblem,
): Promise<PayModel> {
  const { scope, customer, language } = visitor;
  const draft = await preparePayment(scope, chosen);
  const total = amount(draft.total, language);
  const field = (name: string): { value?: string | undefined; error?: string | undefined } => ({
    value: problem.typed[name],
    error: problem.fields[name],
  });
  return {
    back: { label: 'Activity', href: urls.invoices },
    title:
      draft.invoices.length === 1
        ? `Pay invoice ${draft.invoices[0]!.number}`
        : `Pay ${draft.invoices.length} invoices`,
    action: urls.pay,
    hidden: [
      { name: 'nonce', value: draft.nonce },
      ...draft.invoices.map(({ clientId, left }) => ({ name: 'seen', value: `${clientId}:${left.minor}` })),
    ],
    notice: noticeOf(problem, draft),
    items: draft.invoices.map((invoice): PayItem => ({
      label: invoice.number,
      note: dueNote(invoice, language),
      amount: amount(invoice.left, language),
      href: urls.invoice(invoice.clientId),
    })),
    total,
    button: `Pay ${total}`,
    fields: {
      number: field('number'),
      expiry: field('expiry'),
      cvc: field('cvc'),
      name: field('name'),
      email: { value: problem.typed['email'] ?? customer.email, error: problem.fields['email'] },
    },
    testCards: scope.settings['payments.gateway'] === 'test' ? TEST_CARD_HINTS : undefined,
  };
}

/** The invoices that a form was about, so that the same page can be shown again; on a first visit those that the address names. */
export function chosenInvoices(problem: FormProblem, search: URLSearchParams): string[] {
  if (problem.all) return problem.all('seen').map((pair) => pair.slice(0, 24));
  return search.getAll('invoice').filter((id) => id !== '');
}

export function challengePage(visitor: Visitor, attempt: Attempt): ChallengeModel {
  return {
    action: urls.challenge(attempt.id),
    hidden: [],
    merchant: visitor.scope.tenant.name,
    amount: amount(money(attempt.amount_minor, attempt.currency), visitor.language),
    card: attempt.method_label ?? 'Card',
    hint: 'This is the test gateway: “Confirm payment” stands for what your bank would ask.',
  };
}

export function receiptPage(visitor: Visitor, receipt: Receipt): ReceiptModel {
  const { language } = visitor;
  return {
    state: receipt.state === 'pending' ? 'processing' : 'paid',
    title: receipt.state === 'pending' ? 'Your payment is on its way' : 'Thank you. Your payment arrived.',
    amount: amount(receipt.amount, language),
    text: receipt.email ? `We mail the receipt to ${receipt.email}.` : undefined,
    facts: [
      { label: 'Receipt number', value: receipt.number },
      { label: 'Date', value: longDate(receipt.date, language) },
      { label: 'Paid with', value: receipt.methodLabel },
    ],
    items: receipt.applied.map((row) => ({
      label: row.number,
      note: row.balance.minor > 0 ? `${amount(row.balance, language)} left` : 'Paid in full',
      amount: amount(row.amount, language),
      href: urls.invoice(row.clientId),
    })),
    pdfHref: urls.receiptPdf(receipt.clientId),
    homeHref: urls.home,
  };
}

/** A payment that has no receipt yet: still being found out, or not taken. Trying again is for the same invoices, given by their client ids. */
export function attemptPage(visitor: Visitor, attempt: Attempt, invoices: readonly string[]): ReceiptModel {
  const failed = attempt.state === 'declined' || attempt.state === 'abandoned';
  return {
    state: failed ? 'failed' : 'processing',
    title: failed ? 'Your payment was not taken' : 'We are checking with your bank',
    amount: amount(money(attempt.amount_minor, attempt.currency), visitor.language),
    text: failed
      ? (attempt.failure_message ?? 'Nothing was charged. You can try again.')
      : 'This page looks again by itself. You do not need to pay again: you are never charged twice.',
    facts: [],
    items: [],
    retry: failed ? { label: 'Try again', href: urls.payInvoices(invoices) } : undefined,
    homeHref: urls.home,
  };
}

function noticeOf(problem: FormProblem, draft: PaymentDraft): PayModel['notice'] {
  if (problem.refusal)
    return {
      tone: 'warn',
      title: problem.refusal.title,
      text: `${problem.refusal.message} ${problem.refusal.hint}`,
    };
  if (Object.keys(problem.fields).length > 0) {
    return {
      tone: 'bad',
      title: 'Not paid yet',
      text: 'Nothing was charged. What needs another look is marked below.',
    };
  }
  if (draft.leftOut.length === 0) return undefined;
  const numbers = draft.leftOut.map(({ number }) => number).join(', ');
  return {
    tone: 'calm',
    title: 'Some invoices are left out',
    text: `${numbers}: paid already, or not open for payment.`,
  };
}
