import { expect, it } from 'vitest';
import { documentPaper, type Paper } from '#templates/pdf/papers.ts';
import { renderDocumentPdf } from '#templates/pdf/pdf.ts';
import { PdfPool } from '#templates/pdf/pool.ts';
import { readPages, sampleInvoice, sampleLines } from './pdf-samples.ts';

it('the loop goes on while a long PDF is made', async () => {
  const seen = { made: false, turns: 0 };
  const pdf = renderDocumentPdf(sampleInvoice({ lines: sampleLines(3000) })).finally(() => {
    seen.made = true;
  });
  while (!seen.made) {
    await new Promise(setImmediate);
    seen.turns += 1;
  }
  expect(await readPages(await pdf)).toHaveLength(126);
  expect(seen.turns).toBeGreaterThan(500);
});

it('takes no more than may wait, and the next one when there is room', async () => {
  const pool = new PdfPool({ atOnce: 1, waiting: 1 });
  const both = [pool.draw(paperOf(5)), pool.draw(paperOf(5))];
  expect(() => pool.draw(paperOf(5))).toThrow(expect.objectContaining({ code: 'pdf_busy', status: 503 }));
  for (const bytes of await Promise.all(both)) expect(await readPages(bytes)).toHaveLength(1);
  expect(await readPages(await pool.draw(paperOf(5)))).toHaveLength(1);
});

it.each([
  ['time', { longestMs: 1 }],
  ['memory', { memoryMb: 24 }],
])('a paper that takes too much %s is refused, and its thread ended', async (_what, limits) => {
  const pool = new PdfPool({ atOnce: 1, ...limits });
  const refused = { code: 'pdf_too_large', status: 422 };
  await expect(pool.draw(paperOf(20_000))).rejects.toMatchObject(refused);
  await expect(pool.draw(paperOf(20_000))).rejects.toMatchObject(refused);
});

function paperOf(lines: number): Paper {
  return documentPaper(sampleInvoice({ lines: sampleLines(lines) }));
}
