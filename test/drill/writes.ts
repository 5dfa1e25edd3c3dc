import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeScene, type DrillOptions, gather, openScene, type Report, type Scene } from './drill.ts';

/** What a portal writes with: files of SQLite, connections to PostgreSQL, to the gateway and to the customer. */
const CALLS = ['pwrite64', 'fdatasync', 'write', 'writev'];
const SMALL_TOWN = { customers: 12, onAutopay: 0, invoicesEach: 40 };
const QUIET = { kills: 0, faultyPayments: 0, mostSeconds: 0, processes: 1, faulty: 0 };

/** Whether this machine has strace and lets us attach it to a process of ours. */
export function canTrace(): boolean {
  const sleeper = spawn('sleep', ['5'], { stdio: 'ignore' });
  try {
    const tried = spawnSync('timeout', ['-s', 'INT', '0.3', 'strace', '-p', String(sleeper.pid)]);
    return /attached/.test(String(tried.stderr));
  } finally {
    sleeper.kill('SIGKILL');
  }
}

/**
 * Kills the portal at the first, second, third … write of one walk from the form to the receipt, whatever it writes to, `every`-th write only;
 * then lets SQLite's disk be full from the n-th write on. Needs `canTrace`.
 */
export async function killAtEveryWrite(
  options: Pick<DrillOptions, 'seed' | 'databaseUrl'>,
  every = 1,
): Promise<Report> {
  const started = Date.now();
  const scene = await openScene({ ...QUIET, ...options, town: SMALL_TOWN });
  const warm = scene.people.slice(0, 3);
  for (const person of warm) await person.act();
  const walks = await countWrites(scene);
  for (const call of CALLS) {
    const times = walks.get(call) ?? 0;
    for (let nth = 1 + (scene.town.dice(every) % every); nth <= times; nth += every) {
      await killAt(scene, call, nth);
    }
  }
  return closeScene(scene, started, []);
}

async function killAt(scene: Scene, call: string, nth: number): Promise<void> {
  const { portals, town } = scene;
  const portal = portals[0]!;
  const tracer = await attach(portal.pid, [`trace=${call}`, `inject=${call}:signal=KILL:when=${nth}`]);
  const walk = nextPayer(scene).act();
  await portal.gone(8000, walk);
  await detach(tracer);
  // The last write of a walk is killed when the customer already has what there was to see.
  if (await portal.gone(200)) {
    town.serving = 0;
    scene.kills += 1;
    scene.places[`a ${call}`] = (scene.places[`a ${call}`] ?? 0) + 1;
    await portal.start();
    town.serving = 1;
  }
  await walk;
}

/** The disk is full from the n-th write on, for a few payments at a time: writes fail, and what is acknowledged must stand. SQLite only. */
export async function failWrites(options: Pick<DrillOptions, 'seed'>, rounds: number): Promise<Report> {
  const started = Date.now();
  const scene = await openScene({ ...QUIET, ...options, town: SMALL_TOWN });
  scene.town.tolerant = true;
  for (let round = 0; round < rounds; round++) {
    const nth = 1 + scene.town.dice(60);
    const tracer = await attach(scene.portals[0]!.pid, [
      `trace=pwrite64`,
      `inject=pwrite64:error=ENOSPC:when=${nth}+`,
    ]);
    for (let i = 0; i < 4; i++) await nextPayer(scene).act();
    await detach(tracer);
    scene.faults += 1;
    for (let i = 0; i < 3; i++) await nextPayer(scene).act();
  }
  return closeScene(scene, started, []);
}

/**
 * A disk of its own (a small tmpfs) that runs full while customers pay, is freed, and runs full again. Undefined where we may not mount one.
 * SQLite only: the disk of a PostgreSQL server is its own.
 */
export async function fillDisk(
  options: Pick<DrillOptions, 'seed'>,
  rounds: number,
): Promise<Report | undefined> {
  const disk = mkdtempSync(join(tmpdir(), 'portal-drill-disk-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk]).status !== 0) {
    rmSync(disk, { recursive: true });
    return undefined;
  }
  try {
    const started = Date.now();
    const dataDir = join(disk, 'data');
    const scene = await openScene({
      ...QUIET,
      ...options,
      faulty: 30,
      town: { customers: 30, onAutopay: 6, invoicesEach: 30 },
      dataDir,
    });
    scene.town.tolerant = true;
    const crowd = gather(scene);
    for (let round = 0; round < rounds; round++) {
      const ballast = join(disk, 'ballast');
      await sleep(1500);
      fillUp(disk, ballast, scene.town.dice(160) * 1024);
      scene.faults += 1;
      await sleep(1500);
      rmSync(ballast, { force: true });
      if (await scene.portals[0]!.gone(10)) throw new Error('the portal died of a full disk');
    }
    return await closeScene(scene, started, crowd);
  } finally {
    spawnSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true, force: true });
  }
}

/** Leaves so many bytes; what the portal writes meanwhile may take them. */
function fillUp(disk: string, ballast: string, left: number): void {
  const { bavail, bsize } = statfsSync(disk);
  try {
    writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - left)));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
}

/** How often each call is made in one walk, by the process's own thread: strace counts each thread for itself. */
async function countWrites(scene: Scene): Promise<Map<string, number>> {
  const { pid } = scene.portals[0]!;
  const log = join(scene.home.bankDir, 'writes.log');
  const tracer = await attach(pid, [`trace=${CALLS.join(',')}`], ['-o', log]);
  await nextPayer(scene).act();
  await detach(tracer);
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
  const counts = new Map<string, number>();
  for (const line of lines) {
    const [, thread, call = ''] = /^(\d+)\s+(\w+)\(/.exec(line) ?? [];
    if (Number(thread) === pid) counts.set(call, (counts.get(call) ?? 0) + 1);
  }
  return counts;
}

function nextPayer({ people, town }: Scene): Scene['people'][number] {
  const left = people.filter((person) => !person.done);
  return left[town.dice(left.length)] ?? people[0]!;
}

async function attach(
  pid: number,
  expressions: readonly string[],
  more: readonly string[] = [],
): Promise<ChildProcess> {
  const args = ['-f', ...more, ...expressions.flatMap((text) => ['-e', text]), '-p', String(pid)];
  const tracer = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  const attached = new Promise<void>((resolve, reject) => {
    tracer.stderr.on('data', (chunk: Buffer) => {
      said = (said + String(chunk)).slice(-2000);
      if (said.includes('attached')) resolve();
    });
    tracer.once('exit', () => reject(new Error(`strace could not attach: ${said}`)));
  });
  await attached;
  // Every thread is taken one after the other.
  await sleep(30);
  return tracer;
}

async function detach(tracer: ChildProcess): Promise<void> {
  if (tracer.exitCode !== null || tracer.signalCode !== null) return;
  const gone = once(tracer, 'exit');
  tracer.kill('SIGINT');
  // It sometimes waits for ever for a process that it has just killed.
  const impatience = setTimeout(() => tracer.kill('SIGKILL'), 300);
  await gone;
  clearTimeout(impatience);
}
