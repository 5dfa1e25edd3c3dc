import type { DocumentPdf, ReceiptPdf } from './model.ts';

/**
 * The PDF of an invoice, a credit note or an estimate. Equal models give equal bytes. Text is drawn as text only:
 * markup shows as written, what hides or reorders letters is dropped, every script stands as its readers write it, and a letter that no
 * font has becomes □ (`lettersWithoutFont` tells which).
 * The writer and its fonts are loaded on first use, so importing this file costs nothing.
 */
export async function renderDocumentPdf(model: DocumentPdf): Promise<Uint8Array> {
  const [{ drawPaper }, { documentPaper }] = await Promise.all([import('./draw.ts'), import('./papers.ts')]);
  return drawPaper(documentPaper(model));
}

/** The PDF of a receipt: one payment and the documents it was applied to. Same promises as `renderDocumentPdf`. */
export async function renderReceiptPdf(model: ReceiptPdf): Promise<Uint8Array> {
  const [{ drawPaper }, { receiptPaper }] = await Promise.all([import('./draw.ts'), import('./papers.ts')]);
  return drawPaper(receiptPaper(model));
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
