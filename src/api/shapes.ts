import type { Contact } from '#src/customers/contacts.ts';
import type { Customer } from '#src/customers/customers.ts';
import type { AccountBalance } from '#src/documents/account.ts';
import type { InvoiceRecord } from '#src/documents/merchant-invoices.ts';
import type { LineRecord, RateRecord, RecordParts } from '#src/documents/records.ts';
import type { FailedItem } from '#src/jobs/dead-letters.ts';
import { add, type Money, toDecimal } from '#src/kernel/money.ts';
import { startOfDayMs } from '#src/kernel/time.ts';
import type { KeptMail, KeptMailWithText } from '#src/outbox/mailbox.ts';
import type { CustomerCredit } from '#src/payments/credit/credits.ts';
import type { GatewayConnection } from '#src/tenants/gateway-keys.ts';
import type { MagicLinkKey } from '#src/tenants/keys.ts';
import type { SessionRecord } from '#src/signin/customer-sessions.ts';
import type { SettingEntry } from '#src/tenants/settings.ts';
import type { Tenant } from '#src/tenants/tenant.ts';

/*
 * Objects as merchants' programs see them, from the API and from `--json` alike: snake_case, integer ids, currencies in lower case, money as
 * decimal numbers of major units, moments and dates as Unix seconds (a date is the first second of that day in the tenant's time zone).
 * What is absent is null.
 */

/**
 * Major units as a JSON number. It is exact: amounts are below 2^53 minor units, and the shortest decimal that names the nearest
 * double is then the amount itself.
 */
export function amountOf(amount: Money): number {
  return Number(toDecimal(amount));
}

export function secondsOf(ms: number): number {
  return Math.floor(ms / 1000);
}

export function tenantShape(tenant: Tenant) {
  return {
    id: tenant.id,
    object: 'tenant',
    username: tenant.username,
    name: tenant.name,
    url: tenant.origin,
    currency: tenant.currency.toLowerCase(),
    time_zone: tenant.timeZone,
    language: tenant.language,
    country: tenant.country ?? null,
    mode: tenant.mode,
    email: tenant.email ?? null,
    phone: tenant.phone ?? null,
    website: tenant.website ?? null,
    tax_id: tenant.taxId ?? null,
    address: tenant.addressLines.join('\n') || null,
    created_at: secondsOf(tenant.createdAt),
  };
}

export function customerShape(customer: Customer) {
  return {
    id: customer.id,
    object: 'customer',
    number: customer.number,
    name: customer.name,
    type: customer.type,
    attention_to: customer.attentionTo ?? null,
    email: customer.email ?? null,
    phone: customer.phone ?? null,
    address1: customer.address1 ?? null,
    address2: customer.address2 ?? null,
    city: customer.city ?? null,
    state: customer.region ?? null,
    postal_code: customer.postalCode ?? null,
    country: customer.country ?? null,
    currency: customer.currency.toLowerCase(),
    language: customer.language ?? null,
    tax_id: customer.taxId ?? null,
    taxable: customer.taxable,
    closed: customer.isClosed,
    autopay: customer.autopay,
    autopay_delay_days: customer.autopayDelayDays ?? null,
    disabled_methods: customer.disabledMethods,
    payment_terms: customer.paymentTerms ?? null,
    parent_customer: customer.parentId ?? null,
    notes: customer.notes ?? null,
    metadata: customer.metadata,
    created_at: secondsOf(customer.createdAt),
    updated_at: secondsOf(customer.updatedAt),
  };
}

export function contactShape(contact: Contact) {
  return {
    id: contact.id,
    object: 'contact',
    customer: contact.customerId,
    name: contact.name,
    title: contact.title ?? null,
    email: contact.email ?? null,
    phone: contact.phone ?? null,
    role: contact.role,
    primary: contact.isPrimary,
  };
}

export function sessionShape(session: SessionRecord) {
  return {
    object: 'session',
    customer: session.customerId ?? null,
    email: session.email ?? null,
    method: session.method,
    scope: session.scope,
    address: session.address,
    browser: session.browser,
    created_at: secondsOf(session.createdAt),
    seen_at: secondsOf(session.seenAt),
    expires_at: secondsOf(session.expiresAt),
  };
}

/** `credit` is the customer's in the same currency, where there is any. */
export function balanceShape(balance: AccountBalance, credit: CustomerCredit | undefined) {
  return {
    currency: balance.currency.toLowerCase(),
    total_outstanding: amountOf(add(balance.due, balance.later)),
    due_now: amountOf(balance.pastDue),
    past_due: balance.pastDueCount > 0,
    available_credits: credit ? amountOf(credit.usable) : 0,
  };
}

