import { type Portion, portionsOf } from '../../documents/due.ts';
import { byDue, type InvoiceSummary, invoicesByClientId, openInvoices } from '../../documents/invoices.ts';
import { refuse } from '../../kernel/errors.ts';
import { secretToken } from '../../kernel/ids.ts';
import { type Money, money, sum } from '../../kernel/money.ts';
import { nowMs, todayIn } from '../../kernel/time.ts';
import { post, type Posting } from '../../ledger/ledger.ts';
import { recordEvent } from '../../outbox/events.ts';
import { type CustomerScope, transact } from '../../scope.ts';
import { type Application, recordApplications, takeExactly } from '../taking/allocation.ts';
import { type CustomerCredit, customerCredit } from './credits.ts';
import { leftToPay } from '../taking/parts.ts';

/** What a page shows before credit is used. */
export interface CreditDraft {
  /** Goes into the form: sending the form again uses the credit once. */
  readonly nonce: string;
  readonly credit: CustomerCredit;
  /** What the credit would pay of each invoice, in the order in which it would; invoices that it does not reach with nothing. */
  readonly invoices: ReadonlyArray<InvoiceSummary & { readonly left: Money; readonly pays: Money }>;
  readonly total: Money;
}

export interface CreditOrder {
  readonly nonce: string;
  /** Client ids with what the customer saw that the credit would pay (minor units): a difference is shown and asked again. */
  readonly seen: ReadonlyMap<string, number>;
}

/** What credit paid. */
export interface UsedCredit {
  readonly total: Money;
  readonly invoices: ReadonlyArray<{
    readonly clientId: string;
    readonly number: string;
    readonly amount: Money;
  }>;
}

/** A part of a credit note, or without one of the credit balance, that goes against an invoice. Minor units. */
interface Use {
  readonly invoiceId: number;
  readonly creditNoteId?: number;
  readonly minor: number;
}

interface Wanting {
  readonly id: number;
  readonly left: Money;
}

/**
 * What a customer's credit would pay of these invoices, of everything open when none is named, the earliest due first: credit notes first, then
 * the balance, without what is spoken for of it. Refuses
 * `credit_not_in_portal`, `not_found`, `mixed_currencies`, `nothing_to_pay`, and `no_credit` where there is none in their currency.
 */
export async function prepareCredit(
  scope: CustomerScope,
  clientIds: readonly string[],
): Promise<CreditDraft> {
  assertInPortal(scope);
  const credits = (await customerCredit(scope)).filter(({ usable }) => usable.minor > 0);
  const open = (
    clientIds.length === 0 ? await openInvoices(scope) : await invoicesByClientId(scope, clientIds)
  ).filter(({ payable }) => payable);
  if (open.length === 0) return refuse('nothing_to_pay');
  const credit = credits.find(({ currency }) => open.some(({ total }) => total.currency === currency));
  if (!credit) return refuse('no_credit');
  const same = open.filter(({ total }) => total.currency === credit.currency);
  if (clientIds.length > 0 && same.length < open.length) refuse('mixed_currencies');
  const invoices = same.toSorted(byDue).map((invoice) => ({ ...invoice, left: leftToPay(invoice) }));
  const uses = await usesOf(scope, credit, invoices);
  const pays = (id: number): Money =>
    money(sumOf(uses.filter((use) => use.invoiceId === id)), credit.currency);
  return {
    nonce: secretToken(scope.tokens),
    credit,
    invoices: invoices.map((invoice) => ({ ...invoice, pays: pays(invoice.id) })),
    total: money(sumOf(uses), credit.currency),
  };
}

/**
 * Puts the customer's credit against the invoices they chose, in one transaction. The same nonce answers what it did the first time. Refuses
 * `credit_changed` when it would not pay what they saw, `form_reused`, and what `prepareCredit` refuses.
 */
