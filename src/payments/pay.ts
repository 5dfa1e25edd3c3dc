import { refuse } from '../kernel/errors.ts';
import { secretToken } from '../kernel/ids.ts';
import { formatMoney, type Money, money, parseMoney, sum } from '../kernel/money.ts';
import { type InvoiceSummary, invoicesByClientId, openInvoices } from '../documents/invoices.ts';
import type { CustomerScope } from '../scope.ts';
import type { Allocation, Intent, Wishes } from './attempt.ts';
import { type PaymentOutcome, takeMoney } from './charge.ts';
import type { Source } from './gateway.ts';
import { gatewayOf } from './gateways.ts';
import { onlineMethodOf, sourceOf, usableMethod } from './methods.ts';
import { assertMayPay, feeOn, methodOfSource, nameInIntent, payingMethods, traceOf } from './terms.ts';

/** What a payment page shows before anything is paid. */
export interface PaymentDraft {
  /** Goes into the form: sending the form again is the same payment. */
  readonly nonce: string;
  readonly invoices: ReadonlyArray<InvoiceSummary & { readonly left: Money }>;
  readonly total: Money;
  /** Chosen invoices that cannot be paid, and are left out. */
  readonly leftOut: readonly InvoiceSummary[];
}

/** What is paid with: something new, or one of the customer's saved methods. */
export type Instrument =
  Exclude<Source, { readonly kind: 'saved' }> | { readonly kind: 'method'; readonly methodId: number };

/** Who pays, and with what. */
export interface Payer {
  readonly nonce: string;
  readonly with: Instrument;
  /** Keep the instrument for later. */
  readonly save?: boolean | undefined;
  /** Keep it and collect open invoices from it from now on. */
  readonly autopay?: boolean | undefined;
  readonly receiptEmail?: string | undefined;
  /** What the payer saw as the whole charge (minor units, the fee included): another one is shown and asked again. */
  readonly charge?: number | undefined;
}

export interface PaymentOrder extends Payer {
  /** Client ids with what the customer saw as left to pay (minor units): a difference is shown and asked again. */
  readonly seen: ReadonlyMap<string, number>;
  /** What to pay of an invoice now, where that is not all of it (minor units). */
  readonly parts?: ReadonlyMap<string, number> | undefined;
}

export interface AdvanceOrder extends Payer {
  readonly amount: Money;
}

/**
 * What paying these invoices would mean; everything open in one currency when none is named: in `currency`, else in that of the oldest. Refuses
 * `not_found`, `nothing_to_pay`, `mixed_currencies`, `too_many_invoices`.
 */
export async function preparePayment(
  scope: CustomerScope,
  clientIds: readonly string[],
  currency?: string | undefined,
): Promise<PaymentDraft> {
  const open = clientIds.length === 0 ? await openInvoices(scope) : [];
  const chosen =
    clientIds.length === 0
      ? open.filter(({ total }) => currency === undefined || total.currency === currency)
      : await invoicesByClientId(scope, clientIds);
  const payable = chosen.filter((invoice) => invoice.payable);
  const first = payable[0];
  if (!first) return refuse('nothing_to_pay');
  const sameCurrency =
    clientIds.length > 0 ? payable : payable.filter((i) => i.total.currency === first.total.currency);
  assertOnePayment(scope, sameCurrency);
  const invoices = sameCurrency.map((invoice) => ({ ...invoice, left: leftToPay(invoice) }));
  return {
    nonce: secretToken(scope.tokens),
    invoices,
    total: sum(
      invoices.map(({ left }) => left),
      first.total.currency,
    ),
    leftOut: chosen.filter((invoice) => !invoice.payable),
  };
}

/**
 * Pays invoices, all of them or none, each wholly or, where the merchant allows it, in part. Refuses `invoice_changed`, `invoice_not_payable`,
 * `partial_not_allowed`, `bad_amount`, `overpayment`, what `assertAgreed` and `assertMethod`, `takeMoney` and `preparePayment` refuse.
 */
