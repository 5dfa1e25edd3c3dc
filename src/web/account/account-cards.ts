import type { AccountCard } from '#src/components/models.ts';
import { type InvoiceSummary, openInvoices } from '#src/documents/invoices.ts';
import { longDate } from '#src/kernel/format.ts';
import { isPositive } from '#src/kernel/money.ts';
import { upcomingCollections } from '#src/payments/collecting/collections.ts';
import { type CustomerCredit, customerCredit } from '#src/payments/credit/credits.ts';
import { leftToPay } from '#src/payments/taking/parts.ts';
import { takesPayments } from '#src/payments/gateways/gateways.ts';
import { expiryOf, listMethods, type PaymentMethod, titleOf } from '#src/payments/methods/methods.ts';
import { andMore, wordCollections } from '../paying/collection-words.ts';
import { amount } from '../formatting.ts';
import { urls, withQuery } from '#src/portal/urls.ts';
import type { Visitor } from '../visitor.ts';

/** What stands beside the balance on My Account: how invoices are paid by themselves, and the customer's credit. */
export async function accountCards(visitor: Visitor): Promise<AccountCard[]> {
  return [...(await planCards(visitor)), ...(await autopayCard(visitor)), ...(await creditCards(visitor))];
}

/** The payment plans that were agreed, each with what is to be paid of it next. */
async function planCards({ scope, language }: Visitor): Promise<AccountCard[]> {
  const open = (await openInvoices(scope)).filter(({ planned }) => planned);
  const [first] = open;
  if (!first) return [];
  const rows = open.slice(0, MOST_PLANS).map((invoice) => ({
    icon: 'calendar' as const,
    label: invoice.number,
    note: planText(invoice, language),
  }));
  const more = open.length - rows.length;
  return [
    {
      title: open.length === 1 ? 'Payment plan' : 'Payment plans',
      rows,
      text: more > 0 ? `And ${more} more.` : undefined,
      link:
        open.length === 1
          ? { label: 'See the plan', href: urls.plan(first.clientId) }
          : { label: 'Show them', href: withQuery(urls.invoices, { status: 'payment_plan' }) },
    },
  ];
}

const MOST_PLANS = 3;

function planText(invoice: InvoiceSummary, language: string): string {
  const { planned } = invoice;
  const left = `${amount(leftToPay(invoice), language)} left`;
  if (!planned) return left;
  const day = longDate(planned.date, language);
  if (isPositive(planned.late)) return `${left}, ${amount(planned.late, language)} past due since ${day}`;
  return `${left}, next ${amount(planned.amount, language)} on ${day}`;
}

/** AutoPay where it is on or may be turned on; else what is kept to pay with. */
async function autopayCard(visitor: Visitor): Promise<AccountCard[]> {
  const { scope, account, customer } = visitor;
  if (!takesPayments(scope)) return [];
  const mayAct = account.role !== 'viewer';
  const kept = (await listMethods(scope)).find((method) => method.is_default && method.state === 'usable');
  const rows = kept ? [methodRow(visitor, kept)] : [];
  if (customer.autopay) {
    const [next] = await wordCollections(visitor, (await upcomingCollections(scope)).slice(0, 1));
    return [
      {
        title: 'AutoPay',
        status: { tone: 'good', label: 'On' },
        text: next
          ? `Next: ${next.total} ${next.when}, for ${next.collection.number}${andMore(next.others)}.`
          : 'Each invoice is collected on the day it is due. Nothing is waiting now.',
        rows,
        link: { label: mayAct ? 'Change' : 'Details', href: urls.autopay },
      },
    ];
  }
  const collected = kept ? await collectedNumbers(visitor) : [];
  if (collected.length > 0) {
    return [
      {
        title: 'AutoPay',
        status: { tone: 'calm', label: 'On in part' },
        text:
          collected.length === 1
            ? `${collected[0]} is collected by itself.`
            : `${collected.length} invoices are collected by themselves.`,
        rows,
        link: { label: mayAct ? 'Change' : 'Details', href: urls.autopay },
      },
    ];
  }
  const mayEnrol = mayAct && scope.settings['autopay.enrollment'];
  if (!kept && !mayEnrol) return [];
  return [
    {
      title: mayEnrol ? 'AutoPay' : 'Payment method',
      status: mayEnrol ? { tone: 'plain', label: 'Off' } : undefined,
      text: mayEnrol ? 'Let your invoices pay themselves, each on its day.' : undefined,
      rows,
      link: mayEnrol
        ? { label: 'Turn on', href: urls.autopay }
        : mayAct
          ? { label: 'Change', href: urls.methods }
          : undefined,
    },
  ];
}

/** Numbers of the invoices that are collected though nobody is enrolled: their plan was approved, or they demand it. */
async function collectedNumbers({ scope }: Visitor): Promise<string[]> {
  return [...new Set((await upcomingCollections(scope)).map(({ number }) => number))];
}

function methodRow({ scope }: Visitor, method: PaymentMethod): NonNullable<AccountCard['rows']>[number] {
  const expiry = expiryOf(scope, method);
  const until =
    method.exp_month === null
      ? undefined
      : `${String(method.exp_month).padStart(2, '0')}/${String(method.exp_year).slice(-2)}`;
  return {
    icon: method.kind === 'card' ? 'card' : 'bank',
    label: method.label ?? titleOf(method),
    note: until && (expiry === 'expired' ? `Expired ${until}` : `Expires ${until}`),
  };
}

async function creditCards(visitor: Visitor): Promise<AccountCard[]> {
  const { scope, language, account } = visitor;
  const mayUse = scope.settings['credits.in_portal'] && account.role !== 'viewer';
  const credits = await customerCredit(scope);
  return credits
    .filter(({ usable, held, returning }) => [usable, held, returning].some(isPositive))
    .map((credit) => ({
      title: 'Credit',
      figure: amount([credit.usable, credit.held, credit.returning].find(isPositive)!, language),
      text: creditText(credit, language),
      link: { label: mayUse && isPositive(credit.usable) ? 'Use it' : 'Details', href: urls.credit },
    }));
}

/** Where the credit comes from that the card shows, and what there is besides that cannot be used. */
function creditText({ usable, held, returning, notes }: CustomerCredit, language: string): string {
  if (!isPositive(usable) && !isPositive(held)) return 'On its way back to whoever paid it.';
  const [first, ...more] = notes.map(({ number }) => number);
  const source = !isPositive(usable)
    ? 'A deposit, kept for the invoice of your estimate.'
    : first
      ? `From credit note ${first}${more.length > 0 ? ` and ${more.length} more` : ''}.`
      : 'It pays your next invoices.';
  const kept =
    isPositive(usable) && isPositive(held) ? `${amount(held, language)} more is kept as a deposit.` : '';
  const leaving = isPositive(returning)
    ? `${amount(returning, language)} more is on its way back to whoever paid it.`
    : '';
  return [source, kept, leaving].filter(Boolean).join(' ');
}
