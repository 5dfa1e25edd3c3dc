import type { EventLine, InvoiceModel, Party, SumLine } from '#src/components/models.ts';
import { type DocumentRate, markSeen, type TrailEntry, trailOf } from '#src/documents/content.ts';
import { findInvoice, type Invoice } from '#src/documents/invoice.ts';
import { formatDecimal, formatPrice } from '#src/kernel/format.ts';
import { invoicePayments } from '#src/payments/receipts.ts';
import { paymentRow } from './account-page.ts';
import { amount, momentWhen, shortDate } from './formatting.ts';
import type { Visitor } from './visitor.ts';
import { dueNote, invoiceBadge } from './status.ts';
import { urls } from './urls.ts';

/** What an invoice's page shows. The first look is noted. Refuses `not_found`. */
export async function invoicePage(visitor: Visitor, clientId: string): Promise<InvoiceModel> {
  const { scope, language } = visitor;
  const invoice = await findInvoice(scope, clientId);
  await markSeen(scope, 'invoices', invoice.id);
  const trail = await trailOf(scope, 'invoice_id', invoice.id);
  const payments = await invoicePayments(scope, invoice.id);
  return {
    back: { label: 'Activity', href: urls.invoices },
    title: `Invoice ${invoice.number}`,
    number: invoice.number,
    ...partiesOf(visitor),
    facts: factsOf(invoice, language),
    lines: invoice.lines.map((line) => ({
      name: line.name,
      text: line.description,
      quantity: formatDecimal(line.quantity, language),
      price: formatPrice(line.unitCost, invoice.currency, language),
      amount: amount(line.amount, language),
    })),
    sums: sumsOf(invoice, language),
    notes: invoice.notes ? [{ title: 'Notes', text: invoice.notes }] : [],
    status: invoiceBadge(invoice),
    amount: amount(invoice.status === 'paid' ? invoice.total : invoice.balance, language),
    amountNote: dueNote(invoice, language),
    pay: invoice.payable ? { label: 'Pay invoice', href: urls.payInvoice(clientId) } : undefined,
    payNote:
      invoice.status === 'processing'
        ? 'Your payment is on its way. We tell you when it has arrived.'
        : undefined,
    pdfHref: urls.invoicePdf(clientId),
    payments: payments.map((payment) => paymentRow(payment, language)),
    events: trail.flatMap((entry) => eventLine(entry, visitor)),
  };
}

function partiesOf({ scope: { tenant }, customer }: Visitor): { from: Party; to: Party } {
  return {
    from: {
      name: tenant.name,
      lines: tenant.addressLines,
      facts: present([tenant.taxId && `Tax ID ${tenant.taxId}`, tenant.email, tenant.phone]),
    },
    to: {
      name: customer.name,
      lines: present([
        customer.attentionTo !== customer.name && customer.attentionTo,
        ...customer.addressLines,
      ]),
      facts: present([customer.taxId && `Tax ID ${customer.taxId}`]),
    },
  };
}

function factsOf(invoice: Invoice, language: string): InvoiceModel['facts'] {
  const facts: Array<[string, string | undefined]> = [
    ['Date', shortDate(invoice.date, language)],
    ['Due', invoice.dueDate && shortDate(invoice.dueDate, language)],
    ['Purchase order', invoice.purchaseOrder],
    ['Your reference', invoice.buyerReference],
    ['Terms', invoice.paymentTerms],
  ];
  return facts.flatMap(([label, value]) => (value ? [{ label, value }] : []));
}

function sumsOf(invoice: Invoice, language: string): SumLine[] {
  const show = (minor: number): string => amount({ minor, currency: invoice.currency }, language);
  const rounding =
    invoice.rounding.minor === 0 ? [] : [{ label: 'Rounding', value: show(invoice.rounding.minor) }];
  const settled = invoice.settled.minor === 0 ? [] : [{ label: 'Paid', value: show(-invoice.settled.minor) }];
  return [
    { label: 'Subtotal', value: show(invoice.subtotal.minor) },
    ...invoice.rates.map((rate) => ({
      label: rateLabel(rate, language),
      value: show(rate.kind === 'discount' ? -rate.amount.minor : rate.amount.minor),
    })),
    ...rounding,
    { label: 'Total', value: show(invoice.total.minor), strong: true },
    ...settled,
    { label: 'Balance due', value: show(invoice.balance.minor), strong: true },
  ];
}

function present(facts: Array<string | undefined | false>): string[] {
  return facts.filter((fact) => typeof fact === 'string' && fact !== '') as string[];
}

function rateLabel(rate: DocumentRate, language: string): string {
  const named = !rate.percent || rate.name.includes('%');
  return named ? rate.name : `${rate.name} ${formatDecimal(rate.percent, language)}%`;
}

function eventLine(entry: TrailEntry, { scope, language }: Visitor): EventLine[] {
  const text = EVENT_TEXTS[entry.type];
  return text ? [{ when: momentWhen(entry.at, scope.tenant.timeZone, language), text }] : [];
}

const EVENT_TEXTS: Readonly<Record<string, string>> = {
  'invoice.created': 'Issued',
  'invoice.viewed': 'You opened this invoice',
  'invoice.paid': 'Paid in full',
};
