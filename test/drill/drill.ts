import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { audit, countCollected, countGivenUp, type Findings, forgetIntents } from './audit.ts';
import { readMishaps, readNews } from './books.ts';
import { Clerk } from './clerk.ts';
import { type Customer, emptyTown, fromAnywhere, type Town } from './customer.ts';
import { diceOf } from './dice.ts';
import { type Errands, Merchant } from './merchant.ts';
import { type Place, PLACES } from './orders.ts';
import { PostOffice } from './post-office.ts';
import { type Pace, probe } from './prober.ts';
import { Portal } from './processes.ts';
import { install, type Installation, letItSettle, ORIGIN, settleTown, type TownSize } from './town.ts';

const MINUTE_MS = 60_000;
const AT_ONCE = 16;
/** As much as the processes can bear; and as people are, where it matters how long they wait. */
const HURRIED_MS = 10;
const UNHURRIED_MS = 2000;
const WARM_UP_MS = 5000;

export interface DrillOptions {
  readonly seed: number;
  /** Absent for SQLite. */
  readonly databaseUrl?: string | undefined;
  /** It ends when there were so many kills and so many payments that a mishap struck, or when the time is over. The control that forgets goes on
   * until a charge was forgotten: a kill may find nothing on its way. */
  readonly kills: number;
  readonly faultyPayments: number;
  readonly mostSeconds: number;
  readonly town: TownSize;
  readonly processes?: number;
  /** Of 100 charges, how many meet a mishap of the network. */
  readonly faulty?: number;
  /** A control takes a safety away: the audit must notice. */
  readonly control?:
    'a fresh key for each retry' | 'attempts are forgotten' | 'mail is sent until it is answered' | undefined;
  /** Mail leaves through a slow server that drops and hangs; otherwise it stays in the database. */
  readonly mails?: boolean;
  /** What the merchant does meanwhile; somebody then measures how long pages take, and nothing jumps or dies by itself. */
  readonly errands?: Errands | undefined;
  readonly dataDir?: string | undefined;
}

export interface Report {
  readonly acknowledged: number;
  /** Payments that AutoPay took: nobody was there to see them. */
  readonly collected: number;
  /** Refunds that were acknowledged to whoever made them. */
  readonly refunded: number;
  readonly kills: number;
  /** Kills by place; those of a random moment are `any moment`. */
  readonly places: Readonly<Record<string, number>>;
  /** Mishaps of the network, jumps of the clock, deaths of the gateway, connections that the database cut. */
  readonly faults: number;
  /** Attempts that at least one mishap of the network struck. */
  readonly faultyPayments: number;
  readonly found: Findings;
  /** What became of the gateway's webhooks, by fate. */
  readonly news: Readonly<Record<string, number>>;
  /** Messages that the mail server has, and mails that were given up because nobody knows whether it has them. */
  readonly mailed: number;
  readonly givenUp: number;
  /** What the merchant did, how long each took at most (s), and how long pages took meanwhile. */
  readonly errands?: Pick<Merchant, 'done' | 'longest' | 'refused'> | undefined;
  readonly pace?: Pace | undefined;
  /** What `portal db check` says. */
  readonly check: readonly string[];
  /** What customers must never see. */
  readonly complaints: readonly string[];
  /** Error pages while the database hung up or its disk was full: the customer reloads. */
  readonly errorPages: number;
  /** Charges that the portal was made to forget, in the control that does so. */
  readonly forgotten: number;
  readonly seconds: number;
  readonly journal: Town['journal'];
  readonly home: Installation;
}

/** What goes on while customers pay. */
export interface Scene {
  readonly home: Installation;
  readonly town: Town;
  readonly people: readonly Customer[];
  readonly portals: readonly Portal[];
  readonly clerk: Clerk;
  readonly office: PostOffice | undefined;
  /** Numbers of the invoices that AutoPay is to collect in a month. */
  readonly later: readonly string[];
  errands?: Merchant;
  pace?: Pace;
  /** How far (ms) the clocks are from the machine's. */
  offset: number;
  kills: number;
  faults: number;
  forgotten: number;
  readonly places: Record<string, number>;
}

