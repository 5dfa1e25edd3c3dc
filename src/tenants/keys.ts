import { refuse } from '#src/kernel/errors.ts';
import { secretToken } from '#src/kernel/ids.ts';
import { nowMs } from '#src/kernel/time.ts';
import { type MerchantScope, transact } from '#src/scope.ts';

/** A key that a merchant signs magic links with: its UTF-8 bytes are the HMAC secret. */
export interface MagicLinkKey {
  readonly id: number;
  readonly key: string;
  /** `retiring`: links signed with it still work until `notAfter`, but nothing new should be. */
  readonly state: 'active' | 'retiring';
  /** Epoch ms at which a retiring key stops to count. */
  readonly notAfter: number | undefined;
  /** Epoch ms. */
  readonly createdAt: number;
}

const PURPOSE = 'magic_link' as const;
const SEAL = 'key:magic_link';

/** The keys whose links work now, newest first: the active one, and retiring ones until their time is over. */
export async function magicLinkKeys(scope: MerchantScope): Promise<MagicLinkKey[]> {
  const now = nowMs(scope.clock);
  const rows = await scope.db
    .from('keys')
    .select(['id', 'sealed', 'state', 'not_after', 'created_at'])
    .where('purpose', '=', PURPOSE)
    .where('state', 'in', ['active', 'retiring'])
    .orderBy('id', 'desc')
    .execute();
  return rows.flatMap(({ id, sealed, state, not_after, created_at }) => {
    if (sealed === null || state === 'revoked' || (not_after !== null && not_after <= now)) return [];
    const key = scope.secrets.open(SEAL, scope.tenant.id, sealed);
    return [{ id, key, state, notAfter: not_after ?? undefined, createdAt: created_at }];
  });
}

/** The key to sign with. Made when there is none yet. */
export function currentMagicLinkKey(scope: MerchantScope): Promise<MagicLinkKey> {
  return transact(scope, async (within) => (await activeKey(within)) ?? addKey(within));
}

/**
 * Makes a new key to sign with. Links signed with the one before work for `graceSeconds` more; with 0, every earlier key stops
 * now and the sessions that came from its links end. Refuses `bad_input` for a negative grace.
 */
export async function rotateMagicLinkKey(scope: MerchantScope, graceSeconds: number): Promise<MagicLinkKey> {
  if (!Number.isSafeInteger(graceSeconds) || graceSeconds < 0) {
    refuse('bad_input', { grace: 'must be whole seconds, 0 or more' });
  }
  return transact(scope, async (within) => {
    await (graceSeconds > 0 ? retireActive(within, graceSeconds) : revokeAll(within));
    return addKey(within);
  });
}

async function activeKey(scope: MerchantScope): Promise<MagicLinkKey | undefined> {
  return (await magicLinkKeys(scope)).find(({ state }) => state === 'active');
}

async function addKey(scope: MerchantScope): Promise<MagicLinkKey> {
  const key = secretToken(scope.tokens);
  const id = await scope.db.nextId('keys');
  const createdAt = nowMs(scope.clock);
  const sealed = scope.secrets.seal(SEAL, scope.tenant.id, key);
  const state = 'active' as const;
  const row = {
    id,
    purpose: PURPOSE,
    name: 'Magic-link key',
    sealed,
    state,
    hint: key.slice(-4),
    created_at: createdAt,
  };
  await scope.db.insert('keys', row);
  return { id, key, state, notAfter: undefined, createdAt };
}

async function retireActive(scope: MerchantScope, graceSeconds: number): Promise<void> {
  await scope.db
    .update('keys')
    .set({ state: 'retiring', not_after: nowMs(scope.clock) + graceSeconds * 1000 })
    .where('purpose', '=', PURPOSE)
    .where('state', '=', 'active')
    .execute();
}

async function revokeAll(scope: MerchantScope): Promise<void> {
  const revoked = await scope.db
    .update('keys')
    .set({ state: 'revoked', not_after: nowMs(scope.clock) })
    .where('purpose', '=', PURPOSE)
    .where('state', '!=', 'revoked')
    .returning('id')
    .execute();
  const ids = revoked.map(({ id }) => id);
  if (ids.length > 0) await scope.db.remove('sessions').where('key_id', 'in', ids).execute();
}
