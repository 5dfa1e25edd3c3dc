import type { Link, Step } from '#src/components/models.ts';
import type { AccountBalance } from '#src/documents/account.ts';
import { type InvoiceSummary, openInvoices } from '#src/documents/invoices.ts';
import { type Money, sum } from '#src/kernel/money.ts';
import { takesPayments } from '#src/payments/gateways/gateways.ts';
import { promisedDays } from '#src/payments/outside/promises.ts';
import { leftToPay } from '#src/payments/taking/parts.ts';
import { amount } from '../formatting.ts';
import { urls, withQuery } from '#src/portal/urls.ts';
import type { Visitor } from '../visitor.ts';

/** What is late and nobody has said to be on its way: to be paid, or looked at where it cannot be paid here in one go. */
export async function lateSteps(balances: readonly AccountBalance[], visitor: Visitor): Promise<Step[]> {
  const late = balances.filter(({ pastDueCount }) => pastDueCount > 0);
  if (late.length === 0) return [];
  const most = visitor.scope.settings['payments.most_invoices'];
  const open = late.some(({ pastDueCount }) => pastDueCount <= most) ? await openInvoices(visitor.scope) : [];
  const promised = await promisedDays(visitor.scope);
  return late.flatMap(({ currency, pastDueCount, pastDue }) => {
    if (pastDueCount > most) return [stepOf(pastDueCount, amount(pastDue, visitor.language), SHOW)];
    const own = open.filter(
      ({ id, daysLate, payable, total }) =>
        daysLate > 0 && payable && total.currency === currency && !promised.has(id),
    );
    if (own.length === 0) return [];
    const left = own.length === pastDueCount ? pastDue : sum(own.map(lateOf), currency);
    return [stepOf(own.length, amount(left, visitor.language), actionFor(own, visitor))];
  });
}

/** What of an invoice is late: of an agreed plan, its late instalments alone. */
function lateOf(invoice: InvoiceSummary): Money {
  return invoice.planned?.late ?? leftToPay(invoice);
}

const SHOW: Link = { label: 'Show', href: withQuery(urls.invoices, { status: 'past_due' }) };

function stepOf(count: number, left: string, action: Link): Step {
  return {
    icon: 'clock',
    tone: 'bad',
    title: count === 1 ? 'Pay the invoice that is late' : `Pay the ${count} invoices that are late`,
    text: `${left} is past due.`,
    action,
  };
}

/** Paying what is late, where that is this person's to do here; else the list of it. */
function actionFor(late: readonly InvoiceSummary[], { scope, account }: Visitor): Link {
  const mayPay = account.role !== 'viewer' && takesPayments(scope);
  if (!mayPay) return SHOW;
  const href = urls.payInvoices(late.map(({ clientId }) => clientId));
  return { label: late.length === 1 ? 'Pay it' : 'Pay them', href };
}
