import type { Kysely } from 'kysely';
import type { Store } from '#db/open.ts';
import type { DirectoryTable } from '#db/ownership.ts';
import type { Database } from '#db/schema.ts';
import { type CustomerDb, merchantDb, type MerchantDb, narrowDb } from '#db/scoped.ts';
import type { Log } from './kernel/log.ts';
import type { Tokens } from './kernel/ids.ts';
import type { Clock } from './kernel/time.ts';
import type { MailTransport } from './outbox/mail.ts';
import type { Gateway } from './payments/gateways/gateway.ts';
import type { GatewayKeys } from './tenants/gateway-credentials.ts';
import type { Settings } from './tenants/settings-catalogue.ts';
import type { Tenant } from './tenants/tenant.ts';

/*
 * Authority as a type. Each scope is what somebody may reach, and can only be narrowed:
 *
 *   OperatorScope   the CLI and the scheduler     every tenant
 *     └ MerchantScope   an API key                 one tenant's rows
 *         └ CustomerScope   a portal session       one customer's rows
 *
 * An operation's first parameter states who may call it. A row out of scope does not exist.
 */

/** Encrypts what must be kept readable (link keys, webhook secrets), bound to its tenant and purpose. */
export interface Secrets {
  seal(purpose: string, tenantId: number, text: string): string;
  /** Throws when the text was sealed for another purpose or tenant. */
  open(purpose: string, tenantId: number, sealed: string): string;
}

/** What the composition root hands to every scope. Tests replace clock, tokens, mail and gateways. */
export interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly tokens: Tokens;
  readonly secrets: Secrets;
  readonly gateways: Readonly<Record<string, Gateway>>;
  readonly mail: MailTransport;
  /** The address that every mail of the installation comes from; the name beside it is the tenant's. */
  readonly mailFrom: string;
  readonly baseUrl: URL;
  readonly log: Log;
}

interface Shared {
  readonly clock: Clock;
  readonly tokens: Tokens;
  readonly secrets: Secrets;
  readonly gateways: Readonly<Record<string, Gateway>>;
  readonly mailFrom: string;
  readonly log: Log;
  /** Who acts, for the event trail: `operator`, `api:3`, `customer:name@company.com`, `autopay`. */
  readonly actor: string;
}

/** The tenant's keys at a gateway, as they are now. It reads the database by itself: never within a transaction. */
export type OpenGatewayKeys = (gateway: string) => Promise<GatewayKeys>;

export interface OperatorScope extends Shared {
  readonly kind: 'operator';
  readonly ports: Ports;
  /** The directory of tenants and domains; no tenant's own rows. */
  readonly directory: Kysely<Pick<Database, DirectoryTable>>;
}

export interface MerchantScope extends Shared {
  readonly kind: 'merchant';
  readonly db: MerchantDb;
  readonly tenant: Tenant;
  readonly settings: Settings;
  readonly gatewayKeys: OpenGatewayKeys;
}

export interface CustomerScope extends Shared {
  readonly kind: 'customer';
  readonly db: CustomerDb;
  readonly tenant: Tenant;
  readonly settings: Settings;
  readonly gatewayKeys: OpenGatewayKeys;
  readonly customerId: number;
  /** BCP 47: what amounts in refusals are written in; the tenant's, unless the customer's own is known. */
  readonly language: string;
}

export function operatorScope(ports: Ports, actor = 'operator'): OperatorScope {
  const directory = ports.store.kysely as unknown as OperatorScope['directory'];
  return { kind: 'operator', ports, directory, ...shared(ports, actor) };
}

/** Narrows to one tenant. A tenant with a test clock lives at that clock's time. */
export function merchantScope(
  operator: OperatorScope,
  tenant: Tenant,
  settings: Settings,
  gatewayKeys: (scope: MerchantScope, gateway: string) => Promise<GatewayKeys>,
  actor?: string,
): MerchantScope {
  const { ports } = operator;
  const clock = tenant.testClockAt === undefined ? ports.clock : frozen(tenant.testClockAt);
  const db = merchantDb(ports.store, tenant.id);
  const merchant: MerchantScope = {
    kind: 'merchant',
    db,
    tenant,
    settings,
    gatewayKeys: (gateway) => gatewayKeys(merchant, gateway),
    ...shared(ports, actor ?? operator.actor),
    clock,
  };
  return merchant;
}

/** Narrows to one customer of the tenant; the caller has made sure that the customer exists. */
export function customerScope(merchant: MerchantScope, customerId: number, actor?: string): CustomerScope {
  const db = narrowDb(merchant.db, customerId);
  const { language } = merchant.tenant;
  return { ...merchant, kind: 'customer', db, customerId, language, actor: actor ?? merchant.actor };
}

/** Runs the work in one durable transaction with the same scope. On PostgreSQL it may run more than once: touch nothing but the scope. */
export function transact<S extends MerchantScope | CustomerScope, Answer>(
  scope: S,
  work: (scope: S) => Promise<Answer>,
): Promise<Answer> {
  // Both handles run a transaction alike and hand on a handle of their own kind.
  const { db } = scope as MerchantScope;
  return db.transaction((tx) => work({ ...scope, db: tx, gatewayKeys: tooLate } as S));
}

/** Keys are read outside of the transaction, which on SQLite would wait for itself; whoever needs them has no network to reach from there. */
function tooLate(): Promise<never> {
  return Promise.reject(new TypeError('Keys of a gateway are asked for before a transaction, not within.'));
}

function shared(ports: Ports, actor: string): Shared {
  const { clock, tokens, secrets, gateways, mailFrom, log } = ports;
  return { clock, tokens, secrets, gateways, mailFrom, log, actor };
}

function frozen(atMs: number): Clock {
  const instant = Temporal.Instant.fromEpochMilliseconds(atMs);
  return { now: () => instant };
}
