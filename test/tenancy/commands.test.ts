import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import Database from 'better-sqlite3';
import type { Command } from 'commander';
import { describe, expect, onTestFinished, test } from 'vitest';
import { buildProgram } from '#cli/program.ts';
import type { MerchantTable } from '#db/ownership.ts';
import { createContact } from '#src/customers/contacts.ts';
import { createCustomer } from '#src/customers/customers.ts';
import { issueCreditNote, issueEstimate, issueInvoice } from '#src/documents/issue.ts';
import { money } from '#src/kernel/money.ts';
import { recordMoney } from '#src/payments/outside/record.ts';
import type { MerchantScope } from '#src/scope.ts';
import { createSessions } from '#src/signin/sessions.ts';
import { currentMagicLinkKey } from '#src/tenants/keys.ts';
import { setSetting } from '#src/tenants/settings.ts';
import type { Finished } from '#test/cli/command-line.ts';
import { PLAIN, ublExample } from '#test/data/ubl-example.ts';
import { stripeInTheEnvironment } from '#test/gateways/stripe-bench.ts';
import { ENGINES, type House, openHouse } from '#test/support/house.ts';
import { portalIn } from '#test/support/in-process.ts';
import { fingerprintOf, mirrorTenant } from '#test/support/mirror.ts';
import { busyTenant } from './busy-tenant.ts';

/**
 * Two tenants with the same ids and numbers, told apart by a canary that stands in every text of the second. Every command runs for the first,
 * `acme`: it prints nothing of the second, answers as it did before there was a second, and leaves the second's rows as they are, byte for byte.
 */
const SECOND = 'hooli';

/** The commands that do not run for one tenant, with the reason. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  serve: 'serves every tenant; what it answers is walked in routes.test.ts',
  demo: 'is an installation of its own',
  work: 'works for every tenant; what it does is walked in routes.test.ts',
  'tenant list': 'is there to name every tenant',
  'estimate invoice': 'needs an approval by a customer; refused here, and done in cli/documents.test.ts',
  'db migrate': 'is about the whole database',
  'db backup': 'is about the whole database',
  'db restore': 'is about the whole database',
  'db check': 'is about the whole database',
  'db forget-secrets': 'is about the whole database',
  'db shell': 'is about the whole database',
};

/** What a command may be asked for, and the folder of files that it may import. */
interface Names {
  readonly customer: string;
  readonly customerId: number;
  readonly invoice: string;
  readonly invoiceId: number;
  readonly payment: string;
  readonly paymentId: number;
  readonly estimate: string;
  readonly note: string;
  readonly contact: number;
  readonly mail: number;
  readonly folder: string;
}

const NEVER: Names = {
  customer: 'C-NEVER',
  customerId: 999_997,
  invoice: 'I-NEVER',
  invoiceId: 999_998,
  payment: 'R-NEVER',
  paymentId: 999_996,
  estimate: 'E-NEVER',
  note: 'N-NEVER',
  contact: 999_995,
  mail: 999_999,
  folder: '',
};

/** Commands that answer the same however often they run. */
function reads({ mail, ...own }: Names): string[] {
  const { customer, customerId, invoice, invoiceId, payment, paymentId, estimate, note } = own;
  return [
    'tenant show acme',
    'customer list acme',
    'customer list acme --limit 1',
    `customer show acme ${customer}`,
    `customer show acme ${customerId}`,
    'contact list acme',
    `contact list acme ${customer} --limit 1`,
    `session list acme ${customer}`,
    `session list acme ${customerId} --limit 1`,
    'invoice list acme',
    `invoice list acme --customer ${customer} --status paid --limit 2`,
    `invoice show acme ${invoice}`,
    `invoice show acme ${invoiceId}`,
    'payment list acme',
    `payment list acme --customer ${customer} --limit 1`,
    `payment show acme ${payment}`,
    `payment show acme ${paymentId}`,
    'estimate list acme',
    `estimate list acme --customer ${customer} --status sent --limit 1`,
    `estimate show acme ${estimate}`,
    'credit-note list acme',
    `credit-note list acme --customer ${customer} --status open --limit 1`,
    `credit-note show acme ${note}`,
    `credit show acme ${customer}`,
    'dispute list acme',
    'dispute list acme --limit 1',
    'promise list acme',
    'promise list acme --state open --limit 1',
    'magic-key show acme',
    'settings list acme',
    'settings list acme --limit 2',
    'settings get acme mail.from_name',
    'settings get acme documents.footer',
    'mail list acme',
    'mail list acme --limit 1',
    `mail show acme ${mail}`,
    'job list acme',
    'job list acme --limit 1',
    'autopay parked acme',
    'autopay run acme --date 2027-12-31 --dry-run',
  ].flatMap((line) => [line, `${line} --json`]);
}

