import { PDFDocument } from 'pdf-lib';
import { describe, expect, it } from 'vitest';
import { renderDocumentPdf, renderReceiptPdf } from '#templates/pdf/pdf.ts';
import { allText, readPages, sampleInvoice, sampleLines, sampleReceipt } from './pdf-samples.ts';
import type { Piece } from './pdf-samples.ts';

async function pagesOf(change: Parameters<typeof sampleInvoice>[0]): Promise<Piece[][]> {
  return readPages(await renderDocumentPdf(sampleInvoice(change)));
}

describe('an invoice as PDF', () => {
  it('says everything the model says, as text that can be selected', async () => {
    const line = {
      name: 'Platform licence',
      description: 'November 2026',
      quantity: '12',
      unit: 'seats',
      unitPrice: '€6.42',
      amount: '€77.00',
      details: ['Discount 10 %'],
    };
    const text = allText(
      await pagesOf({
        lines: [line],
        stamp: { text: 'Paid', tone: 'good' },
        headline: { value: '€93.17', note: 'due 30 November 2026' },
        paymentInstructions: 'IBAN IE29 AIBK 9311 5212 3456 78',
        notes: 'Thank you.',
        footer: 'Registered in Ireland',
      }),
    );
    for (const part of [
      ['Invoice', 'INV-0042', 'Paid', '€93.17', 'due 30 November 2026', 'Acme Tools', '1 Main Street'],
      ['Tax ID IE1234567T', 'billing@acme.example', 'Frank Harris', '1600 Amphitheatre Parkway'],
      ['Due date', '30 November 2026', 'Platform licence', 'November 2026', '12 seats', '€6.42', '€77.00'],
      ['Discount 10 %', 'Subtotal', 'VAT 21 %', '€16.17', 'Balance due', 'How to pay'],
      ['IBAN IE29 AIBK 9311 5212 3456 78', 'Notes', 'Thank you.', 'Registered in Ireland', 'Page 1 of 1'],
    ].flat()) {
      expect(text.split('\n')).toContain(part);
    }
  });

  it('gives back every letter of Europe that went in', async () => {
    const names = [
      'Łukasz Żółć-Gęślą',
      'František Wichterlová Ďáblice Ľubomír Őrsi Şükrü İpek Ðóra Þór Ŧ Ŋ',
      'Ελευθερία Παπαδοπούλου ᾼ Ὠ ΐ',
      'Дмитро Їжак Ґалаґан Ёлкин Ђорђе Љиљана Ўладзімір',
      'Աննա Հովհաննիսյան և որդիներ',
      'ნინო ბერიძე',
      'ḂḃĠġŴŷẞ ŻŻ Iıİi',
    ];
    const text = allText(await pagesOf({ customer: { name: 'AΑА', addressLines: names } }));
    expect(text).toContain('AΑА');
    for (const name of names) expect(text.replaceAll('\n', ' ')).toContain(name);
  });

  it.each([
    [1, 1],
    [40, 3],
    [400, 18],
  ])(
    'with %i lines takes %i pages, numbers them, repeats the header and keeps every line',
    async (count, expected) => {
      const pages = await pagesOf({ lines: sampleLines(count) });
      expect(pages).toHaveLength(expected);
      pages.forEach((pieces, index) => {
        const texts = pieces.map((piece) => piece.text);
        expect(texts).toContain(`Page ${index + 1} of ${pages.length}`);
        expect(texts.filter((text) => text === 'Unit price')).toHaveLength(1);
      });
      const names = pages.flat().filter((piece) => piece.text.startsWith('Item number'));
      expect(names.map((piece) => piece.text)).toEqual(sampleLines(count).map((line) => line.name));
    },
  );

  it('prints the totals once, after every line, on a page that has a line', async () => {
    for (let count = 1; count <= 60; count += 1) {
      const pages = await pagesOf({ lines: sampleLines(count) });
      const found = pages.flatMap((pieces, page) =>
        pieces.filter(({ text }) => text === 'Balance due').map((piece) => ({ ...piece, page })),
      );
      expect(found).toHaveLength(1);
      expect(found[0]?.page).toBe(pages.length - 1);
      const lines = pages.at(-1)?.filter(({ text }) => text.startsWith('Item number')) ?? [];
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) expect(line.y).toBeGreaterThan(found[0]?.y ?? Infinity);
    }
  });

  it('aligns the figures of a column on their right edge', async () => {
    const amounts = ['€1.00', '€1,111.11', '€98,765.40'];
    const lines = sampleLines(3).map((line, index) => ({ ...line, amount: amounts[index] ?? '' }));
    const pieces = (await pagesOf({ lines })).flat().filter(({ text }) => amounts.includes(text));
    expect(pieces).toHaveLength(3);
    for (const piece of pieces) expect(piece.right).toBeCloseTo(pieces[0]?.right ?? 0, 1);
  });

  it('wraps long names and breaks endless words, all of it inside the margins', async () => {
    for (const paper of ['A4', 'Letter'] as const) {
      const endless = 'Donaudampfschiffahrts'.repeat(40);
      const line = {
        name: endless,
        description: 'many words '.repeat(60),
        quantity: '9'.repeat(60),
        unitPrice: '8'.repeat(60),
        amount: '7'.repeat(60),
      };
      const lines = [line, ...sampleLines(2)];
      const facts = [{ label: endless, value: endless }];
      const totals = [{ label: endless, value: endless, strong: true }];
      const pages = await pagesOf({ paper, lines, facts, totals, title: endless, number: endless });
      const width = paper === 'A4' ? 595.28 : 612;
      for (const piece of pages.flat()) {
        expect(piece.x).toBeGreaterThanOrEqual(53.9);
        expect(piece.right).toBeLessThanOrEqual(width - 53.9);
        expect(piece.y).toBeGreaterThan(20);
      }
      const sevens = pages.flat().filter(({ text }) => /^7+$/.test(text));
      expect(sevens.map(({ text }) => text).join('')).toBe('7'.repeat(60));
    }
  });

  it('never breaks a figure, however large', async () => {
    const total = 'IDR\u00a0166,500,000.00';
    const most = 'IDR\u00a090,071,992,547,409.91';
    const line = {
      name: 'A long name of something '.repeat(4),
      quantity: '123,456,789.123 boxes',
      unitPrice: most,
      amount: most,
    };
    for (const [amount, paper] of [
      [total, 'A4'],
      [most, 'Letter'],
    ] as const) {
      const totals = ['Subtotal', 'Paid or credited', 'Balance due'].map((label, index) => ({
        label,
        value: index === 1 ? `\u2212${amount}` : amount,
        strong: index === 2,
      }));
      const texts = (await pagesOf({ paper, lines: [line], totals, headline: { value: amount } })).flat();
      const shown = texts.map(({ text }) => text.replaceAll('\u00a0', ' '));
      const wanted = [amount, amount, amount, `\u2212${amount}`, most, most, '123,456,789.123 boxes'];
      for (const text of wanted) expect(shown).toContain(text.replaceAll('\u00a0', ' '));
      for (const { right } of texts)
        expect(right).toBeLessThanOrEqual((paper === 'A4' ? 595.28 : 612) - 53.9);
    }
  });

  it('gives a long purchase order the room it needs instead of breaking it, and leaves no dot dangling', async () => {
    const order = 'PO-2026-0001234567-ABCDEFGH/77';
    const merchant = {
      ...sampleInvoice().merchant,
      phone: '+353 1 555 4321',
      website: 'https://billing.acme-tools.example',
    };
    const facts = ['Date', 'Due', 'Terms'].map((label) => ({ label, value: '1 November 2026' }));
    const pages = await pagesOf({ merchant, facts: [...facts, { label: 'Purchase order', value: order }] });
    const texts = pages.flat().map(({ text }) => text);
    expect(texts).toContain(order);
    expect(texts.filter((text) => /^·|·$/.test(text.trim()))).toEqual([]);
  });

  it('carries a line or a note that is longer than a page on to the next', async () => {
    const words = Array.from({ length: 900 }, (_, index) => `word${index}`).join(' ');
    const line = { name: 'Tall', description: words, quantity: '1', unitPrice: '€1', amount: '€1' };
    const pages = await pagesOf({ lines: [line], notes: words });
    expect(pages.length).toBeGreaterThan(1);
    expect(
      allText(pages)
        .replaceAll('\n', ' ')
        .match(/word899/g),
    ).toHaveLength(2);
  });

  it('takes title and words from the model, so credit notes, estimates and other languages work', async () => {
    const labels = { billedTo: 'Rechnung an', unitPrice: 'Einzelpreis', pageOf: 'Seite {page} von {pages}' };
    const texts = allText(await pagesOf({ title: 'Gutschrift', language: 'de', labels })).split('\n');
    expect(texts).toEqual(
      expect.arrayContaining(['Gutschrift', 'Rechnung an', 'Einzelpreis', 'Seite 1 von 1']),
    );
    expect(texts).not.toContain('Unit price');
  });
});