export function applyCredits(scope: CustomerScope, { nonce, seen }: CreditOrder): Promise<UsedCredit> {
  return transact(scope, async (within) => {
    const earlier = await usedCredit(within, nonce);
    if (earlier) {
      const same = earlier.invoices.every(({ clientId, amount }) => seen.get(clientId) === amount.minor);
      return same ? earlier : refuse('form_reused');
    }
    const draft = await prepareCredit(within, [...seen.keys()]);
    if (draft.invoices.some(({ clientId, pays }) => seen.get(clientId) !== pays.minor))
      refuse('credit_changed');
    if (draft.total.minor === 0) refuse('no_credit');
    const uses = await usesOf(within, draft.credit, draft.invoices);
    await writeUses(within, uses, draft.credit.currency, nonce);
    return (await usedCredit(within, nonce)) ?? refuse('no_credit');
  });
}

/** What the form with this nonce paid with credit, if it did. */
export async function usedCredit(scope: CustomerScope, nonce: string): Promise<UsedCredit | undefined> {
  const rows = await scope.db
    .from('journal')
    .innerJoin(scope.db.rows('postings'), 'postings.journal_id', 'journal.id')
    .innerJoin(scope.db.rows('invoices'), 'invoices.id', 'postings.invoice_id')
    .select((eb) => [
      ...(['invoices.client_id', 'invoices.number', 'journal.currency'] as const),
      eb.fn.sum<number>('postings.amount_minor').as('debit'),
    ])
    .where('journal.kind', '=', 'credit_applied')
    .where('journal.memo', '=', nonce)
    .groupBy(['invoices.client_id', 'invoices.number', 'journal.currency'])
    .orderBy('invoices.number')
    .execute();
  const currency = rows[0]?.currency;
  if (currency === undefined) return undefined;
  const invoices = rows.map(({ client_id: clientId, number, debit }) => ({
    clientId,
    number,
    amount: money(-Number(debit), currency),
  }));
  return {
    invoices,
    total: sum(
      invoices.map(({ amount }) => amount),
      currency,
    ),
  };
}

/** Puts all credit that is there against these invoices, the earliest due first, in the caller's transaction. */
export async function useAllCredit(scope: CustomerScope, invoiceIds: readonly number[]): Promise<void> {
  for (const credit of await customerCredit(scope)) {
    const wanting = await wantingInvoices(scope, invoiceIds, credit.currency);
    await writeUses(scope, await usesOf(scope, credit, wanting), credit.currency);
  }
}

/** Puts at most `most` (minor units) of the credit balance against one invoice, in the caller's transaction. */
export async function useBalance(scope: CustomerScope, invoiceId: number, most: number): Promise<void> {
  for (const { currency, balance } of await customerCredit(scope)) {
    const [invoice] = await wantingInvoices(scope, [invoiceId], currency);
    if (!invoice) continue;
    const minor = Math.min(most, balance.minor, invoice.left.minor);
    await writeUses(scope, [{ invoiceId, minor }], currency);
  }
}

/** Refuses `credit_not_in_portal` where the merchant puts credit against invoices. */
function assertInPortal(scope: CustomerScope): void {
  if (!scope.settings['credits.in_portal']) refuse('credit_not_in_portal');
}

/** What credit pays of these invoices: what is due first at first, of an agreed plan each instalment in its turn. */
async function usesOf(
  scope: CustomerScope,
  credit: CustomerCredit,
  invoices: readonly Wanting[],
): Promise<Use[]> {
  const free = await withoutHeld(scope, invoices);
  const ids = free.map(({ id }) => id);
  const rows =
    ids.length === 0
      ? []
      : await scope.db
          .from('invoices')
          .select(['id', 'date', 'due_date', 'balance_minor', 'pending_minor'])
          .where('id', 'in', ids)
          .execute();
  return spread(credit, await portionsOf(scope, rows));
}

/** Credit notes first, those that correct the invoice before others, then the balance without the deposits. */
function spread({ notes, usable }: CustomerCredit, portions: readonly Portion[]): Use[] {
  const left = new Map(notes.map(({ id, balance }) => [id, balance.minor]));
  let balance = usable.minor - notes.reduce((total, note) => total + note.balance.minor, 0);
  const uses = portions.flatMap(({ id: invoiceId, minor: open }): Use[] => {
    const some: Use[] = [];
    let wanted = open;
    const own = notes.filter((note) => note.invoiceId === invoiceId);
    for (const { id: creditNoteId } of [...own, ...notes.filter((note) => !own.includes(note))]) {
      const minor = Math.min(wanted, left.get(creditNoteId) ?? 0);
      if (minor === 0) continue;
      some.push({ invoiceId, creditNoteId, minor });
      left.set(creditNoteId, (left.get(creditNoteId) ?? 0) - minor);
      wanted -= minor;
    }
    const minor = Math.max(0, Math.min(wanted, balance));
    balance -= minor;
    return minor > 0 ? [...some, { invoiceId, minor }] : some;
  });
  return [
    ...Map.groupBy(uses, ({ invoiceId, creditNoteId }) => `${invoiceId} ${creditNoteId ?? ''}`).values(),
  ].map((same) => ({ ...same[0]!, minor: sumOf(same) }));
}

