import { z } from 'zod';
import type { PlanModel } from '#src/components/collecting-models.ts';
import type { NoticeModel, ScheduleRow, Status } from '#src/components/models.ts';
import { findInvoice, type Invoice } from '#src/documents/invoice.ts';
import { refuse } from '#src/kernel/errors.ts';
import { formatPercent, longDate } from '#src/kernel/format.ts';
import { secretToken } from '#src/kernel/ids.ts';
import { dateOf, todayIn } from '#src/kernel/time.ts';
import { type Collection, upcomingCollections } from '#src/payments/collecting/collections.ts';
import { chargeOn, type PayingMethod } from '#src/payments/attempts/terms.ts';
import { payOptions } from '#src/payments/taking/pay-options.ts';
import { cardEndsBefore, findMethod } from '#src/payments/methods/methods.ts';
import { findPlan, type Installment, type PaymentPlan } from '#src/payments/plans/plan.ts';
import { approvePlan } from '#src/payments/plans/plans.ts';
import { chosenMethod } from './collecting.ts';
import { andMore, wordCollections } from '../paying/collection-words.ts';
import { confirmation, confirmedAt, doneOf } from '../confirmation.ts';
import { failedNotice } from './failed.ts';
import { amount, dateWhen } from '../formatting.ts';
import { type FieldErrors, type FormProblem, Nonce, problemNotice, shownField } from '../forms.ts';
import { InstrumentForm, payWith, readInstrument, testNumbers } from '../paying/instrument-form.ts';
import { urls } from '#src/portal/urls.ts';
import type { Visitor, Whereabouts } from '../visitor.ts';

/** What the approval of a plan sends; without anything that can be charged, no instrument. */
export const PlanForm = z
  .object({
    ...InstrumentForm.shape,
    with: InstrumentForm.shape.with.unwrap().or(z.literal('')).optional(),
    nonce: Nonce.or(z.literal('')).default(''),
    /** What was on the page. */
    schedule: z.string().max(100),
    agree: z.literal('on').optional(),
  })
  .superRefine((form, context) => {
    const instrument = form.with && readInstrument({ ...form, with: form.with });
    const fields: FieldErrors = {
      ...(instrument && 'wrong' in instrument ? instrument.wrong : {}),
      ...(form.agree ? {} : { agree: 'Tick this to agree to the schedule.' }),
    };
    for (const [name, message] of Object.entries(fields))
      context.addIssue({ code: 'custom', path: [name], message });
  });
export type PlanForm = z.infer<typeof PlanForm>;

/** Performs a sent approval: where to go next, or what to show on the same page. */
export async function performApproval(
  visitor: Visitor,
  clientId: string,
  form: PlanForm,
  whereabouts: Whereabouts,
): Promise<string | FormProblem> {
  const { scope } = visitor;
  const { id: invoiceId } = await findInvoice(scope, clientId);
  const chosen = form.with
    ? await chosenMethod(visitor, { ...form, with: form.with }, whereabouts)
    : undefined;
  if (typeof chosen === 'object' || typeof chosen === 'string') return chosen;
  await approvePlan(scope, {
    invoiceId,
    hash: form.schedule,
    methodId: chosen,
    ip: whereabouts.clientAddress,
    userAgent: whereabouts.userAgent,
  });
  return confirmedAt(urls.plan(clientId), 'approved');
}

/** What a plan's page shows, first and again with what was typed. Refuses `not_found` for an invoice without one. */
export async function planPage(
  visitor: Visitor,
  clientId: string,
  search: URLSearchParams,
  problem: FormProblem,
): Promise<PlanModel> {
  const { scope, language } = visitor;
  const invoice = await findInvoice(scope, clientId);
  const plan = (await findPlan(scope, invoice.id)) ?? refuse('not_found', { what: 'payment plan' });
  const runs = plan.state === 'active' || plan.state === 'pending_signup';
  return {
    back: { label: `Invoice ${invoice.number}`, href: urls.invoice(clientId) },
    title: `Payment plan for invoice ${invoice.number}`,
    notice:
      problemNotice(problem, 'Not agreed yet') ??
      (runs ? await failedNotice(visitor, invoice.id) : undefined) ??
      (doneOf(search, ['approved']) && (await agreedNotice(visitor, invoice, plan))),
    status: statusOf(visitor, plan),
    amount: amount(plan.balance, language),
    amountNote: runs ? `of ${amount(plan.total, language)} is open` : 'is open on this plan',
    text: await textOf(visitor, invoice, plan),
    rows: scheduleRows(plan, language),
    total: amount(plan.total, language),
    approval: await approvalOf(visitor, invoice, plan, problem),
    ...(await payingOf(visitor, invoice, plan)),
  };
}