export function invoiceShape(invoice: InvoiceRecord, tenant: Tenant) {
  const url = `${tenant.origin}/invoices/${invoice.clientId}`;
  const day = (date: string): number => dayOf(date, tenant.timeZone);
  return {
    id: invoice.id,
    object: 'invoice',
    customer: invoice.customerId,
    number: invoice.number,
    name: invoice.name ?? null,
    currency: invoice.currency.toLowerCase(),
    status: statusWord(invoice),
    draft: invoice.status === 'draft',
    closed: invoice.isClosed,
    paid: invoice.status === 'paid',
    autopay: invoice.isAutopay,
    disabled_methods: invoice.disabledMethods,
    attempt_count: invoice.attemptCount,
    next_payment_attempt: invoice.nextAttemptAt === undefined ? null : secondsOf(invoice.nextAttemptAt),
    subscription: null,
    date: day(invoice.date),
    due_date: invoice.dueDate === undefined ? null : day(invoice.dueDate),
    payment_terms: invoice.planned ? 'Payment Plan' : (invoice.paymentTerms ?? null),
    next_installment: invoice.planned
      ? {
          position: invoice.planned.position,
          date: day(invoice.planned.date),
          amount: amountOf(invoice.planned.amount),
          past_due: amountOf(invoice.planned.late),
        }
      : null,
    purchase_order: invoice.purchaseOrder ?? null,
    notes: invoice.notes ?? null,
    items: invoice.lines.map(lineShape),
    subtotal: amountOf(invoice.subtotal),
    discounts: rateShapes(invoice, 'discount'),
    taxes: rateShapes(invoice, 'tax'),
    shipping: rateShapes(invoice, 'shipping'),
    charges: rateShapes(invoice, 'charge'),
    total: amountOf(invoice.total),
    balance: amountOf(invoice.balance),
    url,
    pdf_url: `${url}/pdf`,
    payment_url: invoice.balance.minor > 0 ? `${tenant.origin}/pay?invoice=${invoice.clientId}` : null,
    metadata: invoice.metadata,
    created_at: secondsOf(invoice.createdAt),
    updated_at: secondsOf(invoice.updatedAt),
  };
}

export function settingShape(entry: SettingEntry) {
  const { name, value, fallback, description, isSet } = entry;
  return { object: 'setting', name, value, default: fallback, set: isSet, description };
}

export function magicLinkKeyShape(key: MagicLinkKey) {
  return {
    id: key.id,
    object: 'magic_link_key',
    key: key.key,
    state: key.state,
    not_after: key.notAfter === undefined ? null : secondsOf(key.notAfter),
    created_at: secondsOf(key.createdAt),
  };
}

export function gatewayConnectionShape(connection: GatewayConnection) {
  return {
    object: 'gateway_connection',
    gateway: connection.gateway,
    mode: connection.mode,
    account: connection.account,
    publishable_key: connection.publishableKey,
    secret_key_ends: connection.hint,
    webhook_address: connection.webhookAddress,
    connected_at: secondsOf(connection.connectedAt),
  };
}

export function mailShape(mail: KeptMail) {
  return {
    id: mail.id,
    object: 'mail',
    from: mail.from,
    to: mail.to,
    subject: mail.subject,
    customer: mail.customerId ?? null,
    attachments: mail.attachments,
    created_at: secondsOf(mail.at),
  };
}

export function mailWithTextShape(mail: KeptMailWithText) {
  return { ...mailShape(mail), message_id: mail.messageId, text: mail.text, html: mail.html };
}

export function failedJobShape(failed: FailedItem) {
  return {
    object: 'job',
    name: failed.name,
    item: failed.item,
    about: failed.about ?? null,
    state: failed.state === 'waiting' ? 'waiting' : 'given_up',
    tries: failed.tries,
    error: failed.error,
    next_attempt: failed.nextAt === undefined ? null : secondsOf(failed.nextAt),
    created_at: secondsOf(failed.since),
  };
}

/** A line of any document. */
export function lineShape(line: LineRecord) {
  return {
    id: line.id,
    object: 'line_item',
    catalog_item: line.itemCode ?? null,
    type: line.type ?? null,
    name: line.name,
    description: line.description ?? null,
    quantity: Number(line.quantity),
    unit_cost: Number(line.unitCost),
    amount: amountOf(line.amount),
    discountable: line.isDiscountable,
    discounts: [],
    taxable: line.isTaxable,
    taxes: [],
    plan: null,
    metadata: line.metadata,
  };
}

/** The rates of one kind on the whole of a document. */
export function rateShapes({ rates }: RecordParts, kind: RateRecord['kind']) {
  return rates.filter((rate) => rate.kind === kind).map(rateShape);
}

function rateShape(rate: RateRecord) {
  const common = { id: rate.id, object: rate.kind, name: rate.name, amount: amountOf(rate.amount) };
  const expires = rate.expiresAt === undefined ? null : secondsOf(rate.expiresAt);
  if (rate.kind === 'discount') return { ...common, coupon: rate.couponId ?? null, expires };
  return rate.kind === 'tax' ? { ...common, tax_rate: rate.taxRateId ?? null } : common;
}

/** The product's own words, made those that merchants' programs know. */
function statusWord(invoice: InvoiceRecord): string {
  if (invoice.status === 'processing') return 'pending';
  if (invoice.status !== 'open') return invoice.status;
  if (invoice.viewedAt !== undefined) return 'viewed';
  return invoice.sentAt === undefined ? 'not_sent' : 'sent';
}

const days = new Map<string, number>();
const MOST_DAYS = 5000;

/** A civil date as Unix seconds. Lists repeat the same few dates; a time zone's arithmetic is done once for each. */
export function dayOf(date: string, timeZone: string): number {
  const key = `${date} ${timeZone}`;
  const known = days.get(key);
  if (known !== undefined) return known;
  if (days.size >= MOST_DAYS) days.clear();
  const seconds = secondsOf(startOfDayMs(date, timeZone));
  days.set(key, seconds);
  return seconds;
}
