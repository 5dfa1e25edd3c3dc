import { refuse } from '../kernel/errors.ts';
import { nowMs } from '../kernel/time.ts';
import type { CustomerScope, MerchantScope } from '../scope.ts';

/*
 * The books of one customer in one currency: append-only, double entry. Amounts are signed minor units, debit positive. What a customer owes on an
 * invoice is the sum of its `receivable` postings; credit notes and the credit balance are debts of the merchant and stand negative.
 */

export type Account =
  | 'receivable'
  | 'credit_note'
  | 'credit_balance'
  | 'sales'
  | 'cash'
  | 'fees'
  | 'adjustments'
  | 'disputed'
  | 'bad_debt';

export type JournalKind =
  | 'invoice'
  | 'invoice_void'
  | 'credit_note'
  | 'credit_note_void'
  | 'payment'
  | 'payment_void'
  | 'refund'
  | 'dispute'
  | 'dispute_won'
  | 'credit_applied'
  | 'credit_adjustment'
  | 'write_off';

export interface Posting {
  readonly account: Account;
  /** Signed minor units, debit positive, never zero. */
  readonly minor: number;
  readonly invoiceId?: number;
  readonly creditNoteId?: number;
}

export interface JournalEntry {
  readonly kind: JournalKind;
  /** ISO 4217; an entry is in one currency. */
  readonly currency: string;
  /** Civil date in the tenant's time zone. */
  readonly date: string;
  readonly postings: readonly Posting[];
  readonly invoiceId?: number;
  readonly creditNoteId?: number;
  readonly paymentId?: number;
  readonly refundId?: number;
  readonly memo?: string;
}

/**
 * Writes one entry in the caller's transaction. Refuses `ledger_unbalanced` unless the postings add up to zero; postings of nothing are left
 * out, and an entry of nothing is not written.
 */
export async function post(scope: CustomerScope, entry: JournalEntry): Promise<void> {
  const postings = balanced(entry);
  if (postings.length === 0) return;
  const id = await scope.db.nextId('journal');
  await scope.db.insert('journal', journalRow(scope, entry, id));
  await scope.db.insert('postings', postingRows(entry, postings, id));
}

/** Like `post`, for the entries of many customers of the tenant in one set of inserts; every entry balances by itself. */
export async function postAll(
  merchant: MerchantScope,
  entries: ReadonlyArray<JournalEntry & { readonly customerId: number }>,
): Promise<void> {
  const written = entries
    .map((entry) => ({ entry, postings: balanced(entry) }))
    .filter(({ postings }) => postings.length > 0);
  if (written.length === 0) return;
  const ids = await merchant.db.nextIds('journal', written.length);
  await merchant.db.insert(
    'journal',
    written.map(({ entry }, i) => ({
      ...journalRow(merchant, entry, ids[i]!),
      customer_id: entry.customerId,
    })),
  );
  await merchant.db.insert(
    'postings',
    written.flatMap(({ entry, postings }, i) =>
      postingRows(entry, postings, ids[i]!).map((row) => ({ ...row, customer_id: entry.customerId })),
    ),
  );
}

/** The customer's credit balance in each currency that has entries, in minor units: what the merchant holds for them. */
export async function creditBalances(scope: CustomerScope): Promise<Map<string, number>> {
  const rows = await scope.db
    .from('postings')
    .select((eb) => ['currency', eb.fn.sum<number>('amount_minor').as('debit')])
    .where('account', '=', 'credit_balance')
    .groupBy('currency')
    .execute();
  return new Map(rows.map(({ currency, debit }) => [currency, -Number(debit)]));
}

function balanced(entry: JournalEntry): Posting[] {
  const postings = entry.postings.filter((posting) => posting.minor !== 0);
  if (postings.reduce((sum, posting) => sum + posting.minor, 0) !== 0) refuse('ledger_unbalanced');
  return postings;
}

function journalRow(scope: CustomerScope | MerchantScope, entry: JournalEntry, id: number) {
  return {
    id,
    currency: entry.currency,
    date: entry.date,
    kind: entry.kind,
    invoice_id: entry.invoiceId ?? null,
    credit_note_id: entry.creditNoteId ?? null,
    payment_id: entry.paymentId ?? null,
    refund_id: entry.refundId ?? null,
    memo: entry.memo ?? null,
    actor: scope.actor,
    at: nowMs(scope.clock),
  };
}

function postingRows(entry: JournalEntry, postings: readonly Posting[], id: number) {
  return postings.map((posting, position) => ({
    journal_id: id,
    position,
    account: posting.account,
    currency: entry.currency,
    amount_minor: posting.minor,
    invoice_id: posting.invoiceId ?? null,
    credit_note_id: posting.creditNoteId ?? null,
  }));
}
