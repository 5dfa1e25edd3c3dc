import { createContact } from '#src/customers/contacts.ts';
import { createCustomer, type Customer, listCustomers } from '#src/customers/customers.ts';
import { issueCreditNote, issueInvoice } from '#src/documents/issue.ts';
import { invoicesByClientId } from '#src/documents/invoices.ts';
import { parseMoney } from '#src/kernel/money.ts';
import { leftToPay } from '#src/payments/taking/parts.ts';
import type { CardDetails } from '#src/payments/gateways/gateway.ts';
import { payInvoices } from '#src/payments/taking/pay.ts';
import { recordPayment } from '#src/payments/outside/record.ts';
import { customerScope, type MerchantScope, type OperatorScope, transact } from '#src/scope.ts';
import { setSetting } from '#src/tenants/settings.ts';
import { createTenant, listTenants, openMerchant } from '#src/tenants/tenants.ts';
import { ACME } from './acme.ts';
import { at, dayText } from './days.ts';
import { GLOBEX } from './globex.ts';
import { collectPast, seedMoney } from './money.ts';
import { partsOf } from './parts.ts';
import type {
  CardPaymentPlan,
  CreditNotePlan,
  CustomerPlan,
  InvoicePlan,
  MerchantPlan,
  TransferPlan,
} from './plan.ts';

/** Merchants of the demo, in the order in which they are seeded. */
export const DEMO_MERCHANTS: readonly MerchantPlan[] = [ACME, GLOBEX];

/** How much was added; all zero when everything was there. */
export interface SeedCounts {
  tenants: number;
  customers: number;
  invoices: number;
  payments: number;
  creditNotes: number;
}

const NUMBERS = {
  visa: '4242424242424242',
  mastercard: '5555555555554444',
  slow: '4000000000000077',
} as const;
/**
 * Fills the database with the demo's merchants, all through the same operations as real data. What is there already, by its number, stays
 * as it is: a second run adds nothing, and a run that was cut goes on where it ended.
 */
export async function seedDemo(
  operator: OperatorScope,
  progress: (done: string) => void,
): Promise<SeedCounts> {
  const counts: SeedCounts = { tenants: 0, customers: 0, invoices: 0, payments: 0, creditNotes: 0 };
  for (const plan of DEMO_MERCHANTS) {
    const merchant = await ensureTenant(operator, plan, counts);
    const known = new Map((await listCustomers(merchant)).map((customer) => [customer.number, customer]));
    for (const customer of plan.customers) {
      const found = known.get(customer.number) ?? (await addCustomer(merchant, customer, counts));
      await seedCustomer(merchant, plan, customer, found, counts);
      progress(`${plan.username}: ${customer.name}`);
    }
    await collectPast(merchant, plan.collected);
  }
  return counts;
}

async function ensureTenant(
  operator: OperatorScope,
  plan: MerchantPlan,
  counts: SeedCounts,
): Promise<MerchantScope> {
  const known = (await listTenants(operator)).find(({ username }) => username === plan.username);
  if (known) return openMerchant(operator, known, 'demo');
  const {
    settings,
    customers: _customers,
    prefix: _prefix,
    tax: _tax,
    collected: _collected,
    ...details
  } = plan;
  const tenant = await createTenant(operator, details);
  const merchant = await openMerchant(operator, tenant, 'demo');
  for (const [name, value] of Object.entries(settings)) await setSetting(merchant, name, value);
  counts.tenants += 1;
  return openMerchant(operator, tenant, 'demo');
}

async function addCustomer(
  merchant: MerchantScope,
  plan: CustomerPlan,
  counts: SeedCounts,
): Promise<Customer> {
  const first = plan.invoices[0]?.day ?? -30;
  return transact(at(merchant, first - 1), async (within) => {
    const { contacts = [] } = plan;
    const customer = await createCustomer(within, detailsOf(plan));
    for (const contact of contacts) await createContact(within, { ...contact, customerId: customer.id });
    counts.customers += 1;
    return customer;
  });
}

/** What a customer is, without what happened to them. */
function detailsOf(plan: CustomerPlan) {
  const { number, name, attentionTo, email, phone, currency, language, taxId, paymentTerms } = plan;
  const { address1, address2, city, region, postalCode, country } = plan;
  const place = { address1, address2, city, region, postalCode, country };
  return { number, name, attentionTo, email, phone, currency, language, taxId, paymentTerms, ...place };
}

