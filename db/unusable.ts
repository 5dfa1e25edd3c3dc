import { refuse } from '#src/kernel/errors.ts';

const CHECK_URL = 'Check PORTAL_DATABASE_URL and that the server runs, then try again.';
const CHECK_FILE = 'Check PORTAL_DATA and who may read and write in it, then try again.';

/** What a server that cannot be used says: codes of Node.js and SQLSTATEs (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const SERVER_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'No database server answers at that address',
  ECONNRESET: 'The database server hung up',
  EHOSTUNREACH: 'The database server cannot be reached',
  ENETUNREACH: 'The database server cannot be reached',
  ENOTFOUND: 'There is no host of the database server’s name',
  EAI_AGAIN: 'The name of the database server could not be looked up',
  ETIMEDOUT: 'The database server does not answer',
  ENOENT: 'No database server listens at that socket',
  '28000': 'The database server does not let that user in',
  '28P01': 'The password for the database is wrong',
  '3D000': 'There is no database of that name on the server',
  '42501': 'That user may not use the database',
  '53300': 'The database server has no connection left',
  '57P03': 'The database server is just starting, or stopping',
};

/** What a database file that cannot be used says (https://sqlite.org/rescode.html). */
const FILE_REASONS: Readonly<Record<string, string>> = {
  SQLITE_CANTOPEN: 'The database file cannot be opened',
  SQLITE_CANTOPEN_ISDIR: 'There is a folder where the database file should be',
  SQLITE_NOTADB: 'The file is no SQLite database',
  SQLITE_CORRUPT: 'The database file is damaged',
  SQLITE_READONLY: 'The database file is read-only for you',
  SQLITE_PERM: 'You may not use the database file',
  SQLITE_FULL: 'The disk is full',
  SQLITE_IOERR: 'The disk reports an error',
};

/** Throws `database_unusable` where an error says that the database cannot be used as it was named, else the error itself. */
export function throwUnusable(error: unknown): never {
  const codes = codesOf(error);
  for (const code of codes) {
    const server = SERVER_REASONS[code];
    if (server !== undefined) refuse('database_unusable', { reason: server, todo: CHECK_URL });
    const file = FILE_REASONS[code] ?? FILE_REASONS[code.split('_').slice(0, 2).join('_')];
    if (file !== undefined) refuse('database_unusable', { reason: file, todo: CHECK_FILE });
  }
  throw error;
}

/** A host with several addresses fails with one error for each. */
function codesOf(error: unknown): string[] {
  if (error instanceof AggregateError) return error.errors.flatMap(codesOf);
  return error instanceof Error && 'code' in error ? [String(error.code)] : [];
}
