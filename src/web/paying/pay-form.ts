import { z } from 'zod';
import type { NoticeModel } from '#src/components/models.ts';
import type { LiveTotal, PayTotal } from '#src/components/pay-models.ts';
import { Refusal } from '#src/kernel/errors.ts';
import { formatPercent } from '#src/kernel/format.ts';
import { minorDigits, type Money, MOST_MINOR } from '#src/kernel/money.ts';
import type { PaymentOutcome } from '#src/payments/taking/charge.ts';
import type { PayOptions } from '#src/payments/taking/pay-options.ts';
import type { Payer } from '#src/payments/taking/pay.ts';
import { chargeOn, type PayingMethod } from '#src/payments/attempts/terms.ts';
import { ReceiptEmail } from './card-form.ts';
import { amount } from '../formatting.ts';
import { Nonce, problemNotice, type FieldErrors, type FormProblem } from '../forms.ts';
import { chosenTerms, declinedInstrument, InstrumentForm, isNew, readInstrument } from './instrument-form.ts';
import type { Visitor, Whereabouts } from '../visitor.ts';
import { urls } from '#src/portal/urls.ts';

/** What every form that takes a payment sends. Card and account fields are the test gateway's; a real gateway has its own. */
export const PayerForm = z.object({
  nonce: Nonce,
  /** What the payer saw as the whole charge: `fee:5145` with the convenience fee, `plain:5000` without, in minor units. */
  charge: z
    .array(z.string().regex(/^(fee|plain):\d{1,15}$/))
    .max(2)
    .default([]),
  /** Where the receipt goes; empty means the customer's own address. */
  email: z.string().max(300).optional(),
  ...InstrumentForm.shape,
});
export type PayerForm = z.infer<typeof PayerForm>;

/**
 * Who pays, and with what, as an operation takes it; or what is wrong with the form by itself. Whether it is still right is the operation's to
 * say: a form that comes again was right the first time.
 */
export function payerOf(
  { customer }: Visitor,
  form: PayerForm,
  options: PayOptions,
  { clientAddress, userAgent }: Whereabouts,
): Payer | FormProblem {
  const instrument = readInstrument(form);
  const email = ReceiptEmail.safeParse(form.email);
  const wrong = {
    ...('wrong' in instrument ? instrument.wrong : {}),
    ...(email.success ? {} : { email: email.error.issues[0]!.message }),
  };
  if ('wrong' in instrument || !email.success) return problemOf(wrong);
  const terms = chosenTerms(form, options);
  return {
    nonce: form.nonce,
    with: instrument,
    save: (form.save || options.mustKeep) && isNew(form),
    autopay: form.autopay,
    receiptEmail: email.data ?? customer.email,
    acceptance: { ip: clientAddress, userAgent },
    charge: terms && seenCharge(form, terms),
  };
}

/** Takes the payment, and answers where to go next, or what to show on the same page: beside a field what belongs there. */
export async function performWith(
  form: PayerForm,
  take: () => Promise<PaymentOutcome>,
): Promise<string | FormProblem> {
  try {
    const outcome = await take();
    if (outcome.state !== 'declined') return nextPage(outcome);
    return declinedInstrument(form, outcome);
  } catch (error) {
    const field = error instanceof Refusal ? fieldOfRefusal(error) : undefined;
    if (!(error instanceof Refusal) || !field) throw error;
    return problemOf({ [field]: `${error.publicly.message} ${error.publicly.hint}` });
  }
}

/** Where a payment's story goes on. */
export function nextPage(outcome: PaymentOutcome): string {
  switch (outcome.state) {
    case 'succeeded':
      return urls.receipt(outcome.receipt);
    case 'action_required':
      return urls.challenge(outcome.attemptId);
    default:
      return urls.attempt(outcome.attemptId);
  }
}

/** Where it goes on after the bank was asked; where it has no answer yet, nobody is sent there again by themselves. */
export function afterLook(outcome: PaymentOutcome): string {
  return outcome.state === 'action_required' ? urls.challengeAgain(outcome.attemptId) : nextPage(outcome);
}

