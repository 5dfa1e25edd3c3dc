import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { migrate } from '#db/migrate.ts';
import { openStore, type Store, type StoreAddress } from '#db/open.ts';
import type { Engine } from '#db/migrations/migration.ts';
import { openSecrets } from '#src/adapters/secrets.ts';
import { systemTokens } from '#src/kernel/ids.ts';
import { silentLog } from '#src/kernel/log.ts';
import { type MerchantScope, type OperatorScope, operatorScope, type Ports } from '#src/scope.ts';
import { createTenant, openMerchant } from '#src/tenants/tenants.ts';
import { freshDatabase } from './postgres.ts';

/** The engines that every operation is tested on. */
export const ENGINES: readonly Engine[] = ['sqlite', 'postgres'];

/** A migrated database of the test's own with a clock that the test moves; closed and removed when the test ends. */
export interface SmallHouse {
  readonly store: Store;
  readonly ports: Ports;
  readonly operator: OperatorScope;
  /** The tenant `acme`, opened with its settings as they are now. */
  merchant(username?: string): Promise<MerchantScope>;
  /** Moves the clock on by seconds. */
  pass(seconds: number): void;
  /** How many rows a table has. */
  count(
    table:
      | 'sessions'
      | 'used_links'
      | 'email_links'
      | 'portal_users'
      | 'outbox'
      | 'signin_requests'
      | 'rate_limits',
  ): Promise<number>;
}

export async function openSmallHouse(
  engine: Engine,
  options: { baseUrl?: string } = {},
): Promise<SmallHouse> {
  const store = await openStore(await addressFor(engine));
  onTestFinished(() => store.close());
  if (engine === 'sqlite') await migrate(store, 0);
  let now = Temporal.Instant.from('2026-11-23T12:00:00Z');
  const ports: Ports = {
    store,
    clock: { now: () => now },
    tokens: systemTokens,
    secrets: openSecrets('a master secret for the tests, long enough'),
    gateways: {},
    mail: { name: 'none', send: () => Promise.reject(new Error('nothing is sent here')) },
    mailFrom: 'billing@portal.example',
    baseUrl: new URL(options.baseUrl ?? 'http://localhost:4321'),
    log: silentLog,
  };
  const operator = operatorScope(ports);
  const tenants = new Map<string, Promise<Awaited<ReturnType<typeof createTenant>>>>();
  const tenantOf = (username: string) => {
    const known =
      tenants.get(username) ?? createTenant(operator, { username, name: `${username} Ltd`, currency: 'EUR' });
    tenants.set(username, known);
    return known;
  };
  return {
    store,
    ports,
    operator,
    merchant: async (username = 'acme') => openMerchant(operator, await tenantOf(username)),
    pass: (seconds) => {
      now = now.add({ milliseconds: Math.round(seconds * 1000) });
    },
    count: async (table) => {
      const rows = await store.kysely.selectFrom(table).select('tenant_id').execute();
      return rows.length;
    },
  };
}

async function addressFor(engine: Engine): Promise<StoreAddress> {
  if (engine === 'postgres') return { url: await freshDatabase('small_house', migrateAt), connections: 4 };
  const folder = mkdtempSync(join(tmpdir(), 'portal-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { file: join(folder, 'portal.db') };
}

async function migrateAt(url: string): Promise<void> {
  const store = await openStore({ url });
  await migrate(store, 0);
  await store.close();
}
