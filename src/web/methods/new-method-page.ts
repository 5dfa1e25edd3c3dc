import { z } from 'zod';
import type { NewMethodModel } from '#src/components/pay-models.ts';
import { secretToken } from '#src/kernel/ids.ts';
import { failedTries } from '#src/payments/attempts/retries.ts';
import { addMethod } from '#src/payments/methods/method-setup.ts';
import { expiryOf, listMethods } from '#src/payments/methods/methods.ts';
import { type PayingMethod, payingMethods } from '#src/payments/attempts/terms.ts';
import { Nonce, type FormProblem, problemNotice, shownField } from '../forms.ts';
import { assertAtOnceSeen, atOnceFields, sayAtOnce, takenAsDefault, takenAtOnce } from '../paying/at-once.ts';
import {
  chosenTerms,
  declinedInstrument,
  enrolHints,
  InstrumentForm,
  payWith,
  readInstrument,
  testNumbers,
} from '../paying/instrument-form.ts';
import { problemOf } from '../paying/pay-form.ts';
import { afterSetup } from './payment-methods-page.ts';
import type { Visitor, Whereabouts } from '../visitor.ts';
import { urls } from '#src/portal/urls.ts';

/** What the form for a new method sends. */
export const NewMethodForm = z.object({
  ...InstrumentForm.shape,
  nonce: Nonce,
  label: z.string().max(200).default(''),
  verify: z.enum(['at_once', 'deposits']).default('at_once'),
  use: z
    .literal('on')
    .optional()
    .transform((value) => value === 'on'),
});
export type NewMethodForm = z.infer<typeof NewMethodForm>;

/** Keeps what was typed: where to go next, or what to show on the same page. */
export async function performAdd(
  visitor: Visitor,
  form: NewMethodForm,
  { clientAddress, userAgent }: Whereabouts,
): Promise<string | FormProblem> {
  const { scope, customer } = visitor;
  const instrument = readInstrument(form);
  if ('wrong' in instrument) return problemOf(instrument.wrong);
  if (instrument.kind === 'method') return problemOf({ with: 'Choose what to add.' });
  const methods = await payingMethods(scope, customer.currency);
  const terms = chosenTerms(form, { methods, saved: [] });
  // A form that comes again has enrolled already.
  if (terms && form.autopay && !customer.autopay) await assertAtOnceSeen(visitor, form, terms);
  const outcome = await addMethod(scope, {
    nonce: form.nonce,
    with: instrument,
    microDeposits: form.verify === 'deposits',
    name: form.label,
    makeDefault: form.use,
    autopay: form.autopay,
    acceptance: { ip: clientAddress, userAgent },
  });
  return outcome.state === 'declined'
    ? declinedInstrument(form, outcome)
    : afterSetup(scope, outcome, form.autopay);
}

/** What the page shows, at first and again with what was typed. */
export async function newMethodPage(visitor: Visitor, problem: FormProblem): Promise<NewMethodModel> {
  const { scope, customer } = visitor;
  const terms = await payingMethods(scope, customer.currency);
  const methods = terms.map(withoutTerms);
  const mayEnrol = scope.settings['autopay.enrollment'] && !customer.autopay;
  const kept = await listMethods(scope);
  const isFirst = kept.length === 0;
  const hasFailed = (await failedTries(scope)).length > 0;
  const takesOver = hasFailed || kept.some((method) => method.is_default === 1 && expiryOf(scope, method));
  const way = await payWith(visitor, { methods, saved: [], mayEnrol }, problem);
  const hints = await enrolHints(visitor, terms);
  const taken = await Promise.all(terms.map(({ name }) => takenAtOnce(visitor, name)));
  return {
    back: { label: 'Payment methods', href: urls.methods },
    action: urls.newMethod,
    hidden: [
      { name: 'nonce', value: secretToken(scope.tokens) },
      ...(mayEnrol ? await atOnceFields(visitor, terms) : []),
    ],
    notice: problemNotice(problem, 'Not added yet'),
    with: { ...way, save: undefined, autopay: way.autopay && { ...way.autopay, hints } },
    label: shownField(problem, 'label'),
    isFree: taken.every(({ seen }) => seen === '') && !hasFailed,
    tried: hasFailed
      ? await sayAtOnce(visitor, terms, triedText, (name) => takenAsDefault(visitor, name))
      : [],
    deposits: { checked: problem.typed['verify'] === 'deposits' },
    makeDefault: isFirst ? undefined : { checked: problem.all ? problem.typed['use'] === 'on' : takesOver },
    testNumbers: testNumbers(visitor, methods),
  };
}

function triedText(text: string): string {
  return text && `As your default it is charged ${text} at once: what is due and could not be collected.`;
}

/** Keeping something costs nothing and has no bounds. */
function withoutTerms({ name, kind }: PayingMethod): PayingMethod {
  return { name, kind, minimum: undefined, maximum: undefined, feePercent: undefined, step: 1 };
}
