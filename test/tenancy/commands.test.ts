import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { buildProgram } from '#cli/program.ts';
import { payInvoices, preparePayment } from '#src/payments/pay.ts';
import { workOnce } from '#src/work.ts';
import { commandLineIn } from '#test/cli/command-line.ts';
import { PLAIN, ublExample } from '#test/data/ubl-example.ts';
import { cardSource, customerWithInvoices, ENGINES, type House, openHouse } from '#test/support/house.ts';
import { fingerprintOf, mirrorTenant } from '#test/support/mirror.ts';

/**
 * Two tenants with the same ids, numbers and client ids, told apart by a canary that stands in every text of the second. Every command runs for
 * the first: no canary may be printed, and the second's rows stay as they were, byte for byte.
 */

/** Commands about the whole installation: they are the operator's, who may see every tenant. */
const WHOLE_INSTALLATION: Readonly<Record<string, string>> = {
  demo: 'starts a portal of its own',
  serve: 'serves every tenant; what it answers is walked route by route',
  'tenant create': 'makes a tenant',
  'tenant list': 'lists every tenant',
  'seed demo': 'makes tenants of its own',
  'db migrate': 'concerns every row',
  'db backup': 'concerns every row',
  'db restore': 'concerns every row',
  'db check': 'concerns every row',
  'db shell': 'is the way to every row',
};

describe.each(ENGINES)('on %s', (engine) => {
  test('no command for one tenant prints or changes a row of another', { timeout: 90_000 }, async () => {
    const { house, mirror, run, lines } = await twoTenants(engine);
    const before = await fingerprintOf(house, mirror.merchant.tenant.id);
    for (const line of lines) {
      const { code, stdout, stderr } = await run(line);
      expect(code, `${line.join(' ')}\n${stderr}`).toBe(0);
      expect(stdout + stderr, line.join(' ')).not.toContain(mirror.canary);
    }
    expect(await fingerprintOf(house, mirror.merchant.tenant.id)).toBe(before);
  });
});

test('the walk names every command there is', async () => {
  const { lines } = await twoTenants('sqlite');
  const walked = (name: string): boolean => lines.some((line) => line.join(' ').startsWith(`${name} `));
  const all = leavesOf(await buildProgram('all'));
  expect(all.length).toBeGreaterThan(20);
  expect(all.filter((name) => !walked(name) && !Object.hasOwn(WHOLE_INSTALLATION, name))).toEqual([]);
  expect(Object.keys(WHOLE_INSTALLATION).filter((name) => !all.includes(name))).toEqual([]);
});

test('a planted leak is caught: a text of the mirror under the first tenant fails the walk', async () => {
  const { merchant, mirror, run, lines } = await twoTenants('sqlite');
  // What a forgotten tenant predicate would do: the first tenant's command reads the second tenant's lines.
  const theirs = await mirror.merchant.db.from('lines').select(['id', 'name']).execute();
  for (const { id, name } of theirs)
    await merchant.db.update('lines').set({ name }).where('id', '=', id).execute();
  const leaking: string[] = [];
  for (const line of lines.filter(([group]) => group === 'invoice')) {
    if ((await run(line)).stdout.includes(mirror.canary)) leaking.push(line.slice(0, 2).join(' '));
  }
  expect(leaking).toContain('invoice show');
});

test('what only another tenant has is refused like what never was', async () => {
  const { mirror, run } = await twoTenants('sqlite');
  await customerWithInvoices(mirror.merchant, [7_700], 'Only there');
  const numbers = await mirror.merchant.db.from('invoices').select('number').orderBy('id', 'desc').execute();
  const customers = await mirror.merchant.db
    .from('customers')
    .select('number')
    .orderBy('id', 'desc')
    .execute();
  for (const [command, theirs] of [
    [['invoice', 'show', 'acme'], numbers[0]!.number],
    [['customer', 'show', 'acme'], customers[0]!.number],
    [['magic-link', 'acme'], customers[0]!.number],
  ] as const) {
    const answers: string[] = [];
    for (const asked of [theirs, 'NEVER-9999']) {
      const { code, stdout, stderr } = await run([...command, asked]);
      answers.push(JSON.stringify({ code, stdout, stderr: stderr.replaceAll(asked, '…') }));
    }
    expect(answers[0], command.join(' ')).toBe(answers[1]);
    expect(answers[0]).toContain('"code":1');
  }
});

