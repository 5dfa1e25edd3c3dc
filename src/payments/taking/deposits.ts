import {
  type Approval,
  approve,
  assertOpenEstimate,
  isDepositUnderWay,
} from '../../documents/estimate-approval.ts';
import { type Estimate, findEstimate } from '../../documents/estimates.ts';
import { sha256 } from '../../kernel/digest.ts';
import { refuse } from '../../kernel/errors.ts';
import { secretToken } from '../../kernel/ids.ts';
import { formatMoney, type Money, money } from '../../kernel/money.ts';
import type { CustomerScope } from '../../scope.ts';
import type { PaymentOutcome } from './charge.ts';
import { optionsWithout, type PayOptions } from './pay-options.ts';
import { payingMethods } from '../attempts/terms.ts';
import { type Payer, payOnce } from './pay.ts';

/** What the page on which an estimate is approved shows. */
export interface ApprovalDraft {
  /** Goes into the form: sending the form again is the same approval and the same payment. */
  readonly nonce: string;
  readonly estimate: Estimate;
  /** The merchant's terms, and their hash, which the form sends back; empty where there are none. */
  readonly terms: string;
  readonly termsHash: string | undefined;
  /** What is left of the deposit; nothing where none is asked for. */
  readonly deposit: Money;
  /** What is left of the whole, for those who would rather pay it now. */
  readonly whole: Money;
  /** How the deposit can be paid here; where no method is, it is paid outside the portal. */
  readonly options: PayOptions;
  /** A payment for it has started and is not finished. */
  readonly isUnderWay: boolean;
}

/** A customer's yes, with what they saw when they gave it. */
export interface EstimateAnswer extends Omit<Approval, 'estimateId'> {
  readonly clientId: string;
  /** Minor units. */
  readonly seen: { readonly total: number; readonly deposit: number };
}

export interface DepositOrder extends EstimateAnswer, Payer {
  readonly pays: 'deposit' | 'whole';
}

/** What approving an estimate means: its deposit, and the terms to agree to. Refuses `not_found`. */
export async function prepareApproval(scope: CustomerScope, clientId: string): Promise<ApprovalDraft> {
  const estimate = await findEstimate(scope, clientId);
  const deposit = leftOf(estimate.deposit, estimate);
  return {
    nonce: secretToken(scope.tokens),
    estimate,
    terms: scope.settings['estimates.terms'],
    termsHash: termsHashOf(scope),
    deposit,
    whole: leftOf(estimate.total, estimate),
    options: await optionsWithout(scope, estimate.currency, [estimate.disabledMethods]),
    isUnderWay: await isDepositUnderWay(scope, estimate.id),
  };
}

/**
 * Approves an estimate without paying: one that asks for no deposit, or whose deposit cannot be paid here. The same evidence twice is one
 * approval. Refuses `estimate_changed`, `deposit_needed`, `payment_in_progress`, `not_found` and `estimate_not_open`.
 */
export async function approveOffer(scope: CustomerScope, answer: EstimateAnswer): Promise<void> {
  const draft = await prepareApproval(scope, answer.clientId);
  const { number } = draft.estimate;
  assertAsSeen(scope, draft.estimate, answer);
  if (draft.deposit.minor > 0 && draft.options.methods.length > 0 && !draft.estimate.approval)
    refuse('deposit_needed', { number, deposit: formatMoney(draft.deposit, scope.language) });
  if (draft.isUnderWay) refuse('payment_in_progress', { number });
  await approve(scope, evidenceOf(draft.estimate, answer));
}

/**
 * Approves an estimate and pays its deposit, or the whole, at once: the approval is recorded when the money has been taken, and the money is
 * the customer's credit until there is an invoice for it. Refuses `estimate_changed`, `estimate_not_open`, `nothing_to_pay` and what `payOnce`
 * refuses.
 */
export async function approveWithDeposit(scope: CustomerScope, order: DepositOrder): Promise<PaymentOutcome> {
  const minor = order.pays === 'whole' ? order.seen.total : order.seen.deposit;
  if (minor <= 0) refuse('nothing_to_pay');
  return payOnce(scope, order, [[order.clientId, minor]], async (within) => {
    const estimate = await findEstimate(within, order.clientId);
    const { id, clientId, number, currency, disabledMethods } = estimate;
    await assertOpenEstimate(within, id);
    assertAsSeen(within, estimate, order);
    return {
      allocations: [{ to: 'estimate', id, clientId, number, amount: money(minor, currency) }],
      approval: evidenceOf(estimate, order),
      methods: await payingMethods(within, currency, [disabledMethods]),
    };
  });
}

/** The client id of the estimate whose deposit an attempt was to pay, if it was for one. */
export async function estimateOfAttempt(
  scope: CustomerScope,
  attemptId: string,
): Promise<string | undefined> {
  const row = await scope.db
    .from('attempt_allocations')
    .innerJoin(scope.db.rows('estimates'), 'estimates.id', 'attempt_allocations.estimate_id')
    .select('estimates.client_id')
    .where('attempt_allocations.attempt_id', '=', attemptId)
    .executeTakeFirst();
  return row?.client_id;
}

/** What is left of an amount of the estimate after what was paid for it. */
function leftOf(amount: Money, { depositPaid }: Estimate): Money {
  return money(Math.max(0, amount.minor - depositPaid.minor), amount.currency);
}

function termsHashOf(scope: CustomerScope): string | undefined {
  const terms = scope.settings['estimates.terms'];
  return terms === '' ? undefined : sha256(terms);
}

/** What the customer agrees to must be what they were shown. */
function assertAsSeen(
  scope: CustomerScope,
  estimate: Estimate,
  { seen, termsHash }: Pick<EstimateAnswer, 'seen' | 'termsHash'>,
): void {
  const isSame =
    seen.total === leftOf(estimate.total, estimate).minor &&
    seen.deposit === leftOf(estimate.deposit, estimate).minor &&
    termsHash === termsHashOf(scope);
  if (!isSame && !estimate.approval) refuse('estimate_changed', { number: estimate.number });
}

function evidenceOf(estimate: Estimate, { initials, termsHash, ip, userAgent }: EstimateAnswer): Approval {
  return { estimateId: estimate.id, initials, termsHash, ip, userAgent };
}
