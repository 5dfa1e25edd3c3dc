import type { Command } from 'commander';
import { readInvoice } from '#src/api/document-input.ts';
import { invoiceShape } from '#src/api/shapes.ts';
import { findCustomer } from '#src/customers/customers.ts';
import { everyInvoice, findMerchantInvoice, type InvoiceRecord } from '#src/documents/merchant-invoices.ts';
import type { LineRecord } from '#src/documents/records.ts';
import type { InvoiceStatus } from '#src/documents/invoice-status.ts';
import { lettersMissingInPdf } from '#src/exports/pdf.ts';
import { formatMoney, type Money } from '#src/kernel/money.ts';
import { issueAndApply } from '#src/payments/credit/invoicing.ts';
import { voidInvoice } from '#src/documents/voids.ts';
import { customerScope, type MerchantScope } from '#src/scope.ts';
import { waysText } from '../document-text.ts';
import { withMerchant } from '../installation.ts';
import { documentFrom, type IssueOptions, issueOptions } from '../issuing.ts';
import {
  type JsonOption,
  type ListOptions,
  disableMethods,
  examples,
  json,
  listOptions,
  oneOf,
} from '../options.ts';
import { printFacts, printJson, printJsonList, printTable, say, write } from '../output.ts';
import { urls } from '#src/portal/urls.ts';

const STATUSES: readonly InvoiceStatus[] = [
  'draft',
  'open',
  'past_due',
  'payment_plan',
  'processing',
  'paid',
  'bad_debt',
  'voided',
];

interface InvoiceIssueOptions extends IssueOptions {
  readonly due?: string;
  readonly autopay?: true;
  readonly disableMethods?: readonly string[];
}

interface InvoiceListOptions extends ListOptions {
  readonly customer?: string;
  readonly status?: InvoiceStatus;
}

export function setup(group: Command): void {
  const issue = group
    .command('issue')
    .description('Issue an invoice; open credit pays it where the tenant’s setting says so')
    .argument('<tenant>')
    .option('--due <date>', 'YYYY-MM-DD; due at once without it')
    .option('--autopay', 'collect it from what the customer has saved, and ask for it where there is nothing')
    .action(issueOne);
  disableMethods(issue, 'it');
  issueOptions(
    examples(
      issue,
      'portal invoice issue acme --customer CUST-00001 --line "Espresso beans;12;21.90" --tax "VAT;19%" --due 2027-01-11',
      'portal invoice issue acme --customer CUST-00001 --line "Beans;1;9.50" --disable-methods credit_card',
      'portal invoice issue acme --json invoice.json',
    ),
  );
  const list = group
    .command('list')
    .description('List the invoices of a tenant in the order they were made')
    .argument('<tenant>')
    .option('--customer <customer>', 'only those of one customer (number or id)')
    .addOption(oneOf('--status <status>', 'only those in one state', STATUSES))
    .action(listAll);
  listOptions(
    examples(
      list,
      'portal invoice list acme --status past_due',
      'portal invoice list acme --json | jq length',
    ),
  );
  const show = group
    .command('show')
    .description('Show an invoice with its lines')
    .argument('<tenant>')
    .argument('<invoice>', 'number or id')
    .action(showOne);
  json(examples(show, 'portal invoice show acme INV-0001'));
  const undo = group
    .command('void')
    .description('Take back an invoice that nothing was paid on')
    .argument('<tenant>')
    .argument('<invoice>', 'number or id')
    .action(voidOne);
  json(examples(undo, 'portal invoice void acme INV-0001'));
}

async function issueOne(username: string, options: InvoiceIssueOptions): Promise<void> {
  const input = await documentFrom(options, {
    due_date: options.due,
    autopay: options.autopay,
    disabled_methods: options.disableMethods,
  });
  await withMerchant(username, async (merchant) => {
    const { number } = await issueAndApply(merchant, await readInvoice(merchant, input));
    const invoice = await findMerchantInvoice(merchant, number);
    if (options.json) printJson(invoiceShape(invoice, merchant.tenant));
    else printInvoice(invoice, merchant.tenant.origin + urls.invoice(invoice.clientId));
    await sayMissingLetters(merchant, invoice);
  });
}

