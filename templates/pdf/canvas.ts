import {
  appendBezierCurve,
  beginText,
  closePath,
  concatTransformationMatrix,
  drawObject,
  endText,
  fill,
  lineTo,
  moveText,
  moveTo,
  popGraphicsState,
  pushGraphicsState,
  rectangle,
  setCharacterSpacing,
  setFillingRgbColor,
  setFontAndSize,
  showText,
} from 'pdf-lib';
import type { PDFDocument, PDFImage, PDFName, PDFPage, PDFRef } from 'pdf-lib';
import type { Faces, Weight } from './fonts.ts';
import { drawable, tidy, tidyOneLine } from './letters.ts';
import { outlinesOf, showGlyphs } from './shaping/glyphs.ts';
import type { Glyph, Typeface } from './shaping/typeface.ts';
import type { Setting, Typesetter } from './shaping/typesetter.ts';
import { type Ink, type Style, trackingOf } from './style.ts';
import { wrap } from './wrap.ts';

/** Points; the y of everything counts down from the top of the page. */
export const paperSizes = { A4: [595.28, 841.89], Letter: [612, 792] } as const;

/** What is to stay on one line may become this much smaller; beyond that it is broken. */
const smallest = 0.6;

/** Text that has been measured and broken into lines, ready to be placed. */
export interface Block {
  readonly lines: readonly string[];
  readonly style: Style;
  readonly height: number;
  /** Whether the text goes from right to left. */
  readonly rightToLeft?: boolean;
}

/** A rectangle on the page: left, top, width, height. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Leaf {
  readonly page: PDFPage;
  readonly fonts: Readonly<Record<Weight, PDFName>>;
  readonly resources: Map<PDFRef, PDFName>;
}

/**
 * The only way onto paper. Keeps a cursor `y` that moves down and turns the page when there is no room; cleans
 * every text it is given, so nothing that hides or reorders letters reaches the file. Letters that the faces lack are
 * drawn by the typesetter, which a document without such letters does without.
 */
export class Canvas {
  readonly margin = 54;
  readonly width: number;
  y = 0;
  /** Points kept free above the lower edge of every page. */
  footHeight = 0;
  /** Called on every page but the first; draws what is repeated and leaves `y` below it. */
  onNewPage: () => void = () => {};
  readonly #pdf: PDFDocument;
  readonly #faces: Faces;
  readonly #typesetter: Typesetter | undefined;
  readonly #size: readonly [number, number];
  readonly #leaves: Leaf[] = [];
  #leaf: Leaf;

  constructor(pdf: PDFDocument, faces: Faces, paper: keyof typeof paperSizes, typesetter?: Typesetter) {
    this.#pdf = pdf;
    this.#faces = faces;
    this.#typesetter = typesetter;
    this.#size = paperSizes[paper];
    this.width = this.#size[0] - 2 * this.margin;
    this.#leaf = this.#addLeaf();
  }

  get pageCount(): number {
    return this.#leaves.length;
  }

  get right(): number {
    return this.margin + this.width;
  }

  get pageWidth(): number {
    return this.#size[0];
  }

  /** The lowest y that the flow may use. */
  get floor(): number {
    return this.#size[1] - this.footHeight;
  }

  /** Where the flow starts on a page after the first. */
  get ceiling(): number {
    return this.margin;
  }

  /** Turns the page unless `height` points are free below the cursor. What is taller than a page starts a new one. */
  need(height: number): void {
    if (this.y + height <= this.floor) return;
    this.#leaf = this.#addLeaf();
    this.y = this.ceiling;
    this.onNewPage();
  }

