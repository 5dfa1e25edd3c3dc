import { onTestFinished, vi } from 'vitest';
import { runPortal } from '#cli/program.ts';
import type { Finished } from '#test/cli/command-line.ts';
import type { House } from './house.ts';

/**
 * The `portal` command on a house's installation, run in this process: a tenth of the time that a process takes. It opens the database for
 * itself and lives by the machine's clock. One command at a time.
 */
export function portalIn({ config }: House): (args: readonly string[]) => Promise<Finished> {
  vi.stubEnv('PORTAL_DATA', config.dataDir);
  vi.stubEnv('PORTAL_SECRET', config.secret);
  vi.stubEnv('PORTAL_DATABASE_URL', config.databaseUrl);
  vi.stubEnv('PORTAL_BASE_URL', config.baseUrl.href);
  onTestFinished(() => void vi.unstubAllEnvs());
  return run;
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
    // Each run listens for a closed pipe until its process ends, which this one does not.
    for (const listener of process.stdout.listeners('error')) {
      if (!listeners.includes(listener)) process.stdout.off('error', listener as () => void);
    }
  }
}
