import type { Command } from 'commander';
import { failedJobShape } from '#src/api/shapes.ts';
import { type FailedItem, listFailed } from '#src/jobs/dead-letters.ts';
import { withMerchant } from '../installation.ts';
import { type JsonOption, type ListOptions, examples, json, listOptions } from '../options.ts';
import { type Column, printJson, printJsonList, printTable, say } from '../output.ts';

export function setup(group: Command): void {
  const list = group
    .command('list')
    .description('List what failed in the background: what is tried again, and what was given up')
    .argument('<tenant>')
    .action(listAll);
  listOptions(examples(list, 'portal job list acme'));
  const again = group
    .command('retry')
    .description('Let something that failed be tried again now')
    .argument('<tenant>')
    .argument('<job>', 'as the list shows it')
    .argument('<item>', 'as the list shows it, or “all” of that job')
    .action(retry);
  json(examples(again, 'portal job retry acme mail 17', 'portal job retry acme mail all'));
}

async function listAll(username: string, { json: asJson, limit }: ListOptions): Promise<void> {
  const failed = await withMerchant(username, (merchant) => listFailed(merchant, { limit }));
  if (asJson) return printJsonList(failed.map(failedJobShape));
  printTable(failed, COLUMNS, 'Nothing has failed.');
}

const COLUMNS: ReadonlyArray<Column<FailedItem>> = [
  { title: 'job', value: ({ name }) => name },
  { title: 'item', value: ({ item }) => item },
  { title: 'about', most: 40, value: ({ about }) => about },
  { title: 'state', value: ({ state }) => state },
  { title: 'tries', align: 'right', value: ({ tries }) => tries },
  { title: 'next try', value: ({ nextAt }) => nextAt && momentText(nextAt) },
  { title: 'why', value: ({ error }) => error },
];

async function retry(username: string, name: string, item: string, options: JsonOption): Promise<void> {
  const items = await withMerchant(username, async (merchant, app) => {
    const { retryJob } = await import('#src/work.ts');
    const failed = (await listFailed(merchant)).filter((one) => one.name === name);
    const chosen = item === 'all' ? failed.map((one) => one.item) : [item];
    for (const one of chosen) await retryJob(app, merchant, { name, item: one });
    return chosen;
  });
  if (options.json) return printJson({ job: name, items });
  if (items.length === 0) return say(`No ${name} has failed.`);
  say(
    `${items.length === 1 ? `${name} ${items[0]} is` : `${items.length} of ${name} are`} tried again in the next round of the background work.`,
  );
}

function momentText(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');
}
