import type { Command } from 'commander';
import { createApp } from '#src/app.ts';
import { readConfig } from '#src/config.ts';
import { startPortal } from '#src/server/portal.ts';
import { examples } from '../options.ts';
import { say } from '../output.ts';
import { readPort } from '../ports.ts';
import { servingNotices } from '../serving-notices.ts';
import { untilStopped } from '../signals.ts';

interface ServeOptions {
  readonly port?: number;
}

export function setup(command: Command): void {
  command.option('--port <port>', 'overrides PORTAL_PORT', readPort).action(serve);
  examples(command, 'PORTAL_BASE_URL=https://portal.example portal serve --port 8080');
}

/** Serves until a signal. SIGTERM and SIGINT let requests end; a second one does not wait. */
async function serve({ port }: ServeOptions): Promise<void> {
  const stopped = untilStopped();
  const app = await createApp(readConfig());
  try {
    const portal = await startPortal(app, { port });
    say(
      `The portal listens at ${portal.url}; tenants are at addresses like ${exampleOrigin(app.config.baseUrl)}.`,
    );
    for (const notice of await servingNotices(app, portal.mailboxKey)) say(notice);
    await stopped;
    await portal.close();
  } finally {
    await app.close();
  }
}

function exampleOrigin({ protocol, host }: URL): string {
  return `${protocol}//acme.${host}`;
}
