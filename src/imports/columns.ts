import type { ImportProblem } from './problems.ts';
import { quotable } from './problems.ts';

export type TableKind = 'customers' | 'invoices' | 'lines';

/** A column of ours: what it holds, and the names under which other programs export it. */
export interface ColumnRule {
  readonly about: string;
  /** Compared without case, spaces and punctuation; the earlier name wins. */
  readonly alsoKnownAs: readonly string[];
  /** Names that win over our own where a file has both. */
  readonly yieldsTo?: readonly string[];
}

const CUSTOMERS = {
  number: {
    about: 'your number or code for the customer; unique; otherwise the name',
    alsoKnownAs: ['customer_number', 'customer_id', 'customer no', 'customer code', 'account_number', 'account no', 'client id', 'client number', 'contact id', 'id'],
  },
  name: {
    about: 'name to show; otherwise the company, otherwise first and last name',
    alsoKnownAs: ['customer_name', 'display_name', 'customer full name', 'full_name', 'contact_name', 'customer', 'client', 'client name', 'description'],
  },
  company: { about: 'company', alsoKnownAs: ['company_name', 'organisation', 'organization', 'business name'] },
  first_name: { about: 'first name of the person', alsoKnownAs: ['firstname', 'given_name', 'forename'] },
  last_name: { about: 'last name of the person', alsoKnownAs: ['lastname', 'surname', 'family_name'] },
  email: { about: 'e-mail address', alsoKnownAs: ['email_address', 'e-mail', 'e-mail address', 'mail', 'main email', 'customer email'] },
  phone: { about: 'telephone', alsoKnownAs: ['phone_number', 'telephone', 'phone numbers', 'mobile', 'main phone'] },
  attention_to: { about: 'person the mail is for', alsoKnownAs: ['attention', 'attn', 'contact', 'contact person', 'primary contact'] },
  address1: { about: 'first line of the address', alsoKnownAs: ['address', 'address line 1', 'address_line1', 'street', 'street address', 'billing address', 'billing address line 1', 'billing street', 'po address line 1', 'sa address line 1', 'card address line1'] },
  address2: { about: 'second line of the address', alsoKnownAs: ['address line 2', 'address_line2', 'billing address line 2', 'po address line 2', 'card address line2'] },
  city: { about: 'city', alsoKnownAs: ['town', 'billing city', 'po city', 'card address city'] },
  state: { about: 'state, province or region', alsoKnownAs: ['region', 'province', 'county', 'billing state', 'po region', 'card address state'] },
  postal_code: { about: 'postal code', alsoKnownAs: ['postcode', 'zip', 'zip_code', 'billing postal code', 'billing zip', 'po postal code', 'card address zip'] },
  country: { about: 'country, as ISO 3166 code or name', alsoKnownAs: ['country code', 'billing country', 'po country', 'card address country'] },
  tax_id: { about: 'VAT or other tax number', alsoKnownAs: ['tax number', 'vat number', 'vat_id', 'vat', 'tax reg no', 'gst number', 'business vat id'] },
  currency: { about: 'ISO 4217 code of the currency the customer is billed in', alsoKnownAs: ['currency_code', 'default currency'] },
  language: { about: 'language, such as en or de-AT', alsoKnownAs: ['locale', 'preferred language'] },
  payment_terms: { about: 'payment terms, such as NET 30', alsoKnownAs: ['terms'] },
  notes: { about: 'notes', alsoKnownAs: ['note', 'memo', 'comments'] },
} as const satisfies Record<string, ColumnRule>; // prettier-ignore

