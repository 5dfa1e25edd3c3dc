import type { Command } from 'commander';
import { estimateShape } from '#src/api/document-shapes.ts';
import { readEstimate } from '#src/api/document-input.ts';
import { invoiceShape } from '#src/api/shapes.ts';
import { findCustomer } from '#src/customers/customers.ts';
import type { EstimateStatus } from '#src/documents/estimate-status.ts';
import { issueEstimate } from '#src/documents/issue.ts';
import {
  type EstimateRecord,
  everyEstimate,
  findMerchantEstimate,
  voidEstimate,
} from '#src/documents/merchant-estimates.ts';
import { findMerchantInvoice } from '#src/documents/merchant-invoices.ts';
import { parseDate } from '#src/kernel/time.ts';
import { invoiceEstimate } from '#src/payments/credit/invoicing.ts';
import type { MerchantScope } from '#src/scope.ts';
import { printLines, rateFacts, shown, waysText } from '../document-text.ts';
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
import { printFacts, printJson, printJsonList, printTable } from '../output.ts';
import { urls } from '#src/portal/urls.ts';

const STATUSES: readonly EstimateStatus[] = [
  'draft',
  'sent',
  'viewed',
  'approved',
  'declined',
  'invoiced',
  'expired',
  'voided',
];

interface EstimateListOptions extends ListOptions {
  readonly customer?: string;
  readonly status?: EstimateStatus;
}
interface EstimateIssueOptions extends IssueOptions {
  readonly expires?: string;
  readonly deposit?: string;
  readonly disableMethods?: readonly string[];
}
interface InvoiceOptions extends JsonOption {
  readonly number?: string;
  readonly date?: string;
  readonly due?: string;
}

export function setup(group: Command): void {
  const issue = group
    .command('issue')
    .description('Issue an estimate')
    .argument('<tenant>')
    .option('--expires <date>', 'the last day on which it can be approved, YYYY-MM-DD')
    .option('--deposit <amount>', 'what is paid with the approval: 250.00 or 50%')
    .action(issueOne);
  disableMethods(issue, 'its deposit and its invoice');
  issueOptions(
    examples(
      issue,
      'portal estimate issue acme --customer CUST-00001 --line "Kitchen, oak;1;2800" --tax "VAT;19%" --deposit 50%',
      'portal estimate issue acme --json estimate.json',
    ),
  );
  const list = group
    .command('list')
    .description('List the estimates of a tenant in the order they were made')
    .argument('<tenant>')
    .option('--customer <customer>', 'only those of one customer (number or id)')
    .addOption(oneOf('--status <status>', 'only those in one state', STATUSES))
    .action(listAll);
  listOptions(examples(list, 'portal estimate list acme --status approved'));
  const show = group
    .command('show')
    .description('Show an estimate with its lines and its approval')
    .argument('<tenant>')
    .argument('<estimate>', 'number or id')
    .action(showOne);
  json(examples(show, 'portal estimate show acme EST-0001'));
  const invoice = group
    .command('invoice')
    .description('Make an approved estimate into an invoice; its deposit pays it')
    .argument('<tenant>')
    .argument('<estimate>', 'number or id')
    .option('--number <number>', 'of the invoice; given by the tenant’s numbering without it')
    .option('--date <date>', 'YYYY-MM-DD; today without it')
    .option('--due <date>', 'YYYY-MM-DD; due at once without it')
    .action(invoiceOne);
  json(examples(invoice, 'portal estimate invoice acme EST-0001 --due 2027-01-11'));
  const voiding = group
    .command('void')
    .description('Take an estimate back; a deposit that was paid stays the customer’s credit')
    .argument('<tenant>')
    .argument('<estimate>', 'number or id')
    .action(voidOne);
  json(examples(voiding, 'portal estimate void acme EST-0001'));
}