const WITHOUT_JSON = /^magic-link /;

/** Commands that are refused where these names are not the tenant's. */
function questions({ mail, folder, contact, ...own }: Names): string[] {
  const { customer, customerId, invoice, invoiceId, payment, paymentId, estimate, note } = own;
  return [
    `customer show acme ${customer}`,
    `customer show acme ${customerId}`,
    `invoice list acme --customer ${customer}`,
    `invoice list acme --customer ${customerId}`,
    `invoice show acme ${invoice}`,
    `invoice show acme ${invoiceId}`,
    `invoice void acme ${invoice}`,
    `payment list acme --customer ${customer}`,
    `payment show acme ${payment}`,
    `payment show acme ${paymentId}`,
    `payment refund acme ${payment}`,
    `payment refund acme ${paymentId} 1.00`,
    `payment void acme ${payment}`,
    `payment record acme ${customer} 1.00`,
    `payment record acme CUST-00001 1.00 --to ${invoice}`,
    `promise add acme ${invoice} ${soon()}`,
    `invoice issue acme --customer ${customer} --line x;1;5`,
    `estimate list acme --customer ${customer}`,
    `estimate issue acme --customer ${customer} --line x;1;5`,
    `estimate show acme ${estimate}`,
    `estimate invoice acme ${estimate}`,
    `estimate void acme ${estimate}`,
    `credit-note list acme --customer ${customer}`,
    `credit-note issue acme --customer ${customer} --line x;1;5`,
    `credit-note issue acme --customer CUST-00001 --line x;1;5 --invoice ${invoice}`,
    `credit-note show acme ${note}`,
    `credit-note void acme ${note}`,
    `credit show acme ${customer}`,
    `credit adjust acme ${customer} --add 1`,
    `customer set acme ${customer} --disable-methods check`,
    `customer set acme CUST-00001 --parent ${customer}`,
    `customer create acme Child --parent ${customer}`,
    `customer close acme ${customer}`,
    `customer reopen acme ${customer}`,
    `contact list acme ${customer}`,
    `contact add acme ${customer} Vera`,
    `contact set acme ${contact} --role viewer`,
    `contact remove acme ${contact}`,
    `session list acme ${customer}`,
    `session end acme ${customer}`,
    `mail show acme ${mail}`,
    `job retry acme mail ${mail}`,
    `plan show acme ${invoice}`,
    `plan show acme ${invoiceId}`,
    `plan attach acme ${invoice} --count 2`,
    `plan cancel acme ${invoice}`,
    `autopay release acme ${invoice}`,
    `magic-link acme ${customer}`,
    `magic-link acme ${customerId}`,
    `import csv acme --invoices ${folder}/invoices.csv`,
  ].flatMap((line) => (WITHOUT_JSON.test(line) ? [line] : [line, `${line} --json`]));
}

