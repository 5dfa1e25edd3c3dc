import { z } from 'zod';
import { autopayFailedLetter } from '#templates/email/autopay-failed.ts';
import { cardExpiringLetter } from '#templates/email/card-expiring.ts';
import type { Letter, Sender } from '#templates/email/letter.ts';
import { billingDetails } from '../customers/customers.ts';
import { money } from '../kernel/money.ts';
import { type Attempt, findAttempt } from '../payments/attempts/attempt.ts';
import { slotOf } from '../payments/attempts/slot.ts';
import { type Collection, nextTryOf, upcomingCollections } from '../payments/collecting/collections.ts';
import { isMissedSoon } from '../payments/collecting/expiring-cards.ts';
import { listMethods, titleOf } from '../payments/methods/methods.ts';
import type { CustomerScope } from '../scope.ts';
import { wordingFor } from './wording.ts';

const Payload = z.object({ attemptId: z.string() });

/** Words the mail about a try of AutoPay that failed. Undefined once the invoice is paid: there is nothing to say any more. */
export async function writeAutopayFailed(
  scope: CustomerScope,
  sender: Sender,
  payload: unknown,
): Promise<Letter | undefined> {
  const attempt = await findAttempt(scope, Payload.parse(payload).attemptId);
  const invoice = await invoiceOf(scope, attempt);
  if (!invoice || invoice.balance_minor === 0) return undefined;
  const customer = await billingDetails(scope);
  const { amount, date } = wordingFor(scope, customer);
  const next = await nextTryAfter(scope, attempt);
  const { origin } = scope.tenant;
  return autopayFailedLetter({
    sender,
    invoice: invoice.number,
    total: amount(money(attempt.amount_minor + attempt.fee_minor, attempt.currency)),
    method: await titleOfMethod(scope, attempt),
    reason: attempt.failure_message ?? 'The payment was declined.',
    nextOn: next && date(next.date),
    customer: customer.name,
    methodsUrl: `${origin}/payment_methods`,
    invoiceUrl: `${origin}/invoices/${invoice.client_id}`,
  });
}

const CardPayload = z.object({ methodId: z.number().int() });

/** Words the mail about a card in its last month. Undefined once another one is charged, or nothing is collected any more. */
export async function writeCardExpiring(
  scope: CustomerScope,
  sender: Sender,
  payload: unknown,
): Promise<Letter | undefined> {
  const { methodId } = CardPayload.parse(payload);
  const method = (await listMethods(scope)).find(({ id }) => id === methodId);
  if (!method || !(await isMissedSoon(scope, method))) return undefined;
  const customer = await billingDetails(scope);
  const lastDay = Temporal.PlainDate.from({ year: method.exp_year!, month: method.exp_month!, day: 31 });
  return cardExpiringLetter({
    sender,
    method: titleOf(method),
    until: wordingFor(scope, customer).date(lastDay.toString()),
    customer: customer.name,
    addUrl: `${scope.tenant.origin}/payment_methods/new`,
  });
}

async function nextTryAfter(scope: CustomerScope, attempt: Attempt): Promise<Collection | undefined> {
  const failed = slotOf(attempt);
  return failed && nextTryOf(await upcomingCollections(scope), failed);
}

async function invoiceOf(scope: CustomerScope, attempt: Attempt) {
  return scope.db
    .from('attempt_allocations')
    .innerJoin(scope.db.rows('invoices'), 'invoices.id', 'attempt_allocations.invoice_id')
    .select(['invoices.id', 'invoices.number', 'invoices.client_id', 'invoices.balance_minor'])
    .where('attempt_allocations.attempt_id', '=', attempt.id)
    .executeTakeFirst();
}

async function titleOfMethod(scope: CustomerScope, { payment_method_id: id }: Attempt): Promise<string> {
  const method = (await listMethods(scope)).find((one) => one.id === id);
  return method ? titleOf(method) : 'your payment method';
}