  /** Breaks text into lines of at most `width` points; with `most`, the rest becomes an ellipsis. */
  set(text: string, style: Style, width: number, most?: number): Block {
    const shown = this.#drawable(tidy(text), style);
    const lines = wrap((line) => this.#widthOf(line, style), shown, width, most);
    const rightToLeft = this.#typesetter?.startsRightToLeft(shown) ?? false;
    return { lines, style, height: lines.length * style.leading, rightToLeft };
  }

  /** Width in points of a text on one line. */
  measure(text: string, style: Style): number {
    return this.#widthOf(this.#drawable(tidyOneLine(text), style), style);
  }

  /** The style, as much smaller as it must be for the text to stand on one line of `width` points. */
  fit(text: string, style: Style, width: number): Style {
    return this.shrink(style, width / Math.max(1, this.measure(text, style)));
  }

  /** The style at a share of its size; never larger than it is, nor smaller than `smallest`. */
  shrink(style: Style, share: number): Style {
    return share >= 1
      ? style
      : { ...style, size: Math.floor(style.size * Math.max(smallest, share) * 100) / 100 };
  }

  /** Places a whole block with its upper edge at `y` (default: the cursor, which is not moved). */
  place(block: Block, x: number, width: number, align: 'left' | 'right' = 'left', y = this.y): void {
    block.lines.forEach((_, index) => {
      this.placeLine(block, index, x, width, align, y + index * block.style.leading);
    });
  }

  /** Places one line of a block, if it has that many. */
  placeLine(block: Block, index: number, x: number, width: number, align: 'left' | 'right', y: number): void {
    const text = block.lines[index];
    if (text === undefined || text === '') return;
    const { style } = block;
    const left = align === 'right' ? x + width - this.#widthOf(text, style) : x;
    const baseline = round(this.#up(y + style.leading / 2 + style.size * 0.36));
    for (const setting of this.#settings(text, style, block.rightToLeft ?? false)) {
      this.#show(setting, style, left + setting.x * style.size, baseline);
    }
  }

  /** A horizontal hairline at `y` (default: the cursor). */
  rule(x: number, width: number, ink: Ink, y = this.y): void {
    this.paint({ x, y: y - 0.3, width, height: 0.6 }, ink);
  }

  paint(box: Box, ink: Ink): void {
    this.#leaf.page.pushOperators(
      setFillingRgbColor(...ink),
      rectangle(round(box.x), round(this.#up(box.y + box.height)), round(box.width), round(box.height)),
      fill(),
    );
  }

  /** A filled box with round ends. */
  pill(box: Box, ink: Ink): void {
    const radius = box.height / 2;
    const bend = radius * 0.5523;
    const [left, right] = [box.x + radius, box.x + box.width - radius];
    const [top, middle, bottom] = [this.#up(box.y), this.#up(box.y + radius), this.#up(box.y + box.height)];
    const [west, east] = [box.x, box.x + box.width];
    this.#leaf.page.pushOperators(
      setFillingRgbColor(...ink),
      moveTo(left, top),
      lineTo(right, top),
      appendBezierCurve(right + bend, top, east, middle + bend, east, middle),
      appendBezierCurve(east, middle - bend, right + bend, bottom, right, bottom),
      lineTo(left, bottom),
      appendBezierCurve(left - bend, bottom, west, middle - bend, west, middle),
      appendBezierCurve(west, middle + bend, left - bend, top, left, top),
      closePath(),
      fill(),
    );
  }

  picture(image: PDFImage, box: Box): void {
    const { page } = this.#leaf;
    page.pushOperators(
      pushGraphicsState(),
      concatTransformationMatrix(box.width, 0, 0, box.height, box.x, this.#up(box.y + box.height)),
      drawObject(page.node.newXObject('Logo', image.ref)),
      popGraphicsState(),
    );
  }

  /** Runs `draw` on every page, for what can be known only at the end: the number of pages. */
  onEveryPage(draw: (page: number, pages: number) => void): void {
    this.#leaves.forEach((leaf, index) => {
      this.#leaf = leaf;
      draw(index + 1, this.#leaves.length);
    });
  }

  /** Text whose every letter can be drawn. */
  #drawable(text: string, { weight }: Style): string {
    const face = this.#faces[weight];
    return drawable(text, (letter) => face.has(letter) || (this.#typesetter?.has(letter) ?? false));
  }

  #widthOf(text: string, style: Style): number {
    let width = 0;
    for (const setting of this.#settings(text, style, false)) width += setting.width;
    return width * style.size;
  }

  /** The stretches of a line; widths in ems, with the style's tracking. */
  #settings(text: string, style: Style, rightToLeft: boolean): readonly Setting[] {
    const face = this.#faces[style.weight];
    if (this.#typesetter && ![...text].every((letter) => face.has(letter))) {
      return this.#typesetter.set(text, style.weight, rightToLeft);
    }
    return [{ kind: 'letters', text, x: 0, width: face.width(text, 1) + trackingOf(text, style) }];
  }

  #show(setting: Setting, style: Style, left: number, baseline: number): void {
    const { page, fonts } = this.#leaf;
    page.pushOperators(beginText(), setFillingRgbColor(...style.ink));
    if (setting.kind === 'letters') {
      page.pushOperators(
        setFontAndSize(fonts[style.weight], style.size),
        setCharacterSpacing(round(style.size * (style.tracking ?? 0))),
        moveText(round(left), baseline),
        showText(this.#faces[style.weight].encode(setting.text)),
      );
    } else {
      const font = this.#fontKey(setting.typeface);
      page.pushOperators(setFontAndSize(font, style.size), setCharacterSpacing(0));
      page.pushOperators(...showGlyphs(setting.glyphs, left, baseline));
    }
    page.pushOperators(endText());
    if (setting.kind === 'glyphs') this.#showOutlines(setting.glyphs, style.size, left, baseline);
  }

  #showOutlines(glyphs: readonly Glyph[], size: number, left: number, baseline: number): void {
    for (const { outline, x, y } of outlinesOf(glyphs, size, left, baseline)) {
      this.#leaf.page.pushOperators(
        pushGraphicsState(),
        concatTransformationMatrix(size, 0, 0, size, x, y),
        drawObject(this.#key(outline, (page) => page.node.newXObject('G', outline))),
        popGraphicsState(),
      );
    }
  }

  #fontKey({ ref }: Typeface): PDFName {
    return this.#key(ref, (page) => page.node.newFontDictionary('T', ref));
  }

  /** The name of a resource on this page; `add` brings it there. */
  #key(ref: PDFRef, add: (page: PDFPage) => PDFName): PDFName {
    const { page, resources } = this.#leaf;
    const known = resources.get(ref);
    if (known) return known;
    const key = add(page);
    resources.set(ref, key);
    return key;
  }

  #addLeaf(): Leaf {
    const page = this.#pdf.addPage([...this.#size]);
    const { regular, strong } = this.#faces;
    const fonts = {
      regular: page.node.newFontDictionary('R', regular.font.ref),
      strong: page.node.newFontDictionary('S', strong.font.ref),
    };
    const leaf = { page, fonts, resources: new Map() };
    this.#leaves.push(leaf);
    return leaf;
  }

  #up(y: number): number {
    return this.#size[1] - y;
  }
}

function round(points: number): number {
  return Math.round(points * 100) / 100;
}
