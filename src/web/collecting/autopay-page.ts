import { z } from 'zod';
import type { AutopayModel } from '#src/components/collecting-models.ts';
import type { NoticeModel } from '#src/components/models.ts';
import { refuse } from '#src/kernel/errors.ts';
import { secretToken } from '#src/kernel/ids.ts';
import { retryAutopay } from '#src/payments/collecting/autopay.ts';
import { upcomingCollections } from '#src/payments/collecting/collections.ts';
import { collectedPlans, enrol, leaveAutopay, makeDefault } from '#src/payments/methods/enrolment.ts';
import { listMethods, titleOf } from '#src/payments/methods/methods.ts';
import { payOptions } from '#src/payments/taking/pay-options.ts';
import { dueIfEnrolled, sumText } from '../paying/due-now.ts';
import { chosenMethod, type CollectionWords, wordCollections } from './collecting.ts';
import { Nonce, type FormProblem, problemNotice } from '../forms.ts';
import { InstrumentForm, payWith, testNumbers } from '../paying/instrument-form.ts';
import { urls, withQuery } from '../urls.ts';
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

/** Performs a sent form. What was due is collected at once, and the page says what became of it. */
export async function performAutopay(
  visitor: Visitor,
  form: AutopayForm,
  whereabouts: Whereabouts,
): Promise<string | FormProblem> {
  const { scope, customer } = visitor;
  if (form.action === 'off') {
    await leaveAutopay(scope, { plans: form.plans });
    return withQuery(urls.autopay, { now: 'off' });
  }
  if (!customer.autopay && !scope.settings['autopay.enrollment']) refuse('autopay_not_offered');
  const methodId = await chosenMethod(visitor, form, whereabouts, {
    autopay: !customer.autopay,
    makeDefault: true,
  });
  if (typeof methodId !== 'number') return methodId;
  await (customer.autopay ? makeDefault : enrol)(scope, methodId);
  const done = await retryAutopay(scope);
  const count = (...states: string[]) => done.filter(({ outcome }) => states.includes(outcome.state)).length;
  return withQuery(urls.autopay, {
    now: 'on',
    paid: count('succeeded', 'processing') || undefined,
    failed: count('declined', 'parked') || undefined,
  });
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
  const upcoming = await wordCollections(visitor, await upcomingCollections(scope, { asIfEnrolled: !isOn }));
  const current = (await listMethods(scope)).find(
    (method) => method.is_default === 1 && method.state === 'usable',
  );
  // Without being enrolled, a plan that was approved and invoices that demand it are collected all the same.
  const collected = isOn ? [] : await wordCollections(visitor, await upcomingCollections(scope));
  const shown = isOn || mayEnrol ? upcoming : collected;
  const atOnce = isOn ? '' : sumText(await dueIfEnrolled(visitor), visitor.language);
  return {
    back: { label: 'My Account', href: urls.home },
    notice:
      problemNotice(problem, 'Nothing was changed') ??
      doneNotice(search, isOn ? [] : await collectedPlans(scope)),
    status: statusOf(isOn, collected),
    title: isOn ? 'Your invoices are paid by themselves' : 'Let your invoices pay themselves',
    text: textOf(visitor, mayEnrol, atOnce),
    facts: isOn && current ? [{ label: 'Collected from', value: current.label ?? titleOf(current) }] : [],
    form: mayEnrol ? await formOf(visitor, isOn, current !== undefined, atOnce, problem) : undefined,
    leave:
      (isOn || collected.length > 0) && isMine
        ? await leaveOf(visitor, current && (current.label ?? titleOf(current)))
        : undefined,
    upcoming: {
      title: isOn ? 'What will be collected' : 'What would be collected',
      items: shown.slice(0, MOST_ITEMS).map(itemOf),
      more: shown.length > MOST_ITEMS ? `And ${shown.length - MOST_ITEMS} more after that.` : undefined,
      empty: emptyText(isOn, current !== undefined),
    },
  };
}

