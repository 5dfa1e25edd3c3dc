import { findCustomerById } from '../../customers/customers.ts';
import { refuse } from '../../kernel/errors.ts';
import { assertSize, formatMoney, minorDigits, type Money, money, refuseAmount } from '../../kernel/money.ts';
import { nowMs, todayIn } from '../../kernel/time.ts';
import { creditBalances, type JournalKind, post } from '../../ledger/ledger.ts';
import { assertRoomForCredit } from '../../ledger/room.ts';
import { recordEvent } from '../../outbox/events.ts';
import { customerScope, type CustomerScope, type MerchantScope } from '../../scope.ts';
import { doOnce, type Keyed } from '../attempts/keyed.ts';
import { creditHolds, freeBalance, keptDeposit } from './holds.ts';

/** A credit note with something left. */
export interface OpenCreditNote {
  readonly id: number;
  readonly clientId: string;
  readonly number: string;
  /** Civil date. */
  readonly date: string;
  readonly balance: Money;
  /** The invoice that it corrects: it is put against that one first. */
  readonly invoiceId: number | undefined;
}

/** What a customer has to their credit in one currency. */
export interface CustomerCredit {
  readonly currency: string;
  /** The oldest first. */
  readonly notes: readonly OpenCreditNote[];
  /** Paid in advance, deposits, overpayments and adjustments: the sum of the ledger. */
  readonly balance: Money;
  /** The part of the balance that is deposits, waiting for the invoices of their estimates. */
  readonly held: Money;
  /** The part of it that is on its way back to the payer: by a refund that is not settled, or a dispute that is not decided. */
  readonly returning: Money;
  /** What can go against any invoice: credit notes, and the rest of the balance. */
  readonly usable: Money;
}

/** One movement of a customer's credit. */
export interface CreditMovement {
  /** Civil date. */
  readonly date: string;
  readonly kind: JournalKind;
  /** Positive where credit was added. */
  readonly amount: Money;
  /** Numbers of the invoices and credit notes that it was about. */
  readonly invoices: readonly string[];
  readonly creditNotes: readonly string[];
  /** What the merchant noted. */
  readonly notes: string | undefined;
}

/** The credit of a customer, one a currency; nothing where there never was any. */
export async function customerCredit(scope: CustomerScope): Promise<CustomerCredit[]> {
  const notes = await openNotes(scope);
  const balances = await creditBalances(scope);
  const holds = await creditHolds(scope);
  const currencies = new Set([...notes.map(({ balance }) => balance.currency), ...balances.keys()]);
  return [...currencies].toSorted().map((currency) => {
    const own = notes.filter(({ balance }) => balance.currency === currency);
    const balance = balances.get(currency) ?? 0;
    const spoken = holds.filter((hold) => hold.currency === currency);
    const held = Math.min(balance, sumOf(spoken.map(keptDeposit)));
    const returning = Math.min(balance - held, sumOf(spoken.map((hold) => hold.returning)));
    const inNotes = sumOf(own.map((note) => note.balance.minor));
    return {
      currency,
      notes: own,
      balance: money(balance, currency),
      held: money(held, currency),
      returning: money(returning, currency),
      usable: money(inNotes + balance - held - returning, currency),
    };
  });
}

/** The newest movements of a customer's credit. */
export async function creditMovements(scope: CustomerScope, most: number): Promise<CreditMovement[]> {
  const entries = await scope.db
    .from('postings')
    .innerJoin(scope.db.rows('journal'), 'journal.id', 'postings.journal_id')
    .select((eb) => [
      ...(['journal.id', 'journal.date', 'journal.kind', 'journal.memo', 'journal.currency'] as const),
      eb.fn.sum<number>('postings.amount_minor').as('debit'),
    ])
    .where('postings.account', 'in', ['credit_note', 'credit_balance'])
    .groupBy(['journal.id', 'journal.date', 'journal.kind', 'journal.memo', 'journal.currency'])
    .orderBy('journal.id', 'desc')
    .limit(most)
    .execute();
  const numbers = await numbersOf(
    scope,
    entries.map(({ id }) => id),
  );
  return entries.map((entry) => ({
    date: entry.date,
    kind: entry.kind,
    amount: money(-Number(entry.debit), entry.currency),
    invoices: numbers.invoices.get(entry.id) ?? [],
    creditNotes: numbers.creditNotes.get(entry.id) ?? [],
    notes: entry.kind === 'credit_adjustment' ? (entry.memo ?? undefined) : undefined,
  }));
}

export interface CreditAdjustment extends Keyed {
  readonly customerId: number;
  /** Signed: negative takes credit away. */
  readonly amount: Money;
  readonly notes?: string | undefined;
}

export interface AdjustedCredit {
  readonly id: number;
  readonly customerId: number;
  readonly amount: Money;
  /** Civil date. */
  readonly date: string;
  readonly notes: string | undefined;
  /** The balance after it. */
  readonly balance: Money;
  /** Epoch ms. */
  readonly createdAt: number;
}