/** The invoice is issued all the same: its page shows what its PDF cannot. */
async function sayMissingLetters(merchant: MerchantScope, invoice: InvoiceRecord): Promise<void> {
  const letters = await lettersMissingInPdf(customerScope(merchant, invoice.customerId), invoice.clientId);
  if (letters.length > 0) say(`The PDF shows □ for ${letters.join(' ')}, which none of its fonts has.`);
}

async function listAll(username: string, options: InvoiceListOptions): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const { status, limit } = options;
    const customerId = options.customer && (await findCustomer(merchant, options.customer)).id;
    const found = everyInvoice(merchant, { status, limit, customerId: customerId || undefined });
    if (options.json)
      return printJsonList(shapesOf(found, (invoice) => invoiceShape(invoice, merchant.tenant)));
    printInvoices(await Array.fromAsync(found));
  });
}

async function showOne(username: string, number: string, { json: asJson }: JsonOption): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const invoice = await findMerchantInvoice(merchant, number);
    if (asJson) printJson(invoiceShape(invoice, merchant.tenant));
    else printInvoice(invoice, merchant.tenant.origin + urls.invoice(invoice.clientId));
  });
}

async function voidOne(username: string, number: string, options: JsonOption): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const { id, number: own } = await findMerchantInvoice(merchant, number);
    await voidInvoice(merchant, id);
    if (options.json) printJson(invoiceShape(await findMerchantInvoice(merchant, own), merchant.tenant));
    else write(`Invoice ${own} is void.\n`);
  });
}

async function* shapesOf<Record>(records: AsyncIterable<Record>, shape: (record: Record) => object) {
  for await (const record of records) yield shape(record);
}

function printInvoices(invoices: readonly InvoiceRecord[]): void {
  const columns = [
    { title: 'number', value: (invoice: InvoiceRecord) => invoice.number },
    { title: 'customer', most: 36, value: (invoice: InvoiceRecord) => invoice.customerName },
    { title: 'date', value: (invoice: InvoiceRecord) => invoice.date },
    { title: 'due', value: (invoice: InvoiceRecord) => invoice.dueDate },
    { title: 'status', value: (invoice: InvoiceRecord) => invoice.status.replace('_', ' ') },
    { title: 'total', align: 'right' as const, value: (invoice: InvoiceRecord) => shown(invoice.total) },
    { title: 'balance', align: 'right' as const, value: (invoice: InvoiceRecord) => shown(invoice.balance) },
  ];
  printTable(invoices, columns, 'There are no such invoices.');
}

function printInvoice(invoice: InvoiceRecord, url: string): void {
  printFacts([
    ['Invoice', invoice.number],
    ['Customer', `${invoice.customerName} (${invoice.customerNumber})`],
    ['Date', invoice.date],
    ['Due', invoice.dueDate],
    ['Status', invoice.status.replace('_', ' ')],
    ['Order', invoice.purchaseOrder],
    ['Not by', waysText(invoice.disabledMethods)],
    ['Page', url],
  ]);
  write('\n');
  const columns = [
    { title: 'item', most: 50, value: (line: LineRecord) => line.name },
    { title: 'quantity', align: 'right' as const, value: (line: LineRecord) => line.quantity },
    { title: 'unit cost', align: 'right' as const, value: (line: LineRecord) => line.unitCost },
    { title: 'amount', align: 'right' as const, value: (line: LineRecord) => shown(line.amount) },
  ];
  printTable(invoice.lines, columns, 'It has no lines.');
  write('\n');
  printFacts([
    ['Subtotal', shown(invoice.subtotal)],
    ...invoice.rates.map(
      (rate) => [rate.name, `${rate.kind === 'discount' ? '−' : ''}${shown(rate.amount)}`] as const,
    ),
    ['Total', shown(invoice.total)],
    ['Balance', shown(invoice.balance)],
    ['Next instalment', planText(invoice)],
    ['Being paid', invoice.pending.minor > 0 ? shown(invoice.pending) : undefined],
  ]);
}

/** What of an agreed plan is to be paid next. */
function planText({ planned }: InvoiceRecord): string | undefined {
  if (!planned) return undefined;
  const late = planned.late.minor > 0 ? `, ${shown(planned.late)} past due` : '';
  return `${shown(planned.amount)} on ${planned.date}${late}`;
}

function shown(amount: Money): string {
  return formatMoney(amount, 'en');
}
