import { type Command, InvalidArgumentError } from 'commander';
import { balanceShape, customerShape } from '#src/api/shapes.ts';
import {
  createCustomer,
  type Customer,
  findCustomer,
  listCustomers,
  type NewCustomer,
} from '#src/customers/customers.ts';
import { type CustomerChanges, updateCustomer } from '#src/customers/changes.ts';
import type { PayingTerms } from '#src/customers/paying-terms.ts';
import { accountBalances } from '#src/documents/account.ts';
import { customerCredit } from '#src/payments/credit/credits.ts';
import { customerScope, type MerchantScope } from '#src/scope.ts';
import { closeCustomer, reopenCustomer } from '#src/signin/closing.ts';
import { openText, waysText } from '../document-text.ts';
import { wrongUsage } from '../errors.ts';
import { withMerchant } from '../installation.ts';
import {
  addressOptions,
  changesOf,
  currencyCode,
  disableMethods,
  examples,
  json,
  type JsonOption,
  listOptions,
  type ListOptions,
  oneOf,
} from '../options.ts';
import { printFacts, printJson, printJsonList, printTable, say } from '../output.ts';

interface PayingOptions extends JsonOption {
  readonly disableMethods?: readonly string[];
  readonly autopayDelayDays?: number | 'default';
}

interface SharedOptions extends PayingOptions {
  readonly parent?: string;
}

type CreateOptions = Omit<NewCustomer, 'name' | 'metadata' | 'parentId' | keyof PayingTerms> & SharedOptions;
type SetOptions = Omit<CustomerChanges, 'parentId' | keyof PayingTerms> & SharedOptions;

export function setup(group: Command): void {
  setUpCreate(group);
  const list = group
    .command('list')
    .description('List the customers of a tenant')
    .argument('<tenant>')
    .action(listAll);
  listOptions(examples(list, 'portal customer list acme', 'portal customer list acme --json --limit 10'));
  const show = group
    .command('show')
    .description('Show a customer with what is open')
    .argument('<tenant>')
    .argument('<customer>', 'number or id')
    .action(showOne);
  json(examples(show, 'portal customer show acme CUST-00001'));
  setUpSet(group);
  setUpClosing(group);
}

function setUpSet(group: Command): void {
  const set = group
    .command('set')
    .description('Change a customer; what is not named stays, and "" empties what may be empty')
    .argument('<tenant>')
    .argument('<customer>', 'number or id')
    .option('--name <name>')
    .option('--number <number>', 'the tenant’s own number for it')
    .option('--parent <customer>', 'number or id of the customer that it belongs to')
    .option(
      '--metadata <name=value>',
      'an entry of your own; several times, "name=" takes one out',
      readEntry,
    )
    .action(setOne);
  json(
    examples(
      payingOptions(detailOptions(set)),
      'portal customer set acme CUST-00001 --email petra@mueller.example --phone ""',
      'portal customer set acme CUST-00001 --disable-methods credit_card,check --autopay-delay-days 5',
      'portal customer set acme CUST-00001 --disable-methods none --autopay-delay-days default',
    ),
  );
}

function setUpClosing(group: Command): void {
  const close = group
    .command('close')
    .description('Close a customer: nobody signs in for it, and it is billed no more. The books stay')
    .argument('<tenant>')
    .argument('<customer>', 'number or id')
    .action(closeOne);
  json(examples(close, 'portal customer close acme CUST-00001'));
  const reopen = group
    .command('reopen')
    .description('Open a closed customer again')
    .argument('<tenant>')
    .argument('<customer>', 'number or id')
    .action(reopenOne);
  json(examples(reopen, 'portal customer reopen acme CUST-00001'));
}

function setUpCreate(group: Command): void {
  const create = group
    .command('create')
    .description('Create a customer')
    .argument('<tenant>')
    .argument('<name>')
    .option('--number <number>', 'given by the tenant’s numbering without it')
    .option('--parent <customer>', 'number or id of the customer that it belongs to')
    .action(createOne);
  json(
    examples(
      payingOptions(detailOptions(create)),
      'portal customer create acme "Müller GmbH" --email petra@mueller.example --country DE',
    ),
  );
}

/** Adds the options that say who a customer is, and how they are reached. */
function detailOptions(command: Command): Command {
  return addressOptions(
    command
      .addOption(oneOf('--type <type>', 'what the name is of (default company)', ['company', 'person']))
      .option('--attention-to <name>')
      .option('--email <address>', 'where letters go, and what signs in')
      .option('--phone <number>')
      .option('--currency <code>', 'the tenant’s without it', currencyCode)
      .option('--language <tag>', 'the tenant’s without it'),
  )
    .option('--tax-id <id>')
    .option('--taxable <answer>', 'yes or no (default yes)', readAnswer)
    .option('--payment-terms <text>', 'of new invoices')
    .option('--notes <text>', 'for yourself');
}

/** Adds the options that say how a customer pays. */
function payingOptions(command: Command): Command {
  return disableMethods(command, 'the customer').option(
    '--autopay-delay-days <days>',
    'days after the due day on which AutoPay collects; default for what the tenant’s setting has',
    readDelay,
  );
}

