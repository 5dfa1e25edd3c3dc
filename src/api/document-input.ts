import { z } from 'zod';
import { type Customer, findCustomer } from '#src/customers/customers.ts';
import { amountOf, type NewLine, type NewRate } from '#src/documents/document.ts';
import { MOST_LINES } from '#src/documents/limits.ts';
import type { NewCreditNote, NewDocument, NewEstimate, NewInvoice } from '#src/documents/issue.ts';
import { findMerchantInvoice } from '#src/documents/merchant-invoices.ts';
import { refuse } from '#src/kernel/errors.ts';
import { type Money, money, parseMoney, percentOf } from '#src/kernel/money.ts';
import { dateOf, parseDate, todayIn } from '#src/kernel/time.ts';
import type { MerchantScope } from '#src/scope.ts';
import { readWays } from '#src/tenants/ways-to-pay.ts';
import { wordsOf } from './input-words.ts';

/*
 * Invoices, estimates and credit notes as merchants' programs describe new ones: the objects that shapes.ts answers, less what is computed.
 * Amounts are decimal major units (numbers or text), a rate has an amount or a percentage, dates are `YYYY-MM-DD` or Unix seconds.
 */

const decimal = z.union([z.number(), z.string().trim().min(1).max(40)]).transform(String);
const text = z.string().max(8000).optional();
const short = z.string().trim().min(1).max(200).optional();
const named = z.union([z.number().int(), z.string().trim().min(1).max(200)]).transform(String);
const day = z.union([z.number().int(), z.string()]).optional();

const Line = z.strictObject({
  name: z.string().trim().min(1).max(500),
  description: text,
  quantity: decimal.optional(),
  unit: short,
  unit_cost: decimal,
  catalog_item: short,
});
const Rate = z
  .strictObject({ name: short, amount: decimal.optional(), percent: decimal.optional() })
  .refine(
    (rate) => (rate.amount === undefined) !== (rate.percent === undefined),
    'give an amount or a percent',
  );
const rates = z.array(Rate).max(20).default([]);

const ways = z.array(z.string().trim().max(50)).max(20).default([]);

const Document = z.strictObject({
  customer: named,
  number: short,
  name: short,
  currency: z.string().trim().toUpperCase().optional(),
  date: day,
  items: z.array(Line).min(1).max(MOST_LINES),
  discounts: rates,
  charges: rates,
  shipping: rates,
  taxes: rates,
  notes: text,
  purchase_order: short,
  buyer_reference: short,
  payment_terms: short,
});
const Invoice = Document.extend({
  due_date: day,
  autopay: z.boolean().optional(),
  disabled_methods: ways,
});
const Estimate = Document.extend({
  expiration_date: day,
  /** An amount, or a percentage of the total: `50%`. */
  deposit: decimal.optional(),
  disabled_methods: ways,
});
const CreditNote = Document.extend({ invoice: named.optional() });

/** A new invoice. Refuses `bad_input`, `unknown_customer`, `bad_amount`, `bad_date`, `unknown_currency` and `unknown_method`. */
export async function readInvoice(merchant: MerchantScope, input: unknown): Promise<NewInvoice> {
  const read = readAs(Invoice, input);
  return {
    ...(await readDocument(merchant, read)),
    dueDate: dayIn(merchant, read.due_date),
    autopay: read.autopay,
    disabledMethods: readWays(read.disabled_methods),
  };
}

/** A new estimate. Refuses what `readInvoice` refuses. */
export async function readEstimate(merchant: MerchantScope, input: unknown): Promise<NewEstimate> {
  const read = readAs(Estimate, input);
  const document = await readDocument(merchant, read);
  return {
    ...document,
    expirationDate: dayIn(merchant, read.expiration_date),
    deposit: depositIn(read.deposit, document.currency),
    disabledMethods: readWays(read.disabled_methods),
  };
}

/** A new credit note. Refuses what `readInvoice` refuses, and `unknown_invoice`. */
export async function readCreditNote(merchant: MerchantScope, input: unknown): Promise<NewCreditNote> {
  const read = readAs(CreditNote, input);
  const document = await readDocument(merchant, read);
  if (read.invoice === undefined) return document;
  const invoice = await findMerchantInvoice(merchant, read.invoice);
  if (invoice.customerId !== document.customerId || invoice.currency !== document.currency)
    refuse('unknown_invoice', { invoice: read.invoice, tenant: merchant.tenant.username });
  return { ...document, invoiceId: invoice.id };
}

type Document = z.infer<typeof Document>;

function readAs<Read>(schema: z.ZodType<Read>, input: unknown): Read {
  const read = schema.safeParse(input, { reportInput: true });
  return read.success ? read.data : refuse('bad_input', wordsOf(read.error));
}

async function readDocument(merchant: MerchantScope, read: Document): Promise<NewDocument> {
  const customer = await findCustomer(merchant, read.customer);
  const currency = currencyOf(customer, read);
  const lines = read.items.map((line): NewLine => ({
    name: line.name,
    description: line.description,
    quantity: line.quantity,
    unit: line.unit,
    unitCost: line.unit_cost,
    itemCode: line.catalog_item,
  }));
  return {
    customerId: customer.id,
    number: read.number,
    name: read.name,
    currency,
    date: dayIn(merchant, read.date) ?? todayIn(merchant.clock, merchant.tenant.timeZone).toString(),
    purchaseOrder: read.purchase_order,
    buyerReference: read.buyer_reference,
    paymentTerms: read.payment_terms ?? customer.paymentTerms,
    notes: read.notes,
    lines,
    rates: ratesIn(read, lines, currency),
  };
}

function currencyOf(customer: Customer, { currency }: Document): string {
  return currency ?? customer.currency;
}

/** Discounts are on the lines, charges and shipping too; taxes on what is left of the lines with charges and shipping. */
function ratesIn(read: Document, lines: readonly NewLine[], currency: string): NewRate[] {
  const subtotal = lines.reduce((sum, line) => sum + amountOf(line, currency), 0);
  const onLines = [
    ...ratesOf('discount', read.discounts, money(subtotal, currency)),
    ...ratesOf('charge', read.charges, money(subtotal, currency)),
    ...ratesOf('shipping', read.shipping, money(subtotal, currency)),
  ];
  const taxable = onLines.reduce(
    (sum, { kind, amountMinor }) => sum + (kind === 'discount' ? -amountMinor : amountMinor),
    subtotal,
  );
  return [...onLines, ...ratesOf('tax', read.taxes, money(taxable, currency))];
}

const NAMES = { discount: 'Discount', charge: 'Charge', shipping: 'Shipping', tax: 'Tax' } as const;

function ratesOf(kind: NewRate['kind'], all: Document['taxes'], base: Money): NewRate[] {
  return all.map(({ name = NAMES[kind], amount, percent }) => {
    const worth = percent === undefined ? parseMoney(amount ?? '', base.currency) : percentOf(base, percent);
    if (worth.minor < 0) refuse('bad_amount', { value: amount ?? `${percent}%` });
    return { kind, name, percent, baseMinor: base.minor, amountMinor: worth.minor };
  });
}

function depositIn(deposit: string | undefined, currency: string): NewEstimate['deposit'] {
  if (deposit === undefined) return undefined;
  const percent = /^(.+?)\s*%$/.exec(deposit)?.[1];
  return percent === undefined ? { minor: parseMoney(deposit, currency).minor } : { percent };
}

function dayIn({ tenant }: MerchantScope, given: number | string | undefined): string | undefined {
  if (given === undefined) return undefined;
  return typeof given === 'number' ? dateOf(given * 1000, tenant.timeZone) : parseDate(given);
}
