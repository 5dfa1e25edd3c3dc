import { migrate, migrationStates } from '#db/migrate.ts';
import type { App } from './app.ts';
import { refuse } from './kernel/errors.ts';
import { nowMs } from './kernel/time.ts';

/** Brings the database up to date and answers the names of the migrations that ran now. Refuses `database_unusable`. */
export function migrateDatabase(app: App): Promise<string[]> {
  return migrate(app.ports.store, nowMs(app.ports.clock));
}

/** Brings an embedded database that is empty up to date; whoever makes the first tenant need not do more. Refuses as `assertMigrated` does. */
export async function prepareDatabase(app: App): Promise<void> {
  const { store } = app.ports;
  const states = await migrationStates(store);
  if (store.engine === 'sqlite' && states.every(({ applied }) => !applied)) await migrateDatabase(app);
  else await assertMigrated(app);
}

/** Refuses `database_unusable` unless every migration has run. */
export async function assertMigrated(app: App): Promise<void> {
  const states = await migrationStates(app.ports.store);
  if (states.every(({ applied }) => applied)) return;
  const isNew = states.every(({ applied }) => !applied);
  refuse('database_unusable', {
    reason: isNew ? 'There is no portal in this database yet' : 'The database is older than this program',
    todo: 'Run “portal db migrate” (PORTAL_DATA and PORTAL_DATABASE_URL say which database), then try again.',
  });
}
