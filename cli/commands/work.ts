import type { Command } from 'commander';
import { examples } from '../options.ts';
import { withApp } from '../installation.ts';
import { say, write } from '../output.ts';
import { untilStopped } from '../signals.ts';

interface WorkOptions {
  readonly once?: true;
}

export function setup(command: Command): void {
  command.option('--once', 'do what is due now, say what was done, and end').action(work);
  examples(command, 'portal work', 'portal work --once');
}

/** Works until a signal; several processes may do so on one database. */
async function work({ once }: WorkOptions): Promise<void> {
  const stopped = once ? undefined : untilStopped();
  await withApp(async (app) => {
    const { startWork, workOnce } = await import('#src/work.ts');
    if (!stopped) {
      const { sent, settled, collected } = await workOnce(app);
      write(`mails sent ${sent}, payments settled ${settled}, collected ${collected}\n`);
      return;
    }
    const { createSessions } = await import('#src/signin/sessions.ts');
    const running = startWork(app, { sessions: createSessions(app.ports) });
    say('Working. Stop it with Ctrl+C.');
    await stopped;
    await running.stop();
  });
}
