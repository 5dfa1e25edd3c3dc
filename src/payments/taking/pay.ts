import { refuse } from '../../kernel/errors.ts';
import { secretToken } from '../../kernel/ids.ts';
import { add, formatMoney, type Money, money, sum } from '../../kernel/money.ts';
import { type InvoiceSummary, invoicesByClientId, openInvoices } from '../../documents/invoices.ts';
import { assertRoomForCredit } from '../../ledger/room.ts';
import type { CustomerScope } from '../../scope.ts';
import {
  type Allocation,
  fingerprintOf,
  type Intent,
  type Sending,
  type Wishes,
} from '../attempts/attempt.ts';
import { outcomeOfSending, type PaymentOutcome, takeMoney } from './charge.ts';
import type { Acceptance, Source } from '../gateways/gateway.ts';
import { gatewayOf, isReachable } from '../gateways/gateways.ts';
import { mandateText } from '../methods/mandate.ts';
import { onlineMethodOf, sourceOf, usableMethod } from '../methods/methods.ts';
import { assertFewTries } from '../attempts/tries.ts';
import { disabledFor } from './pay-options.ts';
import { assertAmount, assertParts, assertUnchanged, dueNow, leftToPay } from './parts.ts';
import {
  assertFitsGateway,
  assertMayPay,
  chargeOn,
  methodOfSource,
  nameInIntent,
  type PayingMethod,
  payingMethods,
  traceOf,
} from '../attempts/terms.ts';

/** What a payment page shows before anything is paid. */
export interface PaymentDraft {
  /** Goes into the form: sending the form again is the same payment. */
  readonly nonce: string;
  readonly invoices: ReadonlyArray<InvoiceSummary & { readonly left: Money; readonly due: Money }>;
  /** What is asked for now: all that is left, of agreed plans the next instalment. */
  readonly total: Money;
  /** Chosen invoices that cannot be paid, and are left out. */
  readonly leftOut: readonly InvoiceSummary[];
  /** How many more could be paid, where everything open is more than one payment may cover. */
  readonly later: number;
}

/** What is paid with: something new, or one of the customer's saved methods. */
export type Instrument =
  Exclude<Source, { readonly kind: 'saved' }> | { readonly kind: 'method'; readonly methodId: number };

/** An instrument as a gateway takes it. */
export interface ReadyInstrument {
  readonly source: Source;
  /** Of the customer's saved methods, if it is one. */
  readonly methodId?: number | undefined;
}

/** Who pays, and with what. */
export interface Payer {
  readonly nonce: string;
  readonly with: Instrument;
  /** Keep the instrument for later. */
  readonly save?: boolean | undefined;
  /** Keep it and collect open invoices from it from now on. */
  readonly autopay?: boolean | undefined;
  readonly receiptEmail?: string | undefined;
  /** Where the payer was, for the mandate of a bank debit. */
  readonly acceptance?: Acceptance | undefined;
  /** What the payer saw as the whole charge (minor units, the fee included): another one is shown and asked again. */
  readonly charge?: number | undefined;
}

export interface PaymentOrder extends Payer {
  /** Client ids with what the customer saw as left to pay (minor units): a difference is shown and asked again. */
  readonly seen: ReadonlyMap<string, number>;
  /** What to pay of an invoice now, where that is not all of it (minor units). */
  readonly parts?: ReadonlyMap<string, number> | undefined;
  /** What the customer saw the amounts in: an amount in another currency is another amount. */
  readonly currency?: string | undefined;
}

export interface AdvanceOrder extends Payer {
  readonly amount: Money;
}

/**
 * What paying these invoices would mean; everything open in one currency when none is named: in `currency`, else in that of the oldest, and of
 * more than one payment may cover those that are due first. Plans of which nothing is due yet are then left out, unless nothing else is open. Refuses `not_found`, `nothing_to_pay`, `payment_in_progress`, `mixed_currencies`,
 * `too_many_invoices`.
 */
