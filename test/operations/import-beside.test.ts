import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { CompiledQuery } from 'kysely';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkDatabase } from '#db/check.ts';
import { openStore, type Store } from '#db/open.ts';
import { discardAbandoned, STAGED_TABLES } from '#db/staging.ts';
import { createCustomer } from '#src/customers/customers.ts';
import { issueInvoice } from '#src/documents/issue.ts';
import { importCsv } from '#src/imports/csv.ts';
import type { TableSource } from '#src/imports/table.ts';
import { type MerchantScope, operatorScope } from '#src/scope.ts';
import { findTenant, openMerchant } from '#src/tenants/tenants.ts';
import { ENGINES, type House, openHouse } from '#test/support/house.ts';
import { textSource, wholeTenant } from '#test/support/import-files.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const CUSTOMERS = 3_000;
const INVOICES = 1_000;
/** Of one transaction of an import: a customer is a row, an invoice with its line, books and event five to nine. */
const MOST_ROWS = 1_500;

function customersCsv(count = CUSTOMERS): string {
  const rows = Array.from({ length: count }, (_, i) => `N${i},Customer ${i},EUR`);
  return `number,name,currency\n${rows.join('\n')}\n`;
}

function invoicesCsv(): string {
  const rows = Array.from(
    { length: INVOICES },
    (_, i) => `R${i},N${i},2026-10-01,10.00,${i % 2 === 0 ? 4 : 0}`,
  );
  return `number,customer,date,total,paid\n${rows.join('\n')}\n`;
}

/** A file that is read in pieces; `between` runs after each but the last. */
function inPieces(name: string, text: string, between: (piece: number) => Promise<void>): TableSource {
  const bytes = Buffer.from(text);
  const size = Math.ceil(bytes.length / 4);
  let reading = 0;
  return {
    name,
    async *open() {
      // The first readings only look at the file's form.
      const keeps = ++reading > 2;
      for (let at = 0; at < bytes.length; at += size) {
        yield bytes.subarray(at, at + size);
        if (keeps && at + size < bytes.length) await between(at / size);
      }
    },
  };
}

/** What another process does: a connection of its own, and the tenant as it is seen there. */
async function elsewhere(house: House): Promise<{ store: Store; merchant: MerchantScope }> {
  const { ports } = house.app;
  const { databaseUrl, dataDir } = house.config;
  const store = await openStore(
    databaseUrl ? { url: databaseUrl, connections: 2 } : { file: `${dataDir}/portal.db` },
  );
  onTestFinished(() => store.close());
  const operator = operatorScope({ ...ports, store });
  return { store, merchant: await openMerchant(operator, await findTenant(operator, 'acme')) };
}

async function rowsOf(store: Store, table: string): Promise<number> {
  const query = CompiledQuery.raw(`select count(*) as n from ${table}`);
  const { rows } = await store.kysely.executeQuery<{ n: number }>(query);
  return Number(rows[0]!.n);
}

async function seen({ db }: MerchantScope): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of STAGED_TABLES)
    counts[table] = (
      await db
        .from(table)
        .select((eb) => eb.val(1).as('one'))
        .execute()
    ).length;
  return counts;
}

async function brokenPromises(store: Store): Promise<string[]> {
  return (await checkDatabase(store)).flatMap(({ name, violations }) =>
    violations.map((v) => `${name}: ${v}`),
  );
}

