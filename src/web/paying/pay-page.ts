import { z } from 'zod';
import type { NoticeModel } from '#src/components/models.ts';
import type { PayModel } from '#src/components/pay-models.ts';
import { invoicesByClientId } from '#src/documents/invoices.ts';
import { sum } from '#src/kernel/money.ts';
import { type PayOptions, payOptions } from '#src/payments/taking/pay-options.ts';
import { payInvoices, type PaymentDraft, preparePayment } from '#src/payments/taking/pay.ts';
import { customerCredit } from '#src/payments/credit/credits.ts';
import { offlineMethodsFor } from '#src/payments/outside/promises.ts';
import { amount, decimalOf } from '../formatting.ts';
import { type FormProblem, shownField } from '../forms.ts';
import { assertAtOnceSeen, atOnceFields, type PaidNow } from './at-once.ts';
import { chosenTerms, payWith, testNumbers } from './instrument-form.ts';
import { assertSomethingOpen } from './nothing-open.ts';
import {
  chargesOf,
  feeNote,
  liveTotal,
  notPaid,
  PayerForm,
  payerOf,
  performWith,
  problemOf,
  totalsOf,
} from './pay-form.ts';
import { lineOf, partsHint, readParts, typedParts } from './pay-parts.ts';
import { OUTSIDE } from './promise-words.ts';
import type { Visitor, Whereabouts } from '../visitor.ts';
import { urls } from '#src/portal/urls.ts';

/** What the payment form sends. */
export const PayForm = z.object({
  ...PayerForm.shape,
  /** `{client id}:{minor units}`: what the customer saw as left to pay. */
  seen: z
    .array(z.string().regex(/^[0-9A-Za-z]{24}:\d{1,15}$/))
    .min(1)
    .max(500),
  /** What to pay of each, in the same order, as it was typed; none where the whole is paid. */
  part: z.array(z.string().max(40)).max(500).default([]),
  currency: z.string().regex(/^[A-Z]{3}$/),
});
export type PayForm = z.infer<typeof PayForm>;

/** Performs a sent form: where to go next, or what to show on the same page. */
export async function performPayment(
  visitor: Visitor,
  form: PayForm,
  whereabouts: Whereabouts,
): Promise<string | FormProblem> {
  const seen = new Map(form.seen.map((pair) => [pair.slice(0, 24), Number(pair.slice(25))]));
  const parts = readParts(form.part, seen, form.currency, visitor.language);
  const invoices = await invoicesByClientId(visitor.scope, [...seen.keys()]);
  const options = await payOptions(visitor.scope, form.currency, invoices);
  const payer = payerOf(visitor, form, options, whereabouts);
  const wrong = 'wrong' in parts ? parts.wrong : {};
  if ('fields' in payer) return problemOf({ ...wrong, ...payer.fields });
  if ('wrong' in parts) return problemOf(wrong);
  const terms = chosenTerms(form, options);
  // A form that comes again has enrolled already.
  if (terms && form.autopay && options.mayEnrol) {
    const paid = new Map(
      invoices.map(({ id, clientId }) => [id, parts.read?.get(clientId) ?? seen.get(clientId)!]),
    );
    await assertAtOnceSeen(visitor, form, terms, paid);
  }
  const { currency } = form;
  return performWith(form, () => payInvoices(visitor.scope, { ...payer, seen, parts: parts.read, currency }));
}

/** What the payment page shows: first for the chosen invoices, and again, with what was typed, when something was wrong. */
export async function payPage(
  visitor: Visitor,
  { invoices: chosen, currency: wanted, isWhole }: Chosen,
  problem: FormProblem,
): Promise<PayModel> {
  const { scope, customer, language } = visitor;
  await assertSomethingOpen(scope, chosen);
  const draft = await preparePayment(scope, chosen, wanted);
  const { currency } = draft.total;
  const options = await payOptions(scope, currency, draft.invoices);
  const outside = await outsideLink(visitor, draft);
  const typed = typedParts(problem, currency, language);
  const isOne = draft.invoices.length === 1;
  const lines = draft.invoices.map((invoice) => lineOf(visitor, invoice, isWhole, typed, problem));
  const paying = new Map(draft.invoices.map(({ id }, i) => [id, lines[i]!.pays.minor]));
  const total = sum(
    lines.map(({ pays }) => pays),
    currency,
  );
  const typing = lines.some(({ line }) => line.part);
  return {
    back: { label: 'Activity', href: urls.invoices },
    title: isOne ? `Pay invoice ${draft.invoices[0]!.number}` : `Pay ${draft.invoices.length} invoices`,
    action: urls.pay,
    hidden: [
      { name: 'nonce', value: draft.nonce },
      { name: 'currency', value: currency },
      ...draft.invoices.map(({ clientId, left }) => ({ name: 'seen', value: `${clientId}:${left.minor}` })),
      ...(options.mayEnrol ? await atOnceFields(visitor, options.methods, paying) : []),
    ],
    charges: chargesOf(options, total),
    notice:
      noticeOf(problem, draft) ??
      (options.mustKeep ? keptNotice(visitor) : await creditNotice(visitor, draft)),
    items: lines.map(({ line, left, clientId, number }) => ({
      ...line,
      whole: typing && !line.part ? decimalOf(left, language) : undefined,
      leave: isOne ? undefined : { value: clientId, label: visitor.words.paying.removeOne({ number }) },
    })),
    leave: isOne ? undefined : leaveOut(draft),
    partsHint: partsHint(options.least, draft.invoices, language),
    totals: totalsOf(visitor, options, total),
    feeNote: feeNote(visitor, options),
    with: await keepingWith(visitor, { ...options, paying }, problem),
    email: shownField(problem, 'email', customer.email),
    live: typing ? liveTotal(options, currency) : undefined,
    testNumbers: testNumbers(visitor, options.methods),
    offline: options.methods.length === 0 ? nothingOnline(outside !== undefined) : undefined,
    outside: outside && {
      ...outside,
      label: `${outside.label}${options.methods.length > 0 ? ' instead' : ''}`,
    },
  };
}