/**
 * Adds to a customer's credit balance or takes from it, with its ledger entry, in one transaction. Refuses `unknown_customer`,
 * `unknown_currency`, `bad_amount` for nothing, `amount_too_large`, `account_full`, `key_reused` for a key that was used for something else, and `credit_not_enough` for more than nothing speaks for: deposits stay, and so does what is
 * on its way back.
 */
export async function adjustCredit(
  merchant: MerchantScope,
  asked: CreditAdjustment,
): Promise<AdjustedCredit> {
  const { minor, currency } = asked.amount;
  minorDigits(currency);
  if (!Number.isSafeInteger(minor) || minor === 0) refuseAmount(minor, currency);
  assertSize(minor, currency);
  return doOnce(merchant, 'credit_adjustment', asked, async (within) => {
    const { id } = await findCustomerById(within, asked.customerId);
    const scope = customerScope(within, id);
    const before = (await creditBalances(scope)).get(currency) ?? 0;
    if (minor < 0) await assertFree(scope, { minor: -minor, currency });
    else await assertRoomForCredit(scope, asked.amount);
    return writeAdjustment(scope, asked, before);
  });
}

/** Refuses `credit_not_enough` where less than this is free to be taken. */
async function assertFree(scope: CustomerScope, { minor, currency }: Money): Promise<void> {
  const free = Math.max(0, await freeBalance(scope, currency));
  if (minor > free)
    refuse('credit_not_enough', { left: formatMoney(money(free, currency), scope.tenant.language) });
}

async function writeAdjustment(
  scope: CustomerScope,
  { amount, notes }: CreditAdjustment,
  before: number,
): Promise<AdjustedCredit> {
  const { currency, minor } = amount;
  const id = await scope.db.nextId('credit_adjustments');
  const date = todayIn(scope.clock, scope.tenant.timeZone).toString();
  const createdAt = nowMs(scope.clock);
  await scope.db.insert('credit_adjustments', {
    id,
    currency,
    amount_minor: minor,
    date,
    notes: notes ?? null,
    actor: scope.actor,
    created_at: createdAt,
  });
  await post(scope, {
    kind: 'credit_adjustment',
    currency,
    date,
    ...(notes === undefined ? {} : { memo: notes }),
    postings: [
      { account: 'adjustments', minor },
      { account: 'credit_balance', minor: -minor },
    ],
  });
  await recordEvent(scope, 'credit_balance.adjusted', {}, { amount: minor, currency });
  const { customerId } = scope;
  return { id, customerId, amount, date, notes, balance: money(before + minor, currency), createdAt };
}

async function openNotes(scope: CustomerScope): Promise<OpenCreditNote[]> {
  const rows = await scope.db
    .from('credit_notes')
    .select(['id', 'client_id', 'number', 'date', 'currency', 'balance_minor', 'invoice_id'])
    .where('balance_minor', '>', 0)
    .where('state', '=', 'issued')
    .where('closed', '=', 0)
    .orderBy('date')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    clientId: row.client_id,
    number: row.number,
    date: row.date,
    balance: money(row.balance_minor, row.currency),
    invoiceId: row.invoice_id ?? undefined,
  }));
}

function sumOf(amounts: readonly number[]): number {
  return amounts.reduce((sum, minor) => sum + minor, 0);
}

/** The numbers of the documents that journal entries name, by entry. */
async function numbersOf(
  scope: CustomerScope,
  entries: readonly number[],
): Promise<{ invoices: Map<number, string[]>; creditNotes: Map<number, string[]> }> {
  if (entries.length === 0) return { invoices: new Map(), creditNotes: new Map() };
  const invoices = await scope.db
    .from('postings')
    .innerJoin(scope.db.rows('invoices'), 'invoices.id', 'postings.invoice_id')
    .select(['postings.journal_id as entry', 'invoices.number'])
    .where('postings.journal_id', 'in', entries)
    .orderBy('postings.position')
    .execute();
  const notes = await scope.db
    .from('postings')
    .innerJoin(scope.db.rows('credit_notes'), 'credit_notes.id', 'postings.credit_note_id')
    .select(['postings.journal_id as entry', 'credit_notes.number'])
    .where('postings.journal_id', 'in', entries)
    .orderBy('postings.position')
    .execute();
  return { invoices: byEntry(invoices), creditNotes: byEntry(notes) };
}

function byEntry(
  rows: ReadonlyArray<{ readonly entry: number; readonly number: string }>,
): Map<number, string[]> {
  const found = new Map<number, string[]>();
  for (const { entry, number } of rows) {
    const known = found.get(entry) ?? [];
    if (!known.includes(number)) found.set(entry, [...known, number]);
  }
  return found;
}
