/** Width in points of a text on one line. */
export type Measure = (text: string) => number;

/**
 * Drawable text broken into lines that fit `width` points: at `\n`, at spaces, and inside a word that is wider
 * than the line: there after a hyphen or a slash, between the words of scripts that write them without spaces, and only then between
 * letters (never between a letter and its combining mark). More than one empty line in a row is one.
 * With `most`, what does not fit into that many lines ends in an ellipsis.
 */
export function wrap(measure: Measure, text: string, width: number, most = Infinity): string[] {
  const paragraphs = text
    .trim()
    .replace(/\n[\n ]*\n/g, '\n\n')
    .split('\n');
  const lines: string[] = [];
  for (const paragraph of paragraphs) {
    if (lines.length > most) break;
    lines.push(...wrapParagraph(measure, paragraph, width));
  }
  if (lines.length <= most) return lines;
  const kept = lines.slice(0, most);
  kept[most - 1] = shorten(measure, kept[most - 1] ?? '', width);
  return kept;
}

function wrapParagraph(measure: Measure, paragraph: string, width: number): string[] {
  if (measure(paragraph) <= width) return [paragraph.trim()];
  const space = measure(' ');
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const word of paragraph.split(' ').filter(Boolean)) {
    const wordWidth = measure(word);
    if (line !== '' && used + space + wordWidth <= width) {
      line += ` ${word}`;
      used += space + wordWidth;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = wordWidth <= width ? [word] : breakWord(measure, word, width);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? '';
    used = measure(line);
  }
  return line === '' ? lines : [...lines, line];
}

function breakWord(measure: Measure, word: string, width: number): string[] {
  const parts = partsOf(word).flatMap((part) => (measure(part) <= width ? [part] : clustersOf(part)));
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  for (const part of parts) {
    const partWidth = measure(part);
    if (piece !== '' && used + partWidth > width) {
      pieces.push(piece);
      piece = '';
      used = 0;
    }
    piece += part;
    used += partWidth;
  }
  return [...pieces, piece];
}

const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/** What may not begin a line, or end one: it stays with what is before it, or after it. */
const staysBefore = /^[\p{Pe}\p{Pf}\p{Po}\p{M}\u30fc\u3005ぁぃぅぇぉっゃゅょァィゥェォッャュョ]/u;
const staysAfter = /[\p{Ps}\p{Pi}]$/u;

/** Pieces of a word between which a line may end. */
function partsOf(word: string): string[] {
  if (!unspaced.test(word)) return word.split(/(?<=[-/·,;])(?=\p{L})/u);
  const parts: string[] = [];
  for (const { segment } of new Intl.Segmenter('und', { granularity: 'word' }).segment(word)) {
    const before = parts.at(-1);
    if (before !== undefined && (staysBefore.test(segment) || staysAfter.test(before)))
      parts.push(`${parts.pop()}${segment}`);
    else parts.push(segment);
  }
  return parts;
}

function clustersOf(text: string): string[] {
  return [...text.matchAll(/\P{M}\p{M}*|\p{M}+/gu)].map(([cluster]) => cluster);
}

function shorten(measure: Measure, line: string, width: number): string {
  const letters = [...line];
  while (letters.length > 0 && measure(`${letters.join('')}…`) > width) letters.pop();
  return `${letters.join('').trimEnd()}…`;
}
