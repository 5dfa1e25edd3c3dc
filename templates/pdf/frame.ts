import type { PDFImage } from 'pdf-lib';
import type { Block, Canvas } from './canvas.ts';
import type { Fact, MerchantParty, Stamp } from './model.ts';
import type { Paper } from './papers.ts';
import { inkOf, inks, styles, tones } from './style.ts';
import type { Style } from './style.ts';

const columnGap = 24;
const factsPerRow = 4;
const footLines = 5;
const logoBox = { width: 150, height: 46 };

/** Accent, title, number and stamp on the left; the merchant's logo, or name, on the right. */
export function drawHead(canvas: Canvas, { sheet }: Paper, logo: PDFImage | undefined): void {
  canvas.paint({ x: 0, y: 0, width: canvas.pageWidth, height: 6 }, inkOf(sheet.merchant.accent));
  canvas.y = 48;
  const width = canvas.width * 0.6;
  const title = canvas.set(sheet.title, styles.title, width, 2);
  canvas.place(title, canvas.margin, width);
  if (sheet.stamp) drawStamp(canvas, sheet.stamp, title);
  const number = canvas.set(sheet.number, styles.number, width, 3);
  canvas.place(number, canvas.margin, width, 'left', canvas.y + title.height);
  const brandHeight = drawBrand(canvas, sheet.merchant, logo);
  canvas.y += Math.max(title.height + number.height, brandHeight) + 26;
}

/** Whom the document is for, and whom it is from. */
export function drawParties(canvas: Canvas, { sheet, labels }: Paper): void {
  const { merchant, customer } = sheet;
  const taxId = (id: string | undefined) => (id ? [`${labels.taxId} ${id}`] : []);
  const width = (canvas.width - columnGap) / 2;
  const contact = [
    merchant.email ?? '',
    ...besideOneAnother(canvas, [merchant.phone, merchant.website], width),
  ];
  const left = party(canvas, labels.billedTo, customer.name, width, [
    ...customer.addressLines,
    ...taxId(customer.taxId),
  ]);
  const right = party(canvas, labels.from, merchant.name, width, [
    ...merchant.addressLines,
    ...taxId(merchant.taxId),
    ...contact,
  ]);
  const top = canvas.y;
  const leftEnd = stack(canvas, left, canvas.margin, width, top);
  const rightEnd = stack(canvas, right, canvas.margin + width + columnGap, width, top);
  canvas.y = Math.max(leftEnd, rightEnd) + 20;
}

/** Dates, terms, references: a grid of small labels over their values. A value too wide for one place takes two. */
export function drawFacts(canvas: Canvas, { facts }: Paper): void {
  const place = (canvas.width + columnGap) / factsPerRow;
  for (const row of factRows(canvas, facts, place - columnGap)) {
    const blocks = row.map(({ fact, span }) => setFact(canvas, fact, span * place - columnGap));
    const height = Math.max(
      ...blocks.map((stacked) => stacked.reduce((sum, block) => sum + block.height, 0)),
    );
    canvas.need(height + 20);
    canvas.rule(canvas.margin, canvas.width, inks.line);
    let x = canvas.margin;
    blocks.forEach((stacked, index) => {
      stack(canvas, stacked, x, (row[index]?.span ?? 1) * place - columnGap, canvas.y + 10);
      x += (row[index]?.span ?? 1) * place;
    });
    canvas.y += height + 20;
  }
  if (facts.length > 0) canvas.rule(canvas.margin, canvas.width, inks.line);
  canvas.y += facts.length > 0 ? 22 : 4;
}

interface PlacedFact {
  readonly fact: Fact;
  /** Places it takes of a row. */
  readonly span: number;
}

function factRows(canvas: Canvas, facts: readonly Fact[], width: number): PlacedFact[][] {
  const rows: PlacedFact[][] = [];
  let free = 0;
  for (const fact of facts) {
    const words = fact.value.split(/\s+/).map((word) => canvas.measure(word, styles.body));
    const span = Math.max(...words) > width ? 2 : 1;
    if (span > free) {
      rows.push([]);
      free = factsPerRow;
    }
    rows.at(-1)?.push({ fact, span });
    free -= span;
  }
  return rows;
}

/** Texts on one line with a dot between them, or each on its own where that is too long. */
function besideOneAnother(canvas: Canvas, texts: ReadonlyArray<string | undefined>, width: number): string[] {
  const some = texts.flatMap((text) => (text ? [text] : []));
  const joined = some.join(' · ');
  return canvas.measure(joined, styles.soft) <= width ? [joined] : some;
}