/** What was agreed to, as long as it holds; undefined where nobody agreed. */
async function agreedNotice(
  visitor: Visitor,
  invoice: Invoice,
  { approval, state, total, installments }: PaymentPlan,
): Promise<NoticeModel | undefined> {
  const last = installments.at(-1);
  if (!approval || (state !== 'active' && state !== 'finished') || !last) return undefined;
  const { scope, language } = visitor;
  const [next] = await wordCollections(visitor, (await collectionsOf(visitor, invoice)).slice(0, 1));
  const open = installments.find((installment) => installment.state !== 'paid');
  const byHand =
    open && `${amount(open.balance, language)}, to be paid by you by ${longDate(open.date, language)}`;
  return confirmation('You agreed to this payment plan', [
    ['With', scope.tenant.name],
    ['Invoice', invoice.number],
    ['You pay', `${amount(total, language)} in ${countOf(installments.length)}`],
    ['Next', next ? `${next.total} ${next.when}${next.fee ? `, ${next.fee}` : ''}` : byHand],
    ['Last', `${amount(last.amount, language)} on ${longDate(last.date, language)}`],
    ['Collected from', next?.method],
    ['Agreed on', longDate(dateOf(approval.at, scope.tenant.timeZone), language)],
  ]);
}

function countOf(installments: number): string {
  return installments === 1 ? 'one instalment' : `${installments} instalments`;
}

async function collectionsOf({ scope }: Visitor, { id }: Invoice): Promise<Collection[]> {
  return (await upcomingCollections(scope)).filter(({ invoiceId }) => invoiceId === id);
}

/** The next instalment where it is the customer's to pay, and paying early; before the plan is agreed, paying everything at once. */
async function payingOf(
  visitor: Visitor,
  invoice: Invoice,
  { state }: PaymentPlan,
): Promise<Pick<PlanModel, 'pay' | 'quiet'>> {
  const { clientId, planned, payable } = invoice;
  const mayPay = payable && visitor.account.role !== 'viewer';
  if (state === 'pending_signup')
    return {
      pay: mayPay ? { label: 'Pay everything now instead', href: urls.payInvoice(clientId) } : undefined,
    };
  if (state !== 'active') return {};
  const collected = (await collectionsOf(visitor, invoice)).length > 0;
  const next = planned && amount(planned.amount, visitor.language);
  const change = { label: 'Change what it is collected from', href: urls.autopay };
  return {
    pay:
      mayPay && next
        ? {
            label: collected && !planned.isDue ? `Pay ${next} early` : `Pay ${next}`,
            href: urls.payInvoice(clientId),
            main: !collected,
          }
        : undefined,
    quiet: [
      ...(mayPay ? [{ label: 'Pay all of it early', href: urls.payWhole(clientId) }] : []),
      ...(collected ? [change] : []),
    ],
  };
}

const STATES: Readonly<Record<PaymentPlan['state'], Status>> = {
  pending_signup: { tone: 'warn', label: 'Waits for you' },
  active: { tone: 'calm', label: 'Running' },
  finished: { tone: 'good', label: 'Paid' },
  canceled: { tone: 'plain', label: 'Taken back' },
};

function statusOf({ scope }: Visitor, plan: PaymentPlan): Status {
  const today = todayIn(scope.clock, scope.tenant.timeZone).toString();
  const late = plan.installments.filter(({ state, date }) => state === 'due' && date < today).length;
  if (plan.state !== 'active' || late === 0) return STATES[plan.state];
  return { tone: 'bad', label: late === 1 ? '1 instalment late' : `${late} instalments late` };
}

