import { NodePostgresAdapter } from '@lucia-auth/adapter-postgresql';
import { BetterSqlite3Adapter } from '@lucia-auth/adapter-sqlite';
import type BetterSqlite from 'better-sqlite3';
import { type Adapter, type DatabaseSession, type DatabaseUser, Lucia, TimeSpan } from 'lucia';
import { sha256 } from '#src/kernel/digest.ts';
import { refuse } from '#src/kernel/errors.ts';
import { clientId } from '#src/kernel/ids.ts';
import { nowMs } from '#src/kernel/time.ts';
import type { MerchantScope, Ports } from '#src/scope.ts';
import { accountsOfSession } from './accounts.ts';
import { readCookie } from './cookie.ts';
import { newAttributes, type StoredSession } from './new-session.ts';
import type { Session, Sessions } from './session.ts';
import { endSurplus, isOwn, removeOwn, removeSessions } from './session-owner.ts';

/*
 * The only file that knows lucia, which is no longer developed: replace it behind the interface `Sessions`.
 * lucia makes the ids and decides between dead, alive and due for renewal; the adapter below stands between it and its own
 * database adapters and keeps what lucia does not: ids hashed and bound to their tenant, a lifetime for each session, an absolute end,
 * our clock, and statements that never land in somebody's transaction.
 */

const RENEW_EVERY_SECONDS = 300;
const TOKEN = /^[a-z2-7]{40}$/;
export function createSessions(ports: Ports): Sessions {
  const lucia = new Lucia<StoredSession, StoredUser>(houseAdapter(ports), {
    sessionExpiresIn: LUCIAS_SPAN,
    getSessionAttributes: (attributes) => attributes,
    getUserAttributes: (attributes) => attributes,
  });
  return {
    async issue(merchant, fresh) {
      const userId = await ensureUser(merchant, fresh.email);
      const attributes = newAttributes(merchant, fresh, ports);
      const made = await lucia.createSession(userId, attributes);
      if (fresh.replaces !== undefined) await removeSessions(merchant, [fresh.replaces]);
      await endSurplus(merchant, userId, attributes.customer_id);
      const id = hashOf(merchant.tenant.id, made.id);
      const session = asSession(id, userId, fresh.email, attributes);
      const maxAgeSeconds = attributes.absolute_expires_at - Math.floor(attributes.created_at / 1000);
      return { token: made.id, maxAgeSeconds, session };
    },
    async authenticate(tenant, cookieHeader) {
      const { value, present } = readCookie(cookieHeader, tenant.origin, 'portal');
      if (value === undefined || !TOKEN.test(value)) return { session: undefined, staleCookie: present };
      const { session, user } = await lucia.validateSession(`${tenant.id}:${value}`);
      if (!session || session.tenant_id !== tenant.id || user.tenant_id !== tenant.id) {
        return { session: undefined, staleCookie: true };
      }
      return { session: asSession(session.id, user.id, user.email_canonical, session), staleCookie: false };
    },
    revoke: async (merchant, owner, sessionId) =>
      (await removeOwn(merchant, owner, ({ id }) => id === sessionId)) > 0,
    revokeAll: (merchant, owner, exceptSessionId) =>
      removeOwn(merchant, owner, ({ id }) => id !== exceptSessionId),
    async list(merchant, owner) {
      const email = await emailOf(merchant, owner.userId);
      if (email === undefined) return [];
      const stored = (await lucia.getUserSessions(owner.userId)).filter(
        (row) => row.tenant_id === merchant.tenant.id && isOwn(owner, row),
      );
      const sessions = stored.map((row) => asSession(row.id, owner.userId, email, row));
      return sessions.toSorted((a, b) => b.seenAt - a.seenAt || b.createdAt - a.createdAt);
    },
    async switchCustomer(merchant, session, customerId) {
      const accounts = await accountsOfSession(merchant, session);
      if (!accounts.some((account) => account.customerId === customerId))
        refuse('not_found', { what: 'account' });
      const update = merchant.db.update('sessions').set({ customer_id: customerId });
      await update.where('id', '=', session.id).where('user_id', '=', session.userId).execute();
    },
    sweep: () => lucia.deleteExpiredSessions(),
  };
}

type StoredUser = { tenant_id: number; email_canonical: string };

