import type { ChallengeModel, LookModel } from '#src/components/models.ts';
import { type Attempt, bankPageOf } from '#src/payments/attempts/attempt.ts';
import { amount } from '../formatting.ts';
import { urls } from '#src/portal/urls.ts';
import type { Visitor } from '../visitor.ts';
import { chargeOf } from './receipt-page.ts';

/** What a bank's question is about, and where it is asked. */
export interface Question {
  /** The bank's own page; undefined where the portal asks, which it does for the test gateway alone. */
  readonly bankPage: string | undefined;
  readonly isTest: boolean;
  /** The payer has been at their bank already, and comes back without an answer. */
  readonly again: boolean;
  /** What the payer is to confirm: `this payment`, `this card`. */
  readonly what: string;
}

/** The bank's question before a payment. */
export function challengePage(visitor: Visitor, attempt: Attempt, again: boolean): ChallengeModel {
  const bankPage = bankPageOf(attempt);
  return {
    ...questionOf({ bankPage, isTest: attempt.gateway === 'test', again, what: 'this payment' }),
    facts: [
      { label: 'To', value: visitor.scope.tenant.name },
      { label: 'Card', value: attempt.method_label ?? 'Card' },
      { label: 'Amount', value: amount(chargeOf(attempt), visitor.language), strong: true },
    ],
    action: urls.challenge(attempt.id),
    reject: 'Do not pay',
  };
}

/**
 * Leads the browser on to the bank's page, unless the payer has been there. It is no redirect: browsers hold the answer to a form to its page's
 * form-action, and a bank's address is not ours.
 */
export function leadToBank(
  headers: Headers,
  { bankPage, again }: Pick<Question, 'bankPage' | 'again'>,
): void {
  if (bankPage !== undefined && !again) headers.set('refresh', `0; url=${bankPage}`);
}

/** Somebody comes back from their bank: what it says is asked by a form, because a page that is read settles nothing. */
export function lookPage(what: string, action: string, hidden: LookModel['hidden'] = []): LookModel {
  return {
    title: `We are asking your bank about ${what}`,
    text: 'This takes a moment.',
    action,
    hidden,
    button: 'See what your bank says',
  };
}

/** How the question is put; the words fit a payment and a card that is to be kept. */
export function questionOf({
  bankPage,
  isTest,
  again,
  what,
}: Question): Pick<ChallengeModel, 'title' | 'text' | 'bank' | 'approve' | 'hint'> {
  if (bankPage !== undefined && !again)
    return {
      title: `Your bank asks you to confirm ${what}`,
      text: 'We are taking you to your bank. You come back here by yourself.',
      bank: { label: 'Go to my bank', href: bankPage },
    };
  if (bankPage !== undefined)
    return {
      title: `Your bank has not confirmed ${what} yet`,
      text: 'Go back to your bank to confirm it, or leave it. Nothing has been charged so far.',
      bank: { label: 'Go to my bank', href: bankPage },
    };
  if (isTest)
    return {
      title: `Confirm ${what}`,
      text: 'Your bank wants to be sure that it is you.',
      approve: 'Confirm',
      hint: 'This is the test gateway: “Confirm” stands for what your bank would ask.',
    };
  return {
    title: `Your bank asks you to confirm ${what}`,
    text: 'It asks in a way that cannot be shown here. Leave this, and use another card or a bank account.',
  };
}