describe('a receipt as PDF', () => {
  it('says when, how and how much was paid, for what, and the fee', async () => {
    const pages = await readPages(await renderReceiptPdf(sampleReceipt({ fee: '€2.00' })));
    const texts = pages.flat().map((piece) => piece.text);
    expect(pages).toHaveLength(1);
    for (const part of [
      ['Receipt', 'R-0007', '€186.34', 'Paid on 23 November 2026', '23 November 2026', 'Visa ending in 4242'],
      ['Applied to', 'INV-0042', 'INV-0043', 'Fee', '€2.00', 'Total paid'],
    ].flat()) {
      expect(texts).toContain(part);
    }
    expect(texts.filter((text) => text === 'Total paid')).toHaveLength(1);
  });
});

describe('the file', () => {
  it('carries title, author, language and the date of the model', async () => {
    const pdf = await PDFDocument.load(await renderDocumentPdf(sampleInvoice({ language: 'pl-PL' })), {
      updateMetadata: false,
    });
    expect(pdf.getTitle()).toBe('Invoice INV-0042');
    expect(pdf.getAuthor()).toBe('Acme Tools');
    expect(pdf.getCreationDate()?.getTime()).toBe(sampleInvoice().createdAt);
    expect(pdf.catalog.toString()).toContain('/Lang (pl-PL)');
  });

  it('is the same to the byte for equal models, whatever was drawn in between', async () => {
    const first = await renderDocumentPdf(sampleInvoice());
    const other = { name: 'Éléonore Ąćęłńóśźż Ωμέγα', addressLines: [] };
    await renderDocumentPdf(sampleInvoice({ customer: other, lines: sampleLines(90) }));
    const both = await Promise.all([
      renderDocumentPdf(sampleInvoice()),
      renderReceiptPdf(sampleReceipt({ customer: other })),
      renderReceiptPdf(sampleReceipt({ customer: other })),
    ]);
    expect(Buffer.compare(first, both[0])).toBe(0);
    expect(Buffer.compare(both[1], both[2])).toBe(0);
  });

  it('shows a logo, and the name where the logo cannot be read', async () => {
    const { merchant } = sampleInvoice();
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    const shown = async (bytes: Uint8Array) => {
      const logo = { kind: 'png', bytes } as const;
      const pages = await readPages(
        await renderDocumentPdf(sampleInvoice({ merchant: { ...merchant, logo } })),
      );
      return pages.flat().filter(({ text }) => text === merchant.name).length;
    };
    expect(await shown(png)).toBe(1);
    for (const broken of [new Uint8Array(), png.subarray(0, 40), Buffer.from('<svg/>'), hugePng()]) {
      expect(await shown(broken)).toBe(2);
    }
  });
});

function hugePng(): Uint8Array {
  const bytes = new Uint8Array(64);
  new DataView(bytes.buffer).setUint32(16, 60_000);
  new DataView(bytes.buffer).setUint32(20, 60_000);
  return bytes;
}
