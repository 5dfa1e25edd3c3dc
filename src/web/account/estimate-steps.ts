import type { Step } from '#src/components/models.ts';
import { openEstimates } from '#src/documents/estimates.ts';
import { longDate } from '#src/kernel/format.ts';
import { isPositive, subtract } from '#src/kernel/money.ts';
import { amount } from '../formatting.ts';
import { urls } from '#src/portal/urls.ts';
import type { Visitor } from '../visitor.ts';

const MOST = 3;

/** Estimates that wait for the customer's answer, the first to expire first. */
export async function estimateSteps({ scope, language, account }: Visitor): Promise<Step[]> {
  const waiting = await openEstimates(scope);
  const mayAnswer = account.role !== 'viewer';
  const steps = waiting.slice(0, MOST).map((estimate): Step => {
    const deposit = subtract(estimate.deposit, estimate.depositPaid);
    const parts = [
      isPositive(deposit)
        ? `${amount(estimate.total, language)}, deposit ${amount(deposit, language)}.`
        : `${amount(estimate.total, language)}.`,
      estimate.expires && `Good until ${longDate(estimate.expires, language)}.`,
    ];
    return {
      icon: 'pen',
      tone: 'accent',
      title: `${mayAnswer ? 'Approve' : 'Look at'} estimate ${estimate.number}`,
      text: parts.filter(Boolean).join(' '),
      action: { label: 'Review', href: urls.estimate(estimate.clientId) },
    };
  });
  const more = waiting.length - MOST;
  if (more <= 0) return steps;
  return [
    ...steps,
    {
      icon: 'pen',
      tone: 'plain',
      title: `${more} more ${more === 1 ? 'estimate waits' : 'estimates wait'} for your answer`,
      action: { label: 'Show them', href: `${urls.estimates}?status=open` },
    },
  ];
}