export async function payInvoices(scope: CustomerScope, order: PaymentOrder): Promise<PaymentOutcome> {
  for (const minor of [...order.seen.values(), ...(order.parts?.values() ?? [])]) assertAmount(minor);
  const { source, methodId } = await instrumentOf(scope, order.with);
  return takeMoney(
    scope,
    async (within) => {
      const invoices = await invoicesByClientId(within, [...order.seen.keys()]);
      const first = invoices[0] ?? refuse('nothing_to_pay');
      assertOnePayment(within, invoices);
      const allocations = invoices.map((invoice) => allocationOf(invoice, order));
      const { currency } = first.total;
      const intent = await intentOf(within, order, source, methodId, allocations, currency);
      return {
        intent,
        assertStillRight: async () => {
          assertUnchanged(within, invoices, order.seen);
          assertParts(within, invoices, order);
          await assertMethod(within, intent, await disabledFor(within, invoices));
          assertAgreed(within, intent, order);
        },
      };
    },
    { source, save: order.save },
  );
}

/** Pays with nothing open: the money becomes the customer's credit. Refuses `advance_not_allowed`, `bad_amount` and what `payInvoices` does. */
export async function payInAdvance(scope: CustomerScope, order: AdvanceOrder): Promise<PaymentOutcome> {
  if (!scope.settings['payments.advance']) refuse('advance_not_allowed');
  const { amount } = order;
  assertAmount(amount.minor);
  const { source, methodId } = await instrumentOf(scope, order.with);
  return takeMoney(
    scope,
    async (within) => {
      const allocations: Allocation[] = [{ to: 'credit', amount }];
      const intent = await intentOf(within, order, source, methodId, allocations, amount.currency);
      return {
        intent,
        assertStillRight: async () => {
          await assertMethod(within, intent, []);
          assertAgreed(within, intent, order);
        },
      };
    },
    { source, save: order.save },
  );
}

/** The instrument as a gateway takes it. Refuses `not_found` for a saved one that is not this customer's to use. */
export async function instrumentOf(
  scope: CustomerScope,
  instrument: Instrument,
): Promise<{ source: Source; methodId: number | undefined }> {
  if (instrument.kind !== 'method') return { source: instrument, methodId: undefined };
  const method = await usableMethod(scope, instrument.methodId);
  return { source: sourceOf(method), methodId: method.id };
}

/** Puts an intent together: its fee is the method's, its gateway the tenant's. */
export async function intentOf(
  scope: CustomerScope,
  payer: Payer & { readonly approval?: Wishes['approval'] },
  source: Source,
  methodId: number | undefined,
  allocations: readonly Allocation[],
  currency: string,
): Promise<Intent> {
  const total = sum(
    allocations.map(({ amount }) => amount),
    currency,
  );
  const name =
    methodId === undefined
      ? methodOfSource(source, currency)
      : onlineMethodOf(await usableMethod(scope, methodId));
  const method = (await payingMethods(scope, currency)).find((one) => one.name === name);
  return {
    nonce: payer.nonce,
    source: 'portal',
    allocations,
    total,
    feeMinor: method ? feeOn(method, total).minor : 0,
    gateway: gatewayOf(scope).name,
    method: `${name}:${traceOf(source)}`,
    methodId,
    receiptEmail: payer.receiptEmail,
    wishes: { save: payer.save, autopay: payer.autopay, approval: payer.approval },
  };
}

/** Refuses `method_not_offered`, `below_minimum` and `above_maximum`. */
export async function assertMethod(
  scope: CustomerScope,
  intent: Intent,
  disabled: ReadonlyArray<string | null>,
): Promise<void> {
  const methods = await payingMethods(scope, intent.total.currency, disabled);
  assertMayPay(scope, methods, nameInIntent(intent), intent.total);
}

