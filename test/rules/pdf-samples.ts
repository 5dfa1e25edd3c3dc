import type { PaperLine, DocumentPdf, ReceiptPdf } from '#templates/pdf/model.ts';
import { PDFDict, PDFDocument, PDFName } from 'pdf-lib';
import { getDocumentProxy } from 'unpdf';

/** A one-page invoice in plain Latin letters; override what the test is about. */
export function sampleInvoice(change: Partial<DocumentPdf> = {}): DocumentPdf {
  return {
    paper: 'A4',
    language: 'en',
    createdAt: Date.UTC(2026, 10, 23, 9, 30),
    merchant: {
      name: 'Acme Tools',
      addressLines: ['1 Main Street', 'Dublin'],
      taxId: 'IE1234567T',
      email: 'billing@acme.example',
      accent: '#0f7b5f',
    },
    customer: { name: 'Frank Harris', addressLines: ['1600 Amphitheatre Parkway', 'Mountain View'] },
    title: 'Invoice',
    number: 'INV-0042',
    facts: [
      { label: 'Date', value: '1 November 2026' },
      { label: 'Due date', value: '30 November 2026' },
    ],
    lines: sampleLines(1),
    totals: [
      { label: 'Subtotal', value: '€77.00' },
      { label: 'VAT 21 %', value: '€16.17' },
      { label: 'Balance due', value: '€93.17', strong: true },
    ],
    ...change,
  };
}

export function sampleLines(count: number): PaperLine[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `Item number ${index + 1}.`,
    quantity: '1',
    unitPrice: '€7.00',
    amount: '€7.00',
  }));
}

/** A receipt for two invoices. */
export function sampleReceipt(change: Partial<ReceiptPdf> = {}): ReceiptPdf {
  const { paper, language, createdAt, merchant, customer } = sampleInvoice();
  return {
    paper,
    language,
    createdAt,
    merchant,
    customer,
    title: 'Receipt',
    number: 'R-0007',
    paidOn: '23 November 2026',
    method: 'Visa ending in 4242',
    amount: '€186.34',
    applied: [
      { number: 'INV-0042', amount: '€93.17' },
      { number: 'INV-0043', amount: '€93.17' },
    ],
    ...change,
  };
}

/** A piece of text as a reader finds it; x and y in points from the lower left corner, right is where it ends. */
export interface Piece {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly right: number;
}

/** The selectable text of every page, in the order it was drawn. */
export async function readPages(bytes: Uint8Array): Promise<Piece[][]> {
  const pdf = await getDocumentProxy(Uint8Array.from(bytes));
  const pages: Piece[][] = [];
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent();
    pages.push(items.flatMap((item) => ('str' in item && item.str.trim() !== '' ? [pieceOf(item)] : [])));
  }
  await pdf.loadingTask.destroy();
  return pages;
}

/** All of it as one text, a piece a line. */
export function allText(pages: readonly (readonly Piece[])[]): string {
  return pages.flatMap((pieces) => pieces.map((piece) => piece.text)).join('\n');
}

function pieceOf(item: { str: string; transform: unknown[]; width: number }): Piece {
  const [x, y] = [Number(item.transform[4]), Number(item.transform[5])];
  return { text: item.str, x, y, right: x + item.width };
}

/** The names of the fonts in the file, in alphabetical order, with `|` between them. */
export async function fontNames(bytes: Uint8Array): Promise<string> {
  const pdf = await PDFDocument.load(bytes, { updateMetadata: false });
  const fonts = pdf.context.enumerateIndirectObjects().flatMap(([, object]) => {
    return object instanceof PDFDict && object.get(PDFName.of('Subtype')) === PDFName.of('Type0')
      ? [String(object.get(PDFName.of('BaseFont'))).replace(/^\/([A-Z]{6}\+)?/, '')]
      : [];
  });
  return fonts.toSorted().join('|');
}