async function createOne(username: string, name: string, options: CreateOptions): Promise<void> {
  const { json: asJson, disableMethods: _methods, autopayDelayDays: _days, parent, ...details } = options;
  await withMerchant(username, async (merchant) => {
    const parentId = parent ? (await findCustomer(merchant, parent)).id : undefined;
    const { number } = await createCustomer(merchant, { ...details, parentId, name, ...termsOf(options) });
    await tell(merchant, number, asJson);
  });
}

async function setOne(username: string, customer: string, options: SetOptions): Promise<void> {
  const {
    json: asJson,
    parent,
    metadata,
    disableMethods: _methods,
    autopayDelayDays: _days,
    ...details
  } = options;
  const terms = termsOf(options);
  const named = [parent, metadata, ...Object.values(details), ...Object.values(terms)];
  if (named.every((value) => value === undefined))
    wrongUsage('Name what is to change, for example --email petra@mueller.example.');
  await withMerchant(username, async (merchant) => {
    const { id } = await findCustomer(merchant, customer);
    const parentId =
      parent === undefined ? undefined : parent === '' ? null : (await findCustomer(merchant, parent)).id;
    const changed = await updateCustomer(merchant, id, {
      ...changesOf(details),
      metadata,
      parentId,
      ...terms,
    });
    await tell(merchant, changed.number, asJson);
  });
}

async function closeOne(username: string, customer: string, options: JsonOption): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const { id, number } = await findCustomer(merchant, customer);
    const ended = await closeCustomer(merchant, id);
    if (!options.json) say(`Customer ${number} is closed. Sessions ended: ${ended}.`);
    await tell(merchant, number, options.json);
  });
}

async function reopenOne(username: string, customer: string, options: JsonOption): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const { id, number } = await findCustomer(merchant, customer);
    await reopenCustomer(merchant, id);
    await tell(merchant, number, options.json);
  });
}

async function listAll(username: string, { json: asJson, limit }: ListOptions): Promise<void> {
  const customers = await withMerchant(username, (merchant) => listCustomers(merchant, { limit }));
  if (asJson) return printJsonList(customers.map(customerShape));
  const columns = [
    { title: 'id', align: 'right' as const, value: (customer: Customer) => customer.id },
    { title: 'number', value: (customer: Customer) => customer.number },
    { title: 'name', most: 44, value: (customer: Customer) => customer.name },
    { title: 'e-mail', most: 36, value: (customer: Customer) => customer.email },
    { title: 'currency', value: (customer: Customer) => customer.currency },
  ];
  const none =
    'There are no customers yet. Bring some in with “portal import”, or one with “portal customer create”.';
  printTable(customers, columns, none);
}

async function showOne(username: string, customer: string, options: JsonOption): Promise<void> {
  await withMerchant(username, (merchant) => tell(merchant, customer, options.json));
}

async function tell(merchant: MerchantScope, customer: string, asJson: true | undefined): Promise<void> {
  const found = await findCustomer(merchant, customer);
  const scope = customerScope(merchant, found.id);
  const credits = await customerCredit(scope);
  const balances = await accountBalances(scope, found.currency);
  const creditIn = (currency: string) => credits.find((credit) => credit.currency === currency);
  if (asJson) {
    const shapes = balances.map((balance) => balanceShape(balance, creditIn(balance.currency)));
    return printJson({ ...customerShape(found), balances: shapes });
  }
  printFacts([
    ['Number', found.number],
    ['Id', found.id],
    ['Name', found.name],
    ['Attention', found.attentionTo],
    ['E-mail', found.email],
    ['Phone', found.phone],
    ['Address', found.addressLines.join(', ')],
    ['Tax id', found.taxId],
    ['Terms', found.paymentTerms],
    ['Language', found.language],
    ['Closed', found.isClosed ? 'yes: it signs in nowhere and is billed no more' : undefined],
    ['Not by', waysText(found.disabledMethods)],
    ['AutoPay', delayText(found)],
    ...balances.map(
      (balance) => [`Open in ${balance.currency}`, openText(balance, creditIn(balance.currency))] as const,
    ),
  ]);
}

function delayText({ autopayDelayDays: days }: Customer): string | undefined {
  if (days === undefined) return undefined;
  if (days === 0) return 'collects on the due day';
  return `collects ${days} ${days === 1 ? 'day' : 'days'} after the due day`;
}

function termsOf({ disableMethods: disabledMethods, autopayDelayDays: days }: PayingOptions): PayingTerms {
  return { disabledMethods, autopayDelayDays: days === 'default' ? null : days };
}

/** A number of days that AutoPay cannot wait is refused where it is kept. */
function readDelay(text: string): number | 'default' {
  if (text === 'default') return text;
  if (!/^-?\d{1,9}$/.test(text))
    throw new InvalidArgumentError('It must be a whole number of days, or “default”.');
  return Number(text);
}

function readAnswer(text: string): boolean {
  if (text !== 'yes' && text !== 'no') throw new InvalidArgumentError('It must be yes or no.');
  return text === 'yes';
}

function readEntry(
  text: string,
  before: Readonly<Record<string, string | null>> = {},
): Readonly<Record<string, string | null>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Write it as name=value.');
  const value = text.slice(at + 1);
  return { ...before, [text.slice(0, at)]: value === '' ? null : value };
}
