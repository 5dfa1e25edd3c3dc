import { findCustomerById } from '#src/customers/customers.ts';
import { canonicalEmail } from '#src/customers/email.ts';
import { type Portion, portionsOf } from '#src/documents/due.ts';
import { refuse } from '#src/kernel/errors.ts';
import { clientId } from '#src/kernel/ids.ts';
import { assertSize, type Money, refuseAmount } from '#src/kernel/money.ts';
import { nowMs, todayIn } from '#src/kernel/time.ts';
import { post } from '#src/ledger/ledger.ts';
import { assertRoomForCredit } from '#src/ledger/room.ts';
import { recordEvent } from '#src/outbox/events.ts';
import { queueMail } from '#src/outbox/outbox.ts';
import { customerScope, type CustomerScope, type MerchantScope, transact } from '#src/scope.ts';
import { doOnce, type Keyed } from '../attempts/keyed.ts';
import { recordApplications, takeExactly } from '../taking/allocation.ts';
import { nextReceiptNumber } from '../taking/receipt-number.ts';

/** How money comes in outside the portal. */
export const RECORDED_METHODS = [
  'wire_transfer',
  'check',
  'cash',
  'direct_debit',
  'eft',
  'paypal',
  'other',
] as const;

interface Received {
  readonly customerId: number;
  /** Civil date on which it arrived. */
  readonly date: string;
  readonly method: (typeof RECORDED_METHODS)[number];
  /** For people: `Bank transfer`. */
  readonly methodLabel: string;
  readonly reference?: string | undefined;
  readonly notes?: string | undefined;
  readonly source?: 'operator' | 'import' | 'api' | undefined;
  /** Where the receipt is sent; none without it. */
  readonly receiptEmail?: string | undefined;
}

/** Money that arrived outside the portal, as the merchant books it. */
export interface ReceivedPayment extends Received {
  /** ISO 4217, upper case; that of every invoice it is put against. */
  readonly currency: string;
  /** Minor units, positive; each at most what is open on the invoice. */
  readonly applied: ReadonlyArray<{ readonly invoiceId: number; readonly minor: number }>;
  /** What was paid above that and becomes the customer's credit: minor units. */
  readonly toCredit?: number | undefined;
}

/** Money that arrived, and where the merchant wants it to go. */
export interface ReceivedMoney extends Omit<Received, 'date'>, Keyed {
  readonly amount: Money;
  /** Civil date on which it arrived; today without it. */
  readonly date?: string | undefined;
  /**
   * The invoices it is for, in this order, each with all that is open unless an amount (minor units) says less. Without any it goes to the
   * customer's open invoices, the earliest due first. What is left becomes the customer's credit.
   */
  readonly towards: ReadonlyArray<{ readonly invoiceId: number; readonly minor?: number | undefined }>;
}

export interface RecordedPayment {
  readonly id: number;
  readonly clientId: string;
  readonly number: string;
}

/**
 * Books money that arrived outside the portal against invoices, with its ledger entry and events, in one transaction. Refuses
 * `unknown_customer`, `bad_email` for a receipt to anything but one address, `bad_amount`, `amount_too_large`, `account_full`, `not_found` for an invoice that is not this customer's or in another currency, and `allocation_impossible`
 * for more than is open.
 */
export function recordPayment(merchant: MerchantScope, received: ReceivedPayment): Promise<RecordedPayment> {
  return transact(merchant, async (within) => {
    const { id } = await findCustomerById(within, received.customerId);
    const scope = customerScope(within, id);
    const { currency, applied, toCredit = 0 } = received;
    await assertInvoices(scope, applied, currency);
    const payment = await insertPayment(scope, received);
    for (const { invoiceId, minor } of applied) await takeExactly(scope, invoiceId, minor);
    await recordApplications(scope, payment.id, currency, [
      ...applied.map((part) => ({ kind: 'invoice' as const, ...part })),
      { kind: 'credit', minor: toCredit },
    ]);
    const minor = totalOf(received);
    await post(scope, {
      kind: 'payment',
      currency,
      date: received.date,
      paymentId: payment.id,
      postings: [
        { account: 'cash', minor },
        ...applied.map((part) => ({
          account: 'receivable' as const,
          minor: -part.minor,
          invoiceId: part.invoiceId,
        })),
        { account: 'credit_balance', minor: -toCredit },
      ],
    });
    await recordEvent(scope, 'payment.created', { paymentId: payment.id }, { amount: minor, currency });
    const recipient = received.receiptEmail && canonicalEmail(received.receiptEmail);
    if (recipient)
      await queueMail(scope, { topic: 'receipt', recipient, payload: { paymentId: payment.id } });
    return payment;
  });
}

/**
 * Like `recordPayment`, for an amount that is spread over the invoices it is meant for. Refuses what that does, for every invoice that is named,
 * whether the amount reaches it or not; `allocation_impossible` for amounts that come to more than the money; and `key_reused` for a key that was used for something else.
 */
