import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { refuse } from '#src/kernel/errors.ts';

const OTHERS = 0o077;
const OTHERS_WRITE = 0o002;
/** What holds customers' data or secrets; drafts and the files that SQLite keeps beside a database too. */
const PRIVATE = /^(?:portal\.db|test-gateway\.db|secret\.key)/;

/**
 * Makes the data folder, for its owner alone. Where it is there already it is closed to everybody else, and so are the files in it; answers the
 * names of those that stood open. Refuses `bad_config` for a folder that everybody may write to: others live there as well.
 */
export function privateFolder(folder: string): string[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { mode } = statSync(folder);
  if (mode & OTHERS_WRITE)
    refuse('bad_config', {
      name: 'PORTAL_DATA',
      reason: `${folder} may be written to by everybody, so it is no place for data; name a folder of the portal’s own`,
    });
  const open = readdirSync(folder).filter((name) => PRIVATE.test(name) && close(join(folder, name), 0o600));
  return close(folder, 0o700) ? [folder, ...open] : open;
}

/**
 * Makes a file that is its owner's alone, unless it is there. What SQLite keeps beside a database takes over its mode. One that is there is not even
 * opened: closing it would let go of every lock that this process has on it (https://sqlite.org/howtocorrupt.html, section 2.2).
 */
export function privateFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function close(path: string, mode: number): boolean {
  if ((statSync(path).mode & OTHERS) === 0) return false;
  chmodSync(path, mode);
  return true;
}
