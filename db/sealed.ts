import type { Store } from './open.ts';

/** A text that was sealed with the installation's secret, and what for. */
export interface SealedKey {
  readonly tenantId: number;
  readonly purpose: string;
  readonly sealed: string;
}

/** The key that was sealed last; none in a new database. A secret that does not open it is not the one of this database. */
export async function newestSealedKey({ kysely }: Store): Promise<SealedKey | undefined> {
  const tables = await kysely.introspection.getTables();
  if (!tables.some(({ name }) => name === 'keys')) return undefined;
  const row = await kysely
    .selectFrom('keys')
    .select(['tenant_id', 'purpose', 'sealed'])
    .where('sealed', 'is not', null)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.sealed ? { tenantId: row.tenant_id, purpose: row.purpose, sealed: row.sealed } : undefined;
}

/**
 * Gives up all that was sealed with a secret that is lost: keys that links are signed with and gateways are reached by, sign-ins by e-mail that
 * are under way, and their mails. Answers how many keys there were.
 */
export async function forgetSealed(store: Store): Promise<number> {
  return store.transaction(async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('keys')
      .set({ sealed: null, state: 'revoked' })
      .where('sealed', 'is not', null)
      .executeTakeFirstOrThrow();
    await tx.deleteFrom('email_links').execute();
    await tx.deleteFrom('signin_requests').execute();
    await tx
      .updateTable('outbox')
      .set({ state: 'failed', send_at: null })
      .where('state', 'in', ['waiting', 'sending'])
      .where('topic', 'like', 'sign%')
      .execute();
    return Number(numUpdatedRows);
  });
}