const INVOICES = {
  number: {
    about: 'invoice number; unique',
    alsoKnownAs: ['invoice_number', 'invoice_no', 'invoice num', 'invoice_id', 'invoice', 'document number', 'doc number', 'reference number', 'num', 'id'],
  },
  customer: {
    about: 'number of the customer',
    alsoKnownAs: ['customer_number', 'customer_id', 'customer no', 'customer code', 'account_number', 'account no', 'client id', 'client number', 'contact id', 'customer_name', 'contact_name', 'client'],
  },
  date: { about: 'date of the invoice', alsoKnownAs: ['invoice_date', 'issue_date', 'issued', 'date utc', 'created utc', 'txn date', 'document date', 'created'] },
  due_date: { about: 'date by which it should be paid', alsoKnownAs: ['invoice due date', 'payment due date', 'due', 'due date utc'] },
  currency: { about: 'ISO 4217 code; otherwise --currency', alsoKnownAs: ['currency_code', 'invoice currency'] },
  total: { about: 'total; the lines must add up to it', alsoKnownAs: ['invoice_total', 'total_amount', 'grand_total', 'amount', 'invoice amount', 'gross amount'] },
  discount: { about: 'discount on the whole invoice', alsoKnownAs: ['discount_amount', 'invoice discount', 'total discount amount'] },
  shipping: { about: 'shipping of the whole invoice', alsoKnownAs: ['shipping charge', 'shipping amount', 'shipping cost', 'freight'] },
  adjustment: { about: 'what is added to the total, or less than zero taken off', alsoKnownAs: ['adjustment amount'] },
  rounding: { about: 'what rounding adds or takes off', alsoKnownAs: ['round off', 'rounding amount', 'rounding adjustment'] },
  status: { about: 'paid; drafts and voided invoices are left out', alsoKnownAs: ['invoice status'] },
  type: { about: 'what the row is; only invoices are taken', alsoKnownAs: ['transaction type', 'document type', 'record type'] },
  tax: { about: 'tax on the whole invoice', alsoKnownAs: ['tax_amount', 'vat_amount', 'tax total', 'total tax', 'invoice tax'] },
  paid: { about: 'amount paid already, or whether all of it is (yes or no)', alsoKnownAs: ['amount_paid', 'paid_amount', 'invoice amount paid'], yieldsTo: ['amount_paid', 'paid_amount', 'invoice amount paid'] },
  paid_date: { about: 'day it was paid; otherwise its date', alsoKnownAs: ['date paid', 'payment date', 'paid on', 'paid at', 'paid at utc', 'last payment date'] },
  balance: { about: 'amount still open', alsoKnownAs: ['amount_due', 'balance_due', 'open balance', 'invoice amount due', 'amount remaining'] },
  name: { about: 'title of the invoice', alsoKnownAs: ['title', 'subject'] },
  purchase_order: { about: "the customer's order number", alsoKnownAs: ['po number', 'purchase order number', 'po', 'order number', 'reference'] },
  payment_terms: { about: 'payment terms, such as NET 30', alsoKnownAs: ['terms'] },
  notes: { about: 'notes', alsoKnownAs: ['note', 'memo', 'message', 'description'] },
  billing_address1: { about: 'first line of the billing address', alsoKnownAs: ['billing_address', 'bill to', 'billing address line 1', 'po address line 1'] },
  billing_address2: { about: 'second line of the billing address', alsoKnownAs: ['billing address line 2', 'po address line 2'] },
  billing_city: { about: 'city of the billing address', alsoKnownAs: ['po city'] },
  billing_state: { about: 'state of the billing address', alsoKnownAs: ['po region'] },
  billing_postal_code: { about: 'postal code of the billing address', alsoKnownAs: ['billing zip', 'po postal code'] },
  billing_country: { about: 'country of the billing address', alsoKnownAs: ['po country'] },
} as const satisfies Record<string, ColumnRule>; // prettier-ignore

