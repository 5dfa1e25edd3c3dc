import type { DocumentPdf, Fact, Stamp, TotalRow } from '#templates/pdf/model.ts';
import { lettersWithoutFont, renderDocumentPdf, renderReceiptPdf } from '#templates/pdf/pdf.ts';
import { textsOf } from '#templates/pdf/texts.ts';
import { billingDetails, type Customer } from '../customers/customers.ts';
import { findInvoice, type Invoice } from '../documents/invoice.ts';
import { isPositive, isZero, negate, sum } from '../kernel/money.ts';
import { findPlan, type Installment, type PaymentPlan } from '../payments/plans/plan.ts';
import { findReceipt, type Receipt } from '../payments/receipts/receipts.ts';
import type { CustomerScope } from '../scope.ts';
import { factsOf, lineRows, sumRows } from './document-rows.ts';
import { sheetOf } from './parties.ts';
import { paymentMeansText } from './payment-means.ts';
import { fileName, wordsOf } from './wording.ts';
import type { Tongue } from '../words/tongue.ts';

/** A PDF and the name it is saved under, safe in any file system and header. */
export interface PdfFile {
  readonly bytes: Uint8Array;
  readonly name: string;
}

/** The invoice as PDF. The same invoice gives the same bytes until something about it changes. Refuses `not_found`. */
export async function invoicePdf(scope: CustomerScope, clientId: string): Promise<PdfFile> {
  const invoice = await findInvoice(scope, clientId);
  const bytes = await renderDocumentPdf(await modelOf(scope, invoice));
  return { bytes, name: fileName('Invoice', invoice.number, 'pdf') };
}

/** The letters that an invoice's PDF shows as □ because no font of ours has them, each once. Refuses `not_found`. */
export async function lettersMissingInPdf(scope: CustomerScope, clientId: string): Promise<string[]> {
  return lettersWithoutFont([...textsOf(await modelOf(scope, await findInvoice(scope, clientId)))]);
}

async function modelOf(scope: CustomerScope, invoice: Invoice) {
  const plan = invoice.planned && (await findPlan(scope, invoice.id));
  return invoiceModel(scope, await billingDetails(scope), invoice, plan);
}

/** The receipt of one payment as PDF, however many invoices it paid. Refuses `not_found`. */
export async function receiptPdf(scope: CustomerScope, paymentClientId: string): Promise<PdfFile> {
  return receiptFile(scope, await billingDetails(scope), await findReceipt(scope, paymentClientId));
}

/** The same for a receipt that was read already. */
export async function receiptFile(
  scope: CustomerScope,
  customer: Customer,
  receipt: Receipt,
): Promise<PdfFile> {
  const { money: amount, date } = wordsOf(scope, customer).tongue;
  const rest = isPositive(receipt.credited)
    ? [
        {
          number: 'Account credit',
          description: 'Kept for your next invoices',
          amount: amount(receipt.credited),
        },
      ]
    : [];
  const bytes = await renderReceiptPdf({
    ...sheetOf(scope, customer, receipt.createdAt),
    title: 'Receipt',
    number: receipt.number,
    stamp: receiptStamp(receipt),
    paidOn: date(receipt.date),
    method: receipt.methodLabel,
    amount: amount(sum([receipt.amount, receipt.fee], receipt.amount.currency)),
    facts: [{ label: 'Account', value: customer.number }],
    applied: [
      ...receipt.applied.map((row) => ({ number: row.number, amount: amount(row.amount) })),
      ...receipt.deposits.map((row) => ({
        number: row.number,
        description: 'Deposit, kept for its invoice',
        amount: amount(row.amount),
      })),
      ...rest,
    ],
    ...(isPositive(receipt.fee) ? { fee: amount(receipt.fee) } : {}),
  });
  return { bytes, name: fileName('Receipt', receipt.number, 'pdf') };
}

