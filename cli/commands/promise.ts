import type { Command } from 'commander';
import { promiseShape } from '#src/api/payment-shapes.ts';
import { findMerchantInvoice } from '#src/documents/merchant-invoices.ts';
import { METHOD_NAMES } from '#src/payments/methods/method-names.ts';
import { listPromises, notePromise, type PromiseRecord } from '#src/payments/outside/promises.ts';
import type { OfflineMethod } from '#src/payments/attempts/terms.ts';
import { isUnderAutopay } from '#src/payments/methods/enrolment.ts';
import { customerScope, type MerchantScope } from '#src/scope.ts';
import { withMerchant } from '../installation.ts';
import { type JsonOption, type ListOptions, examples, json, listOptions, oneOf } from '../options.ts';
import { printJson, printJsonList, printTable, say } from '../output.ts';

const STATES = ['open', 'kept', 'broken', 'withdrawn'] as const;
const METHODS: readonly OfflineMethod[] = ['wire_transfer', 'check'];

interface PromiseListOptions extends ListOptions {
  readonly state?: (typeof STATES)[number];
}

interface AddOptions extends JsonOption {
  readonly method: OfflineMethod;
  readonly reference?: string;
  readonly notes?: string;
}

export function setup(group: Command): void {
  const list = group
    .command('list')
    .description('List promises to pay, the newest first')
    .argument('<tenant>')
    .addOption(oneOf('--state <state>', 'only those in one state', STATES))
    .action(listAll);
  listOptions(examples(list, 'portal promise list acme --state broken'));
  const add = group
    .command('add')
    .description('Note when a customer said that an invoice will be paid')
    .argument('<tenant>')
    .argument('<invoice>', 'number or id')
    .argument('<date>', 'the day on which the money is expected: 2026-12-01')
    .addOption(oneOf('--method <method>', 'how it will come', METHODS, 'wire_transfer'))
    .option('--reference <text>', 'what the transfer or the check will say')
    .option('--notes <text>', 'what else was said')
    .action(addOne);
  json(examples(add, 'portal promise add acme INV-1 2026-12-01 --reference TRF-7'));
}

async function listAll(username: string, { state, limit, json: asJson }: PromiseListOptions): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const promises = await listPromises(merchant, { state, limit });
    if (asJson) return printJsonList(promises.map((promise) => promiseShape(promise, merchant.tenant)));
    printPromises(promises);
  });
}

async function addOne(username: string, number: string, date: string, options: AddOptions): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const invoice = await findMerchantInvoice(merchant, number);
    const { method, reference, notes } = options;
    const order = { invoices: [invoice.clientId], method, expectedDate: date, reference, notes };
    await notePromise(merchant, invoice.customerId, order);
    const promise = await newestOf(merchant, invoice.id);
    if (options.json) return printJson(promiseShape(promise, merchant.tenant));
    printPromises([promise]);
    if (await isUnderAutopay(customerScope(merchant, invoice.customerId), invoice.id))
      say('AutoPay leaves this invoice alone until the customer takes the promise back.');
  });
}

async function newestOf(merchant: MerchantScope, invoiceId: number): Promise<PromiseRecord> {
  const open = await listPromises(merchant, { state: 'open' });
  return open.find((promise) => promise.invoiceId === invoiceId)!;
}

function printPromises(promises: readonly PromiseRecord[]): void {
  const columns = [
    { title: 'invoice', value: (promise: PromiseRecord) => promise.invoice },
    { title: 'customer', most: 36, value: (promise: PromiseRecord) => promise.customerName },
    { title: 'expected', value: (promise: PromiseRecord) => promise.expectedDate },
    { title: 'method', value: (promise: PromiseRecord) => METHOD_NAMES[promise.method] },
    { title: 'reference', most: 24, value: (promise: PromiseRecord) => promise.reference },
    { title: 'by', value: (promise: PromiseRecord) => promise.madeBy },
    { title: 'state', value: (promise: PromiseRecord) => promise.state },
  ];
  printTable(promises, columns, 'Nobody has promised to pay.');
}
