import type { InvoiceModel } from '#src/components/models.ts';
import type { Invoice } from '#src/documents/invoice.ts';
import { upcomingCollections } from '#src/payments/collections.ts';
import { findPlan } from '#src/payments/plan.ts';
import { wordCollections } from './collecting.ts';
import { urls } from './urls.ts';
import type { Visitor } from './visitor.ts';

type Paying = Pick<InvoiceModel, 'pay' | 'payNote' | 'quiet'>;

/** What can be done to pay an invoice: nothing but waiting where it is collected by itself, though paying now stays possible. */
export async function payingOf(visitor: Visitor, invoice: Invoice): Promise<Paying> {
  if (invoice.status === 'processing')
    return { payNote: 'Your payment is on its way. We tell you when it has arrived.' };
  if (!invoice.payable) return {};
  const { scope } = visitor;
  const pay = urls.payInvoice(invoice.clientId);
  const plan = await findPlan(scope, invoice.id);
  if (plan?.state === 'pending_signup')
    return {
      pay: { label: 'See the payment plan', href: urls.plan(invoice.clientId) },
      payNote: `${scope.tenant.name} offers you to pay in ${plan.installments.length} instalments.`,
      quiet: [{ label: 'Pay everything now instead', href: pay }],
    };
  const planned =
    plan?.state === 'active' ? [{ label: 'See the payment plan', href: urls.plan(invoice.clientId) }] : [];
  const upcoming = (await upcomingCollections(scope)).find(({ invoiceId }) => invoiceId === invoice.id);
  if (!upcoming) return { pay: { label: 'Pay invoice', href: pay }, quiet: planned };
  const [words] = await wordCollections(visitor, [upcoming]);
  const what = upcoming.position === undefined ? '' : `Instalment ${upcoming.position}, `;
  const { total, fee, when, method } = words!;
  return {
    payNote: `${what}${total}${fee ? ` (${fee})` : ''} is collected ${when} from ${method}. You need not do anything.`,
    quiet: [...planned, { label: 'Pay now instead', href: pay }],
  };
}