/** Commands that write, or answer something new each time. What they import is called as only the second tenant's is. */
function writes(own: Names, { folder }: Names): string[] {
  const files = ['customers', 'invoices', 'lines'].map((kind) => `--${kind} ${folder}/${kind}.csv`).join(' ');
  const place = '--country DE --city Berlin --region BE --postal-code 10115 --address1 Allee --address2 Hof';
  const contact = '--email a@b.example --phone 030 --tax-id DE1 --language de';
  return [
    `tenant create initech Initech --currency EUR --mode live --time-zone Europe/Berlin --website https://b.example ${place} ${contact}`,
    'tenant create umbrella Umbrella --json',
    `tenant set initech --username initrode --name Initrode --currency usd --mode test --time-zone UTC --website https://c.example ${place} ${contact}`,
    'tenant set acme --phone 030 --json',
    `plan attach acme ${own.invoice} --count 3 --every week --first 2026-12-01`,
    `plan show acme ${own.invoice}`,
    `plan cancel acme ${own.invoice}`,
    `plan attach acme ${own.invoice} --amount 10 --json`,
    `plan cancel acme ${own.invoiceId}`,
    `plan attach acme ${own.invoice} --installment 2027-01-01=59.50`,
    `plan cancel acme ${own.invoiceId}`,
    'clock set acme 2027-01-02 --json',
    'clock advance acme 1d --json',
    'autopay run acme',
    'autopay run acme --date 2027-01-01 --json',
    'clock reset acme --json',
    'clock show acme --json',
    'settings set acme mail.from_name Ledger',
    'settings set acme documents.footer Thanks --json',
    'settings reset acme mail.from_name',
    'settings reset acme documents.footer --json',
    'job retry acme mail all',
    'job retry acme mail all --json',
    `customer create acme Own --number OWN-1 --type person --attention-to Own --currency EUR --payment-terms NET-14 --notes own ${place} ${contact} --disable-methods check --autopay-delay-days 3`,
    'customer create acme Another --json',
    `customer set acme OWN-1 --name Ours --number OWN-2 --type company --attention-to Us --currency usd --payment-terms NET-7 --notes ours --parent ${own.customer} --taxable no --metadata a=b ${place} ${contact}`,
    `customer create acme Third --taxable yes --parent ${own.customerId} --json`,
    'customer close acme own-2',
    'customer reopen acme own-2 --json',
    `contact add acme ${own.customer} Vera --email vera@b.example --phone 1 --title Books --role viewer`,
    `contact add acme ${own.customer} Otto --json`,
    'contact set acme vera@b.example --name Wera --email wera@b.example --phone 2 --title Boss --role owner',
    `contact set acme ${own.contact} --phone 3 --json`,
    'contact remove acme wera@b.example',
    `contact remove acme ${own.contact} --json`,
    `customer set acme ${own.customer} --disable-methods ach --autopay-delay-days 3`,
    `customer set acme ${own.customerId} --disable-methods none --autopay-delay-days default --json`,
    `magic-link acme ${own.customer} --to invoices --ttl 10m --once`,
    `magic-link acme ${own.customerId}`,
    `session end acme ${own.customer}`,
    `session end acme ${own.customerId} --json`,
    'magic-key rotate acme --grace 1h',
    'magic-key rotate acme --grace 0s --json',
    `import csv acme ${files} --map ${folder}/map.txt --currency EUR --dates ymd --decimal .`,
    `import csv acme ${files} --map ${folder}/map.txt --skip-bad --json`,
    `import csv acme --from xero --encoding utf-8 --customers ${folder}/contacts.csv --preview`,
    `import ubl acme ${folder}/document.xml --preview`,
    `import ubl acme ${folder}/document.xml`,
    `import ubl acme ${folder}/document.xml --skip-bad --json`,
    `payment record acme ${own.customer} 10.50 --method check --to ${own.invoice}=5 --date 2026-11-20 --currency EUR --reference TRF-1 --notes own --key own --receipt-to a@b.example`,
    `payment record acme ${own.customerId} 1 --json`,
    'payment void acme R-00002',
    'payment void acme R-00003 --json',
    `promise add acme ${own.invoice} ${soon()} --method check --reference own --notes own`,
    `promise add acme ${own.invoiceId} ${soon()} --json`,
    `invoice void acme ${own.invoice}`,
    `invoice void acme ${own.invoiceId} --json`,
    `payment record acme ${own.customerId} 3`,
    'payment refund acme R-00004 1.00 --reason own --key own',
    'payment refund acme R-00004 --json',
    ...issued(own),
    'seed demo',
    'seed demo --json',
    ...connected(folder),
  ];
}

function connected(folder: string): string[] {
  return ['', ' --json'].flatMap((json) => [
    `gateway connect acme stripe --keys ${folder}/stripe.keys${json}`,
    `gateway show acme stripe${json}`,
    `gateway disconnect acme stripe${json}`,
  ]);
}