export async function preparePayment(
  scope: CustomerScope,
  clientIds: readonly string[],
  currency?: string | undefined,
): Promise<PaymentDraft> {
  const isNamed = clientIds.length > 0;
  const chosen = isNamed
    ? await invoicesByClientId(scope, clientIds)
    : (await openInvoices(scope)).filter(
        ({ total }) => currency === undefined || total.currency === currency,
      );
  const payable = chosen.filter((invoice) => invoice.payable);
  const first = payable[0];
  if (!first) return refuseAll(chosen);
  const wanted = isNamed
    ? payable
    : askedFor(payable.filter((i) => i.total.currency === first.total.currency));
  const together = isNamed ? wanted : wanted.slice(0, scope.settings['payments.most_invoices']);
  assertOnePayment(scope, together);
  const invoices = together.map((invoice) => ({
    ...invoice,
    left: leftToPay(invoice),
    due: dueNow(invoice),
  }));
  return {
    nonce: secretToken(scope.tokens),
    invoices,
    total: sum(
      invoices.map(({ due }) => due),
      first.total.currency,
    ),
    leftOut: isNamed ? chosen.filter((invoice) => !invoice.payable) : [],
    later: wanted.length - together.length,
  };
}

/** Without the plans of which nothing is due yet, unless there is nothing else. */
function askedFor(invoices: InvoiceSummary[]): InvoiceSummary[] {
  const now = invoices.filter(({ planned }) => !planned || planned.isDue);
  return now.length > 0 ? now : invoices;
}

/** Says why none of these can be paid: a payment of one of them is on its way, or nothing is left. */
function refuseAll(invoices: readonly InvoiceSummary[]): never {
  const underWay = invoices.find(({ pending }) => pending.minor > 0);
  return underWay ? refuse('payment_in_progress', { number: underWay.number }) : refuse('nothing_to_pay');
}

/**
 * Pays invoices, all of them or none, each wholly or, where the merchant allows it, in part. Refuses `invoice_changed`, `invoice_not_payable`,
 * `partial_not_allowed`, `bad_amount`, `overpayment`, what `assertAgreed` and `assertMethod`, `takeMoney` and `preparePayment` refuse.
 */
export async function payInvoices(scope: CustomerScope, order: PaymentOrder): Promise<PaymentOutcome> {
  for (const minor of [...order.seen.values(), ...(order.parts?.values() ?? [])]) assertAmount(minor);
  const paid = Array.from(order.seen, ([id, left]) => [id, order.parts?.get(id) ?? left] as const);
  return payOnce(scope, order, paid, async (within) => {
    const invoices = await invoicesByClientId(within, [...order.seen.keys()]);
    const first = invoices[0] ?? refuse('nothing_to_pay');
    assertOnePayment(within, invoices);
    assertUnchanged(within, invoices, order.seen);
    assertParts(within, invoices, order.parts);
    const { currency } = first.total;
    if ((order.currency ?? currency) !== currency) refuse('mixed_currencies');
    const methods = await payingMethods(within, currency, await disabledFor(within, invoices));
    return { allocations: invoices.map((invoice) => allocationOf(invoice, order)), methods };
  });
}

/** Pays with nothing open: the money becomes the customer's credit. Refuses `advance_not_allowed`, `bad_amount` and what `payInvoices` does. */
export async function payInAdvance(scope: CustomerScope, order: AdvanceOrder): Promise<PaymentOutcome> {
  const { amount } = order;
  assertAmount(amount.minor);
  return payOnce(scope, order, [['credit', amount.minor]], async (within) => {
    if (!within.settings['payments.advance']) refuse('advance_not_allowed');
    return { allocations: [{ to: 'credit', amount }], methods: await payingMethods(within, amount.currency) };
  });
}

/** What a payment is for, as it stands when the intent is committed, and how it may be paid. */
export interface Payable {
  readonly allocations: readonly Allocation[];
  readonly methods: readonly PayingMethod[];
  readonly approval?: Wishes['approval'];
}

/**
 * Pays for what `purposeOf` finds within the transaction that commits the intent. The same form (`paid`: what was sent as what to pay, in minor
 * units, and the instrument) answers what it did the first time, whatever has changed since. Refuses what `purposeOf` does, `not_found` for a
 * saved instrument that is not this customer's to use, `method_not_offered`, `below_minimum`, `above_maximum`, `autopay_not_offered`,
 * `total_not_seen`, `account_full`, `too_many_requests` and what `takeMoney` does.
 */
export async function payOnce(
  scope: CustomerScope,
  payer: Payer,
  paid: Iterable<readonly [what: string, minor: number]>,
  purposeOf: (within: CustomerScope) => Promise<Payable>,
): Promise<PaymentOutcome> {
  const sending = { nonce: payer.nonce, fingerprint: fingerprintOf(paid, nameOf(payer.with)) };
  const earlier = await outcomeOfSending(scope, sending);
  if (earlier) return earlier;
  const instrument = await instrumentOf(scope, payer.with);
  return takeMoney(
    scope,
    sending,
    async (within) => {
      await assertFewTries(within);
      const { allocations, methods, approval } = await purposeOf(within);
      const intent = await intentOf(
        within,
        { ...payer, ...sending, approval },
        instrument,
        allocations,
        methods,
      );
      assertMethod(within, intent, methods);
      for (const { to, amount } of intent.allocations)
        if (to !== 'invoice') await assertRoomForCredit(within, amount);
      assertAgreed(within, intent, payer);
      return intent;
    },
    { source: instrument.source, save: payer.save, acceptance: payer.acceptance },
  );
}

