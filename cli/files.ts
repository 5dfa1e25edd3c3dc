import { accessSync, constants, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { refuse } from '#src/kernel/errors.ts';
import { machineReason } from './errors.ts';

/** Refuses `file_unreadable` unless there is something to read at the path: a file, a pipe, not a folder. */
export function assertReadable(path: string): void {
  try {
    accessSync(path, constants.R_OK);
    if (statSync(path).isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
  } catch (error) {
    refuse('file_unreadable', { path, reason: machineReason(error) });
  }
}

/** The text of a file, or of standard input for `-`. Refuses `file_unreadable`. */
export async function readText(path: string): Promise<string> {
  if (path === '-') return textOf(process.stdin);
  assertReadable(path);
  return readFile(path, 'utf8');
}
