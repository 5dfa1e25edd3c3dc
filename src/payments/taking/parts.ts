import { refuse } from '../../kernel/errors.ts';
import { boundOf, formatMoney, type Money, money, MOST_MINOR } from '../../kernel/money.ts';
import type { InvoiceSummary } from '../../documents/invoices.ts';
import type { CustomerScope } from '../../scope.ts';

/** What is still open on an invoice and not on its way already. */
export function leftToPay(invoice: InvoiceSummary): Money {
  return money(invoice.balance.minor - invoice.pending.minor, invoice.balance.currency);
}

/** The least that may be paid of an invoice, if not all of it; undefined where the merchant wants the whole. */
export function leastPart(scope: CustomerScope, currency: string): Money | undefined {
  if (!scope.settings['payments.partial']) return undefined;
  const least = scope.settings['payments.partial_minimum'];
  return least === '' ? money(1, currency) : boundOf(least, currency, 'up');
}

/** What is asked for now: with an agreed plan the next instalment, or what is due of it, else all that is left. */
export function dueNow(invoice: InvoiceSummary): Money {
  return invoice.planned?.amount ?? leftToPay(invoice);
}

/** The least that may be paid of this invoice; undefined where all of it must be. What a plan asks for now may always be paid alone. */
export function leastOf(scope: CustomerScope, invoice: InvoiceSummary): Money | undefined {
  const least = leastPart(scope, invoice.total.currency);
  const due = invoice.planned?.amount;
  if (!due) return least;
  return least && least.minor < due.minor ? least : due;
}

/** Every invoice must still be payable and as the customer saw it. Refuses `invoice_not_payable` and `invoice_changed`. */
export function assertUnchanged(
  scope: CustomerScope,
  invoices: readonly InvoiceSummary[],
  seen: ReadonlyMap<string, number>,
): void {
  for (const invoice of invoices) {
    if (!invoice.payable)
      refuse('invoice_not_payable', { number: invoice.number, reason: reasonOf(invoice) });
    const before = seen.get(invoice.clientId);
    const left = leftToPay(invoice);
    if (before !== left.minor) {
      const show = (minor: number): string => formatMoney(money(minor, left.currency), scope.language);
      refuse('invoice_changed', { number: invoice.number, now: show(left.minor), before: show(before ?? 0) });
    }
  }
}

/** A part is at most what is left, and no less than the merchant allows. Refuses `not_found`, `overpayment`, `partial_not_allowed` and `part_too_small`. */
export function assertParts(
  scope: CustomerScope,
  invoices: readonly InvoiceSummary[],
  parts: ReadonlyMap<string, number> | undefined,
): void {
  if (!parts) return;
  for (const id of parts.keys())
    if (!invoices.some(({ clientId }) => clientId === id)) refuse('not_found', { what: 'invoice' });
  for (const invoice of invoices) {
    const part = parts.get(invoice.clientId);
    const left = leftToPay(invoice);
    if (part === undefined || part === left.minor) continue;
    const show = (amount: Money): string => formatMoney(amount, scope.language);
    if (part > left.minor) refuse('overpayment', { number: invoice.number, left: show(left) });
    const least = leastOf(scope, invoice) ?? refuse('partial_not_allowed', { number: invoice.number });
    if (part < least.minor) refuse('part_too_small', { number: invoice.number, least: show(least) });
  }
}

/** Refuses `bad_amount` for what is not a whole number of minor units above zero. */
export function assertAmount(minor: number): void {
  if (!Number.isInteger(minor) || minor <= 0 || minor > MOST_MINOR)
    refuse('bad_amount', { value: String(minor) });
}

function reasonOf(invoice: InvoiceSummary): string {
  if (invoice.status === 'paid') return 'is paid already';
  if (invoice.pending.minor > 0) return 'is being paid at this moment';
  if (invoice.status === 'bad_debt') return 'is closed';
  return 'is not open for payment';
}
