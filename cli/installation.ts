import type { App, Opening } from '#src/app.ts';
import type { MerchantScope } from '#src/scope.ts';

/**
 * Opens the installation that the environment names, does the work and closes it again. Refuses `database_unusable` when its database
 * is not up to date. Warnings go to stderr, what is merely worth knowing does not.
 */
export async function withApp<Answer>(
  work: (app: App) => Promise<Answer>,
  opening?: Opening,
): Promise<Answer> {
  return withUnpreparedApp(async (app) => {
    const { assertMigrated } = await import('#src/database.ts');
    await assertMigrated(app);
    return work(app);
  }, opening);
}

/** The same, whatever state the database is in. */
export async function withUnpreparedApp<Answer>(
  work: (app: App) => Promise<Answer>,
  opening?: Opening,
): Promise<Answer> {
  const [{ createApp }, { readConfig }] = await Promise.all([
    import('#src/app.ts'),
    import('#src/config.ts'),
  ]);
  const config = readConfig();
  const logLevel = config.logLevel === 'info' ? 'warn' : config.logLevel;
  const app = await createApp({ ...config, logLevel }, {}, opening);
  try {
    return await work(app);
  } finally {
    await app.close();
  }
}

/** Opens the installation and narrows to one tenant. Refuses `unknown_tenant`. */
export async function withMerchant<Answer>(
  username: string,
  work: (merchant: MerchantScope, app: App) => Promise<Answer>,
): Promise<Answer> {
  return withApp(async (app) => {
    const { findTenant, openMerchant } = await import('#src/tenants/tenants.ts');
    const operator = app.operator();
    const tenant = await findTenant(operator, username);
    return work(await openMerchant(operator, tenant), app);
  });
}
