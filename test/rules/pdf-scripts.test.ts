import { PDFDocument } from 'pdf-lib';
import { expect, it } from 'vitest';
import { lettersWithoutFont, renderDocumentPdf } from '#templates/pdf/pdf.ts';
import { Typeface } from '#templates/pdf/shaping/typeface.ts';
import { sliceFor } from '#templates/pdf/shaping/families.ts';
import { standIn, tidy } from '#templates/pdf/letters.ts';
import { fontNames, readPages, sampleInvoice, sampleLines } from './pdf-samples.ts';
import type { Piece } from './pdf-samples.ts';

const names = {
  Arabic: 'شركة النيل للتجارة، الدور 3',
  Persian: 'شرکت پگاه گیلان ژاله',
  Hebrew: 'שלום עולם בע״מ',
  Devanagari: 'शर्मा एंड संस, चीज़ों की दुकान, कि क्षेत्र',
  Bengali: 'ঢাকা বাংলাদেশ কোম্পানি ৳',
  Tamil: 'தமிழ்நாடு கோவை',
  Telugu: 'తెలుగు క్షేత్రం',
  Kannada: 'ಕರ್ನಾಟಕ ಸಂಸ್ಥೆ',
  Sinhala: 'ශ්‍රී ලංකා',
  Khmer: 'កម្ពុជា ភ្នំពេញ',
  Myanmar: 'မြန်မာနိုင်ငံ',
  Ethiopic: 'ኢትዮጵያ',
  Thai: 'ห้างหุ้นส่วนจำกัด น้ำใจดี กั้น ที่อยู่',
  Japanese: '東京都千代田区霞が関 株式会社サンプル・データー',
  Chinese: '北京市朝阳区建国路 直接 骨',
  Taiwanese: '臺北市信義區 ㄅㄆㄇ 骨',
  Korean: '서울특별시 강남구 테헤란로 주식회사',
};

it.each(Object.entries(names))('%s is read back letter for letter and in order', async (_script, name) => {
  const lines = [{ ...sampleLines(1)[0]!, name }];
  const text = await textOf({
    customer: { name, addressLines: [`1. ${name}`] },
    lines,
    notes: `${name} (A)`,
  });
  expect(text.split(bare(name))).toHaveLength(5);
  expect(text).not.toContain(standIn);
});

it('words of Arabic and Hebrew stand from right to left, and figures among them from left to right', async () => {
  const pieces = await piecesOf({ customer: { name: 'שלום עולם 12 אביב', addressLines: ['شركة النيل'] } });
  const at = (text: string) => pieces.find((piece) => piece.text.trim() === text)?.x ?? Number.NaN;
  expect(at('שלום')).toBeGreaterThan(at('עולם'));
  expect(at('עולם')).toBeGreaterThan(at('12'));
  expect(at('12')).toBeGreaterThan(at('אביב'));
  expect(at('شركة')).toBeGreaterThan(at('النيل'));
});

it('letters are joined: the same Arabic letter has another shape at the start, in the middle and at the end', async () => {
  const letter = 'س';
  const slice = await sliceFor(letter.codePointAt(0)!, 'sc');
  const typeface = await Typeface.of(await PDFDocument.create(), slice!, 'regular', letter);
  const shapes = typeface.shape(letter.repeat(3), true).map(({ code }) => code);
  expect(new Set(shapes).size).toBe(3);
});

it('a Chinese character has the form of its readers', async () => {
  expect(await form('骨', 'zh-Hans')).toContain('noto-sans-sc');
  expect(await form('骨', 'zh-TW')).toContain('noto-sans-tc');
  expect(await form('骨', 'ja')).toContain('noto-sans-jp');
  expect(await form('骨の', 'zh-Hans')).toContain('noto-sans-jp');
});

it('a document in Latin letters carries no other font than the two faces', async () => {
  expect(await fontsOf({})).toMatch(/^PortalSans-Regular-\d+\|PortalSans-SemiBold-\d+$/);
});

it('tells the letters that no font has, once each, and draws a box for them', async () => {
  expect(await lettersWithoutFont(['Acme 東京 🙂', 'ﬁn Ａ é עברית', '🙂 𐌰', 'a\u0331'])).toEqual(['🙂', '𐌰']);
  expect(await lettersWithoutFont(Object.values(names))).toEqual([]);
  expect(await textOf({ customer: { name: '東京 🙂', addressLines: [] } })).toContain(`東京${standIn}`);
});

it('joiners stay where a script is spelled with them, marks of direction among letters that need them', () => {
  expect(tidy('می\u200cخواهم a\u200cb')).toBe('می\u200cخواهم ab');
  expect(tidy('\u200f-5 ج.م.\u200f')).toBe('\u200f-5 ج.م.\u200f');
  expect(tidy('\u200f-5 USD\u200e \u202eשלום')).not.toMatch(/\u202e/);
  expect(tidy('चीज़ों')).toBe('चीज़ों'.normalize('NFC'));
});

function form(name: string, reader: string): Promise<string> {
  return fontsOf({ customer: { name, addressLines: [] }, reader });
}

async function piecesOf(change: Parameters<typeof sampleInvoice>[0]): Promise<Piece[]> {
  return (await readPages(await renderDocumentPdf(sampleInvoice(change)))).flat();
}

/** All text without white space: where a reader sees a gap between fonts is its own affair. */
async function textOf(change: Parameters<typeof sampleInvoice>[0]): Promise<string> {
  return bare((await piecesOf(change)).map(({ text }) => text).join(''));
}

function bare(text: string): string {
  return text.normalize('NFC').replace(/[\s\u200c\u200d]/g, '');
}

async function fontsOf(change: Parameters<typeof sampleInvoice>[0]): Promise<string> {
  return fontNames(await renderDocumentPdf(sampleInvoice(change)));
}