/** What tells two instruments of forms apart without saying anything secret. */
function nameOf(instrument: Instrument): string {
  const { kind } = instrument;
  return kind === 'method' ? `method:${instrument.methodId}` : `${kind}:${traceOf(instrument)}`;
}

async function instrumentOf(scope: CustomerScope, instrument: Instrument): Promise<ReadyInstrument> {
  if (instrument.kind !== 'method') {
    assertFitsGateway(scope, instrument);
    return { source: instrument };
  }
  const method = await usableMethod(scope, instrument.methodId);
  if (!(await isReachable(scope, method.gateway))) refuse('method_not_offered');
  return { source: sourceOf(method), methodId: method.id };
}

/**
 * Puts an intent together. Its fee is that of its method among those that may be used, its gateway the one that keeps the instrument, else the
 * tenant's. What the gateway can charge only in steps is rounded up, and the difference is the customer's credit.
 */
export async function intentOf(
  scope: CustomerScope,
  payer: Sending & Pick<Payer, 'receiptEmail' | 'save' | 'autopay'> & Pick<Payable, 'approval'>,
  { source, methodId }: ReadyInstrument,
  allocations: readonly Allocation[],
  methods: readonly PayingMethod[],
): Promise<Intent> {
  const { currency } = allocations[0]!.amount;
  const total = sum(
    allocations.map(({ amount }) => amount),
    currency,
  );
  const saved = methodId === undefined ? undefined : await usableMethod(scope, methodId);
  const name = saved ? onlineMethodOf(saved) : methodOfSource(source, currency);
  const method = methods.find((one) => one.name === name);
  const charge = method && chargeOn(method, total);
  const credit: Allocation[] =
    charge && charge.credit.minor > 0 ? [{ to: 'credit', amount: charge.credit }] : [];
  return {
    nonce: payer.nonce,
    fingerprint: payer.fingerprint,
    source: 'portal',
    allocations: [...allocations, ...credit],
    total: charge ? add(total, charge.credit) : total,
    feeMinor: charge?.fee.minor ?? 0,
    gateway: saved?.gateway ?? gatewayOf(scope).name,
    method: `${name}:${traceOf(source)}`,
    methodId,
    receiptEmail: payer.receiptEmail,
    wishes: {
      save: payer.save,
      autopay: payer.autopay,
      approval: payer.approval,
      mandate: methodId === undefined ? mandateText(scope, name) : undefined,
    },
  };
}

/** Refuses `method_not_offered`, `below_minimum` and `above_maximum`. */
export function assertMethod(scope: CustomerScope, intent: Intent, methods: readonly PayingMethod[]): void {
  assertMayPay(scope, methods, nameInIntent(intent), intent.total);
}

/** Refuses `autopay_not_offered`, and `total_not_seen` for a charge that is not what the payer saw. */
function assertAgreed(scope: CustomerScope, { total, feeMinor }: Intent, { autopay, charge }: Payer): void {
  if (autopay && !scope.settings['autopay.enrollment']) refuse('autopay_not_offered');
  if (charge === undefined || charge === total.minor + feeMinor) return;
  const show = (minor: number): string => formatMoney(money(minor, total.currency), scope.language);
  const fee = feeMinor > 0 ? `, with a fee of ${show(feeMinor)} included` : '';
  refuse('total_not_seen', { total: show(total.minor + feeMinor), fee });
}

function allocationOf(invoice: InvoiceSummary, { seen, parts }: PaymentOrder): Allocation {
  const minor = parts?.get(invoice.clientId) ?? seen.get(invoice.clientId)!;
  const { id, clientId, number, balance } = invoice;
  return { to: 'invoice', id, clientId, number, amount: { minor, currency: balance.currency } };
}

function assertOnePayment(scope: CustomerScope, invoices: readonly InvoiceSummary[]): void {
  const most = scope.settings['payments.most_invoices'];
  if (invoices.length > most) refuse('too_many_invoices', { most });
  if (new Set(invoices.map(({ total }) => total.currency)).size > 1) refuse('mixed_currencies');
}
