import type { Command } from 'commander';
import { sessionShape } from '#src/api/shapes.ts';
import { findCustomer } from '#src/customers/customers.ts';
import { endSessionsOf, type SessionRecord, sessionsOfCustomer } from '#src/signin/customer-sessions.ts';
import { withMerchant } from '../installation.ts';
import { examples, json, type JsonOption, listOptions, type ListOptions } from '../options.ts';
import { printJson, printJsonList, printTable, say, write } from '../output.ts';

export function setup(group: Command): void {
  const list = group
    .command('list')
    .description('List who is signed in for a customer, or could act for it')
    .argument('<tenant>')
    .argument('<customer>', 'number or id')
    .action(listAll);
  listOptions(examples(list, 'portal session list acme CUST-00001'));
  const end = group
    .command('end')
    .description('Sign everybody of a customer’s out; links that were sent work until they expire')
    .argument('<tenant>')
    .argument('<customer>', 'number or id')
    .action(endAll);
  json(examples(end, 'portal session end acme CUST-00001'));
}

async function listAll(
  username: string,
  customer: string,
  { json: asJson, limit }: ListOptions,
): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const { id } = await findCustomer(merchant, customer);
    const sessions = await sessionsOfCustomer(merchant, id, { limit });
    if (asJson) return printJsonList(sessions.map(sessionShape));
    const columns = [
      { title: 'signed in', value: (session: SessionRecord) => momentOf(session.createdAt) },
      { title: 'last seen', value: (session: SessionRecord) => momentOf(session.seenAt) },
      { title: 'by', value: (session: SessionRecord) => session.method.replace('_', ' ') },
      { title: 'who', most: 36, value: (session: SessionRecord) => session.email ?? 'the customer' },
      { title: 'from', value: (session: SessionRecord) => session.address },
      { title: 'browser', most: 40, value: (session: SessionRecord) => session.browser },
    ];
    printTable(sessions, columns, 'Nobody is signed in.');
  });
}

async function endAll(username: string, customer: string, { json: asJson }: JsonOption): Promise<void> {
  await withMerchant(username, async (merchant) => {
    const { id, number } = await findCustomer(merchant, customer);
    const ended = await endSessionsOf(merchant, id);
    if (asJson) return printJson({ object: 'session_end', customer: id, ended });
    write(`Sessions of ${number} ended: ${ended}.\n`);
    say('Links that were sent work until they expire. To end them too, run “portal magic-key rotate”.');
  });
}

/** `2026-11-30 22:41`, UTC. */
function momentOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}
