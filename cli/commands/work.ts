import type { Command } from 'commander';
import { type JsonOption, examples, json } from '../options.ts';
import { withApp } from '../installation.ts';
import { printJson, say, write } from '../output.ts';
import { untilStopped } from '../signals.ts';

interface WorkOptions extends JsonOption {
  readonly once?: true;
}

export function setup(command: Command): void {
  command.option('--once', 'do what is due now, say what was done, and end').action(work);
  json(examples(command, 'portal work', 'portal work --once'));
}

/** Works until a signal; several processes may do so on one database. */
async function work({ once, json: asJson }: WorkOptions): Promise<void> {
  const stopped = once ? undefined : untilStopped();
  await withApp(async (app) => {
    const { startWork, workOnce } = await import('#src/work.ts');
    if (!stopped) {
      const done = await workOnce(app);
      if (asJson) return printJson(done);
      const { sent, settled, collected } = done;
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
