import type { AutopayModel } from '#src/components/collecting-models.ts';
import type { NoticeModel } from '#src/components/models.ts';
import { openInvoices } from '#src/documents/invoices.ts';
import { upcomingCollections } from '#src/payments/collecting/collections.ts';
import { collectedPlans } from '#src/payments/methods/enrolment.ts';
import { confirmation } from '../confirmation.ts';
import { andMore, wordCollections } from '../paying/collection-words.ts';
import { urls, withQuery } from '#src/portal/urls.ts';
import type { Visitor } from '../visitor.ts';

/* Turning AutoPay off: what becomes of the plans that were agreed is asked, and what goes on is said. */

/** Where what is left to pay is shown. */
export const SHOW_OPEN = { label: 'Show open invoices', href: withQuery(urls.invoices, { status: 'open' }) };

/**
 * The form that turns it off; `from` is what is collected from. What becomes of the plans that were agreed is asked; where nothing else is
 * collected, turning it off is the answer.
 */
export async function leaveOf(
  { scope, customer }: Visitor,
  from: string | undefined,
): Promise<NonNullable<AutopayModel['leave']>> {
  const plans = await collectedPlans(scope);
  const what = plansText(plans);
  const off = { name: 'action', value: 'off' };
  const collects = await upcomingCollections(scope);
  const isPlansAlone = !customer.autopay && collects.every(({ kind }) => kind === 'installment');
  if (plans.length > 0 && isPlansAlone)
    return {
      action: urls.autopay,
      hidden: [off, { name: 'plans', value: 'stop' }],
      text: `At once, for the instalments that are due now as well. ${what} stays as you agreed: you then pay each instalment yourself.`,
    };
  return {
    action: urls.autopay,
    hidden: [off],
    text: 'At once, for the invoices that are open now as well. You then pay each one yourself.',
    plans:
      plans.length > 0
        ? {
            legend: `What you agreed: ${lowered(what)}`,
            choices: [
              { value: 'keep', label: `Keep collecting ${lowered(what)} from ${from}`, checked: true },
              { value: 'stop', label: 'Stop that as well: I pay each instalment myself', checked: false },
            ],
          }
        : undefined,
  };
}

/** Confirms it: what goes on all the same, and else what is left to pay by oneself. */
export async function offNotice(visitor: Visitor): Promise<NoticeModel> {
  const { scope } = visitor;
  const plans = await collectedPlans(scope);
  const open = (await openInvoices(scope)).filter(({ payable }) => payable);
  const yours = open.filter(({ id }) => plans.every((plan) => plan.id !== id)).length;
  const left =
    yours === 0
      ? 'Nothing is open just now.'
      : `${yours === 1 ? '1 open invoice is' : `${yours} open invoices are`} yours to pay.`;
  const goesOn = `${plansText(plans)} ${plans.length === 1 ? 'goes on' : 'go on'} as you agreed.`;
  return confirmation('AutoPay is off', [['Next', await nextText(visitor)]], {
    text:
      plans.length === 0
        ? `Nothing is collected any more. ${left}`
        : `${goesOn}${yours > 0 ? ` ${left}` : ''}`,
    link: yours > 0 ? SHOW_OPEN : undefined,
  });
}

/** "€100.00 on 25 November 2026, for INV-6": what is collected next; undefined where nothing is. */
export async function nextText(visitor: Visitor): Promise<string | undefined> {
  const [next] = await wordCollections(visitor, (await upcomingCollections(visitor.scope)).slice(0, 1));
  return next && `${next.total} ${next.when}, for ${next.collection.number}${andMore(next.others)}`;
}

/** `The payment plan for INV-7`. */
function plansText(plans: ReadonlyArray<{ readonly number: string }>): string {
  const numbers = plans.map(({ number }) => number).join(', ');
  return plans.length === 1 ? `The payment plan for ${numbers}` : `The payment plans for ${numbers}`;
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
