import { z } from 'zod';
import { refuse } from '#src/kernel/errors.ts';
import { assertLanguage } from '#src/kernel/language.ts';
import { minorDigits } from '#src/kernel/money.ts';
import { isTimeZone, nowMs } from '#src/kernel/time.ts';
import { merchantScope, type MerchantScope, type OperatorScope } from '#src/scope.ts';
import { addressLines } from './address.ts';
import { gatewayKeys } from './gateway-keys.ts';
import { currentMagicLinkKey } from './keys.ts';
import { defaultSettings, loadSettings } from './settings.ts';
import type { Tenant } from './tenant.ts';

/** What a new tenant is made of. Everything but the two names has a default. */
export interface NewTenant {
  /** Its name in addresses: 2 to 40 lower-case letters, digits and hyphens, beginning with a letter. */
  readonly username: string;
  readonly name: string;
  /** ISO 4217, upper case. Default `USD`. */
  readonly currency?: string | undefined;
  /** IANA name. Default `UTC`. */
  readonly timeZone?: string | undefined;
  /** BCP 47 tag. Default `en`. */
  readonly language?: string | undefined;
  /** ISO 3166 alpha-2, upper case. */
  readonly country?: string | undefined;
  /** Default `test`. */
  readonly mode?: 'test' | 'live' | undefined;
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
  readonly website?: string | undefined;
  readonly taxId?: string | undefined;
  readonly address1?: string | undefined;
  readonly address2?: string | undefined;
  readonly city?: string | undefined;
  readonly region?: string | undefined;
  readonly postalCode?: string | undefined;
}

/** What every tenant has: emptied, it is refused as what it is then. */
const NEVER_EMPTY = new Set(['username', 'name', 'currency', 'timeZone', 'language']);
/** Names that look like the house itself and would mislead people. */
const RESERVED = new Set(['www', 'api', 'mail', 'admin', 'status', 'portal']);
const TENANT_COLUMNS = [
  ...(['id', 'username', 'name', 'currency', 'time_zone', 'language', 'country', 'mode', 'email'] as const),
  ...(['phone', 'website', 'tax_id', 'address1', 'address2', 'city', 'region', 'postal_code'] as const),
  ...(['test_clock_at', 'created_at'] as const),
];

/**
 * Makes a tenant and its first magic-link key. Refuses `bad_username`, `username_taken`, `unknown_currency`, `bad_language`, `bad_email`,
 * `bad_time_zone` and `bad_input`; nothing is written then.
 */
export async function createTenant(operator: OperatorScope, fresh: NewTenant): Promise<Tenant> {
  assertTenant(fresh);
  await insertTenant(operator, fresh);
  const tenant = await findTenant(operator, fresh.username);
  await currentMagicLinkKey(merchantScope(operator, tenant, defaultSettings, gatewayKeys));
  return tenant;
}

/** What is to change of a tenant. What is not named stays as it is; null empties what may be empty. */
export type TenantChanges = { readonly [Name in keyof Omit<NewTenant, 'mode'>]?: NewTenant[Name] | null };

/**
 * Changes a tenant and answers it as it is now. Another username is another address: links to the old one stop working. Refuses what `createTenant`
 * refuses; nothing is written then.
 */
export async function updateTenant(
  operator: OperatorScope,
  tenant: Tenant,
  changes: TenantChanges,
): Promise<Tenant> {
  const before = await selectTenants(operator).where('id', '=', tenant.id).executeTakeFirstOrThrow();
  const given = Object.fromEntries(
    Object.entries(changes)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, value ?? (NEVER_EMPTY.has(name) ? '' : undefined)]),
  );
  const fresh = { ...newTenantOf(before), ...given };
  assertTenant(fresh);
  const { id: _id, created_at: _at, mode: _mode, ...columns } = tenantRow(tenant.id, fresh, 0);
  const emptied = Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, value ?? null]));
  try {
    await operator.directory.updateTable('tenants').set(emptied).where('id', '=', tenant.id).execute();
  } catch (error) {
    const taken = await selectTenants(operator).where('username', '=', fresh.username).executeTakeFirst();
    if (taken && taken.id !== tenant.id) refuse('username_taken', { username: fresh.username });
    throw error;
  }
  return findTenantById(operator, tenant.id);
}

/** Writes a tenant's mode; whether it may change is found out by `changeMode` of the payments. */
export async function setMode(
  operator: OperatorScope,
  tenant: Tenant,
  mode: Tenant['mode'],
): Promise<Tenant> {
  await operator.directory.updateTable('tenants').set({ mode }).where('id', '=', tenant.id).execute();
  return findTenantById(operator, tenant.id);
}

/** All tenants that are not closed, by name in addresses. */
export async function listTenants(operator: OperatorScope): Promise<Tenant[]> {
  const rows = await selectTenants(operator).orderBy('username').execute();
  return rows.map((row) => asTenant(operator, row));
}

/** Refuses `unknown_tenant`. */
export async function findTenant(operator: OperatorScope, username: string): Promise<Tenant> {
  const row = await selectTenants(operator).where('username', '=', username).executeTakeFirst();
  return row ? asTenant(operator, row) : refuse('unknown_tenant', { tenant: username });
}

/** Refuses `unknown_tenant`. */
export async function findTenantById(operator: OperatorScope, id: number): Promise<Tenant> {
  const row = await selectTenants(operator).where('id', '=', id).executeTakeFirst();
  return row ? asTenant(operator, row) : refuse('unknown_tenant', { tenant: String(id) });
}

/**
 * The tenant that answers at a host name (a port is ignored): a subdomain of the installation's address, or a domain that the
 * tenant has verified. Anything else, the bare address included, belongs to nobody.
 */
