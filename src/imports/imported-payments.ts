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
  /** Minor units, at most the invoice's balance. */
  readonly amountMinor: number;
  /** Minor units that were paid beyond it and are the customer's credit. The two together are positive. */
  readonly creditMinor?: number | undefined;
  /** Civil date; files do not say when it was paid, so it is the invoice's. */
  readonly date: string;
}

/** What was given back of a credit note before it came here. */
export interface ImportedPaidBack {
  readonly customerId: number;
  readonly creditNoteId: number;
  /** The credit note's. */
  readonly currency: string;
  /** Minor units, at most the credit note's balance. */
  readonly amountMinor: number;
  /** Civil date. */
  readonly date: string;
}

const LABEL = 'Paid before the import';
const PAID_BACK = 'Paid back before the import';

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
    all.flatMap(({ id, customerId, invoiceId, amountMinor, creditMinor = 0, currency }) => [
      {
        type: 'payment.created',
        subject: { customerId, paymentId: id },
        data: { amount: amountMinor + creditMinor, currency },
      },
      ...(paid.has(id) ? [{ type: 'invoice.paid', subject: { customerId, invoiceId } }] : []),
    ]),
  );
}

/** Lowers the balance of a credit note by what was paid back of it already, with its books, in the caller's transaction. */
export async function recordPaidBack(merchant: MerchantScope, paid: ImportedPaidBack): Promise<void> {
  const { customerId, creditNoteId, currency, amountMinor, date } = paid;
  if (amountMinor === 0) return;
  await merchant.db
    .update('credit_notes')
    .set((eb) => ({ balance_minor: eb('balance_minor', '-', amountMinor) }))
    .where('id', '=', creditNoteId)
    .execute();
  const postings = [
    { account: 'credit_note' as const, minor: amountMinor, creditNoteId },
    { account: 'cash' as const, minor: -amountMinor },
  ];
  const entry = {
    kind: 'credit_adjustment' as const,
    customerId,
    creditNoteId,
    currency,
    date,
    memo: PAID_BACK,
    postings,
  };
  await postAll(merchant, [entry]);
}

async function insertPayments(merchant: MerchantScope, payments: readonly Numbered[]): Promise<void> {
  const now = nowMs(merchant.clock);
  await merchant.db.insert(
    'payments',
    payments.map(({ id, number, customerId, currency, amountMinor, creditMinor = 0, date }) => ({
      id,
      number,
      client_id: clientId(merchant.tokens),
      customer_id: customerId,
      currency,
      amount_minor: amountMinor + creditMinor,
      date,
      method: 'other' as const,
      method_label: LABEL,
      state: 'succeeded' as const,
      source: 'import' as const,
      created_at: now,
      settled_at: now,
    })),
  );
  const parts = payments.flatMap(({ invoiceId, amountMinor, creditMinor = 0, ...payment }) => [
    ...(amountMinor > 0 ? [{ ...payment, kind: 'invoice' as const, invoiceId, minor: amountMinor }] : []),
    ...(creditMinor > 0
      ? [{ ...payment, kind: 'credit' as const, invoiceId: null, minor: creditMinor }]
      : []),
  ]);
  const ids = await merchant.db.nextIds('payment_applications', parts.length);
  await merchant.db.insert(
    'payment_applications',
    parts.map(({ id, kind, customerId, invoiceId, currency, minor }, i) => ({
      id: ids[i]!,
      customer_id: customerId,
      payment_id: id,
      kind,
      invoice_id: invoiceId,
      currency,
      amount_minor: minor,
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
    payments.map(({ id, customerId, invoiceId, currency, amountMinor, creditMinor = 0, date }) => ({
      kind: 'payment' as const,
      customerId,
      currency,
      date,
      paymentId: id,
      memo: LABEL,
      postings: [
        { account: 'cash' as const, minor: amountMinor + creditMinor },
        { account: 'receivable' as const, minor: -amountMinor, invoiceId },
        { account: 'credit_balance' as const, minor: -creditMinor },
      ],
    })),
  );
}