export function recordMoney(merchant: MerchantScope, received: ReceivedMoney): Promise<RecordedPayment> {
  return doOnce(merchant, 'payment', received, async (within) => {
    const { id } = await findCustomerById(within, received.customerId);
    const { amount, towards, key: _, date = today(within), ...rest } = received;
    const scope = customerScope(within, id);
    await assertInvoices(scope, towards, amount.currency);
    const portions = await openPortions(scope, amount.currency);
    return recordPayment(within, {
      ...rest,
      date,
      currency: amount.currency,
      ...(towards.length > 0
        ? spread(amount.minor, towards, openAmounts(portions))
        : inTurn(amount.minor, portions)),
    });
  });
}

function today({ clock, tenant }: MerchantScope): string {
  return todayIn(clock, tenant.timeZone).toString();
}

function spread(
  minor: number,
  wanted: ReceivedMoney['towards'],
  open: ReadonlyMap<number, number>,
): Pick<ReceivedPayment, 'applied' | 'toCredit'> {
  let left = minor;
  const applied = wanted.flatMap((part) => {
    const most = part.minor ?? open.get(part.invoiceId) ?? 0;
    if (most < 0) refuse('bad_amount', { value: String(most) });
    // Less than the merchant said would be another payment than they meant.
    if (part.minor !== undefined && most > left) refuse('allocation_impossible', { what: 'the payment' });
    const taken = Math.min(most, left);
    left -= taken;
    return taken > 0 ? [{ invoiceId: part.invoiceId, minor: taken }] : [];
  });
  return { applied, toCredit: left };
}

/** Puts money against what is due first until it is used up. */
function inTurn(minor: number, portions: readonly Portion[]): Pick<ReceivedPayment, 'applied' | 'toCredit'> {
  let left = minor;
  const applied = new Map<number, number>();
  for (const { id, minor: open } of portions) {
    const taken = Math.min(open, left);
    left -= taken;
    if (taken > 0) applied.set(id, (applied.get(id) ?? 0) + taken);
  }
  return {
    applied: Array.from(applied, ([invoiceId, taken]) => ({ invoiceId, minor: taken })),
    toCredit: left,
  };
}

/** What is open on the customer's invoices of a currency and not on its way, what is due first at the beginning. */
async function openPortions(scope: CustomerScope, currency: string): Promise<Portion[]> {
  const rows = await scope.db
    .from('invoices')
    .select(['id', 'due_date', 'date', 'balance_minor', 'pending_minor'])
    .where('currency', '=', currency)
    .where('state', '=', 'issued')
    .where('balance_minor', '>', 0)
    .execute();
  return portionsOf(scope, rows);
}

/** What portions come to, in minor units by invoice id. */
function openAmounts(portions: readonly Portion[]): Map<number, number> {
  const open = new Map<number, number>();
  for (const { id, minor } of portions) open.set(id, (open.get(id) ?? 0) + minor);
  return open;
}

function totalOf({ applied, toCredit = 0 }: ReceivedPayment): number {
  return applied.reduce((sum, { minor }) => sum + minor, toCredit);
}

/** Every invoice is the customer's, issued and in the payment's currency. Refuses `not_found`. */
async function assertInvoices(
  scope: CustomerScope,
  parts: ReadonlyArray<{ readonly invoiceId: number }>,
  currency: string,
): Promise<void> {
  const ids = new Set(parts.map(({ invoiceId }) => invoiceId));
  if (ids.size === 0) return;
  const found = await scope.db
    .from('invoices')
    .select('id')
    .where('id', 'in', [...ids])
    .where('currency', '=', currency)
    .where('state', '=', 'issued')
    .execute();
  if (found.length < ids.size) refuse('not_found', { what: 'invoice' });
}

async function insertPayment(scope: CustomerScope, received: ReceivedPayment): Promise<RecordedPayment> {
  const minor = totalOf(received);
  const { applied, toCredit = 0 } = received;
  const isUsable =
    applied.every((part) => Number.isSafeInteger(part.minor) && part.minor > 0) &&
    Number.isSafeInteger(toCredit) &&
    toCredit >= 0;
  if (!isUsable || !Number.isSafeInteger(minor) || minor <= 0) refuseAmount(minor, received.currency);
  assertSize(minor, received.currency);
  await assertRoomForCredit(scope, { minor: toCredit, currency: received.currency });
  const receiptEmail = received.receiptEmail && canonicalEmail(received.receiptEmail);
  const id = await scope.db.nextId('payments');
  const number = await nextReceiptNumber(scope);
  const now = nowMs(scope.clock);
  const payment = { id, clientId: clientId(scope.tokens), number };
  await scope.db.insert('payments', {
    id,
    client_id: payment.clientId,
    number,
    currency: received.currency,
    amount_minor: minor,
    date: received.date,
    method: received.method,
    method_label: received.methodLabel,
    state: 'succeeded',
    source: received.source ?? 'operator',
    reference: received.reference ?? null,
    notes: received.notes ?? null,
    receipt_email: receiptEmail ?? null,
    created_at: now,
    settled_at: now,
  });
  return payment;
}
