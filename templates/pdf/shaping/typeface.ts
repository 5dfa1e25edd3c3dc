import { Blob, Buffer as TextBuffer, BufferFlag, Direction, Face, Font, shape } from 'harfbuzzjs';
import type { PDFDocument, PDFRef } from 'pdf-lib';
import subsetFont from 'subset-font';
import type { Weight } from '../fonts.ts';
import { type CodeOf, embedGlyphs, embedOutline } from './embed.ts';
import type { Slice } from './families.ts';

/**
 * A glyph where it is drawn, all lengths in ems. It has a code in the PDF font, which readers of the text meet. One that takes no room of
 * its own (an accent, the dots of an Arabic letter) is drawn by its outline instead, and its code, if any letter is left for it, draws nothing.
 */
export interface Glyph {
  readonly code: number | undefined;
  readonly outline: PDFRef | undefined;
  readonly advance: number;
  readonly x: number;
  readonly y: number;
}

/** The missing glyph, which the subset leaves without an outline. */
const emptyGlyph = 0;
const axis: Readonly<Record<Weight, number>> = { regular: 400, strong: 600 };

/** A slice at one weight with the letters that one document needs: shapes text, and becomes a font of the PDF once it was used. */
export class Typeface {
  readonly ref: PDFRef;
  readonly #name: string;
  readonly #sfnt: Buffer;
  readonly #font: Font;
  readonly #unit: number;
  readonly #pdf: PDFDocument;
  readonly #outlines = new Map<number, PDFRef>();
  readonly #codes = new Map<string, number>();
  readonly #byCode: CodeOf[] = [{ glyph: 0, text: '', advance: 0 }];

  private constructor(pdf: PDFDocument, name: string, sfnt: Buffer) {
    const face = new Face(new Blob(sfnt));
    this.#pdf = pdf;
    this.ref = pdf.context.nextRef();
    this.#name = name;
    this.#sfnt = sfnt;
    this.#font = new Font(face);
    this.#unit = 1 / face.upem;
  }

  static async of(pdf: PDFDocument, slice: Slice, weight: Weight, letters: string): Promise<Typeface> {
    const sfnt = await subsetFont(slice.sfnt, letters, {
      targetFormat: 'sfnt',
      variationAxes: slice.isVariable ? { wght: axis[weight] } : {},
      noHinting: true,
    });
    return new Typeface(pdf, `${slice.name}-${weight}`, sfnt);
  }

  /** The glyphs of a text of one script and direction, from left to right. */
  shape(text: string, rightToLeft: boolean): Glyph[] {
    const buffer = new TextBuffer();
    buffer.addText(text);
    buffer.setDirection(rightToLeft ? Direction.RTL : Direction.LTR);
    buffer.setFlags(BufferFlag.DO_NOT_INSERT_DOTTED_CIRCLE);
    buffer.guessSegmentProperties();
    shape(this.#font, buffer);
    const shaped = buffer.getGlyphInfosAndPositions();
    const takesRoom = shaped.map(({ xAdvance = 0 }) => xAdvance > 0);
    const read = readings(
      text,
      shaped.map(({ cluster }) => cluster),
      takesRoom,
      rightToLeft,
    );
    return shaped.map(({ codepoint, xAdvance = 0, xOffset = 0, yOffset = 0 }, index) => {
      const [drawn, letters, advance] = [takesRoom[index] ?? true, read[index], xAdvance * this.#unit];
      return {
        code:
          letters === undefined
            ? undefined
            : this.#codeOf({ glyph: drawn ? codepoint : emptyGlyph, text: letters, advance }),
        outline: drawn && letters !== undefined ? undefined : this.#outlineOf(codepoint),
        advance,
        x: xOffset * this.#unit,
        y: yOffset * this.#unit,
      };
    });
  }

  /** Writes the font into the document; nothing when no glyph of it was asked for. */
  embed(): void {
    if (this.#byCode.length === 1) return;
    const { ascender, descender } = this.#font.hExtents();
    embedGlyphs(this.#pdf, this.ref, {
      name: this.#name,
      sfnt: this.#sfnt,
      codes: this.#byCode,
      ascent: ascender * this.#unit,
      descent: descender * this.#unit,
    });
  }

  #outlineOf(glyph: number): PDFRef {
    const known = this.#outlines.get(glyph);
    if (known) return known;
    const ref = embedOutline(this.#pdf, this.#font.glyphToJson(glyph), this.#unit);
    this.#outlines.set(glyph, ref);
    return ref;
  }

  /** A code for a glyph as it is read here: an `i` sign and a ligature may share a glyph with other texts. */
  #codeOf(wanted: CodeOf): number {
    const key = `${wanted.glyph} ${wanted.text}`;
    const known = this.#codes.get(key);
    if (known !== undefined) return known;
    this.#codes.set(key, this.#byCode.length);
    return this.#byCode.push(wanted) - 1;
  }
}

/**
 * What each glyph is read as: the letters of its cluster in the order of writing, one a glyph and the rest on the last, whatever each of
 * them looks like; copied text so has every letter once and in order, though signs were reordered and letters joined. The marks at the end
 * of a cluster go to the glyphs that take no room. Undefined for glyphs that no letter is left for.
 */
function readings(
  text: string,
  clusters: readonly number[],
  takesRoom: readonly boolean[],
  rightToLeft: boolean,
): Array<string | undefined> {
  const read: Array<string | undefined> = clusters.map(() => undefined);
  const give = (letters: string, glyphs: readonly number[]) => {
    const single = [...letters];
    glyphs.slice(0, single.length).forEach((index, nth) => {
      const last = nth === Math.min(glyphs.length, single.length) - 1;
      read[index] = single.slice(nth, last ? undefined : nth + 1).join('');
    });
  };
  const starts = [...new Set(clusters)].toSorted((a, b) => a - b);
  starts.forEach((start, position) => {
    const letters = text.slice(start, starts[position + 1] ?? text.length);
    const members = clusters.flatMap((cluster, index) => (cluster === start ? [index] : []));
    if (rightToLeft) members.reverse();
    const wide = members.filter((index) => takesRoom[index]);
    const narrow = members.filter((index) => !takesRoom[index]);
    const marks = narrow.length > 0 && wide.length > 0 ? (/\p{Mn}+$/u.exec(letters)?.[0] ?? '') : '';
    give(letters.slice(0, letters.length - marks.length), wide.length > 0 ? wide : members);
    give(marks, narrow);
  });
  return read;
}