/** The one large figure. */
export function drawHeadline(canvas: Canvas, { headline }: Paper): void {
  if (!headline) return;
  const style = canvas.fit(headline.value, styles.headline, canvas.width);
  const blocks = [canvas.set(headline.value, style, canvas.width, 2)];
  if (headline.note) blocks.push(canvas.set(headline.note, styles.headlineNote, canvas.width, 2));
  const height = blocks.reduce((sum, block) => sum + block.height, 0);
  canvas.need(height + 90);
  canvas.y = stack(canvas, blocks, canvas.margin, canvas.width, canvas.y) + 20;
}

/** Points that the foot of every page takes, with the margin under it. */
export function footHeight(canvas: Canvas, paper: Paper): number {
  return 74 + (smallPrint(canvas, paper)?.height ?? 0);
}

/** Small print, document and page number, on every page. */
export function drawFeet(canvas: Canvas, paper: Paper): void {
  const { sheet, labels } = paper;
  const width = canvas.width * 0.7;
  const print = smallPrint(canvas, paper);
  const name = canvas.set(`${sheet.title} ${sheet.number}`, styles.foot, width, 1);
  canvas.onEveryPage((page, pages) => {
    const text = labels.pageOf.replace('{page}', String(page)).replace('{pages}', String(pages));
    let y = canvas.floor + 27;
    canvas.rule(canvas.margin, canvas.width, inks.line, canvas.floor + 18);
    if (print) canvas.place(print, canvas.margin, canvas.width, 'left', y);
    y += print ? print.height + 2 : 0;
    canvas.place(name, canvas.margin, width, 'left', y);
    const at = canvas.set(text, styles.foot, canvas.width * 0.3, 1);
    canvas.place(at, canvas.margin, canvas.width, 'right', y);
  });
}

function smallPrint(canvas: Canvas, { sheet }: Paper): Block | undefined {
  return sheet.footer ? canvas.set(sheet.footer, styles.foot, canvas.width, footLines) : undefined;
}

function drawStamp(canvas: Canvas, stamp: Stamp, title: Block): void {
  const tone = tones[stamp.tone];
  const style: Style = { ...styles.stamp, ink: tone.ink };
  const text = canvas.set(stamp.text, style, 120, 1);
  const width = canvas.measure(text.lines[0] ?? '', style) + 18;
  const x = canvas.margin + canvas.measure(title.lines.at(-1) ?? '', title.style) + 12;
  const y = canvas.y + title.height - title.style.leading / 2 - style.leading / 2;
  canvas.pill({ x, y, width, height: style.leading }, tone.paper);
  canvas.place(text, x + 9, width - 18, 'left', y);
}

function drawBrand(canvas: Canvas, merchant: MerchantParty, logo: PDFImage | undefined): number {
  const top = canvas.y + 3;
  if (logo) {
    const scale = Math.min(logoBox.width / logo.width, logoBox.height / logo.height);
    const [width, height] = [logo.width * scale, logo.height * scale];
    canvas.picture(logo, { x: canvas.right - width, y: top, width, height });
    return height + 3;
  }
  const width = canvas.width * 0.36;
  const name = canvas.set(merchant.name, styles.brand, width, 3);
  canvas.place(name, canvas.right - width, width, 'right', top + 3);
  return name.height + 6;
}

function party(
  canvas: Canvas,
  label: string,
  name: string,
  width: number,
  lines: readonly string[],
): Block[] {
  return [
    canvas.set(label, styles.label, width, 1),
    canvas.set(name, styles.name, width, 4),
    ...lines.slice(0, 12).map((line) => canvas.set(line, styles.soft, width, 2)),
  ].filter((block) => block.lines.some((line) => line !== ''));
}

function setFact(canvas: Canvas, fact: Fact, width: number): Block[] {
  return [canvas.set(fact.label, styles.label, width, 2), canvas.set(fact.value, styles.body, width, 3)];
}

/** Places blocks under one another; answers the y below the last. */
export function stack(
  canvas: Canvas,
  blocks: readonly Block[],
  x: number,
  width: number,
  top: number,
): number {
  let y = top;
  for (const block of blocks) {
    canvas.place(block, x, width, 'left', y);
    y += block.height;
  }
  return y;
}
