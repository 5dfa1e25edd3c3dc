import { join } from 'node:path';
import { openStore, type Store } from '#db/open.ts';
import { newestSealedKey } from '#db/sealed.ts';
import { consoleLog } from './adapters/console-log.ts';
import { mailboxTransport } from './adapters/mailbox.ts';
import { privateFile, privateFolder } from './adapters/private-files.ts';
import { hasSecret, masterSecret, openSecrets, secretFile } from './adapters/secrets.ts';
import { stripeStep } from './adapters/stripe-steps.ts';
import { sha256 } from './kernel/digest.ts';
import { refuse } from './kernel/errors.ts';
import { type Config, databaseFile } from './config.ts';
import { systemTokens } from './kernel/ids.ts';
import { nowMs, systemClock } from './kernel/time.ts';
import type { MailTransport } from './outbox/mail.ts';
import { offline } from './adapters/offline.ts';
import type { Gateway } from './payments/gateways/gateway.ts';
import { type OperatorScope, operatorScope, type Ports, type Secrets } from './scope.ts';

/** One running installation: its configuration, its ports, and the scope that everything narrows from. */
export interface App {
  readonly config: Config;
  readonly ports: Ports;
  /** True when ports were replaced: nobody but this thread can open the same installation then. */
  readonly isReplaced: boolean;
  operator(actor?: string): OperatorScope;
  close(): Promise<void>;
}

/** What an installation is opened for. */
export interface Opening {
  /** False for what is about the database alone: a copy of it can be looked at without the secret that it was sealed with. */
  readonly needsSecret?: boolean;
}

/** What tests replace. */
export type Overrides = Partial<Pick<Ports, 'clock' | 'tokens' | 'mail' | 'gateways' | 'log'>>;

/**
 * Opens the database and wires every adapter to its port: the only place that knows them. It does not migrate. Refuses `secret_lost` and
 * `secret_wrong` when there is no opening what the database keeps sealed.
 */
export async function createApp(
  config: Config,
  overrides: Overrides = {},
  { needsSecret = true }: Opening = {},
): Promise<App> {
  const stoodOpen = privateFolder(config.dataDir);
  const clock = overrides.clock ?? systemClock;
  const log = overrides.log ?? consoleLog(config.logLevel, () => nowMs(clock));
  if (stoodOpen.length > 0)
    log.warn('others could read what is the portal’s alone; it is closed to them now', {
      files: stoodOpen.join(', '),
    });
  if (config.databaseUrl === undefined) privateFile(databaseFile(config));
  const store = await openStore({ file: databaseFile(config), url: config.databaseUrl });
  const opened = needsSecret ? secretsOf(config, store) : Promise.resolve(noSecrets);
  const secrets = await opened.catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const ports: Ports = {
    store,
    clock,
    tokens: overrides.tokens ?? systemTokens,
    secrets,
    gateways: overrides.gateways ?? lazyGateways(config, clock, (tenantId) => timeOfTenant(ports, tenantId)),
    mail: overrides.mail ?? lazyMail(config, store, clock),
    mailFrom: config.mail.from,
    baseUrl: config.baseUrl,
    log,
  };
  return {
    config,
    ports,
    isReplaced: Object.keys(overrides).length > 0,
    operator: (actor) => operatorScope(ports, actor),
    close: async () => {
      await ports.mail.close?.();
      await store.close();
    },
  };
}

/** A secret is made for a new database alone: another one in place of a lost one would make every link a failure, without a word. */
async function secretsOf(config: Config, store: Store): Promise<Secrets> {
  const key = await newestSealedKey(store);
  const path = secretFile(config.dataDir);
  if (key && config.secret === undefined && !hasSecret(config.dataDir)) refuse('secret_lost', { path });
  const secrets = openSecrets(masterSecret(config.dataDir, config.secret));
  if (!key) return secrets;
  try {
    secrets.open(`key:${key.purpose}`, key.tenantId, key.sealed);
  } catch {
    refuse('secret_wrong', { name: config.secret === undefined ? path : 'PORTAL_SECRET' });
  }
  return secrets;
}