/** Turning it off. What becomes of the plans that were agreed is asked; where nothing else is collected, turning it off is the answer. */
async function leaveOf(
  { scope, customer }: Visitor,
  from: string | undefined,
): Promise<NonNullable<AutopayModel['leave']>> {
  const plans = await collectedPlans(scope);
  const what = plansText(plans);
  const off = { name: 'action', value: 'off' };
  const collects = await upcomingCollections(scope);
  const isPlansAlone = !customer.autopay && collects.every(({ kind }) => kind === 'installment');
  if (plans.length > 0 && isPlansAlone)
    return {
      action: urls.autopay,
      hidden: [off, { name: 'plans', value: 'stop' }],
      text: `At once, for the instalments that are due now as well. ${what} stays as you agreed: you then pay each instalment yourself.`,
    };
  return {
    action: urls.autopay,
    hidden: [off],
    text: 'At once, for the invoices that are open now as well. You then pay each one yourself.',
    plans:
      plans.length > 0
        ? {
            legend: `What you agreed: ${lowered(what)}`,
            choices: [
              { value: 'keep', label: `Keep collecting ${lowered(what)} from ${from}`, checked: true },
              { value: 'stop', label: 'Stop that as well: I pay each instalment myself', checked: false },
            ],
          }
        : undefined,
  };
}

/** `The payment plan for INV-7`. */
function plansText(plans: ReadonlyArray<{ readonly number: string }>): string {
  const numbers = plans.map(({ number }) => number).join(', ');
  return plans.length === 1 ? `The payment plan for ${numbers}` : `The payment plans for ${numbers}`;
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function statusOf(isOn: boolean, collected: readonly CollectionWords[]): AutopayModel['status'] {
  if (isOn) return { tone: 'good', label: 'On' };
  const numbers = [...new Set(collected.map(({ collection }) => collection.number))];
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

const MOST_ITEMS = 12;

function textOf({ scope, customer }: Visitor, mayEnrol: boolean, atOnce: string): string {
  const when = whenCollected(customer.autopayDelayDays ?? scope.settings['autopay.delay_days']);
  if (mayEnrol)
    return `Each invoice is collected ${when}${atOnce ? `, and ${atOnce} that is due already at once` : ''}. You get a receipt each time, and you can turn it off whenever you like.`;
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
  atOnce: string,
  problem: FormProblem,
): Promise<AutopayModel['form']> {
  const { scope, customer } = visitor;
  const { methods, saved } = await payOptions(scope, customer.currency, []);
  if (methods.length === 0) return undefined;
  return {
    title: isOn ? 'Another payment method' : 'Turn AutoPay on',
    folded: isOn && canCollect && problem.refusal === undefined && Object.keys(problem.fields).length === 0,
    action: urls.autopay,
    hidden: [
      { name: 'action', value: 'on' },
      { name: 'nonce', value: secretToken(scope.tokens) },
    ],
    with: await payWith(visitor, { methods, saved }, problem),
    button: isOn ? 'Collect from this one' : atOnce ? `Turn on and pay ${atOnce} now` : 'Turn AutoPay on',
    testNumbers: testNumbers(visitor, methods),
  };
}

function itemOf({
  collection,
  total,
  fee,
  when,
  method,
}: CollectionWords): AutopayModel['upcoming']['items'][number] {
  const part = collection.position === undefined ? '' : `instalment ${collection.position}, `;
  const again = collection.attempt > 1 ? ', another try' : '';
  return {
    label: collection.number,
    note: `${part}${when} from ${method}${again}${fee ? `, ${fee}` : ''}`,
    amount: total,
    href: urls.invoice(collection.clientId),
  };
}

function doneNotice(
  search: URLSearchParams,
  plans: ReadonlyArray<{ readonly number: string }>,
): NoticeModel | undefined {
  const now = search.get('now');
  if (now === 'off') {
    const goes = plans.length === 1 ? 'goes on' : 'go on';
    const text =
      plans.length > 0
        ? `Your invoices are yours to pay. ${plansText(plans)} ${goes} as you agreed.`
        : 'Nothing is collected any more.';
    return { tone: 'good', title: 'AutoPay is off', text };
  }
  if (now !== 'on') return undefined;
  const failed = Number(search.get('failed') ?? 0);
  if (failed > 0)
    return {
      tone: 'bad',
      title: 'This payment method did not work',
      text: `${failed === 1 ? 'An invoice that was' : 'Invoices that were'} due could not be collected from it. Choose another one, or pay ${failed === 1 ? 'it' : 'them'} yourself.`,
      link: { label: 'Show open invoices', href: withQuery(urls.invoices, { status: 'open' }) },
    };
  const paid = Number(search.get('paid') ?? 0);
  return {
    tone: 'good',
    title: 'AutoPay is on',
    text:
      paid > 0
        ? `What was due has been collected: ${paid === 1 ? '1 invoice' : `${paid} payments`}.`
        : undefined,
  };
}