/** Refuses `autopay_not_offered`, and `total_not_seen` for a charge that is not what the payer saw. */
export function assertAgreed(
  scope: CustomerScope,
  { total, feeMinor }: Intent,
  { autopay, charge }: Payer,
): void {
  if (autopay && !scope.settings['autopay.enrollment']) refuse('autopay_not_offered');
  if (charge === undefined || charge === total.minor + feeMinor) return;
  const show = (minor: number): string => formatMoney(money(minor, total.currency), scope.tenant.language);
  const fee = feeMinor > 0 ? `, with a fee of ${show(feeMinor)} included` : '';
  refuse('total_not_seen', { total: show(total.minor + feeMinor), fee });
}

/** What is still open on an invoice and not on its way already. */
export function leftToPay(invoice: InvoiceSummary): Money {
  return money(invoice.balance.minor - invoice.pending.minor, invoice.balance.currency);
}

/** The least that may be paid of an invoice, if not all of it; undefined where the merchant wants the whole. */
export function leastPart(scope: CustomerScope, currency: string): Money | undefined {
  if (!scope.settings['payments.partial']) return undefined;
  const least = scope.settings['payments.partial_minimum'];
  return least === '' ? money(1, currency) : parseMoney(least, currency);
}

function allocationOf(invoice: InvoiceSummary, { seen, parts }: PaymentOrder): Allocation {
  const minor = parts?.get(invoice.clientId) ?? seen.get(invoice.clientId)!;
  const { id, clientId, number, balance } = invoice;
  return { to: 'invoice', id, clientId, number, amount: { minor, currency: balance.currency } };
}

/** Every invoice must still be payable and as the customer saw it. */
function assertUnchanged(
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
      const show = (minor: number): string => formatMoney(money(minor, left.currency), scope.tenant.language);
      refuse('invoice_changed', { number: invoice.number, now: show(left.minor), before: show(before ?? 0) });
    }
  }
}

/** A part is more than nothing, at most what is left, and no less than the merchant allows. */
function assertParts(
  scope: CustomerScope,
  invoices: readonly InvoiceSummary[],
  { parts }: PaymentOrder,
): void {
  if (!parts) return;
  for (const id of parts.keys())
    if (!invoices.some(({ clientId }) => clientId === id)) refuse('not_found', { what: 'invoice' });
  for (const invoice of invoices) {
    const part = parts.get(invoice.clientId);
    const left = leftToPay(invoice);
    if (part === undefined || part === left.minor) continue;
    const show = (amount: Money): string => formatMoney(amount, scope.tenant.language);
    if (part > left.minor) refuse('overpayment', { number: invoice.number, left: show(left) });
    const least =
      leastPart(scope, left.currency) ?? refuse('partial_not_allowed', { number: invoice.number });
    if (part < least.minor) refuse('part_too_small', { number: invoice.number, least: show(least) });
  }
}

/** So much (minor units) that even the most invoices together stay an exact number. */
const MOST_MINOR = 10 ** 13;

function assertAmount(minor: number): void {
  if (!Number.isInteger(minor) || minor <= 0 || minor > MOST_MINOR)
    refuse('bad_amount', { value: String(minor) });
}

/** The ways to pay that are switched off for invoices, as their comma lists. */
export async function disabledFor(
  scope: CustomerScope,
  invoices: ReadonlyArray<Pick<InvoiceSummary, 'id'>>,
): Promise<Array<string | null>> {
  const rows = await scope.db
    .from('invoices')
    .select('disabled_methods')
    .where(
      'id',
      'in',
      invoices.map(({ id }) => id),
    )
    .execute();
  return rows.map((row) => row.disabled_methods);
}

function reasonOf(invoice: InvoiceSummary): string {
  if (invoice.status === 'paid') return 'is paid already';
  if (invoice.status === 'processing') return 'is being paid at this moment';
  if (invoice.status === 'bad_debt') return 'is closed';
  return 'is not open for payment';
}

function assertOnePayment(scope: CustomerScope, invoices: readonly InvoiceSummary[]): void {
  const most = scope.settings['payments.most_invoices'];
  if (invoices.length > most) refuse('too_many_invoices', { most });
  if (new Set(invoices.map(({ total }) => total.currency)).size > 1) refuse('mixed_currencies');
}
