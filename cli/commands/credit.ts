import type { Command } from 'commander';
import { creditAdjustmentShape, creditShape } from '#src/api/document-shapes.ts';
import { findCustomer } from '#src/customers/customers.ts';
import { refuse } from '#src/kernel/errors.ts';
import { negate, parseMoney } from '#src/kernel/money.ts';
import {
  adjustCredit,
  type CreditMovement,
  creditMovements,
  type CustomerCredit,
  customerCredit,
} from '#src/payments/credit/credits.ts';
import { customerScope } from '#src/scope.ts';
import { shown } from '../document-text.ts';
import { wrongUsage } from '../errors.ts';
import { withMerchant } from '../installation.ts';
import { currencyCode, type JsonOption, examples, json } from '../options.ts';
import { printFacts, printJson, printTable, say, write } from '../output.ts';

const MOST_MOVEMENTS = 100;

interface AdjustOptions extends JsonOption {
  readonly add?: string;
  readonly take?: string;
  readonly currency?: string;
  readonly notes?: string;
  readonly key?: string;
}

export function setup(group: Command): void {
  const adjust = group
    .command('adjust')
    .description('Add to a customer’s credit balance, or take from it')
    .argument('<tenant>')
    .argument('<customer>', 'number or id')
    .option('--add <amount>', 'what the customer is given, for example 25.00')
    .option('--take <amount>', 'what is taken away; never a deposit, or what is on its way back')
    .option('--currency <code>', 'the customer’s without it', currencyCode)
    .option('--notes <text>', 'why; the customer reads it')
    .option('--key <key>', 'a key of your own: the same key never adds or takes twice')
    .action(adjustOne);
  json(examples(adjust, 'portal credit adjust acme CUST-00001 --add 25.00 --notes "For your patience"'));
  const show = group
    .command('show')
    .description('Show a customer’s credit, and where it came from and went')
    .argument('<tenant>')
    .argument('<customer>', 'number or id')
    .action(showOne);
  json(examples(show, 'portal credit show acme CUST-00001'));
}

async function adjustOne(username: string, customer: string, options: AdjustOptions): Promise<void> {
  const { add, take, notes, key } = options;
  if ((add === undefined) === (take === undefined)) wrongUsage('Give either --add or --take.');
  await withMerchant(username, async (merchant) => {
    const { id: customerId, currency } = await findCustomer(merchant, customer);
    const amount = parseMoney(add ?? take ?? '', options.currency ?? currency);
    if (amount.minor < 0) refuse('bad_amount', { value: add ?? take ?? '' });
    const adjusted = await adjustCredit(merchant, {
      customerId,
      amount: add === undefined ? negate(amount) : amount,
      notes,
      key,
    });
    if (options.json) return printJson(creditAdjustmentShape(adjusted, merchant.tenant));
    printFacts([
      ['Adjusted by', shown(adjusted.amount)],
      ['Balance', shown(adjusted.balance)],
    ]);
  });
}

async function showOne(username: string, customer: string, { json: asJson }: JsonOption): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const { id } = await findCustomer(merchant, customer);
    const scope = customerScope(merchant, id);
    const credits = await customerCredit(scope);
    const movements = await creditMovements(scope, MOST_MOVEMENTS);
    if (asJson) return printJson(creditShape(id, credits, movements, merchant.tenant));
    if (credits.length === 0) return say('There is no credit.');
    for (const credit of credits) printCredit(credit);
    printMovements(movements);
  });
}

function printCredit({ currency, usable, balance, held, returning, notes }: CustomerCredit): void {
  printFacts([
    ['Currency', currency],
    ['Available', shown(usable)],
    ['Balance', shown(balance)],
    ['Deposits', held.minor > 0 ? `${shown(held)}, kept for their invoices` : undefined],
    ['Going back', returning.minor > 0 ? `${shown(returning)}, to whoever paid it` : undefined],
    ...notes.map((note) => [note.number, shown(note.balance)] as const),
  ]);
  write('\n');
}

function printMovements(movements: readonly CreditMovement[]): void {
  const columns = [
    { title: 'date', value: (movement: CreditMovement) => movement.date },
    { title: 'what', value: (movement: CreditMovement) => movement.kind.replaceAll('_', ' ') },
    {
      title: 'documents',
      most: 50,
      value: ({ invoices, creditNotes }: CreditMovement) => [...invoices, ...creditNotes].join(', '),
    },
    { title: 'notes', most: 40, value: (movement: CreditMovement) => movement.notes },
    { title: 'amount', align: 'right' as const, value: (movement: CreditMovement) => shown(movement.amount) },
  ];
  printTable(movements, columns, 'Nothing has happened to it.');
}
