import { refuse } from '../kernel/errors.ts';
import { clientId } from '../kernel/ids.ts';
import type { MerchantScope } from '../scope.ts';
import type { Totals } from './document.ts';

export interface IssuedDocument {
  readonly id: number;
  readonly clientId: string;
  readonly number: string;
  readonly totalMinor: number;
}

type Numbered = 'invoices' | 'estimates' | 'credit_notes';
type Unnumbered = { readonly number?: string | undefined };

const PREFIX = { invoices: 'INV', estimates: 'EST', credit_notes: 'CN' } as const;
const NOUN = {
  invoices: 'an invoice with the',
  estimates: 'an estimate with the',
  credit_notes: 'a credit note with the',
} as const;

/**
 * Ids, client ids and numbers for new documents, in the order given: a number that is given, or the next of the tenant's own. Refuses
 * `number_taken`.
 */
export async function identify(
  scope: MerchantScope,
  table: Numbered,
  documents: readonly Unnumbered[],
  totals: readonly Totals[],
): Promise<IssuedDocument[]> {
  const taken = await scope.db.takenNumbers(table, given(documents));
  const numbers: string[] = [];
  for (const document of documents) {
    const number = document.number ?? (await freeNumber(scope, table));
    if (taken.has(number)) refuse('number_taken', { what: NOUN[table], number });
    taken.add(number);
    numbers.push(number);
  }
  const ids = await scope.db.nextIds(table, documents.length);
  return numbers.map((number, i) => ({
    id: ids[i]!,
    clientId: clientId(scope.tokens),
    number,
    totalMinor: totals[i]!.totalMinor,
  }));
}

function given(documents: readonly Unnumbered[]): string[] {
  return documents.flatMap(({ number }) => number ?? []);
}

async function freeNumber(scope: MerchantScope, table: Numbered): Promise<string> {
  for (;;) {
    const count = await scope.db.nextNumber(table);
    const number = `${PREFIX[table]}-${String(count).padStart(4, '0')}`;
    if ((await scope.db.takenNumbers(table, [number])).size === 0) return number;
  }
}
