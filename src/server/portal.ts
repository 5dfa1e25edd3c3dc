import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { App } from '#src/app.ts';
import { migrateDatabase } from '#src/database.ts';
import { refuse } from '#src/kernel/errors.ts';
import { secretToken } from '#src/kernel/ids.ts';
import { nowMs } from '#src/kernel/time.ts';
import { createSessions } from '#src/signin/sessions.ts';
import type { PortalLocals } from '#src/locals.ts';
import type { Work } from '#src/work.ts';
import type { PageHandler, RequestFacts } from './exchange.ts';
import { createFront } from './front.ts';
import { gatewaySources } from './gateway-sources.ts';
import { createLineLog, logLine, watchedLine } from './log.ts';
import { portalProblemPage } from './portal-problem.ts';
import { createTenantFinder, type ServedTenant } from './tenant-finder.ts';
import { webhookRoute } from './webhooks.ts';

/** A portal that answers requests. */
export interface Portal {
  /** Where it listens, as it was bound: `http://127.0.0.1:4321`. Tenants are at their own addresses. */
  readonly url: string;
  readonly port: number;
  /** Opens `/dev/mail` of test tenants, as `?key=`, until the portal stops; absent where mail is sent. */
  readonly mailboxKey: string | undefined;
  /** Looks for background work now. */
  kick(): void;
  /** Stops accepting, lets requests and background work end, and cuts what is left after ten seconds. It does not close the app. */
  close(): Promise<void>;
}

export interface PortalOptions {
  /** Overrides the configured port; 0 takes any free one. */
  readonly port?: number | undefined;
  /** Folder of the built pages. */
  readonly dist?: string | undefined;
  /** How long (ms) a tenant's record and settings are remembered; 0 in tests that change them. */
  readonly rememberMs?: number | undefined;
  /** Whether mail, sign-in requests and payments are worked on by this process. */
  readonly withWork?: boolean | undefined;
}

const DRAIN_MS = 10_000;
const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

/**
 * Migrates, then serves every tenant at its own address, with the background work beside. Refuses `not_built`, `port_taken`,
 * `address_unusable`, `database_unusable`.
 */
export async function startPortal(app: App, options: PortalOptions = {}): Promise<Portal> {
  const dist = options.dist ?? DIST;
  const pages = await loadPages(dist);
  await migrateDatabase(app);
  const finder = createTenantFinder(app, options.rememberMs);
  const log = createLineLog(
    (text) => void process.stderr.write(text),
    undefined,
    process.stderr.isTTY ? watchedLine : logLine,
  );
  const { logLevel } = app.config;
  const tells = (event: string): boolean =>
    logLevel === 'info' || (logLevel !== 'silent' && event !== 'request');
  const sessions = createSessions(app.ports);
  let work: Work | undefined;
  const kick = (): void => work?.kick();
  const stylesheets = builtStylesheets(dist);
  const mailboxKey = app.config.mail.transport === 'mailbox' ? secretToken(app.ports.tokens) : undefined;
  const front = createFront<ServedTenant>({
    tenantOf: finder,
    pages,
    localsFor: (tenant, facts) => ({ ...localsOf(tenant, facts), sessions, kick, mailboxKey }),
    stylesheet: ({ stylesheet }) => Promise.resolve(stylesheet),
    sourcesFor: ({ merchant }) => gatewaySources(merchant.settings['payments.gateway']),
    direct: [webhookRoute({ now: () => nowMs(app.ports.clock), kick })],
    assetsDir: `${dist}/client`,
    errorPage: (problem, tenant) => portalProblemPage(problem, tenant, stylesheets),
    trustedProxies: app.config.trustedProxies,
    log: (entry) => (tells(entry.event) ? log(entry) : undefined),
    now: () => nowMs(app.ports.clock),
    unnamedProxy: (proxy) =>
      app.ports.log.warn(
        'requests come through a proxy that PORTAL_TRUSTED_PROXIES does not name: all who use it count as one address, and share its limits',
        { proxy },
      ),
  });
  const port = await listen(front, options.port ?? app.config.port, app.config.host);
  if (options.withWork !== false) work = await beginWork(app, sessions);
  return {
    url: `http://${app.config.host.includes(':') ? `[${app.config.host}]` : app.config.host}:${port}`,
    port,
    mailboxKey,
    kick,
    close: async () => {
      await Promise.all([front.drain(DRAIN_MS), work?.stop()]);
      log.flush();
    },
  };
}

/** In a thread of its own, unless ports were replaced. The first request is not to wait for what only the background needs. */
async function beginWork(app: App, sessions: ReturnType<typeof createSessions>): Promise<Work> {
  if (!app.isReplaced) return (await import('#src/work/away.ts')).startWorkAway(app);
  const { startWork } = await import('#src/work.ts');
  return startWork(app, { sessions });
}

function localsOf(
  tenant: ServedTenant,
  facts: RequestFacts,
): Omit<PortalLocals, 'sessions' | 'kick' | 'mailboxKey' | 'words'> {
  return {
    merchant: tenant.merchant,
    requestId: facts.requestId,
    clientAddress: facts.clientAddress,
    stylesheet: `/theme-${tenant.stylesheet.hash}.css`,
    cookies: [],
  };
}

async function loadPages(dist: string): Promise<PageHandler> {
  const entry = `${dist}/server/entry.mjs`;
  if (!existsSync(entry)) refuse('not_built');
  const built: { handler?: unknown } = await import(pathToFileURL(entry).href);
  return isHandler(built.handler) ? built.handler : refuse('not_built');
}

function builtStylesheets(dist: string): string[] {
  const names = readdirSync(`${dist}/client/_astro`).filter((name) => name.endsWith('.css'));
  return names.map((name) => `/_astro/${name}`);
}

function isHandler(value: unknown): value is PageHandler {
  return typeof value === 'function';
}

const UNUSABLE_ADDRESS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not listen there',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host could not be looked up',
};

async function listen(front: ReturnType<typeof createFront>, port: number, host: string): Promise<number> {
  try {
    return (await front.listen(port, host)).port;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'EADDRINUSE') return refuse('port_taken', { port, host });
    const reason = UNUSABLE_ADDRESS[code];
    return reason === undefined ? Promise.reject(error) : refuse('address_unusable', { port, host, reason });
  }
}
