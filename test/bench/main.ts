/*
 * npm run bench [-- --quick]: how fast the portal is beside its yardsticks, measured in the same run. Prints tables and writes
 * test-results/bench.json. Only ratios within one run say something; absolute figures belong to the machine.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { importRate, magicLinkTimes, pdfTimes, startTimes, type Times } from './alone.ts';
import type { Amounts } from './data.ts';
import { get } from './http.ts';
import { compare, type Load, PACKED, type Target } from './load.ts';
import { createPlaces, type Place, serveSignedIn } from './place.ts';
import { type Plan, queryPlans } from './plans.ts';
import { type PaymentRate, paymentRates } from './payments.ts';
import { ROOT, run, serveScript } from './processes.ts';
import { type Aim, aim, inMs, printAims, printLoads } from './report.ts';
import { pageWeight } from './weight.ts';

const quick = process.argv.includes('--quick');
const SECONDS = quick ? 1 : 4;
const ROUNDS = quick ? 1 : 3;
const REPEATS = quick ? 3 : 7;
const MANY = quick ? 100_000 : 1_000_000;
const HOUSE: Amounts = { invoices: 1500, own: 500, lines: 5, linesOfAll: true };

const folder = mkdtempSync(join(tmpdir(), 'portal-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
process.once('SIGINT', () => process.exit(130));

const machine = {
  date: new Date().toISOString(),
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryGb: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  quick,
};
const place = await createPlaces(folder);
const house = await place('house', HOUSE);
say('Pages beside their yardsticks');
const pages = await pagesBesideYardsticks(house);
say(`The list with 1,000 and with ${MANY.toLocaleString('en')} invoices`);
const scale = await listAtScale();
say('Start, magic link, PDF, import');
const alone = await measureAlone();
const weight = await weightOfFirstVisit();
say('Durable payments');
const payments = await paymentRates(folder, quick ? 300 : 3000);

const aims = aimsOf();
printAims(machine, aims);
printLoads('Invoice list and invoice page', pages.loads);
printLoads('The same list by the size of the database', scale.loads);
const scans = scale.plans.filter((plan) => plan.scans);
for (const plan of scans) process.stdout.write(`Full scan: ${plan.sql}\n  ${plan.steps.join('\n  ')}\n`);
mkdirSync(join(ROOT, 'test-results'), { recursive: true });
const results = {
  machine,
  aims,
  pages: pages.loads,
  scale: scale.loads,
  plans: scale.plans,
  ...alone,
  weight,
  payments,
};
writeFileSync(join(ROOT, 'test-results', 'bench.json'), `${JSON.stringify(results, undefined, 2)}\n`);

async function pagesBesideYardsticks(where: Place): Promise<{ loads: Load[] }> {
  const dist = await buildBarePage();
  const { running, headers } = await serveSignedIn(where);
  const yard = await serveScript(join(ROOT, 'test/bench/yardstick/server.ts'), [where.database, dist]);
  const { body } = await get(where.port, '/invoices', headers);
  const invoice = /href="(\/invoices\/[0-9a-zA-Z]{24})"/.exec(body.toString())?.[1] ?? '/invoices';
  const own = { port: where.port, pid: running.pid, headers };
  const targets: Target[] = [
    { page: 'invoice list', path: '/invoices', ...own },
    { page: 'invoice list, packed', path: '/invoices', ...own, headers: { ...headers, ...PACKED } },
    { page: 'invoice', path: invoice, ...own },
    { page: 'invoice, packed', path: invoice, ...own, headers: { ...headers, ...PACKED } },
    { page: 'bare Astro page', path: '/', port: yard.port, pid: yard.pid },
    { page: 'raw node:http', path: '/raw', port: yard.port, pid: yard.pid },
  ];
  try {
    const one = await compare(targets, 1, SECONDS, ROUNDS);
    return { loads: [...one, ...(await compare(targets, 8, SECONDS, ROUNDS))] };
  } finally {
    await Promise.all([running.stop(), yard.stop()]);
  }
}

async function buildBarePage(): Promise<string> {
  const dist = join(ROOT, '.astro', 'bench-yardstick');
  const astro = join(ROOT, 'node_modules/astro/bin/astro.mjs');
  const site = join(ROOT, 'test/bench/yardstick');
  const env = { ASTRO_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' };
  await run(process.execPath, [astro, 'build', '--root', site, '--outDir', dist], env);
  return dist;
}

async function listAtScale(): Promise<{ loads: Load[]; plans: Plan[] }> {
  const amounts = { own: 500, lines: 5, linesOfAll: false };
  const few = await place('few', { ...amounts, invoices: 1000 });
  const many = await place('many', { ...amounts, invoices: MANY });
  const plans = await queryPlans(many);
  const [small, large] = await Promise.all([serveSignedIn(few), serveSignedIn(many)]);
  const targets = [
    {
      page: 'list of 1,000',
      path: '/invoices',
      port: few.port,
      pid: small.running.pid,
      headers: small.headers,
    },
    {
      page: `list of ${MANY.toLocaleString('en')}`,
      path: '/invoices',
      port: many.port,
      pid: large.running.pid,
      headers: large.headers,
    },
  ];
  try {
    return { loads: await compare(targets, 1, SECONDS, ROUNDS), plans };
  } finally {
    await Promise.all([small.running.stop(), large.running.stop()]);
  }
}

async function measureAlone() {
  const start = await startTimes(house, REPEATS);
  const magicLink = await magicLinkTimes(house, REPEATS);
  const pdf = await pdfTimes(quick ? 10 : 30);
  const imported = await importRate(await place('import'), quick ? 2000 : 10_000);
  return { start, magicLink, pdf, imported };
}

async function weightOfFirstVisit() {
  const { running, headers } = await serveSignedIn(house);
  try {
    return {
      list: await pageWeight(house.port, '/invoices', headers),
      signIn: await pageWeight(house.port, '/login', { host: headers['host'] ?? '' }),
    };
  } finally {
    await running.stop();
  }
}

function aimsOf(): Aim[] {
  const [few, many] = scale.loads;
  const slower = (few?.perSecond ?? Number.NaN) / (many?.perSecond ?? Number.NaN);
  const { start, magicLink, pdf, imported } = alone;
  return [
    ...payments.map(durable),
    ...['invoice list', 'invoice list, packed', 'invoice'].flatMap((page) => [
      beside(page, 1),
      beside(page, 8),
    ]),
    aim(
      `list with ${MANY.toLocaleString('en')} beside 1,000 invoices`,
      `${slower.toFixed(2)}×`,
      '≤ 1.3×',
      slower <= 1.3,
    ),
    aim(
      'statements of the two pages that scan a table',
      String(scale.plans.filter((plan) => plan.scans).length),
      '0',
      scale.plans.every((plan) => !plan.scans),
    ),
    time('portal serve to its first page', start.serve, 600, `node alone ${inMs(start.node.median)}`),
    time('portal magic-link', magicLink, 250, `node alone ${inMs(start.node.median)}`),
    time('invoice PDF, Latin letters', pdf.latin, 10, `pdf-lib alone ${inMs(pdf.bare.median)}`),
    time('invoice PDF, letters beyond', pdf.mixed, 45, `pdf-lib alone ${inMs(pdf.bare.median)}`),
    aim(
      'CSV import',
      `${imported.imported.toLocaleString('en')} rows/s`,
      '≥ 10,000',
      imported.imported >= 10_000,
      `parsing alone ${imported.parsed.toLocaleString('en')} rows/s`,
    ),
    aim(
      'first visit, invoice list',
      kb(weight.list.total),
      '≤ 40 kB',
      weight.list.total <= 40_000,
      `${weight.list.requests} requests, fonts ${kb(weight.list.fonts)}`,
    ),
    aim(
      'first visit, sign-in',
      kb(weight.signIn.total),
      '≤ 40 kB',
      weight.signIn.total <= 40_000,
      `${weight.signIn.requests} requests, fonts ${kb(weight.signIn.fonts)}`,
    ),
    aim(
      'requests to strangers',
      String(weight.list.strangers.length + weight.signIn.strangers.length),
      '0',
      weight.list.strangers.length + weight.signIn.strangers.length === 0,
    ),
  ];
}

function durable({ engine, perSecond, p50, p99, bareCommits }: PaymentRate): Aim {
  const wanted = engine === 'sqlite' ? '≥ 200' : '';
  const text = `${perSecond} /s (half within ${p50} ms, 99 % within ${p99})`;
  const met = engine !== 'sqlite' || perSecond >= 200;
  return aim(
    `durable payments, ${engine}`,
    text,
    wanted,
    met,
    `${bareCommits} bare commits/s, one after the other`,
  );
}

function beside(page: string, connections: number): Aim {
  const share = rate(pages.loads, page, connections) / rate(pages.loads, 'bare Astro page', connections);
  const what = `${page} beside a bare Astro page, ${connections} connection${connections > 1 ? 's' : ''}`;
  const work = (loads: readonly Load[], wanted: string): number =>
    loads.find((load) => load.page === wanted && load.connections === connections)?.processor ?? Number.NaN;
  const byWork = work(pages.loads, 'bare Astro page') / work(pages.loads, page);
  const processor = `${Math.round(byWork * 100)} % by processor time`;
  return aim(what, `${Math.round(share * 100)} %`, '≥ 60 %', share >= 0.6, processor);
}

/** Requests a second of a page. */
function rate(loads: readonly Load[], page: string, connections: number): number {
  return (
    loads.find((load) => load.page === page && load.connections === connections)?.perSecond ?? Number.NaN
  );
}

function time(what: string, { median }: Times, most: number, yardstick: string): Aim {
  return aim(what, inMs(median), `≤ ${most} ms`, median <= most, yardstick);
}

function kb(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

function say(text: string): void {
  process.stderr.write(`${text} …\n`);
}
