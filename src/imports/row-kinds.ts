import type { ColumnMap } from './columns.ts';
import { keyOf } from './grouping.ts';
import type { TableRow } from './table.ts';

/** Words of exports, without case, accents and signs. */
const YES = new Set(['true', 'yes', 'y', 'paid', 'ja', 'oui', 'si', 'sim', 'x']);
const NO = new Set(['false', 'no', 'n', 'unpaid', 'nein', 'non', 'nao', 'open']);
const PAID = new Set([
  'paid',
  'paidinfull',
  'fullypaid',
  'closed',
  'settled',
  'bezahlt',
  'paye',
  'payee',
  'pagado',
  'pagada',
  'pagato',
  'betaald',
  'autopaid',
]);
const LEFT_OUT = new Set([
  'draft', 'void', 'voided', 'deleted', 'cancelled', 'canceled', 'reversed', 'rejected', 'archived', 'entwurf', 'storniert', 'brouillon', 'annule', 'annulee',
  'borrador', 'anulado', 'anulada', 'bozza', 'annullata', 'concept',
]); // prettier-ignore
/** What stands beside invoices in the ledgers of other programs. */
const OTHERS =
  /payment|credit ?(memo|note)|refund|deposit|journal|estimate|quote|proposal|bill\b|expense|che(ck|que)\b|transfer|purchase|sales ?receipt|receipt|credit card|time ?(charge|activity)|statement|gutschrift|zahlung|angebot|avoir|paiement|devis|pago|abono/i;

/** What a row is, where it is not an invoice to be taken in. */
export type OtherRow =
  | { readonly kind: 'other'; readonly column: string; readonly says: string }
  | { readonly kind: 'left_out'; readonly column: string; readonly says: string };

/** Undefined for an invoice. Another kind of entry is named; drafts and what was voided are owed by nobody. */
export function otherRow(row: TableRow, { at, header }: ColumnMap<'invoices'>): OtherRow | undefined {
  const cell = (column: 'type' | 'status') => keyOf(row, at.get(column));
  const type = cell('type');
  const status = cell('status');
  const name = (column: 'type' | 'status') => header[at.get(column) ?? -1] ?? column;
  if (OTHERS.test(type) && !/invoice/i.test(type.replace(/credit ?invoice/i, '')))
    return { kind: 'other', column: name('type'), says: type };
  if (LEFT_OUT.has(plain(status))) return { kind: 'left_out', column: name('status'), says: status };
  return undefined;
}

/** Yes or no, where a cell says so; undefined for everything else. */
export function flagOf(text: string): boolean | undefined {
  const word = plain(text);
  return YES.has(word) ? true : NO.has(word) ? false : undefined;
}

/** Whether the status of an invoice says that nothing is open of it. */
export function isPaidStatus(status = ''): boolean {
  return PAID.has(plain(status));
}

function plain(text: string): string {
  return text
    .normalize('NFD')
    .toLowerCase()
    .replaceAll(/[^\p{L}]/gu, '');
}
