/** Stands where a letter is in no font of ours. */
export const standIn = '□';

/** A person's or a file's text may be this long; what is longer ends in an ellipsis. Characters. */
export const longestText = 8000;

/** Marks that a letter may carry: accents of any script, and signs of its own script, of which Hindi has three in everyday words. */
const mostMarks = { inherited: 2, own: 4 };
const lineBreaks = /\r\n|[\r\n\u0085\u2028\u2029\v\f]/gu;
const spaces = /[\t\p{Zs}]/gu;
const invisible = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** Code points that are no characters: fonts map U+FFFF to a glyph that reads back as a control. */
const noCharacters = /[\p{Cs}\p{Noncharacter_Code_Point}]/gu;
const isJoiner = /[\u200c\u200d]/;
const isDirectionMark = /[\u061c\u200e\u200f]/;
const joins =
  /[\p{scx=Arabic}\p{scx=Devanagari}\p{scx=Bengali}\p{scx=Tamil}\p{scx=Telugu}\p{scx=Kannada}\p{scx=Sinhala}\p{scx=Khmer}\p{scx=Myanmar}]$/u;
const rightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}]/u;
const plain = /^[\x20-\x7e]*$/;

/**
 * The text as it may be drawn: composed (NFC), line breaks as `\n`, other space characters as a plain or a
 * no-break space; control characters, bidi overrides and isolates (U+202A–E, U+2066–9), zero-width and other
 * invisible characters dropped, but joiners where a script is spelled with them and direction marks among letters from right to left;
 * towers of combining marks cut; at most `longestText` characters.
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

/** Whether a letter needs no other font: it, or for a Latin letter or a figure its plain form, is among those `has` knows. */
export function isDrawnBy(letter: string, has: (letter: string) => boolean): boolean {
  return has(letter) || (/[\p{Script=Latin}\p{N}]/u.test(letter) && hasAll(letter.normalize('NFKC'), has));
}

/** The letters of a text that are drawn as □: neither they nor their plain forms are to be had. */
export function missing(text: string, has: (letter: string) => boolean): string[] {
  return [...text].filter((letter) => letter !== '\n' && !has(letter) && plainForm(letter, has) === standIn);
}

function shortened(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}

function plainSpace(space: string): string {
  return space === '\u00a0' || space === '\u202f' || space === '\u2007' ? '\u00a0' : ' ';
}

function tidyLine(line: string): string {
  const goesLeft = rightToLeft.test(line);
  const meant = (mark: string, at: number) =>
    isDirectionMark.test(mark) ? goesLeft : isJoiner.test(mark) && joins.test(line.slice(0, at));
  const shown = line
    .replace(invisible, (mark, at: number) => (meant(mark, at) ? mark : ''))
    .replace(noCharacters, standIn)
    .normalize('NFC');
  return limitMarks(shown.replace(/[\u2010\u2011]/gu, '-'));
}

function limitMarks(text: string): string {
  return text.replace(/(\p{M})(\p{M}+)/gu, (run) => {
    const most = /^\p{Script=Inherited}/u.test(run) ? mostMarks.inherited : mostMarks.own;
    return [...run].slice(0, most).join('');
  });
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
