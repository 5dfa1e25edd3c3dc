import type { NewCreditNote, NewInvoice } from '#src/documents/issue.ts';
import { totalsOf } from '#src/documents/document.ts';
import { toDecimal, money } from '#src/kernel/money.ts';
import type { MerchantScope } from '#src/scope.ts';
import { quotable } from './problems.ts';

export interface KnownDocument {
  readonly id: number;
  readonly number: string;
  readonly source_hash: string | null;
}

type Kind = 'invoice' | 'credit note';
type Table = 'invoices' | 'credit_notes';

/** Those of the invoices that the tenant has already, by number. */
export function knownInvoices(merchant: MerchantScope, numbers: readonly string[]) {
  return known(merchant, 'invoices', numbers);
}

export function knownCreditNotes(merchant: MerchantScope, numbers: readonly string[]) {
  return known(merchant, 'credit_notes', numbers);
}

async function known(
  { db }: MerchantScope,
  table: Table,
  numbers: readonly string[],
): Promise<Map<string, KnownDocument>> {
  if (numbers.length === 0) return new Map();
  const rows = await db
    .from(table)
    .select(['id', 'number', 'source_hash'])
    .where('number', 'in', numbers)
    .execute();
  return new Map(rows.map((row) => [row.number, row]));
}

const HEADER = [
  ['date', 'date'],
  ['currency', 'currency'],
  ['name', 'name'],
  ['purchaseOrder', 'purchase_order'],
  ['buyerReference', 'buyer_reference'],
  ['paymentTerms', 'payment_terms'],
  ['notes', 'notes'],
] as const;

/** A sentence that names what is different between a document of a file and the one of the same number that is there. */
export async function differencesFrom(
  { db }: MerchantScope,
  document: NewInvoice | NewCreditNote,
  kind: Kind,
  id: number,
): Promise<string> {
  const table = kind === 'invoice' ? 'invoices' : 'credit_notes';
  const stored = await db.from(table).selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const totals = totalsOf(
    document.lines,
    document.rates ?? [],
    document.currency,
    document.roundingMinor ?? 0,
  );
  const here = {
    ...Object.fromEntries(HEADER.map(([ours, column]) => [column, document[ours]])),
    ...('dueDate' in document ? { due_date: document.dueDate } : {}),
    total: amount(totals.totalMinor, document.currency),
  };
  const there = {
    ...stored,
    total: amount(stored.total_minor, stored.currency),
  };
  const differing = compare(here, there);
  if (document.customerId !== stored.customer_id) differing.unshift('customer');
  if (differing.length === 0) {
    differing.push((await sameLines(db, document, kind, id)) ? 'details' : 'lines');
  }
  return `There is ${kind === 'invoice' ? 'an' : 'a'} ${kind} ${quotable(document.number ?? '')} already, with other ${differing.join(', ')}.`;
}

function compare(
  here: Readonly<Record<string, unknown>>,
  there: Readonly<Record<string, unknown>>,
): string[] {
  return Object.entries(here).flatMap(([column, value]) => {
    const old = there[column] ?? undefined;
    return value === old ? [] : [`${column.replaceAll('_', ' ')} (here ${show(value)}, there ${show(old)})`];
  });
}

async function sameLines(
  db: MerchantScope['db'],
  document: NewInvoice | NewCreditNote,
  kind: Kind,
  id: number,
): Promise<boolean> {
  const rows = await db
    .from('lines')
    .select(['name', 'description', 'quantity', 'unit_cost', 'amount_minor'])
    .where(kind === 'invoice' ? 'invoice_id' : 'credit_note_id', '=', id)
    .orderBy('position')
    .execute();
  const there = rows.map((row) => [row.name, row.description, row.quantity, row.unit_cost, row.amount_minor]);
  const here = document.lines.map((line) => [
    line.name,
    line.description ?? null,
    line.quantity ?? '1',
    line.unitCost,
    line.amountMinor,
  ]);
  return JSON.stringify(here) === JSON.stringify(there);
}

function show(value: unknown): string {
  return value === undefined ? 'empty' : quotable(String(value));
}

function amount(minor: number, currency: string): string {
  return `${toDecimal(money(minor, currency))} ${currency}`;
}