async function twoTenants(engine: (typeof ENGINES)[number]) {
  const house = await openHouse(engine, { baseUrl: 'http://localhost:4321' });
  const merchant = await house.tenant('acme');
  const { scope, invoices } = await customerWithInvoices(merchant, [10_000, 2_000]);
  const draft = await preparePayment(scope, [invoices[0]!.clientId]);
  await payInvoices(scope, {
    nonce: draft.nonce,
    seen: new Map([[invoices[0]!.clientId, 10_000]]),
    with: cardSource(),
    receiptEmail: 'petra@mueller.example',
  });
  await workOnce(house.app);
  const [mail] = await merchant.db.from('mailbox').select('id').execute();
  const [customer] = await merchant.db.from('customers').select('number').execute();
  const mirror = await mirrorTenant(house, merchant, 'globex');
  const portal = commandLineIn(house.config.dataDir, {
    PORTAL_SECRET: house.config.secret!,
    PORTAL_BASE_URL: 'http://localhost:4321',
    ...(house.config.databaseUrl ? { PORTAL_DATABASE_URL: house.config.databaseUrl } : {}),
  });
  const lines = linesFor(house, customer!.number, invoices[0]!.number, String(mail!.id));
  return { house, merchant, mirror, lines, run: (line: readonly string[]) => portal.run(...line) };
}

/** Every command that takes a tenant, with words that it accepts; those that answer data also as JSON. */
function linesFor(house: House, customer: string, invoice: string, mail: string): string[][] {
  const file = (name: string, text: string): string => {
    const path = join(house.config.dataDir, name);
    writeFileSync(path, text);
    return path;
  };
  const customers = file('customers.csv', 'number,name\nCSV-1,Imported GmbH\n');
  const invoices = file(
    'invoices.csv',
    'number,customer_number,date,due_date\nCSV-INV-1,CSV-1,2026-11-10,2026-12-10\n',
  );
  const lines = file('lines.csv', 'invoice_number,name,quantity,unit_cost\nCSV-INV-1,Paper,2,10.50\n');
  const answering = [
    ['tenant', 'show', 'acme'],
    ['customer', 'list', 'acme'],
    ['customer', 'show', 'acme', customer],
    ['invoice', 'list', 'acme'],
    ['invoice', 'show', 'acme', invoice],
    ['magic-key', 'show', 'acme'],
    ['settings', 'list', 'acme'],
    ['settings', 'get', 'acme', 'payments.most_invoices'],
    ['mail', 'list', 'acme'],
    ['mail', 'show', 'acme', mail],
  ];
  return [
    ...answering,
    ...answering.map((line) => [...line, '--json']),
    ['settings', 'set', 'acme', 'payments.most_invoices', '7'],
    ['settings', 'reset', 'acme', 'payments.most_invoices'],
    ['import', 'csv', 'acme', '--customers', customers, '--invoices', invoices, '--lines', lines],
    ['import', 'ubl', 'acme', file('invoice.xml', ublExample(PLAIN))],
    ['magic-link', 'acme', customer],
    ['magic-key', 'rotate', 'acme'],
  ];
}

/** `invoice show`, `db check`, `serve`, …: every command that does something. */
function leavesOf(command: Command, path: readonly string[] = []): string[] {
  const below = command.commands.filter((one) => one.name() !== 'help');
  if (below.length === 0) return [path.join(' ')];
  return below.flatMap((one) => leavesOf(one, [...path, one.name()]));
}
