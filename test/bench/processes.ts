import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COMMAND = `${ROOT}cli/portal`;

/** A server in a process of its own. */
export interface Running {
  readonly port: number;
  readonly pid: number;
  /** From spawning it to its first answer, in ms; absent where nobody asked. */
  readonly readyMs?: number | undefined;
  stop(): Promise<void>;
}

export type Environment = Record<string, string>;

/** Runs a command to its end; answers its stdout. Throws with its stderr when it fails. */
export async function run(program: string, args: readonly string[], env: Environment = {}): Promise<string> {
  const child = spawn(program, args, { cwd: ROOT, env: { ...process.env, ...env } });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const code = await new Promise((done) => child.on('close', done));
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${err || out}`);
  return out;
}

/** The portal's command, as an operator runs it. */
export function portal(args: readonly string[], env: Environment): Promise<string> {
  return run(COMMAND, args, env);
}

/** `portal serve`, ready when it has answered the sign-in page of the tenant `bench`. */
export async function servePortal(env: Environment, port: number): Promise<Running> {
  const begun = performance.now();
  const child = spawn(COMMAND, ['serve'], { cwd: ROOT, env: { ...process.env, ...env }, stdio: 'ignore' });
  const headers = { host: `bench.localhost:${port}` };
  while (!(await answers(port, headers))) {
    if (child.exitCode !== null) throw new Error(`portal serve ended with ${child.exitCode}`);
    if (performance.now() - begun > 30_000) throw new Error('portal serve did not answer within 30 s');
    await new Promise((done) => setTimeout(done, 2));
  }
  return { port, pid: child.pid ?? 0, readyMs: performance.now() - begun, stop: () => stopped(child) };
}

/** A script that prints its port when it listens. */
export async function serveScript(script: string, args: readonly string[]): Promise<Running> {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<number>((done, failed) => {
    child.stdout.once('data', (chunk: Buffer) => done(Number(chunk.toString())));
    child.once('exit', (code) => failed(new Error(`${script} ended with ${code}`)));
  });
  return { port, pid: child.pid ?? 0, stop: () => stopped(child) };
}

/** Processor time (ms) that a process has used so far, as Linux counts it: to 10 ms. Not a number elsewhere. */
export function processorMs(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((done) => {
    child.once('exit', () => done());
    child.kill('SIGTERM');
  });
}

async function answers(port: number, headers: Record<string, string>): Promise<boolean> {
  const { get } = await import('./http.ts');
  try {
    return (await get(port, '/login', headers)).status === 200;
  } catch {
    return false;
  }
}
