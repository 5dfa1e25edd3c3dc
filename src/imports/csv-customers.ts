import { createCustomers, customerFaults, type NewCustomer } from '#src/customers/customers.ts';
import { canonicalEmail } from '#src/customers/email.ts';
import { Refusal } from '#src/kernel/errors.ts';
import type { MerchantScope } from '#src/scope.ts';
import type { MappedTable } from './grouping.ts';
import type { ImportProblem } from './problems.ts';
import { faultProblems, quotable } from './problems.ts';
import type { ImportProgress, Tally } from './report.ts';
import type { RowSettings } from './row-reader.ts';
import { type CustomerRow, readCustomerRow } from './rows.ts';
import { Twins } from './twins.ts';
import { inBatch } from './undo.ts';

type Numbered = NewCustomer & { readonly number: string };

interface Candidate {
  readonly line: number;
  readonly customer: Numbered;
  /** Whether the file gives no number, so that the name is it. */
  readonly isNamed: boolean;
}

const BATCH = 500;

/** Creates the customers that are not there yet; those that are must be the same. */
export async function importCustomers(
  merchant: MerchantScope,
  { table, columns }: MappedTable<'customers'>,
  settings: RowSettings,
  tally: Tally,
  onProgress: ((progress: ImportProgress) => void) | undefined,
): Promise<void> {
  let batch = new Map<string, Candidate>();
  let rows = 0;
  const twins = new Twins();
  const flush = async (bytes: number) => {
    const candidates = [...batch.values()];
    const numbered = candidates.map(({ line, customer: { number } }) => ({ line, number }));
    tally.notice(...(await twins.among(merchant, 'customers', settings.file, numbered)));
    await inBatch(merchant, tally, (within, counted) => store(within, settings.file, candidates, counted));
    batch = new Map();
    onProgress?.({ kind: 'customers', bytes, of: table.bytes, rows });
  };
  for await (const item of table.rows()) {
    rows += 1;
    const read = item.ok
      ? readCustomerRow(item.row, columns, settings)
      : { ok: false as const, problems: [item.problem] };
    const bad = read.ok ? unusableEmail(read.value, columns, settings.file) : undefined;
    if (!read.ok) tally.problem(...read.problems);
    else if (bad) tally.problem(bad);
    else {
      const bytes = item.ok ? item.row.bytes : 0;
      const customer = newCustomer(read.value, settings.currency ?? merchant.tenant.currency);
      const faults = faultProblems({ file: settings.file, line: read.value.line }, customerFaults(customer));
      if (faults.length > 0) {
        tally.problem(...faults);
        continue;
      }
      // The same number twice: the first is stored before the second is compared with it.
      if (batch.size >= BATCH || batch.has(customer.number)) await flush(bytes);
      batch.set(customer.number, {
        line: read.value.line,
        customer,
        isNamed: read.value.number === undefined,
      });
    }
  }
  await flush(table.bytes);
}

async function store(
  merchant: MerchantScope,
  file: string,
  candidates: readonly Candidate[],
  tally: Tally,
): Promise<void> {
  const known = await customersByNumber(
    merchant,
    candidates.map(({ customer }) => customer.number),
  );
  const named = candidates.filter(({ customer, isNamed }) => isNamed && !known.has(customer.number));
  const ofThatName = await customersByName(
    merchant,
    named.map(({ customer }) => customer.name),
  );
  const fresh: Numbered[] = [];
  for (const { line, customer, isNamed } of candidates) {
    const stored = known.get(customer.number) ?? (isNamed ? ofThatName.get(customer.name) : undefined);
    const differing = stored ? differences(customer, stored) : [];
    if (!stored) fresh.push(customer);
    else if (differing.length === 0) tally.unchanged.customers += 1;
    else tally.problem(conflict(file, line, customer.number, differing));
  }
  await createCustomers(merchant, fresh);
  tally.created.customers += fresh.length;
  tally.sample(
    'customers',
    fresh.map(({ number, name, email, currency }) => ({ number, name, email, currency })),
  );
}

/** Columns that a file can fill, as our records and as the table name them. */
const FIELDS = [
  ...([
    ['name', 'name'],
    ['attentionTo', 'attention_to'],
    ['email', 'email'],
    ['phone', 'phone'],
    ['currency', 'currency'],
  ] as const),
  ...([
    ['language', 'language'],
    ['address1', 'address1'],
    ['address2', 'address2'],
    ['city', 'city'],
    ['region', 'region'],
  ] as const),
  ...([
    ['postalCode', 'postal_code'],
    ['country', 'country'],
    ['taxId', 'tax_id'],
    ['notes', 'notes'],
  ] as const),
  ...([['paymentTerms', 'payment_terms']] as const),
];

async function customersByNumber(merchant: MerchantScope, numbers: readonly string[]) {
  if (numbers.length === 0) return new Map<string, never>();
  const rows = await storedCustomers(merchant).where('number', 'in', numbers).execute();
  return new Map(rows.map((row) => [row.number, row]));
}

/** Customers whose name nobody else has: who comes without a number is known by it, whatever number they have here. */
async function customersByName(merchant: MerchantScope, names: readonly string[]) {
  if (names.length === 0) return new Map<string, never>();
  const rows = await storedCustomers(merchant).where('name', 'in', names).execute();
  const namesakes = Map.groupBy(rows, ({ name }) => name);
  return new Map(rows.filter(({ name }) => namesakes.get(name)?.length === 1).map((row) => [row.name, row]));
}

function storedCustomers(merchant: MerchantScope) {
  return merchant.db.from('customers').select(['number', ...FIELDS.map(([, column]) => column)]);
}

type Stored = Readonly<Record<(typeof FIELDS)[number][1], string | null>>;

function differences(customer: Numbered, stored: Stored): string[] {
  return FIELDS.flatMap(([ours, column]) => {
    const [here, there] = [customer[ours], stored[column] ?? undefined];
    return here === there
      ? []
      : [`${column} (here ${here ? `“${quotable(here)}”` : 'empty'}, there ${there ?? 'empty'})`];
  });
}

function newCustomer(row: CustomerRow, currency: string): Numbered {
  const { address } = row;
  return {
    number: row.number ?? row.name,
    name: row.name,
    type: row.company === undefined && row.person === row.name ? 'person' : 'company',
    attentionTo: row.attentionTo,
    email: row.email,
    phone: row.phone,
    currency: row.currency ?? currency,
    language: row.language,
    address1: address.line1,
    address2: address.line2,
    city: address.city,
    region: address.state,
    postalCode: address.postalCode,
    country: address.country,
    taxId: row.taxId,
    notes: row.notes,
    paymentTerms: row.paymentTerms,
  };
}

/** What sign-in could not compare is not taken in. */
function unusableEmail(
  row: CustomerRow,
  columns: MappedTable<'customers'>['columns'],
  file: string,
): ImportProblem | undefined {
  try {
    if (row.email !== undefined) canonicalEmail(row.email);
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const column = columns.header[columns.at.get('email') ?? -1] ?? 'email';
    const value = quotable(row.email ?? '');
    return { file, line: row.line, column, value, reason: error.message, hint: error.hint };
  }
}

function conflict(file: string, line: number, number: string, differing: readonly string[]): ImportProblem {
  return {
    file,
    line,
    value: number,
    reason: `There is a customer ${quotable(number)} already, with another ${differing.join(', ')}.`,
    hint: 'Nothing is overwritten: change the customer by hand, or leave the row out.',
  };
}