declare module 'lucia' {
  interface Register {
    Lucia: Lucia<StoredSession, StoredUser>;
    DatabaseSessionAttributes: StoredSession;
    DatabaseUserAttributes: StoredUser;
  }
}

/** Ids are looked up as the hash of tenant and token: neither a copy of the database nor another tenant's cookie signs in. */
function hashOf(tenantId: number, token: string): string {
  return sha256(`${tenantId}:${token}`);
}

function asSession(id: string, userId: string, email: string, row: StoredSession): Session {
  return {
    id,
    userId,
    email,
    customerId: row.customer_id ?? undefined,
    scope: row.scope,
    document: row.document ?? undefined,
    method: row.method,
    keyId: row.key_id ?? undefined,
    link: row.link ?? undefined,
    address: row.address,
    browser: row.browser,
    freshUntil: row.fresh_until ?? undefined,
    createdAt: row.created_at,
    seenAt: row.seen_at,
    expiresAt: row.expires_at * 1000,
    absoluteExpiresAt: row.absolute_expires_at * 1000,
  };
}

async function ensureUser({ db, tenant, tokens, clock }: MerchantScope, email: string): Promise<string> {
  const find = db.from('portal_users').select('id').where('email_canonical', '=', email);
  const known = await find.executeTakeFirst();
  if (known) return known.id;
  // lucia looks users up by id alone: the tenant is part of it.
  const id = `${tenant.id}-${clientId(tokens)}`;
  await db.insertNew('portal_users', { id, email_canonical: email, created_at: nowMs(clock) });
  return (await find.executeTakeFirstOrThrow()).id;
}

async function emailOf({ db }: MerchantScope, userId: string): Promise<string | undefined> {
  const find = db.from('portal_users').select('email_canonical').where('id', '=', userId);
  return (await find.executeTakeFirst())?.email_canonical;
}

/*
 * lucia compares dates with the wall clock and has one lifetime for all sessions. It gets one of three dates instead, chosen by our
 * clock and the session's own lifetime, that it can only read one way.
 */
const LUCIAS_SPAN = new TimeSpan(3.154e15, 'ms');
const ALIVE = new Date(8.64e15);
const DUE_FOR_RENEWAL = new Date(1.5e15);
const DEAD = new Date(0);
const SWEPT_AT_ONCE = 500;
const READING = { writes: false };
const WRITING = { writes: true };
/** Rather not at all than later. */
const AT_ONCE = { writes: true, patienceMs: 0 };
const UNWRITABLE = /^(SQLITE_FULL|SQLITE_READONLY|53100|25006|busy$)/;

function houseAdapter({ store, clock, log }: Ports): Adapter {
  const { kysely } = store;
  const inner = databaseAdapter({ store });
  const whoIs = signedInReader(kysely);
  const seconds = (): number => Math.floor(nowMs(clock) / 1000);
  /** Housekeeping on the way of a read: a disk that is full, read-only or busy must not fail the page or keep it waiting. */
  const tolerate = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (!UNWRITABLE.test(code)) throw error;
      log.warn('a session could not be renewed', { code });
    }
  };
  return {
    async getSessionAndUser(key) {
      const [row] = await whoIs(sha256(key));
      return row ? judgedWithUser(row, seconds()) : [null, null];
    },
    async getUserSessions(userId) {
      const sessions = await store.directly(() => inner.getUserSessions(userId), READING);
      return sessions.map((session) => judged(session, seconds()));
    },
    setSession(session) {
      // The end is among the attributes: they become columns after, and so instead of, lucia's own date.
      const id = hashOf(session.attributes.tenant_id, session.id);
      return store.directly(() => inner.setSession({ ...session, id }), WRITING);
    },
    updateSessionExpiration: (id) => tolerate(() => renew(store, id, nowMs(clock))),
    deleteSession: (id) => tolerate(() => store.directly(() => inner.deleteSession(id), AT_ONCE)),
    deleteUserSessions: (userId) => store.directly(() => inner.deleteUserSessions(userId), WRITING),
    async deleteExpiredSessions() {
      while ((await sweepSome(kysely, seconds())) === SWEPT_AT_ONCE);
    },
  };
}