const LINES = {
  invoice: { about: 'number of the invoice', alsoKnownAs: ['invoice_number', 'invoice_no', 'invoice num', 'invoice_id', 'document number', 'doc number', 'num'] },
  name: { about: 'what was sold', alsoKnownAs: ['item', 'item_name', 'item product/service', 'product', 'product_name', 'product/service', 'item product', 'service', 'track', 'title', 'inventory item code'] },
  description: { about: 'more about it', alsoKnownAs: ['item_description', 'item desc', 'item notes', 'line description', 'details', 'memo', 'artist'] },
  quantity: { about: 'how many; otherwise 1', alsoKnownAs: ['qty', 'item quantity', 'units', 'hours'] },
  unit_cost: { about: 'price of one, in major units', alsoKnownAs: ['unit_price', 'unit amount', 'price', 'rate', 'item rate', 'sales price', 'item price', 'item cost'] },
  discount: { about: 'what is taken off the line: an amount, or 10%', alsoKnownAs: ['line discount', 'item discount', 'discount amount'] },
  discount_percent: { about: 'what is taken off the line, in percent', alsoKnownAs: ['discount percentage', 'discount rate'] },
  tax: { about: 'tax on the line, where the invoice does not say its own', alsoKnownAs: ['line tax', 'item tax amount', 'tax_amount', 'vat_amount', 'tax 1 amount'] },
  tax2: { about: 'a second tax on the line', alsoKnownAs: ['tax 2 amount'] },
  amount: { about: 'quantity × unit_cost less discount; checked, or used where there is no unit_cost', alsoKnownAs: ['line_total', 'line amount', 'line subtotal', 'item amount', 'item total', 'total', 'net amount'] },
  unit: { about: 'unit of measure', alsoKnownAs: ['uom', 'unit of measure'] },
  id: { about: "the line's own number", alsoKnownAs: ['line_id', 'invoice_line_id', 'line number', 'line item id'] },
} as const satisfies Record<string, ColumnRule>; // prettier-ignore

/** Our documented columns of the three tables, in the order to document them. */
export const TABLE_COLUMNS = { customers: CUSTOMERS, invoices: INVOICES, lines: LINES };

export type ColumnName<K extends TableKind> = Extract<keyof (typeof TABLE_COLUMNS)[K], string>;

/** Every group needs one of its columns. */
export const REQUIRED_COLUMNS: { readonly [K in TableKind]: readonly (readonly ColumnName<K>[])[] } = {
  customers: [['name', 'company', 'first_name', 'last_name']],
  invoices: [['number'], ['customer'], ['date']],
  lines: [['invoice'], ['name', 'description'], ['unit_cost', 'amount']],
};

/** Our column → the file's column, per table, from a map file. */
export type ColumnChoices = { readonly [K in TableKind]?: ReadonlyMap<string, string> };

export interface ColumnMap<K extends TableKind> {
  readonly kind: K;
  readonly header: readonly string[];
  /** Place of each of our columns that the file has. */
  readonly at: ReadonlyMap<ColumnName<K>, number>;
  /** Further places of a column, looked at where the cell is empty. */
  readonly also: ReadonlyMap<ColumnName<K>, readonly number[]>;
  /** Columns of the file that are not read. */
  readonly unused: readonly string[];
}

export type ColumnResult<K extends TableKind> =
  | { readonly ok: true; readonly columns: ColumnMap<K> }
  | { readonly ok: false; readonly problems: readonly ImportProblem[] };

/** Our columns → names that an export of a known program has for them; several are looked at in turn, cell by cell. */
export type KnownColumns = Readonly<Record<string, string | readonly string[]>>;

/** What is known of a file besides its header. */
export interface Knowledge {
  readonly choices?: ColumnChoices | undefined;
  /** Where the program that wrote it is known: only these columns are read, and those of the choices. */
  readonly known?: KnownColumns | undefined;
  /** Places that are read as another table's columns. */
  readonly without?: ReadonlySet<number> | undefined;
}

interface Header {
  readonly file: string;
  readonly header: readonly string[];
  readonly headerLine: number;
}

/** Finds our columns in a header: as the map says, then as a known program names them, else by our names and by names other programs use. */
export function mapColumns<K extends TableKind>(
  kind: K,
  table: Header,
  { choices = {}, known, without = new Set() }: Knowledge = {},
): ColumnResult<K> {
  const problems: ImportProblem[] = [];
  const at = new Map<ColumnName<K>, number>();
  const also = new Map<ColumnName<K>, number[]>();
  const places = placesOf(table.header);
  const report = (reason: string, hint: string) =>
    problems.push({ file: table.file, line: table.headerLine, reason, hint });
  for (const [name, theirs] of choices[kind] ?? []) {
    const ours = columnNames(kind).find((column) => column === name);
    const place = places.get(plainName(theirs));
    if (ours === undefined)
      report(`The map names the column “${name}”, which ${kind} do not have.`, listing(kind));
    else if (place === undefined) report(`The map expects a column “${theirs}”.`, found(table.header));
    else at.set(ours, place);
  }
  const taken = new Set([...without, ...at.values()]);
  if (known) {
    for (const column of columnNames(kind)) {
      const [first, ...rest] = at.has(column) ? [] : placesNamed(known[column] ?? [], places);
      if (first === undefined) continue;
      at.set(column, first);
      if (rest.length > 0) also.set(column, rest);
    }
  } else {
    for (const aliases of [ownNames, otherNames]) {
      for (const column of columnNames(kind)) {
        const place = at.has(column) ? undefined : firstPlace(aliases(kind, column), places, taken);
        if (place === undefined) continue;
        at.set(column, place);
        taken.add(place);
      }
    }
  }
  for (const group of REQUIRED_COLUMNS[kind]) {
    if (!group.some((column) => at.has(column))) report(...missing(kind, group, table.header));
  }
  if (problems.length > 0) return { ok: false, problems };
  const read = new Set([...at.values(), ...[...also.values()].flat()]);
  const unused = table.header.filter((name, i) => name !== '' && !read.has(i));
  return { ok: true, columns: { kind, header: table.header, at, also, unused } };
}

