import { createContact } from '#src/customers/contacts.ts';
import { createCustomer, type NewCustomer } from '#src/customers/customers.ts';
import { canonicalEmail } from '#src/customers/email.ts';
import { Refusal } from '#src/kernel/errors.ts';
import type { MerchantScope } from '#src/scope.ts';
import { quotable } from './problems.ts';
import type { Tally } from './report.ts';
import type { UblDocument, UblIdentifier, UblParty } from './ubl-model.ts';

/** The id of the document's customer, made when there is none yet; a contact with an e-mail address may then sign in and pay. */
export async function customerFor(
  merchant: MerchantScope,
  ubl: UblDocument,
  file: string,
  tally: Tally,
): Promise<number> {
  const party = ubl.customer;
  const customerId = (await findCustomerOf(merchant, party)) ?? (await makeCustomer(merchant, ubl, tally));
  await addContact(merchant, customerId, party, file, tally);
  return customerId;
}

/**
 * The one customer with an identifier of the party, else with its name. A name does not tell apart two that have different tax ids,
 * and several that fit are told apart by the name alone: an invoice must not reach the wrong account.
 */
export async function findCustomerOf(merchant: MerchantScope, party: UblParty): Promise<number | undefined> {
  for (const [key, value] of Object.entries(identitiesOf(party))) {
    const found = theOne(await withIdentity(merchant, key, value), party);
    if (found !== undefined) return found;
  }
  const all = merchant.db.from('customers').select(['id', 'name', 'tax_id']);
  if (party.taxId !== undefined) {
    const found = theOne(await all.where('tax_id', '=', party.taxId).execute(), party);
    if (found !== undefined) return found;
  }
  const named = await all.where('name', '=', party.name).execute();
  const fitting = named.filter(
    ({ tax_id }) => tax_id === null || party.taxId === undefined || tax_id === party.taxId,
  );
  return fitting.length === 1 ? fitting[0]!.id : undefined;
}

interface Candidate {
  readonly id: number;
  readonly name: string;
}

function theOne(candidates: readonly Candidate[], party: UblParty): number | undefined {
  if (candidates.length === 1) return candidates[0]!.id;
  const named = candidates.filter(({ name }) => name === party.name);
  return named.length === 1 ? named[0]!.id : undefined;
}

/** `ubl_endpoint` → `0192:987654325`: what the customer's metadata keeps. */
function identitiesOf(party: UblParty): Record<string, string> {
  const entries: Array<[string, UblIdentifier | undefined]> = [
    ['ubl_endpoint', party.endpoint],
    ['ubl_party', party.identifiers[0]],
    ['ubl_company', party.companyId],
  ];
  return Object.fromEntries(
    entries.flatMap(([key, value]) =>
      value ? [[key, value.scheme === undefined ? value.id : `${value.scheme}:${value.id}`]] : [],
    ),
  );
}

async function withIdentity(merchant: MerchantScope, key: string, value: string): Promise<Candidate[]> {
  const pair = `${JSON.stringify(key)}:${JSON.stringify(value)}`;
  const rows = await merchant.db
    .from('customers')
    .select(['id', 'name', 'metadata'])
    .where('metadata', 'like', `%${pair}%`)
    .execute();
  // The pattern's own wild cards may have found too much.
  return rows.filter(({ metadata }) => metadata.includes(pair));
}

async function makeCustomer(merchant: MerchantScope, ubl: UblDocument, tally: Tally): Promise<number> {
  const fresh = newCustomerOf(ubl);
  const { id } = await createCustomer(merchant, {
    ...fresh,
    number: await freeNumber(merchant, fresh.number),
  });
  tally.created.customers += 1;
  return id;
}

/** The customer that a document's party would be, under its own id. */
export function newCustomerOf(ubl: UblDocument): NewCustomer {
  const party = ubl.customer;
  const { address } = party;
  const [address1, ...others] = address?.lines ?? [];
  return {
    name: party.name,
    number: party.identifiers[0]?.id ?? party.endpoint?.id ?? party.companyId?.id ?? party.taxId,
    attentionTo: party.contact?.name,
    phone: party.contact?.phone,
    currency: ubl.currency,
    address1,
    address2: others.length > 0 ? others.join(', ') : undefined,
    city: address?.city,
    region: address?.region,
    postalCode: address?.postalCode,
    country: address?.country,
    taxId: party.taxId,
    metadata: identitiesOf(party),
  };
}

/** The number, when nobody has it; otherwise one is given. */
async function freeNumber(merchant: MerchantScope, number: string | undefined): Promise<string | undefined> {
  if (number === undefined) return undefined;
  const taken = await merchant.db
    .from('customers')
    .select('id')
    .where('number', '=', number)
    .executeTakeFirst();
  return taken ? undefined : number;
}

async function addContact(
  merchant: MerchantScope,
  customerId: number,
  { name, contact }: UblParty,
  file: string,
  tally: Tally,
): Promise<void> {
  const email = contact?.email?.trim();
  if (!email) return;
  const canonical = usable(email);
  if (canonical === undefined) {
    const reason = `The contact's address “${quotable(email)}” is not a usable e-mail address and was left out.`;
    tally.notice({ file, value: quotable(email), reason, hint: 'Add the contact by hand.' });
    return;
  }
  const known = await merchant.db
    .from('contacts')
    .select('id')
    .where('customer_id', '=', customerId)
    .where('email_canonical', '=', canonical)
    .executeTakeFirst();
  if (known) return;
  const person = contact?.name?.trim() || name;
  await createContact(merchant, { customerId, name: person, email, phone: contact?.phone, role: 'payer' });
  tally.created.contacts += 1;
}

function usable(email: string): string | undefined {
  try {
    return canonicalEmail(email);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
