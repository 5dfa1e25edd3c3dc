import type { Command } from 'commander';
import { settingShape } from '#src/api/shapes.ts';
import {
  getSetting,
  listSettings,
  resetSetting,
  type SettingEntry,
  setSetting,
} from '#src/tenants/settings.ts';
import type { MerchantScope } from '#src/scope.ts';
import { withMerchant } from '../installation.ts';
import { type JsonOption, type ListOptions, examples, json, listOptions } from '../options.ts';
import { printJson, printJsonList, printTable, say, write } from '../output.ts';

export function setup(group: Command): void {
  const list = group
    .command('list')
    .description('List every setting with its value and what it means')
    .argument('<tenant>')
    .action(listAll);
  listOptions(examples(list, 'portal settings list acme'));
  const get = group
    .command('get')
    .description('Print the value of a setting')
    .argument('<tenant>')
    .argument('<setting>')
    .action((username: string, name: string, options: JsonOption) =>
      print(username, options, (merchant) => getSetting(merchant, name)),
    );
  json(examples(get, 'portal settings get acme brand.accent'));
  const set = group
    .command('set')
    .description('Change a setting')
    .argument('<tenant>')
    .argument('<setting>')
    .argument('<value>')
    .action((username: string, name: string, value: string, options: JsonOption) =>
      print(username, options, (merchant) => setSetting(merchant, name, value)),
    );
  json(examples(set, "portal settings set acme brand.accent '#7c3aed'"));
  const reset = group
    .command('reset')
    .description('Go back to the value that a setting has by itself')
    .argument('<tenant>')
    .argument('<setting>')
    .action((username: string, name: string, options: JsonOption) =>
      print(username, options, (merchant) => resetSetting(merchant, name)),
    );
  json(examples(reset, 'portal settings reset acme brand.accent'));
}

async function listAll(username: string, { json: asJson, limit }: ListOptions): Promise<void> {
  const entries = (await withMerchant(username, listSettings)).slice(0, limit);
  if (asJson) return printJsonList(entries.map(settingShape));
  const columns = [
    { title: 'setting', value: (entry: SettingEntry) => entry.name },
    { title: 'value', most: 30, value: (entry: SettingEntry) => String(entry.value) },
    { title: '', value: (entry: SettingEntry) => (entry.isSet ? 'set' : 'default') },
    { title: 'meaning', value: (entry: SettingEntry) => entry.description },
  ];
  printTable(entries, columns, 'There are no settings.');
}

async function print(
  username: string,
  { json: asJson }: JsonOption,
  work: (merchant: MerchantScope) => Promise<SettingEntry>,
): Promise<void> {
  const entry = await withMerchant(username, work);
  if (asJson) return printJson(settingShape(entry));
  write(`${entry.value}\n`);
  if (entry.value === '') say(`${entry.name} is empty.`);
}
