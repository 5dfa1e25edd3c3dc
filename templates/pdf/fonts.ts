import { readFile } from 'node:fs/promises';
import fontkit from '@pdf-lib/fontkit';
import type { PDFDocument, PDFFont, PDFHexString } from 'pdf-lib';

export type Weight = 'regular' | 'strong';

/** A font in one document: measures and encodes text whose every letter it has. */
export interface Face {
  readonly font: PDFFont;
  has(letter: string): boolean;
  /** Width in points. Letters are never kerned, so this is exactly what is drawn. */
  width(text: string, size: number): number;
  encode(text: string): PDFHexString;
}

export type Faces = Readonly<Record<Weight, Face>>;

/**
 * The two faces of a document, subset to the letters it uses. Embedded always, never the fonts that readers bring:
 * those lack most of Europe's letters, and look different on every machine.
 */
export async function embedFaces(pdf: PDFDocument): Promise<Faces> {
  const [regular, strong] = await Promise.all([program('regular'), program('strong')]);
  return { regular: await embedProgram(pdf, regular), strong: await embedProgram(pdf, strong) };
}

/** Whether a face has every letter of a text. */
export function hasAll(text: string, face: Face): boolean {
  for (const letter of text) if (letter !== '\n' && !face.has(letter)) return false;
  return true;
}

/** Every letter the two faces have. */
export async function ownLetters(): Promise<{ has(letter: string): boolean }> {
  return (await program('regular')).advances;
}

type FontProgram = ReturnType<typeof fontkit.create>;

interface Program {
  readonly bytes: Uint8Array;
  readonly parsed: FontProgram;
  /** Width of every letter the font has, in ems. */
  readonly advances: ReadonlyMap<string, number>;
}

const files: Readonly<Record<Weight, string>> = {
  regular: './fonts/PortalSans-Regular.ttf',
  strong: './fonts/PortalSans-SemiBold.ttf',
};
const programs = new Map<Weight, Promise<Program>>();

async function embedProgram(pdf: PDFDocument, { bytes, parsed, advances }: Program): Promise<Face> {
  pdf.registerFontkit({ create: () => parsed });
  const font = await pdf.embedFont(bytes, { subset: true });
  return {
    font,
    has: (letter) => advances.has(letter),
    width(text, size) {
      let width = 0;
      for (const letter of text) width += advances.get(letter) ?? 0;
      return width * size;
    },
    encode: (text) => font.encodeText(text),
  };
}

function program(weight: Weight): Promise<Program> {
  const known = programs.get(weight);
  if (known) return known;
  const reading = readProgram(weight);
  programs.set(weight, reading);
  reading.catch(() => programs.delete(weight));
  return reading;
}

/**
 * Parsed once for the life of the process. Every glyph is looked up by its character here, because the parser
 * keeps the glyph it made first: one made as part of another (the e of é) would not know its character, and
 * copying text out of the PDF would lose it. The fonts have no shaping tables: a letter is a glyph.
 */
async function readProgram(weight: Weight): Promise<Program> {
  const bytes = await readFile(new URL(files[weight], import.meta.url));
  const font = fontkit.create(bytes);
  const layout = (text: string) => ({ glyphs: font.glyphsForString(text) });
  const parsed = Object.assign(font, { layout });
  const advances = new Map<string, number>();
  for (const codePoint of parsed.characterSet) {
    const glyph = parsed.glyphForCodePoint(codePoint);
    advances.set(String.fromCodePoint(codePoint), glyph.advanceWidth / parsed.unitsPerEm);
  }
  return { bytes, parsed, advances };
}
