import { z } from 'zod';
import type { NameMethodModel, RemoveMethodModel, VerifyMethodModel } from '#src/components/pay-models.ts';
import type { NoticeModel } from '#src/components/models.ts';
import { readAmount } from '#src/kernel/amount-text.ts';
import { type RemovalEffect, removalEffect, removeMethod } from '#src/payments/methods/method-removal.ts';
import { triesLeft, verifyMethod } from '#src/payments/methods/method-verification.ts';
import { findMethod, nameMethod, type PaymentMethod, titleOf } from '#src/payments/methods/methods.ts';
import { confirmedAt } from '../confirmation.ts';
import { type FormProblem, problemNotice, shownField } from '../forms.ts';
import { problemOf } from '../paying/pay-form.ts';
import { afterNewDefault, listAfter } from './payment-methods-page.ts';
import { rowIdOf } from '../ids.ts';
import type { Visitor } from '../visitor.ts';
import { urls } from '#src/portal/urls.ts';

/* The pages about one payment method: its name, confirming it, removing it. */

const BACK = { label: 'Payment methods', href: urls.methods };

/** The method that an address names. Refuses `not_found`. */
export function methodIdOf(param: string | undefined): number {
  return rowIdOf(param, 'payment method');
}

export const NameForm = z.object({ label: z.string().max(200) });

export async function performName({ scope }: Visitor, methodId: number, label: string): Promise<string> {
  await nameMethod(scope, methodId, label);
  return listAfter('named');
}

/** Refuses `not_found`. */
export async function namePage(
  { scope }: Visitor,
  methodId: number,
  problem: FormProblem,
): Promise<NameMethodModel> {
  const method = await findMethod(scope, methodId);
  return {
    back: BACK,
    title: titleOf(method),
    text: 'Give it a name that tells you which one it is. Only you see it.',
    action: urls.nameMethod(methodId),
    notice: problemNotice(problem, 'Not saved yet'),
    label: shownField(problem, 'label', method.label ?? ''),
  };
}

const deposit = z.string().max(20);
export const VerifyForm = z.object({ first: deposit, second: deposit });

/** Takes the two amounts. What cannot be a deposit is said beside its field and is no try. */
export async function performVerify(
  { scope, language }: Visitor,
  methodId: number,
  form: z.infer<typeof VerifyForm>,
): Promise<string | FormProblem> {
  const read = (['first', 'second'] as const).map((name) => ({
    name,
    minor: depositOf(form[name], language),
  }));
  const wrong = read.flatMap(({ name, minor }) => (minor === undefined ? [[name, NO_DEPOSIT]] : []));
  if (wrong.length > 0) return problemOf(Object.fromEntries(wrong));
  const outcome = await verifyMethod(scope, methodId, [read[0]!.minor!, read[1]!.minor!]);
  if (outcome.state === 'usable') return afterNewDefault(scope, 'verified');
  const left =
    outcome.triesLeft === 1 ? 'You can try once more.' : `You can try ${outcome.triesLeft} more times.`;
  return problemOf({ first: outcome.triesLeft === 0 ? outcome.message : `${outcome.message} ${left}` });
}

/** Deposits are cents: whoever types 35 means something else than 35.00, and that is no try. */
function depositOf(text: string, language: string): number | undefined {
  const minor = readAmount(text, 2, language);
  return minor && minor < 100 ? minor : undefined;
}

const NO_DEPOSIT = 'Write it as it stands on your statement, for example 0.35.';

/** Refuses `not_found`. */
export async function verifyPage(
  { scope }: Visitor,
  methodId: number,
  problem: FormProblem,
): Promise<VerifyMethodModel> {
  const method = await findMethod(scope, methodId);
  const over = method.state !== 'verifying' || (await triesLeft(scope, methodId)) === 0;
  return {
    back: BACK,
    title: `Confirm ${titleOf(method).toLowerCase()}`,
    text: 'We have sent two deposits of less than 1.00 to this account. Type both amounts, in any order.',
    action: urls.verifyMethod(methodId),
    notice: over ? overNotice(method) : problemNotice(problem, 'Not confirmed yet'),
    first: shownField(problem, 'first'),
    second: shownField(problem, 'second'),
    hint: method.gateway === 'test' ? 'With the test gateway the amounts are 0.35 and 0.45.' : undefined,
    over,
  };
}

function overNotice({ state }: PaymentMethod): NoticeModel {
  if (state === 'usable') return { tone: 'good', title: 'This account is confirmed and can be used.' };
  return {
    tone: 'bad',
    title: 'This account could not be confirmed',
    text: 'There are no tries left. Remove it, and add it again with the right details.',
  };
}

export const RemoveForm = z.object({ successor: z.coerce.number().int().positive().optional() });

export async function performRemove(
  { scope }: Visitor,
  methodId: number,
  { successor }: z.infer<typeof RemoveForm>,
): Promise<string> {
  await removeMethod(scope, methodId, successor);
  return confirmedAt(urls.methods, 'removed', { method: methodId });
}

/** Refuses `not_found`. */
export async function removePage(
  { scope }: Visitor,
  methodId: number,
  problem: FormProblem,
): Promise<RemoveMethodModel> {
  const effect = await removalEffect(scope, methodId);
  const { method, successor } = effect;
  return {
    back: BACK,
    title: `Remove ${method.label ?? titleOf(method)}?`,
    text: method.label === null ? 'This is what happens:' : `${titleOf(method)}. This is what happens:`,
    action: urls.removeMethod(methodId),
    notice: problemNotice(problem, 'Not removed yet'),
    hidden: successor ? [{ name: 'successor', value: String(successor.id) }] : [],
    effects: effectsOf(effect),
  };
}

function effectsOf({ method, successor, collects, plans }: RemovalEffect): string[] {
  const next = successor && (successor.label ?? titleOf(successor));
  return [
    'It is deleted here and at the payment service. To use it again you would add it again.',
    'Payments that you made with it stay, with their receipts. A payment that is on its way is not stopped.',
    ...plansEffect(plans, next),
    ...(next ? [collects ? goesOn(next) : `${next} becomes your default.`] : []),
    ...(!next && collects ? [ENDS] : []),
    ...(!next && !collects && method.is_default ? ['Nothing is left to pay with by default.'] : []),
  ];
}

const ENDS = 'AutoPay ends, for open invoices too: nothing is collected any more, and you pay yourself.';

function goesOn(next: string): string {
  return `AutoPay goes on, and collects from ${next} from now on.`;
}

/** What becomes of the plans that were agreed. */
function plansEffect(plans: readonly string[], next: string | undefined): string[] {
  if (plans.length === 0) return [];
  const [what, their] =
    plans.length === 1
      ? [`The payment plan for ${plans[0]} goes on`, 'its']
      : [`The payment plans for ${plans.join(', ')} go on`, 'their'];
  return [next ? `${what}, collected from ${next}.` : `${what}, and you pay ${their} instalments yourself.`];
}