/** A notice for each name that the header has more than once: only the first of them is read. */
export function repeatedColumns({ file, header, headerLine }: Header): ImportProblem[] {
  const seen = new Set<string>();
  const repeated = header.filter(
    (name) => name !== '' && (seen.has(plainName(name)) || !seen.add(plainName(name))),
  );
  return [...new Set(repeated)].map((name) => ({
    file,
    line: headerLine,
    column: name,
    reason: `There is more than one column “${quotable(name)}”.`,
    hint: 'The first one is read; rename the other if that is the one that counts.',
  }));
}

/** Our columns of a table, in documented order. */
export function columnNames<K extends TableKind>(kind: K): ColumnName<K>[] {
  return Object.keys(TABLE_COLUMNS[kind]).filter(
    (name): name is ColumnName<K> => name in TABLE_COLUMNS[kind],
  );
}

function rule<K extends TableKind>(kind: K, column: ColumnName<K>): ColumnRule {
  const rules: Readonly<Record<string, ColumnRule>> = TABLE_COLUMNS[kind];
  return rules[column] ?? { about: '', alsoKnownAs: [] };
}

function ownNames<K extends TableKind>(kind: K, column: ColumnName<K>): readonly string[] {
  return [...(rule(kind, column).yieldsTo ?? []), column];
}

function otherNames<K extends TableKind>(kind: K, column: ColumnName<K>): readonly string[] {
  return rule(kind, column).alsoKnownAs;
}

function firstPlace(
  names: readonly string[],
  places: ReadonlyMap<string, number>,
  taken: ReadonlySet<number>,
): number | undefined {
  const free = names.map((name) => places.get(plainName(name)));
  return free.find((place) => place !== undefined && !taken.has(place));
}

function placesNamed(names: string | readonly string[], places: ReadonlyMap<string, number>): number[] {
  return [names].flat().flatMap((name) => places.get(plainName(name)) ?? []);
}

function placesOf(header: readonly string[]): Map<string, number> {
  const places = new Map<string, number>();
  header.forEach((name, i) => {
    const key = plainName(name);
    if (key !== '' && !places.has(key)) places.set(key, i);
  });
  return places;
}

/** `*Invoice No.` → `invoiceno`, `Invoice #` → `invoicenumber`, `Discount %` → `discountpercent`. */
export function plainName(name: string): string {
  const words = name.normalize('NFKC').toLowerCase().replace(/#/g, 'number').replace(/%/g, 'percent');
  return words.replace(/[^\p{L}\p{N}]+/gu, '');
}

function missing<K extends TableKind>(
  kind: K,
  group: readonly ColumnName<K>[],
  header: readonly string[],
): [string, string] {
  const accepted = group.flatMap((column) => [column, ...otherNames(kind, column)]).join(', ');
  const reason = `There is no column for ${group.join(' or ')} of the ${kind}. ${found(header)}`;
  return [
    reason,
    `Accepted names are ${accepted}; or write “${kind}.${group[0]}=Your column” into a file and give it with --map.`,
  ];
}

function found(header: readonly string[]): string {
  return `The file has: ${header.map((name) => quotable(name)).join(', ')}.`;
}

function listing(kind: TableKind): string {
  return `Columns of ${kind} are ${columnNames(kind).join(', ')}.`;
}
