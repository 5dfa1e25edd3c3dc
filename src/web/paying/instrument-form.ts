import { z } from 'zod';
import type { PayChoice, PayWithModel, Said, TestNumber } from '#src/components/pay-models.ts';
import { formatPercent } from '#src/kernel/format.ts';
import { cleanIban, hasValidIban, hasValidRouting } from '#src/payments/gateways/bank.ts';
import { fieldOfDecline } from '#src/payments/gateways/card.ts';
import type { BankDetails, DeclineCode } from '#src/payments/gateways/gateway.ts';
import { mandateText } from '#src/payments/methods/mandate.ts';
import { onlineMethodOf, type PaymentMethod, titleOf } from '#src/payments/methods/methods.ts';
import type { PayOptions } from '#src/payments/taking/pay-options.ts';
import type { Instrument } from '#src/payments/taking/pay.ts';
import { TEST_ACCOUNT_HINTS, TEST_CARD_HINTS } from '#src/payments/gateways/test-cards.ts';
import type { OnlineMethod, PayingMethod } from '#src/payments/attempts/terms.ts';
import { type PaidNow, sayAtOnce, takenAtOnce } from './at-once.ts';
import { CardForm, cardOf, declinedCard } from './card-form.ts';
import { amount } from '../formatting.ts';
import { type FieldErrors, type FormProblem, shownField } from '../forms.ts';
import type { Visitor } from '../visitor.ts';

/*
 * The part of a form that says what is paid with: one of the customer's methods (`m7`), a new card or a new bank account. Fields of a way that
 * was not chosen may hold anything.
 */

const text = z.string().max(200).optional();
const tick = z
  .literal('on')
  .optional()
  .transform((value) => value === 'on');

export const InstrumentForm = z.object({
  with: z
    .string()
    .regex(/^(card|bank|m\d{1,15})$/, 'Choose how to pay.')
    .default('card'),
  number: text,
  expiry: text,
  cvc: text,
  name: text,
  bank_holder: text,
  bank_type: z.enum(['individual', 'company']).default('individual'),
  routing: text,
  account: text,
  account_again: text,
  iban: text,
  /** What a gateway's own fields in the browser gave; such a form has no other fields. */
  card_token: text,
  bank_token: text,
  save: tick,
  autopay: tick,
  /** `{kind}:{sums}`: what the form said is taken at once by AutoPay with a kind of method. */
  at_once: z.array(z.string().max(300)).max(4).default([]),
});
export type InstrumentForm = z.infer<typeof InstrumentForm>;

const holder = z.string({ error: 'Enter the name on the account.' }).trim();
const IbanForm = z.object({
  bank_holder: holder.min(2, 'Enter the name on the account.').max(100),
  iban: z
    .string()
    .transform(cleanIban)
    .refine(hasValidIban, 'This IBAN is not complete or has a typing mistake.'),
});
const digits = z.string().transform((typed) => typed.replace(/[\s-]/g, ''));
const AccountForm = z
  .object({
    bank_holder: holder.min(2, 'Enter the name on the account.').max(100),
    routing: digits.refine(hasValidRouting, 'Enter the 9 digits of the routing number.'),
    account: digits.pipe(z.string().regex(/^\d{4,17}$/, 'Enter the 4 to 17 digits of the account number.')),
    account_again: digits,
  })
  .refine((form) => form.account === form.account_again, {
    path: ['account_again'],
    error: 'This is not the same number as above.',
  });

/** What was chosen, or what is wrong with it beside its fields. */
export function readInstrument(form: InstrumentForm): Instrument | { readonly wrong: FieldErrors } {
  if (form.with.startsWith('m')) return { kind: 'method', methodId: Number(form.with.slice(1)) };
  const token = form.with === 'card' ? form.card_token : form.bank_token;
  if (token !== undefined) return readToken(form.with, token);
  if (form.with === 'card') {
    const card = CardForm.safeParse(filled(form, ['number', 'expiry', 'cvc', 'name']));
    return card.success ? { kind: 'card', card: cardOf(card.data) } : { wrong: errorsOf(card.error) };
  }
  const bank = readBank(form);
  return 'wrong' in bank ? bank : { kind: 'bank_account', account: bank };
}

