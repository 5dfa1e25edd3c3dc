import type { InvoiceModel, Link } from '#src/components/models.ts';
import type { Invoice } from '#src/documents/invoice.ts';
import { isPositive } from '#src/kernel/money.ts';
import { upcomingCollections } from '#src/payments/collecting/collections.ts';
import { plannedCharges } from '#src/payments/collecting/charges.ts';
import { takesPayments } from '#src/payments/gateways/gateways.ts';
import { demandsAutopay, isPaidByHand, isUnderAutopay } from '#src/payments/methods/enrolment.ts';
import { findPlan } from '#src/payments/plans/plan.ts';
import { offlineMethodsFor, type PaymentPromise, unkeptPromise } from '#src/payments/outside/promises.ts';
import { leftToPay } from '#src/payments/taking/parts.ts';
import { wordCollections } from '../paying/collection-words.ts';
import { amount } from '../formatting.ts';
import { OUTSIDE, promiseText } from '../paying/promise-words.ts';
import { installmentText } from '../status.ts';
import { urls } from '#src/portal/urls.ts';
import type { Visitor } from '../visitor.ts';

type Paying = Pick<InvoiceModel, 'pay' | 'payNote' | 'quiet'>;

/**
 * What can be done to pay an invoice: nothing but waiting where it is collected by itself, though paying now stays possible, and comes first
 * once collecting has failed.
 */
export async function payingOf(visitor: Visitor, invoice: Invoice): Promise<Paying> {
  if (invoice.status === 'processing')
    return { payNote: 'Your payment is on its way. We tell you when it has arrived.' };
  if (isPositive(invoice.pending)) return { payNote: partNote(invoice, visitor.language) };
  if (!invoice.payable) return {};
  const { scope, customer, account } = visitor;
  if (account.role === 'viewer') return { payNote: LOOKING };
  const pay = urls.payInvoice(invoice.clientId);
  const plan = await findPlan(scope, invoice.id);
  if (plan?.state === 'pending_signup')
    return {
      pay: { label: 'See the payment plan', href: urls.plan(invoice.clientId) },
      payNote: `${scope.tenant.name} offers you to pay in ${plan.installments.length} instalments.`,
      quiet: [{ label: 'Pay everything now instead', href: pay }],
    };
  const { planned } = invoice;
  const early = planned ? plannedLinks(invoice) : [];
  const label = planned ? `Pay ${amount(planned.amount, visitor.language)}` : 'Pay invoice';
  const upcoming = (await upcomingCollections(scope)).find(({ invoiceId }) => invoiceId === invoice.id);
  if (!upcoming) {
    const { note, links } = await outsideOf(visitor, invoice);
    if (!takesPayments(scope))
      return { pay: links[0], payNote: note ?? askHow(visitor, links), quiet: early.slice(0, 1) };
    const left = await isPaidByHand(scope, invoice.id);
    const byHand = customer.autopay && left && !note;
    const demanded = await demandsAutopay(scope, [invoice]);
    return {
      pay: { label, href: pay },
      payNote:
        note ??
        (planned ? `${installmentText(planned, visitor.language)}.` : undefined) ??
        (demanded ? DEMANDED : byHand ? BY_HAND : undefined),
      quiet: [...early, ...links],
    };
  }
  const [words] = await wordCollections(visitor, [upcoming]);
  const what = upcoming.position === undefined ? '' : `Instalment ${upcoming.position}, `;
  const { total, fee, others, when, method } = words!;
  const included = fee ? ` (${fee})` : '';
  const payNote =
    others === 0
      ? `${what}${total}${included} is collected ${when} from ${method}.`
      : `${what}${amount(upcoming.amount, visitor.language)} is collected ${when} from ${method}, together with ${others} more: ${total} in all${included}.`;
  const { obstacles } = await plannedCharges(scope, await upcomingCollections(scope));
  const obstacle = obstacles.find(({ collection }) => collection.invoiceId === invoice.id);
  if (obstacle)
    return {
      pay: { label, href: pay },
      payNote: `AutoPay cannot collect this one: ${lowered(obstacle.refusal.message)} Please pay it here.`,
      quiet: early,
    };
  if (upcoming.attempt > 1) return { pay: { label, href: pay }, payNote, quiet: early };
  return {
    payNote: `${payNote} You need not do anything.`,
    quiet: [
      ...early.slice(0, 1),
      { label: `${planned ? label : 'Pay'} now instead`, href: pay },
      ...early.slice(1),
    ],
  };
}

/** Where an agreed plan is shown, and where more of it is paid than it asks for. */
function plannedLinks({ clientId }: Invoice): Link[] {
  return [
    { label: 'See the payment plan', href: urls.plan(clientId) },
    { label: 'Pay all of it early', href: urls.payWhole(clientId) },
  ];
}

function partNote(invoice: Invoice, language: string): string {
  const [part, rest] = [invoice.pending, leftToPay(invoice)].map((money) => amount(money, language));
  return `A payment of ${part} is on its way. The remaining ${rest} can be paid when it has arrived.`;
}

/** Where nothing is offered, on the portal or outside of it, there is somebody to ask. */
function askHow({ scope }: Visitor, links: readonly Link[]): string | undefined {
  return links.length === 0 ? `Ask ${scope.tenant.name} how to pay.` : undefined;
}

const LOOKING = 'Your access lets you look. An owner of the account can pay.';

/** A sentence that goes on after a colon. */
function lowered(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

const DEMANDED =
  'It is to be collected by AutoPay. There is no payment method yet: what you pay with is kept for it.';

const BY_HAND =
  'AutoPay does not collect this one, because its payment plan was taken back: please pay it here.';

/** What was promised, and the way to promise it: paying outside the portal. */
async function outsideOf(
  { scope, language }: Visitor,
  invoice: Invoice,
): Promise<{ readonly note: string | undefined; readonly links: readonly Link[] }> {
  const promise = await unkeptPromise(scope, invoice.id);
  const note = promise && promiseNote(promise, await isUnderAutopay(scope, invoice.id), language);
  const offered = await offlineMethodsFor(scope, [invoice]);
  if (offered.length === 0 && !promise) return { note, links: [] };
  const label = promise
    ? 'Change what you told us'
    : `Pay by ${offered.map(({ name }) => OUTSIDE[name]).join(' or ')}`;
  return { note, links: [{ label, href: urls.promise([invoice.clientId]) }] };
}

/** What was promised and what it means for AutoPay; one whose day has passed is spoken of elsewhere, unless AutoPay waits for it. */
function promiseNote(promise: PaymentPromise, isAutopay: boolean, language: string): string | undefined {
  const said = promiseText(promise, language);
  if (promise.state === 'open') return isAutopay ? `${said} AutoPay leaves it alone.` : said;
  return isAutopay
    ? `${said} It has not arrived yet, and AutoPay leaves it alone: please pay it here.`
    : undefined;
}
