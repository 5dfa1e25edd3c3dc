import { type Command, InvalidArgumentError } from 'commander';
import { paymentShape, refundOutcomeShape } from '#src/api/payment-shapes.ts';
import { findCustomer } from '#src/customers/customers.ts';
import { findMerchantInvoice } from '#src/documents/merchant-invoices.ts';
import { refuse } from '#src/kernel/errors.ts';
import { formatMoney, type Money, parseMoney } from '#src/kernel/money.ts';
import { parseDate } from '#src/kernel/time.ts';
import {
  type AppliedRecord,
  everyPayment,
  findMerchantPayment,
  type PaymentRecord,
} from '#src/payments/receipts/merchant-payments.ts';
import { METHOD_NAMES } from '#src/payments/methods/method-names.ts';
import { RECORDED_METHODS, recordMoney } from '#src/payments/outside/record.ts';
import { refundNonce, refundPayment } from '#src/payments/returning/refunds.ts';
import { voidPayment } from '#src/payments/outside/voids.ts';
import type { MerchantScope } from '#src/scope.ts';
import { withMerchant } from '../installation.ts';
import {
  currencyCode,
  type JsonOption,
  type ListOptions,
  examples,
  gather,
  json,
  listOptions,
  oneOf,
} from '../options.ts';
import { printFacts, printJson, printJsonList, printTable, write } from '../output.ts';
import { urls } from '#src/portal/urls.ts';

interface PaymentListOptions extends ListOptions {
  readonly customer?: string;
}

interface RecordOptions extends JsonOption {
  readonly method: (typeof RECORDED_METHODS)[number];
  readonly currency?: string;
  readonly date?: string;
  readonly to?: readonly string[];
  readonly reference?: string;
  readonly notes?: string;
  readonly receiptTo?: string;
  readonly key?: string;
}

interface RefundOptions extends JsonOption {
  readonly reason?: string;
  readonly key?: string;
}

export function setup(group: Command): void {
  const list = group
    .command('list')
    .description('List the payments of a tenant in the order they were made')
    .argument('<tenant>')
    .option('--customer <customer>', 'only those of one customer (number or id)')
    .action(listAll);
  listOptions(examples(list, 'portal payment list acme --customer CUST-00001'));
  const show = group
    .command('show')
    .description('Show a payment with what it paid and what was given back')
    .argument('<tenant>')
    .argument('<payment>', 'number of its receipt, or id')
    .action((username: string, payment: string, options: JsonOption) =>
      withMerchant(username, (merchant) => showOne(merchant, payment, options)),
    );
  json(examples(show, 'portal payment show acme R-00001'));
  setUpRecord(group);
  const refund = group
    .command('refund')
    .description('Give a payment back, wholly or in part; no invoice opens again')
    .argument('<tenant>')
    .argument('<payment>', 'number of its receipt, or id')
    .argument('[amount]', 'all that is left without it', amountArgument)
    .option('--reason <text>', 'why, for the books')
    .option('--key <key>', 'a key of your own: the same key never gives back twice')
    .action(refundOne);
  json(examples(refund, 'portal payment refund acme R-00001', 'portal payment refund acme R-00001 25.00'));
  const undo = group
    .command('void')
    .description('Take back a recorded payment as if it had never been; its invoices are open again')
    .argument('<tenant>')
    .argument('<payment>', 'number of its receipt, or id')
    .action(voidOne);
  json(examples(undo, 'portal payment void acme R-00001'));
}

function setUpRecord(group: Command): void {
  const record = group
    .command('record')
    .description('Record money that arrived outside the portal; what no invoice takes becomes credit')
    .argument('<tenant>')
    .argument('<customer>', 'number or id')
    .argument('<amount>', 'in major units: 120.50', amountArgument)
    .addOption(oneOf('--method <method>', 'how it came', RECORDED_METHODS, 'wire_transfer'))
    .option('--to <invoice>', 'INV-1 or INV-1=50.00; several times; else the earliest due first', gather)
    .option('--date <date>', 'the day it arrived (default today)')
    .option('--currency <code>', 'its currency (default the customer’s)', currencyCode)
    .option('--reference <text>', 'what the transfer or the check says')
    .option('--notes <text>', 'for yourself')
    .option('--receipt-to <email>', 'mails a receipt there')
    .option('--key <key>', 'a key of your own: the same key never records twice')
    .action(recordOne);
  json(
    examples(
      record,
      'portal payment record acme CUST-00001 120.50 --reference TRF-7',
      'portal payment record acme CUST-00001 80 --method check --to INV-1=50 --to INV-2',
    ),
  );
}

async function listAll(
  username: string,
  { customer, limit, json: asJson }: PaymentListOptions,
): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const customerId = customer === undefined ? undefined : (await findCustomer(merchant, customer)).id;
    const found = everyPayment(merchant, { customerId, limit });
    if (!asJson) return printPayments(await Array.fromAsync(found));
    await printJsonList(shapesOf(found, merchant));
  });
}

async function* shapesOf(payments: AsyncIterable<PaymentRecord>, { tenant }: MerchantScope) {
  for await (const payment of payments) yield paymentShape(payment, tenant);
}

