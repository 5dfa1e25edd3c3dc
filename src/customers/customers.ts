import type { ScopedRow } from '#db/scoped.ts';
import { refuse } from '#src/kernel/errors.ts';
import { clientId } from '#src/kernel/ids.ts';
import { assertLanguage } from '#src/kernel/language.ts';
import { type Faults, LONGEST, refuseFaults, tooLong } from '#src/kernel/limits.ts';
import { minorDigits } from '#src/kernel/money.ts';
import { findNamed } from '#src/kernel/named.ts';
import { nowMs } from '#src/kernel/time.ts';
import { type CustomerScope, type MerchantScope, transact } from '#src/scope.ts';
import { addressLines } from '#src/tenants/address.ts';
import { waysIn, type WayToPay } from '#src/tenants/ways-to-pay.ts';
import { canonicalEmail } from './email.ts';
import { payingFields, type PayingTerms } from './paying-terms.ts';

/** One account that a merchant bills. */
export interface Customer {
  readonly id: number;
  readonly clientId: string;
  readonly number: string;
  readonly type: 'company' | 'person';
  readonly name: string;
  readonly attentionTo: string | undefined;
  /** As it was given; `canonicalEmail` of it is what sign-in compares. */
  readonly email: string | undefined;
  readonly phone: string | undefined;
  /** ISO 4217, upper case. */
  readonly currency: string;
  /** BCP 47 tag; absent means the tenant's. */
  readonly language: string | undefined;
  readonly address1: string | undefined;
  readonly address2: string | undefined;
  readonly city: string | undefined;
  readonly region: string | undefined;
  readonly postalCode: string | undefined;
  /** ISO 3166 alpha-2, upper case. */
  readonly country: string | undefined;
  /** Ready to print, one entry a line, without the name. */
  readonly addressLines: readonly string[];
  readonly taxId: string | undefined;
  /** The merchant's own notes: never shown to the customer. */
  readonly notes: string | undefined;
  readonly paymentTerms: string | undefined;
  readonly autopay: boolean;
  /** The ways to pay that are off for all that they pay. */
  readonly disabledMethods: readonly WayToPay[];
  /** Days after the due day on which AutoPay collects; absent means the tenant's setting. */
  readonly autopayDelayDays: number | undefined;
  readonly taxable: boolean;
  /** Closed ones sign in nowhere and are billed no more. */
  readonly isClosed: boolean;
  readonly parentId: number | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What a new customer is made of. Only the name must be there. */
export interface NewCustomer extends PayingTerms {
  readonly name: string;
  /** Unique in the tenant; given (`CUST-00001` …) when absent. */
  readonly number?: string | undefined;
  readonly type?: 'company' | 'person' | undefined;
  readonly attentionTo?: string | undefined;
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
  /** ISO 4217, upper case; the tenant's when absent. */
  readonly currency?: string | undefined;
  readonly language?: string | undefined;
  readonly address1?: string | undefined;
  readonly address2?: string | undefined;
  readonly city?: string | undefined;
  readonly region?: string | undefined;
  readonly postalCode?: string | undefined;
  readonly country?: string | undefined;
  readonly taxId?: string | undefined;
  readonly notes?: string | undefined;
  readonly paymentTerms?: string | undefined;
  /** Default true. */
  readonly taxable?: boolean | undefined;
  readonly parentId?: number | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** What `asCustomer` makes a customer of. */
export const CUSTOMER_COLUMNS = [
  ...(['id', 'client_id', 'number', 'type', 'name', 'attention_to', 'email', 'phone', 'currency'] as const),
  ...(['language', 'address1', 'address2', 'city', 'region', 'postal_code', 'country', 'tax_id'] as const),
  ...(['notes', 'payment_terms', 'autopay', 'disabled_methods', 'autopay_delay_days', 'taxable'] as const),
  ...(['parent_id', 'metadata', 'created_at', 'updated_at', 'closed_at'] as const),
];

/**
 * Makes a customer. Refuses `bad_email`, `unknown_currency`, `bad_language`, `number_taken`, `unknown_customer` for the parent, `unknown_method`,
 * `bad_delay` and `bad_input`; nothing is written then.
 */
export function createCustomer(merchant: MerchantScope, fresh: NewCustomer): Promise<Customer> {
  return transact(merchant, (within) => insertCustomer(within, fresh));
}

async function insertCustomer(merchant: MerchantScope, fresh: NewCustomer): Promise<Customer> {
  const { db } = merchant;
  const checked = { ...detailFields(merchant, fresh), ...payingFields(fresh) };
  if (fresh.parentId !== undefined) await findById(merchant, fresh.parentId);
  const id = await db.nextId('customers');
  const now = nowMs(merchant.clock);
  for (;;) {
    const number = fresh.number?.trim() || (await nextCustomerNumber(merchant));
    const row = {
      id,
      number,
      client_id: clientId(merchant.tokens),
      ...checked,
      created_at: now,
      updated_at: now,
    };
    if (await db.insertNew('customers', row)) return findById(merchant, id);
    // A given number that is taken is refused; one of ours only means that the next is tried.
    if (fresh.number?.trim()) refuse('number_taken', { what: 'a customer with the', number });
  }
}

/** Makes many customers in one insert. Every one has a number, which nobody has yet. Refuses as `createCustomer` does. */
export async function createCustomers(
  merchant: MerchantScope,
  all: ReadonlyArray<NewCustomer & { readonly number: string }>,
): Promise<void> {
  if (all.length === 0) return;
  const now = nowMs(merchant.clock);
  const ids = await merchant.db.nextIds('customers', all.length);
  const rows = all.map((fresh, i) => ({
    id: ids[i]!,
    number: fresh.number,
    client_id: clientId(merchant.tokens),
    ...detailFields(merchant, fresh),
    ...payingFields(fresh),
    created_at: now,
    updated_at: now,
  }));
  await merchant.db.insert('customers', rows);
}

/** Finds by number (in any case) first, then by id when the text is one. Refuses `unknown_customer`. */
export async function findCustomer(merchant: MerchantScope, numberOrId: string): Promise<Customer> {
  const customers = () => merchant.db.from('customers').select(CUSTOMER_COLUMNS);
  const row = await findNamed(numberOrId, {
    exactly: (number, id) =>
      customers()
        .where((eb) => eb.or([eb('number', '=', number), eb('id', '=', id)]))
        .execute(),
    anyCase: (numbers) =>
      customers()
        .where((eb) => eb(eb.fn<string>('lower', ['number']), 'in', numbers))
        .limit(2)
        .execute(),
  });
  return row ? asCustomer(merchant, row) : unknown(merchant, numberOrId);
}

/** Finds by id alone. Refuses `unknown_customer`. */
export async function findCustomerById(merchant: MerchantScope, id: number): Promise<Customer> {
  return findById(merchant, id);
}

/** The tenant's customers in the order they were made; all of them without a limit. */
export async function listCustomers(
  merchant: MerchantScope,
  { limit }: { readonly limit?: number | undefined } = {},
): Promise<Customer[]> {
  const all = merchant.db.from('customers').select(CUSTOMER_COLUMNS).orderBy('id');
  const rows = await (limit === undefined ? all : all.limit(limit)).execute();
  return rows.map((row) => asCustomer(merchant, row));
}

/** The customer's own details. Refuses `not_found` when the customer is gone. */
export async function billingDetails(scope: CustomerScope): Promise<Customer> {
  const row = await scope.db.from('customers').select(CUSTOMER_COLUMNS).executeTakeFirst();
  return row ? asCustomer(scope, row) : refuse('not_found', { what: 'account' });
}

async function findById(merchant: MerchantScope, id: number): Promise<Customer> {
  const row = await merchant.db
    .from('customers')
    .select(CUSTOMER_COLUMNS)
    .where('id', '=', id)
    .executeTakeFirst();
  return row ? asCustomer(merchant, row) : unknown(merchant, String(id));
}

async function nextCustomerNumber({ db }: MerchantScope): Promise<string> {
  return `CUST-${String(await db.nextNumber('customer')).padStart(5, '0')}`;
}

/** What of a new customer is longer than it may be. */
export function customerFaults(fresh: NewCustomer): Faults {
  const { number, name, phone, language, city, region, country } = fresh;
  return {
    ...tooLong({ number: number?.trim() }, LONGEST.number),
    ...tooLong({ name: name.trim(), attention_to: fresh.attentionTo }, LONGEST.name),
    ...tooLong({ phone, language, city, region, country, postal_code: fresh.postalCode }, LONGEST.short),
    ...tooLong({ address1: fresh.address1, address2: fresh.address2, tax_id: fresh.taxId }, LONGEST.short),
    ...tooLong({ email: fresh.email, notes: fresh.notes, payment_terms: fresh.paymentTerms }, LONGEST.text),
    ...tooLong({ metadata: JSON.stringify(fresh.metadata ?? {}) }, LONGEST.text),
  };
}

/** The columns of a customer's own details, checked: a rule that holds for a new one holds for a changed one. Refuses as `createCustomer` does. */
export function detailFields({ tenant }: MerchantScope, fresh: NewCustomer) {
  const name = fresh.name.trim();
  if (name === '') refuse('bad_input', { name: 'is missing' });
  refuseFaults(customerFaults(fresh));
  const currency = fresh.currency ?? tenant.currency;
  minorDigits(currency);
  if (fresh.language !== undefined) assertLanguage(fresh.language);
  const email = fresh.email?.trim() || undefined;
  const { language, address1, address2, city, region, country, notes, phone } = fresh;
  return {
    name,
    currency,
    email,
    phone,
    language,
    address1,
    address2,
    city,
    region,
    country,
    notes,
    type: fresh.type ?? ('company' as const),
    email_canonical: email && canonicalEmail(email),
    attention_to: fresh.attentionTo,
    postal_code: fresh.postalCode,
    tax_id: fresh.taxId,
    payment_terms: fresh.paymentTerms,
    parent_id: fresh.parentId,
    taxable: fresh.taxable === false ? (0 as const) : (1 as const),
    metadata: JSON.stringify(fresh.metadata ?? {}),
  };
}

export type CustomerRow = Pick<ScopedRow<'customers'>, (typeof CUSTOMER_COLUMNS)[number]>;

/** The customer of a row of the tenant's. */
export function asCustomer(
  { tenant }: { readonly tenant: { readonly language: string } },
  row: CustomerRow,
): Customer {
  return {
    id: row.id,
    clientId: row.client_id,
    number: row.number,
    type: row.type,
    name: row.name,
    attentionTo: row.attention_to ?? undefined,
    email: row.email ?? undefined,
    phone: row.phone ?? undefined,
    currency: row.currency,
    language: row.language ?? undefined,
    address1: row.address1 ?? undefined,
    address2: row.address2 ?? undefined,
    city: row.city ?? undefined,
    region: row.region ?? undefined,
    postalCode: row.postal_code ?? undefined,
    country: row.country ?? undefined,
    addressLines: addressLines({ ...row, postalCode: row.postal_code }, row.language ?? tenant.language),
    taxId: row.tax_id ?? undefined,
    notes: row.notes ?? undefined,
    paymentTerms: row.payment_terms ?? undefined,
    autopay: row.autopay === 1,
    disabledMethods: waysIn(row.disabled_methods),
    autopayDelayDays: delayOf(row),
    taxable: row.taxable === 1,
    isClosed: row.closed_at !== null,
    parentId: row.parent_id ?? undefined,
    metadata: readMetadata(row.metadata),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Less than none is none of their own, as data from elsewhere has it. */
function delayOf({ autopay_delay_days: days }: CustomerRow): number | undefined {
  return days === null || days < 0 ? undefined : days;
}

function readMetadata(text: string): Readonly<Record<string, string>> {
  const pairs: [string, unknown][] = Object.entries(JSON.parse(text));
  return Object.fromEntries(pairs.map(([key, value]) => [key, String(value)]));
}

function unknown({ tenant }: MerchantScope, customer: string): never {
  return refuse('unknown_customer', { customer, tenant: tenant.username });
}
