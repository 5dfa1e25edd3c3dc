import { type RawBuilder, sql } from 'kysely';
import { writtenHere } from './guard.ts';

/** Whether a text column holds the words, letter case aside (ASCII letters on SQLite). Wildcards in the words are ordinary letters. */
export function contains(column: string, words: string): RawBuilder<boolean> {
  const pattern = `%${words.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
  return writtenHere(sql<boolean>`lower(${sql.ref(column)}) like ${pattern} escape '\\'`);
}
