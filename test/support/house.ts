import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '#db/migrate.ts';
import { openStore } from '#db/open.ts';
import type { Engine } from '#db/migrations/migration.ts';
import { testGateway, type TestGatewayOptions } from '#src/adapters/test-gateway.ts';
import { type App, createApp } from '#src/app.ts';
import { type Config, readConfig } from '#src/config.ts';
import { createCustomer } from '#src/customers/customers.ts';
import { issueInvoice } from '#src/documents/issue.ts';
import { silentLog } from '#src/kernel/log.ts';
import { type Clock, systemClock } from '#src/kernel/time.ts';
import { offline } from '#src/adapters/offline.ts';
import type { CardDetails, Gateway, Source } from '#src/payments/gateways/gateway.ts';
import { customerScope, type CustomerScope, type MerchantScope } from '#src/scope.ts';
import { createTenant, findTenantById, openMerchant } from '#src/tenants/tenants.ts';
import { clockOf } from '#src/tenants/test-clock.ts';
import { onTestFinished } from 'vitest';
import { dropDatabase, freshDatabase } from './postgres.ts';

/** Both engines, for `describe.each`: the same promise holds on each. */
export const ENGINES: readonly Engine[] = ['sqlite', 'postgres'];

export const WORKING_CARD: CardDetails = {
  number: '4242424242424242',
  expMonth: 12,
  expYear: 2030,
  cvc: '123',
  holder: 'Petra Müller',
};

/** A card as a form sends it: one that works, unless another number is given. */
export function cardSource(number = WORKING_CARD.number): Extract<Source, { kind: 'card' }> {
  return { kind: 'card', card: { ...WORKING_CARD, number } };
}

/** A clock that stands still until it is moved. */
export interface MovingClock extends Clock {
  move(milliseconds: number): void;
}

export interface House {
  readonly app: App;
  readonly config: Config;
  readonly clock: MovingClock;
  readonly gateway: ReturnType<typeof testGateway>;
  /** A tenant of its own, in test mode, EUR and Europe/Berlin unless told otherwise. */
  tenant(username?: string): Promise<MerchantScope>;
  /** Takes it down before the test ends; otherwise that is done then. */
  end(): Promise<void>;
}

export interface HouseOptions extends Partial<TestGatewayOptions> {
  readonly baseUrl?: string | undefined;
  /** Runs on the machine's time: for real browsers, whose cookies and sessions live in it. */
  readonly realClock?: boolean | undefined;
  /** Keeps the test gateway's book where the `portal` command does, so that both work with the same gateway. */
  readonly sharedBook?: boolean | undefined;
  /** Another gateway beside the test gateway. */
  readonly stripe?: Gateway | undefined;
}

/** An installation of its own in a temporary folder, with a fresh migrated database; everything is gone when the test ends. */
export async function openHouse(engine: Engine = 'sqlite', options: HouseOptions = {}): Promise<House> {
  const dataDir = mkdtempSync(join(tmpdir(), 'portal-test-'));
  const url = engine === 'postgres' ? await freshDatabase('portal', migrateUrl) : undefined;
  if (engine === 'sqlite') copyFileSync(await migratedFile(), join(dataDir, 'portal.db'));
  const clock = movingClock(options.realClock ? systemClock.now().toString() : '2026-11-23T10:00:00Z');
  const gateway = testGateway({
    book: options.sharedBook ? join(dataDir, 'test-gateway.db') : ':memory:',
    now: () => clock.now().epochMilliseconds,
    timeOf: async (tenantId) => {
      const operator = app.operator();
      return clockOf(operator, await findTenantById(operator, tenantId));
    },
    ...(options.fault ? { fault: options.fault } : {}),
  });
  const config = readConfig({
    PORTAL_DATA: dataDir,
    PORTAL_SECRET: 'a secret of the tests, long enough',
    PORTAL_DATABASE_URL: url,
    PORTAL_BASE_URL: options.baseUrl,
    PORTAL_LOG: 'silent',
  });
  const gateways = { test: gateway, offline, ...(options.stripe ? { stripe: options.stripe } : {}) };
  const app = await createApp(config, { clock, gateways, log: silentLog });
  let ended: Promise<void> | undefined;
  const end = (): Promise<void> => (ended ??= takeDown());
  const takeDown = async (): Promise<void> => {
    await app.close();
    gateway.shut();
    if (url !== undefined) await dropDatabase(url);
    rmSync(dataDir, { recursive: true, force: true });
  };
  onTestFinished(end);
  const tenant = async (username = 'acme'): Promise<MerchantScope> => {
    const place = { currency: 'EUR', timeZone: 'Europe/Berlin', country: 'DE' };
    return openMerchant(
      app.operator(),
      await createTenant(app.operator(), { username, name: `${username} Ltd`, ...place }),
    );
  };
  return { app, config, clock, gateway, tenant, end };
}

export function movingClock(start: string): MovingClock {
  let now = Temporal.Instant.from(start);
  return { now: () => now, move: (milliseconds) => void (now = now.add({ milliseconds })) };
}

/** A customer of the tenant with invoices of the given amounts (minor units), due in 14 days. */
export async function customerWithInvoices(
  merchant: MerchantScope,
  amounts: readonly number[],
  name = 'Müller & Söhne GmbH',
): Promise<{
  scope: CustomerScope;
  invoices: Array<{ id: number; clientId: string; number: string; minor: number }>;
}> {
  const customer = await createCustomer(merchant, { name, email: 'petra@mueller.example' });
  const invoices = [];
  for (const minor of amounts) {
    const issued = await issueInvoice(merchant, {
      customerId: customer.id,
      currency: 'EUR',
      date: '2026-11-10',
      dueDate: '2026-11-24',
      lines: [{ name: 'Paper', unitCost: '0', amountMinor: minor }],
    });
    invoices.push({ ...issued, minor });
  }
  return { scope: customerScope(merchant, customer.id, 'customer:petra@mueller.example'), invoices };
}

async function migrateUrl(url: string): Promise<void> {
  const store = await openStore({ url });
  await migrate(store, 0);
  await store.close();
}

/** Migrated once in a run of the tests and copied for each of them. */
async function migratedFile(): Promise<string> {
  const folder = join(tmpdir(), `portal-template-${process.ppid}`);
  const path = join(folder, 'portal.db');
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const own = join(folder, `${process.pid}-${Math.trunc(performance.now())}.db`);
  const store = await openStore({ file: own });
  await migrate(store, 0);
  await store.close();
  renameSync(own, path);
  return path;
}
