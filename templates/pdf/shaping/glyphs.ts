import { moveText, PDFOperator, PDFOperatorNames } from 'pdf-lib';
import type { PDFRef } from 'pdf-lib';
import { hexCode, thousandths } from './embed.ts';
import type { Glyph } from './typeface.ts';

/**
 * Shows the glyphs that have a code, from `left` along `baseline` (points), every one where the shaper put it, to a thousandth of the size.
 * Between `BT` and `ET`.
 */
export function showGlyphs(glyphs: readonly Glyph[], left: number, baseline: number): PDFOperator[] {
  let list = '';
  let [pen, reached] = [0, 0];
  for (const { code, outline, advance, x } of glyphs) {
    if (code !== undefined) {
      const back = reached - thousandths(outline ? pen : pen + x);
      list += back === 0 ? `<${hexCode(code)}>` : ` ${back} <${hexCode(code)}>`;
      reached += thousandths(advance) - back;
    }
    pen += advance;
  }
  const show = PDFOperator.of(PDFOperatorNames.ShowTextAdjusted, [`[${list.replaceAll('><', '')}]`]);
  return [moveText(round(left), baseline), show];
}

/** Where the glyphs stand that are drawn by their outline, in points. */
export function outlinesOf(
  glyphs: readonly Glyph[],
  size: number,
  left: number,
  baseline: number,
): Array<{ readonly outline: PDFRef; readonly x: number; readonly y: number }> {
  let pen = 0;
  return glyphs.flatMap(({ outline, advance, x, y }) => {
    const at = { x: round(left + (pen + x) * size), y: round(baseline + y * size) };
    pen += advance;
    return outline ? [{ outline, ...at }] : [];
  });
}

function round(points: number): number {
  return Math.round(points * 100) / 100;
}
