import { PDFHexString, PDFName, PDFString } from 'pdf-lib';
import type { PDFDocument, PDFRef } from 'pdf-lib';
import type { SvgPathCommand } from 'harfbuzzjs';

/** What one code of a PDF font draws and what it is read as. */
export interface CodeOf {
  readonly glyph: number;
  readonly text: string;
  /** Ems. */
  readonly advance: number;
}

/** A TrueType font as a document uses it; ascent and descent in ems. */
interface Glyphs {
  readonly name: string;
  readonly sfnt: Uint8Array;
  /** By code; code 0 is the missing glyph. */
  readonly codes: readonly CodeOf[];
  readonly ascent: number;
  readonly descent: number;
}

/** Writes a composite font (ISO 32000-1, 9.7) under `ref`: two-byte codes, each with its glyph, its width and the text it is read as. */
export function embedGlyphs(
  pdf: PDFDocument,
  ref: PDFRef,
  { name, sfnt, codes, ascent, descent }: Glyphs,
): void {
  const { context } = pdf;
  const fontName = PDFName.of(`${subsetTag(ref.objectNumber)}+${name}`);
  const compressed = (bytes: Uint8Array | string, dict = {}) =>
    context.register(context.flateStream(bytes, dict));
  const descriptor = context.register(
    context.obj({
      Type: 'FontDescriptor',
      FontName: fontName,
      Flags: 4,
      FontBBox: [-1000, thousandths(descent), 3000, thousandths(ascent)],
      ItalicAngle: 0,
      Ascent: thousandths(ascent),
      Descent: thousandths(descent),
      CapHeight: 714,
      StemV: 80,
      FontFile2: compressed(sfnt, { Length1: sfnt.length }),
    }),
  );
  const descendant = context.register(
    context.obj({
      Type: 'Font',
      Subtype: 'CIDFontType2',
      BaseFont: fontName,
      CIDSystemInfo: { Registry: PDFString.of('Adobe'), Ordering: PDFString.of('Identity'), Supplement: 0 },
      FontDescriptor: descriptor,
      DW: 0,
      W: [0, codes.map(({ advance }) => thousandths(advance))],
      CIDToGIDMap: compressed(glyphOfCode(codes)),
    }),
  );
  context.assign(
    ref,
    context.obj({
      Type: 'Font',
      Subtype: 'Type0',
      BaseFont: fontName,
      Encoding: 'Identity-H',
      DescendantFonts: [descendant],
      ToUnicode: compressed(toUnicode(codes)),
    }),
  );
}

/** A glyph's outline as a drawing (form XObject) one em high; `unit` is the size of a font unit in ems. */
export function embedOutline(pdf: PDFDocument, path: readonly SvgPathCommand[], unit: number): PDFRef {
  const { context } = pdf;
  let [x, y] = [0, 0];
  const steps = path.map(({ type, values }) => {
    const step = pathStep(type, values, x, y);
    [x, y] = [values.at(-2) ?? x, values.at(-1) ?? y];
    return step;
  });
  const form = context.flateStream([...steps, 'f'].join('\n'), {
    Type: 'XObject',
    Subtype: 'Form',
    BBox: [-4 / unit, -4 / unit, 4 / unit, 4 / unit],
    Matrix: [unit, 0, 0, unit, 0, 0],
  });
  return context.register(form);
}

/** One step of a path from (x, y); a quadratic curve as the cubic one that it is. */
function pathStep(type: string, values: readonly number[], x: number, y: number): string {
  if (type === 'Z') return 'h';
  if (type === 'M') return `${values.join(' ')} m`;
  if (type === 'L') return `${values.join(' ')} l`;
  if (type === 'C') return `${values.join(' ')} c`;
  const [controlX = x, controlY = y, endX = x, endY = y] = values;
  const bend = [near(x, controlX), near(y, controlY), near(endX, controlX), near(endY, controlY)];
  return `${bend.join(' ')} ${endX} ${endY} c`;
}

/** A third of the way from a quadratic curve's control point to one of its ends. */
function near(end: number, control: number): number {
  return Math.round((end + 2 * control) / 3);
}

export function thousandths(ems: number): number {
  return Math.round(ems * 1000);
}

/** A code as two bytes of hexadecimal. */
export function hexCode(code: number): string {
  return code.toString(16).padStart(4, '0');
}

/** Six capital letters that no other font of the document has. */
function subsetTag(number: number): string {
  return [5, 4, 3, 2, 1, 0]
    .map((place) => String.fromCharCode(65 + (Math.floor(number / 26 ** place) % 26)))
    .join('');
}

function glyphOfCode(codes: readonly CodeOf[]): Uint8Array {
  const bytes = Buffer.alloc(codes.length * 2);
  codes.forEach(({ glyph }, code) => bytes.writeUInt16BE(glyph, code * 2));
  return bytes;
}

/** The CMap that gives text back (9.10.3), at most a hundred codes a block. */
function toUnicode(codes: readonly CodeOf[]): string {
  const pairs = codes.map(({ text }, code) => `<${hexCode(code)}> <${utf16(text)}>`).slice(1);
  const blocks = Array.from({ length: Math.ceil(pairs.length / 100) }, (_, block) => {
    const some = pairs.slice(block * 100, block * 100 + 100);
    return `${some.length} beginbfchar\n${some.join('\n')}\nendbfchar`;
  });
  return `/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <ffff>
endcodespacerange
${blocks.join('\n')}
endcmap
CMapName currentdict /CMap defineresource pop
end
end`;
}

function utf16(text: string): string {
  return PDFHexString.fromText(text).asString().slice(4);
}
