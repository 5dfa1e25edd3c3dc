import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkDatabase } from '#db/check.ts';
import { createApp } from '#src/app.ts';
import { type Config, readConfig } from '#src/config.ts';
import { createCustomer } from '#src/customers/customers.ts';
import { migrateDatabase } from '#src/database.ts';
import { issueInvoices } from '#src/documents/issue.ts';
import { letterWriters } from '#src/exports/letters.ts';
import { silentLog } from '#src/kernel/log.ts';
import { accountAt, gatewayOf } from '#src/payments/gateways/gateways.ts';
import { enrol } from '#src/payments/methods/enrolment.ts';
import { keepInstrument } from '#src/payments/methods/methods.ts';
import { dispatchMail, reconcile } from '#test/support/work.ts';
import { customerScope, type CustomerScope, type MerchantScope } from '#src/scope.ts';
import { mintMagicLink } from '#src/signin/magic-links.ts';
import { setSetting } from '#src/tenants/settings.ts';
import { createTenant, findTenant, openMerchant } from '#src/tenants/tenants.ts';
import { cardSource } from '#test/support/house.ts';
import { freePort, Visitor } from '#test/support/portal.ts';
import { Bank } from './processes.ts';
import type { BooksAddress } from './books.ts';
import { Customer, type Town } from './customer.ts';
import { farGateway } from './far-gateway.ts';

const DAY_MS = 86_400_000;
/** The tenant's host, without a port. */
export const ORIGIN = 'acme.localhost';

/** One portal of several processes over one database and one gateway. */
export interface Installation extends BooksAddress {
  readonly config: Config;
  readonly environment: Record<string, string>;
  /** One for each process that serves. */
  readonly ports: readonly number[];
  readonly bank: Bank;
  remove(): Promise<void>;
}

export interface InstallOptions {
  /** Absent for SQLite. The database is empty and the caller's. */
  readonly databaseUrl?: string | undefined;
  readonly processes: number;
  readonly seed: number;
  /** Of 100 charges, how many meet a mishap. */
  readonly faulty: number;
  /** The mail server, when mail is not kept in the database. */
  readonly smtpUrl?: string | undefined;
  /** Where the portal's own files are to be, when not in the temporary folder. */
  readonly dataDir?: string | undefined;
}