const noSecrets: Secrets = { seal: needsNone, open: needsNone };

function needsNone(): never {
  throw new TypeError('This was opened for the database alone.');
}

// The adapters below are loaded at their first use: a command that sends nothing and charges nothing starts without them.

/** Epoch ms: a tenant with a test clock lives at that clock's time. */
async function timeOfTenant(ports: Ports, tenantId: number): Promise<number> {
  const [{ clockOf }, { findTenantById }] = await Promise.all([
    import('./tenants/test-clock.ts'),
    import('./tenants/tenants.ts'),
  ]);
  const operator = operatorScope(ports);
  return clockOf(operator, await findTenantById(operator, tenantId));
}

function lazyGateways(
  config: Config,
  clock: Ports['clock'],
  timeOf: (tenantId: number) => Promise<number>,
): Record<string, Gateway> {
  return {
    test: lazyGateway(
      'test',
      () => 1,
      async () => {
        const { testGateway } = await import('./adapters/test-gateway.ts');
        return testGateway({
          book: join(config.dataDir, 'test-gateway.db'),
          now: () => nowMs(clock),
          timeOf,
          webhookSecret: sha256(
            `webhooks of the test gateway|${masterSecret(config.dataDir, config.secret)}`,
          ),
        });
      },
    ),
    stripe: lazyGateway('stripe', stripeStep, async () => {
      const { stripeGateway } = await import('./adapters/stripe.ts');
      return stripeGateway({ place: placeOf(config.stripeUrl), now: () => nowMs(clock) });
    }),
    offline,
  };
}

function placeOf(url: URL | undefined) {
  return url && { host: url.hostname, port: Number(url.port), protocol: 'http' as const };
}

function lazyGateway(name: string, stepOf: Gateway['stepOf'], load: () => Promise<Gateway>): Gateway {
  let opened: Promise<Gateway> | undefined;
  const open = (): Promise<Gateway> => (opened ??= load());
  return {
    name,
    kinds: ['card', 'bank_account'],
    stepOf,
    identify: async (account) => (await open()).identify(account),
    charge: async (request) => (await open()).charge(request),
    answerChallenge: async (account, id, passed) => (await open()).answerChallenge(account, id, passed),
    lookup: async (account, id) => (await open()).lookup(account, id),
    close: async (account, id) => (await open()).close(account, id),
    setup: async (request) => (await open()).setup(request),
    answerSetup: async (reference, passed) => (await open()).answerSetup(reference, passed),
    lookupSetup: async (reference) => (await open()).lookupSetup(reference),
    verify: async (account, id, amounts) => (await open()).verify(account, id, amounts),
    forget: async (account, id) => (await open()).forget(account, id),
    refund: async (request) => (await open()).refund(request),
    lookupRefund: async (request) => (await open()).lookupRefund(request),
    readWebhook: async (request) => (await open()).readWebhook(request),
  };
}

function lazyMail(config: Config, store: Store, clock: Ports['clock']): MailTransport {
  const { mail } = config;
  if (mail.transport === 'mailbox') return mailboxTransport(store, clock);
  let opened: Promise<MailTransport> | undefined;
  const open = (): Promise<MailTransport> =>
    (opened ??=
      mail.transport === 'smtp'
        ? import('./adapters/smtp.ts').then(({ smtpTransport }) => smtpTransport(mail.smtpUrl!))
        : import('./adapters/postmark.ts').then(({ postmarkTransport }) =>
            postmarkTransport(mail.postmarkToken!),
          ));
  return {
    name: mail.transport,
    send: async (message, signal) => (await open()).send(message, signal),
    close: async () => {
      // One that could not be opened holds nothing.
      const transport = await opened?.catch(() => undefined);
      await transport?.close?.();
    },
  };
}
