import { z } from 'zod';
import { autopayFailedLetter } from '#templates/email/autopay-failed.ts';
import { cardExpiringLetter } from '#templates/email/card-expiring.ts';
import type { Letter, Sender } from '#templates/email/letter.ts';
import { billingDetails } from '../customers/customers.ts';
import { money } from '../kernel/money.ts';
import { type Attempt, findAttempt } from '../payments/attempts/attempt.ts';
import { type CollectedSlot, slotsOf } from '../payments/attempts/slot.ts';
import { type Collection, nextTryOf, upcomingCollections } from '../payments/collecting/collections.ts';
import { isMissedSoon } from '../payments/collecting/expiring-cards.ts';
import { listMethods, titleOf } from '../payments/methods/methods.ts';
import type { CustomerScope } from '../scope.ts';
import type { Words } from '../words/words.ts';
import { wordsOf } from './wording.ts';
import { urls } from '#src/portal/urls.ts';

const Payload = z.object({ attemptId: z.string() });

/** Words the mail about a try of AutoPay that failed. Undefined once all is paid that it was for: there is nothing to say any more. */
export async function writeAutopayFailed(
  scope: CustomerScope,
  sender: Sender,
  payload: unknown,
): Promise<Letter | undefined> {
  const attempt = await findAttempt(scope, Payload.parse(payload).attemptId);
  const slots = await slotsOf(scope, attempt.id);
  const invoices = await invoicesOf(scope, slots);
  if (!invoices.some(({ balance_minor: open }) => open > 0)) return undefined;
  const customer = await billingDetails(scope);
  const words = wordsOf(scope, customer);
  const { money: amount, date } = words.tongue;
  const next = await nextTryAfter(scope, slots);
  const { origin } = scope.tenant;
  return autopayFailedLetter({
    sender,
    words,
    invoices: invoices.map(({ id, number, client_id }) => ({
      number,
      amount: amount(money(minorOf(slots, id), attempt.currency)),
      url: origin + urls.invoice(client_id),
    })),
    fee: attempt.fee_minor > 0 ? amount(money(attempt.fee_minor, attempt.currency)) : undefined,
    total: amount(money(attempt.amount_minor + attempt.fee_minor, attempt.currency)),
    method: await titleOfMethod(scope, attempt, words),
    reason: attempt.failure_message ?? words.letters.failedReason,
    nextOn: next && date(next.date),
    customer: customer.name,
    methodsUrl: origin + urls.methods,
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
  const words = wordsOf(scope, customer);
  const lastDay = Temporal.PlainDate.from({ year: method.exp_year!, month: method.exp_month!, day: 31 });
  return cardExpiringLetter({
    sender,
    words,
    method: titleOf(method),
    until: words.tongue.date(lastDay.toString()),
    customer: customer.name,
    addUrl: scope.tenant.origin + urls.newMethod,
  });
}

/** The first of the next tries of what was to be collected. */
async function nextTryAfter(
  scope: CustomerScope,
  slots: readonly CollectedSlot[],
): Promise<Collection | undefined> {
  const upcoming = await upcomingCollections(scope);
  const next = slots.flatMap((slot) => nextTryOf(upcoming, slot) ?? []);
  return next.toSorted((a, b) => a.at - b.at)[0];
}

async function invoicesOf(scope: CustomerScope, slots: readonly CollectedSlot[]) {
  if (slots.length === 0) return [];
  return scope.db
    .from('invoices')
    .select(['id', 'number', 'client_id', 'balance_minor'])
    .where(
      'id',
      'in',
      slots.map(({ invoiceId }) => invoiceId),
    )
    .orderBy('id')
    .execute();
}

function minorOf(slots: readonly CollectedSlot[], invoiceId: number): number {
  return slots.reduce((total, slot) => total + (slot.invoiceId === invoiceId ? slot.minor : 0), 0);
}

async function titleOfMethod(
  scope: CustomerScope,
  { payment_method_id: id }: Attempt,
  words: Words,
): Promise<string> {
  const method = (await listMethods(scope)).find((one) => one.id === id);
  return method ? titleOf(method) : words.letters.yourMethod;
}
