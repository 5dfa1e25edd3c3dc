/** Width in points of a text on one line. */
export type Measure = (text: string) => number;

/**
 * Drawable text broken into lines that fit `width` points: at `\n`, at spaces, and inside a word that is wider
 * than the line (never between a letter and its combining mark). More than one empty line in a row is one.
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
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  for (const [cluster] of word.matchAll(/\P{M}\p{M}*|\p{M}+/gu)) {
    const clusterWidth = measure(cluster);
    if (piece !== '' && used + clusterWidth > width) {
      pieces.push(piece);
      piece = '';
      used = 0;
    }
    piece += cluster;
    used += clusterWidth;
  }
  return [...pieces, piece];
}

function shorten(measure: Measure, line: string, width: number): string {
  const letters = [...line];
  while (letters.length > 0 && measure(`${letters.join('')}…`) > width) letters.pop();
  return `${letters.join('').trimEnd()}…`;
}
