import { findCustomerById } from '#src/customers/customers.ts';
import { refuse } from '#src/kernel/errors.ts';
import { clientId } from '#src/kernel/ids.ts';
import { nowMs } from '#src/kernel/time.ts';
import { post } from '#src/ledger/ledger.ts';
import { recordEvent } from '#src/outbox/events.ts';
import { customerScope, type CustomerScope, type MerchantScope, transact } from '#src/scope.ts';

/** Money that arrived outside the portal, as the merchant books it. */
export interface ReceivedPayment {
  readonly customerId: number;
  /** ISO 4217, upper case; that of every invoice it is put against. */
  readonly currency: string;
  /** Civil date on which it arrived. */
  readonly date: string;
  readonly method: 'wire_transfer' | 'check' | 'cash' | 'direct_debit' | 'other';
  /** For people: `Bank transfer`. */
  readonly methodLabel: string;
  readonly reference?: string | undefined;
  readonly source?: 'operator' | 'import' | 'api' | undefined;
  /** Minor units, positive; each at most what is open on the invoice. */
  readonly applied: ReadonlyArray<{ readonly invoiceId: number; readonly minor: number }>;
}

export interface RecordedPayment {
  readonly id: number;
  readonly clientId: string;
  readonly number: string;
}

/**
 * Books money that arrived outside the portal against invoices, with its ledger entry and events, in one transaction. Refuses
 * `unknown_customer`, `bad_amount`, `not_found` for an invoice that is not this customer's, and `allocation_impossible` for more than is
 * open.
 */
export function recordPayment(merchant: MerchantScope, received: ReceivedPayment): Promise<RecordedPayment> {
  return transact(merchant, async (within) => {
    const { id } = await findCustomerById(within, received.customerId);
    const scope = customerScope(within, id);
    const payment = await insertPayment(scope, received);
    for (const { invoiceId, minor } of received.applied) {
      await lowerBalance(scope, invoiceId, minor, received.currency);
    }
    await insertApplications(scope, payment.id, received);
    await post(scope, {
      kind: 'payment',
      currency: received.currency,
      date: received.date,
      paymentId: payment.id,
      postings: [
        { account: 'cash', minor: totalOf(received) },
        ...received.applied.map(({ invoiceId, minor }) => ({
          account: 'receivable' as const,
          minor: -minor,
          invoiceId,
        })),
      ],
    });
    const data = { amount: totalOf(received), currency: received.currency };
    await recordEvent(scope, 'payment.created', { paymentId: payment.id }, data);
    return payment;
  });
}

function totalOf({ applied }: ReceivedPayment): number {
  return applied.reduce((sum, { minor }) => sum + minor, 0);
}

async function insertPayment(scope: CustomerScope, received: ReceivedPayment): Promise<RecordedPayment> {
  const minor = totalOf(received);
  const isUsable = received.applied.every((part) => Number.isSafeInteger(part.minor) && part.minor > 0);
  if (!isUsable || !Number.isSafeInteger(minor) || minor <= 0) refuse('bad_amount', { value: String(minor) });
  const id = await scope.db.nextId('payments');
  const number = `R-${String(await scope.db.nextNumber('payments')).padStart(5, '0')}`;
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
    created_at: now,
    settled_at: now,
  });
  return payment;
}

async function lowerBalance(
  scope: CustomerScope,
  invoiceId: number,
  minor: number,
  currency: string,
): Promise<void> {
  const invoice = await scope.db
    .from('invoices')
    .select(['number', 'balance_minor', 'pending_minor', 'version', 'paid_at'])
    .where('id', '=', invoiceId)
    .where('currency', '=', currency)
    .where('state', '=', 'issued')
    .executeTakeFirst();
  if (!invoice) return refuse('not_found', { what: 'invoice' });
  const balance = invoice.balance_minor - minor;
  if (balance < invoice.pending_minor) refuse('allocation_impossible', { what: `invoice ${invoice.number}` });
  const now = nowMs(scope.clock);
  await scope.db
    .update('invoices')
    .set({
      balance_minor: balance,
      version: invoice.version + 1,
      updated_at: now,
      paid_at: balance === 0 ? now : invoice.paid_at,
    })
    .where('id', '=', invoiceId)
    .execute();
  if (balance === 0) await recordEvent(scope, 'invoice.paid', { invoiceId });
}

async function insertApplications(
  scope: CustomerScope,
  paymentId: number,
  { applied, currency }: ReceivedPayment,
): Promise<void> {
  const ids = await scope.db.nextIds('payment_applications', applied.length);
  await scope.db.insert(
    'payment_applications',
    applied.map(({ invoiceId, minor }, i) => ({
      id: ids[i] ?? 0,
      payment_id: paymentId,
      kind: 'invoice' as const,
      invoice_id: invoiceId,
      currency,
      amount_minor: minor,
      created_at: nowMs(scope.clock),
    })),
  );
}
