import type { Command } from 'commander';
import { balanceShape, customerShape } from '#src/api/shapes.ts';
import { type Customer, findCustomer, listCustomers } from '#src/customers/customers.ts';
import { type AccountBalance, accountBalances } from '#src/documents/account.ts';
import { formatMoney, isPositive } from '#src/kernel/money.ts';
import { type CustomerCredit, customerCredit } from '#src/payments/credit/credits.ts';
import { customerScope } from '#src/scope.ts';
import { withMerchant } from '../installation.ts';
import { type JsonOption, type ListOptions, examples, json, listOptions } from '../options.ts';
import { printFacts, printJson, printJsonList, printTable } from '../output.ts';

export function setup(group: Command): void {
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
  printTable(customers, columns, 'There are no customers yet. Bring some in with “portal import”.');
}

async function showOne(username: string, customer: string, { json: asJson }: JsonOption): Promise<void> {
  const { found, balances, creditIn } = await withMerchant(username, async (merchant) => {
    const one = await findCustomer(merchant, customer);
    const scope = customerScope(merchant, one.id);
    const credits = await customerCredit(scope);
    return {
      found: one,
      balances: await accountBalances(scope, one.currency),
      creditIn: (currency: string) => credits.find((credit) => credit.currency === currency),
    };
  });
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
    ...balances.map(
      (balance) => [`Open in ${balance.currency}`, openText(balance, creditIn(balance.currency))] as const,
    ),
  ]);
}

function openText({ due, pastDue, pending }: AccountBalance, credit: CustomerCredit | undefined): string {
  const parts = [
    [pastDue, 'of it past due'],
    [pending, 'being paid'],
    [credit?.usable, 'credit'],
    [credit?.held, 'of deposits'],
    [credit?.returning, 'going back'],
  ] as const;
  const said = parts.flatMap(([amount, what]) =>
    amount && isPositive(amount) ? [`${formatMoney(amount, 'en')} ${what}`] : [],
  );
  return [formatMoney(due, 'en'), ...said].join(', ');
}