/** The session with its user of a hashed id: lucia's adapters read them in two statements, and every page begins with this. */
function signedInReader(kysely: Ports['store']['kysely']): (id: string) => Promise<SignedInRow[]> {
  const found = kysely
    .selectFrom('sessions')
    .innerJoin('portal_users', 'portal_users.id', 'sessions.user_id')
    .selectAll('sessions')
    .select(['portal_users.tenant_id as user_tenant_id', 'portal_users.email_canonical'])
    .where('sessions.id', '=', '');
  const query = found.compile();
  return async (id) => (await kysely.executeQuery<SignedInRow>({ ...query, parameters: [id] })).rows;
}

type SignedInRow = Omit<StoredSession, 'expires_at'> & {
  readonly id: string;
  readonly user_id: string;
  readonly expires_at: number;
  readonly user_tenant_id: number;
  readonly email_canonical: string;
};

function judgedWithUser(row: SignedInRow, now: number): [DatabaseSession, DatabaseUser] {
  const { id, user_id: userId, user_tenant_id, email_canonical, ...attributes } = row;
  const expires = Number(row.expires_at);
  return [
    judgedBy({ id, userId, expiresAt: ALIVE, attributes }, expires, now),
    { id: userId, attributes: { tenant_id: user_tenant_id, email_canonical } },
  ];
}

/** lucia's own adapter of the engine, on our connection. */
function databaseAdapter({ store }: Pick<Ports, 'store'>): Adapter {
  const tables = { user: 'portal_users', session: 'sessions' };
  if (store.file) return new BetterSqlite3Adapter(preparedOnce(store.file), tables);
  if (store.pool) return new NodePostgresAdapter(store.pool, tables);
  throw new TypeError('a store without a connection');
}

/** The adapter prepares each statement anew; this handle of the same connection keeps them. */
function preparedOnce(file: BetterSqlite.Database): BetterSqlite.Database {
  const kept = new Map<string, BetterSqlite.Statement>();
  const prepare = (sql: string): BetterSqlite.Statement => {
    const statement = kept.get(sql) ?? file.prepare(sql);
    kept.set(sql, statement);
    return statement;
  };
  return Object.create(file, { prepare: { value: prepare } });
}

/** The session as lucia shall see it now (`now` in epoch seconds), with its real end among the attributes. */
function judged(session: DatabaseSession, now: number): DatabaseSession {
  // SQLite's adapter makes a date of the column, PostgreSQL's hands it on as it is.
  const stored: unknown = session.expiresAt;
  return judgedBy(session, stored instanceof Date ? stored.getTime() / 1000 : Number(stored), now);
}

/** The same of a session that stands to end at `expires` (epoch seconds), whatever its own date says. */
function judgedBy(session: DatabaseSession, expires: number, now: number): DatabaseSession {
  const { absolute_expires_at, idle_seconds } = session.attributes;
  const end = Math.min(expires, absolute_expires_at);
  const sinceRenewal = idle_seconds - (end - now);
  const due = end < absolute_expires_at && sinceRenewal >= Math.min(RENEW_EVERY_SECONDS, idle_seconds / 12);
  const expiresAt = now >= end ? DEAD : due ? DUE_FOR_RENEWAL : ALIVE;
  return { ...session, expiresAt, attributes: { ...session.attributes, expires_at: end } };
}

/** Ends the session one idle time from now, but never after its absolute end. On SQLite it does not wait for others who write. */
function renew({ kysely, file, directly }: Ports['store'], id: string, now: number): Promise<unknown> {
  const renewal = kysely
    .updateTable('sessions')
    .set((eb) => {
      const slid = eb('idle_seconds', '+', Math.floor(now / 1000));
      const capped = eb
        .case()
        .when('absolute_expires_at', '<', slid)
        .then(eb.ref('absolute_expires_at'))
        .else(slid)
        .end();
      return { expires_at: capped, seen_at: now };
    })
    .where('id', '=', id);
  if (!file) return renewal.execute();
  const { sql, parameters } = renewal.compile();
  return directly(async () => file.prepare(sql).run(...parameters), AT_ONCE);
}

async function sweepSome(kysely: Ports['store']['kysely'], now: number): Promise<number> {
  const { numDeletedRows } = await kysely
    .deleteFrom('sessions')
    .where('id', 'in', (eb) =>
      eb.selectFrom('sessions').select('id').where('expires_at', '<=', now).limit(SWEPT_AT_ONCE),
    )
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}