export async function tenantOfHost(operator: OperatorScope, host: string): Promise<Tenant | undefined> {
  const name = host.toLowerCase().replace(/:\d{1,5}$/, '');
  const tail = `.${operator.ports.baseUrl.hostname}`;
  const username = name.endsWith(tail) ? name.slice(0, -tail.length) : undefined;
  const row = await selectTenants(operator)
    .where((eb) =>
      username === undefined
        ? eb(
            'id',
            '=',
            eb
              .selectFrom('domains')
              .select('tenant_id')
              .where('host', '=', name)
              .where('state', '=', 'verified'),
          )
        : eb('username', '=', username),
    )
    .executeTakeFirst();
  return row && asTenant(operator, row);
}

/** Narrows to a tenant, with its settings as they are now. */
export async function openMerchant(
  operator: OperatorScope,
  tenant: Tenant,
  actor?: string,
): Promise<MerchantScope> {
  const bare = merchantScope(operator, tenant, defaultSettings, gatewayKeys, actor);
  return { ...bare, settings: await loadSettings(bare.db) };
}

function assertTenant(fresh: NewTenant): void {
  const { username, name, currency = 'USD', timeZone = 'UTC', language = 'en', country } = fresh;
  const usable = /^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])$/.test(username) && !RESERVED.has(username);
  if (!usable) refuse('bad_username', { username });
  if (name.trim() === '') refuse('bad_input', { name: 'is missing' });
  if (country !== undefined && !/^[A-Z]{2}$/.test(country)) {
    refuse('bad_input', { country: 'must be two capital letters (ISO 3166), for example DE' });
  }
  if (!isTimeZone(timeZone)) refuse('bad_time_zone', { timeZone });
  assertLanguage(language);
  minorDigits(currency);
  assertReachable(fresh);
}

/** Both are printed as links on every page and paper. */
function assertReachable({ email, website }: NewTenant): void {
  if (email !== undefined && !z.email().safeParse(email).success) refuse('bad_email', { email });
  if (website !== undefined && !z.url({ protocol: /^https?$/ }).safeParse(website).success)
    refuse('bad_input', { website: 'must be an address that begins with https:// or http://' });
}

/** Ids grow from 1. Two processes may pick the same one: the table takes one of them, and the other tries the next. */
async function insertTenant(operator: OperatorScope, fresh: NewTenant): Promise<void> {
  const { directory } = operator;
  for (;;) {
    const newest = await directory
      .selectFrom('tenants')
      .select('id')
      .orderBy('id', 'desc')
      .executeTakeFirst();
    const row = tenantRow((newest?.id ?? 0) + 1, fresh, nowMs(operator.clock));
    const insert = directory.insertInto('tenants').values(row);
    const done = await insert.onConflict((conflict) => conflict.doNothing()).executeTakeFirstOrThrow();
    if (done.numInsertedOrUpdatedRows === 1n) return;
    const taken = await directory
      .selectFrom('tenants')
      .select('id')
      .where('username', '=', fresh.username)
      .executeTakeFirst();
    if (taken) refuse('username_taken', { username: fresh.username });
  }
}

function tenantRow(id: number, fresh: NewTenant, now: number) {
  const { username, name, country, email, phone, website, address1, address2, city, region } = fresh;
  return {
    id,
    username,
    name: name.trim(),
    country,
    email,
    phone,
    website,
    address1,
    address2,
    city,
    region,
    postal_code: fresh.postalCode,
    tax_id: fresh.taxId,
    currency: fresh.currency ?? 'USD',
    time_zone: fresh.timeZone ?? 'UTC',
    language: fresh.language ?? 'en',
    mode: fresh.mode ?? ('test' as const),
    created_at: now,
  };
}

/** The row as the tenant could be made anew. */
function newTenantOf(row: TenantRow): NewTenant {
  const { username, name, currency, language, mode, time_zone: timeZone } = row;
  return {
    username,
    name,
    currency,
    language,
    mode,
    timeZone,
    country: row.country ?? undefined,
    email: row.email ?? undefined,
    phone: row.phone ?? undefined,
    website: row.website ?? undefined,
    taxId: row.tax_id ?? undefined,
    address1: row.address1 ?? undefined,
    address2: row.address2 ?? undefined,
    city: row.city ?? undefined,
    region: row.region ?? undefined,
    postalCode: row.postal_code ?? undefined,
  };
}

function selectTenants({ directory }: OperatorScope) {
  return directory
    .selectFrom('tenants')
    .select(TENANT_COLUMNS)
    .select((eb) =>
      eb
        .selectFrom('domains')
        .select((domain) => domain.fn.min('domains.host').as('host'))
        .whereRef('domains.tenant_id', '=', 'tenants.id')
        .where('domains.state', '=', 'verified')
        .as('domain'),
    )
    .where('closed_at', 'is', null);
}

type TenantRow = Awaited<ReturnType<ReturnType<typeof selectTenants>['execute']>>[number];

function asTenant({ ports: { baseUrl } }: OperatorScope, row: TenantRow): Tenant {
  const host = row.domain ?? `${row.username}.${baseUrl.hostname}`;
  const origin = `${baseUrl.protocol}//${host}${baseUrl.port && `:${baseUrl.port}`}`;
  return {
    id: row.id,
    username: row.username,
    name: row.name,
    currency: row.currency,
    mode: row.mode,
    timeZone: row.time_zone,
    language: row.language,
    origin,
    createdAt: row.created_at,
    country: row.country ?? undefined,
    email: row.email ?? undefined,
    phone: row.phone ?? undefined,
    website: row.website ?? undefined,
    taxId: row.tax_id ?? undefined,
    addressLines: addressLines({ ...row, postalCode: row.postal_code }, row.language),
    testClockAt: row.test_clock_at ?? undefined,
  };
}
