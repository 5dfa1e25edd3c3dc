import { randomUUID } from 'node:crypto';
import { Refusal } from '#src/kernel/errors.ts';
import { plain } from '#src/kernel/terminal-line.ts';

export const REFUSED = 1;
export const USAGE = 2;
export const BUG = 70;

/** A command line that says too little, too much or both of two things: found out after its options were read. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Stops a command whose options do not go together; the sentence says what to write instead. */
export function wrongUsage(sentence: string): never {
  throw new UsageError(sentence);
}

/** Says on stderr how the command is meant. Answers the exit code. */
export function reportUsage(error: UsageError): number {
  process.stderr.write(`error: ${plain(error.message)}\nAdd --help to see how it is used.\n`);
  return USAGE;
}

/** Says on stderr what was refused, why in detail where there is more to say, and what to do. Answers the exit code. */
export function reportRefusal(refusal: Refusal): number {
  const details = refusal.code === 'bad_input' ? detailLines(refusal) : [];
  const lines = [refusal.message, ...details, refusal.hint];
  process.stderr.write(`${lines.map(plain).join('\n')}\n`);
  return REFUSED;
}

/** Says on stderr that this is a mistake of the portal's own; the stack only with PORTAL_DEBUG. Answers the exit code. */
export async function reportBug(error: unknown): Promise<number> {
  const incident = randomUUID().slice(0, 8);
  const { wantsStacks } = await import('#src/config.ts');
  const text = error instanceof Error ? error : new Error(String(error));
  const shown = wantsStacks() ? (text.stack ?? text.message) : plain(text.message);
  process.stderr.write(
    `The portal made a mistake (incident ${incident}): ${shown}\n` +
      'Run it again with PORTAL_DEBUG=1 to see where, and report it with the incident number.\n',
  );
  return BUG;
}

/** What the machine answers where a file, a folder or an address that the operator named is not what it should be. */
const MACHINE_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder, not a file',
  EEXIST: 'there is a file where a folder is needed',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EACCES: 'you may not read or write it',
  EPERM: 'you may not read or write it',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'its links lead in a circle',
};

/** Why the machine could not do something with a file, in words. */
export function machineReason(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return MACHINE_REASONS[code] ?? message;
}

/** The refusal that an error of the machine stands for, where the operator named what it is about; undefined for a mistake of ours. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path } = error as NodeJS.ErrnoException;
  const reason = code === undefined ? undefined : MACHINE_REASONS[code];
  return reason === undefined || path === undefined
    ? undefined
    : new Refusal('file_unreadable', { path, reason });
}

function detailLines(refusal: Refusal): string[] {
  return Object.entries(refusal.details).map(([name, reason]) => `  ${name}: ${reason}`);
}
