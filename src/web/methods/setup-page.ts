import type { ChallengeModel, LookModel } from '#src/components/models.ts';
import { bankPageOf } from '#src/payments/attempts/attempt.ts';
import type { Setup } from '#src/payments/methods/setups.ts';
import { lookPage, questionOf } from '../paying/challenge-page.ts';
import { urls } from '#src/portal/urls.ts';
import type { Visitor } from '../visitor.ts';

/** The bank's question before a card is kept. */
export function setupPage({ scope }: Visitor, setup: Setup, again: boolean): ChallengeModel {
  const isTest = setup.gateway === 'test';
  return {
    ...questionOf({ bankPage: bankPageOf(setup), isTest, again, what: 'this card' }),
    facts: [{ label: 'Kept for', value: scope.tenant.name }],
    action: urls.setup(setup.id),
    reject: 'Do not add it',
  };
}

/** The payer comes back from their bank. */
export function setupLookPage({ id }: Setup): LookModel {
  return lookPage('this card', urls.setup(id), [{ name: 'answer', value: 'look' }]);
}