/** Customers pay while processes are killed, clocks jump and the network plays tricks; then the books are audited. The caller removes `home`. */
export async function runDrill(options: DrillOptions): Promise<Report> {
  const started = Date.now();
  const scene = await openScene(options);
  const deadline = started + options.mostSeconds * 1000;
  const enoughKills = (): boolean =>
    scene.kills >= options.kills && (options.control !== 'attempts are forgotten' || scene.forgotten > 0);
  let isBusy = options.errands !== undefined;
  const enough = (): boolean =>
    Date.now() > deadline ||
    (!isBusy &&
      ((enoughKills() && readMishaps(scene.home.bankDir).payments >= options.faultyPayments) ||
        scene.people.every((person) => person.done)));
  const crowd = gather(scene, options.errands ? UNHURRIED_MS : HURRIED_MS);
  const mischief = options.errands
    ? runErrands(scene, options.errands, () => (isBusy = false))
    : makeMischief(scene);
  const refunds = scene.clerk.work();
  while (!enough()) {
    if (enoughKills()) await sleep(250);
    else await killOne(scene, options);
  }
  return closeScene(scene, started, [...crowd, mischief, refunds]);
}

/** A portal that serves, with its customers signed in. */
export async function openScene(options: DrillOptions): Promise<Scene> {
  const { seed, processes = 2, databaseUrl, dataDir } = options;
  const faulty = options.faulty ?? 92;
  const office = options.mails ? new PostOffice(diceOf(seed + 7)) : undefined;
  const smtpUrl = await office?.open();
  const home = await install({ seed, processes, databaseUrl, dataDir, faulty, smtpUrl });
  const town = emptyTown(diceOf(seed));
  town.tolerant = databaseUrl !== undefined;
  const { people, later } = await settleTown(home, town, options.town);
  if (databaseUrl) await onServer(databaseUrl, 'analyze');
  const unsafe = options.control === 'a fresh key for each retry';
  const insistent = options.control === 'mail is sent until it is answered';
  const portals = home.ports.map(
    (port) =>
      new Portal(home.environment, join(home.bankDir, 'portal.log'), {
        port,
        bank: home.bank.port,
        offset: 0,
        unsafe,
        insistent,
      }),
  );
  for (const portal of portals) {
    await portal.start();
    town.serving += 1;
  }
  for (const person of people) await person.signIn();
  home.bank.tell({ portals: home.ports, host: `${ORIGIN}:${home.ports[0]}` });
  const counts = { offset: 0, kills: 0, faults: 0, forgotten: 0, places: {} };
  const clerk = new Clerk(town, portals);
  return { home, town, people, portals, clerk, office, later, ...counts };
}

/** Lets everybody press reload once more, ends the processes and audits. */
export async function closeScene(
  scene: Scene,
  started: number,
  company: ReadonlyArray<Promise<unknown>>,
): Promise<Report> {
  const { home, town, portals, clerk, kills, places, forgotten } = scene;
  await sleep(1000);
  town.over = true;
  await Promise.all(company);
  for (const portal of portals) await portal.kill();
  const { office, errands, pace } = scene;
  if (office) office.calm = true;
  const check = await letItSettle(home, scene.offset);
  await office?.close();
  const found = await audit(home, town.journal.values(), clerk.journal, office?.posted);
  const mishaps = readMishaps(home.bankDir);
  return {
    acknowledged: town.journal.size,
    collected: await countCollected(home),
    refunded: clerk.journal.size,
    kills,
    places,
    faults: scene.faults + mishaps.faults,
    faultyPayments: mishaps.payments,
    found,
    check,
    news: readNews(home.bankDir),
    mailed: office?.posted.length ?? 0,
    givenUp: await countGivenUp(home),
    errands,
    pace,
    complaints: town.complaints,
    errorPages: town.seen.errors,
    forgotten,
    seconds: Math.round((Date.now() - started) / 1000),
    journal: town.journal,
    home,
  };
}

/** Groups of customers who pay one after the other, several groups at once, with pauses of so many ms at most. */
export function gather({ town, people }: Scene, pauseMs = HURRIED_MS): Array<Promise<void>> {
  return Array.from({ length: AT_ONCE }, (_, i) =>
    live(
      town,
      people.filter((_person, j) => j % AT_ONCE === i),
      pauseMs,
    ),
  );
}

