import { clientId } from '#src/kernel/ids.ts';
import { nowMs } from '#src/kernel/time.ts';
import { postAll } from '#src/ledger/ledger.ts';
import { recordEvents } from '#src/outbox/events.ts';
import type { MerchantScope } from '#src/scope.ts';

/** What was paid on an invoice before it came here. */
export interface ImportedPayment {
  readonly customerId: number;
  readonly invoiceId: number;
  /** The invoice's. */
  readonly currency: string;
  /** Minor units, positive, at most the invoice's balance. */
  readonly amountMinor: number;
  /** Civil date; files do not say when it was paid, so it is the invoice's. */
  readonly date: string;
}

const LABEL = 'Paid before the import';

interface Numbered extends ImportedPayment {
  readonly id: number;
  readonly number: string;
}

/** Records payments with their books and lowers the balances of their invoices, in the caller's transaction. */
export async function recordImportedPayments(
  merchant: MerchantScope,
  payments: readonly ImportedPayment[],
): Promise<void> {
  if (payments.length === 0) return;
  const ids = await merchant.db.nextIds('payments', payments.length);
  const first = await merchant.db.nextNumbers('imported_payments', payments.length);
  const all = payments.map((payment, i) => ({ ...payment, id: ids[i]!, number: numberOf(first + i) }));
  await insertPayments(merchant, all);
  const paid = await lowerBalances(merchant, all);
  await postPayments(merchant, all);
  await recordEvents(
    merchant,
    all.flatMap(({ id, customerId, invoiceId, amountMinor, currency }) => [
      {
        type: 'payment.created',
        subject: { customerId, paymentId: id },
        data: { amount: amountMinor, currency },
      },
      ...(paid.has(id) ? [{ type: 'invoice.paid', subject: { customerId, invoiceId } }] : []),
    ]),
  );
}

async function insertPayments(merchant: MerchantScope, payments: readonly Numbered[]): Promise<void> {
  const now = nowMs(merchant.clock);
  await merchant.db.insert(
    'payments',
    payments.map(({ id, number, customerId, currency, amountMinor, date }) => ({
      id,
      number,
      client_id: clientId(merchant.tokens),
      customer_id: customerId,
      currency,
      amount_minor: amountMinor,
      date,
      method: 'other' as const,
      method_label: LABEL,
      state: 'succeeded' as const,
      source: 'import' as const,
      created_at: now,
      settled_at: now,
    })),
  );
  const ids = await merchant.db.nextIds('payment_applications', payments.length);
  await merchant.db.insert(
    'payment_applications',
    payments.map(({ id, customerId, invoiceId, currency, amountMinor }, i) => ({
      id: ids[i]!,
      customer_id: customerId,
      payment_id: id,
      kind: 'invoice' as const,
      invoice_id: invoiceId,
      currency,
      amount_minor: amountMinor,
      created_at: now,
    })),
  );
}

/** `IMP-00001`: not among the receipts of this house, none of which is missing. */
function numberOf(count: number): string {
  return `IMP-${String(count).padStart(5, '0')}`;
}

/** Answers the ids of the payments that paid their invoice; each is of another one. */
async function lowerBalances(merchant: MerchantScope, payments: readonly Numbered[]): Promise<Set<number>> {
  const invoices = await merchant.db
    .from('invoices')
    .select(['id', 'balance_minor'])
    .where('id', 'in', idsOf(payments))
    .execute();
  const balances = new Map(invoices.map(({ id, balance_minor }) => [id, balance_minor]));
  const left = Map.groupBy(payments, ({ invoiceId, amountMinor }) => balances.get(invoiceId)! - amountMinor);
  for (const [balance_minor, those] of left) {
    const paid = balance_minor === 0 ? { paid_at: nowMs(merchant.clock) } : {};
    await merchant.db
      .update('invoices')
      .set({ balance_minor, ...paid })
      .where('id', 'in', idsOf(those))
      .execute();
  }
  return new Set(left.get(0)?.map(({ id }) => id));
}

function idsOf(payments: readonly Numbered[]): number[] {
  return payments.map(({ invoiceId }) => invoiceId);
}

async function postPayments(merchant: MerchantScope, payments: readonly Numbered[]): Promise<void> {
  await postAll(
    merchant,
    payments.map(({ id, customerId, invoiceId, currency, amountMinor, date }) => ({
      kind: 'payment' as const,
      customerId,
      currency,
      date,
      paymentId: id,
      memo: LABEL,
      postings: [
        { account: 'cash' as const, minor: amountMinor },
        { account: 'receivable' as const, minor: -amountMinor, invoiceId },
      ],
    })),
  );
}
