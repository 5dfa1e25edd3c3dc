import type { Command } from 'commander';
import { tenantShape } from '#src/api/shapes.ts';
import { prepareDatabase } from '#src/database.ts';
import type { Tenant } from '#src/tenants/tenant.ts';
import { changeMode } from '#src/payments/gateways/mode.ts';
import { createTenant, findTenant, listTenants, type NewTenant, updateTenant } from '#src/tenants/tenants.ts';
import { wrongUsage } from '../errors.ts';
import { withApp, withUnpreparedApp } from '../installation.ts';
import { printFacts, printJson, printJsonList, printTable, say } from '../output.ts';
import {
  addressOptions,
  changesOf,
  currencyCode,
  examples,
  json,
  type JsonOption,
  listOptions,
  type ListOptions,
  oneOf,
} from '../options.ts';

type CreateOptions = Omit<NewTenant, 'username' | 'name'> & JsonOption;
type SetOptions = Partial<NewTenant> & JsonOption;

export function setup(group: Command): void {
  const create = group
    .command('create')
    .description('Create a tenant and the key that its magic links are signed with')
    .argument('<username>', 'its name in addresses: acme in acme.portal.example')
    .argument('<name>', 'its name for people: "Acme GmbH"')
    .option('--currency <code>', 'ISO 4217 code for new customers', currencyCode, 'USD')
    .option('--time-zone <name>', 'IANA name; due dates are days in it', 'UTC')
    .option('--language <tag>', 'default language', 'en')
    .addOption(oneOf('--mode <mode>', 'test tenants may use the test gateway', ['test', 'live'], 'test'))
    .action((username: string, name: string, options: CreateOptions) => createOne(username, name, options));
  json(
    examples(
      reachOptions(create),
      'portal tenant create acme "Acme GmbH" --currency EUR --time-zone Europe/Berlin',
    ),
  );
  const set = group
    .command('set')
    .description('Change what a tenant is; what is not named stays, and "" empties what may be empty')
    .argument('<tenant>')
    .option('--username <username>', 'its name in addresses; links to the old one stop working')
    .option('--name <name>', 'its name for people')
    .option('--currency <code>', 'ISO 4217 code for new customers', currencyCode)
    .option('--time-zone <name>', 'IANA name; due dates are days in it')
    .option('--language <tag>', 'default language')
    .addOption(oneOf('--mode <mode>', 'as long as nothing was paid or saved in the other', ['test', 'live']))
    .action(setOne);
  json(
    examples(
      reachOptions(set),
      'portal tenant set acme --email billing@acme.example --website https://acme.example',
      'portal tenant set acme --mode live',
    ),
  );
  const list = group.command('list').description('List the tenants').action(listAll);
  listOptions(examples(list, 'portal tenant list --json'));
  const show = group.command('show').description('Show a tenant').argument('<tenant>').action(showOne);
  json(examples(show, 'portal tenant show acme'));
}

/** Adds the options that say where a tenant is, and how it is reached. */
function reachOptions(command: Command): Command {
  return addressOptions(
    command
      .option('--email <address>', 'where its customers write to')
      .option('--phone <number>')
      .option('--website <url>')
      .option('--tax-id <id>'),
  );
}

async function setOne(username: string, options: SetOptions): Promise<void> {
  const { json: asJson, mode, ...changes } = options;
  if (mode === undefined && Object.keys(changes).length === 0)
    wrongUsage('Name what is to change, for example --email billing@acme.example.');
  const tenant = await withApp(async (app) => {
    const operator = app.operator();
    const before = await findTenant(operator, username);
    const after = mode === undefined ? before : await changeMode(operator, before, mode);
    return Object.keys(changes).length === 0 ? after : updateTenant(operator, after, changesOf(changes));
  });
  if (tenant.username !== username)
    say(`Its portal is at ${tenant.origin} now. Links to the old address do not work.`);
  print(tenant, asJson);
}

async function createOne(username: string, name: string, options: CreateOptions): Promise<void> {
  const { json: asJson, ...details } = options;
  const tenant = await withUnpreparedApp(async (app) => {
    await prepareDatabase(app);
    return createTenant(app.operator(), { username, name, ...details });
  });
  print(tenant, asJson);
}

async function listAll({ json: asJson, limit }: ListOptions): Promise<void> {
  const tenants = (await withApp((app) => listTenants(app.operator()))).slice(0, limit);
  if (asJson) return printJsonList(tenants.map(tenantShape));
  const columns = [
    { title: 'tenant', value: (tenant: Tenant) => tenant.username },
    { title: 'name', most: 40, value: (tenant: Tenant) => tenant.name },
    { title: 'currency', value: (tenant: Tenant) => tenant.currency },
    { title: 'time zone', value: (tenant: Tenant) => tenant.timeZone },
    { title: 'mode', value: (tenant: Tenant) => tenant.mode },
    { title: 'address', value: (tenant: Tenant) => tenant.origin },
  ];
  printTable(tenants, columns, 'There are no tenants yet. Make one with “portal tenant create”.');
}

async function showOne(username: string, { json: asJson }: JsonOption): Promise<void> {
  print(await withApp((app) => findTenant(app.operator(), username)), asJson);
}

function print(tenant: Tenant, asJson: true | undefined): void {
  if (asJson) return printJson(tenantShape(tenant));
  printFacts([
    ['Tenant', tenant.username],
    ['Name', tenant.name],
    ['Portal', tenant.origin],
    ['Currency', tenant.currency],
    ['Time zone', tenant.timeZone],
    ['Language', tenant.language],
    ['Mode', tenant.mode],
    ['Address', tenant.addressLines.join(', ')],
    ['E-mail', tenant.email],
    ['Phone', tenant.phone],
    ['Website', tenant.website],
    ['Tax id', tenant.taxId],
  ]);
}
