/*
 * npm run drill [-- --quick] [--seed N] [--engine sqlite|postgres] [--day]: kills, faults and full disks on SQLite and on PostgreSQL, then the controls; with --day only the busy day, during which pages are timed. Prints what each part
 * found and one line for all, and ends with 1 when anything was lost or doubled, or when a control was not caught.
 */
import { Client } from 'pg';
import { startPostgres } from '#test/support/postgres-server.ts';
import { dayInWords, type DrillOptions, type Report, runDrill } from './drill.ts';
import { canTrace, failWrites, fillDisk, killAtEveryWrite } from './writes.ts';

const quick = process.argv.includes('--quick');
const dayOnly = process.argv.includes('--day');
const seed = Number(valueOf('--seed') ?? Date.now() % 1_000_000);
const engines = (['sqlite', 'postgres'] as const).filter((one) => (valueOf('--engine') ?? one) === one);
const started = Date.now();
const FULL = {
  kills: 430,
  faultyPayments: 10_300,
  mostSeconds: 2400,
  town: { customers: 380, onAutopay: 80, invoicesEach: 48 },
  mails: true,
};
const QUICK = {
  kills: 15,
  faultyPayments: 200,
  mostSeconds: 60,
  town: { customers: 46, onAutopay: 6, invoicesEach: 12 },
  mails: true,
};
/** A busy day without kills: pages are timed. */
const DAY = {
  kills: 0,
  faulty: 10,
  mails: true,
  ...(quick
    ? {
        faultyPayments: 30,
        mostSeconds: 90,
        town: { customers: 20, onAutopay: 5, invoicesEach: 12, laterEach: 3 },
        errands: { imported: 20_000, invoices: 12 },
      }
    : {
        faultyPayments: 300,
        mostSeconds: 900,
        town: { customers: 120, onAutopay: 30, invoicesEach: 40, laterEach: 2 },
        errands: { imported: 150_000, invoices: 60 },
      }),
};
const CONTROL = {
  kills: 4,
  faultyPayments: 80,
  mostSeconds: 60,
  town: { customers: 24, onAutopay: 0, invoicesEach: 12 },
};
const sum = {
  webhooks: 0,
  acknowledged: 0,
  collected: 0,
  refunded: 0,
  kills: 0,
  faults: 0,
  faulty: 0,
  lost: 0,
  doubled: 0,
  other: 0,
  mails: 0,
};
let blind = 0;

const postgres = await startPostgres();
try {
  const traced = canTrace();
  if (!traced) say('strace is missing or may not attach: no kills at every write, no failing writes');
  for (const engine of engines) {
    const databaseUrl = (): Promise<string | undefined> =>
      engine === 'postgres' ? emptyDatabase() : Promise.resolve(undefined);
    const main: DrillOptions = { seed, ...(quick ? QUICK : FULL) };
    if (!dayOnly)
      await count(`${engine}, kills and faults`, runDrill({ ...main, databaseUrl: await databaseUrl() }));
    const day = runDrill({ seed, ...DAY, databaseUrl: await databaseUrl() });
    await count(`${engine}, a busy day`, day);
    const paced = await day;
    say(`  ${dayInWords(paced)}`);
    if (!traced || dayOnly) continue;
    const writes = { seed, databaseUrl: await databaseUrl() };
    await count(`${engine}, killed at each write of a payment`, killAtEveryWrite(writes, quick ? 12 : 1));
  }
  if (engines.includes('sqlite') && !dayOnly) await fullDisks(traced);
  for (const control of [
    'a fresh key for each retry',
    'attempts are forgotten',
    'mail is sent until it is answered',
  ] as const)
    if (!dayOnly) await fails(control);
} finally {
  await postgres.stop();
}
const minutes = ((Date.now() - started) / 60_000).toFixed(1);
say(
  `drill: ${sum.acknowledged} payments acknowledged, ${sum.collected} collected by AutoPay, ${sum.refunded} refunds, ${sum.kills} kills, ${sum.faults} faults (${sum.faulty} faulty payments, ${sum.webhooks} webhooks), ${sum.mails} mails, ` +
    `${sum.lost} lost, ${sum.doubled} doubled, ${sum.other} other differences; seed ${seed}, ${minutes} minutes`,
);
process.exitCode = sum.lost + sum.doubled + sum.other + blind > 0 ? 1 : 0;

function valueOf(option: string): string | undefined {
  const at = process.argv.indexOf(option);
  return at > 0 ? process.argv[at + 1] : undefined;
}

async function fullDisks(traced: boolean): Promise<void> {
  if (traced) await count('sqlite, writes fail as on a full disk', failWrites({ seed }, quick ? 5 : 40));
  const full = await fillDisk({ seed }, quick ? 3 : 20);
  if (full) await count('sqlite, a full disk', Promise.resolve(full));
  else say('no small disk may be mounted here: no full disk');
}

async function count(what: string, running: Promise<Report>): Promise<void> {
  const report = await running;
  const { lost, doubled, other } = report.found;
  const places = counted(report.places);
  const news = counted(report.news);
  const forged = report.news['forged and taken in'] ?? 0;
  say(
    `${what}: ${report.acknowledged} acknowledged, ${report.collected} collected by AutoPay, ${report.refunded} refunds, ${report.kills} kills${places === '' ? '' : ` (${places})`}, ` +
      `${news === '' ? '' : `webhooks: ${news}, `}` +
      `${report.faults} faults, ${report.faultyPayments} faulty payments, ${report.errorPages} error pages, ${report.mailed} mails (${report.givenUp} given up), ` +
      `${lost.length} lost, ${doubled.length} doubled, db check ${report.check.length === 0 ? 'clean' : 'NOT CLEAN'}, ${report.seconds} s`,
  );
  const wrong = [...lost, ...doubled, ...other, ...report.check, ...report.complaints];
  for (const text of wrong.slice(0, 20)) say(`  ${text}`);
  sum.acknowledged += report.acknowledged;
  sum.collected += report.collected;
  sum.refunded += report.refunded;
  sum.kills += report.kills;
  sum.faults += report.faults;
  sum.mails += report.mailed;
  sum.faulty += report.faultyPayments;
  sum.lost += lost.length;
  sum.doubled += doubled.length;
  sum.other += other.length + report.check.length + report.complaints.length + forged;
  for (const times of Object.values(report.news)) sum.webhooks += times;
  await report.home.remove();
}

function counted(times: Readonly<Record<string, number>>): string {
  return Object.entries(times)
    .map(([what, number]) => `${what} ${number}`)
    .join(', ');
}

/** Without this safety the audit must find something, or the drill is void. */
async function fails(control: NonNullable<DrillOptions['control']>): Promise<void> {
  const { found, home } = await runDrill({ seed, ...CONTROL, mails: true, control });
  const caught = found.lost.length + found.doubled.length;
  if (caught === 0) blind += 1;
  say(
    `control, ${control}: ${found.lost.length} lost, ${found.doubled.length} doubled${caught > 0 ? '' : ': THE DRILL IS BLIND'}`,
  );
  await home.remove();
}

async function emptyDatabase(): Promise<string> {
  const name = `drill_${Date.now()}`;
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const address = new URL(postgres.url);
  address.pathname = `/${name}`;
  return address.href;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
