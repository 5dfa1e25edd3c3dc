import type { PDFDocument } from 'pdf-lib';
import type { Faces, Weight } from '../fonts.ts';
import { isDrawnBy } from '../letters.ts';
import { sliceFor, type Region, type Slice } from './families.ts';
import { mirrored, runsOf, startsRightToLeft, type Run } from './runs.ts';
import { Typeface, type Glyph } from './typeface.ts';

/** A stretch of a line that is drawn at once. Lengths in ems; `x` counts from the line's left end. */
export type Setting = { readonly x: number; readonly width: number } & (
  | { readonly kind: 'letters'; readonly text: string }
  | { readonly kind: 'glyphs'; readonly typeface: Typeface; readonly glyphs: readonly Glyph[] }
);

/** `Setting` before its place is known. */
type Stretch = { readonly width: number } & (
  | { readonly kind: 'letters'; readonly text: string }
  | { readonly kind: 'glyphs'; readonly typeface: Typeface; readonly glyphs: readonly Glyph[] }
);

/** Letters of the document's own faces, or the slice that has them. */
type Source = Slice | 'own';

const weights = ['regular', 'strong'] as const satisfies readonly Weight[];
const directionMarks = /[\u061c\u200e\u200f]/g;
const joiners = /[\u200c\u200d]/g;
/** Characters that are told by their neighbours and have no look. */
const silent = /^[\u061c\u200c-\u200f]$/;
const mark = /^\p{M}$/u;
/** Lines whose setting is remembered: the same words are measured and then drawn. */
const mostRemembered = 4000;

/**
 * Sets lines of every script that a font of ours has: shaped, joined, and from right to left where that is the script's way.
 * Made for the texts of one document; letters of other texts may be missing.
 */
export class Typesetter {
  readonly #faces: Faces;
  readonly #found: Found;
  readonly #typefaces: Readonly<Record<Weight, ReadonlyMap<Slice, Typeface>>>;
  readonly #reader: Region;
  readonly #lines = new Map<string, readonly Setting[]>();

  private constructor(
    faces: Faces,
    found: Found,
    typefaces: Readonly<Record<Weight, ReadonlyMap<Slice, Typeface>>>,
    reader: Region,
  ) {
    this.#faces = faces;
    this.#found = found;
    this.#typefaces = typefaces;
    this.#reader = reader;
  }

  /** `language`: BCP 47 tag of who reads the document; it decides the form of Chinese characters where nothing else does. */
  static async for(
    pdf: PDFDocument,
    faces: Faces,
    texts: Iterable<string>,
    language: string,
  ): Promise<Typesetter> {
    const reader = regionOfLanguage(language);
    const found = await findSlices(texts, reader, (letter) => isDrawnBy(letter, faces.regular.has));
    const letters = new Map<Slice, string>();
    for (const some of found.slices.values()) {
      for (const [letter, slice] of some) letters.set(slice, (letters.get(slice) ?? '') + letter);
    }
    const [regular, strong] = await Promise.all(
      weights.map(async (weight) => {
        const made = [...letters].map(
          async ([slice, some]) => [slice, await Typeface.of(pdf, slice, weight, allForms(some))] as const,
        );
        return new Map(await Promise.all(made));
      }),
    );
    return new Typesetter(
      faces,
      found,
      { regular: regular ?? new Map(), strong: strong ?? new Map() },
      reader,
    );
  }

  /** Whether a font has the letter, in whatever form. */
  has(letter: string): boolean {
    return this.#found.has(letter);
  }

  /** Whether a text's first letter with a direction goes from right to left. */
  startsRightToLeft(text: string): boolean {
    return startsRightToLeft(text);
  }

