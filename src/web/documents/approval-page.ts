import { z } from 'zod';
import type { ApprovalModel, ApprovalPayment, DeclineModel } from '#src/components/document-models.ts';
import type { NoticeModel } from '#src/components/models.ts';
import { declineEstimate } from '#src/documents/estimate-approval.ts';
import { type Estimate, findEstimate } from '#src/documents/estimates.ts';
import { type Money, negate } from '#src/kernel/money.ts';
import {
  type ApprovalDraft,
  approveOffer,
  approveWithDeposit,
  prepareApproval,
} from '#src/payments/taking/deposits.ts';
import { confirmedAt } from '../confirmation.ts';
import { amount } from '../formatting.ts';
import { type FieldErrors, type FormProblem, problemNotice, shownField } from '../forms.ts';
import { payWith, readInstrument, testNumbers } from '../paying/instrument-form.ts';
import { chargesOf, feeNote, PayerForm, payerOf, performWith, totalsOf } from '../paying/pay-form.ts';
import { urls } from '#src/portal/urls.ts';
import type { Visitor, Whereabouts } from '../visitor.ts';

const minor = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** What the form of an approval sends: with a deposit also what it is paid with. */
export const ApprovalForm = z
  .object({
    ...PayerForm.shape,
    /** As `charge`, for those who pay everything. */
    whole_charge: PayerForm.shape.charge,
    /** What the customer saw: the total, the deposit (minor units), and the hash of the terms. */
    total: minor,
    deposit: minor,
    terms: z.string().max(100).optional(),
    initials: z
      .string()
      .trim()
      .regex(/^\p{L}[\p{L}\p{M}. -]{0,9}$/u, 'Enter your initials, for example PM.'),
    agree: z.literal('on').optional(),
    pays: z.enum(['deposit', 'whole']).optional(),
  })
  .superRefine((form, context) => {
    const instrument = form.pays && readInstrument(form);
    const fields: FieldErrors = {
      ...(form.terms && !form.agree ? { agree: 'Tick this to agree to the terms.' } : {}),
      ...(instrument && 'wrong' in instrument ? instrument.wrong : {}),
    };
    for (const [name, message] of Object.entries(fields))
      context.addIssue({ code: 'custom', path: [name], message });
  });
export type ApprovalForm = z.infer<typeof ApprovalForm>;

export const DeclineForm = z.object({
  reason: z.string().trim().max(1000, 'Keep it to 1,000 letters.').optional(),
});
export type DeclineForm = z.infer<typeof DeclineForm>;

/** Performs a sent approval: where to go next, or what to show on the same page. */
export async function performApproval(
  visitor: Visitor,
  clientId: string,
  form: ApprovalForm,
  whereabouts: Whereabouts,
): Promise<string | FormProblem> {
  const { scope } = visitor;
  const answer = {
    ip: whereabouts.clientAddress,
    userAgent: whereabouts.userAgent,
    clientId,
    initials: form.initials,
    termsHash: form.terms || undefined,
    seen: { total: form.total, deposit: form.deposit },
  };
  const { pays } = form;
  if (!pays) {
    await approveOffer(scope, answer);
    return confirmedAt(urls.estimate(clientId), 'approved');
  }
  const { options } = await prepareApproval(scope, clientId);
  const charge = pays === 'whole' ? form.whole_charge : form.charge;
  const payer = payerOf(visitor, { ...form, charge }, options, whereabouts);
  if ('fields' in payer) return payer;
  return performWith(form, () => approveWithDeposit(scope, { ...answer, ...payer, pays }));
}

export async function performDecline(
  visitor: Visitor,
  clientId: string,
  { reason }: DeclineForm,
): Promise<string> {
  const { id } = await findEstimate(visitor.scope, clientId);
  await declineEstimate(visitor.scope, id, reason || undefined);
  return confirmedAt(urls.estimate(clientId), 'declined');
}