function readToken(way: string, token: string): Instrument | { readonly wrong: FieldErrors } {
  if (!/^\w{3,200}$/.test(token)) return { wrong: { with: NO_TOKEN } };
  return { kind: 'token', method: way === 'card' ? 'card' : 'bank_account', token };
}

const NO_TOKEN =
  'The secure fields did not answer. They need JavaScript: turn it on and reload the page, or choose another way to pay.';

function readBank(form: InstrumentForm): BankDetails | { readonly wrong: FieldErrors } {
  const holderType = form.bank_type;
  if (form.iban !== undefined) {
    const sent = IbanForm.safeParse(filled(form, ['bank_holder', 'iban']));
    if (!sent.success) return { wrong: errorsOf(sent.error) };
    return { holder: sent.data.bank_holder, holderType, iban: sent.data.iban };
  }
  const sent = AccountForm.safeParse(filled(form, ['bank_holder', 'routing', 'account', 'account_again']));
  if (!sent.success) return { wrong: errorsOf(sent.error) };
  const { bank_holder, routing, account } = sent.data;
  return { holder: bank_holder, holderType, routing, account };
}

/** Whether the way to pay that a form chose is one that asks for fields. */
export function isNew(form: InstrumentForm): boolean {
  return !form.with.startsWith('m');
}

/** The field that a reason against what was chosen belongs beside. */
export function fieldOf(form: InstrumentForm): string {
  if (hasToken(form)) return 'with';
  if (form.with === 'card') return 'number';
  if (form.with === 'bank') return form.iban === undefined ? 'account' : 'iban';
  return 'with';
}

/** Whether a gateway's own fields stood in the form: reasons cannot stand beside them. */
function hasToken({ card_token: card, bank_token: bank }: InstrumentForm): boolean {
  return card !== undefined || bank !== undefined;
}

/** An instrument that its gateway did not take or keep, as a problem of the form. */
export function declinedInstrument(
  form: InstrumentForm,
  { code, message }: { readonly code: string; readonly message: string },
): FormProblem {
  if (form.with === 'card' && !hasToken(form))
    return declinedCard({ field: fieldOfDecline(code as DeclineCode), message });
  return { typed: {}, fields: { [fieldOf(form)]: message }, refusal: undefined };
}

/** The ways to pay as a form shows them, with what was typed. */
export async function payWith(
  visitor: Visitor,
  options: Pick<PayOptions, 'methods' | 'saved'> & {
    readonly mayEnrol?: boolean;
    /** What is paid with this form, which AutoPay will not collect. */
    readonly paying?: PaidNow;
  },
  problem: FormProblem,
): Promise<PayWithModel> {
  const all = choicesOf(visitor, options);
  const wanted = all.find(({ value }) => value === problem.typed['with']) ?? all[0];
  const field = (name: string) => shownField(problem, name);
  return {
    choices: all.map((choice) => ({ ...choice, checked: choice === wanted })),
    error: problem.fields['with'],
    focus: problem.first === 'with',
    card: { number: field('number'), expiry: field('expiry'), cvc: field('cvc'), name: field('name') },
    bank: {
      holder: field('bank_holder'),
      holderType: problem.typed['bank_type'] ?? 'individual',
      routing: field('routing'),
      account: field('account'),
      accountAgain: field('account_again'),
      iban: field('iban'),
    },
    stripe: await stripeForm(visitor),
    save: { checked: problem.typed['save'] === 'on' },
    autopay: options.mayEnrol
      ? {
          checked: problem.typed['autopay'] === 'on',
          hints: await enrolHints(visitor, options.methods, options.paying),
        }
      : undefined,
  };
}

/** What enrolling means, with what it takes at once. */
export function enrolHints(
  visitor: Visitor,
  methods: readonly PayingMethod[],
  paying?: PaidNow,
): Promise<readonly Said[]> {
  return sayAtOnce(visitor, methods, enrolText, (name) => takenAtOnce(visitor, name, paying));
}

function enrolText(sum: string): string {
  const atOnce = sum ? ` ${sum} that is due already is collected at once.` : '';
  return `We keep this way to pay and collect from it when an invoice is due.${atOnce} You can stop at any time.`;
}

/** What Stripe's fields need, where Stripe takes the payments. */
async function stripeForm({ scope }: Visitor): Promise<PayWithModel['stripe']> {
  if (scope.settings['payments.gateway'] !== 'stripe') return undefined;
  const { publishableKey } = await scope.gatewayKeys('stripe');
  return { publishableKey };
}

