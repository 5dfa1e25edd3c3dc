import { z } from 'zod';
import type { NoticeModel, Status } from '#src/components/models.ts';
import type { MethodRow, MethodsModel } from '#src/components/pay-models.ts';
import { collectNow } from '#src/payments/collecting/autopay.ts';
import { upcomingCollections } from '#src/payments/collecting/collections.ts';
import { makeDefault } from '#src/payments/methods/enrolment.ts';
import { methodsToAdd } from '#src/payments/methods/method-setup.ts';
import { triesLeft } from '#src/payments/methods/method-verification.ts';
import type { SetupOutcome } from '#src/payments/methods/setups.ts';
import {
  expiryOf,
  findMethod,
  listMethods,
  onlineMethodOf,
  type PaymentMethod,
  removedMethod,
  titleOf,
  usableMethod,
} from '#src/payments/methods/methods.ts';
import type { CustomerScope } from '#src/scope.ts';
import { afterEnrolment } from '../paying/outcome.ts';
import { assertSeen, takenAsDefault } from '../paying/at-once.ts';
import { confirmation, doneOf } from '../confirmation.ts';
import { type FormProblem, problemNotice } from '../forms.ts';
import type { Visitor } from '../visitor.ts';
import { urls, withQuery } from '#src/portal/urls.ts';

/** What the list sends: the method to use by default. */
export const DefaultForm = z.object({
  default: z.coerce.number().int().positive(),
  /** What the list said is charged to it at once. */
  at_once: z.array(z.string().max(300)).max(1).default([]),
});
export type DefaultForm = z.infer<typeof DefaultForm>;

/** What was done just now, as the address says it: for the notice above the list. */
const DONE = z.object({
  done: z
    .enum(['added', 'declined', 'verifying', 'verified', 'named', 'default'])
    .optional()
    .catch(undefined),
  collected: z.coerce.number().int().min(0).max(999).catch(0),
  failed: z.coerce.number().int().min(0).max(999).catch(0),
});
type Done = NonNullable<z.infer<typeof DONE>['done']>;

/**
 * Makes another method the default, and answers where to go. Refuses `not_found`, and `total_not_seen` where something else is charged to it at
 * once than the list said.
 */
export async function performDefault(visitor: Visitor, form: DefaultForm): Promise<string> {
  const { scope } = visitor;
  const { default: methodId } = form;
  const method = await usableMethod(scope, methodId);
  if (!method.is_default)
    assertSeen(visitor, await takenAsDefault(visitor, onlineMethodOf(method)), form.at_once);
  await makeDefault(scope, methodId);
  return afterNewDefault(scope, 'default');
}

/** Where to go after the default changed: what AutoPay failed to collect is collected at once, and the list says what became of it. */
export async function afterNewDefault(scope: CustomerScope, done: Done): Promise<string> {
  const tried = await collectNow(scope);
  const collected = tried.filter(
    ({ outcome }) => outcome.state === 'succeeded' || outcome.state === 'processing',
  );
  const failed = tried.filter(({ outcome }) => outcome.state === 'declined');
  return withQuery(urls.methods, {
    done,
    collected: collected.length || undefined,
    failed: failed.length || undefined,
  });
}

/** Where a setup's story goes on; for one that `enrols` with what the AutoPay page confirms. */
export async function afterSetup(
  scope: CustomerScope,
  outcome: SetupOutcome,
  enrols: boolean,
): Promise<string> {
  switch (outcome.state) {
    case 'saved': {
      if (enrols) return afterEnrolment(await collectNow(scope));
      const { is_default: isDefault } = await findMethod(scope, outcome.methodId);
      return isDefault ? afterNewDefault(scope, 'added') : listAfter('added');
    }
    case 'action_required':
      return urls.setup(outcome.setupId);
    case 'declined':
      return listAfter('declined');
    case 'verifying':
      return listAfter('verifying');
  }
}

/** The same after the payer came back from their bank. */
export async function afterLookAtSetup(
  scope: CustomerScope,
  outcome: SetupOutcome,
  enrols: boolean,
): Promise<string> {
  return outcome.state === 'action_required'
    ? urls.setupAsked(outcome.setupId)
    : afterSetup(scope, outcome, enrols);
}

/** Where the page of a setup leads that has ended already: there is nothing more to do. */
export function shownSetup({ state }: SetupOutcome): string {
  return listAfter(state === 'saved' ? 'added' : state === 'verifying' ? 'verifying' : 'declined');
}

/** The list after something was done. */
export function listAfter(done: Done): string {
  return withQuery(urls.methods, { done });
}

/** What the list shows. */
export async function methodsPage(
  visitor: Visitor,
  search: URLSearchParams,
  problem: FormProblem,
): Promise<MethodsModel> {
  const { scope } = visitor;
  const methods = await listMethods(scope);
  const canAdd = (await methodsToAdd(scope)).length > 0;
  return {
    notice:
      problemNotice(problem, 'Nothing was changed', 'Choose again.') ??
      (await removedNotice(visitor, search)) ??
      noticeOf(search),
    methods: await Promise.all(methods.map((method) => rowOf(visitor, method))),
    action: urls.methods,
    addHref: canAdd ? urls.newMethod : undefined,
    empty: {
      title: 'Nothing is kept yet',
      text: canAdd
        ? 'Add a card or a bank account, and paying takes one click.'
        : 'Nothing can be kept here at the moment.',
      link: canAdd ? { label: 'Add a payment method', href: urls.newMethod } : undefined,
    },
  };
}