/** Documents that are made, with every option, and taken back. */
function issued(own: Names): string[] {
  const what = '--line Paper;2;5.00 --discount Early;5% --tax VAT;19% --shipping Post;3.00 --currency EUR';
  const more = '--date 2026-11-20 --name Own --notes own --purchase-order PO-9 --terms NET-14';
  const all = `--customer ${own.customer} ${what} ${more}`;
  return [
    `invoice issue acme ${all} --number OWN-1 --due 2027-01-11 --autopay --disable-methods ach`,
    `invoice issue acme --customer ${own.customerId} --line x;1;5 --json`,
    `estimate issue acme ${all} --number OWN-E1 --expires 2027-12-31 --deposit 50% --disable-methods ach`,
    'estimate void acme OWN-E1 --json',
    `estimate issue acme --customer ${own.customerId} --line x;1;5 --json`,
    `credit-note issue acme ${all} --number OWN-C1 --invoice OWN-1`,
    'credit-note void acme OWN-C1 --json',
    `credit-note issue acme --customer ${own.customerId} --line x;1;5 --json`,
    `credit adjust acme ${own.customer} --add 5.00 --currency EUR --notes own --key own`,
    `credit adjust acme ${own.customerId} --take 1.00 --json`,
  ];
}

/** A day that a command may promise for: it lives by the machine's clock. */
function soon(): string {
  return Temporal.Now.plainDateISO().add({ days: 7 }).toString();
}

describe.each(ENGINES)('on %s', (engine) => {
  test('no command of one tenant shows, counts or changes a row of another', async () => {
    const { walk, lines } = await twoTenants(engine);
    expect(await walk(lines)).toEqual([]);
    expect(lines.length).toBeGreaterThan(60);
  });

  test('what only another tenant has is refused like what never was, and nothing is written', async () => {
    const { house, portal, merchant, second, theirs } = await twoTenants(engine);
    const never = filed(house, 'never', NEVER);
    const fingerprints = () =>
      Promise.all([merchant, second].map(({ tenant }) => fingerprintOf(house, tenant.id, 'counters')));
    const before = await fingerprints();
    const nevers = questions(never);
    for (const [i, line] of questions(theirs).entries()) {
      const answer = withoutNames(await portal(line.split(' ')), theirs);
      expect(answer, line).toEqual(withoutNames(await portal(nevers[i]!.split(' ')), never));
      expect(answer, line).toMatchObject({ code: 1, stdout: '' });
    }
    expect(await fingerprints()).toEqual(before);
  });
});

test.each<[table: MerchantTable, leaks: string[]]>([
  [
    'customers',
    [
      'customer list shows the other tenant',
      'customer show shows the other tenant',
      'invoice list shows the other tenant',
      'magic-link ends with 0',
      'import csv shows the other tenant',
    ],
  ],
  ['contacts', ['contact list shows the other tenant', 'contact set shows the other tenant']],
  ['invoices', ['invoice list shows the other tenant', 'customer show answers otherwise than alone']],
  ['lines', ['invoice list shows the other tenant', 'invoice show shows the other tenant']],
  ['credit_notes', ['customer show answers otherwise than alone']],
  ['mailbox', ['mail list shows the other tenant', 'mail show shows the other tenant']],
  [
    'settings',
    [
      'settings list shows the other tenant',
      'settings get shows the other tenant',
      'settings set changes the other tenant',
      'settings reset changes the other tenant',
    ],
  ],
  ['sessions', ['magic-key rotate changes the other tenant', 'session end changes the other tenant']],
])(
  'a planted leak is caught: where queries of %s forget the tenant, the walk says so',
  async (table, leaks) => {
    const { walk, lines } = await twoTenants('sqlite');
    forgetTenant(table);
    const found = await walk(lines.filter((line) => line.includes(' acme')));
    const named = found.map((leak) => leak.replace(/ acme[^:]*:/, ''));
    expect(named).toEqual(expect.arrayContaining(leaks));
    expect(named.filter((leak) => leak.startsWith('tenant show'))).toEqual([]);
  },
);

