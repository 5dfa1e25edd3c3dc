import { z } from 'zod';
import type { AutopayModel } from '#src/components/collecting-models.ts';
import type { NoticeModel } from '#src/components/models.ts';
import { refuse } from '#src/kernel/errors.ts';
import { secretToken } from '#src/kernel/ids.ts';
import { collectNow } from '#src/payments/collecting/autopay.ts';
import { type Collection, upcomingCollections } from '#src/payments/collecting/collections.ts';
import { assertSeldomEnrolled, enrol, leaveAutopay, makeDefault } from '#src/payments/methods/enrolment.ts';
import { listMethods, type PaymentMethod } from '#src/payments/methods/methods.ts';
import { payOptions } from '#src/payments/taking/pay-options.ts';
import { assertAtOnceSeen, atOnceFields, sayAtOnce } from '../paying/at-once.ts';
import { currentList, listsByMethod } from './autopay-lists.ts';
import { leaveOf, nextText, offNotice, SHOW_OPEN } from './autopay-leaving.ts';
import { chosenMethod } from './collecting.ts';
import { confirmation, confirmedAt, doneOf } from '../confirmation.ts';
import { nameOf } from '../paying/collection-words.ts';
import { afterEnrolment, readOutcome } from '../paying/outcome.ts';
import { Nonce, type FormProblem, problemNotice } from '../forms.ts';
import { chosenTerms, InstrumentForm, payWith, testNumbers } from '../paying/instrument-form.ts';
import { urls } from '#src/portal/urls.ts';
import type { Visitor, Whereabouts } from '../visitor.ts';

/** What the forms of the AutoPay page send: turning it on or changing its instrument, and turning it off. */
export const AutopayForm = z.object({
  ...InstrumentForm.shape,
  action: z.enum(['on', 'off']),
  /** What becomes of agreed payment plans when it is turned off. */
  plans: z.enum(['keep', 'stop']).default('keep'),
  nonce: Nonce.or(z.literal('')).default(''),
});
export type AutopayForm = z.infer<typeof AutopayForm>;

/**
 * Performs a sent form. What was due is collected at once, as far as the form said so, and the page confirms what was agreed. Refuses
 * `total_not_seen` when that comes to something else by now.
 */
export async function performAutopay(
  visitor: Visitor,
  form: AutopayForm,
  whereabouts: Whereabouts,
): Promise<string | FormProblem> {
  const { scope, customer } = visitor;
  if (form.action === 'off') {
    await leaveAutopay(scope, { plans: form.plans });
    return confirmedAt(urls.autopay, 'off');
  }
  if (!customer.autopay && !scope.settings['autopay.enrollment']) refuse('autopay_not_offered');
  if (!customer.autopay) await assertSeldomEnrolled(scope);
  const terms = chosenTerms(form, await payOptions(scope, customer.currency, []));
  const agreed = terms && (await assertAtOnceSeen(visitor, form, terms));
  const methodId = await chosenMethod(visitor, form, whereabouts, {
    autopay: !customer.autopay,
    makeDefault: true,
  });
  if (typeof methodId !== 'number') return methodId;
  await (customer.autopay ? makeDefault : enrol)(scope, methodId);
  return afterEnrolment(await collectNow(scope, { agreed, failedToo: true }));
}

/** What the AutoPay page shows, first and again with what was typed. */
export async function autopayPage(
  visitor: Visitor,
  problem: FormProblem,
  search: URLSearchParams,
): Promise<AutopayModel> {
  const { scope, customer, account } = visitor;
  const isOn = customer.autopay;
  const isMine = account.role !== 'viewer';
  const mayEnrol = isMine && (isOn || scope.settings['autopay.enrollment']);
  const current = (await listMethods(scope)).find(
    (method) => method.is_default === 1 && method.state === 'usable',
  );
  // Without being enrolled, a plan that was approved and invoices that demand it are collected all the same.
  const collected = await upcomingCollections(scope);
  const form = mayEnrol ? await formOf(visitor, isOn, current !== undefined, problem) : undefined;
  return {
    back: { label: 'My Account', href: urls.home },
    notice: problemNotice(problem, 'Nothing was changed') ?? (await doneNotice(visitor, current, search)),
    status: statusOf(isOn, collected),
    title: isOn ? 'Your invoices are paid by themselves' : 'Let your invoices pay themselves',
    text: textOf(visitor, mayEnrol),
    facts: isOn && current ? [{ label: 'Collected from', value: nameOf(current) }] : [],
    form,
    leave:
      (isOn || collected.length > 0) && isMine
        ? await leaveOf(visitor, current && nameOf(current))
        : undefined,
    upcoming: {
      title: isOn || !mayEnrol ? 'What will be collected' : 'What would be collected',
      lists:
        isOn || !mayEnrol ? [await currentList(visitor, collected, current)] : await listsByMethod(visitor),
      empty: emptyText(isOn, current !== undefined),
    },
  };
}