  /** The stretches of a line, in the order of reading. */
  set(line: string, weight: Weight, rightToLeft: boolean): readonly Setting[] {
    const key = `${weight} ${rightToLeft} ${line}`;
    const known = this.#lines.get(key);
    if (known) return known;
    if (this.#lines.size >= mostRemembered) this.#lines.clear();
    const settings = this.#settingsOf(line, weight, rightToLeft);
    this.#lines.set(key, settings);
    return settings;
  }

  /** Writes the fonts that were used into the document. */
  embed(): void {
    for (const weight of weights) for (const typeface of this.#typefaces[weight].values()) typeface.embed();
  }

  #settingsOf(line: string, weight: Weight, rightToLeft: boolean): Setting[] {
    const face = this.#faces[weight];
    const region = regionOf(line) ?? this.#reader;
    const sourceOf = (letter: string, before: Source | undefined): Source => {
      const knows = (source: Source) =>
        source === 'own' ? face.has(letter) : source.letters.has(letter.codePointAt(0)!);
      if (before !== undefined && (silent.test(letter) || (mark.test(letter) && knows(before))))
        return before;
      return face.has(letter) ? 'own' : (this.#found.sliceFor(letter, region) ?? 'own');
    };
    const runs = runsOf(line, rightToLeft, sourceOf);
    const stretches = runs.map((run) => this.#stretchOf(run, weight));
    const x: number[] = [];
    let width = 0;
    for (const index of runs
      .keys()
      .toArray()
      .toSorted((a, b) => runs[a]!.place - runs[b]!.place)) {
      x[index] = width;
      width += stretches[index]!.width;
    }
    return stretches.map((stretch, index) => ({ ...stretch, x: x[index]! }));
  }

  #stretchOf({ text: all, font, rightToLeft }: Run<Source>, weight: Weight): Stretch {
    const text = all.replace(directionMarks, '');
    const typeface = font === 'own' ? undefined : this.#typefaces[weight].get(font);
    if (!typeface) {
      const plain = text.replace(joiners, '');
      const shown = rightToLeft ? [...plain].toReversed().map(mirrored).join('') : plain;
      return { kind: 'letters', text: shown, width: this.#faces[weight].width(shown, 1) };
    }
    const glyphs = typeface.shape(text, rightToLeft);
    return { kind: 'glyphs', typeface, glyphs, width: glyphs.reduce((sum, { advance }) => sum + advance, 0) };
  }
}

/** By the region they are read in, the letters that were looked for and the slices that have them. */
class Found {
  readonly slices: ReadonlyMap<Region, ReadonlyMap<string, Slice>>;

  constructor(slices: ReadonlyMap<Region, ReadonlyMap<string, Slice>>) {
    this.slices = slices;
  }

  has(letter: string): boolean {
    return silent.test(letter) || this.slices.values().some((some) => some.has(letter));
  }

  /** A line may have lost, by being wrapped, what told its region: then another region's form is better than none. */
  sliceFor(letter: string, region: Region): Slice | undefined {
    return (
      this.slices.get(region)?.get(letter) ??
      this.slices
        .values()
        .find((some) => some.has(letter))
        ?.get(letter)
    );
  }
}

/** The letters of the texts that `isOwn` does not know, by the region they are read in, with the slice that has them. */
export async function findSlices(
  texts: Iterable<string>,
  reader: Region,
  isOwn: (letter: string) => boolean,
): Promise<Found> {
  const slices = new Map<Region, Map<string, Slice>>();
  const looked = new Set<string>();
  for (const text of texts) {
    const region = regionOf(text) ?? reader;
    for (const letter of text) {
      const key = region + letter;
      if (isOwn(letter) || looked.has(key)) continue;
      looked.add(key);
      const slice = await sliceFor(letter.codePointAt(0) ?? 0, region);
      const found = slices.get(region) ?? new Map<string, Slice>();
      if (slice) slices.set(region, found.set(letter, slice));
    }
  }
  return new Found(slices);
}

/** Kana are written in Japan, Hangul in Korea, Bopomofo in Taiwan; Chinese characters alone say nothing. */
function regionOf(text: string): Region | undefined {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return 'jp';
  if (/\p{Script=Hangul}/u.test(text)) return 'kr';
  return /\p{Script=Bopomofo}/u.test(text) ? 'tc' : undefined;
}

/** The region whose Chinese characters a language's readers know; the mainland's for everybody else. */
export function regionOfLanguage(tag: string): Region {
  const { language, script, region } = new Intl.Locale(tag).maximize();
  if (language === 'ja' || region === 'JP') return 'jp';
  if (language === 'ko' || region === 'KR') return 'kr';
  return script === 'Hant' || ['TW', 'HK', 'MO'].includes(region ?? '') ? 'tc' : 'sc';
}

/** The letters, and those that shaping may take them apart to: a Thai vowel sign is drawn as two. */
function allForms(letters: string): string {
  return `${letters}${letters.normalize('NFKD')}\u200c\u200d`;
}
