import type { DocumentPdf, ReceiptPdf } from './model.ts';

/**
 * The PDF of an invoice, a credit note or an estimate. Equal models give equal bytes. Text is drawn as text only:
 * markup shows as written, control and direction characters are dropped, a letter no font has becomes □.
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