async function rowOf(visitor: Visitor, kept: PaymentMethod): Promise<MethodRow> {
  const { scope, customer } = visitor;
  const method = await asItIs(scope, kept);
  const title = titleOf(method);
  const isUsable = method.state === 'usable';
  const taken =
    isUsable && !method.is_default ? await takenAsDefault(visitor, onlineMethodOf(method)) : undefined;
  return {
    icon: method.kind === 'card' ? 'card' : 'bank',
    title: method.label ?? title,
    text: [method.label === null ? undefined : title, method.bank_name, expiryText(method)]
      .filter(Boolean)
      .join(' · '),
    badges: badgesOf(scope, method, customer.autopay),
    warning: warningOf(scope, method),
    charged: taken?.text ? `As your default it is charged ${taken.text} at once.` : undefined,
    hidden: taken?.seen ? [{ name: 'at_once', value: taken.seen }] : [],
    makeDefault: isUsable && !method.is_default ? String(method.id) : undefined,
    verifyHref: method.state === 'verifying' ? urls.verifyMethod(method.id) : undefined,
    nameHref: urls.nameMethod(method.id),
    removeHref: urls.removeMethod(method.id),
  };
}

/** An account that waits to be confirmed and cannot be any more has failed. */
export async function asItIs(scope: CustomerScope, method: PaymentMethod): Promise<PaymentMethod> {
  if (method.state !== 'verifying' || (await triesLeft(scope, method.id)) > 0) return method;
  return { ...method, state: 'failed' };
}

function badgesOf(scope: CustomerScope, method: PaymentMethod, autopay: boolean): Status[] {
  const badges: Status[] = [];
  if (method.is_default) badges.push({ tone: 'accent', label: 'Default' });
  if (method.is_default && autopay) badges.push({ tone: 'good', label: 'AutoPay' });
  if (method.state === 'verifying') badges.push({ tone: 'calm', label: 'Waiting for you to confirm' });
  if (method.state === 'failed') badges.push({ tone: 'bad', label: 'Cannot be used' });
  const expiry = expiryOf(scope, method);
  if (expiry === 'expired') badges.push({ tone: 'bad', label: 'Expired' });
  if (expiry === 'soon') badges.push({ tone: 'warn', label: 'Expires soon' });
  return badges;
}

function warningOf(scope: CustomerScope, method: PaymentMethod): string | undefined {
  if (method.gateway_account !== null)
    return 'We have changed our payment service. Remove this one, and add it again.';
  if (method.state === 'failed') return 'Remove it, and add it again with the right details.';
  if (method.state === 'verifying')
    return 'Two small deposits are on their way. Type their amounts when they have arrived.';
  const expiry = expiryOf(scope, method);
  if (expiry === 'expired') return 'Add your new card, then remove this one.';
  return expiry === 'soon' ? 'Add your new card before this one stops working.' : undefined;
}

function expiryText({ exp_month: month, exp_year: year }: PaymentMethod): string | undefined {
  if (month === null || year === null) return undefined;
  return `Expires ${String(month).padStart(2, '0')}/${year}`;
}

/** Which method was removed, as the address names it, and what is collected from now on. */
async function removedNotice(visitor: Visitor, search: URLSearchParams): Promise<NoticeModel | undefined> {
  const { scope, customer } = visitor;
  if (!doneOf(search, ['removed'])) return undefined;
  const method = await removedMethod(scope, Number(search.get('method')));
  if (!method) return undefined;
  const kept = (await listMethods(scope)).find((one) => one.is_default === 1 && one.state === 'usable');
  const from = kept && (kept.label ?? titleOf(kept));
  const planned = (await upcomingCollections(scope)).filter(({ kind }) => kind === 'installment');
  const plans = [...new Set(planned.map(({ number }) => number))].join(', ');
  const off = plans ? 'Off' : 'Off. Nothing is collected by itself.';
  return confirmation('Your payment method is removed', [
    ['Removed', method.label === null ? titleOf(method) : `${method.label} (${titleOf(method)})`],
    ['Default', from ?? 'None. You choose how to pay each time.'],
    ['AutoPay', customer.autopay && from ? `Goes on, from ${from}` : off],
    ['Payment plans', plans && `${plans}, collected from ${from}`],
  ]);
}

const TITLES: Readonly<Record<Done, string>> = {
  added: 'Added',
  declined: 'Not added',
  verifying: 'Added. Two small deposits are on their way.',
  verified: 'Your account is confirmed',
  named: 'Saved',
  default: 'This is your default now',
};

function noticeOf(search: URLSearchParams): NoticeModel | undefined {
  const { done, collected, failed } = DONE.parse(Object.fromEntries(search));
  if (!done) return undefined;
  if (done === 'declined') {
    const text = 'Your bank did not confirm that it was you. Try it again, or add another one.';
    return { tone: 'bad', title: TITLES[done], text, link: { label: 'Try again', href: urls.newMethod } };
  }
  if (failed > 0) {
    return {
      tone: 'bad',
      title: TITLES[done],
      text: `We tried at once to collect what AutoPay had failed to, and ${countOf(failed)} could not be collected. Use another method, or pay it yourself.`,
      link: { label: 'Show what is open', href: withQuery(urls.invoices, { status: 'open' }) },
    };
  }
  const text = collected > 0 ? `AutoPay has just collected ${countOf(collected)} with it.` : undefined;
  return { tone: 'good', title: TITLES[done], text };
}

function countOf(invoices: number): string {
  return invoices === 1 ? '1 invoice' : `${invoices} invoices`;
}
