import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { checkDatabase } from '#db/check.ts';
import { createApp } from '#src/app.ts';
import { type Config, readConfig } from '#src/config.ts';
import { createCustomer } from '#src/customers/customers.ts';
import { migrateDatabase } from '#src/database.ts';
import { issueInvoices } from '#src/documents/issue.ts';
import { silentLog } from '#src/kernel/log.ts';
import { mintMagicLink } from '#src/signin/magic-links.ts';
import { createTenant, openMerchant } from '#src/tenants/tenants.ts';
import { workOnce } from '#src/work.ts';
import { movingClock } from '#test/support/house.ts';
import { freePort, Visitor } from '#test/support/portal.ts';
import { onTestFinished } from 'vitest';
import { Customer, type Town } from './customer.ts';

const COMMAND = fileURLToPath(new URL('../../cli/portal.ts', import.meta.url));

/** The real command in a process of its own, over a folder that outlives it. */
export interface Installation {
  readonly dataDir: string;
  readonly config: Config;
  readonly environment: Record<string, string>;
}

/** Whole numbers below `limit`, the same for the same seed (mulberry32). */
export type Dice = (limit: number) => number;

export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** An empty folder and a port of its own. Both are gone when the test ends. */
export async function install(): Promise<Installation> {
  const dataDir = mkdtempSync(join(tmpdir(), 'portal-drill-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const environment = {
    PORTAL_DATA: dataDir,
    PORTAL_SECRET: 'a secret of the drill, long enough for it',
    PORTAL_BASE_URL: `http://localhost:${await freePort()}`,
    PORTAL_HOST: '127.0.0.1',
    PORTAL_LOG: 'error',
  };
  return { dataDir, environment, config: readConfig(environment) };
}

/** One tenant with `count` customers, each with `each` invoices of different amounts. Answers the customers with their sign-in links. */
export async function settleTown(
  { config }: Installation,
  town: Town,
  count: number,
  each: number,
): Promise<Customer[]> {
  const app = await createApp(config, { log: silentLog });
  await migrateDatabase(app);
  const place = { currency: 'EUR', timeZone: 'Europe/Berlin', country: 'DE' };
  const tenant = await createTenant(app.operator(), { username: 'acme', name: 'Acme Ltd', ...place });
  const merchant = await openMerchant(app.operator(), tenant);
  const people: Customer[] = [];
  for (let i = 0; i < count; i++) {
    const email = `customer${i}@example.com`;
    const customer = await createCustomer(merchant, { name: `Customer ${i}`, email });
    const lines = Array.from({ length: each }, (_, j) => 100 + i * 1000 + j * 7);
    const issued = await issueInvoices(
      merchant,
      lines.map((minor) => ({
        customerId: customer.id,
        currency: 'EUR',
        date: '2026-11-10',
        dueDate: '2026-11-24',
        lines: [{ name: 'Paper', unitCost: '0', amountMinor: minor }],
      })),
    );
    const link = new URL(await mintMagicLink(merchant, customer.id, { ttlSeconds: 600 }));
    const visitor = new Visitor(merchant.tenant.origin, config.port);
    people.push(
      new Customer(
        town,
        visitor,
        link.pathname,
        issued.map(({ clientId }) => clientId),
      ),
    );
  }
  await app.close();
  return people;
}

/** Starts `portal serve` and answers when it serves a request. */
export async function serve({ environment, config }: Installation): Promise<ChildProcess> {
  const child = spawn(process.execPath, [COMMAND, 'serve'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_COMPILE_CACHE: `${environment['PORTAL_DATA']}/cache`,
      ...environment,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const probe = new Visitor(`http://acme.localhost:${config.port}`, config.port);
  for (let tries = 0; tries < 2000; tries++) {
    if (child.exitCode !== null) throw new Error(`portal serve ended with ${child.exitCode}`);
    const answer = await probe.get('/login').catch(() => undefined);
    if (answer?.status === 200) return child;
    await sleep(10);
  }
  child.kill('SIGKILL');
  throw new Error('portal serve does not answer');
}

/** Ends a process and answers when it is gone. */
export async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

/**
 * Lets time pass, without a process that serves, until nothing waits for an answer of the gateway; then asks the product's own check of the
 * books. Answers what that check has to say.
 */
export async function letItSettle({ config }: Installation): Promise<string[]> {
  const clock = movingClock(Temporal.Now.instant().toString());
  const app = await createApp(config, { clock, log: silentLog });
  try {
    for (let round = 0; round < 8; round++) {
      clock.move(11 * 60_000);
      await workOnce(app);
    }
    const results = await checkDatabase(app.ports.store);
    return results.flatMap(({ name, violations }) => violations.map((text) => `${name}: ${text}`));
  } finally {
    await app.close();
  }
}