test('every command is walked with every option it has, or is left out for a reason', async () => {
  const program = await buildProgram('all');
  expect(unwalked(program)).toEqual([]);
  const paths = leavesOf(program).map(({ path }) => path);
  expect(Object.keys(LEFT_OUT).filter((path) => !paths.includes(path))).toEqual([]);
  // A new command and a new option are noticed.
  const invoice = program.commands.find((command) => command.name() === 'invoice')!;
  invoice.command('shred').argument('<tenant>');
  invoice.commands.find((command) => command.name() === 'list')!.option('--number <number>');
  expect(unwalked(program)).toEqual(['invoice list --number', 'invoice shred']);
});

/** A busy tenant and its mirror with something more. `walk` runs command lines for the first and answers what gives the second away. */
async function twoTenants(engine: (typeof ENGINES)[number]) {
  const house = await openHouse(engine);
  const { merchant, scope, detailed, estimate, note } = await busyTenant(house);
  const own: Names = {
    customer: 'CUST-00001',
    customerId: scope.customerId,
    invoice: detailed.number,
    invoiceId: detailed.id,
    payment: 'R-00001',
    paymentId: (await merchant.db.from('payments').select('id').executeTakeFirstOrThrow()).id,
    estimate: estimate.number,
    note: note.number,
    contact: (await merchant.db.from('contacts').select('id').executeTakeFirstOrThrow()).id,
    mail: (await lastMail(merchant)).id,
    folder: '',
  };
  await stripeInTheEnvironment();
  const portal = portalIn(house);
  const alone = new Map<string, Finished>();
  for (const line of reads(own)) alone.set(line, await portal(line.split(' ')));
  const { merchant: second } = await mirrorTenant(house, merchant, SECOND);
  const theirs = filed(house, 'theirs', await addTheirs(house, second));
  const refused = questions(theirs);
  const secrets = [SECOND, (await currentMagicLinkKey(second)).key];
  const fingerprint = () => fingerprintOf(house, second.tenant.id);
  const leaksOf = async (line: string): Promise<string[]> => {
    const before = await fingerprint();
    const answer = await portal(line.split(' '));
    const { code, stdout, stderr } = answer;
    const leaks = {
      'shows the other tenant': secrets.some((secret) => `${stdout}${stderr}`.includes(secret)),
      'changes the other tenant': (await fingerprint()) !== before,
      'answers otherwise than alone': !isDeepStrictEqual(answer, alone.get(line) ?? answer),
      [`ends with ${code} ${stderr}`.trim()]: code !== (refused.includes(line) ? 1 : 0),
    };
    return Object.keys(leaks).filter((leak) => leaks[leak]);
  };
  const walk = async (lines: readonly string[]): Promise<string[]> => {
    const found: string[] = [];
    for (const line of lines) found.push(...(await leaksOf(line)).map((leak) => `${line}: ${leak}`));
    return found;
  };
  const lines = [...reads(own), ...refused, ...writes(own, theirs)];
  return { house, portal, merchant, second, theirs, lines, walk };
}

/** Gives the second tenant what the first has not: rows under names of their own, settings, and a session of its magic-link key. */
async function addTheirs(house: House, second: MerchantScope): Promise<Names> {
  const documents = { invoice: 'I-THEIRS', estimate: 'E-THEIRS', note: 'N-THEIRS', payment: 'R-THEIRS' };
  const names = { customer: 'C-THEIRS', ...documents, mail: 999_000, folder: '' };
  const { id: customerId } = await createCustomer(second, { name: `${SECOND} only`, number: names.customer });
  const document = {
    customerId,
    currency: 'EUR',
    date: '2026-11-12',
    lines: [{ name: SECOND, unitCost: '5' }],
  };
  const { id: invoiceId } = await issueInvoice(second, { ...document, number: names.invoice });
  await issueInvoice(second, { ...document, number: 'E-1' });
  await issueEstimate(second, { ...document, number: names.estimate });
  await issueCreditNote(second, { ...document, number: names.note });
  const transfer = { date: '2026-11-12', method: 'wire_transfer', methodLabel: SECOND } as const;
  // Far from every other number that a command may print.
  await second.db.nextIds('payments', 70_000);
  const { id: paymentId } = await recordMoney(second, {
    ...transfer,
    customerId,
    amount: money(100, 'EUR'),
    towards: [],
  });
  await second.db.update('payments').set({ number: names.payment }).where('id', '=', paymentId).execute();
  await second.db.insert('mailbox', { ...(await lastMail(second)), id: names.mail, message_id: SECOND });
  await second.db.nextIds('contacts', 70_000);
  const contact = await createContact(second, { customerId, name: SECOND, email: 'hooli@b.example' });
  await setSetting(second, 'mail.from_name', SECOND);
  await setSetting(second, 'documents.footer', SECOND);
  const sessions = createSessions(house.app.ports);
  const from = { scope: 'portal', address: '192.0.2.1', browser: 'Firefox on Linux' } as const;
  const keyId = (await currentMagicLinkKey(second)).id;
  await sessions.issue(second, { ...from, email: 'hooli@hooli.example', method: 'magic_link', keyId });
  await sessions.issue(second, {
    ...from,
    email: 'hooli@hooli.example',
    method: 'email_link',
    customerId: 1,
  });
  return { ...names, contact: contact.id, customerId, invoiceId, paymentId };
}

