import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { createApp, type App } from '#src/app.ts';
import { type Config, readConfigOver } from '#src/config.ts';
import { findCustomer } from '#src/customers/customers.ts';
import { migrateDatabase } from '#src/database.ts';
import { refuse } from '#src/kernel/errors.ts';
import { type Portal, startPortal } from '#src/server/portal.ts';
import { mintMagicLink } from '#src/signin/magic-links.ts';
import { findTenant, openMerchant } from '#src/tenants/tenants.ts';
import { examples } from '../options.ts';
import { write } from '../output.ts';
import { freePort, readPort } from '../ports.ts';
import { progressLine } from '../progress.ts';
import { DEMO_MERCHANTS, seedDemo } from '../seed/demo.ts';
import { untilStopped } from '../signals.ts';
import { urls } from '#src/portal/urls.ts';

interface DemoOptions {
  readonly fresh?: true;
  readonly port?: number;
}

/** A file in a demo's folder says that it may be wiped. */
const MARK = 'this-is-a-demo';
const DATA = './data/demo';
const LINK_SECONDS = 86_400;

const PEOPLE: ReadonlyArray<{ readonly tenant: string; readonly customer: string; readonly who: string }> = [
  {
    tenant: 'acme',
    customer: 'CUST-00001',
    who: 'Anna at Kaffeehaus Morgenrot: open, late and part-paid invoices',
  },
  { tenant: 'acme', customer: 'CUST-00011', who: 'Tomasz at Kantinenbetriebe Spreebogen: 130 invoices' },
  { tenant: 'globex', customer: 'C-1001', who: 'Maria at Harborline Freight: another merchant, in dollars' },
];

export function setup(command: Command): void {
  command
    .option('--fresh', 'start over: delete the data of the demo')
    .option('--port <port>', 'try this port first (default: PORTAL_PORT, else 4321)', readPort)
    .action(demo);
  examples(command, 'portal demo', 'portal demo --fresh');
}

async function demo({ fresh, port: asked }: DemoOptions): Promise<void> {
  const { config, wanted } = await configOf(asked);
  prepareFolder(config.dataDir, fresh ?? false);
  const stopped = untilStopped();
  const app = await createApp(config);
  try {
    await seed(app);
    const portal = await startPortal(app);
    write(await welcome(app, portal, config.port === wanted ? undefined : wanted));
    await stopped;
    await portal.close();
  } finally {
    await app.close();
  }
}

/** The demo has a folder, an address and a quiet log of its own unless the environment says otherwise. */
async function configOf(
  asked: number | undefined,
): Promise<{ readonly config: Config; readonly wanted: number }> {
  const defaults = { PORTAL_DATA: DATA, PORTAL_LOG: 'warn' };
  const { host, port: usual } = readConfigOver(defaults);
  const wanted = asked ?? usual;
  const port = await freePort(wanted, host);
  const config = readConfigOver({ ...defaults, PORTAL_BASE_URL: `http://localhost:${port}` });
  return { config: { ...config, port }, wanted };
}

/** Only a folder that a demo made is ever wiped, and only one that is empty becomes a demo's. */
function prepareFolder(folder: string, fresh: boolean): void {
  const there = existsSync(folder) ? readdirSync(folder) : [];
  const isOurs = there.includes(MARK);
  if (fresh && there.length > 0) {
    if (!isOurs || basename(resolve(folder)) === '') refuse('not_a_demo', { path: folder });
    for (const name of there) rmSync(join(folder, name), { recursive: true, force: true });
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (isOurs || fresh || there.length === 0) {
    writeFileSync(
      join(folder, MARK),
      'Data of “portal demo”. “portal demo --fresh” deletes everything in this folder.\n',
    );
  }
}

async function seed(app: App): Promise<void> {
  const line = progressLine();
  await migrateDatabase(app);
  await seedDemo(app.operator('demo'), (done) => line.show(`Adding demo data: ${done}`)).finally(line.clear);
}

async function welcome(app: App, { mailboxKey }: Portal, busyPort: number | undefined): Promise<string> {
  const operator = app.operator('demo');
  const lines: string[] = [''];
  if (busyPort !== undefined)
    lines.push(`Port ${busyPort} is in use, so this is at port ${app.config.port}.`, '');
  lines.push('The portal is ready:');
  for (const { username, name } of DEMO_MERCHANTS) {
    lines.push(`  ${(await findTenant(operator, username)).origin}   ${name}`);
  }
  lines.push('', 'Sign in as (each link works for a day):');
  for (const { tenant, customer, who } of PEOPLE) {
    const merchant = await openMerchant(operator, await findTenant(operator, tenant));
    const { id } = await findCustomer(merchant, customer);
    lines.push('', `  ${who}`, `  ${await mintMagicLink(merchant, id, { ttlSeconds: LINK_SECONDS })}`);
  }
  const first = await findTenant(operator, 'acme');
  lines.push(
    '',
    `Mail it sent: ${first.origin}${urls.mailbox(mailboxKey ?? '')}, or “${commandOf(app)} mail list acme” in another terminal.`,
    'Pay with card 4242 4242 4242 4242, any later date and any three digits.',
    'Press Ctrl+C to stop. “npm run demo -- --fresh” starts over.',
    '',
    '',
  );
  return lines.join('\n');
}

function commandOf({ config }: App): string {
  return `PORTAL_DATA=${config.dataDir} npx portal`;
}
