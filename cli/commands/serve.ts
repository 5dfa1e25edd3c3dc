import type { Command } from 'commander';
import { type App, createApp } from '#src/app.ts';
import { readConfig } from '#src/config.ts';
import { startPortal } from '#src/server/portal.ts';
import { listTenants } from '#src/tenants/tenants.ts';
import { examples } from '../options.ts';
import { say } from '../output.ts';
import { readPort } from '../ports.ts';
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
    await warnOfKeptMail(app);
    await stopped;
    await portal.close();
  } finally {
    await app.close();
  }
}

/** Customers of a live tenant wait for mail; the local mailbox sends none. */
async function warnOfKeptMail(app: App): Promise<void> {
  if (app.config.mail.transport !== 'mailbox') return;
  const live = (await listTenants(app.operator())).filter(({ mode }) => mode === 'live');
  if (live.length === 0) return;
  const names = live.slice(0, 3).map(({ username }) => username);
  const more = live.length > names.length ? ` and ${live.length - names.length} more` : '';
  say(
    `WARNING: No mail is sent. It stays in the local mailbox, but ${names.join(', ')}${more} is live: customers get no sign-in mails and no receipts.`,
  );
  say('Set PORTAL_MAIL to smtp or postmark and start again.');
}

function exampleOrigin({ protocol, host }: URL): string {
  return `${protocol}//acme.${host}`;
}
