import { type Command, InvalidArgumentError } from 'commander';
import { refuse } from '#src/kernel/errors.ts';
import { assertStorable } from '#src/kernel/text.ts';
import { wrongUsage } from './errors.ts';
import { readText } from './files.ts';
import { currencyCode } from './options.ts';

/** What the commands that issue a document are given: a file of JSON, or options that say the same. */
export interface IssueOptions {
  /** True for JSON as the answer; a path, or `-` for stdin, to read the document from as well. */
  readonly json?: true | string;
  readonly customer?: string;
  readonly line?: readonly object[];
  readonly discount?: readonly object[];
  readonly tax?: readonly object[];
  readonly shipping?: readonly object[];
  readonly number?: string;
  readonly currency?: string;
  readonly date?: string;
  readonly name?: string;
  readonly notes?: string;
  readonly purchaseOrder?: string;
  readonly terms?: string;
}

/** Adds what every new document may be given. */
export function issueOptions(command: Command): Command {
  return command
    .option('--json [file]', 'answer JSON; with a file, or - for stdin, read the document from it')
    .option('--customer <customer>', 'number or id of whom it is for')
    .option('--line <text>', '“name;quantity;unit cost”, once for each line', gatherLines)
    .option('--discount <text>', '“name;10.00” or “name;5%”', gatherRates)
    .option('--tax <text>', '“name;19%” or “name;3.80”', gatherRates)
    .option('--shipping <text>', '“name;10.00”', gatherRates)
    .option('--number <number>', 'given by the tenant’s numbering without it')
    .option('--currency <code>', 'the customer’s without it', currencyCode)
    .option('--date <date>', 'YYYY-MM-DD; today without it')
    .option('--name <text>', 'what it is about')
    .option('--notes <text>', 'printed below the totals')
    .option('--purchase-order <number>', 'the customer’s order')
    .option('--terms <text>', 'payment terms, as text');
}

/** The document as merchants' programs would describe it: the file's JSON, or an object of the options. Refuses `file_unreadable` and `bad_text`. */
export async function documentFrom(options: IssueOptions, more: object = {}): Promise<unknown> {
  if (typeof options.json === 'string') {
    const read = await readJson(options.json);
    assertStorable(read);
    return read;
  }
  if (options.customer === undefined || options.line === undefined)
    wrongUsage(
      'Say whom it is for and what: --customer CUST-00001 --line "Beans;2;9.50", or --json invoice.json.',
    );
  return defined({
    customer: options.customer,
    items: options.line,
    discounts: options.discount,
    taxes: options.tax,
    shipping: options.shipping,
    number: options.number,
    currency: options.currency,
    date: options.date,
    name: options.name,
    notes: options.notes,
    purchase_order: options.purchaseOrder,
    payment_terms: options.terms,
    ...more,
  });
}

async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return refuse('file_unreadable', { path: path === '-' ? 'stdin' : path, reason: 'it is not JSON' });
  }
}

function gatherLines(text: string, before: readonly object[] = []): readonly object[] {
  const [name, quantity, cost, ...rest] = text.split(';').map((part) => part.trim());
  if (!name || !quantity || !cost || rest.length > 0)
    throw new InvalidArgumentError('Write it as “name;quantity;unit cost”.');
  return [...before, { name, quantity, unit_cost: cost }];
}

function gatherRates(text: string, before: readonly object[] = []): readonly object[] {
  const [name, worth, ...rest] = text.split(';').map((part) => part.trim());
  if (!name || !worth || rest.length > 0)
    throw new InvalidArgumentError('Write it as “name;10.00” or “name;5%”.');
  const percent = /^(.+?)\s*%$/.exec(worth)?.[1];
  return [...before, percent === undefined ? { name, amount: worth } : { name, percent }];
}

function defined(values: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
