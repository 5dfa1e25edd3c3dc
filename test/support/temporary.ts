import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
const NAME = /^portal-tests-(\d+)$/;
const GIB = 2 ** 30;

/**
 * A folder of this run's own in memory, for the databases of the tests: what they wait for is else the disk. Undefined where temporary files are
 * in memory already, or where memory cannot be had as a folder, has less than 3 GiB to spare, or does not run programs (browsers unpack
 * themselves there).
 */
export function folderInMemory(): string | undefined {
  if (tmpdir().startsWith(MEMORY)) return undefined;
  const folder = join(MEMORY, `portal-tests-${process.pid}`);
  try {
    removeAbandoned();
    const { bavail, bsize } = statfsSync(MEMORY);
    if (bavail * bsize < 3 * GIB || totalmem() < 6 * GIB) return undefined;
    mkdirSync(folder);
    // Whoever runs PostgreSQL, which is nobody where the tests run as root, must get in.
    chmodSync(folder, 0o711);
    const program = join(folder, 'program');
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o700 });
    execFileSync(program);
    return folder;
  } catch {
    rmSync(folder, { recursive: true, force: true });
    return undefined;
  }
}

/** What runs left that were killed: memory is not to fill up with it. */
function removeAbandoned(): void {
  for (const name of readdirSync(MEMORY)) {
    const pid = NAME.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid)))
      rmSync(join(MEMORY, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
