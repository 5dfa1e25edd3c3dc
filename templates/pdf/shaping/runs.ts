import bidiFactory from 'bidi-js';

const bidi = bidiFactory();

/** A piece of a line whose letters go one way and have one font. */
export interface Run<Font> {
  readonly text: string;
  readonly font: Font;
  readonly rightToLeft: boolean;
  /** Its place on paper, counted from the left. */
  readonly place: number;
}

/** Whether the first letter with a direction goes from right to left (UAX 9, P2 and P3). */
export function startsRightToLeft(text: string): boolean {
  return bidi.getEmbeddingLevels(text.replaceAll('\n', ' ')).paragraphs[0]?.level === 1;
}

/** A letter as it looks in text from right to left: `(` as `)`. */
export function mirrored(letter: string): string {
  return bidi.getMirroredCharacter(letter) ?? letter;
}

/** The runs of one line in the order of reading (UAX 9). `fontOf` sees a letter and the font before it. */
export function runsOf<Font>(
  line: string,
  rightToLeft: boolean,
  fontOf: (letter: string, before: Font | undefined) => Font,
): Run<Font>[] {
  const { levels } = bidi.getEmbeddingLevels(line, rightToLeft ? 'rtl' : 'ltr');
  const runs: { text: string; font: Font; level: number }[] = [];
  let at = 0;
  for (const letter of line) {
    const before = runs.at(-1);
    const font = fontOf(letter, before?.font);
    const level = levels[at] ?? 0;
    if (before?.font === font && before.level === level) before.text += letter;
    else runs.push({ text: letter, font, level });
    at += letter.length;
  }
  const onPaper = inVisualOrder(runs);
  return runs.map((run) => ({
    text: run.text,
    font: run.font,
    rightToLeft: run.level % 2 === 1,
    place: onPaper.indexOf(run),
  }));
}

/** Rule L2: from the highest level down to the lowest odd one, every stretch at that level or above is turned round. */
function inVisualOrder<T extends { readonly level: number }>(runs: readonly T[]): T[] {
  const ordered = [...runs];
  const highest = ordered.reduce((most, { level }) => Math.max(most, level), 0);
  for (let level = highest; level > 0; level -= 1) {
    for (let from = 0; from < ordered.length; from += 1) {
      let to = from;
      while ((ordered[to]?.level ?? -1) >= level) to += 1;
      if (to - from > 1) ordered.splice(from, to - from, ...ordered.slice(from, to).toReversed());
      from = Math.max(from, to);
    }
  }
  return ordered;
}
