import type { DocumentPdf, Stamp } from '#templates/pdf/model.ts';
import { renderDocumentPdf } from '#templates/pdf/pdf.ts';
import { billingDetails, type Customer } from '../customers/customers.ts';
import { type Estimate, findEstimate } from '../documents/estimates.ts';
import { isPositive } from '../kernel/money.ts';
import { dateOf } from '../kernel/time.ts';
import type { CustomerScope } from '../scope.ts';
import { factsOf, lineRows, sumRows } from './document-rows.ts';
import { sheetOf } from './parties.ts';
import type { PdfFile } from './pdf.ts';
import { fileName, wordsOf } from './wording.ts';
import type { Tongue } from '../words/tongue.ts';

/** The estimate as PDF, with the merchant's terms. The same estimate gives the same bytes. Refuses `not_found`. */
export async function estimatePdf(scope: CustomerScope, clientId: string): Promise<PdfFile> {
  const estimate = await findEstimate(scope, clientId);
  const bytes = await renderDocumentPdf(modelOf(scope, await billingDetails(scope), estimate));
  return { bytes, name: fileName('Estimate', estimate.number, 'pdf') };
}

function modelOf(scope: CustomerScope, customer: Customer, estimate: Estimate): DocumentPdf {
  const { tongue } = wordsOf(scope, customer);
  const { money: amount, date } = tongue;
  const { deposit, depositPaid, approval, expires } = estimate;
  return {
    ...sheetOf(scope, customer, estimate.createdAt),
    title: 'Estimate',
    number: estimate.number,
    stamp: STAMPS[estimate.status],
    headline: { value: amount(estimate.total), note: headlineNote(estimate, tongue) },
    facts: factsOf([
      ['Date', date(estimate.date)],
      ['Good until', expires && date(expires)],
      ['Purchase order', estimate.purchaseOrder],
      ['Your reference', estimate.buyerReference],
      ['Account', customer.number],
      ['Subject', estimate.name],
      ['Terms', estimate.paymentTerms],
      ['Approved', approval && `${approval.initials}, ${date(dateOf(approval.at, scope.tenant.timeZone))}`],
    ]),
    lines: lineRows(estimate.lines, estimate.currency, tongue),
    totals: [
      ...sumRows(estimate, tongue),
      { label: 'Total', value: amount(estimate.total), strong: true },
      ...(isPositive(deposit) ? [{ label: 'Deposit with the approval', value: amount(deposit) }] : []),
      ...(isPositive(depositPaid) ? [{ label: 'Deposit paid', value: amount(depositPaid) }] : []),
    ],
    notes: [estimate.notes, scope.settings['estimates.terms']].filter((text) => text?.trim()).join('\n\n'),
  };
}

const STAMPS: Partial<Record<Estimate['status'], Stamp>> = {
  approved: { text: 'Approved', tone: 'good' },
  invoiced: { text: 'Approved', tone: 'good' },
  declined: { text: 'Declined', tone: 'bad' },
  expired: { text: 'Expired', tone: 'bad' },
};

function headlineNote({ status, expires }: Estimate, { date }: Tongue): string | undefined {
  if (status !== 'sent' && status !== 'viewed') return undefined;
  return expires && `good until ${date(expires)}`;
}
