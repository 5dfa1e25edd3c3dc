import { refuse } from '#src/kernel/errors.ts';
import { describeProblem } from '#src/imports/problems.ts';
import type { ImportCounts, ImportedFile, ImportProgress, ImportReport } from '#src/imports/report.ts';
import { money, toDecimal } from '#src/kernel/money.ts';
import { shown } from './document-text.ts';
import { printJson, printTable, say, write } from './output.ts';
import { barText, progressLine } from './progress.ts';
import { plain } from '#src/kernel/terminal-line.ts';

interface ReportOptions {
  readonly json?: true;
  readonly preview?: true;
  readonly skipBad?: true;
}

/**
 * Runs an import with a progress bar on a terminal, then tells what it did, or what it would have done. Refuses `import_refused` when a problem kept
 * everything out.
 */
export async function reportImport(
  { json, preview, skipBad }: ReportOptions,
  run: (onProgress: (progress: ImportProgress) => void) => Promise<ImportReport>,
): Promise<void> {
  const line = progressLine();
  const show = ({ kind, bytes, of, rows }: ImportProgress): void =>
    line.show(
      barText(of === 0 ? 1 : bytes / of, kind === 'documents' ? 'documents' : `${kind}: ${rows} rows`),
    );
  const report = await run(show).finally(line.clear);
  for (const problem of report.problems) say(plain(describeProblem(problem)));
  const hidden = report.problemCount - report.problems.length;
  if (hidden > 0) say(`… and ${hidden} more problems.`);
  for (const notice of report.notices) say(`Note: ${plain(describeProblem(notice))}`);
  if (preview) showPreview(report, json);
  if (preview ? report.problemCount > 0 && !skipBad : !report.kept)
    refuse('import_refused', { count: report.problemCount });
  if (preview) return;
  if (json) return printJson(reportShape(report));
  say(`Imported ${countsText(report.created) ?? 'nothing'}.`);
  const unchanged = countsText(report.unchanged);
  if (unchanged) say(`Already there, unchanged: ${unchanged}.`);
  if (report.problemCount > 0) say(`Left out because of problems: ${report.problemCount}.`);
}

/** Says how a file is understood, before anything of it is kept. */
export function sayFile({ file, kind, preset, encoding, headerLine, columns, unused }: ImportedFile): void {
  const above = headerLine > 1 ? `, header on line ${headerLine}` : '';
  say(plain(`${file}: ${preset ?? kind}, ${encoding}${above}.`));
  say(plain(`  Read: ${columns.map(({ ours, theirs }) => `${theirs} → ${ours}`).join('; ')}.`));
  if (unused.length > 0) say(plain(`  Not read: ${unused.join('; ')}.`));
}

/** What an import would keep: its first rows, what it counts and comes to. */
function showPreview(report: ImportReport, json: true | undefined): void {
  if (json) return printJson({ ...reportShape(report), preview: previewShape(report) });
  const { customers, invoices } = report.samples;
  if (customers.length > 0) {
    printTable(
      customers,
      [
        { title: 'number', most: 30, value: (row) => row.number },
        { title: 'name', most: 40, value: (row) => row.name ?? '' },
        { title: 'e-mail', most: 40, value: (row) => row.email ?? '' },
        { title: 'currency', value: (row) => row.currency ?? '' },
      ],
      '',
    );
    write('\n');
  }
  if (invoices.length > 0) {
    printTable(
      invoices,
      [
        { title: 'number', most: 30, value: (row) => row.number },
        { title: 'date', value: (row) => row.date ?? '' },
        { title: 'due', value: (row) => row.dueDate ?? '' },
        { title: 'total', align: 'right', value: (row) => shownIn(row.currency, row.totalMinor) },
        { title: 'open', align: 'right', value: (row) => shownIn(row.currency, row.openMinor) },
      ],
      '',
    );
    write('\n');
  }
  for (const { currency, invoices: count, totalMinor, openMinor } of report.totals) {
    const [total, open] = [totalMinor, openMinor].map((minor) => shown(money(minor, currency)));
    say(`${currency}: ${count.toLocaleString('en')} invoices of ${total} in all, ${open} open.`);
  }
  const unchanged = countsText(report.unchanged);
  if (unchanged) say(`Already there, unchanged: ${unchanged}.`);
  const hindered = report.problemCount > 0 ? ` ${report.problemCount} problems; see above.` : '';
  say(
    `This was a preview, nothing was kept. New would be ${countsText(report.created) ?? 'nothing'}.${hindered}`,
  );
}

function shownIn(currency = '', minor = 0): string {
  return shown(money(minor, currency));
}

function previewShape({ files, samples, totals }: ImportReport) {
  return {
    files: files.map(({ headerLine, ...file }) => ({ ...file, header_line: headerLine })),
    customers: samples.customers,
    invoices: samples.invoices.map(
      ({ dueDate, totalMinor = 0, openMinor = 0, currency = '', ...invoice }) => ({
        ...invoice,
        due_date: dueDate,
        currency,
        total: toDecimal(money(totalMinor, currency)),
        open: toDecimal(money(openMinor, currency)),
      }),
    ),
    totals: totals.map(({ currency, invoices, totalMinor, openMinor }) => ({
      currency,
      invoices,
      total: toDecimal(money(totalMinor, currency)),
      open: toDecimal(money(openMinor, currency)),
    })),
  };
}

function reportShape({ created, unchanged, problems, problemCount, notices }: ImportReport) {
  return {
    object: 'import',
    created: countsShape(created),
    unchanged: countsShape(unchanged),
    problem_count: problemCount,
    problems,
    notices,
  };
}

function countsShape({ customers, contacts, invoices, creditNotes, lines, payments }: ImportCounts) {
  return { customers, contacts, invoices, credit_notes: creditNotes, lines, payments };
}

function countsText(counts: ImportCounts): string | undefined {
  const parts = Object.entries(countsShape(counts))
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count.toLocaleString('en')} ${name.replace('_', ' ')}`);
  return parts.length === 0 ? undefined : parts.join(', ');
}