describe.each(ENGINES)('a long import on %s', (engine) => {
  test('lets others write between its parts, and nobody sees any of it before all of it', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const other = await elsewhere(house);
    await createCustomer(merchant, { name: 'Ada', number: 'A1' });
    const looks: Array<{ hidden: number; seen: number; broken: string[] }> = [];
    const look = async () => {
      await createCustomer(other.merchant, { name: `Meanwhile ${looks.length}` });
      const { customers = 0, ...others } = await seen(other.merchant);
      looks.push({
        hidden: (await rowsOf(other.store, 'customers')) - customers,
        seen: customers - 2 - looks.length + Object.values(others).reduce((sum, n) => sum + n, 0),
        broken: await brokenPromises(other.store),
      });
    };
    const report = await importCsv(
      merchant,
      {
        customers: inPieces('customers.csv', customersCsv(), look),
        invoices: inPieces('invoices.csv', invoicesCsv(), look),
      },
      { skipBad: false },
    );
    expect(report).toMatchObject({ kept: true, created: { customers: CUSTOMERS, invoices: INVOICES } });
    expect(looks.length).toBeGreaterThanOrEqual(6);
    expect(looks.map((one) => one.seen)).toEqual(looks.map(() => 0));
    expect(looks.flatMap((one) => one.broken)).toEqual([]);
    // Parts of it are written while it goes on, not all at its end.
    const parts = looks.filter(({ hidden }) => hidden > 0 && hidden < CUSTOMERS);
    expect(parts.length).toBeGreaterThan(0);
    expect(await seen(other.merchant)).toMatchObject({
      customers: CUSTOMERS + 1 + looks.length,
      invoices: INVOICES,
      payments: INVOICES / 2,
    });
    expect(await brokenPromises(other.store)).toEqual([]);
  });

  test('that meets a problem at its end is taken back whole, and numbers are free again', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const before = await wholeTenant(merchant);
    const sources = {
      customers: textSource(customersCsv()),
      invoices: textSource(`${invoicesCsv()}X,Y,,,\n`),
    };
    expect(await importCsv(merchant, sources, { skipBad: false })).toMatchObject({ kept: false });
    expect(await wholeTenant(merchant)).toEqual(before);
    const { store } = house.app.ports;
    for (const table of [...STAGED_TABLES, 'imports']) expect(await rowsOf(store, table), table).toBe(0);
    const again = await importCsv(merchant, sources, { skipBad: true });
    expect(again.created).toMatchObject({ customers: CUSTOMERS, invoices: INVOICES });
  });

  test('that is killed leaves nothing to be seen, and the next one takes away what it wrote', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const { store } = house.app.ports;
    await killedImport(house);
    expect(await rowsOf(store, 'customers')).toBeGreaterThan(0);
    expect(Object.values(await seen(merchant)).every((count) => count === 0)).toBe(true);
    expect(await brokenPromises(store)).toEqual([]);
    const report = await importCsv(merchant, { customers: textSource(customersCsv()) }, { skipBad: false });
    expect(report).toMatchObject({ kept: true, created: { customers: CUSTOMERS } });
    expect(await rowsOf(store, 'customers')).toBe(CUSTOMERS);
    expect(await seen(merchant)).toMatchObject({ customers: CUSTOMERS });
  });

  test('that is killed is cleared away when the portal looks for such', async () => {
    const house = await openHouse(engine);
    await house.tenant();
    const { store } = house.app.ports;
    await killedImport(house);
    expect(await discardAbandoned(store)).toBe(1);
    for (const table of [...STAGED_TABLES, 'imports']) expect(await rowsOf(store, table), table).toBe(0);
    expect(await discardAbandoned(store)).toBe(0);
  });

  test('keeps its numbers from others, and does not meet another import', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const own = await createCustomer(merchant, { name: 'Ada', number: 'A1' });
    const line = { name: 'Paper', unitCost: '1', amountMinor: 100 };
    const invoice = { customerId: own.id, currency: 'EUR', date: '2026-10-01', lines: [line] };
    const taken = { code: 'number_taken' };
    let looked = 0;
    const look = async () => {
      const written = await rowsOf(house.app.ports.store, 'invoices');
      if (looked > 0 || written === 0) return;
      looked++;
      await expect(createCustomer(merchant, { name: 'Eve', number: 'N0' })).rejects.toMatchObject(taken);
      await expect(issueInvoice(merchant, { ...invoice, number: 'INV-0001' })).rejects.toMatchObject(taken);
      expect((await issueInvoice(merchant, invoice)).number).toBe(`INV-000${looked + 1}`);
      await expect(importCsv(merchant, {}, { skipBad: false })).rejects.toMatchObject({
        code: 'import_under_way',
      });
    };
    const rows = Array.from({ length: 900 }, (_, i) => `N${i},Customer ${i}`);
    const invoices = `number,customer,date,total\nINV-0001,A1,2026-10-01,1.00\n${'\n'.repeat(900)}${rows
      .map((_, i) => `R${i},N${i},2026-10-01,1.00`)
      .join('\n')}\n`;
    const report = await importCsv(
      merchant,
      {
        customers: textSource(`number,name\n${rows.join('\n')}\n`),
        invoices: inPieces('invoices.csv', invoices, look),
      },
      { skipBad: false },
    );
    expect(report).toMatchObject({ kept: true, created: { customers: 900, invoices: 901 } });
    expect(looked).toBe(1);
  });

  test('that was taken for dead writes nothing more', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const { store } = house.app.ports;
    const looks = inPieces('customers.csv', customersCsv(), async (piece) => {
      if (piece > 0) return;
      const dead = CompiledQuery.raw(`update imports set holder = 'elsewhere:1:x', lease_until = 0`);
      await store.kysely.executeQuery(dead);
      expect(await discardAbandoned(store)).toBe(1);
    });
    await expect(importCsv(merchant, { customers: looks }, { skipBad: false })).rejects.toMatchObject({
      code: 'import_ended',
    });
    for (const table of [...STAGED_TABLES, 'imports']) expect(await rowsOf(store, table), table).toBe(0);
  });

  test('once kept is in the ledger for good', async () => {
    const house = await openHouse(engine);
    const merchant = await house.tenant();
    const sources = {
      customers: textSource(customersCsv(9)),
      invoices: textSource(`number,customer,date,total\nR,N1,2026-10-01,5\n`),
    };
    await importCsv(merchant, sources, { skipBad: false });
    const { kysely } = house.app.ports.store;
    for (const table of ['journal', 'postings'])
      await expect(kysely.executeQuery(CompiledQuery.raw(`delete from ${table}`))).rejects.toThrow(
        /append-only/,
      );
    expect(await rowsOf(house.app.ports.store, 'postings')).toBe(2);
  });
});

