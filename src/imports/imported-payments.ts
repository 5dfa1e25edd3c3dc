import { clientId } from '#src/kernel/ids.ts';
import { nowMs } from '#src/kernel/time.ts';
import { postAll } from '#src/ledger/ledger.ts';
import { recordEvents } from '#src/outbox/events.ts';
import { nextReceiptNumber } from '#src/payments/taking/receipt-number.ts';
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
  const all: Numbered[] = [];
  for (const [i, payment] of payments.entries()) {
    all.push({ ...payment, id: ids[i]!, number: await nextReceiptNumber(merchant) });
  }
  await insertPayments(merchant, all);
  const paid = new Set<number>();
  for (const payment of all) if (await lowerBalance(merchant, payment)) paid.add(payment.id);
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

/** Answers whether the invoice is paid now. */
async function lowerBalance(merchant: MerchantScope, payment: Numbered): Promise<boolean> {
  const { balance_minor } = await merchant.db
    .from('invoices')
    .select('balance_minor')
    .where('id', '=', payment.invoiceId)
    .executeTakeFirstOrThrow();
  const left = balance_minor - payment.amountMinor;
  await merchant.db
    .update('invoices')
    .set({ balance_minor: left, ...(left === 0 ? { paid_at: nowMs(merchant.clock) } : {}) })
    .where('id', '=', payment.invoiceId)
    .execute();
  return left === 0;
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