function statusOf(isOn: boolean, collected: readonly Collection[]): AutopayModel['status'] {
  if (isOn) return { tone: 'good', label: 'On' };
  const numbers = [...new Set(collected.map(({ number }) => number))];
  if (numbers.length === 0) return { tone: 'plain', label: 'Off' };
  return {
    tone: 'calm',
    label: numbers.length === 1 ? `On for ${numbers[0]}` : `On for ${numbers.length} invoices`,
  };
}

function emptyText(isOn: boolean, canCharge: boolean): string {
  if (canCharge) return 'No invoice is open just now.';
  return isOn
    ? 'Nothing: there is no payment method that can be charged.'
    : 'Once there is a payment method to collect from, you see it here.';
}

function textOf({ scope, customer }: Visitor, mayEnrol: boolean): string {
  const when = whenCollected(customer.autopayDelayDays ?? scope.settings['autopay.delay_days']);
  const together =
    scope.settings['autopay.collect'] === 'together' ? ' What is due at the same time is one charge.' : '';
  if (mayEnrol)
    return `Each invoice is collected ${when}.${together} You get a receipt each time, and you can turn it off whenever you like.`;
  return `Each invoice is collected ${when}. Write to ${scope.tenant.name} if you would like to change this.`;
}

function whenCollected(days: number): string {
  if (days === 0) return 'on the day it is due';
  return days === 1 ? 'one day after it is due' : `${days} days after it is due`;
}

async function formOf(
  visitor: Visitor,
  isOn: boolean,
  canCollect: boolean,
  problem: FormProblem,
): Promise<AutopayModel['form']> {
  const { scope, customer } = visitor;
  const { methods, saved } = await payOptions(scope, customer.currency, []);
  if (methods.length === 0) return undefined;
  const button = (text: string): string =>
    isOn
      ? `Collect from this one${text && ` and pay ${text} now`}`
      : text
        ? `Turn on and pay ${text} now`
        : 'Turn AutoPay on';
  return {
    title: isOn ? 'Another payment method' : 'Turn AutoPay on',
    folded: isOn && canCollect && problem.refusal === undefined && Object.keys(problem.fields).length === 0,
    action: urls.autopay,
    hidden: [
      { name: 'action', value: 'on' },
      { name: 'nonce', value: secretToken(scope.tokens) },
      ...(await atOnceFields(visitor, methods)),
    ],
    with: await payWith(visitor, { methods, saved }, problem),
    buttons: await sayAtOnce(visitor, methods, button),
    testNumbers: testNumbers(visitor, methods),
  };
}

async function doneNotice(
  visitor: Visitor,
  current: PaymentMethod | undefined,
  search: URLSearchParams,
): Promise<NoticeModel | undefined> {
  const done = doneOf(search, ['on', 'off']);
  if (done === 'off' && !visitor.customer.autopay) return offNotice(visitor);
  if (done !== 'on' || !visitor.customer.autopay) return undefined;
  const { taken, failed } = await readOutcome(visitor, search);
  const facts = [
    ['Collected from', current && nameOf(current)],
    ['Next', await nextText(visitor)],
  ] as const;
  if (!failed) return confirmation('AutoPay is on', facts, { text: taken });
  return confirmation('AutoPay is on, but this payment method did not work', facts, {
    tone: 'bad',
    text: [taken, failed, 'Choose another one, or pay it yourself.'].filter(Boolean).join(' '),
    link: SHOW_OPEN,
  });
}