function lastMail({ db }: MerchantScope) {
  return db.from('mailbox').selectAll().orderBy('id', 'desc').executeTakeFirstOrThrow();
}

/** Files of a customer and an invoice that are called so. */
function filed({ config }: House, folderName: string, names: Names): Names {
  const folder = join(config.dataDir, folderName);
  mkdirSync(folder);
  const write = (name: string, ...lines: string[]) =>
    writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
  write('customers.csv', 'Kd-Nr,name', `${names.customer},Own`);
  write('invoices.csv', 'number,customer,date,total', `${names.invoice},${names.customer},2026-10-01,30.00`);
  write('lines.csv', 'invoice,name,quantity,unit price', `${names.invoice},Cake,3,10.00`);
  const keys = ['secret_key=sk_test_abcdefgh1234', 'publishable_key=pk_test_abcdefgh5678'];
  write('stripe.keys', ...keys, 'webhook_secret=whsec_abcdefgh');
  write('map.txt', 'customers.number=Kd-Nr');
  write('document.xml', ublExample(PLAIN));
  write('contacts.csv', 'ContactName,AccountNumber,EmailAddress', 'Own,OWN-9,own@b.example');
  return { ...names, folder };
}

function withoutNames({ code, stdout, stderr }: Finished, names: Names): Finished {
  const { folder: _folder, ...all } = names;
  const known = Object.values(all);
  const asked = new RegExp(`\\b(${known.join('|')})\\b`, 'g');
  return { code, stdout: stdout.replace(asked, '…'), stderr: stderr.replace(asked, '…') };
}

/** Takes the tenant out of every query of the handle on a table, as if nobody had thought of it; fingerprints are not the handle's. */
function forgetTenant(table: MerchantTable): void {
  const { prepare } = Database.prototype;
  const start = `\\(select \\* from "${table}" where \\S*?|^(?:update|delete from) "${table}" .*?`;
  const filter = new RegExp(`(${start})"tenant_id" = \\?`, 'g');
  Database.prototype.prepare = function (this: Database.Database, sql: string) {
    return prepare.call(this, sql.replaceAll(filter, '$1"tenant_id" > 0 * ?'));
  } as typeof prepare;
  onTestFinished(() => void (Database.prototype.prepare = prepare));
}

interface Leaf {
  readonly path: string;
  readonly options: readonly string[];
}

function leavesOf(command: Command, path: readonly string[] = []): Leaf[] {
  if (command.commands.length > 0) {
    return command.commands.flatMap((one) => leavesOf(one, [...path, one.name()]));
  }
  return [{ path: path.join(' '), options: command.options.map((option) => option.long ?? option.flags) }];
}

/** Commands and options that neither the walk nor the list of those left out knows. */
function unwalked(program: Command): string[] {
  const lines = [...reads(NEVER), ...questions(NEVER), ...writes(NEVER, NEVER)].map((line) => `${line} `);
  return leavesOf(program)
    .filter(({ path }) => !Object.hasOwn(LEFT_OUT, path))
    .flatMap(({ path, options }) => {
      const own = lines.filter((line) => line.startsWith(`${path} `));
      if (own.length === 0) return [path];
      return options
        .filter((option) => !own.some((line) => line.includes(` ${option} `)))
        .map((option) => `${path} ${option}`);
    });
}
