import { writeFileSync } from 'node:fs';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse';
import { PDFDocument, StandardFonts } from 'pdf-lib';
import { createApp } from '#src/app.ts';
import { readConfig } from '#src/config.ts';
import { importCsv } from '#src/imports/csv.ts';
import { findTenant, openMerchant } from '#src/tenants/tenants.ts';
import { renderDocumentPdf } from '#templates/pdf/pdf.ts';
import type { DocumentPdf } from '#templates/pdf/model.ts';
import type { Place } from './place.ts';
import { portal, run, servePortal } from './processes.ts';

/** The middle of several measurements and the best of them, in ms. */
export interface Times {
  readonly median: number;
  readonly best: number;
}

/** From `portal serve` to the first answered page; and a bare Node that does nothing, as the least possible. */
export async function startTimes(place: Place, rounds: number): Promise<{ serve: Times; node: Times }> {
  const served: number[] = [];
  for (let i = 0; i < rounds; i += 1) {
    const running = await servePortal(place.env, place.port);
    served.push(running.readyMs ?? Number.NaN);
    await running.stop();
  }
  return { serve: timesOf(served), node: await timed(rounds, () => run(process.execPath, ['-e', '0'])) };
}

/** The whole process of `portal magic-link`. */
export function magicLinkTimes(place: Place, rounds: number): Promise<Times> {
  return timed(rounds, () => portal(['magic-link', 'bench', '1'], place.env));
}

/** One-page invoices by the letters that they need, and a page with one line of text by pdf-lib alone. */
export async function pdfTimes(rounds: number): Promise<{ latin: Times; mixed: Times; bare: Times }> {
  const latin = onePage('Frank Harris', 'Paper, ream');
  const mixed = onePage('Łukasz Żółć · Ελένη', 'Papier w ryzach');
  const measure = async (work: () => Promise<unknown>): Promise<Times> => {
    for (let i = 0; i < 5; i += 1) await work();
    return timed(rounds, work);
  };
  return {
    latin: await measure(() => renderDocumentPdf(latin)),
    mixed: await measure(() => renderDocumentPdf(mixed)),
    bare: await measure(barePage),
  };
}

/** Rows a second of a CSV import (invoices with three lines each) into an empty tenant, and of parsing the same file only. */
export async function importRate(
  place: Place,
  invoices: number,
): Promise<{ rows: number; imported: number; parsed: number }> {
  const files = writeCsv(place.folder, invoices);
  const sources = Object.fromEntries(
    Object.entries(files).map(([kind, path]) => [
      kind,
      { name: `${kind}.csv`, open: () => createReadStream(path) },
    ]),
  );
  const app = await createApp(readConfig(place.env));
  try {
    const operator = app.operator();
    const merchant = await openMerchant(operator, await findTenant(operator, 'bench'));
    const begun = performance.now();
    const report = await importCsv(merchant, sources, { skipBad: false });
    const seconds = (performance.now() - begun) / 1000;
    const [problem] = report.problems;
    if (!report.kept) throw new Error(`The import was refused: ${JSON.stringify(problem)}`);
    const rows = CSV_CUSTOMERS + invoices * 4;
    return { rows, imported: Math.round(rows / seconds), parsed: Math.round(rows / (await parseAll(files))) };
  } finally {
    await app.close();
  }
}

const CSV_CUSTOMERS = 100;

function writeCsv(folder: string, invoices: number): Record<'customers' | 'invoices' | 'lines', string> {
  const path = (kind: string): string => join(folder, `${kind}.csv`);
  const lines = ['invoice_number,name,quantity,unit_cost'];
  const heads = ['number,customer_number,date,due_date'];
  const customers = ['number,name,email'];
  for (let i = 1; i <= CSV_CUSTOMERS; i += 1) customers.push(`C-${i},Customer ${i} GmbH,c${i}@example.com`);
  for (let i = 1; i <= invoices; i += 1) {
    heads.push(`CSV-${i},C-${1 + (i % CSV_CUSTOMERS)},2026-11-10,2026-12-10`);
    for (let n = 1; n <= 3; n += 1) lines.push(`CSV-${i},Paper ream ${n},2,10.50`);
  }
  writeFileSync(path('customers'), customers.join('\n'));
  writeFileSync(path('invoices'), heads.join('\n'));
  writeFileSync(path('lines'), lines.join('\n'));
  return { customers: path('customers'), invoices: path('invoices'), lines: path('lines') };
}

/** Seconds that csv-parse takes for the files alone. */
async function parseAll(files: Record<string, string>): Promise<number> {
  const begun = performance.now();
  for (const path of Object.values(files)) {
    for await (const row of createReadStream(path).pipe(parse({ columns: true }))) void row;
  }
  return (performance.now() - begun) / 1000;
}

async function barePage(): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  pdf.addPage().drawText('Invoice', { font });
  return pdf.save();
}

function onePage(customer: string, item: string): DocumentPdf {
  const lines = Array.from({ length: 5 }, (_, i) => ({
    name: `${item} ${i + 1}`,
    quantity: '2',
    unitPrice: '€10.00',
    amount: '€20.00',
  }));
  return {
    paper: 'A4',
    language: 'en',
    createdAt: Date.UTC(2026, 10, 23),
    merchant: { name: 'Acme Tools', addressLines: ['1 Main Street', 'Dublin'], accent: '#0f7b5f' },
    customer: { name: customer, addressLines: ['1600 Amphitheatre Parkway', 'Mountain View'] },
    title: 'Invoice',
    number: 'INV-0042',
    facts: [{ label: 'Date', value: '1 November 2026' }],
    lines,
    totals: [{ label: 'Balance due', value: '€100.00', strong: true }],
  };
}

async function timed(rounds: number, work: () => Promise<unknown>): Promise<Times> {
  const taken: number[] = [];
  for (let i = 0; i < rounds; i += 1) {
    const begun = performance.now();
    await work();
    taken.push(performance.now() - begun);
  }
  return timesOf(taken);
}

function timesOf(taken: readonly number[]): Times {
  const sorted = taken.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN, best: sorted[0] ?? Number.NaN };
}
