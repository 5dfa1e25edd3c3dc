import { type Command, InvalidArgumentError } from 'commander';
import { findCustomer } from '#src/customers/customers.ts';
import { parseDuration } from '#src/kernel/time.ts';
import { mintMagicLink } from '#src/signin/magic-links.ts';
import { isPageId, PAGE_IDS } from '#src/portal/page-ids.ts';
import { withMerchant } from '../installation.ts';
import { examples } from '../options.ts';
import { write } from '../output.ts';

const PAGES = `${PAGE_IDS.join(', ')}, or that of a document, such as invoices/{client id}`;

interface LinkOptions {
  readonly to?: string;
  readonly ttl: string;
  readonly once?: true;
}

export function setup(command: Command): void {
  command
    .argument('<tenant>')
    .argument('<customer>', 'number or id')
    .option('--to <page>', `the page it leads to after signing in: ${PAGES}`, pageId)
    .option('--ttl <duration>', 'how long it works: 30m, 1h, 7d', '1h')
    .option('--once', 'it works only once')
    .action(printLink);
  examples(command, 'portal magic-link acme CUST-00001', 'portal magic-link acme 7 --to invoices --ttl 15m');
}

async function printLink(username: string, customer: string, { to, ttl, once }: LinkOptions): Promise<void> {
  const ttlSeconds = parseDuration(ttl);
  const link = await withMerchant(username, async (merchant) => {
    const { id } = await findCustomer(merchant, customer);
    return mintMagicLink(merchant, id, { ttlSeconds, redirectTo: to, singleUse: once });
  });
  write(`${link}\n`);
}

function pageId(text: string): string {
  if (!isPageId(text)) throw new InvalidArgumentError(`It must be one of ${PAGES}.`);
  return text;
}