function invoiceModel(
  scope: CustomerScope,
  customer: Customer,
  invoice: Invoice,
  plan: PaymentPlan | undefined,
): DocumentPdf {
  const { tongue } = wordsOf(scope, customer);
  const owed = isPositive(invoice.balance);
  const next = plan && nextInstallment(plan);
  return {
    ...sheetOf(scope, customer, invoice.createdAt),
    title: 'Invoice',
    number: invoice.number,
    stamp: invoiceStamp(invoice),
    headline: {
      value: tongue.money(next?.balance ?? (owed ? invoice.balance : invoice.total)),
      note: next ? `due ${tongue.date(next.date)}` : headlineNote(invoice, tongue),
    },
    facts: invoiceFacts(invoice, customer, next, tongue),
    lines: lineRows(invoice.lines, invoice.currency, tongue),
    totals: totalRows(invoice, next, tongue),
    schedule: plan && scheduleText(plan, tongue),
    paymentInstructions: owed ? howToPay(scope, invoice) : undefined,
    notes: invoice.notes,
  };
}

/** Whatever the day: a PDF changes only with what it says. */
function nextInstallment({ installments }: PaymentPlan): Installment | undefined {
  return installments.find(({ balance }) => isPositive(balance));
}

/** `1. 25 November 2026: €30.00, paid`, a line for each. */
function scheduleText({ installments }: PaymentPlan, { money: amount, date }: Tongue): string {
  const lines = installments.map(({ position, date: day, amount: whole, balance }) => {
    const left = isZero(balance) ? ', paid' : balance.minor < whole.minor ? `, ${amount(balance)} left` : '';
    return `${position}. ${date(day)}: ${amount(whole)}${left}`;
  });
  return lines.join('\n');
}

function headlineNote(invoice: Invoice, { date }: Tongue): string | undefined {
  if (!isPositive(invoice.balance)) return isPositive(invoice.total) ? 'paid in full' : undefined;
  return invoice.dueDate ? `due ${date(invoice.dueDate)}` : 'due on receipt';
}

function invoiceStamp({ status }: Invoice): Stamp | undefined {
  if (status === 'paid') return { text: 'Paid', tone: 'good' };
  if (status === 'payment_plan') return { text: 'Payment plan', tone: 'calm' };
  return status === 'processing' ? { text: 'Payment on its way', tone: 'calm' } : undefined;
}

function receiptStamp({ state }: Receipt): Stamp | undefined {
  const stamps = {
    succeeded: undefined,
    pending: { text: 'On its way', tone: 'calm' },
    failed: { text: 'Failed', tone: 'bad' },
    voided: { text: 'Voided', tone: 'bad' },
  } as const;
  return stamps[state];
}

function invoiceFacts(
  invoice: Invoice,
  customer: Customer,
  next: Installment | undefined,
  { date }: Tongue,
): Fact[] {
  return factsOf([
    ['Date', date(invoice.date)],
    next ? ['Next instalment', date(next.date)] : ['Due', invoice.dueDate && date(invoice.dueDate)],
    ['Purchase order', invoice.purchaseOrder],
    ['Your reference', invoice.buyerReference],
    ['Account', customer.number],
    ['Subject', invoice.name],
    ['Terms', next ? 'Payment plan' : invoice.paymentTerms],
  ]);
}

function totalRows(invoice: Invoice, next: Installment | undefined, tongue: Tongue): TotalRow[] {
  const { total, settled, balance } = invoice;
  const amount = tongue.money;
  const sums = sumRows(invoice, tongue);
  if (isZero(settled) && !next) return [...sums, { label: 'Total due', value: amount(total), strong: true }];
  return [
    ...sums,
    { label: 'Total', value: amount(total) },
    ...(isZero(settled) ? [] : [{ label: 'Paid or credited', value: amount(negate(settled)) }]),
    ...(next
      ? [
          { label: 'Open', value: amount(balance) },
          { label: 'Next instalment', value: amount(next.balance), strong: true },
        ]
      : [{ label: 'Balance due', value: amount(balance), strong: true }]),
  ];
}

function howToPay(scope: CustomerScope, invoice: Invoice): string | undefined {
  const parts = [paymentMeansText(invoice.paymentMeans), scope.settings['documents.payment_instructions']];
  return parts.filter((part) => part?.trim()).join('\n\n') || undefined;
}
