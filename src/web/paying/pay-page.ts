import { z } from 'zod';
import type { NoticeModel } from '#src/components/models.ts';
import type { PayLine, PayModel } from '#src/components/pay-models.ts';
import { invoicesByClientId } from '#src/documents/invoices.ts';
import { readAmount } from '#src/kernel/amount-text.ts';
import { minorDigits, type Money, money, sum } from '#src/kernel/money.ts';
import { leastOf } from '#src/payments/taking/parts.ts';
import { type PayOptions, payOptions } from '#src/payments/taking/pay-options.ts';
import { payInvoices, type PaymentDraft, preparePayment } from '#src/payments/taking/pay.ts';
import { customerCredit } from '#src/payments/credit/credits.ts';
import { offlineMethodsFor } from '#src/payments/outside/promises.ts';
import { amount, decimalOf } from '../formatting.ts';
import { type FieldErrors, type FormProblem, shownField } from '../forms.ts';
import { payWith, testNumbers } from './instrument-form.ts';
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
import { OUTSIDE } from './promise-page.ts';
import type { Visitor, Whereabouts } from '../visitor.ts';
import { dueNote, installmentText } from '../status.ts';
import { urls } from '../urls.ts';

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
  const payer = payerOf(visitor, form, await payOptions(visitor.scope, form.currency, invoices), whereabouts);
  const wrong = 'wrong' in parts ? parts.wrong : {};
  if ('fields' in payer) return problemOf({ ...wrong, ...payer.fields });
  if ('wrong' in parts) return problemOf(wrong);
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
    ],
    charges: chargesOf(options, total),
    notice:
      noticeOf(problem, draft) ??
      (options.mustKeep ? keptNotice(visitor) : await creditNotice(visitor, draft)),
    items: lines.map(({ line, left, clientId, number }) => ({
      ...line,
      whole: typing && !line.part ? decimalOf(left, language) : undefined,
      leave: isOne ? undefined : { value: clientId, label: `Leave out ${number}` },
    })),
    leave: isOne ? undefined : leaveOut(draft),
    partsHint: partsHint(options.least, draft.invoices, language),
    totals: totalsOf(visitor, options, total),
    feeNote: feeNote(visitor, options),
    with: await keepingWith(visitor, { ...options, paying: draft.invoices }, problem),
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
  options: PayOptions & { readonly paying: PaymentDraft['invoices'] },
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

/**
 * What was typed as the amount of each invoice, by client id. An amount that was left as it came is none: it stands for the whole, whatever that
 * is by now.
 */
function typedParts({ all }: FormProblem, currency: string, language: string): ReadonlyMap<string, string> {
  const parts = all?.('part') ?? [];
  const seen = all?.('seen') ?? [];
  const pairs = parts.map((part, i) => [seen[i] ?? '', part] as const);
  const changed = pairs.filter(
    ([saw, part]) => Number(saw.slice(25)) !== readAmount(part, minorDigits(currency), language),
  );
  return new Map(changed.map(([saw, part]) => [saw.slice(0, 24), part]));
}

function readParts(
  typed: readonly string[],
  seen: ReadonlyMap<string, number>,
  currency: string,
  language: string,
): { readonly read: ReadonlyMap<string, number> | undefined } | { readonly wrong: FieldErrors } {
  if (typed.length === 0) return { read: undefined };
  const ids = [...seen.keys()];
  const read = typed.map((text) => readAmount(text, minorDigits(currency), language));
  const wrong = read.flatMap((minor, i) =>
    minor && ids[i] !== undefined ? [] : [[`part:${ids[i]}`, BAD_PART]],
  );
  if (wrong.length > 0) return { wrong: Object.fromEntries(wrong) };
  return { read: new Map(read.map((minor, i) => [ids[i]!, minor!])) };
}

const BAD_PART = 'Enter an amount above zero, for example 120.50.';

function partsHint(
  least: Money | undefined,
  invoices: PaymentDraft['invoices'],
  language: string,
): string | undefined {
  const plan = invoices.some(({ planned }) => planned) ? 'You may pay more of a payment plan early.' : '';
  if (!least) return plan || undefined;
  const bound = least.minor > 1 ? ` At least ${amount(least, language)} of each, or all of it.` : '';
  return [`You may pay a part of an invoice now.${bound}`, plan].filter(Boolean).join(' ');
}

interface ToPay {
  readonly line: PayLine;
  /** What is added up: what was typed, as far as it can be. */
  readonly pays: Money;
  readonly left: Money;
  readonly clientId: string;
  readonly number: string;
}

function lineOf(
  { scope, language }: Visitor,
  invoice: PaymentDraft['invoices'][number],
  isWhole: boolean | undefined,
  typed: ReadonlyMap<string, string>,
  { fields, first }: FormProblem,
): ToPay {
  const { clientId, number, left, planned } = invoice;
  const asked = isWhole ? left : invoice.due;
  const line = {
    label: number,
    note: dueNote(invoice, language),
    amount: amount(left, language),
    href: urls.invoice(clientId),
  };
  if (!leastOf(scope, invoice)) return { line, pays: left, left, clientId, number };
  const wrong = [number, clientId].map((one) => `part:${one}`).find((name) => fields[name]);
  const part = {
    label: `Pay now of ${number}`,
    value: typed.get(clientId) ?? decimalOf(asked, language),
    error: wrong && fields[wrong],
    focus: wrong !== undefined && wrong === first,
  };
  const note = planned
    ? `${installmentText(planned, language)}. ${line.amount} is open.`
    : `of ${line.amount}`;
  return {
    line: { ...line, note, part },
    pays: partOf(typed.get(clientId), asked, left, language),
    left,
    clientId,
    number,
  };
}

function partOf(typed: string | undefined, asked: Money, left: Money, language: string): Money {
  if (typed === undefined) return asked;
  const minor = readAmount(typed, minorDigits(left.currency), language);
  return minor && minor < left.minor ? money(minor, left.currency) : left;
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
