import { refuse } from '#src/kernel/errors.ts';
import { refuseFaults } from '#src/kernel/limits.ts';
import { nowMs } from '#src/kernel/time.ts';
import { type MerchantScope, transact } from '#src/scope.ts';
import {
  type Customer,
  customerFaults,
  detailFields,
  findCustomerById,
  type NewCustomer,
} from './customers.ts';
import { moveFirstMoments } from '#src/tenants/first-collection.ts';
import { payingFields, type PayingTerms } from './paying-terms.ts';

type Details = Omit<NewCustomer, keyof PayingTerms | 'metadata'>;

/** What is to change of a customer. What is not named stays as it is; null empties what may be empty. */
export type CustomerChanges = { readonly [Name in keyof Details]?: Details[Name] | null } & PayingTerms & {
    /** Entries to set; null takes one out. */
    readonly metadata?: Readonly<Record<string, string | null>> | undefined;
  };

/** A chain of parents that is longer than this is a circle. */
const MOST_PARENTS = 100;

/**
 * Changes a customer's details and how they pay, and answers the customer as it is now. Refuses what `createCustomer` refuses, `number_taken`, and
 * `bad_input` for a parent that is the customer or one of its own children; nothing is written then.
 */
export function updateCustomer(
  merchant: MerchantScope,
  id: number,
  changes: CustomerChanges,
): Promise<Customer> {
  return transact(merchant, async (within) => {
    const before = await findCustomerById(within, id);
    const { number, ...details } = merged(before, changes);
    refuseFaults(customerFaults({ ...details, number }));
    if (number !== before.number) await assertFree(within, number);
    if (details.parentId !== before.parentId) await assertNoCircle(within, id, details.parentId);
    await within.db
      .update('customers')
      .set({
        number,
        ...emptied(detailFields(within, details)),
        ...payingFields(changes),
        updated_at: nowMs(within.clock),
      })
      .where('id', '=', id)
      .execute();
    if (changes.autopayDelayDays !== undefined) await moveFirstMoments(within, { customerId: id });
    return findCustomerById(within, id);
  });
}

function merged(before: Customer, changes: CustomerChanges): NewCustomer & { readonly number: string } {
  const { metadata, disabledMethods: _methods, autopayDelayDays: _days, ...details } = changes;
  const given = Object.fromEntries(
    Object.entries(details)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, value ?? undefined]),
  );
  const { disabledMethods: _m, autopayDelayDays: _d, ...kept } = before;
  const next = { ...kept, name: before.name, ...given } as NewCustomer;
  const number = next.number?.trim() ?? '';
  if (number === '') refuse('bad_input', { number: 'is missing' });
  return { ...next, name: next.name ?? '', number, metadata: mergedMetadata(before, metadata) };
}

function mergedMetadata(
  { metadata }: Customer,
  changes: CustomerChanges['metadata'] = {},
): Readonly<Record<string, string>> {
  const entries = Object.entries({ ...metadata, ...changes });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null));
}

/** Columns to write over what is there: an update leaves out what is undefined. */
function emptied<Fields extends object>(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value ?? null])) as Fields;
}

async function assertFree({ db }: MerchantScope, number: string): Promise<void> {
  const taken = await db.from('customers').select('id').where('number', '=', number).executeTakeFirst();
  if (taken) refuse('number_taken', { what: 'a customer with the', number });
}

async function assertNoCircle(merchant: MerchantScope, id: number, parentId: number | undefined) {
  let ancestor = parentId;
  for (let steps = 0; ancestor !== undefined; steps++) {
    if (ancestor === id || steps > MOST_PARENTS)
      refuse('bad_input', { parent: 'cannot be the customer, or a customer below it' });
    ({ parentId: ancestor } = await findCustomerById(merchant, ancestor));
  }
}
