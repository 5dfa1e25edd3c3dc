import type { DocumentPdf } from '#templates/pdf/model.ts';
import { renderDocumentPdf } from '#templates/pdf/pdf.ts';
import { billingDetails, type Customer } from '../customers/customers.ts';
import { type CreditNote, findCreditNote } from '../documents/credit-notes.ts';
import { isPositive, negate } from '../kernel/money.ts';
import type { CustomerScope } from '../scope.ts';
import { factsOf, lineRows, sumRows } from './document-rows.ts';
import { sheetOf } from './parties.ts';
import type { PdfFile } from './pdf.ts';
import { fileName, wordsOf } from './wording.ts';

/** The credit note as PDF. The same credit note gives the same bytes until some of it is used. Refuses `not_found`. */
export async function creditNotePdf(scope: CustomerScope, clientId: string): Promise<PdfFile> {
  const note = await findCreditNote(scope, clientId);
  const bytes = await renderDocumentPdf(modelOf(scope, await billingDetails(scope), note));
  return { bytes, name: fileName('Credit note', note.number, 'pdf') };
}

function modelOf(scope: CustomerScope, customer: Customer, note: CreditNote): DocumentPdf {
  const { tongue } = wordsOf(scope, customer);
  const { money: amount, date } = tongue;
  const isOpen = isPositive(note.balance);
  return {
    ...sheetOf(scope, customer, note.createdAt),
    title: 'Credit note',
    number: note.number,
    stamp: isOpen ? undefined : { text: 'Used', tone: 'calm' },
    headline: {
      value: amount(isOpen ? note.balance : note.total),
      note: isOpen ? 'to your credit' : 'was used',
    },
    facts: factsOf([
      ['Date', date(note.date)],
      ['For invoice', note.invoice?.number],
      ['Purchase order', note.purchaseOrder],
      ['Your reference', note.buyerReference],
      ['Account', customer.number],
      ['Subject', note.name],
    ]),
    lines: lineRows(note.lines, note.currency, tongue),
    totals: [
      ...sumRows(note, tongue),
      { label: 'Total credit', value: amount(note.total), strong: !isPositive(note.used) },
      ...(isPositive(note.used)
        ? [
            { label: 'Used', value: amount(negate(note.used)) },
            { label: 'Left', value: amount(note.balance), strong: true },
          ]
        : []),
    ],
    notes: note.notes,
  };
}
