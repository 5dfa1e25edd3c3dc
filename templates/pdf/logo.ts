import type { PDFDocument, PDFImage } from 'pdf-lib';
import type { Picture } from './model.ts';

/** A logo with more pixels than this is left out: decoding it would cost more than the page. */
export const mostPixels = 4_000_000;

/** The picture in the document; undefined when there is none or it cannot be read. Never throws. */
export async function embedLogo(pdf: PDFDocument, logo: Picture | undefined): Promise<PDFImage | undefined> {
  if (!logo) return undefined;
  try {
    if (logo.kind === 'jpeg') return await pdf.embedJpg(logo.bytes);
    return pngPixels(logo.bytes) <= mostPixels ? await pdf.embedPng(logo.bytes) : undefined;
  } catch {
    return undefined;
  }
}

/** Width times height from the header that every PNG begins with (PNG 3rd edition, 11.2.1). */
function pngPixels(bytes: Uint8Array): number {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return header.getUint32(16) * header.getUint32(20);
}