/** What the approval page shows, first and again with what was typed. Undefined when there is nothing to approve. */
export async function approvalPage(
  visitor: Visitor,
  clientId: string,
  problem: FormProblem,
): Promise<ApprovalModel | undefined> {
  const { language } = visitor;
  const draft = await prepareApproval(visitor.scope, clientId);
  const { estimate, deposit } = draft;
  if (!estimate.isOpen || draft.isUnderWay) return undefined;
  const payment = await paymentOf(visitor, draft, problem);
  return {
    back: { label: `Estimate ${estimate.number}`, href: urls.estimate(clientId) },
    title: `Approve estimate ${estimate.number}`,
    action: urls.approval(clientId),
    hidden: [
      { name: 'nonce', value: draft.nonce },
      { name: 'total', value: String(draft.whole.minor) },
      { name: 'deposit', value: String(deposit.minor) },
      ...(draft.termsHash ? [{ name: 'terms', value: draft.termsHash }] : []),
    ],
    notice: noticeOf(problem),
    items: itemsOf(estimate, language),
    total: amount(estimate.total, language),
    terms: draft.terms || undefined,
    agree: { ...shownField(problem, 'agree'), checked: problem.typed['agree'] === 'on' },
    initials: shownField(problem, 'initials'),
    payment,
    depositNote:
      deposit.minor > 0 && !payment
        ? `A deposit of ${amount(deposit, language)} is due. ${visitor.scope.tenant.name} tells you how to pay it.`
        : undefined,
  };
}

/** What the page for declining shows. Undefined when there is nothing to decline. */
export async function declinePage(
  visitor: Visitor,
  clientId: string,
  problem: FormProblem,
): Promise<DeclineModel | undefined> {
  const estimate = await findEstimate(visitor.scope, clientId);
  if (!estimate.isOpen) return undefined;
  return {
    back: { label: `Estimate ${estimate.number}`, href: urls.estimate(clientId) },
    title: `Decline estimate ${estimate.number}`,
    text: `${visitor.scope.tenant.name} reads what you write. You can ask for a new estimate at any time.`,
    action: urls.decline(clientId),
    notice: noticeOf(problem),
    reason: shownField(problem, 'reason'),
  };
}

/** The first lines of the estimate; a long one is read on its own page. */
function itemsOf({ lines, rates }: Estimate, language: string): ApprovalModel['items'] {
  const items = [
    ...lines.map((line) => ({ label: line.name, amount: amount(line.amount, language) })),
    ...rates.map((rate) => ({
      label: rate.name,
      amount: amount(rate.kind === 'discount' ? negate(rate.amount) : rate.amount, language),
    })),
  ];
  const more = items.length - MOST_ITEMS;
  return more > 1 ? [...items.slice(0, MOST_ITEMS), { label: `and ${more} more`, amount: '' }] : items;
}

const MOST_ITEMS = 8;

async function paymentOf(
  visitor: Visitor,
  { deposit, whole, options }: ApprovalDraft,
  problem: FormProblem,
): Promise<ApprovalPayment | undefined> {
  if (deposit.minor === 0 || options.methods.length === 0) return undefined;
  const { customer, language } = visitor;
  const wanted = problem.typed['pays'] ?? 'deposit';
  const choice = (value: 'deposit' | 'whole', label: string, money: Money) => ({
    value,
    label,
    note: amount(money, language),
    checked: wanted === value,
    totals: totalsOf(visitor, options, money),
  });
  const isSame = deposit.minor === whole.minor;
  return {
    choices: [
      choice('deposit', 'The deposit', deposit),
      ...(isSame ? [] : [choice('whole', 'Everything', whole)]),
    ],
    charges: [
      ...chargesOf(options, deposit),
      ...chargesOf(options, whole).map(({ value }) => ({ name: 'whole_charge', value })),
    ],
    with: await payWith(visitor, { methods: options.methods, saved: options.saved }, problem),
    feeNote: feeNote(visitor, options),
    email: shownField(problem, 'email', customer.email),
    testNumbers: testNumbers(visitor, options.methods),
  };
}

function noticeOf(problem: FormProblem): NoticeModel | undefined {
  return problemNotice(
    problem,
    'Not sent yet',
    'Nothing was approved or charged. What needs another look is marked below.',
  );
}
