import fc from 'fast-check';
import { PDFDocument, PDFName, PDFRawStream } from 'pdf-lib';
import { describe, expect, it } from 'vitest';
import { standIn, tidy } from '#templates/pdf/letters.ts';
import { renderDocumentPdf, renderReceiptPdf } from '#templates/pdf/pdf.ts';
import { allText, readPages, sampleInvoice, sampleLines, sampleReceipt } from './pdf-samples.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom(
    '',
    ' ',
    '\n\n\n',
    '\u202egnp.exe',
    '\u0301'.repeat(500),
    'x'.repeat(30_000),
    '%PDF- ( ) < > \\',
  ),
);

const hostileInvoice = fc
  .record({ name: anyText, text: anyText, number: anyText, amount: anyText, label: anyText })
  .map(({ name, text, number, amount, label }) =>
    sampleInvoice({
      title: label,
      number,
      language: label,
      stamp: { text: name, tone: 'bad' },
      headline: { value: amount, note: text },
      customer: { name, addressLines: [text, name], taxId: number },
      merchant: { name: text, addressLines: [name], accent: label },
      facts: [{ label, value: text }],
      lines: [
        { name, description: text, quantity: number, unit: text, unitPrice: amount, amount, details: [name] },
      ],
      totals: [{ label, value: amount, strong: true }],
      paymentInstructions: text,
      notes: name,
      footer: text,
      labels: { pageOf: label },
    }),
  );

/** Everything that makes a reader do something, or holds a file. */
const active = [
  'JS',
  'JavaScript',
  'OpenAction',
  'AA',
  'Launch',
  'EmbeddedFile',
  'EmbeddedFiles',
  'URI',
  'AcroForm',
];

describe('hostile text in a PDF', () => {
  it('never throws and always gives a file that opens again and does nothing by itself', async () => {
    await fc.assert(
      fc.asyncProperty(hostileInvoice, async (model) => {
        const pdf = await PDFDocument.load(await renderDocumentPdf(model), { updateMetadata: false });
        expect(pdf.getPageCount()).toBeGreaterThan(0);
        expect(namesIn(pdf).filter((name) => active.includes(name))).toEqual([]);
      }),
      { numRuns: 120 },
    );
  });

  it('never draws a control, a direction mark or an invisible character', async () => {
    await fc.assert(
      fc.asyncProperty(hostileInvoice, async (model) => {
        const text = allText(await readPages(await renderDocumentPdf(model))).replaceAll('\n', '');
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u115f\u1160\u3164]/u);
      }),
      { numRuns: 40 },
    );
  });

  it('reads a name that hides its direction or letters as what it is', async () => {
    const name = 'Acme\u202e moc.live\u202c \u2066Ltd\u2069\u200b\u200d\ufeff\u00ad\u0007';
    expect(tidy(name)).toBe('Acme moc.live Ltd');
    const customer = { name, addressLines: [] };
    const texts = allText(await readPages(await renderReceiptPdf(sampleReceipt({ customer })))).split('\n');
    expect(texts).toContain('Acme moc.live Ltd');
  });

  it('shows markup as written', async () => {
    const markup = '<b style="position:fixed">Pay to DE00</b>';
    const customer = { name: markup, addressLines: [] };
    expect(allText(await readPages(await renderDocumentPdf(sampleInvoice({ customer }))))).toContain(markup);
  });

  it('puts a box where no font of ours has the letter, and the plain form where there is one', async () => {
    const customer = { name: '𐌰𐌱 🙂 ﬁn Ａ １', addressLines: ['a\ud800b'] };
    const text = allText(await readPages(await renderDocumentPdf(sampleInvoice({ customer }))));
    expect(text).toContain(`${standIn}${standIn} ${standIn} fin A 1`);
    expect(text).toContain(`a${standIn}b`);
  });

  it('cuts towers of combining marks that would cover the lines above', () => {
    expect([...tidy(`Z${'\u0335\u0336\u0337\u0338'.repeat(50)}`)]).toHaveLength(3);
  });

  it('keeps no-break spaces of formatted amounts on one line', async () => {
    const totals = [{ label: 'Total', value: '1\u202f234\u202f567,89\u00a0€', strong: true }];
    const text = allText(
      await readPages(await renderDocumentPdf(sampleInvoice({ totals, lines: sampleLines(2) }))),
    );
    expect(text.replace(/\u00a0/g, ' ')).toContain('1 234 567,89 €');
  });
});

/** Every PDF name used as a key or a value anywhere in the file, object streams included. */
function namesIn(pdf: PDFDocument): string[] {
  return pdf.context.enumerateIndirectObjects().flatMap(([, object]) => {
    const text = object instanceof PDFRawStream ? object.dict.toString() : object.toString();
    return (
      withoutTexts(text)
        .match(/\/[A-Za-z]+/g)
        ?.map((name) => PDFName.of(name.slice(1)).decodeText()) ?? []
    );
  });
}

function withoutTexts(object: string): string {
  return object.replace(/<[0-9A-F]*>/gi, '').replace(/\((?:\\.|[^\\)])*\)/gs, '');
}

it('code points that are no characters at all are drawn as a stand-in', () => {
  expect(tidy('a\uffffb\ufdd0c\ud800d')).toBe('a□b□c□d');
});