async function seedCustomer(
  merchant: MerchantScope,
  plan: MerchantPlan,
  customer: CustomerPlan,
  { id }: Customer,
  counts: SeedCounts,
): Promise<void> {
  const known = await numbersOf(merchant, 'invoices', id);
  const missing = customer.invoices.filter(({ number }) => !known.has(number));
  await transact(merchant, async (within) => {
    for (const invoice of missing) await addInvoice(within, plan, customer, id, invoice);
  });
  const notes = await numbersOf(merchant, 'credit_notes', id);
  for (const note of customer.creditNotes ?? []) {
    if (notes.has(note.number)) continue;
    await addCreditNote(merchant, plan, customer, id, note);
    counts.creditNotes += 1;
  }
  counts.invoices += missing.length;
  for (const payment of customer.payments ?? []) {
    const isNew =
      'card' in payment ? await payByCard(merchant, id, payment) : await payByTransfer(merchant, id, payment);
    if (isNew) counts.payments += 1;
  }
  await seedMoney(merchant, plan, customer, id);
}

async function addInvoice(
  merchant: MerchantScope,
  plan: MerchantPlan,
  customer: CustomerPlan,
  customerId: number,
  invoice: InvoicePlan,
): Promise<void> {
  const currency = invoice.currency ?? customer.currency ?? plan.currency;
  await issueInvoice(at(merchant, invoice.day), {
    customerId,
    number: invoice.number,
    currency,
    date: dayText(merchant, invoice.day),
    dueDate: invoice.due === undefined ? undefined : dayText(merchant, invoice.due),
    purchaseOrder: invoice.purchaseOrder,
    paymentTerms: customer.paymentTerms,
    notes: invoice.notes,
    ...partsOf(plan, invoice, currency),
  });
}

async function addCreditNote(
  merchant: MerchantScope,
  plan: MerchantPlan,
  customer: CustomerPlan,
  customerId: number,
  note: CreditNotePlan,
): Promise<void> {
  const currency = note.currency ?? customer.currency ?? plan.currency;
  const date = dayText(merchant, note.day);
  const { number } = note;
  await issueCreditNote(at(merchant, note.day), {
    customerId,
    number,
    currency,
    date,
    ...partsOf(plan, note, currency),
  });
}

/** Through the portal's own operation, at that time. The nonce follows from the plan: paying again is the same payment. */
async function payByCard(
  merchant: MerchantScope,
  customerId: number,
  plan: CardPaymentPlan,
): Promise<boolean> {
  const scope = customerScope(at(merchant, plan.day), customerId, `customer:${plan.holder}`);
  const nonce = `demo:${plan.invoices.join('+')}`;
  const earlier = await scope.db
    .from('payment_attempts')
    .select('id')
    .where('nonce', '=', nonce)
    .executeTakeFirst();
  if (earlier) return false;
  const ids = await clientIds(merchant, plan.invoices);
  const invoices = await invoicesByClientId(scope, ids);
  const seen = new Map(invoices.map((invoice) => [invoice.clientId, leftToPay(invoice).minor]));
  const { state } = await payInvoices(scope, {
    nonce,
    seen,
    with: { kind: 'card', card: cardOf(plan) },
    receiptEmail: plan.receiptEmail,
  });
  if (state !== 'succeeded' && state !== 'processing')
    throw new Error(`the demo payment ${nonce} is ${state}`);
  return true;
}

async function payByTransfer(
  merchant: MerchantScope,
  customerId: number,
  plan: TransferPlan,
): Promise<boolean> {
  const past = at(merchant, plan.day);
  const { reference } = plan;
  const earlier = await past.db
    .from('payments')
    .select('id')
    .where('reference', '=', reference)
    .executeTakeFirst();
  if (earlier) return false;
  const invoice = await past.db
    .from('invoices')
    .select(['id', 'currency'])
    .where('number', '=', plan.invoice)
    .executeTakeFirstOrThrow();
  const { minor } = parseMoney(plan.transfer, invoice.currency);
  await recordPayment(past, {
    customerId,
    currency: invoice.currency,
    date: dayText(merchant, plan.day),
    method: 'wire_transfer',
    methodLabel: 'Bank transfer',
    reference,
    applied: [{ invoiceId: invoice.id, minor }],
  });
  return true;
}

function cardOf({ card, holder }: CardPaymentPlan): CardDetails {
  return { number: NUMBERS[card], expMonth: 8, expYear: 2031, cvc: '123', holder };
}

async function numbersOf(
  merchant: MerchantScope,
  table: 'invoices' | 'credit_notes',
  customerId: number,
): Promise<ReadonlySet<string>> {
  const rows = await merchant.db.from(table).select('number').where('customer_id', '=', customerId).execute();
  return new Set(rows.map(({ number }) => number));
}

async function clientIds(merchant: MerchantScope, numbers: readonly string[]): Promise<string[]> {
  const rows = await merchant.db
    .from('invoices')
    .select('client_id')
    .where('number', 'in', numbers)
    .execute();
  return rows.map((row) => row.client_id);
}
