import type { DocumentPdf, ReceiptPdf } from './model.ts';
import type { Paper } from './papers.ts';
import type { PdfPool } from './pool.ts';
import { textsOf } from './texts.ts';

/**
 * The PDF of an invoice, a credit note or an estimate. Equal models give equal bytes. Text is drawn as text only:
 * markup shows as written, what hides or reorders letters is dropped, every script stands as its readers write it, and a letter that no
 * font has becomes □ (`lettersWithoutFont` tells which).
 * The writer and its fonts are loaded on first use, so importing this file costs nothing. What takes more than a few milliseconds is drawn
 * in a thread of its own. Refuses `pdf_busy` and `pdf_too_large`.
 */
export async function renderDocumentPdf(model: DocumentPdf): Promise<Uint8Array> {
  const { documentPaper } = await import('./papers.ts');
  return draw(documentPaper(model));
}

/** The PDF of a receipt: one payment and the documents it was applied to. Same promises as `renderDocumentPdf`. */
export async function renderReceiptPdf(model: ReceiptPdf): Promise<Uint8Array> {
  const { receiptPaper } = await import('./papers.ts');
  return draw(receiptPaper(model));
}

/** Rows that are drawn faster than they are handed to a thread. */
const quickRows = 60;
/** Beyond the letters of the two faces: shaping takes a while, the first time most of all. */
const beyondFaces = /[\u0590-\u109f\u1100-\u1c7f\u2e80-\ud7ff\uf900-\ufaff\ufb1d-\uffdc]|[\ud800-\udbff]/;
let pool: Promise<PdfPool> | undefined;

async function draw(paper: Paper): Promise<Uint8Array> {
  if (paper.rows.length <= quickRows && !textsOf(paper).some((text) => beyondFaces.test(text))) {
    return (await import('./draw.ts')).drawPaper(paper);
  }
  pool ??= import('./pool.ts').then(({ PdfPool }) => new PdfPool());
  return (await pool).draw(paper);
}

/** The letters of some texts that a PDF would show as □ because no font of ours has them, each once, in order of appearance. */
export async function lettersWithoutFont(texts: readonly string[]): Promise<string[]> {
  const [{ ownLetters }, { isDrawnBy, missing, tidy }] = await Promise.all([
    import('./fonts.ts'),
    import('./letters.ts'),
  ]);
  const letters = await ownLetters();
  const own = { has: (letter: string) => letters.has(letter) };
  const strange = texts.map(tidy).filter((text) => missing(text, (letter) => own.has(letter)).length > 0);
  if (strange.length === 0) return [];
  const { findSlices } = await import('./shaping/typesetter.ts');
  const found = await findSlices(strange, 'sc', (letter) => isDrawnBy(letter, own.has));
  const has = (letter: string) => own.has(letter) || found.has(letter);
  return [...new Set(strange.flatMap((text) => missing(text, has)))];
}
