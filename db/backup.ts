import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { refuse } from '#src/kernel/errors.ts';
import { migrationStates } from './migrate.ts';
import type { RestoreOptions } from './dump.ts';
import { openStore, type Store } from './open.ts';
import { endSignIns } from './sign-ins.ts';

const SQLITE_MAGIC = 'SQLite format 3\0';
/** As many as a step can copy. A backup in several steps begins again whenever another process wrote between them: under load it never ends. */
const EVERY_PAGE = 0x7fff_ffff;

/**
 * Writes a consistent copy of the database, while others write to it: for SQLite a database file (through its backup interface), for
 * PostgreSQL JSON lines of one repeatable-read snapshot. The file appears whole or not at all, readable by its owner alone from its first
 * byte. SQLite's is copied in one go, which stops this process but no other. Refuses `would_overwrite`.
 */
export async function backupTo(
  store: Store,
  path: string,
  { force }: { readonly force: boolean },
): Promise<void> {
  if (existsSync(path) && !force) refuse('would_overwrite', { path });
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.part`;
  try {
    if (store.file) {
      closeSync(openSync(draft, 'wx', 0o600));
      await store.file.backup(draft, { progress: () => EVERY_PAGE });
    } else {
      const { dumpPostgres } = await import('./dump.ts');
      await dumpPostgres(store, draft);
    }
    renameSync(draft, path);
  } finally {
    for (const left of [draft, `${draft}-journal`, `${draft}-wal`, `${draft}-shm`])
      rmSync(left, { force: true });
  }
}

/**
 * Puts a SQLite backup in the place of the database and ends every session, link and key use that it brings back: what was used up since
 * must not work again. Answers how many sessions ended. Refuses `would_overwrite`, `bad_backup` and `database_unusable`, the latter also
 * while another process has the database open: it would go on with the old one, and what it writes would be lost.
 */
export async function restoreSqlite(
  backup: string,
  target: string,
  options: RestoreOptions,
): Promise<number> {
  if (!existsSync(backup)) refuse('bad_backup', { path: backup, reason: 'there is no such file' });
  if (firstBytes(backup) !== SQLITE_MAGIC)
    refuse('bad_backup', { path: backup, reason: 'it is no SQLite database' });
  if (existsSync(target) && !options.force) refuse('would_overwrite', { path: target });
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  // Asked before the long work, and again when it is done.
  (await hold(target))();
  const draft = `${target}.${process.pid}.restoring`;
  try {
    // Written into a file that nobody else may read; copying it would take over the backup's own mode.
    closeSync(openSync(draft, 'wx', 0o600));
    await pipeline(createReadStream(backup), createWriteStream(draft));
    const ended = await prepareDraft(draft, backup, options.nowMs);
    const release = await hold(target);
    try {
      // The log of the database that was there must not be applied to the new one.
      for (const left of [`${target}-wal`, `${target}-shm`]) rmSync(left, { force: true });
      renameSync(draft, target);
    } finally {
      release();
    }
    return ended;
  } finally {
    for (const left of [draft, `${draft}-wal`, `${draft}-shm`]) rmSync(left, { force: true });
  }
}

/** The same for a PostgreSQL database, in one transaction. */
export async function restorePostgres(backup: string, url: string, options: RestoreOptions): Promise<number> {
  if (!existsSync(backup)) refuse('bad_backup', { path: backup, reason: 'there is no such file' });
  const { loadPostgres } = await import('./dump.ts');
  const store = await openStore({ url });
  try {
    return await loadPostgres(store, backup, options);
  } finally {
    await store.close();
  }
}

async function hold(target: string): Promise<() => void> {
  if (!existsSync(target)) return () => {};
  const { holdSqliteFile } = await import('./dialects/sqlite.ts');
  const release = holdSqliteFile(target);
  if (release) return release;
  return refuse('database_unusable', {
    reason: `Another process has ${target} open, probably “portal serve”; nothing was changed`,
    todo: 'Stop it, then restore again.',
  });
}

async function prepareDraft(draft: string, backup: string, nowMs: number): Promise<number> {
  const damaged = (): never => refuse('bad_backup', { path: backup, reason: 'the file is damaged' });
  const store = await openStore({ file: draft }).catch(damaged);
  try {
    if (!isSound(store)) damaged();
    const states = await migrationStates(store);
    if (!states.some(({ applied }) => applied)) {
      refuse('bad_backup', { path: backup, reason: 'it is no database of this portal' });
    }
    return await store.transaction((tx) => endSignIns(tx, nowMs));
  } finally {
    await store.close();
  }
}

function isSound({ file }: Store): boolean {
  try {
    return file?.pragma('integrity_check', { simple: true }) === 'ok';
  } catch {
    return false;
  }
}

function firstBytes(path: string): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(SQLITE_MAGIC.length);
    readSync(file, bytes, 0, bytes.length, 0);
    return bytes.toString('latin1');
  } finally {
    closeSync(file);
  }
}