async function textOf(visitor: Visitor, invoice: Invoice, plan: PaymentPlan): Promise<string> {
  const { scope, language } = visitor;
  const { name } = scope.tenant;
  if (plan.state === 'finished') return 'Every instalment is paid. Thank you.';
  if (plan.state === 'canceled')
    return `${name} has taken this plan back. Nothing of it is collected any more.`;
  if (plan.state === 'pending_signup')
    return `${name} offers you to pay in instalments. Nothing is collected before you agree.`;
  const [next] = await wordCollections(visitor, (await collectionsOf(visitor, invoice)).slice(0, 1));
  if (next) {
    const warning = await expiryWarning(visitor, plan, next.collection.methodId);
    return `Next: ${next.total} ${next.when}, collected from ${next.method}${next.others > 0 ? `, for this${andMore(next.others)}` : ''}.${warning}`;
  }
  const open = plan.installments.find(({ state }) => state !== 'paid');
  return open
    ? `Nothing is collected by itself. Please pay ${amount(open.balance, language)} by ${longDate(open.date, language)}.`
    : '';
}

/** Says so when the card will have expired before everything is collected. */
async function expiryWarning(
  { scope }: Visitor,
  plan: PaymentPlan,
  methodId: number | undefined,
): Promise<string> {
  if (methodId === undefined) return '';
  const method = await findMethod(scope, methodId);
  const last = plan.installments.findLast(({ state }) => state !== 'paid');
  if (!last || !cardEndsBefore(method, last.date)) return '';
  return ' It expires before the last instalment: add your new card in time.';
}

/** The instalments of a plan as its page and its invoice show them. */
export function scheduleRows({ installments }: PaymentPlan, language: string): ScheduleRow[] {
  return installments.map((installment) => rowOf(installment, language));
}

function rowOf(
  { position, date, amount: whole, balance, state, attempts }: Installment,
  language: string,
): ScheduleRow {
  const isPart = state !== 'paid' && balance.minor < whole.minor;
  return {
    position: String(position),
    when: dateWhen(date, language),
    amount: amount(whole, language),
    left: isPart ? `${amount(balance, language)} left` : undefined,
    status: state === 'due' && attempts > 0 ? { tone: 'bad', label: 'Not collected' } : INSTALLMENT[state],
  };
}

const INSTALLMENT: Readonly<Record<Installment['state'], Status>> = {
  paid: { tone: 'good', label: 'Paid' },
  due: { tone: 'warn', label: 'Due' },
  upcoming: { tone: 'plain', label: 'To come' },
};

async function approvalOf(
  visitor: Visitor,
  invoice: Invoice,
  plan: PaymentPlan,
  problem: FormProblem,
): Promise<PlanModel['approval']> {
  const { scope, account } = visitor;
  if (plan.state !== 'pending_signup' || account.role === 'viewer') return undefined;
  const { methods, saved } = await payOptions(scope, plan.total.currency, [invoice]);
  return {
    action: urls.plan(invoice.clientId),
    hidden: [
      { name: 'schedule', value: plan.hash },
      { name: 'nonce', value: secretToken(scope.tokens) },
    ],
    with: methods.length > 0 ? await payWith(visitor, { methods, saved }, problem) : undefined,
    notes: await approvalNotes(visitor, methods, plan),
    button: 'Approve this plan',
    agree: { ...shownField(problem, 'agree'), checked: problem.typed['agree'] === 'on' },
    testNumbers: testNumbers(visitor, methods),
  };
}

/** What the schedule does not show: a fee on cards, and what else is collected from the method that is chosen. */
async function approvalNotes(
  visitor: Visitor,
  methods: readonly PayingMethod[],
  plan: PaymentPlan,
): Promise<string[]> {
  const { scope, language } = visitor;
  const [first] = plan.installments;
  const withFee = methods.find(({ feePercent }) => feePercent !== undefined);
  const numbers = new Set((await upcomingCollections(scope)).map(({ number }) => number));
  const others = [...numbers];
  return [
    ...(withFee && first
      ? [
          `With a card, a fee of ${formatPercent(withFee.feePercent!, language)} comes on top of each instalment: ` +
            `${amount(chargeOn(withFee, first.amount).total, language)} for the first.`,
        ]
      : []),
    ...(others.length > 0
      ? [`${listOf(others)} will be collected from what you choose here, too: it becomes your default.`]
      : []),
  ];
}

/** `INV-1`, `INV-1 and INV-2`, `INV-1, INV-2 and 3 more`. */
function listOf(numbers: readonly string[]): string {
  const [first, second, ...more] = numbers;
  if (second === undefined) return first!;
  return more.length === 0 ? `${first} and ${second}` : `${first}, ${second} and ${more.length} more`;
}
