import type { Block, Canvas } from './canvas.ts';
import type { Paper, Row } from './papers.ts';
import { inks, styles, type Style } from './style.ts';

const gutter = 20;
/** Of the width, what the figures may take together. */
const figuresShare = 0.66;
const padding = 7;
/** A row taller than this may be split between pages; a smaller one stays in one piece. Points. */
const tallRow = 220;

interface Column {
  readonly label: string;
  readonly x: number;
  readonly width: number;
  readonly align: 'left' | 'right';
  readonly style: Style;
}

/**
 * The lines, with their header repeated on every page they reach. The last of them stays on one page with the
 * `below` points that are to follow, so that the totals never stand on a page without a line above them.
 */
export function drawTable(canvas: Canvas, paper: Paper, below: number): void {
  const columns = columnsOf(canvas, paper);
  canvas.need(60 + (paper.rows.length === 0 ? below : 0));
  drawHeader(canvas, columns);
  canvas.onNewPage = () => drawHeader(canvas, columns);
  paper.rows.forEach((row, index) => {
    drawRow(canvas, columns, row, index === paper.rows.length - 1 ? below : 0);
  });
  canvas.onNewPage = () => {};
}

/** Figures get the width of their widest text, set smaller where that is too much, so that none is broken; the text column gets the rest. */
function columnsOf(canvas: Canvas, paper: Paper): Column[] {
  const natural = paper.columns.slice(1).map((label, position) => {
    const cells = paper.rows.map((row) => canvas.measure(row.cells[position + 1] ?? '', styles.body));
    const widest = cells.reduce((most, width) => Math.max(most, width), canvas.measure(label, styles.label));
    return Math.ceil(widest) + 0.5;
  });
  const room = canvas.width * figuresShare - gutter * natural.length;
  const style = canvas.shrink(styles.body, room / natural.reduce((sum, width) => sum + width, 0));
  const share = style.size / styles.body.size;
  const figures = withinReason(
    natural.map((width) => width * share),
    room,
  );
  const taken = figures.reduce((sum, width) => sum + width + gutter, 0);
  let x = canvas.margin;
  return [canvas.width - taken, ...figures].map((width, index) => {
    const label = paper.columns[index] ?? '';
    const column =
      index === 0
        ? ({ label, x, width, align: 'left', style: styles.body } as const)
        : ({ label, x, width, align: 'right', style } as const);
    x += width + gutter;
    return column;
  });
}

/** When the widths are more than `most` together, the widest are cut to what is left for them. */
function withinReason(widths: readonly number[], most: number): number[] {
  let left = most;
  const cut = new Map<number, number>();
  const narrowFirst = widths.map((width, index) => ({ width, index })).toSorted((a, b) => a.width - b.width);
  narrowFirst.forEach(({ width, index }, position) => {
    const share = left / (widths.length - position);
    cut.set(index, Math.min(width, share));
    left -= Math.min(width, share);
  });
  return widths.map((width, index) => cut.get(index) ?? width);
}

function drawHeader(canvas: Canvas, columns: readonly Column[]): void {
  for (const { label, x, width, align } of columns) {
    canvas.place(canvas.set(label, canvas.fit(label, styles.label, width), width, 1), x, width, align);
  }
  canvas.y += styles.label.leading + 6;
  canvas.rule(canvas.margin, canvas.width, inks.strongLine);
}

/** `below`: points that must follow on the same page as the end of this row. */
function drawRow(canvas: Canvas, columns: readonly Column[], row: Row, below: number): void {
  const cells = columns.map((column, index) =>
    canvas.set(row.cells[index] ?? '', column.style, column.width),
  );
  const first = columns[0];
  if (!first) return;
  const notes = row.notes.map((note) => canvas.set(note, styles.small, first.width));
  const strips = stripsOf(canvas, columns, cells, notes);
  const height = strips.reduce((sum, strip) => sum + strip.height, 0) + 2 * padding;
  const whole = height <= tallRow;
  if (whole) canvas.need(height + below);
  canvas.y += padding;
  strips.forEach((strip, index) => {
    if (!whole) canvas.need(strip.height + (index === strips.length - 1 ? padding + below : 0));
    strip.draw();
    canvas.y += strip.height;
  });
  canvas.y += padding;
  canvas.rule(canvas.margin, canvas.width, inks.line);
}

interface Strip {
  readonly height: number;
  draw(): void;
}

/** A row cut along its lines, so that a tall one can go on over the page. */
function stripsOf(
  canvas: Canvas,
  columns: readonly Column[],
  cells: readonly Block[],
  notes: readonly Block[],
): Strip[] {
  const [name, ...figures] = cells;
  const noteLines = notes.flatMap((block) => block.lines.map((_, index) => ({ block, index })));
  const nameLines = (name?.lines ?? []).map((_, index) => ({ block: name, index }));
  const texts = [...nameLines, ...noteLines];
  const count = Math.max(1, texts.length, ...figures.map((block) => block.lines.length));
  return Array.from({ length: count }, (_, index) => {
    const text = texts[index];
    const height = text?.block?.style.leading ?? styles.body.leading;
    const draw = () => {
      const [first, ...others] = columns;
      if (first && text?.block)
        canvas.placeLine(text.block, text.index, first.x, first.width, 'left', canvas.y);
      others.forEach((column, position) => {
        const block = figures[position];
        if (block) canvas.placeLine(block, index, column.x, column.width, column.align, canvas.y);
      });
    };
    return { height, draw };
  });
}
