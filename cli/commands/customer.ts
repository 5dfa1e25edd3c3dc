import { type Command, InvalidArgumentError } from 'commander';
import { balanceShape, customerShape } from '#src/api/shapes.ts';
import {
  createCustomer,
  type Customer,
  findCustomer,
  listCustomers,
  type NewCustomer,
} from '#src/customers/customers.ts';
import { type PayingTerms, setPayingTerms } from '#src/customers/paying-terms.ts';
import { type AccountBalance, accountBalances } from '#src/documents/account.ts';
import { refuse } from '#src/kernel/errors.ts';
import { add, formatMoney, isPositive } from '#src/kernel/money.ts';
import { type CustomerCredit, customerCredit } from '#src/payments/credit/credits.ts';
import { customerScope, type MerchantScope } from '#src/scope.ts';
import { waysText } from '../document-text.ts';
import { withMerchant } from '../installation.ts';
import {
  type JsonOption,
  type ListOptions,
  disableMethods,
  examples,
  json,
  listOptions,
  oneOf,
} from '../options.ts';
import { printFacts, printJson, printJsonList, printTable } from '../output.ts';

interface PayingOptions extends JsonOption {
  readonly disableMethods?: readonly string[];
  readonly autopayDelayDays?: number | 'default';
}

type CreateOptions = Omit<NewCustomer, 'name' | 'metadata' | keyof PayingTerms> & PayingOptions;

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
  const set = group
    .command('set')
    .description('Change how a customer may pay, and when AutoPay collects from them')
    .argument('<tenant>')
    .argument('<customer>', 'number or id')
    .action(setOne);
  json(
    examples(
      payingOptions(set),
      'portal customer set acme CUST-00001 --disable-methods credit_card,check --autopay-delay-days 5',
      'portal customer set acme CUST-00001 --disable-methods none --autopay-delay-days default',
    ),
  );
}

function setUpCreate(group: Command): void {
  const create = group
    .command('create')
    .description('Create a customer')
    .argument('<tenant>')
    .argument('<name>')
    .option('--number <number>', 'given by the tenant’s numbering without it')
    .addOption(oneOf('--type <type>', 'what the name is of', ['company', 'person'], 'company'))
    .option('--attention-to <name>')
    .option('--email <address>', 'where letters go, and what signs in')
    .option('--phone <number>')
    .option('--currency <code>', 'the tenant’s without it', (code) => code.toUpperCase())
    .option('--language <tag>', 'the tenant’s without it')
    .option('--address1 <text>')
    .option('--address2 <text>')
    .option('--city <text>')
    .option('--region <text>', 'state, province or county')
    .option('--postal-code <text>')
    .option('--country <code>', 'two letters', readCountry)
    .option('--tax-id <id>')
    .option('--payment-terms <text>', 'of new invoices')
    .option('--notes <text>', 'for yourself')
    .action(createOne);
  json(
    examples(
      payingOptions(create),
      'portal customer create acme "Müller GmbH" --email petra@mueller.example --country DE',
    ),
  );
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
  const { json: asJson, disableMethods: _methods, autopayDelayDays: _days, ...details } = options;
  await withMerchant(username, async (merchant) => {
    const { number } = await createCustomer(merchant, { ...details, name, ...termsOf(options) });
    await tell(merchant, number, asJson);
  });
}

async function setOne(username: string, customer: string, options: PayingOptions): Promise<void> {
  const terms = termsOf(options);
  if (Object.values(terms).every((term) => term === undefined))
    refuse('bad_input', { options: 'give --disable-methods, --autopay-delay-days or both' });
  await withMerchant(username, async (merchant) => {
    const { id, number } = await findCustomer(merchant, customer);
    await setPayingTerms(merchant, id, terms);
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

function readCountry(text: string): string {
  if (!/^[A-Za-z]{2}$/.test(text))
    throw new InvalidArgumentError('It must be two letters (ISO 3166), for example DE.');
  return text.toUpperCase();
}

function openText(
  { due, later, pastDue, pending }: AccountBalance,
  credit: CustomerCredit | undefined,
): string {
  const parts = [
    [pastDue, 'of it past due'],
    [later, 'of it in later instalments'],
    [pending, 'being paid'],
    [credit?.usable, 'credit'],
    [credit?.held, 'of deposits'],
    [credit?.returning, 'going back'],
  ] as const;
  const said = parts.flatMap(([amount, what]) =>
    amount && isPositive(amount) ? [`${formatMoney(amount, 'en')} ${what}`] : [],
  );
  return [formatMoney(add(due, later), 'en'), ...said].join(', ');
}
