import { vi } from 'vitest';
import { runPortal } from '#cli/program.ts';
import type { Finished } from '#test/cli/command-line.ts';
import type { House } from './house.ts';

/**
 * The `portal` command on a house's installation, run in this process: a tenth of the time that a process takes. It opens the database for
 * itself and lives by the machine's clock. One command at a time.
 */
export function portalIn({ config }: House): (args: readonly string[]) => Promise<Finished> {
  const env = {
    PORTAL_DATA: config.dataDir,
    PORTAL_SECRET: config.secret,
    PORTAL_DATABASE_URL: config.databaseUrl,
    PORTAL_BASE_URL: config.baseUrl.href,
  };
  return (args) => runHere(args, env);
}

let last: Promise<unknown> = Promise.resolve();

/** Runs a command in this process, in this environment, after those that run already: there is one standard output. */
export function runHere(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<Finished> {
  const next = last.then(async () => {
    const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
    for (const one of Object.entries(env)) setVariable(one);
    return run(args).finally(() => before.forEach(setVariable));
  });
  last = next.catch(() => undefined);
  return next;
}

function setVariable([name, value]: readonly [string, string | undefined]): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

async function run(args: readonly string[]): Promise<Finished> {
  const texts = { stdout: '', stderr: '' };
  const gather = (name: 'stdout' | 'stderr') =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      texts[name] += String(text);
      return true;
    });
  const spies = [gather('stdout'), gather('stderr')];
  const listeners = process.stdout.listeners('error');
  try {
    return { code: await runPortal(args), ...texts };
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = undefined;
    // Each run listens for a closed pipe until its process ends, which this one does not.
    for (const listener of process.stdout.listeners('error')) {
      if (!listeners.includes(listener)) process.stdout.off('error', listener as () => void);
    }
  }
}
