import type { MerchantDb } from '#db/scoped.ts';
import { refuse } from '#src/kernel/errors.ts';
import { nowMs } from '#src/kernel/time.ts';
import { type MerchantScope, transact } from '#src/scope.ts';
import { moveFirstMoments } from './first-collection.ts';
import { CONNECTED_GATEWAYS, isConnected } from './gateway-keys.ts';
import { type SettingDefinition, type SettingName, type Settings, SETTINGS } from './settings-catalogue.ts';

/** One setting as an operator sees it. */
export interface SettingEntry {
  readonly name: SettingName;
  readonly description: string;
  readonly value: string | number | boolean;
  readonly fallback: string | number | boolean;
  /** Whether the tenant has a value of its own. */
  readonly isSet: boolean;
}

const NAMES: readonly SettingName[] = Object.keys(SETTINGS).filter(isSettingName);

/** What holds where a tenant has set nothing. */
export const defaultSettings: Settings = settingsFrom(new Map());

/** The tenant's settings. A stored value that the catalogue no longer accepts counts as not set. */
export async function loadSettings(db: MerchantDb): Promise<Settings> {
  const stored = await storedValues(db);
  return stored.size === 0 ? defaultSettings : settingsFrom(stored);
}

/** Every setting there is with its present value, in the catalogue's order. */
export async function listSettings(scope: MerchantScope): Promise<SettingEntry[]> {
  const stored = await storedValues(scope.db);
  return NAMES.map((name) => entryOf(name, stored));
}

/** Refuses `unknown_setting`. */
export async function getSetting(scope: MerchantScope, name: string): Promise<SettingEntry> {
  return entryOf(knownName(scope, name), await storedValues(scope.db));
}

/** Sets a value from what an operator typed, and answers it as it is now. Refuses `unknown_setting`, `bad_setting` and `gateway_not_connected`. */
export async function setSetting(scope: MerchantScope, name: string, text: string): Promise<SettingEntry> {
  const known = knownName(scope, name);
  const { value: fitting, reason } = read(known, text);
  if (fitting === undefined) {
    refuse('bad_setting', { setting: name, value: text, reason, tenant: scope.tenant.username });
  }
  if (known === 'payments.gateway') await assertConnected(scope, String(fitting));
  const row = { value: String(fitting), updated_at: nowMs(scope.clock) };
  await transact(scope, async ({ db }) => {
    const { numUpdatedRows } = await db
      .update('settings')
      .set(row)
      .where('key', '=', known)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 0n) await db.insert('settings', { key: known, ...row });
    await followed({ ...scope, db }, known);
  });
  return getSetting(scope, known);
}

/** A gateway that needs keys is set when the tenant has given them. */
async function assertConnected(scope: MerchantScope, gateway: string): Promise<void> {
  const needsKeys = CONNECTED_GATEWAYS.some((name) => name === gateway);
  if (needsKeys && !(await isConnected(scope, gateway)))
    refuse('gateway_not_connected', { gateway, tenant: scope.tenant.username });
}

/** Goes back to the value that holds by itself, and answers it. Refuses `unknown_setting`. */
export async function resetSetting(scope: MerchantScope, name: string): Promise<SettingEntry> {
  const known = knownName(scope, name);
  await transact(scope, async ({ db }) => {
    await db.remove('settings').where('key', '=', known).execute();
    await followed({ ...scope, db }, known);
  });
  return getSetting(scope, known);
}

/** Changes, in the caller's transaction, what is kept of a setting's consequences. */
async function followed(scope: MerchantScope, name: SettingName): Promise<void> {
  if (name === 'autopay.delay_days') await moveFirstMoments(scope);
}

async function storedValues(db: MerchantDb): Promise<Map<string, string>> {
  const rows = await db.from('settings').select(['key', 'value']).execute();
  return new Map(rows.map(({ key, value }) => [key, value]));
}

function settingsFrom(stored: ReadonlyMap<string, string>): Settings {
  const values = NAMES.map((name) => [name, valueOf(name, stored)] as const);
  // Each value came through its own schema of the same catalogue.
  return Object.fromEntries(values) as unknown as Settings;
}

function entryOf(name: SettingName, stored: ReadonlyMap<string, string>): SettingEntry {
  const { description, fallback } = definitionOf(name);
  return { name, description, fallback, value: valueOf(name, stored), isSet: stored.has(name) };
}

function valueOf(name: SettingName, stored: ReadonlyMap<string, string>): string | number | boolean {
  const { fallback } = definitionOf(name);
  const text = stored.get(name);
  return text === undefined ? fallback : (read(name, text).value ?? fallback);
}

function read(name: SettingName, text: string) {
  const { success, data, error } = definitionOf(name).schema.safeParse(text);
  return success ? { value: data, reason: '' } : { value: undefined, reason: reasonOf(error) };
}

function reasonOf(error: { readonly issues: ReadonlyArray<{ readonly message: string }> }): string {
  return error.issues[0]?.message ?? 'it is not usable';
}

function definitionOf(name: SettingName): SettingDefinition<string | number | boolean> {
  return SETTINGS[name];
}

function knownName({ tenant }: MerchantScope, name: string): SettingName {
  return isSettingName(name) ? name : refuse('unknown_setting', { setting: name, tenant: tenant.username });
}

function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}
