import type { DocumentModel, DocumentRow, DocumentsModel } from '#src/components/document-models.ts';
import type { Status } from '#src/components/models.ts';
import { markSeen, trailOf } from '#src/documents/content.ts';
import {
  type CreditNote,
  type CreditNoteSummary,
  findCreditNote,
  listCreditNotes,
} from '#src/documents/credit-notes.ts';
import { negate } from '#src/kernel/money.ts';
import { dateOf } from '#src/kernel/time.ts';
import { listingPage } from '../activity.ts';
import { amount, dateWhen, shortDate } from '../formatting.ts';
import { eventLines, factsOf, paperLines, paperSums, partiesOf } from './paper.ts';
import { urls } from '#src/portal/urls.ts';
import type { Visitor } from '../visitor.ts';

/** What Activity → Credit notes shows. Refuses `bad_page` for a page mark that is not ours. */
export function creditNotesPage(visitor: Visitor, search: URLSearchParams): Promise<DocumentsModel> {
  return listingPage(
    {
      kind: 'credit_notes',
      one: 'credit note',
      many: 'credit notes',
      href: urls.creditNotes,
      searchLabel: 'Credit note number',
      columns: { number: 'Credit note', rest: 'Left' },
      statuses: { all: 'Any status', open: 'Something left', paid: 'Used up' },
      none: 'When you are sent one, you find it here.',
      list: (query) => listCreditNotes(visitor.scope, query),
      row: (note) => noteRow(note, visitor),
    },
    search,
  );
}

/** What a credit note's page shows. The first look is noted. Refuses `not_found`. */
export async function creditNotePage(visitor: Visitor, clientId: string): Promise<DocumentModel> {
  const { scope, language } = visitor;
  const note = await findCreditNote(scope, clientId);
  await markSeen(scope, 'credit_notes', note.id);
  const isUsable = note.status === 'open' && mayUse(visitor);
  return {
    back: { label: 'Activity', href: urls.creditNotes },
    title: `Credit note ${note.number}`,
    number: note.number,
    ...partiesOf(visitor),
    facts: factsOf([
      ['Date', shortDate(note.date, language)],
      ['For invoice', note.invoice?.number],
      ['Purchase order', note.purchaseOrder],
      ['Your reference', note.buyerReference],
    ]),
    lines: paperLines(note.lines, note.currency, language),
    sums: sumsOf(note, language),
    notes: note.notes ? [{ title: 'Notes', text: note.notes }] : [],
    status: noteBadge(note),
    amount: amount(note.status === 'paid' ? note.total : note.balance, language),
    amountNote: note.status === 'paid' ? 'was used. Nothing is left.' : 'is left to use',
    go: isUsable ? { label: 'Use this credit', href: urls.credit } : undefined,
    more: [],
    note: note.status === 'open' ? howItIsUsed(visitor) : undefined,
    pdfHref: urls.creditNotePdf(clientId),
    lists: usesOf(note, visitor),
    events: eventLines(await trailOf(scope, 'credit_note_id', note.id), EVENT_TEXTS, visitor),
  };
}

function noteBadge({ status, balance, total }: CreditNoteSummary): Status {
  switch (status) {
    case 'open':
      return balance.minor < total.minor
        ? { tone: 'calm', label: 'Partly used' }
        : { tone: 'calm', label: 'Open' };
    case 'paid':
      return { tone: 'plain', label: 'Used up' };
    default:
      return { tone: 'plain', label: 'Closed' };
  }
}

function noteRow(note: CreditNoteSummary, visitor: Visitor): DocumentRow {
  const { language } = visitor;
  return {
    number: note.number,
    href: urls.creditNote(note.clientId),
    date: dateWhen(note.date, language),
    status: noteBadge(note),
    total: amount(note.total, language),
    rest: amount(note.balance, language),
    action: note.status === 'open' && mayUse(visitor) ? { label: 'Use', href: urls.credit } : undefined,
    pdfHref: urls.creditNotePdf(note.clientId),
  };
}

function mayUse({ scope, account }: Visitor): boolean {
  return scope.settings['credits.in_portal'] && account.role !== 'viewer';
}

function howItIsUsed({ scope: { settings, tenant } }: Visitor): string | undefined {
  if (settings['credits.automatic']) return 'What is left pays your next invoice by itself.';
  return settings['credits.in_portal'] ? undefined : `${tenant.name} puts it against your invoices.`;
}

function sumsOf(note: CreditNote, language: string): DocumentModel['sums'] {
  return [
    ...paperSums(note, language),
    ...(note.used.minor === 0 ? [] : [{ label: 'Used', value: amount(negate(note.used), language) }]),
    { label: 'Left', value: amount(note.balance, language), strong: true },
  ];
}

function usesOf(note: CreditNote, { scope, language }: Visitor): DocumentModel['lists'] {
  if (note.applied.length === 0) return [];
  const items = note.applied.map((use) => ({
    label: use.number,
    note: shortDate(dateOf(use.at, scope.tenant.timeZone), language),
    amount: amount(use.amount, language),
    href: urls.invoice(use.clientId),
  }));
  return [{ title: 'What it paid', items }];
}

const EVENT_TEXTS: Readonly<Record<string, string>> = {
  'credit_note.created': 'Issued',
  'credit_note.viewed': 'You opened this credit note',
  'credit.applied': 'Used for an invoice',
};
