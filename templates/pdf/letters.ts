/** Stands where a letter is in no font of ours. */
export const standIn = '□';

/** A person's or a file's text may be this long; what is longer ends in an ellipsis. Characters. */
export const longestText = 8000;

const marksPerLetter = 2;
const lineBreaks = /\r\n|[\r\n\u0085\u2028\u2029\v\f]/gu;
const spaces = /[\t\p{Zs}]/gu;
const invisible = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** Code points that are no characters: fonts map U+FFFF to a glyph that reads back as a control. */
const noCharacters = /[\p{Cs}\p{Noncharacter_Code_Point}]/gu;
const plain = /^[\x20-\x7e]*$/;

/**
 * The text as it may be drawn: composed (NFC), line breaks as `\n`, other space characters as a plain or a
 * no-break space; control characters, bidi marks and overrides (U+202A–E, U+2066–9), zero-width and other
 * invisible characters dropped; towers of combining marks cut to two; at most `longestText` characters.
 */
export function tidy(text: string): string {
  if (text.length <= longestText && plain.test(text)) return text;
  return shortened(text)
    .replace(lineBreaks, '\n')
    .replace(spaces, plainSpace)
    .split('\n')
    .map(tidyLine)
    .join('\n');
}

/** `tidy`, on one line. */
export function tidyOneLine(text: string): string {
  return tidy(text).replaceAll('\n', ' ');
}

/** The letter itself where the font has it; its plain form where that is drawable (ﬁ → fi, Ａ → A); else □. */
export function drawable(text: string, has: (letter: string) => boolean): string {
  let out = '';
  for (const letter of text) out += letter === '\n' || has(letter) ? letter : plainForm(letter, has);
  return out;
}

function shortened(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}

function plainSpace(space: string): string {
  return space === '\u00a0' || space === '\u202f' || space === '\u2007' ? '\u00a0' : ' ';
}

function tidyLine(line: string): string {
  const shown = line.replace(invisible, '').replace(noCharacters, standIn).normalize('NFC');
  return limitMarks(shown.replace(/[\u2010\u2011]/gu, '-'));
}

function limitMarks(text: string): string {
  return text.replace(/(\p{M})(\p{M}+)/gu, (run) => [...run].slice(0, marksPerLetter).join(''));
}

function hasAll(text: string, has: (letter: string) => boolean): boolean {
  for (const letter of text) if (!has(letter)) return false;
  return true;
}

function plainForm(letter: string, has: (letter: string) => boolean): string {
  const form = letter.normalize('NFKC');
  if (form !== letter && hasAll(form, has)) return form;
  return /\p{M}/u.test(letter) ? '' : standIn;
}