function nothingOnline(isPaidOutside: boolean): NoticeModel {
  const how = isPaidOutside
    ? 'It can be paid outside the portal.'
    : 'Write to us, and we will tell you how to pay.';
  const title = 'This cannot be paid online';
  return { tone: 'calm', title, text: `No way to pay online is open for what you chose. ${how}` };
}

/** Where what is paid with is kept anyway, that is not asked. */
async function keepingWith(
  visitor: Visitor,
  options: PayOptions & { readonly paying: PaidNow },
  problem: FormProblem,
): Promise<PayModel['with']> {
  const way = await payWith(visitor, options, problem);
  return options.mustKeep ? { ...way, save: undefined } : way;
}

/** That there is credit to use first. */
async function creditNotice(
  { scope, account, language }: Visitor,
  { invoices, total }: PaymentDraft,
): Promise<PayModel['notice']> {
  if (!scope.settings['credits.in_portal'] || account.role === 'viewer') return undefined;
  const credit = (await customerCredit(scope)).find(({ currency }) => currency === total.currency);
  if (!credit || credit.usable.minor <= 0) return undefined;
  return {
    tone: 'accent',
    title: `You have ${amount(credit.usable, language)} of credit`,
    text: 'Use it first, and pay only the rest.',
    link: { label: 'Use the credit', href: urls.useCreditFor(invoices.map(({ clientId }) => clientId)) },
  };
}

function keptNotice({ scope }: Visitor): NonNullable<PayModel['notice']> {
  return {
    tone: 'calm',
    title: `${scope.tenant.name} collects by AutoPay here`,
    text: 'What you pay with now is kept, and what comes later of it is collected by itself. You can remove it whenever you like.',
  };
}

/** The way to pay outside the portal, where the merchant says how. */
async function outsideLink({ scope }: Visitor, { invoices }: PaymentDraft): Promise<PayModel['outside']> {
  const offered = await offlineMethodsFor(scope, invoices);
  if (offered.length === 0) return undefined;
  const label = `Pay by ${offered.map(({ name }) => OUTSIDE[name]).join(' or ')}`;
  return { label, href: urls.promise(invoices.map(({ clientId }) => clientId)) };
}

/** What a page is about: the named invoices, or everything open, in a currency where one is named. */
export interface Chosen {
  readonly invoices: readonly string[];
  readonly currency?: string | undefined;
  /** Of payment plans all is to be paid, not only what they ask for now. */
  readonly isWhole?: boolean | undefined;
}

/** The invoices that a form was about, so that the same page can be shown again; on a first visit what the address names. */
export function chosenInvoices(problem: FormProblem, search: URLSearchParams): Chosen {
  if (problem.all) return { invoices: problem.all('seen').map((pair) => pair.slice(0, 24)) };
  const named = search.getAll('invoice').filter((id) => id !== '');
  const kept = named.filter((id) => !search.getAll('without').includes(id));
  // None at all would mean everything that is open.
  const invoices = kept.length > 0 ? kept : named;
  const currency = search.get('currency') ?? '';
  return {
    invoices,
    currency: /^[A-Z]{3}$/.test(currency) ? currency : undefined,
    isWhole: search.has('whole'),
  };
}

/** The same page without one of its invoices, which the pressed button names: a form, so that not every line repeats all the others. */
function leaveOut({ invoices }: PaymentDraft): PayModel['leave'] {
  return {
    action: urls.pay,
    name: 'without',
    hidden: invoices.map(({ clientId }) => ({ name: 'invoice', value: clientId })),
  };
}

function later(count: number): string {
  return count === 1 ? 'One more' : `${count} more`;
}

function noticeOf(problem: FormProblem, draft: PaymentDraft): PayModel['notice'] {
  const notice = notPaid(problem);
  if (notice) return notice;
  if (draft.later > 0)
    return {
      tone: 'calm',
      title: `The ${draft.invoices.length} invoices that are due first`,
      text: `One payment covers at most ${draft.invoices.length}. ${later(draft.later)} can be paid after this.`,
    };
  if (draft.leftOut.length === 0) return undefined;
  const numbers = draft.leftOut.map(({ number }) => number).join(', ');
  return {
    tone: 'calm',
    title: 'Some invoices are left out',
    text: `${numbers}: paid already, being paid at this moment, or not open for payment.`,
  };
}
