import type { Command } from 'commander';
import { tenantShape } from '#src/api/shapes.ts';
import type { Tenant } from '#src/tenants/tenant.ts';
import { createTenant, findTenant, listTenants, type NewTenant } from '#src/tenants/tenants.ts';
import { withApp } from '../installation.ts';
import { printFacts, printJson, printJsonList, printTable } from '../output.ts';
import { type JsonOption, type ListOptions, examples, json, listOptions, oneOf } from '../options.ts';

type CreateOptions = Omit<NewTenant, 'username' | 'name'> & JsonOption;

export function setup(group: Command): void {
  const create = group
    .command('create')
    .description('Create a tenant and the key that its magic links are signed with')
    .argument('<username>', 'its name in addresses: acme in acme.portal.example')
    .argument('<name>', 'its name for people: "Acme GmbH"')
    .option('--currency <code>', 'ISO 4217 code for new customers', 'USD')
    .option('--time-zone <name>', 'IANA name; due dates are days in it', 'UTC')
    .option('--language <tag>', 'default language', 'en')
    .option('--country <code>', 'two capital letters')
    .addOption(oneOf('--mode <mode>', 'test tenants may use the test gateway', ['test', 'live'], 'test'))
    .option('--email <address>', 'where its customers write to')
    .option('--phone <number>')
    .option('--website <url>')
    .option('--tax-id <id>')
    .option('--address1 <text>')
    .option('--address2 <text>')
    .option('--city <text>')
    .option('--region <text>', 'state, province or county')
    .option('--postal-code <text>')
    .action((username: string, name: string, options: CreateOptions) => createOne(username, name, options));
  json(examples(create, 'portal tenant create acme "Acme GmbH" --currency EUR --time-zone Europe/Berlin'));
  const list = group.command('list').description('List the tenants').action(listAll);
  listOptions(examples(list, 'portal tenant list --json'));
  const show = group.command('show').description('Show a tenant').argument('<tenant>').action(showOne);
  json(examples(show, 'portal tenant show acme'));
}

async function createOne(username: string, name: string, options: CreateOptions): Promise<void> {
  const { json: asJson, ...details } = options;
  const tenant = await withApp((app) => createTenant(app.operator(), { username, name, ...details }));
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