async function writeUses(
  scope: CustomerScope,
  all: readonly Use[],
  currency: string,
  nonce?: string,
): Promise<void> {
  const uses = all.filter(({ minor }) => minor > 0);
  if (uses.length === 0) return;
  for (const { invoiceId, creditNoteId, minor } of uses) {
    if (creditNoteId !== undefined) await takeFromNote(scope, creditNoteId, minor);
    await takeExactly(scope, invoiceId, minor);
    await recordEvent(scope, 'credit.applied', { invoiceId, creditNoteId }, { amount: minor, currency });
  }
  await recordApplications(scope, undefined, currency, uses.map(applicationOf));
  await post(scope, {
    kind: 'credit_applied',
    currency,
    date: todayIn(scope.clock, scope.tenant.timeZone).toString(),
    ...(nonce === undefined ? {} : { memo: nonce }),
    postings: uses.flatMap(postingsOf),
  });
}

function applicationOf({ invoiceId, creditNoteId, minor }: Use): Application {
  if (creditNoteId === undefined) return { kind: 'applied_credit', invoiceId, minor };
  return { kind: 'credit_note', creditNoteId, invoiceId, minor };
}

function postingsOf({ invoiceId, creditNoteId, minor }: Use): Posting[] {
  return [
    { account: 'receivable', minor: -minor, invoiceId },
    creditNoteId === undefined
      ? { account: 'credit_balance', minor }
      : { account: 'credit_note', minor, creditNoteId },
  ];
}

/** Lowers a credit note's balance. Refuses `allocation_impossible` when it has less left. */
async function takeFromNote(scope: CustomerScope, creditNoteId: number, minor: number): Promise<void> {
  const { numUpdatedRows } = await scope.db
    .update('credit_notes')
    .set((eb) => ({
      balance_minor: eb('balance_minor', '-', minor),
      version: eb('version', '+', 1),
      updated_at: nowMs(scope.clock),
    }))
    .where('id', '=', creditNoteId)
    .where('balance_minor', '>=', minor)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) refuse('allocation_impossible', { what: 'the credit note' });
}

async function wantingInvoices(
  scope: CustomerScope,
  ids: readonly number[],
  currency: string,
): Promise<Wanting[]> {
  if (ids.length === 0) return [];
  const rows = await scope.db
    .from('invoices')
    .select(['id', 'date', 'due_date', 'balance_minor', 'pending_minor'])
    .where('id', 'in', ids)
    .where('currency', '=', currency)
    .where('state', '=', 'issued')
    .where('closed', '=', 0)
    .execute();
  return rows
    .map(({ id, date, due_date: dueDate, balance_minor: balance, pending_minor: pending }) => {
      return { id, date, dueDate: dueDate ?? undefined, left: money(balance - pending, currency) };
    })
    .toSorted(byDue);
}

/** Leaves out invoices that a payment under way is for: what is meant to pay them is not known yet. */
async function withoutHeld<Invoice extends Wanting>(
  scope: CustomerScope,
  invoices: readonly Invoice[],
): Promise<Invoice[]> {
  if (invoices.length === 0) return [];
  const held = await scope.db
    .from('attempt_allocations')
    .select('invoice_id')
    .where('is_open', '=', 1)
    .where(
      'invoice_id',
      'in',
      invoices.map(({ id }) => id),
    )
    .execute();
  return invoices.filter(({ id }) => !held.some(({ invoice_id }) => invoice_id === id));
}

function sumOf(uses: readonly Use[]): number {
  return uses.reduce((total, { minor }) => total + minor, 0);
}
