import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { Refusal } from '#src/kernel/errors.ts';
import { assertStorable } from '#src/kernel/text.ts';
import { refusalOf, reportBug, reportRefusal, reportUsage, USAGE, UsageError } from './errors.ts';
import { leaveQuietlyOnClosedPipe } from './output.ts';

/** Adds a group's arguments, options, examples and action (or its subcommands) to its command. */
export type Setup = (command: Command) => void;

interface Group {
  readonly name: string;
  readonly description: string;
  /** Loaded only when the group is asked for: a command starts as fast as its own imports. */
  readonly load: () => Promise<{ readonly setup: Setup }>;
}

const GROUPS: readonly Group[] = [
  {
    name: 'demo',
    description: 'Start a portal with two demo merchants, and print how to sign in',
    load: () => import('./commands/demo.ts'),
  },
  {
    name: 'serve',
    description: 'Serve the portal of every tenant',
    load: () => import('./commands/serve.ts'),
  },
  {
    name: 'work',
    description: 'Do the background work alone: mail, payments that nobody answered for, AutoPay',
    load: () => import('./commands/work.ts'),
  },
  {
    name: 'clock',
    description: 'Show and move the time of a test tenant',
    load: () => import('./commands/clock.ts'),
  },
  {
    name: 'tenant',
    description: 'Create, list, show and change tenants (the businesses that bill)',
    load: () => import('./commands/tenant.ts'),
  },
  {
    name: 'customer',
    description: 'Create, list, show, change and close the customers of a tenant',
    load: () => import('./commands/customer.ts'),
  },
  {
    name: 'contact',
    description: 'List, add, change and remove the people of customers',
    load: () => import('./commands/contact.ts'),
  },
  {
    name: 'session',
    description: 'List and end the sessions of a customer',
    load: () => import('./commands/session.ts'),
  },
  {
    name: 'invoice',
    description: 'Issue, list, show and void the invoices of a tenant',
    load: () => import('./commands/invoice.ts'),
  },
  {
    name: 'estimate',
    description: 'Issue, list, show and void estimates, and make invoices of them',
    load: () => import('./commands/estimate.ts'),
  },
  {
    name: 'credit-note',
    description: 'Issue, list, show and void credit notes',
    load: () => import('./commands/credit-note.ts'),
  },
  {
    name: 'credit',
    description: 'Show and adjust the credit of customers',
    load: () => import('./commands/credit.ts'),
  },
  {
    name: 'gateway',
    description: 'Connect a tenant to the gateway that takes its payments',
    load: () => import('./commands/gateway.ts'),
  },
  {
    name: 'autopay',
    description: 'Collect what AutoPay and payment plans have due, or see what they will',
    load: () => import('./commands/autopay.ts'),
  },
  {
    name: 'plan',
    description: 'Put invoices under payment plans',
    load: () => import('./commands/plan.ts'),
  },
  {
    name: 'payment',
    description: 'List, show, record, refund and void the payments of a tenant',
    load: () => import('./commands/payment.ts'),
  },
  {
    name: 'dispute',
    description: 'List payments that the payers’ banks took back',
    load: () => import('./commands/dispute.ts'),
  },
  {
    name: 'promise',
    description: 'List and note promises to pay',
    load: () => import('./commands/promise.ts'),
  },
  {
    name: 'import',
    description: 'Import customers and invoices from CSV or UBL files',
    load: () => import('./commands/import.ts'),
  },
  { name: 'seed', description: 'Fill the database with demo data', load: () => import('./commands/seed.ts') },
  {
    name: 'magic-link',
    description: 'Print a link that signs a customer in',
    load: () => import('./commands/magic-link.ts'),
  },
  {
    name: 'magic-key',
    description: 'Show or change the key that magic links are signed with',
    load: () => import('./commands/magic-key.ts'),
  },
  {
    name: 'settings',
    description: 'List, read and change the settings of a tenant',
    load: () => import('./commands/settings.ts'),
  },
  {
    name: 'mail',
    description: 'Read the mail that the local mailbox keeps',
    load: () => import('./commands/mail.ts'),
  },
  {
    name: 'job',
    description: 'See what failed in the background, and try it again',
    load: () => import('./commands/job.ts'),
  },
  {
    name: 'db',
    description: 'Migrate, back up, restore, check and query the database',
    load: () => import('./commands/db.ts'),
  },
];

const ENVIRONMENT = `
Environment:
  PORTAL_DATA          folder of the database, the files and the secret (default ./data)
  PORTAL_DATABASE_URL  postgres://… instead of the SQLite file in PORTAL_DATA
  PORTAL_BASE_URL      the address that tenants are subdomains of (default http://localhost:4321)

Exit codes: 0 done, 1 refused (the reason is on stderr), 2 wrong usage, 70 a mistake in the portal.`;

/** Runs one command line and answers the exit code. Data goes to stdout, everything else to stderr. */
export async function runPortal(args: readonly string[]): Promise<number> {
  leaveQuietlyOnClosedPipe();
  try {
    assertStorable(args);
    const asked = withoutHelpWord(args);
    const program = await buildProgram(asked[0]);
    await program.parseAsync(asked, { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    if (error instanceof UsageError) return reportUsage(error);
    const refusal = error instanceof Refusal ? error : refusalOf(error);
    return refusal ? reportRefusal(refusal) : reportBug(error);
  }
}

/** `help invoice issue` is `invoice issue --help`: the same text, of the group that is loaded for it. */
function withoutHelpWord(args: readonly string[]): readonly string[] {
  const [first, ...topic] = args;
  return first === 'help' ? [...topic.filter((word) => !word.startsWith('-')), '--help'] : args;
}

/** The whole command line: every group by name, one of them (or `all`) with what it can do. */
export async function buildProgram(loaded: string | undefined): Promise<Command> {
  const program = new Command('portal')
    .description('A self-hosted billing portal: run it and look after it from here.')
    .version(version(), '-V, --version', 'print the version of the portal')
    .exitOverride()
    .showHelpAfterError('Add --help to see how it is used.')
    .showSuggestionAfterError(true)
    .configureHelp({ showGlobalOptions: false })
    .addHelpText('after', ENVIRONMENT);
  for (const group of GROUPS) {
    const command = program.command(group.name).description(group.description);
    if (loaded === group.name || loaded === 'all') (await group.load()).setup(command);
  }
  return program;
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(text) as { readonly version: unknown }).version);
}
