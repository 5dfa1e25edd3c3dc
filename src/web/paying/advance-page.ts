import { z } from 'zod';
import type { PayModel, PayTotal } from '#src/components/pay-models.ts';
import { readAmount } from '#src/kernel/amount-text.ts';
import { refuse } from '#src/kernel/errors.ts';
import { minorDigits, money, MOST_MINOR } from '#src/kernel/money.ts';
import { payOptions, prepareAdvance } from '#src/payments/taking/pay-options.ts';
import { payInAdvance } from '#src/payments/taking/pay.ts';
import { amount } from '../formatting.ts';
import { type FieldErrors, type FormProblem, shownField } from '../forms.ts';
import { assertAtOnceSeen, atOnceFields } from './at-once.ts';
import { chosenTerms, payWith, testNumbers } from './instrument-form.ts';
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
import type { Visitor, Whereabouts } from '../visitor.ts';
import { urls } from '#src/portal/urls.ts';

/** What the form for paying in advance sends: the amount as it was typed. */
export const AdvanceForm = z.object({
  ...PayerForm.shape,
  amount: z.string().max(40),
  currency: z.string().regex(/^[A-Z]{3}$/),
});
export type AdvanceForm = z.infer<typeof AdvanceForm>;

/** Performs a sent form: where to go next, or what to show on the same page. */
export async function performAdvance(
  visitor: Visitor,
  form: AdvanceForm,
  whereabouts: Whereabouts,
): Promise<string | FormProblem> {
  const { scope, customer, language } = visitor;
  if (form.currency !== customer.currency) refuse('mixed_currencies');
  const minor = readAmount(form.amount, minorDigits(customer.currency), language);
  const wrong = wrongAmount(minor, customer.currency, language);
  const options = await payOptions(scope, customer.currency, []);
  const payer = payerOf(visitor, form, options, whereabouts);
  if ('fields' in payer) return problemOf({ ...wrong, ...payer.fields });
  if (!minor || Object.keys(wrong).length > 0) return problemOf(wrong);
  const terms = chosenTerms(form, options);
  if (terms && form.autopay && options.mayEnrol) await assertAtOnceSeen(visitor, form, terms);
  // Whoever has typed the amount has seen the charge, unless a fee comes on top that was not shown.
  const charge = payer.charge === undefined || payer.charge === 0 ? minor : payer.charge;
  return performWith(form, () =>
    payInAdvance(scope, { ...payer, charge, amount: money(minor, customer.currency) }),
  );
}

function wrongAmount(minor: number | undefined, currency: string, language: string): FieldErrors {
  if (!minor) return { amount: 'Enter an amount above zero, for example 250.00.' };
  if (minor <= MOST_MINOR) return {};
  return { amount: `The largest amount possible is ${amount(money(MOST_MINOR, currency), language)}.` };
}

/** What the page shows, at first and again with what was typed. Refuses `advance_not_allowed`. */
export async function advancePage(visitor: Visitor, problem: FormProblem): Promise<PayModel> {
  const { scope, customer, language } = visitor;
  const { nonce, currency, options } = await prepareAdvance(scope, customer.currency);
  const typed = problem.typed['amount'];
  const minor = typed === undefined ? undefined : readAmount(typed, minorDigits(currency), language);
  const total = money(minor ?? 0, currency);
  return {
    back: { label: 'My Account', href: urls.home },
    title: 'Pay in advance',
    text: 'What you pay now becomes credit, and pays your next invoices.',
    action: urls.payInAdvance,
    hidden: [
      { name: 'nonce', value: nonce },
      { name: 'currency', value: currency },
      ...(options.mayEnrol ? await atOnceFields(visitor, options.methods) : []),
    ],
    charges: chargesOf(options, total),
    notice: notPaid(problem),
    items: [{ label: 'Credit for your next invoices', amount: '' }],
    amount: { ...shownField(problem, 'amount'), currency },
    totals: totalsOf(visitor, options, total).map((one) => (minor ? one : withoutTotal(one))),
    feeNote: feeNote(visitor, options),
    with: await payWith(visitor, options, problem),
    email: shownField(problem, 'email', customer.email),
    live: liveTotal(options, currency),
    testNumbers: testNumbers(visitor, options.methods),
    offline: options.methods.length === 0 ? NOTHING_ONLINE : undefined,
  };
}

/** As long as no amount is known, nothing is said that would look like one. */
function withoutTotal({ terms, fee, credit }: PayTotal): PayTotal {
  const unknown = { amount: '—' };
  return {
    terms,
    fee: fee && { ...fee, ...unknown },
    credit: credit && { ...credit, ...unknown },
    total: '—',
    button: 'Pay',
  };
}

const NOTHING_ONLINE = {
  tone: 'calm',
  title: 'Nothing can be paid online at the moment',
  text: 'Write to us, and we will tell you how to pay.',
} as const;
