import type { Step } from '#src/components/models.ts';
import { nextTryOf, upcomingCollections } from '#src/payments/collecting/collections.ts';
import { hasDefault } from '#src/payments/methods/methods.ts';
import { waitingPlans } from '#src/payments/plans/plan.ts';
import { returnedDebits } from '#src/payments/attempts/returned.ts';
import { failedTries } from '#src/payments/attempts/retries.ts';
import { wordCollections } from '../paying/collection-words.ts';
import { amount } from '../formatting.ts';
import { urls } from '#src/portal/urls.ts';
import type { Visitor } from '../visitor.ts';

/** What AutoPay and payment plans ask of the customer on My Account. */
export async function collectingSteps(visitor: Visitor): Promise<Step[]> {
  if (visitor.account.role === 'viewer') return [];
  const plans = (await waitingPlans(visitor.scope)).map(({ clientId, number, total }): Step => ({
    icon: 'calendar',
    tone: 'accent',
    title: `Approve the payment plan for ${number}`,
    text: `${amount(total, visitor.language)} in instalments. Nothing is collected before you agree.`,
    action: { label: 'See the plan', href: urls.plan(clientId) },
  }));
  return [...(await failures(visitor)), ...(await returns(visitor)), ...plans];
}

async function returns({ scope, language }: Visitor): Promise<Step[]> {
  const [first, ...more] = await returnedDebits(scope);
  if (!first) return [];
  return [
    {
      icon: 'alert',
      tone: 'bad',
      title: `Your payment for ${first.number}${more.length > 0 ? ` and ${more.length} more` : ''} came back`,
      text: `Your bank returned the debit of ${amount(first.amount, language)}. Please pay it another way.`,
      action: { label: 'See why', href: urls.invoice(first.clientId) },
    },
  ];
}

async function failures(visitor: Visitor): Promise<Step[]> {
  const { scope, customer } = visitor;
  if (customer.autopay && !(await hasDefault(scope))) {
    return [
      {
        icon: 'card',
        tone: 'bad',
        title: 'AutoPay has nothing to collect from',
        text: 'There is no payment method that can be charged. Add one, and your invoices are paid by themselves again.',
        action: { label: 'Add one', href: urls.newMethod },
      },
    ];
  }
  const failed = await failedTries(scope);
  const [first] = failed;
  if (!first) return [];
  const upcoming = nextTryOf(await upcomingCollections(scope), first.slot);
  const [next] = await wordCollections(visitor, upcoming ? [upcoming] : []);
  const more = new Set(failed.map(({ invoiceId }) => invoiceId)).size - 1;
  return [
    {
      icon: 'alert',
      tone: 'bad',
      title: `We could not collect ${first.number}${more > 0 ? ` and ${more} more` : ''}`,
      text: next
        ? `We try again ${next.when}. With another payment method we try at once.`
        : 'Pay it yourself, or choose another payment method and we try at once.',
      action:
        more > 0
          ? { label: 'Payment methods', href: urls.methods }
          : { label: 'See why', href: urls.invoice(first.clientId) },
    },
  ];
}