/** What to type with the test gateway, for the ways that are offered. */
export function testNumbers({ scope }: Visitor, methods: readonly PayingMethod[]): TestNumber[] | undefined {
  if (scope.settings['payments.gateway'] !== 'test') return undefined;
  return methods.flatMap(({ name }) => (name === 'credit_card' ? TEST_CARD_HINTS : TEST_ACCOUNT_HINTS[name]));
}

type Choice = Omit<PayChoice, 'checked'>;

function choicesOf(visitor: Visitor, { methods, saved }: Pick<PayOptions, 'methods' | 'saved'>): Choice[] {
  return [
    ...saved.map(({ method, terms }) => ({
      value: `m${method.id}`,
      label: method.label ?? titleOf(method),
      note: notes([
        method.label === null ? undefined : titleOf(method),
        expiryNote(method),
        noteOf(terms, visitor),
      ]),
      icon: method.kind === 'card' ? ('card' as const) : ('bank' as const),
      terms: termsOf(terms),
      arrives: arrivalOf(method.kind),
      mandate: undefined,
    })),
    ...methods.map((terms): Choice => ({
      value: terms.kind === 'card' ? 'card' : 'bank',
      label: (saved.length > 0 ? ANOTHER : NEW)[terms.name],
      note: noteOf(terms, visitor),
      icon: terms.kind === 'card' ? 'card' : 'bank',
      terms: termsOf(terms),
      arrives: arrivalOf(terms.kind),
      panel: PANELS[terms.name],
      mandate: mandateText(visitor.scope, terms.name),
    })),
  ];
}

const NEW: Readonly<Record<OnlineMethod, string>> = {
  credit_card: 'Card',
  ach: 'Bank account',
  direct_debit: 'Bank account (SEPA direct debit)',
};
const ANOTHER: Readonly<Record<OnlineMethod, string>> = {
  credit_card: 'Another card',
  ach: 'Another bank account',
  direct_debit: 'Another bank account (SEPA direct debit)',
};
const PANELS: Readonly<Record<OnlineMethod, PayChoice['panel']>> = {
  credit_card: 'card',
  ach: 'us_account',
  direct_debit: 'iban',
};

function termsOf({ feePercent }: PayingMethod): PayChoice['terms'] {
  return feePercent === undefined ? 'plain' : 'fee';
}

function arrivalOf(kind: PaymentMethod['kind']): PayChoice['arrives'] {
  return kind === 'card' ? 'at_once' : 'later';
}

/** On what terms a way to pay may be used: `Adds a fee of 2.9%. From €10.00.` */
function noteOf({ feePercent, minimum, maximum }: PayingMethod, { language }: Visitor): string | undefined {
  return notes([
    feePercent && `Adds a fee of ${formatPercent(feePercent, language)}`,
    minimum && `From ${amount(minimum, language)}`,
    maximum && `Up to ${amount(maximum, language)}`,
  ]);
}

function expiryNote({ exp_month: month, exp_year: year }: PaymentMethod): string | undefined {
  return month === null || year === null ? undefined : `Expires ${String(month).padStart(2, '0')}/${year}`;
}

function notes(parts: ReadonlyArray<string | undefined>): string | undefined {
  return parts.filter(Boolean).join(' · ') || undefined;
}

/** A field that did not arrive is an empty one: its own message says what to enter. */
function filled<Name extends keyof InstrumentForm>(
  form: InstrumentForm,
  names: readonly Name[],
): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, form[name] ?? '']));
}

function errorsOf(error: z.ZodError): FieldErrors {
  const fields: Record<string, string> = {};
  for (const issue of error.issues) fields[String(issue.path[0] ?? '')] ??= issue.message;
  return fields;
}

/** The terms that a chosen way to pay comes under; undefined for one that is not offered. */
export function chosenTerms(
  form: InstrumentForm,
  { methods, saved }: Pick<PayOptions, 'methods' | 'saved'>,
): PayingMethod | undefined {
  if (!isNew(form)) {
    const chosen = saved.find(({ method }) => `m${method.id}` === form.with);
    return chosen && methods.find(({ name }) => name === onlineMethodOf(chosen.method));
  }
  return methods.find(({ kind }) => (kind === 'card' ? 'card' : 'bank') === form.with);
}