async function live(town: Town, people: readonly Customer[], pauseMs: number): Promise<void> {
  while (!town.over && people.length > 0) {
    await people[town.dice(people.length)]!.act();
    await sleep(town.dice(pauseMs));
  }
}

async function killOne(scene: Scene, options: DrillOptions): Promise<void> {
  const { home, town, portals } = scene;
  const portal = portals[town.dice(portals.length)]!;
  const forgets = options.control === 'attempts are forgotten';
  await momentOfPayment(town, scene.kills % 2 === 1);
  town.serving -= 1;
  const place = await strike(portal, town, forgets);
  scene.kills += 1;
  scene.places[place] = (scene.places[place] ?? 0) + 1;
  if (forgets) scene.forgotten += await forgetIntents(home);
  await portal.start();
  town.serving += 1;
}

/** One kill in three comes from outside at any moment, the others at a chosen place of the work. */
async function strike(portal: Portal, town: Town, afterCharge: boolean): Promise<string> {
  const at: Place | undefined = afterCharge
    ? 'after the charge'
    : town.dice(3) === 0
      ? undefined
      : PLACES[town.dice(PLACES.length)];
  const passages = at === 'clock' ? 1 + town.dice(40) : 1 + town.dice(at === 'token' ? 8 : 2);
  const diedThere = await portal.kill(at && { at, passages });
  return at && diedThere ? at : 'any moment';
}

/** A moment at which at least one payment form is sent and not answered; every other time, soon after somebody has seen a receipt. */
async function momentOfPayment(town: Town, warm: boolean): Promise<void> {
  const acknowledged = town.journal.size;
  const patience = warm ? 200 : 0;
  for (let waited = 0; waited < patience && town.journal.size === acknowledged; waited++) await sleep(2);
  await sleep(town.dice(60));
  for (let waited = 0; waited < 500 && town.onTheWay === 0; waited++) await sleep(1);
}

/** The merchant at work, once through everything at least, while somebody counts how long pages take. */
async function runErrands(scene: Scene, errands: Errands, through: () => void): Promise<void> {
  const { home, town, people, later } = scene;
  scene.errands = new Merchant(home, town, later, errands);
  // What runs for the first time is compiled then.
  await sleep(WARM_UP_MS);
  const probing = probe(town, people[0]!.visitors, () => fromAnywhere(town.dice));
  await scene.errands.work(through);
  scene.pace = await probing;
}

/** Clocks jump, the gateway dies, and PostgreSQL hangs up, over and over. */
async function makeMischief(scene: Scene): Promise<void> {
  const { town, home } = scene;
  while (!town.over) {
    await sleep(300 + town.dice(700));
    scene.faults += 1;
    const roll = town.dice(10);
    if (roll < 7) jump(scene);
    else if (roll < 9 || !home.databaseUrl) await restartBank(scene);
    else await hangUp(home.databaseUrl);
  }
}

/** Mostly forward, past the minutes after which an attempt is closed; sometimes back. */
function jump(scene: Scene): void {
  const { dice } = scene.town;
  scene.offset += dice(4) === 0 ? -dice(9 * MINUTE_MS) : (1 + dice(25)) * MINUTE_MS;
  scene.home.bank.tell({ offset: scene.offset });
  for (const portal of scene.portals) portal.tell({ offset: scene.offset });
}

async function restartBank({ home, portals }: Scene): Promise<void> {
  await home.bank.kill();
  await home.bank.start();
  for (const portal of portals) portal.tell({ bank: home.bank.port });
}

function hangUp(databaseUrl: string): Promise<void> {
  return onServer(
    databaseUrl,
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
}

async function onServer(connectionString: string, statement: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  await client.query(statement);
  await client.end();
}

/** What the merchant did beside the payments, and how long pages took meanwhile. */
export function dayInWords({ errands, pace, mailed, givenUp }: Report): string {
  const done = Object.entries(errands?.done ?? {}).map(([what, times]) => {
    return `${what} ${times} (at most ${errands?.longest[what as keyof Merchant['longest']]} s)`;
  });
  const pages = pace
    ? `${pace.pages} pages in ${pace.median} ms at the median, ${pace.p99} ms at the 99th percentile, ${pace.longest} ms at most`
    : '';
  return `${done.join(', ')}; ${mailed} mails, ${givenUp} given up; ${pages}`;
}
