import type { InvoiceModel, SumLine } from '#src/components/models.ts';
import { markSeen, trailOf } from '#src/documents/content.ts';
import { findInvoice, type Invoice } from '#src/documents/invoice.ts';
import { negate } from '#src/kernel/money.ts';
import { promisedDays } from '#src/payments/outside/promises.ts';
import { invoicePayments } from '#src/payments/receipts/receipts.ts';
import { findPlan } from '#src/payments/plans/plan.ts';
import { failedNotice } from '../collecting/failed.ts';
import { scheduleRows } from '../collecting/plan-page.ts';
import { paymentRow } from '../paying/payments-page.ts';
import { amount, shortDate } from '../formatting.ts';
import { eventLines, factsOf, paperLines, paperSums, partiesOf } from './paper.ts';
import type { Visitor } from '../visitor.ts';
import { payingOf } from './invoice-paying.ts';
import { dueNote, invoiceBadge } from '../status.ts';
import { urls } from '#src/portal/urls.ts';

/** What an invoice's page shows. The first look is noted. Refuses `not_found`. */
export async function invoicePage(visitor: Visitor, clientId: string): Promise<InvoiceModel> {
  const { scope, language } = visitor;
  const invoice = await findInvoice(scope, clientId);
  await markSeen(scope, 'invoices', invoice.id);
  const expected = (await promisedDays(scope)).get(invoice.id);
  const trail = await trailOf(scope, 'invoice_id', invoice.id);
  const payments = await invoicePayments(scope, invoice.id);
  return {
    back: { label: 'Activity', href: urls.invoices },
    title: `Invoice ${invoice.number}`,
    notice: await failedNotice(visitor, invoice.id),
    number: invoice.number,
    ...partiesOf(visitor),
    facts: invoiceFacts(invoice, language),
    lines: paperLines(invoice.lines, invoice.currency, language),
    sums: sumsOf(invoice, language),
    schedule: await scheduleOf(visitor, invoice),
    notes: invoice.notes ? [{ title: 'Notes', text: invoice.notes }] : [],
    status: invoiceBadge(invoice, expected && shortDate(expected, language)),
    amount: amount(invoice.status === 'paid' ? invoice.total : invoice.balance, language),
    amountNote: dueNote(invoice, language),
    ...(await payingOf(visitor, invoice)),
    pdfHref: urls.invoicePdf(clientId),
    payments: payments.map((payment) => paymentRow(payment, language)),
    events: eventLines(trail, EVENT_TEXTS, visitor),
  };
}

/** The instalments that were agreed. */
async function scheduleOf({ scope, language }: Visitor, invoice: Invoice): Promise<InvoiceModel['schedule']> {
  const plan = invoice.planned && (await findPlan(scope, invoice.id));
  return plan && { rows: scheduleRows(plan, language), total: amount(plan.total, language) };
}

function invoiceFacts(invoice: Invoice, language: string): InvoiceModel['facts'] {
  const due = invoice.dueDate && shortDate(invoice.dueDate, language);
  return factsOf([
    ['Date', shortDate(invoice.date, language)],
    [invoice.planned ? 'Next instalment' : 'Due', due],
    ['Purchase order', invoice.purchaseOrder],
    ['Your reference', invoice.buyerReference],
    ['Terms', invoice.planned ? 'Payment plan' : invoice.paymentTerms],
  ]);
}

function sumsOf(invoice: Invoice, language: string): SumLine[] {
  const { settled, balance, planned } = invoice;
  return [
    ...paperSums(invoice, language),
    ...(settled.minor === 0 ? [] : [{ label: 'Paid', value: amount(negate(settled), language) }]),
    ...(planned
      ? [
          { label: 'Open', value: amount(balance, language) },
          {
            label: `Due ${shortDate(planned.date, language)}`,
            value: amount(planned.amount, language),
            strong: true,
          },
        ]
      : [{ label: 'Balance due', value: amount(balance, language), strong: true }]),
  ];
}

const EVENT_TEXTS: Readonly<Record<string, string>> = {
  'invoice.created': 'Issued',
  'invoice.viewed': 'You opened this invoice',
  'invoice.paid': 'Paid in full',
  'credit.applied': 'Credit was used',
};