/** What is charged for a total, under each terms that a way to pay has. */
export function totalsOf({ language }: Visitor, options: PayOptions, total: Money): PayTotal[] {
  const { withFee, plain } = byTerms(options);
  return [withFee, plain ?? (withFee ? undefined : NO_TERMS)].flatMap((terms) =>
    terms ? [totalUnder(terms, total, language)] : [],
  );
}

/** The hidden fields that say what the payer saw as the whole charge. */
export function chargesOf(options: PayOptions, total: Money): Array<{ name: string; value: string }> {
  const { withFee, plain } = byTerms(options);
  const charges = [{ name: 'charge', value: `plain:${chargeOn(plain ?? NO_TERMS, total).total.minor}` }];
  if (withFee) charges.push({ name: 'charge', value: `fee:${chargeOn(withFee, total).total.minor}` });
  return charges;
}

type Terms = Pick<PayingMethod, 'feePercent' | 'step'>;

/** What holds where nothing can be paid online. */
const NO_TERMS: Terms = { feePercent: undefined, step: 1 };

function byTerms({ methods }: PayOptions): { readonly withFee?: Terms; readonly plain?: Terms } {
  const withFee = methods.find(({ feePercent }) => feePercent !== undefined);
  const plain = methods.find(({ feePercent }) => feePercent === undefined);
  return { ...(withFee ? { withFee } : {}), ...(plain ? { plain } : {}) };
}

/** Why there is a fee; undefined where there is none. */
export function feeNote({ scope, language }: Visitor, { methods }: PayOptions): string | undefined {
  const withFee = methods.find(({ feePercent }) => feePercent !== undefined);
  if (!withFee) return undefined;
  const percent = formatPercent(withFee.feePercent!, language);
  return (
    `${scope.tenant.name} adds ${percent} to card payments for what card companies charge. The fee comes on top: it does not pay for your invoices.` +
    (methods.length > 1 ? ' Paying from a bank account costs nothing extra.' : '')
  );
}

/** What the script needs that adds up while somebody types. */
export function liveTotal(options: PayOptions, currency: string): LiveTotal {
  const step = options.methods[0]?.step ?? 1;
  return { currency, digits: minorDigits(currency), feePoints: feePoints(options), step, most: MOST_MINOR };
}

function feePoints({ methods }: PayOptions): number {
  const percent = methods.find(({ feePercent }) => feePercent !== undefined)?.feePercent ?? '0';
  const [whole = '0', fraction = ''] = percent.split('.');
  return Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
}

/** What is said above a payment that was not taken. */
export function notPaid(problem: FormProblem): NoticeModel | undefined {
  return problemNotice(
    problem,
    'Not paid yet',
    'Nothing was charged. What needs another look is marked below.',
  );
}

export function problemOf(fields: FieldErrors): FormProblem {
  return { typed: {}, fields, refusal: undefined };
}

function totalUnder(terms: Terms, total: Money, language: string): PayTotal {
  const { fee, credit, total: whole } = chargeOn(terms, total);
  const charge = amount(whole, language);
  const { feePercent } = terms;
  return {
    terms: feePercent === undefined ? 'plain' : 'fee',
    fee:
      feePercent === undefined
        ? undefined
        : { label: `Fee of ${formatPercent(feePercent, language)}`, amount: amount(fee, language) },
    credit: terms.step === 1 ? undefined : { label: CREDITED, amount: amount(credit, language) },
    total: charge,
    button: `Pay ${charge}`,
  };
}

/** What is charged on top because the gateway takes no smaller steps. */
const CREDITED = 'Rounded up, kept as your credit';

function seenCharge({ charge }: PayerForm, { feePercent }: PayingMethod): number | undefined {
  const prefix = feePercent === undefined ? 'plain:' : 'fee:';
  const seen = charge.find((one) => one.startsWith(prefix));
  return seen === undefined ? undefined : Number(seen.slice(prefix.length));
}

function fieldOfRefusal({ code, details }: Refusal): string | undefined {
  switch (code) {
    case 'below_minimum':
    case 'above_maximum':
    case 'method_not_offered':
      return 'with';
    case 'not_found':
      return details['what'] === 'payment method' ? 'with' : undefined;
    case 'part_too_small':
    case 'overpayment':
    case 'partial_not_allowed':
      return `part:${details['number']}`;
    default:
      return undefined;
  }
}
