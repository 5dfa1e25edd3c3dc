import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import BetterSqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { audit, forgetIntents, struckBy } from './audit.ts';
import { type Customer, emptyTown, type Town } from './customer.ts';
import { diceOf, end, install, type Installation, letItSettle, serve, settleTown } from './town.ts';

const KILLS = 50;
/** Killing goes on past that until one struck between charging and settling, but not for ever. */
const MOST_KILLS = 120;
const TIMEOUT_MS = 300_000;
const AT_ONCE = 6;
const SEED = Number(process.env['DRILL_SEED'] ?? Date.now() % 1_000_000);

test(
  `killing the portal ${KILLS} times during payments loses nothing and doubles nothing`,
  { timeout: TIMEOUT_MS },
  async () => {
    const home = await install();
    const town = emptyTown(diceOf(SEED));
    const people = await settleTown(home, town, 30, 16);
    const kills = await drill(home, town, people, (times) => {
      if (times.length < KILLS) return true;
      return times.length < MOST_KILLS && struckBy(home.dataDir, times).charged === 0;
    });
    const ownCheck = await letItSettle(home);
    const found = audit(home.dataDir, town.journal.values());
    const struck = struckBy(home.dataDir, kills);

    const { lost, resent, reopened, unknown } = town.seen;
    const missing = found.filter((text) => text.includes('lost')).length;
    say(
      `drill: ${town.journal.size} payments acknowledged, ${kills.length} kills, ${resent} re-sent, ${missing} lost, ${found.length - missing} doubled`,
    );
    say(
      `seed ${SEED}: ${lost} answers lost, ${reopened} new forms, ${unknown} left to the portal to find out; struck by a kill after the intent was written: ${struck.charged} charged and settled later, ${struck.never} never charged and closed`,
    );
    expect(found).toEqual([]);
    expect(ownCheck).toEqual([]);
    expect(town.complaints).toEqual([]);
    expect(kills.length).toBeGreaterThanOrEqual(KILLS);
    expect(town.journal.size).toBeGreaterThan(KILLS);
    // Without payments that were cut in the middle the drill would prove nothing.
    expect(struck.charged).toBeGreaterThan(0);

    destroyReceipt(home, [...town.journal.values()][0]!.receipt);
    const afterDamage = audit(home.dataDir, town.journal.values()).join('\n');
    expect(afterDamage).toContain('a receipt that a customer saw is lost');
    expect(afterDamage).toContain('a charge without exactly one payment');
  },
);

test(
  'the drill notices a portal that forgets what it began: the customer is charged twice',
  { timeout: TIMEOUT_MS },
  async () => {
    const home = await install();
    const town = emptyTown(diceOf(SEED + 1));
    const people = await settleTown(home, town, 20, 20);
    let forgotten = 0;
    const kills = await drill(
      home,
      town,
      people,
      (times) => forgotten === 0 && times.length < MOST_KILLS,
      () => void (forgotten += forgetIntents(home.dataDir)),
    );
    await letItSettle(home);
    const found = audit(home.dataDir, town.journal.values());
    say(
      `control, seed ${SEED + 1}: ${kills.length} kills, ${forgotten} charges forgotten, the audit says: ${found[0]}`,
    );
    expect(forgotten).toBeGreaterThan(0);
    expect(found.filter((text) => text.startsWith('a charge without exactly one payment'))).toHaveLength(
      forgotten,
    );
  },
);

/** Serves, lets customers pay, and kills whenever payments are on their way, for as long as wanted. Answers the moments of the kills (epoch ms). */
async function drill(
  home: Installation,
  town: Town,
  people: readonly Customer[],
  wanted: (kills: readonly number[]) => boolean,
  afterKill: () => void = () => undefined,
): Promise<number[]> {
  const kills: number[] = [];
  let child: ChildProcess = await serve(home);
  onTestFinished(() => end(child, 'SIGKILL'));
  await end(child, 'SIGTERM');
  child = await serve(home);
  for (const person of people) await person.signIn();
  const crowd = Array.from({ length: AT_ONCE }, (_, i) =>
    live(
      town,
      people.filter((_person, j) => j % AT_ONCE === i),
    ),
  );
  while (wanted(kills)) {
    await momentOfPayment(town, kills.length % 2 === 1);
    kills.push(Date.now());
    town.serving = false;
    await end(child, 'SIGKILL');
    afterKill();
    child = await serve(home);
    town.serving = true;
  }
  // Everybody may still press reload once the portal stays.
  await sleep(1000);
  town.over = true;
  await Promise.all(crowd);
  await end(child, 'SIGKILL');
  return kills;
}

async function live(town: Town, people: readonly Customer[]): Promise<void> {
  while (!town.over) {
    await people[town.dice(people.length)]!.act();
    await sleep(town.dice(10));
  }
}

/**
 * A random moment at which at least one payment form is sent and not answered: cold, as soon as it can be, or warm, after somebody has seen a
 * receipt, when payments are quick and a kill strikes between charging and settling. Warmth is waited for two seconds at most.
 */
async function momentOfPayment(town: Town, warm: boolean): Promise<void> {
  const acknowledged = town.journal.size;
  const warmEnough = (): boolean => !warm || town.journal.size > acknowledged;
  for (let waited = 0; waited < 1000 && !warmEnough(); waited++) await sleep(2);
  await sleep(town.dice(60));
  for (let waited = 0; waited < 2000 && town.onTheWay === 0; waited++) await sleep(1);
}

/** What the drill must not overlook: a payment that somebody saw is gone. */
function destroyReceipt({ dataDir }: Installation, receipt: string): void {
  const db = new BetterSqlite(join(dataDir, 'portal.db'));
  db.pragma('foreign_keys = off');
  expect(db.prepare('delete from payments where client_id = ?').run(receipt).changes).toBe(1);
  db.close();
}

/** The measurements are the point of a drill, so they are shown; the console is watched and stays quiet. */
function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