async function issueOne(username: string, options: EstimateIssueOptions): Promise<void> {
  const more = {
    expiration_date: options.expires,
    deposit: options.deposit,
    disabled_methods: options.disableMethods,
  };
  const input = await documentFrom(options, more);
  await withMerchant(username, async (merchant) => {
    const { number } = await issueEstimate(merchant, await readEstimate(merchant, input));
    tell(merchant, await findMerchantEstimate(merchant, number), options.json !== undefined);
  });
}

async function listAll(username: string, options: EstimateListOptions): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const { status, limit } = options;
    const customerId = options.customer && (await findCustomer(merchant, options.customer)).id;
    const found = await Array.fromAsync(
      everyEstimate(merchant, { status, limit, customerId: customerId || undefined }),
    );
    if (options.json) return printJsonList(found.map((one) => estimateShape(one, merchant.tenant)));
    printEstimates(found);
  });
}

async function showOne(username: string, estimate: string, { json: asJson }: JsonOption): Promise<void> {
  await withMerchant(username, async (merchant) => {
    tell(merchant, await findMerchantEstimate(merchant, estimate), asJson === true);
  });
}

async function invoiceOne(username: string, estimate: string, options: InvoiceOptions): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const { id } = await findMerchantEstimate(merchant, estimate);
    const issued = await invoiceEstimate(merchant, id, {
      number: options.number,
      date: options.date && parseDate(options.date),
      dueDate: options.due && parseDate(options.due),
    });
    const invoice = await findMerchantInvoice(merchant, issued.number);
    if (options.json) return printJson(invoiceShape(invoice, merchant.tenant));
    printFacts([
      ['Invoice', invoice.number],
      ['Total', shown(invoice.total)],
      ['Balance', shown(invoice.balance)],
      ['Page', merchant.tenant.origin + urls.invoice(invoice.clientId)],
    ]);
  });
}

async function voidOne(username: string, estimate: string, { json: asJson }: JsonOption): Promise<void> {
  await withMerchant(username, async (merchant) => {
    tell(merchant, await voidEstimate(merchant, estimate), asJson === true);
  });
}

function tell({ tenant }: MerchantScope, estimate: EstimateRecord, asJson: boolean): void {
  if (asJson) printJson(estimateShape(estimate, tenant));
  else printEstimate(estimate, tenant.origin + urls.estimate(estimate.clientId));
}

function printEstimates(estimates: readonly EstimateRecord[]): void {
  const columns = [
    { title: 'number', value: (estimate: EstimateRecord) => estimate.number },
    { title: 'customer', most: 36, value: (estimate: EstimateRecord) => estimate.customerName },
    { title: 'date', value: (estimate: EstimateRecord) => estimate.date },
    { title: 'expires', value: (estimate: EstimateRecord) => estimate.expirationDate },
    { title: 'status', value: (estimate: EstimateRecord) => estimate.status },
    { title: 'total', align: 'right' as const, value: (estimate: EstimateRecord) => shown(estimate.total) },
    {
      title: 'deposit',
      align: 'right' as const,
      value: (estimate: EstimateRecord) => shown(estimate.deposit),
    },
  ];
  printTable(estimates, columns, 'There are no such estimates.');
}

function printEstimate(estimate: EstimateRecord, url: string): void {
  const { approval } = estimate;
  printFacts([
    ['Estimate', estimate.number],
    ['Customer', `${estimate.customerName} (${estimate.customerNumber})`],
    ['Date', estimate.date],
    ['Expires', estimate.expirationDate],
    ['Status', estimate.status],
    ['Approved', approval && `${approval.initials}, from ${approval.ip}`],
    ['Declined', estimate.declineReason],
    ['Not by', waysText(estimate.disabledMethods)],
    ['Page', url],
  ]);
  printLines(estimate);
  printFacts([
    ['Subtotal', shown(estimate.subtotal)],
    ...rateFacts(estimate),
    ['Total', shown(estimate.total)],
    ['Deposit', estimate.deposit.minor > 0 ? shown(estimate.deposit) : undefined],
    ['Deposit paid', estimate.depositPaid.minor > 0 ? shown(estimate.depositPaid) : undefined],
  ]);
}
