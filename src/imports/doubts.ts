import { doubtfulWord } from './encodings.ts';
import type { ImportProblem } from './problems.ts';
import { quotable } from './problems.ts';

/** The first word on lines of Windows-1252, counted from `first`, that makes them doubtful. */
export function doubtIn(file: string, lines: readonly string[], first: number): ImportProblem | undefined {
  const at = lines.findIndex((text) => doubtfulWord(text) !== undefined);
  if (at < 0) return undefined;
  const word = quotable(doubtfulWord(lines[at] ?? '') ?? '');
  return {
    file,
    line: first + at,
    value: word,
    reason: `The file is not UTF-8, and as Windows-1252 it would say “${word}”.`,
    hint: 'Say how it was saved with --encoding, for example windows-1251, iso-8859-2, cp850 or macintosh, or save it as UTF-8.',
  };
}