async function showOne(merchant: MerchantScope, number: string, { json: asJson }: JsonOption): Promise<void> {
  const payment = await findMerchantPayment(merchant, number);
  if (asJson) printJson(paymentShape(payment, merchant.tenant));
  else printPayment(payment, merchant.tenant.origin + urls.receipt(payment.clientId));
}

async function recordOne(
  username: string,
  number: string,
  text: string,
  options: RecordOptions,
): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const customer = await findCustomer(merchant, number);
    const currency = options.currency ?? customer.currency;
    const towards = [];
    for (const part of options.to ?? []) towards.push(await invoiceAndAmount(merchant, part));
    const { id } = await recordMoney(merchant, {
      customerId: customer.id,
      amount: parseMoney(text, currency),
      towards,
      date: options.date === undefined ? undefined : parseDate(options.date),
      method: options.method,
      methodLabel: METHOD_NAMES[options.method],
      reference: options.reference,
      notes: options.notes,
      receiptEmail: options.receiptTo,
      key: options.key,
    });
    await showOne(merchant, String(id), options);
  });
}

/** Reads `INV-1=50.00` or `INV-1`. */
async function invoiceAndAmount(merchant: MerchantScope, text: string) {
  const at = text.lastIndexOf('=');
  const invoice = await findMerchantInvoice(merchant, at < 0 ? text : text.slice(0, at));
  const minor = at < 0 ? undefined : parseMoney(text.slice(at + 1), invoice.currency).minor;
  return { invoiceId: invoice.id, minor };
}

async function refundOne(
  username: string,
  number: string,
  text: string | undefined,
  { reason, key, json: asJson }: RefundOptions,
): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const payment = await findMerchantPayment(merchant, number);
    const outcome = await refundPayment(merchant, {
      nonce: refundNonce(merchant, key),
      key,
      paymentId: payment.id,
      amount: text === undefined ? undefined : parseMoney(text, payment.amount.currency),
      reason,
    });
    if (outcome.state === 'failed') {
      const why = (outcome.message ?? '').replace(/[.]$/, '');
      refuse('not_refundable', { number: payment.number, reason: `was not given back: ${why}` });
    }
    if (asJson) return printJson(refundOutcomeShape(outcome));
    write(`${REFUND_WORDS[outcome.state]} ${shown(outcome.amount)} of payment ${payment.number}.\n`);
  });
}

const REFUND_WORDS = {
  succeeded: 'Gave back',
  submitted: 'The bank is giving back',
  unknown: 'The gateway has not answered yet. The background work finds out, and gives back only once:',
} as const;

async function voidOne(username: string, number: string, options: JsonOption): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const { id } = await findMerchantPayment(merchant, number);
    await voidPayment(merchant, id);
    await showOne(merchant, String(id), options);
  });
}

function printPayments(payments: readonly PaymentRecord[]): void {
  const columns = [
    { title: 'number', value: (payment: PaymentRecord) => payment.number },
    { title: 'customer', most: 36, value: (payment: PaymentRecord) => payment.customerName },
    { title: 'date', value: (payment: PaymentRecord) => payment.date },
    { title: 'method', most: 28, value: (payment: PaymentRecord) => payment.methodLabel },
    { title: 'status', value: (payment: PaymentRecord) => payment.status.replace('_', ' ') },
    { title: 'amount', align: 'right' as const, value: (payment: PaymentRecord) => shown(payment.amount) },
  ];
  printTable(payments, columns, 'There are no such payments.');
}

function printPayment(payment: PaymentRecord, url: string): void {
  printFacts([
    ['Payment', payment.number],
    ['Customer', `${payment.customerName} (${payment.customerNumber})`],
    ['Date', payment.date],
    ['Method', payment.methodLabel],
    ['Status', payment.status.replace('_', ' ')],
    ['Amount', shown(payment.amount)],
    ['Fee', payment.fee.minor > 0 ? shown(payment.fee) : undefined],
    ['Given back', payment.refunded.minor > 0 ? shown(payment.refunded) : undefined],
    ['Reference', payment.reference],
    ['Notes', payment.notes],
    ['Page', url],
  ]);
  write('\n');
  const columns = [
    { title: 'paid for', value: (part: AppliedRecord) => paidFor(part) },
    { title: 'amount', align: 'right' as const, value: (part: AppliedRecord) => shown(part.amount) },
  ];
  printTable(payment.applied, columns, 'It paid for nothing.');
  for (const { amount, state, reason, failure } of payment.refunds)
    write(`\nRefund of ${shown(amount)}: ${[state, reason, failure].filter(Boolean).join(', ')}\n`);
}

function paidFor({ kind, number }: AppliedRecord): string {
  if (kind === 'credit') return 'credit';
  if (kind === 'convenience_fee') return 'convenience fee';
  return kind === 'estimate' ? `deposit of ${number}` : (number ?? kind);
}

/** An amount in major units; whether the currency allows it is found out where the currency is known. */
function amountArgument(text: string): string {
  if (!/^\d{1,12}([.]\d{1,3})?$/.test(text)) throw new InvalidArgumentError('Write it like 120.50.');
  return text;
}

function shown(amount: Money): string {
  return formatMoney(amount, 'en');
}