test('no transaction of an import writes more than a few thousand rows', async () => {
  const house = await openHouse('sqlite');
  await house.tenant();
  const { ports } = house.app;
  const written: number[] = [];
  const total = () => Number(ports.store.file!.prepare('select total_changes()').pluck().get());
  const counting: Store = {
    ...ports.store,
    transaction: (work, lane) =>
      ports.store.transaction(async (tx) => {
        const before = total();
        const answer = await work(tx);
        written.push(total() - before);
        return answer;
      }, lane),
  };
  const operator = operatorScope({ ...ports, store: counting });
  const merchant = await openMerchant(operator, await findTenant(operator, 'acme'));
  const sources = { customers: textSource(customersCsv()), invoices: textSource(invoicesCsv()) };
  await importCsv(merchant, sources, { skipBad: false });
  expect(written.reduce((sum, n) => sum + n, 0)).toBeGreaterThan(CUSTOMERS + 5 * INVOICES);
  expect(Math.max(...written)).toBeLessThan(MOST_ROWS);
});

/** An import in a process of its own that is killed once a part of it is written. */
async function killedImport({ config }: House): Promise<void> {
  const program = `
    import { createApp } from '#src/app.ts';
    import { importCsv } from '#src/imports/csv.ts';
    import { findTenant, openMerchant } from '#src/tenants/tenants.ts';
    const config = JSON.parse(process.argv[1]);
    const app = await createApp({ ...config, baseUrl: new URL(config.baseUrl) });
    const merchant = await openMerchant(app.operator(), await findTenant(app.operator(), 'acme'));
    const bytes = Buffer.from(${JSON.stringify(customersCsv())});
    let reading = 0;
    async function* open() {
      const keeps = ++reading > 2;
      yield keeps ? bytes.subarray(0, 40_000) : bytes;
      if (keeps) await new Promise((resolve) => setTimeout(resolve, 600_000));
    }
    let done = 0;
    await importCsv(merchant, { customers: { name: 'c.csv', open } }, {
      skipBad: false,
      onProgress: () => void (++done === 2 && process.stdout.write('written')),
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program, JSON.stringify(config)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
}
