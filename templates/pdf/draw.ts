import { PDFDocument } from 'pdf-lib';
import { Canvas } from './canvas.ts';
import { embedFaces, hasAll, type Faces } from './fonts.ts';
import { drawFacts, drawFeet, drawHead, drawHeadline, drawParties, footHeight } from './frame.ts';
import { tidy, tidyOneLine } from './letters.ts';
import { embedLogo } from './logo.ts';
import type { Sheet } from './model.ts';
import type { Paper } from './papers.ts';
import type { Typesetter } from './shaping/typesetter.ts';
import { drawTable } from './table.ts';
import { drawClosing, measureClosing } from './totals.ts';
import { textsOf } from './texts.ts';

/** The file: one flow from the title to the notes, then the feet of all pages. */
export async function drawPaper(paper: Paper): Promise<Uint8Array> {
  const pdf = await PDFDocument.create({ updateMetadata: false });
  describe(pdf, paper.sheet);
  const faces = await embedFaces(pdf);
  const typesetter = await typesetterFor(pdf, faces, paper);
  const canvas = new Canvas(pdf, faces, paper.sheet.paper, typesetter);
  canvas.footHeight = footHeight(canvas, paper);
  drawHead(canvas, paper, await embedLogo(pdf, paper.sheet.merchant.logo));
  drawParties(canvas, paper);
  drawFacts(canvas, paper);
  drawHeadline(canvas, paper);
  const closing = measureClosing(canvas, paper);
  drawTable(canvas, paper, closing.height);
  drawClosing(canvas, closing);
  drawFeet(canvas, paper);
  typesetter?.embed();
  return pdf.save({ addDefaultPage: false, updateFieldAppearances: false, objectsPerTick: Infinity });
}

/** Loaded only for a document with letters that the faces lack: the shaper is a megabyte of WebAssembly. */
async function typesetterFor(pdf: PDFDocument, faces: Faces, paper: Paper): Promise<Typesetter | undefined> {
  const texts = [...textsOf(paper)].map(tidy).filter((text) => !hasAll(text, faces.regular));
  if (texts.length === 0) return undefined;
  const { Typesetter } = await import('./shaping/typesetter.ts');
  return Typesetter.for(pdf, faces, texts, paper.sheet.reader ?? 'en');
}

function describe(pdf: PDFDocument, sheet: Sheet): void {
  const made = new Date(sheet.createdAt);
  pdf.setTitle(tidyOneLine(`${sheet.title} ${sheet.number}`), { showInWindowTitleBar: true });
  pdf.setAuthor(tidyOneLine(sheet.merchant.name));
  pdf.setProducer('Billing portal');
  pdf.setCreationDate(made);
  pdf.setModificationDate(made);
  pdf.setLanguage(/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(sheet.language) ? sheet.language : 'en');
}
