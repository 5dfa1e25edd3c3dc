import type { AutopayModel } from '#src/components/collecting-models.ts';
import type { PayItem } from '#src/components/models.ts';
import { openInvoices } from '#src/documents/invoices.ts';
import { longDate } from '#src/kernel/format.ts';
import {
  type ChargePlan,
  type Obstacle,
  planCharges,
  type PlannedCharge,
  plannedCharges,
} from '#src/payments/collecting/charges.ts';
import { asIfEnrolledNow, type Collection } from '#src/payments/collecting/collections.ts';
import type { PaymentMethod } from '#src/payments/methods/methods.ts';
import { promisedDays } from '#src/payments/outside/promises.ts';
import { leftToPay } from '#src/payments/taking/parts.ts';
import { payOptions } from '#src/payments/taking/pay-options.ts';
import { amount } from '../formatting.ts';
import { ARRIVES } from '../paying/at-once.ts';
import { includedText, nameOf, whenText } from '../paying/collection-words.ts';
import { urls } from '#src/portal/urls.ts';
import type { Visitor } from '../visitor.ts';

/* What the AutoPay page lists: what is charged together, and what AutoPay leaves alone. */

const MOST_ITEMS = 12;

type List = AutopayModel['upcoming']['lists'][number];

/** What is collected as things stand. */
export async function currentList(
  visitor: Visitor,
  collected: readonly Collection[],
  current: PaymentMethod | undefined,
): Promise<List> {
  const plan = await plannedCharges(visitor.scope, collected);
  const from = current ? nameOf(current) : 'your payment method';
  return listOf(visitor, plan, from, visitor.customer.autopay ? await promisedItems(visitor) : []);
}

/** What would be collected, by what AutoPay is turned on with. */
export async function listsByMethod(visitor: Visitor): Promise<List[]> {
  const { scope, customer } = visitor;
  const upcoming = await asIfEnrolledNow(scope);
  const { methods } = await payOptions(scope, customer.currency, []);
  const promised = await promisedItems(visitor);
  const lists: List[] = [];
  for (const { kind, name } of methods) {
    const plan = await planCharges(scope, upcoming, { method: name });
    const list = listOf(visitor, plan, kind === 'card' ? 'your card' : 'your bank account', promised);
    lists.push({ ...list, when: methods.length > 1 ? ARRIVES[kind] : undefined });
  }
  return lists;
}

function listOf(visitor: Visitor, plan: ChargePlan, from: string, promised: readonly PayItem[]): List {
  const items = [
    ...plan.charges
      .toSorted((a, b) => a.collections[0].at - b.collections[0].at)
      .flatMap((charge) => chargeItems(visitor, charge, from)),
    ...plan.tomorrow.map((one) => leftItem(visitor, one, 'waits')),
    ...plan.obstacles.map((one) => leftItem(visitor, one, 'not by AutoPay')),
    ...promised,
  ];
  const more = items.length - MOST_ITEMS;
  return {
    items: items.slice(0, MOST_ITEMS),
    more: more > 0 ? `And ${more} more lines after that.` : undefined,
  };
}

/** One line for a charge of one invoice; of several, one for each and one for what is charged together. */
function chargeItems(visitor: Visitor, charge: PlannedCharge, from: string): PayItem[] {
  const { language } = visitor;
  const [first, ...others] = charge.collections;
  const included = includedText(charge, language);
  const terms = `${whenText(visitor, first)} from ${from}`;
  const total = amount(charge.total, language);
  if (others.length === 0) {
    const note = [`${partNote(first)}${terms}`, againNote(first), included].filter(Boolean).join(', ');
    return [{ label: first.number, note, amount: total, href: urls.invoice(first.clientId) }];
  }
  return [
    ...charge.collections.map((one) => ({
      label: one.number,
      note: [partNote(one).replace(/, $/, ''), againNote(one)].filter(Boolean).join(', ') || undefined,
      amount: amount(one.amount, language),
      href: urls.invoice(one.clientId),
    })),
    { label: 'Together', note: [terms, included].filter(Boolean).join(', '), amount: total },
  ];
}

function leftItem({ language }: Visitor, { collection, refusal }: Obstacle, how: string): PayItem {
  return {
    label: collection.number,
    note: `${how}: ${refusal.message}`,
    amount: amount(collection.amount, language),
    href: urls.invoice(collection.clientId),
  };
}

/** What is paid outside the portal, as somebody said: AutoPay leaves it alone, until they take that back. */
async function promisedItems({ scope, language }: Visitor): Promise<PayItem[]> {
  const days = await promisedDays(scope);
  const open = (await openInvoices(scope)).filter(({ id, payable }) => payable && days.has(id));
  return open.map((invoice) => ({
    label: invoice.number,
    note: `not by AutoPay: it is to be paid outside the portal by ${longDate(days.get(invoice.id)!, language)}`,
    amount: amount(leftToPay(invoice), language),
    href: urls.promise([invoice.clientId]),
  }));
}

function partNote({ position }: Collection): string {
  return position === undefined ? '' : `instalment ${position}, `;
}

function againNote({ attempt }: Collection): string | undefined {
  return attempt > 1 ? 'another try' : undefined;
}