/** An empty portal with its gateway, which already runs. */
export async function install(options: InstallOptions): Promise<Installation> {
  const folder = mkdtempSync(join(tmpdir(), 'portal-drill-'));
  const dataDir = options.dataDir ?? join(folder, 'data');
  const bankDir = join(folder, 'bank');
  for (const made of [dataDir, bankDir]) mkdirSync(made, { recursive: true });
  const ports: number[] = [];
  while (ports.length < options.processes) ports.push(await freePort());
  const environment = {
    PORTAL_DATA: dataDir,
    PORTAL_SECRET: 'a secret of the drill, long enough for it',
    PORTAL_BASE_URL: `http://localhost:${ports[0]}`,
    PORTAL_HOST: '127.0.0.1',
    PORTAL_TRUSTED_PROXIES: '127.0.0.1',
    PORTAL_LOG: 'error',
    ...(options.smtpUrl ? { PORTAL_MAIL: 'smtp', PORTAL_SMTP_URL: options.smtpUrl } : {}),
    ...(options.databaseUrl ? { PORTAL_DATABASE_URL: options.databaseUrl } : {}),
  };
  const bank = new Bank(bankDir, options.seed, options.faulty);
  await bank.start();
  const remove = async (): Promise<void> => {
    await bank.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  const { databaseUrl } = options;
  return { dataDir, bankDir, databaseUrl, environment, ports, bank, config: readConfig(environment), remove };
}

/** How many customers there are, and how many invoices of different amounts each has. */
export interface TownSize {
  readonly customers: number;
  /** Of these, who never come: AutoPay collects from them. */
  readonly onAutopay: number;
  readonly invoicesEach: number;
  /** Of those whom AutoPay collects from: how many more they have that are due in a month. */
  readonly laterEach?: number | undefined;
}

/** Those who come by themselves, not signed in yet, and the numbers of the invoices that AutoPay is to collect in a month. */
export interface Settled {
  readonly people: readonly Customer[];
  readonly later: readonly string[];
}

/** One tenant with its customers, hours ago, so that AutoPay may collect at once, and another with none. */
export async function settleTown(
  { config, ports, bank }: Installation,
  town: Town,
  { customers, onAutopay, invoicesEach, laterEach = 0 }: TownSize,
): Promise<Settled> {
  bank.tell({ calm: true });
  const clock = { now: () => Temporal.Now.instant().subtract({ hours: 2 }) };
  const app = await createApp(config, {
    clock,
    log: silentLog,
    gateways: { test: farGateway(() => bank.port) },
  });
  await migrateDatabase(app);
  const place = { currency: 'EUR', timeZone: 'Europe/Berlin', country: 'DE' };
  const tenant = await createTenant(app.operator(), { username: 'acme', name: 'Acme Ltd', ...place });
  await createTenant(app.operator(), { username: 'globex', name: 'Globex Ltd', ...place });
  // Clocks that jump must not sign people out.
  const house = await openMerchant(app.operator(), tenant);
  for (const name of ['session.idle_seconds', 'session.absolute_seconds'])
    await setSetting(house, name, '2592000');
  // Under this fire, much is not taken at first.
  await setSetting(house, 'payments.most_tries', '10000');
  // What AutoPay has due together is several charges: each of them can be cut short.
  await setSetting(house, 'payments.most_invoices', '3');
  const merchant = await openMerchant(app.operator(), tenant);
  const people: Customer[] = [];
  const later: string[] = [];
  const inAMonth = Temporal.Now.plainDateISO().add({ months: 1 }).toString();
  for (let i = 0; i < customers; i++) {
    const email = `customer${i}@example.com`;
    const customer = await createCustomer(merchant, { name: `Customer ${i}`, email });
    const isEnrolled = i < onAutopay;
    const count = invoicesEach + (isEnrolled ? laterEach : 0);
    const lines = Array.from({ length: count }, (_, j) => 100 + i * 1000 + j * 7);
    const issued = await issueInvoices(
      merchant,
      lines.map((minor, j) => ({
        customerId: customer.id,
        currency: 'EUR',
        date: '2026-11-10',
        dueDate: j < invoicesEach ? '2026-11-24' : inAMonth,
        lines: [{ name: 'Paper', unitCost: '0', amountMinor: minor }],
      })),
    );
    if (isEnrolled) {
      await enrolWithCard(customerScope(merchant, customer.id));
      later.push(...issued.slice(invoicesEach).map(({ number }) => number));
      continue;
    }
    const link = new URL(await mintMagicLink(merchant, customer.id, { ttlSeconds: 4 * 3600 }));
    const visitors = ports.map((port) => new Visitor(`http://${ORIGIN}:${ports[0]}`, port));
    const invoices = issued.map(({ clientId }) => clientId);
    people.push(new Customer(town, visitors, link.pathname, invoices));
  }
  await app.close();
  bank.tell({ calm: false });
  return { people, later };
}

async function enrolWithCard(scope: CustomerScope): Promise<void> {
  const reply = await gatewayOf(scope).setup({
    account: accountAt(scope),
    setupId: `setup${scope.customerId}`,
    customerRef: String(scope.customerId),
    source: cardSource(),
    microDeposits: false,
  });
  if (reply.state !== 'saved') throw new Error(`the card was not saved: ${reply.state}`);
  await enrol(scope, await keepInstrument(scope, 'test', reply.instrument));
}

/**
 * Lets days pass, without a process that serves and with a gateway that works, until nothing waits for an answer; then asks the product's
 * own check of the books (`portal db check`). Answers what that check has to say.
 */
export async function letItSettle({ config, bank }: Installation, offsetMs: number): Promise<string[]> {
  let offset = offsetMs;
  const clock = { now: () => Temporal.Now.instant().add({ milliseconds: offset }) };
  bank.tell({ calm: true });
  const app = await createApp(config, {
    clock,
    log: silentLog,
    gateways: { test: farGateway(() => bank.port) },
  });
  try {
    const operator = app.operator('drill');
    const merchant = await openMerchant(operator, await findTenant(operator, 'acme'));
    const isWaiting = async (): Promise<boolean> => {
      const { db } = merchant;
      const attempts = db.from('payment_attempts').select('id').where('settled_at', 'is', null).limit(1);
      const refunds = db.from('refunds').select('id').where('settled_at', 'is', null).limit(1);
      return (await attempts.execute()).length + (await refunds.execute()).length > 0;
    };
    for (let round = 0; round < 40 && (await isWaiting()); round++) {
      offset += round % 4 === 3 ? DAY_MS : DAY_MS / 16;
      bank.tell({ offset });
      for (let batch = 0; batch < 400 && (await reconcile(merchant)) > 0; batch++);
    }
    for (let round = 0; round < 60 && (await mailWaits(merchant)); round++) {
      offset += DAY_MS / 4;
      bank.tell({ offset });
      await dispatchMail(merchant, app.ports.mail, letterWriters);
    }
    const results = await checkDatabase(app.ports.store);
    return results.flatMap(({ name, violations }) => violations.map((text) => `${name}: ${text}`));
  } finally {
    await app.close();
  }
}

async function mailWaits({ db }: MerchantScope): Promise<boolean> {
  const waiting = await db.from('outbox').select('id').where('send_at', 'is not', null).limit(1).execute();
  return waiting.length > 0;
}
