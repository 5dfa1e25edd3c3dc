import { join, resolve } from 'node:path';
import { z } from 'zod';
import { refuse } from './kernel/errors.ts';

/** How one installation runs. Made from the environment once, at start; nothing else reads it. */
export interface Config {
  /** Folder of the database, the files and the installation's secret. */
  readonly dataDir: string;
  /** PostgreSQL address; absent means the embedded SQLite file in `dataDir`. */
  readonly databaseUrl?: string | undefined;
  /** The address that tenants are subdomains of: `https://portal.example` gives `https://acme.portal.example`. */
  readonly baseUrl: URL;
  readonly host: string;
  readonly port: number;
  /** The installation's master secret; absent means `secret.key` in `dataDir`, made at first use. */
  readonly secret?: string | undefined;
  /** Addresses or CIDR ranges of proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  readonly mail: MailConfig;
  /** A server of this machine that answers as Stripe does, to try things out; absent means Stripe itself. */
  readonly stripeUrl?: URL | undefined;
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info';
}

export interface MailConfig {
  readonly transport: 'mailbox' | 'smtp' | 'postmark';
  readonly from: string;
  readonly smtpUrl?: string | undefined;
  readonly postmarkToken?: string | undefined;
}

const Environment = z.object({
  PORTAL_DATA: z.string().min(1).default('./data'),
  PORTAL_DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres://')
    .optional(),
  PORTAL_BASE_URL: z.url({ protocol: /^https?$/ }).default('http://localhost:4321'),
  PORTAL_HOST: z.string().min(1).default('127.0.0.1'),
  PORTAL_PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a number from 0 to 65535')
    .transform(Number)
    .refine((port) => port <= 65_535, 'must be a number from 0 to 65535')
    .optional(),
  PORTAL_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  PORTAL_TRUSTED_PROXIES: z.string().default(''),
  PORTAL_MAIL: z.enum(['mailbox', 'smtp', 'postmark']).default('mailbox'),
  PORTAL_MAIL_FROM: z.string().default('billing@localhost'),
  PORTAL_SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//, 'must begin with smtp:// or smtps://')
    .optional(),
  PORTAL_POSTMARK_TOKEN: z.string().min(1).optional(),
  PORTAL_STRIPE_URL: z
    .string()
    .regex(/^http:\/\/127\.0\.0\.1:\d{1,5}$/, 'must be on this machine, as http://127.0.0.1:12111')
    .optional(),
  PORTAL_LOG: z.enum(['silent', 'error', 'warn', 'info']).default('info'),
  PORTAL_DEBUG: z.string().optional(),
});

/** The names of every environment variable that is read, for the documentation test. */
export const ENVIRONMENT_NAMES: readonly string[] = Object.keys(Environment.shape);

/** Reads the environment. Refuses `bad_config` and names the variable. */
export function readConfig(environment: Record<string, string | undefined> = process.env): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuse('bad_config', { name: String(issue?.path[0]), reason: issue?.message ?? 'not usable' });
  }
  const env = parsed.data;
  const baseUrl = new URL(env.PORTAL_BASE_URL);
  return {
    dataDir: resolve(env.PORTAL_DATA),
    databaseUrl: env.PORTAL_DATABASE_URL,
    baseUrl,
    host: env.PORTAL_HOST,
    port: env.PORTAL_PORT ?? (Number(baseUrl.port) || 4321),
    secret: env.PORTAL_SECRET,
    trustedProxies: env.PORTAL_TRUSTED_PROXIES.split(',')
      .map((s) => s.trim())
      .filter((s) => s !== ''),
    mail: mailConfig(env),
    stripeUrl: env.PORTAL_STRIPE_URL === undefined ? undefined : new URL(env.PORTAL_STRIPE_URL),
    logLevel: env.PORTAL_LOG,
  };
}

/** Reads the environment where it says something, and these values where it does not. */
export function readConfigOver(defaults: Record<string, string>): Config {
  return readConfig({ ...defaults, ...process.env });
}

/** Whether mistakes of the portal are shown with the place in the code that they come from. */
export function wantsStacks(environment: Record<string, string | undefined> = process.env): boolean {
  return Boolean(environment['PORTAL_DEBUG']);
}

/** The SQLite file of an installation. */
export function databaseFile(config: Config): string {
  return join(config.dataDir, 'portal.db');
}

function mailConfig(env: z.infer<typeof Environment>): MailConfig {
  if (env.PORTAL_MAIL === 'smtp' && !env.PORTAL_SMTP_URL) {
    refuse('bad_config', { name: 'PORTAL_SMTP_URL', reason: 'is needed when PORTAL_MAIL is smtp' });
  }
  if (env.PORTAL_MAIL === 'postmark' && !env.PORTAL_POSTMARK_TOKEN) {
    refuse('bad_config', { name: 'PORTAL_POSTMARK_TOKEN', reason: 'is needed when PORTAL_MAIL is postmark' });
  }
  return {
    transport: env.PORTAL_MAIL,
    from: env.PORTAL_MAIL_FROM,
    smtpUrl: env.PORTAL_SMTP_URL,
    postmarkToken: env.PORTAL_POSTMARK_TOKEN,
  };
}
