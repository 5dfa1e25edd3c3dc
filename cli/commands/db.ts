import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { CheckResult } from '#db/invariant.ts';
import { databaseFile } from '#src/config.ts';
import { assertReadable } from '../files.ts';
import { withApp, withUnpreparedApp } from '../installation.ts';
import { type JsonOption, examples, json } from '../options.ts';
import { printJson, printTable, say, write } from '../output.ts';

export function setup(group: Command): void {
  const migrate = group
    .command('migrate')
    .description('Bring the database up to date; running it again changes nothing')
    .action(migrateNow);
  json(examples(migrate, 'portal db migrate'));
  const backup = group
    .command('backup')
    .description('Write a consistent copy of the database to a file, also while the portal serves')
    .argument('<file>')
    .option('--force', 'replace the file when it is there')
    .action(backUp);
  json(examples(backup, 'portal db backup backup-$(date +%F).db'));
  const restore = group
    .command('restore')
    .description('Put a backup in the place of the database; stop the portal first. Ends every session')
    .argument('<file>')
    .option('--force', 'replace the database that is there')
    .action(restoreFrom);
  json(examples(restore, 'portal db restore backup-2026-11-23.db --force'));
  const check = group
    .command('check')
    .description('Verify every money invariant, every reference and the file itself')
    .action(checkNow);
  json(examples(check, 'portal db check'));
  const forget = group
    .command('forget-secrets')
    .description('When the secret is lost for good: give up every key that was sealed with it')
    .action(forgetSecrets);
  json(examples(forget, 'portal db forget-secrets'));
  const shell = group
    .command('shell')
    .description('Run SQL from standard input, one statement a line, and print the rows')
    .option('--write', 'allow statements that change data')
    .action(runShell);
  json(examples(shell, "echo 'select username, name from tenants' | portal db shell", 'portal db shell'));
}

/** A copy can be looked at, and a database be saved, where its secret is not. */
const DATABASE_ALONE = { needsSecret: false };

interface ForceOption extends JsonOption {
  readonly force?: true;
}

async function migrateNow({ json: asJson }: JsonOption): Promise<void> {
  const { migrateDatabase } = await import('#src/database.ts');
  const applied = await withUnpreparedApp(migrateDatabase, DATABASE_ALONE);
  if (asJson) return printJson({ object: 'migration_run', applied });
  for (const name of applied) write(`${name}\n`);
  say(applied.length === 0 ? 'The database is up to date.' : 'The database is up to date now.');
}

async function backUp(file: string, { force, json: asJson }: ForceOption): Promise<void> {
  const { backupTo } = await import('#db/backup.ts');
  const path = resolve(file);
  await withApp((app) => backupTo(app.ports.store, path, { force: force ?? false }), DATABASE_ALONE);
  const bytes = statSync(path).size;
  if (asJson) return printJson({ object: 'backup', file: path, bytes });
  say(`Backed up to ${path} (${Math.ceil(bytes / 1024)} KiB). It holds customers' data: keep it safe.`);
  say('The files folder and secret.key of PORTAL_DATA are not in it; keep copies of them as well.');
}

async function restoreFrom(file: string, { force, json: asJson }: ForceOption): Promise<void> {
  const [{ restoreSqlite, restorePostgres }, { readConfig }] = await Promise.all([
    import('#db/backup.ts'),
    import('#src/config.ts'),
  ]);
  const config = readConfig();
  const path = resolve(file);
  assertReadable(path);
  const options = { force: force ?? false, nowMs: Date.now() };
  const ended =
    config.databaseUrl === undefined
      ? await restoreSqlite(path, databaseFile(config), options)
      : await restorePostgres(path, config.databaseUrl, options);
  if (asJson) return printJson({ object: 'restore', file: path, ended_sessions: ended });
  say(`Restored from ${path}. ${ended} sessions were ended; everybody signs in again.`);
  say('Sign-in links that work once and were made before no longer work.');
  say('Keys are those of the backup: rotate again what was rotated since.');
  if (!existsSync(resolve(config.dataDir, 'secret.key')) && config.secret === undefined) {
    say('There is no secret.key in PORTAL_DATA: put the one of that installation there before you start.');
  }
}

async function checkNow({ json: asJson }: JsonOption): Promise<void> {
  const { checkDatabase } = await import('#db/check.ts');
  const results = await withApp((app) => checkDatabase(app.ports.store), DATABASE_ALONE);
  const broken = results.filter(({ violations }) => violations.length > 0);
  if (asJson) printJson(checkShape(results));
  else printChecks(results);
  if (broken.length > 0) {
    process.exitCode = 1;
    say(
      `${broken.length} of ${results.length} promises are broken. Restore a backup, or report what is listed above.`,
    );
  }
}

async function forgetSecrets({ json: asJson }: JsonOption): Promise<void> {
  const { forgetSealed } = await import('#db/sealed.ts');
  const keys = await withApp((app) => forgetSealed(app.ports.store), DATABASE_ALONE);
  if (asJson) return printJson({ object: 'forgotten_secrets', keys });
  say(`Gave up ${keys} keys. Links that were made so far no longer work.`);
  say(
    'Run “portal magic-key rotate” for each tenant, and “portal gateway connect” for those that take payments.',
  );
}

async function runShell({
  write: mayWrite,
  json: asJson,
}: JsonOption & { readonly write?: true }): Promise<void> {
  const { openShell } = await import('../shell.ts');
  await withUnpreparedApp(
    (app) => openShell(app.ports.store, { mayWrite: mayWrite ?? false, asJson: asJson ?? false }),
    DATABASE_ALONE,
  );
}

function checkShape(results: readonly CheckResult[]) {
  const ok = results.every(({ violations }) => violations.length === 0);
  return { object: 'database_check', ok, checks: results };
}

function printChecks(results: readonly CheckResult[]): void {
  const columns = [
    { title: '', value: ({ violations }: CheckResult) => (violations.length === 0 ? 'ok' : 'BROKEN') },
    { title: 'checked', align: 'right' as const, value: ({ checked }: CheckResult) => checked },
    { title: 'promise', value: ({ promise }: CheckResult) => promise },
  ];
  printTable(results, columns, '');
  for (const { name, violations } of results) {
    for (const violation of violations.slice(0, 20)) write(`${name}: ${violation}\n`);
    if (violations.length > 20) write(`${name}: … and ${violations.length - 20} more\n`);
  }
}
