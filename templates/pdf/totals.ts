import type { Block, Canvas } from './canvas.ts';
import { stack } from './frame.ts';
import type { Fact, TotalRow } from './model.ts';
import type { Paper } from './papers.ts';
import { inks, styles, type Style } from './style.ts';

const totalsWidth = 236;
const gap = 40;
/** How to pay and notes stand beside the totals up to this height, else they flow below them. Points. */
const tallest = 210;

/** What follows the lines, measured before they are drawn. */
export interface Closing {
  readonly totals: readonly Total[];
  readonly beside: readonly Block[];
  readonly below: readonly Fact[];
  /** Points to keep together with the last line. */
  readonly height: number;
}

interface Total {
  readonly label: Block;
  readonly value: Block;
  readonly strong: boolean;
  readonly height: number;
}

export function measureClosing(canvas: Canvas, paper: Paper): Closing {
  const amounts = paper.totals.map((row) => canvas.measure(row.value, styleOf(row)));
  const widest = amounts.reduce((most, width) => Math.max(most, width), 0);
  const room = Math.min(Math.max(totalsWidth * 0.45, Math.ceil(widest) + 0.5), totalsWidth * 0.72);
  const totals = paper.totals.map((row) => setTotal(canvas, row, room));
  const texts = paper.closing.flatMap((fact, index) => section(canvas, fact, besideWidth(canvas), index > 0));
  const fits = heightOf(texts) <= tallest;
  const beside = fits ? texts : [];
  const height = 18 + Math.max(Math.min(tallest, heightOf(totals)), heightOf(beside));
  return { totals, beside, below: fits ? [] : paper.closing, height };
}

/** How to pay and notes on the left, totals on the right; long texts after the totals, line by line. */
export function drawClosing(canvas: Canvas, closing: Closing): void {
  canvas.y += 10;
  const top = canvas.y;
  const textEnd = stack(canvas, closing.beside, canvas.margin, besideWidth(canvas), top + 4);
  const page = canvas.pageCount;
  drawTotals(canvas, closing.totals);
  if (canvas.pageCount === page) canvas.y = Math.max(canvas.y, textEnd);
  canvas.y += closing.below.length > 0 ? 22 : 0;
  for (const fact of closing.below) flow(canvas, section(canvas, fact, canvas.width, false));
}

function besideWidth(canvas: Canvas): number {
  return canvas.width - totalsWidth - gap;
}

function heightOf(parts: readonly { readonly height: number }[]): number {
  return parts.reduce((sum, part) => sum + part.height, 0);
}

/** `room`: points for the amount, which is set smaller rather than broken. */
function setTotal(canvas: Canvas, row: TotalRow, room: number): Total {
  const strong = row.strong ?? false;
  const label = canvas.set(row.label, strong ? styles.total : styles.soft, totalsWidth - room - 8, 3);
  const value = canvas.set(row.value, canvas.fit(row.value, styleOf(row), room), room, 3);
  return { label, value, strong, height: Math.max(label.height, value.height) + (strong ? 16 : 6) };
}

function styleOf(row: TotalRow): Style {
  return row.strong ? styles.total : styles.body;
}

function section(canvas: Canvas, fact: Fact, width: number, spaced: boolean): Block[] {
  const space = { lines: [], style: styles.body, height: spaced ? 12 : 0 };
  return [space, canvas.set(fact.label, styles.name, width, 1), canvas.set(fact.value, styles.soft, width)];
}

function drawTotals(canvas: Canvas, totals: readonly Total[]): void {
  const x = canvas.right - totalsWidth;
  totals.forEach((total, index) => {
    canvas.need(total.height);
    if (total.strong && index > 0) canvas.rule(x, totalsWidth, inks.line, canvas.y + 4);
    const top = canvas.y + (total.strong ? 9 : 3);
    canvas.place(total.label, x, totalsWidth, 'left', top);
    canvas.place(total.value, x, totalsWidth, 'right', top);
    canvas.y += total.height;
  });
}

function flow(canvas: Canvas, blocks: readonly Block[]): void {
  for (const block of blocks) {
    block.lines.forEach((_, index) => {
      canvas.need(block.style.leading * (block.style === styles.name ? 3 : 1));
      canvas.placeLine(block, index, canvas.margin, canvas.width, 'left', canvas.y);
      canvas.y += block.style.leading;
    });
  }
  canvas.y += 14;
}
