import type { Command } from 'commander';
import { contactShape } from '#src/api/shapes.ts';
import {
  type Contact,
  type ContactRole,
  createContact,
  findContact,
  listAllContacts,
  listContacts,
  removeContact,
  updateContact,
} from '#src/customers/contacts.ts';
import { findCustomer } from '#src/customers/customers.ts';
import { customerScope } from '#src/scope.ts';
import { wrongUsage } from '../errors.ts';
import { withMerchant } from '../installation.ts';
import {
  changesOf,
  examples,
  json,
  type JsonOption,
  listOptions,
  type ListOptions,
  oneOf,
} from '../options.ts';
import { printFacts, printJson, printJsonList, printTable, write } from '../output.ts';

const ROLES: readonly ContactRole[] = ['owner', 'payer', 'viewer'];

interface DetailOptions extends JsonOption {
  readonly email?: string;
  readonly phone?: string;
  readonly title?: string;
  readonly role?: ContactRole;
}

interface SetOptions extends DetailOptions {
  readonly name?: string;
}

export function setup(group: Command): void {
  const list = group
    .command('list')
    .description('List the people of a tenant’s customers, or of one customer')
    .argument('<tenant>')
    .argument('[customer]', 'number or id')
    .action(listAll);
  listOptions(examples(list, 'portal contact list acme', 'portal contact list acme CUST-00001'));
  const add = group
    .command('add')
    .description('Add a person of a customer’s; with an e-mail address they can sign in')
    .argument('<tenant>')
    .argument('<customer>', 'number or id')
    .argument('<name>')
    .action(addOne);
  json(
    examples(
      detailOptions(add),
      'portal contact add acme CUST-00001 "Vera Klein" --email vera@mueller.example --role viewer',
    ),
  );
  const set = group
    .command('set')
    .description('Change a contact; what is not named stays, and "" empties what may be empty')
    .argument('<tenant>')
    .argument('<contact>', 'id, or e-mail address')
    .option('--name <name>')
    .action(setOne);
  json(examples(detailOptions(set), 'portal contact set acme vera@mueller.example --role payer'));
  const remove = group
    .command('remove')
    .description('Remove a contact, who signs in for the customer no more')
    .argument('<tenant>')
    .argument('<contact>', 'id, or e-mail address')
    .action(removeOne);
  json(examples(remove, 'portal contact remove acme vera@mueller.example'));
}

function detailOptions(command: Command): Command {
  return command
    .option('--email <address>', 'what signs in, and where letters go')
    .option('--phone <number>')
    .option('--title <text>', 'what they are there')
    .addOption(
      oneOf('--role <role>', 'owners do everything, payers see and pay, viewers see (default payer)', ROLES),
    );
}

async function listAll(
  username: string,
  customer: string | undefined,
  { json: asJson, limit }: ListOptions,
): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const found =
      customer === undefined
        ? await listAllContacts(merchant)
        : await listContacts(customerScope(merchant, (await findCustomer(merchant, customer)).id));
    const contacts = found.slice(0, limit);
    if (asJson) return printJsonList(contacts.map(contactShape));
    const columns = [
      { title: 'id', align: 'right' as const, value: (contact: Contact) => contact.id },
      { title: 'customer', align: 'right' as const, value: (contact: Contact) => contact.customerId },
      { title: 'name', most: 36, value: (contact: Contact) => contact.name },
      { title: 'e-mail', most: 40, value: (contact: Contact) => contact.email },
      { title: 'role', value: (contact: Contact) => contact.role },
    ];
    printTable(contacts, columns, 'There are no contacts. Add one with “portal contact add”.');
  });
}

async function addOne(
  username: string,
  customer: string,
  name: string,
  options: DetailOptions,
): Promise<void> {
  const { json: asJson, ...details } = options;
  await withMerchant(username, async (merchant) => {
    const { id: customerId } = await findCustomer(merchant, customer);
    print(await createContact(merchant, { customerId, name, ...details }), asJson);
  });
}

async function setOne(username: string, contact: string, options: SetOptions): Promise<void> {
  const { json: asJson, ...changes } = options;
  if (Object.keys(changes).length === 0) wrongUsage('Name what is to change, for example --role viewer.');
  await withMerchant(username, async (merchant) => {
    const { id } = await findContact(merchant, contact);
    print(await updateContact(merchant, id, changesOf(changes)), asJson);
  });
}

async function removeOne(username: string, contact: string, { json: asJson }: JsonOption): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const found = await findContact(merchant, contact);
    await removeContact(merchant, found.id);
    if (asJson) return printJson({ ...contactShape(found), removed: true });
    write(`${found.name} is no contact any more.\n`);
  });
}

function print(contact: Contact, asJson: true | undefined): void {
  if (asJson) return printJson(contactShape(contact));
  printFacts([
    ['Id', contact.id],
    ['Customer', contact.customerId],
    ['Name', contact.name],
    ['Title', contact.title],
    ['E-mail', contact.email],
    ['Phone', contact.phone],
    ['Role', contact.role],
  ]);
}
